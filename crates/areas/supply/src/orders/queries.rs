//! Lists of orders, and whether each quarter's meters have their orders in time.

use std::collections::BTreeMap;

use kernel::{Date, Id, Instant};
use store::{Page, Paged, Tx};

use super::{
    OrderError, OrderFilter,
    rules::quarter_of,
    store::{ListedOrder, batches_with_order, batches_without_order, orders},
};

/// Meters of one make and type whose verification ends on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarterBatch {
    /// When the verification ends.
    pub expires_on: Date,
    /// Make and type.
    pub model: String,
    /// Meters without an order.
    pub without: i64,
    /// Meters with an order.
    pub ordered: i64,
    /// Of these, done.
    pub done: i64,
}

/// A quarter in which verifications end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarter {
    /// First day.
    pub from: Date,
    /// First day of the next.
    pub to: Date,
    /// Its batches.
    pub batches: Vec<QuarterBatch>,
    /// When the latest order was made.
    pub last_ordered_at: Option<Instant>,
}

impl Quarter {
    /// Meters, those without an order, and those done.
    #[must_use]
    pub fn counts(&self) -> (i64, i64, i64) {
        self.batches.iter().fold((0, 0, 0), |(all, without, done), batch| {
            (all + batch.without + batch.ordered, without + batch.without, done + batch.done)
        })
    }

    /// Whether every meter had its order before the quarter began (S-055); `None` while that can
    /// still come true. `first_day_of` is the business day of an instant.
    #[must_use]
    pub fn in_time(&self, today: Date, day_of: impl Fn(Instant) -> Date) -> Option<bool> {
        let (_, without, _) = self.counts();
        if without > 0 {
            return if today < self.from { None } else { Some(false) };
        }
        Some(self.last_ordered_at.is_none_or(|at| day_of(at) < self.from))
    }
}

/// The quarters from that of `from` on whose verifications end before `before`, with what ended
/// earlier and has no order in a quarter of its own.
///
/// # Errors
/// When the database does not answer.
pub async fn quarters(
    tx: &mut Tx,
    org: Id,
    (from, before): (Date, Date),
) -> Result<Vec<Quarter>, OrderError> {
    let mut all: BTreeMap<(i16, i8), Quarter> = BTreeMap::new();
    for (expires_on, model, without) in batches_without_order(tx, org, before).await? {
        let quarter = entry(&mut all, expires_on);
        quarter.batches.push(QuarterBatch { expires_on, model, without, ordered: 0, done: 0 });
    }
    for (expires_on, model, ordered, done, made_at) in
        batches_with_order(tx, org, from, before).await?
    {
        let quarter = entry(&mut all, expires_on);
        quarter.last_ordered_at = quarter.last_ordered_at.max(Some(made_at));
        let known = quarter
            .batches
            .iter_mut()
            .find(|batch| batch.expires_on == expires_on && batch.model == model);
        match known {
            Some(batch) => (batch.ordered, batch.done) = (ordered, done),
            None => {
                quarter.batches.push(QuarterBatch { expires_on, model, without: 0, ordered, done });
            }
        }
    }
    Ok(all.into_values().collect())
}

fn entry(all: &mut BTreeMap<(i16, i8), Quarter>, day: Date) -> &mut Quarter {
    let (year, number) = quarter_of(day);
    let first = |year: i16, month: i8| Date::new(year, month, 1).unwrap_or(day);
    let from = first(year, number * 3 - 2);
    let to = if number == 4 { first(year + 1, 1) } else { first(year, number * 3 + 1) };
    all.entry((year, number)).or_insert_with(|| Quarter {
        from,
        to,
        batches: Vec::new(),
        last_ordered_at: None,
    })
}

/// A page of orders, by term, with masked addresses.
///
/// # Errors
/// When the database does not answer.
pub async fn order_list(
    tx: &mut Tx,
    org: Id,
    filter: &OrderFilter,
    page: &Page,
) -> Result<Paged<ListedOrder>, OrderError> {
    let OrderFilter { kind, state, words, from, to } = filter;
    // A pattern is what the database knows; people mean the signs themselves.
    let words: String = words.trim().chars().filter(|c| !matches!(c, '%' | '_')).collect();
    let (after, limit) = (page.after(), page.limit());
    let mut rows =
        orders(tx, org, kind, state, &words, *from, *to, page.after_text(), after, limit).await?;
    // Who works off the list finds the meter by its box and number; the door is personal data.
    for row in &mut rows {
        row.address = registry::words::mask::address(&row.address);
    }
    Ok(page.cut(rows, |row| (row.id, row.due_on.to_string())))
}
