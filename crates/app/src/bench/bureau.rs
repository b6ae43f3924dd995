//! A bureau of any size for measurements: plain households on one four-rate tariff, loaded through
//! the same operations as any other bureau.

use access::{Ctx, NewOrganisation, create_organisation, ensure_default_roles};
use kernel::{Date, Demand, Id, Power, Ratio};
use registry::{
    CustomerForm,
    network::{Network, NewFeeder, NewSubstation, NewTransformerArea, load_network},
    premises::load_customers,
};
use store::Tx;
use supply::{
    Works,
    agreements::{self, BasicCharge, NewAgreement},
    meters::{self, NewMeter, Placement, Registers},
    tariffs,
};

use super::{Load, NightError, delivery};

/// Customers loaded in one transaction: many, since each load of meters looks at all that hang
/// already.
const CHUNK: usize = 250_000;
/// Usage points of one 台区.
const AREA: usize = 250;
/// 台区 of one line.
const LINE: usize = 80;

const TARIFF: &str = include_str!("../../../../tariffs/bench/four-register.toml");
/// The tariff's id.
const TARIFF_ID: &str = "bench/four-register";
const CALENDAR: &str = include_str!("../../../../rules/calendars/cn-2026.toml");

/// Makes the bureau with `customers` usage points, each with a meter that hangs since `since`.
///
/// # Errors
/// What the operations refuse, which would be a mistake here, or the database.
pub async fn make(
    works: &Works,
    ctx: &Ctx<'_>,
    (customers, load): (usize, Load),
    since: Date,
) -> Result<Id, NightError> {
    let mut tx = works.db.begin().await?;
    ensure_default_roles(&mut tx).await?;
    let new = NewOrganisation {
        parent: None,
        code: "99001",
        name_zh: "测速供电公司",
        name_en: "Benchmark Bureau",
    };
    let org = create_organisation(ctx, &mut tx, new).await?;
    tariffs::publish(ctx, &mut tx, org, "rules/calendars/cn-2026.toml", CALENDAR).await?;
    tariffs::publish(ctx, &mut tx, org, "tariffs/bench/four-register.toml", TARIFF).await?;
    load_network(&mut tx, org, &network(customers.div_ceil(AREA))).await?;
    tx.commit().await?;
    for from in (0..customers).step_by(CHUNK) {
        let mut tx = works.db.begin().await?;
        let numbers = from..customers.min(from + CHUNK);
        let (hung, terms) = move_in(&mut tx, org, (numbers, load), since).await?;
        agreements::load(ctx, &mut tx, org, &terms).await?;
        meters::load(ctx, &mut tx, org, &hung).await?;
        tx.commit().await?;
    }
    Ok(org)
}

type Hung = (NewMeter, Placement);

/// Loads customers; the meters that hang there and the agreements that they have.
async fn move_in(
    tx: &mut Tx,
    org: Id,
    (numbers, load): (std::ops::Range<usize>, Load),
    since: Date,
) -> Result<(Vec<Hung>, Vec<NewAgreement>), NightError> {
    let mut parsed = Vec::with_capacity(numbers.len());
    for number in numbers.clone() {
        let customer = form(number).parse();
        parsed.push(customer.map_err(|faults| NightError::Bureau(format!("{faults:?}")))?);
    }
    let (mut hung, mut terms) = (Vec::new(), Vec::new());
    for (number, outcome) in numbers.zip(load_customers(tx, org, &parsed).await?) {
        let loaded =
            outcome.loaded().ok_or_else(|| NightError::Bureau(format!("{number}: {outcome:?}")))?;
        hung.push((meter(number, load), placement(number, loaded.usage_point, since)));
        terms.push(agreement((loaded.account, loaded.usage_point), since));
    }
    Ok((hung, terms))
}

fn network(areas: usize) -> Network {
    let feeders = areas.div_ceil(LINE);
    let feeder = |n: usize| format!("BF{n:04}");
    Network {
        substations: vec![NewSubstation { code: "BS1".into(), name: "测速变".into() }],
        feeders: (0..feeders)
            .map(|n| NewFeeder {
                substation: "BS1".into(),
                code: feeder(n),
                name: format!("测速{n}线"),
                voltage_v: Some(10_000),
            })
            .collect(),
        areas: (0..areas)
            .map(|n| NewTransformerArea {
                feeder: feeder(n / LINE),
                code: format!("BT{n:05}"),
                name: format!("测速{n}台区"),
                capacity_ukva: 400_000_000,
                manager_user: None,
            })
            .collect(),
    }
}

fn form(number: usize) -> CustomerForm {
    CustomerForm {
        account_no: delivery::account_no(number),
        name: format!("住户{number}"),
        address: format!("测速县第{}社区{}号", number / AREA, number % AREA),
        community: format!("第{}社区", number / AREA),
        transformer_area: format!("BT{:05}", number / AREA),
        class: "residential".into(),
        voltage: "220V".into(),
        opened_on: "2020-01-01".into(),
        ..CustomerForm::default()
    }
}

fn meter(number: usize, load: Load) -> NewMeter {
    NewMeter {
        asset_no: format!("BM{number:010}"),
        model: "DDZY102".into(),
        phases: 1,
        digits: 6,
        register_scale: 2,
        has_tou: true,
        has_demand: false,
        interval_minutes: if load == Load::Curves { 15 } else { 0 },
        made_on: None,
        expires_on: None,
        concentrator: format!("BJ{:05}", number / AREA),
    }
}

fn placement(number: usize, usage_point: Id, since: Date) -> Placement {
    Placement {
        meter: Id::from_i64(0),
        usage_point,
        ratio: Ratio::ONE,
        on: since,
        opening: Registers(delivery::opening(number)),
    }
}

fn agreement((account, usage_point): (Id, Id), since: Date) -> NewAgreement {
    NewAgreement {
        account,
        usage_point,
        tariff_code: TARIFF_ID.to_owned(),
        valid_from: since,
        capacity: Demand::from_ukva(0),
        contract_demand: Power::from_ukw(0),
        basic_charge: BasicCharge::None,
        family_of_five: false,
        low_income: false,
    }
}
