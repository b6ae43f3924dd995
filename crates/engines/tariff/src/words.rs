//! The arithmetic of a line said in Chinese and English, with its numbers:
//! `12000 kWh × 1.049999 = 12599.988 → 12599.99 元（四舍五入到0.01）`.

use kernel::{Currency, QuantityError, Ratio, Rounding, RoundingMode, format_decimal};

use crate::{Amount, Arithmetic, Label, Quantity, Unit, arithmetic::CapacityPart, text};

/// What a rounding rule is called.
#[must_use]
pub fn rounding_name(rule: Rounding) -> Label {
    let step = format_decimal(i128::from(rule.step), 4, 0);
    let (zh, en) = match rule.mode {
        RoundingMode::HalfUp => ("四舍五入", "half up"),
        RoundingMode::HalfEven => ("四舍六入五成双", "half to even"),
        RoundingMode::Down => ("舍去", "down"),
        RoundingMode::Up => ("进位", "up"),
    };
    Label::new(format!("{zh}到{step}"), format!("rounded {en} to {step}"))
}

/// The currency's name after an amount.
const fn currency_name(currency: Currency) -> (&'static str, &'static str) {
    match currency {
        Currency::Cny => ("元", "yuan"),
        other => (other.code(), other.code()),
    }
}

impl Arithmetic {
    /// The formula with its numbers in both languages; `amount` is what the line states.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn words(
        &self,
        currency: Currency,
        rounding: Rounding,
        amount: Amount,
    ) -> Result<Label, QuantityError> {
        let left = self.left()?;
        let (zh_money, en_money) = currency_name(currency);
        let exact = self.exact(currency)?.to_string();
        let name = rounding_name(rounding);
        if let Self::RoundedSum { lines, .. } = self {
            return Ok(Label::new(
                format!(
                    "{} = {exact}，{} − 各行合计 {lines} = {amount} {zh_money}",
                    left.zh, name.zh
                ),
                format!(
                    "{} = {exact}, {} − sum of lines {lines} = {amount} {en_money}",
                    left.en, name.en
                ),
            ));
        }
        if exact == amount.to_string() {
            return Ok(Label::new(
                format!("{} = {amount} {zh_money}", left.zh),
                format!("{} = {amount} {en_money}", left.en),
            ));
        }
        Ok(Label::new(
            format!("{} = {exact} → {amount} {zh_money}（{}）", left.zh, name.zh),
            format!("{} = {exact} → {amount} {en_money} ({})", left.en, name.en),
        ))
    }

    /// The left-hand side of the formula.
    fn left(&self) -> Result<Label, QuantityError> {
        Ok(match self {
            Self::Product { quantity, rate, factor } => {
                let (zh, en) = quantity.unit.symbol();
                let tail = factor_tail(*factor);
                Label::new(
                    format!("{quantity} {zh} × {rate}{tail}"),
                    format!("{quantity} {en} × {rate}{tail}"),
                )
            }
            Self::Percent { base, percent } => {
                let percent = text::format_percent(*percent);
                let join = |pick: fn(&Label) -> &String| {
                    let part = |b: &crate::NamedAmount| format!("{} {}", pick(&b.name), b.amount);
                    base.iter().map(part).collect::<Vec<_>>().join(" + ")
                };
                Label::new(
                    format!("({}) × {percent}", join(|l| &l.zh)),
                    format!("({}) × {percent}", join(|l| &l.en)),
                )
            }
            Self::Posted { posted, lines } => Label::new(
                format!("每日电费合计 {posted} − 电量电费行合计 {lines}"),
                format!("sum of daily charges {posted} − sum of energy lines {lines}"),
            ),
            Self::RoundedSum { terms, .. } => {
                let term = |t: &crate::Term| format!("{} × {}", t.quantity, t.rate);
                let sum = terms.iter().map(term).collect::<Vec<_>>().join(" + ");
                Label::new(sum.clone(), sum)
            }
            Self::TopUp { minimum, reached } => Label::new(
                format!("最低收费 {minimum} − 已计 {reached}（不足部分）"),
                format!("minimum {minimum} − reached {reached} (what is missing)"),
            ),
            Self::ContractDemand { .. } => self.demand_words()?,
            Self::CapacityDays { parts, month_days, rate } => {
                let sum = parts.iter().map(|p| capacity_words(p, *month_days));
                let sum = sum.collect::<Vec<_>>().join(" + ");
                Label::new(format!("({sum}) × {rate}"), format!("({sum}) × {rate}"))
            }
            Self::Stated { reason, .. } => reason.clone(),
        })
    }

    fn demand_words(&self) -> Result<Label, QuantityError> {
        let Self::ContractDemand {
            contract_ukw,
            floor_ukw,
            actual_ukw,
            free_excess,
            excess_factor,
            rate,
            factor,
        } = self
        else {
            return Ok(Label::default());
        };
        let kw = |v: i64| Quantity::new(v, Unit::Kw).to_string();
        let counted = *contract_ukw.max(floor_ukw);
        let charged = self.charged_demand_ukw()?.unwrap_or(0);
        let (percent, times) =
            (text::format_percent(*free_excess), text::format_ratio(*excess_factor));
        let tail = factor_tail(*factor);
        let (actual, contract) = (kw(*actual_ukw), kw(counted));
        let (zh, en) = if charged == counted {
            (
                format!("实际 {actual} kW ≤ {percent} × {contract} kW，按 {contract} kW"),
                format!("actual {actual} kW ≤ {percent} × {contract} kW, charged {contract} kW"),
            )
        } else {
            let charged = kw(charged);
            (
                format!(
                    "[{contract} + {times} × ({actual} − {percent} × {contract})] = {charged} kW"
                ),
                format!(
                    "[{contract} + {times} × ({actual} − {percent} × {contract})] = {charged} kW"
                ),
            )
        };
        let floor = if floor_ukw > contract_ukw {
            let declared = kw(*contract_ukw);
            (
                format!("申报 {declared} kW 低于下限，"),
                format!("declared {declared} kW is below the floor; "),
            )
        } else {
            (String::new(), String::new())
        };
        Ok(Label::new(
            format!("{}{zh} × {rate}{tail}", floor.0),
            format!("{}{en} × {rate}{tail}", floor.1),
        ))
    }
}

fn factor_tail(factor: Ratio) -> String {
    if factor == Ratio::ONE { String::new() } else { format!(" × {}", text::format_ratio(factor)) }
}

fn capacity_words(part: &CapacityPart, month_days: u16) -> String {
    let kva = Quantity::new(part.capacity_ukva, Unit::Kva);
    let share = factor_tail(part.share);
    if part.days == month_days {
        format!("{kva} kVA{share}")
    } else {
        format!("{kva} kVA{share} × {}/{month_days}", part.days)
    }
}
