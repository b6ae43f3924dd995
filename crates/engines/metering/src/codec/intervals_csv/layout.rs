//! Which cell of a row means what: from the documented columns, or from a profile.

use crate::{
    codec::{
        Desk, Unit,
        cells::Cells,
        profile::{Length, PointFrom, Profile},
        table::{RowFault, fault},
    },
    reading::RegisterKind,
};

/// Which cell of a row means what.
pub(super) struct Layout<'a> {
    pub(super) point: Point,
    pub(super) time: usize,
    pub(super) marks_end: bool,
    pub(super) span: Span,
    pub(super) values: Vec<Value>,
    pub(super) register: Option<usize>,
    pub(super) quality: Option<(usize, Option<&'a Profile>)>,
    pub(super) missing: &'a [String],
}

pub(super) enum Point {
    Column(usize),
    Fixed(String),
    Header,
}

pub(super) enum Span {
    Fixed(Length),
    Minutes(usize),
}

pub(super) struct Value {
    pub(super) cell: usize,
    /// The usage point of a matrix column.
    pub(super) point: String,
    pub(super) register: RegisterKind,
    pub(super) unit: UnitFrom,
    pub(super) decimals: Option<u8>,
}

pub(super) enum UnitFrom {
    Known(Unit),
    Column(usize),
}

impl<'a> Layout<'a> {
    /// The documented columns.
    pub(super) fn own(desk: &mut Desk<'_>, cells: &Cells) -> Result<Self, RowFault> {
        let names: Vec<String> = cells.iter().map(str::to_ascii_lowercase).collect();
        let find = |name: &str| names.iter().position(|n| n == name);
        let need = |name: &str| match find(name) {
            Some(index) => Ok(index),
            None => fault("csv.missing_column", format!("the column \"{name}\" is missing")),
        };
        let (point, time, minutes) = (need("usage_point")?, need("from")?, need("minutes")?);
        let value = names.iter().position(|n| n == "value" || n.starts_with("value_"));
        let Some(cell) = value else {
            return fault("csv.missing_column", "the column \"value_kwh\" is missing");
        };
        let unit = match (names.get(cell).and_then(|n| n.strip_prefix("value_")), find("unit")) {
            (Some(suffix), _) => match Unit::from_name(suffix) {
                Some(unit) if matches!(unit.kept_in(), "kWh" | "kvarh") => UnitFrom::Known(unit),
                _ => {
                    let reason =
                        format!("value_{suffix}: intervals hold energy: kwh, wh, mwh, kvarh");
                    return fault("csv.unit", reason);
                }
            },
            (None, Some(column)) => UnitFrom::Column(column),
            (None, None) => {
                return fault("csv.unit", "the unit is not said: name the column value_kwh");
            }
        };
        let known = ["usage_point", "from", "minutes", "unit", "register", "quality"];
        let unknown = names
            .iter()
            .enumerate()
            .filter(|(i, name)| *i != cell && !known.contains(&name.as_str()) && !name.is_empty());
        desk.report.unknown_columns = unknown.map(|(_, name)| name.clone()).collect();
        let value = Value {
            cell,
            point: String::new(),
            register: RegisterKind::Total,
            unit,
            decimals: None,
        };
        Ok(Self {
            point: Point::Column(point),
            time,
            marks_end: false,
            span: Span::Minutes(minutes),
            values: vec![value],
            register: find("register"),
            quality: find("quality").map(|index| (index, None)),
            missing: &[],
        })
    }

    /// The columns of a profile.
    pub(super) fn mapped(
        desk: &mut Desk<'_>,
        cells: &Cells,
        profile: &'a Profile,
    ) -> Result<Self, RowFault> {
        let document = &profile.document;
        let find = |name: &str| {
            let numbered = name.strip_prefix('#').and_then(|n| n.parse::<usize>().ok());
            let index = match numbered {
                Some(number) => number.checked_sub(1).filter(|index| *index < cells.len()),
                None => cells.iter().position(|cell| cell == name),
            };
            match index {
                Some(index) => Ok(index),
                None => fault(
                    "csv.missing_column",
                    format!("the column \"{name}\" of profile \"{}\" is missing", profile.name()),
                ),
            }
        };
        let time = find(&document.time.column)?;
        let point = match &document.point {
            PointFrom::Column(name) => Point::Column(find(name)?),
            PointFrom::Fixed(name) => Point::Fixed(name.clone()),
            PointFrom::Header(_) => Point::Header,
        };
        let quality = profile.quality_column().map(find).transpose()?;
        let mut used = vec![time];
        used.extend(quality);
        if let Point::Column(index) = point {
            used.push(index);
        }
        for name in &document.ignore {
            used.push(find(name)?);
        }
        for column in document.values.iter().filter(|column| column.column != "*") {
            used.push(find(&column.column)?);
        }
        let mut values = Vec::new();
        for column in &document.values {
            let indexes: Vec<usize> = if column.column == "*" {
                (0..cells.len()).filter(|index| !used.contains(index)).collect()
            } else {
                vec![find(&column.column)?]
            };
            values.extend(indexes.into_iter().map(|cell| Value {
                cell,
                point: match &document.point {
                    PointFrom::Header(prefix) => format!("{prefix}{}", cells.get(cell)),
                    _ => String::new(),
                },
                register: column.register.unwrap_or(RegisterKind::Total),
                unit: UnitFrom::Known(column.unit),
                decimals: column.decimals,
            }));
        }
        let named = |index: usize| used.contains(&index) || values.iter().any(|v| v.cell == index);
        let unknown = (0..cells.len()).filter(|index| !named(*index)).map(|i| cells.get(i));
        desk.report.unknown_columns = unknown.map(str::to_owned).collect();
        Ok(Self {
            point,
            time,
            marks_end: profile.marks_end(),
            span: Span::Fixed(profile.length),
            values,
            register: None,
            quality: quality.map(|index| (index, Some(profile))),
            missing: &document.missing,
        })
    }
}
