//! Which tables and columns a database has. The engines keep this in different places.

use sqlx::SqlSafeStr;

use super::NOT_COPIED;
use crate::{Engine, Kind, StoreError, Tx};

/// A table as the engine describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
    /// The columns of the primary key; the rows of a copy are in their order.
    pub(super) key: Vec<(String, Kind)>,
}

const SQLITE: &str = "SELECT t.name, c.name, c.type, c.pk
    FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid";

const POSTGRES: &str = "SELECT c.table_name::TEXT, c.column_name::TEXT, c.data_type::TEXT,
        COALESCE(k.place, 0)::BIGINT
    FROM information_schema.columns c
    JOIN information_schema.tables t
      ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    LEFT JOIN (
        SELECT u.table_name, u.column_name, u.ordinal_position AS place
        FROM information_schema.table_constraints p
        JOIN information_schema.key_column_usage u
          ON u.constraint_schema = p.constraint_schema AND u.constraint_name = p.constraint_name
             AND u.table_name = p.table_name
        WHERE p.constraint_type = 'PRIMARY KEY' AND p.table_schema = current_schema()
    ) k ON k.table_name = c.table_name AND k.column_name = c.column_name
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
    ORDER BY c.table_name, c.ordinal_position";

/// All tables that are copied, by name.
pub(super) async fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let sql = if tx.engine() == Engine::Sqlite { SQLITE } else { POSTGRES };
    let mut rows: Vec<(String, String, String, i64)> = Vec::new();
    tx.conn
        .fetch_each("catalog", sql.into_sql_str(), &[], |row| {
            rows.push(row);
            Ok::<(), StoreError>(())
        })
        .await?;
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String, Kind)>> = Vec::new();
    for (table, column, type_name, place) in rows {
        if NOT_COPIED.contains(&table.as_str()) {
            continue;
        }
        let kind = kind(&table, &column, &type_name)?;
        if tables.last().is_none_or(|t| t.name != table) {
            tables.push(Table { name: table, columns: Vec::new(), key: Vec::new() });
            keys.push(Vec::new());
        }
        if let (Some(last), Some(key)) = (tables.last_mut(), keys.last_mut()) {
            last.columns.push((column.clone(), kind));
            if place > 0 {
                key.push((place, column, kind));
            }
        }
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort_by_key(|(place, ..)| *place);
        table.key = key.into_iter().map(|(_, column, kind)| (column, kind)).collect();
    }
    // Columns by name: the two engines may hold them in different orders after a later migration.
    for table in &mut tables {
        table.columns.sort_by(|a, b| a.0.cmp(&b.0));
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

fn kind(table: &str, column: &str, type_name: &str) -> Result<Kind, StoreError> {
    match type_name.to_ascii_uppercase().as_str() {
        "BIGINT" | "INTEGER" => Ok(Kind::Int),
        "TEXT" => Ok(Kind::Text),
        "BOOLEAN" => Ok(Kind::Bool),
        other => Err(StoreError::Refused {
            statement: "catalog",
            message: format!(
                "column {table}.{column} is {other}; only BIGINT, TEXT, BOOLEAN are kept"
            ),
        }),
    }
}

/// The migrations that the tables have.
pub(super) async fn migrations(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT area, number, checksum FROM migration";
    let rows: Vec<(String, i64, String)> = tx.fetch_all("migrations", sql, &[]).await?;
    let mut rows: Vec<String> =
        rows.into_iter().map(|(area, number, sum)| format!("{area}/{number:04} {sum}")).collect();
    rows.sort();
    Ok(rows)
}
