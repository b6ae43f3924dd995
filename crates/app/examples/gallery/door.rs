//! Two invented people: 王芳 of the office, and one customer.

use access::{
    AccessError, Actor, Ctx, GrantRole, NewOrganisation, NewStaff, Password, Randomness,
    create_organisation, create_staff, ensure_default_roles, grant_role, role_by_code,
};
use kernel::Id;
use lamplight::http::door::{Answer, Customers, Delivery, FoundCustomer};
use store::Db;

/// The organisation that serves the one customer.
pub struct InventedPeople {
    org: Id,
}

impl InventedPeople {
    /// Makes the tables, the organisation and 王芳.
    pub async fn move_in(db: &Db, random: &Randomness) -> Result<Self, AccessError> {
        db.migrate(access::MIGRATIONS).await?;
        let actor = Actor::program("gallery");
        let ctx = Ctx::new(db.clock().as_ref(), random, &actor, "gallery");
        let mut tx = db.begin().await?;
        ensure_default_roles(&mut tx).await?;
        let org = NewOrganisation {
            parent: None,
            code: "331102",
            name_zh: "云溪县供电公司",
            name_en: "Yunxi County Supply",
        };
        let org = create_organisation(&ctx, &mut tx, org).await?;
        let wang = NewStaff {
            org,
            login: "wang",
            name: "王芳",
            password: Password::new("lamplight-2026"),
            must_change: false,
        };
        let staff = create_staff(&ctx, &mut tx, wang).await?;
        if let Some(role) = role_by_code(&mut tx, "billing_clerk").await? {
            grant_role(&ctx, &mut tx, GrantRole { staff, role: role.id, org }).await?;
        }
        tx.commit().await?;
        Ok(Self { org })
    }
}

impl Customers for InventedPeople {
    fn find<'a>(&'a self, _: &'a str, phone: &'a str) -> Answer<'a, Option<FoundCustomer>> {
        let (org, account) = (self.org, Id::from_i64(1));
        let phone = phone.to_owned();
        Box::pin(async move { Ok(Some(FoundCustomer { org, account, phone })) })
    }

    fn names(&self, _: Id, _: Id) -> Answer<'_, (String, String)> {
        Box::pin(async { Ok(("李建国".to_owned(), "0412 0087 7315".to_owned())) })
    }

    fn deliver<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Delivery> {
        Box::pin(async { Ok(Delivery::Shown) })
    }
}
