//! Every worked example of the qualification banks, to the fen; where a published answer
//! contradicts its own rule the choice is written beside it.

use kernel::{Currency, Energy, Money, Rate, Ratio, Reactive, Rounding};
use lamplight_tariff::{
    Arithmetic, Bucket, CapacityPart, DayPosition, DemandBasis, Label, RatedBill, SeparateUse,
    adjust, advice, power_factor, text::parse_ratio,
};
use serde_json::Value;

use crate::cn::support::{bill, flat_plan, library, plan_of, shared_json, ukwh, usage};

const FEN: (Currency, Rounding) = (Currency::Cny, Rounding::FEN);

/// Numbers of a case, as decimal text and as what the engine takes.
struct Case(Value);

impl Case {
    fn text(&self, path: &str) -> String {
        let value = self.0.pointer(path).unwrap_or_else(|| panic!("no {path}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    fn e6(&self, path: &str) -> i64 {
        ukwh(&self.text(path))
    }

    fn rate(&self, path: &str) -> Rate {
        Rate::parse(&self.text(path)).unwrap()
    }

    fn ratio(&self, path: &str) -> Ratio {
        parse_ratio(&self.text(path)).unwrap()
    }

    fn percent(&self, path: &str) -> Ratio {
        parse_ratio(&format!("{}%", self.text(path))).unwrap()
    }

    fn money(&self, path: &str) -> Money {
        Money::parse(&self.text(path), Currency::Cny).unwrap()
    }
}

fn case(id: &str) -> Option<Case> {
    let all = shared_json("cases/billing/cn/published_cases.json")?;
    let list = all["cases"].as_array().unwrap().clone();
    Some(Case(list.into_iter().find(|c| c["id"] == id).unwrap()))
}

fn line_amount(bill: &RatedBill, key: &str) -> Money {
    let line = bill.lines.iter().find(|l| l.key == key).unwrap_or_else(|| panic!("no {key}"));
    line.amount.money(bill.currency)
}

fn whole(kva: i64) -> CapacityPart {
    CapacityPart { capacity_ukva: kva, days: 30, share: Ratio::ONE }
}

const BASIC: &str = "demand_rate = \"0\"\nfree_excess = \"105%\"\nexcess_factor = \"2\"\n\
                     floor = \"40%\"\ndays_in_month = 30\n";

fn capacity_plan(energy: &str, capacity: &str, rest: &str) -> lamplight_tariff::Plan {
    flat_plan(energy, &format!("[basic]\ncapacity_rate = \"{capacity}\"\n{BASIC}{rest}"))
}

fn pf(standard: &str) -> String {
    format!("[power_factor]\ntable = \"cn-215\"\nstandard = \"{standard}\"\n")
}

#[test]
fn pf_01_reverse_reactive_counts_absolute() {
    let Some(case) = case("pf-01") else { return };
    let plan = capacity_plan(
        &case.text("/inputs/energy_price"),
        &case.text("/inputs/capacity_price"),
        &pf("0.90"),
    );
    let kwh = case.text("/inputs/kwh");
    let mut usage =
        usage("2026-01-01", "2026-02-01", &[(Bucket::FLAT, &kwh)], DayPosition::default());
    usage.facts.basis = Some(DemandBasis::Capacity);
    usage.facts.capacity = vec![whole(case.e6("/inputs/kva"))];
    usage.facts.reactive_forward = Some(Reactive::from_ukvarh(case.e6("/inputs/kvarh_fwd")));
    usage.facts.reactive_reverse = Some(Reactive::from_ukvarh(-case.e6("/inputs/kvarh_rev")));
    let bill = bill(&plan, &usage);
    assert_eq!(bill.power_factor_hundredths, Some(80));
    assert_eq!(line_amount(&bill, "energy.flat"), case.money("/expect/energy_charge"));
    assert_eq!(line_amount(&bill, "basic.capacity"), case.money("/expect/capacity_charge"));
    assert_eq!(line_amount(&bill, "power_factor"), case.money("/expect/pf_charge"));
    assert_eq!(bill.total_money(), case.money("/expect/total"));
}

/// Disputed: the page names the standard 0.90 but reads the 0.85 column. The standard is data
/// of the customer; by the rule that the page itself names it is 5.0 %.
#[test]
fn pf_02_the_named_standard_decides() {
    let Some(case) = case("pf-02") else { return };
    let of = |standard: &str| {
        let plan = flat_plan(&case.text("/inputs/energy_price"), &pf(standard));
        let kwh = case.text("/inputs/kwh");
        let list = [(Bucket::FLAT, kwh.as_str())];
        let mut usage = usage("2026-01-01", "2026-02-01", &list, DayPosition::default());
        usage.facts.reactive_forward = Some(Reactive::from_ukvarh(case.e6("/inputs/kvarh_fwd")));
        usage.facts.reactive_reverse = Some(Reactive::from_ukvarh(case.e6("/inputs/kvarh_rev")));
        line_amount(&bill(&plan, &usage), "power_factor")
    };
    assert_eq!(of("0.90"), case.money("/expect/by_rule_0.90/pf_charge"));
    assert_eq!(of("0.85"), case.money("/expect/published/pf_charge"));
}

#[test]
fn pf_03_a_bill_again_with_the_missed_reactive_energy() {
    let Some(case) = case("pf-03") else { return };
    let table = &library().tables()["cn-215/0.90"];
    let at = |kvarh: i64| {
        let kwh = Energy::from_ukwh(case.e6("/inputs/kwh"));
        table.at(power_factor::hundredths(kwh, Reactive::from_ukvarh(kvarh)).unwrap().unwrap())
    };
    let billed = at(case.e6("/inputs/kvarh_billed"));
    let right = at(case.e6("/inputs/kvarh_billed") + case.e6("/inputs/kvarh_missed"));
    assert_eq!(billed, case.percent("/expect/pct_billed"));
    assert_eq!(right, case.percent("/expect/pct_right"));
    let was = case.money("/inputs/bill_without_funds");
    let (again, more) =
        adjust::power_factor_correction(was, (billed, right), Rounding::FEN).unwrap();
    assert_eq!(again, case.money("/expect/right_bill"));
    assert_eq!(more, case.money("/expect/to_collect"));
}

#[test]
fn two_01_a_full_industrial_bill() {
    let Some(case) = case("two-01") else { return };
    let times = |now: &str, prev: &str| {
        let units = case.e6(&format!("/inputs/{now}")) - case.e6(&format!("/inputs/{prev}"));
        units * 3000 // PT 10000/100 × CT 150/5
    };
    let total = times("kwh_now", "kwh_prev");
    let (peak, valley) = (times("peak_now", "peak_prev"), times("valley_now", "valley_prev"));
    let lighting = case.e6("/inputs/lighting_fixed_kwh");
    let flat = total - peak - valley - lighting;
    assert_eq!((total, peak), (case.e6("/expect/kwh"), case.e6("/expect/peak_kwh")));
    assert_eq!((valley, flat), (case.e6("/expect/valley_kwh"), case.e6("/expect/flat_kwh")));
    let fund = |key: &str| {
        let rate = case.text(&format!("/inputs/funds/{key}"));
        format!(
            "[[surcharge]]\nkey = \"{key}\"\nlabel = {{ zh = \"{key}\", en = \"{key}\" }}\n\
             rate = \"{rate}\"\n"
        )
    };
    let plan = plan_of(&format!(
        "[energy]\n[[energy.set]]\nprices = {{ peak = \"0.675\", flat = \"0.45\", \
         valley = \"0.225\" }}\n[basic]\ncapacity_rate = \"15\"\n{BASIC}{}{}{}{}",
        pf("0.90"),
        fund("loan"),
        fund("three_gorges"),
        fund("local"),
    ));
    let mut usage = usage("2026-01-01", "2026-02-01", &[], DayPosition::default());
    usage.energy.by_bucket[1..4].copy_from_slice(&[peak, flat, valley]);
    usage.facts.basis = Some(DemandBasis::Capacity);
    usage.facts.capacity = vec![whole(case.e6("/inputs/kva"))];
    let kvarh = times("kvarh_now", "kvarh_prev");
    usage.facts.reactive_forward = Some(Reactive::from_ukvarh(kvarh));
    usage.facts.separate = vec![SeparateUse {
        key: "lighting".to_owned(),
        label: Label::new("照明", "lighting"),
        energy_ukwh: lighting,
        rate: case.rate("/inputs/lighting_price"),
        with_surcharges: true,
        in_pf_base: false,
        behind_main_meter: true,
    }];
    let bill = bill(&plan, &usage);
    let amount = |key: &str| line_amount(&bill, key);
    assert_eq!(amount("separate.lighting"), case.money("/expect/lighting_charge"));
    assert_eq!(amount("basic.capacity"), case.money("/expect/capacity_charge"));
    assert_eq!(amount("energy.peak"), case.money("/expect/peak_charge"));
    assert_eq!(amount("energy.valley"), case.money("/expect/valley_charge"));
    assert_eq!(amount("energy.flat"), case.money("/expect/flat_charge"));
    let credit = amount("power_factor").checked_neg().unwrap();
    assert_eq!(credit, case.money("/expect/pf_credit"));
    for key in ["loan", "three_gorges", "local"] {
        let both = amount(&format!("surcharge.{key}"))
            .checked_add(amount(&format!("surcharge.{key}.lighting")));
        assert_eq!(both.unwrap(), case.money(&format!("/expect/{key}")));
    }
    assert_eq!(bill.total_money(), case.money("/expect/total"));
    let average = advice::average_price(bill.total_money(), Energy::from_ukwh(total)).unwrap();
    let cents = (average.unwrap().e8() + 500_000) / 1_000_000;
    assert_eq!(cents, 64);
}

#[test]
fn two_02_meter_and_transformer_change_inside_a_month() {
    let Some(case) = case("two-02") else { return };
    // Stage 1: 20 days behind a 50 kVA transformer with a fixed monthly loss.
    let loss = case.text("/inputs/stage1/loss_kwh_month");
    let plan = flat_plan(
        &case.text("/inputs/stage1/price"),
        &format!(
            "[loss]\nkind = \"fixed\"\nmonth_kwh = \"{loss}\"\nstep_kwh = \"1\"\n\
             spread = \"flat\"\n"
        ),
    );
    let units = case.e6("/inputs/stage1/now") - case.e6("/inputs/stage1/prev");
    let mut first = usage("2026-04-01", "2026-04-21", &[], DayPosition::default());
    first.energy.by_bucket[Bucket::FLAT.index()] = units * 20;
    assert_eq!(first.facts.month_share, Ratio::new(20, 30).unwrap());
    let stage1 = bill(&plan, &first);
    let lost = stage1.lines.iter().find(|l| l.key == "loss.flat").unwrap();
    assert_eq!(lost.quantity.e6, case.e6("/expect/stage1_loss_kwh"));
    assert_eq!(stage1.total_money(), case.money("/expect/stage1_charge"));
    // Stage 2: time of use and power factor behind 200 kVA.
    let plan = plan_of(&format!(
        "[energy]\n[[energy.set]]\nprices = {{ peak = \"0.8\", flat = \"0.5\", \
         valley = \"0.2\" }}\n{}",
        pf("0.90")
    ));
    let units = |key: &str| case.e6(&format!("/inputs/stage2/{key}")) * 200;
    let (peak, valley) = (units("units_peak"), units("units_valley"));
    let mut second = usage("2026-04-21", "2026-05-01", &[], DayPosition::default());
    second.energy.by_bucket[1..4].copy_from_slice(&[
        peak,
        units("units_total") - peak - valley,
        valley,
    ]);
    second.facts.reactive_forward = Some(Reactive::from_ukvarh(units("kvarh_units")));
    let stage2 = bill(&plan, &second);
    assert_eq!(line_amount(&stage2, "energy.peak"), case.money("/expect/peak_charge"));
    assert_eq!(line_amount(&stage2, "energy.valley"), case.money("/expect/valley_charge"));
    assert_eq!(line_amount(&stage2, "energy.flat"), case.money("/expect/flat_charge"));
    assert_eq!(line_amount(&stage2, "power_factor"), case.money("/expect/pf_charge"));
    let total = stage1.total.plus(stage2.total).unwrap().money(Currency::Cny);
    assert_eq!(total, case.money("/expect/total"));
    let tangent = case.ratio("/expect/tan_phi");
    assert_eq!(power_factor::hundredths_of_tangent(tangent), Ok(Some(91)));
}

/// The capacity charge of some transformers in a 30-day month.
fn capacity_charge(parts: Vec<CapacityPart>, rate: Rate) -> Money {
    let arithmetic = Arithmetic::CapacityDays { parts, month_days: 30, rate };
    arithmetic.amount(Currency::Cny, Rounding::FEN).unwrap().money(Currency::Cny)
}

fn part(capacity_ukva: i64, days: u16, share: Ratio) -> CapacityPart {
    CapacityPart { capacity_ukva, days, share }
}

#[test]
fn cap_01_a_transformer_swapped_inside_the_month() {
    let Some(case) = case("cap-01") else { return };
    let parts = vec![
        part(case.e6("/inputs/old_kva"), 18, Ratio::ONE),
        part(case.e6("/inputs/new_kva"), 12, Ratio::ONE),
    ];
    let charge = capacity_charge(parts, case.rate("/inputs/capacity_price"));
    assert_eq!(charge, case.money("/expect/capacity_charge"));
}

#[test]
fn cap_02_suspension_within_two_years_counts_half() {
    let Some(case) = case("cap-02") else { return };
    let share = case.ratio("/inputs/suspended_share");
    let parts = vec![
        part(case.e6("/inputs/kva/1"), 30, Ratio::ONE),
        part(case.e6("/inputs/kva/0"), 10, Ratio::ONE),
        part(case.e6("/inputs/kva/0"), 20, share),
    ];
    let charge = capacity_charge(parts, case.rate("/inputs/capacity_price"));
    assert_eq!(charge, case.money("/expect/capacity_charge"));
}

/// Disputed: the forum prints 18266.67, an arithmetic slip; 8000 + 2266.67 = 10266.67.
#[test]
fn cap_03_capacity_added_inside_the_month() {
    let Some(case) = case("cap-03") else { return };
    let parts = vec![
        part(case.e6("/inputs/kva"), 30, Ratio::ONE),
        part(case.e6("/inputs/added_kva"), 17, Ratio::ONE),
    ];
    let charge = capacity_charge(parts, case.rate("/inputs/capacity_price"));
    assert_eq!(charge, case.money("/expect/capacity_charge"));
    assert_ne!(charge, case.money("/published_total"));
}

#[test]
fn viol_01_suspended_equipment_used_without_leave() {
    let Some(case) = case("viol-01") else { return };
    let kva = case.e6("/inputs/kva");
    let month = |days| part(kva, days, Ratio::ONE);
    let owed =
        capacity_charge(vec![month(21), month(30), month(30)], case.rate("/inputs/capacity_price"));
    assert_eq!(owed, case.money("/expect/owed"));
    let twice = Ratio::new(2, 1).unwrap();
    let recovery = adjust::with_penalty(Energy::ZERO, owed, twice, Rounding::FEN).unwrap();
    assert_eq!(recovery.penalty, case.money("/expect/penalty"));
}

#[test]
fn theft_of_unknown_time() {
    for id in ["theft-01", "theft-02"] {
        let Some(case) = case(id) else { return };
        let number = |key: &str| case.text(&format!("/inputs/{key}")).parse::<u32>().unwrap();
        let recovery = adjust::theft(
            case.e6("/inputs/kw"),
            (number("days"), number("hours")),
            case.rate("/inputs/price"),
            case.ratio("/inputs/penalty_factor"),
            FEN,
        )
        .unwrap();
        assert_eq!(recovery.owed, case.money("/expect/owed"));
        assert_eq!(recovery.penalty, case.money("/expect/penalty"));
        if id == "theft-01" {
            assert_eq!(recovery.energy.ukwh(), case.e6("/expect/kwh"));
        }
    }
}

#[test]
fn corr_01_a_reversed_current_circuit_with_time_of_use() {
    let Some(case) = case("corr-01") else { return };
    let rate = case.percent("/inputs/correction_pct");
    let more = |key: &str| {
        let billed = Energy::from_ukwh(case.e6(&format!("/inputs/{key}")));
        adjust::corrected_energy(billed, rate).unwrap().ukwh()
    };
    let (total, peak, valley) = (more("kwh"), more("peak"), more("valley"));
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { peak = \"0.6\", flat = \"0.4\", valley = \"0.2\" }\n",
    );
    let mut usage = usage("2026-01-01", "2026-02-01", &[], DayPosition::default());
    usage.energy.by_bucket[1..4].copy_from_slice(&[peak, total - peak - valley, valley]);
    let bill = bill(&plan, &usage);
    assert_eq!(line_amount(&bill, "energy.peak"), case.money("/expect/peak_owed"));
    assert_eq!(line_amount(&bill, "energy.valley"), case.money("/expect/valley_owed"));
    assert_eq!(line_amount(&bill, "energy.flat"), case.money("/expect/flat_owed"));
    assert_eq!(bill.total_money(), case.money("/expect/total_owed"));
}

#[test]
fn corr_02_mixed_ratios_one_reversed() {
    let Some(case) = case("corr-02") else { return };
    let ratio = |text: &str| -> (i64, i64) {
        let (a, b) = text.split_once('/').unwrap();
        (a.parse().unwrap(), b.parse().unwrap())
    };
    let ratios: Vec<_> = (0..3).map(|i| ratio(&case.text(&format!("/inputs/ct/{i}")))).collect();
    let billed = ratio(&case.text("/inputs/billed_ratio"));
    let rate = adjust::ct_correction_rate(&ratios, billed).unwrap();
    assert_eq!(rate, case.percent("/expect/correction_pct"));
    let kwh = Energy::from_ukwh(case.e6("/inputs/kwh_billed"));
    let owed = adjust::corrected_energy(kwh, rate).unwrap();
    assert_eq!(owed.ukwh(), case.e6("/expect/kwh_owed"));
}

/// Disputed: the page rounds the correction rate before multiplying (272.5 kWh, 122.715 yuan);
/// here the rate stays exact, 1/11, and only the money is rounded.
#[test]
fn corr_03_the_rate_is_never_rounded() {
    let Some(case) = case("corr-03") else { return };
    let rate = adjust::ct_correction_rate(&[(300, 5), (300, 5), (400, 5)], (300, 5)).unwrap();
    assert_eq!(rate, Ratio::new(1, 11).unwrap());
    let kwh = Energy::from_ukwh(case.e6("/inputs/kwh_billed"));
    let energy = adjust::corrected_energy(kwh, rate).unwrap();
    assert_eq!(energy.to_string(), "272.727273");
    let owed = adjust::unit_penalty(energy.ukwh(), case.rate("/inputs/price"), FEN).unwrap();
    assert_eq!(owed, case.money("/expect/exact/owed"));
}

/// Disputed: two answers count different days for the December bill. The stretches of days are
/// the caller's; both answers follow from their own count.
#[test]
fn late_01_days_are_a_parameter() {
    let Some(case) = case("late-01") else { return };
    let per_mille = |n| Ratio::new(n, 1000).unwrap();
    let fee = |owed: &str, days: u32, n: i64| {
        let owed = case.money(&format!("/inputs/{owed}"));
        adjust::late_fee(owed, &[(days, per_mille(n))], Rounding::FEN).unwrap()
    };
    let january = fee("jan_bill", 3, 2);
    assert_eq!(january, case.money("/expect/published_a/jan"));
    let (a, b) = (fee("dec_bill", 18, 3), fee("dec_bill", 34, 3));
    assert_eq!(a, case.money("/expect/published_a/dec"));
    assert_eq!(b, case.money("/expect/published_b/dec"));
    assert_eq!(a.checked_add(january).unwrap(), case.money("/expect/published_a/total"));
    assert_eq!(b.checked_add(january).unwrap(), case.money("/expect/published_b/total"));
}

/// The case counts 15 days in all: its 13.50 yuan is 5 days of the next year at 3 ‰, after 10 of
/// the same year at 2 ‰ (15 days at 3 ‰ would be 40.50).
#[test]
fn late_02_split_at_the_year_end() {
    let Some(case) = case("late-02") else { return };
    let days = |key: &str| case.text(&format!("/inputs/{key}")).parse::<u32>().unwrap();
    let (same_year, all) = (days("days_same_year"), days("days_next_year"));
    let per_mille = |n| Ratio::new(n, 1000).unwrap();
    let fee = |stretches: &[(u32, Ratio)]| {
        adjust::late_fee(case.money("/inputs/bill"), stretches, Rounding::FEN).unwrap()
    };
    let (same, next) = ((same_year, per_mille(2)), (all - same_year, per_mille(3)));
    assert_eq!(fee(&[same]), case.money("/expect/same_year"));
    assert_eq!(fee(&[next]), case.money("/expect/next_year"));
    assert_eq!(fee(&[same, next]), case.money("/expect/total"));
}

#[test]
fn misc_01_average_price_and_break_even_use() {
    let Some(case) = case("misc-01") else { return };
    let fixed =
        capacity_charge(vec![whole(case.e6("/inputs/kva"))], case.rate("/inputs/capacity_price"));
    let energy = Energy::from_ukwh(case.e6("/inputs/kwh"));
    let rate = case.rate("/inputs/energy_price");
    let total = kernel::ExactMoney::of_energy(energy, rate, Currency::Cny)
        .round(Rounding::FEN)
        .unwrap()
        .checked_add(fixed)
        .unwrap();
    let average = advice::average_price(total, energy).unwrap();
    assert_eq!(average, Some(case.rate("/expect/average_price")));
    let target = Rate::parse("0.35").unwrap();
    let use_ = advice::energy_for_average(fixed, rate, target).unwrap();
    assert_eq!(use_.to_string(), "133333.333333");
}

/// misc-03 is disputed: the page prints 8389.54 for 10500 × 0.799 = 8389.50.
#[test]
fn misc_02_and_03_single_prices() {
    for id in ["misc-02", "misc-03"] {
        let Some(case) = case(id) else { return };
        let plan = flat_plan(&case.text("/inputs/price"), "");
        let kwh = case.text("/inputs/kwh");
        let list = [(Bucket::FLAT, kwh.as_str())];
        let usage = usage("2026-01-01", "2026-02-01", &list, DayPosition::default());
        assert_eq!(bill(&plan, &usage).total_money(), case.money("/expect/charge"));
    }
}

/// The tariffs that the cases state are the tariffs that our documents state.
#[test]
fn documents_agree_with_the_published_price_lists() {
    let Some(all) = shared_json("cases/billing/cn/published_cases.json") else { return };
    let marginal = |id: &str, on: &str, bucket: Bucket, tier: usize, limits: &Value| -> String {
        // One kWh that lies wholly in the tier, priced exactly.
        let plan = crate::cn::support::plan(id, on);
        let form = plan.daily(plan.set_on(on.parse().unwrap())).unwrap();
        let at = if tier == 0 { 0 } else { limits[tier - 1].as_i64().unwrap() * 1_000_000 };
        let before = DayPosition { ytd_ukwh: at, mtd_ukwh: at };
        let limits = form.limits(&lamplight_tariff::Entitlement::default()).unwrap();
        let mut use_ = [0; 5];
        use_[bucket.index()] = 1_000_000;
        let cells = form.split(&limits, before, &use_).unwrap();
        Rate::from_e8(i64::try_from(form.exact_e14(&cells).unwrap() / 1_000_000).unwrap())
            .to_string()
    };
    let on = "2025-07-01";
    let lists: [(usize, &str, Bucket, &str, &str); 8] = [
        (0, "shanghai/residential", Bucket::FLAT, "no_tou", "annual_tiers_kwh"),
        (0, "shanghai/residential-tou", Bucket::PEAK, "peak", "annual_tiers_kwh"),
        (0, "shanghai/residential-tou", Bucket::VALLEY, "valley", "annual_tiers_kwh"),
        (1, "zhejiang/residential", Bucket::FLAT, "no_tou", "annual_tiers_kwh"),
        (1, "zhejiang/residential-tou", Bucket::PEAK, "peak", "annual_tiers_kwh"),
        (1, "zhejiang/residential-tou", Bucket::VALLEY, "valley", "annual_tiers_kwh"),
        (2, "fujian/residential-month", Bucket::FLAT, "no_tou", "monthly_tiers_kwh"),
        (3, "guangdong/residential", Bucket::FLAT, "prices", "monthly_tiers_summer_kwh"),
    ];
    for (index, id, bucket, prices, limits) in lists {
        let stated = &all["tariffs"][index];
        for tier in 0..3 {
            let price = Rate::parse(&stated[prices][tier].to_string()).unwrap().to_string();
            assert_eq!(marginal(id, on, bucket, tier, &stated[limits]), price, "{id} {tier}");
        }
    }
}
