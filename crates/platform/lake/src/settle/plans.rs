//! The tariff library as one date sees it: each plan's price set and daily form of the date, and
//! its windows, made when first asked for.

use std::cell::OnceCell;

use kernel::{Date, Ratio};
use tariff::{DailyForm, DaySlots, Entitlement, TierLimits};

use super::Rules;
use crate::{LakeError, tables::TermsRow};

/// A plan on a date.
pub(super) struct PlanDay {
    /// The price set of the date.
    pub(super) set: u8,
    /// The daily form with the limits of a customer without allowances; `None` when the plan
    /// has no daily charge.
    form: Option<(DailyForm, TierLimits)>,
    slots: OnceCell<Result<DaySlots, String>>,
}

/// All plans on a date.
pub(super) struct DayPlans<'a> {
    rules: Rules<'a>,
    date: Date,
    plans: Vec<PlanDay>,
}

impl<'a> DayPlans<'a> {
    pub(super) fn new(rules: Rules<'a>, date: Date) -> Result<Self, LakeError> {
        let mut plans = Vec::with_capacity(rules.library.plans().len());
        for plan in rules.library.plans() {
            let set = plan.set_on(date);
            let form = match plan.daily(set) {
                Ok(form) => {
                    let limits = form.limits(&Entitlement::default()).map_err(refused)?;
                    Some((form, limits))
                }
                Err(_) => None,
            };
            let set = u8::try_from(set).unwrap_or(u8::MAX);
            plans.push(PlanDay { set, form, slots: OnceCell::new() });
        }
        Ok(Self { rules, date, plans })
    }

    /// The plan that a terms row names.
    pub(super) fn of(&self, terms: &TermsRow) -> Result<&PlanDay, LakeError> {
        let plan = usize::try_from(terms.plan).ok().and_then(|i| self.plans.get(i));
        plan.ok_or_else(|| {
            LakeError::Invalid(format!(
                "usage point {}: there is no plan number {}",
                terms.usage_point, terms.plan
            ))
        })
    }

    /// The bucket of each quarter-hour of the date under the plan of a terms row.
    pub(super) fn slots(&self, terms: &TermsRow) -> Result<&DaySlots, LakeError> {
        let day = self.of(terms)?;
        let made = day.slots.get_or_init(|| {
            let index = usize::try_from(terms.plan).unwrap_or(usize::MAX);
            let plan = self.rules.library.plan(index).ok_or_else(|| "no such plan".to_owned())?;
            let calendar =
                self.rules.library.calendar_of(plan).map_err(|error| error.to_string())?;
            plan.windows
                .on(self.date, &calendar, self.rules.weather)
                .map_err(|error| error.to_string())
        });
        made.as_ref().map_err(|reason| LakeError::Invalid(reason.clone()))
    }
}

impl PlanDay {
    /// The daily form and the limits that apply to these terms.
    pub(super) fn form(
        &self,
        terms: &TermsRow,
    ) -> Result<Option<(&DailyForm, TierLimits)>, LakeError> {
        let Some((form, plain)) = &self.form else { return Ok(None) };
        let ordinary =
            terms.family_units == 0 && terms.free_quota == 0 && terms.share == terms.share_by;
        if ordinary {
            return Ok(Some((form, *plain)));
        }
        let entitlement = Entitlement {
            family_units: terms.family_units,
            free_quota: terms.free_quota != 0,
            share: Ratio::new(terms.share, terms.share_by)?,
        };
        Ok(Some((form, form.limits(&entitlement).map_err(refused)?)))
    }
}

/// A refusal of the tariff engine as an error of the lake.
#[expect(clippy::needless_pass_by_value, reason = "used as map_err(refused)")]
pub(super) fn refused(error: tariff::TariffError) -> LakeError {
    LakeError::Invalid(error.to_string())
}
