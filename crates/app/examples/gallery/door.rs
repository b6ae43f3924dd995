//! A doorkeeper who knows two invented people.

use kernel::Id;
use lamplight::http::door::{Answer, Doorkeeper, Known, Opened, Side, Ticket};

/// Knows 王芳 of the office and one customer.
pub struct InventedPeople;

fn opened(token: &str) -> Opened {
    Opened { token: token.to_owned(), lasts_s: 3_600 }
}

impl Doorkeeper for InventedPeople {
    fn recognise<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Known>> {
        let known = |side, name: &str, place: &str| Known {
            side,
            id: Id::from_i64(1),
            org: Id::from_i64(1),
            name: name.to_owned(),
            place: place.to_owned(),
            rights: [].into(),
        };
        let found = match token {
            "staff" => Some(known(Side::Staff, "王芳", "云溪县供电公司 · 城关供电所")),
            "customer" => Some(known(Side::Customer, "李建国", "户号 0412 0087 7315")),
            _ => None,
        };
        Box::pin(async move { Ok(found) })
    }

    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        word: &'a str,
        _: &'a str,
    ) -> Answer<'a, Option<Opened>> {
        Box::pin(async move { Ok((name == "wang" && word == "lamp").then(|| opened("staff"))) })
    }

    fn send_code<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Answer<'a, Ticket> {
        Box::pin(async { Ok(Ticket { ticket: "ticket".to_owned(), lasts_s: 300 }) })
    }

    fn open_with_code<'a>(&'a self, _: &'a str, code: &'a str) -> Answer<'a, Option<Opened>> {
        Box::pin(async move { Ok((code == "123456").then(|| opened("customer"))) })
    }

    fn sign_out<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}
