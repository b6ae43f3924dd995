//! What stands behind a bill beside its lines: where the ladder of the year or month stands, and
//! what the meter showed at both ends.

use kernel::{Date, Ratio, format_decimal};
use lake::tables::{StateRow, date_of};
use supply::{
    agreements::AgreementRow, billing::Recomputed, settlement::share_of_ladder, tariffs::TariffBook,
};
use tariff::{Entitlement, TierBasis};

use super::shown;
use crate::http::{
    i18n::Words,
    ui::{Definitions, Progress, Sign},
};

/// Where a usage point stands on its tariff's ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    day: Date,
    yearly: bool,
    used_ukwh: i64,
    limits_ukwh: Vec<i64>,
}

/// The same in words.
pub(super) struct Ladder {
    /// "You are in tier 2."
    pub title: String,
    /// How far the tier is filled; none in the last.
    pub progress: Option<Progress>,
    /// Where the tiers begin.
    pub tiers: Vec<String>,
    /// The day of which this is true.
    pub as_of: String,
}

/// Where the ladder stands at the end of a day; none for tariffs without tiers.
pub(super) fn stand(
    book: &TariffBook,
    agreement: Option<&AgreementRow>,
    begun: Date,
    (day, row): (Date, &StateRow),
) -> Option<Stand> {
    let plan = book.library().plan(usize::try_from(row.plan).ok()?)?;
    let agreement = agreement?;
    let (share, by) = share_of_ladder(begun, day);
    let entitlement = Entitlement {
        family_units: u8::from(agreement.family_of_five),
        free_quota: agreement.low_income,
        share: Ratio::new(share, by).ok()?,
    };
    let limits = plan.daily(usize::from(row.set)).ok()?.limits(&entitlement).ok()?.limits_ukwh;
    let limits: Vec<i64> = limits.into_iter().filter(|limit| *limit != i64::MAX).collect();
    let yearly = plan.tier_basis == TierBasis::Year;
    let used_ukwh = if yearly { row.ytd_ukwh } else { row.mtd_ukwh };
    (!limits.is_empty()).then_some(Stand { day, yearly, used_ukwh, limits_ukwh: limits })
}

impl Stand {
    /// The tier, from 1, in which the next kilowatt-hour falls.
    fn tier(&self) -> usize {
        self.limits_ukwh.iter().take_while(|limit| self.used_ukwh >= **limit).count() + 1
    }

    pub(super) fn shown(&self, t: Words) -> Ladder {
        let tier = self.tier();
        let used = shown::energy(t, self.used_ukwh);
        let span = if self.yearly { t.get("portal.this_year") } else { t.get("portal.this_month") };
        let next = self.limits_ukwh.get(tier - 1).copied();
        let title = match next {
            Some(limit) => {
                let left = shown::energy(t, limit - self.used_ukwh);
                t.with(
                    "portal.tier_next",
                    &[("tier", &tier), ("left", &left), ("next", &(tier + 1))],
                )
            }
            None => t.with("portal.tier_last", &[("tier", &tier)]),
        };
        let whole = |ukwh: i64| u64::try_from(ukwh / 1_000_000).unwrap_or(0);
        let label = t.with("portal.tier_progress", &[("span", &span)]);
        let progress = next.map(|limit| {
            Progress::new(t, "tier", &label, whole(self.used_ukwh), whole(limit))
                .sign(if tier == 1 { Sign::Ok } else { Sign::Warn })
        });
        let mut from = 0;
        let mut tiers = Vec::new();
        for (n, limit) in (1..).zip(self.limits_ukwh.iter().copied()) {
            let (low, high) = (shown::kwh(t, from), shown::kwh(t, limit));
            tiers.push(t.with("portal.tier_range", &[("n", &n), ("from", &low), ("to", &high)]));
            from = limit;
        }
        let n = self.limits_ukwh.len() + 1;
        let low = shown::kwh(t, from);
        tiers.push(t.with("portal.tier_above", &[("n", &n), ("from", &low)]));
        if progress.is_none() {
            tiers.insert(0, t.with("portal.tier_used", &[("span", &span), ("used", &used)]));
        }
        let as_of = t.with("portal.as_of", &[("day", &t.date(self.day))]);
        Ladder { title, progress, tiers, as_of }
    }
}

/// What the meter showed at the first and at the last moment of a bill: the readings that its
/// energy stands on. A reading that a check stopped is not among them.
pub(super) fn readings(t: Words, again: &Recomputed) -> Option<Definitions> {
    let (_, closing) = again.days.last()?;
    let opening = again.before.as_ref()?;
    let shown = |row: &StateRow| {
        let value = row.register.first().copied().flatten()?;
        let value = format_decimal(i128::from(value), u32::from(row.scale), 0);
        let day = t.date(date_of(row.read_day)?);
        Some(t.with("portal.reading_at", &[("value", &value), ("day", &day)]))
    };
    let mut list = Definitions::new()
        .text(t.get("portal.reading_first"), &shown(opening)?)
        .text(t.get("portal.reading_last"), &shown(closing)?);
    if opening.meter != closing.meter {
        list = list.text(t.get("portal.reading_meter"), t.get("portal.reading_exchanged"));
    }
    if closing.multiplier != closing.multiplier_by {
        let ratio = Ratio::new(closing.multiplier, closing.multiplier_by).ok()?;
        list = list.text(t.get("portal.reading_ratio"), &tariff::text::format_ratio(ratio));
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    #[test]
    fn the_ladder_says_how_far_the_next_tier_is() {
        let t = Words(Locale::En);
        let stand = |kwh: i64| Stand {
            day: Date::constant(2026, 7, 31),
            yearly: true,
            used_ukwh: kwh * 1_000_000,
            limits_ukwh: vec![2_760_000_000, 4_800_000_000],
        };
        let second = stand(4_490).shown(t);
        assert!(second.title.contains('2') && second.title.contains("310"), "{}", second.title);
        assert_eq!((second.tiers.len(), second.progress.is_some()), (3, true));
        assert_eq!(stand(2_760).tier(), 2, "the limit itself is used up");
        let last = stand(5_000).shown(t);
        assert!(last.progress.is_none() && last.title.contains('3'), "{}", last.title);
    }
}
