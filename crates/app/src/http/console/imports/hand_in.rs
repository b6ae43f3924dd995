//! Handing a file in: which kind, which layout, what becomes of bad rows, and the file itself,
//! which is written where the lake's files lie while it is read, so that memory does not grow.

use axum::{
    extract::{Multipart, State, multipart::Field as Part},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{FaultKind, Id};
use metering::codec::profile::BUILT_IN;
use store::NewJob;
use supply::{
    blocking,
    intake::{Handed, Kind, hand_in, key_of},
    readings::BadRows,
};

use super::{FILES, NEW, PATH, kinds, refused};
use crate::{
    http::{
        Failure, Visit, Web,
        console::sheet::{Card, Sheet, UploadForm, paragraph},
        failure::render,
        form::{Refused, Sent},
        i18n::Words,
        ui::{Choice, Field, Input},
    },
    work::{CHECK_FILE, IntakeFile},
};

pub(super) async fn show(visit: Visit) -> Result<Response, Failure> {
    if kinds(&visit).is_empty() {
        return refused(&visit).await;
    }
    Ok(page(&visit, &Refused::default(), StatusCode::OK))
}

fn page(visit: &Visit, kept: &Refused, status: StatusCode) -> Response {
    let t = visit.t();
    let page = visit.page(t.get("intake.hand_in")).crumb(t.get("nav.imports"), PATH);
    let kinds = kinds(visit);
    let first = kinds.first().map_or("", |kind| kind.word());
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let kept_or = |name: &str, other: &str| match kept.value(name) {
        "" => other.to_owned(),
        value => value.to_owned(),
    };
    let words =
        kinds.iter().map(|kind| choice(kind.word(), t.of("intake_kind", kind.word()).into()));
    let kind = Field::new(t, "kind", t.get("intake.kind"), Input::Select)
        .required()
        .choices(words.collect())
        .kept(kept)
        .value(kept_or("kind", first));
    let policies = ["keep_good", "refuse_whole"];
    let policies = policies.map(|word| choice(word, t.of("import_policy", word).to_owned()));
    let policy = Field::new(t, "policy", t.get("imports.policy"), Input::Select)
        .required()
        .choices(policies.to_vec())
        .kept(kept)
        .value(kept_or("policy", "keep_good"));
    let mut form = UploadForm::new(&page, NEW, t.get("intake.check")).field(kind);
    if kinds.contains(&Kind::Readings) {
        let format = Field::new(t, "format", t.get("intake.format"), Input::Select)
            .required()
            .hint(t.get("intake.format_hint"))
            .choices(formats(t))
            .kept(kept);
        form = form.field(format);
    }
    let limit = t.number(i64::try_from(visit.web().upload_mib).unwrap_or(i64::MAX));
    let file = Field::new(t, "file", t.get("intake.file"), Input::File)
        .required()
        .hint(t.with("intake.file_hint", &[("mib", &limit)]))
        .error(kept.error("file"));
    let form = form.field(policy).field(file).cancel(t.get("form.cancel"), PATH);
    let card = Card::new("").part(&paragraph(t.get("intake.text"))).part(&form);
    render(status, &Sheet::new(page).maybe(kept.alert(t)).part(&card))
}

/// The layouts of readings: found by the file itself, the documented ones, and the profiles that
/// come with the program.
fn formats(t: Words) -> Vec<Choice> {
    let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let known = ["registers", "intervals", "curves", "nem", "green_button", "parquet"];
    let mut formats = vec![choice("", t.get("intake.format_found"))];
    formats.extend(known.map(|word| choice(word, t.of("import_format", word))));
    let profile = t.of("import_format", "profile");
    formats.extend(
        BUILT_IN
            .iter()
            .map(|(name, _)| choice(&format!("profile:{name}"), &format!("{profile}: {name}"))),
    );
    formats
}

/// What came with the request.
#[derive(Default)]
struct Received {
    fields: Vec<(String, String)>,
    file: Option<Spooled>,
    too_large: bool,
}

/// A file as it was received.
struct Spooled {
    id: Id,
    name: String,
    bytes: u64,
}

pub(super) async fn take(
    State(web): State<Web>,
    visit: Visit,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failure> {
    if kinds(&visit).is_empty() {
        return refused(&visit).await;
    }
    let said = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let received = receive(&web, form, said).await?;
    let t = visit.t();
    let sent = Sent::new(received.fields);
    let mut check = sent.check(t);
    let kind = Kind::from_word(sent.value("kind")).filter(|kind| kinds(&visit).contains(kind));
    let bad_rows = match sent.value("policy") {
        "refuse_whole" => BadRows::RefuseWhole,
        _ => BadRows::KeepGood,
    };
    if kind.is_none() {
        check.wrong("kind", t.get("form.required"));
    }
    if received.too_large {
        let limit = t.number(i64::try_from(web.upload_mib).unwrap_or(i64::MAX));
        check.wrong("file", t.with("intake.too_large", &[("mib", &limit)]));
    } else if received.file.as_ref().is_none_or(|file| file.bytes == 0) {
        check.wrong("file", t.get("intake.no_file"));
    }
    let (Some(kind), Some(file), true) = (kind, &received.file, check.is_good()) else {
        if let Some(file) = &received.file {
            forget(&web, file.id).await?;
        }
        let status = if received.too_large {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return Ok(page(&visit, &check.refused().unwrap_or_default(), status));
    };
    let handed = Handed {
        id: file.id,
        kind,
        name: file.name.clone(),
        format: if kind == Kind::Readings {
            sent.value("format").to_owned()
        } else {
            String::new()
        },
        bad_rows,
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
    };
    if let Err(failure) = note(&web, &visit, &handed).await {
        forget(&web, file.id).await?;
        return Err(failure);
    }
    Ok(visit.go(&format!("{FILES}/{}", handed.id)).into_response())
}

/// Writes down that the file is there and asks for it to be looked through, in one transaction.
async fn note(web: &Web, visit: &Visit, handed: &Handed) -> Result<(), Failure> {
    let org = visit.actor().org();
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = hand_in(&ctx, &mut tx, org, handed).await;
    if done.is_ok() {
        let payload = serde_json::json!(IntakeFile { file: handed.id });
        let dedup = format!("intake:{}:check", handed.id);
        let job =
            NewJob { org, name: CHECK_FILE, payload: &payload, dedup: Some(&dedup), run_at: None };
        tx.enqueue(job).await?;
    }
    visit.finish(&ctx, tx, done).await
}

/// Reads the parts of the form. A file above the limit is read to its end and not kept.
async fn receive(web: &Web, mut form: Multipart, said: Option<u64>) -> Result<Received, Failure> {
    let limit = web.upload_mib << 20;
    // The other fields and the seams of the form take some room as well.
    let mut received = Received {
        too_large: said.is_some_and(|said| said > limit + (64 << 10)),
        ..Received::default()
    };
    while let Some(part) = form.next_part().await? {
        if part.name() == Some("file") {
            let name = part.file_name().unwrap_or_default();
            let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
            let id = web.works.db.next_id();
            let kept = if received.too_large { 0 } else { limit };
            match spool(web, part, id, kept).await? {
                Some(bytes) => received.file = Some(Spooled { id, name, bytes }),
                None => received.too_large = true,
            }
        } else {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.text().await.map_err(broken)?;
            received.fields.push((name, value.chars().take(200).collect()));
        }
    }
    Ok(received)
}

/// The next part, with a broken form told as such.
trait NextPart {
    async fn next_part(&mut self) -> Result<Option<Part<'_>>, Failure>;
}

impl NextPart for Multipart {
    async fn next_part(&mut self) -> Result<Option<Part<'_>>, Failure> {
        self.next_field().await.map_err(broken)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(broken)")]
fn broken(error: axum::extract::multipart::MultipartError) -> Failure {
    Failure::new(FaultKind::Invalid, "http.form", error.body_text())
}

/// Writes a part under its key in the lake's store. `None` when it is larger than the limit.
async fn spool(web: &Web, mut part: Part<'_>, id: Id, limit: u64) -> Result<Option<u64>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(FaultKind::Unavailable, "intake.spool", error.to_string())
    };
    let (lake, key) = (web.works.lake.clone(), key_of(id));
    let path = blocking(move || lake.store().prepare(&key)).await?;
    let mut file = Some(std::fs::File::create(&path).map_err(failed)?);
    let mut bytes = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        bytes += chunk.len() as u64;
        if bytes > limit {
            file = None;
        }
        if let Some(mut open) = file.take() {
            let written = blocking(move || {
                std::io::Write::write_all(&mut open, &chunk)?;
                Ok(open)
            });
            file = Some(written.await.map_err(failed)?);
        }
    }
    let Some(open) = file else {
        std::fs::remove_file(&path).map_err(failed)?;
        return Ok(None);
    };
    let (lake, key) = (web.works.lake.clone(), key_of(id));
    blocking(move || {
        open.sync_all().map_err(failed)?;
        lake.store().publish(&key, &path).map_err(Failure::from)
    })
    .await?;
    Ok(Some(bytes))
}

async fn forget(web: &Web, id: Id) -> Result<(), Failure> {
    let (lake, key) = (web.works.lake.clone(), key_of(id));
    Ok(blocking(move || lake.store().remove(&key)).await?)
}
