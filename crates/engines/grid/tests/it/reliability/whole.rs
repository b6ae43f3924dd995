//! A story of the field with published arithmetic, and that parts add up to the whole.

use jiff::civil::date;
use lamplight_grid::reliability::{
    Interruption, KindId, RowSet, Rules, Served, Table, dlt836, ieee1366, major,
};
use proptest::prelude::*;

use super::{basis, group, rules, said};

fn point(rules: &Rules, point: u64, from_s: i64, to_s: i64) -> Interruption {
    Interruption { point: Some(point), ..group(rules, 1, from_s, to_s - from_s) }
}

const MINUTE: i64 = 60;

/// A branch trips at 19:42. Of 412 customers 230 are back at 20:31, 182 at 21:05, but two of these
/// homes stay dark until 22:10 (story T-01 of the field's requirements).
#[test]
fn stages_and_a_nested_fault_of_one_evening_count_each_minute_once() {
    let rules = rules();
    let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
    let out = (19 * 60 + 42) * MINUTE;
    let mut rows: Vec<Interruption> = (0..412)
        .map(|home| {
            let back = if home < 230 { 20 * 60 + 31 } else { 21 * 60 + 5 };
            point(&rules, home, out, back * MINUTE)
        })
        .collect();
    let report = |rows: &[Interruption]| {
        let table = Table::join(rows.to_vec(), &rules).unwrap();
        ieee1366::report(&table, standard, &basis(120_000, 24)).unwrap().indices
    };
    let branch = report(&rows);
    assert_eq!(branch[0].numerator, 26_376 * 60, "customer-minutes of the branch");
    assert_eq!(branch[1].value(6).unwrap(), "0.003433");
    assert_eq!(branch[0].value(4).unwrap(), "0.2198");
    assert_eq!(branch[2].value(1).unwrap(), "64");
    // The nested fault was found at 20:50, before the branch was back: its rows overlap.
    let nested = |home| point(&rules, home, (20 * 60 + 50) * MINUTE, (22 * 60 + 10) * MINUTE);
    rows.extend([nested(411), nested(410)]);
    let both = report(&rows);
    assert_eq!(both[0].numerator, (26_376 + 2 * 65) * 60);
    assert_eq!(both[1].numerator, 412, "the two homes were interrupted once");
    // The same as steps of groups.
    let steps = [(230, 49), (180, 83), (2, 148)];
    let steps = steps.map(|(customers, minutes)| group(&rules, customers, out, minutes * MINUTE));
    assert_eq!(report(&steps)[0].numerator, both[0].numerator);
}

#[test]
fn an_interruption_over_midnight_belongs_to_the_day_on_which_it_began() {
    let rules = rules();
    let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
    let zone = kernel::Zone::get("Asia/Shanghai").unwrap();
    // 23:00 local on the 2nd to 01:00 on the 5th.
    let began_s = 86_400 + 15 * 3_600;
    let table = Table::join(vec![group(&rules, 10, began_s, 50 * 3_600)], &rules).unwrap();
    let days = major::daily(&table, standard, &basis(100, 24 * 7), &zone).unwrap();
    let minutes: Vec<i128> = days.iter().map(|day| day.saidi_nmin / major::PARTS).collect();
    assert_eq!(minutes, [0, 300, 0, 0, 0, 0, 0, 0]);
    assert_eq!(days[1].on, date(1970, 1, 2));
    // A day that is within the period only in part has nothing of it.
    let mut later = basis(100, 24 * 7);
    later.from_s = 2 * 86_400;
    let report = ieee1366::report(&table, standard, &later).unwrap();
    assert_eq!((report.outside, report.indices[0].numerator), (1, 0));
}

#[test]
fn customers_who_had_many_or_long_interruptions_are_counted() {
    let rules = rules();
    let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
    let hour = 3_600;
    let mut rows: Vec<Interruption> =
        (0..3).map(|n| point(&rules, 1, n * 9 * hour, n * 9 * hour + 4 * hour)).collect();
    rows.push(point(&rules, 2, 0, 4 * hour - 1));
    rows.push(point(&rules, 2, 40 * hour, 40 * hour + 60));
    rows.push(point(&rules, 3, 0, 300));
    let table = Table::join(rows, &rules).unwrap();
    let report = ieee1366::report(&table, standard, &basis(10, 48)).unwrap();
    let of = |ids: &[&str]| said(&report.indices, ids);
    assert_eq!(of(&["CEMI-1", "CEMI-2", "CEMI-3", "CEMI-4"]), "0.2 0.1 0.1 0");
    assert_eq!(of(&["CEMSMI-1", "CEMSMI-2", "CEMSMI-4"]), "0.3 0.2 0");
    assert_eq!(of(&["CELID-s-4", "CELID-s-8", "CELID-t-12"]), "0.1 0 0.1");
    assert_eq!(of(&["MAIFI", "MAIFI_E", "SAIFI"]), "0.2 0.2 0.4");
    assert_eq!(of(&["CAIFI"]), "2", "four interruptions of two customers; five minutes are brief");
    let lines = ieee1366::rows_of(&table, standard, &basis(10, 48), RowSet::Momentary).count();
    assert_eq!(lines, 2);
}

#[test]
fn prearranged_and_fault_hours_of_medium_voltage_users_are_told_apart() {
    let rules = rules();
    let standard = rules.standard("dlt-836", date(2026, 1, 1)).unwrap();
    let of_kind = |kind: &str, event, row: Interruption| Interruption {
        kind: rules.kind(kind).unwrap(),
        event: Some(event),
        ..row
    };
    let hour = 3_600;
    let rows = vec![
        of_kind("planned", 1, point(&rules, 1, 0, 4 * hour)),
        of_kind("planned", 1, point(&rules, 2, 0, 5 * hour)),
        of_kind("fault", 2, point(&rules, 3, 10 * hour, 11 * hour)),
        of_kind("fault_external", 3, point(&rules, 1, 20 * hour, 22 * hour)),
        of_kind("shed", 4, point(&rules, 4, 30 * hour, 33 * hour)),
        of_kind("fault", 5, point(&rules, 5, 40 * hour, 40 * hour + 180)),
        // A user whose own plant failed does not count; whom he hit is a fault.
        of_kind("own_plant", 6, point(&rules, 6, 50 * hour, 60 * hour)),
        of_kind("fault", 6, point(&rules, 7, 50 * hour, 51 * hour)),
        of_kind("arrears", 7, point(&rules, 8, 0, 99 * hour)),
    ];
    let table = Table::join(rows, &rules).unwrap();
    let indices = dlt836::report(&table, &rules, standard, &basis(10, 100)).unwrap();
    let of = |ids: &[&str]| said(&indices, ids);
    // 4 + 5 + 1 + 2 + 3 + 0.05 + 1 hours of 10 users.
    assert_eq!(of(&["AIHC-1", "AIHC-S", "AIHC-F"]), "1.605 1.2 0.405");
    assert_eq!(of(&["AIHC-2", "AIHC-3", "AIHC-4"]), "1.405 1.305 1.6");
    assert_eq!(of(&["RS-1", "RS-2", "RS-3", "RS-4"]), "0.98395 0.98595 0.98695 0.984");
    assert_eq!(of(&["AITC-1", "AITC-S", "AITC-F", "AITC-4"]), "0.7 0.3 0.4 0.6");
    // Prearranged: events of 5 h (two users) and 3 h (one user).
    assert_eq!(of(&["MID-S", "MIC-S", "MIC-F"]), "4 1.5 1");
    assert_eq!(
        dlt836::rows_of(&table, &rules, standard, &basis(10, 100), RowSet::Fault).count(),
        4
    );
}

fn any_rows() -> impl Strategy<Value = Vec<Interruption>> {
    let one = (0_u64..5, 0_u16..9, 0_i64..50_000, 1_i64..9_000, 0_u32..3, any::<bool>());
    prop::collection::vec(one, 0..30).prop_map(|rows| {
        let rules = rules();
        let kinds: Vec<KindId> =
            rules.kinds.iter().map(|kind| rules.kind(&kind.id).unwrap()).collect();
        rows.into_iter()
            .map(|(who, kind, from_s, seconds, group_of, named)| Interruption {
                point: named.then_some(who),
                event: (!named).then_some(who),
                customers: if named { 1 } else { 3 },
                kind: kinds[usize::from(kind)],
                group: group_of,
                ..group(&rules, 1, from_s, seconds)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole(rows in any_rows()) {
        let rules = rules();
        let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
        let table = Table::join(rows, &rules).unwrap();
        let basis = basis(20, 24);
        let report = ieee1366::report(&table, standard, &basis).unwrap();
        for parts in [report.by_kind.values().collect::<Vec<_>>(), report.by_group.values().collect()] {
            let seconds: i128 = parts.iter().map(|part| part.seconds).sum();
            let sustained: i128 = parts.iter().map(|part| part.sustained).sum();
            let momentary: i128 = parts.iter().map(|part| part.momentary).sum();
            prop_assert_eq!(report.indices[0].numerator, seconds);
            prop_assert_eq!(report.indices[1].numerator, sustained);
            prop_assert_eq!(report.indices[4].numerator, momentary);
        }
        let days = major::daily(&table, standard, &basis, &kernel::Zone::utc()).unwrap();
        let by_day: i128 = days.iter().map(|day| day.interruptions.unwrap()).sum();
        prop_assert_eq!(by_day, report.indices[1].numerator);
        // Prearranged and fault are all there is.
        let standard = rules.standard("dlt-836", date(2026, 1, 1)).unwrap();
        let china = dlt836::report(&table, &rules, standard, &basis).unwrap();
        let sum = |id: &str| china.iter().find(|index| index.id == id).unwrap().numerator;
        prop_assert_eq!(sum("AIHC-1"), sum("AIHC-S") + sum("AIHC-F"));
        prop_assert_eq!(sum("AITC-1"), sum("AITC-S") + sum("AITC-F"));
        prop_assert!(sum("AIHC-2") <= sum("AIHC-1") && sum("AIHC-3") <= sum("AIHC-1"));
    }

    #[test]
    fn a_record_that_stands_twice_or_in_pieces_changes_nothing(
        rows in any_rows(), cut in 1_i64..9_000, again in any::<prop::sample::Index>(),
    ) {
        let rules = rules();
        let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
        let named: Vec<_> = rows.into_iter().filter(|row| row.point.is_some()).collect();
        prop_assume!(!named.is_empty());
        let mut other = named.clone();
        let row = &mut other[again.index(named.len())];
        let piece = Interruption { began_s: row.began_s + cut, ..*row };
        if piece.began_s < row.ended_s {
            row.ended_s = piece.began_s;
            other.push(piece);
        }
        other.push(named[again.index(named.len())]);
        let minutes = |rows| {
            let table = Table::join(rows, &rules).unwrap();
            let report = ieee1366::report(&table, standard, &basis(20, 24)).unwrap();
            report.indices.iter().map(|index| index.numerator).collect::<Vec<_>>()
        };
        prop_assert_eq!(minutes(named), minutes(other));
    }
}

#[test]
fn the_average_number_of_customers_may_change_within_the_period() {
    let file = "from,customers\n2026-01-01,100\n2026-01-21,130\n";
    let served = lamplight_grid::reliability::csv::served(
        file.as_bytes(),
        date(2026, 1, 1),
        date(2026, 1, 31),
    );
    assert_eq!(served.unwrap(), Served::average(&[(100, 20), (130, 10)]).unwrap());
}
