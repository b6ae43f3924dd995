//! Files that people hand in: looked through without a trace, taken in once, and whatever is wrong
//! told by line and column.

use store::testing::TestDb;
use supply::{
    intake::{self, Handed, Kind, Mode},
    readings::BadRows,
};

use crate::world::{ORG, World, account_no, january, migrations};

const CUSTOMERS: &str = "户号,户名,用电地址,用电类别,供电电压,立户日期,台区编号\n\
    4300000001,陈一,青山县柳河镇阳光花园9栋1单元101室,居民,220V,2026-01-05,TQ1\n\
    4300000002,林二,青山县柳河镇阳光花园9栋1单元102室,宫殿,220V,2026-01-05,TQ1\n\
    4300000003,吴三,青山县柳河镇阳光花园9栋1单元103室,居民,220V,2026-01-05,TQ1\n";

async fn load(world: &World, kind: Kind, bytes: &[u8], mode: Mode) -> intake::ListReport {
    let path = world.file("list.csv", bytes);
    intake::load_list(&world.works, &world.actor, ORG, (kind, &path), mode).await.unwrap()
}

#[test]
fn a_list_is_looked_through_without_a_trace_in_every_encoding() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let gbk = encoding_rs::GBK.encode(CUSTOMERS).0.into_owned();
        let marked = format!("\u{feff}{CUSTOMERS}").into_bytes();
        for bytes in [CUSTOMERS.as_bytes(), &gbk, &marked] {
            let seen = load(&world, Kind::Customers, bytes, Mode::Check).await;
            assert_eq!((seen.rows, seen.added, seen.present, seen.bad), (3, 2, 0, 1));
            assert_eq!((seen.faults[0].line, seen.faults[0].field.as_str()), (3, "class"));
        }
        let refused = load(&world, Kind::Customers, &gbk, Mode::Load(BadRows::RefuseWhole)).await;
        assert!(refused.refused && refused.added == 0);
        let kept = load(&world, Kind::Customers, &gbk, Mode::Load(BadRows::KeepGood)).await;
        assert_eq!((kept.added, kept.present, kept.bad), (2, 0, 1), "nothing was there before");
        let again = load(&world, Kind::Customers, &gbk, Mode::Load(BadRows::KeepGood)).await;
        assert_eq!((again.added, again.present, again.bad), (0, 2, 1));
    });
}

#[test]
fn meters_and_agreements_that_do_not_fit_are_told_by_line() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        let point = account_no(0);
        let meters = format!(
            "usage_point,asset_no,installed_on,digits,decimals\n\
             {point},M0,2026-01-01,6,1\n\
             {point},X1,2026-02-01,6,1\n\
             nobody,X2,2026-02-01,6,1\n"
        );
        let done =
            load(&world, Kind::Meters, meters.as_bytes(), Mode::Load(BadRows::KeepGood)).await;
        assert_eq!((done.rows, done.added, done.present, done.bad), (3, 0, 1, 2));
        let told: Vec<_> = done.faults.iter().map(|f| (f.line, f.field.as_str())).collect();
        assert_eq!(told, [(3, ""), (4, "usage_point")], "a point has one meter at a time");
        let terms = format!(
            "usage_point,tariff,valid_from\n\
             {point},zhejiang/residential,2026-01-01\n\
             {point},zhejiang/residential,2026-03-01\n"
        );
        for mode in [Mode::Check, Mode::Load(BadRows::KeepGood)] {
            let done = load(&world, Kind::Agreements, terms.as_bytes(), mode).await;
            assert_eq!((done.added, done.present, done.bad), (0, 1, 1));
            assert_eq!(done.faults[0].line, 3);
            assert!(done.faults[0].reason.contains("already"), "{}", done.faults[0].reason);
        }
    });
}

/// Hands a file of readings in, as the console does: the bytes first, then the row.
async fn hand_in(world: &World, name: &str, text: &str, bad_rows: BadRows) -> kernel::Id {
    let id = world.works.db.next_id();
    let key = intake::key_of(id);
    let path = world.works.lake.store().prepare(&key).unwrap();
    std::fs::write(&path, text).unwrap();
    world.works.lake.store().publish(&key, &path).unwrap();
    let ctx = world.works.ctx(&world.actor, "test");
    let mut tx = world.works.db.begin().await.unwrap();
    let handed = Handed {
        id,
        kind: Kind::Readings,
        name: name.to_owned(),
        format: String::new(),
        bad_rows,
        bytes: 1,
    };
    intake::hand_in(&ctx, &mut tx, ORG, &handed).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn row(world: &World, id: kernel::Id) -> intake::FileRow {
    let mut tx = world.works.db.read().await.unwrap();
    intake::file_by_id(&mut tx, ORG, id).await.unwrap().unwrap()
}

async fn look(world: &World, id: kernel::Id) -> intake::FileRow {
    let (works, actor) = (&world.works, &world.actor);
    intake::look_through(works, actor, ORG, id, &|_, _, _| {}).await.unwrap();
    row(world, id).await
}

async fn approve(world: &World, id: kernel::Id) -> Result<(), intake::IntakeError> {
    let ctx = world.works.ctx(&world.actor, "test");
    let mut tx = world.works.db.begin().await.unwrap();
    intake::approve(&ctx, &mut tx, ORG, id).await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[test]
fn readings_count_only_when_somebody_said_so_and_only_once() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let text = format!("{}4200000000,x,1\n9900000000,2026-01-02 00:00,1\n", january(1, 5));
        let id = hand_in(&world, "a.csv", &text, BadRows::KeepGood).await;
        assert!(approve(&world, id).await.is_err(), "not before it was looked through");
        for _ in 0..2 {
            let seen = look(&world, id).await;
            assert_eq!(seen.state, "checked");
            assert_eq!((seen.row_count, seen.new_count, seen.bad_count), (7, 5, 2));
        }
        let mut tx = world.works.db.read().await.unwrap();
        let part = store::Page::new(None, None).unwrap();
        let faults = intake::faults(&mut tx, ORG, id, &part).await.unwrap().items;
        let lines: Vec<i64> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [7, 8], "told once, though it was looked through twice");
        assert!(faults[1].content.starts_with("9900000000"), "{faults:?}");
        let imports = supply::readings::import_list(&mut tx, ORG, &part).await.unwrap().items;
        assert!(imports.is_empty(), "looking changes nothing");
        drop(tx);
        approve(&world, id).await.unwrap();
        assert!(approve(&world, id).await.is_err(), "once");
        for _ in 0..2 {
            let (works, actor) = (&world.works, &world.actor);
            intake::import_file(works, actor, ORG, id, &|_, _, _| {}).await.unwrap();
            let done = row(&world, id).await;
            assert_eq!((done.state.as_str(), done.new_count, done.bad_count), ("done", 5, 2));
            assert!(done.import.is_some());
        }
        assert!(world.works.lake.store().fetch(&intake::key_of(id)).is_err(), "its bytes are gone");
        let again = hand_in(&world, "b.csv", &text, BadRows::KeepGood).await;
        let seen = look(&world, again).await;
        assert_eq!((seen.new_count, seen.known_count), (0, 5), "the same file is recognised");
    });
}

#[test]
fn a_file_with_bad_rows_is_refused_whole_when_that_was_asked() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let text = format!("{}9900000000,2026-01-02 00:00,1\n", january(1, 2));
        let id = hand_in(&world, "a.csv", &text, BadRows::RefuseWhole).await;
        let seen = look(&world, id).await;
        assert_eq!((seen.state.as_str(), seen.bad_count), ("refused", 1));
        assert!(approve(&world, id).await.is_err());
        let none = hand_in(&world, "b.csv", "meter,total\n1,2\n", BadRows::KeepGood).await;
        let seen = look(&world, none).await;
        assert_eq!(seen.state, "refused");
        assert!(seen.refusal.unwrap().contains("column"), "the reason is told in words");
    });
}
