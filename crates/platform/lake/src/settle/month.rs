//! What the days of a bill period add up to, usage point by usage point: the input of a bill.

use kernel::{Date, DatePeriod};
use metering::reading::RegisterKind;
use tariff::MAX_CELLS;

use super::{Catalogue, run::overlay};
use crate::{
    Lake, LakeError,
    tables::{DayMethod, StateRow, day_number},
};

/// The days of one price set of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellGroup {
    /// The plan: its place in the tariff library.
    pub plan: i32,
    /// Its price set.
    pub set: u8,
    /// The first of these days.
    pub first_on: Date,
    /// The last of these days.
    pub last_on: Date,
    /// How many there are.
    pub days: u32,
    /// Energy by cell of the plan's daily form, µkWh.
    pub cells_ukwh: [i64; MAX_CELLS],
    /// Energy by bucket, µkWh.
    pub used_ukwh: [i64; 5],
    /// The sum of the daily charges, 1e-4 of the currency.
    pub charge_units: i64,
}

/// One usage point's period, or the days of it that one account pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthPoint {
    /// The usage point.
    pub usage_point: i64,
    /// Who pays.
    pub account: i64,
    /// The first of these days.
    pub first_on: Date,
    /// The last of these days.
    pub last_on: Date,
    /// The days by plan and price set, in the order of time.
    pub groups: Vec<CellGroup>,
    /// Settled days of the period.
    pub days: u32,
    /// Of these, standing on an estimate.
    pub estimated_days: u32,
    /// Of these, stopped by a check.
    pub held_days: u32,
    /// Energy of the estimated days, µkWh.
    pub estimated_ukwh: i64,
    /// Energy given to the network, µkWh.
    pub export_ukwh: i64,
    /// Reactive energy forward, µkvarh.
    pub reactive_forward_ukvarh: i64,
    /// Reactive energy reverse, µkvarh.
    pub reactive_reverse_ukvarh: i64,
    /// Highest demand, 1e-6 kW.
    pub demand_max_ukw: i64,
    /// Whether a demand register was read on any of these days. Without one, a highest demand of
    /// zero says nothing.
    pub has_demand: bool,
    /// Whether a reactive register was read on any of these days.
    pub has_reactive: bool,
    /// The state before the first day of the period, if there is one.
    pub before: Option<Box<StateRow>>,
    /// The state of the last settled day of the period.
    pub after: Box<StateRow>,
}

impl MonthPoint {
    /// The use of the period, µkWh.
    #[must_use]
    pub fn energy_ukwh(&self) -> i64 {
        self.groups.iter().flat_map(|g| g.used_ukwh).sum()
    }

    /// The sum of the daily charges, 1e-4 of the currency.
    #[must_use]
    pub fn charge_units(&self) -> i64 {
        self.groups.iter().map(|g| g.charge_units).sum()
    }
}

/// Streams the states of a period's days and hands each usage point of the range
/// `(first, last)` over with its sums, in order. Where the account changed within the period, the
/// days of each account are handed over apart, in order of time.
///
/// # Errors
/// [`LakeError::NotFound`] for a day of the period that is not settled, [`LakeError::Invalid`]
/// for a period without end, overflow, or what `each` answers.
pub fn month_points(
    lake: &Lake,
    period: DatePeriod,
    range: (i64, i64),
    catalogue: &dyn Catalogue,
    mut each: impl FnMut(MonthPoint) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let dates = dates(period)?;
    let mut streams = Vec::with_capacity(dates.len());
    for date in &dates {
        let state = catalogue.files(*date)?.state;
        if state.is_empty() && *date >= period.from() {
            return Err(unsettled(*date));
        }
        streams.push(overlay(lake, &state, range)?);
    }
    let mut heads = Vec::with_capacity(streams.len());
    for stream in &mut streams {
        heads.push(stream.next()?);
    }
    while let Some(usage_point) = heads.iter().flatten().map(|row| row.usage_point).min() {
        let within = usage_point >= range.0 && usage_point <= range.1;
        let mut sums = Sums::default();
        for ((head, stream), date) in heads.iter_mut().zip(&mut streams).zip(&dates) {
            if let Some(row) = head.filter(|row| row.usage_point == usage_point) {
                if *date < period.from() {
                    sums.before = Some(Box::new(row));
                } else {
                    if sums.is_of_another(&row) {
                        let before = sums.last.clone();
                        let left = std::mem::replace(&mut sums, Sums { before, ..Sums::default() });
                        left.point().filter(|_| within).map_or(Ok(()), &mut each)?;
                    }
                    sums.take(*date, &row)?;
                }
                *head = stream.next()?;
            }
        }
        sums.point().filter(|_| within).map_or(Ok(()), &mut each)?;
    }
    Ok(())
}

/// The sums of a usage point's period, and the days that they add up.
pub type PointWithDays = (Option<MonthPoint>, Vec<(Date, StateRow)>);

/// One usage point's period with the days that it adds up, each file read once: for the pages and
/// checks of a single bill. No sums when no day of the period has a row of the usage point.
///
/// # Errors
/// As [`month_points`].
pub fn month_of_point(
    lake: &Lake,
    period: DatePeriod,
    usage_point: i64,
    catalogue: &dyn Catalogue,
) -> Result<PointWithDays, LakeError> {
    let range = (usage_point, usage_point);
    let mut sums = Sums::default();
    let mut days = Vec::new();
    for date in dates(period)? {
        let state = catalogue.files(date)?.state;
        let within = date >= period.from();
        if state.is_empty() && within {
            return Err(unsettled(date));
        }
        let Some(row) = overlay(lake, &state, range)?.of(usage_point)? else { continue };
        if within {
            sums.take(date, &row)?;
            days.push((date, row));
        } else {
            sums.before = Some(Box::new(row));
        }
    }
    Ok((sums.point(), days))
}

/// The day before a period, and its days.
fn dates(period: DatePeriod) -> Result<Vec<Date>, LakeError> {
    if period.to().is_none() {
        return Err(LakeError::Invalid("a bill period needs an end".into()));
    }
    let before =
        period.from().yesterday().map_err(|_| LakeError::Invalid("no day before".into()))?;
    Ok(std::iter::once(before).chain(period.iter_days()).collect())
}

fn unsettled(date: Date) -> LakeError {
    LakeError::NotFound(format!("the state of {date}; settle it first"))
}

#[derive(Default)]
struct Sums {
    before: Option<Box<StateRow>>,
    last: Option<Box<StateRow>>,
    first_on: Option<Date>,
    last_on: Date,
    groups: Vec<CellGroup>,
    days: u32,
    estimated_days: u32,
    held_days: u32,
    estimated_ukwh: i64,
    demand_max_ukw: i64,
    has_demand: bool,
    has_reactive: bool,
    /// Export, reactive forward, reactive reverse.
    others: [i64; 3],
}

impl Sums {
    /// Whether somebody else pays from this day on.
    fn is_of_another(&self, row: &StateRow) -> bool {
        self.last.as_ref().is_some_and(|last| last.account != row.account)
    }

    fn take(&mut self, date: Date, row: &StateRow) -> Result<(), LakeError> {
        const OVER: LakeError =
            LakeError::Quantity(kernel::QuantityError::Overflow("sum of a period"));
        let same = |g: &CellGroup| (g.plan, g.set) == (row.plan, row.set);
        let at = self.groups.iter().position(same).unwrap_or_else(|| {
            self.groups.push(CellGroup {
                plan: row.plan,
                set: row.set,
                first_on: date,
                last_on: date,
                days: 0,
                cells_ukwh: [0; MAX_CELLS],
                used_ukwh: [0; 5],
                charge_units: 0,
            });
            self.groups.len() - 1
        });
        let group = &mut self.groups[at];
        group.last_on = date;
        group.days += 1;
        let add = |sum: &mut i64, more: i64| -> Result<(), LakeError> {
            *sum = sum.checked_add(more).ok_or(OVER)?;
            Ok(())
        };
        for (sum, cell) in group.cells_ukwh.iter_mut().zip(row.cell) {
            add(sum, cell)?;
        }
        for (sum, used) in group.used_ukwh.iter_mut().zip(row.used) {
            add(sum, used)?;
        }
        add(&mut group.charge_units, row.charge_day)?;
        let others = [row.export_ukwh, row.reactive_forward_ukvarh, row.reactive_reverse_ukvarh];
        for (sum, more) in self.others.iter_mut().zip(others) {
            add(sum, more)?;
        }
        self.demand_max_ukw = self.demand_max_ukw.max(row.demand_max_ukw);
        // What a row shows of the meter was read on the day of its last reading.
        if row.read_day == day_number(date) {
            let shows = |kind: RegisterKind| row.register[kind.index()].is_some();
            self.has_demand |= shows(RegisterKind::DemandMax);
            self.has_reactive |=
                shows(RegisterKind::ReactiveForward) || shows(RegisterKind::ReactiveReverse);
        }
        self.days += 1;
        let method = DayMethod::from_code(row.method);
        if method.is_estimate() {
            self.estimated_days += 1;
            let day = row.used.iter().try_fold(0_i64, |sum, used| sum.checked_add(*used));
            add(&mut self.estimated_ukwh, day.ok_or(OVER)?)?;
        }
        self.held_days += u32::from(method == DayMethod::Held);
        self.last = Some(Box::new(*row));
        self.first_on.get_or_insert(date);
        self.last_on = date;
        Ok(())
    }

    fn point(self) -> Option<MonthPoint> {
        let after = self.last?;
        let [export_ukwh, reactive_forward_ukvarh, reactive_reverse_ukvarh] = self.others;
        Some(MonthPoint {
            usage_point: after.usage_point,
            account: after.account,
            first_on: self.first_on?,
            last_on: self.last_on,
            groups: self.groups,
            days: self.days,
            estimated_days: self.estimated_days,
            held_days: self.held_days,
            estimated_ukwh: self.estimated_ukwh,
            export_ukwh,
            reactive_forward_ukvarh,
            reactive_reverse_ukvarh,
            demand_max_ukw: self.demand_max_ukw,
            has_demand: self.has_demand,
            has_reactive: self.has_reactive,
            before: self.before,
            after,
        })
    }
}
