//! What the long jobs of this area work with: the database, the lake, and the rules that are data.

use std::sync::Arc;

use access::{Actor, Ctx, Randomness};
use kernel::{Fault, FaultKind, Zone};
use lake::Lake;
use metering::vee::{DEFAULT_RULES, RuleSet, RuleSetError};
use store::Db;

use crate::billing::rules::ReviewRules;

/// The review thresholds that come with the program.
const REVIEW_RULES: &str = include_str!("../../../../rules/billing_review.toml");

/// The terms of bills that come with the program.
const BILLING_TERMS: &str = include_str!("../../../../rules/billing_terms.toml");

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
