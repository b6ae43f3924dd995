//! What an agreement says.

use kernel::{Date, Demand, Id, Power};

/// What the basic charge (基本电费) of a two-part tariff is measured by; the customer chooses
/// (发改办价格〔2016〕1583号).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasicCharge {
    /// No basic charge: a single-part tariff.
    None,
    /// The transformer capacity (按容量).
    Capacity,
    /// The contracted maximum demand (按合同最大需量).
    ContractDemand,
    /// The measured maximum demand (按实际最大需量).
    ActualDemand,
}

impl BasicCharge {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Capacity => "capacity",
            Self::ContractDemand => "contract_demand",
            Self::ActualDemand => "actual_demand",
        }
    }

    /// The choice with this stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::None, Self::Capacity, Self::ContractDemand, Self::ActualDemand]
            .into_iter()
            .find(|choice| choice.word() == word)
    }
}

/// An agreement to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAgreement {
    /// Who pays.
    pub account: Id,
    /// What is supplied.
    pub usage_point: Id,
    /// Code of the tariff.
    pub tariff_code: String,
    /// First day.
    pub valid_from: Date,
    /// Contracted capacity.
    pub capacity: Demand,
    /// Contracted maximum demand; zero where none is contracted.
    pub contract_demand: Power,
    /// What the basic charge is measured by.
    pub basic_charge: BasicCharge,
    /// A household of five or more (一户多人口).
    pub family_of_five: bool,
    /// A low-income household with a free quota (低保/五保).
    pub low_income: bool,
}
