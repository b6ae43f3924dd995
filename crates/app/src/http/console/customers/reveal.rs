//! Personal data in clear: the person says why, the look is written into the audit trail, and the
//! answer is shown once, without a place in any cache.

use access::AccessError;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use registry::{PERSONAL_FIELDS, PersonalData, RegistryError, personal_data};

use super::search;
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Refused, Sent},
    i18n::Words,
    ui::{Alert, Definitions, Field, Input, Page, Sign},
};

#[derive(Template)]
#[template(path = "console/customers/reveal.html")]
struct RevealPage {
    t: Words,
    page: Page,
    alert: Option<Alert>,
    action: String,
    back: String,
    purpose: Field,
    data: Option<Definitions>,
}

impl RevealPage {
    fn new(visit: &Visit, account: &str, refused: &Refused) -> Self {
        let t = visit.t();
        let back = format!("/console/customers/{account}");
        let label = t.get("customers.reveal_purpose");
        Self {
            t,
            page: visit
                .page(t.get("customers.reveal"))
                .crumb(t.get("customers.title"), search_path())
                .crumb(t.get("customers.customer"), back.clone()),
            alert: refused.alert(t),
            action: format!("{back}/reveal"),
            back,
            purpose: Field::new(t, "purpose", label, Input::Text)
                .hint(t.get("customers.reveal_hint"))
                .required()
                .focus()
                .kept(refused),
            data: None,
        }
    }
}

const fn search_path() -> &'static str {
    super::SEARCH
}

pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
) -> Result<Response, Failure> {
    let mut tx = web.works.db.read().await?;
    search::account(&visit.ctx(), &mut tx, &named).await?;
    Ok(ok(&RevealPage::new(&visit, &named, &Refused::default())))
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let t = visit.t();
    let mut check = sent.check(t);
    let purpose = check.required("purpose", 200);
    let mut data = None;
    if check.is_good() {
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        let account = search::account(&ctx, &mut tx, &named).await?;
        let org = visit.actor().org();
        let fields = &PERSONAL_FIELDS;
        match personal_data(&ctx, &mut tx, org, account.person, fields, &purpose).await {
            Err(RegistryError::Access(AccessError::Invalid { .. })) => {
                check.wrong("purpose", t.get("customers.reveal_hint"));
            }
            done => data = Some(visit.finish(&ctx, tx, done).await?),
        }
    }
    let status = if data.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = RevealPage::new(&visit, &named, &check.refused().unwrap_or_default());
    page.data = data.map(|data| definitions(t, data));
    if page.data.is_some() {
        page.alert = Some(
            Alert::new(Sign::Info, t.get("customers.revealed"))
                .text(&t.with("customers.revealed_text", &[("purpose", &purpose)])),
        );
    }
    let mut response = render(status, &page);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn definitions(t: Words, data: PersonalData) -> Definitions {
    let name = data.name.unwrap_or_default();
    let mut list = Definitions::new().text(t.get("customers.name"), &name);
    for identity in &data.identities {
        list = list.text(t.of("trade.identity", identity.scheme.word()), &identity.value);
    }
    for contact in &data.contacts {
        list = list.text(t.of("trade.channel", contact.channel.word()), &contact.value);
    }
    for place in &data.addresses {
        list = list.text(t.get("customers.address"), &place.address);
    }
    list
}
