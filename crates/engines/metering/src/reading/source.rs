//! Where a value came from, and whose word counts more.

use serde::{Deserialize, Serialize};

/// The origin of a reading. The stored code is also the rank: among deliveries with the same
/// revision the higher code wins, because a person who decided with evidence outranks a machine,
/// and a machine that was asked again outranks the nightly run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Source {
    /// Computed because nothing was read (估算).
    Estimated = 0,
    /// Told by the customer (客户自报).
    Customer = 1,
    /// From a file of another system.
    Import = 2,
    /// Read in the field with a registered handheld (抄表机).
    Handheld = 3,
    /// Collected by the metering system in its daily run (自动采集).
    Ami = 4,
    /// Asked from the meter for this purpose (召测).
    OnDemand = 5,
    /// Written down when a meter was installed, removed or exchanged (装拆示数).
    Exchange = 6,
    /// Decided by a person with a reason; the original is kept (人工修正).
    Edited = 7,
}

impl Source {
    /// All sources from the weakest to the strongest.
    pub const ALL: [Self; 8] = [
        Self::Estimated,
        Self::Customer,
        Self::Import,
        Self::Handheld,
        Self::Ami,
        Self::OnDemand,
        Self::Exchange,
        Self::Edited,
    ];

    /// The stored code, which is also the rank.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The source with this stored code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Customer => "customer",
            Self::Import => "import",
            Self::Handheld => "handheld",
            Self::Ami => "ami",
            Self::OnDemand => "on_demand",
            Self::Exchange => "exchange",
            Self::Edited => "edited",
        }
    }

    /// The source with this name in files.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Whether a meter was really looked at.
    #[must_use]
    pub const fn is_read(self) -> bool {
        !matches!(self, Self::Estimated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_read_back() {
        for source in Source::ALL {
            assert_eq!(Source::from_code(source.code()), Some(source));
            assert_eq!(Source::from_name(source.name()), Some(source));
        }
        assert_eq!(Source::from_code(8), None);
        assert!(Source::Edited > Source::OnDemand && Source::OnDemand > Source::Ami);
    }
}
