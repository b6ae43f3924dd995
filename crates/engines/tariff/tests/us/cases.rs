//! 300 random US rates, billed by PySAM 7.1.1 (`random_pysam_oracle.jsonl.gz`).

use lamplight_tariff::urdb::rate_case;

use super::support::{billing_cases, gunzip, largest_difference, loads};

#[test]
fn random_rates_agree_with_the_reference_engine() {
    let Some(billing) = billing_cases() else { return };
    let loads = loads(&billing);
    let text = gunzip(&billing.join("random_pysam_oracle.jsonl.gz"));
    let mut largest = 0.0_f64;
    let mut count = 0;
    for line in text.lines() {
        let load_of =
            |name: &str| loads.iter().find(|(n, _)| *n == name).map(|(_, l)| l.as_slice());
        let ours = rate_case(line, load_of).unwrap();
        let ours: serde_json::Value = serde_json::from_str(&ours).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(ours["id"], theirs["id"]);
        let difference = largest_difference(&ours["monthly"], &theirs["monthly"]);
        // Loads are rounded to a millionth of a kW once; a cent is the requirement.
        assert!(difference < 0.001, "case {}: {difference}", theirs["id"]);
        largest = largest.max(difference);
        count += 1;
    }
    assert_eq!(count, 300);
    eprintln!("300 random rates: largest difference {largest:.7} dollars");
}
