//! The file-to-file jobs: what they compute, and what they refuse.

use std::path::Path;

use kernel::{Date, Rounding};
use lamplight_lake::{
    DailyRates, Lake, LakeError,
    jobs::{self, SettleFiles},
    tables::TermsRow,
};
use parquet::{
    data_type::{Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

fn rates() -> DailyRates {
    let library = tariff::bundled::library().unwrap();
    let plan = library.plans().iter().find(|p| p.head.id == "bench/four-register").unwrap();
    DailyRates::of(plan, Date::constant(2026, 6, 1)).unwrap()
}

fn settle(folder: &Path, today: &str) -> Result<jobs::SettledFiles, LakeError> {
    let at = |name: &str| folder.join(name);
    let job = SettleFiles {
        today: &at(today),
        yesterday: &at("yesterday"),
        accounts: &at("accounts"),
        out: &at("out"),
    };
    jobs::settle_files(job, &rates())
}

#[test]
fn what_is_not_parquet_is_refused_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("yesterday"), b"meter_id,r1\n1,2\n").unwrap();
    let error = settle(folder.path(), "today").unwrap_err();
    assert!(matches!(error, LakeError::NotParquet { .. }), "{error}");
    assert!(error.to_string().contains("yesterday"));
    let missing = jobs::vee_file(&folder.path().join("nowhere.parquet"), folder.path());
    assert!(matches!(missing, Err(LakeError::Io { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn wrong_columns_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::in_folder(folder.path()).unwrap();
    let terms = vec![TermsRow::household(1, 2, 0, 3)];
    let file = lake.write_terms(1, Date::constant(2026, 6, 1), 1, terms).unwrap();
    std::fs::copy(folder.path().join(&file.path), folder.path().join("yesterday")).unwrap();
    let error = settle(folder.path(), "yesterday").unwrap_err();
    assert!(matches!(error, LakeError::MissingColumn { ref column, .. } if column == "meter_id"));
    assert!(error.to_string().contains("usage_point"), "{error}");
}

#[test]
fn truncated_files_are_refused_wherever_they_end() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::in_folder(folder.path()).unwrap();
    let terms = (1..2_000).map(|p| TermsRow::household(p, p * 7, 0, p * 13)).collect();
    let file = lake.write_terms(1, Date::constant(2026, 6, 1), 1, terms).unwrap();
    let whole = std::fs::read(folder.path().join(&file.path)).unwrap();
    let cut = folder.path().join("cut.parquet");
    for end in (0..whole.len()).step_by(whole.len() / 50 + 1) {
        std::fs::write(&cut, &whole[..end]).unwrap();
        assert!(jobs::vee_file(&cut, folder.path()).is_err(), "cut at {end} was accepted");
    }
}

/// Seeded mutation: damaged bytes give rows or a refusal, never a crash.
#[test]
fn damaged_bytes_never_crash_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.parquet");
    let schema = "message r { required int32 meter_id; required int32 t; required int32 wh; \
         required int64 at; required int32 total; required int32 usage_point; }";
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let file = std::fs::File::create(&input).unwrap();
    let properties = std::sync::Arc::new(WriterProperties::new());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for place in 0..6 {
        let Some(mut column) = group.next_column().unwrap() else { break };
        if place == 3 {
            let values: Vec<i64> = (0..300).collect();
            column.typed::<Int64Type>().write_batch(&values, None, None).unwrap();
        } else {
            let values: Vec<i32> = (0..300).map(|i| if place == 0 { 7 } else { i }).collect();
            column.typed::<Int32Type>().write_batch(&values, None, None).unwrap();
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    assert!(jobs::vee_file(&input, folder.path()).is_ok());
    let whole = std::fs::read(&input).unwrap();
    let (mut refused, mut seed) = (0, 0x2545_F491_4F6C_DD1D_u64);
    // The library's panics are caught; their backtraces would only fill the output.
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..40 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = usize::try_from(seed >> 16).unwrap() % bytes.len();
            bytes[at] = seed.to_le_bytes()[0];
        }
        std::fs::write(&input, &bytes).unwrap();
        refused += usize::from(jobs::vee_file(&input, folder.path()).is_err());
        let rows = lamplight_lake::import::parquet_readings(&input, |_| Ok(()));
        refused += usize::from(rows.is_err());
    }
    let _ = std::panic::take_hook();
    assert!(refused > 5, "{refused}");
}

#[test]
fn a_step_other_than_a_hundredth_is_refused() {
    assert!(DailyRates::new([1; 5], vec![], Rounding::STORED).is_err());
}
