//! The lines that only a month has: losses, separate uses, default supply, basic charge, power
//! factor, fixed and minimum charges, in that order; later ones build on earlier amounts.

use kernel::{Energy, ExactMoney, QuantityError, Rate, Ratio, Reactive, RoundingMode};

use crate::{
    Amount, Arithmetic, BasicCharge, Bucket, CapacityPart, CellGroup, DemandBasis, FixedPer, Label,
    LineKind, MinimumPer, MonthFacts, Plan, Quantity, RatedBill, Scheme, TariffError, Unit,
    close::{Draft, by_column},
    loss,
};

/// What the month's lines know of its energy.
pub(crate) struct Month<'a> {
    pub plan: &'a Plan,
    pub facts: &'a MonthFacts,
    /// µkWh by the plan's columns, losses included.
    pub columns: Vec<i64>,
    /// Reactive energy of the month, losses included.
    pub reactive: Option<Reactive>,
    /// Government funds within the energy lines (their components), for the base of 力调.
    pub funds: Amount,
}

pub(crate) fn add(
    bill: &mut RatedBill,
    groups: &[CellGroup<'_>],
    facts: &MonthFacts,
) -> Result<(), TariffError> {
    let Some(last) = groups.last() else { return Ok(()) };
    let mut month = Month {
        plan: last.plan,
        facts,
        columns: vec![0; last.plan.buckets.len()],
        reactive: reactive(facts)?,
        funds: Amount::ZERO,
    };
    for group in groups {
        for (column, energy) in by_column(group)?.into_iter().enumerate() {
            let place = group.plan.buckets[column].bucket;
            let total = &mut month.columns[last.plan.column_of(place)];
            *total = total.checked_add(energy).ok_or(QuantityError::Overflow("energy"))?;
            let funds = fund_amount(group.plan, energy)?;
            month.funds = month.funds.plus(funds)?;
        }
    }
    month.add_ladder(bill, last.set)?;
    month.add_losses(bill, last.set)?;
    month.add_separate(bill)?;
    month.add_default_supply(bill)?;
    month.add_basic(bill)?;
    month.add_power_factor(bill)?;
    month.add_fixed(bill)?;
    month.add_minimum(bill)?;
    // A refund of earlier energy is not eaten up by the minimum of this month.
    month.add_adjusted(bill)
}

/// Forward plus the absolute value of reverse; `None` when neither was measured.
fn reactive(facts: &MonthFacts) -> Result<Option<Reactive>, TariffError> {
    if facts.reactive_forward.is_none() && facts.reactive_reverse.is_none() {
        return Ok(None);
    }
    let forward = facts.reactive_forward.unwrap_or(Reactive::ZERO);
    let reverse = facts.reactive_reverse.unwrap_or(Reactive::ZERO);
    let reverse = reverse.ukvarh().checked_abs().ok_or(QuantityError::Overflow("kvarh"))?;
    Ok(Some(forward.checked_add(Reactive::from_ukvarh(reverse))?))
}

/// What the fund components of an energy come to, rounded as a line.
fn fund_amount(plan: &Plan, energy_ukwh: i64) -> Result<Amount, TariffError> {
    let funds = plan.components.iter().filter(|c| c.fund).map(|c| c.rate);
    let rate = funds.into_iter().try_fold(Rate::ZERO, |sum, rate| sum.checked_add(rate))?;
    let exact = ExactMoney::product(energy_ukwh, rate, plan.head.currency);
    Ok(exact.round(plan.rounding.line)?.into())
}

impl Month<'_> {
    pub fn draft(
        &self,
        kind: LineKind,
        key: String,
        label: Label,
        rule: &'static str,
    ) -> Draft<'_> {
        Draft {
            plan: self.plan,
            kind,
            key,
            label,
            quantity: Quantity::new(1_000_000, Unit::Month),
            rate: None,
            arithmetic: Arithmetic::Stated { amount: Amount::ZERO, reason: Label::default() },
            rule,
            facet: None,
            period: (self.facts.from, self.facts.to),
        }
    }

    fn product(
        &self,
        bill: &mut RatedBill,
        names: (LineKind, String, Label, &'static str),
        quantity: Quantity,
        (rate, factor): (Rate, Ratio),
    ) -> Result<(), TariffError> {
        let (kind, key, label, rule) = names;
        let line = Draft {
            quantity,
            rate: Some(rate),
            arithmetic: Arithmetic::Product { quantity, rate, factor },
            ..self.draft(kind, key, label, rule)
        };
        bill.lines.push(line.line()?);
        Ok(())
    }

    pub fn energy(&self) -> Result<Energy, TariffError> {
        let total = self.columns.iter().try_fold(0_i64, |sum, e| sum.checked_add(*e));
        Ok(Energy::from_ukwh(total.ok_or(QuantityError::Overflow("energy"))?))
    }

    /// Transformer and line losses, billed at the prices of their buckets.
    fn add_losses(&mut self, bill: &mut RatedBill, set: usize) -> Result<(), TariffError> {
        let Some(rule) = &self.plan.loss else { return Ok(()) };
        let facts = self.facts;
        let losses = rule.losses(
            facts.transformer.as_ref(),
            self.energy()?,
            self.reactive.unwrap_or(Reactive::ZERO),
            facts.month_share,
            facts.days(),
        )?;
        if let Some(measured) = self.reactive {
            self.reactive = Some(measured.checked_add(losses.reactive)?);
        }
        let flat = self.plan.column_of(Bucket::FLAT);
        let parts = loss::spread(losses.active, &self.columns, flat, rule.spread())?;
        for (column, part) in parts.into_iter().enumerate().filter(|(_, part)| *part != 0) {
            let total = self.columns[column].checked_add(part);
            self.columns[column] = total.ok_or(QuantityError::Overflow("energy"))?;
            self.funds = self.funds.plus(fund_amount(self.plan, part)?)?;
            let def = &self.plan.buckets[column];
            let key = format!("loss.{}", def.key);
            let zh = format!("变（线）损电量（{}）", def.label.zh);
            let label = Label::new(zh, format!("losses ({})", def.label.en));
            let names = (LineKind::Loss, key, label, "loss");
            let rate = base_rate(self.plan, set, column);
            self.product(bill, names, Quantity::kwh(part), (rate, Ratio::ONE))?;
            self.add_surcharges(bill, "loss", part)?;
        }
        Ok(())
    }

    fn add_surcharges(
        &self,
        bill: &mut RatedBill,
        on: &str,
        energy: i64,
    ) -> Result<(), TariffError> {
        for surcharge in &self.plan.surcharges {
            let key = format!("surcharge.{}.{on}", surcharge.key);
            let names = (LineKind::Surcharge, key, surcharge.label.clone(), "surcharge");
            self.product(bill, names, Quantity::kwh(energy), (surcharge.rate, Ratio::ONE))?;
        }
        Ok(())
    }

    fn add_separate(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        for separate in &self.facts.separate {
            let key = format!("separate.{}", separate.key);
            let names = (LineKind::SeparateUse, key, separate.label.clone(), "separate");
            let quantity = Quantity::kwh(separate.energy_ukwh);
            self.product(bill, names, quantity, (separate.rate, Ratio::ONE))?;
            if separate.with_surcharges {
                self.add_surcharges(bill, &separate.key, separate.energy_ukwh)?;
            }
        }
        Ok(())
    }

    /// What default supply adds: (multiplier − 1) × the floated component.
    fn add_default_supply(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        if !self.facts.default_supply {
            return Ok(());
        }
        for component in &self.plan.components {
            let Some(multiplier) = component.default_supply_factor else { continue };
            let extra = Ratio::new(
                multiplier.numerator() - multiplier.denominator(),
                multiplier.denominator(),
            )?;
            for (column, energy) in self.columns.iter().enumerate().filter(|(_, e)| **e != 0) {
                let float = component.factors.get(column).copied().unwrap_or(Ratio::ONE);
                let def = &self.plan.buckets[column];
                let key = format!("default_supply.{}.{}", component.key, def.key);
                let label = Label::new(
                    format!("保底供电加价（{}）", def.label.zh),
                    format!("default supply surcharge ({})", def.label.en),
                );
                let names = (LineKind::DefaultSupply, key, label, "component");
                let price = (component.rate, extra.checked_mul(float)?);
                self.product(bill, names, Quantity::kwh(*energy), price)?;
            }
        }
        Ok(())
    }

    fn add_basic(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        let Some(basic) = &self.plan.demand.basic else { return Ok(()) };
        let missing = |what, hint| TariffError::FactMissing { what, hint };
        let basis = self.facts.basis.ok_or_else(|| {
            missing("the basis of the basic charge", "capacity, contract or actual demand")
        })?;
        let month_days = basic.days_in_month.unwrap_or(self.facts.month_days);
        if basis == DemandBasis::Capacity {
            if self.facts.capacity.is_empty() {
                return Err(missing("the capacity", "kVA of each transformer with its days"));
            }
            return self.add_capacity(bill, basic, month_days);
        }
        let actual = self.facts.actual_ukw.ok_or_else(|| {
            missing("the maximum demand", "the demand register's reading × multiplier")
        })?;
        let floor = floor_ukw(basic, &self.facts.capacity)?;
        let factor = self.facts.month_share.checked_mul(self.high_use(basic)?)?;
        let (key, zh, en, arithmetic) = if basis == DemandBasis::Contract {
            let contract = self
                .facts
                .contract_ukw
                .ok_or_else(|| missing("the contract demand", "kW that the customer declared"))?;
            let arithmetic = Arithmetic::ContractDemand {
                contract_ukw: contract,
                floor_ukw: floor,
                actual_ukw: actual,
                free_excess: basic.free_excess,
                excess_factor: basic.excess_factor,
                rate: basic.demand_rate,
                factor,
            };
            (
                "basic.contract",
                "基本电费（合同最大需量）",
                "basic charge, contract demand",
                arithmetic,
            )
        } else {
            let charged = if basic.floor_on_actual { actual.max(floor) } else { actual };
            let quantity = Quantity::new(charged, Unit::Kw);
            let arithmetic = Arithmetic::Product { quantity, rate: basic.demand_rate, factor };
            ("basic.actual", "基本电费（实际最大需量）", "basic charge, actual demand", arithmetic)
        };
        let charged = match &arithmetic {
            Arithmetic::Product { quantity, .. } => quantity.e6,
            other => other.charged_demand_ukw()?.unwrap_or(0),
        };
        let line = Draft {
            quantity: Quantity::new(charged, Unit::Kw),
            rate: Some(basic.demand_rate),
            arithmetic,
            ..self.draft(LineKind::Demand, key.to_owned(), Label::new(zh, en), "basic")
        };
        bill.lines.push(line.line()?);
        Ok(())
    }

    fn add_capacity(
        &self,
        bill: &mut RatedBill,
        basic: &BasicCharge,
        month_days: u16,
    ) -> Result<(), TariffError> {
        let parts: Vec<CapacityPart> = self.facts.capacity.clone();
        let whole = parts.iter().try_fold(0_i64, |sum, p| {
            let days = i64::from(p.days);
            let kva = Energy::from_ukwh(p.capacity_ukva).times(p.share, RoundingMode::HalfUp);
            let kva = kva.and_then(|k| {
                k.times(Ratio::new(days, i64::from(month_days))?, RoundingMode::HalfUp)
            })?;
            sum.checked_add(kva.ukwh()).ok_or(QuantityError::Overflow("capacity"))
        })?;
        let label = Label::new("基本电费（变压器容量）", "basic charge, capacity");
        let rate = basic.capacity_rate;
        let line = Draft {
            quantity: Quantity::new(whole, Unit::Kva),
            rate: Some(rate),
            arithmetic: Arithmetic::CapacityDays { parts, month_days, rate },
            ..self.draft(LineKind::Demand, "basic.capacity".to_owned(), label, "basic")
        };
        bill.lines.push(line.line()?);
        Ok(())
    }

    /// The lower demand price of customers who use their capacity much.
    fn high_use(&self, basic: &BasicCharge) -> Result<Ratio, TariffError> {
        let Some(high) = &basic.high_use else { return Ok(Ratio::ONE) };
        let kva: i128 = self.facts.capacity.iter().map(|p| i128::from(p.capacity_ukva)).sum();
        let needed = kva * i128::from(high.from_ukwh_per_kva) / 1_000_000;
        let used = i128::from(self.energy()?.ukwh());
        Ok(if kva > 0 && used >= needed { high.factor } else { Ratio::ONE })
    }

    fn add_fixed(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        for fixed in &self.plan.fixed {
            let (quantity, factor) = match fixed.per {
                FixedPer::Day => {
                    let days = i64::from(self.facts.days()) * 1_000_000;
                    (Quantity::new(days, Unit::Day), Ratio::ONE)
                }
                FixedPer::Month => {
                    let share = if fixed.prorated { self.facts.month_share } else { Ratio::ONE };
                    (Quantity::new(1_000_000, Unit::Month), share)
                }
            };
            let key = format!("fixed.{}", fixed.key);
            let names = (LineKind::Fixed, key, fixed.label.clone(), "fixed");
            self.product(bill, names, quantity, (fixed.rate, factor))?;
        }
        Ok(())
    }

    fn add_adjusted(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        for part in &self.facts.adjusted {
            let quantity = Quantity::kwh(part.energy_ukwh);
            let (kind, key, label) = (LineKind::Adjustment, part.key.clone(), part.label.clone());
            let line = Draft {
                quantity,
                rate: Some(part.rate),
                arithmetic: Arithmetic::Product { quantity, rate: part.rate, factor: Ratio::ONE },
                period: (part.from, part.to),
                ..self.draft(kind, key, label, "adjusted")
            };
            let mut line = line.line()?;
            line.source.clone_from(&part.source);
            bill.lines.push(line);
        }
        Ok(())
    }

    fn add_minimum(&self, bill: &mut RatedBill) -> Result<(), TariffError> {
        for minimum in &self.plan.minimums {
            let own = Amount::sum(bill.lines.iter().map(|l| l.amount))?;
            let (key, reached) = match (minimum.per, self.facts.paid_in_year) {
                (MinimumPer::Month, _) => ("minimum.month", own),
                (MinimumPer::Year, Some(before)) => ("minimum.year", before.plus(own)?),
                (MinimumPer::Year, None) => continue,
            };
            let exact = ExactMoney::product(1_000_000, minimum.rate, bill.currency);
            let least: Amount = exact.round(self.plan.rounding.line)?.into();
            if reached >= least {
                continue;
            }
            let label = Label::new("最低收费补足", "top-up to the minimum");
            let line = Draft {
                arithmetic: Arithmetic::TopUp { minimum: least, reached },
                ..self.draft(LineKind::Minimum, key.to_owned(), label, "minimum")
            };
            bill.lines.push(line.line()?);
        }
        Ok(())
    }
}

/// The least contract demand: a share of the capacity.
fn floor_ukw(basic: &BasicCharge, capacity: &[CapacityPart]) -> Result<i64, QuantityError> {
    let kva = capacity.iter().try_fold(0_i64, |sum, p| sum.checked_add(p.capacity_ukva));
    let kva = Energy::from_ukwh(kva.ok_or(QuantityError::Overflow("capacity"))?);
    Ok(kva.times(basic.floor, RoundingMode::HalfUp)?.ukwh())
}

/// The price of a bucket in the first tier.
fn base_rate(plan: &Plan, set: usize, column: usize) -> Rate {
    match &plan.sets[set].scheme {
        Scheme::Adders { rates, .. } => rates[column],
        Scheme::Matrix { rates, .. } => rates[0][column],
        Scheme::PerBucket { .. } => Rate::ZERO,
    }
}
