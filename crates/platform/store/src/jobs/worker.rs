//! The worker: takes due jobs, runs their handlers, keeps their leases, and looks after the timers.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use super::{
    lease::LEASE_S,
    model::{Job, JobContext, JobError, JobState, NewJob},
    store,
};
use crate::{Db, StoreError};
use kernel::Id;

type Outcome = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Handler = Arc<dyn Fn(Db, JobContext) -> Outcome + Send + Sync>;

/// The longest time until a job that another process enqueued is noticed.
const POLL: Duration = Duration::from_secs(1);
/// Leases are renewed three times before they run out.
const RENEW: Duration = Duration::from_secs(20);
/// The node number of this process is renewed about every hour.
const RENEW_NODE_S: i64 = 3_600;

/// Runs jobs. Build it with its handlers and timers, then call [`Worker::run`].
pub struct Worker {
    db: Db,
    handlers: BTreeMap<&'static str, Handler>,
    timers: Vec<(&'static str, i64)>,
    parallel: usize,
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkerReport {
    /// Jobs that succeeded.
    pub done: u64,
    /// Failures, each of which will be tried again.
    pub retried: u64,
    /// Jobs that failed for good or were called off.
    pub dead: u64,
    /// Jobs that another worker took over.
    pub lost: u64,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("handlers", &self.handlers.keys())
            .field("timers", &self.timers)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker without handlers, running up to four jobs at a time.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), handlers: BTreeMap::new(), timers: Vec::new(), parallel: 4 }
    }

    /// How many jobs to run at a time, at least one.
    #[must_use]
    pub fn parallel(mut self, jobs: usize) -> Self {
        self.parallel = jobs.max(1);
        self
    }

    /// What to do for jobs of this name. The handler is idempotent. It may end the job in its own
    /// transaction with [`Job::complete`]; otherwise the worker ends it after it returns.
    #[must_use]
    pub fn handle<F>(
        mut self,
        name: &'static str,
        handler: impl Fn(Db, JobContext) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.handlers.insert(name, Arc::new(move |db, job| Box::pin(handler(db, job))));
        self
    }

    /// A reconciler: no input, idempotent, bounded; it compares what should be with what is. It
    /// runs every `every_s` seconds and whenever it is nudged ([`crate::Tx::nudge`]), in one
    /// process at a time.
    #[must_use]
    pub fn every<F>(
        mut self,
        name: &'static str,
        every_s: i64,
        reconcile: impl Fn(Db) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.timers.push((name, every_s.max(1)));
        self.handle(name, move |db, _| reconcile(db))
    }

    /// Runs until `stop` becomes true (or its sender is gone), then lets the jobs in hand finish.
    ///
    /// # Errors
    /// Only when this process has lost its node number; a database that does not answer is waited
    /// for.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) -> Result<WorkerReport, StoreError> {
        let mut report = WorkerReport::default();
        let mut running = JoinSet::new();
        let mut node_due = self.db.now().plus_seconds(RENEW_NODE_S);
        let names: Vec<&str> = self.handlers.keys().copied().collect();
        while !*stop.borrow() {
            if self.db.now() >= node_due {
                match self.db.renew_node().await {
                    Err(lost @ StoreError::Conflict(_)) => return Err(lost),
                    Err(error) => tracing::warn!(%error, "node number not renewed"),
                    Ok(()) => node_due = self.db.now().plus_seconds(RENEW_NODE_S),
                }
            }
            let free = self.parallel.saturating_sub(running.len());
            let taken = if free == 0 { Ok(Vec::new()) } else { self.take(&names, free).await };
            match taken {
                Ok(jobs) if jobs.is_empty() => {}
                Ok(jobs) => {
                    for job in jobs {
                        running.spawn(run_one(self.db.clone(), self.handler(&job), job));
                    }
                    continue;
                }
                Err(error) => tracing::warn!(%error, "no jobs taken"),
            }
            tokio::select! {
                Some(done) = running.join_next() => report.count(done.ok().as_ref()),
                () = self.db.inner.wake.notified(), if free > 0 => {}
                () = wait(POLL), if free > 0 => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        while let Some(done) = running.join_next().await {
            report.count(done.ok().as_ref());
        }
        Ok(report)
    }

    /// Runs everything that is due, one job after the other, and returns when nothing is: for
    /// tests, the demo generator and the command line.
    ///
    /// # Errors
    /// [`StoreError`] when jobs cannot be taken.
    pub async fn run_until_idle(&self) -> Result<WorkerReport, StoreError> {
        let names: Vec<&str> = self.handlers.keys().copied().collect();
        let mut report = WorkerReport::default();
        loop {
            let jobs = self.take(&names, 1).await?;
            let Some(job) = jobs.into_iter().next() else { return Ok(report) };
            report.count(Some(&run_one(self.db.clone(), self.handler(&job), job).await));
        }
    }

    fn handler(&self, job: &Job) -> Option<Handler> {
        self.handlers.get(job.name.as_str()).cloned()
    }

    async fn take(&self, names: &[&str], free: usize) -> Result<Vec<Job>, StoreError> {
        for (name, every_s) in &self.timers {
            self.tick(name, *every_s).await?;
        }
        self.db.take_jobs(names, i64::try_from(free).unwrap_or(1)).await
    }

    /// Enqueues a reconciler whose time has come, once among all processes.
    async fn tick(&self, name: &'static str, every_s: i64) -> Result<(), StoreError> {
        let now = self.db.now();
        let mut tx = self.db.read().await?;
        let next = store::timer_next(&mut tx, name).await?;
        drop(tx);
        if next.is_some_and(|next| next > now) {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let next_at = now.plus_seconds(every_s);
        let mine = match next {
            None => store::insert_timer(&mut tx, name, next_at).await?,
            Some(_) => store::advance_timer(&mut tx, name, now, next_at).await?,
        };
        if mine == 1 {
            let payload = serde_json::Value::Null;
            let job = NewJob {
                org: Id::from_i64(0),
                name,
                payload: &payload,
                dedup: Some("timer"),
                run_at: None,
            };
            tx.enqueue(job).await?;
        }
        tx.commit().await
    }
}

enum End {
    Done,
    Failed(JobState),
    Lost,
}

impl WorkerReport {
    fn count(&mut self, end: Option<&End>) {
        match end {
            Some(End::Done) => self.done += 1,
            Some(End::Failed(JobState::Queued)) => self.retried += 1,
            Some(End::Failed(_)) => self.dead += 1,
            // None: the task itself was aborted.
            Some(End::Lost) | None => self.lost += 1,
        }
    }
}

async fn run_one(db: Db, handler: Option<Handler>, job: Job) -> End {
    let failed = match handler {
        None => Err(JobError { message: "no handler has this name".to_owned(), retry: true }),
        Some(handler) => {
            let context = JobContext { job: job.clone(), db: db.clone() };
            // In a task of its own, so that a handler that panics takes nothing else down.
            let mut work = tokio::spawn(handler(db.clone(), context));
            tokio::select! {
                done = &mut work => done.unwrap_or_else(|panicked| {
                    Err(JobError { message: format!("the handler broke off: {panicked}"), retry: true })
                }),
                () = keep(&db, &job) => {
                    work.abort();
                    tracing::warn!(job = %job.id, name = job.name, "lease lost, handler stopped");
                    return End::Lost;
                }
            }
        }
    };
    let ended = match failed {
        Ok(()) => finish(&db, &job).await.map(|()| End::Done),
        Err(error) => {
            tracing::warn!(job = %job.id, name = job.name, error = error.message, "job failed");
            db.fail_job(&job, &error).await.map(End::Failed)
        }
    };
    ended.unwrap_or_else(|error| {
        tracing::warn!(job = %job.id, name = job.name, %error, "end of job not recorded");
        End::Lost
    })
}

/// Ends a job that its handler has not ended itself.
async fn finish(db: &Db, job: &Job) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    match job.complete(&mut tx).await {
        Ok(()) => tx.commit().await,
        Err(error) => match store::job_by_id(&mut tx, job.id).await? {
            Some(row) if row.state == JobState::Done && row.attempts == job.attempts => Ok(()),
            _ => Err(error),
        },
    }
}

/// Renews the lease for as long as it is held; returns when it is lost.
async fn keep(db: &Db, job: &Job) {
    let mut renewed_at = db.now();
    loop {
        wait(RENEW).await;
        match db.renew_job(job).await {
            Ok(()) => renewed_at = db.now(),
            // The handler may just have ended the job in its own transaction: let it return.
            Err(StoreError::Conflict(_)) if ended_by_handler(db, job).await => {
                wait(Duration::from_secs(3_600)).await;
            }
            Err(StoreError::Conflict(_)) => return,
            // Somebody, perhaps the handler itself, writes for long; meanwhile nobody can take over.
            Err(StoreError::Busy { .. }) => {}
            // The database does not answer: the lease is ours until it has run out.
            Err(_) if db.now() < renewed_at.plus_seconds(LEASE_S) => {}
            Err(_) => return,
        }
    }
}

async fn ended_by_handler(db: &Db, job: &Job) -> bool {
    let Ok(mut tx) = db.read().await else { return false };
    let row = store::job_by_id(&mut tx, job.id).await.ok().flatten();
    row.is_some_and(|row| row.attempts == job.attempts && row.state == JobState::Done)
}

#[expect(clippy::disallowed_methods, reason = "this is the worker's timer")]
async fn wait(duration: Duration) {
    tokio::time::sleep(duration).await;
}
