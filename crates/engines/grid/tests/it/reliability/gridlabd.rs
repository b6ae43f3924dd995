//! The reliability autotest of GridLAB-D: the IEEE 37-node feeder with 26 customers, its event
//! log as published series. An event that lasted at most five minutes is momentary.

use jiff::civil::date;
use lamplight_grid::reliability::{Interruption, Rules, Table, ieee1366};

use super::{basis, group, rounded, rules, shared, value};

const CUSTOMERS: f64 = 26.0;
const FOLDER: &str = "gridlabd_reliability_autotest";

/// A series as (seconds of the day, value).
fn series(name: &str) -> Option<Vec<(i64, f64)>> {
    let text = shared(&format!("{FOLDER}/{name}.csv"))?;
    let rows = text.lines().filter_map(|line| {
        let (time, value) = line.split_once(',')?;
        let mut clock = time.split(' ').nth(1)?.split(':').map(|part| part.parse::<i64>().ok());
        let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
        Some((hour * 3_600 + minute * 60 + second, value.trim().parse().ok()?))
    });
    Some(rows.collect())
}

/// Every value of four series equals what the engine makes of the events that had ended by then;
/// with `interval_s`, of those that ended in the same interval.
fn replays(prefix: &str, suffixes: [&str; 4], rows: &[Interruption], interval_s: i64) {
    let rules = rules();
    let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
    for (id, suffix) in ["SAIDI", "SAIFI", "CAIDI", "MAIFI"].into_iter().zip(suffixes) {
        let Some(series) = series(&format!("{prefix}_{id}{suffix}")) else { return };
        for (at_s, published) in series {
            let since_s = at_s.div_euclid(interval_s) * interval_s;
            let ended = rows.iter().filter(|row| row.ended_s <= at_s && row.ended_s > since_s);
            let table = Table::join(ended.copied().collect(), &rules).unwrap();
            let report = ieee1366::report(&table, standard, &basis(26, 24)).unwrap();
            // The series count in hours, the standard in minutes; without an interruption CAIDI
            // is written as zero there and has no value here.
            let hours = if id.ends_with("IDI") { 60.0 } else { 1.0 };
            let ours = value(&report.indices, id) / hours;
            let ours = if ours.is_nan() { 0.0 } else { ours };
            let near = (ours - published).abs() <= 6e-6 * published.max(1.0);
            assert!(near, "{prefix} {id}{suffix} at {at_s}: {ours} {published}");
        }
    }
}

fn clock(text: &str) -> i64 {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().unwrap());
    parts.next().unwrap() * 3_600 + parts.next().unwrap() * 60 + parts.next().unwrap()
}

/// Events of the deterministic model: customers, begin, end. Begins and ends are those of its
/// manual events and of its measured node; a fuse and a switch take 9 min 4 s to be put back.
const DETERMINISTIC: [(u32, &str, &str); 9] = [
    (4, "03:00:00", "03:07:00"),
    (7, "05:02:05", "05:02:10"),
    (26, "05:03:00", "05:07:00"),
    (7, "05:10:11", "05:12:15"),
    (7, "05:10:11", "05:19:15"),
    (11, "05:21:00", "05:24:10"),
    (3, "10:25:00", "10:40:00"),
    (8, "10:39:00", "10:40:00"),
    (4, "15:10:11", "15:19:15"),
];

fn deterministic(rules: &Rules) -> Vec<Interruption> {
    let row = |(customers, from, to): &(u32, &str, &str)| {
        let (from, to) = (clock(from), clock(to));
        group(rules, *customers, from, to - from)
    };
    DETERMINISTIC.iter().map(row).collect()
}

#[test]
fn the_deterministic_day_gives_the_published_series() {
    let rows = deterministic(&rules());
    replays("deterministic", [""; 4], &rows, 86_400);
}

#[test]
fn each_five_hours_of_the_deterministic_day_give_the_published_series() {
    let rows = deterministic(&rules());
    replays("deterministic", ["_int"; 4], &rows, 5 * 3_600);
}

/// The events of a day that is drawn at random, from the steps of its own SAIFI, SAIDI and MAIFI:
/// how many customers at once, and for how long on average.
fn random(prefix: &str, rules: &Rules) -> Option<Vec<Interruption>> {
    let steps = |id: &str| {
        let series = series(&format!("{prefix}_{id}"))?;
        let pairs = series.windows(2).map(|pair| (pair[1].0, (pair[1].1 - pair[0].1) * CUSTOMERS));
        Some(pairs.collect::<Vec<_>>())
    };
    let (often, long, brief) = (steps("SAIFI")?, steps("SAIDI")?, steps("MAIFI")?);
    let mut rows: Vec<Interruption> = often
        .iter()
        .zip(&long)
        .map(|((at_s, customers), (_, hours))| {
            let seconds = i64::from(rounded(hours * 3_600.0 / customers.round()));
            group(rules, rounded(*customers), at_s - seconds, seconds)
        })
        .collect();
    rows.extend(
        brief.iter().map(|(at_s, customers)| group(rules, rounded(*customers), at_s - 60, 60)),
    );
    Some(rows)
}

#[test]
fn days_at_random_give_the_published_caidi_and_intervals() {
    for (prefix, last) in [("random", "_int"), ("random_minTS", "_Int")] {
        let Some(rows) = random(prefix, &rules()) else { return };
        assert!(rows.len() >= 19, "{} events", rows.len());
        replays(prefix, [""; 4], &rows, 86_400);
        let suffixes = if last == "_Int" { ["_Int", "_Int", "_int", "_Int"] } else { ["_int"; 4] };
        replays(prefix, suffixes, &rows, 5 * 3_600);
    }
}
