//! Node numbers: each process that makes ids leases one, so that no two make the same id.

use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Clock, IdGenerator};
use sqlx::SqlSafeStr;

use crate::{Db, StoreError, Tx, Value, db::Pools, tx::Conn};

/// How long a number stays taken after its process was last heard of.
const LEASE_S: i64 = 24 * 3_600;

/// A name for this handle that no other shares: process, start, and a count within the process.
pub(crate) fn lessee(clock: &dyn Clock) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{count}", std::process::id(), clock.now().micros())
}

/// Takes the number that was free for longest, so that a number rests before it is used again.
pub(crate) async fn lease(
    pools: &Pools,
    clock: &dyn Clock,
    lessee: &str,
) -> Result<u16, StoreError> {
    let now = clock.now();
    let until = Value::Int(now.plus_seconds(LEASE_S).micros());
    let mut conn = Conn::write(pools).await?;
    if conn.postgres().is_some() {
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))";
        conn.run("lease_node", lock.into_sql_str(), &[Value::Text("node".into())]).await?;
    }
    let count: Option<i64> =
        conn.fetch_optional("count_nodes", "SELECT COUNT(*) FROM node".into_sql_str(), &[]).await?;
    let fresh = count.unwrap_or(0);
    let number = if fresh < i64::from(IdGenerator::NODES) {
        let insert = "INSERT INTO node (number, lease_until, leased_by) VALUES ($1, $2, $3)";
        let values = [Value::Int(fresh), until, Value::Text(lessee.into())];
        conn.run("new_node", insert.into_sql_str(), &values).await?;
        fresh
    } else {
        let take = "UPDATE node SET lease_until = $1, leased_by = $2 WHERE number = (
            SELECT number FROM node WHERE lease_until < $3 ORDER BY lease_until, number LIMIT 1)
            RETURNING number";
        let values = [until, Value::Text(lessee.into()), Value::Int(now.micros())];
        conn.fetch_optional("take_node", take.into_sql_str(), &values).await?.ok_or_else(|| {
            StoreError::Limit(format!(
                "all {} node numbers are taken: too many processes use this database",
                IdGenerator::NODES
            ))
        })?
    };
    conn.commit().await?;
    u16::try_from(number).map_err(|_| StoreError::Limit(format!("node number {number}")))
}

pub(crate) async fn renew(db: &Db, number: u16, lessee: &str) -> Result<(), StoreError> {
    let mut tx = Tx::write(db).await?;
    let until = db.now().plus_seconds(LEASE_S).micros();
    let sql = "UPDATE node SET lease_until = $1 WHERE number = $2 AND leased_by = $3";
    let values = [Value::Int(until), Value::Int(i64::from(number)), Value::Text(lessee.into())];
    if tx.run("renew_node", sql, &values).await? == 0 {
        return Err(StoreError::Conflict(format!(
            "node number {number} was given to another process; restart this one"
        )));
    }
    tx.commit().await
}

pub(crate) async fn release(db: &Db, number: u16, lessee: &str) -> Result<(), StoreError> {
    let mut tx = Tx::write(db).await?;
    let sql = "UPDATE node SET lease_until = $1 WHERE number = $2 AND leased_by = $3";
    let now = db.now().micros();
    let values = [Value::Int(now), Value::Int(i64::from(number)), Value::Text(lessee.into())];
    tx.run("release_node", sql, &values).await?;
    tx.commit().await
}
