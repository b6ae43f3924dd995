//! Trips of lines, and the programmes that lines get which trip too often (线路跳闸专项治理).

use std::collections::BTreeMap;

use super::TripRule;

const DAY_S: i64 = 86_400;

/// A trip of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// The line.
    pub line: String,
    /// When it tripped, seconds since the epoch.
    pub at_s: i64,
    /// Why, as recorded.
    pub cause: String,
    /// Whether the reclosing held.
    pub reclosed: bool,
    /// How long it was off.
    pub seconds: i64,
}

/// A line under treatment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// The line.
    pub line: String,
    /// The trip that opened it: the rule's n-th within the window.
    pub opened_at_s: i64,
    /// When it ended: the check time passed without a trip. Open otherwise.
    pub closed_at_s: Option<i64>,
    /// Its trips, as places in the given list: those of the window that opened it, and those since.
    pub trips: Vec<usize>,
}

/// The programmes up to an instant, by line and time. Trips may come in any order; those after
/// the instant are not known yet.
#[must_use]
pub fn programmes(trips: &[Trip], rule: &TripRule, as_of_s: i64) -> Vec<Programme> {
    let mut lines: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, trip) in trips.iter().enumerate().filter(|(_, trip)| trip.at_s <= as_of_s) {
        lines.entry(&trip.line).or_default().push(at);
    }
    let mut programmes = Vec::new();
    for (line, mut own) in lines {
        own.sort_by_key(|at| (trips[*at].at_s, *at));
        of_line(line, &own, trips, rule, as_of_s, &mut programmes);
    }
    programmes
}

fn of_line(
    line: &str,
    own: &[usize],
    trips: &[Trip],
    rule: &TripRule,
    as_of_s: i64,
    programmes: &mut Vec<Programme>,
) {
    let window_s = i64::from(rule.window_days) * DAY_S;
    let recheck_s = i64::from(rule.recheck_days) * DAY_S;
    let needed = rule.trips as usize;
    let mut open: Option<Programme> = None;
    // Trips that a closed programme has dealt with do not open the next one.
    let mut fresh = 0;
    for (nth, at) in own.iter().enumerate() {
        let now_s = trips[*at].at_s;
        let last_s = open.as_ref().and_then(|p| p.trips.last()).map(|last| trips[*last].at_s);
        if let (Some(last_s), Some(mut done)) = (last_s, open.take()) {
            if now_s - last_s > recheck_s {
                done.closed_at_s = Some(last_s + recheck_s);
                programmes.push(done);
                fresh = nth;
            } else {
                done.trips.push(*at);
                open = Some(done);
                continue;
            }
        }
        let recent = own[fresh..=nth].iter().filter(|at| trips[**at].at_s > now_s - window_s);
        let recent: Vec<usize> = recent.copied().collect();
        if recent.len() >= needed {
            let line = line.to_owned();
            open = Some(Programme { line, opened_at_s: now_s, closed_at_s: None, trips: recent });
        }
    }
    if let Some(mut last) = open {
        let last_s = last.trips.last().map_or(last.opened_at_s, |at| trips[*at].at_s);
        last.closed_at_s = Some(last_s + recheck_s).filter(|end_s| *end_s <= as_of_s);
        programmes.push(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::{DEFAULT_RULES, Rules};

    fn on_days(days: &[i64], as_of: i64) -> Vec<(i64, Option<i64>, usize)> {
        let rule = Rules::parse(DEFAULT_RULES).unwrap().trip_programme;
        let trip = |day: &i64| Trip {
            line: "10 kV East".to_owned(),
            at_s: day * DAY_S,
            cause: "tree".to_owned(),
            reclosed: true,
            seconds: 2,
        };
        let trips: Vec<Trip> = days.iter().map(trip).collect();
        programmes(&trips, &rule, as_of * DAY_S)
            .into_iter()
            .map(|p| (p.opened_at_s / DAY_S, p.closed_at_s.map(|s| s / DAY_S), p.trips.len()))
            .collect()
    }

    #[test]
    fn the_third_trip_within_sixty_days_opens_a_programme() {
        assert_eq!(on_days(&[0, 30, 59], 60), [(59, None, 3)]);
        assert_eq!(on_days(&[0, 30, 60], 60), []);
        assert_eq!(on_days(&[59, 0, 30], 60), [(59, None, 3)]);
    }

    #[test]
    fn thirty_days_without_a_trip_end_it_and_its_trips_count_no_more() {
        assert_eq!(on_days(&[0, 10, 20], 50), [(20, Some(50), 3)]);
        assert_eq!(on_days(&[0, 10, 20, 45], 60), [(20, None, 4)]);
        assert_eq!(on_days(&[0, 10, 20, 51, 52], 60), [(20, Some(50), 3)]);
        assert_eq!(on_days(&[0, 10, 20, 51, 52, 53], 60), [(20, Some(50), 3), (53, None, 3)]);
    }

    #[test]
    fn what_comes_later_is_not_known_yet() {
        assert_eq!(on_days(&[0, 10, 20], 19), []);
    }
}
