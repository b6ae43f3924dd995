//! A year of power readings, hourly or finer: [`LoadProfile`]. Files carry binary fractions; here
//! each value is rounded once to a millionth of a kilowatt, and everything after is integers.

use super::ProfileError;

/// Hours of the year that US rates are compared on: 365 days.
pub const HOURS_PER_YEAR: usize = 8760;
/// Days of each month of that year.
pub const DAYS_OF_MONTH: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// The largest power of one meter that is accepted, 10 GW, in 1e-6 kW: sums of a year of minutes
/// then fit 63 bits.
const MAX_UKW: i64 = 10_000_000_000_000;
/// The same as a binary fraction; far below 2^51, up to which [`round`] is exact.
const MAX_MILLIONTHS: f64 = 1e13;

/// Mean power of each interval of a year of 365 days, in 1e-6 kW; positive is drawn from the
/// grid, negative is delivered to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadProfile {
    steps_per_hour: usize,
    power_ukw: Vec<i64>,
    delivers: bool,
}

impl LoadProfile {
    /// From kilowatts as a file has them, each times `scale`, rounded to the nearest 1e-6 kW.
    ///
    /// # Errors
    /// [`ProfileError::Length`], [`ProfileError::BadValue`].
    pub fn from_kw(kw: &[f64], scale: f64) -> Result<Self, ProfileError> {
        let mut profile = Self::default();
        profile.refill(kw, scale)?;
        Ok(profile)
    }

    /// As [`LoadProfile::from_kw`], into the memory of an earlier profile.
    ///
    /// # Errors
    /// As [`LoadProfile::from_kw`]; the profile then counts no intervals an hour and is refused
    /// when rated.
    pub fn refill(&mut self, kw: &[f64], scale: f64) -> Result<(), ProfileError> {
        self.steps_per_hour = 0;
        let steps = steps_per_hour("load", kw.len())?;
        self.power_ukw.resize(kw.len(), 0);
        // One pass without branches, so that the compiler does several values at a time: a set
        // sign bit in `beyond` or `signs` says that some value was too large, or negative.
        let (mut beyond, mut signs) = (0_u64, 0_i64);
        for (out, &x) in self.power_ukw.iter_mut().zip(kw) {
            let millionths = x * scale * 1e6;
            beyond |= MAX_MILLIONTHS.to_bits().wrapping_sub(millionths.abs().to_bits());
            *out = round(millionths);
            signs |= *out;
        }
        if beyond.cast_signed() < 0 {
            let fits = |&x: &f64| (x * scale * 1e6).abs() <= MAX_MILLIONTHS; // false for NaN
            let position = kw.iter().position(|x| !fits(x)).unwrap_or_default();
            let reason =
                format!("{} kW is no power of a meter (at most 10 GW)", kw[position] * scale);
            return Err(ProfileError::BadValue { what: "load", position: position + 1, reason });
        }
        self.steps_per_hour = steps;
        self.delivers = signs < 0;
        Ok(())
    }

    /// From integers in 1e-6 kW.
    ///
    /// # Errors
    /// [`ProfileError::Length`], [`ProfileError::BadValue`].
    pub fn from_ukw(power_ukw: Vec<i64>) -> Result<Self, ProfileError> {
        let steps_per_hour = steps_per_hour("load", power_ukw.len())?;
        let within = |v: &i64| v.unsigned_abs() <= MAX_UKW.unsigned_abs();
        if let Some(at) = power_ukw.iter().position(|v| !within(v)) {
            let reason = "the power is above 10 GW".to_owned();
            return Err(ProfileError::BadValue { what: "load", position: at + 1, reason });
        }
        let delivers = power_ukw.iter().any(|&v| v < 0);
        Ok(Self { steps_per_hour, power_ukw, delivers })
    }

    /// How many intervals an hour has; 0 for a profile that holds nothing.
    #[must_use]
    pub const fn steps_per_hour(&self) -> usize {
        self.steps_per_hour
    }

    /// The power of each interval in 1e-6 kW.
    #[must_use]
    pub fn power_ukw(&self) -> &[i64] {
        &self.power_ukw
    }

    /// Whether some interval delivers to the grid.
    #[must_use]
    pub const fn delivers(&self) -> bool {
        self.delivers
    }

    /// The same load with each value repeated, so that an hour has `steps` intervals.
    ///
    /// # Errors
    /// [`ProfileError::Mismatch`] when this load is finer than an hour and differs from `steps`.
    pub fn spread(&self, steps: usize) -> Result<Self, ProfileError> {
        if self.steps_per_hour == steps {
            return Ok(self.clone());
        }
        if self.steps_per_hour != 1 {
            let reason = format!(
                "{} values an hour beside {steps} of the generation: give hourly values or as many",
                self.steps_per_hour
            );
            return Err(ProfileError::Mismatch { what: "load", reason });
        }
        let power_ukw =
            self.power_ukw.iter().flat_map(|&v| std::iter::repeat_n(v, steps)).collect();
        Ok(Self { steps_per_hour: steps, power_ukw, delivers: self.delivers })
    }
}

/// Reads one kilowatt value per line: a byte-order mark and blank lines are skipped, a first line
/// of words is a heading, and of several columns the last counts (a time stamp may stand before).
///
/// # Errors
/// [`ProfileError::BadValue`] with the line of the first text that is no number.
pub fn parse_kw(text: &str) -> Result<Vec<f64>, ProfileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = Vec::with_capacity(HOURS_PER_YEAR);
    let mut heading_allowed = true;
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let field = line.rsplit(',').next().unwrap_or(line).trim().trim_matches('"');
        match field.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            _ if heading_allowed => {}
            _ => {
                let shown: String = field.chars().take(40).collect();
                let reason = format!("expected a number of kilowatts, found {shown:?}");
                return Err(ProfileError::BadValue { what: "load", position: at + 1, reason });
            }
        }
        heading_allowed = false;
    }
    Ok(values)
}

/// How many intervals an hour has when a year has `count`.
pub(crate) fn steps_per_hour(what: &'static str, count: usize) -> Result<usize, ProfileError> {
    let steps = count / HOURS_PER_YEAR;
    // An hour divides into intervals of whole minutes; 25 years of hours are no year of 144 s.
    if steps * HOURS_PER_YEAR == count && steps > 0 && 60 % steps == 0 {
        Ok(steps)
    } else {
        Err(ProfileError::Length { what, count })
    }
}

/// The nearest whole number, ties to even, for a magnitude of at most [`MAX_MILLIONTHS`].
///
/// Adding 1.5 × 2^52 leaves a sum whose last bit counts ones, so the processor's own rounding of
/// that addition does the work, several values at a time; the mantissa then holds the number.
fn round(value: f64) -> i64 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_rounded_once_to_a_millionth() {
        let mut kw = vec![0.0; HOURS_PER_YEAR];
        kw[..4].copy_from_slice(&[0.4086476564, -0.0011665500, 1.0000015, -2.5]);
        let profile = LoadProfile::from_kw(&kw, 1.0).unwrap();
        assert_eq!(profile.power_ukw()[..4], [408_648, -1_167, 1_000_002, -2_500_000]);
        assert!(profile.delivers());
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_ties_to_even() {
        for value in [0.0_f64, 0.5, 1.5, -0.5, -2.5, 0.499_999_99, 9_999_999_999_999.5, -1e13] {
            #[expect(clippy::cast_possible_truncation, reason = "far inside the range")]
            let expected = value.round_ties_even() as i64;
            assert_eq!(round(value), expected, "{value}");
        }
    }

    #[test]
    fn a_year_has_whole_hours() {
        for count in [0, 8759, 8784, 25 * HOURS_PER_YEAR, 61 * HOURS_PER_YEAR] {
            assert!(LoadProfile::from_kw(&vec![1.0; count], 1.0).is_err(), "{count}");
        }
        let quarter = LoadProfile::from_kw(&vec![1.0; 35_040], 1.0).unwrap();
        assert_eq!(quarter.steps_per_hour(), 4);
        assert!(quarter.spread(2).is_err());
    }

    #[test]
    fn what_no_meter_draws_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, 1e12, -1e300] {
            let mut kw = vec![1.0; HOURS_PER_YEAR];
            kw[7] = bad;
            let error = LoadProfile::from_kw(&kw, 1.0).unwrap_err();
            assert!(error.to_string().starts_with("load, value 8"), "{error}");
        }
    }

    #[test]
    fn load_files_come_with_marks_blanks_and_headings() {
        assert_eq!(parse_kw("\u{feff}1.5\r\n\r\n2\n").unwrap(), [1.5, 2.0]);
        assert_eq!(parse_kw("time,kW\n2018-01-01 00:00,3.25\n").unwrap(), [3.25]);
        let error = parse_kw("1\n2\nthree\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "load, value 3: expected a number of kilowatts, found \"three\""
        );
        assert!(parse_kw("1\nNaN\n").is_err());
    }
}
