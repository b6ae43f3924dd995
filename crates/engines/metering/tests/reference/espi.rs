//! Green Button files of others, read, written and read again.

use kernel::Instant;
use lamplight_metering::{
    codec::{Limits, Policy, espi},
    reading::{Mark, RegisterKind, Validity},
};

use crate::{read, shared};

fn feed(name: &str) -> Option<espi::Feed> {
    let bytes = read(&shared("data/meter/greenbutton")?.join(name));
    let read =
        |bytes: &[u8]| espi::read(bytes, name, Policy::RefuseWhole, Limits::default()).unwrap();
    let (feed, report) = read(&bytes);
    assert_eq!(report.problem_count, 0);
    let mut written = Vec::new();
    espi::write(&feed, &mut written).unwrap();
    assert_eq!(read(&written).0, feed, "what we write reads back as what was read");
    Some(feed)
}

#[test]
fn the_openespi_fixture() {
    let Some(feed) = feed("openespi_test_usage_data.xml") else { return };
    let series = &feed.usage_points[0].series[0];
    assert_eq!((feed.usage_points.len(), feed.usage_points[0].series.len()), (1, 1));
    assert_eq!(feed.usage_points[0].title, "Front Electric Meter");
    assert_eq!(feed.utc_offset_s, Some(-18_000));
    assert_eq!(series.reading_type.register, Some(RegisterKind::Total));
    assert_eq!(series.readings.len(), 1_340);
    // Cross-checked with an XML library of another language.
    assert_eq!(series.readings.iter().map(|r| r.value).sum::<i64>(), SUM_OPENESPI);
    let estimated: Vec<Validity> =
        series.readings.iter().filter(|r| r.mark != Mark::RAW).map(|r| r.mark.validity).collect();
    assert_eq!(estimated, [Validity::Estimated, Validity::Edited]);
    assert_eq!(series.readings[0].from, Instant::from_micros(1_330_578_000_000_000));
}

#[test]
fn a_utilitys_sample() {
    let Some(feed) = feed("cew821_sample_greenbutton_data.xml") else { return };
    let series = &feed.usage_points[0].series[0];
    assert_eq!(feed.usage_points[0].id, "01");
    assert_eq!((series.readings.len(), series.reading_type.interval_s), (362, Some(3_600)));
    assert_eq!(series.readings.iter().map(|r| r.value).sum::<i64>(), SUM_CEW);
    assert_eq!(series.reading_type.kept(574), Some((574, 3)));
}

const SUM_OPENESPI: i64 = 1_391_666;
const SUM_CEW: i64 = 291_018;
