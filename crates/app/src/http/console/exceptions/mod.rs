//! Findings about readings: the worklist, one finding with its evidence, and the decision.

mod decide;
mod list;
mod one;

use access::Right;
use serde::Deserialize;
use supply::readings::ExceptionRow;

use crate::http::{
    Guard, Route,
    i18n::{Locale, Words},
    ui::{Badge, Sign},
};

/// The worklist.
const PATH: &str = "/console/exceptions";

/// How long a decision may take, in seconds: the touched days are settled again at once.
const DECIDE_S: u64 = 120;

pub(super) fn routes() -> Vec<Route> {
    let read = Guard::Right(Right::ReadingRead);
    let act = Guard::Right(Right::ExceptionDecide);
    vec![
        Route::get(PATH, "supply", read, list::show),
        Route::get(
            "/console/exceptions.csv",
            "supply",
            Guard::Right(Right::ExportData),
            list::export,
        ),
        Route::get("/console/exceptions/{id}", "supply", read, one::show),
        Route::post("/console/exceptions/{id}", "supply", act, decide::decide).timeout_s(DECIDE_S),
        Route::post("/console/exceptions/{id}/reopen", "supply", act, decide::reopen)
            .timeout_s(DECIDE_S),
    ]
}

/// How much a finding holds up.
fn severity(t: Words, severity: &str) -> Badge {
    let sign = match severity {
        "stop" => Sign::Bad,
        "warn" => Sign::Warn,
        _ => Sign::Info,
    };
    Badge::new(sign, t.of("severity", severity))
}

/// How a finding stands.
fn state(t: Words, row: &ExceptionRow) -> Badge {
    match (row.state.as_str(), row.decision.as_deref()) {
        ("open", Some(decision)) => Badge::new(Sign::Warn, t.of("finding_decision", decision)),
        ("open", None) => Badge::new(Sign::Neutral, t.of("finding_state", "open")),
        ("decided", Some(decision)) => Badge::new(Sign::Ok, t.of("finding_decision", decision)),
        (state, _) => Badge::new(Sign::Info, t.of("finding_state", state)),
    }
}

/// What a finding says and the numbers it was found by, as settlement has stored them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    zh: String,
    en: String,
    held: bool,
    numbers: Vec<Number>,
}

#[derive(Debug, Deserialize)]
struct Number {
    name: String,
    value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Value {
    Count(i64),
    Energy(i64),
    Decimal(i64, u32),
}

impl Said {
    fn of(row: &ExceptionRow) -> Self {
        serde_json::from_str(&row.finding).unwrap_or_default()
    }

    fn say(&self, t: Words) -> &str {
        match t.locale() {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
}

impl Number {
    /// The value as people read it; a name that ends in percent says so itself.
    fn shown(&self, t: Words) -> String {
        match self.value {
            Value::Count(count) => t.number(count),
            Value::Energy(ukwh) => t.energy(kernel::Energy::from_ukwh(ukwh)),
            Value::Decimal(value, scale) => t.decimal(i128::from(value), scale, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_read_back() {
        let text = r#"{"zh":"甲","en":"A","held":true,"numbers":[
            {"name":"days","value":{"count":12}},
            {"name":"use","value":{"energy":45003940000}},
            {"name":"value","value":{"decimal":[125,3]}}]}"#;
        let words: Said = serde_json::from_str(text).unwrap();
        let t = Words(Locale::En);
        let shown: Vec<String> = words.numbers.iter().map(|n| n.shown(t)).collect();
        assert_eq!(shown, ["12", "45,003.94\u{a0}kWh", "0.125"]);
        assert!(words.held && words.say(t) == "A");
    }
}
