//! The lines of a bill, each with its arithmetic: operands, formula, rounding, rule and source.

use kernel::Rounding;
use tariff::{BillLine, LineKind, Unit, words::rounding_name};

use super::{super::shown, sheet::Sheet};
use crate::http::{
    i18n::{Locale, Words},
    ui::{Explain, Html, Step},
};

/// A line as the page shows it.
pub(super) struct LineView {
    pub label: String,
    /// The part of the period, when the line prices only a part of it.
    pub part: String,
    pub quantity: String,
    pub rate: String,
    pub amount: String,
    pub explain: Explain,
}

/// A unit as the visitor's language prints it.
pub(super) fn unit(t: Words, unit: Unit) -> &'static str {
    let (zh, en) = unit.symbol();
    match t.locale() {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

pub(super) fn views(t: Words, sheet: &Sheet) -> Vec<LineView> {
    sheet.lines().iter().map(|line| view(t, sheet, line)).collect()
}

fn view(t: Words, sheet: &Sheet, line: &BillLine) -> LineView {
    let bill = &sheet.bill;
    let whole = line.from <= bill.period_from && line.to >= bill.period_to;
    let part = if whole {
        String::new()
    } else {
        let last = line.to.yesterday().unwrap_or(line.to);
        t.with("bills.part", &[("from", &t.day(line.from)), ("to", &t.day(last))])
    };
    // A line that is a difference or a sum has no quantity worth reading.
    let counted = !matches!(line.kind, LineKind::Rounding) && line.quantity.unit != Unit::Money;
    let quantity = t.decimal(i128::from(line.quantity.e6), 6, 0);
    LineView {
        label: shown::label(t, &line.label).to_owned(),
        part,
        quantity: if counted {
            format!("{quantity}\u{a0}{}", unit(t, line.quantity.unit))
        } else {
            String::new()
        },
        rate: line.rate.map(|rate| t.rate(rate.value)).unwrap_or_default(),
        amount: shown::amount(t, line.amount.units()),
        explain: explain(t, line),
    }
}

fn explain(t: Words, line: &BillLine) -> Explain {
    let mut explain = Explain::new(t, t.get("bills.arithmetic"));
    for operand in line.arithmetic.operands() {
        let unit = shown::label(t, &operand.unit);
        let result = match unit {
            "" => operand.value.clone(),
            unit => format!("{}\u{a0}{unit}", operand.value),
        };
        explain = explain.step(Step {
            label: shown::label(t, &operand.name).to_owned(),
            arithmetic: String::new(),
            result,
            source: String::new(),
        });
    }
    explain = explain.step(Step {
        label: t.get("bills.formula").to_owned(),
        arithmetic: shown::label(t, &line.formula).to_owned(),
        result: shown::amount(t, line.amount.units()),
        source: String::new(),
    });
    explain.more(provenance(t, line))
}

/// The rule, how it rounds, the decree and how far its values were checked, and the way to the
/// days.
fn provenance(t: Words, line: &BillLine) -> Html {
    let mut said = Vec::new();
    if line.kind == LineKind::Rounding {
        said.push(t.get("bills.rounding_text").to_owned());
    }
    if line.rounding != Rounding::STORED {
        let name = rounding_name(line.rounding);
        said.push(t.with("bills.rounded", &[("rule", &shown::label(t, &name))]));
    }
    said.push(t.with("bills.rule", &[("rule", &line.rule)]));
    let (source, confidence) = source_of(&line.source);
    said.push(t.with("bills.source", &[("source", &source)]));
    if let Some(confidence) = confidence {
        said.push(t.of("trade.confidence", confidence).to_owned());
    }
    let mut html = Html::text(&said.join(" · "));
    let from_days = matches!(
        line.kind,
        LineKind::Energy | LineKind::TierAdder | LineKind::Surcharge | LineKind::Rounding
    );
    if from_days {
        html = html.and(&Html::link(t.get("bills.to_days"), "#days"));
    }
    html
}

/// The engine writes "decree [V2] source": the mark in brackets becomes a sentence of its own.
pub(super) fn source_of(source: &str) -> (String, Option<&'static str>) {
    for (mark, word) in [(" [V2]", "v2"), (" [V]", "v"), (" [K]", "k")] {
        if source.contains(mark) {
            return (source.replace(mark, ","), Some(word));
        }
    }
    (source.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::source_of;

    #[test]
    fn the_mark_of_a_source_becomes_a_word() {
        let (source, word) = source_of("浙发改〔2024〕21号 [V2] a transcription");
        assert_eq!((source.as_str(), word), ("浙发改〔2024〕21号, a transcription", Some("v2")));
        assert_eq!(source_of("stated").1, None);
    }
}
