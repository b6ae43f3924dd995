//! What can go wrong with bills.

use kernel::{Date, Fault, FaultKind, QuantityError};
use lake::LakeError;
use store::StoreError;
use tariff::TariffError;

use crate::{
    ledger::LedgerError, readings::ReadingError, settlement::SettlementError,
    tariffs::TariffBookError,
};

/// A refused operation on bills.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// The period is not a whole period, or not over.
    #[error("the period from {from} to {to} cannot be closed: {reason}")]
    Period {
        /// First day.
        from: Date,
        /// First day after.
        to: Date,
        /// Why.
        reason: &'static str,
    },
    /// A day of the period is not settled.
    #[error("{0} is not settled; settle the days of the period first")]
    NotSettled(Date),
    /// There is no such bill, or none of this organisation.
    #[error("there is no such bill")]
    NotFound,
    /// The bill is not in the stage that this needs.
    #[error("the bill is {found}; this needs one that is {needed}")]
    Stage {
        /// Its state.
        found: String,
        /// The state that is needed.
        needed: &'static str,
    },
    /// Somebody else changed it meanwhile.
    #[error("this bill was changed meanwhile; look at it again")]
    Changed,
    /// Nothing would change.
    #[error("computed again, this bill comes to the same lines; there is nothing to correct")]
    Same,
    /// A reason is needed.
    #[error("say why: the words are kept with the bill")]
    ReasonMissing,
    /// The bill has an open dispute.
    #[error("this bill is disputed already; answer the open dispute first")]
    Disputed,
    /// The daily state names a plan that is not published.
    #[error("the daily state names tariff number {0}, which is not published here")]
    NoPlan(i32),
    /// No day of the period was settled for this usage point.
    #[error("no day of the period is settled for this usage point")]
    NoDays,
    /// A basic charge by demand, and no demand register was read.
    #[error("the basic charge is by demand, but no demand register was read in the period")]
    NoDemand,
    /// A power-factor adjustment, and no reactive register was read.
    #[error("the tariff adjusts by power factor, but no reactive register was read in the period")]
    NoReactive,
    /// The days do not belong to one account, as they were settled.
    #[error("the days were settled for another account; settle them again from the change on")]
    OtherAccount,
    /// The supply of an account has not ended.
    #[error("the supply goes on: end the agreement first, then make the final bill")]
    NotEnded,
    /// The days are billed.
    #[error("these days are billed already, by bill {0}")]
    Billed(String),
    /// What is stored cannot be read back.
    #[error("the stored {what} of bill {bill} cannot be read: {reason}")]
    Corrupt {
        /// What.
        what: &'static str,
        /// The bill's number.
        bill: String,
        /// Why.
        reason: String,
    },
    /// The tariff engine refused.
    #[error(transparent)]
    Tariff(#[from] TariffError),
    /// A published tariff does not compile.
    #[error(transparent)]
    Book(#[from] TariffBookError),
    /// The catalogue of days could not be read.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// Late readings could not be settled.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A sum does not fit.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BillingError {
    /// The error below, where this one only passes it on.
    fn inner(&self) -> Option<&dyn Fault> {
        Some(match self {
            Self::Denied(error) => error,
            Self::Tariff(error) => error,
            Self::Book(error) => error,
            Self::Settlement(error) => error,
            Self::Reading(error) => error,
            Self::Ledger(error) => error,
            Self::Lake(error) => error,
            Self::Quantity(error) => error,
            Self::Store(error) => error,
            _ => return None,
        })
    }
}

impl Fault for BillingError {
    fn kind(&self) -> FaultKind {
        if let Some(inner) = self.inner() {
            return inner.kind();
        }
        match self {
            Self::NotFound | Self::NoDays => FaultKind::NotFound,
            Self::NotSettled(_)
            | Self::Stage { .. }
            | Self::Changed
            | Self::Same
            | Self::NotEnded
            | Self::Billed(_)
            | Self::Disputed => FaultKind::Conflict,
            Self::NoPlan(_) | Self::Corrupt { .. } => FaultKind::Corrupt,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        if let Some(inner) = self.inner() {
            return inner.code();
        }
        match self {
            Self::Period { .. } => "bill.period",
            Self::NotSettled(_) => "bill.not_settled",
            Self::NotFound => "bill.not_found",
            Self::Stage { .. } => "bill.stage",
            Self::Changed => "bill.changed",
            Self::Same => "bill.same",
            Self::ReasonMissing => "bill.reason_missing",
            Self::Disputed => "bill.disputed",
            Self::NoPlan(_) => "bill.no_plan",
            Self::NoDays => "bill.no_days",
            Self::NoDemand => "bill.no_demand",
            Self::NoReactive => "bill.no_reactive",
            Self::OtherAccount => "bill.other_account",
            Self::NotEnded => "bill.not_ended",
            Self::Billed(_) => "bill.billed",
            _ => "bill.corrupt",
        }
    }
}
