//! What can go wrong with work orders.

use kernel::{Date, Fault, FaultKind};
use store::StoreError;

use crate::{bulletins::BulletinError, meters::MeterError, readings::ReadingError};

/// A refused change of a work order.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The person may not do this.
    #[error(transparent)]
    Denied(#[from] access::AccessError),
    /// No such order, or none of this organisation.
    #[error("there is no such work order")]
    NotFound,
    /// Somebody else changed it meanwhile, or it is closed.
    #[error("this work order was changed meanwhile; look at it again")]
    Changed,
    /// The meter has an open order of this kind.
    #[error("this meter has an open work order of this kind already")]
    HasOrder,
    /// The usage point has no meter.
    #[error("this usage point has no meter")]
    NoMeter,
    /// No meter with this asset number is in stock.
    #[error("no meter {0} is in stock")]
    NotInStock(String),
    /// The customer cannot be told in time.
    #[error("the customer is told {days} days before: plan {earliest} or later")]
    TooSoon {
        /// Days of notice.
        days: i32,
        /// The first day that can be planned.
        earliest: Date,
    },
    /// A fault is not cancelled.
    #[error("a fault ends with the decision whether energy is adjusted; it is not cancelled")]
    NeedsDecision,
    /// Energy cannot be adjusted yet.
    #[error("exchange the meter first: the adjustment is made at its closing read")]
    NotExchanged,
    /// A reason is needed.
    #[error("say why: the reason is part of the evidence of the bill")]
    ReasonMissing,
    /// The old meter is kept in case of doubt.
    #[error("this meter is kept until {0} in case of doubt")]
    Kept(Date),
    /// A value that cannot be.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The meter refused.
    #[error(transparent)]
    Meter(#[from] MeterError),
    /// Telling customers was refused.
    #[error(transparent)]
    Bulletin(#[from] BulletinError),
    /// The readings refused.
    #[error(transparent)]
    Reading(#[from] ReadingError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for OrderError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound => FaultKind::NotFound,
            Self::Changed
            | Self::HasOrder
            | Self::NoMeter
            | Self::NotInStock(_)
            | Self::NeedsDecision
            | Self::NotExchanged
            | Self::Kept(_) => FaultKind::Conflict,
            Self::TooSoon { .. } | Self::ReasonMissing | Self::Field { .. } => FaultKind::Invalid,
            Self::Meter(error) => error.kind(),
            Self::Bulletin(error) => error.kind(),
            Self::Reading(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotFound => "order.not_found",
            Self::Changed => "order.changed",
            Self::HasOrder => "order.has_order",
            Self::NoMeter => "order.no_meter",
            Self::NotInStock(_) => "order.not_in_stock",
            Self::TooSoon { .. } => "order.too_soon",
            Self::NeedsDecision => "order.needs_decision",
            Self::NotExchanged => "order.not_exchanged",
            Self::ReasonMissing => "order.reason_missing",
            Self::Kept(_) => "order.kept",
            Self::Field { .. } => "order.field",
            Self::Meter(error) => error.code(),
            Self::Bulletin(error) => error.code(),
            Self::Reading(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
