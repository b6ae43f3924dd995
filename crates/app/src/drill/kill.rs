//! The kill drill: a child process makes a small demo (loading, readings, settlement, late
//! readings, month close, issue) and is killed at random moments, again and again, until it gets
//! through; what it came to must be what an undisturbed child came to.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What to do.
#[derive(Debug, Clone)]
pub struct KillDrill {
    /// The program under test.
    pub program: PathBuf,
    /// Where the two installations are made; emptied first.
    pub folder: PathBuf,
    /// The demo's arguments: how many customers, which days.
    pub demo: Vec<OsString>,
    /// How often to kill.
    pub kills: u32,
    /// The seed of the moments.
    pub seed: u64,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillReport {
    /// How many children were killed while they worked.
    pub killed: u32,
    /// What the undisturbed child printed as its digest.
    pub undisturbed: String,
    /// What the killed ones came to in the end.
    pub killed_digest: String,
}

impl KillDrill {
    /// Runs the drill.
    ///
    /// # Errors
    /// A child that cannot be started, or that fails without being killed: its words are in the
    /// error.
    pub fn run(&self, mut say: impl FnMut(&str)) -> std::io::Result<KillReport> {
        let (whole, torn) = (self.folder.join("whole"), self.folder.join("torn"));
        for folder in [&whole, &torn] {
            if folder.exists() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        let (undisturbed, took) = self.to_the_end(&whole)?;
        say(&format!("undisturbed: {undisturbed} in {} ms", took.as_millis()));
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut killed = 0;
        // Each child gets a random part of the whole time; later ones find work done already, so
        // the moments spread over every stage.
        let share = took.as_millis().max(1) * 3 / u128::from(self.kills.max(1));
        let longest = u64::try_from(share).unwrap_or(1_000).max(40);
        for number in 1..=self.kills {
            let mut child = self.child(&torn)?;
            let moment = Duration::from_millis(rng.random_range(5..longest));
            if wait(&mut child, moment)? {
                say(&format!("child {number} was done before it could be killed"));
                break;
            }
            child.kill()?;
            child.wait()?;
            killed += 1;
        }
        let (killed_digest, _) = self.to_the_end(&torn)?;
        say(&format!("killed {killed} times: {killed_digest}"));
        Ok(KillReport { killed, undisturbed, killed_digest })
    }

    fn child(&self, folder: &Path) -> std::io::Result<Child> {
        Command::new(&self.program)
            .arg("demo")
            .arg("--no-serve")
            .arg("--digest")
            .arg("--data")
            .arg(folder)
            .args(&self.demo)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }

    /// The digest of a child that is let through, and how long it took.
    #[expect(clippy::disallowed_methods, reason = "a drill measures a real process")]
    fn to_the_end(&self, folder: &Path) -> std::io::Result<(String, Duration)> {
        let begun = std::time::Instant::now();
        let output = self.child(folder)?.wait_with_output()?;
        if !output.status.success() {
            return Err(std::io::Error::other(format!("the child ended with {}", output.status)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok((text.trim().to_owned(), begun.elapsed()))
    }
}

/// Whether the child ended by itself within this time.
#[expect(clippy::disallowed_methods, reason = "a drill waits for a real process")]
fn wait(child: &mut Child, time: Duration) -> std::io::Result<bool> {
    let until = std::time::Instant::now() + time;
    while std::time::Instant::now() < until {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(child.try_wait()?.is_some())
}
