//! Reference networks: the IEEE test feeders as CIM and as tables, and the network of a million
//! customers. They are not ours to hand on: looked for in the folder `shared` beside the checkout, or
//! where `LAMPLIGHT_SHARED` points; the large one is made by its generator into the folder that
//! `LAMPLIGHT_SYNTH` names.

mod feeders;
mod million;

use std::{
    env,
    path::{Path, PathBuf},
};

/// A file or folder of the reference data; says so when it is absent.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let path = env::var_os("LAMPLIGHT_SHARED").map_or(beside, PathBuf::from).join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped (reference data): {} is absent", path.display());
    None
}
