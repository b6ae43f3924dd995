//! Two processes on one PostgreSQL: together they make what one makes alone, and nothing twice.

use std::process::{Child, Command, Stdio};

use store::testing::TestDb;

fn demo(url: &str, data: &std::path::Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["demo", "--no-serve", "--digest", "--customers", "100"])
        .args(["--from", "2026-06-01", "--to", "2026-07-06", "--database", url, "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn digest(child: Child) -> Option<String> {
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        eprintln!("one child stopped: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Either process may find a day or a customer taken by the other and stop; started again it finds
/// the work done. What counts in the end is the same, to the last line of the last bill.
#[test]
fn two_processes_charge_nobody_twice() {
    TestDb::each(&[], async |test| {
        if test.db.engine() != store::Engine::Postgres {
            return;
        }
        let (alone, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sqlite = format!("sqlite:{}", alone.path().join("alone.db").display());
        let expected = digest(demo(&sqlite, alone.path())).unwrap();
        for _ in 0..3 {
            let (one, two) = (demo(&test.url, shared.path()), demo(&test.url, shared.path()));
            let ends = [digest(one), digest(two)];
            if ends.iter().all(Option::is_some) {
                break;
            }
        }
        assert_eq!(digest(demo(&test.url, shared.path())), Some(expected));
    });
}
