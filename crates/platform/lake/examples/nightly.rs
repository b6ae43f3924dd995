//! Measures one night: `nightly FOLDER USAGE_POINTS registers|intervals`.

use std::{path::PathBuf, process::ExitCode};

use lamplight_lake::bench::{BenchLoad, nightly};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let parsed = match args.as_slice() {
        [folder, count, load] => match (count.parse(), load.as_str()) {
            (Ok(count), "registers") => Some((folder, count, BenchLoad::Registers)),
            (Ok(count), "intervals") => Some((folder, count, BenchLoad::Intervals)),
            _ => None,
        },
        _ => None,
    };
    let Some((folder, count, load)) = parsed else {
        eprintln!("usage: nightly FOLDER USAGE_POINTS registers|intervals");
        return ExitCode::from(2);
    };
    let report =
        tariff::bundled::library().map_err(|error| error.to_string()).and_then(|library| {
            nightly(&PathBuf::from(folder), count, load, &library).map_err(|e| e.to_string())
        });
    match report {
        Ok(report) => {
            println!("{report:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}
