//! Net metering: what a customer draws and delivers is netted over the month, and what is left
//! over rolls into later months, as energy or as money, until the true-up.
//!
//! The order of the steps is that of the reference engine for US rates (SAM's `utilityrate5`),
//! whose numbers the tests hold; where it has a habit of its own, the comment says so.

use super::bill::YearBill;
use super::climb::parts;
use super::ladder::Ladder;
use super::system::Carry;
use super::{ExactAmount, Factor, HourlyForm, LoadProfile, ProfileError};
use crate::{ExportRule, ExportTerms};

/// Energy of one month by period after netting, in interval-power units.
struct Netted {
    drawn: Vec<i64>,
    surplus: Vec<i64>,
}

impl HourlyForm {
    /// Settles a year by monthly netting. `net` is load minus generation.
    pub(super) fn settle_by_month(
        &self,
        net: &LoadProfile,
        terms: &ExportTerms,
        factor: Factor,
        first_year: bool,
        carry: &mut Carry,
    ) -> Result<YearBill, ProfileError> {
        let steps = net.steps_per_hour();
        let in_dollars = terms.rule == ExportRule::NetMeteringCredits;
        let true_up = usize::from(terms.true_up_month) - 1; // 1 to 12, checked by the form
        let demand = self.year_demand(net, &carry.peaks)?;
        let delivered: Vec<i64> = self.month_slices(net).map(|t| -t.iter().sum::<i64>()).collect();
        let excess = if in_dollars {
            [0; 12]
        } else {
            cumulative_excess(&delivered, true_up, first_year, carry.excess_ticks)
        };
        let mut year = YearBill::default();
        let mut surplus = std::mem::take(&mut carry.surplus);
        for (m, (bill, ticks)) in year.months.iter_mut().zip(self.month_slices(net)).enumerate() {
            let starts_anew = (m == 0 && (first_year || true_up == 11)) || m == true_up + 1;
            let rolled = if in_dollars || starts_anew { Vec::new() } else { surplus };
            let netted = self.net_month(m, ticks, steps, &rolled);
            let ladder = self.ladder(m, demand.billing[m])?;
            let on = share(&ladder, &netted.drawn, parts(steps))?;
            bill.cells = self.cells(&ladder, &on, steps, factor)?;
            let over = share(&ladder, &netted.surplus, parts(steps))?;
            let sell = |step: &crate::Step| step.sell.unwrap_or_default();
            bill.delivered = self.priced_cells(&ladder, &over, steps, factor, sell)?;
            bill.energy = ExactAmount::sum(bill.cells.iter().map(|c| c.amount))?;
            self.charge_demand(m, &demand, factor, bill)?;
            surplus = netted.surplus;
        }
        let waiting = terms.true_up_rate.of(excess[true_up], parts(steps))?.times(factor)?;
        let before = if first_year { None } else { Some(carry.excess_amount) };
        let left = roll_credits(&mut year, terms, waiting, before)?;
        self.close(&mut year, factor)?;
        *carry = Carry {
            surplus,
            excess_ticks: excess[11],
            excess_amount: left,
            peaks: demand.remembered,
        };
        Ok(year)
    }

    /// Nets a month by period. Surplus that rolls in arrives in the period that stands at the
    /// same time of day; surplus of a period that none of the four times shows is lost.
    fn net_month(&self, month: usize, ticks: &[i64], steps: usize, rolled: &[i64]) -> Netted {
        let mut balance = vec![0_i64; self.steps.len()];
        let form = &self.months[month];
        let earlier = &self.months[(month + 11) % 12];
        for (column, &ticks) in rolled.iter().enumerate().filter(|(_, t)| **t > 0) {
            let place = earlier.rollover.iter().position(|&c| usize::from(c) == column);
            if let Some(place) = place {
                balance[usize::from(form.rollover[place])] -= ticks;
            }
        }
        for (column, own) in form.columns_by_hour().zip(ticks.chunks(steps)) {
            balance[column] += own.iter().sum::<i64>();
        }
        Netted {
            drawn: balance.iter().map(|&b| b.max(0)).collect(),
            surplus: balance.iter().map(|&b| (-b).max(0)).collect(),
        }
    }
}

/// The surplus energy that is waiting at the end of each month. January of a later year repeats
/// what December left without adding its own balance, as the reference engine does.
fn cumulative_excess(
    delivered: &[i64],
    true_up: usize,
    first_year: bool,
    before: i64,
) -> [i64; 12] {
    let mut excess = [0; 12];
    for m in 0..12 {
        excess[m] = if m == true_up + 1 {
            delivered[m].max(0)
        } else if m == 0 && !first_year && true_up != 11 {
            before
        } else {
            let waiting = if m == 0 { 0 } else { excess[m - 1] };
            (waiting + delivered[m]).max(0)
        };
    }
    excess
}

/// Pays each month with credits. `waiting` is what the surplus energy is worth at the true-up,
/// `before` the credit of the year before. Gives the credit that December leaves.
fn roll_credits(
    year: &mut YearBill,
    terms: &ExportTerms,
    waiting: ExactAmount,
    before: Option<ExactAmount>,
) -> Result<ExactAmount, ProfileError> {
    let in_dollars = terms.rule == ExportRule::NetMeteringCredits;
    let rolls_over = terms.credit_rolls_over;
    let true_up = usize::from(terms.true_up_month) - 1; // 1 to 12, checked by the form
    let mut last = ExactAmount::ZERO;
    for (m, bill) in year.months.iter_mut().enumerate() {
        let after_true_up = m == (true_up + 1) % 12;
        let mut credit = match (m, before) {
            (0, None) => ExactAmount::ZERO,
            _ if after_true_up && !rolls_over => ExactAmount::ZERO,
            (0, Some(before)) => before,
            _ => last,
        };
        if m == true_up && rolls_over {
            credit = credit.plus(waiting)?;
        }
        let mut earned = ExactAmount::ZERO;
        if in_dollars {
            earned = ExactAmount::sum(bill.delivered.iter().map(|c| c.amount))?;
        }
        apply_credits(bill, credit, &mut earned, in_dollars || rolls_over)?;
        if m == true_up && in_dollars {
            bill.true_up = earned.or_zero();
        } else if m == true_up && !rolls_over {
            bill.true_up = waiting;
            earned = earned.max(waiting);
        }
        last = earned;
    }
    Ok(last)
}

/// Pays the energy charge with `before` (credits from earlier) and then with what this month
/// earned; what is left of both stays in `earned` where credits are `kept`.
fn apply_credits(
    bill: &mut super::MonthBill,
    before: ExactAmount,
    earned: &mut ExactAmount,
    kept: bool,
) -> Result<(), ProfileError> {
    let gross = bill.energy;
    let mut applied = before;
    let mut due = gross.minus(before)?;
    if due.is_negative() {
        if kept {
            *earned = earned.minus(due)?;
        }
        due = ExactAmount::ZERO;
    } else {
        due = due.minus(*earned)?;
        if due.is_negative() {
            if kept {
                applied = applied.plus(*earned)?.plus(due)?;
                *earned = ExactAmount::ZERO.minus(due)?;
            }
            due = ExactAmount::ZERO;
        } else {
            applied = applied.plus(*earned)?;
            *earned = ExactAmount::ZERO;
        }
    }
    bill.energy = due;
    bill.credit = applied.min(gross);
    Ok(())
}

/// Spreads each period's energy over the segments in proportion to the month's total.
fn share(ladder: &Ladder, by_column: &[i64], parts: i64) -> Result<Vec<i64>, ProfileError> {
    let mut on = vec![0; ladder.upper_ukwh.len() * ladder.columns];
    let total: i64 = by_column.iter().sum();
    for (column, &ticks) in by_column.iter().enumerate().filter(|(_, t)| **t > 0) {
        let shares = ladder.share(ticks, total, parts);
        let shares = shares.ok_or(ProfileError::TooLarge { what: "energy of a month" })?;
        for (segment, part) in shares.into_iter().enumerate() {
            on[segment * ladder.columns + column] = part;
        }
    }
    Ok(on)
}
