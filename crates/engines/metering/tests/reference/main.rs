//! Decodes of real and reference files, where the data is present beside the checkout
//! (`../shared`, or `LAMPLIGHT_SHARED`), and seeded damage to every kind of file.

#[cfg(test)]
mod espi;
#[cfg(test)]
mod nem;
#[cfg(test)]
mod oed;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod robust;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with the reference data of this name, or a note that the test was skipped.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared");
    let root = env::var_os("LAMPLIGHT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = root.join(name);
    if !path.exists() {
        eprintln!("skipped (reference data): {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn read(path: &Path) -> Vec<u8> {
    let content = fs::read(path);
    assert!(content.is_ok(), "{} cannot be read", path.display());
    content.unwrap_or_default()
}

/// The content of an `.xz` file, or a note that the test was skipped because `xz` is not there.
fn unxz(path: &Path) -> Option<Vec<u8>> {
    match Command::new("xz").arg("--decompress").arg("--stdout").arg(path).output() {
        Ok(output) => {
            assert!(output.status.success(), "xz could not read {}", path.display());
            Some(output.stdout)
        }
        Err(error) => {
            eprintln!("skipped (reference data): xz cannot be run: {error}");
            None
        }
    }
}

/// A folder with the content of a `.tar.xz` file, or a note that the test was skipped.
fn unpacked(archive: &Path) -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().ok()?;
    let mut tar = Command::new("tar");
    match tar.arg("-xJf").arg(archive).arg("-C").arg(folder.path()).status() {
        Ok(status) => {
            assert!(status.success(), "tar could not read {}", archive.display());
            Some(folder)
        }
        Err(error) => {
            eprintln!("skipped (reference data): tar cannot be run: {error}");
            None
        }
    }
}
