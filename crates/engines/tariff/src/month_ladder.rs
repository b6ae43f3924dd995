//! The settlement of a yearly ladder when the customer leaves within the year (阶梯清算): the use of
//! the year is split over the tiers once by the limits that the days were rated under and once by
//! the part of them that the customer had; what differs is charged, a line for each price.

use kernel::{Energy, QuantityError, Ratio};

use crate::{
    CellKind, DayPosition, Label, LineKind, LossSpread, MAX_DAILY_BUCKETS, Quantity, RatedBill,
    TariffError, TierBasis, close::Draft, loss, month_lines::Month,
};

impl Month<'_> {
    pub fn add_ladder(&self, bill: &mut RatedBill, set: usize) -> Result<(), TariffError> {
        let Some(ladder) = self.facts.ladder else { return Ok(()) };
        if self.plan.tier_basis != TierBasis::Year {
            return Ok(());
        }
        let form = self.plan.daily(set)?;
        let used = self.by_bucket(ladder.used_ukwh)?;
        let split =
            |entitlement| form.split(&form.limits(&entitlement)?, DayPosition::default(), &used);
        let (applied, due) = (split(ladder.applied)?, split(ladder.due)?);
        for ((cell, applied), due) in form.cells().iter().zip(applied).zip(due) {
            let moved =
                due.checked_sub(applied).ok_or(QuantityError::Overflow("energy of a tier"))?;
            let (CellKind::Base { tier, .. } | CellKind::Adder { tier }) = cell.kind else {
                continue;
            };
            if moved == 0 {
                continue;
            }
            let quantity = Quantity::kwh(moved);
            let share = crate::text::format_ratio(ladder.due.share);
            let label = Label::new(
                format!("阶梯清算：第{tier}档（全年限额的{share}）"),
                format!("settlement of the ladder: tier {tier} ({share} of the year's limits)"),
            );
            let key = match cell.kind {
                CellKind::Base { column, .. } => {
                    format!("ladder.{}.tier{tier}", self.plan.buckets[usize::from(column)].key)
                }
                _ => format!("ladder.tier{tier}"),
            };
            let line = Draft {
                quantity,
                rate: Some(cell.rate),
                arithmetic: crate::Arithmetic::Product {
                    quantity,
                    rate: cell.rate,
                    factor: Ratio::ONE,
                },
                ..self.draft(LineKind::Adjustment, key, label, "energy.set")
            };
            bill.lines.push(line.line()?);
        }
        Ok(())
    }

    /// A use of the year by bucket, in the proportions of the month: of the months before only
    /// the sum is known. It matters only where tiers differ by more than an adder.
    fn by_bucket(&self, used_ukwh: i64) -> Result<[i64; MAX_DAILY_BUCKETS], TariffError> {
        let flat = self.plan.column_of(crate::Bucket::FLAT);
        let used = Energy::from_ukwh(used_ukwh);
        let parts = loss::spread(used, &self.columns, flat, LossSpread::Proportional)?;
        let mut by_bucket = [0; MAX_DAILY_BUCKETS];
        for (def, part) in self.plan.buckets.iter().zip(parts) {
            if let Some(slot) = by_bucket.get_mut(def.bucket.index()) {
                *slot = part;
            }
        }
        Ok(by_bucket)
    }
}
