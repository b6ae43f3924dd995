//! How values of the supply area are shown: names in the visitor's language, states as badges,
//! stored units as amounts, and lists as CSV that no spreadsheet takes for formulas.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{Currency, Money};
use lake::tables::{DayMethod, StateRow};
use supply::billing::BillRow;
use tariff::Label;

use crate::http::{
    i18n::{Locale, Words},
    ui::{Badge, Sign},
};

/// A name of the tariff engine in the visitor's language.
pub(super) fn label(t: Words, label: &Label) -> &str {
    match t.locale() {
        Locale::ZhCn => &label.zh,
        Locale::En => &label.en,
    }
}

/// The name of a published tariff in the visitor's language.
pub(super) fn tariff_name(t: Words, row: &supply::tariffs::TariffRow) -> String {
    row.label().map_or_else(|| row.title.clone(), |names| label(t, &names).to_owned())
}

/// The currency with this stored code; yuan where the code is unknown.
pub(super) fn currency(code: &str) -> Currency {
    Currency::from_code(code).unwrap_or_default()
}

/// A stored amount of a bill with its currency.
pub(super) fn money(t: Words, bill: &BillRow, units: i64) -> String {
    t.money(Money::new(units, currency(&bill.currency)))
}

/// A stored change of an amount, with its sign always.
pub(super) fn change(t: Words, units: i64, currency: Currency) -> String {
    t.money_change(Money::new(units, currency))
}

/// A stored amount without its currency.
pub(super) fn amount(t: Words, units: i64) -> String {
    t.amount(Money::cny(units))
}

/// A stored energy in kWh without its unit: exact, with at least two decimals, so that columns
/// stand in line.
pub(super) fn kwh(t: Words, ukwh: i64) -> String {
    t.decimal(i128::from(ukwh), 6, 2)
}

/// Energy divided by days, rounded to a hundredth of a kWh for reading.
pub(super) fn kwh_per_day(t: Words, ukwh: i64, days: i64) -> String {
    let hundredths = kernel::div_round(
        i128::from(ukwh),
        i128::from(days.max(1)) * 10_000,
        kernel::RoundingMode::HalfUp,
    );
    t.decimal(hundredths.unwrap_or_default(), 2, 2)
}

/// Energy to a hundredth of a kWh, for figures and lists: the lines of a bill and the files that
/// every list exports have it exact.
pub(super) fn kwh_figure(t: Words, ukwh: i64) -> String {
    kwh_per_day(t, ukwh, 1)
}

/// How a bill stands.
pub(super) fn bill_state(t: Words, state: &str) -> Badge {
    let sign = match state {
        "issued" => Sign::Ok,
        "ready" => Sign::Info,
        "review" => Sign::Warn,
        _ => Sign::Neutral,
    };
    Badge::new(sign, t.of("trade.bill_state", state))
}

/// How the use of a day was found.
pub(super) fn day_method(t: Words, row: &StateRow) -> Badge {
    let sign = match DayMethod::from_code(row.method) {
        DayMethod::None => Sign::Neutral,
        DayMethod::Actual | DayMethod::Intervals => Sign::Ok,
        DayMethod::Estimated => Sign::Estimated,
        DayMethod::Held => Sign::Warn,
        DayMethod::Spread | DayMethod::Rebucketed | DayMethod::IntervalsCompleted => Sign::Info,
    };
    Badge::new(sign, day_method_word(t, row))
}

/// The same in words.
pub(super) fn day_method_word(t: Words, row: &StateRow) -> &'static str {
    match DayMethod::from_code(row.method) {
        DayMethod::None => t.get("trade.day_method.none"),
        DayMethod::Actual => t.get("trade.day_method.actual"),
        DayMethod::Estimated => t.get("trade.day_method.estimated"),
        DayMethod::Spread => t.get("trade.day_method.spread"),
        DayMethod::Intervals => t.get("trade.day_method.intervals"),
        DayMethod::Rebucketed => t.get("trade.day_method.rebucketed"),
        DayMethod::Held => t.get("trade.day_method.held"),
        DayMethod::IntervalsCompleted => t.get("trade.day_method.intervals_completed"),
    }
}

/// A list as CSV with a byte-order mark, so that spreadsheets read it as UTF-8.
pub(super) fn csv(name: &str, heading: &[&str], rows: &[Vec<String>]) -> Response {
    let mut text = String::from("\u{feff}");
    let line = |text: &mut String, cells: &mut dyn Iterator<Item = String>| {
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    };
    line(&mut text, &mut heading.iter().map(|cell| csv_cell(cell)));
    for row in rows {
        line(&mut text, &mut row.iter().map(|cell| csv_cell(cell)));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let safe: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect();
    let disposition = format!("attachment; filename=\"{safe}\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// One cell. A text that a spreadsheet would compute gets an apostrophe before it; plain numbers
/// stay numbers, negative ones too.
fn csv_cell(cell: &str) -> String {
    let number = cell.strip_prefix('-').unwrap_or(cell);
    let is_number = !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && number.bytes().filter(|b| *b == b'.').count() <= 1;
    let computed = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if computed { "'" } else { "" };
    if computed || cell.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A stored amount as CSV writes it: `-12.3`, at least two decimals.
pub(super) fn csv_amount(units: i64) -> String {
    kernel::format_decimal(i128::from(units), 4, 2)
}

/// A stored energy in kWh as CSV writes it.
pub(super) fn csv_kwh(ukwh: i64) -> String {
    kernel::format_decimal(i128::from(ukwh), 6, 0)
}

/// Percent-encodes a text so that it can be a query value.
pub(super) fn query_value(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("-12.30"), "-12.30");
        assert_eq!(csv_cell("-1+2"), "\"'-1+2\"");
        assert_eq!(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(csv_cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(query_value("王 a&b"), "%E7%8E%8B%20a%26b");
    }
}
