//! The SQL of alerts.

use kernel::{Date, Id, Instant};

store::record! {
    /// An alert as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AlertRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// `finding`, `error`, `concentrator` or `field`.
        pub kind: String,
        /// The rule, or the code of the catalogue.
        pub code: String,
        /// What raised it.
        pub source_key: String,
        /// The usage point; 0: none.
        pub usage_point: Id,
        /// The finding; 0: none.
        pub exception: Id,
        /// The concentrator; empty: none.
        pub concentrator: String,
        /// The business day it is about.
        pub day: Option<Date>,
        /// In words.
        pub note: String,
        /// When it was raised.
        pub raised_at: Instant,
        /// By whom; 0: the program.
        pub raised_by: Id,
        /// Who is to look; 0: whoever may decide.
        pub owner: Id,
        /// By when somebody acknowledges it.
        pub due_at: Instant,
        /// When somebody did.
        pub acknowledged_at: Option<Instant>,
        /// Who.
        pub acknowledged_by: Option<Id>,
        /// When it went to the manager.
        pub escalated_at: Option<Instant>,
        /// `open`, `acknowledged` or `closed`.
        pub state: String,
        /// `confirmed`, `false_alarm` or `no_longer`.
        pub outcome: Option<String>,
        /// In words.
        pub outcome_note: Option<String>,
        /// When it was closed.
        pub closed_at: Option<Instant>,
        /// By whom.
        pub closed_by: Option<Id>,
        /// Rises with every change.
        pub version: i64,
        /// The media type of its photo.
        pub photo_type: Option<String>,
    }

    /// An alert with how its finding stands.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FollowedRow {
        /// The alert.
        pub alert: Id,
        /// The finding.
        pub exception: Id,
        /// Its account.
        pub account: Id,
        /// Its day.
        pub day: Date,
        /// Its rule.
        pub rule: String,
        /// `decided` or `cleared`.
        pub state: String,
        /// What was decided.
        pub decision: Option<String>,
        /// By whom.
        pub decided_by: Option<Id>,
    }

    /// A finding that has no alert.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UnraisedRow {
        /// The finding.
        pub exception: Id,
        /// Its usage point.
        pub usage_point: Id,
        /// Its account.
        pub account: Id,
        /// Its day.
        pub day: Date,
        /// Its rule.
        pub rule: String,
        /// The manager of its 台区; 0: none.
        pub owner: Id,
    }
}

impl AlertRow {
    /// The number that staff and customer can name: that of the finding, or the alert's own.
    #[must_use]
    pub fn exception_or_own(&self) -> String {
        let number = if self.exception.get() == 0 { self.id } else { self.exception };
        number.to_string()
    }
}

macro_rules! alert {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, kind, code, source_key, usage_point, exception, concentrator, day, note,
                    raised_at, raised_by, owner, due_at, acknowledged_at, acknowledged_by, escalated_at,
                    state, outcome, outcome_note, closed_at, closed_by, version, photo_type
               FROM reading_alert ",
            $rest
        )
    };
}

store::statements! {
    /// One alert.
    optional alert_by_id(org: Id, id: Id) -> AlertRow = alert!("WHERE org = $1 AND id = $2");
    /// The alert that something raised.
    optional alert_of_source(org: Id, source_key: &str) -> AlertRow =
        alert!("WHERE org = $1 AND source_key = $2");
    /// Alerts in a state (`waiting`: not closed; empty: all), of a kind (empty: all), those of an owner
    /// (0: all), by term.
    all alerts(
        org: Id, state: &str, kind: &str, owner: Id, after_due: i64, after: Id, count: i64,
    ) -> AlertRow =
        alert!("WHERE org = $1 AND ($2 = '' OR state = $2 OR ($2 = 'waiting' AND state <> 'closed'))
                  AND ($3 = '' OR kind = $3) AND ($4 = 0 OR owner = $4)
                  AND (due_at > $5 OR (due_at = $5 AND id > $6))
                ORDER BY due_at, id LIMIT $7");
    /// Alerts that wait: all, past their term, escalated.
    optional waiting_alerts(org: Id, now: Instant) -> (i64, i64, i64) =
        "SELECT COUNT(*),
                CAST(COALESCE(SUM(CASE WHEN state = 'open' AND due_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN escalated_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM reading_alert WHERE org = $1 AND state <> 'closed'";
    /// Closed alerts by code and outcome.
    all closed_by_code(org: Id) -> (String, String, i64) =
        "SELECT code, outcome, COUNT(*) FROM reading_alert
          WHERE org = $1 AND state = 'closed' AND outcome <> 'no_longer'
          GROUP BY code, outcome ORDER BY code, outcome";
    /// Findings that stop bills and have no alert, oldest first.
    all unraised(org: Id, count: i64) -> UnraisedRow =
        "SELECT e.id AS exception, e.usage_point, e.account, e.day, e.rule,
                COALESCE(t.manager_user, 0) AS owner
           FROM reading_exception e
           JOIN usage_point u ON u.id = e.usage_point
           LEFT JOIN transformer_area t ON t.id = u.transformer_area
          WHERE e.org = $1 AND e.state = 'open' AND e.severity = 'stop'
            AND NOT EXISTS (SELECT 1 FROM reading_alert a
                             WHERE a.org = e.org AND a.source_key = 'finding:' || e.id)
          ORDER BY e.day, e.id LIMIT $2";
    /// Alerts whose finding was decided or went away.
    all to_follow(org: Id, count: i64) -> FollowedRow =
        "SELECT a.id AS alert, e.id AS exception, e.account, e.day, e.rule, e.state, e.decision, e.decided_by
           FROM reading_alert a JOIN reading_exception e ON e.org = a.org AND e.id = a.exception
          WHERE a.org = $1 AND a.state <> 'closed' AND a.kind = 'finding' AND e.state <> 'open'
          ORDER BY a.id LIMIT $2";
    /// Concentrators with missing readings on days `[from, through]`: name, missing, meters that hang
    /// on it.
    all silent_concentrators(org: Id, from: Date, through: Date) -> (String, i64, i64) =
        "SELECT m.concentrator, COUNT(*),
                (SELECT COUNT(*) FROM meter x
                  WHERE x.org = $1 AND x.concentrator = m.concentrator AND x.state = 'installed')
           FROM reading_exception e JOIN meter m ON m.org = e.org AND m.id = e.meter
          WHERE e.org = $1 AND e.state = 'open' AND e.day >= $2 AND e.day <= $3 AND e.rule = 'vee.gap'
            AND m.concentrator <> ''
          GROUP BY m.concentrator ORDER BY m.concentrator";
    /// The alert about a concentrator that is not closed.
    optional concentrator_alert(org: Id, concentrator: &str) -> Id =
        "SELECT id FROM reading_alert
          WHERE org = $1 AND kind = 'concentrator' AND concentrator = $2 AND state <> 'closed' LIMIT 1";
    /// The 台区 managers of a concentrator's meters.
    optional owner_of_concentrator(org: Id, concentrator: &str) -> Option<Id> =
        "SELECT MIN(t.manager_user) FROM meter m
           JOIN meter_installation i ON i.org = m.org AND i.meter = m.id AND i.removed_on IS NULL
           JOIN usage_point u ON u.id = i.usage_point
           JOIN transformer_area t ON t.id = u.transformer_area
          WHERE m.org = $1 AND m.concentrator = $2";
    /// Alerts that nobody acknowledged in time and that nobody was told of.
    all overdue_alerts(org: Id, now: Instant, count: i64) -> Id =
        "SELECT id FROM reading_alert
          WHERE org = $1 AND state = 'open' AND due_at < $2 AND escalated_at IS NULL
          ORDER BY due_at, id LIMIT $3";
    /// Hands an alert to somebody else because nobody looked.
    run set_escalated(org: Id, id: Id, owner: Id, at: Instant) =
        "UPDATE reading_alert
            SET escalated_at = $4, owner = CASE WHEN $3 = 0 THEN owner ELSE $3 END, version = version + 1
          WHERE org = $1 AND id = $2 AND state = 'open' AND escalated_at IS NULL";
    /// Says that somebody looks.
    run set_acknowledged(org: Id, id: Id, version: i64, by: Id, at: Instant) =
        "UPDATE reading_alert
            SET state = 'acknowledged', acknowledged_by = $4, acknowledged_at = $5, version = version + 1,
                owner = CASE WHEN owner = 0 THEN $4 ELSE owner END
          WHERE org = $1 AND id = $2 AND version = $3 AND state = 'open'";
    /// Says that an alert has a photo.
    run set_photo(org: Id, id: Id, photo_type: &str) =
        "UPDATE reading_alert SET photo_type = $3, version = version + 1
          WHERE org = $1 AND id = $2 AND photo_type IS NULL AND state <> 'closed'";
    /// Closes an alert that a person saw.
    run set_closed(org: Id, id: Id, version: i64, outcome: &str, note: &str, by: Id, at: Instant) =
        "UPDATE reading_alert
            SET state = 'closed', outcome = $4, outcome_note = $5, closed_by = $6, closed_at = $7,
                version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state <> 'closed'";
    /// Closes an alert whose finding was decided.
    run set_followed(org: Id, id: Id, outcome: &str, by: Option<Id>, at: Instant) =
        "UPDATE reading_alert
            SET state = 'closed', outcome = $3, closed_by = $4, closed_at = $5, version = version + 1
          WHERE org = $1 AND id = $2 AND state <> 'closed'";
    /// What a customer was told about a finding of theirs: alerts about a usage point, newest first.
    all customer_alerts(org: Id, usage_point: Id, count: i64) -> AlertRow =
        alert!("WHERE org = $1 AND usage_point = $2 ORDER BY id DESC LIMIT $3");
}
