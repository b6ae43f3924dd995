//! What exists already of the things that a chunk of customers names: looked up by many keys in one
//! statement, because a load asks for millions.

use std::{collections::HashMap, sync::LazyLock};

use kernel::Id;
use store::{Param, Record, Tx, Value};

use crate::{Customer, RegistryError, Scheme};

/// Keys looked up in one statement.
const KEYS: usize = 100;

/// What exists of the things that a chunk names; the chunk's own new rows join as it goes.
pub(super) struct Known {
    /// 户号: account and person.
    pub accounts: HashMap<String, (Id, Id)>,
    /// Code: usage point, account and place.
    pub usage_points: HashMap<String, (Id, Id, Id)>,
    /// Document: person and name.
    pub identities: HashMap<(Scheme, String), (Id, String)>,
    /// Person: name.
    pub holders: HashMap<Id, String>,
}

impl Known {
    pub async fn read(tx: &mut Tx, org: Id, chunk: &[Customer]) -> Result<Self, RegistryError> {
        let numbers = chunk.iter().map(|c| c.account_no.as_str()).collect();
        let codes = chunk.iter().map(|c| c.usage_point_code.as_str()).collect();
        let values =
            chunk.iter().flat_map(|c| &c.identities).map(|(_, value)| value.as_str()).collect();
        let accounts: Vec<(String, Id, Id, String)> = look_up(tx, org, &ACCOUNTS, numbers).await?;
        let points: Vec<(String, Id, Id, Id)> = look_up(tx, org, &USAGE_POINTS, codes).await?;
        let persons: Vec<(Scheme, String, Id, String)> =
            look_up(tx, org, &IDENTITIES, values).await?;
        Ok(Self {
            holders: accounts.iter().map(|(_, _, person, name)| (*person, name.clone())).collect(),
            accounts: accounts.into_iter().map(|(no, id, person, _)| (no, (id, person))).collect(),
            usage_points: points.into_iter().map(|(c, id, a, l)| (c, (id, a, l))).collect(),
            identities: persons.into_iter().map(|(s, v, id, name)| ((s, v), (id, name))).collect(),
        })
    }
}

static ACCOUNTS: LazyLock<String> = LazyLock::new(|| {
    keyed(
        "SELECT a.account_no, a.id, a.person, p.name FROM account a
         JOIN person p ON p.id = a.person WHERE a.org = $1 AND a.account_no IN",
    )
});
static USAGE_POINTS: LazyLock<String> = LazyLock::new(|| {
    keyed("SELECT code, id, account, service_location FROM usage_point WHERE org = $1 AND code IN")
});
static IDENTITIES: LazyLock<String> = LazyLock::new(|| {
    keyed(
        "SELECT i.scheme, i.value, p.id, p.name FROM person_identity i
         JOIN person p ON p.id = i.person
         WHERE i.org = $1 AND i.scheme IN ('id_card', 'credit_code') AND i.value IN",
    )
});

fn keyed(question: &str) -> String {
    let places: Vec<String> = (2..KEYS + 2).map(|n| format!("${n}")).collect();
    format!("{question} ({})", places.join(", "))
}

/// Rows by their keys, many keys in one statement. The list is filled up with its last key, so
/// that there is one text per question and it stays prepared.
async fn look_up<R: Record>(
    tx: &mut Tx,
    org: Id,
    question: &'static str,
    mut keys: Vec<&str>,
) -> Result<Vec<R>, RegistryError> {
    keys.sort_unstable();
    keys.dedup();
    let mut rows = Vec::new();
    for some in keys.chunks(KEYS) {
        let filled = some.iter().chain(some.last().into_iter().cycle()).take(KEYS);
        let values: Vec<Value<'_>> =
            std::iter::once(org.value()).chain(filled.map(|k| k.value())).collect();
        rows.extend(tx.fetch_all("look_up", question, &values).await?);
    }
    Ok(rows)
}
