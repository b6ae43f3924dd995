//! How the amount of a bill line follows from its operands: a small closed set of formulas.
//! Each can be computed again, listed as named operands, and said in words with numbers.

use kernel::{Currency, ExactMoney, QuantityError, Rate, Ratio, Rounding, RoundingMode};
use serde::{Deserialize, Serialize};

use crate::{Amount, Label, Quantity};

/// An amount with a name, such as the parts of a percentage's base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAmount {
    /// Its name.
    pub name: Label,
    /// The amount; negative where it is taken off.
    pub amount: Amount,
}

/// Energy at a price, as a term of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How much.
    pub quantity: Quantity,
    /// The price.
    #[serde(with = "crate::text::rate")]
    pub rate: Rate,
}

/// A transformer's part of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityPart {
    /// Capacity in kVA.
    #[serde(rename = "capacity_kva", with = "crate::text::millionths")]
    pub capacity_ukva: i64,
    /// Days that it counted.
    pub days: u16,
    /// The share at which it counts: 1, or 1/2 while suspended within two years of connection.
    #[serde(with = "crate::text::ratio")]
    pub share: Ratio,
}

/// The formula of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "formula", rename_all = "snake_case")]
pub enum Arithmetic {
    /// quantity × rate × factor
    Product {
        /// How much.
        quantity: Quantity,
        /// The price.
        #[serde(with = "crate::text::rate")]
        rate: Rate,
        /// 1 unless a share or multiplier applies.
        #[serde(with = "crate::text::ratio")]
        factor: Ratio,
    },
    /// Σ base × percent
    Percent {
        /// The parts of the base.
        base: Vec<NamedAmount>,
        /// The percentage.
        #[serde(with = "crate::text::ratio")]
        percent: Ratio,
    },
    /// posted − lines: what the daily postings differ from the rounded lines.
    Posted {
        /// Σ of the daily charges.
        posted: Amount,
        /// Σ of the energy lines.
        lines: Amount,
    },
    /// round(Σ quantity × rate) − lines: what rounding the sum once differs from the lines.
    RoundedSum {
        /// The terms.
        terms: Vec<Term>,
        /// Σ of the energy lines.
        lines: Amount,
    },
    /// The greater of 0 and minimum − reached.
    TopUp {
        /// The minimum.
        minimum: Amount,
        /// What the other lines reach.
        reached: Amount,
    },
    /// Charged demand × rate × factor, where the charged demand is the contract up to
    /// `free_excess` × contract, and contract + `excess_factor` × (actual − `free_excess` ×
    /// contract) above; the contract is at least the floor.
    ContractDemand {
        /// The contract in kW.
        #[serde(rename = "contract_kw", with = "crate::text::millionths")]
        contract_ukw: i64,
        /// The least contract in kW.
        #[serde(rename = "floor_kw", with = "crate::text::millionths")]
        floor_ukw: i64,
        /// The measured maximum in kW.
        #[serde(rename = "actual_kw", with = "crate::text::millionths")]
        actual_ukw: i64,
        /// 105 %.
        #[serde(with = "crate::text::ratio")]
        free_excess: Ratio,
        /// 2.
        #[serde(with = "crate::text::ratio")]
        excess_factor: Ratio,
        /// Per kW and month.
        #[serde(with = "crate::text::rate")]
        rate: Rate,
        /// Part of a month, and any lower price for high use.
        #[serde(with = "crate::text::ratio")]
        factor: Ratio,
    },
    /// Σ capacity × share × days / days in the month × rate
    CapacityDays {
        /// The transformers.
        parts: Vec<CapacityPart>,
        /// Days of the month.
        month_days: u16,
        /// Per kVA and month.
        #[serde(with = "crate::text::rate")]
        rate: Rate,
    },
    /// An amount that a person stated, with the reason.
    Stated {
        /// The amount.
        amount: Amount,
        /// Why.
        reason: Label,
    },
}

impl Arithmetic {
    /// The exact amount before rounding.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn exact(&self, currency: Currency) -> Result<ExactMoney, QuantityError> {
        match self {
            Self::Product { quantity, rate, factor } => {
                ExactMoney::product(quantity.e6, *rate, currency).times(*factor)
            }
            Self::Percent { base, percent } => {
                let sum = Amount::sum(base.iter().map(|b| b.amount))?;
                sum.money(currency).exact().times(*percent)
            }
            Self::Posted { posted, lines } => Ok(posted.minus(*lines)?.money(currency).exact()),
            Self::RoundedSum { terms, .. } => terms
                .iter()
                .map(|t| ExactMoney::product(t.quantity.e6, t.rate, currency))
                .try_fold(ExactMoney::zero(currency), ExactMoney::checked_add),
            Self::TopUp { minimum, reached } => {
                let missing = minimum.minus(*reached)?.max(Amount::ZERO);
                Ok(missing.money(currency).exact())
            }
            Self::ContractDemand { rate, factor, .. } => {
                let charged = self.charged_demand_ukw()?.unwrap_or(0);
                ExactMoney::product(charged, *rate, currency).times(*factor)
            }
            Self::CapacityDays { parts, month_days, rate } => parts
                .iter()
                .map(|part| {
                    let share = Ratio::new(i64::from(part.days), i64::from(*month_days))?;
                    let full = ExactMoney::product(part.capacity_ukva, *rate, currency);
                    full.times(part.share)?.times(share)
                })
                .try_fold(ExactMoney::zero(currency), |sum, part| sum.checked_add(part?)),
            Self::Stated { amount, .. } => Ok(amount.money(currency).exact()),
        }
    }

    /// The amount, rounded.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn amount(&self, currency: Currency, rounding: Rounding) -> Result<Amount, QuantityError> {
        let rounded: Amount = self.exact(currency)?.round(rounding)?.into();
        match self {
            Self::RoundedSum { lines, .. } => rounded.minus(*lines),
            _ => Ok(rounded),
        }
    }

    /// The demand that a contract-demand line charges, in 1e-6 kW; `None` for other formulas.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`].
    pub fn charged_demand_ukw(&self) -> Result<Option<i64>, QuantityError> {
        let Self::ContractDemand {
            contract_ukw,
            floor_ukw,
            actual_ukw,
            free_excess,
            excess_factor,
            ..
        } = self
        else {
            return Ok(None);
        };
        let contract = kernel::Power::from_ukw(*contract_ukw.max(floor_ukw));
        let actual = kernel::Power::from_ukw(*actual_ukw);
        let free = contract.times(*free_excess, RoundingMode::HalfUp)?;
        if actual <= free {
            return Ok(Some(contract.ukw()));
        }
        let excess = actual.checked_sub(free)?.times(*excess_factor, RoundingMode::HalfUp)?;
        contract.checked_add(excess).map(|charged| Some(charged.ukw()))
    }
}
