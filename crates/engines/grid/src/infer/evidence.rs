//! Reports in the order of slots, so that any range of customers is counted by two searches.

use std::collections::HashMap;

use super::{Report, ReportKind, Settings};
use crate::{Extent, Network};

/// What is known of one usage point.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    call: bool,
    gasp: bool,
    /// The last answer to a ping: whether it was lit.
    ping: Option<bool>,
}

/// Sums over reports up to a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Customers who report no power.
    pub(super) dark: u32,
    pub(super) pings_dark: u32,
    pub(super) pings_lit: u32,
    /// ln of the chance of these reports when all of these customers have power.
    pub(super) by_chance: f64,
    /// ln of how much better the pings fit if they have none.
    pub(super) pings: f64,
}

impl Sums {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            dark: self.dark + other.dark,
            pings_dark: self.pings_dark + other.pings_dark,
            pings_lit: self.pings_lit + other.pings_lit,
            by_chance: self.by_chance + other.by_chance,
            pings: self.pings + other.pings,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            dark: self.dark - other.dark,
            pings_dark: self.pings_dark - other.pings_dark,
            pings_lit: self.pings_lit - other.pings_lit,
            by_chance: self.by_chance - other.by_chance,
            pings: self.pings - other.pings,
        }
    }
}

/// All evidence.
pub(super) struct Evidence {
    /// Slots with evidence, sorted.
    slots: Vec<u32>,
    heard: Vec<Heard>,
    /// Sums before each of them, and over all.
    sums: Vec<Sums>,
    /// Runs of customers who are off already, with how many lie before each.
    off: Vec<(u32, u32, u32)>,
    pub(super) suppressed: u32,
}

impl Evidence {
    /// Gathers reports; several of one usage point are one. Those of usage points that are off
    /// already say nothing new and are only counted.
    pub(super) fn gather(
        net: &Network,
        reports: &[Report],
        off: &Extent,
        settings: &Settings,
    ) -> Self {
        let mut suppressed = 0;
        let mut heard: HashMap<u32, Heard> = HashMap::with_capacity(reports.len());
        for report in reports {
            let slot = net.slot_of(report.point);
            if off.phases_at(slot).covers(net.phases_at(slot)) {
                suppressed += 1;
                continue;
            }
            let at = heard.entry(slot).or_default();
            match report.kind {
                ReportKind::Call => at.call = true,
                ReportKind::LastGasp => at.gasp = true,
                ReportKind::PingDark => at.ping = Some(false),
                ReportKind::PingLit => at.ping = Some(true),
            }
        }
        let mut all: Vec<(u32, Heard)> = heard.into_iter().collect();
        all.sort_unstable_by_key(|(slot, _)| *slot);
        let mut before = 0;
        let off = off.runs().iter().map(|run| {
            let entry = (run.from, run.to, before);
            before += run.to - run.from;
            entry
        });
        let off = off.collect();
        let (slots, heard): (Vec<u32>, Vec<Heard>) = all.into_iter().unzip();
        let mut evidence = Self { slots, heard, sums: Vec::new(), off, suppressed };
        evidence.weigh(settings, |_| 0.0);
        evidence
    }

    /// Sums up. `elsewhere` says of each evidence by number what share of its feeder reports no
    /// power: so likely is one who has power, but whose link is wrong, to be really dark.
    pub(super) fn weigh(&mut self, settings: &Settings, elsewhere: impl Fn(usize) -> f64) {
        let mut sum = Sums::default();
        self.sums.clear();
        self.sums.push(sum);
        for (number, heard) in self.heard.iter().enumerate() {
            sum = sum.plus(weigh(*heard, settings, elsewhere(number)));
            self.sums.push(sum);
        }
    }

    /// The slots with evidence, in order.
    pub(super) fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// Whether the customer of the evidence with this number says that there is no power.
    pub(super) fn is_dark(&self, number: usize) -> bool {
        let sums = &self.sums;
        sums.get(number + 1).is_some_and(|after| after.dark > sums[number].dark)
    }

    /// The evidence within a scope.
    pub(super) fn within(&self, scope: &Extent) -> Sums {
        scope.runs().iter().fold(Sums::default(), |sum, run| {
            let at = |slot| self.sums[self.slots.partition_point(|own| *own < slot)];
            sum.plus(at(run.to).minus(at(run.from)))
        })
    }

    /// How many customers of a scope were supplied until now.
    pub(super) fn supplied(&self, scope: &Extent) -> u32 {
        let off_before = |slot: u32| {
            let after = self.off.partition_point(|(_, to, _)| *to <= slot);
            match self.off.get(after) {
                Some((from, _, before)) => before + slot.saturating_sub(*from),
                None => self.off.last().map_or(0, |(from, to, before)| before + to - from),
            }
        };
        let of = |run: &crate::extent::Run| {
            (run.to - run.from) - (off_before(run.to) - off_before(run.from))
        };
        scope.runs().iter().map(of).sum()
    }
}

fn weigh(heard: Heard, settings: &Settings, elsewhere: f64) -> Sums {
    let dark = heard.call || heard.gasp;
    // Call and last gasp come by different ways: both by chance are rarer than either. A wrong link
    // explains both at once.
    let chance = |said: bool, chance: f64| if said { chance } else { 1.0 };
    let both = chance(heard.call, settings.false_call) * chance(heard.gasp, settings.false_gasp);
    let by_chance = (both + settings.wrong_link * elsewhere).min(1.0);
    let (dark_fits, lit_fits) = (
        ((1.0 - settings.lit_though_dark) / settings.dark_though_lit).ln(),
        (settings.lit_though_dark / (1.0 - settings.dark_though_lit)).ln(),
    );
    Sums {
        dark: u32::from(dark),
        pings_dark: u32::from(heard.ping == Some(false)),
        pings_lit: u32::from(heard.ping == Some(true)),
        by_chance: if dark { by_chance.max(f64::MIN_POSITIVE).ln() } else { 0.0 },
        pings: match heard.ping {
            None => 0.0,
            Some(false) => dark_fits,
            Some(true) => lit_fits,
        },
    }
}
