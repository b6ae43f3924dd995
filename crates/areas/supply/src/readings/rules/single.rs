//! One reading that a program or a handheld delivers, as a row of the lake.

use std::collections::BTreeMap;

use kernel::{Id, Instant};
use lake::tables::ReadingRow;
use metering::reading::{Mark, RegisterKind, RegisterReading, Registers, Source};

use crate::readings::ReadingError;

/// What registers showed, in their units as decimal texts.
pub type ShownRegisters = BTreeMap<RegisterKind, String>;

/// The row of a reading. `scale` is the resolution of the meter; more decimals are kept.
///
/// # Errors
/// [`ReadingError::Value`] for a text that is no value of its register, a negative one, or none.
pub fn single(
    (usage_point, meter, at): (Id, Id, Instant),
    source: Source,
    scale: u8,
    shown: &ShownRegisters,
) -> Result<ReadingRow, ReadingError> {
    let wrong = |register: RegisterKind, reason: String| ReadingError::Value {
        register: register.name().to_owned(),
        reason,
    };
    let decimals = |text: &String| text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let finest = shown.values().map(decimals).max().unwrap_or(0);
    let scale = u8::try_from(finest).unwrap_or(u8::MAX).max(scale);
    let mut registers =
        Registers::new(scale).map_err(|error| wrong(RegisterKind::Total, error.to_string()))?;
    for (kind, text) in shown {
        registers.set_text(*kind, text.trim()).map_err(|error| wrong(*kind, error.to_string()))?;
        if registers.get(*kind).is_some_and(|value| value < 0) {
            return Err(wrong(*kind, "a register shows no negative value".to_owned()));
        }
    }
    if registers.is_empty() {
        return Err(wrong(RegisterKind::Total, "give at least one register a value".to_owned()));
    }
    let reading =
        RegisterReading { usage_point, meter, at, registers, source, mark: Mark::RAW, revision: 0 };
    Ok(ReadingRow::of(&reading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_keeps_what_was_read() {
        let id = Id::from_i64;
        let at = Instant::from_micros(7);
        let row = |text: &str| {
            let shown = ShownRegisters::from([(RegisterKind::Total, text.to_owned())]);
            single((id(1), id(2), at), Source::Handheld, 1, &shown)
        };
        let good = row("1234.56").unwrap();
        assert_eq!((good.register[0], good.scale, good.at), (Some(123_456), 2, 7));
        assert_eq!(row("8").unwrap().register[0], Some(80));
        for bad in ["-1", "x", "", "1.23456789012"] {
            assert!(row(bad).is_err(), "{bad}");
        }
        assert!(single((id(1), id(2), at), Source::Ami, 1, &ShownRegisters::new()).is_err());
    }
}
