//! The SQL of members of staff.

use kernel::{Id, Instant};

store::record! {
    /// A member of staff.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Staff {
        /// Their id.
        pub id: Id,
        /// The organisation they belong to.
        pub org: Id,
        /// What they sign in with.
        pub login: String,
        /// Their name.
        pub name: String,
        /// An argon2id hash.
        pub password_hash: String,
        /// Whether they must choose a password before anything else.
        pub must_change: bool,
        /// Whether they can sign in no more.
        pub disabled: bool,
        /// Failed sign-ins in a row.
        pub failures: i64,
        /// Until when the login is locked.
        pub locked_until: Instant,
        /// When the password was chosen.
        pub password_at: Instant,
        /// The last sign-in.
        pub signed_in_at: Option<Instant>,
        /// When they were made.
        pub created_at: Instant,
    }

    /// A member of staff as the users page lists them.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct StaffSummary {
        /// Their id.
        pub id: Id,
        /// The organisation they belong to.
        pub org: Id,
        /// What they sign in with.
        pub login: String,
        /// Their name.
        pub name: String,
        /// Whether they can sign in no more.
        pub disabled: bool,
        /// Until when the login is locked.
        pub locked_until: Instant,
        /// The last sign-in.
        pub signed_in_at: Option<Instant>,
    }
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staff")
            .field("id", &self.id)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

store::statements! {
    /// One member of staff.
    optional staff_by_id(id: Id) -> Staff =
        "SELECT id, org, login, name, password_hash, must_change, disabled, failures, locked_until,
             password_at, signed_in_at, created_at FROM staff WHERE id = $1";
    /// The member of staff with a login (in its stored, lower-case form).
    optional staff_by_login(login: &str) -> Staff =
        "SELECT id, org, login, name, password_hash, must_change, disabled, failures, locked_until,
             password_at, signed_in_at, created_at FROM staff WHERE login = $1";
    /// The staff of an organisation and all below it, by login.
    all staff_of(org: Id, after_login: &str, limit: i64) -> StaffSummary =
        "SELECT s.id, s.org, s.login, s.name, s.disabled, s.locked_until, s.signed_in_at
         FROM staff s JOIN organisation_path p ON p.descendant = s.org
         WHERE p.ancestor = $1 AND s.login > $2 ORDER BY s.login LIMIT $3";
    /// Writes a new password.
    run set_password(id: Id, password_hash: &str, must_change: bool, now: Instant) =
        "UPDATE staff SET password_hash = $2, must_change = $3, password_at = $4, failures = 0,
             locked_until = 0 WHERE id = $1";
    /// Lets someone sign in, or no more.
    run set_disabled(id: Id, disabled: bool) =
        "UPDATE staff SET disabled = $2, failures = 0, locked_until = 0 WHERE id = $1";
    /// Counts a failed sign-in; at the limit the login is locked and the count starts again.
    run count_failure(id: Id, limit: i64, locked_until: Instant) =
        "UPDATE staff SET
             locked_until = CASE WHEN failures + 1 >= $2 THEN $3 ELSE locked_until END,
             failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END
         WHERE id = $1";
    /// Notes a sign-in, unless the login was disabled, locked or given another password meanwhile.
    run note_sign_in(id: Id, password_hash: &str, now: Instant) =
        "UPDATE staff SET failures = 0, signed_in_at = $3
         WHERE id = $1 AND password_hash = $2 AND disabled = FALSE AND locked_until <= $3";
}
