//! A usage as CSV, for `lamplight rate --tariff DOC.toml --usage USAGE.csv`.
//!
//! Two columns with the header `key,value`; the order of rows does not matter. Energy is given
//! in one of three ways:
//!
//! | key | value |
//! |---|---|
//! | `kwh`, or `kwh.sharp` `kwh.peak` `kwh.flat` `kwh.valley` `kwh.deep` | kWh of the period, total or by bucket |
//! | a date `2026-07-08`, or `2026-07-08.peak` | kWh of a day: the bill is made of daily charges |
//! | a time `2026-07-08T10:15` (local, or with `Z` or an offset) | kWh of the interval that starts then; the tariff's windows apply |
//!
//! and the rest says what else a tariff may ask:
//!
//! | key | value |
//! |---|---|
//! | `from`, `to` | first day, first day after (needed with `kwh`; else the days or intervals say) |
//! | `interval_minutes` | length of an interval; else the shortest distance between two |
//! | `ytd_kwh`, `mtd_kwh` | used before the period in the tariff year, in the month |
//! | `family_units`, `free_quota`, `tier_share` | `1`; `yes`; `7/12` of the limits |
//! | `month_share`, `month_days` | part of a month that the bill is; days of the month |
//! | `basis` | `capacity`, `contract`, `actual` |
//! | `capacity_kva` | `1000`, or `1000 days 20 share 1/2`; may repeat |
//! | `contract_kw`, `max_demand_kw`, `kvarh_forward`, `kvarh_reverse` | numbers |
//! | `transformer.kva` `.no_load_kw` `.load_kw` `.no_load_current` `.short_circuit` | `315`, `0.48`, `3.65`, `1.1%`, `4%` |
//! | `default_supply` | `yes` |
//! | `separate.lighting` | `2000 @ 0.70`: kWh of another category at its price |
//! | `estimated_kwh` | how much of the energy was estimated |
//! | `temperature.guangzhou.2026-10-09` | highest temperature of the day in °C |

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use kernel::{BusinessCalendar, Date, Energy, Instant, Ratio, Reactive, Zone, parse_decimal};

use crate::{
    Almanac, Amount, Bucket, CellGroup, DayPosition, EnergyUse, Entitlement, IntervalUse,
    MAX_CELLS, MAX_DAILY_BUCKETS, MonthFacts, Plan, RatedBill, TariffError, TransformerData,
    Weather, close_month,
    compile::bucket_of,
    interval_parts,
    rate::{next_ladder, rate_parts},
    text::parse_ratio,
    usage_values::{KEYS, basis, capacity, check_buckets, separate},
};

/// What a usage file says, not yet rated.
#[derive(Debug, Clone, Default)]
pub struct UsageFile {
    values: BTreeMap<String, (u64, String)>,
    capacity: Vec<(u64, String)>,
    separate: Vec<(u64, String, String)>,
    days: BTreeMap<Date, [i64; MAX_DAILY_BUCKETS]>,
    /// The first row that gives the use of a day without its bucket.
    whole_day: Option<u64>,
    intervals: BTreeMap<DateTime, i64>,
    weather: Weather,
}

/// Reads a usage file and rates it.
///
/// # Errors
/// [`TariffError::UsageLine`] naming the line; else as rating.
pub fn rate_usage_csv(
    plan: &Plan,
    calendar: &BusinessCalendar,
    csv_text: &str,
) -> Result<RatedBill, TariffError> {
    UsageFile::parse(csv_text, &plan.head.time_zone)?.rate(plan, calendar)
}

/// Stands for the bucket of a day's use that is given as a whole.
const WHOLE: &str = "";

fn line_error(line: u64, reason: impl Into<String>) -> TariffError {
    TariffError::UsageLine { line, reason: reason.into() }
}

impl UsageFile {
    /// Reads the rows. `time_zone` places times that carry an offset.
    ///
    /// # Errors
    /// [`TariffError::UsageLine`].
    pub fn parse(csv_text: &str, time_zone: &str) -> Result<Self, TariffError> {
        let zone = Zone::get(time_zone).unwrap_or(Zone::utc());
        let text = csv_text.strip_prefix('\u{feff}').unwrap_or(csv_text);
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| line_error(1, e.to_string()))?;
        if header.iter().ne(["key", "value"]) {
            return Err(line_error(1, "the header must be: key,value"));
        }
        let mut file = Self::default();
        for record in reader.records() {
            let record = record.map_err(|e| {
                line_error(e.position().map_or(0, csv::Position::line), e.to_string())
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let (key, value) = (record.get(0).unwrap_or(""), record.get(1).unwrap_or(""));
            file.row(line, key, value, &zone)?;
        }
        Ok(file)
    }

    fn row(&mut self, line: u64, key: &str, value: &str, zone: &Zone) -> Result<(), TariffError> {
        if key.starts_with(|c: char| c.is_ascii_digit()) {
            return self.dated(line, key, value, zone);
        }
        if key == "capacity_kva" {
            self.capacity.push((line, value.to_owned()));
            return Ok(());
        }
        if let Some(name) = key.strip_prefix("separate.") {
            self.separate.push((line, name.to_owned(), value.to_owned()));
            return Ok(());
        }
        if let Some(rest) = key.strip_prefix("temperature.") {
            let place = rest.rsplit_once('.').and_then(|(s, d)| Some((s, d.parse().ok()?)));
            let tenths = parse_decimal(value, 1, "temperature").ok();
            let measured = place.zip(tenths.and_then(|t| i32::try_from(t).ok()));
            let ((station, date), max_dc) = measured.ok_or_else(|| {
                line_error(line, "write temperature.STATION.yyyy-mm-dd and °C with one decimal")
            })?;
            self.weather.set(station, date, max_dc);
            return Ok(());
        }
        if !KEYS.contains(&key) {
            let reason = format!("unknown key {key:?}; known are: {}", KEYS.join(", "));
            return Err(line_error(line, reason));
        }
        match self.values.insert(key.to_owned(), (line, value.to_owned())) {
            Some((first, _)) => Err(line_error(line, format!("{key} stands on line {first} too"))),
            None => Ok(()),
        }
    }

    /// A row whose key is a date or a time.
    fn dated(&mut self, line: u64, key: &str, value: &str, zone: &Zone) -> Result<(), TariffError> {
        let energy = Energy::parse(value).map_err(|e| line_error(line, e.to_string()))?.ukwh();
        if energy < 0 {
            return Err(line_error(line, "energy is negative"));
        }
        let (day, bucket) = key.split_once('.').unwrap_or((key, WHOLE));
        if let Ok(date) = day
            .parse::<Date>()
            .map_err(|_| ())
            .and_then(|d| if day.len() == 10 { Ok(d) } else { Err(()) })
        {
            let bucket = if bucket == WHOLE {
                self.whole_day.get_or_insert(line);
                Bucket::FLAT
            } else {
                let wrong = || line_error(line, format!("{bucket:?} is no bucket"));
                bucket_of(bucket).ok_or_else(wrong)?
            };
            let slot = &mut self.days.entry(date).or_default()[bucket.index()];
            if *slot != 0 {
                return Err(line_error(line, format!("{key} is given twice")));
            }
            *slot = energy;
            return Ok(());
        }
        let start = match key.parse::<jiff::Timestamp>() {
            Ok(instant) => zone.datetime_of(Instant::from(instant)),
            Err(_) => key.parse::<DateTime>().map_err(|_| {
                line_error(line, format!("{key:?} is neither a date nor a time (2026-07-08T10:15)"))
            })?,
        };
        match self.intervals.insert(start, energy) {
            Some(_) => Err(line_error(line, format!("{start} is given twice"))),
            None => Ok(()),
        }
    }

    fn read<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, TariffError> {
        let Some((line, text)) = self.values.get(key) else { return Ok(None) };
        parse(text)
            .map(Some)
            .ok_or_else(|| line_error(*line, format!("{key}: {text:?} is no {expected}")))
    }

    fn millionths(&self, key: &str) -> Result<Option<i64>, TariffError> {
        self.read(key, |t| parse_decimal(t, 6, "number").ok(), "number of at most six decimals")
    }

    fn yes(&self, key: &str) -> Result<bool, TariffError> {
        let word = |t: &str| match t {
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            _ => None,
        };
        Ok(self.read(key, word, "yes or no")?.unwrap_or(false))
    }

    fn ratio(&self, key: &str) -> Result<Option<Ratio>, TariffError> {
        self.read(key, |t| parse_ratio(t).ok(), "ratio such as 7/12 or 50%")
    }

    fn date(&self, key: &str) -> Result<Option<Date>, TariffError> {
        self.read(key, |t| t.parse().ok(), "date yyyy-mm-dd")
    }

    /// Rates what the file says.
    ///
    /// # Errors
    /// As rating, and [`TariffError::Usage`] when energy is given in two ways or none.
    pub fn rate(&self, plan: &Plan, calendar: &BusinessCalendar) -> Result<RatedBill, TariffError> {
        let facts = self.facts()?;
        let entitlement = Entitlement {
            family_units: self
                .read("family_units", |t| t.parse().ok(), "small number")?
                .unwrap_or(0),
            free_quota: self.yes("free_quota")?,
            share: self.ratio("tier_share")?.unwrap_or(Ratio::ONE),
        };
        let known = &plan.allowances;
        let unknown = [
            ("family_units", entitlement.family_units > 0 && known.family_extension.is_none()),
            ("free_quota", entitlement.free_quota && known.free_quota.is_none()),
        ];
        if let Some((key, _)) = unknown.into_iter().find(|(_, asked)| *asked) {
            let line = self.values.get(key).map_or(0, |(line, _)| *line);
            let reason = format!("{key}: tariff {} has no such allowance", plan.head.id);
            return Err(line_error(line, reason));
        }
        let before = DayPosition {
            ytd_ukwh: self.millionths("ytd_kwh")?.unwrap_or(0),
            mtd_ukwh: self.millionths("mtd_kwh")?.unwrap_or(0),
        };
        let registers = self.registers()?;
        let total = self.values.get("kwh").map(|(line, _)| *line).or(self.whole_day);
        check_buckets(plan, total, registers.iter().chain(self.days.values()))?;
        let wrong = |reason: &str| TariffError::Usage { reason: reason.to_owned() };
        match (registers, self.days.is_empty(), self.intervals.is_empty()) {
            (Some(by_bucket), true, true) => {
                let energy = EnergyUse { from: facts.from, to: facts.to, by_bucket, before };
                rate_parts(&[(plan, energy)], &entitlement, &facts)
            }
            (None, false, true) => self.rate_days(plan, &entitlement, before, &facts),
            (None, true, false) => {
                let almanac = Almanac { calendar, weather: &self.weather };
                let intervals = self.interval_list()?;
                let span = (facts.from, facts.to);
                let parts = interval_parts(plan, span, before, &intervals, almanac)?;
                let parts: Vec<_> = parts.into_iter().map(|part| (plan, part)).collect();
                rate_parts(&parts, &entitlement, &facts)
            }
            (None, true, true) => Err(wrong("it gives no energy: kwh, days or intervals")),
            _ => Err(wrong("energy is given in more than one way")),
        }
    }

    fn registers(&self) -> Result<Option<[i64; MAX_DAILY_BUCKETS]>, TariffError> {
        let mut by_bucket = [0; MAX_DAILY_BUCKETS];
        let mut any = false;
        for (bucket, name) in Bucket::NAMED {
            if let Some(energy) = self.millionths(&format!("kwh.{name}"))? {
                by_bucket[bucket.index()] = energy;
                any = true;
            }
        }
        if let Some(total) = self.millionths("kwh")? {
            if any {
                let reason = "give kwh or the kwh of buckets, not both".to_owned();
                return Err(TariffError::Usage { reason });
            }
            by_bucket[Bucket::FLAT.index()] = total;
            any = true;
        }
        Ok(any.then_some(by_bucket))
    }

    /// Daily charges, posted day by day, and the month closed over them.
    fn rate_days(
        &self,
        plan: &Plan,
        entitlement: &Entitlement,
        mut before: DayPosition,
        facts: &MonthFacts,
    ) -> Result<RatedBill, TariffError> {
        const OVER: kernel::QuantityError = kernel::QuantityError::Overflow("energy");
        let mut groups: Vec<CellGroup<'_>> = Vec::new();
        let mut posted = Amount::ZERO;
        let mut anew = next_ladder(plan, facts.from, facts.from);
        for (date, by_bucket) in &self.days {
            while let Some(start) = anew.filter(|start| start <= date) {
                before = DayPosition::default();
                anew = next_ladder(plan, facts.from, start);
            }
            let set = plan.set_on(*date);
            let form = plan.daily(set)?;
            let limits = form.limits(entitlement)?;
            let day = form.day_charge(&limits, before, by_bucket)?;
            posted = posted.plus(Amount::from_units(day.charge_units))?;
            for energy in by_bucket {
                before.ytd_ukwh = before.ytd_ukwh.checked_add(*energy).ok_or(OVER)?;
                before.mtd_ukwh = before.mtd_ukwh.checked_add(*energy).ok_or(OVER)?;
            }
            let to = date.tomorrow().map_err(|_| OVER)?;
            if groups.last().is_none_or(|g| g.set != set) {
                let cells_ukwh = [0; MAX_CELLS];
                groups.push(CellGroup { plan, set, from: *date, to, cells_ukwh });
            }
            if let Some(group) = groups.last_mut() {
                group.add(to, &day.cells_ukwh)?;
            }
        }
        close_month(&groups, Some(posted), facts)
    }

    fn interval_list(&self) -> Result<Vec<IntervalUse>, TariffError> {
        let given =
            self.read("interval_minutes", |t| t.parse::<u16>().ok(), "number of minutes")?;
        let starts: Vec<&DateTime> = self.intervals.keys().collect();
        let gaps = starts.windows(2).filter_map(|w| {
            let seconds = w[1].duration_since(*w[0]).as_secs();
            u16::try_from(seconds / 60).ok()
        });
        let minutes = given.or_else(|| gaps.min()).ok_or_else(|| TariffError::Usage {
            reason: "one interval alone needs interval_minutes".to_owned(),
        })?;
        let one = |(start, energy): (&DateTime, &i64)| IntervalUse {
            start: *start,
            minutes,
            energy_ukwh: *energy,
        };
        Ok(self.intervals.iter().map(one).collect())
    }

    fn facts(&self) -> Result<MonthFacts, TariffError> {
        let missing =
            |key: &str| TariffError::Usage { reason: format!("the row {key} is missing") };
        let first = self.days.keys().next().copied();
        let first = first.or(self.intervals.keys().next().map(|t| t.date()));
        let last = self.days.keys().next_back().copied();
        let last = last.or(self.intervals.keys().next_back().map(|t| t.date()));
        let from = self.date("from")?.or(first).ok_or_else(|| missing("from"))?;
        let to = self.date("to")?.or(last.and_then(|d| d.tomorrow().ok()));
        let mut facts = MonthFacts::of_period(from, to.ok_or_else(|| missing("to"))?)?;
        if let Some(share) = self.ratio("month_share")? {
            facts.month_share = share;
        }
        if let Some(days) = self.read("month_days", |t| t.parse().ok(), "number of days")? {
            facts.month_days = days;
        }
        facts.basis = self.read("basis", basis, "basis: capacity, contract or actual")?;
        for (line, text) in &self.capacity {
            let part = capacity(text, facts.month_days);
            let reason = "write 1000, or 1000 days 20 share 1/2";
            facts.capacity.push(part.ok_or_else(|| line_error(*line, reason))?);
        }
        facts.contract_ukw = self.millionths("contract_kw")?;
        facts.actual_ukw = self.millionths("max_demand_kw")?;
        facts.reactive_forward = self.millionths("kvarh_forward")?.map(Reactive::from_ukvarh);
        facts.reactive_reverse = self.millionths("kvarh_reverse")?.map(Reactive::from_ukvarh);
        facts.default_supply = self.yes("default_supply")?;
        facts.estimated_ukwh = self.millionths("estimated_kwh")?.unwrap_or(0);
        facts.transformer = self.transformer()?;
        for (line, key, text) in &self.separate {
            let separate = separate(key, text);
            let reason = "write kWh @ price, such as 2000 @ 0.70";
            facts.separate.push(separate.ok_or_else(|| line_error(*line, reason))?);
        }
        Ok(facts)
    }

    fn transformer(&self) -> Result<Option<TransformerData>, TariffError> {
        let Some(capacity_ukva) = self.millionths("transformer.kva")? else { return Ok(None) };
        Ok(Some(TransformerData {
            capacity_ukva,
            no_load_ukw: self.millionths("transformer.no_load_kw")?.unwrap_or(0),
            load_ukw: self.millionths("transformer.load_kw")?.unwrap_or(0),
            no_load_current: self.ratio("transformer.no_load_current")?.unwrap_or(Ratio::ZERO),
            short_circuit_voltage: self.ratio("transformer.short_circuit")?.unwrap_or(Ratio::ZERO),
        }))
    }
}
