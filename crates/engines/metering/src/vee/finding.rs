//! What a rule found: a stable rule id, and the numbers it compared, in words of two languages.

use std::fmt::Write as _;

use kernel::{Date, Energy, format_decimal};
use serde::{Deserialize, Serialize};

/// The rules, each with an id that never changes: outcomes are counted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RuleId {
    /// No reading arrived (漏抄).
    Gap = 0,
    /// A register went back (倒走).
    Negative = 1,
    /// One value far above the day's others (突变).
    Spike = 2,
    /// The same value again and again (卡数).
    Stuck = 3,
    /// Far above the customer's own usual use (突增).
    High = 4,
    /// Far below it (突减).
    Low = 5,
    /// No use for days where there was some before (零电量).
    Zero = 6,
    /// Use where nobody is supplied (停用用电).
    Inactive = 7,
    /// Windows do not add up to the total register (分时不平).
    SumTimeOfUse = 8,
    /// Intervals do not add up to the register (曲线不平).
    SumIntervals = 9,
    /// The dial passed its end (翻转): nothing is wrong, but it is shown.
    Rollover = 10,
    /// More than the contracted capacity can deliver in the time (超容).
    Capacity = 11,
    /// An interval value below zero (负值).
    NegativeInterval = 12,
}

/// What a finding means for the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown only.
    Note,
    /// Billed, but a person should look.
    Warn,
    /// Not billed before a person decided.
    Stop,
}

/// The languages that findings speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl RuleId {
    /// All rules in the order of their codes.
    pub const ALL: [Self; 13] = [
        Self::Gap,
        Self::Negative,
        Self::Spike,
        Self::Stuck,
        Self::High,
        Self::Low,
        Self::Zero,
        Self::Inactive,
        Self::SumTimeOfUse,
        Self::SumIntervals,
        Self::Rollover,
        Self::Capacity,
        Self::NegativeInterval,
    ];

    /// The stable id, such as `vee.high`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Gap => "vee.gap",
            Self::Negative => "vee.negative",
            Self::Spike => "vee.spike",
            Self::Stuck => "vee.stuck",
            Self::High => "vee.high",
            Self::Low => "vee.low",
            Self::Zero => "vee.zero",
            Self::Inactive => "vee.inactive",
            Self::SumTimeOfUse => "vee.sum_time_of_use",
            Self::SumIntervals => "vee.sum_intervals",
            Self::Rollover => "vee.rollover",
            Self::Capacity => "vee.capacity",
            Self::NegativeInterval => "vee.negative_interval",
        }
    }

    /// The rule with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }

    /// What it means for the bill.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Negative | Self::High | Self::Capacity => Severity::Stop,
            Self::Rollover => Severity::Note,
            _ => Severity::Warn,
        }
    }

    /// The sentence, with a name in braces for each operand.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Gap, Language::Zh) => "{count} 个值未采集到",
            (Self::Gap, Language::En) => "{count} values were not collected",
            (Self::Negative, Language::Zh) => "示数由 {previous} 倒退到 {current}",
            (Self::Negative, Language::En) => "the reading went back from {previous} to {current}",
            (Self::NegativeInterval, Language::Zh) => "区间值为负：{value}（{count} 个）",
            (Self::NegativeInterval, Language::En) => "{count} interval values below zero: {value}",
            (Self::Spike, Language::Zh) => {
                "最大值 {largest} 超出第三大值 {third} 的幅度大于 {limit}%"
            }
            (Self::Spike, Language::En) => {
                "the largest value {largest} exceeds the third largest {third} by more than {limit}%"
            }
            (Self::Stuck, Language::Zh) => "连续 {count} 个值都是 {value}（限 {limit} 个）",
            (Self::Stuck, Language::En) => "{count} values in a row are {value} (limit {limit})",
            (Self::High, Language::Zh) => {
                "{days} 天用电 {use} 千瓦时，平常为 {usual} 千瓦时，增加 {percent}%（限 {limit}%）"
            }
            (Self::High, Language::En) => {
                "use of {use} kWh in {days} day(s), usually {usual} kWh: {percent}% more \
                 (limit {limit}%)"
            }
            (Self::Low, Language::Zh) => {
                "{days} 天用电 {use} 千瓦时，仅为平常 {usual} 千瓦时的 {percent}%（限 {limit}%）"
            }
            (Self::Low, Language::En) => {
                "use of {use} kWh in {days} day(s) is {percent}% of the usual {usual} kWh \
                 (limit {limit}%)"
            }
            (Self::Zero, Language::Zh) => "已连续 {days} 天零电量（限 {limit} 天）",
            (Self::Zero, Language::En) => "no use for {days} days in a row (limit {limit})",
            (Self::Inactive, Language::Zh) => "未供电的用电点用电 {use} 千瓦时（限 {limit}）",
            (Self::Inactive, Language::En) => {
                "{use} kWh used at a usage point that is not supplied (limit {limit})"
            }
            (Self::SumTimeOfUse, Language::Zh) => {
                "分时之和 {found} 与总 {expected} 相差 {apart} 千瓦时（限 {limit}）"
            }
            (Self::SumTimeOfUse, Language::En) => {
                "the windows add up to {found}, the total says {expected}: {apart} kWh apart \
                 (limit {limit})"
            }
            (Self::SumIntervals, Language::Zh) => {
                "曲线之和 {found} 与示数差 {expected} 相差 {apart} 千瓦时（限 {limit}）"
            }
            (Self::SumIntervals, Language::En) => {
                "the intervals add up to {found}, the register moved {expected}: {apart} kWh \
                 apart (limit {limit})"
            }
            (Self::Rollover, Language::Zh) => "表计翻转：{previous} → {current}",
            (Self::Rollover, Language::En) => "the dial rolled over: {previous} → {current}",
            (Self::Capacity, Language::Zh) => "用电 {use} 千瓦时，超过容量可供的 {limit} 千瓦时",
            (Self::Capacity, Language::En) => {
                "use of {use} kWh is more than the {limit} kWh that the capacity can deliver"
            }
        }
    }
}

/// A number in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperandValue {
    /// A count, or a percentage.
    Count(i64),
    /// Energy in µkWh, shown in kWh.
    Energy(Energy),
    /// A value with this many decimals.
    Decimal(i64, u8),
}

/// A named number in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Operand {
    /// The name in the rule's sentence.
    pub name: &'static str,
    /// The number.
    pub value: OperandValue,
}

/// What a rule found, with the numbers that it compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// The day it is about, if it is about a day.
    pub on: Option<Date>,
    /// The interval it starts at, counted from the start of what was checked.
    pub first_interval: Option<usize>,
    /// The numbers.
    pub operands: Vec<Operand>,
}

impl Finding {
    /// A finding with its numbers.
    #[must_use]
    pub fn new(rule: RuleId, numbers: &[(&'static str, OperandValue)]) -> Self {
        let operands = numbers.iter().map(|(name, value)| Operand { name, value: *value });
        Self { rule, on: None, first_interval: None, operands: operands.collect() }
    }

    /// The number of this name.
    #[must_use]
    pub fn operand(&self, name: &str) -> Option<OperandValue> {
        self.operands.iter().find(|operand| operand.name == name).map(|operand| operand.value)
    }

    /// The sentence with the numbers in it.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let mut out = String::new();
        let mut rest = self.rule.sentence(language);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            match self.operand(name) {
                Some(OperandValue::Count(count)) => write!(out, "{count}"),
                Some(OperandValue::Energy(energy)) => write!(out, "{energy}"),
                Some(OperandValue::Decimal(value, scale)) => {
                    write!(out, "{}", format_decimal(i128::from(value), u32::from(scale), 0))
                }
                None => write!(out, "?"),
            }
            // Writing to a String cannot fail.
            .unwrap_or(());
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_read_back() {
        for (code, rule) in RuleId::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, code);
            assert_eq!(RuleId::from_id(rule.id()), Some(rule));
            let names = |text: &str| {
                let mut all: Vec<String> =
                    text.split('{').skip(1).map(|t| t.split('}').next().unwrap().into()).collect();
                all.sort();
                all
            };
            let (zh, en) = (rule.sentence(Language::Zh), rule.sentence(Language::En));
            assert_eq!(names(zh), names(en), "both languages show the same numbers");
        }
    }

    #[test]
    fn a_finding_shows_its_numbers_in_both_languages() {
        let finding = Finding::new(
            RuleId::Stuck,
            &[
                ("count", OperandValue::Count(14)),
                ("value", OperandValue::Decimal(125, 3)),
                ("limit", OperandValue::Count(12)),
            ],
        );
        assert_eq!(finding.explain(Language::Zh), "连续 14 个值都是 0.125（限 12 个）");
        assert_eq!(finding.explain(Language::En), "14 values in a row are 0.125 (limit 12)");
    }
}
