//! Taipower's price list (2025-10-01) fits the same documents: six tiers by season, seasons
//! that begin inside a month, Saturdays of their own. The list states no worked bills, so the
//! price of every hour of a year is compared with the list read plainly.

use std::fmt::Write as _;

use kernel::{BusinessCalendar, Date, DatePeriod, DayKind, Rate};
use lamplight_tariff::{Bucket, DayPosition, Plan, Scheme, Weather};
use serde_json::Value;

use crate::cn::support::{day, library, shared_json, usage};

fn amount(value: &Value) -> String {
    value.to_string()
}

fn cents(value: &Value) -> u64 {
    u64::try_from(kernel::parse_decimal(&value.to_string(), 2, "price").unwrap()).unwrap()
}

fn head(id: &str) -> String {
    format!(
        "[tariff]\nid = \"taipower/{id}\"\nname = {{ zh = \"台電\", en = \"Taipower\" }}\n\
         region = \"台灣\"\nclass = \"x\"\ncurrency = \"TWD\"\ntime_zone = \"Asia/Taipei\"\n\
         calendar = \"tw\"\ndecree = \"20251001\"\nsource = \"shared case\"\n\
         confidence = \"V2\"\nvalid_from = \"2025-10-01\"\n[energy]\n"
    )
}

/// `mm-dd..mm-dd` of a season by name.
fn span(list: &Value, season: &str) -> String {
    let found = list.as_array().unwrap().iter().find(|s| s["name"] == season).unwrap();
    format!("{}..{}", found["start"].as_str().unwrap(), found["end"].as_str().unwrap())
}

/// Our bucket of a period; a Saturday's half peak has a price of its own.
fn key(period: &str, day_type: &str) -> &'static str {
    match (period, day_type) {
        ("peak", _) => "peak",
        ("semi_peak", "saturday") => "deep",
        ("semi_peak", _) => "flat",
        ("off_peak", _) => "valley",
        other => panic!("period {other:?}"),
    }
}

fn price<'a>(plan: &'a Value, season: &str, period: &str, day_type: &str) -> Option<&'a Value> {
    let rates = plan["rates"].as_array()?;
    let found = rates.iter().find(|r| {
        r["season"] == season
            && r["period"] == period
            && r.get("day_type").is_none_or(|d| d == day_type)
    });
    found.map(|r| &r["cost"])
}

/// A time-of-use plan as a document: flat by default, every kind of day an override.
fn document(plan: &Value, seasons: &Value) -> String {
    let mut text = head(plan["id"].as_str().unwrap());
    let schedules = plan["schedules"].as_array().unwrap();
    let mut windows = String::from("[[windows]]\nrest = \"valley\"\n");
    let used: std::collections::BTreeSet<(&str, &str)> = schedules
        .iter()
        .map(|s| (s["period"].as_str().unwrap(), s["day_type"].as_str().unwrap()))
        .collect();
    for season in ["summer", "non_summer"] {
        let days = span(seasons, season);
        let mut prices = std::collections::BTreeMap::new();
        for (period, day_type) in &used {
            let cost = price(plan, season, period, day_type).map_or("0".to_owned(), amount);
            let slot = prices.entry(key(period, day_type)).or_insert_with(|| "0".to_owned());
            if cost != "0" {
                *slot = cost;
            }
        }
        let list: Vec<String> = prices.iter().map(|(k, v)| format!("{k} = \"{v}\"")).collect();
        let surcharge = &plan["over_2000_kwh_surcharge"];
        let tiers = if surcharge.is_number() {
            format!("limits = [\"2000\"]\nadders = [\"{}\"]\n", amount(surcharge))
        } else {
            String::new()
        };
        writeln!(
            text,
            "[[energy.set]]\nlabel = {{ zh = \"{season}\", en = \"{season}\" }}\n\
             days = [\"{days}\"]\nprices = {{ {} }}\n{tiers}",
            list.join(", ")
        )
        .unwrap();
        for (day_type, ours) in [
            ("weekday", "\"working\""),
            ("saturday", "\"saturday\""),
            ("sunday_holiday", "\"sunday\", \"holiday\""),
        ] {
            let own =
                schedules.iter().filter(|s| s["season"] == season && s["day_type"] == day_type);
            let mut by_key = std::collections::BTreeMap::<&str, Vec<String>>::new();
            for s in own {
                let (from, to) = (s["start"].as_str().unwrap(), s["end"].as_str().unwrap());
                let bucket = key(s["period"].as_str().unwrap(), day_type);
                by_key.entry(bucket).or_default().push(format!("\"{from}-{to}\""));
            }
            write!(
                windows,
                "[[override]]\nname = \"{season} {day_type}\"\nseason = [\"{days}\"]\n\
                 days = [{ours}]\n"
            )
            .unwrap();
            for (bucket, ranges) in by_key {
                writeln!(windows, "{bucket} = [{}]", ranges.join(", ")).unwrap();
            }
        }
    }
    if plan["basic_fee"].is_number() {
        write!(
            windows,
            "[[fixed]]\nkey = \"basic\"\nlabel = {{ zh = \"基本電費\", en = \"basic fee\" }}\n\
             rate = \"{}\"\nper = \"month\"\n",
            amount(&plan["basic_fee"])
        )
        .unwrap();
    }
    text + &windows
}

fn calendar() -> BusinessCalendar {
    let mut calendar = BusinessCalendar::weekdays_only();
    let holiday = (DayKind::Holiday, "國慶日".to_owned());
    calendar.exceptions.insert(day("2025-10-10"), holiday.clone());
    calendar.exceptions.insert(day("2026-02-28"), holiday); // a Saturday
    calendar
}

fn in_season(list: &Value, date: Date) -> &'static str {
    let at = date.strftime("%m-%d").to_string();
    let summer = span(list, "summer");
    let (from, to) = summer.split_once("..").unwrap();
    if at.as_str() >= from && at.as_str() <= to { "summer" } else { "non_summer" }
}

#[test]
fn every_hour_of_every_time_of_use_plan_has_the_listed_price() {
    let Some(data) = shared_json("cases/billing/taipower/plans.json") else { return };
    let calendar = calendar();
    let mut hours = 0;
    for listed in data["plans"].as_array().unwrap() {
        if listed["type"] != "TOU" {
            continue;
        }
        // Batch-production plans price peaks by agreed dates, which the list does not state.
        let seasons = &data["definitions"][listed["season_strategy"].as_str().unwrap()];
        let text = document(listed, seasons);
        let plan = Plan::from_toml("taipower", &text, library().tables())
            .unwrap_or_else(|e| panic!("{e}\n{text}"));
        let year = DatePeriod::new(day("2025-10-01"), day("2026-10-01")).unwrap();
        for date in year.iter_days() {
            let slots = plan.windows.on(date, &calendar, &Weather::default()).unwrap();
            let season = in_season(seasons, date);
            let day_type = match (calendar.kind(date).unwrap(), date.weekday()) {
                (DayKind::Working, _) => "weekday",
                (DayKind::Weekend, jiff::civil::Weekday::Saturday) => "saturday",
                _ => "sunday_holiday",
            };
            let Scheme::Adders { rates, .. } = &plan.sets[plan.set_on(date)].scheme else {
                panic!("adders expected")
            };
            for hour in 0..24 {
                let clock = format!("{hour:02}:00");
                let window = listed["schedules"].as_array().unwrap().iter().find(|s| {
                    s["season"] == season
                        && s["day_type"] == day_type
                        && s["start"].as_str().unwrap() <= clock.as_str()
                        && clock.as_str() < s["end"].as_str().unwrap()
                });
                let window = window.unwrap_or_else(|| panic!("{} {date} {clock}", listed["id"]));
                let period = window["period"].as_str().unwrap();
                let stated = price(listed, season, period, day_type);
                let ours = rates[plan.column_of(slots[hour * 4])];
                let stated = stated.map_or(Rate::ZERO, |c| Rate::parse(&amount(c)).unwrap());
                assert_eq!(ours, stated, "{} {date} {clock}", listed["id"]);
                hours += 1;
            }
        }
    }
    assert!(hours >= 8760 * 15, "{hours}");
}

#[test]
fn six_tiers_by_season() {
    let Some(data) = shared_json("cases/billing/taipower/plans.json") else { return };
    let seasons = &data["definitions"]["seasons"];
    for listed in data["plans"].as_array().unwrap().iter().filter(|p| p["type"] == "TIERED") {
        let tiers = listed["tiers"].as_array().unwrap();
        let mut text = head(listed["id"].as_str().unwrap());
        for season in ["summer", "non_summer"] {
            let limits: Vec<String> =
                tiers.iter().filter_map(|t| Some(format!("\"{}\"", t["max"].as_u64()?))).collect();
            let prices: Vec<String> =
                tiers.iter().map(|t| format!("{{ flat = \"{}\" }}", t[season])).collect();
            writeln!(
                text,
                "[[energy.set]]\nlabel = {{ zh = \"{season}\", en = \"{season}\" }}\n\
                 days = [\"{}\"]\nlimits = [{}]\ntiers = [{}]",
                span(seasons, season),
                limits.join(", "),
                prices.join(", ")
            )
            .unwrap();
        }
        text += "[rounding]\nenergy_total = { mode = \"half_up\", step = \"1\" }\n";
        let plan = Plan::from_toml("taipower", &text, library().tables()).unwrap();
        for (from, to, season) in
            [("2026-07-01", "2026-08-01", "summer"), ("2026-01-01", "2026-02-01", "non_summer")]
        {
            for kwh in [0_u64, 120, 121, 330, 499, 700, 1_001, 2_345] {
                let mut sum = 0;
                for tier in tiers {
                    let (min, max) = (tier["min"].as_u64().unwrap(), tier["max"].as_u64());
                    let below = min.saturating_sub(1);
                    let within = kwh.min(max.unwrap_or(u64::MAX)).saturating_sub(below);
                    sum += within * cents(&tier[season]);
                }
                let text = kwh.to_string();
                let usage = usage(from, to, &[(Bucket::FLAT, &text)], DayPosition::default());
                let bill = crate::cn::support::bill(&plan, &usage);
                let dollars = i64::try_from((sum + 50) / 100).unwrap();
                assert_eq!(bill.total.units(), dollars * 10_000, "{} {kwh}", listed["id"]);
            }
        }
    }
}
