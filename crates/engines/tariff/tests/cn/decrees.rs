//! Documents: versions by date, refusals that name the place, allowances, default supply.

use kernel::{Fault, Ratio};
use lamplight_tariff::{
    Bucket, DayPosition, Entitlement, Library, LineKind, Plan, TariffError, bundled, rate,
};

use crate::cn::support::{bill, day, flat_total, library, plan, plan_of, ukwh, usage};

#[test]
fn every_bundled_document_compiles_and_states_its_source() {
    assert_eq!(library().plans().len() + 3, bundled::DOCUMENTS.len());
    for plan in library().plans() {
        assert!(!plan.head.decree.is_empty() && !plan.head.source.is_empty());
        assert_eq!(plan.head.document_hash.len(), 64);
        assert!(library().calendar_of(plan).is_ok(), "{}", plan.head.id);
    }
    let cn = library().calendar("cn").unwrap();
    assert_eq!(cn.years, Some((2025, 2026)));
    assert!(cn.is_working(day("2025-09-28")).unwrap()); // a Sunday worked instead
    assert!(!cn.is_working(day("2026-02-20")).unwrap()); // Spring Festival
}

/// Every file under tariffs/ and rules/calendars/ is bundled, but the made-up county's.
#[test]
fn no_document_is_forgotten() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut found = 0;
    let mut folders = vec![root.join("tariffs"), root.join("rules/calendars")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("tariffs/demo") {
                continue;
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(bundled::DOCUMENTS.iter().any(|(_, t)| *t == text), "{}", path.display());
                found += 1;
            }
        }
    }
    assert_eq!(found, bundled::DOCUMENTS.len());
}

fn version(from: &str, to: &str, price: &str) -> Plan {
    let to = if to.is_empty() { String::new() } else { format!("valid_to = \"{to}\"\n") };
    let text = format!(
        "[tariff]\nid = \"x/y\"\nname = {{ zh = \"例\", en = \"case\" }}\nregion = \"x\"\n\
         class = \"x\"\ndecree = \"from {from}\"\nsource = \"x\"\nconfidence = \"K\"\n\
         valid_from = \"{from}\"\n{to}[energy]\n[[energy.set]]\nprices = {{ flat = \"{price}\" }}\n"
    );
    Plan::from_toml("x", &text, library().tables()).unwrap()
}

#[test]
fn versions_resolve_by_date_and_may_not_overlap() {
    let mut book = Library::default();
    book.add_plan(version("2026-01-01", "2026-06-01", "0.60")).unwrap();
    book.add_plan(version("2026-06-01", "", "0.65")).unwrap();
    assert_eq!(book.version_on("x/y", day("2026-05-31")), Ok(0));
    assert_eq!(book.version_on("x/y", day("2026-06-01")), Ok(1));
    let parts = book.versions_in("x/y", day("2026-05-25"), day("2026-06-25")).unwrap();
    let said: Vec<String> =
        parts.iter().map(|(p, i)| format!("{}..{} {i}", p.from(), p.to().unwrap())).collect();
    assert_eq!(said, ["2026-05-25..2026-06-01 0", "2026-06-01..2026-06-25 1"]);
    let early = book.version_on("x/y", day("2025-12-31")).unwrap_err();
    assert_eq!(
        early.to_string(),
        "tariff x/y has no version valid on 2025-12-31: load the decree for that date"
    );
    let overlap = book.add_plan(version("2026-05-01", "2026-07-01", "0.7")).unwrap_err();
    assert_eq!(
        overlap.to_string(),
        "tariff x/y: from 2026-01-01 and from 2026-05-01 are both valid on 2026-05-01: end one \
         of them"
    );
}

#[test]
fn a_wrong_document_is_refused_with_its_place() {
    let refused = |body: &str| -> TariffError {
        let text = format!(
            "[tariff]\nid = \"x/y\"\nname = {{ zh = \"例\", en = \"case\" }}\nregion = \"x\"\n\
             class = \"x\"\ndecree = \"d\"\nsource = \"x\"\nconfidence = \"K\"\n\
             valid_from = \"2020-01-01\"\n{body}"
        );
        Plan::from_toml("x.toml", &text, library().tables()).unwrap_err()
    };
    let set = "[energy]\n[[energy.set]]\n";
    for (body, expected) in [
        ("[energy]\nset = []\n", "1 to 36"),
        (&*format!("{set}prices = {{ noon = \"1\" }}\n"), "\"noon\" is no bucket"),
        (&*format!("{set}prices = {{ flat = \"1.123456789\" }}\n"), "at most 8"),
        (&*format!("{set}prices = {{ flat = 0.5 }}\n"), "expected a string"),
        (
            &*format!("{set}prices = {{ flat = \"1\" }}\nlimits = [\"5\"]\n"),
            "1 tiers with 1 limits",
        ),
        (
            &*format!(
                "{set}prices = {{ flat = \"1\" }}\nlimits = [\"5\", \"5\"]\nadders = [\"1\", \"2\"]\n"
            ),
            "must be positive and rise",
        ),
        (&*format!("{set}prices = {{ flat = \"1\" }}\ndays = [\"01-01..06-30\"]\n"), "07-01"),
        (&*format!("{set}prices = {{ flat = \"1\" }}\ndays = [\"summer\"]\n"), "mm-dd..mm-dd"),
        (
            &*format!(
                "{set}prices = {{ flat = \"1\" }}\n[power_factor]\ntable = \"cn-215\"\n\
                 standard = \"0.95\"\n"
            ),
            "no table cn-215/0.95; loaded are: cn-215/0.80",
        ),
        (&*format!("{set}prices = {{ flat = \"1\" }}\ncolour = \"red\"\n"), "unknown field"),
        (&*format!("{set}prices = {{ flat = \"1\" }}\n[[windows]]\nrest = \"peak\"\n"), "no price"),
    ] {
        let error = refused(body);
        assert!(error.to_string().contains(expected), "{error}\n(wanted {expected})");
        assert!(error.to_string().contains("x/y") || error.code() == "tariff.document");
    }
}

#[test]
fn a_household_of_five_has_higher_limits() {
    let plan = plan("guangzhou/residential", "2025-07-01");
    let mut usage =
        usage("2025-07-01", "2025-08-01", &[(Bucket::FLAT, "360")], DayPosition::default());
    assert_eq!(bill(plan, &usage).total.to_string(), "216.99"); // 260 and 100 kWh
    usage.entitlement.family_units = 1;
    assert_eq!(bill(plan, &usage).total.to_string(), "211.99"); // all 360 in tier 1
}

#[test]
fn the_free_quota_is_credited_once_a_month() {
    let plan = plan("zhejiang/residential", "2025-07-01");
    let entitlement = Entitlement { free_quota: true, ..Entitlement::default() };
    let mut usage =
        usage("2025-07-01", "2025-08-01", &[(Bucket::FLAT, "100")], DayPosition::default());
    usage.entitlement = entitlement;
    let free = bill(plan, &usage);
    let credit = free.lines.iter().find(|l| l.kind == LineKind::FreeQuota).unwrap();
    assert_eq!(
        (credit.quantity.to_string(), credit.amount.to_string()),
        ("15".into(), "-8.07".into())
    );
    assert_eq!(free.total.to_string(), "45.73");
    usage.energy.before.mtd_ukwh = ukwh("12");
    let rest = bill(plan, &usage);
    let credit = rest.lines.iter().find(|l| l.kind == LineKind::FreeQuota).unwrap();
    assert_eq!(credit.quantity.to_string(), "3");
}

#[test]
fn a_yearly_ladder_is_pro_rata_after_moving_in() {
    // Moved in on 1 June: seven twelfths of 2 760 and 4 800 kWh are 1 610 and 2 800.
    let plan = plan("zhejiang/residential", "2025-07-01");
    let mut usage =
        usage("2025-06-01", "2026-01-01", &[(Bucket::FLAT, "3000")], DayPosition::default());
    usage.entitlement.share = Ratio::new(7, 12).unwrap();
    let bill = bill(plan, &usage);
    let kwh: Vec<String> = bill.lines.iter().map(|l| l.quantity.to_string()).collect();
    assert_eq!(kwh, ["1610", "1190", "200"]);
    assert_eq!(bill.total.to_string(), "1733.50");
}

#[test]
fn shanghai_prices_each_register_in_each_tier() {
    // From 3 000 kWh: 120 of 400 kWh in tier 1, 280 in tier 2, each split 3 : 1.
    let plan = plan("shanghai/residential-tou", "2025-07-01");
    let before = DayPosition { ytd_ukwh: ukwh("3000"), mtd_ukwh: 0 };
    let list = [(Bucket::PEAK, "300"), (Bucket::VALLEY, "100")];
    let bill = bill(plan, &usage("2025-07-01", "2025-08-01", &list, before));
    let said: Vec<String> =
        bill.lines.iter().map(|l| format!("{} {} {}", l.key, l.quantity, l.amount)).collect();
    assert_eq!(
        said,
        [
            "energy.peak.tier1 90 55.53",
            "energy.valley.tier1 30 9.21",
            "energy.peak.tier2 210 142.17",
            "energy.valley.tier2 70 23.59",
        ]
    );
    assert_eq!(bill.total.to_string(), "230.50");
}

/// Default supply pays 1.5 × the purchase price, floated with the time of use.
#[test]
fn default_supply_adds_half_of_the_purchase_price() {
    let plan = plan("hubei/industrial-single-10kv", "2026-01-01");
    let list = [(Bucket::FLAT, "1000"), (Bucket::VALLEY, "1000")];
    let mut usage = usage("2026-01-01", "2026-02-01", &list, DayPosition::default());
    usage.facts.reactive_forward = Some(kernel::Reactive::ZERO);
    usage.facts.default_supply = true;
    let bill = bill(plan, &usage);
    let extra: Vec<String> = bill
        .lines
        .iter()
        .filter(|l| l.kind == LineKind::DefaultSupply)
        .map(|l| l.amount.to_string())
        .collect();
    assert_eq!(extra, ["192.24", "86.51"]); // 0.38447 × ½, and × 0.45
}

#[test]
fn facts_that_a_tariff_needs_are_asked_for() {
    let plan = plan("hubei/industrial-two-part-10kv", "2026-01-01");
    let usage = usage("2026-01-01", "2026-02-01", &[(Bucket::FLAT, "1")], DayPosition::default());
    let error = rate(plan, &usage).unwrap_err();
    assert!(error.to_string().contains("capacity, contract or actual demand"), "{error}");
}

#[test]
fn fixed_and_minimum_charges() {
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { flat = \"0.5\" }\n\
         [[fixed]]\nkey = \"meter\"\nlabel = { zh = \"表费\", en = \"meter\" }\nrate = \"6.2\"\n\
         per = \"month\"\nprorated = true\n\
         [[fixed]]\nkey = \"daily\"\nlabel = { zh = \"日费\", en = \"daily\" }\nrate = \"0.1\"\n\
         per = \"day\"\n\
         [[minimum]]\nrate = \"20\"\nper = \"month\"\n",
    );
    let use_ = |to, kwh| usage("2026-01-01", to, &[(Bucket::FLAT, kwh)], DayPosition::default());
    let low = bill(&plan, &use_("2026-02-01", "10"));
    assert_eq!(low.total.to_string(), "20.00"); // 5 + 6.20 + 3.10 + 5.70 missing
    assert_eq!(low.sum_of(&[LineKind::Minimum]).unwrap().to_string(), "5.70");
    let high = bill(&plan, &use_("2026-01-11", "100"));
    assert_eq!(high.total.to_string(), "53.00"); // 50 + 2.00 (10/31) + 1.00
}

#[test]
fn a_change_of_price_set_inside_a_period_is_refused() {
    let plan = plan("guangzhou/residential", "2025-07-01");
    let list = [(Bucket::FLAT, "100")];
    let error = rate(plan, &usage("2025-10-20", "2025-11-20", &list, DayPosition::default()));
    assert!(error.unwrap_err().to_string().contains("prices change on 2025-11-01"));
    assert_eq!(flat_total("guangzhou/residential", "2025-11-01", "2025-12-01", "201"), "118.41");
}

/// High voltage supply metered on the low-voltage side: losses are billed at their buckets'
/// prices, carry funds, and count in the power factor with their reactive part.
#[test]
fn transformer_losses_are_lines_and_move_the_power_factor() {
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { peak = \"0.9\", flat = \"0.6\", valley = \"0.3\" }\n\
         [loss]\nkind = \"formula\"\nshape = \"1.05\"\nmonth_hours = 720\nstep_kwh = \"0.1\"\n\
         spread = \"proportional\"\n\
         [power_factor]\ntable = \"cn-215\"\nstandard = \"0.90\"\n\
         [[surcharge]]\nkey = \"fund\"\nlabel = { zh = \"基金\", en = \"fund\" }\nrate = \"0.01\"\n",
    );
    let list = [(Bucket::PEAK, "49000"), (Bucket::FLAT, "24500"), (Bucket::VALLEY, "24500")];
    let mut usage = usage("2026-04-01", "2026-05-01", &list, DayPosition::default());
    usage.facts.reactive_forward = Some(kernel::Reactive::parse("42000").unwrap());
    usage.facts.transformer = Some(lamplight_tariff::TransformerData {
        capacity_ukva: ukwh("315"),
        no_load_ukw: ukwh("0.48"),
        load_ukw: ukwh("3.65"),
        no_load_current: Ratio::new(11, 1000).unwrap(),
        short_circuit_voltage: Ratio::new(4, 100).unwrap(),
    });
    let bill = bill(&plan, &usage);
    let losses: Vec<String> = bill
        .lines
        .iter()
        .filter(|l| l.kind == LineKind::Loss)
        .map(|l| format!("{} {} {}", l.key, l.quantity, l.amount))
        .collect();
    assert_eq!(
        losses,
        ["loss.peak 477.7 429.93", "loss.flat 238.85 143.31", "loss.valley 238.85 71.66",]
    );
    // Q: 42 000 + 0.011·315·720 + 1.05·0.04·(98 000² + 42 000²)/(315·720) = 46 599.9 kvarh over
    // 98 955.4 kWh: 0.9047; without losses it would be 0.9191.
    assert_eq!(bill.power_factor_hundredths, Some(90));
    let funds = bill.lines.iter().filter(|l| l.key.starts_with("surcharge.fund"));
    assert_eq!(funds.map(|l| l.quantity.e6).sum::<i64>(), ukwh("98955.4"));
}

#[test]
fn high_use_pays_nine_tenths_of_the_demand_price() {
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { flat = \"0.5\" }\n[basic]\ncapacity_rate = \"25\"\n\
         demand_rate = \"40\"\nfree_excess = \"105%\"\nexcess_factor = \"2\"\nfloor = \"40%\"\n\
         high_use_from_kwh_per_kva = \"260\"\nhigh_use_factor = \"90%\"\n",
    );
    let basic = |kwh: &str, share: Ratio| {
        let list = [(Bucket::FLAT, kwh)];
        let mut usage = usage("2026-04-01", "2026-05-01", &list, DayPosition::default());
        usage.facts.basis = Some(lamplight_tariff::DemandBasis::Actual);
        usage.facts.actual_ukw = Some(ukwh("700"));
        usage.facts.month_share = share;
        usage.facts.capacity = vec![lamplight_tariff::CapacityPart {
            capacity_ukva: ukwh("1000"),
            days: 30,
            share: Ratio::ONE,
        }];
        bill(&plan, &usage).lines[1].amount.to_string()
    };
    assert_eq!(basic("259999", Ratio::ONE), "28000.00");
    assert_eq!(basic("260000", Ratio::ONE), "25200.00");
    assert_eq!(basic("100", Ratio::new(20, 30).unwrap()), "18666.67"); // 20 of 30 days
}

#[test]
fn a_yearly_minimum_is_settled_with_the_last_bill() {
    let plan = plan_of(
        "[energy]\n[[energy.set]]\nprices = { flat = \"0.5\" }\n\
         [[minimum]]\nrate = \"240\"\nper = \"year\"\n",
    );
    let mut usage =
        usage("2026-12-01", "2027-01-01", &[(Bucket::FLAT, "20")], DayPosition::default());
    assert_eq!(bill(&plan, &usage).total.to_string(), "10.00");
    usage.facts.paid_in_year = Some(lamplight_tariff::Amount::from_units(2_050_000));
    assert_eq!(bill(&plan, &usage).total.to_string(), "35.00"); // 205 + 10 + 25 missing
}
