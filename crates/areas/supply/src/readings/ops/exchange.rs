//! Opening and closing registers of installations as readings, so that energy is continuous
//! across an exchange (换表). They stand at the start of the day: the old meter's closing read
//! first, then the new one's opening read.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Date, Id, Zone};
use lake::{Manifest, settle::business_day, tables::ReadingRow};
use metering::reading::{Mark, RegisterKind, RegisterReading, Registers, Source};
use store::{OnConflict, Tx};

use super::import::note_late;
use crate::{
    count_file,
    meters::Registers as Shown,
    readings::{
        ReadingError,
        store::{DeliveredRow, ExchangeRow, undelivered_exchanges},
    },
};

/// Installations in one transaction.
const PAGE: i64 = 20_000;

/// Readings of installations that are to be delivered.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ExchangeReads {
    /// Rows by business day.
    pub days: BTreeMap<Date, Vec<ReadingRow>>,
    /// Installations with the end that is delivered: closing or opening.
    pub delivered: Vec<(Id, bool)>,
}

/// The next readings of installations that are not in the lake yet.
///
/// # Errors
/// [`ReadingError::Corrupt`] when stored registers cannot be read back.
pub async fn exchange_reads(
    tx: &mut Tx,
    org: Id,
    zone: &Zone,
) -> Result<ExchangeReads, ReadingError> {
    let mut reads = ExchangeReads::default();
    for row in undelivered_exchanges(tx, org, PAGE).await? {
        if row.opening_open {
            push(&mut reads, &row, zone, (row.installed_on, true), &row.opening_registers)?;
            reads.delivered.push((row.id, false));
        }
        if let (Some(removed_on), Some(closing)) = (row.removed_on, &row.closing_registers) {
            push(&mut reads, &row, zone, (removed_on, row.is_exchange), closing)?;
            reads.delivered.push((row.id, true));
        }
    }
    Ok(reads)
}

/// A moment after midnight belongs to the day that begins; midnight itself to the day before,
/// where the use of a meter that was taken down for good is billed.
fn push(
    reads: &mut ExchangeReads,
    row: &ExchangeRow,
    zone: &Zone,
    (on, within_day): (Date, bool),
    shown: &str,
) -> Result<(), ReadingError> {
    const WHAT: ReadingError = ReadingError::Corrupt("registers of an installation");
    let shown: Shown = serde_json::from_str(shown).map_err(|_| WHAT)?;
    if shown.0.is_empty() {
        return Ok(());
    }
    let scale = u8::try_from(row.register_scale).map_err(|_| WHAT)?;
    let mut registers = Registers::new(scale).map_err(|_| WHAT)?;
    for (word, value) in &shown.0 {
        let kind: RegisterKind = word.parse().map_err(|_| WHAT)?;
        registers.set(kind, Some(*value));
    }
    let midnight = zone.day(on).map_err(|_| WHAT)?.from();
    let at = midnight.plus_seconds(i64::from(within_day));
    let reading = RegisterReading {
        usage_point: row.usage_point,
        meter: row.meter,
        at,
        registers,
        source: Source::Exchange,
        mark: Mark::VALID,
        revision: 0,
    };
    reads.days.entry(business_day(zone, at)).or_default().push(ReadingRow::of(&reading));
    Ok(())
}

/// Makes delivered readings of installations count.
///
/// # Errors
/// Denied, or the database refuses.
pub async fn commit_exchange(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    reads: &ExchangeReads,
    files: &[Manifest],
) -> Result<(), ReadingError> {
    ctx.require(Right::MeterWrite, org)?;
    tx.lock("settlement", org).await?;
    let run = tx.next_id();
    for file in files {
        count_file(tx, org, Some(run), file).await?;
    }
    let rows: Vec<DeliveredRow> = reads
        .delivered
        .iter()
        .map(|(installation, closing)| DeliveredRow {
            org,
            installation: *installation,
            closing: *closing,
        })
        .collect();
    tx.insert_all("reading_exchange", &rows, OnConflict::Keep).await?;
    let mut touched: BTreeMap<i64, Date> = BTreeMap::new();
    for (day, rows) in &reads.days {
        for row in rows {
            touched.entry(row.usage_point).or_insert(*day);
        }
    }
    note_late(tx, org, &touched).await?;
    Ok(())
}
