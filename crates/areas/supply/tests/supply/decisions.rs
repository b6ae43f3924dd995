//! T-07: silent meters, a reading that is stopped, the person's decision, and the bill.

use std::collections::BTreeMap;

use kernel::DatePeriod;
use metering::reading::RegisterKind;
use store::{Page, testing::TestDb};
use supply::{
    billing,
    readings::{self, BadRows, Decide, Decision, Worklist},
};

use crate::world::{ORG, World, day, january, migrations};

/// January with a jump of 200 kWh at the first household on the 20th, and a silent second one.
fn with_a_jump(points: usize) -> String {
    let text = january(points, 31);
    let mut out = String::new();
    for line in text.lines() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if cells[0] == "4200000000" && cells[1].as_str() >= "2026-01-21" {
            let total: f64 = cells[2].parse().unwrap();
            cells[2] = format!("{:.1}", total + 200.0);
        }
        if cells[0] == "4200000001" && cells[1] == "2026-01-11 00:00" {
            continue;
        }
        out += &format!("{}\n", cells.join(","));
    }
    out
}

async fn stopped(world: &World) -> readings::ExceptionRow {
    let mut tx = world.works.db.read().await.unwrap();
    let filter = Worklist { severity: "stop".into(), ..Worklist::all() };
    let page = readings::worklist(&mut tx, ORG, &filter, &Page::first()).await.unwrap();
    page.items.into_iter().next().expect("a finding that stops")
}

#[test]
fn a_stopped_reading_is_decided_and_billed() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 25).await;
        world.import("a.csv", with_a_jump(25), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let (works, actor) = (&world.works, &world.actor);
        let mut tx = works.db.read().await.unwrap();
        let areas = readings::collection_on(&mut tx, ORG, day(1, 10), 10).await.unwrap();
        assert_eq!((areas[0].expected_count, areas[0].received_count), (25, 24), "96 %");
        let area = areas[0].transformer_area;
        let missing = readings::missing_of_area(&mut tx, ORG, area, day(1, 10), 100).await.unwrap();
        assert_eq!(missing.iter().map(|m| m.code.as_str()).collect::<Vec<_>>(), ["4200000001"]);
        assert!(!missing[0].has_come, "nothing came for that day");
        drop(tx);
        let finding = stopped(&world).await;
        assert_eq!((finding.rule.as_str(), finding.day), ("vee.high", day(1, 20)));
        let context = readings::finding(works, ORG, finding.id).await.unwrap();
        assert!(context.states.len() > 20 && context.readings.len() > 20);
        let before = world.energy(0, day(1, 20)).await;
        let mut asked = Decide {
            exception: finding.id,
            version: finding.version,
            decision: Decision::Accept,
            reason: "  ".into(),
        };
        let refused = readings::decide(works, actor, ORG, &asked).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&refused), "reading.reason_missing");
        asked.reason = "召测核实:新装电采暖".into();
        readings::decide(works, actor, ORG, &asked).await.unwrap().expect("settled again");
        assert_eq!(world.energy(0, day(1, 20)).await, 205_000_000);
        let again = readings::decide(works, actor, ORG, &asked).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&again), "reading.finding_changed");
        // Undone, the original counts again and is stopped again.
        readings::reopen(works, actor, ORG, (finding.id, finding.version + 1)).await.unwrap();
        assert_eq!(world.energy(0, day(1, 20)).await, before);
        // Replaced by a value: five kilowatt hours as on every day.
        let finding = stopped(&world).await;
        let values = BTreeMap::from([(RegisterKind::Total, "1100.0".to_owned())]);
        let asked = Decide {
            exception: finding.id,
            version: finding.version,
            decision: Decision::Replace(values),
            reason: "抄表错位".into(),
        };
        readings::decide(works, actor, ORG, &asked).await.unwrap();
        assert_eq!(world.energy(0, day(1, 20)).await, 5_000_000);
        let (_, reads) = readings::history(works, ORG, world.points[0].1, (day(1, 20), day(1, 21)))
            .await
            .unwrap();
        let jump = |row: &lake::tables::ReadingRow| {
            let tenths = 10_i64.pow(u32::from(1 - row.scale));
            row.register[0].map(|value| value * tenths) == Some(13_000)
        };
        assert!(reads.iter().any(jump), "the original stays");
        bill(&world).await;
    });
}

/// Undoing a value that a person set on a day without a reading: the day is estimated again.
#[test]
fn a_value_set_on_a_silent_day_can_be_taken_back() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        world.import("a.csv", january(1, 10), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 12)).await;
        let (works, actor) = (&world.works, &world.actor);
        assert_eq!(world.energy(0, day(1, 12)).await, 5_000_000, "the usual use");
        let mut tx = works.db.read().await.unwrap();
        let filter = Worklist { rule: "vee.gap".into(), from: day(1, 12), ..Worklist::all() };
        let page = readings::worklist(&mut tx, ORG, &filter, &Page::first()).await.unwrap();
        let gap = page.items.into_iter().next().expect("a gap on the 12th");
        drop(tx);
        let values = BTreeMap::from([(RegisterKind::Total, "1064.0".to_owned())]);
        let asked = Decide {
            exception: gap.id,
            version: gap.version,
            decision: Decision::Replace(values),
            reason: "现场抄见".into(),
        };
        readings::decide(works, actor, ORG, &asked).await.unwrap().expect("settled again");
        let two_days = world.energy(0, day(1, 11)).await + world.energy(0, day(1, 12)).await;
        assert_eq!(two_days, 14_000_000);
        readings::reopen(works, actor, ORG, (gap.id, gap.version + 1)).await.unwrap();
        assert_eq!(world.energy(0, day(1, 12)).await, 5_000_000, "estimated again");
        assert_eq!(world.energy(0, day(1, 11)).await, 5_000_000);
    });
}

async fn bill(world: &World) {
    let (works, actor) = (&world.works, &world.actor);
    let period = DatePeriod::new(day(1, 1), day(2, 1)).unwrap();
    let run = billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap();
    assert_eq!((run.state.as_str(), run.bills_done), ("done", 25));
    let mut tx = works.db.read().await.unwrap();
    let account = world.points[1].0;
    let bills = billing::bills_of_account(&mut tx, ORG, account, day(12, 31), 10).await.unwrap();
    assert_eq!(bills[0].energy_ukwh, 155_000_000, "the silent day is true again");
    let touch = readings::zero_touch(&mut tx, ORG, (day(1, 1), day(2, 1))).await.unwrap();
    assert_eq!((touch.days, touch.days_touched, touch.bills), (25 * 31, 1, 25));
    let rules = readings::precision(&mut tx, ORG).await.unwrap();
    assert_eq!(
        rules.iter().map(|r| (r.rule.as_str(), r.decided, r.confirmed)).collect::<Vec<_>>(),
        [("vee.high", 1, 1)]
    );
}
