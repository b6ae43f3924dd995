//! What must hold of a plan's parts before they become a [`crate::Plan`], with messages that
//! name the place, and the tables by day and bucket that a plan keeps.

use crate::{Bucket, MAX_BUCKETS, MAX_TIERS, PlanParts, Scheme, TariffError};

fn value_error(
    parts: &PlanParts,
    place: impl Into<String>,
    reason: impl Into<String>,
) -> TariffError {
    TariffError::Value { tariff: parts.head.id.clone(), place: place.into(), reason: reason.into() }
}

pub(crate) fn buckets(parts: &PlanParts) -> Result<(), TariffError> {
    let n = parts.buckets.len();
    if n == 0 || n > MAX_BUCKETS {
        let reason = format!("{n} buckets: a plan has 1 to {MAX_BUCKETS}");
        return Err(value_error(parts, "buckets", reason));
    }
    for (i, def) in parts.buckets.iter().enumerate() {
        if def.bucket.index() >= MAX_BUCKETS {
            return Err(value_error(parts, "buckets", format!("bucket {} is too high", def.key)));
        }
        if parts.buckets[..i].iter().any(|other| other.bucket == def.bucket) {
            return Err(value_error(parts, "buckets", format!("{} is given twice", def.key)));
        }
    }
    for bucket in parts.windows.buckets() {
        if !parts.buckets.iter().any(|def| def.bucket == bucket) {
            let known = Bucket::NAMED.iter().find(|(named, _)| *named == bucket);
            let name = known.map_or_else(|| format!("period {}", bucket.0), |(_, n)| (*n).into());
            let reason = format!("{name} has windows but no price");
            return Err(value_error(parts, "windows", reason));
        }
    }
    Ok(())
}

pub(crate) fn scheme(parts: &PlanParts, number: usize, scheme: &Scheme) -> Result<(), TariffError> {
    let place = format!("price set {}", number + 1);
    let n = parts.buckets.len();
    let (limits, tiers) = match scheme {
        Scheme::Adders { rates, limits, adders } => {
            if rates.len() != n {
                let reason = format!("{} prices for {n} buckets", rates.len());
                return Err(value_error(parts, place, reason));
            }
            (limits, adders.len() + 1)
        }
        Scheme::Matrix { limits, rates } => {
            if let Some(row) = rates.iter().find(|row| row.len() != n) {
                let reason = format!("a tier has {} prices for {n} buckets", row.len());
                return Err(value_error(parts, place, reason));
            }
            (limits, rates.len())
        }
        Scheme::PerBucket { steps } => {
            // A step in the middle may have no limit where the blocks per kW around it end it.
            let shaped = steps.len() == n
                && steps.iter().all(|s| s.last().is_some_and(|l| l.limit_e6.is_none()));
            if !shaped {
                let reason = "each bucket needs steps, of which the last has no limit";
                return Err(value_error(parts, place, reason));
            }
            return Ok(());
        }
    };
    if tiers != limits.len() + 1 || tiers > MAX_TIERS {
        let reason = format!(
            "{tiers} tiers with {} limits: the last tier alone has no limit, at most {MAX_TIERS} tiers",
            limits.len()
        );
        return Err(value_error(parts, place, reason));
    }
    let rising = limits.windows(2).all(|w| w[0] < w[1]);
    if !rising || limits.first().is_some_and(|first| first.ukwh() <= 0) {
        return Err(value_error(parts, place, "tier limits must be positive and rise"));
    }
    Ok(())
}

pub(crate) fn rounding(parts: &PlanParts) -> Result<(), TariffError> {
    let r = &parts.rounding;
    let steps = [Some(r.line), Some(r.daily), r.energy_total];
    if steps.into_iter().flatten().any(|rule| rule.step <= 0) {
        return Err(value_error(parts, "rounding", "a rounding step must be positive"));
    }
    Ok(())
}

/// Days of each month in a leap year.
const LONGEST: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

pub(crate) fn cover_year(parts: &PlanParts) -> Result<[[u8; 31]; 12], TariffError> {
    let mut table = [[0_u8; 31]; 12];
    for (m, days) in table.iter_mut().enumerate() {
        for (d, slot) in days.iter_mut().enumerate() {
            let (month, day) =
                (u8::try_from(m + 1).unwrap_or(12), u8::try_from(d + 1).unwrap_or(31));
            if day > LONGEST[m] {
                continue;
            }
            let mut claims =
                (0_u8..).zip(&parts.sets).filter(|(_, set)| set.days.contains(month, day));
            let problem = match (claims.next(), claims.next()) {
                (Some((index, _)), None) => {
                    *slot = index;
                    continue;
                }
                (None, _) => "missing",
                _ => "given twice",
            };
            let tariff = parts.head.id.clone();
            return Err(TariffError::SeasonCover { tariff, month, day, problem });
        }
    }
    Ok(table)
}

pub(crate) fn columns(parts: &PlanParts) -> [u8; MAX_BUCKETS] {
    let find = |bucket: Bucket| parts.buckets.iter().position(|d| d.bucket == bucket);
    let mut table = [0; MAX_BUCKETS];
    for (index, column) in (0_u8..).zip(table.iter_mut()) {
        let bucket = Bucket(index);
        let neighbour = match bucket {
            Bucket::SHARP => Bucket::PEAK,
            Bucket::DEEP => Bucket::VALLEY,
            _ => Bucket::FLAT,
        };
        let place = find(bucket).or_else(|| find(neighbour)).or_else(|| find(Bucket::FLAT));
        *column = place.and_then(|p| u8::try_from(p).ok()).unwrap_or(0);
    }
    table
}
