//! The SQL of requests for readings.

use kernel::{Date, Id, Instant};

store::record! {
    /// A request as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RequestRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The usage point.
        pub usage_point: Id,
        /// The meter that hung there when it was asked.
        pub meter: Id,
        /// `on_demand`, `retry`, `memory` or `field`.
        pub purpose: String,
        /// `open`, `handed`, `answered`, `expired` or `cancelled`.
        pub state: String,
        /// First business day that is wanted.
        pub day_from: Date,
        /// First business day that is not.
        pub day_to: Date,
        /// The finding about the missing reading; 0: none.
        pub exception: Id,
        /// How often it was tried before.
        pub attempt: i64,
        /// When it was asked.
        pub asked_at: Instant,
        /// By whom; 0: the plan.
        pub asked_by: Id,
        /// Not handed out before.
        pub next_at: Instant,
        /// By when an answer is expected.
        pub due_at: Instant,
        /// When the head-end fetched it.
        pub handed_at: Option<Instant>,
        /// When the answer came.
        pub answered_at: Option<Instant>,
        /// What the head-end said when it could not.
        pub failure: String,
    }

    /// A request as the head-end or a handheld gets it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct HandedRow {
        /// The request.
        pub id: Id,
        /// Its purpose.
        pub purpose: String,
        /// Code of the usage point.
        pub point_code: String,
        /// 户号
        pub account_no: String,
        /// Asset number of the meter.
        pub asset_no: String,
        /// Its concentrator; empty: none.
        pub concentrator: String,
        /// Where it hangs.
        pub address: String,
        /// Name of the 台区; empty: none.
        pub area_name: String,
        /// First business day that is wanted.
        pub day_from: Date,
        /// First business day that is not.
        pub day_to: Date,
        /// By when an answer is expected.
        pub due_at: Instant,
    }
}

macro_rules! request {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, usage_point, meter, purpose, state, day_from, day_to, exception, attempt,
                    asked_at, asked_by, next_at, due_at, handed_at, answered_at, failure
               FROM reading_request ",
            $rest
        )
    };
}

macro_rules! handed {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.purpose, u.code AS point_code, a.account_no, m.asset_no, m.concentrator,
                    l.address, COALESCE(t.name, '') AS area_name, r.day_from, r.day_to, r.due_at
               FROM reading_request r
               JOIN usage_point u ON u.id = r.usage_point
               JOIN account a ON a.id = u.account
               JOIN service_location l ON l.id = u.service_location
               JOIN meter m ON m.org = r.org AND m.id = r.meter
               LEFT JOIN transformer_area t ON t.id = u.transformer_area ",
            $rest
        )
    };
}

store::statements! {
    /// One request.
    optional request_by_id(org: Id, id: Id) -> RequestRow = request!("WHERE org = $1 AND id = $2");
    /// The requests of a usage point, newest first.
    all requests_of_point(org: Id, usage_point: Id, count: i64) -> RequestRow =
        request!("WHERE org = $1 AND usage_point = $2 ORDER BY id DESC LIMIT $3");
    /// Requests, newest first, of a purpose (empty: all) and a state (empty: all).
    all requests(org: Id, purpose: &str, state: &str, before: Id, count: i64) -> RequestRow =
        request!("WHERE org = $1 AND ($2 = '' OR purpose = $2) AND ($3 = '' OR state = $3) AND id < $4
                  ORDER BY id DESC LIMIT $5");
    /// Requests by purpose and state.
    all request_counts(org: Id) -> (String, String, i64) =
        "SELECT purpose, state, COUNT(*) FROM reading_request
          WHERE org = $1 GROUP BY purpose, state ORDER BY purpose, state";
    /// What waits for the head-end: a person's first.
    all for_head_end(org: Id, now: Instant, count: i64) -> HandedRow =
        handed!("WHERE r.org = $1 AND r.state = 'open' AND r.purpose <> 'field' AND r.next_at <= $2
                 ORDER BY CASE WHEN r.purpose = 'on_demand' THEN 0 ELSE 1 END, r.next_at, r.id LIMIT $3");
    /// The route of the handhelds: what is to be read in the field, by place.
    all field_route(org: Id, count: i64) -> HandedRow =
        handed!("WHERE r.org = $1 AND r.state = 'open' AND r.purpose = 'field'
                 ORDER BY area_name, l.address, r.id LIMIT $2");
    /// Says that the head-end fetched a request.
    run set_handed(org: Id, id: Id, due_at: Instant, at: Instant) =
        "UPDATE reading_request SET state = 'handed', handed_at = $4, due_at = $3
          WHERE org = $1 AND id = $2 AND state = 'open'";
    /// The answer has come, in time or late.
    run set_answered(org: Id, id: Id, at: Instant) =
        "UPDATE reading_request SET state = 'answered', answered_at = $3
          WHERE org = $1 AND id = $2 AND state IN ('open', 'handed', 'expired')";
    /// The head-end could not: it is asked again later, or not any more.
    run set_again(org: Id, id: Id, next_at: Instant, failure: &str) =
        "UPDATE reading_request
            SET state = 'open', attempt = attempt + 1, next_at = $3, failure = $4, handed_at = NULL
          WHERE org = $1 AND id = $2 AND state = 'handed'";
    /// No answer came.
    run set_expired(org: Id, id: Id, failure: &str) =
        "UPDATE reading_request SET state = 'expired', attempt = attempt + 1, failure = $3
          WHERE org = $1 AND id = $2 AND state IN ('open', 'handed')";
    /// Requests whose answer is overdue: a person's wherever it waits, others once handed out.
    all overdue_requests(org: Id, now: Instant, count: i64) -> RequestRow =
        request!("WHERE org = $1 AND due_at < $2
                    AND (state = 'handed' OR (state = 'open' AND purpose = 'on_demand'))
                  ORDER BY id LIMIT $3");
    /// Open requests for a missing reading that has come meanwhile, by another way.
    all requests_come(org: Id, count: i64) -> Id =
        "SELECT r.id FROM reading_request r JOIN reading_exception e ON e.org = r.org AND e.id = r.exception
          WHERE r.org = $1 AND r.state IN ('open', 'handed') AND r.exception <> 0 AND e.state <> 'open'
          ORDER BY r.id LIMIT $2";
    /// Usage points that the night of a day missed and that nobody asked again: usage point, meter,
    /// finding, concentrator.
    all unasked(org: Id, day: Date, count: i64) -> (Id, Id, Id, String) =
        "SELECT e.usage_point, e.meter, e.id, m.concentrator
           FROM reading_exception e JOIN meter m ON m.org = e.org AND m.id = e.meter
          WHERE e.org = $1 AND e.state = 'open' AND e.day = $2 AND e.rule = 'vee.gap'
            AND NOT EXISTS (SELECT 1 FROM reading_request r WHERE r.org = e.org AND r.exception = e.id)
          ORDER BY e.id LIMIT $3";
    /// The open field request of a usage point.
    all open_field_requests(org: Id, usage_point: Id) -> Id =
        "SELECT id FROM reading_request
          WHERE org = $1 AND usage_point = $2 AND purpose = 'field' AND state = 'open' ORDER BY id";
}
