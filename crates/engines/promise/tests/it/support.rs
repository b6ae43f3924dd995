//! A promise, a calendar and instants to test with.

use kernel::{BusinessCalendar, Instant, Zone};
use promise::{Library, Pack, Rule, Timetable, plain};

/// An instant from its civil time in Shanghai.
pub fn at(text: &str) -> Instant {
    let civil: jiff::civil::DateTime = text.parse().expect("a date and time");
    shanghai().instant_of(civil).expect("an instant")
}

/// The zone of the tests.
pub fn shanghai() -> Zone {
    Zone::get("Asia/Shanghai").expect("a zone")
}

/// The National Day of 2026 as in rules/calendars/cn-2026.toml (国办发明电〔2025〕7号).
pub fn national_day() -> BusinessCalendar {
    let off: Vec<kernel::Date> = (1..=7).map(|d| kernel::Date::constant(2026, 10, d)).collect();
    let worked = [kernel::Date::constant(2026, 9, 20), kernel::Date::constant(2026, 10, 10)];
    BusinessCalendar { years: Some((2026, 2026)), ..plain::calendar(&off, &worked) }
}

/// A timetable of the year 2026 with the hours of these packs.
pub fn timetable(library: &Library) -> Timetable {
    Timetable::compile(&shanghai(), &national_day(), library.hours(), (2026, 2026))
        .expect("a timetable")
}

/// A library of one pack with one promise, and that promise.
pub fn one(promise: &str) -> (Library, Rule) {
    let text = format!(
        r#"
        [pack]
        id = "test"
        title = {{ zh = "测试", en = "Test" }}
        region = "CN"
        warnings = [50, 75, 90, 100]
        at_risk = 75
        [[hours]]
        name = "office"
        weekdays = ["mon", "tue", "wed", "thu", "fri"]
        open = "08:30"
        close = "17:30"
        breaks = [["12:00", "14:00"]]
        [[promise]]
        id = "p"
        title = {{ zh = "承诺", en = "Promise" }}
        trigger = "test.happened"
        beneficiary = "customer"
        valid_from = "2020-01-01"
        source = "a test"
        confidence = "design"
        {promise}
        "#
    );
    let pack = Pack::parse("test.toml", &text).expect("a pack");
    let rule = pack.rules[0].clone();
    (Library::of(vec![pack]).expect("a library"), rule)
}
