//! Answers a question: reads the ranges that its words ask for, keeps what all words agree on, and
//! shows the best.

use std::collections::{BTreeMap, HashMap, HashSet};

use access::{Ctx, Right};
use kernel::{Date, Id};
use store::Tx;

use super::{
    rules::question::{self, Word},
    store::{self as sql, FOUND_KEYS, FoundRow},
    terms,
};
use crate::{PersonKind, RegistryError, TermKind, UsageClass, words::mask};

/// The most results of one question.
pub const SEARCH_MAX: usize = 20;
/// How many candidates a word of a longer question may bring; a word that brings more is checked
/// on the rows of the others instead.
const CANDIDATES: i64 = 1_000;
/// How many rows are read to check the other words; a vaguer question says that there are more.
const ROWS: usize = 300;
/// How many places a word may name.
const PLACES: i64 = 40;

/// By what a result was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// 户号, code, meter or telephone, whole.
    Number,
    /// The last digits of a telephone or meter.
    NumberTail,
    /// The start of a number.
    NumberStart,
    /// The whole name, its 拼音 or initials.
    Name,
    /// The start of the name.
    NameStart,
    /// The address, or what people call the place.
    Place,
    /// A later part of the name.
    NamePart,
}

/// One result, masked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hit {
    /// The usage point.
    pub usage_point: Id,
    /// Its code.
    pub code: String,
    /// What it uses electricity for.
    pub class: UsageClass,
    /// Since when it is closed.
    pub closed_on: Option<Date>,
    /// The account.
    pub account: Id,
    /// 户号
    pub account_no: String,
    /// The person.
    pub person: Id,
    /// Person or company; the name of a company is not masked.
    pub person_kind: PersonKind,
    /// The name, masked.
    pub name: String,
    /// The address, masked.
    pub address: String,
    /// By what it was found.
    pub matched_by: MatchedBy,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// At most [`SEARCH_MAX`], the best first.
    pub hits: Vec<Hit>,
    /// Whether there are more than these; a longer question finds them.
    pub more: bool,
}

/// Candidates of one word: the best way in which each was matched.
#[derive(Debug, Default)]
struct Candidates {
    ranked: BTreeMap<(MatchedBy, usize), Id>,
    seen: HashSet<Id>,
    /// Whether some were left out.
    cut: bool,
}

impl Candidates {
    fn add(&mut self, id: Id, by: MatchedBy) {
        if self.seen.insert(id) {
            self.ranked.insert((by, self.seen.len()), id);
        }
    }
}

/// Finds usage points of an organisation; never more than [`SEARCH_MAX`], masked.
///
/// # Errors
/// Denied; the database.
pub async fn search(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    question: &str,
) -> Result<Found, RegistryError> {
    ctx.require(Right::CustomerRead, org)?;
    let words = question::words(question);
    let (Some(_), several) = (words.first(), words.len() > 1) else { return Ok(Found::default()) };
    let limit = if several { CANDIDATES } else { i64::try_from(SEARCH_MAX).unwrap_or(20) + 1 };
    let mut lists = Vec::with_capacity(words.len());
    for word in &words {
        lists.push(candidates(tx, org, word, limit).await?);
    }
    // The word that says most leads; the others agree by their own list, or by what the row says.
    let lead = (0..lists.len())
        .filter(|i| !lists[*i].seen.is_empty())
        .min_by_key(|i| (lists[*i].cut, lists[*i].seen.len()));
    let Some(lead) = lead else { return Ok(Found::default()) };
    let mut found = Found { more: lists[lead].cut, ..Found::default() };
    let ranked: Vec<(MatchedBy, Id)> =
        lists[lead].ranked.iter().map(|((by, _), id)| (*by, *id)).collect();
    found.more |= ranked.len() > ROWS;
    let ranked = &ranked[..ranked.len().min(ROWS)];
    for some in ranked.chunks(FOUND_KEYS) {
        let ids: Vec<Id> = some.iter().map(|(_, id)| *id).collect();
        let rows = sql::found(tx, org, &ids).await?;
        let mut rows: HashMap<Id, FoundRow> =
            rows.into_iter().map(|r| (r.usage_point, r)).collect();
        for (by, id) in some {
            let Some(row) = rows.remove(id) else { continue };
            let agreed = (0..words.len())
                .all(|at| at == lead || lists[at].seen.contains(id) || says(&row, &words[at]));
            if agreed && found.hits.len() == SEARCH_MAX {
                found.more = true;
                return Ok(found);
            }
            if agreed {
                found.hits.push(hit(row, *by));
            }
        }
    }
    Ok(found)
}

fn says(row: &FoundRow, word: &Word) -> bool {
    word.is_said_by((&row.name, &row.name_pinyin, &row.name_initials))
        || word.is_said_by((&row.address, &row.address_pinyin, &row.address_initials))
}

async fn candidates(
    tx: &mut Tx,
    org: Id,
    word: &Word,
    limit: i64,
) -> Result<Candidates, RegistryError> {
    let mut found = Candidates::default();
    let full = |found: &Candidates| i64::try_from(found.seen.len()).is_ok_and(|n| n >= limit);
    let (starts, parts): (Vec<_>, Vec<_>) =
        word.probes().into_iter().partition(|p| !is_part(p.kind));
    for probe in &starts {
        read(tx, org, probe, limit, &mut found).await?;
    }
    if !full(&found) {
        read_places(tx, org, word, limit, &mut found).await?;
    }
    for probe in &parts {
        if !full(&found) {
            read(tx, org, probe, limit, &mut found).await?;
        }
    }
    found.cut |= full(&found);
    Ok(found)
}

async fn read(
    tx: &mut Tx,
    org: Id,
    probe: &question::Probe,
    limit: i64,
    found: &mut Candidates,
) -> Result<(), RegistryError> {
    // Terms are shorter than this run of the last letter.
    let before = terms::after_prefix(&probe.prefix).unwrap_or_else(|| "z".repeat(64));
    let rows = sql::terms_between(tx, org, probe.kind, &probe.prefix, &before, limit).await?;
    found.cut |= i64::try_from(rows.len()).is_ok_and(|n| n >= limit);
    for (term, id) in rows {
        found.add(id, matched_by(probe.kind, term.len() == probe.prefix.len()));
    }
    Ok(())
}

async fn read_places(
    tx: &mut Tx,
    org: Id,
    word: &Word,
    limit: i64,
    found: &mut Candidates,
) -> Result<(), RegistryError> {
    let Some((head, rest)) = word.place() else { return Ok(()) };
    let places = if head.is_ascii() {
        sql::places_read(tx, org, &head, PLACES).await?
    } else {
        sql::places_named(tx, org, &head, PLACES).await?
    };
    let words: String = rest.words().iter().map(|w| format!("{w}%")).collect();
    let pattern = format!("%{words}");
    for place in places {
        let mut rows = sql::usage_points_in_community(tx, org, &place, &pattern, limit).await?;
        rows.extend(sql::usage_points_in_street(tx, org, &place, &pattern, limit).await?);
        found.cut |= i64::try_from(rows.len()).is_ok_and(|n| n >= limit);
        for (id, address) in rows {
            if rest.matches(&address) {
                found.add(id, MatchedBy::Place);
            }
        }
        if i64::try_from(found.seen.len()).is_ok_and(|n| n >= limit) {
            break;
        }
    }
    Ok(())
}

const fn is_part(kind: TermKind) -> bool {
    matches!(kind, TermKind::NamePart | TermKind::PinyinPart | TermKind::InitialsPart)
}

const fn matched_by(kind: TermKind, whole: bool) -> MatchedBy {
    match (kind, whole) {
        (TermKind::Account | TermKind::Code | TermKind::Meter | TermKind::Phone, true) => {
            MatchedBy::Number
        }
        (TermKind::Account | TermKind::Code | TermKind::Meter | TermKind::Phone, false) => {
            MatchedBy::NumberStart
        }
        (TermKind::PhoneTail | TermKind::MeterTail, _) => MatchedBy::NumberTail,
        (TermKind::Name | TermKind::Pinyin | TermKind::Initials, true) => MatchedBy::Name,
        (TermKind::Name | TermKind::Pinyin | TermKind::Initials, false) => MatchedBy::NameStart,
        (TermKind::Alias, _) => MatchedBy::Place,
        (TermKind::NamePart | TermKind::PinyinPart | TermKind::InitialsPart, _) => {
            MatchedBy::NamePart
        }
    }
}

fn hit(row: FoundRow, matched_by: MatchedBy) -> Hit {
    Hit {
        usage_point: row.usage_point,
        code: row.code,
        class: row.class,
        closed_on: row.closed_on,
        account: row.account,
        account_no: row.account_no,
        person: row.person,
        person_kind: row.person_kind,
        name: mask::name(row.person_kind, &row.name),
        address: mask::address(&row.address),
        matched_by,
    }
}
