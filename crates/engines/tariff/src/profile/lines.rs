//! One month of a year of intervals as a [`RatedBill`]: a line for each cell, with its quantity,
//! price and arithmetic, rounded once by the plan's rule.

use kernel::{Date, DatePeriod, Fault, FaultKind, Rate, Ratio};

use super::{ExactAmount, MonthBill, ProfileError};
use crate::{
    Amount, Arithmetic, BillLine, Facet, Label, LineKind, MinimumPer, Plan, Quantity, RatedBill,
    TariffError, TariffRef, Unit, close::Draft,
};

/// Why a month of intervals cannot be written as a bill.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// A quantity or a line does not fit.
    #[error(transparent)]
    Tariff(#[from] TariffError),
    /// A price does not fit a line.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl Fault for LinesError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Tariff(e) => e.kind(),
            Self::Profile(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Tariff(e) => e.code(),
            Self::Profile(e) => e.code(),
        }
    }
}

/// Writes a month, rated without escalation by the hourly form of `plan`, as a bill of lines.
///
/// Each line is rounded by itself, so the total may differ from [`MonthBill::total`] by half a
/// cent for each line. Prices are shown, and multiplied, with eight decimals.
///
/// # Errors
/// [`LinesError`] when a number does not fit.
pub fn month_lines(
    plan: &Plan,
    month: &MonthBill,
    period: DatePeriod,
) -> Result<RatedBill, LinesError> {
    let to = period.to().unwrap_or_else(|| period.from());
    let writer = Writer { plan, period: (period.from(), to) };
    let mut lines = writer.energy(month)?;
    lines.extend(writer.demand(month)?);
    for fixed in &plan.fixed {
        let key = format!("fixed.{}", fixed.key);
        let names = (LineKind::Fixed, key, fixed.label.clone(), "fixed");
        let once = Quantity::new(1_000_000, Unit::Month);
        lines.push(writer.product(names, once, fixed.rate, None)?);
    }
    let credit = ExactAmount::ZERO.minus(month.credit)?;
    let words = ("credit", "抵扣", "credit for energy delivered");
    lines.extend(writer.stated(LineKind::Adjustment, credit, words)?);
    lines.extend(writer.minimums(month, &lines)?);
    let true_up = ExactAmount::ZERO.minus(month.true_up)?;
    let words = ("true_up", "结清", "credit paid out at the true-up");
    lines.extend(writer.stated(LineKind::Adjustment, true_up, words)?);
    let total = Amount::sum(lines.iter().map(|l| l.amount)).map_err(TariffError::from)?;
    Ok(RatedBill {
        currency: plan.head.currency,
        from: period.from(),
        to,
        tariffs: vec![TariffRef::of(&plan.head, period.from(), to)],
        lines,
        total,
        energy_ukwh: month.energy_ukwh(),
        estimated_ukwh: 0,
        components: Vec::new(),
        prices: Vec::new(),
        power_factor_hundredths: None,
    })
}

/// The kind, key, label and rule of a line.
type Names = (LineKind, String, Label, &'static str);

struct Writer<'a> {
    plan: &'a Plan,
    period: (Date, Date),
}

impl Writer<'_> {
    fn energy(&self, month: &MonthBill) -> Result<Vec<BillLine>, LinesError> {
        let line = |cell: &super::EnergyCell| {
            let bucket = self.plan.buckets.get(cell.period);
            let key = bucket.map_or("energy", |b| b.key.as_str());
            let name = bucket.map(|b| b.label.clone()).unwrap_or_default();
            let tier = u8::try_from(cell.step + 1).unwrap_or(u8::MAX);
            let label = Label::new(
                format!("{} 第 {tier} 档电量", name.zh),
                format!("energy, {}, tier {tier}", name.en),
            );
            let names = (LineKind::Energy, format!("energy.{key}.tier{tier}"), label, "energy");
            let facet = Facet { bucket: key.to_owned(), tier };
            let quantity = Quantity::new(cell.energy_ukwh, Unit::Kwh);
            self.product(names, quantity, cell.price.rate()?, Some(facet))
        };
        month.cells.iter().map(line).collect()
    }

    fn demand(&self, month: &MonthBill) -> Result<Vec<BillLine>, LinesError> {
        let line = |cell: &super::DemandCell| {
            let tier = cell.step + 1;
            let (key, label) = match cell.period {
                None => (
                    format!("demand.flat.tier{tier}"),
                    Label::new(
                        format!("当月最大需量 第 {tier} 档"),
                        format!("demand of the month, tier {tier}"),
                    ),
                ),
                Some(period) => (
                    format!("demand.p{period}.tier{tier}"),
                    Label::new(
                        format!("需量时段 {period} 第 {tier} 档"),
                        format!("demand of period {period}, tier {tier}"),
                    ),
                ),
            };
            let names = (LineKind::Demand, key, label, "demand");
            let quantity = Quantity::new(cell.demand_ukw, Unit::Kw);
            self.product(names, quantity, cell.price.rate()?, None)
        };
        month.demand.iter().map(line).collect()
    }

    /// The top-up to the monthly minimum, and what the yearly one adds in December.
    fn minimums(&self, month: &MonthBill, lines: &[BillLine]) -> Result<Vec<BillLine>, LinesError> {
        let reached = Amount::sum(lines.iter().map(|l| l.amount)).map_err(TariffError::from)?;
        let mut top_ups = Vec::new();
        let mut rest = month.minimum;
        for minimum in self.plan.minimums.iter().filter(|m| m.per == MinimumPer::Month) {
            let least = super::Price::from_rate(minimum.rate).once()?;
            let due = [month.energy, month.tou_demand, month.flat_demand, month.fixed];
            let missing = least.minus(ExactAmount::sum(due)?.or_zero())?.or_zero();
            if missing == ExactAmount::ZERO {
                continue;
            }
            rest = rest.minus(missing)?;
            let minimum = self.rounded(least)?;
            let label = Label::new("最低收费补足", "top-up to the minimum");
            let names = (LineKind::Minimum, "minimum.month".to_owned(), label, "minimum");
            let arithmetic = Arithmetic::TopUp { minimum, reached: reached.max(Amount::ZERO) };
            top_ups.push(self.line(names, None, arithmetic, None)?);
        }
        let words = ("minimum.year", "年度最低收费补足", "top-up to the yearly minimum");
        top_ups.extend(self.stated(LineKind::Minimum, rest.or_zero(), words)?);
        Ok(top_ups)
    }

    /// A line with an amount that other months took part in; none for nothing.
    fn stated(
        &self,
        kind: LineKind,
        amount: ExactAmount,
        (key, zh, en): (&str, &str, &str),
    ) -> Result<Option<BillLine>, LinesError> {
        let amount = self.rounded(amount)?;
        if amount == Amount::ZERO {
            return Ok(None);
        }
        let label = Label::new(zh, en);
        let names = (kind, key.to_owned(), label.clone(), "export");
        self.line(names, None, Arithmetic::Stated { amount, reason: label }, None).map(Some)
    }

    fn rounded(&self, amount: ExactAmount) -> Result<Amount, LinesError> {
        let exact = amount.exact_money(self.plan.head.currency)?;
        Ok(exact.round(self.plan.rounding.line).map_err(TariffError::from)?.into())
    }

    fn product(
        &self,
        names: Names,
        quantity: Quantity,
        rate: Rate,
        facet: Option<Facet>,
    ) -> Result<BillLine, LinesError> {
        let arithmetic = Arithmetic::Product { quantity, rate, factor: Ratio::ONE };
        self.line(names, Some((quantity, rate)), arithmetic, facet)
    }

    fn line(
        &self,
        (kind, key, label, rule): Names,
        priced: Option<(Quantity, Rate)>,
        arithmetic: Arithmetic,
        facet: Option<Facet>,
    ) -> Result<BillLine, LinesError> {
        let once = Quantity::new(1_000_000, Unit::Month);
        let draft = Draft {
            plan: self.plan,
            kind,
            key,
            label,
            quantity: priced.map_or(once, |(quantity, _)| quantity),
            rate: priced.map(|(_, rate)| rate),
            arithmetic,
            rule,
            facet,
            period: self.period,
        };
        Ok(draft.line().map_err(TariffError::from)?)
    }
}
