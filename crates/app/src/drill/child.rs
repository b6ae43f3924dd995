//! A child process that runs the program: to its end, or until it is killed.

use std::{
    ffi::OsString,
    io,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// What a drill came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillReport {
    /// How many children were killed while they worked.
    pub killed: u32,
    /// What the undisturbed run came to.
    pub undisturbed: String,
    /// What the killed ones came to in the end.
    pub disturbed: String,
}

/// What a child said when it was let through.
pub(super) struct Ended {
    /// Its standard output.
    pub(super) said: String,
    /// How long it took.
    pub(super) took: Duration,
}

/// Lets a child through; it must succeed.
pub(super) fn to_the_end(program: &Path, args: &[OsString]) -> io::Result<Ended> {
    let (ended, words) = run(program, args)?;
    words.map_or(Ok(ended), |words| Err(io::Error::other(words)))
}

/// Lets a child through and returns its words when it failed.
#[expect(clippy::disallowed_methods, reason = "a drill measures a real process")]
pub(super) fn run(program: &Path, args: &[OsString]) -> io::Result<(Ended, Option<String>)> {
    let begun = std::time::Instant::now();
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let said = text(&output.stdout);
    let words = (!output.status.success()).then(|| {
        let last = text(&output.stderr).lines().last().unwrap_or_default().to_owned();
        format!("the child {args:?} ended with {}: {last}", output.status)
    });
    Ok((Ended { said, took: begun.elapsed() }, words))
}

/// Starts a child and kills it at this moment. When it had ended by then: how long it took.
#[expect(clippy::disallowed_methods, reason = "a drill waits for a real process")]
pub(super) fn kill_after(
    program: &Path,
    args: &[OsString],
    moment: Duration,
) -> io::Result<Option<Duration>> {
    let begun = std::time::Instant::now();
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    loop {
        if child.try_wait()?.is_some() {
            return Ok(Some(begun.elapsed()));
        }
        let left = moment.saturating_sub(begun.elapsed());
        if left.is_zero() {
            break;
        }
        std::thread::sleep(left.min(Duration::from_millis(2)));
    }
    // SIGKILL: nothing of the child runs after it.
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Makes a folder empty.
pub(super) fn emptied(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)
}
