//! A child process makes a small demo (loading, readings, settlement, late readings, month close,
//! issue) and is killed at random moments, again and again, until it gets through; what it came to
//! must be what an undisturbed child came to.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::child::{KillReport, emptied, kill_after, to_the_end};

/// What to do.
#[derive(Debug, Clone)]
pub struct DemoDrill {
    /// The program under test.
    pub program: PathBuf,
    /// Where the two installations are made; emptied first.
    pub folder: PathBuf,
    /// The demo's arguments: how many customers, which days.
    pub demo: Vec<OsString>,
    /// Another database for the killed one, empty; a file in the folder when it is not given.
    pub database: Option<String>,
    /// How often to kill.
    pub kills: u32,
    /// The seed of the moments.
    pub seed: u64,
}

impl DemoDrill {
    /// Runs the drill.
    ///
    /// # Errors
    /// A child that cannot be started, or that fails without being killed: its words are in the
    /// error.
    pub fn run(&self, mut say: impl FnMut(&str)) -> io::Result<KillReport> {
        let (whole, torn) = (self.folder.join("whole"), self.folder.join("torn"));
        emptied(&whole)?;
        emptied(&torn)?;
        let ended = to_the_end(&self.program, &self.args(&whole, None))?;
        let (undisturbed, took) = (ended.said, ended.took);
        say(&format!("demo undisturbed: {undisturbed} in {} ms", took.as_millis()));
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut killed = 0;
        // Each child gets a random part of the whole time; later ones find work done already, so
        // the moments spread over every stage.
        let share = took.as_millis().max(1) * 3 / u128::from(self.kills.max(1));
        let longest = u64::try_from(share).unwrap_or(1_000).max(40);
        let args = self.args(&torn, self.database.as_deref());
        for number in 1..=self.kills {
            let moment = Duration::from_millis(rng.random_range(5..longest));
            if kill_after(&self.program, &args, moment)?.is_some() {
                say(&format!("child {number} was done before it could be killed"));
                break;
            }
            killed += 1;
        }
        let disturbed = to_the_end(&self.program, &args)?.said;
        say(&format!("demo killed {killed} times: {disturbed}"));
        Ok(KillReport { killed, undisturbed, disturbed })
    }

    fn args(&self, folder: &Path, database: Option<&str>) -> Vec<OsString> {
        let mut args: Vec<OsString> =
            ["demo", "--no-serve", "--digest", "--data"].map(OsString::from).to_vec();
        args.push(folder.into());
        args.extend(database.into_iter().flat_map(|url| ["--database".into(), url.into()]));
        args.extend(self.demo.iter().cloned());
        args
    }
}
