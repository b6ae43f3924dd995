//! The 24 hours of a tariff as pictures: one strip for each group of months and kinds of day that
//! have the same windows.

use kernel::DayKind;
use tariff::{Plan, SLOTS_PER_DAY, windows::DAY_KINDS};

use crate::http::{
    console::{
        sheet::{Card, paragraph},
        shown,
    },
    i18n::Words,
    ui::{
        Html, escape,
        svg::{Bucket, DayWindow, day_strip},
    },
};

/// Slots of a day, 15 minutes each.
type Slots = [tariff::Bucket; SLOTS_PER_DAY];

/// The pictures.
pub(super) fn card(t: Words, plan: &Plan) -> Card {
    let mut card = Card::new(t.get("tariffs.windows"));
    for (label, slots) in groups(t, plan) {
        let windows = windows(t, plan, &slots);
        card = card.part(&heading(&label)).part(&day_strip(&label, &windows));
    }
    for rule in plan.windows.overrides() {
        card = card.part(&paragraph(&t.with("tariffs.override", &[("name", &rule.name)])));
    }
    card
}

/// Which days a picture is of.
fn heading(text: &str) -> Html {
    Html::composed(format!("<h3>{}</h3>", escape(text)))
}

/// Days that are alike, named by their months and kinds.
fn groups(t: Words, plan: &Plan) -> Vec<(String, Slots)> {
    let mut by_month: Vec<(Vec<u8>, [Slots; 3])> = Vec::new();
    for month in 1..=12 {
        let days = DAY_KINDS.map(|kind| *plan.windows.base(month, kind));
        match by_month.iter_mut().find(|(_, known)| *known == days) {
            Some((months, _)) => months.push(month),
            None => by_month.push((vec![month], days)),
        }
    }
    let mut named = Vec::new();
    for (months, days) in by_month {
        let months = month_words(t, &months);
        let mut kinds: Vec<(Vec<DayKind>, Slots)> = Vec::new();
        for (kind, slots) in DAY_KINDS.into_iter().zip(days) {
            match kinds.iter_mut().find(|(_, known)| *known == slots) {
                Some((same, _)) => same.push(kind),
                None => kinds.push((vec![kind], slots)),
            }
        }
        for (same, slots) in kinds {
            named.push((format!("{months} · {}", kind_words(t, &same)), slots));
        }
    }
    named
}

fn month_words(t: Words, months: &[u8]) -> String {
    if months.len() == 12 {
        return t.get("tariffs.all_year").to_owned();
    }
    let list: Vec<String> = months.iter().map(u8::to_string).collect();
    t.with("tariffs.in_months", &[("months", &list.join(t.get("tariffs.and")))])
}

fn kind_words(t: Words, kinds: &[DayKind]) -> String {
    if kinds.len() == DAY_KINDS.len() {
        return t.get("tariffs.every_day").to_owned();
    }
    let word = |kind: &DayKind| match kind {
        DayKind::Working => t.get("tariffs.working"),
        DayKind::Weekend => t.get("tariffs.weekend"),
        DayKind::Holiday => t.get("tariffs.holiday"),
    };
    kinds.iter().map(word).collect::<Vec<_>>().join(t.get("tariffs.and"))
}

/// Runs of equal slots with their hours in words.
fn windows(t: Words, plan: &Plan, slots: &Slots) -> Vec<DayWindow> {
    let mut windows: Vec<DayWindow> = Vec::new();
    let mut from = 0_u16;
    for run in slots.chunk_by(|a, b| a == b) {
        let length = u16::try_from(run.len()).unwrap_or(0) * tariff::windows::SLOT_MINUTES;
        let to = from + length;
        let bucket = run[0];
        let clock = |min: u16| format!("{:02}:{:02}", min / 60, min % 60);
        let name = plan
            .buckets
            .get(plan.column_of(bucket))
            .map_or_else(String::new, |def| shown::label(t, &def.label).to_owned());
        windows.push(DayWindow {
            from_min: from,
            to_min: to,
            bucket: level(bucket),
            word: word(t, bucket).to_owned(),
            title: format!("{}–{} {name}", clock(from), clock(to)),
        });
        from = to;
    }
    windows
}

/// The colour of a period: the five of a Chinese meter by name, numbered ones in their order.
const fn level(bucket: tariff::Bucket) -> Bucket {
    match bucket.0 % 5 {
        0 => Bucket::Sharp,
        1 => Bucket::Peak,
        2 => Bucket::Flat,
        3 => Bucket::Valley,
        _ => Bucket::Deep,
    }
}

fn word(t: Words, bucket: tariff::Bucket) -> &'static str {
    match level(bucket) {
        Bucket::Sharp => t.get("bucket_word.sharp"),
        Bucket::Peak => t.get("bucket_word.peak"),
        Bucket::Flat => t.get("bucket_word.flat"),
        Bucket::Valley => t.get("bucket_word.valley"),
        Bucket::Deep => t.get("bucket_word.deep"),
    }
}
