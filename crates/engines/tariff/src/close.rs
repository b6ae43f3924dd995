//! Month close: the days' cells, summed, become energy lines; a visible rounding line makes them
//! agree with what was posted day by day; then the lines that only a month has. The scalar form
//! (`rate`) goes the same way with the cells of a whole period.

use kernel::{Currency, Date, QuantityError, Rate, Ratio};

use crate::{
    Amount, Arithmetic, BillLine, CellKind, ComponentLine, Facet, Label, LineKind, ListedPrice,
    MAX_CELLS, MonthFacts, Plan, PriceTag, Quantity, RatedBill, Scheme, TariffError, TariffRef,
    Term, Unit, month_lines,
};

/// Energy by cell, of a part of the bill that one price set of one plan version priced.
#[derive(Debug, Clone, Copy)]
pub struct CellGroup<'a> {
    /// The plan version.
    pub plan: &'a Plan,
    /// The price set.
    pub set: usize,
    /// First day.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// µkWh by cell, as [`crate::DailyForm::cells`] numbers them.
    pub cells_ukwh: [i64; MAX_CELLS],
}

impl CellGroup<'_> {
    /// Adds a day's cells; the group then reaches to `to`.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn add(&mut self, to: Date, cells_ukwh: &[i64; MAX_CELLS]) -> Result<(), QuantityError> {
        for (total, energy) in self.cells_ukwh.iter_mut().zip(cells_ukwh) {
            *total = total.checked_add(*energy).ok_or(QuantityError::Overflow("energy"))?;
        }
        self.to = to;
        Ok(())
    }
}

/// Everything a line is made of but its amount, words and totals.
pub(crate) struct Draft<'a> {
    pub plan: &'a Plan,
    pub kind: LineKind,
    pub key: String,
    pub label: Label,
    pub quantity: Quantity,
    pub rate: Option<Rate>,
    pub arithmetic: Arithmetic,
    pub rule: &'static str,
    pub facet: Option<Facet>,
    pub period: (Date, Date),
}

impl Draft<'_> {
    /// Rounds once by the plan's line rule and says it in words.
    pub fn line(self) -> Result<BillLine, QuantityError> {
        let head = &self.plan.head;
        let rounding = match &self.arithmetic {
            Arithmetic::RoundedSum { .. } => {
                self.plan.rounding.energy_total.unwrap_or(self.plan.rounding.line)
            }
            // Differences of rounded amounts are exact already.
            Arithmetic::Posted { .. } | Arithmetic::Stated { .. } => kernel::Rounding::STORED,
            _ => self.plan.rounding.line,
        };
        let amount = self.arithmetic.amount(head.currency, rounding)?;
        Ok(BillLine {
            formula: self.arithmetic.words(head.currency, rounding, amount)?,
            kind: self.kind,
            key: self.key,
            label: self.label,
            quantity: self.quantity,
            rate: self.rate.map(|value| PriceTag { value, per: self.quantity.unit }),
            amount,
            arithmetic: self.arithmetic,
            rounding,
            rule: format!("{}#{}", head.id, self.rule),
            source: format!("{} [{:?}] {}", head.decree, head.confidence, head.source),
            facet: self.facet,
            from: self.period.0,
            to: self.period.1,
        })
    }
}

/// Closes a month. `posted` is the sum of the daily charges, when days were posted; then the
/// energy lines and the rounding line add up to it exactly.
///
/// # Errors
/// [`TariffError::Usage`] for no groups or mixed currencies, [`TariffError::FactMissing`] when
/// the plan needs a fact that is not given, [`TariffError::Quantity`] on overflow.
pub fn close_month(
    groups: &[CellGroup<'_>],
    posted: Option<Amount>,
    facts: &MonthFacts,
) -> Result<RatedBill, TariffError> {
    let last = groups.last().ok_or_else(|| TariffError::Usage {
        reason: "a bill needs at least one part with a plan".to_owned(),
    })?;
    let currency = last.plan.head.currency;
    if groups.iter().any(|g| g.plan.head.currency != currency) {
        let reason = "the tariff changes its currency within the bill".to_owned();
        return Err(TariffError::Usage { reason });
    }
    let mut bill = empty_bill(currency, facts);
    for group in groups {
        energy_lines(&mut bill, group)?;
        list_prices(&mut bill, group);
        note_tariff(&mut bill, group);
    }
    rounding_line(&mut bill, groups, posted, facts)?;
    components(&mut bill, groups)?;
    month_lines::add(&mut bill, groups, facts)?;
    bill.total = Amount::sum(bill.lines.iter().map(|l| l.amount))?;
    Ok(bill)
}

fn empty_bill(currency: Currency, facts: &MonthFacts) -> RatedBill {
    RatedBill {
        currency,
        from: facts.from,
        to: facts.to,
        tariffs: Vec::new(),
        lines: Vec::new(),
        total: Amount::ZERO,
        energy_ukwh: 0,
        estimated_ukwh: facts.estimated_ukwh,
        components: Vec::new(),
        prices: Vec::new(),
        power_factor_hundredths: None,
    }
}

fn note_tariff(bill: &mut RatedBill, group: &CellGroup<'_>) {
    let head = &group.plan.head;
    match bill.tariffs.last_mut() {
        Some(known) if known.document_hash == head.document_hash && known.id == head.id => {
            known.to = group.to;
        }
        _ => bill.tariffs.push(TariffRef::of(head, group.from, group.to)),
    }
}

fn energy_lines(bill: &mut RatedBill, group: &CellGroup<'_>) -> Result<(), TariffError> {
    let plan = group.plan;
    let form = plan.daily(group.set)?;
    for (cell, energy) in form.cells().iter().zip(group.cells_ukwh) {
        if matches!(cell.kind, CellKind::Base { .. }) {
            bill.energy_ukwh = bill
                .energy_ukwh
                .checked_add(energy)
                .ok_or(QuantityError::Overflow("energy of the bill"))?;
        }
        if energy == 0 {
            continue;
        }
        let (kind, key, label, facet, rule) = describe(plan, group.set, cell.kind);
        let quantity = Quantity::kwh(energy);
        let arithmetic = Arithmetic::Product { quantity, rate: cell.rate, factor: Ratio::ONE };
        let draft = Draft {
            plan,
            kind,
            key,
            label,
            quantity,
            rate: Some(cell.rate),
            arithmetic,
            rule,
            facet,
            period: (group.from, group.to),
        };
        bill.lines.push(draft.line()?);
    }
    Ok(())
}

type Description = (LineKind, String, Label, Option<Facet>, &'static str);

fn describe(plan: &Plan, set: usize, kind: CellKind) -> Description {
    let season = plan.sets.get(set).map(|s| s.label.clone()).unwrap_or_default();
    let named = |zh: String, en: String| {
        let zh = if season.zh.is_empty() { zh } else { format!("{zh}（{}）", season.zh) };
        let en = if season.en.is_empty() { en } else { format!("{en} ({})", season.en) };
        Label::new(zh, en)
    };
    match kind {
        CellKind::Base { tier, column } => {
            let def = &plan.buckets[usize::from(column)];
            let only = plan.buckets.len() == 1;
            let (zh, en) = match (tier, only) {
                (0, true) => ("电量电费".to_owned(), "energy".to_owned()),
                (0, false) => (def.label.zh.clone(), format!("{} energy", def.label.en)),
                (t, true) => (format!("第{t}档电量"), format!("tier {t} energy")),
                (t, false) => (
                    format!("第{t}档{}", def.label.zh),
                    format!("tier {t} {} energy", def.label.en),
                ),
            };
            let key = match tier {
                0 => format!("energy.{}", def.key),
                t => format!("energy.{}.tier{t}", def.key),
            };
            let facet = Facet { bucket: def.key.clone(), tier };
            (LineKind::Energy, key, named(zh, en), Some(facet), "energy.set")
        }
        CellKind::Adder { tier } => {
            let label = named(format!("第{tier}档加价"), format!("tier {tier} adder"));
            let facet = Facet { bucket: String::new(), tier };
            let key = format!("adder.tier{tier}");
            (LineKind::TierAdder, key, label, Some(facet), "energy.set.adders")
        }
        CellKind::Surcharge { index } => {
            let surcharge = &plan.surcharges[usize::from(index)];
            let key = format!("surcharge.{}", surcharge.key);
            (LineKind::Surcharge, key, surcharge.label.clone(), None, "surcharge")
        }
        CellKind::FreeQuota => {
            let label = Label::new("免费电量", "free quota");
            (LineKind::FreeQuota, "free_quota".to_owned(), label, None, "allowances.free_quota")
        }
    }
}

fn list_prices(bill: &mut RatedBill, group: &CellGroup<'_>) {
    let plan = group.plan;
    let mut put = |bucket: &str, tier: usize, rate: Rate| {
        let price =
            ListedPrice { bucket: bucket.to_owned(), tier: u8::try_from(tier).unwrap_or(0), rate };
        if !bill.prices.contains(&price) {
            bill.prices.push(price);
        }
    };
    match &plan.sets[group.set].scheme {
        Scheme::Adders { rates, adders, .. } => {
            for (def, rate) in plan.buckets.iter().zip(rates) {
                put(&def.key, 0, *rate);
            }
            for (above, rate) in adders.iter().enumerate() {
                put("", above + 2, *rate);
            }
        }
        Scheme::Matrix { rates, .. } => {
            for (tier, row) in rates.iter().enumerate() {
                for (def, rate) in plan.buckets.iter().zip(row) {
                    put(&def.key, tier + 1, *rate);
                }
            }
        }
        Scheme::PerBucket { .. } => {}
    }
}

/// The line that makes rounded lines agree with rounded days, or with the rounded sum.
fn rounding_line(
    bill: &mut RatedBill,
    groups: &[CellGroup<'_>],
    posted: Option<Amount>,
    facts: &MonthFacts,
) -> Result<(), TariffError> {
    let Some(last) = groups.last() else { return Ok(()) };
    let lines = Amount::sum(bill.lines.iter().map(|l| l.amount))?;
    let (key, label, arithmetic) = match (posted, last.plan.rounding.energy_total) {
        (Some(posted), _) => {
            let label = Label::new("日电费取整差额", "rounding of daily charges");
            ("rounding.daily", label, Arithmetic::Posted { posted, lines })
        }
        (None, Some(_)) => {
            let term =
                |l: &BillLine| l.rate.map(|rate| Term { quantity: l.quantity, rate: rate.value });
            let terms = bill.lines.iter().filter_map(term).collect();
            let label = Label::new("合计取整差额", "rounding of the sum");
            ("rounding.total", label, Arithmetic::RoundedSum { terms, lines })
        }
        (None, None) => return Ok(()),
    };
    let draft = Draft {
        plan: last.plan,
        kind: LineKind::Rounding,
        key: key.to_owned(),
        label,
        quantity: Quantity::new(1_000_000, Unit::Month),
        rate: None,
        arithmetic,
        rule: "rounding",
        facet: None,
        period: (facts.from, facts.to),
    };
    let line = draft.line()?;
    if line.amount != Amount::ZERO {
        bill.lines.push(line);
    }
    Ok(())
}

/// µkWh of the base cells by the plan's columns.
pub(crate) fn by_column(group: &CellGroup<'_>) -> Result<Vec<i64>, TariffError> {
    let form = group.plan.daily(group.set)?;
    let mut totals = vec![0_i64; group.plan.buckets.len()];
    for (cell, energy) in form.cells().iter().zip(group.cells_ukwh) {
        if let CellKind::Base { column, .. } = cell.kind {
            let total = &mut totals[usize::from(column)];
            *total = total.checked_add(energy).ok_or(QuantityError::Overflow("energy"))?;
        }
    }
    Ok(totals)
}

/// Where the printed prices go, and the residual that their printing left.
fn components(bill: &mut RatedBill, groups: &[CellGroup<'_>]) -> Result<(), TariffError> {
    let mut list: Vec<ComponentLine> = Vec::new();
    let mut billed = Amount::ZERO;
    let mut any = false;
    for line in &bill.lines {
        if matches!(line.kind, LineKind::Energy | LineKind::TierAdder | LineKind::Rounding) {
            billed = billed.plus(line.amount)?;
        }
    }
    for group in groups {
        let columns = by_column(group)?;
        for component in &group.plan.components {
            any = true;
            let mut exact = kernel::ExactMoney::zero(bill.currency);
            for (column, energy) in columns.iter().enumerate() {
                let factor = component.factors.get(column).copied().unwrap_or(Ratio::ONE);
                let part = kernel::ExactMoney::product(*energy, component.rate, bill.currency);
                exact = exact.checked_add(part.times(factor)?)?;
            }
            let amount: Amount = exact.round(group.plan.rounding.line)?.into();
            billed = billed.minus(amount)?;
            match list.iter_mut().find(|l| l.key == component.key) {
                Some(known) => known.amount = known.amount.plus(amount)?,
                None => list.push(ComponentLine {
                    key: component.key.clone(),
                    label: component.label.clone(),
                    amount,
                }),
            }
        }
    }
    if any {
        let label = Label::new("印发价与分项之差", "printed price less components");
        list.push(ComponentLine { key: "residual".to_owned(), label, amount: billed });
        bill.components = list;
    }
    Ok(())
}
