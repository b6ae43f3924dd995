//! How long until power is back: a survival model learnt from past outages, and what is said of it.
//!
//! - [`Rules`]: levels, publication and training, as a document.
//! - [`History`]: past and present outages, and what was known at a moment.
//! - [`Model`]: the chance per period that power comes back, as boosted trees. Outages that are
//!   not over teach as long as they have lasted.
//! - [`Curve`]: the chance that power is still off, and the same for one that has lasted longer.
//! - [`Calibration`]: what levels really held lately, so that 80 % means 80 %.
//! - [`Estimate`]: minutes for the desk and for customers. [`publish`]: whether to say it.
//! - [`score`], [`replay`]: how good the times were. [`feed`]: the file of the command line.
//!
//! Times are estimates and use floating point; what people are told is whole minutes. Everything
//! follows from rows, rules and a seed. Nothing here opens a file or asks the time.

mod bins;
mod calibration;
mod curve;
mod error;
mod estimate;
pub mod feed;
mod history;
mod model;
pub mod publish;
pub mod replay;
mod rules;
pub mod score;
mod similar;
mod tree;

pub use calibration::{Calibration, Settled};
pub use curve::Curve;
pub use error::RestorationError;
pub use estimate::Estimate;
pub use history::{FEATURES, Features, History, Outage, Outcome};
pub use model::Model;
pub use rules::{CalibrationRules, FeedRules, Levels, ModelRules, PublicationRules, Rules};
pub use similar::{Similar, similar};

/// The rules that come with the program, from `rules/restoration.toml`.
pub const DEFAULT_RULES: &str = include_str!("../../../../../rules/restoration.toml");
