//! Chores of the house, run as `cargo xtask <chore>`. This crate reads the others as text and
//! never imports them, so that it still runs when they do not compile.

mod tidy;

use std::{path::Path, process::ExitCode};

const USAGE: &str = "usage: cargo xtask <chore>

chores:
  tidy           hold the house rules; prints file, line and what to do
  tidy --rules   list the rules, each with its reason
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => hold_the_rules(),
        ["tidy", "--rules"] => {
            for rule in tidy::RULES {
                println!("{:<18} {}", rule.id, rule.why);
            }
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn hold_the_rules() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match tidy::check(&root) {
        Ok(findings) if findings.is_empty() => {
            println!("tidy: {} rules hold", tidy::RULES.len());
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in &findings {
                println!("{finding}");
            }
            eprintln!("tidy: {} findings", findings.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("tidy: {error}");
            ExitCode::FAILURE
        }
    }
}
