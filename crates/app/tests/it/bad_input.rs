//! Files as people really hand them in, through the public import command: each is taken, taken in
//! part or refused, with a message that says where and why, and nothing is ever half done.

use std::io::Write as _;

use crate::bureau::{Bureau, Said};

const HEAD: &str = "usage_point,at,total\n";

/// What is handed in and what must be said.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// Good rows under `keep-good`; `None`: the file as a whole is refused.
    good: Option<i64>,
    /// How many rows the file really holds that are neither good nor known already: bad ones.
    bad: i64,
    /// What the command says, each of it.
    words: &'static [&'static str],
}

fn case(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    (good, bad): (Option<i64>, i64),
    words: &'static [&'static str],
) -> Case {
    Case { name, bytes: bytes.into(), good, bad, words }
}

fn rows(lines: &[&str]) -> String {
    format!("{HEAD}{}\n", lines.join("\n"))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn gbk(text: &str) -> Vec<u8> {
    // 户号,抄表时间,总 in GBK; the rest is ASCII.
    let head = b"\xBB\xA7\xBA\xC5,\xB3\xAD\xB1\xED\xCA\xB1\xBC\xE4,\xD7\xDC\r\n";
    [head, text.as_bytes()].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn cases() -> Vec<Case> {
    let bomb = [HEAD.as_bytes(), &vec![b'\n'; 4 << 20]].concat();
    let long = format!("{HEAD}{}\n4200000000,2026-01-06 00:00,1025.0\n", "x".repeat(2 << 20));
    let good_gzip = gzip(rows(&["4200000002,2026-01-05 00:00,1020.0"]).as_bytes());
    vec![
        case("empty.csv", "", (None, 0), &["empty.csv", "the file is empty"]),
        case("columns.csv", "meter,total\nM0,1\n", (None, 0), &["columns.csv:1", "usage_point"]),
        case("twice.csv", "usage_point,at,total,total\n", (None, 0), &["twice.csv:1", "twice"]),
        case("units.csv", "usage_point,at,total_kw\n", (None, 0), &["units.csv:1", "total_kw"]),
        case("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), (None, 0), &["picture.csv"]),
        case("bomb.csv.gz", gzip(&bomb), (None, 0), &["bomb.csv.gz", "more than", "refused"]),
        case("cut.csv.gz", good_gzip[..good_gzip.len() - 12].to_vec(), (None, 0), &["cut off"]),
        case("good.csv.gz", good_gzip, (Some(1), 0), &["1 taken"]),
        case("header.csv", HEAD, (Some(0), 0), &["0 values"]),
        case(
            "bom.csv",
            format!("\u{feff}{}", rows(&["4200000000,2026-01-02 00:00,1005.0"])),
            (Some(1), 0),
            &["1 taken"],
        ),
        case("gbk.csv", gbk("4200000001,2026-01-02 00:00,1005.0\r\n"), (Some(1), 0), &["1 taken"]),
        case(
            "utf16.csv",
            utf16(&rows(&["4200000002,2026-01-02 00:00,1005.0"])),
            (Some(1), 0),
            &["1 taken"],
        ),
        case(
            "cut.csv",
            format!("{HEAD}4200000000,2026-01-03 00:00,1010.0\n4200000000,2026-01-0"),
            (Some(1), 1),
            &["cut.csv:3", "2 cells, the header 3", "1 × csv.cell_count"],
        ),
        case(
            "order.csv",
            rows(&[
                "4200000001,2026-01-05 00:00,1020.0",
                "4200000001,2026-01-04 00:00,1015.0",
                "4200000001,2026-01-03 00:00,1010.0",
            ]),
            (Some(3), 0),
            &["3 taken, 0 not"],
        ),
        case(
            "double.csv",
            rows(&["4200000001,2026-01-06 00:00,1025.0", "4200000001,2026-01-06 00:00,1025.0"]),
            (Some(1), 0),
            &["1 taken, 0 not"],
        ),
        case(
            "conflict.csv",
            rows(&["4200000002,2026-01-03 00:00,1010.0", "4200000002,2026-01-03 00:00,1011.0"]),
            (Some(2), 1),
            &["conflict.csv:3", "another reading of 4200000002"],
        ),
        case(
            "unknown.csv",
            rows(&["9900000000,2026-01-03 00:00,1", "4200000000,2025-11-03 00:00,1"]),
            (Some(0), 2),
            &["unknown.csv:2: usage_point", "unknown.csv:3", "reading.no_meter"],
        ),
        case(
            "impossible.csv",
            rows(&[
                "4200000000,2026-01-04 00:00,-5",
                "4200000000,2026-01-04 00:00,NaN",
                "4200000000,2026-01-04 00:00,1e400",
                "4200000000,2026-01-04 00:00,12345678.0",
                "4200000000,2026-02-30 00:00,1030.0",
                "4200000000,2190-01-04 00:00,1030.0",
                "4200000000,2026-01-07 00:00,1030.0",
            ]),
            (Some(1), 6),
            &["impossible.csv:2", "impossible.csv:6", "6 not", "reading.in_future"],
        ),
        case(
            "formula.csv",
            rows(&["=cmd|'/c calc'!A1,2026-01-04 00:00,1", "4200000000,2026-01-04 00:00,=1+1"]),
            (Some(0), 2),
            &["2 × csv.formula", "formula.csv:2", "formula.csv:3"],
        ),
        case(
            "quote.csv",
            rows(&["\"4200000000,2026-01-05 00:00,1", "4200000000,2026-01-05 00:00,1020.0"]),
            (Some(1), 1),
            &["quote.csv:2", "1 taken, 1 not"],
        ),
        case("long.csv", long, (Some(1), 1), &["long.csv:2", "longer than"]),
        case(
            "nem12.csv",
            "100,NEM12,202606300000,M,R\n200,4200000000,E1,1,E1,N1,S1,kWh,30,\n300,20260129,1.25,1",
            (Some(0), 2),
            &["nem12.csv:3"],
        ),
        case(
            "green.xml",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>",
            (None, 0),
            &["green.xml"],
        ),
        case(
            "entity.xml",
            "<!DOCTYPE f [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><feed>&a;</feed>",
            (None, 0),
            &["entity.xml:1"],
        ),
        case("cut.parquet", b"PAR1\x15\x04\x15".to_vec(), (None, 0), &["cut.parquet", "Parquet"]),
    ]
}

fn import(bureau: &Bureau, name: &str, policy: &str) -> Said {
    let path = bureau.folder.path().join(name);
    bureau.say(&["import", "readings", path.to_str().unwrap(), "--policy", policy])
}

/// Each file twice: first to be refused if anything is wrong with it, then to keep what is good.
#[test]
fn every_bad_file_is_answered_for_and_nothing_is_half_done() {
    let bureau = Bureau::new();
    for case in cases() {
        bureau.file(case.name, &case.bytes);
        let before = bureau.counted();
        let is_good = case.good.is_some() && case.bad == 0;
        if !is_good {
            let refused = import(&bureau, case.name, "refuse-whole");
            let said = format!("{}: {}{}", case.name, refused.out, refused.err);
            assert_eq!(refused.code, Some(1), "{said}");
            assert!(said.contains("refused") || case.good.is_none(), "{said}");
            assert_eq!(bureau.counted(), before, "{said}");
        }
        let kept = import(&bureau, case.name, "keep-good");
        let said = format!("{}: {}{}", case.name, kept.out, kept.err);
        assert_eq!(kept.code, Some(i32::from(case.good.is_none())), "{said}");
        for words in case.words {
            assert!(said.contains(words), "{words:?} is not in {said}");
        }
        assert!(said.lines().all(|line| line.len() < 1_000), "{said}");
        let rows: i64 = before.iter().map(|(_, rows)| rows).sum();
        assert_eq!(bureau.rows() - rows, case.good.unwrap_or(0), "{said}");
    }
    let absent = import(&bureau, "nowhere.csv", "keep-good");
    assert_eq!(absent.code, Some(1));
    assert!(absent.err.contains("nowhere.csv"), "{}", absent.err);
}

/// Lists are loaded by line; what is wrong with a line is told for all its fields at once.
#[test]
fn lists_name_every_wrong_line_and_keep_or_refuse_as_chosen() {
    let bureau = Bureau::new();
    let people = "account_no,name,address,class,voltage,opened_on\n\
        4200000010,王小明,阳光花园10栋,residential,220V,2026-01-01\n\
        4200000011,王小明,,castle,high,2026-02-30\n\
        4200000012,=1+1,阳光花园12栋,residential,220V,2026-01-01\n\
        4200000013,王小明\n";
    let meters = "usage_point,asset_no,installed_on,decimals,opening_total\n\
        4200000010,M10,2026-01-01,1,5.0\n\
        9900000000,M11,2026-01-01,1,5.0\n\
        4200000000,=2+2,2026-01-01,x,-1\n";
    let agreements = "usage_point,tariff,valid_from\n\
        4200000010,zhejiang/residential,2026-01-01\n\
        9900000000,zhejiang/residential,2026-01-01\n\
        4200000000,zhejiang/residential,soon\n";
    let lists: [(&str, &str, &[&str]); 3] = [
        (
            "customers",
            people,
            &["line 3", "address", "class", "voltage", "opened_on", "line 5", "1 added"],
        ),
        ("meters", meters, &["line 3: usage_point", "line 4: asset_no", "1 added"]),
        ("agreements", agreements, &["line 3: usage_point", "line 4: valid_from", "1 added"]),
    ];
    for (what, text, words) in lists {
        let path = bureau.file(&format!("more-{what}.csv"), text);
        let path = path.to_str().unwrap();
        let refused = bureau.say(&["import", what, path, "--policy", "refuse-whole"]);
        assert_eq!(refused.code, Some(1), "{what}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains("were refused; nothing of them counts"), "{}", refused.err);
        // Nothing of it was kept: the good line is new to the next attempt.
        let kept = bureau.must(&["import", what, path]);
        for words in words {
            assert!(kept.out.contains(words), "{words:?} is not in {}", kept.out);
        }
        let headless = bureau.file("headless.csv", "a,b\n1,2\n");
        let said = bureau.say(&["import", what, headless.to_str().unwrap()]);
        assert_eq!(said.code, Some(1), "{what}: {}", said.out);
        assert!(said.err.contains("column"), "{what}: {}", said.err);
    }
    let tariff = bureau.file("tariff.toml", "[tariff]\nid = \"x/y\"\nname = 1\n");
    let said = bureau.say(&["import", "tariffs", tariff.to_str().unwrap()]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("tariff.toml"), "{}", said.err);
}

/// What a spreadsheet would run comes out as text, wherever people's own words are exported.
#[test]
fn exports_hold_no_formula() {
    let bureau = Bureau::new();
    let text = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tariffs/zhejiang/residential.toml"),
    )
    .unwrap();
    // A label of a bill's line is what the author of the tariff wrote.
    let text = text.replace("zhejiang/residential", "hostile/residential")
        + "\n[[fixed]]\nkey = \"service\"\nrate = \"1\"\nper = \"month\"\n\
           label = { zh = \"=HYPERLINK(1)\", en = \"=1+1\" }\n";
    let tariff = bureau.file("hostile.toml", text);
    bureau.must(&["import", "tariffs", tariff.to_str().unwrap()]);
    // What people are called is refused at the door already, with each field by name.
    let hostile = "account_no,usage_point_code,name,address,class,voltage,opened_on\n\
        =4200000020,-2-3,@SUM(A1),+阳光花园20栋,residential,220V,2026-01-01\n";
    let path = bureau.file("hostile-customers.csv", hostile);
    let said = bureau.must(&["import", "customers", path.to_str().unwrap()]);
    for field in ["account_no", "name", "address", "1 refused"] {
        assert!(said.out.contains(field), "{field}: {}", said.out);
    }
    let people = "account_no,name,address,class,voltage,opened_on\n\
        4200000020,王小明,阳光花园20栋,residential,220V,2026-01-01\n";
    let meters = "usage_point,asset_no,installed_on,decimals,opening_total\n\
        4200000020,M20,2026-01-01,1,1.0\n";
    let agreements = "usage_point,tariff,valid_from\n4200000020,hostile/residential,2026-01-01\n";
    for (what, text) in [("customers", people), ("meters", meters), ("agreements", agreements)] {
        let path = bureau.file(&format!("{what}-20.csv"), text);
        bureau.must(&["import", what, path.to_str().unwrap()]);
    }
    let mut readings = HEAD.to_owned();
    for day in 2..=31 {
        readings += &format!("4200000020,2026-01-{day:02} 00:00,{day}.0\n");
    }
    readings += "4200000020,2026-02-01 00:00,40.0\n";
    let path = bureau.file("hostile.csv", readings);
    bureau.must(&["import", "readings", path.to_str().unwrap()]);
    bureau.must(&["settle", "--from", "2026-01-01", "--through", "2026-01-31"]);
    bureau.must(&["bill", "close", "2026-01-01"]);
    let mut safe = 0;
    for what in ["readings", "use", "bills"] {
        let span = ["--from", "2026-01-01", "--to", "2026-01-31"];
        let args = [&["export", what, "--account", "4200000020"][..], &span].concat();
        let said = bureau.must(&args);
        assert!(said.out.lines().count() > 1, "{what}: {}", said.out);
        for line in said.out.lines() {
            for cell in line.split(',').map(|cell| cell.trim_matches('"')) {
                let number = cell.strip_prefix('-').is_some_and(|n| n.parse::<f64>().is_ok());
                let formula = cell.starts_with(['=', '+', '-', '@', '\t']) && !number;
                assert!(!formula, "{what}: {cell:?} in {line}");
                safe += usize::from(cell.starts_with("'="));
            }
        }
    }
    assert_eq!(safe, 1, "the label of the fixed charge");
}
