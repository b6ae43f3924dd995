//! Small Parquet files for tests, in and out, by the library itself.

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use parquet::{
    basic::Compression,
    column::reader::ColumnReader,
    data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type},
    file::{
        properties::WriterProperties,
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

/// A column and how it is declared.
#[derive(Clone)]
pub enum Column {
    /// `int32`, with what stands behind the name, such as ` (INTEGER(32,false))`.
    Narrow(&'static str, &'static str, Vec<i32>),
    /// `int64`, likewise.
    Wide(&'static str, &'static str, Vec<i64>),
    /// `int64` with empty cells.
    Optional(&'static str, Vec<Option<i64>>),
    /// Text.
    Text(&'static str, Vec<String>),
}

impl Column {
    pub fn id(name: &'static str, values: impl IntoIterator<Item = i64>) -> Self {
        let bits = |v| u32::try_from(v).unwrap().cast_signed();
        Self::Narrow(name, " (INTEGER(32,false))", values.into_iter().map(bits).collect())
    }

    pub fn wide(name: &'static str, values: impl IntoIterator<Item = i64>) -> Self {
        Self::Wide(name, "", values.into_iter().collect())
    }

    fn declared(&self) -> String {
        match self {
            Self::Narrow(name, kind, _) => format!("required int32 {name}{kind};"),
            Self::Wide(name, kind, _) => format!("required int64 {name}{kind};"),
            Self::Optional(name, _) => format!("optional int64 {name};"),
            Self::Text(name, _) => format!("required binary {name} (UTF8);"),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Narrow(_, _, values) => values.len(),
            Self::Wide(_, _, values) => values.len(),
            Self::Optional(_, values) => values.len(),
            Self::Text(_, values) => values.len(),
        }
    }
}

/// How a file is laid down.
#[derive(Clone, Copy)]
pub struct Layout {
    pub group: usize,
    pub compression: Compression,
    pub dictionary: bool,
}

impl Layout {
    pub const PLAIN: Self =
        Self { group: 1 << 20, compression: Compression::UNCOMPRESSED, dictionary: false };
}

pub fn write(path: &Path, columns: &[Column], layout: Layout) {
    let fields: String = columns.iter().map(Column::declared).collect();
    let schema = Arc::new(parse_message_type(&format!("message rows {{ {fields} }}")).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(layout.compression)
        .set_dictionary_enabled(layout.dictionary)
        .build();
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    let rows = columns[0].len();
    for from in (0..rows).step_by(layout.group) {
        let rows = from..rows.min(from + layout.group);
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut into = group.next_column().unwrap().unwrap();
            match column {
                Column::Narrow(_, _, values) => {
                    let values = &values[rows.clone()];
                    into.typed::<Int32Type>().write_batch(values, None, None).unwrap();
                }
                Column::Wide(_, _, values) => {
                    let values = &values[rows.clone()];
                    into.typed::<Int64Type>().write_batch(values, None, None).unwrap();
                }
                Column::Optional(_, values) => {
                    let values = &values[rows.clone()];
                    let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
                    let present: Vec<i64> = values.iter().copied().flatten().collect();
                    let typed = into.typed::<Int64Type>();
                    typed.write_batch(&present, Some(&levels), None).unwrap();
                }
                Column::Text(_, values) => {
                    let values: Vec<ByteArray> =
                        values[rows.clone()].iter().map(|v| v.as_str().into()).collect();
                    into.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
                }
            }
            into.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// The whole numbers of a file: the columns in order with how they are declared, and their values.
pub struct Table {
    pub declared: Vec<String>,
    pub values: BTreeMap<String, Vec<i64>>,
}

impl Table {
    pub fn read(path: &Path) -> Self {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let mut table = Self { declared: Vec::new(), values: BTreeMap::new() };
        for (place, column) in schema.columns().iter().enumerate() {
            let kind = column.logical_type_ref().map_or(String::new(), |kind| format!("{kind:?}"));
            table.declared.push(
                format!("{} {} {kind}", column.name(), column.physical_type()).trim().to_owned(),
            );
            let mut values = Vec::new();
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).unwrap();
                read_column(group.as_ref(), place, kind.contains("is_signed: false"), &mut values);
            }
            table.values.insert(column.name().to_owned(), values);
        }
        table
    }

    /// The rows as tuples of these columns.
    pub fn rows<const N: usize>(&self, names: [&str; N]) -> Vec<[i64; N]> {
        let columns = names.map(|name| &self.values[name]);
        (0..columns[0].len()).map(|row| columns.map(|column| column[row])).collect()
    }
}

fn read_column(group: &dyn RowGroupReader, place: usize, unsigned: bool, out: &mut Vec<i64>) {
    match group.get_column_reader(place).unwrap() {
        ColumnReader::Int32ColumnReader(mut reader) => {
            let mut values = Vec::new();
            while reader.read_records(1 << 16, None, None, &mut values).unwrap().0 > 0 {}
            let widen = |v: i32| if unsigned { i64::from(v.cast_unsigned()) } else { i64::from(v) };
            out.extend(values.into_iter().map(widen));
        }
        ColumnReader::Int64ColumnReader(mut reader) => {
            while reader.read_records(1 << 16, None, None, out).unwrap().0 > 0 {}
        }
        _ => assert_eq!(place, usize::MAX, "this column holds no whole numbers"),
    }
}
