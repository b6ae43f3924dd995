//! The chart island: a drawing made by the server, which `chart.js` replaces with an interactive
//! one, and the same values as a table for those who read rather than look.

use askama::Template;
use serde::Serialize;

use super::{Html, svg};
use crate::http::i18n::Words;

/// How the series are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// Lines over time.
    Line,
    /// Bars; stacked when the chart says so.
    Bar,
    /// Shares of a whole (one series).
    Pie,
}

/// One row of values, one per label; `None` is a gap, drawn as a gap.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// What the values are.
    pub name: String,
    /// The values as integers of 10^-`decimals` units.
    pub values: Vec<Option<i64>>,
    /// Which values are estimated (empty: none); drawn hatched.
    pub estimated: Vec<bool>,
}

/// What `chart.js` reads from `data-chart`.
#[derive(Serialize)]
struct Data<'a> {
    kind: ChartKind,
    unit: &'a str,
    decimals: u32,
    labels: &'a [String],
    series: &'a [Series],
    stacked: bool,
    zoom: bool,
    estimated: &'static str,
}

/// A chart with its table.
#[derive(Debug, Clone, Template)]
#[template(path = "components/chart.html")]
pub struct Chart {
    t: Words,
    title: String,
    kind: ChartKind,
    unit: String,
    decimals: u32,
    label_heading: String,
    labels: Vec<String>,
    series: Vec<Series>,
    stacked: bool,
}

impl Chart {
    /// A chart of values over labels; `label_heading` names the labels' column in the table.
    #[must_use]
    pub fn new(
        t: Words,
        title: impl Into<String>,
        kind: ChartKind,
        label_heading: impl Into<String>,
        labels: Vec<String>,
    ) -> Self {
        Self {
            t,
            title: title.into(),
            kind,
            unit: String::new(),
            decimals: 0,
            label_heading: label_heading.into(),
            labels,
            series: Vec::new(),
            stacked: false,
        }
    }

    /// The unit of all values, and how many decimals the integers carry.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>, decimals: u32) -> Self {
        self.unit = unit.into();
        self.decimals = decimals;
        self
    }

    /// One more series.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Bars on top of each other.
    #[must_use]
    pub const fn stacked(mut self) -> Self {
        self.stacked = true;
        self
    }

    fn data(&self) -> String {
        let data = Data {
            kind: self.kind,
            unit: &self.unit,
            decimals: self.decimals,
            labels: &self.labels,
            series: &self.series,
            stacked: self.stacked,
            zoom: self.labels.len() > 40,
            estimated: self.t.get("sign.estimated"),
        };
        serde_json::to_string(&data).unwrap_or_default()
    }

    /// The drawing without JavaScript: bars of the sums over all series.
    fn drawing(&self) -> Html {
        let bars: Vec<svg::Bar> = self
            .labels
            .iter()
            .enumerate()
            .map(|(i, label)| {
                let values = self.series.iter().filter_map(|s| s.values.get(i).copied().flatten());
                let value = values
                    .fold(None, |sum: Option<i64>, v| Some(sum.unwrap_or(0).saturating_add(v)));
                let estimated = self.series.iter().any(|s| s.estimated.get(i) == Some(&true));
                svg::Bar { label: label.clone(), text: self.shown(value), value, estimated }
            })
            .collect();
        svg::bars(&self.title, &bars)
    }

    fn shown(&self, value: Option<i64>) -> String {
        value.map_or_else(|| "–".to_owned(), |v| self.t.decimal(i128::from(v), self.decimals, 0))
    }

    fn cell(&self, series: &Series, index: &usize) -> String {
        self.shown(series.values.get(*index).copied().flatten())
    }

    fn is_estimated(&self, series: &Series, index: &usize) -> bool {
        series.estimated.get(*index) == Some(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    #[test]
    fn the_table_holds_what_the_chart_shows() {
        let chart = Chart::new(
            Words(Locale::En),
            "Use by day",
            ChartKind::Bar,
            "Day",
            vec!["1 Jun".into(), "2 Jun".into()],
        )
        .unit("kWh", 1)
        .series(Series {
            name: "Use".into(),
            values: vec![Some(12_345), None],
            estimated: vec![true, false],
        })
        .to_string();
        assert!(chart.contains("1,234.5") && chart.contains("<td"), "{chart}");
        assert!(chart.contains("data-chart=\"{&#34;kind&#34;:&#34;bar&#34;"), "{chart}");
        assert!(chart.contains("<svg"), "{chart}");
    }
}
