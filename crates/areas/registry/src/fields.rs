//! The fields of forms: what is wrong with one, and the readers of those that the trade writes in
//! its own way (voltage, class of use, dates, yes and no).

use kernel::Date;

use crate::{PersonKind, Scheme, UnknownWord, UsageClass, words::normal};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as it is named in forms, in JSON and in the heading of the CSV file.
    pub field: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Collects what is wrong, so that one answer names all of it.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { field, message: message.into() });
    }

    /// The value, or `None` with the fault noted.
    pub(crate) fn take<T, E: ToString>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|e| self.add(field, e.to_string())).ok()
    }

    /// As [`Faults::take`], and nothing for a blank text.
    pub(crate) fn optional<T, E: ToString>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if text.trim().is_empty() { None } else { self.take(field, parse(text)) }
    }
}

pub(crate) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|t| !t.is_empty())
}

/// A company when a document or the end of the name says so.
pub(crate) fn kind_of(name: &str, identities: &[(Scheme, String)]) -> PersonKind {
    const ENDS: [&str; 14] = [
        "公司",
        "厂",
        "店",
        "学校",
        "小学",
        "中学",
        "医院",
        "委员会",
        "政府",
        "局",
        "合作社",
        "银行",
        "中心",
        "站",
    ];
    let documented = identities.iter().any(|(scheme, _)| *scheme == Scheme::CreditCode);
    let personal = identities.iter().any(|(scheme, _)| *scheme == Scheme::IdCard);
    let long = name.chars().count() > 3;
    if documented || !personal && long && ENDS.iter().any(|end| name.ends_with(end)) {
        PersonKind::Company
    } else {
        PersonKind::Person
    }
}

pub(crate) fn language(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        known @ ("zh" | "en") => Ok(known.to_owned()),
        _ => Err("write zh or en"),
    }
}

/// The stored word or the Chinese one.
pub(crate) fn class(text: &str) -> Result<UsageClass, UnknownWord> {
    match text.trim() {
        "居民" | "居民生活" => Ok(UsageClass::Residential),
        "商业" | "一般工商业" => Ok(UsageClass::Commercial),
        "工业" | "大工业" => Ok(UsageClass::Industrial),
        "农业" | "农业生产" => Ok(UsageClass::Agricultural),
        "其他" => Ok(UsageClass::Other),
        word => word.parse(),
    }
}

/// A voltage as the trade writes it: 220V, 380V, 10kV.
///
/// # Errors
/// What to write instead.
pub fn voltage(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "not a voltage: write digits and V or kV, such as 220V, 380V, 10kV";
    let text = normal::half_width(text).replace([' ', ','], "").to_ascii_lowercase();
    let (digits, unit) = match text.strip_suffix("kv").or_else(|| text.strip_suffix("千伏")) {
        Some(digits) => (digits, "kV"),
        None => (text.strip_suffix('v').or_else(|| text.strip_suffix('伏')).ok_or(WRONG)?, "V"),
    };
    let shape = digits.len() <= 6
        && digits.starts_with(|c: char| c.is_ascii_digit() && c != '0' || digits.starts_with("0."))
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() <= 1;
    if shape { Ok(format!("{digits}{unit}")) } else { Err(WRONG) }
}

pub(crate) fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "是" => Ok(true),
        "0" | "false" | "no" | "n" | "否" => Ok(false),
        _ => Err("write yes or no (是 or 否)"),
    }
}

/// A date as 2026-01-31, 2026/1/31 or 20260131, between 1900 and 2100.
///
/// # Errors
/// What to write instead.
pub fn date(text: &str) -> Result<Date, &'static str> {
    const WRONG: &str = "not a date: write it as 2026-01-31";
    let text = normal::half_width(text).trim().replace('/', "-");
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = if digits {
        (&text[..4], &text[4..6], &text[6..])
    } else {
        let (year, rest) = text.split_once('-').ok_or(WRONG)?;
        let (month, day) = rest.split_once('-').ok_or(WRONG)?;
        (year, month, day)
    };
    let year: i16 = year.parse().map_err(|_| WRONG)?;
    let month: i8 = month.parse().map_err(|_| WRONG)?;
    let day: i8 = day.parse().map_err(|_| WRONG)?;
    Date::new(year, month, day).ok().filter(|d| (1900..2100).contains(&d.year())).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voltages_and_dates_are_read_as_written() {
        assert_eq!(voltage("10 KV").as_deref(), Ok("10kV"));
        assert_eq!(voltage("0.4kV").as_deref(), Ok("0.4kV"));
        assert_eq!(voltage("３８０伏").as_deref(), Ok("380V"));
        assert!(voltage("kV").is_err() && voltage("1.2.3V").is_err() && voltage("-10kV").is_err());
        assert_eq!(date("20240229"), Ok(Date::constant(2024, 2, 29)));
        assert!(
            date("2023-02-29").is_err() && date("24-1-1").is_err() && date("1899-12-31").is_err()
        );
    }
}
