//! One regression tree over stepped features, grown level by level from histograms.

use super::bins::STEPS;

/// What is asked at a node, or a leaf's value when `feature` is [`LEAF`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    feature: u8,
    /// Up to this step one goes left, beyond it right.
    step: u8,
    /// The left child; the right one follows it.
    left: u16,
    value: f32,
}

const LEAF: u8 = u8::MAX;

/// A grown tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree(Vec<Node>);

/// What a tree is grown from. Row `r` has the features of its outage, `outage[r]`, and as one
/// feature more its period.
pub(super) struct Rows<'a> {
    /// Steps of the outages, `width` for each.
    pub(super) steps: &'a [u8],
    /// Features of an outage.
    pub(super) width: usize,
    /// The outage of a row.
    pub(super) outage: &'a [u32],
    /// The period of a row.
    pub(super) period: &'a [u8],
    /// First and second derivative of the loss of a row.
    pub(super) slopes: &'a [(f32, f32)],
}

/// How a tree is grown.
pub(super) struct Growth {
    pub(super) depth: u32,
    pub(super) leaf_rows: usize,
    pub(super) rate: f64,
}

/// Sums of derivatives of a step.
type Cell = (f64, f64);

/// Keeps a leaf of few rows from far values.
const SHRINK: f64 = 1.0;

impl Rows<'_> {
    fn step(&self, row: u32, feature: usize) -> u8 {
        let row = row as usize;
        if feature == self.width {
            self.period[row]
        } else {
            self.steps[self.outage[row] as usize * self.width + feature]
        }
    }

    /// Sums per feature and step over some rows.
    fn histogram(&self, rows: &[u32]) -> Vec<Cell> {
        let mut cells = vec![(0.0, 0.0); (self.width + 1) * STEPS];
        for row in rows {
            let row = *row as usize;
            let (slope, bend) = self.slopes[row];
            let (slope, bend) = (f64::from(slope), f64::from(bend));
            let first = self.outage[row] as usize * self.width;
            let steps = &self.steps[first..first + self.width];
            for (own, step) in cells.chunks_exact_mut(STEPS).zip(steps) {
                let cell = &mut own[usize::from(*step) % STEPS];
                cell.0 += slope;
                cell.1 += bend;
            }
            let cell = &mut cells[self.width * STEPS + usize::from(self.period[row]) % STEPS];
            cell.0 += slope;
            cell.1 += bend;
        }
        cells
    }
}

/// A node that may still be parted.
struct Open {
    node: usize,
    from: usize,
    to: usize,
    cells: Vec<Cell>,
}

impl Tree {
    /// Grows a tree; `order` is a list of all rows, and ends up sorted by leaf. `tell` is told
    /// each leaf's rows and value.
    pub(super) fn grow(
        rows: &Rows<'_>,
        order: &mut [u32],
        growth: &Growth,
        mut tell: impl FnMut(&[u32], f32),
    ) -> Self {
        let mut nodes = vec![Node { feature: LEAF, step: 0, left: 0, value: 0.0 }];
        let to = order.len();
        let mut level = vec![Open { node: 0, from: 0, to, cells: rows.histogram(order) }];
        for depth in 0..=growth.depth {
            let mut next = Vec::new();
            for open in level {
                let parted =
                    if depth < growth.depth { best(&open, growth, rows.width) } else { None };
                let Some((feature, step)) = parted else {
                    let value = leaf(&open.cells[..STEPS], growth.rate);
                    nodes[open.node].value = value;
                    tell(&order[open.from..open.to], value);
                    continue;
                };
                let own = &mut order[open.from..open.to];
                let middle = open.from + part(own, |row| rows.step(row, feature) <= step);
                let left = u16::try_from(nodes.len()).unwrap_or(u16::MAX);
                let named = u8::try_from(feature).unwrap_or(LEAF);
                nodes[open.node] = Node { feature: named, step, left, value: 0.0 };
                nodes.extend([Node { feature: LEAF, step: 0, left: 0, value: 0.0 }; 2]);
                next.extend(children(rows, order, open, middle, usize::from(left)));
            }
            level = next;
        }
        Self(nodes)
    }

    /// The value of the leaf of some steps and a period.
    pub(super) fn value(&self, steps: &[u8], period: u8) -> f32 {
        let mut at = 0_usize;
        loop {
            let node = self.0[at];
            if node.feature == LEAF {
                return node.value;
            }
            let step = steps.get(usize::from(node.feature)).copied().unwrap_or(period);
            at = usize::from(node.left) + usize::from(step > node.step);
        }
    }
}

/// The children of a node whose rows are parted at `middle`. The smaller one is counted, the
/// larger one is what is left of the parent.
fn children(rows: &Rows<'_>, order: &[u32], open: Open, middle: usize, left: usize) -> [Open; 2] {
    let Open { from, to, cells: whole, .. } = open;
    let left_smaller = middle - from <= to - middle;
    let small = if left_smaller { &order[from..middle] } else { &order[middle..to] };
    let small = rows.histogram(small);
    let mut large = whole;
    for (large, small) in large.iter_mut().zip(&small) {
        large.0 -= small.0;
        large.1 -= small.1;
    }
    let (lower, upper) = if left_smaller { (small, large) } else { (large, small) };
    [
        Open { node: left, from, to: middle, cells: lower },
        Open { node: left + 1, from: middle, to, cells: upper },
    ]
}

/// Brings the rows that hold to the front, the others behind them, both in their order.
fn part(rows: &mut [u32], holds: impl Fn(u32) -> bool) -> usize {
    let (front, back): (Vec<u32>, Vec<u32>) = rows.iter().copied().partition(|row| holds(*row));
    rows[..front.len()].copy_from_slice(&front);
    rows[front.len()..].copy_from_slice(&back);
    front.len()
}

fn leaf(cells: &[Cell], rate: f64) -> f32 {
    let (slope, bend) = cells.iter().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    single(-rate * slope / (bend + SHRINK))
}

/// The question that helps most, where both sides keep enough.
fn best(open: &Open, growth: &Growth, width: usize) -> Option<(usize, u8)> {
    if open.to - open.from < 2 * growth.leaf_rows {
        return None;
    }
    let all = open.cells[..STEPS].iter().fold((0.0, 0.0), |s, c| (s.0 + c.0, s.1 + c.1));
    let gain = |(slope, bend): Cell| slope * slope / (bend + SHRINK);
    // A row bends the loss by at most a quarter of its weight; a leaf's share of the bend stands
    // for its share of the rows.
    let rows = (open.to - open.from) as f64;
    let least = all.1 * growth.leaf_rows as f64 / rows;
    let mut found: Option<(f64, usize, u8)> = None;
    for feature in 0..=width {
        let mut left = (0.0, 0.0);
        let own = &open.cells[feature * STEPS..(feature + 1) * STEPS];
        for (step, cell) in (0_u8..).zip(own) {
            left = (left.0 + cell.0, left.1 + cell.1);
            let right = (all.0 - left.0, all.1 - left.1);
            if left.1 < least || right.1 < least {
                continue;
            }
            let better = gain(left) + gain(right) - gain(all);
            if better > 1e-6 && found.is_none_or(|(most, ..)| better > most) {
                found = Some((better, feature, step));
            }
        }
    }
    found.map(|(_, feature, step)| (feature, step))
}

/// A double as a single: leaves need no more.
#[expect(clippy::cast_possible_truncation, reason = "a leaf's value is kept to seven digits")]
pub(super) const fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_finds_the_feature_that_matters() {
        // Feature 1 decides the slope, feature 0 is noise; the period is always 0.
        let steps: Vec<u8> = (0..1_000_u32)
            .flat_map(|n| [u8::try_from(n % 7).unwrap(), u8::try_from(n % 10).unwrap()])
            .collect();
        let outage: Vec<u32> = (0..1_000).collect();
        let period = vec![0; 1_000];
        let slopes: Vec<(f32, f32)> =
            (0..1_000).map(|n| if n % 10 < 4 { (-1.0, 1.0) } else { (1.0, 1.0) }).collect();
        let rows =
            Rows { steps: &steps, width: 2, outage: &outage, period: &period, slopes: &slopes };
        let mut order = outage.clone();
        let growth = Growth { depth: 2, leaf_rows: 10, rate: 1.0 };
        let mut told = 0;
        let tree = Tree::grow(&rows, &mut order, &growth, |leaf, _| told += leaf.len());
        assert_eq!(told, 1_000, "every row is in one leaf");
        assert!(tree.value(&[3, 2], 0) > 0.9 && tree.value(&[3, 8], 0) < -0.9);
        let again = Tree::grow(&rows, &mut outage.clone(), &growth, |_, _| {});
        assert_eq!(tree, again);
    }
}
