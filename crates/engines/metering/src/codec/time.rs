//! Moments as they stand in files: with an offset, or local in a zone, in a stated format.

use jiff::{
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use kernel::Instant;

use super::{
    shortened,
    table::{RowFault, fault},
};

/// The years in which a reading can have been taken.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// Reads moments of one file.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    zone: TimeZone,
    format: Option<String>,
}

impl Moments {
    /// Local times are in `zone`: an IANA name, or an offset such as `+10:00` that never changes.
    pub(super) fn new(zone: &str, format: Option<&str>) -> Result<Self, String> {
        let fixed = || {
            let (sign, rest) = zone.split_at_checked(1)?;
            let (hours, minutes) = rest.split_once(':')?;
            let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
            let seconds = match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            };
            Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?))
        };
        let named = fixed().or_else(|| TimeZone::get(zone).ok());
        let zone = named.ok_or_else(|| {
            format!("\"{zone}\" is no time zone: use a name such as Asia/Shanghai or +08:00")
        })?;
        Ok(Self { zone, format: format.map(str::to_owned) })
    }

    /// The local time that a text says, or its instant if it carries an offset.
    pub(super) fn parse(&self, text: &str) -> Result<Moment, RowFault> {
        let moment = match &self.format {
            Some(format) => civil_with(format, text).map(Moment::Local),
            None => plain(text),
        };
        let Some(moment) = moment else {
            let example =
                self.format.as_deref().unwrap_or("2026-06-30 00:15, 2026-06-30 or RFC 3339");
            let reason = format!("\"{}\" is no moment: expected {example}", shortened(text));
            return fault("time.not_a_moment", reason);
        };
        if !YEARS.contains(&moment.year()) {
            let reason = format!("\"{}\" lies outside the years 1900 to 2200", shortened(text));
            return fault("time.out_of_range", reason);
        }
        Ok(moment)
    }

    /// The instant of a moment. Where clocks went back a local time comes twice: it is the first,
    /// unless the series (`last` is its latest moment) has already been there.
    pub(super) fn instant(
        &self,
        moment: Moment,
        last: impl FnOnce() -> Option<Instant>,
    ) -> Result<Instant, RowFault> {
        let local = match moment {
            Moment::Instant(instant) => return Ok(instant),
            Moment::Local(local) => local,
        };
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let offset = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { .. } => {
                let reason = format!("{local} does not exist: clocks went forward over it");
                return fault("time.in_gap", reason);
            }
            AmbiguousOffset::Fold { before, after } => {
                let first = before.to_timestamp(local).map(Instant::from);
                let passed = first.is_ok_and(|first| last().is_some_and(|last| last >= first));
                if passed { after } else { before }
            }
        };
        match offset.to_timestamp(local) {
            Ok(timestamp) => Ok(timestamp.into()),
            Err(_) => fault("time.out_of_range", format!("{local} is outside the calendar")),
        }
    }

    /// The first instant of the local day after the one that begins at `from`.
    pub(super) fn next_day(&self, from: Instant) -> Option<Instant> {
        let date = self.zone.to_datetime(from.timestamp()).date().tomorrow().ok()?;
        self.day_start(date)
    }

    /// The first instant of the local day before the one that begins at `to`.
    pub(super) fn previous_day(&self, to: Instant) -> Option<Instant> {
        let date = self.zone.to_datetime(to.timestamp()).date().yesterday().ok()?;
        self.day_start(date)
    }

    fn day_start(&self, date: Date) -> Option<Instant> {
        self.zone.to_timestamp(date.at(0, 0, 0, 0)).ok().map(Instant::from)
    }
}

/// A moment as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// With its offset.
    Instant(Instant),
    /// Local.
    Local(DateTime),
}

impl Moment {
    fn year(self) -> i16 {
        match self {
            Self::Instant(at) => Offset::UTC.to_datetime(at.timestamp()).year(),
            Self::Local(at) => at.year(),
        }
    }
}

fn civil_with(format: &str, text: &str) -> Option<DateTime> {
    let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
    parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.at(0, 0, 0, 0))).ok()
}

/// RFC 3339 with an offset; or `YYYY-MM-DD`, with `HH:MM` or `HH:MM:SS` behind a blank or `T`;
/// `/` may stand for `-`, and leading zeros may be missing.
fn plain(text: &str) -> Option<Moment> {
    if let Some(local) = civil(text) {
        return Some(Moment::Local(local));
    }
    text.parse::<jiff::Timestamp>().ok().map(|at| Moment::Instant(at.into()))
}

fn civil(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mark = if date.contains('/') { '/' } else { '-' };
    let mut parts = date.split(mark);
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day) = (digits(year)?, digits(parts.next()?)?, digits(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    if time.is_empty() {
        return Some(date.at(0, 0, 0, 0));
    }
    let mut parts = time.split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second = parts.next().map_or(Some(0), digits)?;
    if parts.next().is_some() {
        return None;
    }
    let part = |value: i16| i8::try_from(value).ok();
    let time = jiff::civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    Some(date.to_datetime(time))
}

/// One to four digits and nothing else.
fn digits(text: &str) -> Option<i16> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(zone: &str, text: &str, last: Option<Instant>) -> Result<String, RowFault> {
        let moments = Moments::new(zone, None).unwrap();
        Ok(moments.instant(moments.parse(text)?, || last)?.to_string())
    }

    #[test]
    fn many_spellings_of_one_moment() {
        let at = "2026-06-29T16:15:00Z".to_owned();
        for text in [
            "2026-06-30 00:15",
            "2026/6/30 0:15",
            "2026-06-30T00:15:00",
            "2026-06-30T00:15:00+08:00",
            "2026-06-29T16:15:00Z",
        ] {
            assert_eq!(instant("Asia/Shanghai", text, None), Ok(at.clone()), "{text}");
        }
        assert_eq!(instant("+10:00", "2026-01-01", None).unwrap(), "2025-12-31T14:00:00Z");
        for bad in ["", "yesterday", "2026-02-30", "2026-13-01 00:00", "30/6/2026", "99999-01-01"] {
            assert!(instant("Asia/Shanghai", bad, None).is_err(), "{bad}");
        }
        assert_eq!(instant("UTC", "0026-01-01", None).unwrap_err().0, "time.out_of_range");
        assert!(Moments::new("Nowhere/Land", None).is_err());
        let day_first = Moments::new("+10:00", Some("%d/%m/%y %H:%M")).unwrap();
        let moment = day_first.parse("26/9/18 0:30").unwrap();
        assert_eq!(day_first.instant(moment, || None).unwrap().to_string(), "2018-09-25T14:30:00Z");
    }

    #[test]
    fn the_hour_that_comes_twice_and_the_one_that_never_comes() {
        let london = "Europe/London";
        let first = instant(london, "2026-10-25 01:30", None).unwrap();
        assert_eq!(first, "2026-10-25T00:30:00Z");
        let last = Some("2026-10-25T00:30:00Z".parse::<jiff::Timestamp>().unwrap().into());
        assert_eq!(instant(london, "2026-10-25 01:30", last).unwrap(), "2026-10-25T01:30:00Z");
        assert_eq!(instant(london, "2026-03-29 01:30", None).unwrap_err().0, "time.in_gap");
    }
}
