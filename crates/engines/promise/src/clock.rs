//! The clock of one promise: a pure function of facts, rule and timetable.

use jiff::{Span, ToSpan as _};
use kernel::{Date, Instant, QuantityError};
use serde::{Deserialize, Serialize};

use crate::{
    ClockError, Pause, Rule, Schedule, Timetable, Unit,
    pauses::{Still, joined},
};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How a promise ended. Once given, no change of rule, calendar or pauses alters it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Done in time.
    Kept,
    /// Not done in time.
    Broken,
    /// No longer owed: the outage was called off, the request withdrawn.
    Withdrawn,
}

/// What happened to a promise, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When the fact happened that opened it.
    pub opened_at: Instant,
    /// The event that a lead time counts back from.
    pub target_at: Option<Instant>,
    /// When the clock stood still.
    pub pauses: Vec<Pause>,
    /// When it was done.
    pub done_at: Option<Instant>,
    /// When it stopped being owed.
    pub withdrawn_at: Option<Instant>,
    /// The verdict that was given before.
    pub given: Option<(Verdict, Instant)>,
}

impl Facts {
    /// A promise that was opened and to which nothing else happened yet.
    #[must_use]
    pub const fn opened(opened_at: Instant, target_at: Option<Instant>) -> Self {
        let pauses = Vec::new();
        Self { opened_at, target_at, pauses, done_at: None, withdrawn_at: None, given: None }
    }
}

/// A share of the limit at which something follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The share, in per cent.
    pub percent: u16,
    /// When it is reached; none while a pause without end keeps it from being reached.
    pub at: Option<Instant>,
    /// Whether a warning is given.
    pub is_warning: bool,
    /// The roles to tell.
    pub escalate_to: Vec<String>,
}

/// Where a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has ended.
    Ended(Verdict, Instant),
    /// The clock stands still.
    Paused,
    /// Time is left, and enough of it.
    OnTrack,
    /// Time is left, but little.
    AtRisk,
}

/// Deadline and steps of one promise, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// The last instant at which it can be kept; none while a pause without end holds.
    pub due_at: Option<Instant>,
    /// The last date, where it is counted in whole working days.
    pub due_on: Option<Date>,
    /// Warnings and escalations in order of their share.
    pub steps: Vec<Step>,
    at_risk_at: Option<Instant>,
    still: Vec<Still>,
    facts: Facts,
}

/// How the time of a rule runs.
#[derive(Clone, Copy)]
enum Course<'a> {
    Always,
    Scheduled(&'a Schedule),
}

impl Course<'_> {
    fn position(self, at: Instant) -> Result<i64, ClockError> {
        match self {
            Self::Always => Ok(at.micros()),
            Self::Scheduled(schedule) => schedule.worked_until(at),
        }
    }

    fn latest(self, position: i64) -> Result<Instant, ClockError> {
        match self {
            Self::Always => Ok(Instant::from_micros(position)),
            Self::Scheduled(schedule) => schedule.latest_with(position),
        }
    }

    /// The last instant at which no more than `amount` was counted since `from`; none when a pause
    /// without end comes first.
    fn reach(
        self,
        from: Instant,
        still: &[Still],
        amount: i64,
    ) -> Result<Option<Instant>, ClockError> {
        let mut start = self.position(from)?;
        let mut left = amount;
        for pause in still {
            let counted = self.position(pause.from)?.saturating_sub(start);
            if left < counted {
                break;
            }
            left -= counted;
            match pause.to {
                Some(to) => start = self.position(to)?,
                None => return Ok(None),
            }
        }
        let position = start.checked_add(left).ok_or(QuantityError::Overflow("limit"))?;
        self.latest(position).map(Some)
    }
}

impl Clock {
    /// Computes it.
    ///
    /// # Errors
    /// [`ClockError`]: a deadline beyond the calendar, office hours that nobody defined, a lead
    /// time without its event.
    pub fn of(rule: &Rule, facts: &Facts, time: &Timetable) -> Result<Self, ClockError> {
        let still = joined(&facts.pauses, facts.opened_at);
        if rule.limit.unit.is_before() {
            return Self::before(rule, facts, time);
        }
        let opened = facts.opened_at;
        let amount = i64::from(rule.limit.amount);
        let counted = |unit: i64| amount.checked_mul(unit).ok_or(QuantityError::Overflow("limit"));
        let course = match &rule.limit.hours {
            Some(name) => Course::Scheduled(time.schedule(name)?),
            None => Course::Always,
        };
        let (course, limit) = match rule.limit.unit {
            Unit::Minutes => (course, counted(MINUTE)?),
            Unit::Hours => (course, counted(HOUR)?),
            Unit::WorkingDays => (Course::Scheduled(time.working_days()), counted(DAY)?),
            _ => (Course::Always, civil_days(time, opened, amount)?.micros() - opened.micros()),
        };
        let (from, due_at) = if rule.limit.unit == Unit::WorkingDays {
            (end_of_day(time, opened)?, working_days(time, opened, rule.limit.amount, &still)?)
        } else {
            (opened, course.reach(opened, &still, limit)?)
        };
        let still_from = joined(&facts.pauses, from);
        let share = |percent: u16| -> Result<Option<Instant>, ClockError> {
            let part = i128::from(limit) * i128::from(percent) / 100;
            let part = i64::try_from(part).map_err(|_| QuantityError::Overflow("limit"))?;
            let reached = course.reach(from, &still_from, part);
            match (percent, reached) {
                (100, _) => Ok(due_at),
                // A share below the whole is never reached after it.
                (..100, reached) => Ok(match (reached?, due_at) {
                    (Some(at), Some(due)) => Some(at.min(due)),
                    (at, _) => at,
                }),
                // What happens long after the deadline may lie beyond the calendar: not yet known.
                (_, Err(ClockError::BeyondCalendar { .. })) => Ok(None),
                (_, reached) => Ok(match (reached?, due_at) {
                    (Some(at), Some(due)) => Some(at.max(due)),
                    (at, _) => at,
                }),
            }
        };
        let due_on = (rule.limit.unit == Unit::WorkingDays)
            .then(|| due_at.map(|due| time.zone.date_of(due.plus_seconds(-1))))
            .flatten();
        Self::with_steps(rule, facts, still, (due_at, due_on), share)
    }

    /// A lead time: due some time before the event, counted from the fact. It knows no pauses.
    fn before(rule: &Rule, facts: &Facts, time: &Timetable) -> Result<Self, ClockError> {
        let target = facts.target_at.ok_or_else(|| ClockError::NoTarget(rule.id.clone()))?;
        let amount = i64::from(rule.limit.amount);
        let back = |unit: i64| {
            let micros =
                amount.checked_mul(unit).and_then(|back| target.micros().checked_sub(back));
            micros.map(Instant::from_micros).ok_or(QuantityError::Overflow("limit"))
        };
        let due = match rule.limit.unit {
            Unit::MinutesBefore => back(MINUTE)?,
            Unit::HoursBefore => back(HOUR)?,
            _ => civil_days(time, target, -amount)?,
        };
        let opened = facts.opened_at.micros();
        let span = i128::from(due.micros()) - i128::from(opened);
        let share = |percent: u16| {
            // What was opened too late has every step behind it from the start.
            let part = span.max(0) * i128::from(percent) / 100;
            let at = i64::try_from(i128::from(opened) + part);
            Ok(Some(Instant::from_micros(at.map_err(|_| QuantityError::Overflow("limit"))?)))
        };
        Self::with_steps(rule, facts, Vec::new(), (Some(due), None), share)
    }

    fn with_steps(
        rule: &Rule,
        facts: &Facts,
        still: Vec<Still>,
        (due_at, due_on): (Option<Instant>, Option<Date>),
        share: impl Fn(u16) -> Result<Option<Instant>, ClockError>,
    ) -> Result<Self, ClockError> {
        let mut percents: Vec<u16> = rule.warnings.clone();
        percents.extend(rule.escalations.iter().map(|step| step.at));
        percents.sort_unstable();
        percents.dedup();
        let mut steps = Vec::with_capacity(percents.len());
        for percent in percents {
            let tell = rule.escalations.iter().filter(|step| step.at == percent);
            steps.push(Step {
                percent,
                at: share(percent)?,
                is_warning: rule.warnings.contains(&percent),
                escalate_to: tell.map(|step| step.to.clone()).collect(),
            });
        }
        let at_risk_at = share(rule.at_risk)?;
        Ok(Self { due_at, due_on, steps, at_risk_at, still, facts: facts.clone() })
    }

    /// Where it stands at an instant. A verdict that was given before stands.
    #[must_use]
    pub fn standing(&self, now: Instant) -> Standing {
        let facts = &self.facts;
        if let Some((verdict, at)) = facts.given {
            return Standing::Ended(verdict, at);
        }
        let late = |at: Instant| self.due_at.is_some_and(|due| at > due);
        let withdrawn = facts.withdrawn_at.filter(|at| !late(*at));
        match (facts.done_at, withdrawn, self.due_at) {
            (Some(done), _, _) if !late(done) => Standing::Ended(Verdict::Kept, done),
            (_, Some(at), _) => Standing::Ended(Verdict::Withdrawn, at),
            (_, _, Some(due)) if late(now) || facts.done_at.is_some() => {
                // A lead time that was too short from the start broke when it was opened.
                Standing::Ended(Verdict::Broken, due.max(facts.opened_at))
            }
            _ if self.is_paused(now) => Standing::Paused,
            _ if self.at_risk_at.is_some_and(|at| now >= at) => Standing::AtRisk,
            _ => Standing::OnTrack,
        }
    }

    /// From when on it counts as at risk; none while that is out of reach.
    #[must_use]
    pub const fn at_risk_at(&self) -> Option<Instant> {
        self.at_risk_at
    }

    /// Whether the clock stands still at an instant.
    #[must_use]
    pub fn is_paused(&self, at: Instant) -> bool {
        self.still.iter().any(|s| s.from <= at && s.to.is_none_or(|to| at < to))
    }

    /// The next instant after `now` at which something follows: a step, or the first instant at
    /// which it is broken.
    #[must_use]
    pub fn next_at(&self, now: Instant) -> Option<Instant> {
        let broken = self.due_at.map(|due| Instant::from_micros(due.micros().saturating_add(1)));
        let steps = self.steps.iter().filter_map(|step| step.at);
        steps.chain(broken).filter(|at| *at > now).min()
    }
}

/// The same time of day, some dates later (or earlier).
fn civil_days(time: &Timetable, from: Instant, days: i64) -> Result<Instant, ClockError> {
    let overflow = QuantityError::Overflow("date");
    let span: Span = Span::new().try_days(days).map_err(|_| overflow)?;
    let at = time.zone.datetime_of(from).checked_add(span).map_err(|_| overflow)?;
    Ok(time.zone.instant_of(at)?)
}

fn end_of_day(time: &Timetable, at: Instant) -> Result<Instant, ClockError> {
    let next = time.zone.date_of(at).checked_add(1.day());
    let next = next.map_err(|_| QuantityError::Overflow("date"))?;
    Ok(time.zone.instant_of(next.at(0, 0, 0, 0))?)
}

/// The end of the last of some working days. The day of the fact is day 0; a working day counts
/// unless the clock stood still at its end.
fn working_days(
    time: &Timetable,
    opened: Instant,
    days: u32,
    still: &[Still],
) -> Result<Option<Instant>, ClockError> {
    let mut left = days;
    let schedule = time.working_days();
    for end in schedule.closings_after(opened) {
        if let Some(pause) = still.iter().find(|s| s.from < end && s.to.is_none_or(|to| end <= to))
        {
            if pause.to.is_none() {
                return Ok(None);
            }
            continue;
        }
        left = left.saturating_sub(1);
        if left == 0 {
            return Ok(Some(end));
        }
    }
    Err(schedule.beyond(opened))
}
