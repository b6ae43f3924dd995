//! What can go wrong between the program and its database, with the kind that decides what the
//! person sees. Constraint names are the same on both engines.

use kernel::{Fault, FaultKind};
use sqlx::error::ErrorKind;

/// A database error, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this key exists already. The name is `table_column_key`, as PostgreSQL names
    /// an unnamed `UNIQUE (column)`, or `table_pkey`.
    #[error("{statement}: a row with the same key exists already ({constraint})")]
    Unique {
        /// The name of the constraint.
        constraint: String,
        /// The statement.
        statement: &'static str,
    },
    /// A row refers to one that does not exist, or is still referred to.
    #[error(
        "{statement}: it refers to a row that does not exist, or is still referred to ({constraint})"
    )]
    ForeignKey {
        /// The constraint on PostgreSQL; SQLite does not say which one.
        constraint: String,
        /// The statement.
        statement: &'static str,
    },
    /// A value outside what a column allows.
    #[error("{statement}: a value is outside what the table allows ({constraint})")]
    Check {
        /// The constraint, or the column that must not be null.
        constraint: String,
        /// The statement.
        statement: &'static str,
    },
    /// A row that must exist does not.
    #[error("{statement}: the row does not exist")]
    NoRow {
        /// The statement.
        statement: &'static str,
    },
    /// The database is busy with other writers, or two of them deadlocked. Try again.
    #[error("{statement}: the database is busy; try again ({message})")]
    Busy {
        /// The statement.
        statement: &'static str,
        /// What the engine said.
        message: String,
    },
    /// The database does not answer.
    #[error(
        "{statement}: the database does not answer: {message}; check its address and that it runs"
    )]
    Unreachable {
        /// The statement.
        statement: &'static str,
        /// What the driver said.
        message: String,
    },
    /// A row cannot be read back as what it should be.
    #[error("{statement}: a stored row cannot be read: {message}")]
    Decode {
        /// The statement.
        statement: &'static str,
        /// The column and what is wrong with it.
        message: String,
    },
    /// A write in a read transaction, a statement that does not fit the tables, and the like.
    #[error("{statement}: the database refused the statement: {message}")]
    Refused {
        /// The statement.
        statement: &'static str,
        /// What the engine said.
        message: String,
    },
    /// The address of the database is of no known form.
    #[error(
        "the database address {0:?} is of no known form: write sqlite:FILE or postgres://USER@HOST/NAME"
    )]
    Address(String),
    /// Something that is recorded in the database does not fit the program.
    #[error("migration {migration}: {message}")]
    Migration {
        /// Area, number and name.
        migration: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// A stated bound was passed.
    #[error("{0}")]
    Limit(String),
    /// The input of a platform operation is wrong.
    #[error("{0}")]
    Invalid(String),
    /// A job that this worker no longer holds, an idempotency key used for something else.
    #[error("{0}")]
    Conflict(String),
    /// A file of a backup cannot be written or read.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
}

impl Fault for StoreError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Unique { .. } | Self::ForeignKey { .. } | Self::Conflict(_) => {
                FaultKind::Conflict
            }
            Self::Check { .. } | Self::Address(_) | Self::Invalid(_) => FaultKind::Invalid,
            Self::NoRow { .. } => FaultKind::NotFound,
            Self::Busy { .. } | Self::Unreachable { .. } => FaultKind::Unavailable,
            Self::Decode { .. } | Self::Migration { .. } | Self::File { .. } => FaultKind::Corrupt,
            Self::Refused { .. } => FaultKind::Bug,
            Self::Limit(_) => FaultKind::Limit,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unique { .. } => "store.unique",
            Self::ForeignKey { .. } => "store.foreign_key",
            Self::Check { .. } => "store.check",
            Self::NoRow { .. } => "store.no_row",
            Self::Busy { .. } => "store.busy",
            Self::Unreachable { .. } => "store.unreachable",
            Self::Decode { .. } => "store.decode",
            Self::Refused { .. } => "store.refused",
            Self::Address(_) => "store.address",
            Self::Migration { .. } => "store.migration",
            Self::Limit(_) => "store.limit",
            Self::Invalid(_) => "store.invalid",
            Self::Conflict(_) => "store.conflict",
            Self::File { .. } => "store.file",
        }
    }
}

impl StoreError {
    /// Sorts an error of the driver.
    pub(crate) fn from_sqlx(statement: &'static str, error: sqlx::Error) -> Self {
        let message = error.to_string();
        match error {
            sqlx::Error::RowNotFound => Self::NoRow { statement },
            sqlx::Error::Database(inner) => Self::from_database(statement, inner.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable { statement, message },
            sqlx::Error::PoolTimedOut => Self::Busy { statement, message },
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. } => Self::Decode { statement, message },
            _ => Self::Refused { statement, message },
        }
    }

    fn from_database(statement: &'static str, error: &dyn sqlx::error::DatabaseError) -> Self {
        let message = error.message().to_owned();
        let code = error.code().unwrap_or_default();
        let constraint = || constraint_name(error, &code);
        match error.kind() {
            ErrorKind::UniqueViolation => Self::Unique { constraint: constraint(), statement },
            ErrorKind::ForeignKeyViolation => {
                Self::ForeignKey { constraint: constraint(), statement }
            }
            ErrorKind::CheckViolation | ErrorKind::NotNullViolation => {
                Self::Check { constraint: constraint(), statement }
            }
            _ => match code.as_ref() {
                // PostgreSQL: serialization failure, deadlock, lock not available, too many
                // connections, starting up or shutting down. SQLite: busy and its extended codes.
                "40001" | "40P01" | "55P03" | "53300" | "57P01" | "57P02" | "57P03" | "5" | "6"
                | "261" | "517" | "773" => Self::Busy { statement, message },
                // SQLite: input or output error, cannot open, disk full, damaged file.
                "10" | "14" | "13" => Self::Unreachable { statement, message },
                "11" | "26" => Self::Decode { statement, message },
                _ => Self::Refused { statement, message },
            },
        }
    }
}

/// The constraint by the name that both engines share. SQLite says `UNIQUE constraint failed:
/// account.org, account.number`; PostgreSQL names that constraint `account_org_number_key`.
fn constraint_name(error: &dyn sqlx::error::DatabaseError, code: &str) -> String {
    if let Some(name) = error.constraint() {
        return name.to_owned();
    }
    let message = error.message();
    let Some((_, what)) = message.split_once("constraint failed: ") else {
        return message.to_owned();
    };
    const SQLITE_CONSTRAINT_UNIQUE: &str = "2067";
    const SQLITE_CONSTRAINT_PRIMARYKEY: &str = "1555";
    const SQLITE_CONSTRAINT_ROWID: &str = "2579";
    let table = what.split('.').next().unwrap_or(what);
    match code {
        SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => format!("{table}_pkey"),
        SQLITE_CONSTRAINT_UNIQUE => {
            let columns: Vec<&str> =
                what.split(", ").filter_map(|c| c.split_once('.')).map(|(_, c)| c).collect();
            format!("{table}_{}_key", columns.join("_"))
        }
        _ => what.to_owned(),
    }
}

/// Turns the violation of one named constraint into an error of the area.
pub trait OnConstraint<T> {
    /// `insert_account(tx, …).await.on_constraint("account_org_number_key", || Error::NumberTaken)?`
    ///
    /// # Errors
    /// The area's error for that constraint, the database error for anything else.
    fn on_constraint<E: From<StoreError>>(
        self,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E>;
}

impl<T> OnConstraint<T> for Result<T, StoreError> {
    fn on_constraint<E: From<StoreError>>(
        self,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        self.map_err(|found| match &found {
            StoreError::Unique { constraint, .. }
            | StoreError::ForeignKey { constraint, .. }
            | StoreError::Check { constraint, .. }
                if constraint == name =>
            {
                error()
            }
            _ => found.into(),
        })
    }
}
