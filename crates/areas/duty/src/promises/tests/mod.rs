//! Promises on both databases.

mod board;
mod packs;
mod story;

use std::{collections::BTreeMap, future::Future, sync::Arc};

use access::{
    Actor, Ctx, GrantRole, NewOrganisation, NewStaff, Password, Randomness, SignIn,
    create_organisation,
};
use kernel::{Id, Instant, Zone};
use store::testing::TestDb;

use super::{
    ApplyTo, Books, Evidence, OpenPromises, PauseClock, PromiseError, PromiseRow, answer_breach,
    jobs, keep, open, pause, publish_pack, queries, resume, withdraw,
};

/// A company with one station, its packs, and a program that may do everything.
pub(super) struct World {
    pub test: TestDb,
    pub books: Books,
    pub random: Arc<Randomness>,
    pub actor: Actor,
    pub root: Id,
    pub org: Id,
}

pub(super) fn each<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    let migrations = [access::MIGRATIONS, registry::MIGRATIONS, crate::MIGRATIONS].concat();
    TestDb::each(&migrations, async |test| story(World::new(test).await).await);
}

/// An instant from its civil time in Shanghai.
pub(super) fn at(text: &str) -> Instant {
    zone().instant_of(text.parse().unwrap()).unwrap()
}

fn zone() -> Zone {
    Zone::get("Asia/Shanghai").unwrap()
}

pub(super) fn books() -> Books {
    let calendar = tariff::bundled::library().unwrap().calendar("cn").unwrap().clone();
    Books::new(zone(), calendar)
}

pub(super) fn evidence() -> Evidence {
    Evidence { kind: "notice".into(), reference: "17".into(), note: String::new() }
}

impl World {
    async fn new(test: TestDb) -> Self {
        let (random, actor) = (Arc::new(Randomness::from_number(1)), Actor::program("test"));
        let mut world = Self {
            books: books(),
            random,
            actor,
            root: Id::from_i64(0),
            org: Id::from_i64(0),
            test,
        };
        let mut tx = world.test.db.begin().await.unwrap();
        let ctx = Ctx::new(world.test.clock.as_ref(), &world.random, &world.actor, "test");
        access::ensure_default_roles(&mut tx).await.unwrap();
        let unit =
            |code, parent| NewOrganisation { code, name_zh: "局", name_en: "Bureau", parent };
        let root = create_organisation(&ctx, &mut tx, unit("C", None)).await.unwrap();
        let org = create_organisation(&ctx, &mut tx, unit("S", Some(root))).await.unwrap();
        tx.commit().await.unwrap();
        drop(ctx);
        (world.root, world.org) = (root, org);
        for pack in ["generic", "national", "state-grid"] {
            let path = format!("rules/promises/{pack}.toml");
            let (_, text) =
                promise::bundled::DOCUMENTS.iter().find(|(name, _)| *name == path).unwrap();
            world.publish(text, ApplyTo::NewOnly).await;
        }
        world
    }

    pub fn ctx(&self) -> Ctx<'_> {
        Ctx::new(self.test.clock.as_ref(), &self.random, &self.actor, "test")
    }

    pub fn now(&self, text: &str) {
        self.test.clock.set(at(text));
    }

    pub async fn publish(&self, text: &str, apply: ApplyTo) -> u64 {
        let mut tx = self.test.db.begin().await.unwrap();
        let done = publish_pack(&self.ctx(), &mut tx, &self.books, (self.root, text), apply).await;
        let done = done.unwrap();
        tx.commit().await.unwrap();
        done.moved
    }

    /// Opens the promises of a fact that happens now.
    pub async fn open(
        &self,
        trigger: &str,
        attributes: &[(&str, &str)],
        subject: i64,
        target_at: Option<Instant>,
    ) -> Vec<PromiseRow> {
        let mut tx = self.test.db.begin().await.unwrap();
        let attributes: BTreeMap<String, String> =
            attributes.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let fact = OpenPromises {
            org: self.org,
            trigger,
            attributes,
            subject: ("outage", Id::from_i64(subject)),
            person: None,
            opened_at: self.test.db.now(),
            target_at,
            occasion: "",
        };
        let rows = open(&self.ctx(), &mut tx, &self.books, &fact).await.unwrap();
        tx.commit().await.unwrap();
        rows
    }

    pub async fn reconcile(&self) -> u64 {
        jobs::reconcile(&self.test.db, &self.random, &self.actor, &self.books).await.unwrap()
    }

    pub async fn pause(&self, id: Id, reason: &str) -> Result<PromiseRow, PromiseError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let command = PauseClock { reason, note: "", since: tx.now() };
        let row = pause(&self.ctx(), &mut tx, &self.books, (self.org, id), command).await?;
        tx.commit().await.unwrap();
        Ok(row)
    }

    pub async fn resume(&self, id: Id, reason: &str) -> Result<PromiseRow, PromiseError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let now = tx.now();
        let row = resume(&self.ctx(), &mut tx, &self.books, (self.org, id), (reason, now)).await?;
        tx.commit().await.unwrap();
        Ok(row)
    }

    pub async fn keep(&self, id: Id) -> Result<PromiseRow, PromiseError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let now = tx.now();
        let done = (now, &evidence());
        let row = keep(&self.ctx(), &mut tx, &self.books, (self.org, id), done).await?;
        tx.commit().await.unwrap();
        Ok(row)
    }

    pub async fn withdraw(&self, id: Id) -> Result<PromiseRow, PromiseError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let row = withdraw(&self.ctx(), &mut tx, &self.books, (self.org, id)).await?;
        tx.commit().await.unwrap();
        Ok(row)
    }

    pub async fn story(&self, id: Id) -> queries::PromiseStory {
        let mut tx = self.test.db.read().await.unwrap();
        queries::story(&self.ctx(), &mut tx, (self.org, id)).await.unwrap()
    }

    /// A manager who has signed in.
    pub async fn manager(&self) -> Actor {
        let password = || Password::new("窗台上的猫看着雨落下来");
        let ctx = self.ctx();
        let mut tx = self.test.db.begin().await.unwrap();
        let new = NewStaff {
            org: self.root,
            login: "manager",
            name: "王主任",
            password: password(),
            must_change: false,
        };
        let staff = access::create_staff(&ctx, &mut tx, new).await.unwrap();
        let role = access::role_by_code(&mut tx, "manager").await.unwrap().unwrap().id;
        access::grant_role(&ctx, &mut tx, GrantRole { staff, role, org: self.root }).await.unwrap();
        tx.commit().await.unwrap();
        let attempt = SignIn { login: "manager", password: password(), origin: "test" };
        let session = access::sign_in(&ctx, &self.test.db, attempt).await.unwrap().unwrap();
        access::recognise(&self.test.db, &session.token).await.unwrap().unwrap().actor
    }

    pub async fn answer(
        &self,
        actor: &Actor,
        row: &PromiseRow,
        reason: &str,
    ) -> Result<PromiseRow, PromiseError> {
        let mut tx = self.test.db.begin().await.unwrap();
        let ctx = Ctx::new(self.test.clock.as_ref(), &self.random, actor, "test");
        let row = answer_breach(&ctx, &mut tx, (row.org, row.id, row.version), reason).await?;
        tx.commit().await.unwrap();
        Ok(row)
    }
}
