//! The objects of a CIM document that a network consists of, as the stream tells them. References
//! may come before what they refer to, so every id gets a number when it is first heard of.

use std::collections::{BTreeMap, HashMap};

use super::{Limits, stream::Sink};
use crate::{
    Phases,
    import::{Problem, Problems},
    network::{EdgeKind, NONE},
    small,
};

/// What an object is for a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Referred to, not told of.
    Unknown,
    /// Of no account; its name is kept for problems.
    Thing,
    Node,
    Terminal,
    Feeder,
    Substation,
    Source,
    Consumer,
    UsagePoint,
    Transformer,
    Tank,
    TankEnd,
    TransformerEnd,
    /// Conducts between its first two terminals.
    Edge(EdgeKind),
    /// A phase of a line, switch, consumer or source.
    Phase,
    BaseVoltage,
    Place,
}

impl Kind {
    fn of(class: &str) -> Option<Self> {
        Some(match class {
            "ConnectivityNode" => Self::Node,
            "Terminal" => Self::Terminal,
            "Feeder" => Self::Feeder,
            "Substation" => Self::Substation,
            "EnergySource" | "ExternalNetworkInjection" => Self::Source,
            "EnergyConsumer" | "ConformLoad" | "NonConformLoad" => Self::Consumer,
            "UsagePoint" => Self::UsagePoint,
            "PowerTransformer" => Self::Transformer,
            "TransformerTank" => Self::Tank,
            "TransformerTankEnd" => Self::TankEnd,
            "PowerTransformerEnd" => Self::TransformerEnd,
            "ACLineSegment" => Self::Edge(EdgeKind::Line),
            "Breaker" | "LoadBreakSwitchBreaker" => Self::Edge(EdgeKind::Breaker),
            "Recloser" => Self::Edge(EdgeKind::Recloser),
            "Sectionaliser" => Self::Edge(EdgeKind::Sectionaliser),
            "LoadBreakSwitch" | "Switch" => Self::Edge(EdgeKind::LoadBreakSwitch),
            "Disconnector" | "GroundDisconnector" => Self::Edge(EdgeKind::Disconnector),
            "Fuse" => Self::Edge(EdgeKind::Fuse),
            "Cut" => Self::Edge(EdgeKind::Fuse),
            "Jumper" | "SeriesCompensator" | "EquivalentBranch" | "Clamp" => {
                Self::Edge(EdgeKind::Other)
            }
            "ACLineSegmentPhase" | "SwitchPhase" | "EnergyConsumerPhase" | "EnergySourcePhase" => {
                Self::Phase
            }
            "BaseVoltage" => Self::BaseVoltage,
            "PositionPoint" => Self::Place,
            // Tables of impedances and limits: many, and of no account here.
            "PhaseImpedanceData"
            | "PerLengthPhaseImpedance"
            | "VoltageLimit"
            | "CurrentLimit"
            | "OperationalLimitSet"
            | "Location"
            | "TopologicalNode" => return None,
            _ => Self::Thing,
        })
    }
}

/// An object: whatever the stream said of it that matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    pub(super) kind: Kind,
    /// Where it stands in the file.
    pub(super) line: u64,
    name: (u32, u32),
    /// The feeder or substation that holds it.
    pub(super) container: u32,
    /// What it belongs to: equipment of a terminal or phase, transformer of a tank or end, tank of
    /// an end, substation of a feeder.
    pub(super) owner: u32,
    /// The node of a terminal, the terminal of an end.
    pub(super) joint: u32,
    pub(super) base_voltage: u32,
    pub(super) location: u32,
    /// Number among its like: of a terminal, of a transformer end.
    pub(super) sequence: u32,
    /// Phases A, B, C, N that were said.
    pub(super) phases: Phases,
    /// Whether phases were said at all; those of a split secondary (s1, s2) are none of A, B, C.
    pub(super) phases_said: bool,
    pub(super) normal_open: Option<bool>,
    pub(super) open: Option<bool>,
    pub(super) customers: u32,
    /// Volts of a base voltage; x and y of a place.
    pub(super) numbers: [f64; 2],
}

const NOTHING: Object = Object {
    kind: Kind::Unknown,
    line: 0,
    name: (0, 0),
    container: NONE,
    owner: NONE,
    joint: NONE,
    base_voltage: NONE,
    location: NONE,
    sequence: 0,
    phases: Phases::NONE,
    phases_said: false,
    normal_open: None,
    open: None,
    customers: 1,
    numbers: [f64::NAN; 2],
};

/// All objects of a document.
pub(super) struct Objects {
    file: String,
    pub(super) classes: BTreeMap<String, u64>,
    pub(super) problems: Problems,
    uuids: HashMap<u128, u32>,
    words: HashMap<Box<str>, u32>,
    all: Vec<Object>,
    names: String,
    /// The object that is being told of, and whether it is the first of its id.
    open: Object,
    open_as: u32,
    /// Usage points and the equipment that they are at.
    pub(super) attached: Vec<(u32, u32)>,
    /// Phases and places, which nothing refers to.
    pub(super) phases: Vec<Object>,
    pub(super) places: Vec<Object>,
}

impl Objects {
    pub(super) fn new(file: &str, limits: Limits) -> Self {
        Self {
            file: file.to_owned(),
            classes: BTreeMap::new(),
            problems: Problems::new(limits),
            uuids: HashMap::new(),
            words: HashMap::new(),
            all: Vec::new(),
            names: String::new(),
            open: NOTHING,
            open_as: NONE,
            attached: Vec::new(),
            phases: Vec::new(),
            places: Vec::new(),
        }
    }

    /// All objects, each with its number.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &Object)> {
        (0..).zip(&self.all)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The object of a number; one of unknown kind when there is no such number.
    pub(super) fn get(&self, number: u32) -> &Object {
        self.all.get(number as usize).unwrap_or(&NOTHING)
    }

    pub(super) fn name(&self, object: &Object) -> &str {
        self.names.get(object.name.0 as usize..object.name.1 as usize).unwrap_or("")
    }

    pub(super) fn problem(&mut self, line: u64, code: &'static str, reason: String) {
        self.problems.push(Problem { file: self.file.clone(), line, code, reason });
    }

    fn number(&mut self, id: &str) -> u32 {
        let id = id.strip_prefix("urn:uuid:").unwrap_or(id);
        let id = id.strip_prefix('#').unwrap_or(id);
        let id = id.strip_prefix('_').unwrap_or(id);
        let next = small(self.all.len());
        let number = match uuid(id) {
            Some(uuid) => *self.uuids.entry(uuid).or_insert(next),
            None => match self.words.get(id) {
                Some(number) => *number,
                None => *self.words.entry(id.into()).or_insert(next),
            },
        };
        if number == next {
            self.all.push(NOTHING);
        }
        number
    }
}

/// A UUID as a number; `None` for anything else.
fn uuid(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let mut value = 0_u128;
    for (at, byte) in text.bytes().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
        } else {
            value = value << 4 | u128::from(char::from(byte).to_digit(16)?);
        }
    }
    Some(value)
}

impl Sink for Objects {
    fn object(&mut self, class: &str, id: &str, line: u64) -> bool {
        match self.classes.get_mut(class) {
            Some(count) => *count += 1,
            None => {
                self.classes.insert(class.to_owned(), 1);
            }
        }
        let Some(kind) = Kind::of(class) else { return false };
        self.open = Object { kind, line, ..NOTHING };
        self.open_as = NONE;
        if matches!(kind, Kind::Phase | Kind::Place) {
            return true;
        }
        if id.is_empty() {
            self.problem(line, "cim.no_id", format!("a {class} has neither rdf:about nor rdf:ID"));
            return false;
        }
        self.open_as = self.number(id);
        let known = self.get(self.open_as);
        if known.kind != Kind::Unknown {
            let first = known.line;
            let reason = format!("{class} {id} is told of twice, first in line {first}");
            self.problem(line, "cim.twice", reason);
            return false;
        }
        true
    }

    fn property(&mut self, name: &str, value: &str) {
        match name {
            "IdentifiedObject.name" => {
                let from = small(self.names.len());
                self.names.push_str(value);
                self.open.name = (from, small(self.names.len()));
            }
            "Terminal.ConductingEquipment"
            | "TransformerTank.PowerTransformer"
            | "TransformerTankEnd.TransformerTank"
            | "PowerTransformerEnd.PowerTransformer"
            | "ACLineSegmentPhase.ACLineSegment"
            | "SwitchPhase.Switch"
            | "EnergyConsumerPhase.EnergyConsumer"
            | "EnergySourcePhase.EnergySource"
            | "PositionPoint.Location"
            | "Feeder.NormalEnergizingSubstation" => self.open.owner = self.number(value),
            "Terminal.ConnectivityNode" | "TransformerEnd.Terminal" => {
                self.open.joint = self.number(value);
            }
            "Equipment.EquipmentContainer" | "ConnectivityNode.ConnectivityNodeContainer" => {
                self.open.container = self.number(value);
            }
            "ConductingEquipment.BaseVoltage" | "TransformerEnd.BaseVoltage" => {
                self.open.base_voltage = self.number(value);
            }
            "PowerSystemResource.Location" => self.open.location = self.number(value),
            "UsagePoint.Equipments" => {
                let equipment = self.number(value);
                self.attached.push((self.open_as, equipment));
            }
            "ACDCTerminal.sequenceNumber"
            | "Terminal.sequenceNumber"
            | "TransformerEnd.endNumber"
            | "PositionPoint.sequenceNumber" => self.open.sequence = value.parse().unwrap_or(0),
            "Terminal.phases"
            | "TransformerTankEnd.orderedPhases"
            | "TransformerTankEnd.phases"
            | "ACLineSegmentPhase.phase"
            | "SwitchPhase.phaseSide1"
            | "EnergyConsumerPhase.phase"
            | "EnergySourcePhase.phase"
            | "UsagePoint.phaseCode" => self.phase_code(value),
            "Switch.normalOpen" | "SwitchPhase.normalOpen" => {
                self.open.normal_open = truth(value);
            }
            "Switch.open" => self.open.open = truth(value),
            "SwitchPhase.closed" => self.open.open = truth(value).map(|closed| !closed),
            "EnergyConsumer.customerCount" => {
                self.open.customers = value.parse().unwrap_or(1);
            }
            "BaseVoltage.nominalVoltage" | "PositionPoint.xPosition" => {
                self.open.numbers[0] = value.parse().unwrap_or(f64::NAN);
            }
            "PositionPoint.yPosition" => {
                self.open.numbers[1] = value.parse().unwrap_or(f64::NAN);
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        match self.open.kind {
            Kind::Phase => self.phases.push(self.open),
            Kind::Place => self.places.push(self.open),
            _ => {
                if let Some(object) = self.all.get_mut(self.open_as as usize) {
                    *object = self.open;
                }
            }
        }
    }
}

impl Objects {
    /// A phase code such as `…#PhaseCode.ABN` or `…#SinglePhaseKind.s1`. The conductors s1 and s2 of
    /// a split secondary are none of A, B and C: they have the phase of their transformer.
    fn phase_code(&mut self, value: &str) {
        let code = value.rsplit(['.', '#']).next().unwrap_or(value);
        let letters: String = code.replace("s1", "").replace("s2", "").replace("s12", "");
        match Phases::parse(&letters) {
            Some(phases) => {
                self.open.phases = self.open.phases | phases;
                self.open.phases_said = true;
            }
            None => {
                let reason = format!("\"{code}\" is no phase code that is known here");
                let line = self.open.line;
                self.problem(line, "cim.phases", reason);
            }
        }
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "1" => Some(true),
        "false" | "False" | "0" => Some(false),
        _ => None,
    }
}
