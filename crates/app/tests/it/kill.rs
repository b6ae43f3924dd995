//! Nothing is lost: the binary is killed while it loads, settles, closes and issues.

use std::path::PathBuf;

use lamplight::drill::KillDrill;

/// Twenty kills; `lamplight drill kill --times 200` is the long form.
#[test]
fn a_killed_run_ends_like_an_undisturbed_one() {
    let folder = tempfile::tempdir().unwrap();
    let drill = KillDrill {
        program: PathBuf::from(env!("CARGO_BIN_EXE_lamplight")),
        folder: folder.path().to_owned(),
        demo: ["--customers", "100", "--from", "2026-06-01", "--to", "2026-07-06"]
            .map(Into::into)
            .to_vec(),
        kills: 20,
        seed: 7,
    };
    let report = drill.run(|words| eprintln!("{words}")).unwrap();
    assert!(report.killed >= 10, "only {} children could be killed", report.killed);
    assert_eq!(report.killed_digest, report.undisturbed);
}
