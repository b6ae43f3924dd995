//! A small lake in a temporary folder, with the documents that come with the project: settles
//! days, keeps the catalogue that SQL would keep.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Date, Instant, Zone};
use lamplight_lake::{
    Lake, Manifest,
    objects::Folder,
    settle::{self, DayFiles, Outcome, Rules},
    tables::{IntervalRow, ReadingRow, StateRow, TermsRow},
};
use metering::{
    reading::{Mark, RegisterKind, Source},
    vee::{DEFAULT_RULES, RuleSet},
};
use tariff::{Library, Weather};

pub const ORG: i64 = 7;

static LIBRARY: std::sync::OnceLock<Library> = std::sync::OnceLock::new();

pub struct World {
    pub folder: tempfile::TempDir,
    pub lake: Lake,
    pub days: BTreeMap<Date, DayFiles>,
    pub library: Library,
    pub weather: Weather,
    pub vee: RuleSet,
    pub version: i64,
    pub settled_to: Option<Date>,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            lake: Lake::new(Arc::new(Folder::scratch(folder.path()).unwrap())),
            folder,
            days: BTreeMap::new(),
            library: LIBRARY.get_or_init(|| tariff::bundled::library().unwrap()).clone(),
            weather: Weather::default(),
            vee: RuleSet::parse(DEFAULT_RULES).unwrap(),
            version: 0,
            settled_to: None,
        }
    }

    pub fn plan(&self, id: &str) -> i32 {
        let at = self.library.plans().iter().position(|p| p.head.id == id);
        i32::try_from(at.unwrap_or_else(|| panic!("no plan {id}"))).unwrap()
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules { library: &self.library, weather: &self.weather, vee: &self.vee }
    }

    fn next(&mut self) -> i64 {
        self.version += 2;
        self.version
    }

    /// Terms that hold on these days.
    pub fn terms(&mut self, days: &[Date], rows: Vec<TermsRow>) {
        let version = self.next();
        let file = self.lake.write_terms(ORG, days[0], version, rows).unwrap();
        for day in days {
            let entry = self.days.entry(*day).or_default();
            entry.terms = Some(file.path.clone());
            let weekday = day.weekday();
            entry.rest_day = weekday == jiff::civil::Weekday::Saturday
                || weekday == jiff::civil::Weekday::Sunday;
        }
    }

    pub fn deliver(&mut self, day: Date, rows: Vec<ReadingRow>) {
        let version = self.next();
        let file = self.lake.write_readings(ORG, day, version, rows).unwrap();
        self.days.entry(day).or_default().readings.push(file.path);
    }

    pub fn deliver_intervals(&mut self, day: Date, rows: Vec<IntervalRow>) {
        let version = self.next();
        let file = self.lake.write_intervals(ORG, day, version, rows).unwrap();
        self.days.entry(day).or_default().intervals.push(file.path);
    }

    fn commit(&mut self, files: &[Manifest]) {
        for file in files {
            self.days.entry(file.day).or_default().state.push(file.path.clone());
        }
    }

    pub fn settle(&mut self, day: Date) -> Outcome {
        let version = self.next();
        let done =
            settle::settle_day(&self.lake, ORG, day, version, &self.days, self.rules()).unwrap();
        self.commit(&done.files);
        self.settled_to = self.settled_to.max(Some(day));
        done
    }

    /// Readings that come after their day is settled.
    pub fn late(&mut self, day: Date, rows: Vec<ReadingRow>) -> Outcome {
        let touched = rows.iter().map(|row| (row.usage_point, day)).collect();
        self.deliver(day, rows);
        self.resettle(&touched)
    }

    pub fn resettle(&mut self, touched: &BTreeMap<i64, Date>) -> Outcome {
        let version = self.next();
        let through = self.settled_to.unwrap();
        let (lake, rules) = (&self.lake, self.rules());
        let done =
            settle::resettle(lake, ORG, touched, through, version, &self.days, rules).unwrap();
        self.commit(&done.files);
        done
    }

    pub fn state(&mut self, day: Date, usage_point: i64) -> StateRow {
        let rows =
            lamplight_lake::query::day_page(&self.lake, &self.days[&day].state, None, 1_000_000);
        let rows = rows.unwrap();
        *rows.iter().find(|row| row.usage_point == usage_point).unwrap()
    }

    /// The bytes of the rows that count.
    pub fn state_bytes(&mut self, day: Date) -> Vec<u8> {
        let file = settle::compact_state(&self.lake, ORG, day, 999_999_999, &self.days).unwrap();
        let bytes = std::fs::read(self.folder.path().join(&file.path)).unwrap();
        self.lake.store().remove(&file.path).unwrap();
        bytes
    }

    pub fn verify(&self, day: Date) -> usize {
        let through = self.settled_to.unwrap();
        let (days, rules) = (&self.days, self.rules());
        let found =
            settle::verify_days(&self.lake, &[day], through, 100, days, rules).unwrap().remove(0);
        assert!(found.rows > 0);
        for difference in &found.differences {
            eprintln!("{day} {}: {:?}", difference.usage_point, difference.fields());
        }
        found.differences.len()
    }
}

/// Midnight at the end of a day in Shanghai.
pub fn end_of(day: Date) -> i64 {
    let zone = Zone::get("Asia/Shanghai").unwrap();
    let at: Instant = zone.day(day).unwrap().to().unwrap();
    assert_eq!(settle::business_day(&zone, at), day);
    at.micros()
}

/// A daily total, in hundredths of a kWh.
pub fn total(usage_point: i64, meter: i64, day: Date, hundredths: i64) -> ReadingRow {
    let mut row = ReadingRow {
        usage_point,
        at: end_of(day),
        meter,
        scale: 2,
        source: Source::Ami.code(),
        mark: Mark::RAW.code(),
        ..ReadingRow::default()
    };
    row.register[RegisterKind::Total.index()] = Some(hundredths);
    row
}
