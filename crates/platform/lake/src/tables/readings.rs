//! Register readings as delivered: one row per usage point, moment, meter and delivery.

use kernel::{Id, Instant};
use metering::reading::{Mark, RegisterKind, RegisterReading, Registers, Source};

use crate::{LakeError, columns::table};

/// How many registers a row has, in the order of [`RegisterKind::ALL`].
pub const REGISTERS: usize = RegisterKind::COUNT;

table! {
    /// A delivered reading. Sorted by usage point, `at`, meter, then the rest. Registers are
    /// integers of 10^-`scale` kWh (kvarh, kW), before the multiplier, empty when not read.
    ReadingRow {
        /// The usage point.
        usage_point: i64 = Delta,
        /// When the registers stood there: µs since the epoch, UTC.
        at: i64 = Dictionary,
        /// The meter.
        meter: i64 = Delta,
        /// Decimals of every register.
        scale: u8 = Dictionary,
        /// Registers in the order of [`RegisterKind::ALL`].
        register: [Option<i64>; REGISTERS] = Delta,
        /// [`Source::code`].
        source: u8 = Dictionary,
        /// [`Mark::code`].
        mark: u8 = Dictionary,
        /// The delivering system's version of this reading.
        revision: i32 = Dictionary,
    }
}

impl ReadingRow {
    /// The row of a delivered reading.
    #[must_use]
    pub fn of(reading: &RegisterReading) -> Self {
        Self {
            usage_point: reading.usage_point.get(),
            at: reading.at.micros(),
            meter: reading.meter.get(),
            scale: reading.registers.scale(),
            register: RegisterKind::ALL.map(|kind| reading.registers.get(kind)),
            source: reading.source.code(),
            mark: reading.mark.code(),
            revision: reading.revision,
        }
    }

    /// The reading of a row.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a code or a scale that does not exist.
    pub fn reading(&self) -> Result<RegisterReading, LakeError> {
        let wrong = |what: &str| {
            let at = Instant::from_micros(self.at);
            LakeError::Invalid(format!("usage point {} at {at}: {what}", self.usage_point))
        };
        let mut registers =
            Registers::new(self.scale).map_err(|error| wrong(&error.to_string()))?;
        for (kind, value) in RegisterKind::ALL.into_iter().zip(self.register) {
            registers.set(kind, value);
        }
        Ok(RegisterReading {
            usage_point: Id::from_i64(self.usage_point),
            meter: Id::from_i64(self.meter),
            at: Instant::from_micros(self.at),
            registers,
            source: Source::from_code(self.source).ok_or_else(|| wrong("unknown source"))?,
            mark: Mark::from_code(self.mark).ok_or_else(|| wrong("unknown mark"))?,
            revision: self.revision,
        })
    }

    /// The order of a readings file: a total order, so that equal sets of rows give equal files.
    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        (
            (self.usage_point, self.at, self.meter),
            (self.revision, self.source, self.mark, self.scale),
            self.register,
        )
    }
}
