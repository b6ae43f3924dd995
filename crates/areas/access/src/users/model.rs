//! The types: a password in transit, a member of staff to make.

use kernel::Id;

/// A password as typed. It is never shown, not even for debugging.
#[derive(Clone)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    /// What was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(typed.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A member of staff to make.
#[derive(Debug, Clone)]
pub struct NewStaff<'a> {
    /// The organisation they belong to.
    pub org: Id,
    /// What they sign in with.
    pub login: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their first password.
    pub password: Password,
    /// Whether they must choose another at once; so whenever a person chose this one for them.
    pub must_change: bool,
}
