//! Nothing is lost: the binary is killed while it imports, settles, closes, issues, saves and
//! restores. Twenty-two kills here; `lamplight drill kill --times 200` is the long form.

use std::path::PathBuf;

use lamplight::drill::{DemoDrill, FilesDrill};

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_lamplight"))
}

#[test]
fn a_killed_demo_ends_like_an_undisturbed_one() {
    let folder = tempfile::tempdir().unwrap();
    let drill = DemoDrill {
        program: program(),
        folder: folder.path().to_owned(),
        demo: ["--customers", "100", "--from", "2026-06-01", "--to", "2026-07-06"]
            .map(Into::into)
            .to_vec(),
        database: None,
        kills: 8,
        seed: 7,
    };
    let report = drill.run(|words| eprintln!("{words}")).unwrap();
    assert!(report.killed >= 4, "only {} children could be killed", report.killed);
    assert_eq!(report.disturbed, report.undisturbed);
}

#[test]
fn killed_imports_backups_and_restores_end_like_undisturbed_ones() {
    let folder = tempfile::tempdir().unwrap();
    let drill = FilesDrill {
        program: program(),
        folder: folder.path().to_owned(),
        customers: 41,
        database: None,
        kills: 14,
        rounds: 1,
        seed: 7,
    };
    let report = drill.run(|words| eprintln!("{words}")).unwrap();
    assert!(report.killed >= 7, "only {} children could be killed", report.killed);
    assert_eq!(report.disturbed, report.undisturbed);
    assert!(report.undisturbed.contains("nothing differs"), "{}", report.undisturbed);
}
