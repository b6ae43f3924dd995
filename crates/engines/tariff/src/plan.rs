//! [`Plan`]: one checked, immutable form of every tariff. Chinese ladders, time-of-use and
//! two-part prices and imported US rates are all this type. Only shapes live here; values come
//! from documents, and rating lives in the modules that use a plan.

use std::ops::Deref;

use kernel::{Currency, Date, DatePeriod, Energy, Rate};
use serde::{Deserialize, Serialize};

use crate::{
    Allowances, Component, DemandTerms, ExportTerms, FixedCharge, LossRule, Minimum,
    PowerFactorRule, RoundingTerms, Surcharge, TariffError, Windows, plan_check, profile::Price,
};

/// The most buckets (time-of-use periods) a plan may have.
pub const MAX_BUCKETS: usize = 36;
/// The most tiers of a price set.
pub const MAX_TIERS: usize = 8;

/// A time-of-use period by number. Chinese plans use the five named ones, in the order of the
/// registers of a meter; US plans number theirs from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bucket(pub u8);

impl Bucket {
    /// 尖
    pub const SHARP: Self = Self(0);
    /// 峰
    pub const PEAK: Self = Self(1);
    /// 平; a tariff without time of use puts everything here.
    pub const FLAT: Self = Self(2);
    /// 谷
    pub const VALLEY: Self = Self(3);
    /// 深谷
    pub const DEEP: Self = Self(4);
    /// The five that a Chinese meter registers.
    pub const NAMED: [(Self, &'static str); 5] = [
        (Self::SHARP, "sharp"),
        (Self::PEAK, "peak"),
        (Self::FLAT, "flat"),
        (Self::VALLEY, "valley"),
        (Self::DEEP, "deep"),
    ];

    /// As an index into arrays by bucket.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Words for people in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Label {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

impl Label {
    /// The same in both.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// How far a value was checked against its decree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// Seen in an official, utility, regulator or press page.
    V,
    /// Seen in a secondary transcription only.
    V2,
    /// From knowledge, not checked: confirm before billing anyone.
    K,
}

/// What a plan is and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHead {
    /// Stable across versions, such as `zhejiang/residential`.
    pub id: String,
    /// Its name.
    pub name: Label,
    /// Where it applies, such as `浙江`.
    pub region: String,
    /// For whom: `residential`, `industrial_two_part`, …
    pub class: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// IANA zone of its windows.
    pub time_zone: String,
    /// The business calendar that its day kinds come from; `None`: Monday to Friday.
    pub calendar: Option<String>,
    /// The decree's number, or the rate's name and id.
    pub decree: String,
    /// Where it was read.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
    /// From when to when this version prices use.
    pub valid: DatePeriod,
    /// SHA-256 of the document, lower-case hexadecimal.
    pub document_hash: String,
}

/// A bucket that the plan prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketDef {
    /// Its number.
    pub bucket: Bucket,
    /// Stable key: `peak`, or `p3`.
    pub key: String,
    /// Its name.
    pub label: Label,
}

/// What the tier limits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierBasis {
    /// Energy since the first of the bill month (month-to-date).
    Month,
    /// Energy since the tariff year began (year-to-date).
    Year,
}

/// What a US tier limit is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TierUnit {
    /// kWh in the month.
    #[serde(rename = "kWh")]
    Kwh,
    /// kWh per kW of the month's peak.
    #[serde(rename = "kWh/kW")]
    KwhPerKw,
    /// kWh for each day of the month.
    #[serde(rename = "kWh daily")]
    KwhDaily,
    /// kWh per kW of the month's peak for each day of the month.
    #[serde(rename = "kWh/kW daily")]
    KwhPerKwDaily,
}

/// One step of a bucket that has its own ladder (US rates).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The upper end in millionths of the unit; `None`: no end.
    pub limit_e6: Option<i64>,
    /// What the limit counts.
    pub unit: TierUnit,
    /// Price per kWh; a [`Price`] because US files carry more than eight decimals.
    pub rate: Price,
    /// Price per kWh delivered to the grid, where the rate buys it.
    pub sell: Option<Price>,
}

/// How energy is priced within one price set. `rates` are in the order of [`PlanParts::buckets`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// A price per bucket, and from tier 2 on an adder on every kWh above the limits (先分时后阶梯).
    Adders {
        /// Price per kWh by bucket.
        rates: Vec<Rate>,
        /// Upper limits of the tiers but the last, rising.
        limits: Vec<Energy>,
        /// Adder of tier 2, 3, … over tier 1.
        adders: Vec<Rate>,
    },
    /// A price per tier and bucket. A step that crosses a limit is split over its buckets in
    /// proportion to their energy.
    Matrix {
        /// Upper limits of the tiers but the last, rising.
        limits: Vec<Energy>,
        /// `rates[tier][bucket]`.
        rates: Vec<Vec<Rate>>,
    },
    /// Each bucket has its own ladder, with its own limits and prices; what climbs it is the
    /// month's energy of all buckets together, in the order in which it is used.
    PerBucket {
        /// `steps[bucket]`, each at least one step, the last without limit.
        steps: Vec<Vec<Step>>,
    },
}

/// The days of the year on which a price set applies: inclusive (month, day) ranges, which may
/// wrap over the new year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonDays(pub Vec<((u8, u8), (u8, u8))>);

impl SeasonDays {
    /// Every day.
    #[must_use]
    pub fn all_year() -> Self {
        Self(vec![((1, 1), (12, 31))])
    }

    /// Whether a day of the year lies inside.
    #[must_use]
    pub fn contains(&self, month: u8, day: u8) -> bool {
        let at = (month, day);
        self.0.iter().any(
            |&(from, to)| {
                if from <= to { from <= at && at <= to } else { at >= from || at <= to }
            },
        )
    }
}

/// Prices for a part of the year. Most plans have one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateSet {
    /// Its name, such as 夏季; empty when there is only one.
    pub label: Label,
    /// When it applies.
    pub days: SeasonDays,
    /// Its prices.
    pub scheme: Scheme,
}

/// Everything a plan is made of, before it is checked. [`Plan::new`] checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanParts {
    /// What it is.
    pub head: PlanHead,
    /// The priced buckets; prices are in this order.
    pub buckets: Vec<BucketDef>,
    /// Which bucket each quarter-hour belongs to.
    pub windows: Windows,
    /// Price sets; every day of the year lies in exactly one.
    pub sets: Vec<RateSet>,
    /// What tier limits count.
    pub tier_basis: TierBasis,
    /// Household allowances.
    pub allowances: Allowances,
    /// Basic charge (基本电费) and demand charges.
    pub demand: DemandTerms,
    /// Power-factor adjustment (力调).
    pub power_factor: Option<PowerFactorRule>,
    /// Transformer and line losses billed with the use.
    pub loss: Option<LossRule>,
    /// Components of the printed price.
    pub components: Vec<Component>,
    /// Charges per kWh on top.
    pub surcharges: Vec<Surcharge>,
    /// Fixed charges.
    pub fixed: Vec<FixedCharge>,
    /// Minimum charges.
    pub minimums: Vec<Minimum>,
    /// Rounding rules.
    pub rounding: RoundingTerms,
    /// Delivery to the grid.
    pub export: Option<ExportTerms>,
}

/// A checked plan. Reads like its [`PlanParts`]; nothing changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    parts: PlanParts,
    set_of_day: [[u8; 31]; 12],
    column_of: [u8; MAX_BUCKETS],
}

impl Deref for Plan {
    type Target = PlanParts;

    fn deref(&self) -> &PlanParts {
        &self.parts
    }
}

impl Plan {
    /// Checks the parts: price sets cover the year once, limits rise, prices fit the buckets.
    ///
    /// # Errors
    /// [`TariffError::Value`] and [`TariffError::SeasonCover`], naming the place.
    pub fn new(parts: PlanParts) -> Result<Self, TariffError> {
        plan_check::buckets(&parts)?;
        for (number, set) in parts.sets.iter().enumerate() {
            plan_check::scheme(&parts, number, &set.scheme)?;
        }
        plan_check::rounding(&parts)?;
        let set_of_day = plan_check::cover_year(&parts)?;
        let column_of = plan_check::columns(&parts);
        Ok(Self { parts, set_of_day, column_of })
    }

    /// The index of the price set that applies on a date.
    #[must_use]
    pub fn set_on(&self, date: Date) -> usize {
        let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
        let day = usize::from(date.day().unsigned_abs()).saturating_sub(1);
        usize::from(self.set_of_day[month][day])
    }

    /// The place in [`PlanParts::buckets`] at which a bucket is priced. A register that the plan
    /// does not price counts as its neighbour: sharp as peak, deep as valley, then all as flat.
    #[must_use]
    pub fn column_of(&self, bucket: Bucket) -> usize {
        usize::from(self.column_of[bucket.index().min(MAX_BUCKETS - 1)])
    }
}
