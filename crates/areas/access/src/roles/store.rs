//! The SQL of roles and of what is granted.

use kernel::{Id, Instant};

store::record! {
    /// A role.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Role {
        /// Its id.
        pub id: Id,
        /// The stable code.
        pub code: String,
        /// Its name in Chinese.
        pub name_zh: String,
        /// Its name in English.
        pub name_en: String,
    }

    /// A role held by a member of staff, at an organisation and all below it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Grant {
        /// Who holds it.
        pub staff: Id,
        /// Which role.
        pub role: Id,
        /// Where.
        pub org: Id,
        /// Since when.
        pub granted_at: Instant,
        /// Who gave it.
        pub granted_by: String,
    }
}

store::statements! {
    /// All roles, by code.
    all roles() -> Role = "SELECT id, code, name_zh, name_en FROM role ORDER BY code";
    /// One role.
    optional role_by_id(id: Id) -> Role =
        "SELECT id, code, name_zh, name_en FROM role WHERE id = $1";
    /// The role with a code.
    optional role_by_code(code: &str) -> Role =
        "SELECT id, code, name_zh, name_en FROM role WHERE code = $1";
    /// What a role may do.
    all rights_of_role(role: Id) -> String =
        "SELECT right_name FROM role_right WHERE role = $1 ORDER BY right_name";
    /// Takes every right from a role.
    run clear_rights(role: Id) = "DELETE FROM role_right WHERE role = $1";
    /// The grants of a member of staff.
    all grants_of(staff: Id) -> Grant =
        "SELECT staff, role, org, granted_at, granted_by FROM role_grant
         WHERE staff = $1 ORDER BY org, role";
    /// What a member of staff may do, and at which organisation (all below it included).
    all rights_of_staff(staff: Id) -> (String, Id) =
        "SELECT DISTINCT r.right_name, g.org FROM role_grant g
         JOIN role_right r ON r.role = g.role WHERE g.staff = $1 ORDER BY r.right_name, g.org";
    /// The organisations at which a member of staff holds anything, each with all below it.
    all organisations_of_staff(staff: Id) -> (Id, Id) =
        "SELECT DISTINCT p.ancestor, p.descendant FROM role_grant g
         JOIN organisation_path p ON p.ancestor = g.org WHERE g.staff = $1";
    /// Takes a role away; 0 when it was not held.
    run delete_grant(staff: Id, role: Id, org: Id) =
        "DELETE FROM role_grant WHERE staff = $1 AND role = $2 AND org = $3";
    /// Who holds a role at an organisation or above it: the nearest.
    all staff_with_role(org: Id, role: &str) -> Id =
        "SELECT s.id FROM role_grant g
           JOIN role r ON r.id = g.role
           JOIN staff s ON s.id = g.staff
           JOIN organisation_path p ON p.ancestor = g.org
          WHERE p.descendant = $1 AND r.code = $2 AND s.disabled = FALSE
          ORDER BY p.depth, s.id LIMIT 1";
}
