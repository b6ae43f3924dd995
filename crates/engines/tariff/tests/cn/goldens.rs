//! The worked examples of the trade: residential ladders, the Hubei industrial month, losses.

use kernel::{Energy, Ratio, Reactive};
use lamplight_tariff::{
    Bucket, CapacityPart, DayPosition, DemandBasis, LineKind, LossRule, LossSpread, MonthFacts,
    RatedBill, TransformerData, Usage, advice::power_factor_advice, text::parse_ratio,
};

use crate::cn::support::{bill, day, flat_total, plan, ukwh, usage};

const YEAR: (&str, &str) = ("2025-01-01", "2026-01-01");
const JULY: (&str, &str) = ("2025-07-01", "2025-08-01");

#[test]
fn residential_ladders_to_the_fen() {
    let year = |id, kwh| flat_total(id, YEAR.0, YEAR.1, kwh);
    let july = |id, kwh| flat_total(id, JULY.0, JULY.1, kwh);
    assert_eq!(year("zhejiang/residential", "2760"), "1484.88");
    assert_eq!(year("zhejiang/residential", "2761"), "1485.47"); // 1485.468
    assert_eq!(year("zhejiang/residential", "4801"), "2685.24"); // 2685.238
    assert_eq!(year("zhejiang/residential", "6000"), "3690.00");
    assert_eq!(year("beijing/residential", "5000"), "2597.50");
    assert_eq!(july("shandong/residential", "450"), "270.61");
    assert_eq!(july("jiangsu/residential-month", "450"), "261.24");
    assert_eq!(july("shenzhen/residential", "700"), "511.01");
}

#[test]
fn guangzhou_prices_time_of_use_first_and_tiers_then() {
    let list = [(Bucket::PEAK, "250"), (Bucket::FLAT, "300"), (Bucket::VALLEY, "150")];
    let usage = usage(JULY.0, JULY.1, &list, DayPosition::default());
    let bill = bill(plan("guangzhou/residential-tou", JULY.0), &usage);
    assert_eq!(bill.total.to_string(), "506.78");
    let adders: Vec<String> = bill
        .lines
        .iter()
        .filter(|l| l.kind == LineKind::TierAdder)
        .map(|l| format!("{} {}", l.quantity, l.amount))
        .collect();
    assert_eq!(adders, ["340 17.00", "100 30.00"]);
}

/// Hubei, January 2026, 1 000 kVA, contract 500 kW, actual 520 kW.
fn hubei(basis: DemandBasis) -> Usage {
    let list = [
        (Bucket::SHARP, "12000"),
        (Bucket::PEAK, "40000"),
        (Bucket::FLAT, "60000"),
        (Bucket::VALLEY, "48000"),
    ];
    let mut usage = usage("2026-01-01", "2026-02-01", &list, DayPosition::default());
    usage.facts = MonthFacts {
        basis: Some(basis),
        capacity: vec![CapacityPart { capacity_ukva: ukwh("1000"), days: 31, share: Ratio::ONE }],
        contract_ukw: Some(ukwh("500")),
        actual_ukw: Some(ukwh("520")),
        reactive_forward: Some(Reactive::parse("84000").unwrap()),
        ..usage.facts
    };
    usage
}

fn amounts(bill: &RatedBill) -> Vec<String> {
    bill.lines.iter().map(|l| format!("{} {}", l.key, l.amount)).collect()
}

#[test]
fn the_hubei_month_by_contract_demand() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let bill = bill(plan, &hubei(DemandBasis::Contract));
    assert_eq!(
        amounts(&bill),
        [
            "energy.sharp 12599.99",
            "energy.peak 33958.44",
            "energy.flat 39113.16",
            "energy.valley 20780.35",
            "basic.contract 21000.00",
            "power_factor 601.10",
        ]
    );
    assert_eq!(bill.total.to_string(), "128053.04");
    assert_eq!(bill.power_factor_hundredths, Some(89));
    let pf = bill.lines.last().unwrap();
    assert_eq!(pf.quantity.to_string(), "120219.94");
    assert!(pf.formula.zh.contains("减：政府性基金 -7232.00"), "{}", pf.formula.zh);
    // Printed prices and components are reconciled beside each other.
    let residual = bill.components.iter().find(|c| c.key == "residual").unwrap();
    let shown = lamplight_tariff::Amount::sum(bill.components.iter().map(|c| c.amount)).unwrap();
    assert_eq!(shown.to_string(), "106451.94");
    assert_eq!(residual.amount.to_string(), "0.37");
}

#[test]
fn the_hubei_month_by_capacity_and_with_funds() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let by_capacity = bill(plan, &hubei(DemandBasis::Capacity));
    assert_eq!(by_capacity.lines[4].amount.to_string(), "26300.00");
    assert_eq!(by_capacity.lines[5].amount.to_string(), "627.60");
    assert_eq!(by_capacity.total.to_string(), "133379.54");
    // Capacity instead of contract demand costs +5 326.50.
    let by_contract = bill(plan, &hubei(DemandBasis::Contract));
    let more = by_capacity.total.minus(by_contract.total).unwrap();
    assert_eq!(more.to_string(), "5326.50");
    // The other reading of the rule: funds belong to the base.
    let text = lamplight_tariff::bundled::DOCUMENTS
        .iter()
        .find(|(path, _)| path.ends_with("industrial-two-part-10kv-2026-01.toml"))
        .unwrap()
        .1
        .replace("base_with_funds = false", "base_with_funds = true");
    let tables = crate::cn::support::library().tables();
    let with_funds = lamplight_tariff::Plan::from_toml("funds", &text, tables).unwrap();
    let with_funds = bill(&with_funds, &hubei(DemandBasis::Contract));
    assert_eq!(with_funds.lines[5].amount.to_string(), "637.26");
}

/// Story T-10: 45 kvar of capacitors over 720 h take off about 32 000 kvarh and bring 0.95.
#[test]
fn capacitors_turn_the_penalty_into_a_reward() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let mut usage = hubei(DemandBasis::Contract);
    let left = 84_000 - 45 * 24 * 31;
    usage.facts.reactive_forward = Some(Reactive::parse(&left.to_string()).unwrap());
    let bill = bill(plan, &usage);
    assert_eq!(bill.power_factor_hundredths, Some(95));
    assert_eq!(bill.lines.last().unwrap().amount.to_string(), "-901.65");
    // What an adviser would say: 44 kvar reach 0.95 unrounded in 720 hours; none if it is there.
    let (kwh, kvarh) = (Energy::parse("160000").unwrap(), Reactive::parse("84000").unwrap());
    assert_eq!(lamplight_tariff::advice::capacitors_kvar(kwh, kvarh, 95, 720), Ok(44));
    assert_eq!(lamplight_tariff::advice::capacitors_kvar(kwh, Reactive::ZERO, 95, 720), Ok(0));
}

#[test]
fn contract_demand_has_a_free_margin_a_double_excess_and_a_floor() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let basic = |basis, contract: &str, actual: &str, kva: &str| {
        let mut usage = hubei(basis);
        usage.facts.contract_ukw = Some(ukwh(contract));
        usage.facts.actual_ukw = Some(ukwh(actual));
        usage.facts.capacity[0].capacity_ukva = ukwh(kva);
        let line = bill(plan, &usage).lines[4].clone();
        format!("{} kW {}", line.quantity, line.amount)
    };
    use DemandBasis::{Actual, Contract};
    assert_eq!(basic(Contract, "500", "520", "1000"), "500 kW 21000.00");
    assert_eq!(basic(Contract, "500", "525", "1000"), "500 kW 21000.00");
    assert_eq!(basic(Contract, "500", "560", "1000"), "570 kW 23940.00");
    assert_eq!(basic(Contract, "200", "150", "3200"), "1280 kW 53760.00");
    assert_eq!(basic(Actual, "500", "560", "1000"), "560 kW 23520.00");
}

#[test]
fn transformer_loss_by_the_formula() {
    let transformer = TransformerData {
        capacity_ukva: ukwh("315"),
        no_load_ukw: ukwh("0.48"),
        load_ukw: ukwh("3.65"),
        no_load_current: parse_ratio("1.1%").unwrap(),
        short_circuit_voltage: parse_ratio("4%").unwrap(),
    };
    let rule = LossRule::Formula {
        shape: parse_ratio("1.05").unwrap(),
        month_hours: Some(720),
        step_ukwh: 100_000,
        spread: LossSpread::Proportional,
    };
    let (w, q) = (Energy::parse("98000").unwrap(), Reactive::parse("42000").unwrap());
    let losses = rule.losses(Some(&transformer), w, q, Ratio::ONE, 30).unwrap();
    assert_eq!(losses.no_load.to_string(), "345.6");
    assert_eq!(losses.active.to_string(), "955.4");
    // Half a month has half the hours; the same energy then loads it twice as hard.
    let half = Ratio::new(1, 2).unwrap();
    let losses = rule.losses(Some(&transformer), w, q, half, 15).unwrap();
    assert_eq!(losses.no_load.to_string(), "172.8");
    assert!(rule.losses(None, w, q, Ratio::ONE, 30).is_err());
}

/// Story T-06: a Shandong household at 165.0 kWh of the month.
#[test]
fn daily_charges_day_by_day() {
    let plan = plan("shandong/residential", "2025-07-08");
    let form = plan.daily(plan.set_on(day("2025-07-08"))).unwrap();
    let limits = form.limits(&lamplight_tariff::Entitlement::default()).unwrap();
    let mut mtd = ukwh("165");
    let mut charges = Vec::new();
    for kwh in ["8.6", "22.0", "41.0", "30.0", "25.0"] {
        let before = DayPosition { ytd_ukwh: mtd, mtd_ukwh: mtd };
        let day = form.day_charge(&limits, before, &[0, 0, ukwh(kwh)]).unwrap();
        charges.push(form.money(day.charge_units).to_string());
        mtd += ukwh(kwh);
    }
    assert_eq!(charges, ["4.70", "12.03", "23.75", "17.91", "14.92"]);
}

/// Story T-10: about 45 kvar bring the Hubei month to 0.95, which takes the increase of 601.10 away
/// and earns a reduction of 901.65; by capacity the month would cost 5 326.50 more.
#[test]
fn capacitors_and_the_basis_are_advised_with_their_money() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let contract = bill(plan, &hubei(DemandBasis::Contract));
    let measured = (Energy::from_ukwh(ukwh("160000")), Reactive::parse("84000").unwrap());
    let told = power_factor_advice(plan, &contract, measured, (744, 5)).unwrap().unwrap();
    assert_eq!((told.kvar, told.target), (45, 95));
    assert_eq!((told.now.to_string(), told.then.to_string()), ("601.10".into(), "-901.65".into()));
    let none = (measured.0, Reactive::ZERO);
    assert_eq!(power_factor_advice(plan, &contract, none, (744, 5)), Ok(None));
    let capacity = bill(plan, &hubei(DemandBasis::Capacity));
    assert_eq!(capacity.total.minus(contract.total).unwrap().to_string(), "5326.50");
}
