//! Typed statements: one SQL text for both engines, one function per statement, and a list of all
//! of them, so that a test prepares each on both engines and checks columns and parameters.

use crate::{ColumnSpec, Kind};

/// A statement with everything that a test needs to check it.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The name of its function.
    pub name: &'static str,
    /// The text, with parameters `$1`, `$2`, …
    pub sql: &'static str,
    /// The kinds of its parameters, in order.
    pub params: &'static [Kind],
    /// The columns of its rows; none for a statement that returns no rows.
    pub columns: &'static [ColumnSpec],
}

/// Declares typed statements. The first word of each says what comes back:
///
/// | word | result |
/// |---|---|
/// | `optional` | `Option<Row>` |
/// | `one` | `Row`; no row is an error |
/// | `all` | `Vec<Row>` |
/// | `each` | calls a closure with every row, without holding them all; the number of rows |
/// | `run` | the number of rows changed |
///
/// A row is a struct made by [`record!`](crate::record), a single value (`i64`, `String`,
/// `Option<Id>` …) or a tuple of values. A parameter is anything that implements
/// [`Param`](crate::Param): `i64`, `&str`, `String`, `bool`, `Id`, `Instant`, `Date`, `Energy`,
/// `Option<…>` of them.
///
/// The SQL is the same for both engines: `BIGINT`, `TEXT`, `BOOLEAN`; `ON CONFLICT`, `RETURNING`,
/// window functions and common table expressions; sums cast back, `CAST(SUM(x) AS BIGINT)`; no
/// `now()`, no date arithmetic, no JSON operators. SQLite turns a sum beyond 63 bits into a float
/// and PostgreSQL refuses it: amounts are bounded when they are written (see [`crate::AMOUNT_MAX`]).
///
/// ```
/// store::statements! {
///     /// The number of accounts of an organisation.
///     one count_of_accounts(org: i64) -> i64 =
///         "SELECT COUNT(*) FROM account WHERE org = $1";
///     /// Closes an account.
///     run close_account(id: kernel::Id, on: kernel::Date) =
///         "UPDATE account SET closed_on = $2 WHERE id = $1 AND closed_on IS NULL";
/// }
/// # assert_eq!(STATEMENTS.len(), 2);
/// ```
///
/// The functions are `pub async fn name(tx: &mut Tx, …) -> Result<…, StoreError>`, and
/// `STATEMENTS` lists them all; use the macro once per module.
#[macro_export]
macro_rules! statements {
    ($(
        $(#[$meta:meta])*
        $kind:ident $name:ident ( $($param:ident : $type:ty),* $(,)? ) $(-> $row:ty)? = $sql:expr;
    )*) => {
        /// Every statement of this module.
        pub const STATEMENTS: &[$crate::Statement] = &[$(
            $crate::Statement {
                name: stringify!($name),
                sql: $sql,
                params: &[$( <$type as $crate::Param>::KIND ),*],
                columns: $crate::statements!(@columns $($row)?),
            }
        ),*];
        $(
            $crate::statements! { @fn $kind ($(#[$meta])*) $name ($($param: $type),*) ($($row)?) $sql }
        )*
    };
    (@columns) => { &[] };
    (@columns $row:ty) => { <$row as $crate::Record>::COLUMNS };
    (@fn optional ($(#[$meta:meta])*) $name:ident ($($param:ident : $type:ty),*) ($row:ty) $sql:expr) => {
        $(#[$meta])*
        pub async fn $name(
            tx: &mut $crate::Tx, $($param: $type),*
        ) -> ::std::result::Result<Option<$row>, $crate::StoreError> {
            tx.fetch_optional(stringify!($name), $sql, &[$( $crate::Param::value(&$param) ),*]).await
        }
    };
    (@fn one ($(#[$meta:meta])*) $name:ident ($($param:ident : $type:ty),*) ($row:ty) $sql:expr) => {
        $(#[$meta])*
        pub async fn $name(
            tx: &mut $crate::Tx, $($param: $type),*
        ) -> ::std::result::Result<$row, $crate::StoreError> {
            tx.fetch_one(stringify!($name), $sql, &[$( $crate::Param::value(&$param) ),*]).await
        }
    };
    (@fn all ($(#[$meta:meta])*) $name:ident ($($param:ident : $type:ty),*) ($row:ty) $sql:expr) => {
        $(#[$meta])*
        pub async fn $name(
            tx: &mut $crate::Tx, $($param: $type),*
        ) -> ::std::result::Result<Vec<$row>, $crate::StoreError> {
            tx.fetch_all(stringify!($name), $sql, &[$( $crate::Param::value(&$param) ),*]).await
        }
    };
    (@fn each ($(#[$meta:meta])*) $name:ident ($($param:ident : $type:ty),*) ($row:ty) $sql:expr) => {
        $(#[$meta])*
        pub async fn $name<E: From<$crate::StoreError>>(
            tx: &mut $crate::Tx, $($param: $type,)*
            visit: impl FnMut($row) -> ::std::result::Result<(), E>,
        ) -> ::std::result::Result<u64, E> {
            tx.fetch_each(stringify!($name), $sql, &[$( $crate::Param::value(&$param) ),*], visit)
                .await
        }
    };
    (@fn run ($(#[$meta:meta])*) $name:ident ($($param:ident : $type:ty),*) () $sql:expr) => {
        $(#[$meta])*
        pub async fn $name(
            tx: &mut $crate::Tx, $($param: $type),*
        ) -> ::std::result::Result<u64, $crate::StoreError> {
            tx.run(stringify!($name), $sql, &[$( $crate::Param::value(&$param) ),*]).await
        }
    };
}
