//! Notices on both databases, with a provider whose answers the tests choose. Real servers stand
//! behind the senders in the app's tests.

mod calls;
mod corrections;
mod delivery;
mod pacing;
mod reports;

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex},
};

use access::{Actor, Ctx, Randomness};
use kernel::{Id, Instant, Zone};
use serde_json::{Map, Value as Json, json};
use store::testing::TestDb;

use super::{
    Accepted, Announce, Announced, Answers, Channel, ItemRow, Kind, Language, NoticeError,
    Outgoing, Receipt, Recipient, Refusal, Report, Route, Sender, Stage, announce, jobs, queries,
    store::item, take_report,
};
use crate::Works;

pub(super) const ORG: Id = Id::from_i64(7);

/// A provider that takes everything unless told otherwise, and keeps what it was handed.
pub(super) struct Provider {
    channel: Channel,
    is_repeatable: bool,
    pub handed: Mutex<Vec<Outgoing>>,
    pub answers: Mutex<VecDeque<Refusal>>,
}

impl Provider {
    pub fn of(channel: Channel) -> Self {
        let (handed, answers) = (Mutex::default(), Mutex::default());
        Self { channel, is_repeatable: channel == Channel::Webhook, handed, answers }
    }

    /// The next messages are refused so.
    pub fn refuse(&self, with: Refusal, times: usize) {
        self.answers.lock().unwrap().extend(std::iter::repeat_n(with, times));
    }

    pub fn people(&self) -> Vec<i64> {
        self.handed.lock().unwrap().iter().map(|one| one.person.get()).collect()
    }

    pub fn texts(&self) -> Vec<String> {
        self.handed.lock().unwrap().iter().map(|one| one.text.clone()).collect()
    }
}

impl Sender for Provider {
    fn channel(&self) -> Channel {
        self.channel
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a> {
        self.handed.lock().unwrap().extend_from_slice(messages);
        let mut refusals = self.answers.lock().unwrap();
        let answers = messages.iter().map(|message| match refusals.pop_front() {
            Some(refusal) => Err(refusal),
            None => {
                let provider_ref = Some(format!("P{}", message.send));
                Ok(Accepted { provider_ref, is_delivered: false })
            }
        });
        let answers = answers.collect();
        Box::pin(async move { answers })
    }
}

pub(super) struct World {
    pub test: TestDb,
    pub works: Works,
    pub actor: Actor,
}

pub(super) fn each<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    let migrations = [access::MIGRATIONS, registry::MIGRATIONS, crate::MIGRATIONS].concat();
    TestDb::each(&migrations, async |test| {
        let random = Arc::new(Randomness::from_number(1));
        let works = Works::bundled(&test.db, random, "Asia/Shanghai").unwrap();
        let world = World { test, works, actor: Actor::program("test") };
        world.now("2026-03-10T10:00");
        story(world).await;
    });
}

pub(super) fn at(text: &str) -> Instant {
    Zone::get("Asia/Shanghai").unwrap().instant_of(text.parse().unwrap()).unwrap()
}

/// What a plan says; `hour` tells versions apart.
pub(super) fn plan(hour: u32) -> Map<String, Json> {
    let said = json!({
        "place": "九里街1号", "start": "2026-03-20T00:00:00Z",
        "end": format!("2026-03-20T{hour:02}:00:00Z"), "reason": "树障清理",
    });
    said.as_object().cloned().unwrap()
}

pub(super) fn route(channel: Channel, address: &str) -> Route {
    Route { channel, address: address.to_owned() }
}

pub(super) fn by_sms(person: i64) -> Recipient {
    by(person, vec![route(Channel::Sms, &format!("+8613800{person:06}"))])
}

pub(super) fn by(person: i64, routes: Vec<Route>) -> Recipient {
    let own = String::new();
    Recipient {
        person: Id::from_i64(person),
        language: Language::Zh,
        routes,
        has_consent: false,
        own,
    }
}

impl World {
    pub fn ctx(&self) -> Ctx<'_> {
        self.works.ctx(&self.actor, "test")
    }

    pub fn now(&self, text: &str) {
        self.test.clock.set(at(text));
    }

    pub fn wait(&self, seconds: i64) {
        self.test.clock.advance_seconds(seconds);
    }

    /// Announces a version of outage 1.
    pub async fn announce(
        &self,
        kind: Kind,
        stage: Stage,
        (version, variables): (i64, &Map<String, Json>),
        recipients: Vec<Recipient>,
    ) -> Result<Announced, NoticeError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let subject = ("outage", Id::from_i64(1));
        let command = Announce {
            org: ORG,
            kind,
            stage,
            subject,
            record_version: version,
            variables,
            promise: None,
            recipients,
        };
        let done = announce(&self.ctx(), &mut tx, &self.works.notices, command).await?;
        tx.commit().await.unwrap();
        Ok(done)
    }

    /// As [`World::announce`], of a plan before it begins.
    pub async fn plan(&self, version: i64, hour: u32, recipients: Vec<Recipient>) -> Announced {
        let said = (version, &plan(hour));
        self.announce(Kind::Planned, Stage::Before, said, recipients).await.unwrap()
    }

    pub async fn send(&self, provider: &dyn Sender) -> u64 {
        jobs::send(&self.works, provider).await.unwrap()
    }

    pub async fn item(&self, notice: Id, person: i64) -> ItemRow {
        let mut tx = self.test.db.read().await.unwrap();
        item(&mut tx, notice, Id::from_i64(person)).await.unwrap().unwrap()
    }

    pub async fn report(&self, provider_ref: &str, receipt: Receipt) -> bool {
        let mut tx = self.test.db.begin().await.unwrap();
        let report =
            Report { channel: Channel::Sms, provider_ref, receipt, at: tx.now(), detail: "stat:x" };
        let is_new = take_report(&mut tx, &self.works.notices, report).await.unwrap();
        tx.commit().await.unwrap();
        is_new
    }

    pub async fn exceptions(&self) -> Vec<(i64, String)> {
        let mut tx = self.test.db.read().await.unwrap();
        let from = (Id::from_i64(0), Id::from_i64(0));
        let rows = queries::exceptions(&self.ctx(), &mut tx, ORG, from, 100).await.unwrap();
        rows.into_iter().map(|r| (r.person.get(), r.reason.unwrap_or_default())).collect()
    }
}
