//! Where the reference data for US rates lies, and how it is read.

use std::io::Read;
use std::path::{Path, PathBuf};

use lamplight_tariff::profile::parse_kw;
use lamplight_tariff::urdb::CASE_LOADS;

/// `cases/billing` of the reference data, where it is present.
pub fn billing_cases() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let root = std::env::var_os("LAMPLIGHT_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join("cases/billing");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped (reference data): nothing at {}", folder.display());
    None
}

/// The three loads that cases name, in kW.
pub fn loads(billing: &Path) -> Vec<(&'static str, Vec<f64>)> {
    CASE_LOADS
        .into_iter()
        .map(|(name, file)| {
            let text =
                std::fs::read_to_string(billing.join("ssc_utilityrate5/profiles").join(file));
            let mut kw = parse_kw(&text.unwrap()).unwrap();
            kw.truncate(8760);
            (name, kw)
        })
        .collect()
}

/// The text of a gzip file.
pub fn gunzip(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The largest difference between two `monthly` objects over all keys and months.
pub fn largest_difference(ours: &serde_json::Value, theirs: &serde_json::Value) -> f64 {
    let theirs = theirs.as_object().unwrap();
    assert_eq!(ours.as_object().unwrap().len(), theirs.len());
    let mut largest = 0.0_f64;
    for (key, months) in theirs {
        let own = ours[key].as_array().unwrap();
        let months = months.as_array().unwrap();
        assert_eq!((own.len(), months.len()), (12, 12), "{key}");
        for (a, b) in own.iter().zip(months) {
            largest = largest.max((a.as_f64().unwrap() - b.as_f64().unwrap()).abs());
        }
    }
    largest
}
