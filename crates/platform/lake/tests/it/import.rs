//! Readings from users' own Parquet files, of the types that common tools write.

use std::{fs::File, path::Path, sync::Arc};

use lamplight_lake::{
    LakeError,
    import::{BadRow, ImportedReading, parquet_readings},
};
use metering::reading::RegisterKind;
use parquet::{
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

/// Three rows: text numbers, moments in ms, a decimal total, a floating-point peak.
fn write(path: &Path, schema: &str) {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::new());
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts: Vec<ByteArray> = ["0010", " 0011 ", ""].map(ByteArray::from).to_vec();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let at = [1_780_000_000_000_i64, 1_780_000_000_500, 1_780_000_001_000];
    column.typed::<Int64Type>().write_batch(&at, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[1_541_020, 7], Some(&[1, 0, 1]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&[0.3, f64::NAN, 1.0], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

const GOOD: &str = "message r { required binary usage_point (UTF8); \
     required int64 at (TIMESTAMP_MILLIS); optional int32 total (DECIMAL(9,2)); \
     required double peak; }";

fn rows(path: &Path) -> Result<Vec<Result<ImportedReading, BadRow>>, LakeError> {
    let mut out = Vec::new();
    parquet_readings(path, |row| {
        out.push(row);
        Ok(())
    })?;
    Ok(out)
}

#[test]
fn good_rows_are_kept_and_bad_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.parquet");
    write(&path, GOOD);
    let rows = rows(&path).unwrap();
    let first = rows[0].as_ref().unwrap();
    assert_eq!((first.usage_point.as_str(), first.meter.clone()), ("0010", None));
    assert_eq!(first.at.micros(), 1_780_000_000_000_000);
    assert_eq!(first.registers.text(RegisterKind::Total).unwrap(), "15410.2");
    assert_eq!(first.registers.text(RegisterKind::Peak).unwrap(), "0.3");
    let second = rows[1].as_ref().unwrap_err();
    assert_eq!((second.row, second.column), (2, "peak"));
    let third = rows[2].as_ref().unwrap_err();
    assert_eq!((third.row, third.column), (3, "usage_point"));
}

#[test]
fn a_file_without_the_needed_columns_says_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("readings.parquet");
    write(&path, &GOOD.replace("usage_point", "customer"));
    let error = rows(&path).unwrap_err().to_string();
    assert!(error.contains("usage_point") && error.contains("customer"), "{error}");
    write(&path, &GOOD.replace(" total ", " kwh ").replace(" peak", " kwh_peak"));
    assert!(rows(&path).unwrap_err().to_string().contains("total"));
    write(&path, &GOOD.replace(" at ", " when "));
    assert!(rows(&path).is_err());
}
