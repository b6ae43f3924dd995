//! The TOML form of a tariff: [`TariffDocument`]. Numbers are decimal text, so nothing passes
//! through floating point. `compile` turns a document into a checked plan; the shape of the
//! TOML is described in docs beside the tariffs (`tariffs/README.md`).

use std::collections::BTreeMap;

use kernel::{Currency, Date, RoundingMode};
use serde::{Deserialize, Serialize};

use crate::{Confidence, FixedPer, Label, LossSpread, MinimumPer, TariffError, TierBasis};

/// Decimal text by bucket key (`sharp`, `peak`, `flat`, `valley`, `deep`).
pub type ByBucket = BTreeMap<String, String>;

/// A tariff document as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffDocument {
    /// What it is and where it comes from.
    pub tariff: DocHead,
    /// Energy prices.
    pub energy: DocEnergy,
    /// Base windows; none: everything is flat.
    #[serde(default)]
    pub windows: Vec<DocWindows>,
    /// Windows that replace the base under a condition.
    #[serde(default, rename = "override")]
    pub overrides: Vec<DocOverride>,
    /// Household allowances.
    #[serde(default)]
    pub allowances: DocAllowances,
    /// Basic charge of a two-part price.
    pub basic: Option<DocBasic>,
    /// Power-factor adjustment.
    pub power_factor: Option<DocPowerFactor>,
    /// Losses billed with the use.
    pub loss: Option<DocLoss>,
    /// Components of the printed price.
    #[serde(default, rename = "component")]
    pub components: Vec<DocComponent>,
    /// Charges per kWh on top.
    #[serde(default, rename = "surcharge")]
    pub surcharges: Vec<DocSurcharge>,
    /// Fixed charges.
    #[serde(default)]
    pub fixed: Vec<DocFixed>,
    /// Minimum charges.
    #[serde(default, rename = "minimum")]
    pub minimums: Vec<DocMinimum>,
    /// Rounding; by default every line and every day to the fen, ties up.
    #[serde(default)]
    pub rounding: DocRounding,
}

/// The `[tariff]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocHead {
    /// Stable across versions, such as `zhejiang/residential`.
    pub id: String,
    /// Its name.
    pub name: Label,
    /// Where it applies.
    pub region: String,
    /// For whom.
    pub class: String,
    /// Currency; yuan by default.
    #[serde(default)]
    pub currency: Currency,
    /// IANA zone; `Asia/Shanghai` by default.
    #[serde(default = "china")]
    pub time_zone: String,
    /// Business calendar for holidays and make-up days.
    pub calendar: Option<String>,
    /// The decree's number.
    pub decree: String,
    /// Where it was read.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
    /// First day.
    pub valid_from: Date,
    /// First day no longer valid.
    pub valid_to: Option<Date>,
    /// What a reader should know about choices and conflicts.
    #[serde(default)]
    pub notes: String,
}

fn china() -> String {
    "Asia/Shanghai".to_owned()
}

/// The `[energy]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocEnergy {
    /// What tier limits count; the month by default.
    #[serde(default = "monthly")]
    pub tier_basis: TierBasis,
    /// Price sets.
    #[serde(rename = "set")]
    pub sets: Vec<DocSet>,
}

const fn monthly() -> TierBasis {
    TierBasis::Month
}

/// One price set: either `prices` with `adders`, or `tiers` with a price per tier and bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocSet {
    /// Its name, when there are several.
    #[serde(default)]
    pub label: Label,
    /// `mm-dd..mm-dd` ranges, inclusive; none: all year.
    #[serde(default)]
    pub days: Vec<String>,
    /// Upper limits of the tiers but the last, kWh.
    #[serde(default)]
    pub limits: Vec<String>,
    /// Price by bucket.
    #[serde(default)]
    pub prices: ByBucket,
    /// Adder of tier 2, 3, … over tier 1.
    #[serde(default)]
    pub adders: Vec<String>,
    /// Price by bucket for each tier.
    #[serde(default)]
    pub tiers: Vec<ByBucket>,
}

/// A `[[windows]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocWindows {
    /// Months 1 to 12; none: all.
    #[serde(default)]
    pub months: Vec<u8>,
    /// `working`, `weekend`, `holiday`; none: all.
    #[serde(default)]
    pub days: Vec<String>,
    /// `hh:mm-hh:mm` by bucket.
    #[serde(default)]
    pub sharp: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub peak: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub flat: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub valley: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub deep: Vec<String>,
    /// The bucket of every time that no window names.
    pub rest: Option<String>,
}

/// An `[[override]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocOverride {
    /// What it is called.
    pub name: String,
    /// Months 1 to 12; none: any.
    #[serde(default)]
    pub months: Vec<u8>,
    /// `mm-dd..mm-dd` ranges, where a season does not begin with a month; none: any.
    #[serde(default)]
    pub season: Vec<String>,
    /// `working`, `weekend`, `holiday`, and `saturday` or `sunday` when they are rested; none:
    /// any.
    #[serde(default)]
    pub days: Vec<String>,
    /// Listed dates; none: any.
    #[serde(default)]
    pub dates: Vec<Date>,
    /// Names of public holidays; none: any.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Measured temperature.
    pub temperature: Option<DocTemperature>,
    /// `hh:mm-hh:mm` by bucket.
    #[serde(default)]
    pub sharp: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub peak: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub flat: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub valley: Vec<String>,
    /// As `sharp`.
    #[serde(default)]
    pub deep: Vec<String>,
}

/// A rule on the measured highest temperature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocTemperature {
    /// The station.
    pub station: String,
    /// Degrees Celsius with at most one decimal.
    pub at_least_c: String,
    /// Days in a row, this one included.
    #[serde(default = "one")]
    pub consecutive_days: u8,
}

const fn one() -> u8 {
    1
}

/// The `[allowances]` table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocAllowances {
    /// Added to every limit for a household of many, kWh a month.
    pub family_extension_kwh_month: Option<String>,
    /// Free energy of a low-income household, kWh a month.
    pub free_quota_kwh_month: Option<String>,
    /// Price at which it is credited.
    pub free_quota_rate: Option<String>,
}

/// The `[basic]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocBasic {
    /// Per kVA and month.
    pub capacity_rate: String,
    /// Per kW and month.
    pub demand_rate: String,
    /// 105 %.
    pub free_excess: String,
    /// 2.
    pub excess_factor: String,
    /// 40 %.
    pub floor: String,
    /// Whether the floor holds for actual demand too.
    #[serde(default)]
    pub floor_on_actual: bool,
    /// kWh per kVA and month from which the demand price is lowered.
    pub high_use_from_kwh_per_kva: Option<String>,
    /// The factor then.
    pub high_use_factor: Option<String>,
    /// Days that a month counts as; none: its own.
    pub days_in_month: Option<u16>,
}

/// The `[power_factor]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocPowerFactor {
    /// The name of a power-factor document, such as `cn-215`.
    pub table: String,
    /// The standard, such as `0.90`.
    pub standard: String,
    /// Whether funds belong to the base.
    #[serde(default)]
    pub base_with_funds: bool,
}

/// The `[loss]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DocLoss {
    /// By the transformer formula.
    Formula {
        /// Load-curve factor K.
        shape: String,
        /// Hours of a full month; none: the real ones.
        month_hours: Option<u32>,
        /// Rounded to this many kWh.
        step_kwh: String,
        /// Over which buckets.
        spread: LossSpread,
    },
    /// A fixed energy a month.
    Fixed {
        /// kWh of a full month.
        month_kwh: String,
        /// Rounded to this many kWh.
        step_kwh: String,
        /// Over which buckets.
        spread: LossSpread,
    },
    /// A share of the metered energy.
    Share {
        /// Such as `3%`.
        share: String,
        /// Rounded to this many kWh.
        step_kwh: String,
        /// Over which buckets.
        spread: LossSpread,
    },
}

/// A `[[component]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocComponent {
    /// Stable key.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Price per kWh at flat.
    pub rate: String,
    /// Factor by bucket, when it floats.
    #[serde(default)]
    pub factors: ByBucket,
    /// Whether it is a fund.
    #[serde(default)]
    pub fund: bool,
    /// Default supply multiplies it.
    pub default_supply_factor: Option<String>,
}

/// A `[[surcharge]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocSurcharge {
    /// Stable key.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Price per kWh.
    pub rate: String,
    /// Whether the power-factor adjustment counts it.
    #[serde(default)]
    pub in_pf_base: bool,
}

/// A `[[fixed]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocFixed {
    /// Stable key.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Amount.
    pub rate: String,
    /// Month or day.
    pub per: FixedPer,
    /// Whether a part of a month pays its share.
    #[serde(default)]
    pub prorated: bool,
}

/// A `[[minimum]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocMinimum {
    /// The amount.
    pub rate: String,
    /// Month or year.
    pub per: MinimumPer,
}

/// The `[rounding]` table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocRounding {
    /// Each line.
    pub line: Option<DocRule>,
    /// Each day.
    pub daily: Option<DocRule>,
    /// The energy of the whole bill.
    pub energy_total: Option<DocRule>,
}

/// A rounding rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocRule {
    /// Direction.
    pub mode: RoundingMode,
    /// Step in the main unit, such as `0.01`.
    pub step: String,
}

impl TariffDocument {
    /// Reads a document; `name` is the file's name for the message.
    ///
    /// # Errors
    /// [`TariffError::Document`] with line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, TariffError> {
        toml::from_str(text)
            .map_err(|e| TariffError::Document { tariff: name.to_owned(), reason: e.to_string() })
    }
}
