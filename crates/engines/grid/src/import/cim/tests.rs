//! Small documents in both forms of ids, and documents that are damaged or hostile.

use std::io::{BufReader, Read};

use super::*;
use crate::{Phases, network::EdgeKind};

/// A source, a switch, a line of phase A, a transformer with a split secondary, a consumer, and
/// a usage point; `{about}` and `{to}` are how ids are told and referred to.
fn document(about: (&str, &str), to: &str) -> String {
    let id = |n: u32| format!("{}{n:08X}-0000-4000-8000-000000000000\"", about.0);
    let re = |n: u32| format!("rdf:resource=\"{to}{n:08X}-0000-4000-8000-000000000000\"/>");
    let mut text =
        String::from("<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"r\" xmlns:cim=\"c\">\n");
    let mut object = |class: &str, n: u32, name: &str, inner: &str| {
        text += &format!(
            "<cim:{class} {}>\n<cim:IdentifiedObject.name>{name}</cim:IdentifiedObject.name>\n{inner}</cim:{class}>\n",
            id(n)
        );
    };
    for node in 1..=4 {
        object("ConnectivityNode", node, &format!("n{node}"), "");
    }
    object("EnergySource", 10, "source", "");
    object(
        "LoadBreakSwitch",
        11,
        "switch &amp; co",
        "<cim:Switch.normalOpen>false</cim:Switch.normalOpen><cim:Switch.open>true</cim:Switch.open>",
    );
    object("ACLineSegment", 12, "line", "");
    object("PowerTransformer", 13, "dt", "");
    object(
        "EnergyConsumer",
        14,
        "home",
        "<cim:EnergyConsumer.customerCount>3</cim:EnergyConsumer.customerCount>",
    );
    for (n, (equipment, node, sequence)) in [
        (10, 1, 1),
        (11, 1, 1),
        (11, 2, 2),
        (12, 2, 1),
        (12, 3, 2),
        (13, 3, 1),
        (13, 4, 2),
        (14, 4, 1),
    ]
    .into_iter()
    .enumerate()
    {
        let inner = format!(
            "<cim:Terminal.ConductingEquipment {}<cim:Terminal.ConnectivityNode {}\
             <cim:ACDCTerminal.sequenceNumber>{sequence}</cim:ACDCTerminal.sequenceNumber>\n",
            re(equipment),
            re(node)
        );
        object("Terminal", 20 + crate::small(n), "t", &inner);
    }
    object(
        "TransformerTank",
        15,
        "tank",
        &format!("<cim:TransformerTank.PowerTransformer {}", re(13)),
    );
    for (n, terminal, code) in [(1, 25, "AN"), (2, 26, "s1N"), (3, 26, "Ns2")] {
        let inner = format!(
            "<cim:TransformerTankEnd.TransformerTank {}<cim:TransformerEnd.Terminal {}\
             <cim:TransformerEnd.endNumber>{n}</cim:TransformerEnd.endNumber>\
             <cim:TransformerTankEnd.orderedPhases rdf:resource=\"c#OrderedPhaseCodeKind.{code}\"/>\n",
            re(15),
            re(terminal)
        );
        object("TransformerTankEnd", 40 + n, "end", &inner);
    }
    for (n, class, of, code) in [
        (50, "ACLineSegmentPhase.ACLineSegment", 12, "A"),
        (51, "EnergyConsumerPhase.EnergyConsumer", 14, "s1"),
        (52, "EnergyConsumerPhase.EnergyConsumer", 14, "s2"),
    ] {
        let (class, _) = class.split_once('.').map_or((class, ""), |(c, p)| (c, p));
        let owner = if of == 12 { "ACLineSegment" } else { "EnergyConsumer" };
        let inner = format!(
            "<cim:{class}.{owner} {}<cim:{class}.phase rdf:resource=\"c#SinglePhaseKind.{code}\"/>\n",
            re(of)
        );
        object(class, n, "phase", &inner);
    }
    text += "</rdf:RDF>\n";
    text
}

fn about() -> String {
    document(("rdf:about=\"urn:uuid:", ""), "urn:uuid:")
}

fn read_text(text: &str) -> Result<Imported, ImportError> {
    read("net.xml", text.as_bytes(), Limits::default())
}

fn refused(text: &str) -> (u64, &'static str) {
    match read_text(text) {
        Err(ImportError::Refused(problem)) => (problem.line, problem.code),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn both_forms_of_ids_are_the_same_network() {
    for text in [about(), document(("rdf:ID=\"_", ""), "#_")] {
        let imported = read_text(&text).unwrap();
        assert_eq!(imported.problems.first, []);
        assert_eq!(imported.classes["Terminal"], 8);
        assert_eq!(imported.customers, 3);
        assert_eq!(imported.switched, [(0, Phases::NONE)]);
        let kinds = [EdgeKind::LoadBreakSwitch, EdgeKind::Line, EdgeKind::Transformer];
        assert_eq!(imported.rows.edges.kind, kinds);
        assert_eq!(imported.rows.edges.names.get(0), "switch & co");
        let (network, report) = imported.finish().unwrap();
        assert!(report.is_clean(), "{report:?}");
        assert_eq!((report.nodes_reached, report.usage_points_reached), (4, 1));
        // The split secondary, and the home on it, are on the phase of their transformer.
        assert_eq!(network.rows().edges.phases[2].live(), Phases::A);
        assert_eq!(network.rows().points.phases[0].live(), Phases::A);
    }
}

#[test]
fn gzip_is_read_as_it_is() {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(about().as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    assert_eq!(read_bytes("n.xml.gz", &packed, Limits::default()).unwrap().classes["Terminal"], 8);
    let cut = &packed[..packed.len() / 2];
    let error = read_bytes("n.xml.gz", cut, Limits::default()).unwrap_err();
    assert!(matches!(error, ImportError::Refused(_)), "{error:?}");
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    let text = about();
    let end = text.trim_end().len();
    for cut in (60..end).step_by(37).chain([end - 1, end - 11]) {
        let error = read_text(&text[..cut]).unwrap_err();
        assert!(matches!(error, ImportError::Refused(_)), "cut at {cut}: {error:?}");
    }
    assert_eq!(refused(&text[..text.len() - 12]).1, "cim.truncated");
}

#[test]
fn entities_are_never_expanded() {
    let laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\">\
        <!ENTITY lol2 \"&lol;&lol;&lol;&lol;\">]>\n<rdf:RDF xmlns:rdf=\"r\">&lol2;</rdf:RDF>";
    assert_eq!(refused(laughs).1, "cim.doctype");
    assert_eq!(refused("<rdf:RDF xmlns:rdf=\"r\">\n&lol2;</rdf:RDF>"), (2, "cim.entity"));
}

#[test]
fn what_is_no_cim_is_said_to_be_none() {
    assert_eq!(refused("").1, "cim.no_rdf");
    assert_eq!(refused("<html></html>").1, "cim.no_rdf");
    assert_eq!(refused("<rdf:RDF xmlns:rdf=\"r\"><a></b></rdf:RDF>").1, "cim.xml");
    let deep = format!("<rdf:RDF xmlns:rdf=\"r\">{}", "<a>".repeat(99));
    assert_eq!(refused(&deep).1, "limit.depth");
}

/// References that go round in circles, lead to the wrong kind of thing, or to nothing.
#[test]
fn cyclic_and_lost_references_become_problems() {
    let text = "<rdf:RDF xmlns:rdf=\"r\" xmlns:cim=\"c\">
<cim:PowerTransformer rdf:ID=\"_p\"/>
<cim:TransformerTank rdf:ID=\"_t\"><cim:TransformerTank.PowerTransformer rdf:resource=\"#_t\"/></cim:TransformerTank>
<cim:TransformerTankEnd rdf:ID=\"_e\"><cim:TransformerTankEnd.TransformerTank rdf:resource=\"#_t\"/><cim:TransformerEnd.Terminal rdf:resource=\"#_e\"/></cim:TransformerTankEnd>
<cim:Feeder rdf:ID=\"_f\"><cim:Feeder.NormalEnergizingSubstation rdf:resource=\"#_f\"/></cim:Feeder>
<cim:ConnectivityNode rdf:ID=\"_n\"><cim:ConnectivityNode.ConnectivityNodeContainer rdf:resource=\"#_n\"/></cim:ConnectivityNode>
<cim:Terminal rdf:ID=\"_x\"><cim:Terminal.ConductingEquipment rdf:resource=\"#_x\"/><cim:Terminal.ConnectivityNode rdf:resource=\"#_x\"/></cim:Terminal>
<cim:Terminal rdf:ID=\"_y\"><cim:Terminal.ConductingEquipment rdf:resource=\"#_nowhere\"/><cim:Terminal.ConnectivityNode rdf:resource=\"#_n\"/></cim:Terminal>
<cim:ACLineSegment rdf:ID=\"_l\"/>
<cim:ACLineSegment rdf:ID=\"_l\"/>
<cim:ACLineSegment/>
<cim:UsagePoint rdf:ID=\"_u\"><cim:UsagePoint.Equipments rdf:resource=\"#_u\"/></cim:UsagePoint>
</rdf:RDF>";
    let imported = read_text(text).unwrap();
    let found: Vec<_> = imported.problems.first.iter().map(|p| (p.line, p.code)).collect();
    let unknown = "cim.unknown_connection";
    let expected = [
        (2, unknown),
        (3, unknown),
        (7, unknown),
        (8, unknown),
        (9, unknown),
        (10, "cim.twice"),
        (11, "cim.no_id"),
        (12, unknown),
    ];
    let mut found = found;
    found.sort_unstable();
    assert_eq!(found, expected);
    let (_, report) = imported.finish().unwrap();
    assert_eq!((report.nodes, report.edges, report.usage_points), (1, 0, 0));
    assert_eq!(report.islands.count, 1);
}

#[test]
fn bounds_are_stated_and_kept() {
    let small = Limits { triples: 40, ..Limits::default() };
    let error = read("net.xml", about().as_bytes(), small).unwrap_err();
    assert!(error.to_string().contains("more than 40 statements"), "{error}");
    let small = Limits { bytes: 100, ..Limits::default() };
    let error = read("net.xml", about().as_bytes(), small).unwrap_err();
    assert!(error.to_string().contains("more than 100 bytes"), "{error}");
    let flood = format!("<rdf:RDF xmlns:rdf=\"r\">{}", "x".repeat(3 << 20));
    assert_eq!(refused(&flood).1, "limit.piece");
}

/// A document of ten million statements, made as it is read: refused at the limit, and not read
/// any further.
#[test]
fn a_flood_of_statements_is_refused_at_the_limit() {
    struct Flood {
        left: usize,
    }
    impl Read for Flood {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let objects = (into.len() / 4).min(self.left);
            for four in into.chunks_exact_mut(4).take(objects) {
                four.copy_from_slice(b"<T/>");
            }
            self.left -= objects;
            Ok(objects * 4)
        }
    }
    let mut flood = Flood { left: 10_000_000 };
    let head = &b"<rdf:RDF xmlns:rdf=\"r\">"[..];
    let limits = Limits { triples: 100_000, ..Limits::default() };
    let source = BufReader::new(head.chain(&mut flood));
    let error = read("flood.xml", source, limits).unwrap_err();
    assert!(error.to_string().contains("more than 100000 statements"), "{error}");
    assert!(flood.left > 9_800_000);
}
