//! Work orders on meters: the plan of rotation (周期轮换) of meters whose verification ends, and
//! faults (计量故障). Table: `meter_order`. Invariants: a meter has one open order of a kind; an
//! exchange is recorded with closing and opening reads through `meters`; a fault ends with the
//! decision whether energy is adjusted, and is never cancelled; an old meter is kept for a cycle.
//! What an adjustment changes in readings is delivered to the lake as a decided closing read.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod rules;
mod store;

pub use error::OrderError;
pub use jobs::decide_fault;
pub use model::{
    Adjustment, Exchange, FaultDecision, NewFault, OrderFilter, RotationPlan, Schedule,
};
pub use ops::{cancel, open_fault, plan_rotation, record_exchange, schedule, scrap};
pub use queries::{Quarter, QuarterBatch, order_list, quarters};
pub use rules::{error_adjustment, quarter_of};
pub use store::{
    ListedOrder, OrderRow, STATEMENTS, StockRow, kept_meters, open_order_of_meter, order_by_id,
    stock, waiting_orders,
};
