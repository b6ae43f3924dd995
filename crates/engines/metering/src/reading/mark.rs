//! How far a value can be trusted, and by which method it came to be. One byte in the lake.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The verdict on a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Validity {
    /// As it was delivered; no check has looked at it.
    Raw = 0,
    /// All checks passed.
    Valid = 1,
    /// A check failed, and a person has not yet decided.
    Questionable = 2,
    /// Thrown away; kept for evidence only.
    Rejected = 3,
    /// Stands for a value that was not read.
    Estimated = 4,
    /// Set by a person.
    Edited = 5,
    /// A check failed and a person found it right.
    Confirmed = 6,
    /// Nothing was read, and nothing could be estimated.
    Missing = 7,
}

/// How a value was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Method {
    /// Read from the meter.
    Measured = 0,
    /// On the straight line between the values beside the gap.
    Linear = 1,
    /// The mean of the same slot on days of the same kind.
    LikeDay = 2,
    /// The customer's daily profile applied to a register.
    Profile = 3,
    /// The true use between two real reads, shared out over the days between.
    Spread = 4,
    /// Zero, because use stopped (power off, disconnected).
    Zero = 5,
    /// Taken from another meter (check meter, substitute).
    Substitute = 6,
    /// Given by a person.
    Manual = 7,
    /// Computed from other measured values (a sum, a difference).
    Derived = 8,
    /// Not known: the delivering system did not say.
    Unknown = 9,
}

impl Validity {
    const ALL: [Self; 8] = [
        Self::Raw,
        Self::Valid,
        Self::Questionable,
        Self::Rejected,
        Self::Estimated,
        Self::Edited,
        Self::Confirmed,
        Self::Missing,
    ];
}

impl Validity {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Valid => "valid",
            Self::Questionable => "questionable",
            Self::Rejected => "rejected",
            Self::Estimated => "estimated",
            Self::Edited => "edited",
            Self::Confirmed => "confirmed",
            Self::Missing => "missing",
        }
    }
}

impl Method {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Linear => "linear",
            Self::LikeDay => "like_day",
            Self::Profile => "profile",
            Self::Spread => "spread",
            Self::Zero => "zero",
            Self::Substitute => "substitute",
            Self::Manual => "manual",
            Self::Derived => "derived",
            Self::Unknown => "unknown",
        }
    }

    const ALL: [Self; 10] = [
        Self::Measured,
        Self::Linear,
        Self::LikeDay,
        Self::Profile,
        Self::Spread,
        Self::Zero,
        Self::Substitute,
        Self::Manual,
        Self::Derived,
        Self::Unknown,
    ];
}

/// Verdict and method together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The verdict.
    pub validity: Validity,
    /// The method.
    pub method: Method,
}

impl Mark {
    /// Read from the meter, not yet checked.
    pub const RAW: Self = Self { validity: Validity::Raw, method: Method::Measured };
    /// Read from the meter, all checks passed.
    pub const VALID: Self = Self { validity: Validity::Valid, method: Method::Measured };
    /// Nothing read, nothing estimated.
    pub const MISSING: Self = Self { validity: Validity::Missing, method: Method::Unknown };

    /// An estimate by a method.
    #[must_use]
    pub const fn estimated(method: Method) -> Self {
        Self { validity: Validity::Estimated, method }
    }

    /// The stored byte: verdict in the high half, method in the low half.
    #[must_use]
    pub const fn code(self) -> u8 {
        (self.validity as u8) << 4 | self.method as u8
    }

    /// The mark with this stored byte.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let validity = *Validity::ALL.get(usize::from(code >> 4))?;
        let method = *Method::ALL.get(usize::from(code & 0xF))?;
        Some(Self { validity, method })
    }

    /// The mark with this name in files: a verdict, or a verdict and a method such as
    /// `estimated.like_day`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (validity, method) = name.split_once('.').unwrap_or((name, ""));
        let validity = Validity::ALL.into_iter().find(|v| v.name() == validity)?;
        let usual = match validity {
            Validity::Estimated | Validity::Missing => Method::Unknown,
            Validity::Edited => Method::Manual,
            _ => Method::Measured,
        };
        let method = match method {
            "" => usual,
            method => Method::ALL.into_iter().find(|m| m.name() == method)?,
        };
        Some(Self { validity, method })
    }

    /// The name used in files.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}.{}", self.validity.name(), self.method.name())
    }

    /// Whether the value may be billed without a person looking at it.
    #[must_use]
    pub const fn is_billable(self) -> bool {
        !matches!(self.validity, Validity::Questionable | Validity::Rejected | Validity::Missing)
    }

    /// Whether the bill must say that the value was estimated.
    #[must_use]
    pub const fn is_estimate(self) -> bool {
        matches!(self.validity, Validity::Estimated)
    }

    /// The quality code of IEC 61968-9, `system.category.index`, with this system as the meter
    /// data management system (3): 0 valid, 5.259 known missing read, 6 failed validation,
    /// 7 edited, 8 estimated, 10 questionable, 11 derived. The standard leaves the finer
    /// estimation methods to the utility (index from 1000).
    #[must_use]
    pub const fn iec_quality(self) -> &'static str {
        match (self.validity, self.method) {
            (Validity::Raw, _) => "2.0.0",
            (Validity::Valid, Method::Derived) => "3.11.0",
            (Validity::Valid, _) => "3.0.0",
            (Validity::Questionable, _) => "3.10.0",
            (Validity::Rejected, _) => "3.6.0",
            (Validity::Estimated, Method::Linear) => "3.8.1001",
            (Validity::Estimated, Method::LikeDay) => "3.8.1002",
            (Validity::Estimated, Method::Profile) => "3.8.1003",
            (Validity::Estimated, Method::Spread) => "3.8.1004",
            (Validity::Estimated, _) => "3.8.0",
            (Validity::Edited, _) => "3.7.0",
            (Validity::Confirmed, _) => "3.7.3",
            (Validity::Missing, _) => "3.5.259",
        }
    }

    /// The quality number of Green Button (ESPI `QualityOfReading`): 0 valid, 7 edited,
    /// 8 estimated by a reference day, 9 by linear interpolation, 10 questionable, 11 derived,
    /// 14 raw, 16 other.
    #[must_use]
    pub const fn espi_quality(self) -> u8 {
        match (self.validity, self.method) {
            (Validity::Raw, _) => 14,
            (Validity::Valid, Method::Derived) => 11,
            (Validity::Valid | Validity::Confirmed, _) => 0,
            (Validity::Questionable | Validity::Rejected, _) => 10,
            (Validity::Estimated, Method::Linear) => 9,
            (Validity::Estimated, Method::LikeDay | Method::Profile) => 8,
            (Validity::Edited, _) => 7,
            (Validity::Estimated | Validity::Missing, _) => 16,
        }
    }

    /// The mark for a quality number of Green Button; an unknown number is questionable.
    #[must_use]
    pub const fn from_espi_quality(code: u8) -> Self {
        let (validity, method) = match code {
            0 | 17..=19 => (Validity::Valid, Method::Measured),
            7 => (Validity::Edited, Method::Manual),
            8 => (Validity::Estimated, Method::LikeDay),
            9 => (Validity::Estimated, Method::Linear),
            11 => (Validity::Valid, Method::Derived),
            12 | 13 | 15 | 16 => (Validity::Estimated, Method::Unknown),
            14 => (Validity::Raw, Method::Measured),
            _ => (Validity::Questionable, Method::Unknown),
        };
        Self { validity, method }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.iec_quality())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_fits_its_byte() {
        for validity in Validity::ALL {
            for method in Method::ALL {
                let mark = Mark { validity, method };
                assert_eq!(Mark::from_code(mark.code()), Some(mark));
                assert_eq!(mark.iec_quality().split('.').count(), 3);
                assert_eq!(Mark::from_name(&mark.name()), Some(mark));
            }
        }
        assert_eq!(Mark::from_code(0xFF), None);
        assert_eq!(Mark::from_code(0x0A), None);
    }

    #[test]
    fn green_button_numbers_read_back() {
        for mark in [Mark::RAW, Mark::VALID, Mark::estimated(Method::Linear)] {
            assert_eq!(Mark::from_espi_quality(mark.espi_quality()), mark);
        }
        assert!(!Mark::from_espi_quality(10).is_billable());
    }
}
