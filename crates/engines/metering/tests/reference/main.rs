//! Decodes of real and reference files, where the data is present beside the checkout
//! (`../shared`, or `LAMPLIGHT_SHARED`), and seeded damage to every kind of file.

mod nem;

use std::{env, fs, path::PathBuf};

/// The folder with the reference data of this name, or a note that the test was skipped.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared");
    let root = env::var_os("LAMPLIGHT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = root.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn read(path: &std::path::Path) -> Vec<u8> {
    let content = fs::read(path);
    assert!(content.is_ok(), "{} cannot be read", path.display());
    content.unwrap_or_default()
}
