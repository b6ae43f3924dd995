//! Who owes whom: parties and the transfers between them.

use jiff::civil::Date;
use kernel::{Id, Money};

/// The chart of accounts that billing needs; the money side adds the accounts of payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountCode {
    /// What a customer owes for issued bills (应收电费); owned by the customer account.
    Receivable,
    /// Income from energy (电度电费).
    EnergyRevenue,
    /// Income from capacity or demand (基本电费).
    BasicRevenue,
    /// Increase or reduction by power factor (力调电费).
    PowerFactor,
    /// Fixed and minimum charges, rounding of daily charges.
    OtherRevenue,
}

impl AccountCode {
    /// Every code, in the order of the trial balance.
    pub const ALL: [Self; 5] = [
        Self::Receivable,
        Self::EnergyRevenue,
        Self::BasicRevenue,
        Self::PowerFactor,
        Self::OtherRevenue,
    ];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::EnergyRevenue => "energy_revenue",
            Self::BasicRevenue => "basic_revenue",
            Self::PowerFactor => "power_factor",
            Self::OtherRevenue => "other_revenue",
        }
    }
}

/// One side of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    /// Which account.
    pub code: AccountCode,
    /// The customer account that owns it, or `None` for the company's own.
    pub owner: Option<Id>,
}

impl Party {
    /// What this customer account owes.
    #[must_use]
    pub const fn receivable(account: Id) -> Self {
        Self { code: AccountCode::Receivable, owner: Some(account) }
    }

    /// One of the company's own accounts.
    #[must_use]
    pub const fn company(code: AccountCode) -> Self {
        Self { code, owner: None }
    }

    /// The stored owner: 0 for the company.
    #[must_use]
    pub fn owner_key(self) -> i64 {
        self.owner.map_or(0, Id::get)
    }
}

/// A movement of money from `credit` to `debit`. The amount is always positive; what would be
/// negative goes the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Chosen by the caller; the same id books once.
    pub id: String,
    /// The side that receives.
    pub debit: Party,
    /// The side that gives.
    pub credit: Party,
    /// Positive.
    pub amount: Money,
    /// The bill, payment or correction that it stands for.
    pub subject: Id,
    /// A few words for the statement of account.
    pub memo: String,
    /// The business date.
    pub booked_on: Date,
}

impl Transfer {
    /// A charge to a customer account; a negative amount becomes a transfer the other way round,
    /// and nothing at all is no transfer.
    #[must_use]
    pub fn charge(
        id: String,
        account: Id,
        revenue: AccountCode,
        amount: Money,
        subject: Id,
        memo: &str,
        booked_on: Date,
    ) -> Option<Self> {
        let (customer, company) = (Party::receivable(account), Party::company(revenue));
        let (debit, credit) =
            if amount.units() >= 0 { (customer, company) } else { (company, customer) };
        let units = amount.units().checked_abs().filter(|units| *units > 0)?;
        Some(Self {
            id,
            debit,
            credit,
            amount: Money::new(units, amount.currency()),
            subject,
            memo: memo.to_owned(),
            booked_on,
        })
    }
}
