//! Files that are damaged, hostile or absurd: always an answer with file and reason, never a
//! panic, never memory without bound.

use std::io::{self, Cursor, Read, Write};

use lamplight_metering::{
    codec::{
        CodecError, Limits, Policy, Report, curves_csv, espi, gunzip, intervals_csv, is_gzip,
        is_zip, nem,
        profile::{BUILT_IN, Profile},
        registers_csv,
    },
    reading::Source,
};

const ZONE: &str = "Asia/Shanghai";

type Decode = fn(&[u8], Policy) -> Result<Report, CodecError>;

fn registers(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    registers_csv::decode(bytes, "f", ZONE, Source::Ami, policy, Limits::default(), &mut |_| {})
}

fn intervals(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    intervals_csv::decode(bytes, "f", ZONE, policy, Limits::default(), &mut |_| {})
}

fn curves(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    curves_csv::decode(bytes, "f", policy, Limits::default(), &mut |_| {})
}

fn matrix(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    let profile = Profile::parse(BUILT_IN[0].1).unwrap();
    intervals_csv::decode_with(bytes, "f", &profile, policy, Limits::default(), &mut |_| {})
}

fn nem_file(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    let options = nem::Options { policy, ..nem::Options::default() };
    let mut take = |item: nem::Item<'_>| {
        if let nem::Item::Day(channel, day) = item {
            let _ = day.block(channel);
        }
    };
    let _ = nem::decode_nem12_summary(bytes, "f");
    nem::decode_bytes(bytes, "f", options, &mut take)
}

fn green_button(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    espi::read(bytes, "f", policy, Limits::default()).map(|(_, report)| report)
}

/// A good file of each kind.
fn samples() -> Vec<(&'static str, Decode, Vec<u8>)> {
    let mut readings = String::from("usage_point,meter,at,total,peak,valley,source,revision\n");
    let mut values = String::from("usage_point,from,minutes,value_kwh,quality\n");
    let mut table = String::from("record_date,1,2,3,total\n");
    for day in 1..=28 {
        readings +=
            &format!("33010{day},M{day},2026-06-{day:02} 00:00,{day}00.25,{day}.1,0,ami,0\n");
        values += &format!("330100,2026-06-{day:02} 00:15,15,0.{day},valid\n");
        table += &format!("2026-06-{day:02},{day},1,{day}000,{day}\n");
    }
    let slots: Vec<String> = (1..=24).map(|slot| format!("v{slot}")).collect();
    let mut hours = format!("usage_point,day,{}\n", slots.join(","));
    for day in 1..=9 {
        hours += &format!("33010{day},2026-06-{day:02}{}\n", ",0.5".repeat(24));
    }
    let day = vec!["1.25"; 48].join(",");
    let market = format!(
        "100,NEM12,202606300000,M,R\n200,NMI1,E1,1,E1,N1,S1,kWh,30,\n300,20260629,{day},V,,,20260630,\n\
         400,1,48,S14,1,x\n500,O,S1,20260630,12.5\n900\n"
    );
    let basic = "100,NEM13,202606300000,M,R\n250,N1,11,1,11,11,M1,E,12.5,20260501000000,A,,,\
        15.5,20260601000000,A,,,3.0,kWh,20260701,20260602000000,20260602000000\n550,N,,A,\n900\n";
    let mut zipped = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zipped.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zipped.write_all(market.as_bytes()).unwrap();
    let zipped = zipped.finish().unwrap().into_inner();
    let mut atom = Vec::new();
    let reading = |i: i64| espi::Reading {
        from: kernel::Instant::from_micros((1_780_000_000 + i * 900) * 1_000_000),
        duration_s: 900,
        value: i * 7,
        mark: lamplight_metering::reading::Mark::VALID,
    };
    let series = espi::Series {
        id: "1".to_owned(),
        title: "家".to_owned(),
        reading_type: espi::ReadingType::interval_energy(
            lamplight_metering::reading::RegisterKind::Total,
            900,
        ),
        readings: (0..20).map(reading).collect(),
    };
    let point =
        espi::UsagePoint { id: "1".to_owned(), title: "x".to_owned(), series: vec![series] };
    let feed = espi::Feed { usage_points: vec![point], ..espi::Feed::default() };
    espi::write(&feed, &mut atom).unwrap();
    vec![
        ("registers", registers, readings.into_bytes()),
        ("intervals", intervals, values.into_bytes()),
        ("curves", curves, hours.into_bytes()),
        ("matrix", matrix, table.into_bytes()),
        ("nem12", nem_file, market.into_bytes()),
        ("nem13", nem_file, basic.as_bytes().to_vec()),
        ("nem12 zipped", nem_file, zipped),
        ("green button", green_button, atom),
    ]
}

/// A small generator with a seed: the same damage on every machine.
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    /// One to four changes: bytes flipped, cut, repeated, put in, pieces swapped.
    fn to(&mut self, good: &[u8]) -> Vec<u8> {
        const PIECES: [&[u8]; 16] = [
            b"\0",
            b"\"",
            b",",
            b"\n",
            b"\r\n",
            b"NaN",
            b"1e400",
            b"-99999999999999999999",
            b"=1+1",
            b"\xFF\xFE",
            b"\xEF\xBB\xBF",
            b"9999",
            b"<",
            b"&x;",
            b"\xD6\xD0",
            b"2026-02-30",
        ];
        let mut bytes = good.to_vec();
        for _ in 0..=self.next(4) {
            let (at, to) = (self.next(bytes.len() + 1), self.next(bytes.len() + 1));
            let (from, to) = (at.min(to), at.max(to));
            match self.next(6) {
                0 => bytes.truncate(from),
                1 => drop(bytes.drain(from..to.min(from + 40))),
                2 => {
                    let piece = PIECES[self.next(PIECES.len())];
                    bytes.splice(from..from, piece.iter().copied());
                }
                3 if from < bytes.len() => bytes[from] = u8::try_from(self.next(256)).unwrap(),
                4 => {
                    let copy = bytes[from..to.min(from + 300)].to_vec();
                    bytes.splice(to..to, copy);
                }
                _ => {
                    let piece = PIECES[self.next(PIECES.len())];
                    let end = (from + piece.len()).min(bytes.len());
                    bytes.splice(from..end, piece.iter().copied());
                }
            }
        }
        bytes
    }
}

#[test]
fn good_files_have_no_problems() {
    for (kind, decode, good) in samples() {
        let report = decode(&good, Policy::RefuseWhole).unwrap();
        assert!(report.kept > 0 && report.problem_count == 0, "{kind}");
    }
}

/// `METERING_FUZZ_ROUNDS` sets how many damaged files of each kind are tried.
#[test]
fn damaged_files_are_answered_for() {
    let rounds = std::env::var("METERING_FUZZ_ROUNDS").ok().and_then(|r| r.parse().ok());
    for (kind, decode, good) in samples() {
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for round in 0..rounds.unwrap_or(200) {
            let bytes = damage.to(&good);
            match decode(&bytes, Policy::KeepGood) {
                Ok(report) => {
                    for problem in &report.problems {
                        assert!(
                            !problem.reason.is_empty() && problem.file == "f",
                            "{kind} {round}"
                        );
                    }
                    let refused = decode(&bytes, Policy::RefuseWhole);
                    assert_eq!(report.problem_count == 0, refused.is_ok(), "{kind} {round}");
                }
                Err(CodecError::Refused(problem)) => {
                    assert!(!problem.reason.is_empty() && problem.file == "f", "{kind} {round}");
                }
                Err(CodecError::Io { source, .. }) => panic!("{kind} {round}: {source}"),
            }
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_answered_for() {
    for (kind, decode, good) in samples() {
        for end in (0..good.len()).step_by(3) {
            let policy = if end % 2 == 0 { Policy::KeepGood } else { Policy::RefuseWhole };
            let answer = decode(&good[..end], policy);
            assert!(!matches!(answer, Err(CodecError::Io { .. })), "{kind} cut at {end}");
        }
    }
}

#[test]
fn a_zip_bomb_is_refused_while_it_unpacks() {
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    bomb.write_all(b"100,NEM12,202606300000,M,R\n").unwrap();
    let zeros = vec![b'0'; 1 << 20];
    (0..16).for_each(|_| bomb.write_all(&zeros).unwrap());
    let bytes = bomb.finish().unwrap().into_inner();
    assert!(is_zip(&bytes) && bytes.len() < 100_000);
    let error = nem_file(&bytes, Policy::KeepGood).unwrap_err();
    assert!(
        matches!(&error, CodecError::Refused(problem) if problem.code == "limit.unpacked"),
        "{error}"
    );
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn gzipped_registers(bytes: &[u8], policy: Policy) -> Result<Report, CodecError> {
    let limits = Limits::default();
    let stream = gunzip(bytes, u64::try_from(bytes.len()).unwrap(), limits);
    registers_csv::decode(stream, "f", ZONE, Source::Ami, policy, limits, &mut |_| {})
}

#[test]
fn a_gzip_stream_is_read_as_it_is_cut_ones_and_bombs_are_refused() {
    let (_, _, good) = samples().swap_remove(0);
    let packed = gzipped(&good);
    assert!(is_gzip(&packed) && !is_gzip(&good) && !is_zip(&packed));
    let plain = registers(&good, Policy::RefuseWhole).unwrap();
    assert_eq!(gzipped_registers(&packed, Policy::RefuseWhole).unwrap(), plain);
    let two =
        [packed.as_slice(), &gzipped(b"330101,M1,2026-07-01 00:00,9999,1,0,ami,0\n")].concat();
    assert_eq!(gzipped_registers(&two, Policy::RefuseWhole).unwrap().kept, plain.kept + 1);
    let code = |bytes: &[u8]| match gzipped_registers(bytes, Policy::KeepGood) {
        Err(CodecError::Refused(problem)) => problem.code,
        other => panic!("{other:?}"),
    };
    for end in (20..packed.len()).step_by(11) {
        assert_eq!(code(&packed[..end]), "zip.damaged", "cut at {end}");
    }
    let mut other_sum = packed.clone();
    let at = other_sum.len() - 6;
    other_sum[at] ^= 1;
    assert_eq!(code(&other_sum), "zip.damaged");
    let bomb = gzipped(&[&good[..], &vec![b'\n'; 4 << 20]].concat());
    assert!(bomb.len() < 20_000);
    assert_eq!(code(&bomb), "limit.unpacked");
    let mut damage = Damage(0x0123_4567_89AB_CDEF);
    for _ in 0..200 {
        let answer = gzipped_registers(&damage.to(&packed), Policy::KeepGood);
        assert!(!matches!(answer, Err(CodecError::Io { .. })), "{answer:?}");
    }
}

#[test]
fn a_zip_of_several_files_is_refused() {
    let mut several = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.csv", "b.csv"] {
        several.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    }
    let bytes = several.finish().unwrap().into_inner();
    let error = nem_file(&bytes, Policy::KeepGood).unwrap_err();
    assert_eq!(error.to_string(), "f: the zip file holds 2 files; it must hold exactly one");
}

#[test]
fn lines_without_end_are_skipped_and_the_rest_read() {
    let header = "usage_point,from,minutes,value_kwh\n";
    let row = "1,2026-06-30 00:00,15,1\n";
    let endless = header.as_bytes().chain(io::repeat(b'x').take(16 << 20));
    let stream = endless.chain(&b"\n"[..]).chain(row.as_bytes());
    let limits = Limits::default();
    let report =
        intervals_csv::decode(stream, "f", ZONE, Policy::KeepGood, limits, &mut |_| {}).unwrap();
    assert_eq!((report.kept, report.problem_count), (1, 1));
    assert_eq!(report.problems[0].code, "limit.line_too_long");
    assert_eq!(report.problems[0].line, 2);
}

#[test]
fn hostile_xml_is_refused() {
    for (text, code) in [
        ("", "espi.cut_off"),
        ("<html></html>", "espi.no_feed"),
        ("<feed><entry></feed>", "espi.not_xml"),
        ("<!DOCTYPE f [<!ENTITY a \"b\">]><feed>&a;</feed>", "espi.doctype"),
        ("<feed>&a;</feed>", "espi.entity"),
        ("<feed><entry>", "espi.cut_off"),
    ] {
        let error = green_button(text.as_bytes(), Policy::KeepGood).unwrap_err();
        assert!(
            matches!(&error, CodecError::Refused(problem) if problem.code == code),
            "{text}: {error}"
        );
    }
    let deep = "<feed>".repeat(100);
    assert!(green_button(deep.as_bytes(), Policy::KeepGood).is_err());
    let limits = Limits { document_bytes: 1_000, ..Limits::default() };
    let large = espi::read(io::repeat(b' '), "f", Policy::KeepGood, limits);
    assert!(matches!(large, Err(CodecError::Refused(problem)) if problem.code == "limit.unpacked"));
}
