//! Windows: every hour once, by month, kind of day, holiday and measured temperature.

use kernel::{BusinessCalendar, DayKind, Fault};
use lamplight_tariff::{Bucket, DaySlots, Plan, TariffError, Weather};

use crate::cn::support::{day, library, plan, plan_of};

/// `0-8 valley, 8-22 peak, …` of a day.
fn said(slots: &DaySlots) -> String {
    let name = |b: Bucket| Bucket::NAMED[b.index()].1;
    let clock = |slot: usize| match slot % 4 {
        0 => format!("{}", slot / 4),
        quarter => format!("{}:{:02}", slot / 4, quarter * 15),
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for slot in 1..=slots.len() {
        if slot == slots.len() || slots[slot] != slots[from] {
            parts.push(format!("{}-{} {}", clock(from), clock(slot), name(slots[from])));
            from = slot;
        }
    }
    parts.join(", ")
}

fn on(plan: &Plan, date: &str, weather: &Weather) -> Result<String, TariffError> {
    let calendar = library().calendar_of(plan)?;
    plan.windows.on(day(date), &calendar, weather).map(|slots| said(&slots))
}

#[test]
fn windows_wrap_past_midnight() {
    let plan = plan("zhejiang/residential-tou", "2025-07-01");
    let said = on(plan, "2025-07-01", &Weather::default()).unwrap();
    assert_eq!(said, "0-8 valley, 8-22 peak, 22-24 valley");
}

#[test]
fn zhejiang_seasons_and_deep_valley_on_listed_holidays() {
    let plan = plan("zhejiang/industrial-commercial-tou", "2025-07-01");
    let none = Weather::default();
    assert_eq!(
        on(plan, "2025-07-15", &none).unwrap(),
        "0-8 valley, 8-9 peak, 9-11 sharp, 11-13 valley, 13-15 flat, 15-17 sharp, 17-23 peak, \
         23-24 flat"
    );
    let autumn = "0-8 valley, 8-11 peak, 11-13 valley, 13-17 peak, 17-24 flat";
    assert_eq!(on(plan, "2025-10-15", &none).unwrap(), autumn);
    assert_eq!(
        on(plan, "2025-10-02", &none).unwrap(),
        "0-8 valley, 8-10 peak, 10-14 deep, 14-17 peak, 17-24 flat"
    );
    // A make-up working Saturday and a holiday that the decree does not list stay ordinary.
    assert_eq!(on(plan, "2025-10-11", &none).unwrap(), autumn);
    assert!(!on(plan, "2025-04-04", &none).unwrap().contains("deep"));
}

/// Story T-11: Guangzhou 35.2 °C on 9 October adds sharp hours on that date only.
#[test]
fn a_hot_day_adds_sharp_hours_to_itself_only() {
    let plan = plan("guangdong/industrial-commercial-tou", "2025-10-09");
    let mut weather = Weather::default();
    for (date, max_dc) in [("2025-10-08", 349), ("2025-10-09", 352), ("2025-10-10", 350)] {
        weather.set("guangzhou", day(date), max_dc);
    }
    let plain = "0-8 valley, 8-10 flat, 10-12 peak, 12-14 flat, 14-19 peak, 19-24 flat";
    let hot = "0-8 valley, 8-10 flat, 10-11 peak, 11-12 sharp, 12-14 flat, 14-15 peak, \
               15-17 sharp, 17-19 peak, 19-24 flat";
    assert_eq!(on(plan, "2025-10-08", &weather).unwrap(), plain);
    assert_eq!(on(plan, "2025-10-09", &weather).unwrap(), hot);
    assert_eq!(on(plan, "2025-10-10", &weather).unwrap(), hot); // 35.0 is at least 35
    // From July to September every day is so, measured or not.
    assert_eq!(on(plan, "2025-08-01", &weather).unwrap(), hot);
    // Outside, a missing measurement is asked for, not guessed.
    let missing = on(plan, "2025-10-12", &weather).unwrap_err();
    assert_eq!(missing.code(), "tariff.temperature_missing");
    assert!(missing.to_string().contains("guangzhou for 2025-10-12"), "{missing}");
}

#[test]
fn three_hot_days_in_a_row() {
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { sharp = \"1.2\", flat = \"0.6\" }\n\
         [[windows]]\nrest = \"flat\"\n\
         [[override]]\nname = \"hot\"\nsharp = [\"13:00-14:00\", \"21:00-23:00\"]\n\
         temperature = { station = \"chengdu\", at_least_c = \"35\", consecutive_days = 3 }\n",
    );
    let mut weather = Weather::default();
    for (date, max_dc) in [("06-01", 360), ("06-02", 355), ("06-03", 350), ("06-04", 349)] {
        weather.set("chengdu", day(&format!("2025-{date}")), max_dc);
    }
    for (date, hot) in [("2025-06-03", true), ("2025-06-04", false)] {
        let said = on(&plan, date, &weather).unwrap();
        assert_eq!(said.contains("13-14 sharp"), hot, "{date}: {said}");
    }
}

#[test]
fn guizhou_and_yunnan_as_transcribed() {
    let none = Weather::default();
    let guizhou = plan("guizhou/industrial-commercial-tou", "2025-07-01");
    assert_eq!(
        on(guizhou, "2025-07-15", &none).unwrap(),
        "0-8 valley, 8-10 flat, 10-13 peak, 13-17 flat, 17-22 peak, 22-24 flat"
    );
    let yunnan = plan("yunnan/industrial-commercial-tou", "2025-07-01");
    assert_eq!(
        on(yunnan, "2025-12-15", &none).unwrap(),
        "0-2 flat, 2-6 valley, 6-7 flat, 7-9 peak, 9-12 flat, 12-16 valley, 16-18 flat, 18-24 peak"
    );
}

#[test]
fn jiangsu_and_shandong_and_hubei_as_transcribed() {
    let none = Weather::default();
    let jiangsu = plan("jiangsu/industrial-commercial-tou", "2025-07-01");
    assert_eq!(
        on(jiangsu, "2025-10-15", &none).unwrap(),
        "0-2 flat, 2-6 valley, 6-10 flat, 10-14 valley, 14-15 flat, 15-22 peak, 22-24 flat"
    );
    assert_eq!(
        on(jiangsu, "2025-12-15", &none).unwrap(),
        "0-6 valley, 6-11 flat, 11-13 valley, 13-14 flat, 14-22 peak, 22-24 flat"
    );
    let shandong = plan("shandong/industrial-commercial-tou", "2025-01-15");
    assert_eq!(
        on(shandong, "2025-01-15", &none).unwrap(),
        "0-2 flat, 2-6 valley, 6-7 flat, 7-9 peak, 9-10 flat, 10-11 valley, 11-14 deep, \
         14-15 valley, 15-16 flat, 16-19 sharp, 19-21 peak, 21-24 flat"
    );
    let hubei = plan("hubei/industrial-two-part-10kv", "2026-01-15");
    assert_eq!(
        on(hubei, "2026-01-15", &none).unwrap(),
        "0-6 valley, 6-12 flat, 12-14 valley, 14-16 flat, 16-18 peak, 18-20 sharp, 20-24 peak"
    );
}

fn refused(windows: &str) -> TariffError {
    let text = format!(
        "[tariff]\nid = \"x/y\"\nname = {{ zh = \"例\", en = \"case\" }}\nregion = \"x\"\n\
         class = \"x\"\ndecree = \"x\"\nsource = \"x\"\nconfidence = \"K\"\n\
         valid_from = \"2000-01-01\"\n[energy]\n[[energy.set]]\n\
         prices = {{ peak = \"1\", flat = \"0.6\", valley = \"0.3\" }}\n{windows}"
    );
    Plan::from_toml("x", &text, library().tables()).unwrap_err()
}

#[test]
fn a_hole_is_named_by_month_kind_and_time() {
    let error = refused(
        "[[windows]]\npeak = [\"08:00-22:00\"]\nvalley = [\"22:00-07:30\"]\n\
         [[windows]]\nmonths = [1]\ndays = [\"working\"]\nflat = [\"07:30-08:00\"]\n",
    );
    assert_eq!(
        error.to_string(),
        "tariff x/y: month 1, weekend days: 07:30-08:00 is in no window; add it to one"
    );
}

#[test]
fn an_overlap_is_named_with_both_buckets() {
    let error = refused("[[windows]]\npeak = [\"08:00-22:00\"]\nvalley = [\"21:45-08:00\"]\n");
    assert_eq!(
        error.to_string(),
        "tariff x/y: month 1, working days: 21:45-22:00 is both peak and valley; keep one"
    );
    for bad in ["08:10-22:00", "8-22", "10:00-10:00", "00:00-24:15", "9999:00-8:00", "noon"] {
        let error = refused(&format!("[[windows]]\npeak = [\"{bad}\"]\nrest = \"flat\"\n"));
        assert_eq!(error.code(), "tariff.value", "{bad}: {error}");
    }
}

/// Every bundled plan has one bucket for every quarter-hour of every day of two years.
#[test]
fn every_plan_covers_every_day() {
    let mut weather = Weather::default();
    for year in [2025, 2026] {
        for ordinal in 0..365 {
            let date = kernel::Date::constant(year, 1, 1)
                .checked_add(jiff::ToSpan::days(ordinal))
                .unwrap();
            weather.set("guangzhou", date, if ordinal % 3 == 0 { 355 } else { 300 });
        }
    }
    for plan in library().plans() {
        let calendar = library().calendar_of(plan).unwrap();
        for (&(date, _), ()) in dates(&calendar).iter().zip(std::iter::repeat(())) {
            let slots = plan.windows.on(date, &calendar, &weather).unwrap();
            for bucket in slots {
                let column = plan.column_of(bucket);
                assert_eq!(plan.buckets[column].bucket, bucket, "{} {date}", plan.head.id);
            }
        }
    }
}

fn dates(calendar: &BusinessCalendar) -> Vec<(kernel::Date, DayKind)> {
    let (first, last) = (day("2025-01-02"), day("2026-12-31"));
    kernel::DatePeriod::new(first, last)
        .unwrap()
        .iter_days()
        .map(|d| (d, calendar.kind(d).unwrap()))
        .collect()
}
