//! What can go wrong with meters.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

/// A refused change of a meter.
#[derive(Debug, thiserror::Error)]
pub enum MeterError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such meter, or none of this organisation.
    #[error("there is no such meter")]
    NotFound,
    /// The asset number is taken.
    #[error("asset number {0} is registered already")]
    AssetNoTaken(String),
    /// The usage point has a meter, or the meter hangs elsewhere.
    #[error(
        "the usage point has a meter already, or this meter hangs elsewhere; remove or exchange it"
    )]
    Occupied,
    /// Nothing to remove.
    #[error("this usage point has no meter")]
    NoMeter,
    /// Before the installation.
    #[error("the meter was installed on {installed}; it cannot be removed on {asked}")]
    BeforeInstallation {
        /// When it was installed.
        installed: Date,
        /// The day asked for.
        asked: Date,
    },
    /// A value that no meter has.
    #[error("{0}")]
    Impossible(&'static str),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for MeterError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::AssetNoTaken(_) | Self::Occupied | Self::NoMeter => FaultKind::Conflict,
            Self::BeforeInstallation { .. } | Self::Impossible(_) => FaultKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "meter.not_found",
            Self::AssetNoTaken(_) => "meter.asset_no_taken",
            Self::Occupied => "meter.occupied",
            Self::NoMeter => "meter.no_meter",
            Self::BeforeInstallation { .. } => "meter.before_installation",
            Self::Impossible(_) => "meter.impossible",
            Self::Store(error) => error.code(),
        }
    }
}
