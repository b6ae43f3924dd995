//! Net billing and buy-all-sell-all: each interval is settled by itself. What is drawn climbs the
//! buying ladder, what is delivered climbs the selling one, both anew each month.

use super::bill::YearBill;
use super::climb::{Climb, parts};
use super::system::{Carry, PriceSeries};
use super::{ExactAmount, Factor, HourlyForm, LoadProfile, Price, ProfileError};
use crate::{ExportRule, ExportTerms, Step};

/// How a year of intervals is settled.
pub(super) struct IntervalTerms<'a> {
    /// The construct; `None` for a plan without one, whose deliveries are credited at once.
    pub export: Option<&'a ExportTerms>,
    /// Prices by interval, instead of the ladders.
    pub series: PriceSeries<'a>,
    /// Escalation of the year.
    pub factor: Factor,
    /// The meter measures generation only, with the load's ladders for these billing demands;
    /// it has no fixed charge and no minimum.
    pub generation_meter: Option<&'a [i64; 12]>,
}

/// One month settled: interval-power sums by segment and column, and the two totals.
struct SettledMonth {
    drawn: Vec<i64>,
    delivered: Vec<i64>,
    charge: ExactAmount,
    credit: ExactAmount,
}

impl HourlyForm {
    /// Rates a load that also delivers, crediting deliveries in the month they happen.
    pub(super) fn rate_delivering(
        &self,
        load: &LoadProfile,
        peaks_before_ukw: &[i64; 12],
    ) -> Result<YearBill, ProfileError> {
        let terms = IntervalTerms {
            export: None,
            series: PriceSeries::default(),
            factor: Factor::ONE,
            generation_meter: None,
        };
        let mut carry = Carry { peaks: *peaks_before_ukw, ..Carry::default() };
        self.settle_by_interval(load, &terms, &mut carry)
    }

    /// Settles a year interval by interval. `net` is load minus generation, or minus the
    /// generation alone on a meter of its own.
    pub(super) fn settle_by_interval(
        &self,
        net: &LoadProfile,
        terms: &IntervalTerms<'_>,
        carry: &mut Carry,
    ) -> Result<YearBill, ProfileError> {
        let factor = terms.factor;
        let demand = self.year_demand(net, &carry.peaks)?;
        let carries = terms.export.filter(|e| e.rule == ExportRule::NetBillingCarryOver);
        let mut year = YearBill::default();
        let mut earned = [ExactAmount::ZERO; 12];
        let mut intervals = Vec::with_capacity(net.power_ukw().len());
        for (m, (bill, ticks)) in year.months.iter_mut().zip(self.month_slices(net)).enumerate() {
            let billing = terms.generation_meter.map_or(demand.billing[m], |load| load[m]);
            let ladder = self.ladder(m, billing)?;
            let steps = net.steps_per_hour();
            let month = self.settle_month(m, ticks, steps, &ladder, terms, &mut intervals)?;
            let price = |p: Price, replaced: bool| if replaced { Price::ZERO } else { p };
            let buy = |s: &Step| price(s.rate, terms.series.buy.is_some());
            let sell = |s: &Step| price(s.sell.unwrap_or_default(), terms.series.sell.is_some());
            bill.cells = self.priced_cells(&ladder, &month.drawn, steps, factor, buy)?;
            bill.delivered = self.priced_cells(&ladder, &month.delivered, steps, factor, sell)?;
            self.charge_demand(m, &demand, factor, bill)?;
            bill.energy = month.charge;
            match carries {
                Some(export) => {
                    let true_up = usize::from(export.true_up_month) - 1;
                    earned[m] = month.credit;
                    let before = match m {
                        0 if true_up == 11 => ExactAmount::ZERO,
                        0 => carry.excess_amount,
                        _ if m == true_up + 1 => ExactAmount::ZERO,
                        _ => earned[m - 1],
                    };
                    apply_carried(bill, before, &mut earned[m], export.credit_in_same_month)?;
                    if m == true_up && !export.credit_expires {
                        bill.true_up = earned[m].or_zero();
                    }
                }
                None => {
                    bill.energy = bill.energy.minus(month.credit)?;
                    if terms.generation_meter.is_some() {
                        bill.sold = month.credit;
                    } else {
                        bill.credit = month.credit;
                    }
                }
            }
        }
        year.intervals = intervals;
        if terms.generation_meter.is_some() {
            for bill in &mut year.months {
                bill.total = ExactAmount::sum([bill.energy, bill.tou_demand, bill.flat_demand])?;
            }
        } else {
            self.close(&mut year, factor)?;
        }
        carry.excess_amount = earned[11];
        carry.peaks = demand.remembered;
        Ok(year)
    }

    fn settle_month(
        &self,
        month: usize,
        ticks: &[i64],
        steps: usize,
        ladder: &super::ladder::Ladder,
        terms: &IntervalTerms<'_>,
        intervals: &mut Vec<ExactAmount>,
    ) -> Result<SettledMonth, ProfileError> {
        let cells = ladder.upper_ukwh.len() * ladder.columns;
        let mut settled = SettledMonth {
            drawn: vec![0; cells],
            delivered: vec![0; cells],
            charge: ExactAmount::ZERO,
            credit: ExactAmount::ZERO,
        };
        let mut buying = Climb::new(ladder, steps);
        let mut selling = Climb::new(ladder, steps);
        for (column, own) in self.months[month].columns_by_hour().zip(ticks.chunks(steps)) {
            for &value in own {
                let at = intervals.len();
                let delivers = value <= 0;
                let (climb, on, series) = if delivers {
                    (&mut selling, &mut settled.delivered, terms.series.sell)
                } else {
                    (&mut buying, &mut settled.drawn, terms.series.buy)
                };
                let quantity = value.abs();
                let amount = match series.and_then(|s| price_at(s, at, steps)) {
                    Some(price) => {
                        climb.stay(column, quantity, on);
                        price.of(quantity, parts(steps))?
                    }
                    None => {
                        let own = &self.steps[column];
                        let pick =
                            |s: &Step| if delivers { s.sell.unwrap_or_default() } else { s.rate };
                        climb.take_priced(column, quantity, on, |step| {
                            own.get(step).map(pick).unwrap_or_default()
                        })?
                    }
                };
                let amount = amount.times(terms.factor)?;
                let total = if delivers { &mut settled.credit } else { &mut settled.charge };
                *total = total.plus(amount)?;
                intervals.push(if delivers { ExactAmount::ZERO.minus(amount)? } else { amount });
            }
        }
        Ok(settled)
    }
}

/// The price of an interval of the year, from a series that is as fine or hourly.
fn price_at(series: &[Price], interval: usize, steps_per_hour: usize) -> Option<Price> {
    let as_fine = series.len() == super::HOURS_PER_YEAR * steps_per_hour;
    let at = if as_fine { interval } else { interval / steps_per_hour };
    series.get(at).copied()
}

/// Pays the month's charge with carried credits; what is left is carried on.
fn apply_carried(
    bill: &mut super::MonthBill,
    before: ExactAmount,
    earned: &mut ExactAmount,
    in_same_month: bool,
) -> Result<(), ProfileError> {
    let gross = bill.energy;
    let mut applied = before;
    if in_same_month {
        applied = applied.plus(*earned)?;
        *earned = ExactAmount::ZERO;
    }
    let mut due = gross.minus(applied)?;
    if due.is_negative() {
        applied = applied.plus(due)?;
        *earned = earned.minus(due)?;
        due = ExactAmount::ZERO;
    }
    bill.energy = due;
    bill.credit = applied.min(gross);
    Ok(())
}
