//! What happens to one job: asked for, taken, kept, ended, called off, tried again.

use kernel::{Id, Instant};
use sqlx::SqlSafeStr;

use super::{
    model::{Enqueued, Job, JobContext, JobError, JobState, NewJob},
    retry::{ATTEMPTS_MAX, TAKEOVERS_MAX, backoff_s},
    store,
};
use crate::{Db, Engine, Param, StoreError, Tx};

/// How long a worker holds a job without renewing.
pub(super) const LEASE_S: i64 = 60;

crate::record! {
    struct Taken {
        id: Id,
        org: Id,
        name: String,
        payload: String,
        failures: i64,
        attempts: i64,
    }
}

/// Takes due jobs, and running ones whose worker has not renewed. `skip` is the only word that
/// the engines do not share: on PostgreSQL rows that another worker is taking are passed over, on
/// SQLite the write lock is held already.
macro_rules! take_sql {
    ($skip:literal) => {
        concat!(
            "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $3,
                 leased_by = $4, started_at = $1, cancel_asked = FALSE,
                 takeovers = takeovers + CASE WHEN state = 'running' THEN 1 ELSE 0 END,
                 progress_done = 0, progress_total = 0, progress_message = ''
             WHERE id IN (
                 SELECT id FROM job AS due
                 WHERE ((due.state = 'queued' AND due.run_at <= $1)
                        OR (due.state = 'running' AND due.lease_until < $1))
                   AND $2 LIKE '%,' || due.name || ',%'
                   AND NOT EXISTS (SELECT 1 FROM job AS other
                       WHERE other.name = due.name AND other.dedup = due.dedup
                         AND other.state = 'running' AND other.id <> due.id)
                 ORDER BY due.run_at, due.id LIMIT $5",
            $skip,
            ") RETURNING id, org, name, payload, failures, attempts"
        )
    };
}
pub(super) const TAKE_SQLITE: &str = take_sql!("");
pub(super) const TAKE_POSTGRES: &str = take_sql!(" FOR UPDATE SKIP LOCKED");

impl Tx {
    /// Asks for a job in this transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue(&mut self, job: NewJob<'_>) -> Result<Enqueued, StoreError> {
        let now = self.now();
        let run_at = job.run_at.unwrap_or(now);
        self.enqueued = true;
        // Twice: the waiting job may be taken between the two statements.
        for _ in 0..2 {
            let id = self.next_id();
            let payload = job.payload.to_string();
            let made =
                store::insert_job(self, id, job.org, job.name, &payload, job.dedup, run_at, now)
                    .await?;
            if made == 1 {
                return Ok(Enqueued::New(id));
            }
            let dedup = job.dedup.unwrap_or_default();
            if let Some(id) = store::waiting_job(self, job.name, dedup).await? {
                store::hasten_job(self, id, run_at).await?;
                return Ok(Enqueued::Waiting(id));
            }
        }
        Err(StoreError::Conflict(format!(
            "job {} is being taken and asked for: try again",
            job.name
        )))
    }

    /// Asks for a reconciler to run soon, whatever its timer says.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn nudge(&mut self, reconciler: &str) -> Result<(), StoreError> {
        let payload = serde_json::Value::Null;
        self.enqueue(NewJob {
            org: Id::from_i64(0),
            name: reconciler,
            payload: &payload,
            dedup: Some("timer"),
            run_at: None,
        })
        .await?;
        Ok(())
    }

    /// Whether the time of a timer has come; then it is set to `next_at`, and everybody else hears
    /// that it has not. A timer that is not known yet is set, and has not come.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_timer(&mut self, name: &str, next_at: Instant) -> Result<bool, StoreError> {
        let now = self.now();
        if store::timer_next(self, name).await?.is_none() {
            store::insert_timer(self, name, next_at).await?;
            return Ok(false);
        }
        Ok(store::advance_timer(self, name, now, next_at).await? == 1)
    }

    /// Calls off a job: a waiting one at once, a running one is asked to stop.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has ended already.
    pub async fn cancel_job(&mut self, id: Id) -> Result<(), StoreError> {
        let now = self.now();
        if store::cancel_waiting(self, id, now).await? + store::ask_to_stop(self, id).await? == 0 {
            return Err(StoreError::Conflict(format!("job {id} has ended already")));
        }
        Ok(())
    }

    /// Queues a dead, cancelled or waiting job to run now.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it runs, is done, or an equal one waits.
    pub async fn retry_job(&mut self, id: Id) -> Result<(), StoreError> {
        let now = self.now();
        self.enqueued = true;
        if store::retry_dead(self, id, now).await? == 1
            || store::hasten_job(self, id, now).await? == 1
        {
            return Ok(());
        }
        match store::job_by_id(self, id).await? {
            Some(job) if job.state == JobState::Queued => Ok(()),
            Some(job) => Err(StoreError::Conflict(format!(
                "job {id} is {}, or an equal one waits already",
                job.state.name()
            ))),
            None => Err(StoreError::NoRow { statement: "retry_job" }),
        }
    }
}

impl Job {
    /// Makes sure, inside the handler's transaction, that no other worker has taken the job over.
    /// Every transaction of a handler that is not idempotent by itself calls it first.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease is lost: stop at once.
    pub async fn still_mine(&self, tx: &mut Tx) -> Result<(), StoreError> {
        self.held(store::touch_job(tx, self.id, self.attempts, &self.leased_by).await?)
    }

    /// Ends the job in the handler's own transaction: its work and its end count together.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease is lost.
    pub async fn complete(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let now = tx.now();
        let ended =
            store::end_job(tx, self.id, self.attempts, &self.leased_by, JobState::Done, None, now);
        self.held(ended.await?)
    }

    fn held(&self, rows: u64) -> Result<(), StoreError> {
        if rows == 1 {
            return Ok(());
        }
        Err(StoreError::Conflict(format!(
            "job {} ({}) is no longer held by this worker: its lease ran out or it was ended",
            self.id, self.name
        )))
    }
}

impl JobContext {
    /// Writes how far the job is, for whoever watches. Cheap enough for every few seconds, not
    /// for every row; never while the
    /// handler holds a transaction of its own, which on SQLite it would wait for.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease is lost.
    pub async fn progress(&self, done: i64, total: i64, message: &str) -> Result<(), StoreError> {
        let job = &self.job;
        let mut tx = self.db.begin().await?;
        let rows = store::set_progress(
            &mut tx,
            job.id,
            job.attempts,
            &job.leased_by,
            done,
            total,
            message,
        );
        job.held(rows.await?)?;
        tx.commit().await
    }

    /// Whether a person asked the job to stop; a long handler looks between its steps.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel_asked(&self) -> Result<bool, StoreError> {
        let mut tx = self.db.read().await?;
        Ok(store::cancel_asked(&mut tx, self.job.id).await?.unwrap_or(true))
    }
}

impl Db {
    /// Takes up to `limit` due jobs of these names.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_jobs(&self, names: &[&str], limit: i64) -> Result<Vec<Job>, StoreError> {
        let mut tx = self.begin().await?;
        let (now, names) = (tx.now(), format!(",{},", names.join(",")));
        store::bury_deadly(&mut tx, now, TAKEOVERS_MAX).await?;
        let until = now.plus_seconds(LEASE_S);
        let lessee = self.inner.lessee.clone();
        let values =
            [now.value(), names.value(), until.value(), lessee.value(), Param::value(&limit)];
        let sql = match self.engine() {
            Engine::Sqlite => TAKE_SQLITE,
            Engine::Postgres => TAKE_POSTGRES,
        };
        let mut taken: Vec<Taken> = Vec::new();
        tx.conn
            .fetch_each("take_jobs", sql.into_sql_str(), &values, |row| {
                taken.push(row);
                Ok::<(), StoreError>(())
            })
            .await?;
        tx.commit().await?;
        taken.sort_by_key(|t| t.id);
        let job = |t: Taken| Job {
            id: t.id,
            org: t.org,
            name: t.name,
            payload: t.payload,
            failures: t.failures,
            attempts: t.attempts,
            leased_by: lessee.clone(),
        };
        Ok(taken.into_iter().map(job).collect())
    }

    /// Ends the leases of every worker, so that jobs cut off by a kill go on at once. For the start
    /// of a program that is the only worker of its database, as on SQLite; with others at work it
    /// would take their jobs away.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release_leases(&self) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let released = store::release_leases(&mut tx).await?;
        tx.commit().await?;
        Ok(released)
    }

    /// Extends the lease of a job in hand.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is lost.
    pub async fn renew_job(&self, job: &Job) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let until = tx.now().plus_seconds(LEASE_S);
        let rows = store::renew_job(&mut tx, job.id, job.attempts, &job.leased_by, until).await?;
        job.held(rows)?;
        tx.commit().await
    }

    /// Records the failure of a job in hand: it waits for its next attempt or is dead.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the lease is lost.
    pub async fn fail_job(&self, job: &Job, error: &JobError) -> Result<JobState, StoreError> {
        let mut tx = self.begin().await?;
        let now = tx.now();
        let failures = job.failures + 1;
        let asked = store::cancel_asked(&mut tx, job.id).await?.unwrap_or(false);
        let mut state = if asked { JobState::Cancelled } else { JobState::Dead };
        if !asked && error.retry && failures < ATTEMPTS_MAX {
            let run_at: Instant =
                now.plus_seconds(backoff_s(self.inner.options.seed, job.id, failures));
            let rows = store::requeue_job(
                &mut tx,
                job.id,
                job.attempts,
                &job.leased_by,
                run_at,
                &error.message,
            );
            if rows.await? == 1 {
                tx.commit().await?;
                return Ok(JobState::Queued);
            }
            // An equal one waits and will do the work.
            state = JobState::Cancelled;
        }
        let message = Some(error.message.as_str());
        let rows =
            store::end_job(&mut tx, job.id, job.attempts, &job.leased_by, state, message, now);
        job.held(rows.await?)?;
        tx.commit().await?;
        Ok(state)
    }
}
