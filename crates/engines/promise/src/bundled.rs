//! The rule packs that come with the project, as text compiled into the program. A bureau chooses
//! among them and writes its own.

use crate::{Library, Pack, PackError};

macro_rules! documents {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),*]
    };
}

/// `(path, text)` of every pack.
pub const DOCUMENTS: &[(&str, &str)] = documents![
    "rules/promises/generic.toml",
    "rules/promises/national.toml",
    "rules/promises/state-grid.toml",
    "rules/promises/southern-grid.toml",
];

/// The packs with these ids, in this order.
///
/// # Errors
/// [`PackError`]; a test holds that there is none for the packs that come along.
pub fn library(ids: &[&str]) -> Result<Library, PackError> {
    let mut packs = Vec::with_capacity(ids.len());
    let all: Vec<Pack> =
        DOCUMENTS.iter().map(|(path, text)| Pack::parse(path, text)).collect::<Result<_, _>>()?;
    for id in ids {
        let pack = all.iter().find(|pack| pack.id == *id).ok_or_else(|| PackError::Value {
            document: (*id).to_owned(),
            place: "pack".to_owned(),
            reason: "no such pack comes with the program".to_owned(),
        })?;
        packs.push(pack.clone());
    }
    Library::of(packs)
}
