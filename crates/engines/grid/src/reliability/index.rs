//! An index as a fraction that can be explained: what is above, what is below, and which rows.

use kernel::{RoundingMode, div_round, format_decimal};

use super::ReliabilityError;

/// Customers served over a period: their sum over days, so that an average stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    customer_days: i128,
    days: i128,
}

impl Served {
    /// The same number all the time.
    ///
    /// # Errors
    /// [`ReliabilityError::Basis`] for zero.
    pub fn always(customers: u64) -> Result<Self, ReliabilityError> {
        Self::average(&[(customers, 1)])
    }

    /// A sum per customer, with a divisor that makes its unit: what is above and what is below.
    pub(super) const fn share(self, sum: i128, per: i128) -> (i128, i128) {
        (sum.saturating_mul(self.days), self.customer_days.saturating_mul(per))
    }

    /// The average over spans of (customers, days).
    ///
    /// # Errors
    /// [`ReliabilityError::Basis`] when there were none.
    pub fn average(spans: &[(u64, u32)]) -> Result<Self, ReliabilityError> {
        let sum = |of: fn(&(u64, u32)) -> i128| spans.iter().map(of).sum::<i128>();
        let customer_days = sum(|span| i128::from(span.0) * i128::from(span.1));
        let served = Self { customer_days, days: sum(|span| i128::from(span.1)) };
        if served.customer_days > 0 && served.days > 0 {
            Ok(served)
        } else {
            Err(ReliabilityError::Basis { what: "the number of customers served" })
        }
    }
}

/// What interruptions are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// First second of the period.
    pub from_s: i64,
    /// First second after it.
    pub to_s: i64,
    /// Customers served.
    pub served: Served,
    /// Connected load in kVA, for ASIFI and ASIDI.
    pub connected_kva: Option<u64>,
    /// Distinct customers interrupted, where rows do not name them and somebody counted.
    pub distinct: Option<u64>,
}

impl Basis {
    /// Checks that the period has a length.
    ///
    /// # Errors
    /// [`ReliabilityError::Basis`].
    pub fn check(&self) -> Result<(), ReliabilityError> {
        if self.to_s > self.from_s {
            Ok(())
        } else {
            Err(ReliabilityError::Basis { what: "the length of the period" })
        }
    }

    /// Whether an interruption that began then is the period's. It is counted whole where it
    /// began, however many days it lasts.
    #[must_use]
    pub const fn holds(&self, began_s: i64) -> bool {
        self.from_s <= began_s && began_s < self.to_s
    }
}

/// Which rows an index was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowSet {
    /// All interruptions of the period.
    All,
    /// Sustained interruptions.
    Sustained,
    /// Momentary interruptions.
    Momentary,
    /// Prearranged ones.
    Prearranged,
    /// Faults.
    Fault,
    /// All but what came from outside the company's network.
    NotExternal,
    /// All but what lacking power of the system forced.
    NotShortage,
    /// All but momentary ones.
    NotMomentary,
}

/// An index: `numerator × times / (denominator × per)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its usual name, such as `SAIDI`.
    pub id: String,
    /// The unit of its value.
    pub unit: &'static str,
    /// What was summed, exactly.
    pub numerator: i128,
    /// Of what.
    pub numerator_of: &'static str,
    /// What it is divided by, exactly.
    pub denominator: i128,
    /// Of what.
    pub denominator_of: &'static str,
    /// Days that the denominator was summed over.
    pub times: i128,
    /// What makes the unit, such as 60 seconds.
    pub per: i128,
    /// The rows.
    pub rows: RowSet,
}

impl Index {
    /// A sum over the customers served.
    pub(super) fn per_customer(
        id: impl Into<String>,
        (numerator, numerator_of): (i128, &'static str),
        served: Served,
        (unit, per): (&'static str, i128),
        rows: RowSet,
    ) -> Self {
        Self {
            id: id.into(),
            unit,
            numerator,
            numerator_of,
            denominator: served.customer_days,
            denominator_of: if served.days == 1 {
                "customers served"
            } else {
                "customer-days served"
            },
            times: served.days,
            per,
            rows,
        }
    }

    /// A sum over another sum.
    pub(super) fn ratio(
        id: impl Into<String>,
        (numerator, numerator_of): (i128, &'static str),
        (denominator, denominator_of): (i128, &'static str),
        (unit, per): (&'static str, i128),
        rows: RowSet,
    ) -> Self {
        let id = id.into();
        Self { id, unit, numerator, numerator_of, denominator, denominator_of, times: 1, per, rows }
    }

    /// The part of the customers' time with supply.
    pub(super) fn availability(id: &str, seconds_off: i128, basis: &Basis, rows: RowSet) -> Self {
        let length_s = i128::from(basis.to_s) - i128::from(basis.from_s);
        let all = basis.served.customer_days * length_s;
        Self {
            id: id.to_owned(),
            unit: "1",
            numerator: all - seconds_off * basis.served.days,
            numerator_of: "customer-seconds with supply",
            denominator: all,
            denominator_of: "customer-seconds of the period",
            times: 1,
            per: 1,
            rows,
        }
    }

    /// The value rounded half up to some decimals, as text; nothing when nothing is below.
    #[must_use]
    pub fn value(&self, decimals: u32) -> Option<String> {
        let scale = 10_i128.checked_pow(decimals)?;
        let above = self.numerator.checked_mul(self.times)?.checked_mul(scale)?;
        let below = self.denominator.checked_mul(self.per)?;
        let value = div_round(above, below, RoundingMode::HalfUp)?;
        Some(format_decimal(value, decimals, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_of_customers_stays_exact() {
        let served = Served::average(&[(100, 10), (101, 20)]).unwrap();
        let index =
            Index::per_customer("SAIFI", (302, "interruptions"), served, ("1", 1), RowSet::All);
        // 302 × 30 days / 3,020 customer-days.
        assert_eq!(index.value(6).unwrap(), "3");
        assert!(Served::average(&[]).is_err());
        assert!(Served::always(0).is_err());
    }

    #[test]
    fn a_value_is_rounded_once_half_up() {
        let ratio = |above, below| {
            let unit = ("1", 1);
            Index::ratio("X", (above, "a"), (below, "b"), unit, RowSet::All).value(3)
        };
        assert_eq!(ratio(1, 2_000).unwrap(), "0.001");
        assert_eq!(ratio(2, 3).unwrap(), "0.667");
        assert_eq!(ratio(1, 0), None);
    }
}
