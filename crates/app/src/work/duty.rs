//! The jobs of promises and notices: each channel has its own, so that one that does not answer
//! holds up no other.

use std::sync::Arc;

use access::Actor;
use duty::{
    Works,
    notices::{Channel, Sender, jobs as notices},
    promises::jobs as promises,
};
use kernel::{Fault, FaultKind};
use store::{Db, JobError, Worker};

/// Brings promises to the present.
pub const PROMISES: &str = "duty.promises";
/// Promises are warned about and broken within so many seconds.
const PROMISES_S: i64 = 15;
/// Corrections must reach people within a minute. A change nudges them at once; this is the net.
const CORRECT_S: i64 = 15;
/// Messages that wait for their time are looked after so often; new ones nudge their channel.
const SEND_S: i64 = 10;

/// Adds the jobs of promises and notices to a worker that runs so many other jobs side by side.
#[must_use]
pub fn with_duty(
    worker: Worker,
    works: &Works,
    senders: &[Arc<dyn Sender>],
    beside: usize,
) -> Worker {
    let (a, b, c) = (works.clone(), works.clone(), works.clone());
    let mut worker = worker
        // A place for each channel: all of them may wait for an answer at once.
        .parallel(beside + senders.len() + 1)
        .every(PROMISES, PROMISES_S, move |_: Db| {
            let works = a.clone();
            async move {
                let actor = Actor::program(PROMISES);
                promises::reconcile(&works.db, &works.random, &actor, &works.books)
                    .await
                    .map(drop)
                    .map_err(failed)
            }
        })
        .every(notices::CORRECT, CORRECT_S, move |_: Db| {
            let works = b.clone();
            async move {
                let actor = Actor::program(notices::CORRECT);
                notices::correct_all(&works, &actor).await.map(drop).map_err(failed)
            }
        })
        .every(notices::job_of(Channel::Call), SEND_S, move |_: Db| {
            let works = c.clone();
            async move { notices::hand_out_calls(&works).await.map(drop).map_err(failed) }
        });
    for sender in senders {
        let (works, sender) = (works.clone(), sender.clone());
        worker = worker.every(notices::job_of(sender.channel()), SEND_S, move |_: Db| {
            let (works, sender) = (works.clone(), sender.clone());
            async move { notices::send(&works, sender.as_ref()).await.map(drop).map_err(failed) }
        });
    }
    worker
}

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(failed)")]
fn failed<F: Fault>(fault: F) -> JobError {
    JobError { retry: fault.kind() == FaultKind::Unavailable, message: fault.to_string() }
}
