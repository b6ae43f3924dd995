//! A small bureau for the stories: one station, two lines, three 台区, a handful of customers.

use access::{Actor, Ctx, Randomness};
use kernel::{Id, ManualClock};
use registry::{
    Customer, CustomerForm,
    network::{Network, NewFeeder, NewSubstation, NewTransformerArea, load_network},
    premises::{LoadOutcome, Loaded, load_customers},
};
use store::{Tx, testing::TestDb};

/// The organisation of the stories.
pub const ORG: Id = Id::from_i64(7);

/// The context of a program that may do everything.
pub fn with_ctx<T>(test: impl AsyncFnOnce(&Ctx<'_>) -> T) -> impl Future<Output = T> {
    with_actor(Actor::program("test"), test)
}

/// The context of an actor.
pub async fn with_actor<T>(actor: Actor, test: impl AsyncFnOnce(&Ctx<'_>) -> T) -> T {
    let clock = ManualClock::new(store::testing::START);
    let random = Randomness::from_number(1);
    test(&Ctx::new(&clock, &random, &actor, "test")).await
}

/// Migrations of the registry alone: it refers to no other area's tables.
pub fn each<F: Future<Output = ()>>(story: impl Fn(TestDb) -> F) {
    TestDb::each(registry::MIGRATIONS, story);
}

/// The lines of the small bureau.
pub fn network() -> Network {
    let feeder = |code: &str, name: &str| NewFeeder {
        substation: "BD01".into(),
        code: code.into(),
        name: name.into(),
        voltage_v: Some(10_000),
    };
    let area = |feeder: &str, code: &str, name: &str| NewTransformerArea {
        feeder: feeder.into(),
        code: code.into(),
        name: name.into(),
        capacity_ukva: 400_000_000,
        manager_user: None,
    };
    Network {
        substations: vec![NewSubstation { code: "BD01".into(), name: "110kV柳河变".into() }],
        feeders: vec![feeder("X1", "10kV人民路线"), feeder("X2", "10kV工业线")],
        areas: vec![
            area("X1", "TQ1", "阳光花园1号台区"),
            area("X1", "TQ2", "李家村台区"),
            area("X2", "TQ3", "华信专变"),
        ],
    }
}

/// A form with the fields that stories vary.
pub fn form(account_no: &str, name: &str, phone: &str, address: &str) -> CustomerForm {
    CustomerForm {
        account_no: account_no.into(),
        name: name.into(),
        phone: phone.into(),
        address: address.into(),
        class: "residential".into(),
        voltage: "220V".into(),
        transformer_area: "TQ1".into(),
        opened_on: "2024-01-05".into(),
        ..CustomerForm::default()
    }
}

/// A form that must be right.
pub fn customer(form: &CustomerForm) -> Customer {
    form.parse().expect("the form is right")
}

/// Four customers.
pub fn customers() -> Vec<Customer> {
    let firm = CustomerForm {
        credit_code: "91350100M000100Y43".into(),
        class: "industrial".into(),
        voltage: "10kV".into(),
        dedicated_transformer: "yes".into(),
        transformer_area: "TQ3".into(),
        ..form("4200000003", "湖北华信机械有限公司", "027-87654321", "青山县柳河镇人民大道66号")
    };
    let village = CustomerForm {
        aliases: "老粮站".into(),
        transformer_area: "TQ2".into(),
        marks: "low_income".into(),
        ..form("4200000004", "李长春", "13900000004", "青山县柳河镇李家村2组15号")
    };
    vec![
        customer(&form("4200000001", "张伟民", "13812345678", "青山县柳河镇阳光花园3栋2单元502室")),
        customer(&form("4200000002", "张伟", "13712340002", "青山县柳河镇阳光花园13栋1单元101室")),
        customer(&firm),
        customer(&village),
    ]
}

/// Loads network and customers; the ids in the order of [`customers`].
pub async fn settle_in(tx: &mut Tx) -> Vec<Loaded> {
    load_network(tx, ORG, &network()).await.expect("the network loads");
    let outcomes = load_customers(tx, ORG, &customers()).await.expect("the customers load");
    outcomes.iter().map(added).collect()
}

/// The ids of a customer that must have been added.
pub fn added(outcome: &LoadOutcome) -> Loaded {
    match outcome {
        LoadOutcome::Added(loaded) => *loaded,
        other => panic!("not added: {other:?}"),
    }
}
