//! Which device probably failed, from what customers and meters say.
//!
//! Every device above a report is a candidate. Opening one makes the customers below it dark and
//! leaves the others supplied; how well that explains who reported and who did not is its
//! likelihood, and devices that fail more often get the benefit of the doubt. The most likely *set*
//! of failed devices is found over the whole tree at once, so that two faults on one feeder are two
//! devices and not one above both. Results carry what they rest on, for a person to check.
//!
//! - `evidence`: reports by slot, counted in any range; who is off already.
//! - `candidates`: devices above reports, as a tree.
//! - `search`: the most likely set, and the alternatives to each device of it.
//! - [`rollup`]: the classic rule of thresholds, which a person can follow by hand.

mod candidates;
mod evidence;
pub mod rollup;
mod search;
mod special;

use serde::Serialize;

use crate::{Extent, state::State};
use candidates::Candidates;
use evidence::Evidence;

/// What a report says about a usage point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// A customer says that there is no power.
    Call,
    /// A meter's last message as its power went (停电上报).
    LastGasp,
    /// A meter that was asked did not answer.
    PingDark,
    /// A meter that was asked answered, or said that its power is back.
    PingLit,
}

impl ReportKind {
    /// The word in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::LastGasp => "last_gasp",
            Self::PingDark => "ping_dark",
            Self::PingLit => "ping_lit",
        }
    }

    /// Reads the word in files, English or Chinese.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "call" | "来电" | "报修" => Self::Call,
            "last_gasp" | "lastgasp" | "停电上报" => Self::LastGasp,
            "ping_dark" | "召测无应答" => Self::PingDark,
            "ping_lit" | "restored" | "召测有应答" | "复电上报" => Self::PingLit,
            _ => return None,
        })
    }
}

/// A report about a usage point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The usage point.
    pub point: u32,
    /// What it says.
    pub kind: ReportKind,
}

/// What is believed before any report. The defaults are judgements about an ordinary network, not
/// facts of any: a company replaces them by its own records.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How many of a hundred failures are put down to each kind of device.
    pub failures: Vec<(crate::network::EdgeKind, f64)>,
    /// The chance that a customer with power calls while reports are gathered.
    pub false_call: f64,
    /// The chance that a meter with power sends a last gasp meanwhile.
    pub false_gasp: f64,
    /// The chance that a report is filed under a wrong transformer (户变关系错误).
    pub wrong_link: f64,
    /// What is believed about the share of customers in the dark who report, as the two weights of
    /// a beta distribution; several such beliefs are weighed alike.
    pub reporting: Vec<(f64, f64)>,
    /// The chance that a meter without power answers when asked.
    pub lit_though_dark: f64,
    /// The chance that a meter with power does not answer when asked.
    pub dark_though_lit: f64,
    /// How many alternatives to a device are named.
    pub alternatives: usize,
}

impl Default for Settings {
    fn default() -> Self {
        use crate::network::EdgeKind as Kind;
        Self {
            failures: vec![
                (Kind::SubstationTransformer, 0.5),
                (Kind::Breaker, 5.0),
                (Kind::Recloser, 5.0),
                (Kind::Sectionaliser, 10.0),
                (Kind::LoadBreakSwitch, 5.0),
                (Kind::Disconnector, 1.0),
                (Kind::Fuse, 35.0),
                (Kind::Cutout, 40.0),
                (Kind::Transformer, 10.0),
            ],
            false_call: 2e-4,
            false_gasp: 2e-4,
            wrong_link: 0.03,
            reporting: vec![(1.0, 30.0), (1.0, 6.0), (1.0, 1.0), (8.0, 1.5)],
            lit_though_dark: 0.002,
            dark_though_lit: 0.05,
            alternatives: 5,
        }
    }
}

/// What a device's likelihood rests on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Grounds {
    /// Customers below who were supplied until now.
    pub customers: u32,
    /// Of these, how many report no power.
    pub reports_inside: u32,
    /// Reports of no power on the same feeder that are not below the device.
    pub reports_outside: u32,
    /// Meters below that were asked and did not answer.
    pub pings_dark: u32,
    /// Meters below that were asked and answered.
    pub pings_lit: u32,
    /// Transformers below with a report, where there are transformers.
    pub transformers_reporting: u32,
    /// Transformers below.
    pub transformers: u32,
}

/// Another device that may have failed instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternative {
    /// The device.
    pub edge: u32,
    /// How likely it is, of 1 for all possibilities together.
    pub likelihood: f64,
    /// What it rests on.
    pub grounds: Grounds,
}

/// A device that probably failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspect {
    /// The device.
    pub edge: u32,
    /// How likely it is, of 1 for all possibilities together: this device, the alternatives, and no
    /// failed device at all.
    pub likelihood: f64,
    /// Whether a failed device explains the reports better than chance does. Otherwise it is merely
    /// the best guess: a single customer's own fault is as likely.
    pub supported: bool,
    /// What it rests on.
    pub grounds: Grounds,
    /// Who is without power if it failed.
    pub scope: Extent,
    /// The likeliest alternatives.
    pub alternatives: Vec<Alternative>,
    /// The likelihood that no device failed.
    pub none: f64,
}

/// What reports came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Inference {
    /// Devices that probably failed, most supported first.
    pub suspects: Vec<Suspect>,
    /// Reports that no suspect explains.
    pub unexplained: u32,
    /// Reports from usage points that are off already: planned, shed, in arrears, or in a known
    /// outage.
    pub suppressed: u32,
    /// Reports from usage points that no device feeds now.
    pub unfed: u32,
}

/// Infers the failed devices. `off` are usage points that are off already, for whatever reason;
/// what the state of the switches leaves dark is off as well.
#[must_use]
pub fn infer(state: &State, reports: &[Report], off: &Extent, settings: &Settings) -> Inference {
    let off = off.union(&state.dark());
    let mut evidence = Evidence::gather(state.network(), reports, &off, settings);
    let candidates = Candidates::above(state, &mut evidence, settings);
    search::infer(state, &evidence, &candidates, settings)
}

#[cfg(test)]
mod tests;
