//! What the portal's door asks of the registry: which account, whose phone, what name.

use access::mask_name;
use kernel::{FaultKind, Id};
use registry::{Channel, people::contacts_of, people::person_by_id, premises, words::normal};
use store::Db;

use crate::http::{
    Failure,
    door::{Answer, Customers, Delivery, FoundCustomer},
};

/// The registry as the portal's door sees it.
#[derive(Debug)]
pub struct PortalCustomers {
    db: Db,
    show_codes: bool,
}

impl PortalCustomers {
    /// `show_codes`: the demo has no phones, so that codes are shown on the page.
    #[must_use]
    pub fn new(db: &Db, show_codes: bool) -> Self {
        Self { db: db.clone(), show_codes }
    }
}

impl Customers for PortalCustomers {
    fn find<'a>(&'a self, account: &'a str, phone: &'a str) -> Answer<'a, Option<FoundCustomer>> {
        Box::pin(async move {
            let Ok(phone) = normal::phone(phone) else { return Ok(None) };
            let mut tx = self.db.read().await?;
            let Some(org) = access::root_organisation(&mut tx).await? else { return Ok(None) };
            for org in access::organisations_below(&mut tx, org.id).await? {
                let found = premises::account_by_no(&mut tx, org.id, account.trim()).await?;
                let Some(account) = found.filter(|account| account.closed_on.is_none()) else {
                    continue;
                };
                let contacts = contacts_of(&mut tx, account.person).await?;
                let by_phone = |channel| matches!(channel, Channel::Sms | Channel::Phone);
                if contacts.iter().any(|c| by_phone(c.channel) && c.value == phone) {
                    return Ok(Some(FoundCustomer { org: org.id, account: account.id, phone }));
                }
            }
            Ok(None)
        })
    }

    fn names(&self, org: Id, account: Id) -> Answer<'_, (String, String)> {
        Box::pin(async move {
            let mut tx = self.db.read().await?;
            let account = premises::account_by_id(&mut tx, org, account)
                .await?
                .ok_or_else(Failure::not_found)?;
            let person = person_by_id(&mut tx, org, account.person).await?;
            let name = person.map(|person| mask_name(&person.name)).unwrap_or_default();
            Ok((name, account.account_no))
        })
    }

    /// Codes go out with the notices of the outage desk's channels, which are not built yet: until
    /// then only the demo, which shows them, lets customers in.
    fn deliver<'a>(&'a self, _phone: &'a str, _code: &'a str) -> Answer<'a, Delivery> {
        Box::pin(async move {
            if self.show_codes {
                return Ok(Delivery::Shown);
            }
            let detail = "no channel for one-time codes is set up on this installation";
            Err(Failure::new(FaultKind::Unavailable, "portal.no_channel", detail))
        })
    }
}
