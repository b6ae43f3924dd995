//! T-07, S-049 to S-060: silent meters are asked again by the plan, some are read with a handheld, the
//! rest is estimated and put right by the next reading; unusual use is checked before it is billed.

use std::fmt::Write as _;

use kernel::{Date, DatePeriod, Id, Instant};
use metering::reading::RegisterKind;
use store::{Page, testing::TestDb};
use supply::{
    alerts, billing, bulletins,
    field::{self, FieldError, FieldReading, Position},
    readings::{self, BadRows, Decide, Decision, ShownRegisters, Worklist},
    requests::{self, Answer, Ask, RequestError},
};

use crate::world::{ORG, World, account_no, day, january, migrations};

const NIGHT: Date = Date::constant(2026, 2, 28);

/// 5.0 kWh a day from 1 January; on the last night the last `silent` meters say nothing, and the first
/// one shows 26.0 kWh: 420 % more than usual.
fn readings_of(points: usize, silent: usize) -> String {
    let mut text = String::from("usage_point,at,total\n");
    let mut at = day(1, 2);
    for n in 1..=59 {
        for point in 0..points {
            if at == day(3, 1) && point >= points - silent {
                continue;
            }
            let jump = if at == day(3, 1) && point == 0 { 21 } else { 0 };
            let total = 1000 + 5 * n + jump;
            writeln!(text, "{},{at} 00:00,{total}.0", account_no(point)).unwrap();
        }
        at = at.tomorrow().unwrap();
    }
    text
}

fn shown(total: &str) -> ShownRegisters {
    ShownRegisters::from([(RegisterKind::Total, total.to_owned())])
}

/// The midnight that ends the night, in the bureau's zone: 2026-02-28T16:00Z.
fn midnight() -> Instant {
    "2026-02-28T16:00:00Z".parse::<jiff::Timestamp>().map(Instant::from).unwrap()
}

async fn take(world: &World) -> Vec<requests::HandedRow> {
    let ctx = world.works.ctx(&world.actor, "test");
    let mut tx = world.works.db.begin().await.unwrap();
    let rules = &world.works.rules.metering.request;
    let handed = requests::take(&ctx, &mut tx, ORG, 1_000, rules).await.unwrap();
    tx.commit().await.unwrap();
    handed
}

async fn answer(world: &World, request: Id, total: Option<&str>) -> Result<(), RequestError> {
    let readings = total.map(|total| (midnight(), shown(total))).into_iter().collect();
    let failure = if total.is_none() { "no answer from the meter" } else { "" }.to_owned();
    requests::answer(&world.works, &world.actor, ORG, &Answer { request, readings, failure }).await
}

async fn unread(world: &World) -> Vec<readings::UnreadRow> {
    let mut tx = world.works.db.read().await.unwrap();
    readings::unread_on(&mut tx, ORG, NIGHT, Id::from_i64(0), "", 1_000).await.unwrap()
}

#[test]
fn silent_meters_are_asked_again_read_by_hand_and_estimated() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 500).await;
        world.import("a.csv", readings_of(500, 20), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), NIGHT).await;
        let mut tx = world.works.db.read().await.unwrap();
        let area = readings::collection_on(&mut tx, ORG, NIGHT, 9).await.unwrap().remove(0);
        assert_eq!((area.received_count, area.expected_count), (480, 500), "96.0 %");
        assert_eq!(readings::coverage(&mut tx, ORG).await.unwrap().unwrap(), (500, 500, 0, 0));
        drop(tx);
        assert_eq!(unread(&world).await.len(), 20, "the list of 20");
        retried(&world).await;
        by_hand(&world).await;
        estimated(&world).await;
        unusual(&world).await;
        billed(&world).await;
    });
}

/// The plan asks 20 meters three times: 14 answer, 6 go to the handhelds.
async fn retried(world: &World) {
    requests::sweep(&world.works).await.unwrap();
    let handed = take(world).await;
    assert_eq!(handed.len(), 20);
    assert!(take(world).await.is_empty(), "handed out once");
    for request in &handed[..14] {
        answer(world, request.id, Some("1295.0")).await.unwrap();
        let twice = answer(world, request.id, Some("1295.0")).await;
        assert!(matches!(twice, Err(RequestError::Ended)), "{twice:?}");
    }
    for round in 1..=3 {
        let again = if round == 1 { handed[14..].to_vec() } else { take(world).await };
        assert_eq!(again.len(), 6, "round {round}");
        for request in again {
            answer(world, request.id, None).await.unwrap();
        }
        assert!(take(world).await.is_empty(), "not before the pause is over");
        world.test.clock.advance_seconds(3_600);
    }
    assert!(take(world).await.is_empty(), "three times, no more");
    let mut tx = world.works.db.read().await.unwrap();
    let counts = requests::request_counts(&mut tx, ORG).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|(p, s, n)| (p.as_str(), s.as_str(), *n)).collect();
    assert_eq!(counts, [("field", "open", 6), ("retry", "answered", 14), ("retry", "expired", 6)]);
    assert_eq!(unread(world).await.iter().filter(|row| !row.has_come).count(), 6);
}

/// Four are read with a registered handheld, offline at 00:00 and synced hours later.
async fn by_hand(world: &World) {
    let ctx = world.works.ctx(&world.actor, "test");
    let mut tx = world.works.db.begin().await.unwrap();
    let issued = field::register(&ctx, &mut tx, ORG, ("抄表机1", "王芳")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.works.db.read().await.unwrap();
    let device = field::recognise(&mut tx, &issued.token).await.unwrap();
    let unknown = field::recognise(&mut tx, "handheld_00").await;
    assert!(matches!(unknown, Err(FieldError::UnknownDevice)));
    let route = requests::field_route(&mut tx, ORG, 100).await.unwrap();
    drop(tx);
    assert_eq!(route.len(), 6);
    for (n, stop) in route[..4].iter().enumerate() {
        let reading = FieldReading {
            key: format!("k{n}"),
            point: if n == 0 { stop.asset_no.clone() } else { stop.point_code.clone() },
            device_at: midnight(),
            sent_at: world.works.db.now(),
            position: Some(Position { latitude_udeg: 30_250_000, longitude_udeg: 120_170_000 }),
            registers: shown("1295.0"),
            note: String::new(),
        };
        let taken = field::deliver(&world.works, &device, &reading).await.unwrap();
        assert!(!taken.known && taken.conflicts.is_empty(), "{taken:?}");
        let again = field::deliver(&world.works, &device, &reading).await.unwrap();
        assert_eq!((again.id, again.known), (taken.id, true), "sent twice, counted once");
        let mut tx = world.works.db.read().await.unwrap();
        let row = field::field_reading_by_id(&mut tx, ORG, taken.id).await.unwrap().unwrap();
        assert_eq!(row.device_at, midnight(), "the device's time stays");
        assert!(row.received_at > row.device_at);
    }
    let mut tx = world.works.db.begin().await.unwrap();
    assert_eq!(requests::field_route(&mut tx, ORG, 100).await.unwrap().len(), 2);
    field::revoke(&ctx, &mut tx, ORG, device.id).await.unwrap();
    let revoked = field::recognise(&mut tx, &issued.token).await;
    assert!(matches!(revoked, Err(FieldError::UnknownDevice)));
    tx.commit().await.unwrap();
}

/// Two stay estimated by the usual use of such a day.
async fn estimated(world: &World) {
    let left: Vec<_> = unread(world).await.into_iter().filter(|row| !row.has_come).collect();
    assert_eq!(left.len(), 2);
    for row in left {
        let n = world.points.iter().position(|(_, point)| *point == row.usage_point).unwrap();
        assert_eq!(world.energy(n, NIGHT).await, 5_000_000, "as on such days");
    }
}

/// A reading 420 % above the usual is stopped, its customer told; asked again it proves real, and the
/// customer is told before the bill.
async fn unusual(world: &World) {
    let (works, actor) = (&world.works, &world.actor);
    alerts::watch(works).await.unwrap();
    let mut tx = works.db.read().await.unwrap();
    let filter = Worklist { rule: "vee.high".into(), ..Worklist::all() };
    let found = readings::worklist(&mut tx, ORG, &filter, &Page::first()).await.unwrap();
    assert_eq!(found.items.len(), 1, "one reading is stopped");
    let finding = &found.items[0];
    assert_eq!((finding.day, finding.severity.as_str()), (NIGHT, "stop"));
    let key = format!("finding:{}", finding.id);
    let alert = alerts::alert_of_source(&mut tx, ORG, &key).await.unwrap().unwrap();
    assert_eq!(alert.exception, finding.id, "the same event");
    let account = world.points[0].0;
    let told = bulletins::messages_of_account(&mut tx, ORG, account, 9).await.unwrap();
    assert_eq!((told.len(), told[0].event, told[0].kind.as_str()), (1, finding.id, "unusual_use"));
    assert!(told[0].words_zh.contains(&finding.id.to_string()));
    drop(tx);
    let request = on_demand(world).await;
    answer(world, request, Some("1316.0")).await.unwrap();
    let decide = Decide {
        exception: finding.id,
        version: finding.version,
        decision: Decision::Accept,
        reason: "召测核实：新装电采暖".into(),
    };
    readings::decide(works, actor, ORG, &decide).await.unwrap();
    assert_eq!(world.energy(0, NIGHT).await, 26_000_000);
    alerts::watch(works).await.unwrap();
    let mut tx = works.db.read().await.unwrap();
    let told = bulletins::messages_of_account(&mut tx, ORG, account, 9).await.unwrap();
    assert_eq!((told.len(), told[0].kind.as_str()), (2, "use_confirmed"));
    let alert = alerts::alert_by_id(&mut tx, ORG, alert.id).await.unwrap().unwrap();
    assert_eq!(alert.outcome.as_deref(), Some("false_alarm"));
    let precise = alerts::alert_precision(&mut tx, ORG).await.unwrap();
    assert_eq!(
        (precise[0].code.as_str(), precise[0].confirmed, precise[0].total),
        ("vee.high", 0, 1)
    );
}

/// A person's request: one at a time, handed out first, expiring with a word, answered late at best.
async fn on_demand(world: &World) -> Id {
    let ctx = world.works.ctx(&world.actor, "test");
    let rules = (day(3, 1), &world.works.rules.metering.request);
    let asked = Ask { usage_point: world.points[0].1, days: None };
    let mut tx = world.works.db.begin().await.unwrap();
    let first = requests::ask(&ctx, &mut tx, ORG, &asked, rules).await.unwrap();
    let twice = requests::ask(&ctx, &mut tx, ORG, &asked, rules).await;
    assert!(matches!(twice, Err(RequestError::Asked)));
    tx.commit().await.unwrap();
    world.test.clock.advance_seconds(31);
    requests::sweep(&world.works).await.unwrap();
    let mut tx = world.works.db.begin().await.unwrap();
    let row = requests::request_by_id(&mut tx, ORG, first).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.failure.as_str()), ("expired", "no answer in time"));
    let second = requests::ask(&ctx, &mut tx, ORG, &asked, rules).await.unwrap();
    let old = Ask { days: Some((day(1, 1), day(3, 1))), ..asked.clone() };
    let days = (day(6, 1), rules.1);
    let refused = requests::ask(&ctx, &mut tx, ORG, &old, days).await;
    assert!(matches!(refused, Err(RequestError::Days(_))), "beyond the meter's memory");
    tx.commit().await.unwrap();
    assert_eq!(take(world).await.first().map(|row| row.id), Some(second));
    second
}

/// The month's bills say what was estimated; the next reading puts the day right.
async fn billed(world: &World) {
    let (works, actor) = (&world.works, &world.actor);
    let period = DatePeriod::new(day(2, 1), day(3, 1)).unwrap();
    billing::close_month(works, actor, ORG, period, &|_, _, _| {}).await.unwrap();
    let left: Vec<_> = unread(world).await.into_iter().filter(|row| !row.has_come).collect();
    let n = world.points.iter().position(|(_, point)| *point == left[0].usage_point).unwrap();
    let mut tx = works.db.read().await.unwrap();
    let bills = billing::bills_of_account(&mut tx, ORG, world.points[n].0, day(12, 31), 9);
    let bill = bills.await.unwrap().remove(0);
    assert_eq!((bill.estimated_day_count, bill.estimated_ukwh), (1, 5_000_000), "marked");
    drop(tx);
    // Two days later its register shows 16 kWh for the two days: 8 on each, not 5.
    let text = format!("usage_point,at,total\n{},2026-03-02 00:00,1306.0\n", account_no(n));
    world.test.clock.advance_seconds(86_400);
    world.import("b.csv", text, BadRows::RefuseWhole).await.unwrap();
    world.settle(day(3, 1), day(3, 1)).await;
    assert_eq!(world.energy(n, NIGHT).await, 8_000_000, "put right by the next reading");
}

/// S-050 and S-070: a concentrator all of whose meters are silent for two cycles raises one alert; what
/// nobody acknowledges in four hours goes to the manager.
#[test]
fn a_silent_concentrator_raises_one_alert_that_escalates() {
    let tables = [access::MIGRATIONS, &migrations()].concat();
    TestDb::each(&tables, async |test| {
        let world = World::with(test, 3).await;
        world.import("a.csv", january(3, 9), BadRows::RefuseWhole).await.unwrap();
        let (works, actor) = (&world.works, &world.actor);
        let first = format!("usage_point,at,total\n{},2026-01-11 00:00,1050.0\n", account_no(0));
        world.import("b.csv", first, BadRows::RefuseWhole).await.unwrap();
        let open = async || {
            alerts::watch(works).await.unwrap();
            let mut tx = works.db.read().await.unwrap();
            let all = ("waiting", "concentrator", Id::from_i64(0));
            alerts::alert_list(&mut tx, ORG, all, &Page::first()).await.unwrap().items
        };
        world.settle(day(1, 1), day(1, 11)).await;
        assert!(open().await.is_empty(), "one meter was read on the tenth");
        world.settle(day(1, 12), day(1, 12)).await;
        let found = open().await;
        assert_eq!(found.len(), 1, "the eleventh and the twelfth");
        assert_eq!((found[0].concentrator.as_str(), found[0].note.as_str()), ("JZ1", "3"));
        world.settle(day(1, 13), day(1, 13)).await;
        assert_eq!(open().await.len(), 1, "told once");
        world.test.clock.advance_seconds(4 * 3_600 - 1);
        assert_eq!(open().await[0].escalated_at, None, "there is still time");
        world.test.clock.advance_seconds(2);
        let late = open().await.remove(0);
        assert!(late.escalated_at.is_some(), "not acknowledged in four hours");
        let ctx = works.ctx(actor, "test");
        let mut tx = works.db.begin().await.unwrap();
        let wrong = alerts::acknowledge(&ctx, &mut tx, ORG, (late.id, late.version - 1)).await;
        assert!(wrong.is_err(), "seen in another state");
        alerts::acknowledge(&ctx, &mut tx, ORG, (late.id, late.version)).await.unwrap();
        let outcome = (alerts::Outcome::Confirmed, "SIM卡欠费");
        alerts::close(&ctx, &mut tx, ORG, (late.id, late.version + 1), outcome).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = works.db.read().await.unwrap();
        let precise = alerts::alert_precision(&mut tx, ORG).await.unwrap();
        assert_eq!((precise[0].confirmed, precise[0].total), (1, 1));
    });
}

/// S-069: an error is logged with a code of the catalogue, once however often the form is sent.
#[test]
fn an_error_is_logged_once() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let ctx = world.works.ctx(&world.actor, "test");
        let rules = &world.works.rules.metering.alert;
        let mut tx = world.works.db.begin().await.unwrap();
        let mut new = alerts::NewError {
            id: Id::from_i64(5),
            code: "nothing".into(),
            usage_point: world.points[0].1,
            note: "户内表".into(),
        };
        assert!(alerts::log_error(&ctx, &mut tx, ORG, &new, rules).await.is_err());
        new.code = "swapped".into();
        let id = alerts::log_error(&ctx, &mut tx, ORG, &new, rules).await.unwrap();
        assert_eq!(alerts::log_error(&ctx, &mut tx, ORG, &new, rules).await.unwrap(), id);
        let row = alerts::alert_by_id(&mut tx, ORG, id).await.unwrap().unwrap();
        assert_eq!(row.due_at.micros() - row.raised_at.micros(), 4 * 3_600 * 1_000_000);
    });
}

/// S-065: days that were lost are read again from the meter's memory, and say where they came from.
#[test]
fn lost_days_come_back_from_the_meters_memory() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let (works, actor) = (&world.works, &world.actor);
        let lost = ["2026-01-06", "2026-01-07", "2026-01-08"];
        let kept: Vec<String> = january(1, 12)
            .lines()
            .filter(|line| !lost.iter().any(|day| line.contains(day)))
            .map(str::to_owned)
            .collect();
        world.import("a.csv", kept.join("\n"), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 12)).await;
        assert_eq!(world.energy(0, day(1, 6)).await, 5_000_000, "shared out over the days");
        let ctx = works.ctx(actor, "test");
        let mut tx = works.db.begin().await.unwrap();
        let asked = Ask { usage_point: world.points[0].1, days: Some((day(1, 5), day(1, 8))) };
        let rules = (day(1, 20), &works.rules.metering.request);
        let request = requests::ask(&ctx, &mut tx, ORG, &asked, rules).await.unwrap();
        tx.commit().await.unwrap();
        let handed = take(&world).await;
        assert_eq!((handed[0].id, handed[0].day_from), (request, day(1, 5)));
        // In truth 8, 2 and 5 kWh were used on the fifth to the seventh.
        let moments = ["2026-01-05T16:00:00Z", "2026-01-06T16:00:00Z", "2026-01-07T16:00:00Z"];
        let at = |text: &str| text.parse::<jiff::Timestamp>().map(Instant::from).unwrap();
        let totals = ["1028.0", "1030.0", "1035.0"];
        let readings = moments.iter().zip(totals).map(|(m, total)| (at(m), shown(total))).collect();
        let given = Answer { request, readings, failure: String::new() };
        requests::answer(works, actor, ORG, &given).await.unwrap();
        let energies = [world.energy(0, day(1, 5)).await, world.energy(0, day(1, 6)).await];
        assert_eq!(energies, [8_000_000, 2_000_000], "as the meter remembers");
        let span = (day(1, 5), day(1, 8));
        let (_, rows) = readings::history(works, ORG, world.points[0].1, span).await.unwrap();
        let on_demand = metering::reading::Source::OnDemand.code();
        assert_eq!(rows.iter().filter(|row| row.source == on_demand).count(), 3, "marked");
        let early = Answer {
            request,
            readings: vec![(at("2025-12-01T16:00:00Z"), shown("1.0"))],
            failure: String::new(),
        };
        assert!(requests::answer(works, actor, ORG, &early).await.is_err(), "it hung elsewhere");
    });
}
