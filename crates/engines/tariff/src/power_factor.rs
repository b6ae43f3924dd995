//! The power-factor adjustment (力调电费): the factor as integer hundredths, and tables of
//! percentages as data. Floating point would put 0.905 on either side by luck; here the
//! rounding is decided on squares of integers.

use kernel::{Energy, QuantityError, Ratio, Reactive};
use serde::Deserialize;

use crate::{TariffError, text};

/// Percentages by power factor for one standard, complete from 0.00 to 1.00.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerFactorTable {
    /// Its name, such as `cn-215/0.90`.
    pub name: String,
    /// The decree and where it was read.
    pub source: String,
    /// The standard in hundredths, such as 90.
    pub standard: u8,
    /// The adjustment at each hundredth, index 0 to 100; negative is a reduction.
    pub percent: Vec<Ratio>,
}

/// How a plan adjusts for the power factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerFactorRule {
    /// The table of the customer's standard.
    pub table: PowerFactorTable,
    /// Whether funds and surcharges belong to the base: sources disagree, so it is a setting.
    pub base_with_funds: bool,
}

impl PowerFactorTable {
    /// The adjustment at a power factor in hundredths.
    #[must_use]
    pub fn at(&self, hundredths: u8) -> Ratio {
        self.percent.get(usize::from(hundredths.min(100))).copied().unwrap_or(Ratio::ZERO)
    }
}

/// The monthly average power factor in hundredths, ties up:
/// the largest `h` with `(h − ½)/100 ≤ P/√(P²+Q²)`. `None` when nothing was used.
/// Reverse reactive energy must be added to the forward as an absolute value before.
///
/// # Errors
/// [`QuantityError::Overflow`] beyond about 10^12 kWh.
pub fn hundredths(active: Energy, reactive: Reactive) -> Result<Option<u8>, QuantityError> {
    const OVER: QuantityError = QuantityError::Overflow("power factor");
    let (p, q) = (i128::from(active.ukwh()), i128::from(reactive.ukvarh()));
    if p <= 0 {
        return Ok(None);
    }
    let squares = p.checked_mul(p).zip(q.checked_mul(q));
    let apparent = squares.and_then(|(p2, q2)| p2.checked_add(q2)).ok_or(OVER)?;
    let wanted = p.checked_mul(p).and_then(|p2| p2.checked_mul(40_000)).ok_or(OVER)?;
    let mut found = 0;
    for h in 1_u8..=100 {
        let twice = i128::from(h) * 2 - 1;
        if apparent.checked_mul(twice * twice).ok_or(OVER)? > wanted {
            break;
        }
        found = h;
    }
    Ok(Some(found))
}

/// The power factor from a measured tan φ = reactive / active, as the qualification banks state
/// it: the same as [`hundredths`] of 1 and tan φ.
///
/// # Errors
/// [`QuantityError::Overflow`].
pub fn hundredths_of_tangent(tangent: Ratio) -> Result<Option<u8>, QuantityError> {
    let active = Energy::from_ukwh(tangent.denominator());
    hundredths(active, Reactive::from_ukvarh(tangent.numerator()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    power_factor_table: Head,
    standard: Vec<Standard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    decree: String,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: crate::Confidence,
    #[serde(default, rename = "notes")]
    _notes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Standard {
    standard: String,
    #[serde(rename = "applies")]
    _applies: String,
    run: Vec<Run>,
}

/// A run of hundredths, falling from `from` to `to`: `percent` at `from`, plus `step` for each
/// hundredth below it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    from: String,
    to: String,
    percent: String,
    #[serde(default)]
    step: Option<String>,
}

/// Reads a power-factor document; one table per standard, named `name/standard`.
///
/// # Errors
/// [`TariffError::Document`], and when a hundredth is missing or given twice.
pub fn tables_from_toml(name: &str, text: &str) -> Result<Vec<PowerFactorTable>, TariffError> {
    let wrong = |reason: String| TariffError::Document { tariff: name.to_owned(), reason };
    let document: Document = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let head = &document.power_factor_table;
    let hundredth = |text: &str| -> Result<u8, TariffError> {
        let value = kernel::parse_decimal(text, 2, "power factor")?;
        u8::try_from(value)
            .ok()
            .filter(|v| *v <= 100)
            .ok_or_else(|| wrong(format!("{text} is no power factor from 0.00 to 1.00")))
    };
    let mut tables = Vec::new();
    for standard in &document.standard {
        let mut percent: Vec<Option<Ratio>> = vec![None; 101];
        for run in &standard.run {
            let (from, to) = (hundredth(&run.from)?, hundredth(&run.to)?);
            // Percentages as ten-thousandths of a percent.
            let start = kernel::parse_decimal(&run.percent, 4, "percentage")?;
            let step = kernel::parse_decimal(run.step.as_deref().unwrap_or("0"), 4, "percentage")?;
            for h in to..=from {
                let value = step
                    .checked_mul(i64::from(from - h))
                    .and_then(|rise| start.checked_add(rise))
                    .ok_or(QuantityError::Overflow("percentage"))?;
                let slot = &mut percent[usize::from(h)];
                if slot.replace(Ratio::new(value, 1_000_000)?).is_some() {
                    return Err(wrong(format!("standard {}: {h}/100 twice", standard.standard)));
                }
            }
        }
        let hole = percent.iter().position(Option::is_none);
        if let Some(h) = hole {
            return Err(wrong(format!("standard {}: {h}/100 is missing", standard.standard)));
        }
        tables.push(PowerFactorTable {
            name: format!("{}/{}", head.name, standard.standard),
            source: format!("{} ({})", head.decree, head.source),
            standard: hundredth(&standard.standard)?,
            percent: percent.into_iter().flatten().collect(),
        });
    }
    Ok(tables)
}

/// A percentage for people: `+0.5%`, `-0.75%`, `0%`.
#[must_use]
pub fn signed_percent(ratio: Ratio) -> String {
    let plain = text::format_percent(ratio);
    if ratio > Ratio::ZERO { format!("+{plain}") } else { plain }
}
