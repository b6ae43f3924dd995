//! Rows: which columns a type is made of, and how it is read from either engine.

use sqlx::{Row, postgres::PgRow, sqlite::SqliteRow};

use crate::{Column, Kind, Param, Stored, Value};

/// One column that a [`Record`] expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name; empty when the record reads by position.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Whether it can be nothing.
    pub nullable: bool,
}

impl ColumnSpec {
    /// The column that a type is read from.
    #[must_use]
    pub const fn of<T: Column>(name: &'static str) -> Self {
        Self { name, kind: T::KIND, nullable: T::NULLABLE }
    }
}

/// A type that one row is read as: a struct made by [`record!`](crate::record), one [`Column`],
/// or a tuple of them.
pub trait Record: Sized + Send {
    /// The columns it is read from.
    const COLUMNS: &'static [ColumnSpec];
    /// Reads it.
    ///
    /// # Errors
    /// The text names the column and what is wrong with it.
    fn read(row: &AnyRow<'_>) -> Result<Self, String>;
}

/// A record that can be written as well: every column of it is also a [`Param`].
pub trait Insert: Record {
    /// Its values, in the order of [`Record::COLUMNS`].
    fn values(&self) -> Vec<Value<'_>>;
}

/// A row of either engine.
#[derive(Clone, Copy)]
pub enum AnyRow<'r> {
    /// From SQLite.
    Sqlite(&'r SqliteRow),
    /// From PostgreSQL.
    Postgres(&'r PgRow),
}

macro_rules! stored {
    ($row:expr, $at:expr, $kind:expr) => {
        match $kind {
            Kind::Int => $row.try_get($at).map(|v: Option<i64>| v.map(Stored::Int)),
            Kind::Text => $row.try_get($at).map(|v: Option<String>| v.map(Stored::Text)),
            Kind::Bool => $row.try_get($at).map(|v: Option<bool>| v.map(Stored::Bool)),
        }
    };
}

impl AnyRow<'_> {
    /// The column with this name.
    ///
    /// # Errors
    /// When there is none, or it is of another kind, or nothing where something is expected.
    pub fn named<T: Column>(&self, name: &str) -> Result<T, String> {
        let stored = match self {
            Self::Sqlite(row) => stored!(row, name, T::KIND),
            Self::Postgres(row) => stored!(row, name, T::KIND),
        };
        let stored = stored.map_err(|error| format!("column {name}: {error}"))?;
        T::from_stored(stored.unwrap_or(Stored::Null))
            .map_err(|error| format!("column {name}: {error}"))
    }

    /// The column at this position, counted from 0.
    ///
    /// # Errors
    /// As [`AnyRow::named`].
    pub fn at<T: Column>(&self, position: usize) -> Result<T, String> {
        self.stored(position, T::KIND)
            .and_then(T::from_stored)
            .map_err(|error| format!("column {position}: {error}"))
    }

    /// What is stored at this position.
    pub(crate) fn stored(&self, position: usize, kind: Kind) -> Result<Stored, String> {
        let stored = match self {
            Self::Sqlite(row) => stored!(row, position, kind),
            Self::Postgres(row) => stored!(row, position, kind),
        };
        stored.map(|s| s.unwrap_or(Stored::Null)).map_err(|error| error.to_string())
    }
}

impl<T: Column + Send> Record for T {
    const COLUMNS: &'static [ColumnSpec] = &[ColumnSpec::of::<T>("")];
    fn read(row: &AnyRow<'_>) -> Result<Self, String> {
        row.at(0)
    }
}

macro_rules! tuples {
    ($($($type:ident $at:tt),+;)*) => {$(
        impl<$($type: Column + Send),+> Record for ($($type,)+) {
            const COLUMNS: &'static [ColumnSpec] = &[$(ColumnSpec::of::<$type>("")),+];
            fn read(row: &AnyRow<'_>) -> Result<Self, String> {
                Ok(($(row.at::<$type>($at)?,)+))
            }
        }
        impl<$($type: Column + Param + Send),+> Insert for ($($type,)+) {
            fn values(&self) -> Vec<Value<'_>> {
                vec![$(self.$at.value()),+]
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}

/// Declares structs that rows are read as and can be inserted from. A field's name is its column.
///
/// ```
/// store::record! {
///     /// An account as the list shows it.
///     #[derive(Debug, Clone)]
///     pub struct AccountRow {
///         /// Its id.
///         pub id: kernel::Id,
///         /// 户号.
///         pub number: String,
///         /// The first day after its end.
///         pub closed_on: Option<kernel::Date>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! record {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty ),* $(,)?
        }
    )*) => {$(
        $(#[$meta])*
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $type, )*
        }

        impl $crate::Record for $name {
            const COLUMNS: &'static [$crate::ColumnSpec] =
                &[$( $crate::ColumnSpec::of::<$type>(stringify!($field)) ),*];
            fn read(row: &$crate::AnyRow<'_>) -> ::std::result::Result<Self, String> {
                Ok(Self { $( $field: row.named(stringify!($field))?, )* })
            }
        }

        impl $crate::Insert for $name {
            fn values(&self) -> Vec<$crate::Value<'_>> {
                vec![$( $crate::Param::value(&self.$field) ),*]
            }
        }
    )*};
}
