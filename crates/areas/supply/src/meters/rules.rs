//! A list of meters as CSV: its columns and what they mean.

use std::io::Read;

use kernel::{Date, Ratio};
use metering::reading::RegisterKind;

use super::{NewMeter, Registers};
use crate::sheet::{ColumnName, Parsed, Row, Sheet, SheetError};

const COLUMNS: [ColumnName; 34] = [
    ("usage_point", "用电点编号"),
    ("asset_no", "资产号"),
    ("installed_on", "安装日期"),
    ("removed_on", "拆除日期"),
    ("removal_reason", "拆除原因"),
    ("ratio", "倍率"),
    ("digits", "整数位数"),
    ("decimals", "小数位数"),
    ("model", "型号"),
    ("phases", "相数"),
    ("tou", "分时"),
    ("demand", "需量"),
    ("interval_minutes", "曲线间隔"),
    ("made_on", "出厂日期"),
    ("expires_on", "检定有效期"),
    ("concentrator", "集中器"),
    ("opening_total", "起度总"),
    ("opening_sharp", "起度尖"),
    ("opening_peak", "起度峰"),
    ("opening_flat", "起度平"),
    ("opening_valley", "起度谷"),
    ("opening_deep", "起度深谷"),
    ("opening_export_total", "起度反向"),
    ("opening_reactive_forward", "起度正向无功"),
    ("opening_reactive_reverse", "起度反向无功"),
    ("closing_total", "止度总"),
    ("closing_sharp", "止度尖"),
    ("closing_peak", "止度峰"),
    ("closing_flat", "止度平"),
    ("closing_valley", "止度谷"),
    ("closing_deep", "止度深谷"),
    ("closing_export_total", "止度反向"),
    ("closing_reactive_forward", "止度正向无功"),
    ("closing_reactive_reverse", "止度反向无功"),
];
const NEEDED: [&str; 3] = ["usage_point", "asset_no", "installed_on"];

/// A meter of a list, with where it hung by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMeter {
    /// The meter.
    pub meter: NewMeter,
    /// Code of the usage point, or its 户号.
    pub usage_point: String,
    /// CT × PT.
    pub ratio: Ratio,
    /// First day.
    pub on: Date,
    /// What its registers showed then.
    pub opening: Registers,
    /// Removal: day, registers, reason.
    pub removal: Option<(Date, Registers, String)>,
}

/// Reads a list of meters: good rows with their lines, and what is wrong with the others.
///
/// # Errors
/// [`SheetError`].
pub fn read_meters(source: impl Read) -> Result<Parsed<ListedMeter>, SheetError> {
    Ok(Sheet::read(source, &COLUMNS, &NEEDED)?.parse(meter))
}

fn meter(row: &mut Row<'_>) -> Option<ListedMeter> {
    let (asset_no, usage_point) = (row.needed("asset_no"), row.needed("usage_point"));
    let on = row.needed("installed_on").and_then(|_| row.optional::<Date>("installed_on", "date"));
    let decimals: u8 = row.parsed("decimals", 2, "number of decimals");
    let ratio = ratio(row);
    let meter = NewMeter {
        asset_no: asset_no?,
        model: row.text("model").to_owned(),
        phases: row.parsed("phases", 1, "number of phases"),
        digits: row.parsed("digits", 6, "number of digits"),
        register_scale: decimals,
        has_tou: row.flag("tou"),
        has_demand: row.flag("demand"),
        interval_minutes: row.parsed("interval_minutes", 0, "number of minutes"),
        made_on: row.optional("made_on", "date"),
        expires_on: row.optional("expires_on", "date"),
        concentrator: row.text("concentrator").to_owned(),
    };
    if let Err(error) = meter.check() {
        row.wrong("line", error.to_string());
    }
    let opening = registers(row, "opening_", decimals);
    let removed_on: Option<Date> = row.optional("removed_on", "date");
    let closing = registers(row, "closing_", decimals);
    let reason = row.text("removal_reason").to_owned();
    let on = on?;
    if removed_on.is_some_and(|removed| removed < on) {
        row.wrong("removed_on", "it is before the installation");
    }
    if removed_on.is_some() && closing.0.is_empty() {
        row.wrong("closing_total", "a meter that was removed has closing registers");
    }
    let removal = removed_on.map(|removed| (removed, closing, reason));
    Some(ListedMeter { meter, usage_point: usage_point?, ratio: ratio?, on, opening, removal })
}

/// `40`, `0.5` or `800/5`.
fn ratio(row: &mut Row<'_>) -> Option<Ratio> {
    let text = row.text("ratio").to_owned();
    if text.is_empty() {
        return Some(Ratio::ONE);
    }
    let (upper, lower) = text.split_once('/').unwrap_or((&text, "1"));
    let whole = |text: &str| kernel::parse_decimal(text.trim(), 6, "ratio").ok();
    let ratio = whole(upper)
        .zip(whole(lower))
        .filter(|(upper, lower)| *upper > 0 && *lower > 0)
        .and_then(|(upper, lower)| Ratio::new(upper, lower).ok());
    if ratio.is_none() {
        row.wrong("ratio", format!("{text:?} is no multiplier: write 40 or 800/5"));
    }
    ratio
}

fn registers(row: &mut Row<'_>, prefix: &str, decimals: u8) -> Registers {
    let mut registers = Registers::default();
    for kind in RegisterKind::ALL {
        let name = format!("{prefix}{}", kind.name());
        let column = COLUMNS.iter().find(|(column, _)| *column == name);
        if let Some((column, _)) = column
            && let Some(value) = row.decimal(column, u32::from(decimals))
        {
            registers.0.insert(kind.name().to_owned(), value);
        }
    }
    registers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_meters_reads() {
        let text = "usage_point,asset_no,installed_on,ratio,decimals,opening_total,removed_on,closing_total,tou\n\
            A,M1,2026-01-01,40,1,15234.6,2026-03-15,15410.2,no\n\
            A,M2,2026-03-15,200/5,1,0.0,,,yes\n\
            B,M3,2026-01-01,0,1,x,2025-01-01,,maybe\n";
        let (good, faults) = read_meters(text.as_bytes()).unwrap();
        assert_eq!(good.len(), 2);
        assert_eq!(good[0].1.opening.0["total"], 152_346);
        assert_eq!(good[0].1.removal.as_ref().unwrap().1.0["total"], 154_102);
        assert_eq!(good[0].1.ratio, good[1].1.ratio);
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["ratio", "tou", "opening_total", "removed_on", "closing_total"]);
    }
}
