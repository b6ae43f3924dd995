//! Facts reach their subscribers; jobs run once, are taken over, tried again, called off.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use kernel::Id;
use serde_json::json;
use store::{
    AuditEntry, Enqueued, Fact, JobError, JobState, NewJob, Options, StoreError, Subscription,
    Verdict, Worker, testing::TestDb,
};

const ORG: Id = Id::from_i64(1);

fn fact() -> Fact<'static> {
    Fact {
        org: ORG,
        kind: "supply.bill_issued",
        subject: Id::from_i64(7),
        payload: json!({"amount": "12.30"}),
        actor: "user:3",
        request: "r-1",
    }
}

fn job<'a>(name: &'a str, payload: &'a serde_json::Value, dedup: Option<&'a str>) -> NewJob<'a> {
    NewJob { org: ORG, name, payload, dedup, run_at: None }
}

#[test]
fn a_fact_and_its_jobs_count_together_or_not_at_all() {
    let options = Options {
        subscriptions: vec![
            Subscription { fact: "supply.bill_issued", job: "duty.notify_bill" },
            Subscription { fact: "supply.bill_issued", job: "voice.ask" },
            Subscription { fact: "supply.bill_corrected", job: "voice.ask" },
        ],
        ..Options::default()
    };
    TestDb::each_with(&[], &options, async |t| {
        let mut tx = t.db.begin().await.unwrap();
        tx.emit(fact()).await.unwrap();
        drop(tx);
        let mut tx = t.db.begin().await.unwrap();
        assert_eq!(store::job_summary(&mut tx).await.unwrap(), vec![]);
        let id = tx.emit(fact()).await.unwrap();
        tx.commit().await.unwrap();

        let seen = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&seen);
        let worker = Worker::new(&t.db).handle("duty.notify_bill", move |_, context| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                let payload: serde_json::Value = context.job.payload()?;
                assert_eq!(payload["fact"], id.to_string());
                assert_eq!(payload["payload"]["amount"], "12.30");
                Ok(())
            }
        });
        let report = worker.run_until_idle().await.unwrap();
        assert_eq!((report.done, seen.load(Ordering::SeqCst)), (1, 1));
        // A worker leaves jobs alone for which it has no handler.
        let mut tx = t.db.read().await.unwrap();
        let left = store::jobs_in_state(&mut tx, JobState::Queued, Id::from_i64(i64::MAX), 9);
        assert_eq!(left.await.unwrap()[0].name, "voice.ask");
        let facts = store::facts_about(&mut tx, Id::from_i64(7), Id::from_i64(0), 9).await.unwrap();
        assert_eq!((facts.len(), facts[0].id, facts[0].at), (1, id, t.db.now()));
    });
}

#[test]
fn equal_requests_wait_as_one_and_run_one_at_a_time() {
    TestDb::each(&[], async |t| {
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        let first = tx.enqueue(job("a", &payload, Some("day-1"))).await.unwrap();
        let second = tx.enqueue(job("a", &payload, Some("day-1"))).await.unwrap();
        let other = tx.enqueue(job("a", &payload, Some("day-2"))).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(second, Enqueued::Waiting(first.id()));
        assert!(matches!(other, Enqueued::New(_)));

        let taken = t.db.take_jobs(&["a"], 10).await.unwrap();
        assert_eq!(taken.len(), 2);
        // A request that comes while the work runs is not lost: it waits for the next run.
        let mut tx = t.db.begin().await.unwrap();
        let third = tx.enqueue(job("a", &payload, Some("day-1"))).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(third, Enqueued::New(_)));
        assert!(t.db.take_jobs(&["a"], 10).await.unwrap().is_empty());
        let mut tx = t.db.begin().await.unwrap();
        for held in &taken {
            held.complete(&mut tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(t.db.take_jobs(&["a"], 10).await.unwrap()[0].id, third.id());
    });
}

#[test]
fn a_dead_workers_job_is_taken_over_and_the_old_worker_is_fenced_off() {
    TestDb::each(&[], async |t| {
        let other = t.second_handle().await;
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        let id = tx.enqueue(job("settle", &payload, None)).await.unwrap().id();
        tx.commit().await.unwrap();

        let held = t.db.take_jobs(&["settle"], 1).await.unwrap().remove(0);
        assert!(other.take_jobs(&["settle"], 1).await.unwrap().is_empty());
        t.clock.advance_seconds(59);
        t.db.renew_job(&held).await.unwrap();
        t.clock.advance_seconds(59);
        assert!(other.take_jobs(&["settle"], 1).await.unwrap().is_empty());
        t.clock.advance_seconds(2);
        let taken = other.take_jobs(&["settle"], 1).await.unwrap().remove(0);
        assert_eq!(taken.id, id);

        let mut tx = t.db.begin().await.unwrap();
        assert!(matches!(held.still_mine(&mut tx).await, Err(StoreError::Conflict(_))));
        assert!(matches!(held.complete(&mut tx).await, Err(StoreError::Conflict(_))));
        drop(tx);
        assert!(t.db.renew_job(&held).await.is_err());
        let error = JobError { message: "late".to_owned(), retry: true };
        assert!(t.db.fail_job(&held, &error).await.is_err());

        let mut tx = other.begin().await.unwrap();
        taken.still_mine(&mut tx).await.unwrap();
        taken.complete(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = t.db.read().await.unwrap();
        let row = store::job_by_id(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((row.state, row.attempts), (JobState::Done, 2));
        drop(tx);
        other.close().await;
    });
}

/// Two workers on two handles, 200 jobs: each runs once, though they take side by side.
#[test]
fn two_processes_share_the_work_without_doubling_any() {
    TestDb::each(&[], async |t| {
        let other = t.second_handle().await;
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        for _ in 0..200 {
            tx.enqueue(job("count", &payload, None)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeMap::new()));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut tasks = tokio::task::JoinSet::new();
        for db in [t.db.clone(), other.clone()] {
            let (seen, stopped) = (Arc::clone(&seen), stopped.clone());
            tasks.spawn(async move {
                let worker = Worker::new(&db).handle("count", move |_, context| {
                    *seen.lock().unwrap().entry(context.job.id).or_insert(0) += 1;
                    async { Ok(()) }
                });
                worker.run(stopped).await.unwrap()
            });
        }
        loop {
            let mut tx = t.db.read().await.unwrap();
            let left = store::job_summary(&mut tx).await.unwrap();
            if left.iter().all(|s| s.state == JobState::Done) {
                break;
            }
            drop(tx);
            tokio::task::yield_now().await;
        }
        stop.send(true).unwrap();
        let mut done = 0;
        while let Some(report) = tasks.join_next().await {
            let report = report.unwrap();
            assert_eq!((report.lost, report.dead, report.retried), (0, 0, 0));
            done += report.done;
        }
        assert_eq!(done, 200);
        other.close().await;
        let seen = seen.lock().unwrap();
        assert!(seen.len() == 200 && seen.values().all(|n| *n == 1));
    });
}

#[test]
fn a_long_job_does_not_keep_others_waiting() {
    TestDb::each(&[], async |t| {
        let payload = json!(null);
        let short_ran = Arc::new(tokio::sync::Notify::new());
        let (wait, tell) = (Arc::clone(&short_ran), Arc::clone(&short_ran));
        let worker = Worker::new(&t.db)
            .handle("long", move |_, _| {
                let wait = Arc::clone(&wait);
                async move {
                    wait.notified().await;
                    Ok(())
                }
            })
            .handle("short", move |_, _| {
                tell.notify_one();
                async { Ok(()) }
            });
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(async move { worker.run(stopped).await.unwrap() });
        for name in ["long", "short"] {
            let mut tx = t.db.begin().await.unwrap();
            tx.enqueue(job(name, &payload, None)).await.unwrap();
            tx.commit().await.unwrap();
            let left = async || {
                let mut tx = t.db.read().await.unwrap();
                store::job_summary(&mut tx).await.unwrap()
            };
            // The long one is at work before the short one is asked for.
            while left().await.iter().any(|s| s.name == name && s.state == JobState::Queued) {
                tokio::task::yield_now().await;
            }
        }
        stop.send(true).unwrap();
        let report = tokio::time::timeout(std::time::Duration::from_secs(20), running).await;
        assert_eq!(report.unwrap().unwrap().done, 2);
    });
}

#[test]
fn a_job_that_kills_its_workers_is_given_up_and_progress_pardons() {
    TestDb::each(&[], async |t| {
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        let id = tx.enqueue(job("deadly", &payload, None)).await.unwrap().id();
        tx.commit().await.unwrap();
        let mut lives = 0;
        while t.db.take_jobs(&["deadly"], 1).await.unwrap().len() == 1 {
            lives += 1;
            t.clock.advance_seconds(61);
            assert!(lives < 100);
        }
        assert_eq!(lives, 21);
        let mut tx = t.db.begin().await.unwrap();
        let row = store::job_by_id(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(row.state, JobState::Dead);
        tx.retry_job(id).await.unwrap();
        tx.commit().await.unwrap();
        // At the start of the only worker nothing waits for a lease to run out.
        assert_eq!(t.db.take_jobs(&["deadly"], 1).await.unwrap().len(), 1);
        assert_eq!(t.db.take_jobs(&["deadly"], 1).await.unwrap().len(), 0);
        assert_eq!(t.db.release_leases().await.unwrap(), 1);
        t.clock.advance_seconds(1);
        assert_eq!(t.db.take_jobs(&["deadly"], 1).await.unwrap().len(), 1);
    });
}

#[test]
fn failures_wait_longer_each_time_and_then_a_person_decides() {
    TestDb::each(&[], async |t| {
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        let id = tx.enqueue(job("fail", &payload, None)).await.unwrap().id();
        let hopeless = tx.enqueue(job("hopeless", &payload, None)).await.unwrap().id();
        tx.commit().await.unwrap();
        let worker = Worker::new(&t.db)
            .handle("fail", async |_, _| {
                Err(StoreError::Busy { statement: "x", message: "busy".to_owned() }.into())
            })
            .handle("hopeless", async |_, _| Err(StoreError::Invalid("no such day".into()).into()));
        let mut last_wait = 0;
        for failure in 1..=store::ATTEMPTS_MAX {
            let report = worker.run_until_idle().await.unwrap();
            assert_eq!(report.done, 0);
            let mut tx = t.db.read().await.unwrap();
            let row = store::job_by_id(&mut tx, id).await.unwrap().unwrap();
            if failure == store::ATTEMPTS_MAX {
                assert_eq!(row.state, JobState::Dead);
                assert!(row.last_error.unwrap().contains("busy"));
                break;
            }
            assert_eq!(row.state, JobState::Queued);
            let wait = (row.run_at.micros() - t.db.now().micros()) / 1_000_000;
            assert!(failure > 8 || wait > last_wait, "{wait} after {last_wait}");
            last_wait = wait;
            t.clock.set(row.run_at);
        }
        let mut tx = t.db.begin().await.unwrap();
        let row = store::job_by_id(&mut tx, hopeless).await.unwrap().unwrap();
        assert_eq!((row.state, row.attempts), (JobState::Dead, 1));
        tx.retry_job(id).await.unwrap();
        let row = store::job_by_id(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((row.state, row.failures), (JobState::Queued, 0));
        tx.cancel_job(id).await.unwrap();
        assert!(tx.cancel_job(id).await.is_err());
        let row = store::job_by_id(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(row.state, JobState::Cancelled);
    });
}

#[test]
fn a_handler_that_panics_harms_nothing_else_and_progress_is_seen() {
    TestDb::each(&[], async |t| {
        let payload = json!(null);
        let mut tx = t.db.begin().await.unwrap();
        let bad = tx.enqueue(job("panic", &payload, None)).await.unwrap().id();
        let good = tx.enqueue(job("good", &payload, None)).await.unwrap().id();
        tx.commit().await.unwrap();
        let worker = Worker::new(&t.db).handle("panic", async |_, _| panic!("a bug")).handle(
            "good",
            async |db, context| {
                context.progress(3, 10, "3 of 10 days").await?;
                assert!(!context.cancel_asked().await?);
                // Its work and its end in one transaction.
                let mut tx = db.begin().await?;
                context.job.still_mine(&mut tx).await?;
                context.job.complete(&mut tx).await?;
                tx.commit().await?;
                Ok(())
            },
        );
        let report = worker.run_until_idle().await.unwrap();
        assert_eq!((report.done, report.retried), (1, 1));
        let mut tx = t.db.read().await.unwrap();
        let row = store::job_by_id(&mut tx, good).await.unwrap().unwrap();
        assert_eq!((row.progress_done, row.progress_total), (3, 10));
        let row = store::job_by_id(&mut tx, bad).await.unwrap().unwrap();
        assert!(row.last_error.unwrap().contains("broke off"));
    });
}

#[test]
fn a_reconciler_runs_on_its_timer_and_on_a_nudge() {
    TestDb::each(&[], async |t| {
        let other = t.second_handle().await;
        let runs = Arc::new(AtomicU32::new(0));
        let make = |db: &store::Db| {
            let runs = Arc::clone(&runs);
            Worker::new(db).every("meters.collect", 600, move |_| {
                runs.fetch_add(1, Ordering::SeqCst);
                async { Ok(()) }
            })
        };
        let (worker, second) = (make(&t.db), make(&other));
        for _ in 0..3 {
            worker.run_until_idle().await.unwrap();
            second.run_until_idle().await.unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        t.clock.advance_seconds(601);
        second.run_until_idle().await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        let mut tx = t.db.begin().await.unwrap();
        tx.nudge("meters.collect").await.unwrap();
        tx.nudge("meters.collect").await.unwrap();
        tx.commit().await.unwrap();
        worker.run_until_idle().await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        other.close().await;
    });
}

#[test]
fn the_audit_trail_is_found_by_object_actor_and_time() {
    TestDb::each(&[], async |t| {
        let after = json!({"phone": "changed"});
        let entry = AuditEntry {
            org: ORG,
            actor: "user:3",
            action: "customer.read_personal",
            object: "person:9",
            purpose: Some("复核账单"),
            outcome: Verdict::Allowed,
            before: None,
            after: Some(&after),
            request: "r-1",
        };
        let mut tx = t.db.begin().await.unwrap();
        tx.audit(entry.clone()).await.unwrap();
        t.clock.advance_seconds(10);
        let refused = AuditEntry { outcome: Verdict::Refused, org: Id::from_i64(2), ..entry };
        tx.audit(refused).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = t.db.read().await.unwrap();
        let (end, all) = (Id::from_i64(i64::MAX), Id::from_i64(0));
        let rows = store::audit_of_object(&mut tx, "person:9", end, 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].outcome), (2, Verdict::Refused));
        let (from, to) = (t.db.now(), t.db.now().plus_seconds(1));
        let rows = store::audit_between(&mut tx, all, from, to, "", "", "", end, 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].org), (1, Id::from_i64(2)));
        let from = from.plus_seconds(-60);
        let rows = store::audit_between(&mut tx, ORG, from, to, "user:3", "", "", end, 10);
        let rows = rows.await.unwrap();
        assert_eq!(rows[0].purpose.as_deref(), Some("复核账单"));
        assert_eq!(rows[0].after_json.as_deref(), Some("{\"phone\":\"changed\"}"));
    });
}
