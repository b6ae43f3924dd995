//! The CSV form of a usage: registers, days, intervals, and refusals with the line.

use lamplight_tariff::{RatedBill, TariffError, rate_usage_csv, verify_lines};

use crate::cn::support::{library, plan};

fn rated(id: &str, on: &str, rows: &str) -> Result<RatedBill, TariffError> {
    let plan = plan(id, on);
    let calendar = library().calendar_of(plan)?;
    let bill = rate_usage_csv(plan, &calendar, &format!("key,value\n{rows}"))?;
    verify_lines(&bill)?;
    Ok(bill)
}

const HUBEI: &str = "from,2026-01-01\nto,2026-02-01\nkwh.sharp,12000\nkwh.peak,40000\n\
                     kwh.flat,60000\nkwh.valley,48000\nkvarh_forward,84000\nbasis,contract\n\
                     contract_kw,500\nmax_demand_kw,520\ncapacity_kva,1000\n";

#[test]
fn the_hubei_month_from_a_file() {
    let id = "hubei/industrial-two-part-10kv";
    let bill = rated(id, "2026-01-01", HUBEI).unwrap();
    assert_eq!(bill.total.to_string(), "128053.04");
    let by_capacity = HUBEI.replace("basis,contract", "basis,capacity");
    let bill = rated(id, "2026-01-01", &by_capacity).unwrap();
    assert_eq!(bill.total.to_string(), "133379.54");
}

#[test]
fn amounts_are_decimal_text_and_lines_carry_their_arithmetic() {
    let bill = rated("hubei/industrial-two-part-10kv", "2026-01-01", HUBEI).unwrap();
    let json = serde_json::to_value(&bill).unwrap();
    assert_eq!(json["total"], "128053.04");
    assert_eq!(json["lines"][0]["quantity"]["value"], "12000");
    assert_eq!(json["lines"][0]["rate"]["value"], "1.049999");
    assert_eq!(json["lines"][0]["arithmetic"]["formula"], "product");
    assert_eq!(
        json["lines"][0]["formula"]["zh"],
        "12000 kWh × 1.049999 = 12599.988 → 12599.99 元（四舍五入到0.01）"
    );
    assert_eq!(
        json["lines"][4]["formula"]["en"],
        "actual 520 kW ≤ 105% × 500 kW, charged 500 kW × 42.00 = 21000.00 yuan"
    );
    assert_eq!(json["lines"][5]["arithmetic"]["percent"], "0.005");
    let operands = bill.lines[5].arithmetic.operands();
    let named: Vec<String> =
        operands.iter().map(|o| format!("{} {}", o.name.zh, o.value)).collect();
    assert_eq!(
        named,
        ["电量电费 106451.94", "基本电费 21000.00", "减：政府性基金 -7232.00", "比例 0.5%"]
    );
}

#[test]
fn intervals_go_through_the_windows() {
    // One kWh each half hour of one day: 28 in the peak hours 8 to 22, 20 in the valley.
    let rows: String =
        (0..48).map(|i| format!("2025-07-01T{:02}:{:02},1\n", i / 2, i % 2 * 30)).collect();
    let bill = rated("zhejiang/residential-tou", "2025-07-01", &rows).unwrap();
    let kwh: Vec<String> = bill.lines.iter().map(|l| format!("{} {}", l.key, l.quantity)).collect();
    assert_eq!(kwh, ["energy.peak 28", "energy.valley 20"]);
    // With an offset, times are placed in the tariff's zone: 00:00Z is 08:00 in Shanghai.
    let bill = rated(
        "zhejiang/residential-tou",
        "2025-07-01",
        "2025-07-01T00:00Z,1\n2025-07-01T00:30Z,1\n",
    );
    assert_eq!(bill.unwrap().lines[0].key, "energy.peak");
}

#[test]
fn a_hot_day_in_a_file_adds_sharp_hours() {
    let row = "2025-10-09T11:00,1\n2025-10-09T12:00,1\n";
    let id = "guangdong/industrial-commercial-tou";
    let hot = rated(id, "2025-10-09", &format!("{row}temperature.guangzhou.2025-10-09,35.2\n"));
    assert_eq!(hot.unwrap().lines[0].key, "energy.sharp");
    let mild = rated(id, "2025-10-09", &format!("{row}temperature.guangzhou.2025-10-09,34.9\n"));
    assert_eq!(mild.unwrap().lines[0].key, "energy.peak");
    assert!(rated(id, "2025-10-09", row).is_err());
}

#[test]
fn an_allowance_that_the_tariff_does_not_have_is_refused() {
    let rows = "from,2025-07-01\nto,2025-08-01\nkwh,700\n";
    let family = format!("{rows}family_units,1\n");
    let bill = rated("shenzhen/residential", "2025-07-01", &family).unwrap();
    assert_eq!(bill.lines[0].quantity.to_string(), "360");
    for (key, row) in [("family_units", "family_units,1\n"), ("free_quota", "free_quota,yes\n")] {
        let said = rated("shandong/residential", "2025-07-01", &format!("{rows}{row}"));
        let expected = format!("line 5: {key}: tariff shandong/residential has no such allowance");
        assert!(said.unwrap_err().to_string().contains(&expected));
    }
}

/// A yearly ladder starts anew on the first of January, a monthly one with each bill month; days
/// and intervals of one file may lie on both sides.
#[test]
fn a_ladder_starts_anew_within_a_file() {
    let quantities = |id: &str, rows: &str| -> Vec<String> {
        let bill = rated(id, "2025-12-01", rows).unwrap();
        bill.lines.iter().map(|l| format!("{} {}", l.key, l.quantity)).collect()
    };
    let days = "2025-12-31,150\n2026-01-01,150\nytd_kwh,4700\n";
    let expected = ["energy.flat.tier1 150", "energy.flat.tier2 100", "energy.flat.tier3 50"];
    assert_eq!(quantities("zhejiang/residential", days), expected);
    let hours = "2025-12-31T23:00,150\n2026-01-01T00:00,150\nytd_kwh,4700\n";
    let keys = ["energy.valley 150", "adder.tier2 100", "adder.tier3 50", "energy.valley 150"];
    assert_eq!(quantities("zhejiang/residential-tou", hours), keys);
    let months = "from,2025-12-15\nto,2026-02-15\n2026-01-14,300\n2026-01-15,300\n";
    let expected = ["energy.flat.tier1 420", "energy.flat.tier2 180"];
    assert_eq!(quantities("shandong/residential", months), expected);
}

#[test]
fn a_total_is_not_priced_by_time_of_use() {
    let refused =
        |rows: &str| rated("zhejiang/residential-tou", "2025-07-01", rows).unwrap_err().to_string();
    let period = "from,2025-07-01\nto,2025-08-01\n";
    let total = "the tariff prices peak, valley: a total cannot tell them apart";
    for (rows, expected) in [
        (format!("{period}kwh,5\n"), format!("line 4: {total}")),
        ("2025-07-01.peak,1\n2025-07-02,5\n".to_owned(), format!("line 3: {total}")),
        (format!("{period}kwh.flat,5\n"), "flat use has no price".to_owned()),
        ("2025-07-02.flat,5\n".to_owned(), "flat use has no price".to_owned()),
    ] {
        let said = refused(&rows);
        assert!(said.contains(&expected), "{said}\n(wanted {expected})");
    }
    // A register that the tariff does not price counts as its neighbour: sharp as peak.
    let sharp = format!("{period}kwh.sharp,5\nkwh.valley,0\n");
    let bill = rated("zhejiang/residential-tou", "2025-07-01", &sharp).unwrap();
    assert_eq!(bill.total.to_string(), "2.84");
}

#[test]
fn wrong_files_are_refused_with_the_line() {
    let refused =
        |rows: &str| rated("zhejiang/residential", "2025-07-01", rows).unwrap_err().to_string();
    let period = "from,2025-07-01\nto,2025-08-01\n";
    for (rows, expected) in [
        (format!("{period}kWh,5\n"), "line 4: unknown key \"kWh\""),
        (format!("{period}kwh,many\n"), "line 4: kwh: \"many\" is no number"),
        (format!("{period}kwh,1\nkwh,2\n"), "line 5: kwh stands on line 4 too"),
        (format!("{period}kwh,-1\n"), "negative"),
        (period.to_owned(), "no energy"),
        ("kwh,5\n".to_owned(), "the row from is missing"),
        (format!("{period}kwh,1\n2025-07-01,2\n"), "more than one way"),
        ("2025-07-01,2\n2025-07-01,3\n".to_owned(), "line 3: 2025-07-01 is given twice"),
        ("2025-13-01,2\n".to_owned(), "line 2"),
        ("2025-07-01T00:00,2\n".to_owned(), "interval_minutes"),
        ("to,2025-06-01\nfrom,2025-07-01\nkwh,1\n".to_owned(), "ends on 2025-06-01"),
        (format!("{period}kwh,1\nbasis,guess\n"), "line 5: basis"),
        (format!("{period}kwh,1,2\n"), "line 4"),
        (format!("{period}kwh,1\ntier_share,-1/2\n"), "tier limits is negative"),
        (format!("{period}kwh,9223372036854\nytd_kwh,9223372036854\n"), "too large"),
    ] {
        let said = refused(&rows);
        assert!(said.contains(expected), "{said}\n(wanted {expected})");
    }
    let calendar = library().calendar("cn").unwrap();
    let plan = plan("zhejiang/residential", "2025-07-01");
    let header = rate_usage_csv(plan, calendar, "name,amount\nkwh,1\n").unwrap_err();
    assert_eq!(header.to_string(), "usage line 1: the header must be: key,value");
    assert!(rate_usage_csv(plan, calendar, "").is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_rated_or_refused_but_never_panics(text in "(?s).{0,200}", rows in "([a-z0-9.:T@, -]{0,30}\n){0,6}") {
        let plan = plan("zhejiang/residential", "2025-07-01");
        let calendar = library().calendar("cn").unwrap();
        let _ = rate_usage_csv(plan, calendar, &text);
        let _ = rate_usage_csv(plan, calendar, &format!("key,value\n{rows}"));
    }
}
