//! The SQL of jobs. The one dialect word of the whole project is in [`super::lease`].

use kernel::{Id, Instant};

use super::model::{JobRow, JobState, JobSummary};

crate::statements! {
    /// Makes a job; 0 when one with the same key waits already.
    run insert_job(
        id: Id, org: Id, name: &str, payload: &str, dedup: Option<&str>, run_at: Instant, now: Instant,
    ) = "INSERT INTO job (id, org, name, payload, dedup, state, run_at, created_at)
         VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7)
         ON CONFLICT (name, dedup) WHERE state = 'queued' AND dedup IS NOT NULL DO NOTHING";
    /// The waiting job with this key.
    optional waiting_job(name: &str, dedup: &str) -> Id =
        "SELECT id FROM job WHERE name = $1 AND dedup = $2 AND state = 'queued'";
    /// Brings a waiting job forward.
    run hasten_job(id: Id, run_at: Instant) =
        "UPDATE job SET run_at = $2 WHERE id = $1 AND state = 'queued' AND run_at > $2";
    /// Whether the lease still holds; on PostgreSQL it locks the row, so that nobody takes the
    /// job over before this transaction ends.
    run touch_job(id: Id, attempts: i64, leased_by: &str) =
        "UPDATE job SET leased_by = leased_by
         WHERE id = $1 AND attempts = $2 AND leased_by = $3 AND state = 'running'";
    /// Extends a lease.
    run renew_job(id: Id, attempts: i64, leased_by: &str, until: Instant) =
        "UPDATE job SET lease_until = $4
         WHERE id = $1 AND attempts = $2 AND leased_by = $3 AND state = 'running'";
    /// Writes how far a job is.
    run set_progress(
        id: Id, attempts: i64, leased_by: &str, done: i64, total: i64, message: &str,
    ) = "UPDATE job SET progress_done = $4, progress_total = $5, progress_message = $6,
             takeovers = 0
         WHERE id = $1 AND attempts = $2 AND leased_by = $3 AND state = 'running'";
    /// Ends a job.
    run end_job(
        id: Id, attempts: i64, leased_by: &str, state: JobState, error: Option<&str>, now: Instant,
    ) = "UPDATE job SET state = $4, last_error = $5, finished_at = $6
         WHERE id = $1 AND attempts = $2 AND leased_by = $3 AND state = 'running'";
    /// Puts a failed job back, unless an equal one waits already.
    run requeue_job(
        id: Id, attempts: i64, leased_by: &str, run_at: Instant, error: &str,
    ) = "UPDATE job SET state = 'queued', run_at = $4, last_error = $5, failures = failures + 1
         WHERE id = $1 AND attempts = $2 AND leased_by = $3 AND state = 'running'
           AND NOT EXISTS (SELECT 1 FROM job other WHERE other.name = job.name
               AND other.dedup = job.dedup AND other.state = 'queued')";
    /// Whether a person asked the job to stop.
    optional cancel_asked(id: Id) -> bool = "SELECT cancel_asked FROM job WHERE id = $1";
    /// Calls off a waiting job.
    run cancel_waiting(id: Id, now: Instant) =
        "UPDATE job SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state = 'queued'";
    /// Asks a running job to stop.
    run ask_to_stop(id: Id) =
        "UPDATE job SET cancel_asked = TRUE WHERE id = $1 AND state = 'running'";
    /// Queues a dead or cancelled job again, unless an equal one waits already.
    run retry_dead(id: Id, now: Instant) =
        "UPDATE job SET state = 'queued', run_at = $2, failures = 0, takeovers = 0,
             cancel_asked = FALSE,
             finished_at = NULL
         WHERE id = $1 AND state IN ('dead', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM job other WHERE other.name = job.name
               AND other.dedup = job.dedup AND other.state = 'queued')";
    /// One job.
    optional job_by_id(id: Id) -> JobRow =
        "SELECT id, org, name, payload, dedup, state, run_at, attempts, failures, lease_until,
             leased_by, progress_done, progress_total, progress_message, last_error, cancel_asked,
             created_at, started_at, finished_at
         FROM job WHERE id = $1";
    /// Jobs in one state, newest first.
    all jobs_in_state(state: JobState, before: Id, limit: i64) -> JobRow =
        "SELECT id, org, name, payload, dedup, state, run_at, attempts, failures, lease_until,
             leased_by, progress_done, progress_total, progress_message, last_error, cancel_asked,
             created_at, started_at, finished_at
         FROM job WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// All jobs, newest first.
    all jobs(before: Id, limit: i64) -> JobRow =
        "SELECT id, org, name, payload, dedup, state, run_at, attempts, failures, lease_until,
             leased_by, progress_done, progress_total, progress_message, last_error, cancel_asked,
             created_at, started_at, finished_at
         FROM job WHERE id < $1 ORDER BY id DESC LIMIT $2";
    /// How many jobs stand where.
    all job_summary() -> JobSummary =
        "SELECT name, state, COUNT(*) AS count, MIN(run_at) AS first_run_at
         FROM job GROUP BY name, state ORDER BY name, state";
    /// Forgets jobs that ended well before an instant; the dead stay for a person to decide.
    run forget_ended(before: Instant) =
        "DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1";
    /// Announces a timer; 0 when it is known already.
    run insert_timer(name: &str, next_at: Instant) =
        "INSERT INTO timer (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Gives up jobs over which workers have died again and again.
    run bury_deadly(now: Instant, most: i64) =
        "UPDATE job SET state = 'dead', finished_at = $1,
             last_error = 'the worker died each time it ran this job, without any progress'
         WHERE state = 'running' AND lease_until < $1 AND takeovers >= $2";
    /// Ends every lease.
    run release_leases() = "UPDATE job SET lease_until = 0 WHERE state = 'running'";
    /// When a timer is next due.
    optional timer_next(name: &str) -> Instant = "SELECT next_at FROM timer WHERE name = $1";
    /// Moves a timer that is due to its next instant; 0 when another process has done it.
    run advance_timer(name: &str, now: Instant, next_at: Instant) =
        "UPDATE timer SET next_at = $3 WHERE name = $1 AND next_at <= $2";
}
