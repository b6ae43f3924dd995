//! Tariff documents to checked plans to rated lines that show their arithmetic.
//!
//! A [`TariffDocument`] (TOML, a restatement of a decree) compiles into a [`Plan`]: checked,
//! immutable, with the document's hash. A plan rates a period's [`Usage`] into a [`RatedBill`]
//! (scalar form), or one day's use into numbered cells and a charge (daily form, [`DailyForm`]),
//! and closes a month of such days into a bill whose lines add up to the daily postings. No
//! input or output lives here, no clock, and no value of a law: those are in the documents.

mod error;
mod terms;
pub mod text;

pub mod adjust;
pub mod advice;
mod arithmetic;
mod bill;
pub mod bundled;
pub mod calendar;
mod close;
mod compare;
mod compile;
mod compile_windows;
pub mod daily;
pub mod demand;
pub mod document;
mod library;
pub mod loss;
mod month_ladder;
mod month_lines;
mod month_power_factor;
mod operands;
mod place;
pub mod plan;
mod plan_check;
pub mod power_factor;
pub mod profile;
pub mod rate;
mod rebucket;
pub mod urdb;
mod usage;
pub mod usage_csv;
mod usage_values;
mod verify;
mod what_if;
pub mod windows;
pub mod words;

pub use arithmetic::{Arithmetic, CapacityPart, NamedAmount, Term};
pub use bill::{
    Amount, BillLine, ComponentLine, Facet, LineKind, ListedPrice, PriceTag, Quantity, RatedBill,
    TariffRef, Unit,
};
pub use close::{CellGroup, close_month};
pub use compare::{Cause, Comparison, Effect, compare};
pub use compile::bucket_label;
pub use daily::{
    Cell, CellKind, DailyForm, DayCharge, DayPosition, Entitlement, MAX_CELLS, MAX_DAILY_BUCKETS,
    TierLimits,
};
pub use demand::{
    BasicCharge, DemandPeriod, DemandStep, DemandTerms, FlatDemand, HighUse, Lookback,
};
pub use document::TariffDocument;
pub use error::TariffError;
pub use library::Library;
pub use loss::{LossRule, LossSpread, TransformerData};
pub use operands::Operand;
pub use place::hash_text;
pub use plan::{
    Bucket, BucketDef, Confidence, Label, MAX_BUCKETS, MAX_TIERS, Plan, PlanHead, PlanParts,
    RateSet, Scheme, SeasonDays, Step, TierBasis, TierUnit,
};
pub use power_factor::{PowerFactorRule, PowerFactorTable};
pub use rate::{rate, rate_parts};
pub use rebucket::{DayBuckets, IntervalUse};
pub use terms::{
    Allowances, Component, ExportRule, ExportTerms, FixedCharge, FixedPer, Minimum, MinimumPer,
    RoundingTerms, Surcharge,
};
pub use usage::{
    AdjustedEnergy, DemandBasis, EnergyUse, LadderSettlement, MonthFacts, SeparateUse, Usage,
};
pub use usage_csv::{UsageFile, rate_usage_csv};
pub use verify::verify_lines;
pub use what_if::{
    Almanac, HistoryEnergy, HistoryMonth, WhatIf, WhatIfMonth, interval_parts, rate_history,
    what_if,
};
pub use windows::{DaySlots, SLOTS_PER_DAY, Weather, Windows};
