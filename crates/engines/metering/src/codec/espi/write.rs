//! Writes a Green Button feed: the customer's own data, in the form that other programs read.

use std::io::{self, Write};

use quick_xml::{
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
    writer::Writer,
};

use super::{Feed, Reading, ReadingType, Series, UsagePoint};
use crate::{codec::Unit, reading::RegisterKind};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const ESPI: &str = "http://naesb.org/espi";
/// The longest span of one block.
const BLOCK_S: i64 = 86_400;

/// Writes a feed. The same feed always gives the same bytes: ids are made from the links.
///
/// # Errors
/// When `out` cannot be written.
pub fn write<W: Write>(feed: &Feed, out: W) -> io::Result<()> {
    let mut out = Out { xml: Writer::new_with_indent(out, b' ', 1), updated: updated(feed) };
    out.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("feed");
    root.push_attribute(("xmlns", ATOM));
    out.xml.write_event(Event::Start(root))?;
    out.leaf("id", &uuid("feed"))?;
    out.leaf("title", &feed.title)?;
    let updated = out.updated.clone();
    out.leaf("updated", &updated)?;
    out.link("self", "espi/1_1/resource/Subscription/1")?;
    if let Some(offset_s) = feed.utc_offset_s {
        out.local_time(offset_s)?;
    }
    for (index, point) in feed.usage_points.iter().enumerate() {
        out.usage_point(point, index)?;
    }
    out.xml.write_event(Event::End(BytesEnd::new("feed")))?;
    Ok(())
}

fn updated(feed: &Feed) -> String {
    feed.updated.unwrap_or(kernel::Instant::from_micros(0)).timestamp().to_string()
}

struct Out<W> {
    xml: Writer<W>,
    updated: String,
}

impl<W: Write> Out<W> {
    fn open(&mut self, name: &str) -> io::Result<()> {
        self.xml.write_event(Event::Start(BytesStart::new(name)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.xml.write_event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.open(name)?;
        // XML has no place for control characters.
        let clean: String = text.chars().filter(|c| !c.is_control()).collect();
        self.xml.write_event(Event::Text(BytesText::new(&clean)))?;
        self.close(name)
    }

    fn link(&mut self, rel: &str, href: &str) -> io::Result<()> {
        let mut link = BytesStart::new("link");
        link.push_attribute(("rel", rel));
        link.push_attribute(("href", format!("/{href}").as_str()));
        self.xml.write_event(Event::Empty(link))
    }

    /// An entry: its links, then `content` inside the element `kind`.
    fn entry(
        &mut self,
        (own, up, related): (&str, &str, &[String]),
        title: &str,
        kind: &str,
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.open("entry")?;
        self.leaf("id", &uuid(own))?;
        self.link("self", own)?;
        self.link("up", up)?;
        for href in related {
            self.link("related", href)?;
        }
        self.leaf("title", title)?;
        self.open("content")?;
        let mut element = BytesStart::new(kind);
        element.push_attribute(("xmlns", ESPI));
        self.xml.write_event(Event::Start(element))?;
        content(self)?;
        self.close(kind)?;
        self.close("content")?;
        let updated = self.updated.clone();
        self.leaf("published", &updated)?;
        self.leaf("updated", &updated)?;
        self.close("entry")
    }

    fn local_time(&mut self, offset_s: i32) -> io::Result<()> {
        let up = "espi/1_1/resource/LocalTimeParameters";
        self.entry((&format!("{up}/1"), up, &[]), "Local time", "LocalTimeParameters", |out| {
            // All ones: no rule for daylight saving is in force.
            out.leaf("dstEndRule", "FFFFFFFF")?;
            out.leaf("dstOffset", "0")?;
            out.leaf("dstStartRule", "FFFFFFFF")?;
            out.leaf("tzOffset", &offset_s.to_string())
        })
    }

    fn usage_point(&mut self, point: &UsagePoint, index: usize) -> io::Result<()> {
        let up = "espi/1_1/resource/RetailCustomer/1/UsagePoint";
        let own = format!("{up}/{}", part(&point.id, index));
        let readings = format!("{own}/MeterReading");
        let related = [readings.clone(), "espi/1_1/resource/LocalTimeParameters/1".to_owned()];
        self.entry((&own, up, &related), &point.title, "UsagePoint", |out| {
            out.open("ServiceCategory")?;
            out.leaf("kind", "0")?;
            out.close("ServiceCategory")
        })?;
        for (number, series) in point.series.iter().enumerate() {
            let own = format!("{readings}/{}", part(&series.id, number));
            let type_up = "espi/1_1/resource/ReadingType";
            let type_own = format!("{type_up}/{index}-{number}");
            let blocks = format!("{own}/IntervalBlock");
            let related = [blocks.clone(), type_own.clone()];
            self.entry((&own, &readings, &related), &series.title, "MeterReading", |_| Ok(()))?;
            self.entry((&type_own, type_up, &[]), "", "ReadingType", |out| {
                out.reading_type(&series.reading_type)
            })?;
            self.blocks(series, &blocks)?;
        }
        Ok(())
    }

    fn reading_type(&mut self, kind: &ReadingType) -> io::Result<()> {
        let unit = match kind.unit {
            Unit::Varh | Unit::Kvarh | Unit::Mvarh => 73,
            Unit::W | Unit::KW | Unit::MW => 38,
            Unit::Vah | Unit::KVAh | Unit::MVAh => 71,
            Unit::Wh | Unit::KWh | Unit::MWh => 72,
        };
        let from_customer = matches!(
            kind.register,
            Some(RegisterKind::ExportTotal | RegisterKind::ReactiveReverse)
        );
        // kind 12 is energy, 8 demand.
        let (what, flow) = (if unit == 38 { 8 } else { 12 }, if from_customer { 19 } else { 1 });
        self.leaf("accumulationBehaviour", &kind.accumulation.to_string())?;
        self.leaf("commodity", "1")?;
        self.leaf("dataQualifier", "12")?;
        self.leaf("flowDirection", &flow.to_string())?;
        if let Some(seconds) = kind.interval_s {
            self.leaf("intervalLength", &seconds.to_string())?;
        }
        self.leaf("kind", &what.to_string())?;
        self.leaf("powerOfTenMultiplier", &kind.power_of_ten.to_string())?;
        self.leaf("timeAttribute", "0")?;
        self.leaf("uom", &unit.to_string())
    }

    fn blocks(&mut self, series: &Series, up: &str) -> io::Result<()> {
        let mut rest = series.readings.as_slice();
        let mut number = 0;
        while let Some(first) = rest.first() {
            let end = first.from.plus_seconds(BLOCK_S);
            let count = rest.iter().take_while(|r| r.from < end).count().max(1);
            let (block, later) = rest.split_at(count);
            number += 1;
            let own = format!("{up}/{number}");
            self.entry((&own, up, &[]), "", "IntervalBlock", |out| out.block(block))?;
            rest = later;
        }
        Ok(())
    }

    fn block(&mut self, readings: &[Reading]) -> io::Result<()> {
        let start = readings.first().map_or(0, |r| seconds(r.from));
        let end = readings.iter().map(|r| seconds(r.from) + i64::from(r.duration_s)).max();
        self.open("interval")?;
        self.leaf("duration", &(end.unwrap_or(start) - start).to_string())?;
        self.leaf("start", &start.to_string())?;
        self.close("interval")?;
        for reading in readings {
            self.open("IntervalReading")?;
            self.open("ReadingQuality")?;
            self.leaf("quality", &reading.mark.espi_quality().to_string())?;
            self.close("ReadingQuality")?;
            self.open("timePeriod")?;
            self.leaf("duration", &reading.duration_s.to_string())?;
            self.leaf("start", &seconds(reading.from).to_string())?;
            self.close("timePeriod")?;
            self.leaf("value", &reading.value.to_string())?;
            self.close("IntervalReading")?;
        }
        Ok(())
    }
}

fn seconds(at: kernel::Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// A number as part of a link; its place in the feed when it has none or one with a slash.
fn part(id: &str, index: usize) -> String {
    let clean =
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if clean { id.to_owned() } else { format!("{}", index + 1) }
}

/// A uuid of version 8 (own scheme) made from a link, by FNV-1a over 128 bits.
fn uuid(link: &str) -> String {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in link.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    // Version and variant bits of RFC 9562.
    let hash = hash & !(0xF << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
    let text = format!("{hash:032x}");
    let cut = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    format!("urn:uuid:{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::{Limits, Policy, espi::read},
        reading::{Mark, Method},
    };
    use kernel::Instant;
    use proptest::prelude::*;

    fn any_series() -> impl Strategy<Value = Series> {
        let marks = [
            Mark::RAW,
            Mark::VALID,
            Mark::estimated(Method::Linear),
            Mark::estimated(Method::LikeDay),
        ];
        let reading =
            (0_i64..2_000, -10_000_i64..1_000_000, proptest::sample::select(marks.to_vec()));
        let kinds = [RegisterKind::Total, RegisterKind::ExportTotal, RegisterKind::ReactiveForward];
        (
            proptest::collection::btree_map(0_i64..900, reading, 0..60),
            proptest::sample::select(kinds.to_vec()),
            "[A-Za-z0-9]{1,6}",
            "[a-z <>&户\"']{0,12}",
        )
            .prop_map(|(readings, register, id, title)| Series {
                id,
                title: title.trim().to_owned(),
                reading_type: ReadingType::interval_energy(register, 900),
                readings: readings
                    .into_iter()
                    .map(|(slot, (_, value, mark))| Reading {
                        from: Instant::from_micros((1_700_000_000 + slot * 900) * 1_000_000),
                        duration_s: 900,
                        value,
                        mark,
                    })
                    .collect(),
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_is_written_reads_back(series in proptest::collection::vec(any_series(), 1..4)) {
            let series: Vec<Series> = series
                .into_iter()
                .enumerate()
                .map(|(i, one)| Series { id: format!("{}{i}", one.id), ..one })
                .collect();
            let feed = Feed {
                title: "用电数据 <2026> & more".to_owned(),
                updated: Some(Instant::from_micros(1_780_000_000_000_000)),
                utc_offset_s: Some(28_800),
                usage_points: vec![UsagePoint { id: "330100".to_owned(), title: "家".to_owned(), series }],
            };
            let mut bytes = Vec::new();
            write(&feed, &mut bytes).unwrap();
            let (back, report) = read(bytes.as_slice(), "f.xml", Policy::RefuseWhole, Limits::default()).unwrap();
            prop_assert_eq!(report.problem_count, 0);
            prop_assert_eq!(back, feed);
        }
    }

    #[test]
    fn ids_are_uuids_and_differ() {
        let one = uuid("a");
        assert_eq!(one.len(), "urn:uuid:".len() + 36);
        assert_eq!(one.as_bytes()["urn:uuid:".len() + 14], b'8');
        assert_ne!(one, uuid("b"));
    }
}
