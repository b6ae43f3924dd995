//! The SQL of the organisation tree.

use kernel::{Id, Instant};

store::record! {
    /// An organisation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Organisation {
        /// Its id.
        pub id: Id,
        /// The one above it; none for the root.
        pub parent: Option<Id>,
        /// 单位编码.
        pub code: String,
        /// Its name in Chinese.
        pub name_zh: String,
        /// Its name in English.
        pub name_en: String,
        /// When it was made.
        pub created_at: Instant,
    }
}

store::statements! {
    /// One organisation.
    optional organisation_by_id(id: Id) -> Organisation =
        "SELECT id, parent, code, name_zh, name_en, created_at FROM organisation WHERE id = $1";
    /// The organisation with a code.
    optional organisation_by_code(code: &str) -> Organisation =
        "SELECT id, parent, code, name_zh, name_en, created_at FROM organisation WHERE code = $1";
    /// The one at the top.
    optional root_organisation() -> Organisation =
        "SELECT id, parent, code, name_zh, name_en, created_at FROM organisation
         WHERE parent IS NULL";
    /// An organisation and all below it, nearer ones first.
    all organisations_below(org: Id) -> Organisation =
        "SELECT o.id, o.parent, o.code, o.name_zh, o.name_en, o.created_at
         FROM organisation_path p JOIN organisation o ON o.id = p.descendant
         WHERE p.ancestor = $1 ORDER BY p.depth, o.code";
    /// An organisation and all above it, the root first.
    all organisations_above(org: Id) -> Organisation =
        "SELECT o.id, o.parent, o.code, o.name_zh, o.name_en, o.created_at
         FROM organisation_path p JOIN organisation o ON o.id = p.ancestor
         WHERE p.descendant = $1 ORDER BY p.depth DESC";
    /// Whether one is above another, or the same.
    one is_above(ancestor: Id, descendant: Id) -> bool =
        "SELECT EXISTS (SELECT 1 FROM organisation_path WHERE ancestor = $1 AND descendant = $2)";
    /// The paths of an organisation that has nothing below it yet.
    run insert_paths(org: Id, parent: Option<Id>) =
        "INSERT INTO organisation_path (ancestor, descendant, depth)
         SELECT ancestor, CAST($1 AS BIGINT), depth + 1 FROM organisation_path WHERE descendant = $2
         UNION ALL SELECT CAST($1 AS BIGINT), CAST($1 AS BIGINT), 0";
    /// Cuts a subtree off what was above it.
    run cut_paths(org: Id) =
        "DELETE FROM organisation_path
         WHERE descendant IN (SELECT descendant FROM organisation_path WHERE ancestor = $1)
           AND ancestor NOT IN (SELECT descendant FROM organisation_path WHERE ancestor = $1)";
    /// Hangs a subtree that was cut off below another organisation.
    run join_paths(org: Id, parent: Id) =
        "INSERT INTO organisation_path (ancestor, descendant, depth)
         SELECT up.ancestor, down.descendant, up.depth + down.depth + 1
         FROM organisation_path up CROSS JOIN organisation_path down
         WHERE up.descendant = $2 AND down.ancestor = $1";
    /// Writes the one above.
    run set_parent(org: Id, parent: Id) = "UPDATE organisation SET parent = $2 WHERE id = $1";
    /// Writes the names.
    run set_names(org: Id, name_zh: &str, name_en: &str) =
        "UPDATE organisation SET name_zh = $2, name_en = $3 WHERE id = $1";
}
