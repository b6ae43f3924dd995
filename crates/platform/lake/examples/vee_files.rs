//! Runs the file-to-file validation alone, to be measured: `vee_files FOLDER FILE…`.

use std::{path::PathBuf, process::ExitCode};

use lamplight_lake::jobs;

fn main() -> ExitCode {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(folder) = paths.next() else {
        eprintln!("usage: vee_files FOLDER FILE…");
        return ExitCode::from(2);
    };
    for input in paths {
        match jobs::vee_file(&input, &folder) {
            Ok((out, counts)) => println!("{}: {counts:?}", out.display()),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(1);
            }
        }
    }
    ExitCode::SUCCESS
}
