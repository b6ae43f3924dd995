//! A disputed bill whose meter was tested (校表): what the test comes to is shown first, then booked
//! with the answer.

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Date, Ratio};
use supply::{
    billing::{
        self, DisputeRow,
        rules::{MeterRefund, MeterTest},
    },
    meters::installation_in_force,
};
use tariff::text::parse_ratio;

use super::{
    super::{confirm::ConfirmPage, shown},
    DISPUTES,
    disputes::disputed,
    sheet::Sheet,
    show,
};
use crate::http::{
    Failure, Visit, Web,
    failure::{ok, render},
    form::{Check, Refused, Sent},
    i18n::Words,
    ui::{Field, Input, Sign},
};

/// The longest error that a form takes: `+3.2`, in percent.
const ERROR_MAX: usize = 12;

fn framed(visit: &Visit, row: &DisputeRow, sheet: &Sheet, question: &str) -> ConfirmPage {
    let t = visit.t();
    let bill = &sheet.bill;
    let back = format!("/console/bills/{}", bill.id);
    let title = t.with("bills.meter_test_title", &[("no", &bill.bill_no)]);
    let page = show::framed(visit, sheet, title).crumb(&bill.bill_no, back);
    let (action, answer) =
        (format!("{DISPUTES}/{}/meter-test", row.id), format!("{DISPUTES}/{}", row.id));
    ConfirmPage::new(page, question, &action, t.get("bills.meter_test_go"), &answer)
        .hidden("version", &row.version.to_string())
}

fn asking(
    visit: &Visit,
    row: &DisputeRow,
    sheet: &Sheet,
    since: Option<Date>,
    refused: &Refused,
) -> ConfirmPage {
    let t = visit.t();
    let mut last = Field::new(t, "since", t.get("bills.meter_test_since"), Input::Date)
        .hint(t.get("bills.meter_test_since_hint"))
        .required();
    if let Some(day) = since {
        last = last.value(day.to_string());
    }
    framed(visit, row, sheet, t.get("bills.meter_test_question"))
        .consequence(t.get("bills.meter_test_shows"))
        .field(
            Field::new(t, "error", t.get("bills.meter_test_error"), Input::Text)
                .hint(t.get("bills.meter_test_error_hint"))
                .required()
                .kept(refused),
        )
        .field(
            Field::new(t, "tested_on", t.get("bills.meter_test_on"), Input::Date)
                .required()
                .kept(refused),
        )
        .field(last.kept(refused))
}

/// What the test comes to, and the words for the customer.
fn telling(
    visit: &Visit,
    (row, sheet): (&DisputeRow, &Sheet),
    sent: &Sent,
    refund: &MeterRefund,
    refused: &Refused,
) -> ConfirmPage {
    let t = visit.t();
    let last = refund.to.yesterday().unwrap_or(refund.to);
    let places: [(&str, &dyn std::fmt::Display); 4] = [
        ("from", &t.date(refund.from)),
        ("to", &t.date(last)),
        ("billed", &shown::kwh(t, refund.billed_ukwh)),
        ("over", &shown::kwh(t, refund.over_ukwh)),
    ];
    let mut page = framed(visit, row, sheet, &t.with("bills.meter_test_found", &places));
    for line in &refund.lines {
        let places: [(&str, &dyn std::fmt::Display); 3] = [
            ("label", &shown::label(t, &line.label)),
            ("energy", &shown::kwh(t, line.energy_ukwh)),
            ("rate", &line.rate),
        ];
        page = page.consequence(&t.with("bills.meter_test_line", &places));
    }
    for name in ["error", "tested_on", "since"] {
        page = page.hidden(name, sent.value(name));
    }
    page.consequence(t.get("bills.meter_test_books")).hidden("confirmed", "1").field(
        Field::new(t, "answer", t.get("bills.answer_words"), Input::Area)
            .hint(t.get("bills.answer_hint"))
            .required()
            .kept(refused),
    )
}

/// Asks what the test found.
pub(super) async fn ask(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (row, sheet) = disputed(&visit, &web, &id).await?;
    if row.state != "open" {
        return Ok(visit.go(&format!("/console/bills/{}", row.bill)).into_response());
    }
    let since = installed(&web, &sheet).await?;
    Ok(ok(&asking(&visit, &row, &sheet, since, &Refused::default())))
}

/// When the meter that hangs there now was hung.
async fn installed(web: &Web, sheet: &Sheet) -> Result<Option<Date>, Failure> {
    let mut tx = web.works.db.read().await?;
    let row = installation_in_force(&mut tx, sheet.bill.org, sheet.bill.usage_point).await?;
    Ok(row.map(|row| row.installed_on))
}

/// Shows what the test comes to, and books it when that was confirmed.
pub(super) async fn send(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    visit.ctx().require(Right::BillCorrect, visit.actor().org())?;
    let t = visit.t();
    let (row, sheet) = disputed(&visit, &web, &id).await?;
    let mut check = sent.check(t);
    let test = read(t, &mut check);
    let refund = match &test {
        Some(test) => billing::doubted_meter(&web.works, &sheet.bill, test).await,
        None => Err(billing::BillingError::NoDays),
    };
    let (test, refund) = match (test, refund, check.is_good()) {
        (Some(test), Ok(refund), true) => (test, refund),
        (test, refund, _) => {
            if let (Some(_), Err(error)) = (test, refund) {
                tracing::debug!(%error, "a meter test comes to nothing");
                check.wrong("since", t.get("bills.meter_test_no_days"));
            }
            let refused = check.refused().unwrap_or_default();
            let page = asking(&visit, &row, &sheet, None, &refused);
            return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    if sent.value("confirmed") != "1" {
        let none = Refused::default();
        return Ok(ok(&telling(&visit, (&row, &sheet), &sent, &refund, &none)));
    }
    let answer = check.required("answer", 500);
    if let Some(refused) = check.refused() {
        let page = telling(&visit, (&row, &sheet), &sent, &refund, &refused);
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let version = sent.value("version").parse().unwrap_or_default();
    let asked = (row.org, row.id, version);
    let (works, actor) = (&web.works, visit.actor());
    let after = billing::refund_meter_error(works, actor, asked, &test, &answer).await?;
    let go = visit.go(&format!("/console/bills/{after}"));
    Ok(go.flash(Sign::Ok, t.get("bills.meter_test_done")).into_response())
}

/// The test that a form tells: its error in percent.
fn read(t: Words, check: &mut Check<'_>) -> Option<MeterTest> {
    let error = check.required("error", ERROR_MAX);
    let percent = error.trim_start_matches('+').trim_end_matches(['%', '\u{ff05}']).trim();
    // A meter that errs by more than half measures nothing that a share could put right.
    let half = Ratio::new(1, 2).ok()?;
    let error = parse_ratio(&format!("{percent}%")).ok();
    let error = error.filter(|error| *error < half && negated(*error).is_some_and(|e| e < half));
    if error.is_none() {
        check.wrong("error", t.get("bills.meter_test_error_wrong"));
    }
    let day = |_| t.get("form.required");
    let tested_on = check.parsed("tested_on", |text| text.parse::<Date>().map_err(day));
    let since = check.parsed("since", |text| text.parse::<Date>().map_err(day));
    Some(MeterTest { error: error?, since: since?, tested_on: tested_on? })
}

fn negated(ratio: Ratio) -> Option<Ratio> {
    Ratio::new(ratio.numerator().checked_neg()?, ratio.denominator()).ok()
}
