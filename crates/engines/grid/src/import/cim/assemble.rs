//! From the objects of a CIM document to the rows of a network.

use std::collections::HashMap;

use super::objects::{Kind, Object, Objects};
use crate::{
    Phases,
    import::Imported,
    network::{CustomerClass, EdgeKind, NONE, NodeKind, Rows},
};

/// The highest nominal voltage of a low-voltage network, in volts (IEC 60038: 1 kV).
const LOW_VOLTS: f64 = 1_000.0;

/// Makes rows; what cannot be connected becomes a problem.
pub(super) fn assemble(objects: Objects) -> Imported {
    let mut desk = Desk::new(objects);
    desk.containers();
    desk.nodes();
    desk.edges();
    desk.transformers();
    desk.points();
    desk.sources();
    desk.places();
    desk.low_voltage();
    Imported {
        rows: desk.rows,
        switched: desk.switched,
        classes: desk.objects.classes,
        customers: desk.customers,
        problems: desk.objects.problems,
    }
}

/// A terminal: its equipment, its number there, and its node.
#[derive(Clone, Copy)]
struct Terminal {
    equipment: u32,
    sequence: u32,
    node: u32,
    phases: Phases,
    phases_said: bool,
}

/// The phases of some equipment, told one by one.
#[derive(Default, Clone, Copy)]
struct Told {
    phases: Phases,
    normal_open: Phases,
    open: Phases,
}

struct Desk {
    objects: Objects,
    rows: Rows,
    switched: Vec<(u32, Phases)>,
    customers: u64,
    /// By object: its row as a node, feeder or substation.
    row_of: Vec<u32>,
    /// Sorted by equipment and sequence.
    terminals: Vec<Terminal>,
    told: HashMap<u32, Told>,
    /// Node row and location of equipment at its first and second terminal.
    located: Vec<(u32, u32, u32)>,
    /// Node rows with the base voltage of equipment at them.
    voltages: Vec<(u32, u32)>,
}

impl Desk {
    fn new(objects: Objects) -> Self {
        let mut told: HashMap<u32, Told> = HashMap::new();
        for part in &objects.phases {
            let whole = told.entry(part.owner).or_default();
            whole.phases = whole.phases | part.phases;
            if part.normal_open == Some(true) {
                whole.normal_open = whole.normal_open | part.phases;
            }
            if part.open == Some(true) {
                whole.open = whole.open | part.phases;
            }
        }
        let row_of = vec![NONE; objects.len()];
        Self {
            objects,
            rows: Rows::default(),
            switched: Vec::new(),
            customers: 0,
            row_of,
            terminals: Vec::new(),
            told,
            located: Vec::new(),
            voltages: Vec::new(),
        }
    }

    fn containers(&mut self) {
        for (number, object) in self.objects.each() {
            if object.kind == Kind::Substation {
                self.row_of[number as usize] = crate::small(self.rows.substations.len());
                self.rows.substations.push(self.objects.name(object));
            }
        }
        for (number, object) in self.objects.each() {
            if object.kind == Kind::Feeder {
                self.row_of[number as usize] = crate::small(self.rows.feeders.len());
                self.rows.feeders.push(self.objects.name(object));
                let from = self.row_of.get(object.owner as usize).copied().unwrap_or(NONE);
                let from = if self.objects.get(object.owner).kind == Kind::Substation {
                    from
                } else {
                    NONE
                };
                self.rows.feeder_substation.push(from);
            }
        }
    }

    fn nodes(&mut self) {
        let mut lost = Vec::new();
        for (number, object) in self.objects.each() {
            if object.kind == Kind::Node {
                let feeder = match self.objects.get(object.container).kind {
                    Kind::Feeder => self.row_of[object.container as usize],
                    _ => NONE,
                };
                let name = self.objects.name(object);
                let row = self.rows.nodes.push(name, NodeKind::Medium, feeder);
                self.row_of[number as usize] = row;
            }
        }
        for (_, object) in self.objects.each() {
            if object.kind != Kind::Terminal {
                continue;
            }
            let at = self.objects.get(object.joint);
            let equipment = self.objects.get(object.owner);
            if at.kind != Kind::Node || matches!(equipment.kind, Kind::Unknown | Kind::Node) {
                lost.push((
                    object.line,
                    self.objects.name(object).to_owned(),
                    at.kind == Kind::Node,
                ));
                continue;
            }
            self.terminals.push(Terminal {
                equipment: object.owner,
                sequence: object.sequence,
                node: self.row_of[object.joint as usize],
                phases: object.phases,
                phases_said: object.phases_said,
            });
        }
        self.terminals.sort_by_key(|terminal| (terminal.equipment, terminal.sequence));
        for (line, name, at_node) in lost {
            let what = if at_node { "equipment" } else { "connectivity node" };
            let reason = format!("the terminal \"{name}\" refers to no {what} of this document");
            self.objects.problem(line, "cim.unknown_connection", reason);
        }
    }

    fn terminals_of(&self, equipment: u32) -> &[Terminal] {
        let from = self.terminals.partition_point(|t| t.equipment < equipment);
        let to = self.terminals.partition_point(|t| t.equipment <= equipment);
        &self.terminals[from..to]
    }

    /// The phases of equipment: told one by one, or by its terminals, or all three. Conductors of a
    /// split secondary leave the set empty: not said.
    fn phases_of(&self, equipment: u32) -> Phases {
        if let Some(told) = self.told.get(&equipment) {
            return told.phases;
        }
        let at = self.terminals_of(equipment);
        if at.iter().any(|terminal| terminal.phases_said) {
            return at.iter().fold(Phases::NONE, |sum, terminal| sum | terminal.phases);
        }
        Phases::ABC
    }

    fn edges(&mut self) {
        let edges: Vec<(u32, Object, EdgeKind)> = self
            .objects
            .each()
            .filter_map(|(number, object)| match object.kind {
                Kind::Edge(kind) => Some((number, *object, kind)),
                _ => None,
            })
            .collect();
        for (number, object, kind) in edges {
            let [first, second, ..] = *self.terminals_of(number) else {
                self.unconnected(&object, self.terminals_of(number).len(), 2);
                continue;
            };
            let phases = self.phases_of(number);
            let told = self.told.get(&number).copied().unwrap_or_default();
            let normal_open = object.normal_open == Some(true);
            let row = self.rows.edges.push(
                self.objects.name(&object),
                kind,
                (first.node, second.node),
                !normal_open,
                phases,
            );
            self.located.push((first.node, object.location, 1));
            self.located.push((second.node, object.location, 2));
            self.voltages.push((first.node, object.base_voltage));
            self.voltages.push((second.node, object.base_voltage));
            // Switches stand as the document says; open phases of a closed switch are open.
            let open = object.open.unwrap_or(normal_open);
            let closed = if open { Phases::NONE } else { Phases::ABC - told.open };
            let normal = if normal_open { Phases::NONE } else { Phases::ABC };
            if closed != normal {
                self.switched.push((row, closed));
            }
        }
    }

    fn unconnected(&mut self, object: &Object, has: usize, needs: usize) {
        let name = self.objects.name(object);
        let reason = format!("\"{name}\" is connected at {has} of {needs} ends; it is left out");
        self.objects.problem(object.line, "cim.unknown_connection", reason);
    }

    /// A transformer conducts between its first end and each other node of its ends; one of several
    /// tanks does so tank by tank, with the phases of the tank.
    fn transformers(&mut self) {
        let mut ends: HashMap<u32, Vec<(u32, Object)>> = HashMap::new();
        for (number, object) in self.objects.each() {
            if matches!(object.kind, Kind::TankEnd | Kind::TransformerEnd) {
                ends.entry(object.owner).or_default().push((number, *object));
            }
        }
        let owners: Vec<(u32, Object)> = self
            .objects
            .each()
            .filter(|(_, object)| matches!(object.kind, Kind::Tank | Kind::Transformer))
            .map(|(number, object)| (number, *object))
            .collect();
        let mut in_tanks = vec![false; self.objects.len()];
        for (_, object) in owners.iter().filter(|(_, object)| object.kind == Kind::Tank) {
            if let Some(known) = in_tanks.get_mut(object.owner as usize) {
                *known = true;
            }
        }
        for (number, object) in owners {
            let mut own = ends.remove(&number).unwrap_or_default();
            own.sort_by_key(|(_, end)| end.sequence);
            if own.is_empty() && in_tanks[number as usize] {
                continue;
            }
            self.transformer(&object, &own);
        }
    }

    fn transformer(&mut self, object: &Object, ends: &[(u32, Object)]) {
        let mut phases = Phases::NONE;
        let mut said = false;
        let mut nodes: Vec<(u32, u32)> = Vec::new();
        for (_, end) in ends {
            let terminal = self.objects.get(end.joint);
            phases = phases | end.phases;
            said |= end.phases_said;
            if terminal.kind == Kind::Terminal
                && self.objects.get(terminal.joint).kind == Kind::Node
            {
                let node = self.row_of[terminal.joint as usize];
                if !nodes.iter().any(|(known, _)| *known == node) {
                    nodes.push((node, end.base_voltage));
                }
            }
        }
        let [(first, high), others @ ..] = nodes.as_slice() else {
            return self.unconnected(object, 0, 2);
        };
        if others.is_empty() {
            return self.unconnected(object, 1, 2);
        }
        let location = match self.objects.get(object.owner).kind {
            Kind::Transformer => self.objects.get(object.owner).location,
            _ => object.location,
        };
        self.located.push((*first, location, 1));
        self.voltages.push((*first, *high));
        for (node, low) in others {
            let kind = match (high, low) {
                (high, low) if high == low && *high != NONE => EdgeKind::Regulator,
                _ => EdgeKind::Transformer,
            };
            let phases = if said { phases } else { Phases::ABC };
            let name = self.objects.name(object);
            self.rows.edges.push(name, kind, (*first, *node), true, phases);
            self.located.push((*node, location, 2));
            self.voltages.push((*node, *low));
        }
    }

    /// Usage points are those that the document has; equipment without one that consumes is a usage
    /// point itself.
    fn points(&mut self) {
        let attached = std::mem::take(&mut self.objects.attached);
        let mut has_own = vec![false; self.objects.len()];
        for (point, equipment) in attached {
            let (object, at) = (*self.objects.get(point), *self.objects.get(equipment));
            let Some(terminal) = self.terminals_of(equipment).first().copied() else {
                self.unconnected(&object, 0, 1);
                continue;
            };
            let of_equipment =
                if at.kind == Kind::Consumer { self.phases_of(equipment) } else { Phases::NONE };
            let phases = if object.phases_said { object.phases } else { of_equipment };
            has_own[equipment as usize] = true;
            self.customers += 1;
            let name = self.objects.name(&object);
            self.rows.points.push(name, terminal.node, phases, CustomerClass::Other, false);
        }
        let consumers: Vec<(u32, Object)> = self
            .objects
            .each()
            .filter(|(number, object)| object.kind == Kind::Consumer && !has_own[*number as usize])
            .map(|(number, object)| (number, *object))
            .collect();
        for (number, object) in consumers {
            let Some(terminal) = self.terminals_of(number).first().copied() else {
                self.unconnected(&object, 0, 1);
                continue;
            };
            let phases = self.phases_of(number);
            self.customers += u64::from(object.customers);
            self.voltages.push((terminal.node, object.base_voltage));
            self.located.push((terminal.node, object.location, 1));
            let name = self.objects.name(&object);
            self.rows.points.push(name, terminal.node, phases, CustomerClass::Other, false);
        }
    }

    fn sources(&mut self) {
        let sources: Vec<(u32, Object)> = self
            .objects
            .each()
            .filter(|(_, object)| object.kind == Kind::Source)
            .map(|(number, object)| (number, *object))
            .collect();
        for (number, object) in sources {
            let Some(terminal) = self.terminals_of(number).first().copied() else {
                self.unconnected(&object, 0, 1);
                continue;
            };
            self.rows.sources.push((terminal.node, self.phases_of(number)));
            self.rows.nodes.kind[terminal.node as usize] = NodeKind::Source;
            self.located.push((terminal.node, object.location, 1));
        }
    }

    /// A node stands where equipment at it does: places are told by equipment, point 1 of a location
    /// at the first terminal, point 2 at the second.
    fn places(&mut self) {
        if self.objects.places.is_empty() {
            return;
        }
        let known = self.objects.places.iter().map(|p| ((p.owner, p.sequence), p.numbers));
        let known: HashMap<(u32, u32), [f64; 2]> = known.collect();
        let mut places = vec![[f64::NAN; 2]; self.rows.nodes.kind.len()];
        for (node, location, number) in &self.located {
            let place = &mut places[*node as usize];
            if let Some(at) = known.get(&(*location, *number)).filter(|_| place[0].is_nan()) {
                *place = *at;
            }
        }
        self.rows.nodes.place = places;
    }

    /// Nodes of a low base voltage are low-voltage nodes, and lines between two of them low-voltage
    /// lines. Some documents give kilovolts: where no voltage reaches two thousand, they all do.
    fn low_voltage(&mut self) {
        let volts = |number: u32| self.objects.get(number).numbers[0];
        let bases = self.objects.each().filter(|(_, object)| object.kind == Kind::BaseVoltage);
        let highest = bases.map(|(number, _)| volts(number)).fold(0.0, f64::max);
        let unit = if highest < 2_000.0 { 1_000.0 } else { 1.0 };
        for (node, base) in &self.voltages {
            let kind = &mut self.rows.nodes.kind[*node as usize];
            if *kind == NodeKind::Medium && volts(*base) * unit < LOW_VOLTS {
                *kind = NodeKind::Low;
            }
        }
        let edges = &mut self.rows.edges;
        for ((kind, from), to) in edges.kind.iter_mut().zip(&edges.from).zip(&edges.to) {
            let low = |node: &u32| self.rows.nodes.kind[*node as usize] == NodeKind::Low;
            if *kind == EdgeKind::Line && low(from) && low(to) {
                *kind = EdgeKind::LowLine;
            }
        }
    }
}
