//! One work order: what it is about, and the forms that bring it on.

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use kernel::{Energy, Id};
use metering::reading::RegisterKind;
use supply::{
    meters::{self, InstallationRow, MeterRow, Registers},
    orders::{OrderRow, order_by_id},
};

use super::{PATH, said, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{Card, Form, Sheet, paragraph},
    },
    failure::render,
    form::Refused,
    ui::{Alert, Choice, Definitions, Field, Html, Input, Page, Sign},
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&web, &visit, desk::id(&id)?, &Refused::default(), StatusCode::OK).await
}

/// What a page of an order shows.
pub(super) struct Told {
    pub order: OrderRow,
    pub meter: MeterRow,
    /// Where the meter hangs, or hung when it was taken down for this order.
    pub place: Option<InstallationRow>,
}

impl Told {
    pub(super) async fn read(web: &Web, org: Id, id: Id) -> Result<Self, Failure> {
        let mut tx = web.works.db.read().await?;
        let order = order_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
        let meter = meters::meter_by_id(&mut tx, org, order.meter).await?;
        let places = meters::installations_of_meter(&mut tx, org, order.meter).await?;
        let place = places.into_iter().find(|place| place.usage_point == order.usage_point);
        Ok(Self { meter: meter.ok_or_else(Failure::not_found)?, order, place })
    }

    /// The registers that are read when the meter is taken down.
    pub(super) fn registers(&self) -> Vec<RegisterKind> {
        let shown = self.place.as_ref().map(|place| {
            let text = place.closing_registers.as_deref().unwrap_or(&place.opening_registers);
            serde_json::from_str::<Registers>(text).unwrap_or_default()
        });
        let shown = shown.unwrap_or_default();
        let kinds: Vec<RegisterKind> = RegisterKind::ALL
            .into_iter()
            .filter(|kind| kind.is_cumulative() && shown.0.contains_key(kind.name()))
            .collect();
        if kinds.is_empty() { vec![RegisterKind::Total] } else { kinds }
    }
}

/// The page, with a form as it was refused.
pub(super) async fn page(
    web: &Web,
    visit: &Visit,
    id: Id,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::MeterRead).await?;
    let t = visit.t();
    let told = Told::read(web, org, id).await?;
    let kind = t.of("order_kind", &told.order.kind);
    let title = t.with("orders.title", &[("kind", &kind), ("meter", &told.meter.asset_no)]);
    let page = visit.page(title).crumb(t.get("nav.orders"), PATH);
    let forms: Vec<Html> = forms(visit, &page, &told, refused);
    let facts = facts(web, visit, org, &told).await?;
    let mut sheet = Sheet::new(page).maybe(refused.alert(t)).maybe(next(visit, &told)).part(&facts);
    for form in &forms {
        sheet = sheet.part(form);
    }
    Ok(render(status, &sheet))
}

/// What is to be done next, in a sentence.
fn next(visit: &Visit, told: &Told) -> Option<Alert> {
    let t = visit.t();
    let key = match (told.order.kind.as_str(), told.order.state.as_str()) {
        ("rotation", "open") => "orders.next_schedule",
        ("rotation", "assigned") => "orders.next_exchange",
        ("fault", "open" | "assigned") => "orders.next_fault",
        ("fault", "exchanged") => "orders.next_decide",
        _ => return None,
    };
    Some(Alert::new(Sign::Info, t.get(key)))
}

async fn facts(web: &Web, visit: &Visit, org: Id, told: &Told) -> Result<Card, Failure> {
    let (t, order) = (visit.t(), &told.order);
    let mut tx = web.works.db.read().await?;
    let mut names = Names::default();
    let (code, account_no, account) = names.point(&mut tx, org, order.usage_point).await?;
    let customer = match account.filter(|_| visit.may(Right::CustomerRead)) {
        Some(account) => Html::link(&account_no, &format!("/console/customers/{account}")),
        None => Html::text(&account_no),
    };
    let by = names.person(&mut tx, t, order.created_by).await?;
    let mut list = Definitions::new()
        .html(t.get("orders.state"), Html::of(&state(t, &order.state)))
        .text(t.get("orders.meter"), &format!("{} · {}", told.meter.asset_no, told.meter.model))
        .html(t.get("exceptions.customer"), customer)
        .text(t.get("exceptions.usage_point"), &code)
        .text(t.get("orders.due"), &t.date(order.due_on))
        .text(t.get("orders.made"), &format!("{} · {by}", desk::at(visit, order.created_at)));
    if !order.code.is_empty() {
        let kinds = &web.works.rules.metering.fault.kind;
        list = list.text(t.get("fault.code"), said(t, kinds, &order.code));
    }
    if !order.note.is_empty() {
        list = list.text(t.get("orders.note"), &order.note);
    }
    if let Some(day) = order.planned_on {
        list = list.text(t.get("orders.planned"), &format!("{} {}", t.date(day), order.crew));
    }
    if let (Some(new), Some(on)) = (order.new_meter, order.exchanged_on) {
        let new = meters::meter_by_id(&mut tx, org, new).await?.map(|meter| meter.asset_no);
        let text = format!("{} · {}", t.date(on), new.unwrap_or_default());
        list = list.text(t.get("orders.exchanged"), &text);
    }
    if let Some(until) = order.kept_until {
        list = list.text(t.get("orders.kept_until"), &t.date(until));
    }
    if let Some(decision) = &order.decision {
        let by = names.person(&mut tx, t, order.decided_by.unwrap_or(Id::from_i64(0))).await?;
        let energy = order.adjusted_ukwh.map(|ukwh| t.energy(Energy::from_ukwh(ukwh)));
        let text = format!("{} {}", t.of("fault_decision", decision), energy.unwrap_or_default());
        list = list
            .text(t.get("fault.decision"), text.trim())
            .text(t.get("exceptions.reason"), order.decision_reason.as_deref().unwrap_or("–"))
            .text(t.get("exceptions.decided_by"), &by);
    }
    Ok(Card::new(t.get("orders.facts")).part(&list))
}

fn forms(visit: &Visit, page: &Page, told: &Told, refused: &Refused) -> Vec<Html> {
    let order = &told.order;
    let mut forms = Vec::new();
    let waits = matches!(order.state.as_str(), "open" | "assigned");
    if waits && visit.may(Right::MeterWrite) {
        forms.push(Html::of(&schedule(visit, page, order, refused)));
        forms.push(Html::of(&exchange(visit, page, told, refused)));
        if order.kind == "rotation" {
            forms.push(Html::of(&cancel(visit, page, order, refused)));
        }
    }
    let undecided = waits || order.state == "exchanged";
    if undecided && order.kind == "fault" && visit.may(Right::ReadingEdit) {
        forms.push(Html::of(&decide(visit, page, told, refused)));
    }
    forms
}

fn schedule(visit: &Visit, page: &Page, order: &OrderRow, refused: &Refused) -> Card {
    let t = visit.t();
    let kept = |name: &str, value: String| match refused.value(name) {
        "" => value,
        sent => sent.to_owned(),
    };
    let day = order.planned_on.map_or_else(String::new, |day| day.to_string());
    let form = Form::new(page, &format!("{PATH}/{}/schedule", order.id), t.get("orders.schedule"))
        .hidden("version", order.version.to_string())
        .field(
            Field::new(t, "planned_on", t.get("orders.planned"), Input::Date)
                .required()
                .kept(refused)
                .value(kept("planned_on", day)),
        )
        .field(
            Field::new(t, "crew", t.get("orders.crew"), Input::Text)
                .kept(refused)
                .value(kept("crew", order.crew.clone())),
        );
    Card::new(t.get("orders.schedule_title")).part(&form)
}

/// The name of the field for what the new meter shows.
pub(super) const fn opening_field(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Total => "opening_total",
        RegisterKind::Sharp => "opening_sharp",
        RegisterKind::Peak => "opening_peak",
        RegisterKind::Flat => "opening_flat",
        RegisterKind::Valley => "opening_valley",
        RegisterKind::Deep => "opening_deep",
        RegisterKind::ExportTotal => "opening_export_total",
        RegisterKind::ReactiveForward => "opening_reactive_forward",
        RegisterKind::ReactiveReverse => "opening_reactive_reverse",
        RegisterKind::DemandMax => "opening_demand_max",
    }
}

fn exchange(visit: &Visit, page: &Page, told: &Told, refused: &Refused) -> Card {
    let (t, order) = (visit.t(), &told.order);
    let today = desk::today(visit).to_string();
    let day = if refused.value("on").is_empty() { &today } else { refused.value("on") };
    let mut form =
        Form::new(page, &format!("{PATH}/{}/exchange", order.id), t.get("orders.exchange"))
            .hidden("version", order.version.to_string())
            .field(
                Field::new(t, "on", t.get("orders.exchange_day"), Input::Date)
                    .required()
                    .kept(refused)
                    .value(day),
            )
            .field(
                Field::new(t, "new_meter", t.get("orders.new_meter"), Input::Text)
                    .required()
                    .kept(refused),
            );
    for kind in told.registers() {
        let register = t.of("trade.register", kind.name());
        let closing = t.with("orders.closing", &[("register", &register), ("unit", &kind.unit())]);
        let opening = t.with("orders.opening", &[("register", &register), ("unit", &kind.unit())]);
        form = form
            .field(Field::new(t, kind.name(), closing, Input::Text).required().kept(refused))
            .field(
                Field::new(t, opening_field(kind), opening, Input::Text).required().kept(refused),
            );
    }
    let ratio =
        told.place.as_ref().map_or_else(String::new, |place| match place.ratio_denominator {
            1 => place.ratio_numerator.to_string(),
            lower => format!("{}/{lower}", place.ratio_numerator),
        });
    let form = form.field(
        Field::new(t, "ratio", t.get("orders.ratio"), Input::Text)
            .hint(t.with("orders.ratio_hint", &[("ratio", &ratio)]))
            .kept(refused),
    );
    Card::new(t.get("orders.exchange_title")).part(&form)
}

fn cancel(visit: &Visit, page: &Page, order: &OrderRow, refused: &Refused) -> Card {
    let t = visit.t();
    let form = Form::new(page, &format!("{PATH}/{}/cancel", order.id), t.get("orders.cancel"))
        .hidden("version", order.version.to_string())
        .field(
            Field::new(t, "reason", t.get("exceptions.reason"), Input::Text)
                .required()
                .hint(t.get("orders.cancel_hint"))
                .kept(refused),
        );
    Card::new(t.get("orders.cancel_title")).part(&form)
}

fn decide(visit: &Visit, page: &Page, told: &Told, refused: &Refused) -> Card {
    let (t, order) = (visit.t(), &told.order);
    let words = ["no_adjust", "adjust"];
    let choice = |word: &str| Choice {
        value: word.to_owned(),
        label: t.of("fault_decision", word).to_owned(),
    };
    let mut choices = desk::choices(t.get("exceptions.choose"), []);
    choices.extend(words.map(choice));
    let mut form = Form::new(page, &format!("{PATH}/{}/decide", order.id), t.get("fault.decide"))
        .hidden("version", order.version.to_string())
        .field(
            Field::new(t, "decision", t.get("fault.decision"), Input::Select)
                .required()
                .choices(choices)
                .kept(refused),
        );
    for kind in told.registers() {
        let register = t.of("trade.register", kind.name());
        let label = t.with("fault.energy", &[("register", &register), ("unit", &kind.unit())]);
        form = form.field(Field::new(t, kind.name(), label, Input::Text).kept(refused));
    }
    let form = form
        .field(
            Field::new(t, "error_percent", t.get("fault.error_percent"), Input::Text)
                .hint(t.get("fault.error_hint"))
                .kept(refused),
        )
        .field(Field::new(t, "registered", t.get("fault.registered"), Input::Text).kept(refused))
        .field(
            Field::new(t, "reason", t.get("exceptions.reason"), Input::Area)
                .required()
                .hint(t.get("exceptions.reason_hint"))
                .kept(refused),
        );
    Card::new(t.get("fault.decide_title")).part(&paragraph(t.get("fault.decide_text"))).part(&form)
}
