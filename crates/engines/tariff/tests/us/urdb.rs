//! Thirty real rates of the US Utility Rate Database × three loads, billed by PySAM 7.1.1.

use lamplight_tariff::profile::{HourlyForm, LoadProfile};
use lamplight_tariff::urdb::{monthly_json, read_rate};

use super::support::{billing_cases, largest_difference, loads};

/// What the reference engine refuses, and what this one does with it.
const REFUSED_THERE: [(&str, &str); 4] = [
    ("539fb6c7ec4f", "period 1 is in the schedule but has no price"),
    ("539fc25dec4f", "it has no rate"),
    ("5439f3aceb", "rated: tier limits differ between periods"),
    ("ced129499a", "rated: numbers of tiers differ between periods"),
];

#[test]
fn real_rates_agree_with_the_reference_engine() {
    let Some(billing) = billing_cases() else { return };
    let loads = loads(&billing);
    let text = std::fs::read_to_string(billing.join("urdb_pysam_oracle.json")).unwrap();
    let oracle: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut agree, mut largest) = (0, 0.0_f64);
    for row in oracle["rows"].as_array().unwrap() {
        let file = row["file"].as_str().unwrap();
        let text = std::fs::read_to_string(billing.join("urdb").join(file)).unwrap();
        let rate = read_rate(&text);
        let Some(theirs) = row.get("monthly") else {
            let known = REFUSED_THERE.iter().find(|(f, _)| file.starts_with(f));
            let (_, expected) = known.expect(file);
            match rate {
                Ok(rate) => {
                    assert!(expected.starts_with("rated"), "{file}");
                    let form = HourlyForm::new(&rate.plan).unwrap();
                    form.rate(&LoadProfile::from_kw(&loads[1].1, 1.0).unwrap()).unwrap();
                }
                Err(error) => assert!(error.to_string().contains(expected), "{file}: {error}"),
            }
            continue;
        };
        let form = HourlyForm::new(&rate.expect(file).plan).expect(file);
        let load = loads.iter().find(|(name, _)| *name == row["load"]).unwrap();
        let bill = form.rate(&LoadProfile::from_kw(&load.1, 1.0).unwrap()).unwrap();
        let ours: serde_json::Value = serde_json::from_str(&monthly_json(&bill)).unwrap();
        let difference = largest_difference(&ours, theirs);
        assert!(difference < 0.01, "{file} × {}: {difference}", load.0);
        largest = largest.max(difference);
        agree += 1;
    }
    assert_eq!(agree, 78);
    eprintln!("{agree} rates × loads agree: largest difference {largest:.7} dollars");
}
