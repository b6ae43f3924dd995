//! The SQL of promises.

use kernel::{Date, Id, Instant};

use super::{State, StepKind};

store::record! {
    /// A rule pack as published.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PackRow {
        /// Its id.
        pub id: Id,
        /// Whose it is.
        pub org: Id,
        /// The pack's stable name.
        pub pack: String,
        /// Its place in the order; later ones replace promises of earlier ones.
        pub position: i64,
        /// The document.
        pub document: String,
        /// When it was published.
        pub published_at: Instant,
        /// By whom.
        pub published_by: Id,
    }

    /// A version of a rule under which promises were given.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RuleRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The rule's stable name.
        pub rule_id: String,
        /// JSON of the engine's rule.
        pub body: String,
        /// Of the body.
        pub body_sha256: String,
    }

    /// A promise as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PromiseRow {
        /// Its id.
        pub id: Id,
        /// The unit that owes it.
        pub org: Id,
        /// The version of the rule that it is under.
        pub rule: Id,
        /// The rule's stable name.
        pub rule_id: String,
        /// What it is about: a word…
        pub subject_kind: String,
        /// … and an id.
        pub subject: Id,
        /// Tells occasions apart.
        pub occasion: String,
        /// To whom it is owed.
        pub person: Option<Id>,
        /// When the fact happened.
        pub opened_at: Instant,
        /// The event that a lead time counts back from.
        pub target_at: Option<Instant>,
        /// The last instant at which it can be kept.
        pub due_at: Option<Instant>,
        /// The last date, in working days.
        pub due_on: Option<Date>,
        /// From when on it counts as at risk.
        pub at_risk_at: Option<Instant>,
        /// When the reconciler looks at it next.
        pub next_at: Option<Instant>,
        /// Where it stands.
        pub state: State,
        /// When the verdict fell.
        pub verdict_at: Option<Instant>,
        /// When it was done, in time or late.
        pub done_at: Option<Instant>,
        /// By whom.
        pub done_by: Option<String>,
        /// JSON of [`super::Evidence`].
        pub evidence: Option<String>,
        /// When it stopped being owed.
        pub withdrawn_at: Option<Instant>,
        /// The highest share, in per cent, whose step was taken.
        pub step_percent: i64,
        /// Why there is no deadline though the clock runs.
        pub stuck: Option<String>,
        /// Whether a breach must name an approver.
        pub needs_approver: bool,
        /// Whether a breach must give a reason.
        pub needs_reason: bool,
        /// Who answered for the breach.
        pub breach_approver: Option<Id>,
        /// With what reason.
        pub breach_reason: Option<String>,
        /// When.
        pub breach_answered_at: Option<Instant>,
        /// Rises with every change.
        pub version: i64,
    }

    /// A pause as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PauseRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The promise.
        pub promise: Id,
        /// The code of the reason.
        pub reason: String,
        /// In words.
        pub note: String,
        /// From when.
        pub paused_at: Instant,
        /// By whom.
        pub paused_by: String,
        /// Until when; none while it lasts.
        pub resumed_at: Option<Instant>,
        /// By whom it was ended.
        pub resumed_by: Option<String>,
    }

    /// A step as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct StepRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The promise.
        pub promise: Id,
        /// What kind.
        pub kind: StepKind,
        /// The share of the limit, in per cent.
        pub share_percent: Option<i64>,
        /// The role, the verdict, or the new rule.
        pub detail: String,
        /// When it was reached.
        pub reached_at: Instant,
        /// When that was noticed.
        pub noted_at: Instant,
    }

    /// How many promises of one rule stand where, in one unit.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BoardRow {
        /// The unit.
        pub org: Id,
        /// The rule's stable name.
        pub rule_id: String,
        /// Done in time.
        pub kept: i64,
        /// Open with little time left.
        pub at_risk: i64,
        /// Not done in time.
        pub broken: i64,
        /// Open with enough time left.
        pub on_track: i64,
        /// Standing still.
        pub paused: i64,
        /// No longer owed.
        pub withdrawn: i64,
        /// Broken ones that somebody still has to answer for.
        pub unanswered: i64,
    }
}

macro_rules! promise_columns {
    () => {
        "p.id, p.org, p.rule, p.rule_id, p.subject_kind, p.subject, p.occasion, p.person, p.opened_at,
         p.target_at, p.due_at, p.due_on, p.at_risk_at, p.next_at, p.state, p.verdict_at, p.done_at,
         p.done_by, p.evidence, p.withdrawn_at, p.step_percent, p.stuck, p.needs_approver,
         p.needs_reason, p.breach_approver, p.breach_reason, p.breach_answered_at, p.version"
    };
}

store::statements! {
    /// The packs in force at an organisation and at those above it, nearest first, in their order.
    all packs_in_force(org: Id) -> PackRow =
        "SELECT p.id, p.org, p.pack, p.position, p.document, p.published_at, p.published_by
         FROM promise_pack p
         LEFT JOIN organisation_path o ON o.ancestor = p.org AND o.descendant = $1
         WHERE p.replaced_at IS NULL AND (p.org = $1 OR o.depth IS NOT NULL)
         ORDER BY COALESCE(o.depth, 0), p.position, p.id";
    /// Ends the version of a pack that is in force.
    run replace_pack(org: Id, pack: &str, at: Instant) =
        "UPDATE promise_pack SET replaced_at = $3
         WHERE org = $1 AND pack = $2 AND replaced_at IS NULL";
    /// The version of a rule with this digest.
    optional rule_by_digest(org: Id, body_sha256: &str) -> Id =
        "SELECT id FROM promise_rule WHERE org = $1 AND body_sha256 = $2";
    /// A version of a rule.
    optional rule_body(id: Id) -> String = "SELECT body FROM promise_rule WHERE id = $1";

    /// One promise of an organisation.
    optional promise_by_id(org: Id, id: Id) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p WHERE p.org = $1 AND p.id = $2");
    /// The promise of a rule about a thing on an occasion.
    optional promise_of(org: Id, rule_id: &str, subject_kind: &str, subject: Id, occasion: &str)
        -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p WHERE p.org = $1 AND p.rule_id = $2
            AND p.subject_kind = $3 AND p.subject = $4 AND p.occasion = $5");
    /// Every promise about a thing, oldest first.
    all promises_about(subject_kind: &str, subject: Id) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p
            WHERE p.subject = $2 AND p.subject_kind = $1 ORDER BY p.opened_at, p.id LIMIT 1000");
    /// Promises at which something follows by now, the earliest first.
    all promises_due(now: Instant, limit: i64) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p
            WHERE p.next_at <= $1 ORDER BY p.next_at, p.id LIMIT $2");
    /// Promises without a verdict at an organisation and below, after an id.
    all promises_open(org: Id, after: Id, limit: i64) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p
            WHERE p.state IN ('open', 'paused') AND p.id > $2 AND (p.org = $1 OR p.org IN
                (SELECT descendant FROM organisation_path WHERE ancestor = $1))
            ORDER BY p.id LIMIT $3");
    /// Promises of a unit that stand somewhere, the earliest deadline first. An empty rule or
    /// standing means any; a deadline that nobody knows comes last.
    all promises_standing(
        org: Id, rule_id: &str, standing: &str, from: Instant, to: Instant, now: Instant,
        after_due: i64, after: Id, limit: i64,
    ) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p
            WHERE p.org = $1 AND ($2 = '' OR p.rule_id = $2) AND p.opened_at >= $4 AND p.opened_at < $5
              AND ($3 = '' OR $3 = CASE
                   WHEN p.state <> 'open' THEN p.state
                   WHEN p.at_risk_at <= $6 THEN 'at_risk' ELSE 'on_track' END)
              AND (COALESCE(p.due_at, 9223372036854775807), p.id) > ($7, $8)
            ORDER BY COALESCE(p.due_at, 9223372036854775807), p.id LIMIT $9");
    /// Broken promises of a unit that somebody still has to answer for, oldest first.
    all promises_unanswered(org: Id, after: Id, limit: i64) -> PromiseRow =
        concat!("SELECT ", promise_columns!(), " FROM promise p
            WHERE p.org = $1 AND p.state = 'broken' AND p.breach_answered_at IS NULL
              AND (p.needs_approver OR p.needs_reason) AND p.id > $2 ORDER BY p.id LIMIT $3");
    /// Writes what a clock came to.
    run set_clock(
        id: Id, version: i64, due_at: Option<Instant>, due_on: Option<Date>,
        at_risk_at: Option<Instant>, next_at: Option<Instant>, state: State,
        verdict_at: Option<Instant>, step_percent: i64, stuck: Option<&str>,
    ) =
        "UPDATE promise SET due_at = $3, due_on = $4, at_risk_at = $5, next_at = $6, state = $7,
             verdict_at = $8, step_percent = $9, stuck = $10, version = version + 1
         WHERE id = $1 AND version = $2";
    /// Writes that it was done.
    run set_done(id: Id, done_at: Instant, done_by: &str, evidence: &str) =
        "UPDATE promise SET done_at = $2, done_by = $3, evidence = $4
         WHERE id = $1 AND done_at IS NULL";
    /// Writes that it is no longer owed.
    run set_withdrawn(id: Id, at: Instant) =
        "UPDATE promise SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
    /// Moves it under another version of its rule.
    run set_rule(id: Id, rule: Id, needs_approver: bool, needs_reason: bool) =
        "UPDATE promise SET rule = $2, needs_approver = $3, needs_reason = $4 WHERE id = $1";
    /// Writes who answered for a breach.
    run set_breach(id: Id, version: i64, approver: Option<Id>, reason: &str, at: Instant) =
        "UPDATE promise SET breach_approver = $3, breach_reason = $4, breach_answered_at = $5,
             version = version + 1
         WHERE id = $1 AND version = $2 AND breach_answered_at IS NULL";

    /// The pauses of a promise, oldest first.
    all pauses_of(promise: Id) -> PauseRow =
        "SELECT id, org, promise, reason, note, paused_at, paused_by, resumed_at, resumed_by
         FROM promise_pause WHERE promise = $1 ORDER BY paused_at, id";
    /// Ends a pause.
    run end_pause(promise: Id, reason: &str, at: Instant, by: &str) =
        "UPDATE promise_pause SET resumed_at = $3, resumed_by = $4
         WHERE promise = $1 AND reason = $2 AND resumed_at IS NULL AND paused_at <= $3";
    /// What followed from a promise's clock, oldest first.
    all steps_of(promise: Id) -> StepRow =
        "SELECT id, org, promise, kind, share_percent, detail, reached_at, noted_at
         FROM promise_step WHERE promise = $1 ORDER BY id";

    /// How promises opened in a period stand, by unit and rule, at an organisation and below.
    all board(org: Id, from: Instant, to: Instant, now: Instant) -> BoardRow =
        "SELECT org, rule_id,
            CAST(SUM(CASE WHEN state = 'kept' THEN 1 ELSE 0 END) AS BIGINT) AS kept,
            CAST(SUM(CASE WHEN state = 'open' AND at_risk_at <= $4 THEN 1 ELSE 0 END) AS BIGINT) AS at_risk,
            CAST(SUM(CASE WHEN state = 'broken' THEN 1 ELSE 0 END) AS BIGINT) AS broken,
            CAST(SUM(CASE WHEN state = 'open' AND (at_risk_at IS NULL OR at_risk_at > $4)
                THEN 1 ELSE 0 END) AS BIGINT) AS on_track,
            CAST(SUM(CASE WHEN state = 'paused' THEN 1 ELSE 0 END) AS BIGINT) AS paused,
            CAST(SUM(CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END) AS BIGINT) AS withdrawn,
            CAST(SUM(CASE WHEN state = 'broken' AND breach_answered_at IS NULL
                AND (needs_approver OR needs_reason) THEN 1 ELSE 0 END) AS BIGINT) AS unanswered
         FROM promise
         WHERE opened_at >= $2 AND opened_at < $3 AND (org = $1 OR org IN
            (SELECT descendant FROM organisation_path WHERE ancestor = $1))
         GROUP BY org, rule_id ORDER BY org, rule_id";
}
