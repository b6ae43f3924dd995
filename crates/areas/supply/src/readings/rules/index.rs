//! Whose reading it is: names in files (usage point code, 户号, meter asset number) to the usage
//! point and the meter that hung there on the day.

use std::collections::HashMap;

use kernel::{Date, Id};
use registry::words::normal;

store::record! {
    /// A usage point with the names it has.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NamedPoint {
        /// The usage point.
        pub usage_point: Id,
        /// Its code.
        pub code: String,
        /// The 户号 of its account.
        pub account_no: String,
    }

    /// Where a meter hung.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct IndexRow {
        /// The usage point.
        pub usage_point: Id,
        /// The meter.
        pub meter: Id,
        /// Its asset number.
        pub asset_no: String,
        /// First day.
        pub installed_on: Date,
        /// The day of removal.
        pub removed_on: Option<Date>,
        /// Whole digits.
        pub digits: i64,
        /// Decimals.
        pub register_scale: i64,
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    usage_point: i64,
    meter: i64,
    from: Date,
    to: Option<Date>,
    digits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Point(i64),
    /// A 户号 with several usage points.
    Several,
}

/// Why a row belongs to nobody: field, stable code, words.
pub type Mismatch = (&'static str, &'static str, String);

/// Where a row belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The usage point.
    pub usage_point: i64,
    /// The meter that hung there on the day.
    pub meter: i64,
    /// Whole digits of the meter.
    pub digits: u8,
}

/// All names and places of an organisation. Memory grows with its usage points, some 200 bytes
/// each, not with the file.
#[derive(Debug, Default)]
pub struct Index {
    points: HashMap<Box<str>, Named>,
    meters: HashMap<Box<str>, i64>,
    /// By usage point, in order of time.
    places: HashMap<i64, Vec<Place>>,
    /// The usage points where a meter hung.
    hung: HashMap<i64, Vec<i64>>,
}

impl Index {
    /// Takes a usage point's names. A code outranks a 户号.
    pub fn add_point(&mut self, row: NamedPoint) {
        let usage_point = row.usage_point.get();
        if row.account_no != row.code {
            self.points
                .entry(row.account_no.into_boxed_str())
                .and_modify(|named| {
                    if *named != Named::Point(usage_point) {
                        *named = Named::Several;
                    }
                })
                .or_insert(Named::Point(usage_point));
        }
        self.points.insert(row.code.into_boxed_str(), Named::Point(usage_point));
    }

    /// Takes a place where a meter hung; rows come by usage point and time.
    pub fn add_place(&mut self, row: IndexRow) {
        let (usage_point, meter) = (row.usage_point.get(), row.meter.get());
        self.places.entry(usage_point).or_default().push(Place {
            usage_point,
            meter,
            from: row.installed_on,
            to: row.removed_on,
            digits: u8::try_from(row.digits).unwrap_or(9),
        });
        self.hung.entry(meter).or_default().push(usage_point);
        self.meters.insert(row.asset_no.into_boxed_str(), meter);
    }

    /// Finds the usage point and the meter of a row. `meter` may be empty: then it is the meter
    /// that hung there on the day.
    ///
    /// # Errors
    /// [`Mismatch`] that names the field, the reason and what to do.
    pub fn find(&self, name: &str, meter: &str, day: Date) -> Result<Match, Mismatch> {
        let asked = match meter {
            "" => None,
            no => Some(*self.meters.get(no).ok_or_else(|| {
                let words = format!("no meter has the asset number {no:?}; register it first");
                ("meter", "reading.unknown_meter", words)
            })?),
        };
        match self.named(name) {
            Some(Named::Point(usage_point)) => self.at_point(*usage_point, name, asked, day),
            Some(Named::Several) => {
                let words = format!(
                    "account {name:?} has several usage points; name the usage point or its meter"
                );
                asked.and_then(|meter| self.at_meter(meter, day)).ok_or((
                    "usage_point",
                    "reading.several_usage_points",
                    words,
                ))
            }
            None => match self.meters.get(name) {
                Some(meter) => self.at_meter(*meter, day).ok_or_else(|| {
                    let words = format!("meter {name:?} hung nowhere on {day}");
                    ("meter", "reading.meter_not_installed", words)
                }),
                None => Err((
                    "usage_point",
                    "reading.unknown_usage_point",
                    format!(
                        "{name:?} is no usage point, account or meter here; load the customer first"
                    ),
                )),
            },
        }
    }

    /// Codes are kept in capitals and half width; a file may write them otherwise.
    fn named(&self, name: &str) -> Option<&Named> {
        self.points.get(name).or_else(|| self.points.get(normal::code(name).ok()?.as_str()))
    }

    fn at_point(
        &self,
        usage_point: i64,
        name: &str,
        asked: Option<i64>,
        day: Date,
    ) -> Result<Match, Mismatch> {
        let places = self.places.get(&usage_point).map_or(&[][..], Vec::as_slice);
        let found = match asked {
            // The day of removal still has the closing read.
            Some(meter) => places
                .iter()
                .rev()
                .find(|p| p.meter == meter && p.from <= day && p.to.is_none_or(|to| day <= to)),
            None => places.iter().rev().find(|p| p.from <= day && p.to.is_none_or(|to| day < to)),
        };
        found.map(Place::matched).ok_or_else(|| match asked {
            Some(meter) if self.hung.get(&meter).is_some_and(|at| !at.contains(&usage_point)) => (
                "meter",
                "reading.meter_elsewhere",
                format!("this meter never hung at {name:?}; check the meter or the usage point"),
            ),
            Some(_) => (
                "meter",
                "reading.meter_not_installed",
                format!("this meter did not hang at {name:?} on {day}"),
            ),
            None => (
                "usage_point",
                "reading.no_meter",
                format!("no meter hung at {name:?} on {day}; load its installation first"),
            ),
        })
    }

    fn at_meter(&self, meter: i64, day: Date) -> Option<Match> {
        let points = self.hung.get(&meter)?;
        let places = points.iter().filter_map(|point| self.places.get(point)).flatten();
        let mut covering =
            places.filter(|p| p.meter == meter && p.from <= day && p.to.is_none_or(|to| day <= to));
        // On the day of a move the later place wins: it is the one that is measured on.
        let first = covering.next()?;
        Some(covering.fold(first, |best, p| if p.from > best.from { p } else { best }).matched())
    }
}

impl Place {
    const fn matched(&self) -> Match {
        Match { usage_point: self.usage_point, meter: self.meter, digits: self.digits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::default();
        for (point, code, account_no) in [(1, "A1", "A1"), (2, "B1", "B"), (3, "B2", "B")] {
            index.add_point(NamedPoint {
                usage_point: Id::from_i64(point),
                code: code.to_owned(),
                account_no: account_no.to_owned(),
            });
        }
        for (point, meter, from, to) in [
            (1, 10, (2026, 1, 1), Some((2026, 3, 15))),
            (1, 11, (2026, 3, 15), None),
            (2, 12, (2026, 1, 1), None),
        ] {
            let date = |(y, m, d)| Date::constant(y, m, d);
            index.add_place(IndexRow {
                usage_point: Id::from_i64(point),
                meter: Id::from_i64(meter),
                asset_no: format!("M{meter}"),
                installed_on: date(from),
                removed_on: to.map(date),
                digits: 6,
                register_scale: 2,
            });
        }
        index
    }

    #[test]
    fn the_meter_is_the_one_that_hung_there_on_the_day() {
        let index = index();
        let meter = |name, meter, month, day| {
            index
                .find(name, meter, Date::constant(2026, month, day))
                .map(|m| m.meter)
                .map_err(|m| m.1)
        };
        assert_eq!(meter("A1", "", 3, 14), Ok(10));
        assert_eq!(meter("A1", "", 3, 15), Ok(11));
        assert_eq!(meter("ａ1", "", 3, 15), Ok(11), "written otherwise");
        assert_eq!(meter("A1", "M10", 3, 15), Ok(10), "the closing read");
        assert_eq!(meter("A1", "M10", 3, 16), Err("reading.meter_not_installed"));
        assert_eq!(meter("A1", "M12", 3, 16), Err("reading.meter_elsewhere"));
        assert_eq!(meter("A1", "M99", 3, 16), Err("reading.unknown_meter"));
        assert_eq!(meter("M12", "", 3, 16), Ok(12), "by the meter alone");
        assert_eq!(meter("B", "", 3, 16), Err("reading.several_usage_points"));
        assert_eq!(meter("B", "M12", 3, 16), Ok(12));
        assert_eq!(meter("B2", "", 3, 16), Err("reading.no_meter"));
        assert_eq!(meter("C", "", 3, 16), Err("reading.unknown_usage_point"));
        let early = index.find("A1", "", Date::constant(2025, 12, 31)).map_err(|m| m.1);
        assert_eq!(early, Err("reading.no_meter"));
    }
}
