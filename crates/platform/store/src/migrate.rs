//! Migrations: numbered SQL files of each area, embedded, forward only, one text for both engines.

use kernel::Clock;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::{StoreError, Value, db::Pools, tx::Conn};

/// One step of an area's tables. Once released it is never changed; a later step corrects it
/// (expand, then contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// The area, for example `supply`.
    pub area: &'static str,
    /// The file's name without its ending, `0001_agreements`; it starts with the number.
    pub file: &'static str,
    /// The SQL.
    pub sql: &'static str,
}

/// Embeds the migrations of a crate from its `migrations` folder, in order.
///
/// ```ignore
/// pub const MIGRATIONS: &[store::Migration] =
///     store::migrations!("supply": "0001_agreements", "0002_meters");
/// ```
#[macro_export]
macro_rules! migrations {
    ($area:literal : $($file:literal),+ $(,)?) => {
        &[$(
            $crate::Migration {
                area: $area,
                file: $file,
                sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file, ".sql")),
            }
        ),+]
    };
}

impl Migration {
    /// The number at the start of the file's name.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.file.split('_').next()?.parse().ok().filter(|n| *n > 0)
    }

    /// SHA-256 of the SQL, line ends aside.
    #[must_use]
    pub fn checksum(&self) -> String {
        crate::hex(&Sha256::digest(self.sql.replace("\r\n", "\n").as_bytes()))
    }

    fn wrong(&self, message: &str) -> StoreError {
        StoreError::Migration {
            migration: format!("{}/{}", self.area, self.file),
            message: message.to_owned(),
        }
    }
}

/// Brings the tables up to date; how many migrations were applied.
pub(crate) async fn apply(
    pools: &Pools,
    clock: &dyn Clock,
    migrations: &[Migration],
) -> Result<usize, StoreError> {
    check_order(migrations)?;
    let mut conn = Conn::write(pools).await?;
    if conn.postgres().is_some() {
        // On SQLite the write lock is held already.
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))";
        conn.run("migrate", lock.into_sql_str(), &[Value::Text("migrate".into())]).await?;
    }
    let table = "CREATE TABLE IF NOT EXISTS migration (
        area TEXT NOT NULL, number BIGINT NOT NULL, file TEXT NOT NULL, checksum TEXT NOT NULL,
        applied_at BIGINT NOT NULL, PRIMARY KEY (area, number))";
    conn.script(table.into_sql_str()).await?;

    let mut applied = 0;
    for migration in migrations {
        if apply_one(&mut conn, clock, migration).await? {
            applied += 1;
        }
    }
    check_not_newer(&mut conn, migrations).await?;
    conn.commit().await?;
    Ok(applied)
}

async fn apply_one(
    conn: &mut Conn,
    clock: &dyn Clock,
    migration: &Migration,
) -> Result<bool, StoreError> {
    let number = migration.number().ok_or_else(|| migration.wrong("its name has no number"))?;
    let checksum = migration.checksum();
    let find = "SELECT checksum FROM migration WHERE area = $1 AND number = $2";
    let key = [Value::Text(migration.area.into()), Value::Int(number)];
    let found: Option<String> =
        conn.fetch_optional("applied_migration", find.into_sql_str(), &key).await?;
    if let Some(found) = found {
        return if found == checksum {
            Ok(false)
        } else {
            Err(migration.wrong(
                "it was changed after it was applied here; restore its text and add a new one",
            ))
        };
    }
    conn.script(AssertSqlSafe(migration.sql).into_sql_str())
        .await
        .map_err(|error| migration.wrong(&error.to_string()))?;
    let insert = "INSERT INTO migration (area, number, file, checksum, applied_at)
        VALUES ($1, $2, $3, $4, $5)";
    let values = [
        Value::Text(migration.area.into()),
        Value::Int(number),
        Value::Text(migration.file.into()),
        Value::Text(checksum.into()),
        Value::Int(clock.now().micros()),
    ];
    conn.run("record_migration", insert.into_sql_str(), &values).await?;
    Ok(true)
}

/// Numbers of one area must rise by one from 1, so that a forgotten file is noticed.
fn check_order(migrations: &[Migration]) -> Result<(), StoreError> {
    for (index, migration) in migrations.iter().enumerate() {
        let earlier = migrations[..index].iter().filter(|m| m.area == migration.area).count();
        if migration.number() != i64::try_from(earlier + 1).ok() {
            return Err(migration.wrong(&format!("it should have the number {}", earlier + 1)));
        }
    }
    Ok(())
}

/// An older program must not write into tables that a newer one has changed.
async fn check_not_newer(conn: &mut Conn, migrations: &[Migration]) -> Result<(), StoreError> {
    for (index, migration) in migrations.iter().enumerate() {
        if migrations[index + 1..].iter().any(|m| m.area == migration.area) {
            continue;
        }
        let sql = "SELECT COALESCE(MAX(number), 0) FROM migration WHERE area = $1";
        let area = [Value::Text(migration.area.into())];
        let newest: Option<i64> =
            conn.fetch_optional("newest_migration", sql.into_sql_str(), &area).await?;
        if newest > migration.number() {
            return Err(migration.wrong(
                "the database was written by a newer version of the program; use that version",
            ));
        }
    }
    Ok(())
}
