//! What goes into a statement and comes out of a column: 64-bit integers, texts and truth values,
//! nothing else, because these three mean the same in SQLite and in PostgreSQL.

use std::borrow::Cow;

use kernel::{Date, Energy, Id, Instant, Rate};

/// The three kinds of column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `BIGINT`.
    Int,
    /// `TEXT`.
    Text,
    /// `BOOLEAN`.
    Bool,
}

/// One value on its way into the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A `BIGINT`.
    Int(i64),
    /// A `TEXT`.
    Text(Cow<'a, str>),
    /// A `BOOLEAN`.
    Bool(bool),
    /// Nothing, in a column of this kind.
    Null(Kind),
}

impl Value<'_> {
    /// The kind of column that it fits.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Int(_) => Kind::Int,
            Self::Text(_) => Kind::Text,
            Self::Bool(_) => Kind::Bool,
            Self::Null(kind) => *kind,
        }
    }
}

/// A type that can be a parameter of a statement.
pub trait Param {
    /// The kind of column that it fits.
    const KIND: Kind;
    /// Whether it can be nothing.
    const NULLABLE: bool = false;
    /// The value to bind.
    fn value(&self) -> Value<'_>;
}

/// One value on its way out of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// A `BIGINT`.
    Int(i64),
    /// A `TEXT`.
    Text(String),
    /// A `BOOLEAN`.
    Bool(bool),
    /// Nothing.
    Null,
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// The kind of column that it is read from.
    const KIND: Kind;
    /// Whether it can be nothing.
    const NULLABLE: bool = false;
    /// Takes the stored value.
    ///
    /// # Errors
    /// The text says what was found instead.
    fn from_stored(stored: Stored) -> Result<Self, String>;
}

fn unexpected(stored: &Stored) -> String {
    match stored {
        Stored::Null => "it is null".to_owned(),
        Stored::Int(_) => "it is a whole number".to_owned(),
        Stored::Text(_) => "it is a text".to_owned(),
        Stored::Bool(_) => "it is a truth value".to_owned(),
    }
}

impl<T: Param + ?Sized> Param for &T {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = T::NULLABLE;
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Param> Param for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null(T::KIND), Param::value)
    }
}

impl<T: Column> Column for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    fn from_stored(stored: Stored) -> Result<Self, String> {
        match stored {
            Stored::Null => Ok(None),
            other => T::from_stored(other).map(Some),
        }
    }
}

impl Param for str {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl Param for String {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl Column for String {
    const KIND: Kind = Kind::Text;
    fn from_stored(stored: Stored) -> Result<Self, String> {
        match stored {
            Stored::Text(text) => Ok(text),
            other => Err(unexpected(&other)),
        }
    }
}

impl Param for bool {
    const KIND: Kind = Kind::Bool;
    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
}

impl Column for bool {
    const KIND: Kind = Kind::Bool;
    fn from_stored(stored: Stored) -> Result<Self, String> {
        match stored {
            Stored::Bool(value) => Ok(value),
            other => Err(unexpected(&other)),
        }
    }
}

/// Types kept in a `BIGINT`: how to write and how to read them.
macro_rules! integers {
    ($($type:ty: $to:expr, $from:expr;)*) => {$(
        impl Param for $type {
            const KIND: Kind = Kind::Int;
            fn value(&self) -> Value<'_> {
                let to: fn($type) -> i64 = $to;
                Value::Int(to(*self))
            }
        }
        impl Column for $type {
            const KIND: Kind = Kind::Int;
            fn from_stored(stored: Stored) -> Result<Self, String> {
                let from: fn(i64) -> Option<$type> = $from;
                match stored {
                    Stored::Int(value) => from(value).ok_or_else(|| {
                        format!("{value} does not fit a {}", stringify!($type))
                    }),
                    other => Err(unexpected(&other)),
                }
            }
        }
    )*};
}

integers! {
    i64: |v| v, Some;
    i32: i64::from, |v| v.try_into().ok();
    u32: i64::from, |v| v.try_into().ok();
    u16: i64::from, |v| v.try_into().ok();
    u8: i64::from, |v| v.try_into().ok();
    Id: Id::get, |v| Some(Id::from_i64(v));
    Instant: Instant::micros, |v| Some(Instant::from_micros(v));
    Energy: Energy::ukwh, |v| Some(Energy::from_ukwh(v));
    Rate: Rate::e8, |v| Some(Rate::from_e8(v));
}

/// A business date is kept as ISO text, which sorts as the date does.
impl Param for Date {
    const KIND: Kind = Kind::Text;
    fn value(&self) -> Value<'_> {
        Value::Text(Cow::Owned(self.to_string()))
    }
}

impl Column for Date {
    const KIND: Kind = Kind::Text;
    fn from_stored(stored: Stored) -> Result<Self, String> {
        let text = String::from_stored(stored)?;
        text.parse().map_err(|_| format!("{text:?} is no date of the form 2026-01-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_keeps_the_kind_of_its_column() {
        assert_eq!(None::<i64>.value(), Value::Null(Kind::Int));
        assert_eq!(None::<&str>.value(), Value::Null(Kind::Text));
        assert_eq!(Some("a").value(), Value::Text("a".into()));
        assert_eq!(Option::<String>::from_stored(Stored::Null), Ok(None));
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused() {
        assert!(u8::from_stored(Stored::Int(256)).is_err());
        assert!(i64::from_stored(Stored::Text("1".to_owned())).is_err());
        assert!(Date::from_stored(Stored::Text("2026-02-30".to_owned())).is_err());
        assert_eq!(
            Date::from_stored(Stored::Text("2026-02-28".to_owned())),
            Ok(Date::constant(2026, 2, 28))
        );
    }
}
