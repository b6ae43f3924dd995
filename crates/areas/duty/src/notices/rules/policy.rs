//! How notices are paced: a document, with quiet hours, attempts and limits.

use std::collections::BTreeMap;

use kernel::{Instant, Time, Zone};
use serde::Deserialize;

use crate::notices::{Channel, NoticeError};

/// The policy that comes with the program.
const BUNDLED: &str = include_str!("../../../../../../rules/notices/policy.toml");

/// How notices are paced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Where the numbers come from.
    pub source: String,
    /// Nothing but safety goes out from this time of day…
    pub quiet_from: Time,
    /// … to this one.
    pub quiet_to: Time,
    /// By these channels.
    pub quiet_channels: Vec<Channel>,
    /// Attempts on one channel before the next is tried.
    pub tries: u32,
    /// Seconds before the second attempt; each later one waits twice as long.
    pub retry_s: u32,
    /// Messages other than safety that one person gets in 24 hours.
    pub person_day: u32,
    /// After so many seconds nobody knows whether a message went out.
    pub uncertain_s: u32,
    /// Calls without an answer before the next channel is tried.
    pub call_attempts: u32,
    /// Messages in a second.
    pub per_second: BTreeMap<Channel, u32>,
}

impl Policy {
    /// The policy that comes with the program.
    ///
    /// # Errors
    /// [`NoticeError::Policy`]; a test holds that there is none.
    pub fn bundled() -> Result<Self, NoticeError> {
        Self::parse(BUNDLED)
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`NoticeError::Policy`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let policy: Self = toml::from_str(text).map_err(|e| NoticeError::Policy(e.to_string()))?;
        let wrong = |what: &str| Err(NoticeError::Policy(what.to_owned()));
        if policy.source.trim().is_empty() {
            return wrong("name the source");
        }
        if !(1..=20).contains(&policy.tries) || !(1..=20).contains(&policy.call_attempts) {
            return wrong("tries and call_attempts are 1 to 20");
        }
        if policy.retry_s == 0 || policy.uncertain_s == 0 || policy.person_day == 0 {
            return wrong("retry_s, uncertain_s and person_day are at least 1");
        }
        for channel in Channel::ALL {
            if policy.per_second.get(channel).is_none_or(|rate| !(1..=100_000).contains(rate)) {
                return wrong(&format!("per_second.{channel} is missing or not 1 to 100000"));
            }
        }
        Ok(policy)
    }

    /// Messages in a second by a channel.
    #[must_use]
    pub fn rate(&self, channel: Channel) -> i64 {
        self.per_second.get(&channel).copied().map_or(1, i64::from)
    }

    /// How long to wait before the next attempt after so many.
    #[must_use]
    pub fn wait_s(&self, tries: i64) -> i64 {
        let doublings = u32::try_from(tries.clamp(1, 10)).unwrap_or(1) - 1;
        i64::from(self.retry_s) << doublings
    }

    /// The earliest instant from `now` on at which a message that is not about safety may go out.
    #[must_use]
    pub fn after_quiet(
        &self,
        channel: Channel,
        own: Option<(Time, Time)>,
        zone: &Zone,
        now: Instant,
    ) -> Instant {
        let general =
            self.quiet_channels.contains(&channel).then_some((self.quiet_from, self.quiet_to));
        let mut at = now;
        // The end of one stretch may lie in the other.
        for _ in 0..2 {
            for quiet in [general, own].into_iter().flatten() {
                at = end_of_quiet(quiet, zone, at);
            }
        }
        at
    }
}

/// The end of the quiet stretch that an instant lies in, or the instant.
fn end_of_quiet((from, to): (Time, Time), zone: &Zone, at: Instant) -> Instant {
    let local = zone.datetime_of(at);
    let time = local.time();
    let is_quiet = if from <= to { time >= from && time < to } else { time >= from || time < to };
    if !is_quiet {
        return at;
    }
    let date = if time < to { Ok(local.date()) } else { local.date().tomorrow() };
    let end = date.ok().and_then(|date| zone.instant_of(date.to_datetime(to)).ok());
    end.unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Zone::get("Asia/Shanghai").unwrap().instant_of(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn nights_are_quiet_and_days_are_not() {
        let policy = Policy::bundled().unwrap();
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let after = |channel, text| policy.after_quiet(channel, None, &zone, at(text));
        assert_eq!(after(Channel::Sms, "2026-03-10T22:00"), at("2026-03-11T08:00"));
        assert_eq!(after(Channel::Sms, "2026-03-11T07:59"), at("2026-03-11T08:00"));
        assert_eq!(after(Channel::Sms, "2026-03-11T08:00"), at("2026-03-11T08:00"));
        assert_eq!(after(Channel::Sms, "2026-03-10T20:59"), at("2026-03-10T20:59"));
        assert_eq!(after(Channel::Email, "2026-03-10T22:00"), at("2026-03-10T22:00"));
        // One's own quiet hours begin where the general ones end.
        let own = Some(("08:00".parse().unwrap(), "10:00".parse().unwrap()));
        let after = policy.after_quiet(Channel::Call, own, &zone, at("2026-03-10T23:00"));
        assert_eq!(after, at("2026-03-11T10:00"));
    }

    #[test]
    fn attempts_wait_longer_each_time() {
        let policy = Policy::bundled().unwrap();
        assert_eq!([1, 2, 3].map(|tries| policy.wait_s(tries)), [30, 60, 120]);
        assert!(Policy::parse("source = \"x\"").is_err());
    }
}
