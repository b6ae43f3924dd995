//! NEM12 and NEM13 against the reference decodes of 92 files.

use lamplight_metering::{
    codec::{
        CodecError, Limits, Policy,
        nem::{self, Item, Options, decode_nem12_summary},
    },
    reading::Mark,
};
use serde_json::Value;

use crate::{read, shared, unxz};

/// The strict decode of every file with an answer, refused files included.
#[test]
fn all_files_equal_the_reference_decodes() {
    let Some(folder) = shared("data/meter/nem12_aemo") else { return };
    let expected: Value = serde_json::from_slice(&read(&folder.join("expected.json"))).unwrap();
    let mut wrong = Vec::new();
    let mut readings = 0;
    for (name, answers) in expected.as_object().unwrap() {
        let found = match decode_nem12_summary(&read(&folder.join(name)), name) {
            Ok(summary) => serde_json::to_value(summary).unwrap(),
            Err(error) => serde_json::to_value(error).unwrap(),
        };
        if found == answers["strict"] {
            readings += count(&found);
        } else {
            wrong.push(format!("{name}\n  found    {found}\n  expected {}", answers["strict"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(expected.as_object().unwrap().len(), 92);
    assert_eq!(readings, 88_763);
}

fn count(summary: &Value) -> u64 {
    let points = summary["nmis"].as_object().into_iter().flat_map(|points| points.values());
    points
        .flat_map(|c| c.as_object().into_iter().flat_map(|c| c.values()))
        .filter_map(|c| c["n"].as_u64())
        .sum()
}

/// Two exports as a retailer gave them to customers: no header, one spoilt by a spreadsheet.
#[test]
fn a_customers_own_export_without_header() {
    for (name, days, questionable) in [("meter01", 1_034, 0), ("meter02", 681, 0)] {
        let Some(path) = shared(&format!("data/meter/gravitas_sgsc/{name}.csv.xz")) else { return };
        let Some(bytes) = unxz(&path) else { return };
        let options = Options { header_required: false, ..Options::default() };
        let (mut found, mut sum, mut marks) = (0, 0, std::collections::BTreeMap::new());
        let mut take = |item: Item<'_>| {
            if let Item::Day(channel, day) = item {
                let block = day.block(channel).unwrap();
                found += 1;
                sum += block.sum() * 10_i128.pow(u32::from(9 - block.scale()));
                block.marks().iter().for_each(|m| *marks.entry(m.name()).or_insert(0) += 1);
            }
        };
        let report = nem::decode(bytes.as_slice(), name, options, &mut take).unwrap();
        eprintln!(
            "{name}: {found} days, {} kWh, {marks:?}, {:?}",
            sum / 1_000_000_000,
            report.problems.first()
        );
        assert_eq!((found, report.problem_count), (days, questionable), "{name}");
        let strict = nem::decode(bytes.as_slice(), name, Options::default(), &mut |_| {});
        assert!(strict.unwrap_err().to_string().contains("must start with a 100 row"));
    }
}

#[test]
fn a_day_becomes_a_block_in_kwh_with_marks() {
    let values = vec!["250"; 48].join(",");
    let text = format!(
        "100,NEM12,202606300000,M,R\n200,NMI1,E1,1,E1,N1,S1,Wh,30,\n300,20260629,{values},V,,,20260630,\n\
         400,1,47,A,,\n400,48,48,S14,1,x\n900\n"
    );
    let mut blocks = Vec::new();
    let mut take = |item: Item<'_>| {
        if let Item::Day(channel, day) = item {
            blocks.push(day.block(channel).unwrap());
        }
    };
    nem::decode(text.as_bytes(), "x", Options::default(), &mut take).unwrap();
    assert_eq!(blocks[0].from().to_string(), "2026-06-28T14:00:00Z");
    assert_eq!((blocks[0].values()[0], blocks[0].scale()), (Some(25), 2));
    assert_eq!(blocks[0].marks()[46], Mark::VALID);
    assert!(blocks[0].marks()[47].is_estimate());
}

#[test]
fn each_bad_record_is_named_and_the_good_ones_kept() {
    let day = |date: &str| format!("300,{date},{},A,,,20260630,\n", vec!["1"; 48].join(","));
    let text = format!(
        "100,NEM12,202606300000,M,R\n{}200,NMI1,E1,1,E1,N1,S1,kWh,30,\n{}{}200,NMI1,E1,1,E1,N1,S1,furlong,30,\n{}\
         200,NMI2,E1,1,E1,N1,S1,kWh,7,\n200,NMI2,E1,1,E1,N1,S1,kWh,30,\n{}400,0,49,A,,\nabc,1\n300,20260628,1,2\n",
        day("20260601"),
        day("20260629"),
        day("20269999"),
        day("20260629"),
        day("20260629")
    );
    let decode = |policy| {
        let options = Options { policy, limits: Limits::default(), header_required: true };
        nem::decode(text.as_bytes(), "bad.csv", options, &mut |_| {})
    };
    let report = decode(Policy::KeepGood).unwrap();
    let codes: Vec<_> = report.problems.iter().map(|p| (p.line, p.code)).collect();
    assert_eq!(
        codes,
        [
            (2, "nem.no_channel"),
            (5, "nem.date"),
            (6, "nem.unit"),
            (7, "nem.no_channel"),
            (8, "nem.interval_length"),
            (11, "nem.range"),
            (12, "nem.no_record"),
            (13, "nem.short_day"),
            (13, "nem.no_end"),
        ]
    );
    assert_eq!(report.kept, 2);
    assert!(
        matches!(decode(Policy::RefuseWhole), Err(CodecError::Refused(problem)) if problem.line == 2)
    );
}

/// The format allows volts and kilovolt-amperes. They are decoded, but no block of energy is made
/// of them, nor of kilowatts that stand under the name of an energy channel.
#[test]
fn a_channel_in_another_unit_is_read_and_not_kept() {
    let values = vec!["2.5"; 48].join(",");
    let channel = |suffix: &str, unit: &str| {
        format!("200,NMI1,E1,1,{suffix},N1,S1,{unit},30,\n300,20260629,{values},A,,,20260630,\n")
    };
    let text = format!(
        "100,NEM12,202606300000,M,R\n{}{}{}{}900\n",
        channel("E1", "kW"),
        channel("V1", "kVA"),
        channel("Q1", "kWh"),
        channel("Q2", "kVArh")
    );
    let mut kept = Vec::new();
    let mut take = |item: Item<'_>| {
        if let Item::Day(channel, day) = item {
            kept.push(day.block(channel).map(|block| block.sum()));
        }
    };
    let report = nem::decode(text.as_bytes(), "x", Options::default(), &mut take).unwrap();
    assert_eq!(report.problems, []);
    let refused = |suffix, unit, needs| {
        Err(format!("channel {suffix} is measured in {unit}; only {needs} can be kept"))
    };
    assert_eq!(
        kept,
        [
            refused("E1", "kW", "kWh"),
            refused("V1", "kVA", "kWh or kvarh"),
            refused("Q1", "kWh", "kvarh"),
            Ok(1_200),
        ]
    );
    let summary = decode_nem12_summary(text.as_bytes(), "x").unwrap();
    assert_eq!(summary.nmis[0].1.len(), 4);
    assert_eq!(summary.nmis[0].1[1].1.uom, "kVA");
}

#[test]
fn a_quality_record_that_is_cut_short_counts_and_is_told() {
    let text = format!(
        "100,NEM12,202606300000,M,R\n200,NMI1,E1,1,E1,N1,S1,kWh,30,\n300,20260629,{},V,,,20260630,\n\
         400,1,48,S14\n900\n",
        vec!["1"; 48].join(",")
    );
    let mut qualities = Vec::new();
    let mut take = |item: Item<'_>| {
        if let Item::Day(_, day) = item {
            qualities.push(day.quality(47).unwrap().method.clone());
        }
    };
    let report = nem::decode(text.as_bytes(), "x", Options::default(), &mut take).unwrap();
    assert_eq!(qualities, ["S14"]);
    assert_eq!((report.problems[0].line, report.problems[0].code), (4, "nem.short_event"));
    assert!(decode_nem12_summary(text.as_bytes(), "x").is_err());
}
