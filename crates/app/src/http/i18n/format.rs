//! How each language writes money, energy, dates, times and durations. Numbers are grouped by
//! thousands with a comma in both; a minus is the true minus sign (U+2212), and units stand after
//! a no-break space, so that a table never breaks inside a figure.

use jiff::civil::{Date, DateTime};
use kernel::{Currency, Demand, Energy, Instant, Money, Power, Rate, Zone, format_decimal};

use super::{Locale, Words};

const MINUS: char = '\u{2212}';
const NBSP: char = '\u{a0}';
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Words {
    /// A whole number: `12,000`.
    #[must_use]
    pub fn number(self, value: i64) -> String {
        self.decimal(i128::from(value), 0, 0)
    }

    /// A count of things held in memory: `12,000`.
    #[must_use]
    pub fn count(self, value: usize) -> String {
        self.decimal(i128::try_from(value).unwrap_or(i128::MAX), 0, 0)
    }

    /// An integer of 10^-`scale` units with at least `min_decimals` decimals: never rounded.
    #[must_use]
    pub fn decimal(self, value: i128, scale: u32, min_decimals: u32) -> String {
        let text = format_decimal(value, scale, min_decimals);
        let (negative, digits) =
            text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut grouped = String::with_capacity(text.len() + 8);
        if negative {
            grouped.push(MINUS);
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if !fraction.is_empty() {
            grouped.push('.');
            grouped.push_str(fraction);
        }
        grouped
    }

    /// An amount: `¥ 1,234.56`; parts of a fen are shown where there are any, never hidden.
    #[must_use]
    pub fn money(self, amount: Money) -> String {
        let digits = self.decimal(i128::from(amount.units()), 4, 2);
        let sign = currency_sign(amount.currency());
        match digits.strip_prefix(MINUS) {
            Some(rest) => format!("{MINUS}{sign}{NBSP}{rest}"),
            None => format!("{sign}{NBSP}{digits}"),
        }
    }

    /// An amount without its currency, for columns whose heading names it.
    #[must_use]
    pub fn amount(self, amount: Money) -> String {
        self.decimal(i128::from(amount.units()), 4, 2)
    }

    /// A change of an amount, with its sign always: `+¥ 12.30`, `−¥ 12.30`, `¥ 0.00`.
    #[must_use]
    pub fn money_change(self, amount: Money) -> String {
        let plus = if amount.units() > 0 { "+" } else { "" };
        format!("{plus}{}", self.money(amount))
    }

    /// A price: `0.58886875`, at least four decimals, as tariffs print them.
    #[must_use]
    pub fn rate(self, rate: Rate) -> String {
        self.decimal(i128::from(rate.e8()), 8, 4)
    }

    /// Energy with its unit.
    #[must_use]
    pub fn energy(self, energy: Energy) -> String {
        format!("{}{NBSP}{}", self.kwh(energy), self.get("unit.kwh"))
    }

    /// Energy without its unit, for columns whose heading names it.
    #[must_use]
    pub fn kwh(self, energy: Energy) -> String {
        self.decimal(i128::from(energy.ukwh()), 6, 0)
    }

    /// Active power with its unit.
    #[must_use]
    pub fn power(self, power: Power) -> String {
        format!("{}{NBSP}{}", self.decimal(i128::from(power.ukw()), 6, 0), self.get("unit.kw"))
    }

    /// Capacity with its unit.
    #[must_use]
    pub fn capacity(self, demand: Demand) -> String {
        format!("{}{NBSP}{}", self.decimal(i128::from(demand.ukva()), 6, 0), self.get("unit.kva"))
    }

    /// A share given in ten-thousandths: `12.34%`.
    #[must_use]
    pub fn percent(self, basis_points: i64) -> String {
        format!("{}%", self.decimal(i128::from(basis_points), 2, 0))
    }

    /// A change given in ten-thousandths, with its sign always: `+12.3%`.
    #[must_use]
    pub fn percent_change(self, basis_points: i64) -> String {
        let plus = if basis_points > 0 { "+" } else { "" };
        format!("{plus}{}", self.percent(basis_points))
    }

    /// A date: `2026年6月30日`, `30 Jun 2026`. It stays on one line.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        match self.0 {
            Locale::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Locale::En => {
                format!("{}\u{a0}{}\u{a0}{}", date.day(), month_name(date), date.year())
            }
        }
    }

    /// A date without its year: `6月30日`, `30 Jun`.
    #[must_use]
    pub fn day(self, date: Date) -> String {
        match self.0 {
            Locale::ZhCn => format!("{}月{}日", date.month(), date.day()),
            Locale::En => format!("{}\u{a0}{}", date.day(), month_name(date)),
        }
    }

    /// A month: `2026年6月`, `Jun 2026`.
    #[must_use]
    pub fn month(self, date: Date) -> String {
        match self.0 {
            Locale::ZhCn => format!("{}年{}月", date.year(), date.month()),
            Locale::En => format!("{} {}", month_name(date), date.year()),
        }
    }

    /// A civil date and time to the minute: `2026年6月30日 14:05`, `30 Jun 2026, 14:05`.
    #[must_use]
    pub fn datetime(self, at: DateTime) -> String {
        let comma = match self.0 {
            Locale::ZhCn => "",
            Locale::En => ",",
        };
        format!("{}{comma} {:02}:{:02}", self.date(at.date()), at.hour(), at.minute())
    }

    /// An instant as the people of a zone read it.
    #[must_use]
    pub fn instant(self, at: Instant, zone: &Zone) -> String {
        self.datetime(zone.datetime_of(at))
    }

    /// A length of time in its two largest units: `2小时5分钟`, `2 h 5 min`.
    #[must_use]
    pub fn duration(self, seconds: i64) -> String {
        let rest = seconds.unsigned_abs();
        let parts = [
            (rest / 86_400, "unit.days"),
            (rest / 3_600 % 24, "unit.hours"),
            (rest / 60 % 60, "unit.minutes"),
            (rest % 60, "unit.seconds"),
        ];
        let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
        let (gap, join) = match self.0 {
            Locale::ZhCn => ("", ""),
            Locale::En => ("\u{a0}", " "),
        };
        let words: Vec<String> = parts
            .iter()
            .skip(first)
            .take(2)
            .enumerate()
            .filter(|(i, (n, _))| *i == 0 || *n > 0)
            .map(|(_, (n, unit))| format!("{n}{gap}{}", self.get(unit)))
            .collect();
        let minus = if seconds < 0 { "\u{2212}" } else { "" };
        format!("{minus}{}", words.join(join))
    }
}

fn month_name(date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default()
}

const fn currency_sign(currency: Currency) -> &'static str {
    match currency {
        Currency::Cny => "¥",
        Currency::Usd => "US$",
        Currency::Aud => "A$",
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Twd => "NT$",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ZH: Words = Words(Locale::ZhCn);
    const EN: Words = Words(Locale::En);

    #[test]
    fn money_shows_every_part_and_hides_none() {
        assert_eq!(EN.money(Money::cny(12_345_600)), "¥\u{a0}1,234.56");
        assert_eq!(ZH.money(Money::cny(-5)), "\u{2212}¥\u{a0}0.0005");
        assert_eq!(ZH.money_change(Money::cny(10_000)), "+¥\u{a0}1.00");
        assert_eq!(EN.money(Money::new(-9_999_990_000, Currency::Usd)), "−US$\u{a0}999,999.00");
    }

    #[test]
    fn dates_follow_the_language() {
        let day = date(2026, 6, 30);
        assert_eq!(ZH.date(day), "2026年6月30日");
        assert_eq!(EN.date(day), "30\u{a0}Jun\u{a0}2026");
        assert_eq!((ZH.month(day), EN.day(day)), ("2026年6月".into(), "30\u{a0}Jun".into()));
        assert_eq!(EN.datetime(day.at(4, 5, 0, 0)), "30\u{a0}Jun\u{a0}2026, 04:05");
        assert_eq!(ZH.datetime(day.at(14, 5, 0, 0)), "2026年6月30日 14:05");
    }

    #[test]
    fn durations_keep_the_two_largest_units() {
        assert_eq!(EN.duration(7_500), "2\u{a0}h 5\u{a0}min");
        assert_eq!(ZH.duration(7_500), "2小时5分钟");
        assert_eq!(EN.duration(0), "0\u{a0}s");
        assert_eq!(EN.duration(86_400 + 59), "1\u{a0}d");
        assert_eq!(EN.duration(-90), "\u{2212}1\u{a0}min 30\u{a0}s");
    }

    #[test]
    fn energy_names_its_unit() {
        assert_eq!(EN.energy(Energy::from_ukwh(1_234_500_000)), "1,234.5\u{a0}kWh");
        assert_eq!(ZH.energy(Energy::from_ukwh(1_000_000)), "1\u{a0}千瓦时");
    }

    proptest! {
        #[test]
        fn grouping_changes_no_digit(value in any::<i64>(), scale in 0_u32..8) {
            let text = EN.decimal(i128::from(value), scale, 2);
            let plain: String = text.replace(',', "").replace(MINUS, "-");
            prop_assert_eq!(plain, format_decimal(i128::from(value), scale, 2));
        }
    }
}
