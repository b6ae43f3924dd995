//! The fields of MDFF records: dates, qualities, suffixes.

use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use kernel::Instant;

use crate::reading::{Mark, Method, RegisterKind, Validity};

/// Australian Eastern Standard Time, all year.
const MARKET_OFFSET: Offset = jiff::tz::offset(10);

/// Date(8), DateTime(12) or DateTime(14); `None` for anything else.
pub(super) fn date_time(text: &str) -> Option<DateTime> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if !digits || !matches!(text.len(), 8 | 12 | 14) {
        return None;
    }
    let part = |from: usize, to: usize| -> Option<i8> {
        if from >= text.len() { Some(0) } else { text.get(from..to)?.parse().ok() }
    };
    let year: i16 = text.get(0..4)?.parse().ok()?;
    let date = Date::new(year, part(4, 6)?, part(6, 8)?).ok()?;
    let time = jiff::civil::Time::new(part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    Some(date.to_datetime(time))
}

pub(super) fn instant(at: DateTime) -> Option<Instant> {
    MARKET_OFFSET.to_timestamp(at).ok().map(Instant::from)
}

/// What a quality flag with its method number says: `A` actual, `E` forward estimate, `S`
/// substitute, `F` final substitute, `N` null.
#[must_use]
pub fn mark_of_quality(quality: &str) -> Mark {
    let (flag, number) = quality.split_at_checked(1).unwrap_or(("", ""));
    match flag {
        "A" => Mark::VALID,
        "N" => Mark::MISSING,
        "E" | "S" | "F" => Mark::estimated(method_of(number)),
        _ => Mark { validity: Validity::Questionable, method: Method::Unknown },
    }
}

/// The substitution and estimation types of AEMO's metrology procedure.
fn method_of(number: &str) -> Method {
    match number {
        "11" | "13" | "18" => Method::Substitute,
        "12" | "53" | "66" | "71" | "72" => Method::Derived,
        "14" | "15" => Method::LikeDay,
        "17" | "54" | "69" => Method::Linear,
        "19" | "58" | "68" => Method::Zero,
        "51" | "52" | "57" | "61" | "62" | "63" | "65" => Method::Profile,
        "16" | "55" | "56" | "64" | "67" => Method::Manual,
        _ => Method::Unknown,
    }
}

/// Whether a text is one of the format's units that measure no energy and no active power.
pub(super) fn is_other_unit(text: &str) -> bool {
    const OTHERS: [&str; 11] =
        ["var", "kvar", "mvar", "va", "kva", "mva", "v", "kv", "a", "ka", "pf"];
    OTHERS.contains(&text.trim().to_ascii_lowercase().as_str())
}

/// Whether a text is a quality flag with an optional two-digit method.
pub(super) fn is_quality(text: &str) -> bool {
    let (flag, number) = text.split_at_checked(1).unwrap_or(("", ""));
    let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    match flag {
        "A" | "N" | "V" => number.is_empty(),
        "E" | "S" | "F" => digits || number.is_empty(),
        _ => false,
    }
}

/// The register that a channel's suffix stands for: `E` is energy taken from the network, `B`
/// energy given to it, `Q` and `K` the reactive kin; `None` for others. NEM13 numbers its
/// registers 11 to 39 for consumption and 41 and up for controlled load.
#[must_use]
pub fn register_of_suffix(suffix: &str) -> Option<RegisterKind> {
    match suffix.as_bytes() {
        [b'E', ..] => Some(RegisterKind::Total),
        [b'B', ..] => Some(RegisterKind::ExportTotal),
        [b'Q', ..] => Some(RegisterKind::ReactiveForward),
        [b'K', ..] => Some(RegisterKind::ReactiveReverse),
        [first, _] if first.is_ascii_digit() => Some(RegisterKind::Total),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_three_lengths() {
        assert_eq!(date_time("20040201").unwrap().to_string(), "2004-02-01T00:00:00");
        assert_eq!(date_time("200405011135").unwrap().to_string(), "2004-05-01T11:35:00");
        assert_eq!(date_time("20031005093055").unwrap().to_string(), "2003-10-05T09:30:55");
        for bad in ["", "2004", "20041301", "20040230", "2004020124", "2.01811E+13", "２0040201"] {
            assert_eq!(date_time(bad), None, "{bad}");
        }
        let noon = instant(date_time("200402011000").unwrap()).unwrap();
        assert_eq!(noon.to_string(), "2004-02-01T00:00:00Z");
    }

    #[test]
    fn qualities() {
        assert_eq!(mark_of_quality("A"), Mark::VALID);
        assert_eq!(mark_of_quality("S14"), Mark::estimated(Method::LikeDay));
        assert_eq!(mark_of_quality("N"), Mark::MISSING);
        assert_eq!(mark_of_quality("480").validity, Validity::Questionable);
        assert!(is_quality("F52") && !is_quality("480") && !is_quality("A1") && !is_quality(""));
    }
}
