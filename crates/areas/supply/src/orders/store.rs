//! The SQL of work orders and of the stock of meters.

use kernel::{Date, Id, Instant};

store::record! {
    /// A work order as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct OrderRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// `rotation` or `fault`.
        pub kind: String,
        /// `open`, `assigned`, `exchanged`, `done` or `cancelled`.
        pub state: String,
        /// The meter.
        pub meter: Id,
        /// Where it hangs.
        pub usage_point: Id,
        /// Whose it is.
        pub account: Id,
        /// The kind of fault in the catalogue; empty for a rotation.
        pub code: String,
        /// What was seen, or why it was cancelled.
        pub note: String,
        /// By when it is done.
        pub due_on: Date,
        /// When it is to be done.
        pub planned_on: Option<Date>,
        /// By whom; empty: not decided.
        pub crew: String,
        /// When it was made.
        pub created_at: Instant,
        /// By whom.
        pub created_by: Id,
        /// What was hung instead.
        pub new_meter: Option<Id>,
        /// When.
        pub exchanged_on: Option<Date>,
        /// Until when the old meter is kept.
        pub kept_until: Option<Date>,
        /// `adjust` or `no_adjust`.
        pub decision: Option<String>,
        /// Energy added to what was registered, millionths of a kWh.
        pub adjusted_ukwh: Option<i64>,
        /// Why.
        pub decision_reason: Option<String>,
        /// When it was decided.
        pub decided_at: Option<Instant>,
        /// By whom.
        pub decided_by: Option<Id>,
        /// When it was closed.
        pub closed_at: Option<Instant>,
        /// Rises with every change.
        pub version: i64,
    }

    /// A work order in a list.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ListedOrder {
        /// Its id.
        pub id: Id,
        /// `rotation` or `fault`.
        pub kind: String,
        /// `open`, `assigned`, `exchanged`, `done` or `cancelled`.
        pub state: String,
        /// The kind of fault.
        pub code: String,
        /// Asset number of the meter.
        pub asset_no: String,
        /// Its make and type.
        pub model: String,
        /// Code of the usage point.
        pub point_code: String,
        /// 户号
        pub account_no: String,
        /// Name of the 台区; empty: none.
        pub area_name: String,
        /// Where the meter hangs.
        pub address: String,
        /// By when it is done.
        pub due_on: Date,
        /// When it is to be done.
        pub planned_on: Option<Date>,
        /// By whom.
        pub crew: String,
        /// Asset number of the new meter; empty: none.
        pub new_asset_no: String,
        /// `adjust` or `no_adjust`.
        pub decision: Option<String>,
    }

    /// Meters of one make and type.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct StockRow {
        /// Make and type.
        pub model: String,
        /// Phases.
        pub phases: i64,
        /// In stock.
        pub in_stock: i64,
        /// Hung at a usage point.
        pub installed: i64,
        /// Taken down.
        pub removed: i64,
        /// Scrapped.
        pub scrapped: i64,
    }
}

macro_rules! order {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, kind, state, meter, usage_point, account, code, note, due_on, planned_on, crew,
                    created_at, created_by, new_meter, exchanged_on, kept_until, decision, adjusted_ukwh,
                    decision_reason, decided_at, decided_by, closed_at, version
               FROM meter_order ",
            $rest
        )
    };
}

store::statements! {
    /// One order.
    optional order_by_id(org: Id, id: Id) -> OrderRow = order!("WHERE org = $1 AND id = $2");
    /// The open order of a meter, of a kind.
    optional open_order_of_meter(org: Id, meter: Id, kind: &str) -> OrderRow =
        order!("WHERE org = $1 AND meter = $2 AND kind = $3 AND state IN ('open', 'assigned', 'exchanged')");
    /// Meters to be rotated whose verification ends in `[from, to)` and that have no order: meter,
    /// usage point, account, end of the verification.
    all meters_to_rotate(org: Id, from: Date, to: Date, model: &str, count: i64) -> (Id, Id, Id, Date) =
        "SELECT m.id, i.usage_point, u.account, m.expires_on
           FROM meter m
           JOIN meter_installation i ON i.org = m.org AND i.meter = m.id AND i.removed_on IS NULL
           JOIN usage_point u ON u.id = i.usage_point
          WHERE m.org = $1 AND m.state = 'installed' AND m.expires_on >= $2 AND m.expires_on < $3
            AND ($4 = '' OR m.model = $4)
            AND NOT EXISTS (SELECT 1 FROM meter_order o
                             WHERE o.org = m.org AND o.meter = m.id AND o.kind = 'rotation'
                               AND o.state <> 'cancelled')
          ORDER BY m.expires_on, m.id LIMIT $5";
    /// Hung meters whose verification ends before a day and that have no order, by batch: end, make
    /// and type, how many.
    all batches_without_order(org: Id, before: Date) -> (Date, String, i64) =
        "SELECT m.expires_on, m.model, COUNT(*)
           FROM meter m
          WHERE m.org = $1 AND m.state = 'installed' AND m.expires_on < $2
            AND NOT EXISTS (SELECT 1 FROM meter_order o
                             WHERE o.org = m.org AND o.meter = m.id AND o.kind = 'rotation'
                               AND o.state <> 'cancelled')
          GROUP BY m.expires_on, m.model ORDER BY m.expires_on, m.model";
    /// Orders of rotation by batch: end of the verification, make and type, all, done, the latest one
    /// made.
    all batches_with_order(org: Id, from: Date, before: Date) -> (Date, String, i64, i64, Instant) =
        "SELECT o.due_on, m.model, COUNT(*),
                CAST(SUM(CASE WHEN o.state = 'done' THEN 1 ELSE 0 END) AS BIGINT), MAX(o.created_at)
           FROM meter_order o JOIN meter m ON m.org = o.org AND m.id = o.meter
          WHERE o.org = $1 AND o.kind = 'rotation' AND o.state <> 'cancelled'
            AND o.due_on >= $2 AND o.due_on < $3
          GROUP BY o.due_on, m.model ORDER BY o.due_on, m.model";
    /// Orders of a list, by term.
    all orders(
        org: Id, kind: &str, state: &str, words: &str, from: Date, to: Date, after_due: &str, after: Id, count: i64,
    ) -> ListedOrder =
        "SELECT o.id, o.kind, o.state, o.code, m.asset_no, m.model, u.code AS point_code, a.account_no,
                COALESCE(t.name, '') AS area_name, l.address, o.due_on, o.planned_on, o.crew,
                COALESCE(n.asset_no, '') AS new_asset_no, o.decision
           FROM meter_order o
           JOIN meter m ON m.org = o.org AND m.id = o.meter
           JOIN usage_point u ON u.id = o.usage_point
           JOIN account a ON a.id = o.account
           JOIN service_location l ON l.id = u.service_location
           LEFT JOIN transformer_area t ON t.id = u.transformer_area
           LEFT JOIN meter n ON n.org = o.org AND n.id = o.new_meter
          WHERE o.org = $1 AND ($2 = '' OR o.kind = $2)
            AND ($3 = '' OR o.state = $3 OR ($3 = 'waiting' AND o.state IN ('open', 'assigned', 'exchanged')))
            AND ($4 = '' OR m.asset_no LIKE $4 || '%' OR o.crew LIKE $4 || '%')
            AND o.due_on >= $5 AND o.due_on < $6
            AND (o.due_on > $7 OR (o.due_on = $7 AND o.id > $8))
          ORDER BY o.due_on, o.id LIMIT $9";
    /// Orders that wait: kind, all, past their term on a day.
    all waiting_orders(org: Id, today: Date) -> (String, i64, i64) =
        "SELECT kind, COUNT(*), CAST(SUM(CASE WHEN due_on < $2 THEN 1 ELSE 0 END) AS BIGINT)
           FROM meter_order WHERE org = $1 AND state IN ('open', 'assigned', 'exchanged')
          GROUP BY kind ORDER BY kind";
    /// Says when and by whom an order is done.
    run set_schedule(org: Id, id: Id, version: i64, planned_on: Date, crew: &str) =
        "UPDATE meter_order
            SET planned_on = $4, crew = $5, state = CASE WHEN state = 'open' THEN 'assigned' ELSE state END,
                version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND state IN ('open', 'assigned')";
    /// Records an exchange: a rotation is done, a fault waits for its decision.
    run set_exchanged(
        org: Id, id: Id, version: i64, new_meter: Id, on: Date, kept_until: Date, at: Instant,
    ) =
        "UPDATE meter_order
            SET new_meter = $4, exchanged_on = $5, kept_until = $6, version = version + 1,
                state = CASE WHEN kind = 'rotation' THEN 'done' ELSE 'exchanged' END,
                closed_at = CASE WHEN kind = 'rotation' THEN $7 ELSE NULL END
          WHERE org = $1 AND id = $2 AND version = $3 AND state IN ('open', 'assigned')";
    /// Cancels a rotation.
    run set_cancelled(org: Id, id: Id, version: i64, note: &str, at: Instant) =
        "UPDATE meter_order SET state = 'cancelled', note = $4, closed_at = $5, version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND kind = 'rotation' AND state IN ('open', 'assigned')";
    /// Ends a fault.
    run set_fault_decision(
        org: Id, id: Id, version: i64, decision: &str, adjusted_ukwh: Option<i64>, reason: &str, by: Id, at: Instant,
    ) =
        "UPDATE meter_order
            SET state = 'done', decision = $4, adjusted_ukwh = $5, decision_reason = $6, decided_by = $7,
                decided_at = $8, closed_at = $8, version = version + 1
          WHERE org = $1 AND id = $2 AND version = $3 AND kind = 'fault'
            AND state IN ('open', 'assigned', 'exchanged')";
    /// Meters by make and type.
    all stock(org: Id) -> StockRow =
        "SELECT model, phases,
                CAST(SUM(CASE WHEN state = 'in_stock' THEN 1 ELSE 0 END) AS BIGINT) AS in_stock,
                CAST(SUM(CASE WHEN state = 'installed' THEN 1 ELSE 0 END) AS BIGINT) AS installed,
                CAST(SUM(CASE WHEN state = 'removed' THEN 1 ELSE 0 END) AS BIGINT) AS removed,
                CAST(SUM(CASE WHEN state = 'scrapped' THEN 1 ELSE 0 END) AS BIGINT) AS scrapped
           FROM meter WHERE org = $1 GROUP BY model, phases ORDER BY model, phases";
    /// Old meters that are still kept or could be scrapped: meter, asset number, make and type, order,
    /// kept until.
    all kept_meters(org: Id, after: Id, count: i64) -> (Id, String, String, Id, Date) =
        "SELECT m.id, m.asset_no, m.model, o.id, o.kept_until
           FROM meter_order o JOIN meter m ON m.org = o.org AND m.id = o.meter
          WHERE o.org = $1 AND o.kept_until IS NOT NULL AND m.state = 'removed' AND o.id > $2
          ORDER BY o.id LIMIT $3";
    /// Until when a meter is kept.
    optional kept_until_of(org: Id, meter: Id) -> Option<Date> =
        "SELECT MAX(kept_until) FROM meter_order WHERE org = $1 AND meter = $2";
}
