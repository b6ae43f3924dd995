//! Compiles a document's windows into a table by month and kind of day, and checks that each of
//! the 24 hours is covered exactly once; a hole or overlap is named by month, kind and time.

use jiff::civil::Weekday;
use kernel::{DayKind, parse_decimal};

use crate::{
    Bucket, TariffDocument, TariffError, Windows,
    compile::{bucket_of, season_days},
    document::{DocOverride, DocWindows},
    place::At,
    windows::{
        Condition, DAY_KINDS, DaySlots, HotRule, SLOT_MINUTES, SLOTS_PER_DAY, SlotRange,
        WindowOverride,
    },
};

type Claims = [Option<Bucket>; SLOTS_PER_DAY];

pub(crate) fn windows(at: &At<'_>, document: &TariffDocument) -> Result<Windows, TariffError> {
    let overrides = document.overrides.iter().map(|o| window_override(at, o));
    let overrides: Vec<WindowOverride> = overrides.collect::<Result<_, _>>()?;
    if document.windows.is_empty() && overrides.is_empty() {
        return Ok(Windows::always(Bucket::FLAT));
    }
    let mut table: Vec<[DaySlots; 3]> = Vec::with_capacity(12);
    for month in 1_u8..=12 {
        let mut row = [[Bucket::FLAT; SLOTS_PER_DAY]; 3];
        for (slots, kind) in row.iter_mut().zip(DAY_KINDS) {
            *slots = cover(at, document, month, kind)?;
        }
        table.push(row);
    }
    let table: [[DaySlots; 3]; 12] =
        table.try_into().map_err(|_| at.wrong("windows", "twelve months are needed"))?;
    Ok(Windows::from_days(&table, overrides))
}

/// The windows of one month and kind of day; every quarter-hour exactly once.
fn cover(
    at: &At<'_>,
    document: &TariffDocument,
    month: u8,
    kind: DayKind,
) -> Result<DaySlots, TariffError> {
    let mut claims: Claims = [None; SLOTS_PER_DAY];
    let mut rest = None;
    for group in &document.windows {
        if !applies(at, group, month, kind)? {
            continue;
        }
        for (range, bucket) in ranges(at, &bucket_texts(group))? {
            claim(at, &mut claims, (range, bucket), (month, kind))?;
        }
        if let Some(key) = &group.rest {
            let bucket = bucket_of(key)
                .ok_or_else(|| at.wrong("windows.rest", format!("{key:?} is no bucket")))?;
            rest = rest.or(Some(bucket));
        }
    }
    let mut slots = [Bucket::FLAT; SLOTS_PER_DAY];
    for (slot, claim) in slots.iter_mut().zip(&claims) {
        match claim.or(rest) {
            Some(bucket) => *slot = bucket,
            None => return Err(hole(at, &claims, month, kind)),
        }
    }
    Ok(slots)
}

fn applies(at: &At<'_>, group: &DocWindows, month: u8, kind: DayKind) -> Result<bool, TariffError> {
    check_months(at, "windows.months", &group.months)?;
    let kinds = day_kinds(at, "windows.days", &group.days)?;
    Ok((group.months.is_empty() || group.months.contains(&month))
        && (kinds.is_empty() || kinds.contains(&kind)))
}

fn claim(
    at: &At<'_>,
    claims: &mut Claims,
    (range, bucket): (SlotRange, Bucket),
    (month, kind): (u8, DayKind),
) -> Result<(), TariffError> {
    let slots = usize::from(range.from)..usize::from(range.to);
    let taken = claims[slots.clone()].iter().position(Option::is_some);
    if let Some(first) = taken {
        let from = slots.start + first;
        let holder = claims[from];
        let same = claims[from..slots.end].iter().take_while(|c| **c == holder).count();
        return Err(TariffError::WindowOverlap {
            tariff: at.tariff.to_owned(),
            month,
            day_kind: kind_name(kind),
            time: format!("{}-{}", clock(from), clock(from + same)),
            first: holder.map(bucket_name).unwrap_or_default(),
            second: bucket_name(bucket),
        });
    }
    claims[slots].fill(Some(bucket));
    Ok(())
}

fn hole(at: &At<'_>, claims: &Claims, month: u8, kind: DayKind) -> TariffError {
    let from = claims.iter().position(Option::is_none).unwrap_or(0);
    let length = claims[from..].iter().take_while(|c| c.is_none()).count();
    TariffError::WindowHole {
        tariff: at.tariff.to_owned(),
        month,
        day_kind: kind_name(kind),
        time: format!("{}-{}", clock(from), clock(from + length)),
    }
}

fn clock(slot: usize) -> String {
    let minutes = slot * usize::from(SLOT_MINUTES);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn bucket_name(bucket: Bucket) -> String {
    let named = Bucket::NAMED.iter().find(|(b, _)| *b == bucket);
    named.map_or_else(|| bucket.0.to_string(), |(_, name)| (*name).to_owned())
}

const fn kind_name(kind: DayKind) -> &'static str {
    match kind {
        DayKind::Working => "working",
        DayKind::Weekend => "weekend",
        DayKind::Holiday => "holiday",
    }
}

fn bucket_texts(group: &DocWindows) -> [(Bucket, &Vec<String>); 5] {
    [
        (Bucket::SHARP, &group.sharp),
        (Bucket::PEAK, &group.peak),
        (Bucket::FLAT, &group.flat),
        (Bucket::VALLEY, &group.valley),
        (Bucket::DEEP, &group.deep),
    ]
}

fn ranges(
    at: &At<'_>,
    texts: &[(Bucket, &Vec<String>)],
) -> Result<Vec<(SlotRange, Bucket)>, TariffError> {
    let mut found = Vec::new();
    for (bucket, texts) in texts {
        for text in *texts {
            let parsed = SlotRange::parse(text).map_err(|reason| at.wrong("windows", reason))?;
            found.extend(parsed.into_iter().map(|range| (range, *bucket)));
        }
    }
    Ok(found)
}

fn check_months(at: &At<'_>, place: &str, months: &[u8]) -> Result<(), TariffError> {
    match months.iter().find(|m| !(1..=12).contains(*m)) {
        Some(m) => Err(at.wrong(place, format!("{m} is no month"))),
        None => Ok(()),
    }
}

fn day_kinds(at: &At<'_>, place: &str, names: &[String]) -> Result<Vec<DayKind>, TariffError> {
    let one = |name: &String| {
        let kind = DAY_KINDS.into_iter().find(|k| kind_name(*k) == name);
        kind.ok_or_else(|| at.wrong(place, format!("{name:?} is not working, weekend or holiday")))
    };
    names.iter().map(one).collect()
}

fn window_override(at: &At<'_>, doc: &DocOverride) -> Result<WindowOverride, TariffError> {
    check_months(at, "override.months", &doc.months)?;
    let months = (!doc.months.is_empty())
        .then(|| std::array::from_fn(|m| doc.months.iter().any(|x| usize::from(*x) == m + 1)));
    let temperature = doc.temperature.as_ref().map(|t| -> Result<HotRule, TariffError> {
        let read = |text: &str| parse_decimal(text, 1, "temperature");
        let tenths = at.read("override.temperature", &t.at_least_c, read)?;
        let at_least_dc = i32::try_from(tenths)
            .map_err(|_| at.wrong("override.temperature", "no temperature on earth"))?;
        let consecutive_days = t.consecutive_days;
        Ok(HotRule { station: t.station.clone(), at_least_dc, consecutive_days })
    });
    let texts = [
        (Bucket::SHARP, &doc.sharp),
        (Bucket::PEAK, &doc.peak),
        (Bucket::FLAT, &doc.flat),
        (Bucket::VALLEY, &doc.valley),
        (Bucket::DEEP, &doc.deep),
    ];
    let windows = ranges(at, &texts)?;
    let rest_day = |name: &String| match name.as_str() {
        "saturday" => Some(Weekday::Saturday),
        "sunday" => Some(Weekday::Sunday),
        _ => None,
    };
    let rest_days: Vec<Weekday> = doc.days.iter().filter_map(rest_day).collect();
    let kinds: Vec<String> =
        doc.days.iter().filter(|name| rest_day(name).is_none()).cloned().collect();
    let mut taken = [false; SLOTS_PER_DAY];
    for (range, _) in &windows {
        let slots = &mut taken[usize::from(range.from)..usize::from(range.to)];
        if slots.contains(&true) {
            let reason = format!("override {}: two of its own windows overlap", doc.name);
            return Err(at.wrong("override", reason));
        }
        slots.fill(true);
    }
    Ok(WindowOverride {
        name: doc.name.clone(),
        condition: Condition {
            months,
            season: match doc.season.is_empty() {
                true => None,
                false => Some(season_days(at, &doc.season)?),
            },
            day_kinds: day_kinds(at, "override.days", &kinds)?,
            rest_days,
            dates: doc.dates.clone(),
            holidays: doc.holidays.clone(),
            temperature: temperature.transpose()?,
        },
        windows,
    })
}
