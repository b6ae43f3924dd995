//! The operands of a line's formula with their names in both languages, for a page that lays the
//! arithmetic out.

use kernel::{Rate, Ratio};
use serde::{Deserialize, Serialize};

use crate::{Arithmetic, CapacityPart, Label, NamedAmount, Quantity, Term, Unit, text};

/// A named operand as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operand {
    /// Its name.
    pub name: Label,
    /// Its value as decimal text.
    pub value: String,
    /// Its unit in both languages.
    pub unit: Label,
}

impl Arithmetic {
    /// The operands with their names.
    #[must_use]
    pub fn operands(&self) -> Vec<Operand> {
        match self {
            Self::Product { quantity, rate, factor } => product(*quantity, *rate, *factor),
            Self::Percent { base, percent } => {
                let mut list: Vec<Operand> = base.iter().map(named).collect();
                list.push(money("比例", "percentage", text::format_percent(*percent)));
                list
            }
            Self::Posted { posted, lines } => vec![
                money("每日电费合计", "sum of daily charges", posted.to_string()),
                money("电量电费行合计", "sum of energy lines", lines.to_string()),
            ],
            Self::RoundedSum { terms, lines } => {
                let mut list: Vec<Operand> = terms.iter().map(term).collect();
                list.push(money("各行合计", "sum of lines", lines.to_string()));
                list
            }
            Self::TopUp { minimum, reached } => vec![
                money("最低收费", "minimum", minimum.to_string()),
                money("其余各行合计", "sum of other lines", reached.to_string()),
            ],
            Self::ContractDemand { .. } => self.demand_operands(),
            Self::CapacityDays { parts, month_days, rate } => {
                let part = |p: &CapacityPart| capacity(p, *month_days);
                let mut list: Vec<Operand> = parts.iter().map(part).collect();
                list.push(money("单价", "rate", rate.to_string()));
                list
            }
            Self::Stated { amount, reason } => {
                let (value, unit) = (amount.to_string(), Label::default());
                vec![Operand { name: reason.clone(), value, unit }]
            }
        }
    }

    fn demand_operands(&self) -> Vec<Operand> {
        let Self::ContractDemand {
            contract_ukw,
            floor_ukw,
            actual_ukw,
            free_excess,
            excess_factor,
            rate,
            factor,
        } = self
        else {
            return Vec::new();
        };
        let kw = |zh: &str, en: &str, ukw: i64| {
            operand(zh, en, Quantity::new(ukw, Unit::Kw).to_string(), Unit::Kw)
        };
        vec![
            kw("合同最大需量", "contract demand", *contract_ukw),
            kw("需量下限", "least contract", *floor_ukw),
            kw("实际最大需量", "actual demand", *actual_ukw),
            money("免加收上限", "free up to", text::format_percent(*free_excess)),
            money("超出部分倍数", "excess counts", text::format_ratio(*excess_factor)),
            money("单价", "rate", rate.to_string()),
            money("系数", "factor", text::format_ratio(*factor)),
        ]
    }
}

fn product(quantity: Quantity, rate: Rate, factor: Ratio) -> Vec<Operand> {
    let mut list = vec![
        operand("数量", "quantity", quantity.to_string(), quantity.unit),
        money("单价", "rate", rate.to_string()),
    ];
    if factor != Ratio::ONE {
        list.push(money("系数", "factor", text::format_ratio(factor)));
    }
    list
}

fn named(part: &NamedAmount) -> Operand {
    Operand { name: part.name.clone(), value: part.amount.to_string(), unit: Label::default() }
}

fn term(term: &Term) -> Operand {
    money("电量×单价", "energy × rate", format!("{} × {}", term.quantity, term.rate))
}

fn capacity(part: &CapacityPart, month_days: u16) -> Operand {
    let kva = Quantity::new(part.capacity_ukva, Unit::Kva);
    let share = text::format_ratio(part.share);
    let value = format!("{kva} kVA × {share} × {}/{month_days}", part.days);
    money("容量×比例×天数", "capacity × share × days", value)
}

fn money(zh: &str, en: &str, value: String) -> Operand {
    operand(zh, en, value, Unit::Money)
}

fn operand(zh: &str, en: &str, value: String, unit: Unit) -> Operand {
    let (unit_zh, unit_en) = unit.symbol();
    Operand { name: Label::new(zh, en), value, unit: Label::new(unit_zh, unit_en) }
}
