//! `settle-files`: one day of four-register meters.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use parquet::basic::{Compression, ZstdLevel};

use super::{
    Column, Dice, Layout,
    columns::{Table, write},
};
use crate::engines::{lamplight, text};

/// Registers of a meter, 0.01 kWh.
type Registers = (i64, [i64; 4]);

/// What is read and known: readings of two days and the accounts, each in its file's order.
#[derive(Clone, Default)]
struct Day {
    today: Vec<Registers>,
    yesterday: Vec<Registers>,
    /// Meter; used in the year before today (0.01 kWh); balance, warning line (fen).
    accounts: Vec<(i64, [i64; 3])>,
}

/// The job in its plainest form: join by meter, price the difference, move the balance.
fn reference(day: &Day) -> Vec<[i64; 10]> {
    let today: BTreeMap<i64, [i64; 4]> = day.today.iter().copied().collect();
    let yesterday: BTreeMap<i64, [i64; 4]> = day.yesterday.iter().copied().collect();
    let mut rows = Vec::new();
    for (meter, [year, balance, warning]) in &day.accounts {
        let (Some(now), Some(before)) = (today.get(meter), yesterday.get(meter)) else { continue };
        let used: Vec<i64> = (0..4).map(|i| now[i] - before[i]).collect();
        let forward = used.iter().all(|u| *u >= 0);
        let (mut energy, mut price) = (0, 0);
        if forward {
            energy = used.iter().sum();
            price = used[0] * 10_218 + used[1] * 8_418 + used[2] * 5_580 + used[3] * 3_380;
        }
        let after = year + energy;
        let over = |limit: i64| (after - limit).max(0) - (year - limit).max(0);
        // Prices are 0.0001 yuan per kWh on 0.01 kWh: a fen is 10,000 of them, half up.
        let fee = (price + over(276_000) * 500 + over(480_000) * 2_500 + 5_000).div_euclid(10_000);
        let left = balance - fee;
        let mut status = if forward { 0 } else { 4 };
        if left < 0 {
            status += 2;
        } else if left < *warning {
            status += 1;
        }
        rows.push([*meter, used[0], used[1], used[2], used[3], energy, fee, after, left, status]);
    }
    rows
}

const OUT: [&str; 10] =
    ["meter_id", "u1", "u2", "u3", "u4", "kwh", "fee", "ytd_new", "bal_new", "st"];

fn readings(rows: &[Registers]) -> Vec<Column> {
    let register = |i: usize| rows.iter().map(move |(_, r)| r[i]);
    vec![
        Column::id("meter_id", rows.iter().map(|(meter, _)| *meter)),
        Column::wide("r1", register(0)),
        Column::wide("r2", register(1)),
        Column::wide("r3", register(2)),
        Column::wide("r4", register(3)),
    ]
}

fn accounts(rows: &[(i64, [i64; 3])]) -> Vec<Column> {
    let value = |i: usize| rows.iter().map(move |(_, v)| v[i]);
    vec![
        Column::id("meter_id", rows.iter().map(|(meter, _)| *meter)),
        Column::wide("ytd", value(0)),
        Column::wide("bal", value(1)),
        Column::wide("warn", value(2)),
    ]
}

/// A county's day: numbers with holes, today's readings in the order of arrival, meters that are
/// missing in one file or the other, registers that go backwards, years around the limits.
fn county(meters: i64, dice: &mut Dice) -> Day {
    let mut day = Day::default();
    let mut meter = 330_100_000;
    for _ in 0..meters {
        meter += dice.within(1, 4);
        let before = [(); 4].map(|()| dice.within(0, 6_000_000));
        let mut now = before.map(|r| r + dice.within(0, 900));
        if dice.once_in(200) {
            now[1] = before[1] - dice.within(1, 100);
        }
        let near = [276_000, 480_000][usize::try_from(dice.within(0, 2)).unwrap()];
        let year =
            if dice.once_in(3) { near + dice.within(-2_000, 500) } else { dice.within(0, 900_000) };
        let balance = dice.within(-3_000, 9_000);
        match dice.within(0, 40) {
            0 => day.today.push((meter, now)),
            1 => day.yesterday.push((meter, before)),
            _ => {
                day.today.push((meter, now));
                day.yesterday.push((meter, before));
            }
        }
        if !dice.once_in(50) {
            day.accounts.push((meter, [year, balance, dice.within(0, 4_000)]));
        }
    }
    // Accounts of meters that nobody has seen.
    day.accounts.extend((0..20).map(|n| (meter + 10 + n, [0, 0, 0])));
    dice.shuffle(&mut day.today);
    day
}

struct Files(tempfile::TempDir);

impl Files {
    fn of(day: &Day, layout: Layout) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        write(&files.path("today"), &readings(&day.today), layout);
        write(&files.path("yesterday"), &readings(&day.yesterday), layout);
        write(&files.path("accounts"), &accounts(&day.accounts), layout);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}.parquet"))
    }

    fn settle(&self) -> std::process::Output {
        let [today, yesterday, accounts, out] =
            ["today", "yesterday", "accounts", "out"].map(|name| self.path(name));
        lamplight(&[
            "settle-files",
            "--today",
            text(&today),
            "--yesterday",
            text(&yesterday),
            "--accounts",
            text(&accounts),
            "--out",
            text(&out),
        ])
    }

    fn settled(&self) -> Table {
        let done = self.settle();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        Table::read(&self.path("out"))
    }

    /// The words with which the files are refused; nothing is left of a result.
    fn refused(&self) -> String {
        let done = self.settle();
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{words}");
        assert!(!self.path("out").exists(), "a refused job wrote a result: {words}");
        let left = std::fs::read_dir(self.0.path()).unwrap().count();
        assert_eq!(left, 3, "a refused job left something behind");
        words
    }
}

#[test]
fn a_countys_day_comes_out_row_by_row_as_the_plain_reference_says() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    // Row groups of the input, of the result (32,768 rows) and batches all end in between.
    let layouts = [
        Layout::PLAIN,
        Layout { group: 9_001, compression: Compression::SNAPPY, dictionary: true },
        Layout { group: 30_000, compression: zstd, dictionary: false },
    ];
    for (seed, layout) in (1..).zip(layouts) {
        let day = county(36_000, &mut Dice(0x1234_5678_9ABC_DEF0 + seed));
        let expected = reference(&day);
        assert!(expected.len() > 32_768 && expected.len() < day.accounts.len());
        for status in [0, 1, 2, 4, 5, 6] {
            assert!(expected.iter().any(|row| row[9] == status), "no row has status {status}");
        }
        let found = Files::of(&day, layout).settled();
        assert!(found.rows(OUT) == expected, "{}", first_difference(&found, &expected));
    }
}

fn first_difference(found: &Table, expected: &[[i64; 10]]) -> String {
    let found = found.rows(OUT);
    let at = found.iter().zip(expected).position(|(a, b)| a != b).unwrap_or(0);
    format!(
        "{} rows, expected {}; row {at}: {:?}, expected {:?}",
        found.len(),
        expected.len(),
        found.get(at),
        expected.get(at)
    )
}

#[test]
fn the_columns_of_the_result_keep_their_order_and_types() {
    let day = county(10, &mut Dice(5));
    let found = Files::of(&day, Layout::PLAIN).settled();
    let expected: Vec<String> = OUT
        .iter()
        .map(|name| {
            match *name {
                "meter_id" => "meter_id INT32 Integer(IntType { bit_width: 32, is_signed: false })",
                "st" => "st INT32 Integer(IntType { bit_width: 8, is_signed: false })",
                other => return format!("{other} INT64"),
            }
            .to_owned()
        })
        .collect();
    assert_eq!(found.declared, expected);
}

/// Fees by hand.
#[test]
fn half_a_fen_is_rounded_up_and_limits_count_from_the_next_unit() {
    let cases = [
        ([0, 0, 0, 1], 0, 0),          // 0.338 fen
        ([0, 0, 1, 0], 0, 1),          // 0.558 fen
        ([0, 0, 0, 250], 0, 85),       // 84.5 fen
        ([0, 0, 250, 0], 0, 140),      // 139.5 fen
        ([0, 0, 0, 100], 275_900, 34), // 33.8 fen, to the limit
        ([0, 0, 0, 114], 275_886, 39), // 38.532 fen, to the limit
        ([0, 0, 0, 114], 275_899, 39), // 39.182 fen, 13 units beyond
        ([0, 0, 0, 100], 276_000, 39), // 38.8 fen, all beyond
        ([0, 0, 0, 100], 480_000, 64), // 63.8 fen, beyond both
        // 275.96 fen of the registers, 20 for 400 units beyond 2,760 kWh at 0.05, 75 for 300 units
        // beyond 4,800 kWh at another 0.25.
        ([100, 100, 100, 100], 479_900, 371),
    ];
    let mut day = Day::default();
    for (meter, (used, year, _)) in (1..).zip(cases) {
        day.yesterday.push((meter, [7, 8, 9, 10]));
        day.today.push((meter, [7 + used[0], 8 + used[1], 9 + used[2], 10 + used[3]]));
        day.accounts.push((meter, [year, 0, 0]));
    }
    let found = Files::of(&day, Layout::PLAIN).settled();
    let fees: Vec<i64> = found.rows(["fee"]).into_iter().map(|[fee]| fee).collect();
    assert_eq!(fees, cases.map(|(_, _, fee)| fee));
    assert_eq!(found.rows(OUT), reference(&day));
}

#[test]
fn columns_in_another_order_or_with_others_between_them_are_found() {
    let day = county(300, &mut Dice(9));
    let files = Files::of(&day, Layout::PLAIN);
    let mut columns = readings(&day.today);
    columns.reverse();
    columns.insert(2, Column::Text("note", vec!["x".to_owned(); day.today.len()]));
    write(&files.path("today"), &columns, Layout::PLAIN);
    let mut columns = accounts(&day.accounts);
    columns.rotate_left(1);
    write(&files.path("accounts"), &columns, Layout::PLAIN);
    assert_eq!(files.settled().rows(OUT), reference(&day));
}

#[test]
fn empty_files_give_an_empty_result() {
    let day = county(50, &mut Dice(3));
    for empty in ["today", "yesterday", "accounts", "all"] {
        let mut less = day.clone();
        if empty == "today" || empty == "all" {
            less.today.clear();
        }
        if empty == "yesterday" || empty == "all" {
            less.yesterday.clear();
        }
        if empty == "accounts" || empty == "all" {
            less.accounts.clear();
        }
        let found = Files::of(&less, Layout::PLAIN).settled();
        assert_eq!(found.declared.len(), 10, "without {empty}");
        assert_eq!(found.rows(OUT), Vec::<[i64; 10]>::new(), "without {empty}");
    }
}

#[test]
fn empty_cells_missing_columns_and_repeated_meters_are_refused_by_name() {
    let day = county(50, &mut Dice(11));
    let check = |name: &str, columns: &[Column], words: [&str; 2]| {
        let files = Files::of(&day, Layout::PLAIN);
        write(&files.path(name), columns, Layout::PLAIN);
        let said = files.refused();
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        assert!(said.contains(&format!("{name}.parquet")), "{said}");
    };
    let mut columns = readings(&day.today);
    let holed = day.today.iter().map(|(meter, r)| (meter % 7 != 0).then_some(r[2])).collect();
    columns[3] = Column::Optional("r3", holed);
    check("today", &columns, ["r3", "empty cells"]);
    columns.remove(3);
    check("today", &columns, ["r3", "is missing"]);
    let mut columns = accounts(&day.accounts);
    columns[2] = Column::Text("bal", vec!["12".to_owned(); day.accounts.len()]);
    check("accounts", &columns, ["bal", "must hold"]);
    let again = |rows: &[Registers]| [rows, &rows[..1]].concat();
    // A meter counts once in each file, where it can be joined at all.
    let known = Day { today: day.yesterday.clone(), ..day.clone() };
    let twice = format!("meter {} is there twice", known.today[0].0);
    check("yesterday", &readings(&again(&day.yesterday)), [&twice, "one row per meter"]);
    check("today", &readings(&again(&known.today)), [&twice, "one row per meter"]);
    let joined = known.accounts.iter().find(|(m, _)| known.yesterday.iter().any(|(y, _)| y == m));
    let rows = [&day.accounts[..], &[*joined.unwrap()]].concat();
    let files = Files::of(&known, Layout::PLAIN);
    write(&files.path("accounts"), &accounts(&rows), Layout::PLAIN);
    assert!(files.refused().contains("is there twice"));
}

#[test]
fn a_cut_file_is_refused_and_nothing_is_left() {
    let day = county(400, &mut Dice(13));
    for name in ["today", "yesterday", "accounts"] {
        let files = Files::of(&day, Layout::PLAIN);
        let path: &Path = &files.path(name);
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(files.refused().contains(&format!("{name}.parquet")));
    }
}
