//! A public outage feed as rows: what was seen of each outage first and last, and what the utility
//! said. Columns are found by their names in the header (docs/reliability.md).

use std::{collections::HashMap, io::Read, sync::Arc};

use csv::{ByteRecord, ReaderBuilder};

use super::{FeedRules, Outage, Outcome, RestorationError};

/// The outages of a feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The outages.
    pub outages: Vec<Outage>,
    /// Instants that the utility gave first, by what tells an outage apart.
    promised_s: HashMap<Key, i64>,
}

type Key = (i64, i64, u64, u64, u32);

fn key(outage: &Outage) -> Key {
    let place = (outage.lat.to_bits(), outage.lon.to_bits());
    (outage.seen_s, outage.began_s, place.0, place.1, outage.customers)
}

impl Feed {
    /// The instant that the utility gave first.
    #[must_use]
    pub fn promised_s(&self, outage: &Outage) -> Option<i64> {
        self.promised_s.get(&key(outage)).copied()
    }

    /// Reads a feed; times are Unix seconds.
    ///
    /// # Errors
    /// [`RestorationError::File`] for a header that lacks a column, [`RestorationError::Row`] with
    /// the line for a value that cannot be read.
    pub fn read(input: impl Read, rules: &FeedRules) -> Result<Self, RestorationError> {
        let mut reader = ReaderBuilder::new().from_reader(input);
        let header = reader.byte_headers().map_err(|error| file(&error))?.clone();
        let columns = Columns::find(&header)?;
        let mut feed = Self { outages: Vec::new(), promised_s: HashMap::new() };
        let mut words = Words::default();
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| file(&error))? {
            let line = record.position().map_or(0, csv::Position::line);
            let row = Row { record: &record, line };
            let outage = row.outage(&columns, &mut words, rules)?;
            if let Some(promised_s) = row.seconds(columns.promised)? {
                feed.promised_s.insert(key(&outage), promised_s);
            }
            feed.outages.push(outage);
        }
        Ok(feed)
    }
}

/// Texts that repeat are kept once.
#[derive(Default)]
struct Words(HashMap<Vec<u8>, Arc<str>>);

impl Words {
    fn of(&mut self, text: &[u8]) -> Arc<str> {
        if let Some(word) = self.0.get(text) {
            return Arc::clone(word);
        }
        let word: Arc<str> = String::from_utf8_lossy(text).into();
        self.0.insert(text.to_vec(), Arc::clone(&word));
        word
    }
}

struct Columns {
    area: usize,
    lat: usize,
    lon: usize,
    start: usize,
    first_seen: usize,
    last_seen: usize,
    gone_by: usize,
    customers: usize,
    cause_first: usize,
    cause_last: usize,
    crew_first: usize,
    promised: usize,
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, RestorationError> {
        let find = |name: &str| {
            let at = header.iter().position(|cell| cell.trim_ascii() == name.as_bytes());
            at.ok_or_else(|| RestorationError::File(format!("the header has no column {name}")))
        };
        Ok(Self {
            area: find("region")?,
            lat: find("lat")?,
            lon: find("lon")?,
            start: find("start")?,
            first_seen: find("first_seen")?,
            last_seen: find("last_seen")?,
            gone_by: find("gone_by")?,
            customers: find("cust_first")?,
            cause_first: find("cause_first")?,
            cause_last: find("cause_last")?,
            crew_first: find("crew_first")?,
            promised: find("cur_etor_first")?,
        })
    }
}

struct Row<'a> {
    record: &'a ByteRecord,
    line: u64,
}

impl Row<'_> {
    fn cell(&self, at: usize) -> &[u8] {
        self.record.get(at).unwrap_or_default().trim_ascii()
    }

    /// A number, also one that was written with a point, such as `1560226502.0`.
    fn number(&self, at: usize) -> Result<Option<f64>, RestorationError> {
        let cell = self.cell(at);
        if cell.is_empty() {
            return Ok(None);
        }
        let number = std::str::from_utf8(cell).ok().and_then(|text| text.parse::<f64>().ok());
        number.filter(|number| number.is_finite()).map(Some).ok_or_else(|| RestorationError::Row {
            line: self.line,
            reason: format!("{:?} is no number", String::from_utf8_lossy(cell)),
        })
    }

    fn seconds(&self, at: usize) -> Result<Option<i64>, RestorationError> {
        if let Some(seconds) =
            std::str::from_utf8(self.cell(at)).ok().and_then(|text| text.parse::<i64>().ok())
        {
            return Ok(Some(seconds));
        }
        Ok(self.number(at)?.map(whole))
    }

    fn needed(&self, at: usize, name: &str) -> Result<i64, RestorationError> {
        self.seconds(at)?.ok_or_else(|| RestorationError::Row {
            line: self.line,
            reason: format!("{name} is empty"),
        })
    }

    fn outage(
        &self,
        columns: &Columns,
        words: &mut Words,
        rules: &FeedRules,
    ) -> Result<Outage, RestorationError> {
        let began_s = self.needed(columns.start, "start")?;
        let seen_s = self.needed(columns.first_seen, "first_seen")?;
        let last_s = self.needed(columns.last_seen, "last_seen")?;
        let gone_s = self.seconds(columns.gone_by)?;
        let outcome = match gone_s {
            Some(known_s) => Outcome::Restored { at_s: last_s.midpoint(known_s), known_s },
            None => Outcome::Open { until_s: last_s },
        };
        let first = String::from_utf8_lossy(self.cell(columns.cause_first)).to_lowercase();
        let last = String::from_utf8_lossy(self.cell(columns.cause_last)).to_lowercase();
        let planned = planned(&first, rules);
        // What became known later decides what is learnt from, and nothing that is said.
        let planned_ever = self::planned(&format!("{first}{last}"), rules);
        let customers = self.seconds(columns.customers)?.unwrap_or(0);
        Ok(Outage {
            began_s,
            seen_s,
            lat: self.number(columns.lat)?.unwrap_or(f64::NAN),
            lon: self.number(columns.lon)?.unwrap_or(f64::NAN),
            area: words.of(self.cell(columns.area)),
            customers: u32::try_from(customers).unwrap_or(0),
            cause: words.of(self.cell(columns.cause_first)),
            crew: words.of(self.cell(columns.crew_first)),
            planned,
            teaches: !planned_ever && good(began_s, seen_s, last_s, gone_s, rules),
            outcome,
        })
    }
}

/// Whether the times of an outage are good enough to learn from. An outage that is not over does
/// not teach here, so that the outages are those of the published comparison.
fn good(began_s: i64, seen_s: i64, last_s: i64, gone_s: Option<i64>, rules: &FeedRules) -> bool {
    let Some(gone_s) = gone_s else { return false };
    // Twice the length, so that halves of a second are not lost.
    let twice_s = i128::from(last_s) + i128::from(gone_s) - 2 * i128::from(began_s);
    twice_s > 0
        && twice_s < i128::from(rules.longest_h) * 2 * 3_600
        && gone_s - last_s < rules.end_known_within_min * 60
        && i128::from(seen_s) - i128::from(began_s) < i128::from(rules.seen_within_min) * 60
        && i128::from(seen_s) > i128::from(began_s) - i128::from(rules.seen_before_min) * 60
}

fn planned(cause: &str, rules: &FeedRules) -> bool {
    let has = |words: &[String]| words.iter().any(|word| cause.contains(word.as_str()));
    has(&rules.planned) && !has(&rules.not_planned)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a feed, others end at the bounds")]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}

fn file(error: &csv::Error) -> RestorationError {
    RestorationError::File(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, Rules};

    const HEADER: &str = "region,lat,lon,start,first_seen,last_seen,gone_by,cust_first,cause_first,\
                          cause_last,crew_first,cur_etor_first\n";

    fn read(rows: &str) -> Result<Feed, RestorationError> {
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        Feed::read(format!("{HEADER}{rows}").as_bytes(), &rules.feed)
    }

    #[test]
    fn an_outage_ended_between_the_last_look_and_the_next() {
        let feed = read("A,38.2,-121.2,1000,1600,5000,5601,12,wind,wind,on site,9000.0\n").unwrap();
        let outage = &feed.outages[0];
        assert_eq!(outage.outcome, Outcome::Restored { at_s: 5_300, known_s: 5_601 });
        assert_eq!((outage.customers, outage.planned, outage.teaches), (12, false, true));
        assert_eq!(feed.promised_s(outage), Some(9_000));
    }

    #[test]
    fn rows_of_doubtful_times_and_planned_work_do_not_teach() {
        for (row, planned, teaches) in [
            ("A,1,2,1000,1600,5000,5600,1,an UNPLANNED outage,x,y,\n", false, true),
            ("A,1,2,1000,1600,5000,5600,1,scheduled maintenance,x,y,\n", true, false),
            ("A,1,2,1000,1600,5000,5600,1,unknown,Planned work,y,\n", false, false),
            ("A,1,2,1000,1600,5000,8600,1,x,x,y,\n", false, false),
            ("A,1,2,1000,8200,9000,9600,1,x,x,y,\n", false, false),
            ("A,1,2,9600,9000,9100,9700,1,x,x,y,\n", false, false),
            ("A,1,2,1000,1600,1600,,1,x,x,y,\n", false, false),
        ] {
            let feed = read(row).unwrap();
            let outage = &feed.outages[0];
            assert_eq!((outage.planned, outage.teaches), (planned, teaches), "{row}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line() {
        let error = read("A,1,2,soon,1600,5000,5600,1,x,x,y,\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2: \"soon\""), "{error}");
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        let error = Feed::read("region,lat\n".as_bytes(), &rules.feed).unwrap_err().to_string();
        assert!(error.contains("no column lon"), "{error}");
    }
}
