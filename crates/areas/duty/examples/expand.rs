//! How long it takes to expand and de-duplicate a notice for half a million people, twice: the
//! second time everybody is known. On SQLite in a temporary folder, or on the database given:
//! `cargo run --release -p lamplight-duty --example expand -- [PEOPLE] [postgres://…]`.
//! A PostgreSQL database must be empty.

use std::{env, error::Error, sync::Arc, time::Instant as Wall};

use access::{Actor, Randomness};
use duty::{
    Works,
    notices::{Announce, Channel, Kind, Language, Recipient, Route, Stage, announce},
};
use kernel::{Id, SystemClock};
use serde_json::json;
use store::Db;

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "it measures the machine's time")]
async fn main() -> Result<(), Box<dyn Error>> {
    let people: i64 = env::args().nth(1).map_or(Ok(500_000), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("expand.db").display());
    let url = env::args().nth(2).unwrap_or(file);
    let db = Db::open(&url, Arc::new(SystemClock)).await?;
    db.migrate(&[access::MIGRATIONS, registry::MIGRATIONS, duty::MIGRATIONS].concat()).await?;
    let random = Arc::new(Randomness::from_number(1));
    let works = Works::bundled(&db, random, "Asia/Shanghai")?;
    let actor = Actor::program("example");
    let variables = json!({
        "place": "城东片区", "since": "2026-03-10T11:42:00Z", "reason": "台风",
        "restore_from": "2026-03-10T14:10:00Z", "restore_to": "2026-03-10T18:10:00Z",
    });
    let recipients: Vec<Recipient> = (0..people).map(recipient).collect();
    for round in ["new", "again"] {
        let recipients = recipients.clone();
        let ctx = works.ctx(&actor, "example");
        let (began, cpu) = (Wall::now(), cpu_seconds());
        let mut tx = db.begin().await?;
        let command = Announce {
            org: Id::from_i64(7),
            kind: Kind::Fault,
            stage: Stage::During,
            subject: ("outage", Id::from_i64(1)),
            record_version: 1,
            variables: variables.as_object().ok_or("no object")?,
            promise: None,
            recipients,
        };
        let done = announce(&ctx, &mut tx, &works.notices, command).await?;
        tx.commit().await?;
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let (queued, known) = (done.queued, done.known);
        println!("{round}: {queued} queued, {known} known, {seconds:.2} s, {cpu:.2} s CPU here");
    }
    db.close().await;
    Ok(())
}

/// CPU time of this process where Linux tells it, in seconds; a server's is not in it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: f64 = fields.skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// A person with a phone and the portal, in no order, as the network finds them.
fn recipient(n: i64) -> Recipient {
    let person = 1 + (n.wrapping_mul(2_654_435_761) & 0xFFFF_FFFF);
    let address = format!("+86138{:08}", n % 100_000_000);
    Recipient {
        person: Id::from_i64(person),
        language: Language::Zh,
        routes: vec![
            Route { channel: Channel::Sms, address },
            Route { channel: Channel::Portal, address: person.to_string() },
        ],
        has_consent: false,
        own: String::new(),
    }
}
