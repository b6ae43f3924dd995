//! A small company to test with: a root, two bureaus, one station, an administrator.

use access::{
    AccessError, Actor, Ctx, GrantRole, NewOrganisation, NewStaff, Password, Randomness, SignIn,
    SignedIn,
};
use kernel::Id;
use store::{Db, Tx, testing::TestDb};

/// A password that passes the rules.
pub const PASSWORD: &str = "窗台上的猫看着雨落下来";

/// The company.
pub struct House {
    /// The database.
    pub t: TestDb,
    /// Randomness with a fixed seed.
    pub random: Randomness,
    /// The root.
    pub root: Id,
    /// The east bureau.
    pub east: Id,
    /// A station of the east bureau.
    pub station: Id,
    /// The west bureau.
    pub west: Id,
}

/// Runs a test on both engines, each time in a new house.
pub fn each<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    TestDb::each(access::MIGRATIONS, |t| async {
        let house = House::build(t).await;
        test(house).await;
    });
}

impl House {
    async fn build(t: TestDb) -> Self {
        let random = Randomness::from_number(7);
        let program = Actor::program("test");
        let clock = t.clock.clone();
        let ctx = Ctx::new(clock.as_ref(), &random, &program, "r-0");
        let mut tx = t.db.begin().await.unwrap();
        access::ensure_default_roles(&mut tx).await.unwrap();
        let root = organisation(&ctx, &mut tx, None, "33").await;
        let east = organisation(&ctx, &mut tx, Some(root), "3301").await;
        let station = organisation(&ctx, &mut tx, Some(east), "330101").await;
        let west = organisation(&ctx, &mut tx, Some(root), "3302").await;
        tx.commit().await.unwrap();
        Self { t, random, root, east, station, west }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.t.db
    }

    /// A context for an actor.
    pub fn ctx<'a>(&'a self, actor: &'a Actor) -> Ctx<'a> {
        Ctx::new(self.t.clock.as_ref(), &self.random, actor, "r-1")
    }

    /// A member of staff with a role at an organisation; their id.
    pub async fn hire(&self, login: &str, role: &str, org: Id) -> Id {
        let program = Actor::program("test");
        let ctx = self.ctx(&program);
        let mut tx = self.db().begin().await.unwrap();
        let new = NewStaff {
            org,
            login,
            name: login,
            password: Password::new(PASSWORD),
            must_change: false,
        };
        let staff = access::create_staff(&ctx, &mut tx, new).await.unwrap();
        let role = access::role_by_code(&mut tx, role).await.unwrap().unwrap().id;
        access::grant_role(&ctx, &mut tx, GrantRole { staff, role, org }).await.unwrap();
        tx.commit().await.unwrap();
        staff
    }

    /// Tries to sign in; the token.
    pub async fn try_sign_in(&self, login: &str, password: &str) -> Option<String> {
        let visitor = Actor::visitor();
        let ctx = self.ctx(&visitor);
        let attempt = SignIn { login, password: Password::new(password), origin: "127.0.0.1 test" };
        access::sign_in(&ctx, self.db(), attempt).await.unwrap().map(|s| s.token)
    }

    /// Signs in; who it is.
    pub async fn sign_in(&self, login: &str) -> SignedIn {
        let token = self.try_sign_in(login, PASSWORD).await.unwrap();
        access::recognise(self.db(), &token).await.unwrap().unwrap()
    }
}

/// Makes an organisation.
pub async fn organisation(ctx: &Ctx<'_>, tx: &mut Tx, parent: Option<Id>, code: &str) -> Id {
    let new = NewOrganisation { parent, code, name_zh: "供电局", name_en: "Bureau" };
    access::create_organisation(ctx, tx, new).await.unwrap()
}

/// Asserts that something was refused for want of a right.
#[track_caller]
pub fn assert_denied<T: std::fmt::Debug>(result: Result<T, AccessError>) {
    match result {
        Err(AccessError::Denied(_)) => {}
        other => panic!("not denied: {other:?}"),
    }
}
