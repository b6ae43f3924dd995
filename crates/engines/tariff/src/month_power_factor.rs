//! The power-factor adjustment of a month (力调电费): its factor from all energy that the main
//! meter and the losses make, its base from the bill so far.

use kernel::{Energy, QuantityError};

use crate::{
    Amount, Arithmetic, Label, LineKind, NamedAmount, Quantity, RatedBill, TariffError, Unit,
    close::Draft, month_lines::Month, power_factor,
};

impl Month<'_> {
    pub fn add_power_factor(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        let Some(rule) = &self.plan.power_factor else { return Ok(()) };
        let reactive = self.reactive.ok_or(TariffError::FactMissing {
            what: "the reactive energy",
            hint: "forward and reverse kvarh of the month",
        })?;
        let behind = self.facts.separate.iter().filter(|s| s.behind_main_meter);
        let active = behind
            .map(|s| Energy::from_ukwh(s.energy_ukwh))
            .try_fold(self.energy()?, |sum, energy| sum.checked_add(energy))?;
        let Some(hundredths) = power_factor::hundredths(active, reactive)? else { return Ok(()) };
        bill.power_factor_hundredths = Some(hundredths);
        let percent = rule.table.at(hundredths);
        let base = self.pf_base(bill, rule.base_with_funds)?;
        let of = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let standard = format!("0.{:02}", rule.table.standard);
        let label = Label::new(
            format!("力调电费（功率因数{of}，标准{standard}）"),
            format!("power-factor adjustment ({of}, standard {standard})"),
        );
        let total = Amount::sum(base.iter().map(|b| b.amount))?;
        let total_e6 = total.units().checked_mul(100).ok_or(QuantityError::Overflow("base"))?;
        let key = "power_factor".to_owned();
        let line = Draft {
            quantity: Quantity::new(total_e6, Unit::Money),
            arithmetic: Arithmetic::Percent { base, percent },
            ..self.draft(LineKind::PowerFactor, key, label, "power_factor")
        };
        let mut line = line.line()?;
        line.source = format!("{}; {}", rule.table.source, line.source);
        bill.lines.push(line);
        Ok(())
    }

    fn pf_base(&self, bill: &RatedBill, with_funds: bool) -> Result<Vec<NamedAmount>, TariffError> {
        let mut base = Vec::new();
        let mut put = |zh: &str, en: &str, amount: Amount| {
            if amount != Amount::ZERO {
                base.push(NamedAmount { name: Label::new(zh, en), amount });
            }
        };
        let energy =
            [LineKind::Energy, LineKind::TierAdder, LineKind::FreeQuota, LineKind::Rounding];
        put("电量电费", "energy", bill.sum_of(&energy)?);
        put("损耗电费", "losses", bill.sum_of(&[LineKind::Loss])?);
        put("保底加价", "default supply", bill.sum_of(&[LineKind::DefaultSupply])?);
        put("基本电费", "basic charge", bill.sum_of(&[LineKind::Demand])?);
        for separate in self.facts.separate.iter().filter(|s| s.in_pf_base) {
            let key = format!("separate.{}", separate.key);
            let lines = bill.lines.iter().filter(|l| l.key == key);
            let amount = Amount::sum(lines.map(|l| l.amount))?;
            put(&separate.label.zh, &separate.label.en, amount);
        }
        for surcharge in self.plan.surcharges.iter().filter(|s| s.in_pf_base || with_funds) {
            let key = format!("surcharge.{}", surcharge.key);
            let own = |l: &&crate::BillLine| {
                l.key == key || l.key.strip_prefix(&key).is_some_and(|rest| rest.starts_with('.'))
            };
            let amount = Amount::sum(bill.lines.iter().filter(own).map(|l| l.amount))?;
            put(&surcharge.label.zh, &surcharge.label.en, amount);
        }
        if !with_funds {
            put("减：政府性基金", "less funds", Amount::ZERO.minus(self.funds)?);
        }
        Ok(base)
    }
}
