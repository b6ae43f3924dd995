//! Two processes on one PostgreSQL: together they make what one makes alone, and nothing twice.

use std::process::{Child, Command, Stdio};

use store::testing::TestDb;

use crate::bureau::{Bureau, Said};

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

/// Two processes import the same file at the same moment: each reading counts once, one of them
/// brings the file to its end, and the other is told why it did not.
#[test]
fn two_processes_importing_one_file_count_it_once() {
    let shared = std::sync::Mutex::new(Vec::new());
    TestDb::each(&[], async |test| {
        shared.lock().unwrap().push((test.db.engine(), import_at_once(&test.url)));
    });
    for (engine, rows) in shared.into_inner().unwrap() {
        assert_eq!(rows, 3 + 3 * 300, "on {engine:?}: the opening reads and those of the file");
    }
}

/// How many rows of readings count after both.
fn import_at_once(url: &str) -> i64 {
    let url = url.to_owned();
    // The bureau has a runtime of its own, which may not stand inside that of the test.
    let work = std::thread::spawn(move || {
        let bureau = Bureau::on(Some(url));
        let mut text = String::from("usage_point,at,total\n");
        for hour in 0..300 {
            let (day, of_day) = (2 + hour / 24, hour % 24);
            for household in 0..3 {
                let total = 1_001 + hour;
                text +=
                    &format!("420000000{household},2026-01-{day:02} {of_day:02}:00,{total}.5\n");
            }
        }
        let path = bureau.file("readings.csv", text);
        let name = path.to_str().unwrap();
        let args = ["import", "readings", name, "--chunk-rows", "50"];
        let start = || {
            let mut command = bureau.command(&args);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let (one, two) = (start(), start());
        let ends = [one, two].map(|child| Said::from(child.wait_with_output().unwrap()));
        for end in &ends {
            let told = end.err.contains("another process is importing this file");
            assert!(end.code == Some(0) || told, "{:?}: {}{}", end.code, end.out, end.err);
        }
        assert!(ends.iter().any(|end| end.code == Some(0)));
        let again = bureau.must(&args);
        assert!(again.out.contains("imported before"), "{}", again.out);
        bureau.rows()
    });
    work.join().unwrap()
}
