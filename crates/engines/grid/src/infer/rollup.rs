//! The classic rule, which a person can follow by hand: begin at the transformer with most reports
//! and go up as long as enough of the transformers below report. Beside the likelihood it is a second
//! opinion, and what is left when nobody trusts a number.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, ReportKind};
use crate::{Extent, network::EdgeKind, state::State};

/// When to go up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// At least so many transformers below a device report.
    pub transformers: u32,
    /// At least this share of the transformers below it report.
    pub share: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { transformers: 2, share: 0.5 }
    }
}

/// The highest device with enough reporting transformers below; `None` without reports that a
/// transformer feeds. Reports of usage points that are off already are passed over.
#[must_use]
pub fn rollup(
    state: &State,
    reports: &[Report],
    off: &Extent,
    thresholds: Thresholds,
) -> Option<u32> {
    let net = state.network();
    let kinds = &net.rows().edges.kind;
    let mut by_transformer: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for report in
        reports.iter().filter(|r| matches!(r.kind, ReportKind::Call | ReportKind::LastGasp))
    {
        let slot = net.slot_of(report.point);
        if off.phases_at(slot).covers(net.phases_at(slot)) {
            continue;
        }
        let mut path = net.path_up(net.rows().points.node[report.point as usize]);
        if let Some(edge) = path.find(|edge| kinds[*edge as usize] == EdgeKind::Transformer) {
            by_transformer.entry(edge).or_default().insert(report.point);
        }
    }
    let (start, _) = by_transformer.iter().max_by_key(|(_, points)| points.len())?;
    let start_node = net.node_at(net.positions_below(*start).start);
    let mut best = *start;
    for edge in net.path_up(start_node).filter(|edge| kinds[*edge as usize].is_device()) {
        if edge == *start {
            continue;
        }
        let below = net.positions_below(edge);
        let reporting = by_transformer
            .keys()
            .filter(|transformer| below.contains(&net.positions_below(**transformer).start))
            .count();
        let all = net.transformers_within(net.slots_below(edge));
        let reporting = crate::small(reporting);
        // The cut-out of a single transformer goes with it.
        let enough = reporting >= thresholds.transformers.min(all);
        if enough && f64::from(reporting) >= thresholds.share * f64::from(all) {
            best = edge;
        }
    }
    Some(best)
}
