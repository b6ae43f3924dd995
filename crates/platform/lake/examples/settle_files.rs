//! Runs the file-to-file settlement alone, to be measured: `settle_files TODAY YESTERDAY
//! ACCOUNTS OUT`.

use std::{path::PathBuf, process::ExitCode};

use kernel::Rounding;
use lamplight_lake::{DailyRates, jobs};

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [today, yesterday, accounts, out] = paths.as_slice() else {
        eprintln!("usage: settle_files TODAY YESTERDAY ACCOUNTS OUT");
        return ExitCode::from(2);
    };
    let rates = DailyRates::new(
        [102_180_000, 84_180_000, 55_800_000, 33_800_000, 0],
        vec![(276_000, 5_000_000), (480_000, 25_000_000)],
        Rounding::FEN,
    );
    let job = jobs::SettleFiles { today, yesterday, accounts, out };
    match rates.and_then(|rates| jobs::settle_files(job, &rates)) {
        Ok(done) => {
            println!("{done:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}
