//! The indices of IEEE 1366 from a joined table.
//!
//! An interruption is counted whole in the period and on the day in which it began. What needs to
//! know who was interrupted (CTAIDI, CAIFI, CEMI, CEMSMI, CELID) is computed from rows that name
//! usage points, and said to be missing otherwise.

use std::collections::BTreeMap;

use super::{Basis, Index, KindId, ReliabilityError, RowSet, Spell, Standard, Table, momentary};

const CUSTOMERS: &str = "customer interruptions";
const SECONDS: &str = "customer-seconds without supply";

/// A part of the whole: what one kind or one group has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Sustained interruptions of customers.
    pub sustained: i128,
    /// Momentary ones.
    pub momentary: i128,
    /// Customer-seconds of the sustained ones.
    pub seconds: i128,
}

/// The indices of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The indices, in the order of the standard.
    pub indices: Vec<Index>,
    /// Indices that these inputs do not allow, and what is needed.
    pub missing: Vec<(&'static str, &'static str)>,
    /// What each kind has of the whole: interruptions by the kind that began them, seconds by
    /// the kind of the row that has them.
    pub by_kind: BTreeMap<KindId, Part>,
    /// What each group has of the whole.
    pub by_group: BTreeMap<u32, Part>,
    /// Spells of the table that began outside the period.
    pub outside: usize,
}

/// The sums that the indices are made of.
#[derive(Debug, Default)]
struct Sums {
    whole: Part,
    kva: i128,
    kva_seconds: i128,
    events: i128,
    distinct: i128,
    named: bool,
    unnamed: bool,
    people: Vec<Person>,
}

/// What one customer had.
#[derive(Debug, Clone, Copy, Default)]
struct Person {
    sustained: u32,
    events: i128,
    longest_s: i64,
    total_s: i64,
}

/// Computes the indices of a period.
///
/// # Errors
/// [`ReliabilityError::Basis`] for a period without length.
pub fn report(
    table: &Table,
    standard: &Standard,
    basis: &Basis,
) -> Result<Report, ReliabilityError> {
    basis.check()?;
    let mut sums = Sums::default();
    let mut report = Report {
        indices: Vec::new(),
        missing: Vec::new(),
        by_kind: BTreeMap::new(),
        by_group: BTreeMap::new(),
        outside: 0,
    };
    let mut run: Vec<&Spell> = Vec::new();
    for spell in &table.spells {
        if !basis.holds(spell.began_s) {
            report.outside += 1;
            continue;
        }
        add_parts(&mut report, &mut sums, table, spell, standard);
        if !run.last().is_some_and(|last| same_run(last, spell)) {
            sums.add_run(&run, standard);
            run.clear();
        }
        run.push(spell);
    }
    sums.add_run(&run, standard);
    per_system(&mut report, &sums, basis);
    per_person(&mut report, &sums, basis, standard);
    Ok(report)
}

/// Whether two neighbours of the table are one customer's, or one incident's groups.
fn same_run(a: &Spell, b: &Spell) -> bool {
    match (a.point, b.point) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.event.is_some() && a.event == b.event,
        _ => false,
    }
}

fn add_parts(
    report: &mut Report,
    sums: &mut Sums,
    table: &Table,
    spell: &Spell,
    standard: &Standard,
) {
    let customers = i128::from(spell.customers);
    let sustained = spell.seconds > standard.momentary_max_s;
    let seconds = if sustained { customers * i128::from(spell.seconds) } else { 0 };
    let kind = report.by_kind.entry(spell.kind).or_default();
    let group = report.by_group.entry(spell.group).or_default();
    for part in [&mut sums.whole, kind, group] {
        let count = if sustained { &mut part.sustained } else { &mut part.momentary };
        *count += customers;
    }
    if !sustained {
        return;
    }
    sums.whole.seconds += seconds;
    sums.kva += i128::from(spell.kva);
    sums.kva_seconds += i128::from(spell.kva) * i128::from(spell.seconds);
    for share in table.shares_of(spell) {
        let row = &table.rows[share.row as usize];
        let seconds = customers * i128::from(share.seconds);
        report.by_kind.entry(row.kind).or_default().seconds += seconds;
        report.by_group.entry(row.group).or_default().seconds += seconds;
    }
}

impl Sums {
    fn add_run(&mut self, run: &[&Spell], standard: &Standard) {
        let Some(first) = run.first() else { return };
        let events = momentary::events(run, standard);
        self.events += events;
        if first.point.is_none() {
            self.unnamed = true;
            return;
        }
        self.named = true;
        let mut person = Person { events, ..Person::default() };
        for spell in run.iter().filter(|spell| spell.seconds > standard.momentary_max_s) {
            person.sustained += 1;
            person.longest_s = person.longest_s.max(spell.seconds);
            person.total_s += spell.seconds;
        }
        self.distinct += i128::from(person.sustained > 0);
        self.people.push(person);
    }
}

fn per_system(report: &mut Report, sums: &Sums, basis: &Basis) {
    let (whole, served) = (&sums.whole, basis.served);
    let seconds = (whole.seconds, SECONDS);
    let interruptions = (whole.sustained, CUSTOMERS);
    let minutes = ("min", 60);
    let each = ("1", 1);
    let set = RowSet::Sustained;
    report.indices.extend([
        Index::per_customer("SAIDI", seconds, served, minutes, set),
        Index::per_customer("SAIFI", interruptions, served, each, set),
        Index::ratio("CAIDI", seconds, interruptions, minutes, set),
        Index::availability("ASAI", whole.seconds, basis, set),
        Index::per_customer(
            "MAIFI",
            (whole.momentary, "momentary interruptions of customers"),
            served,
            each,
            RowSet::Momentary,
        ),
        Index::per_customer(
            "MAIFI_E",
            (sums.events, "momentary events of customers"),
            served,
            each,
            RowSet::Momentary,
        ),
    ]);
    match basis.connected_kva.filter(|kva| *kva > 0) {
        Some(kva) => {
            let connected = (i128::from(kva), "connected kVA");
            let kva_seconds = (sums.kva_seconds, "kVA-seconds without supply");
            report.indices.extend([
                Index::ratio("ASIFI", (sums.kva, "kVA interrupted"), connected, each, set),
                Index::ratio("ASIDI", kva_seconds, connected, minutes, set),
            ]);
        }
        None => report.missing.push(("ASIFI, ASIDI", "the connected load in kVA")),
    }
    let distinct = match (sums.unnamed, basis.distinct) {
        (false, _) if sums.named => Some(sums.distinct),
        (_, counted) => counted.map(i128::from),
    };
    match distinct {
        Some(distinct) => {
            let people = (distinct, "distinct customers interrupted");
            report.indices.extend([
                Index::ratio("CTAIDI", seconds, people, minutes, set),
                Index::ratio("CAIFI", interruptions, people, each, set),
            ]);
        }
        None => report.missing.push((
            "CTAIDI, CAIFI",
            "rows that name usage points, or the number of distinct customers",
        )),
    }
}

fn per_person(report: &mut Report, sums: &Sums, basis: &Basis, standard: &Standard) {
    if sums.unnamed || !sums.named {
        report.missing.push(("CEMI, CEMSMI, CELID", "rows that name usage points"));
        return;
    }
    let mut share = |id: String, set: RowSet, of: &dyn Fn(&Person) -> bool| {
        let people = sums.people.iter().filter(|person| of(person)).count() as i128;
        let people = (people, "customers");
        report.indices.push(Index::per_customer(id, people, basis.served, ("1", 1), set));
    };
    for level in &standard.cemi_levels {
        share(format!("CEMI-{level}"), RowSet::Sustained, &|p| p.sustained >= *level);
    }
    for level in &standard.cemi_levels {
        share(format!("CEMSMI-{level}"), RowSet::All, &|p| {
            i128::from(p.sustained) + p.events >= i128::from(*level)
        });
    }
    for hours in &standard.celid_single_h {
        let least_s = i64::from(*hours) * 3_600;
        share(format!("CELID-s-{hours}"), RowSet::Sustained, &|p| p.longest_s >= least_s);
    }
    for hours in &standard.celid_total_h {
        let least_s = i64::from(*hours) * 3_600;
        share(format!("CELID-t-{hours}"), RowSet::Sustained, &|p| p.total_s >= least_s);
    }
}

/// The rows that an index of this report was made of.
pub fn rows_of<'a>(
    table: &'a Table,
    standard: &'a Standard,
    basis: &'a Basis,
    set: RowSet,
) -> impl Iterator<Item = u32> + 'a {
    let wanted = move |spell: &&Spell| {
        let sustained = spell.seconds > standard.momentary_max_s;
        basis.holds(spell.began_s)
            && match set {
                RowSet::Sustained => sustained,
                RowSet::Momentary => !sustained,
                _ => true,
            }
    };
    let spells = table.spells.iter().filter(wanted);
    spells.flat_map(|spell| table.shares_of(spell)).map(|share| table.rows[share.row as usize].line)
}

/// SAIDI and SAIFI that somebody published of a part, such as a bureau of a province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Customers of the part.
    pub customers: u64,
    /// SAIDI in 1e-9 minutes.
    pub saidi_nmin: i64,
    /// SAIFI in 1e-9 interruptions.
    pub saifi_n: i64,
}

/// SAIDI, SAIFI and CAIDI of a whole from its parts: each weighs as many customers as it has.
///
/// # Errors
/// [`ReliabilityError::Basis`] when the parts have no customers.
pub fn whole(parts: &[Published]) -> Result<[Index; 3], ReliabilityError> {
    let sum = |of: fn(&Published) -> i64| {
        parts.iter().map(|part| i128::from(part.customers) * i128::from(of(part))).sum::<i128>()
    };
    let customers = parts.iter().map(|part| i128::from(part.customers)).sum::<i128>();
    if customers == 0 {
        return Err(ReliabilityError::Basis { what: "the number of customers served" });
    }
    let minutes = (sum(|part| part.saidi_nmin), "customer-minutes without supply, 1e-9");
    let count = (sum(|part| part.saifi_n), "customer interruptions, 1e-9");
    let served = (customers, "customers served");
    let (nano, set) = (1_000_000_000, RowSet::Sustained);
    Ok([
        Index::ratio("SAIDI", minutes, served, ("min", nano), set),
        Index::ratio("SAIFI", count, served, ("1", nano), set),
        Index::ratio("CAIDI", minutes, count, ("min", 1), set),
    ])
}
