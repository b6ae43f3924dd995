//! The files of a small bureau, the same on every machine: customers, meters, agreements, readings
//! of five weeks in the documented columns, and readings that come later. Each list has rows that
//! cannot be taken.

use std::{fmt::Write as _, fs, io, path::Path};

use jiff::ToSpan;
use kernel::Date;

/// The first settled day.
pub(super) const FIRST: Date = Date::constant(2025, 6, 1);
/// The last settled day; June is closed and July has begun.
pub(super) const LAST: Date = Date::constant(2025, 7, 4);

const TARIFF: &str = include_str!("../../../../tariffs/zhejiang/residential.toml");
/// Days whose readings come late from some customers.
const LATE_DAYS: std::ops::RangeInclusive<u32> = 9..=11;

/// Writes the files into a folder.
pub(super) fn write(folder: &Path, customers: u32) -> io::Result<()> {
    fs::write(folder.join("tariff.toml"), TARIFF)?;
    let mut lists = [
        "account_no,name,address,class,voltage,opened_on\n".to_owned(),
        "usage_point,asset_no,installed_on,digits,decimals,opening_total\n".to_owned(),
        "usage_point,tariff,valid_from\n".to_owned(),
        "usage_point,at,total,revision\n".to_owned(),
        "usage_point,at,total,revision\n".to_owned(),
    ];
    let [people, meters, agreements, readings, late] = &mut lists;
    for n in 1..=customers {
        let code = account_no(n);
        // Writing into a String cannot fail.
        let _ = writeln!(
            people,
            "{code},住户{n},青山县柳河镇阳光花园{n}栋1单元101室,residential,220V,2024-01-01"
        );
        let _ = writeln!(meters, "{code},M{code},{FIRST},6,1,1000.0");
        let _ = writeln!(agreements, "{code},zhejiang/residential,{FIRST}");
        for (d, day) in (0..).zip(days()) {
            let is_late = n % 7 == 0 && LATE_DAYS.contains(&d);
            let to = if is_late { &mut *late } else { &mut *readings };
            let _ = writeln!(to, "{code},{day} 00:00,{},0", shown(n, d, 0));
            if n % 11 == 0 && d == 20 {
                let _ = writeln!(late, "{code},{day} 00:00,{},1", shown(n, d, 10));
            }
        }
        if n % 40 == 1 {
            let _ = writeln!(people, "{code}x,住户,某处,castle,220V,2024-01-01");
            let _ = writeln!(meters, "9{code},M9{code},{FIRST},6,1,0");
            let _ = writeln!(agreements, "9{code},zhejiang/residential,{FIRST}");
            let _ = writeln!(readings, "9{code},{LAST} 00:00,1.0,0\n{code},{LAST} 00:00,=1+1,0");
        }
    }
    let names = ["customers.csv", "meters.csv", "agreements.csv", "readings.csv", "late.csv"];
    for (name, text) in names.into_iter().zip(lists) {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// The midnights at which the registers are read.
fn days() -> impl Iterator<Item = Date> {
    let mut next = FIRST.checked_add(1.day()).ok();
    std::iter::from_fn(move || {
        let day = next?;
        next = day.checked_add(1.day()).ok();
        (day <= LAST.checked_add(1.day()).unwrap_or(LAST)).then_some(day)
    })
}

fn account_no(n: u32) -> String {
    format!("42{n:08}")
}

/// What the register of a customer shows after so many days, with a tenth more or less: 3.0 to
/// 11.9 kWh a day.
fn shown(n: u32, day: u32, tenths: u32) -> String {
    let used: u32 = (0..=day).map(|d| 30 + (n * 7 + d * 13) % 90).sum();
    let total = 10_000 + used + tenths;
    format!("{}.{}", total / 10, total % 10)
}
