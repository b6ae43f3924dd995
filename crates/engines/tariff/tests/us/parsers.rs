//! The readers of US rates on bad input: nothing panics, and what is refused says where and why.

use lamplight_tariff::profile::{HourlyForm, LoadProfile, parse_kw};
use lamplight_tariff::urdb::{rate_case, rate_urdb, read_rate, read_sam_inputs};
use proptest::prelude::*;

fn year_of(cell: &str) -> String {
    format!("[{}]", vec![format!("[{}]", vec![cell; 24].join(",")); 12].join(","))
}

/// A rate as the database answers it, with every part that is read.
fn rate() -> String {
    let (zero, one) = (year_of("0"), year_of("1"));
    format!(
        r#"{{"label":"x1","name":"Test","utility":"Lamp","sector":"Residential","startdate":1577836800,
"energyratestructure":[[{{"rate":0.1,"adj":-0.01,"max":500,"unit":"kWh","sell":0.05}},{{"rate":0.2,"unit":"kWh"}}],[{{"rate":0.3}}]],
"energyweekdayschedule":{zero},"energyweekendschedule":{one},
"demandratestructure":[[{{"rate":5,"max":10,"unit":"kW"}},{{"rate":6}}]],"demandweekdayschedule":{zero},"demandweekendschedule":{zero},
"flatdemandstructure":[[{{"rate":2.5}}]],"flatdemandmonths":[0,0,0,0,0,0,0,0,0,0,0,0],
"fixedchargefirstmeter":0.5,"fixedchargeunits":"$/day","mincharge":20,"minchargeunits":"$/month","dgrules":"Net Billing Instantaneous"}}"#
    )
}

fn case() -> String {
    let one = year_of("1");
    format!(
        r#"{{"id":7,"load":"residential","scale":1.5,"rates":{{"ur_ec_sched_weekday":{one},"ur_ec_sched_weekend":{one},"ur_ec_tou_mat":[[1,1,100.0,0,0.1,0.0],[1,2,1e+38,0,0.2,0.0]],"ur_monthly_fixed_charge":3.5,"ur_dc_enable":0}},"monthly":{{}}}}"#
    )
}

#[test]
fn a_sound_rate_is_read_and_billed() {
    let rate = read_rate(&rate()).unwrap();
    assert!(rate.notes.is_empty(), "{:?}", rate.notes);
    assert_eq!(rate.plan.head.id, "urdb/x1");
    let form = HourlyForm::new(&rate.plan).unwrap();
    let bill = form.rate(&LoadProfile::from_ukw(vec![1_000_000; 8760]).unwrap()).unwrap();
    // January: 23 weekdays of 24 kWh in period 0 and 8 weekend days in period 1, of which 500
    // kWh of the month lie on the first step; 1 kW of demand twice; 365/12 × 0.5 fixed.
    assert_eq!(bill.months[0].flat_demand.to_string(), "2.500000");
    assert_eq!(bill.months[0].tou_demand.to_string(), "5.000000");
    assert_eq!(bill.months[0].fixed.to_string(), "15.208333");
}

/// A load file of quarter-hours is billed by its quarter-hours, not by its first 8760 values; one
/// of twenty-five years is no load of a year.
#[test]
fn a_finer_load_file_is_billed_whole() {
    let file = |values: usize, repeat: usize| -> String {
        (0..values).map(|at| format!("{}\n", at / repeat)).collect()
    };
    let hourly = rate_urdb(&rate(), &file(8_760, 1)).unwrap();
    assert_eq!(rate_urdb(&rate(), &file(35_040, 4)).unwrap(), hourly);
    assert_ne!(rate_urdb(&rate(), &file(35_040, 1)).unwrap(), hourly);
    let error = rate_urdb(&rate(), &file(25 * 8_760, 1)).unwrap_err().to_string();
    assert!(error.starts_with("the load has 219000 values"), "{error}");
}

#[test]
fn refusals_say_where_and_why() {
    let expected = [
        ("\"rate\":0.3", "\"max\":0", "energyratestructure[1][0]: it has no rate"),
        ("\"rate\":0.3", "\"rate\":\"0.3\"", "line 2, column"),
        ("\"rate\":0.3", "\"rate\":1e30", "energyratestructure[1][0]: the price is too large"),
        ("\"rate\":0.3", "\"rate\":0.3,\"max\":5", "the last tier ends at 5"),
        ("\"unit\":\"kWh\"", "\"unit\":\"MWh\"", "unit \"MWh\""),
        ("\"unit\":\"kW\"", "\"unit\":\"hp\"", "demandratestructure[0][0]: unit \"hp\""),
        ("\"max\":500", "\"max\":-1", "-1 is no limit"),
        ("\"max\":500", "\"max\":0", "must be positive and rise"),
        ("[[0,0", "[[9,0", "energyweekdayschedule[0][0]: period 9 is in the schedule"),
        ("[[0,0", "[[0.5,0", "period 0.5"),
        ("[[0,0", "[[0", "energyweekdayschedule[0]: 23 values"),
        ("$/day", "$/week", "fixedchargeunits: \"$/week\""),
        ("\"fixedchargeunits\":\"$/day\",", "", "fixedchargeunits: it is missing"),
        ("[0,0,0,0,0,0,0,0,0,0,0,0],\n\"fixed", "[0,0,0],\n\"fixed", "flatdemandmonths: 3 values"),
        ("energyratestructure", "energyRateStrux", "energyratestructure: it is missing"),
    ];
    for (from, to, words) in expected {
        let error = read_rate(&rate().replacen(from, to, 1))
            .map_err(|e| e.to_string())
            .and_then(|r| HourlyForm::new(&r.plan).map_err(|e| e.to_string()));
        let error = error.expect_err(to);
        assert!(error.contains(words), "{to}: {error}");
    }
    let cut = read_rate(&rate()[..300]).unwrap_err().to_string();
    assert!(cut.starts_with("line 3, column 80: EOF"), "{cut}");
    let unknown = r#"{"ur_new_charge":1}"#;
    let error = read_sam_inputs("x", unknown).unwrap_err().to_string();
    assert!(error.contains("ur_new_charge"), "{error}");
}

#[test]
fn what_is_not_charged_is_noted() {
    let text = rate().replacen("{", "{\"fixedmonthlycharge\":30,\"dgrules2\":1,", 1);
    let notes = read_rate(&text).unwrap().notes;
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("fixedmonthlycharge 30 is not charged"), "{notes:?}");
}

#[test]
fn a_case_answers_in_one_line_and_names_an_unknown_load() {
    let load = vec![1.0; 9000];
    let answer = rate_case(&case(), |_| Some(&load)).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["id"], 7);
    // 744 h × 1.5 kW = 1116 kWh: 100 at 0.1, the rest at 0.2.
    assert_eq!(answer["monthly"]["charge_wo_sys_ec_ym"][0], 213.2);
    assert_eq!(answer["monthly"]["utility_bill_wo_sys_ym"][0], 216.7);
    let error = rate_case(&case(), |_| None).unwrap_err().to_string();
    assert!(error.contains("no pvsamv1_residential_load.csv, which is residential"), "{error}");
    let elsewhere = case().replacen("residential", "industrial", 1);
    let error = rate_case(&elsewhere, |_| None).unwrap_err().to_string();
    assert!(error.contains("there is no load \"industrial\"; known are residential"), "{error}");
    let broken = case().replacen("0.1,", "\"a\",", 1);
    let at = broken.find("\"a\"").unwrap();
    let error = rate_case(&broken, |_| Some(&load)).unwrap_err().to_string();
    // The reader counts to the comma after the value.
    assert!(error.starts_with(&format!("line 1, column {}: expected a number", at + 4)), "{error}");
}

/// What a careless hand or a broken line does to a text.
#[derive(Debug, Clone)]
enum Damage {
    Cut(usize),
    Drop(usize),
    Put(usize, char),
    Twice(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let signs = "{}[]\",:-.e019 ntf\u{0}é".chars().collect::<Vec<_>>();
    prop_oneof![
        any::<usize>().prop_map(Damage::Cut),
        any::<usize>().prop_map(Damage::Drop),
        (any::<usize>(), prop::sample::select(signs)).prop_map(|(at, c)| Damage::Put(at, c)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, n)| Damage::Twice(at, n)),
    ]
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for damage in damages {
        let length = chars.len().max(1);
        match *damage {
            Damage::Cut(at) => chars.truncate(at % length),
            Damage::Drop(at) if !chars.is_empty() => drop(chars.remove(at % length)),
            Damage::Drop(_) => {}
            Damage::Put(at, c) => chars.insert(at % (chars.len() + 1), c),
            Damage::Twice(at, n) => {
                let at = at % length;
                let piece: Vec<char> = chars.iter().skip(at).take(n).copied().collect();
                chars.splice(at.min(chars.len())..at.min(chars.len()), piece);
            }
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn damaged_rates_never_panic_and_refusals_have_words(
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let text = damaged(&rate(), &damages);
        match read_rate(&text) {
            Ok(rate) => {
                let load = LoadProfile::from_ukw(vec![1_500_000; 8760]).unwrap();
                if let Ok(form) = HourlyForm::new(&rate.plan) {
                    let _ = form.rate(&load);
                }
            }
            Err(error) => prop_assert!(error.to_string().len() > 10),
        }
    }

    #[test]
    fn damaged_cases_never_panic(damages in prop::collection::vec(damage(), 1..6)) {
        let load = vec![1.0; 8760];
        if let Err(error) = rate_case(&damaged(&case(), &damages), |_| Some(&load)) {
            prop_assert!(error.to_string().len() > 10);
        }
    }

    #[test]
    fn no_load_file_panics(text in "\\PC{0,200}", lines in prop::collection::vec("[-0-9.,eE\"]{0,12}", 0..20)) {
        let _ = (parse_kw(&text), parse_kw(&lines.join("\n")));
    }
}
