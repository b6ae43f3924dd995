//! SQL of the upkeep: which files lie over or beside each other.

use kernel::{Date, Id, Instant};

store::statements! {
    /// Settled days before one whose state has at least so many layers, oldest first.
    all layered_days(org: Id, before: Date, layers: i64, limit: i64) -> (Date,) =
        "SELECT day FROM lake_file
          WHERE org = $1 AND dataset = 'state' AND superseded = FALSE AND day < $2
          GROUP BY day HAVING COUNT(*) >= $3 ORDER BY day LIMIT $4";
    /// The first day with intervals of every month before a day that has more than one file and
    /// not more than so many rows.
    all months_in_pieces(org: Id, before: Date, rows: i64, limit: i64) -> (Date,) =
        "SELECT MIN(day) FROM lake_file
          WHERE org = $1 AND dataset = 'intervals' AND superseded = FALSE AND day < $2
          GROUP BY SUBSTR(day, 1, 7) HAVING COUNT(*) > 1 AND CAST(SUM(row_count) AS BIGINT) <= $3
          ORDER BY 1 LIMIT $4";
    /// Whether a settlement that began after an instant is under way.
    one is_settling(org: Id, since: Instant) -> bool =
        "SELECT EXISTS (SELECT 1 FROM settlement_run
          WHERE org = $1 AND state = 'running' AND started_at > $2)";
}
