//! A rated bill: lines with quantity, rate, amount and the arithmetic that makes each amount,
//! so that anyone can recompute it. All amounts are decimal text in JSON.

use std::fmt;

use kernel::{Currency, Date, Money, QuantityError, Rate, Rounding, format_decimal};
use serde::{Deserialize, Serialize};

use crate::{Arithmetic, Confidence, Label, PlanHead};

/// An amount in 1e-4 of the bill's currency; decimal text in JSON. The currency stands once, on
/// the bill.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(#[serde(with = "crate::text::units")] i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of `units` × 1e-4.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// The amount in 1e-4 units.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// As money of a currency.
    #[must_use]
    pub const fn money(self, currency: Currency) -> Money {
        Money::new(self.0, currency)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, QuantityError> {
        self.0.checked_add(other.0).map(Self).ok_or(QuantityError::Overflow("sum"))
    }

    /// The difference.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, QuantityError> {
        self.0.checked_sub(other.0).map(Self).ok_or(QuantityError::Overflow("difference"))
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, QuantityError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self(money.units())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_decimal(i128::from(self.0), 4, 2))
    }
}

/// What a quantity is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Active energy.
    #[serde(rename = "kWh")]
    Kwh,
    /// Reactive energy.
    #[serde(rename = "kvarh")]
    Kvarh,
    /// Active power.
    #[serde(rename = "kW")]
    Kw,
    /// Apparent power.
    #[serde(rename = "kVA")]
    Kva,
    /// Months.
    #[serde(rename = "month")]
    Month,
    /// Days.
    #[serde(rename = "day")]
    Day,
    /// Money itself, as the base of a percentage.
    #[serde(rename = "money")]
    Money,
    /// Cases, such as one unlawful act.
    #[serde(rename = "case")]
    Case,
}

impl Unit {
    /// As it is printed, in both languages.
    #[must_use]
    pub const fn symbol(self) -> (&'static str, &'static str) {
        match self {
            Self::Kwh => ("kWh", "kWh"),
            Self::Kvarh => ("kvarh", "kvarh"),
            Self::Kw => ("kW", "kW"),
            Self::Kva => ("kVA", "kVA"),
            Self::Month => ("月", "month"),
            Self::Day => ("天", "day"),
            Self::Money => ("", ""),
            Self::Case => ("次", "case"),
        }
    }
}

/// A number of millionths with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// In millionths of the unit.
    #[serde(rename = "value", with = "crate::text::millionths")]
    pub e6: i64,
    /// The unit.
    pub unit: Unit,
}

impl Quantity {
    /// A quantity of millionths.
    #[must_use]
    pub const fn new(e6: i64, unit: Unit) -> Self {
        Self { e6, unit }
    }

    /// Energy in µkWh.
    #[must_use]
    pub const fn kwh(ukwh: i64) -> Self {
        Self::new(ukwh, Unit::Kwh)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_decimal(i128::from(self.e6), 6, 0))
    }
}

/// What a line charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Energy at its price.
    Energy,
    /// Energy above a tier limit, at the adder.
    TierAdder,
    /// A charge per kWh on top (funds).
    Surcharge,
    /// The free quota of a low-income household.
    FreeQuota,
    /// The difference between rounded lines and rounded days, or the rounded sum.
    Rounding,
    /// Transformer or line loss.
    Loss,
    /// Energy of another category measured or agreed apart (定比定量, 套表).
    SeparateUse,
    /// The surcharge of default supply.
    DefaultSupply,
    /// Basic charge or demand charge.
    Demand,
    /// Power-factor adjustment.
    PowerFactor,
    /// Fixed charge.
    Fixed,
    /// What is missing to the minimum.
    Minimum,
    /// A correction of an earlier bill (退补).
    Adjustment,
    /// A penalty (违约使用电费).
    Penalty,
}

/// Which bucket and tier a line's energy belongs to: for comparing bills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The bucket's key; empty for an adder.
    pub bucket: String,
    /// Tier from 1; 0 when the price is the same in all tiers.
    pub tier: u8,
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// What it charges.
    pub kind: LineKind,
    /// Stable key of the label: `energy.peak`, `adder.tier2`, `basic.contract`.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// How much.
    pub quantity: Quantity,
    /// The price per unit, where the line has one.
    pub rate: Option<PriceTag>,
    /// What it comes to.
    pub amount: Amount,
    /// How the amount follows from operands.
    pub arithmetic: Arithmetic,
    /// The rule that rounded it.
    pub rounding: Rounding,
    /// The arithmetic in words and numbers.
    pub formula: Label,
    /// The rule's id: tariff, table and key.
    pub rule: String,
    /// The decree and source.
    pub source: String,
    /// Bucket and tier, on energy lines.
    pub facet: Option<Facet>,
    /// The part of the bill period that it prices.
    pub from: Date,
    /// The first day after it.
    pub to: Date,
}

/// A price and what it is per.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTag {
    /// The price.
    #[serde(with = "crate::text::rate")]
    pub value: Rate,
    /// Per this.
    pub per: Unit,
}

/// Which tariff version a part of a bill was rated by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffRef {
    /// The tariff's id.
    pub id: String,
    /// Its name.
    pub name: Label,
    /// The decree.
    pub decree: String,
    /// Where it was read.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
    /// SHA-256 of the document.
    pub document_hash: String,
    /// The first day rated by it.
    pub from: Date,
    /// The first day after.
    pub to: Date,
}

impl TariffRef {
    /// The reference of a plan for a part of a bill.
    #[must_use]
    pub fn of(head: &PlanHead, from: Date, to: Date) -> Self {
        Self {
            id: head.id.clone(),
            name: head.name.clone(),
            decree: head.decree.clone(),
            source: head.source.clone(),
            confidence: head.confidence,
            document_hash: head.document_hash.clone(),
            from,
            to,
        }
    }
}

/// What a component of the printed price comes to. For information: the lines bill printed
/// prices, and these show where the money goes, with the residual that printing left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentLine {
    /// The component's key; `residual` for what the components leave.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// The sum over the bill's energy.
    pub amount: Amount,
}

/// A price that applied, whether or not any energy fell on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPrice {
    /// The bucket's key; empty for an adder.
    pub bucket: String,
    /// Tier from 1; 0 when the same in all.
    pub tier: u8,
    /// Price per kWh.
    #[serde(with = "crate::text::rate")]
    pub rate: Rate,
}

/// A bill: lines, and their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedBill {
    /// The currency of every amount.
    pub currency: Currency,
    /// First day.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// The tariff versions used, in order of time.
    pub tariffs: Vec<TariffRef>,
    /// The lines.
    pub lines: Vec<BillLine>,
    /// Σ amount of the lines.
    pub total: Amount,
    /// All energy billed by energy lines, in kWh.
    #[serde(with = "crate::text::millionths")]
    pub energy_ukwh: i64,
    /// How much of it was estimated, in kWh.
    #[serde(with = "crate::text::millionths")]
    pub estimated_ukwh: i64,
    /// The components behind the printed prices.
    pub components: Vec<ComponentLine>,
    /// The prices that applied.
    pub prices: Vec<ListedPrice>,
    /// The monthly average power factor in hundredths, where it was computed.
    pub power_factor_hundredths: Option<u8>,
}

impl RatedBill {
    /// The sum of the lines of some kinds.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn sum_of(&self, kinds: &[LineKind]) -> Result<Amount, QuantityError> {
        let chosen = self.lines.iter().filter(|l| kinds.contains(&l.kind));
        Amount::sum(chosen.map(|l| l.amount))
    }

    /// The total as money.
    #[must_use]
    pub const fn total_money(&self) -> Money {
        self.total.money(self.currency)
    }
}
