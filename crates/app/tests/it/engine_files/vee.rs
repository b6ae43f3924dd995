//! `vee-files`: validation and estimation of 30 days of quarter-hours.

use std::{collections::BTreeMap, path::Path};

use parquet::basic::{Compression, ZstdLevel};

use super::{
    Column, Dice, Layout,
    columns::{Table, write},
};
use crate::engines::{lamplight, text};

const DAY: usize = 96;
const ALL: usize = 30 * DAY;
const GAP: i64 = 1;
const NEGATIVE: i64 = 2;
const SPIKE: i64 = 4;
const STUCK: i64 = 8;
const LINEAR: i64 = 16;
const LIKE_DAY: i64 = 32;
const NONE: i64 = 64;

/// The delivered values of a meter; `None` where the row is absent.
type Delivered = Vec<Option<i64>>;

/// The job in its plainest form, one rule after the other over the whole month.
fn reference(delivered: &Delivered) -> Vec<(i64, i64)> {
    let mut flags = vec![0; ALL];
    let mut good: Vec<Option<i64>> = delivered.clone();
    for slot in 0..ALL {
        match delivered[slot] {
            None => flags[slot] |= GAP,
            Some(wh) if wh < 0 => {
                flags[slot] |= NEGATIVE;
                good[slot] = None;
            }
            Some(_) => {}
        }
    }
    // Stuck: twelve or more equal values above zero in a row; absent and negative ones break it,
    // spikes do not, and midnight does not.
    let sane = good.clone();
    let mut from = 0;
    while from < ALL {
        let mut to = from + 1;
        while to < ALL && sane[to].is_some() && sane[to] == sane[from] {
            to += 1;
        }
        if sane[from].is_some_and(|wh| wh > 0) && to - from >= 12 {
            flags[from..to].iter_mut().for_each(|flag| *flag |= STUCK);
        }
        from = to;
    }
    // Spikes: the day's greatest value, where it stands more than 180 % above the third.
    for day in 0..30 {
        let slots = day * DAY..(day + 1) * DAY;
        let mut values: Vec<i64> = sane[slots.clone()].iter().copied().flatten().collect();
        values.sort_unstable_by_key(|wh| -wh);
        let [first, _, third, ..] = values[..] else { continue };
        if (first - third) * 10 > 18 * third {
            for slot in slots {
                if sane[slot] == Some(first) {
                    flags[slot] |= SPIKE;
                    good[slot] = None;
                }
            }
        }
    }
    let mut out: Vec<i64> = good.iter().map(|wh| wh.unwrap_or(0)).collect();
    for slot in 0..ALL {
        if good[slot].is_some() {
            continue;
        }
        let before = (0..slot).rev().find(|s| good[*s].is_some());
        let after = (slot + 1..ALL).find(|s| good[*s].is_some());
        match (before, after) {
            (Some(before), Some(after)) if after - before <= 9 => {
                let (a, b) = (good[before].unwrap(), good[after].unwrap());
                let span = i64::try_from(after - before).unwrap();
                let at = i64::try_from(slot - before).unwrap();
                out[slot] = (2 * (a * span + (b - a) * at) + span).div_euclid(2 * span);
                flags[slot] |= LINEAR;
            }
            _ => {
                let weekend = |s: usize| (s / DAY) % 7 >= 5;
                let like: Vec<i64> = (0..30)
                    .map(|day| day * DAY + slot % DAY)
                    .filter(|s| weekend(*s) == weekend(slot))
                    .filter_map(|s| good[s])
                    .collect();
                let (sum, count) = (like.iter().sum::<i64>(), i64::try_from(like.len()).unwrap());
                if count > 0 {
                    out[slot] = (2 * sum + count).div_euclid(2 * count);
                    flags[slot] |= LIKE_DAY;
                } else {
                    flags[slot] |= NONE;
                }
            }
        }
    }
    out.into_iter().zip(flags).collect()
}

/// A month in which much goes wrong.
fn month(dice: &mut Dice) -> Delivered {
    let level = dice.within(3, 400);
    let mut month: Delivered = (0..ALL).map(|_| Some(dice.within(0, level))).collect();
    for _ in 0..dice.within(0, 14) {
        let from = usize::try_from(dice.within(0, 2_880)).unwrap();
        let length = match dice.within(0, 4) {
            0 => dice.within(1, 3),
            1 => dice.within(7, 10),
            2 => dice.within(11, 14),
            _ => dice.within(20, 400),
        };
        let to = ALL.min(from + usize::try_from(length).unwrap());
        let held = month[from];
        match dice.within(0, 5) {
            0 | 1 => month[from..to].fill(None),
            2 => month[from..to].fill(held),
            3 => month[from] = Some(-1 - dice.within(0, 50)),
            _ => month[from] = Some(level * dice.within(2, 30)),
        }
    }
    if dice.once_in(20) {
        // A slot that never came on a working day has nothing to be estimated from.
        let slot = usize::try_from(dice.within(0, 96)).unwrap();
        for day in (0..30).filter(|day| day % 7 < 5) {
            let at = day * DAY + slot;
            month[at.saturating_sub(6)..ALL.min(at + 6)].fill(None);
        }
    }
    month
}

/// Months made by hand, each at the edge of a rule.
fn edges() -> Vec<Delivered> {
    let flat = |wh: i64| -> Delivered {
        (0..ALL).map(|slot| Some(wh + i64::try_from(slot % 2).unwrap())).collect()
    };
    let with = |changes: &[(usize, usize, Option<i64>)]| {
        let mut month = flat(100);
        for (from, to, wh) in changes {
            month[*from..*to].fill(*wh);
        }
        month
    };
    vec![
        with(&[(500, 508, None)]),     // eight: a line
        with(&[(500, 509, None)]),     // nine: like days
        with(&[(0, 3, None)]),         // nothing before it
        with(&[(ALL - 3, ALL, None)]), // nothing after it
        with(&[(500, 504, None), (504, 505, Some(-1)), (505, 508, None)]), // one run of eight
        with(&[(600, 611, Some(70))]), // eleven: not stuck
        with(&[(600, 612, Some(70))]), // twelve: stuck
        with(&[(90, 102, Some(70))]),  // across midnight
        with(&[(600, 612, Some(70)), (606, 607, None)]), // broken in the middle
        with(&[(600, 640, Some(0))]),  // zeros are not stuck
        with(&[(700, 701, Some(284))]), // third 101: 183 is more than 181.8
        with(&[(700, 701, Some(282))]), // 181 is not
        with(&[(700, 702, Some(9_000))]), // two equal tops: both go
        with(&[(700, 703, Some(9_000))]), // three: none does
        with(&[(672, 768, Some(0)), (700, 701, Some(1))]), // third 0: any value is a spike
        with(&[(672, 766, None), (766, 767, Some(50_000))]), // two values: no third
        with(&[(0, ALL, None), (3, 4, Some(5))]), // one value in the month
        with(&[(700, 720, Some(5_000))]), // stuck, and too many to be a spike
        with(&[(85, 97, Some(5_000))]), // stuck, and alone in the day that it ends in
        vec![Some(0); ALL],
        flat(2_000_000_000),
    ]
}

fn columns(meters: &BTreeMap<i64, Delivered>) -> Vec<(i64, i64, i64)> {
    let rows = meters.iter().flat_map(|(meter, month)| {
        (0_i64..).zip(month).filter_map(|(slot, wh)| Some((*meter, slot, (*wh)?)))
    });
    rows.collect()
}

fn save(path: &Path, rows: &[(i64, i64, i64)], layout: Layout) {
    let narrow = |values: Vec<i64>| values.into_iter().map(|v| i32::try_from(v).unwrap()).collect();
    let columns = [
        Column::id("meter_id", rows.iter().map(|row| row.0)),
        Column::Narrow("t", " (INTEGER(16,false))", narrow(rows.iter().map(|r| r.1).collect())),
        Column::Narrow("wh", "", narrow(rows.iter().map(|row| row.2).collect())),
    ];
    write(path, &columns, layout);
}

fn expected(meters: &BTreeMap<i64, Delivered>) -> Vec<[i64; 4]> {
    let rows = meters.iter().filter(|(_, month)| month.iter().any(Option::is_some));
    let rows = rows.flat_map(|(meter, month)| {
        (0_i64..).zip(reference(month)).map(|(slot, (wh, flag))| [*meter, slot, wh, flag])
    });
    rows.collect()
}

fn run(folder: &Path, names: &[&str]) -> std::process::Output {
    let out = folder.join("out");
    let files: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
    let mut args = vec!["vee-files", "--out", text(&out)];
    args.extend(files.iter().map(|file| text(file)));
    lamplight(&args)
}

fn compare(folder: &Path, name: &str, meters: &BTreeMap<i64, Delivered>) {
    let found = Table::read(&folder.join("out").join(format!("out_{name}")));
    let (found, expected) = (found.rows(["meter_id", "t", "wh", "flag"]), expected(meters));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_month_of_many_meters_comes_out_slot_by_slot_as_the_plain_reference_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(0x0F1E_2D3C_4B5A_6978);
    // More meters than one row group of the result holds, twice, and the cases made by hand.
    let mut many: BTreeMap<i64, Delivered> =
        (0..110).map(|n| (330_100_001 + n * 3, month(&mut dice))).collect();
    many.extend((0..).map(|n| 4_000_000_000 + n).zip(edges()));
    let few: BTreeMap<i64, Delivered> = (0..3).map(|n| (n + 1, month(&mut dice))).collect();
    for flag in [GAP, NEGATIVE, SPIKE, STUCK, LINEAR, LIKE_DAY, NONE, STUCK | SPIKE | LINEAR] {
        let found = expected(&many).iter().filter(|row| row[3] & flag == flag).count();
        assert!(found > 0, "no interval has flag {flag}");
    }
    let snappy = Layout { group: 70_001, compression: Compression::SNAPPY, dictionary: true };
    let zstd = Compression::ZSTD(ZstdLevel::default());
    save(&folder.path().join("many.parquet"), &columns(&many), snappy);
    let mut shuffled = columns(&few);
    dice.shuffle(&mut shuffled);
    let layout = Layout { compression: zstd, ..Layout::PLAIN };
    save(&folder.path().join("few.parquet"), &shuffled, layout);
    let done = run(folder.path(), &["many.parquet", "few.parquet"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    compare(folder.path(), "many.parquet", &many);
    compare(folder.path(), "few.parquet", &few);
}

#[test]
fn the_columns_of_the_result_keep_their_order_and_types_also_without_rows() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder.path().join("none.parquet"), &[], Layout::PLAIN);
    let done = run(folder.path(), &["none.parquet"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let found = Table::read(&folder.path().join("out/out_none.parquet"));
    assert_eq!(
        found.declared,
        [
            "meter_id INT32 Integer(IntType { bit_width: 32, is_signed: false })",
            "t INT32 Integer(IntType { bit_width: 16, is_signed: false })",
            "wh INT32",
            "flag INT32 Integer(IntType { bit_width: 8, is_signed: false })",
        ]
    );
    assert!(found.values["t"].is_empty());
}

#[test]
fn intervals_that_cannot_be_are_refused_and_no_result_appears() {
    let good: Vec<(i64, i64, i64)> = (0..200).map(|t| (7, t, 5)).collect();
    let twice = [&good[..], &[(7, 150, 6)]].concat();
    let beyond = [&good[..], &[(7, 2_880, 6)]].concat();
    for (rows, words) in [(twice, "interval 150 is there twice"), (beyond, "is outside 0..2879")] {
        let folder = tempfile::tempdir().unwrap();
        save(&folder.path().join("bad.parquet"), &rows, Layout::PLAIN);
        let done = run(folder.path(), &["bad.parquet"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("bad.parquet: row 201: meter 7") && said.contains(words), "{said}");
        assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
    }
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        Column::id("meter_id", [7, 7]),
        Column::Optional("t", vec![Some(1), None]),
        Column::Narrow("wh", "", vec![1, 2]),
    ];
    write(&folder.path().join("bad.parquet"), &columns, Layout::PLAIN);
    let done = run(folder.path(), &["bad.parquet"]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("bad.parquet: column t"), "{said}");
}
