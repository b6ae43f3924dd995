//! What can keep a verification from being made. That something differs is no error but an answer.

use kernel::{Fault, FaultKind};
use lake::LakeError;
use store::StoreError;

use crate::{
    billing::BillingError, ledger::LedgerError, settlement::SettlementError,
    tariffs::TariffBookError,
};

/// A verification that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The days.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// The bills.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The tariffs.
    #[error(transparent)]
    Book(#[from] TariffBookError),
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VerifyError {
    fn inner(&self) -> &dyn Fault {
        match self {
            Self::Settlement(error) => error,
            Self::Billing(error) => error,
            Self::Ledger(error) => error,
            Self::Book(error) => error,
            Self::Lake(error) => error,
            Self::Store(error) => error,
        }
    }
}

impl Fault for VerifyError {
    fn kind(&self) -> FaultKind {
        self.inner().kind()
    }

    fn code(&self) -> &'static str {
        self.inner().code()
    }
}
