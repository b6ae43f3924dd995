//! Fetches the front-end libraries with `npm ci` into the build's own output folder, checks every
//! file against the pinned hashes and writes the list that `src/lib.rs` includes.
//!
//! It runs again only when the lock or the pins change. Nothing is downloaded when the files of an
//! earlier run still have the pinned hashes. `LAMPLIGHT_NODE_MODULES` names a ready-made
//! `node_modules` folder for machines that cannot reach a registry; the hashes are checked all the
//! same.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use sha2::{Digest, Sha256};

const INPUTS: [&str; 3] = ["package.json", "package-lock.json", "pins.txt"];

struct Pin {
    sha256: String,
    path: String,
    name: String,
    content_type: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            for line in reason.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=LAMPLIGHT_NODE_MODULES");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=npm/{input}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("npm");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let kept = out.join("files");
    let pins = read_pins(&here.join("pins.txt"))?;
    if !all_kept(&kept, &pins) {
        let ready = env::var_os("LAMPLIGHT_NODE_MODULES").map(PathBuf::from);
        let modules = match &ready {
            Some(folder) => folder.clone(),
            None => install(&here, &out.join("npm"))?,
        };
        keep(&modules, &kept, &pins)?;
        if ready.is_none() {
            // The packages are 50 MB, what is embedded is under one: leave no ballast behind.
            fs::remove_dir_all(&modules).map_err(|e| at(&modules, &e))?;
        }
    }
    write_list(&out, &kept, &pins)
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: run this through cargo"))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn read_pins(path: &Path) -> Result<Vec<Pin>, String> {
    let text = fs::read_to_string(path).map_err(|e| at(path, &e))?;
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [sha256, path, name, content_type] = fields.as_slice() else {
                return Err(format!("pins.txt: expected four fields in: {line}"));
            };
            Ok(Pin {
                sha256: (*sha256).to_owned(),
                path: (*path).to_owned(),
                name: (*name).to_owned(),
                content_type: content_type.replace(';', "; "),
            })
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn all_kept(kept: &Path, pins: &[Pin]) -> bool {
    pins.iter().all(|pin| fs::read(kept.join(&pin.name)).is_ok_and(|b| sha256(&b) == pin.sha256))
}

/// Runs `npm ci` in `work` and returns its `node_modules`.
fn install(here: &Path, work: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(work).map_err(|e| at(work, &e))?;
    for input in ["package.json", "package-lock.json"] {
        let to = work.join(input);
        fs::copy(here.join(input), &to).map_err(|e| at(&to, &e))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(work)
        .output()
        .map_err(|error| format!("cannot run {npm}: {error}\n{REMEDY}"))?;
    if output.status.success() {
        Ok(work.join("node_modules"))
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("npm ci failed ({}):\n{said}\n{REMEDY}", output.status))
    }
}

const REMEDY: &str = "The pages need two small libraries (htmx, ECharts) that npm fetches once.\n\
    Install Node.js 20 or newer (https://nodejs.org, or your system's `nodejs` and `npm` packages),\n\
    make sure that npm can reach a registry (`npm ping`; a mirror is set with `npm config set registry`),\n\
    and build again. Without a network: run `npm ci` in crates/platform/assets/npm on another machine,\n\
    bring its node_modules folder here and set LAMPLIGHT_NODE_MODULES to its path.";

fn keep(modules: &Path, kept: &Path, pins: &[Pin]) -> Result<(), String> {
    fs::create_dir_all(kept).map_err(|e| at(kept, &e))?;
    for pin in pins {
        let from = modules.join(&pin.path);
        let bytes = fs::read(&from).map_err(|e| at(&from, &e))?;
        let found = sha256(&bytes);
        if found != pin.sha256 {
            return Err(format!(
                "{} has sha256 {found}, but npm/pins.txt says {}.\n\
                 Do not build with it unless the change is wanted: then correct pins.txt.",
                pin.path, pin.sha256
            ));
        }
        let to = kept.join(&pin.name);
        fs::write(&to, bytes).map_err(|e| at(&to, &e))?;
    }
    Ok(())
}

fn write_list(out: &Path, kept: &Path, pins: &[Pin]) -> Result<(), String> {
    let mut text = String::from("&[\n");
    for pin in pins {
        let _ = writeln!(
            text,
            "    ({:?}, {:?}, {:?}, include_bytes!({:?})),",
            pin.name,
            pin.content_type,
            pin.sha256,
            kept.join(&pin.name).display().to_string()
        );
    }
    text.push_str("]\n");
    let path = out.join("list.rs");
    fs::write(&path, text).map_err(|e| at(&path, &e))
}
