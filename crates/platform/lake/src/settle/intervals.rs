//! A day of one usage point's intervals: the deliveries that count, validated, completed and put
//! into the plan's windows of the date.

use metering::{
    grid::{Grid, GridRules, flag},
    reading::{Mark, Method, Source, Validity},
    vee::RuleId,
};
use tariff::DaySlots;

use crate::{LakeError, tables::IntervalRow};

/// The delivered intervals of a usage point and day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Deliveries {
    rows: Vec<IntervalRow>,
}

impl Deliveries {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    pub(super) fn take(&mut self, row: IntervalRow) {
        self.rows.push(row);
    }

    /// Leaves one row for each slot: of several deliveries the greatest counts.
    pub(super) fn settle(&mut self) {
        let in_order = |pair: &[IntervalRow]| pair[0].place() < pair[1].place();
        if self.rows.windows(2).all(in_order) {
            return;
        }
        self.rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.sort_key()));
        self.rows.dedup_by_key(|row| row.place());
        self.rows.reverse();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn decided(&self) -> bool {
        self.rows.iter().all(|row| {
            let mark = Mark::from_code(row.flag).map(|mark| mark.validity);
            matches!(mark, Some(Validity::Confirmed | Validity::Edited))
                || row.source == Source::Edited.code()
        })
    }

    /// Whether every value was computed from others.
    fn derived(&self) -> bool {
        let method = |row: &IntervalRow| Mark::from_code(row.flag).map(|mark| mark.method);
        self.rows.iter().all(|row| method(row) == Some(Method::Derived))
    }

    /// Minutes of an interval, as most recently revised.
    fn minutes(&self) -> u8 {
        self.rows.iter().map(|row| (row.revision, row.minutes)).max().map_or(15, |(_, m)| m)
    }
}

/// A validated day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DayCurve {
    /// Use by bucket in Wh at the meter, without what is missing.
    pub(super) wh: [i64; 5],
    /// Slots by bucket for which no value is known.
    pub(super) missing: [i64; 5],
    /// How many slots the day has.
    pub(super) slots: i64,
    /// How many slots were estimated on a line.
    pub(super) estimated: i64,
    /// Rules that hit.
    pub(super) hits: Vec<RuleId>,
    /// Whether a person has confirmed the day's values: then no check stops them.
    pub(super) decided: bool,
}

/// Working space that is used again for every usage point.
pub(super) struct Bench {
    grids: [(usize, DayGrid); 3],
    values: Vec<i32>,
    flags: Vec<u8>,
}

enum DayGrid {
    Quarter(Grid<96>),
    Half(Grid<48>),
    Hour(Grid<24>),
}

impl Bench {
    pub(super) fn new(rules: &metering::vee::RuleSet) -> Result<Self, LakeError> {
        let grid = |minutes: u32| -> GridRules { rules.grid(minutes * 60) };
        let wrong = |error: metering::grid::GridError| LakeError::Invalid(error.to_string());
        Ok(Self {
            grids: [
                (96, DayGrid::Quarter(Grid::new(grid(15), vec![0]).map_err(wrong)?)),
                (48, DayGrid::Half(Grid::new(grid(30), vec![0]).map_err(wrong)?)),
                (24, DayGrid::Hour(Grid::new(grid(60), vec![0]).map_err(wrong)?)),
            ],
            values: Vec::new(),
            flags: Vec::new(),
        })
    }

    /// Validates the day's intervals and sums them by window.
    pub(super) fn run(
        &mut self,
        deliveries: &Deliveries,
        windows: &DaySlots,
    ) -> Result<DayCurve, LakeError> {
        let minutes = deliveries.minutes();
        let (slots, grid) = match minutes {
            15 => &mut self.grids[0],
            30 => &mut self.grids[1],
            60 => &mut self.grids[2],
            other => {
                return Err(LakeError::Invalid(format!(
                    "intervals of {other} minutes cannot be settled: use 15, 30 or 60"
                )));
            }
        };
        self.values.clear();
        self.values.resize(*slots, 0);
        self.flags.clear();
        self.flags.resize(*slots, flag::GAP);
        // What the sender itself does not vouch for is evidence, not use: the slot is open.
        let usable = |row: &&IntervalRow| {
            row.minutes == minutes && Mark::from_code(row.flag).is_none_or(Mark::is_billable)
        };
        for row in deliveries.rows.iter().filter(usable) {
            let slot = usize::from(row.slot);
            if let Some((value, flag)) = self.values.get_mut(slot).zip(self.flags.get_mut(slot)) {
                *value = row.wh;
                *flag = 0;
            }
        }
        let done = match grid {
            DayGrid::Quarter(grid) => grid.run(&mut self.values, &mut self.flags),
            DayGrid::Half(grid) => grid.run(&mut self.values, &mut self.flags),
            DayGrid::Hour(grid) => grid.run(&mut self.values, &mut self.flags),
        };
        done.map_err(|error| LakeError::Invalid(error.to_string()))?;
        let slots = *slots;
        let mut curve = DayCurve { decided: deliveries.decided(), ..self.sum(windows, slots) };
        if deliveries.derived() {
            // The hours of a day's value are alike because they were shared out, not measured.
            curve.hits.retain(|rule| *rule != RuleId::Stuck);
        }
        Ok(curve)
    }

    fn sum(&self, windows: &DaySlots, slots: usize) -> DayCurve {
        let quarters = windows.len() / slots.max(1);
        let mut curve = DayCurve {
            wh: [0; 5],
            missing: [0; 5],
            slots: i64::try_from(slots).unwrap_or(96),
            estimated: 0,
            hits: Vec::new(),
            decided: false,
        };
        let mut all = 0;
        for (slot, (value, flags)) in self.values.iter().zip(&self.flags).enumerate() {
            let bucket = windows.get(slot * quarters).map_or(2, |b| b.index()).min(4);
            all |= flags;
            if flags & flag::NONE != 0 {
                curve.missing[bucket] += 1;
            } else {
                curve.wh[bucket] += i64::from(*value);
                curve.estimated += i64::from(flags & flag::BAD != 0);
            }
        }
        for (bit, rule) in [
            (flag::NEGATIVE, RuleId::NegativeInterval),
            (flag::SPIKE, RuleId::Spike),
            (flag::STUCK, RuleId::Stuck),
        ] {
            if all & bit != 0 {
                curve.hits.push(rule);
            }
        }
        curve
    }
}
