//! Parquet readings, and the files of the two file jobs. The library below may panic on damaged
//! bytes; that must be caught and told as a refusal.
#![no_main]

use std::{io::Write as _, sync::OnceLock};

use lake::{import::parquet_readings, jobs::vee_file};
use libfuzzer_sys::fuzz_target;

static FOLDER: OnceLock<Option<tempfile::TempDir>> = OnceLock::new();

fuzz_target!(
    init: {
        // The fuzzer's own hook ends the process at any panic, also at one that is caught.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| {
        let folder = FOLDER.get_or_init(|| tempfile::tempdir().ok());
        let Some(folder) = folder.as_ref().map(tempfile::TempDir::path) else { return };
        let path = folder.join("in.parquet");
        let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes));
        if written.is_err() {
            return;
        }
        let _ = parquet_readings(&path, |_| Ok(()));
        let _ = vee_file(&path, folder);
    }
);
