//! What stands with a bill beside its lines, so that it can be shown and compared as it was made.

use kernel::{Currency, Date};
use serde::{Deserialize, Serialize};
use tariff::{Amount, BillLine, ComponentLine, ListedPrice, RatedBill, TariffRef};

use super::{BillLineRow, BillRow, BillingError};

/// The tariff versions, listed prices and components of a rated bill. Bills that were made before
/// these were stored have none, and compare by their lines alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RatedBy {
    /// The first day that was rated.
    pub from: Option<Date>,
    /// The first day after.
    pub to: Option<Date>,
    /// The tariff versions used, in order of time.
    pub tariffs: Vec<TariffRef>,
    /// The prices that applied.
    pub prices: Vec<ListedPrice>,
    /// The components behind the printed prices.
    pub components: Vec<ComponentLine>,
    /// The monthly average power factor in hundredths, where it was computed.
    pub power_factor_hundredths: Option<u8>,
}

impl RatedBy {
    /// What a rated bill was rated by.
    #[must_use]
    pub fn of(bill: &RatedBill) -> Self {
        Self {
            from: Some(bill.from),
            to: Some(bill.to),
            tariffs: bill.tariffs.clone(),
            prices: bill.prices.clone(),
            components: bill.components.clone(),
            power_factor_hundredths: bill.power_factor_hundredths,
        }
    }
}

impl BillRow {
    /// The stored lines, as the engine wrote them.
    ///
    /// # Errors
    /// [`BillingError::Corrupt`] with the first that cannot be read back.
    pub fn read_lines(&self, rows: &[BillLineRow]) -> Result<Vec<BillLine>, BillingError> {
        rows.iter().map(|row| self.read("line", &row.line)).collect()
    }

    /// The bill in the engine's form, from what is stored with it alone.
    ///
    /// # Errors
    /// [`BillingError::Corrupt`] when what is stored cannot be read back.
    pub fn rated(&self, lines: Vec<BillLine>) -> Result<RatedBill, BillingError> {
        let by: RatedBy = self.read("prices", &self.rated)?;
        Ok(RatedBill {
            currency: Currency::from_code(&self.currency)
                .ok_or_else(|| self.corrupt("currency", &self.currency))?,
            from: by.from.unwrap_or(self.period_from),
            to: by.to.unwrap_or(self.period_to),
            tariffs: by.tariffs,
            lines,
            total: Amount::from_units(self.total_units),
            energy_ukwh: self.energy_ukwh,
            estimated_ukwh: self.estimated_ukwh,
            components: by.components,
            prices: by.prices,
            power_factor_hundredths: by.power_factor_hundredths,
        })
    }

    /// Reads stored JSON back.
    pub(super) fn read<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        text: &str,
    ) -> Result<T, BillingError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(what, &error))
    }

    fn corrupt(&self, what: &'static str, reason: &dyn std::fmt::Display) -> BillingError {
        let (bill, reason) = (self.bill_no.clone(), reason.to_string());
        BillingError::Corrupt { what, bill, reason }
    }
}
