//! What a collecting system hands over in a night: one CSV with a row per meter. About 8 kWh a day
//! and meter; four meters of a thousand stay silent.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use kernel::Date;
use lake::tables::day_number;

use super::Load;

/// The registers of a meter, with about so many hundredths of a kWh a day.
const REGISTERS: [(&str, i64); 4] = [("sharp", 60), ("peak", 260), ("flat", 300), ("valley", 180)];
/// Of a thousand meters, so many stay silent on a day.
const SILENT: i64 = 4;

/// The 户号 of a customer.
pub fn account_no(number: usize) -> String {
    format!("99{number:010}")
}

/// A number between 0 and `below` that depends on its arguments only (SplitMix64).
fn draw(a: i64, b: i64, below: i64) -> i64 {
    let mut z = a.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = z.wrapping_add(b.cast_unsigned().wrapping_mul(0xBF58_476D_1CE4_E5B9));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    i64::try_from((z ^ (z >> 31)) % below.max(1).cast_unsigned()).unwrap_or(0)
}

fn meter_number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a register shows some days after its meter was hung, in hundredths of a kWh.
fn shown(meter: i64, (register, daily): (i64, i64), days: i64) -> i64 {
    let moved = if days == 0 { 0 } else { draw(meter, days * 8 + register, daily / 2) };
    draw(meter, register, 500_000) + days * daily + moved
}

/// What the registers of a meter showed when it was hung.
pub fn opening(number: usize) -> BTreeMap<String, i64> {
    registers(meter_number(number), 0).collect()
}

fn registers(meter: i64, days: i64) -> impl Iterator<Item = (String, i64)> {
    let each = (1..).zip(REGISTERS).map(move |(register, (name, daily))| {
        (name.to_owned(), shown(meter, (register, daily), days))
    });
    let total = (1..).zip(REGISTERS).map(move |(r, (_, daily))| shown(meter, (r, daily), days));
    each.chain([("total".to_owned(), total.sum())])
}

/// Writes the file of a night.
///
/// # Errors
/// A failure of the disk.
pub fn write(
    path: &Path,
    (meters, load): (usize, Load),
    (since, day): (Date, Date),
) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    match load {
        Load::Registers => registers_file(&mut file, meters, (since, day))?,
        Load::Curves => curves_file(&mut file, meters, day)?,
    }
    file.flush()
}

fn registers_file(
    file: &mut impl Write,
    meters: usize,
    (since, day): (Date, Date),
) -> std::io::Result<()> {
    let days = i64::from(day_number(day) - day_number(since)) + 1;
    let at = day.tomorrow().unwrap_or(day);
    writeln!(file, "usage_point,at,sharp,peak,flat,valley,total")?;
    for number in 0..meters {
        let meter = meter_number(number);
        if draw(meter, days, 1_000) < SILENT {
            continue;
        }
        write!(file, "{},{at} 00:00", account_no(number))?;
        for (_, value) in registers(meter, days) {
            write!(file, ",{}.{:02}", value / 100, value % 100)?;
        }
        writeln!(file)?;
    }
    Ok(())
}

fn curves_file(file: &mut impl Write, meters: usize, day: Date) -> std::io::Result<()> {
    let number = i64::from(day_number(day));
    write!(file, "usage_point,day,minutes")?;
    for slot in 1..=96 {
        write!(file, ",v{slot}")?;
    }
    writeln!(file)?;
    for account in 0..meters {
        let meter = meter_number(account);
        write!(file, "{},{day},15", account_no(account))?;
        for slot in 0..96 {
            let dice = draw(meter, number * 96 + slot, 100_000);
            // An empty cell is a quarter-hour that is missing.
            if dice < SILENT * 100 {
                write!(file, ",")?;
            } else {
                write!(file, ",0.{:03}", 40 + dice % 80)?;
            }
        }
        writeln!(file)?;
    }
    Ok(())
}
