//! The registers of a meter and one set of values read from them.

use std::{fmt, str::FromStr};

use kernel::{Energy, Fault, FaultKind, format_decimal, parse_decimal};
use serde::{Deserialize, Serialize};

/// The finest resolution that a stored value may have: nine decimals.
pub const MAX_SCALE: u8 = 9;

/// A register of an electricity meter. The order is the order of columns everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterKind {
    /// Active energy taken from the network, all windows (正向有功总).
    Total,
    /// The part in the sharp window (尖).
    Sharp,
    /// The part in the peak window (峰).
    Peak,
    /// The part in the flat window (平).
    Flat,
    /// The part in the valley window (谷).
    Valley,
    /// The part in the deep-valley window (深谷).
    Deep,
    /// Active energy given to the network (反向有功总).
    ExportTotal,
    /// Reactive energy, forward (正向无功总).
    ReactiveForward,
    /// Reactive energy, reverse (反向无功总).
    ReactiveReverse,
    /// The highest demand since the last reset (最大需量); not cumulative.
    DemandMax,
}

impl RegisterKind {
    /// How many kinds there are.
    pub const COUNT: usize = 10;

    /// All kinds in column order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Total,
        Self::Sharp,
        Self::Peak,
        Self::Flat,
        Self::Valley,
        Self::Deep,
        Self::ExportTotal,
        Self::ReactiveForward,
        Self::ReactiveReverse,
        Self::DemandMax,
    ];

    /// The five time-of-use registers in the order of the tariff's buckets.
    pub const TIME_OF_USE: [Self; 5] =
        [Self::Sharp, Self::Peak, Self::Flat, Self::Valley, Self::Deep];

    /// Its place in [`RegisterKind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name used in columns and files: `total`, `sharp`, `reactive_forward`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Sharp => "sharp",
            Self::Peak => "peak",
            Self::Flat => "flat",
            Self::Valley => "valley",
            Self::Deep => "deep",
            Self::ExportTotal => "export_total",
            Self::ReactiveForward => "reactive_forward",
            Self::ReactiveReverse => "reactive_reverse",
            Self::DemandMax => "demand_max",
        }
    }

    /// The unit of its values.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ReactiveForward | Self::ReactiveReverse => "kvarh",
            Self::DemandMax => "kW",
            _ => "kWh",
        }
    }

    /// Whether it only ever counts up (until it rolls over); demand does not.
    #[must_use]
    pub const fn is_cumulative(self) -> bool {
        !matches!(self, Self::DemandMax)
    }

    /// The reading type of IEC 61968-9 (18 numbers): accumulation, flow, measurement, time-of-use
    /// number, multiplier and unit.
    #[must_use]
    pub const fn cim_reading_type(self) -> &'static str {
        match self {
            Self::Total => "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0",
            Self::Sharp => "0.0.0.1.1.1.12.0.0.0.0.1.0.0.0.3.72.0",
            Self::Peak => "0.0.0.1.1.1.12.0.0.0.0.2.0.0.0.3.72.0",
            Self::Flat => "0.0.0.1.1.1.12.0.0.0.0.3.0.0.0.3.72.0",
            Self::Valley => "0.0.0.1.1.1.12.0.0.0.0.4.0.0.0.3.72.0",
            Self::Deep => "0.0.0.1.1.1.12.0.0.0.0.5.0.0.0.3.72.0",
            Self::ExportTotal => "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0",
            Self::ReactiveForward => "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.73.0",
            Self::ReactiveReverse => "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.73.0",
            Self::DemandMax => "0.8.0.6.1.1.8.0.0.0.0.0.0.0.0.3.38.0",
        }
    }
}

impl fmt::Display for RegisterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for RegisterKind {
    type Err = RegisterError;

    fn from_str(text: &str) -> Result<Self, RegisterError> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| RegisterError::UnknownKind(text.to_owned()))
    }
}

/// What can be wrong with a register value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// No register has this name.
    #[error(
        "\"{0}\" is no register: use total, sharp, peak, flat, valley, deep, export_total, \
         reactive_forward, reactive_reverse or demand_max"
    )]
    UnknownKind(String),
    /// The value cannot be held at this scale.
    #[error("the value {value} does not fit a register with {scale} decimals")]
    DoesNotFit {
        /// The value as it came.
        value: String,
        /// The decimals of the register set.
        scale: u8,
    },
    /// More decimals than any stored value may have.
    #[error("{0} decimals are too many: a register keeps at most 9")]
    ScaleTooFine(u8),
}

impl Fault for RegisterError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind(_) => "metering.unknown_register",
            Self::DoesNotFit { .. } => "metering.register_does_not_fit",
            Self::ScaleTooFine(_) => "metering.register_scale_too_fine",
        }
    }
}

/// One set of register values read at one moment, all at the same scale:
/// a value of 154102 at scale 1 is 15410.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Registers {
    scale: u8,
    values: [Option<i64>; RegisterKind::COUNT],
}

impl Registers {
    /// No values yet, with this many decimals.
    ///
    /// # Errors
    /// [`RegisterError::ScaleTooFine`] above [`MAX_SCALE`].
    pub const fn new(scale: u8) -> Result<Self, RegisterError> {
        if scale > MAX_SCALE {
            return Err(RegisterError::ScaleTooFine(scale));
        }
        Ok(Self { scale, values: [None; RegisterKind::COUNT] })
    }

    /// The decimals of every value.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The value of a register, if it was read.
    #[must_use]
    pub const fn get(&self, kind: RegisterKind) -> Option<i64> {
        self.values[kind.index()]
    }

    /// Sets or clears a register's value, an integer at this set's scale.
    pub const fn set(&mut self, kind: RegisterKind, value: Option<i64>) {
        self.values[kind.index()] = value;
    }

    /// Sets a register from a decimal text such as `15410.2`, exactly.
    ///
    /// # Errors
    /// [`RegisterError::DoesNotFit`] when a digit would be lost.
    pub fn set_text(&mut self, kind: RegisterKind, text: &str) -> Result<(), RegisterError> {
        let value = parse_decimal(text, u32::from(self.scale), "reading")
            .map_err(|_| RegisterError::DoesNotFit { value: text.to_owned(), scale: self.scale })?;
        self.set(kind, Some(value));
        Ok(())
    }

    /// The registers that carry a value, in column order.
    pub fn iter(&self) -> impl Iterator<Item = (RegisterKind, i64)> + '_ {
        RegisterKind::ALL.into_iter().filter_map(|kind| Some((kind, self.get(kind)?)))
    }

    /// Whether no register carries a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    /// The value of a register as text.
    #[must_use]
    pub fn text(&self, kind: RegisterKind) -> Option<String> {
        self.get(kind).map(|v| format_decimal(i128::from(v), u32::from(self.scale), 0))
    }

    /// The same values with another number of decimals.
    ///
    /// # Errors
    /// [`RegisterError::DoesNotFit`] when a digit would be lost or a value is too large.
    pub fn rescaled(&self, scale: u8) -> Result<Self, RegisterError> {
        let mut out = Self::new(scale)?;
        for (kind, value) in self.iter() {
            out.set(kind, Some(rescale(value, self.scale, scale)?));
        }
        Ok(out)
    }
}

/// Moves an integer from one number of decimals to another, exactly.
///
/// # Errors
/// [`RegisterError::DoesNotFit`] when a digit would be lost or the value is too large.
pub(crate) fn rescale(value: i64, from: u8, to: u8) -> Result<i64, RegisterError> {
    let lost = || RegisterError::DoesNotFit {
        value: format_decimal(i128::from(value), u32::from(from), 0),
        scale: to,
    };
    if to >= from {
        let factor = 10_i64.checked_pow(u32::from(to - from)).ok_or_else(lost)?;
        value.checked_mul(factor).ok_or_else(lost)
    } else {
        let factor = 10_i64.checked_pow(u32::from(from - to)).ok_or_else(lost)?;
        if value % factor == 0 { Ok(value / factor) } else { Err(lost()) }
    }
}

/// A value at some scale as energy in µkWh; finer digits than a µkWh must be zero.
///
/// # Errors
/// [`RegisterError::DoesNotFit`].
pub fn energy_of(value: i64, scale: u8) -> Result<Energy, RegisterError> {
    rescale(value, scale, 6).map(Energy::from_ukwh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for (index, kind) in RegisterKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), index);
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(kind.cim_reading_type().split('.').count(), 18);
        }
        assert!("TOTAL".parse::<RegisterKind>().is_err());
    }

    #[test]
    fn values_keep_the_meters_resolution() {
        let mut registers = Registers::new(2).unwrap();
        registers.set_text(RegisterKind::Total, "15410.20").unwrap();
        assert_eq!(registers.get(RegisterKind::Total), Some(1_541_020));
        assert_eq!(registers.text(RegisterKind::Total).unwrap(), "15410.2");
        assert!(registers.set_text(RegisterKind::Peak, "1.234").is_err());
        assert!(Registers::new(10).is_err());
        assert_eq!(registers.rescaled(1).unwrap().get(RegisterKind::Total), Some(154_102));
        assert!(registers.rescaled(0).is_err());
        assert_eq!(energy_of(154_102, 1).unwrap().to_string(), "15410.2");
    }
}
