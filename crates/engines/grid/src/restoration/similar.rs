//! Past outages that are like one: what a person can compare an estimate with.

use super::{Outage, Outcome};

/// Past outages that are like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Similar {
    /// How many.
    pub count: usize,
    /// Whether they are of the same area; otherwise of all areas.
    pub same_area: bool,
    /// Minutes from the moment of knowledge by which half of them were over.
    pub median_min: i64,
    /// Minutes by which four of five were.
    pub four_of_five_min: i64,
}

/// So many make a comparison; the same area is preferred when it has them.
const ENOUGH: usize = 30;

/// Past outages of the same cause, crew status and size (within a factor of two) as one, of which
/// it was known then that they were over; nothing when there are too few.
#[must_use]
pub fn similar(past: &[Outage], outage: &Outage) -> Option<Similar> {
    let like = |other: &&Outage| {
        other.teaches
            && !other.planned
            && other.cause == outage.cause
            && other.crew == outage.crew
            && u64::from(other.customers) <= u64::from(outage.customers) * 2
            && u64::from(outage.customers) <= u64::from(other.customers) * 2
            && matches!(other.outcome, Outcome::Restored { known_s, .. } if known_s < outage.seen_s)
    };
    let minutes = |area: bool| {
        let alike = past.iter().filter(like).filter(|other| !area || other.area == outage.area);
        let mut minutes: Vec<f64> = alike.map(|other| other.lasted().0).collect();
        minutes.sort_by(f64::total_cmp);
        minutes
    };
    [true, false].into_iter().find_map(|same_area| {
        let minutes = minutes(same_area);
        let at = |above, below| {
            minutes
                .get(minutes.len() * above / below)
                .map(|minutes| super::estimate::upward(*minutes))
        };
        let enough = minutes.len() >= ENOUGH;
        enough.then_some(()).and_then(|()| {
            let count = minutes.len();
            Some(Similar { count, same_area, median_min: at(1, 2)?, four_of_five_min: at(4, 5)? })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::history::tests::outage;

    #[test]
    fn outages_of_the_same_cause_and_size_are_compared_in_the_area_first() {
        let mut past: Vec<Outage> = (0..40).map(|n| outage(n * 3_600, 60 + n)).collect();
        past.extend((0..60).map(|n| Outage { area: "west".into(), ..outage(n * 3_600, 500) }));
        past.extend((0..60).map(|n| Outage { cause: "car".into(), ..outage(n * 3_600, 5) }));
        past.extend((0..60).map(|n| Outage { customers: 900, ..outage(n * 3_600, 5) }));
        let asked = outage(1_000_000, 0);
        let near = similar(&past, &asked).unwrap();
        assert_eq!((near.count, near.same_area, near.median_min), (40, true, 80));
        let north = Outage { area: "north".into(), ..asked.clone() };
        let all = similar(&past, &north).unwrap();
        assert_eq!((all.count, all.same_area, all.four_of_five_min), (100, false, 500));
        let early = Outage { seen_s: 3_600 * 10, ..asked };
        assert!(similar(&past, &early).is_none(), "what is not known yet does not count");
    }
}
