//! What the worklist, the pages of imports and other areas read.

use std::collections::BTreeMap;

use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id};
use lake::{
    query,
    tables::{IntervalRow, ReadingRow, StateRow},
};
use store::{Page, Paged, Tx};

use super::{
    ReadingError,
    store::{
        ExceptionRow, ImportErrorRow, ImportRow, decided_by_rule, exception_by_id, import_errors,
        imports, open_exceptions_of, touched_bills, touched_days,
    },
};
use crate::{
    Works, blocking,
    settlement::{ResettlementRow, files_between, resettlements_of},
};

/// Which findings a list shows. Empty texts and 0 mean all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worklist {
    /// `stop`, `warn` or `note`.
    pub severity: String,
    /// A rule.
    pub rule: String,
    /// A 台区.
    pub transformer_area: Id,
    /// First day.
    pub from: Date,
    /// First day no longer.
    pub to: Date,
}

impl Worklist {
    /// All open findings.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            severity: String::new(),
            rule: String::new(),
            transformer_area: Id::from_i64(0),
            from: Date::constant(2000, 1, 1),
            to: Date::constant(9999, 1, 1),
        }
    }
}

/// A page of open findings, oldest day first.
///
/// # Errors
/// When the database does not answer.
pub async fn worklist(
    tx: &mut Tx,
    org: Id,
    filter: &Worklist,
    page: &Page,
) -> Result<Paged<ExceptionRow>, ReadingError> {
    let Worklist { severity, rule, transformer_area, from, to } = filter;
    let rows = open_exceptions_of(
        tx,
        org,
        severity,
        rule,
        *transformer_area,
        *from,
        *to,
        page.after_text(),
        page.after(),
        page.limit(),
    )
    .await?;
    Ok(page.cut(rows, |row| (row.id, row.day.to_string())))
}

/// One finding with what a person needs to decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingContext {
    /// The finding.
    pub exception: ExceptionRow,
    /// Everything that was delivered for the days around it, by moment.
    pub readings: Vec<ReadingRow>,
    /// The intervals of its day, all deliveries.
    pub intervals: Vec<IntervalRow>,
    /// The settled days around it.
    pub states: Vec<(Date, StateRow)>,
    /// What was changed about these days before.
    pub changes: Vec<ResettlementRow>,
}

/// Days before and after a finding that are shown with it.
const AROUND_DAYS: i32 = 14;

/// A finding with the readings and states of the days around it.
///
/// # Errors
/// [`ReadingError::NotFound`]; the lake or the database does not answer.
pub async fn finding(works: &Works, org: Id, id: Id) -> Result<FindingContext, ReadingError> {
    let mut tx = works.db.read().await?;
    let exception = exception_by_id(&mut tx, org, id).await?.ok_or(ReadingError::NotFound)?;
    let day = exception.day;
    let from = day.checked_sub(AROUND_DAYS.days()).unwrap_or(day);
    let to = day.checked_add((AROUND_DAYS + 1).days()).unwrap_or(day);
    let changes = resettlements_of(&mut tx, org, exception.usage_point, from, to).await?;
    drop(tx);
    let point = exception.usage_point;
    let (states, readings) = history(works, org, point, (from, to)).await?;
    let next = day.tomorrow().unwrap_or(day);
    let intervals = intervals(works, org, point, (day, next)).await?;
    Ok(FindingContext { exception, readings, intervals, states, changes })
}

/// The settled days and the delivered readings of a usage point on days `[from, to)`.
///
/// # Errors
/// The lake or the database does not answer.
pub async fn history(
    works: &Works,
    org: Id,
    usage_point: Id,
    (from, to): (Date, Date),
) -> Result<(Vec<(Date, StateRow)>, Vec<ReadingRow>), ReadingError> {
    let (catalogue, period) = catalogue(works, org, (from, to)).await?;
    let lake = works.lake.clone();
    let point = usage_point.get();
    blocking(move || {
        let states = query::series(&lake, point, period, &catalogue)?;
        Ok((states, query::readings(&lake, point, period, &catalogue)?))
    })
    .await
}

/// The delivered intervals of a usage point on days `[from, to)`, all deliveries.
///
/// # Errors
/// The lake or the database does not answer.
pub async fn intervals(
    works: &Works,
    org: Id,
    usage_point: Id,
    (from, to): (Date, Date),
) -> Result<Vec<IntervalRow>, ReadingError> {
    let (catalogue, period) = catalogue(works, org, (from, to)).await?;
    let lake = works.lake.clone();
    let point = usage_point.get();
    blocking(move || Ok(query::intervals(&lake, point, period, &catalogue)?)).await
}

type Files = BTreeMap<Date, lake::settle::DayFiles>;

async fn catalogue(
    works: &Works,
    org: Id,
    (from, to): (Date, Date),
) -> Result<(Files, DatePeriod), ReadingError> {
    let mut tx = works.db.read().await?;
    let last = to.yesterday().unwrap_or(to);
    let calendar = kernel::BusinessCalendar::weekdays_only();
    let files = files_between(&mut tx, org, (from, last), &calendar).await?;
    let period = DatePeriod::new(from, to).unwrap_or(DatePeriod::since(from));
    Ok((files, period))
}

/// How often a rule was right (S-060).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePrecision {
    /// The rule.
    pub rule: String,
    /// Findings that people decided.
    pub decided: i64,
    /// Of these, right: the value was replaced or the estimate kept.
    pub confirmed: i64,
}

/// Precision by rule: a finding was right when the person did not accept the reading as it was.
///
/// # Errors
/// When the database does not answer.
pub async fn precision(tx: &mut Tx, org: Id) -> Result<Vec<RulePrecision>, ReadingError> {
    let mut rules: Vec<RulePrecision> = Vec::new();
    for (rule, decision, count) in decided_by_rule(tx, org).await? {
        if rules.last().is_none_or(|last| last.rule != rule) {
            rules.push(RulePrecision { rule, decided: 0, confirmed: 0 });
        }
        if let Some(last) = rules.last_mut() {
            last.decided += count;
            last.confirmed += if decision == "accept" { 0 } else { count };
        }
    }
    Ok(rules)
}

/// What went through without anybody's hand in a period (S-072, S-073).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZeroTouch {
    /// Usage point days settled.
    pub days: i64,
    /// Of these, days on which a person decided about a reading.
    pub days_touched: i64,
    /// First bills of the period.
    pub bills: i64,
    /// Of these, bills that waited for a person.
    pub bills_touched: i64,
}

/// Counts what people touched on days, and in bill periods that begin, in `[from, to)`.
///
/// # Errors
/// When the database does not answer.
pub async fn zero_touch(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
) -> Result<ZeroTouch, ReadingError> {
    let (days, days_touched) = touched_days(tx, org, from, to).await?.unwrap_or_default();
    let (bills, bills_touched) = touched_bills(tx, org, from, to).await?.unwrap_or_default();
    Ok(ZeroTouch { days, days_touched, bills, bills_touched })
}

/// A page of imports, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn import_list(
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<ImportRow>, ReadingError> {
    let rows = imports(tx, org, page.before(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}

/// A page of an import's quarantine.
///
/// # Errors
/// When the database does not answer.
pub async fn quarantine(
    tx: &mut Tx,
    org: Id,
    import: Id,
    page: &Page,
) -> Result<Paged<ImportErrorRow>, ReadingError> {
    let rows = import_errors(tx, org, import, page.after(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, String::new())))
}
