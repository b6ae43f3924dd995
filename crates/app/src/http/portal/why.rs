//! Why a bill is higher or lower than an earlier one: the engine's split, in the customer's words.

use tariff::{RatedBill, compare};

use super::shown;
use crate::http::i18n::Words;

/// One comparison.
pub(super) struct Why {
    /// What it came to: "¥ 12.30 more than in June".
    pub title: String,
    /// What moved it, largest first: name, sentence, change.
    pub effects: Vec<Moved>,
    /// The two totals.
    pub totals: String,
}

/// One cause.
pub(super) struct Moved {
    /// What it is called.
    pub label: String,
    /// What that means.
    pub meaning: &'static str,
    /// By how much.
    pub amount: String,
    /// More or less to pay: the icon beside it.
    pub icon: &'static str,
}

/// Compares a bill with an earlier one; nothing where the engine cannot.
pub(super) fn why(t: Words, word: &str, before: &RatedBill, after: &RatedBill) -> Option<Why> {
    let compared = compare(before, after).ok()?;
    let currency = after.currency;
    let month = t.month(before.from);
    let amount = kernel::Money::new(compared.difference.units().checked_abs()?, currency);
    let (amount, units) = (t.money(amount), compared.difference.units());
    let places: [(&str, &dyn std::fmt::Display); 2] = [("amount", &amount), ("month", &month)];
    let title = match (units, word) {
        (0, _) => t.with("portal.why_same", &[("month", &month)]),
        (1.., _) => t.with("portal.why_more", &places),
        _ => t.with("portal.why_less", &places),
    };
    let mut effects = compared.effects;
    effects.sort_by_key(|effect| std::cmp::Reverse(effect.amount.units().unsigned_abs()));
    let effects = effects.into_iter().map(|effect| {
        let code = serde_json::to_value(effect.cause).ok();
        let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let direction =
            if effect.amount.units() > 0 { "portal.cause_up" } else { "portal.cause_down" };
        Moved {
            label: shown::title(t, &effect.label),
            meaning: t.find(direction, code).unwrap_or_default(),
            amount: t.money_change(effect.amount.money(currency)),
            icon: if effect.amount.units() > 0 { "up" } else { "down" },
        }
    });
    let money = |units: tariff::Amount| t.money(units.money(currency));
    let (old, new) = (money(compared.before), money(compared.after));
    Some(Why {
        title,
        effects: effects.collect(),
        totals: t.with("portal.why_totals", &[("before", &old), ("after", &new)]),
    })
}
