//! The decision about a faulty meter, with what it changes in readings and settled days.

use std::collections::BTreeMap;

use access::Actor;
use kernel::{Id, Ratio};
use lake::tables::ReadingRow;
use metering::reading::RegisterKind;

use super::{FaultDecision, OrderError, ops, rules::adjusted_closing, store::order_by_id};
use crate::{
    Works,
    meters::{self, Registers},
    readings::{DayRows, settle_late, write_days},
};

/// Ends a fault: what was registered stands, or the closing read of the meter is adjusted, the day of
/// the exchange settled again, and bills made from it can be corrected.
///
/// # Errors
/// [`OrderError::NotExchanged`] when energy is to be adjusted at a meter that still hangs;
/// [`OrderError::Field`] for registers that were not read; as [`ops::decide`].
pub async fn decide_fault(
    works: &Works,
    actor: &Actor,
    org: Id,
    asked: &FaultDecision,
) -> Result<(), OrderError> {
    const WRONG: OrderError =
        OrderError::Field { field: "energy", reason: "the closing read cannot be read back" };
    let mut tx = works.db.read().await?;
    let order = order_by_id(&mut tx, org, asked.order).await?.ok_or(OrderError::NotFound)?;
    if order.kind != "fault" {
        return Err(OrderError::NotFound);
    }
    let places = meters::installations_of_meter(&mut tx, org, order.meter).await?;
    let meter =
        meters::meter_by_id(&mut tx, org, order.meter).await?.ok_or(OrderError::NotFound)?;
    drop(tx);
    let mut files = Vec::new();
    let mut adjusted = None;
    if let Some(adjust) = &asked.adjust {
        let on = order.exchanged_on.ok_or(OrderError::NotExchanged)?;
        let place = places
            .iter()
            .find(|place| place.usage_point == order.usage_point && place.removed_on == Some(on))
            .ok_or(OrderError::NotExchanged)?;
        let closing = place.closing_registers.as_deref().unwrap_or("{}");
        let closing: Registers = serde_json::from_str(closing).map_err(|_| WRONG)?;
        let ratio =
            Ratio::new(place.ratio_numerator, place.ratio_denominator).map_err(|_| WRONG)?;
        let scale = u8::try_from(meter.register_scale).map_err(|_| WRONG)?;
        // Where the closing read of an exchange stands: a moment after midnight.
        let midnight = works.rules.zone.day(on).map_err(|_| WRONG)?.from();
        let stand = ReadingRow {
            usage_point: order.usage_point.get(),
            meter: order.meter.get(),
            at: midnight.plus_seconds(1).micros(),
            ..ReadingRow::default()
        };
        let row = adjusted_closing((&closing, scale), ratio, adjust, stand)?;
        let rows = DayRows { readings: vec![row], intervals: Vec::new() };
        files = write_days(works, org, BTreeMap::from([(on, rows)])).await?;
        adjusted = Some(adjust.get(&RegisterKind::Total).map_or(0, |energy| energy.ukwh()));
    }
    let ctx = works.ctx(actor, "decide");
    let mut tx = works.db.begin().await?;
    ops::decide(&ctx, &mut tx, &order, asked, (adjusted, &files)).await?;
    tx.commit().await?;
    settle_late(works, actor, org, "decision").await?;
    Ok(())
}
