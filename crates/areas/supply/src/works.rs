//! What the long jobs of this area work with: the database, the lake, and the rules that are data.

use std::sync::Arc;

use access::{Actor, Ctx, Randomness};
use kernel::{Fault, FaultKind, Id, Zone};
use lake::{Lake, Manifest};
use metering::vee::{DEFAULT_RULES, RuleSet, RuleSetError};
use store::{Db, NewLakeFile, StoreError, Tx};

use crate::{
    billing::rules::{MeterDoubtRules, ReviewRules},
    metering_rules::MeteringRules,
    upkeep::UpkeepRules,
};

/// The review thresholds that come with the program.
const REVIEW_RULES: &str = include_str!("../../../../rules/billing_review.toml");

/// The terms of bills that come with the program.
const BILLING_TERMS: &str = include_str!("../../../../rules/billing_terms.toml");

/// The targets of reading success that come with the program.
const READING_TARGETS: &str = include_str!("../../../../rules/reading_targets.toml");

/// The upkeep of the lake that comes with the program.
const LAKE_UPKEEP: &str = include_str!("../../../../rules/lake_upkeep.toml");
/// How work on meters and readings is run, as it comes with the program.
const METERING_WORK: &str = include_str!("../../../../rules/metering_work.toml");

/// What the share of meters read a day should reach, from `rules/reading_targets.toml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingTargets {
    /// Where the targets come from.
    pub source: String,
    /// Of all usage points, in ten-thousandths.
    pub daily_success_bp: i64,
    /// Of low-voltage usage points, in ten-thousandths.
    pub low_voltage_success_bp: i64,
    /// Of low-voltage usage points, those that are read automatically, in ten-thousandths.
    pub coverage_bp: i64,
    /// Of customers with a transformer of their own (专变), in ten-thousandths.
    pub dedicated_success_bp: i64,
}

/// The rule of a meter whose error was tested, as it comes with the program.
const METER_DOUBT: &str = include_str!("../../../../rules/meter_doubt.toml");

/// What bills are issued under, from `rules/billing_terms.toml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingTerms {
    /// Where the terms come from.
    pub source: String,
    /// Days from issue to the due day.
    pub due_days: i32,
}

/// Rules of the area that are documents.
#[derive(Debug, Clone)]
pub struct AreaRules {
    /// Whose midnight ends a business day.
    pub zone: Zone,
    /// Thresholds of validation.
    pub vee: RuleSet,
    /// Thresholds of the review of bills.
    pub review: ReviewRules,
    /// What bills are issued under.
    pub terms: BillingTerms,
    /// What the daily reading success should reach.
    pub targets: ReadingTargets,
    /// When the files of the lake are laid together and removed.
    pub upkeep: UpkeepRules,
    /// How work on meters and readings is run.
    pub metering: MeteringRules,
    /// What a meter beyond its class is corrected by.
    pub meter_doubt: MeterDoubtRules,
}

/// A rule document that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The review thresholds.
    #[error("rules/billing_review.toml: {0}")]
    Review(#[from] toml::de::Error),
    /// The terms of bills.
    #[error("rules/billing_terms.toml: {0}")]
    Terms(toml::de::Error),
    /// The targets of reading success.
    #[error("rules/reading_targets.toml: {0}")]
    Targets(toml::de::Error),
    /// The upkeep of the lake.
    #[error("rules/lake_upkeep.toml: {0}")]
    Upkeep(toml::de::Error),
    /// How work on meters and readings is run.
    #[error("rules/metering_work.toml: {0}")]
    Metering(toml::de::Error),
    /// The rule of a tested meter.
    #[error("rules/meter_doubt.toml: {0}")]
    MeterDoubt(toml::de::Error),
    /// The validation thresholds.
    #[error(transparent)]
    Vee(#[from] RuleSetError),
    /// The time zone.
    #[error("there is no time zone {0:?}; write a name such as Asia/Shanghai")]
    Zone(String),
}

impl Fault for RulesError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Review(_) => "rules.review",
            Self::Terms(_) => "rules.terms",
            Self::Targets(_) => "rules.targets",
            Self::Upkeep(_) => "rules.upkeep",
            Self::Metering(_) => "rules.metering",
            Self::MeterDoubt(_) => "rules.meter_doubt",
            Self::Vee(_) => "rules.vee",
            Self::Zone(_) => "rules.zone",
        }
    }
}

impl AreaRules {
    /// The rules that come with the program, for organisations in this zone.
    ///
    /// # Errors
    /// [`RulesError::Zone`] for a zone that is not known; the documents themselves are tested.
    pub fn bundled(zone: &str) -> Result<Self, RulesError> {
        Ok(Self {
            zone: Zone::get(zone).ok_or_else(|| RulesError::Zone(zone.to_owned()))?,
            vee: RuleSet::parse(DEFAULT_RULES)?,
            review: toml::from_str(REVIEW_RULES)?,
            terms: toml::from_str(BILLING_TERMS).map_err(RulesError::Terms)?,
            targets: toml::from_str(READING_TARGETS).map_err(RulesError::Targets)?,
            upkeep: toml::from_str(LAKE_UPKEEP).map_err(RulesError::Upkeep)?,
            metering: MeteringRules::parse(METERING_WORK).map_err(RulesError::Metering)?,
            meter_doubt: toml::from_str(METER_DOUBT).map_err(RulesError::MeterDoubt)?,
        })
    }
}

/// What a job is given.
#[derive(Debug, Clone)]
pub struct Works {
    /// The database.
    pub db: Db,
    /// The lake.
    pub lake: Lake,
    /// The rules.
    pub rules: Arc<AreaRules>,
    /// Randomness, which operations are given though settlement draws none.
    pub random: Arc<Randomness>,
}

impl Works {
    /// The context of an operation.
    #[must_use]
    pub fn ctx<'a>(&'a self, actor: &'a Actor, request: &'a str) -> Ctx<'a> {
        Ctx::new(self.db.clock().as_ref(), &self.random, actor, request)
    }
}

/// Makes a file that the lake has written count.
///
/// # Errors
/// [`StoreError::Unique`] when another run wrote the same version of the day;
/// [`StoreError::Limit`] for a size that no database holds.
pub async fn count_file(
    tx: &mut Tx,
    org: Id,
    run: Option<Id>,
    file: &Manifest,
) -> Result<(), StoreError> {
    let count = |n: u64| {
        i64::try_from(n).map_err(|_| StoreError::Limit(format!("{}: {n} is too much", file.path)))
    };
    tx.add_lake_file(NewLakeFile {
        org,
        dataset: file.dataset.name(),
        day: file.day,
        last_day: file.last_day,
        version: file.version,
        path: &file.path,
        row_count: count(file.rows)?,
        byte_count: count(file.bytes)?,
        sha256: &file.sha256,
        run_id: run,
    })
    .await?;
    Ok(())
}

/// Runs something long that reads and writes files where it does not hold up other requests.
///
/// # Errors
/// What it answers.
///
/// # Panics
/// When it panics.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
