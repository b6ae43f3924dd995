//! What is wrong with a file is told with line, reason and code; good rows are kept, or nothing
//! is, as was chosen.

use std::io::Write as _;

use store::testing::TestDb;
use supply::readings::{self, BadRows, Form, ImportFile};

use crate::world::{ORG, World, day, january, migrations};

const HEAD: &str = "usage_point,at,total\n";

async fn quarantine(world: &World, import: kernel::Id) -> Vec<(i64, String, String)> {
    let mut tx = world.works.db.read().await.unwrap();
    let rows = readings::import_errors(&mut tx, ORG, import, kernel::Id::from_i64(0), 100).await;
    let mut rows: Vec<_> =
        rows.unwrap().into_iter().map(|row| (row.line, row.code, row.content)).collect();
    rows.sort();
    rows
}

#[test]
fn good_rows_are_kept_and_every_bad_one_is_told() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        let text = format!(
            "{HEAD}4200000000,2026-01-02 00:00,1005.0\n\
             9900000000,2026-01-02 00:00,1005.0\n\
             4200000001,2026-01-02 00:00,=1+1\n\
             4200000001,2026-01-02 00:00,-5\n\
             4200000001,2026-01-02 00:00,99999999\n\
             4200000001,2025-12-02 00:00,990.0\n\
             4200000001,2027-01-02 00:00,1005.0\n\
             M1,2026-01-02 00:00,1006.0\n\
             4200000001,2026-01-03 00:00\n\
             4200000000,2026-01-02 00:00,1005.0\n\
             4200000000,2026-01-01 12:00,1002.5\n"
        );
        let done = world.import("a.csv", &text, BadRows::KeepGood).await.unwrap();
        assert_eq!((done.state.as_str(), done.good), ("done", 3));
        let bad = quarantine(&world, done.import).await;
        let told: Vec<(i64, &str)> = bad.iter().map(|b| (b.0, b.1.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "reading.unknown_usage_point"),
                (4, "csv.formula"),
                (5, "number.impossible"),
                (6, "reading.beyond_dial"),
                (7, "reading.no_meter"),
                (8, "reading.in_future"),
                (10, "csv.cell_count"),
            ]
        );
        assert_eq!(done.bad, 7);
        assert!(bad[1].2.ends_with("=1+1"), "{}", bad[1].2);
        let again = world.import("b.csv", &text, BadRows::KeepGood).await.unwrap();
        assert!(again.known && again.import == done.import, "the same content is recognised");
    });
}

#[test]
fn a_refused_file_leaves_nothing_and_may_come_again() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let bad = format!("{}4200000000,x,1\n9900000000,2026-01-02 00:00,1\n", january(1, 5));
        let done = world.import("a.csv", &bad, BadRows::RefuseWhole).await.unwrap();
        assert_eq!((done.state.as_str(), done.bad, done.good), ("refused", 2, 0));
        assert!(done.refusal.unwrap().starts_with("2 bad rows: a.csv:7: "));
        let mut tx = world.works.db.read().await.unwrap();
        let files = store::lake_files_between(&mut tx, ORG, "readings", day(1, 1), day(2, 1)).await;
        drop(tx);
        assert_eq!(files.unwrap().len(), 1, "only the opening read of the installation");
        let kept = world.import("a.csv", &bad, BadRows::KeepGood).await.unwrap();
        assert_eq!((kept.state.as_str(), kept.good, kept.bad), ("done", 5, 2));
        let good = world.import("b.csv", january(1, 6), BadRows::RefuseWhole).await.unwrap();
        assert_eq!((good.state.as_str(), good.good), ("done", 6));
    });
}

#[test]
fn files_that_are_none_are_refused_in_words() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 1).await;
        let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        bomb.start_file("readings.csv", options).unwrap();
        bomb.write_all(HEAD.as_bytes()).unwrap();
        let zeros = vec![b'0'; 1 << 20];
        for _ in 0..64 {
            bomb.write_all(&zeros).unwrap();
        }
        let bomb = bomb.finish().unwrap().into_inner();
        for (name, bytes, code) in [
            ("empty.csv", Vec::new(), "csv.empty"),
            ("columns.csv", b"meter,total\n1,2\n".to_vec(), "csv.missing_column"),
            ("units.csv", b"usage_point,at,total_kw\n".to_vec(), "csv.unit"),
            ("cut.zip", bomb[..bomb.len() / 2].to_vec(), "zip.damaged"),
            ("bomb.zip", bomb.clone(), "limit.unpacked"),
        ] {
            let refused = world.import(name, bytes, BadRows::KeepGood).await.unwrap_err();
            let found = kernel::Fault::code(&refused);
            assert_eq!(found, code, "{name}: {refused}");
        }
    });
}

#[test]
fn encodings_and_order_do_not_matter() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        let gbk = "户号,抄表时间,总\r\n4200000000,2026-01-02 00:00,1005.0\r\n";
        let gbk = encoding_rs::GBK.encode(gbk).0.into_owned();
        assert_eq!(world.import("gbk.csv", gbk, BadRows::RefuseWhole).await.unwrap().good, 1);
        let bom = format!("\u{feff}{HEAD}4200000001,2026-01-02 00:00,1005.0\n");
        assert_eq!(world.import("bom.csv", bom, BadRows::RefuseWhole).await.unwrap().good, 1);
        let mut lines: Vec<String> = january(2, 9).lines().skip(1).map(str::to_owned).collect();
        lines.reverse();
        let shuffled = format!("{HEAD}{}\n", lines.join("\n"));
        let file = ImportFile {
            chunk_rows: 3,
            ..ImportFile::new(world.file("back.csv", shuffled), Form::Registers)
        };
        assert_eq!(world.import_file(file).await.unwrap().good, 18);
        world.settle(day(1, 1), day(1, 9)).await;
        for (_, energy, _) in world.settled().await {
            assert_eq!(energy, 10_000_000, "5 kWh for each of two households");
        }
    });
}
