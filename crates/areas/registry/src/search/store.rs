//! Statements of the search. Every one is a bounded range over an index, or a scan of the small
//! list of place names.

use std::sync::LazyLock;

use kernel::{Date, Id};
use store::{Param, StoreError, Tx};

use crate::{PersonKind, TermKind, UsageClass};

store::record! {
    /// A found usage point in clear: masked before it leaves the search.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct FoundRow {
        pub usage_point: Id,
        pub code: String,
        pub class: UsageClass,
        pub closed_on: Option<Date>,
        pub account: Id,
        pub account_no: String,
        pub person: Id,
        pub person_kind: PersonKind,
        pub name: String,
        pub name_pinyin: String,
        pub name_initials: String,
        pub address: String,
        pub address_pinyin: String,
        pub address_initials: String,
    }
}

store::statements! {
    /// Terms from one to before another, in order.
    all terms_between(org: Id, kind: TermKind, from: &str, before: &str, limit: i64) -> (String, Id) =
        "SELECT term, usage_point FROM search_term
         WHERE org = $1 AND kind = $2 AND term >= $3 AND term < $4
         ORDER BY term, usage_point LIMIT $5";
    /// Removes one term.
    run delete_term(org: Id, kind: TermKind, term: &str, usage_point: Id) =
        "DELETE FROM search_term
         WHERE org = $1 AND kind = $2 AND term = $3 AND usage_point = $4";
    /// Places whose name holds the text, or whose name the text holds; the closest first.
    /// `REPLACE` says whether one text holds another without the wildcards of `LIKE`.
    all places_named(org: Id, text: &str, limit: i64) -> String =
        "SELECT name FROM place
         WHERE org = $1 AND (REPLACE(name, $2, '') <> name OR REPLACE($2, name, '') <> $2)
         ORDER BY LENGTH(name), name LIMIT $3";
    /// Places whose 拼音 or initials start with these letters.
    all places_read(org: Id, letters: &str, limit: i64) -> String =
        "SELECT name FROM place
         WHERE org = $1 AND (name_pinyin LIKE $2 || '%' OR name_initials LIKE $2 || '%')
         ORDER BY LENGTH(name), name LIMIT $3";
    /// Usage points in a community whose address fits a pattern.
    all usage_points_in_community(org: Id, name: &str, pattern: &str, limit: i64) -> (Id, String) =
        "SELECT u.id, l.address FROM service_location l
         JOIN usage_point u ON u.service_location = l.id
         WHERE l.org = $1 AND l.community = $2 AND l.community <> '' AND LOWER(l.address) LIKE $3
         ORDER BY l.building, l.id LIMIT $4";
    /// Usage points in a street whose address fits a pattern.
    all usage_points_in_street(org: Id, name: &str, pattern: &str, limit: i64) -> (Id, String) =
        "SELECT u.id, l.address FROM service_location l
         JOIN usage_point u ON u.service_location = l.id
         WHERE l.org = $1 AND l.street = $2 AND l.street <> '' AND LOWER(l.address) LIKE $3
         ORDER BY l.id LIMIT $4";
    /// What the terms of a person's usage points are made of.
    all named_points(person: Id) -> (Id, String, String, Id) =
        "SELECT u.id, u.code, a.account_no, u.service_location FROM account a JOIN usage_point u ON u.account = a.id
         WHERE a.person = $1 ORDER BY u.id";
}

/// How many usage points [`found`] reads at once.
pub(crate) const FOUND_KEYS: usize = 50;

static FOUND: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<String> = (2..FOUND_KEYS + 2).map(|n| format!("${n}")).collect();
    format!(
        "SELECT u.id AS usage_point, u.code AS code, u.class AS class, u.closed_on AS closed_on,
                a.id AS account, a.account_no AS account_no, p.id AS person, p.kind AS person_kind,
                p.name AS name, p.name_pinyin AS name_pinyin, p.name_initials AS name_initials,
                l.address AS address, l.address_pinyin AS address_pinyin,
                l.address_initials AS address_initials
         FROM usage_point u
         JOIN account a ON a.id = u.account
         JOIN person p ON p.id = a.person
         JOIN service_location l ON l.id = u.service_location
         WHERE u.org + 0 = $1 AND u.id IN ({})",
        places.join(", ")
    )
});

/// What results show, in any order. `+ 0` keeps SQLite, which has no statistics, from walking all
/// usage points of the organisation instead of looking up the few. The list is filled up with its last id, so that there is one
/// text and it stays prepared.
pub(crate) async fn found(
    tx: &mut Tx,
    org: Id,
    usage_points: &[Id],
) -> Result<Vec<FoundRow>, StoreError> {
    let filled = usage_points.iter().chain(usage_points.last().into_iter().cycle());
    let mut values = vec![org.value()];
    values.extend(filled.take(FOUND_KEYS).map(Param::value));
    if values.len() <= FOUND_KEYS {
        return Ok(Vec::new());
    }
    tx.fetch_all("found", FOUND.as_str(), &values).await
}
