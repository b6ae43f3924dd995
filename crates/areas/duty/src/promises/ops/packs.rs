//! Publishing a rule pack: what it would change is shown before it counts. Verdicts given under the
//! version before stay whatever happens.

use access::{Ctx, Right};
use kernel::Id;
use promise::{Clock, Library, Pack, Rule};
use serde_json::json;
use store::{Fact, Tx};

use super::{
    advance::{advance, note},
    hold,
    open::keep_rule,
};
use crate::promises::{
    ApplyTo, Book, Books, PackRow, PromiseError, PromiseRow, StepKind, Touched,
    queries::nearest,
    store::{packs_in_force, pauses_of, promises_open, replace_pack, set_rule},
};

/// Open promises that are looked at together.
const PAGE: i64 = 500;

/// What publishing a pack came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The stored version.
    pub id: Id,
    /// Open promises that were moved under it.
    pub moved: u64,
}

/// The open promises of an organisation and below whose deadline a pack would move, were it
/// published for them too; at most `limit`.
///
/// # Errors
/// A pack that is refused, denied.
pub async fn touched_by(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, document): (Id, &str),
    limit: usize,
) -> Result<Vec<Touched>, PromiseError> {
    ctx.require(Right::PromiseRead, org)?;
    let book = with_pack(tx, books, org, document).await?;
    let mut touched = Vec::new();
    let mut after = Id::from_i64(0);
    while touched.len() < limit {
        let rows = promises_open(tx, org, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            let Some(rule) = changed_rule(tx, books, &book, &row).await? else { continue };
            let pauses = pauses_of(tx, row.id).await?;
            let clock = Clock::of(&rule, &row.facts(&pauses), &book.time);
            let new_due_at = clock.ok().and_then(|clock| clock.due_at);
            if new_due_at != row.due_at {
                let (promise, rule_id, due_at) = (row.id, row.rule_id, row.due_at);
                touched.push(Touched { promise, rule_id, due_at, new_due_at });
            }
        }
    }
    touched.truncate(limit);
    Ok(touched)
}

/// Publishes a pack for an organisation and those below it that have none of their own. A pack of
/// the same name is replaced in its place; a new one comes last.
///
/// # Errors
/// A pack that is refused, denied.
pub async fn publish_pack(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    (org, document): (Id, &str),
    apply: ApplyTo,
) -> Result<Published, PromiseError> {
    ctx.require(Right::PromiseApprove, org)?;
    tx.lock("promise_pack", org).await?;
    let book = with_pack(tx, books, org, document).await?;
    let pack = Pack::parse("the new pack", document)?;
    let own: Vec<PackRow> =
        packs_in_force(tx, org).await?.into_iter().filter(|row| row.org == org).collect();
    let known = own.iter().find(|row| row.pack == pack.id).map(|row| row.position);
    let last = own.iter().map(|row| row.position).max().unwrap_or(0);
    let (id, now) = (tx.next_id(), tx.now());
    replace_pack(tx, org, &pack.id, now).await?;
    let row = PackRow {
        id,
        org,
        pack: pack.id.clone(),
        position: known.unwrap_or(last + 1),
        document: document.to_owned(),
        published_at: now,
        published_by: ctx.actor_id(),
    };
    tx.insert("promise_pack", &row).await?;
    let (actor, request) = (ctx.actor_name(), ctx.request);
    let payload = json!({ "pack": pack.id, "open_too": apply == ApplyTo::OpenToo });
    let kind = "duty.promise_pack_published";
    tx.emit(Fact { org, kind, subject: id, payload, actor, request }).await?;
    let mut moved = 0;
    if apply == ApplyTo::OpenToo {
        let mut after = Id::from_i64(0);
        loop {
            let rows = promises_open(tx, org, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in rows {
                moved += u64::from(move_one(ctx, tx, books, &book, &row).await?);
            }
        }
    }
    Ok(Published { id, moved })
}

async fn move_one(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    books: &Books,
    book: &Book,
    row: &PromiseRow,
) -> Result<bool, PromiseError> {
    let Some(rule) = changed_rule(tx, books, book, row).await? else { return Ok(false) };
    let rule_row = keep_rule(tx, row.org, &rule).await?;
    let row = hold(tx, row.org, row.id).await?;
    if row.state.verdict().is_some() {
        return Ok(false);
    }
    set_rule(tx, row.id, rule_row, rule.breach.approver, rule.breach.reason).await?;
    note(tx, &row, (StepKind::RuleChanged, None), &rule_row.to_string(), tx.now()).await?;
    let row = hold(tx, row.org, row.id).await?;
    advance(ctx, tx, books, row).await?;
    Ok(true)
}

/// The new version of a promise's rule, when it has one and differs. The rule is the one of the
/// day on which the promise was opened: a law of later does not reach back.
async fn changed_rule(
    tx: &mut Tx,
    books: &Books,
    book: &Book,
    row: &PromiseRow,
) -> Result<Option<Rule>, PromiseError> {
    let on = books.zone().date_of(row.opened_at);
    let now = super::advance::rule_of(tx, row).await?;
    Ok(book.library.rule(&row.rule_id, on).filter(|rule| **rule != now).cloned())
}

/// The book of an organisation as it would be with this pack.
async fn with_pack(
    tx: &mut Tx,
    books: &Books,
    org: Id,
    document: &str,
) -> Result<Book, PromiseError> {
    let pack = Pack::parse("the new pack", document)?;
    let rows = nearest(packs_in_force(tx, org).await?);
    let own = rows.iter().filter(|row| row.org == org);
    let mut packs: Vec<Pack> =
        own.map(|row| Pack::parse(&row.pack, &row.document)).collect::<Result<_, _>>()?;
    match packs.iter_mut().find(|known| known.id == pack.id) {
        Some(known) => *known = pack,
        None => packs.push(pack),
    }
    books.book(Library::of(packs)?)
}
