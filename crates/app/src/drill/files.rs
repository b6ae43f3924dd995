//! A small bureau comes in from files and goes through its first month by the public commands:
//! import, settlement, late readings, month close, issue, backup, restore. Each command is killed
//! at random moments and asked again, as a person or a script would; what it all came to must be
//! what an undisturbed run came to. Looked at on the way: a backup that was killed is refused or
//! whole, and a restore that was killed brought nothing or everything.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    bureau,
    child::{KillReport, emptied, kill_after, run, to_the_end},
};

/// Rows of readings that count together: few, so that a kill falls between them.
const CHUNK_ROWS: &str = "200";
/// Which command each next kill is for, in turn.
const TURNS: [&str; 19] = [
    "readings",
    "backup",
    "restore",
    "customers",
    "meters",
    "agreements",
    "settle",
    "late",
    "close",
    "issue",
    "readings",
    "backup",
    "restore",
    "readings",
    "backup",
    "restore",
    "settle",
    "late",
    "close",
];

/// What to do.
#[derive(Debug, Clone)]
pub struct FilesDrill {
    /// The program under test.
    pub program: PathBuf,
    /// Where everything is made; emptied first.
    pub folder: PathBuf,
    /// How many customers the bureau has.
    pub customers: u32,
    /// Another database for the killed installation, empty; a file in the folder when it is not
    /// given.
    pub database: Option<String>,
    /// How often to kill.
    pub kills: u32,
    /// How often, at most, the month is begun anew to come to so many kills: some moments are too
    /// late. Another database than a file is empty only once.
    pub rounds: u32,
    /// The seed of the moments.
    pub seed: u64,
}

/// One command of the bureau's first month.
struct Step {
    name: &'static str,
    args: Vec<OsString>,
}

/// An installation with its backup and where that is restored to.
struct Place<'a> {
    files: &'a Path,
    data: PathBuf,
    database: Option<&'a str>,
    backup: PathBuf,
    restored: PathBuf,
}

impl<'a> Place<'a> {
    fn within(folder: &Path, files: &'a Path, database: Option<&'a str>) -> io::Result<Self> {
        emptied(folder)?;
        let [data, backup, restored] = ["data", "backup", "restored"].map(|name| folder.join(name));
        Ok(Self { files, data, database, backup, restored })
    }

    /// Arguments of a command that works on the installation.
    fn args(&self, words: &[&str], more: &[&Path]) -> Vec<OsString> {
        let mut args: Vec<OsString> = words.iter().map(OsString::from).collect();
        args.extend(["--data".into(), self.data.clone().into()]);
        if let Some(url) = self.database {
            args.extend(["--database".into(), url.into()]);
        }
        args.extend(more.iter().map(OsString::from));
        args
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.join(name)
    }

    fn readings(&self, name: &str) -> Vec<OsString> {
        let mut args = self.args(&["import"], &[]);
        args.extend(["readings", "--json", "--chunk-rows", CHUNK_ROWS].map(Into::into));
        args.push(self.file(name).into());
        args
    }

    fn list(&self, what: &str, name: &str) -> Vec<OsString> {
        let mut args = self.args(&["import"], &[]);
        args.push(what.into());
        args.push(self.file(name).into());
        args
    }

    fn bill(&self, what: &str) -> Vec<OsString> {
        let mut args = self.args(&["bill"], &[]);
        args.extend([what.into(), bureau::FIRST.to_string().into()]);
        args
    }

    fn restore(&self, to: &Path) -> Vec<OsString> {
        let [restore, by] = ["restore", "--to"].map(OsString::from);
        vec![restore, self.backup.clone().into(), by, to.into()]
    }

    fn steps(&self) -> Vec<Step> {
        let (from, through) = (bureau::FIRST.to_string(), bureau::LAST.to_string());
        let settle = ["settle", "--from", &from, "--through", &through];
        let step = |name, args| Step { name, args };
        vec![
            step("tariffs", self.list("tariffs", "tariff.toml")),
            step("customers", self.list("customers", "customers.csv")),
            step("meters", self.list("meters", "meters.csv")),
            step("agreements", self.list("agreements", "agreements.csv")),
            step("readings", self.readings("readings.csv")),
            step("settle", self.args(&settle, &[])),
            step("late", self.readings("late.csv")),
            step("close", self.bill("close")),
            step("issue", self.bill("issue")),
            step("backup", self.args(&["backup"], &[&self.backup])),
            step("restore", self.restore(&self.restored)),
        ]
    }
}

impl FilesDrill {
    /// Runs the drill.
    ///
    /// # Errors
    /// A child that cannot be started, or that fails without being killed: its words are in the
    /// error; half a backup that was accepted, or half a restore that counts.
    pub fn run(&self, mut say: impl FnMut(&str)) -> io::Result<KillReport> {
        let files = self.folder.join("files");
        emptied(&files)?;
        bureau::write(&files, self.customers)?;
        let whole = Place::within(&self.folder.join("whole"), &files, None)?;
        self.found(&whole)?;
        let mut times = Vec::new();
        for step in whole.steps() {
            times.push(to_the_end(&self.program, &step.args)?.took);
        }
        let undisturbed = self.account(&whole)?;
        let all: Duration = times.iter().sum();
        say(&format!("files undisturbed, in {} ms:\n{undisturbed}", all.as_millis()));
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let (mut killed, mut disturbed) = (0, undisturbed.clone());
        for round in 1_u32.. {
            let torn = Place::within(&self.folder.join("torn"), &files, self.database.as_deref())?;
            self.found(&torn)?;
            let kills = self.kills - killed;
            // Another database is empty once; files can be made anew, as often as it needs.
            let turns = usize::try_from(kills).unwrap_or(usize::MAX);
            let turns = if self.database.is_some() { turns } else { turns.min(TURNS.len()) };
            killed += self.round(&torn, turns, &mut times, &mut rng)?;
            disturbed = self.account(&torn)?;
            say(&format!("files, round {round}: killed {killed} times by now"));
            if killed >= self.kills
                || disturbed != undisturbed
                || self.database.is_some()
                || round >= self.rounds
            {
                break;
            }
        }
        say(&format!("files killed {killed} times:\n{disturbed}"));
        Ok(KillReport { killed, undisturbed, disturbed })
    }

    /// The bureau's first month once, with so many kills on the way. How many came in time.
    fn round(
        &self,
        torn: &Place<'_>,
        turns: usize,
        times: &mut [Duration],
        rng: &mut ChaCha8Rng,
    ) -> io::Result<u32> {
        let turns: Vec<&str> = TURNS.iter().cycle().take(turns).copied().collect();
        let mut killed = 0;
        for (step, took) in torn.steps().iter().zip(times) {
            let wanted = turns.iter().filter(|name| **name == step.name).count();
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            let mut done = false;
            let (mut of_step, mut tries) = (0, 0);
            while of_step < wanted && tries < 2 * wanted {
                tries += 1;
                let longest = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(2_000);
                let moment = Duration::from_micros(rng.random_range(1_000..longest));
                match kill_after(&self.program, &step.args, moment)? {
                    None => of_step += 1,
                    // It was quicker than it was before: the next moments are sooner.
                    Some(ended) => *took = (*took).min(ended),
                }
                done = match step.name {
                    "backup" => self.backup_is_whole(torn)?,
                    "restore" => self.restore_is_whole(torn)?,
                    _ => false,
                };
                if done && of_step < wanted && tries < 2 * wanted {
                    let folder = if step.name == "backup" { &torn.backup } else { &torn.restored };
                    std::fs::remove_dir_all(folder)?;
                    done = false;
                }
            }
            killed += of_step;
            if !done {
                to_the_end(&self.program, &step.args)?;
            }
        }
        Ok(killed)
    }

    /// A backup that was killed: whole, or refused by everything that reads or writes backups,
    /// and then taken away as the message says.
    fn backup_is_whole(&self, torn: &Place<'_>) -> io::Result<bool> {
        if torn.backup.join("backup.json").exists() {
            return Ok(true);
        }
        let scratch = torn.backup.with_extension("scratch");
        let (_, words) = run(&self.program, &torn.restore(&scratch))?;
        if words.is_none() {
            return Err(io::Error::other("half a backup was restored"));
        }
        if torn.backup.join("sql").exists() {
            let again = torn.args(&["backup"], &[&torn.backup]);
            let (_, words) = run(&self.program, &again)?;
            if !words.is_some_and(|words| words.contains("was stopped before its end")) {
                return Err(io::Error::other("half a backup was written over"));
            }
        }
        if torn.backup.exists() {
            std::fs::remove_dir_all(&torn.backup)?;
        }
        Ok(false)
    }

    /// A restore that was killed: everything counts, or nothing does.
    fn restore_is_whole(&self, torn: &Place<'_>) -> io::Result<bool> {
        if !torn.restored.join("lamplight.db").exists() {
            return Ok(false);
        }
        let (restored, words) = run(&self.program, &digest(&torn.restored, None))?;
        if words.is_some_and(|words| words.contains("there is no organisation")) {
            return Ok(false);
        }
        let saved = to_the_end(&self.program, &digest(&torn.data, torn.database))?;
        if restored.said == saved.said {
            return Ok(true);
        }
        Err(io::Error::other(format!("half a restore counts: {}", restored.said)))
    }

    /// Makes the organisation. Its password comes from standard input, which is empty here: so it
    /// has none that anybody knows.
    fn found(&self, place: &Place<'_>) -> io::Result<()> {
        use std::{io::Write as _, process::Stdio};
        let mut args: Vec<OsString> = ["user", "first"].map(OsString::from).to_vec();
        args.extend(place.args(&[], &[]));
        let names = ["--org-code", "33001", "--name-zh", "青山县供电公司", "--name-en", "Qingshan"];
        args.extend(names.map(Into::into));
        args.extend(["--login", "admin", "--person", "管理员"].map(OsString::from));
        let mut child = std::process::Command::new(&self.program)
            .args(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(b"correct horse battery staple\n")?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("the bureau could not be founded: {words}")))
    }

    /// What an installation came to, in words: the digest of its days, bills and ledger; how its
    /// lists and readings were counted; its backup, verified, and what that restored to.
    fn account(&self, place: &Place<'_>) -> io::Result<String> {
        let (from, through) = (bureau::FIRST.to_string(), bureau::LAST.to_string());
        let days = ["verify", "--from", &from, "--to", &through];
        let month = from.get(..7).unwrap_or_default();
        let restored = Place {
            files: place.files,
            data: place.restored.clone(),
            database: None,
            backup: place.backup.clone(),
            restored: place.restored.clone(),
        };
        let mut told = vec![
            to_the_end(&self.program, &digest(&place.data, place.database))?.said,
            to_the_end(&self.program, &digest(&place.restored, None))?.said,
            to_the_end(&self.program, &place.list("customers", "customers.csv"))?.said,
            to_the_end(&self.program, &place.list("meters", "meters.csv"))?.said,
            to_the_end(&self.program, &place.list("agreements", "agreements.csv"))?.said,
            to_the_end(&self.program, &restored.args(&days, &[]))?.said,
            to_the_end(&self.program, &restored.args(&["verify", "--period", month], &[]))?.said,
        ];
        for name in ["readings.csv", "late.csv"] {
            let counted = to_the_end(&self.program, &place.readings(name))?.said;
            // The id of an import is its own; everything else must agree.
            told.extend(counted.lines().filter(|l| !l.contains("\"import\"")).map(str::to_owned));
        }
        let verify = place.args(&["backup", "--verify"], &[&place.backup]);
        let verified = to_the_end(&self.program, &verify)?.said;
        told.push(verified.replace(&place.backup.display().to_string(), "backup"));
        Ok(told.join("\n"))
    }
}

fn digest(data: &Path, database: Option<&str>) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["drill", "digest", "--data"].map(OsString::from).to_vec();
    args.push(data.into());
    args.extend(database.into_iter().flat_map(|url| ["--database".into(), url.into()]));
    args
}
