//! From a document to a checked plan: every text becomes a quantity, with the place named when
//! it does not. Windows are compiled in `compile_windows`.

use std::collections::BTreeMap;

use kernel::{Currency, DatePeriod, Energy, Rate, Ratio, Rounding, RoundingMode, parse_decimal};

use crate::{
    Allowances, BasicCharge, Bucket, BucketDef, Component, DemandTerms, FixedCharge, HighUse,
    Label, LossRule, Minimum, Plan, PlanHead, PlanParts, PowerFactorRule, PowerFactorTable,
    RateSet, RoundingTerms, Scheme, SeasonDays, Surcharge, TariffDocument, TariffError,
    compile_windows,
    document::{ByBucket, DocLoss, DocRule, DocSet},
    place::At,
};

pub(crate) use crate::place::hash_text;

/// The bucket with a document key.
pub(crate) fn bucket_of(key: &str) -> Option<Bucket> {
    Bucket::NAMED.iter().find(|(_, name)| *name == key).map(|(bucket, _)| *bucket)
}

/// What the five named buckets are called.
#[must_use]
pub fn bucket_label(bucket: Bucket) -> Label {
    match bucket {
        Bucket::SHARP => Label::new("尖峰", "sharp peak"),
        Bucket::PEAK => Label::new("高峰", "peak"),
        Bucket::FLAT => Label::new("平段", "flat"),
        Bucket::VALLEY => Label::new("低谷", "valley"),
        Bucket::DEEP => Label::new("深谷", "deep valley"),
        Bucket(n) => Label::new(format!("时段{}", n + 1), format!("period {}", n + 1)),
    }
}

impl Plan {
    /// Reads and checks a TOML tariff. `tables` are the power-factor tables by
    /// `name/standard` (see [`PowerFactorTable`]).
    ///
    /// # Errors
    /// [`TariffError`], naming the place.
    pub fn from_toml(
        name: &str,
        text: &str,
        tables: &BTreeMap<String, PowerFactorTable>,
    ) -> Result<Self, TariffError> {
        let document = TariffDocument::parse(name, text)?;
        Self::compile(&document, &hash_text(text), tables)
    }

    /// Compiles a document that was read already.
    ///
    /// # Errors
    /// [`TariffError`], naming the place.
    pub fn compile(
        document: &TariffDocument,
        document_hash: &str,
        tables: &BTreeMap<String, PowerFactorTable>,
    ) -> Result<Self, TariffError> {
        let at = At { tariff: &document.tariff.id };
        let buckets = priced_buckets(&at, document)?;
        let sets = document.energy.sets.iter();
        let sets: Vec<RateSet> =
            sets.map(|set| rate_set(&at, &buckets, set)).collect::<Result<_, _>>()?;
        Self::new(PlanParts {
            head: head(&at, document, document_hash)?,
            windows: compile_windows::windows(&at, document)?,
            sets,
            tier_basis: document.energy.tier_basis,
            allowances: allowances(&at, document)?,
            demand: DemandTerms { basic: basic(&at, document)?, ..DemandTerms::default() },
            power_factor: power_factor(&at, document, tables)?,
            loss: document.loss.as_ref().map(|loss| loss_rule(&at, loss)).transpose()?,
            components: components(&at, &buckets, document)?,
            surcharges: surcharges(&at, document)?,
            fixed: fixed(&at, document)?,
            minimums: minimums(&at, document)?,
            rounding: rounding(&at, document)?,
            export: None,
            buckets,
        })
    }
}

fn head(at: &At<'_>, document: &TariffDocument, hash: &str) -> Result<PlanHead, TariffError> {
    let head = &document.tariff;
    if kernel::Zone::get(&head.time_zone).is_none() {
        let reason = format!("{} is no IANA time zone", head.time_zone);
        return Err(at.wrong("tariff.time_zone", reason));
    }
    let valid = match head.valid_to {
        Some(to) => DatePeriod::new(head.valid_from, to)
            .map_err(|e| at.wrong("tariff.valid_to", e.to_string()))?,
        None => DatePeriod::since(head.valid_from),
    };
    Ok(PlanHead {
        id: head.id.clone(),
        name: head.name.clone(),
        region: head.region.clone(),
        class: head.class.clone(),
        currency: head.currency,
        time_zone: head.time_zone.clone(),
        calendar: head.calendar.clone(),
        decree: head.decree.clone(),
        source: head.source.clone(),
        confidence: head.confidence,
        valid,
        document_hash: hash.to_owned(),
    })
}

/// The buckets that some price set names, in the order of the registers.
fn priced_buckets(at: &At<'_>, document: &TariffDocument) -> Result<Vec<BucketDef>, TariffError> {
    let named = document.energy.sets.iter().flat_map(|s| s.tiers.iter().chain([&s.prices]));
    let mut found: Vec<Bucket> = Vec::new();
    for key in named.flat_map(BTreeMap::keys) {
        let bucket = bucket_of(key).ok_or_else(|| {
            at.wrong("energy.set", format!("{key:?} is no bucket: sharp, peak, flat, valley, deep"))
        })?;
        if !found.contains(&bucket) {
            found.push(bucket);
        }
    }
    found.sort_unstable();
    let define = |bucket: &Bucket| BucketDef {
        bucket: *bucket,
        key: Bucket::NAMED[bucket.index()].1.to_owned(),
        label: bucket_label(*bucket),
    };
    Ok(found.iter().map(define).collect())
}

fn rate_set(at: &At<'_>, buckets: &[BucketDef], set: &DocSet) -> Result<RateSet, TariffError> {
    let row = |prices: &ByBucket| -> Result<Vec<Rate>, TariffError> {
        let price = |def: &BucketDef| match prices.get(&def.key) {
            Some(text) => at.rate("energy.set prices", text),
            None => Err(at.wrong("energy.set", format!("no price for {}", def.key))),
        };
        buckets.iter().map(price).collect()
    };
    let energies = set.limits.iter().map(|text| at.energy("energy.set limits", text));
    let limits: Vec<Energy> = energies.collect::<Result<_, _>>()?;
    let scheme = match (set.prices.is_empty(), set.tiers.is_empty()) {
        (false, true) => {
            let adders = set.adders.iter().map(|text| at.rate("energy.set adders", text));
            let adders = adders.collect::<Result<_, _>>()?;
            Scheme::Adders { rates: row(&set.prices)?, limits, adders }
        }
        (true, false) if set.adders.is_empty() => {
            let rates = set.tiers.iter().map(row).collect::<Result<_, _>>()?;
            Scheme::Matrix { limits, rates }
        }
        _ => {
            let reason = "give either prices (with adders) or tiers";
            return Err(at.wrong("energy.set", reason));
        }
    };
    Ok(RateSet { label: set.label.clone(), days: season_days(at, &set.days)?, scheme })
}

pub(crate) fn season_days(at: &At<'_>, texts: &[String]) -> Result<SeasonDays, TariffError> {
    if texts.is_empty() {
        return Ok(SeasonDays::all_year());
    }
    let day = |text: &str| -> Option<(u8, u8)> {
        let (month, day) = text.trim().split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day))
    };
    let range = |text: &String| {
        let ends = text.split_once("..").and_then(|(a, b)| Some((day(a)?, day(b)?)));
        let reason = || format!("{text:?} is no range of days: write mm-dd..mm-dd");
        ends.ok_or_else(|| at.wrong("energy.set days", reason()))
    };
    texts.iter().map(range).collect::<Result<_, _>>().map(SeasonDays)
}

fn allowances(at: &At<'_>, document: &TariffDocument) -> Result<Allowances, TariffError> {
    let doc = &document.allowances;
    let energy = |place: &str, text: &Option<String>| {
        text.as_deref().map(|t| at.energy(place, t)).transpose()
    };
    let free_quota = energy("allowances.free_quota_kwh_month", &doc.free_quota_kwh_month)?;
    let free_quota_rate = match (&doc.free_quota_rate, free_quota) {
        (Some(text), _) => at.rate("allowances.free_quota_rate", text)?,
        (None, None) => Rate::ZERO,
        (None, Some(_)) => {
            return Err(at.wrong("allowances", "a free quota needs free_quota_rate"));
        }
    };
    Ok(Allowances {
        family_extension: energy(
            "allowances.family_extension_kwh_month",
            &doc.family_extension_kwh_month,
        )?,
        free_quota,
        free_quota_rate,
    })
}

fn basic(at: &At<'_>, document: &TariffDocument) -> Result<Option<BasicCharge>, TariffError> {
    let Some(doc) = &document.basic else { return Ok(None) };
    let high_use = match (&doc.high_use_from_kwh_per_kva, &doc.high_use_factor) {
        (Some(from), Some(factor)) => Some(HighUse {
            from_ukwh_per_kva: at.energy("basic.high_use_from_kwh_per_kva", from)?.ukwh(),
            factor: at.ratio("basic.high_use_factor", factor)?,
        }),
        (None, None) => None,
        _ => return Err(at.wrong("basic", "high use needs both its start and its factor")),
    };
    if doc.days_in_month == Some(0) {
        return Err(at.wrong("basic.days_in_month", "a month has days"));
    }
    Ok(Some(BasicCharge {
        capacity_rate: at.rate("basic.capacity_rate", &doc.capacity_rate)?,
        demand_rate: at.rate("basic.demand_rate", &doc.demand_rate)?,
        free_excess: at.ratio("basic.free_excess", &doc.free_excess)?,
        excess_factor: at.ratio("basic.excess_factor", &doc.excess_factor)?,
        floor: at.ratio("basic.floor", &doc.floor)?,
        floor_on_actual: doc.floor_on_actual,
        high_use,
        days_in_month: doc.days_in_month,
    }))
}

fn power_factor(
    at: &At<'_>,
    document: &TariffDocument,
    tables: &BTreeMap<String, PowerFactorTable>,
) -> Result<Option<PowerFactorRule>, TariffError> {
    let Some(doc) = &document.power_factor else { return Ok(None) };
    let key = format!("{}/{}", doc.table, doc.standard);
    let table = tables.get(&key).cloned().ok_or_else(|| {
        let known: Vec<&str> = tables.keys().map(String::as_str).collect();
        let reason = format!("no table {key}; loaded are: {}", known.join(", "));
        at.wrong("power_factor.table", reason)
    })?;
    Ok(Some(PowerFactorRule { table, base_with_funds: doc.base_with_funds }))
}

fn loss_rule(at: &At<'_>, loss: &DocLoss) -> Result<LossRule, TariffError> {
    let step = |text: &str| -> Result<i64, TariffError> {
        match at.energy("loss.step_kwh", text)?.ukwh() {
            step if step > 0 => Ok(step),
            _ => Err(at.wrong("loss.step_kwh", "a step must be positive")),
        }
    };
    Ok(match loss {
        DocLoss::Formula { shape, month_hours, step_kwh, spread } => LossRule::Formula {
            shape: at.ratio("loss.shape", shape)?,
            month_hours: *month_hours,
            step_ukwh: step(step_kwh)?,
            spread: *spread,
        },
        DocLoss::Fixed { month_kwh, step_kwh, spread } => LossRule::Fixed {
            month: at.energy("loss.month_kwh", month_kwh)?,
            step_ukwh: step(step_kwh)?,
            spread: *spread,
        },
        DocLoss::Share { share, step_kwh, spread } => LossRule::Share {
            share: at.ratio("loss.share", share)?,
            step_ukwh: step(step_kwh)?,
            spread: *spread,
        },
    })
}

fn components(
    at: &At<'_>,
    buckets: &[BucketDef],
    document: &TariffDocument,
) -> Result<Vec<Component>, TariffError> {
    let one = |doc: &crate::document::DocComponent| -> Result<Component, TariffError> {
        let factor = |def: &BucketDef| match doc.factors.get(&def.key) {
            Some(text) => at.ratio("component.factors", text),
            None => Ok(Ratio::ONE),
        };
        if let Some(key) = doc.factors.keys().find(|k| !buckets.iter().any(|b| b.key == **k)) {
            return Err(at.wrong("component.factors", format!("{key:?} has no price")));
        }
        let floats = !doc.factors.is_empty();
        Ok(Component {
            key: doc.key.clone(),
            label: doc.label.clone(),
            rate: at.rate("component.rate", &doc.rate)?,
            factors: if floats {
                buckets.iter().map(factor).collect::<Result<_, _>>()?
            } else {
                Vec::new()
            },
            fund: doc.fund,
            default_supply_factor: doc
                .default_supply_factor
                .as_deref()
                .map(|text| at.ratio("component.default_supply_factor", text))
                .transpose()?,
        })
    };
    document.components.iter().map(one).collect()
}

fn surcharges(at: &At<'_>, document: &TariffDocument) -> Result<Vec<Surcharge>, TariffError> {
    let one = |doc: &crate::document::DocSurcharge| {
        Ok(Surcharge {
            key: doc.key.clone(),
            label: doc.label.clone(),
            rate: at.rate("surcharge.rate", &doc.rate)?,
            in_pf_base: doc.in_pf_base,
        })
    };
    document.surcharges.iter().map(one).collect()
}

fn fixed(at: &At<'_>, document: &TariffDocument) -> Result<Vec<FixedCharge>, TariffError> {
    let one = |doc: &crate::document::DocFixed| {
        Ok(FixedCharge {
            key: doc.key.clone(),
            label: doc.label.clone(),
            rate: at.rate("fixed.rate", &doc.rate)?,
            per: doc.per,
            prorated: doc.prorated,
        })
    };
    document.fixed.iter().map(one).collect()
}

fn minimums(at: &At<'_>, document: &TariffDocument) -> Result<Vec<Minimum>, TariffError> {
    let one = |doc: &crate::document::DocMinimum| {
        Ok(Minimum { rate: at.rate("minimum.rate", &doc.rate)?, per: doc.per })
    };
    document.minimums.iter().map(one).collect()
}

fn rounding(at: &At<'_>, document: &TariffDocument) -> Result<RoundingTerms, TariffError> {
    let one = |place: &str, rule: &Option<DocRule>| -> Result<Option<Rounding>, TariffError> {
        let read = |rule: &DocRule| -> Result<Rounding, TariffError> {
            let step = at.read(place, &rule.step, |t| parse_decimal(t, 4, "rounding step"))?;
            Ok(Rounding { mode: rule.mode, step })
        };
        rule.as_ref().map(read).transpose()
    };
    let doc = &document.rounding;
    // Yuan and dollars alike: the hundredth, ties away from zero, unless the document says else.
    let usual = match document.tariff.currency {
        Currency::Twd => Rounding { mode: RoundingMode::HalfUp, step: 10_000 },
        _ => Rounding::FEN,
    };
    Ok(RoundingTerms {
        line: one("rounding.line", &doc.line)?.unwrap_or(usual),
        daily: one("rounding.daily", &doc.daily)?.unwrap_or(usual),
        energy_total: one("rounding.energy_total", &doc.energy_total)?,
    })
}
