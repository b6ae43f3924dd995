//! Nights that pass: what is due happens once, what was missed is caught up with.

use access::Randomness;
use kernel::Date;
use lake::Lake;
use store::testing::TestDb;
use supply::AreaRules;

use super::*;
use crate::house::migrations;

const ORG: Id = Id::from_i64(7);

#[test]
fn the_bundled_times_are_read() {
    let nights = Nights::bundled().unwrap();
    assert_eq!(nights.settle_at, Time::constant(4, 0, 0, 0));
    assert!(nights.backup_keep > 0);
}

#[test]
fn the_next_time_is_today_or_tomorrow_even_when_the_clock_is_put_forward() {
    let at = Time::constant(2, 30, 0, 0);
    let berlin = Zone::get("Europe/Berlin").unwrap();
    let local = |text: &str| berlin.instant_of(text.parse().unwrap()).unwrap();
    let next = |text: &str| next_time(&berlin, local(text), at).unwrap();
    assert_eq!(next("2026-01-05T01:00"), local("2026-01-05T02:30"));
    assert_eq!(next("2026-01-05T02:30"), local("2026-01-06T02:30"));
    // On 29 March 2026 half past two does not exist: it happens an hour later.
    assert_eq!(next("2026-03-29T01:00"), local("2026-03-29T03:30"));
}

struct Bureau {
    works: Works,
    folder: tempfile::TempDir,
    worker: Worker,
    test: TestDb,
}

impl Bureau {
    fn new(test: TestDb) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let works = Works {
            db: test.db.clone(),
            lake: Lake::in_folder(&folder.path().join("lake")).unwrap(),
            rules: Arc::new(AreaRules::bundled("Asia/Shanghai").unwrap()),
            random: Arc::new(Randomness::from_number(1)),
        };
        let nights = Nights { backup_keep: 2, ..Nights::bundled().unwrap() };
        let worker = super::super::worker(&works);
        let worker = with_nights(worker, &works, nights, Some(folder.path().join("backups")));
        Self { works, folder, worker, test }
    }

    /// Lets time pass, five hours at a time, and whatever is due happen.
    async fn pass(&self, hours: i64) {
        for _ in 0..hours / 5 {
            self.test.clock.advance_seconds(5 * 3_600);
            self.worker.run_until_idle().await.unwrap();
        }
    }

    async fn last(&self) -> Date {
        let mut tx = self.works.db.read().await.unwrap();
        settlement::last_settled(&mut tx, ORG).await.unwrap().unwrap().day
    }

    fn yesterday(&self) -> Date {
        self.works.rules.zone.date_of(self.works.db.now()).yesterday().unwrap()
    }

    fn backups(&self) -> (Vec<String>, usize) {
        let entries = std::fs::read_dir(self.folder.path().join("backups")).unwrap();
        let folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        let proven = folders.iter().filter(|folder| folder.join("proven.json").exists()).count();
        let mut names: Vec<_> =
            folders.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        (names, proven)
    }
}

#[test]
fn nights_settle_and_back_up_once_and_catch_up_after_an_absence() {
    TestDb::each(&migrations(), async |test| {
        let bureau = Bureau::new(test);
        let actor = Actor::program("test");
        // Nobody has settled a first day: nothing happens by itself but the backup.
        bureau.pass(30).await;
        let mut tx = bureau.works.db.read().await.unwrap();
        assert!(settlement::last_settled(&mut tx, ORG).await.unwrap().is_none());
        drop(tx);
        assert_eq!(bureau.backups().0.len(), 1);

        let first = bureau.yesterday();
        settlement::settle_through(&bureau.works, &actor, ORG, (first, first), &|_, _, _| {})
            .await
            .unwrap();
        bureau.pass(50).await;
        // By the last look, less than five hours ago, either this night or the one before was due.
        let expected = bureau.last().await;
        assert!(expected >= bureau.yesterday().yesterday().unwrap(), "{expected}");

        // Down for five days: the next look catches up, and asks once.
        bureau.test.clock.advance_seconds(5 * 86_400);
        bureau.pass(30).await;
        assert!(bureau.last().await >= expected.saturating_add(5.days()));
        let mut tx = bureau.works.db.read().await.unwrap();
        let runs = settlement::runs(&mut tx, ORG, Id::from_i64(i64::MAX), 100).await.unwrap();
        assert!(runs.iter().all(|run| run.state == "done"));
        let days: i64 = runs.iter().map(|run| run.days_done).sum();
        assert_eq!(days, i64::from((bureau.last().await - first).get_days()) + 1);

        // Every look was a job; those of the first days are forgotten.
        let mut tx = bureau.works.db.read().await.unwrap();
        let jobs = store::job_summary(&mut tx).await.unwrap();
        let looks: i64 = jobs.iter().filter(|row| row.name == "app.nights").map(|r| r.count).sum();
        assert!(looks < 18, "{looks} of 22 looks are remembered");
        drop(tx);

        // Two stay; the newest proven one is not older than a week.
        let (kept, proven) = bureau.backups();
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert!(proven >= 1, "{kept:?}");
    });
}
