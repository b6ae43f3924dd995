//! The demo county (明水县): three substations, twenty feeders, their transformer areas (台区), and
//! customers of every class, drawn from one seed. Values in, values out: nothing is stored here.

use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::names;

/// How the county is divided over its feeders.
const FEEDERS_PER_SUBSTATION: [usize; 3] = [9, 6, 5];

/// What a customer uses electricity for; decides tariff, load and readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A household (居民).
    Residential,
    /// A shop or office (商业).
    Commercial,
    /// A factory (工业).
    Industrial,
    /// Irrigation, breeding (农业).
    Agricultural,
    /// Public bodies (其他).
    Other,
}

impl Class {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residential => "residential",
            Self::Commercial => "commercial",
            Self::Industrial => "industrial",
            Self::Agricultural => "agricultural",
            Self::Other => "other",
        }
    }
}

/// A substation (变电站).
#[derive(Debug)]
pub struct Substation {
    /// Code such as `BD01`.
    pub code: String,
    /// Name such as `110kV明水变`.
    pub name: String,
}

/// A 10 kV feeder (线路).
#[derive(Debug)]
pub struct Feeder {
    /// Index of its substation.
    pub substation: usize,
    /// Code such as `BD01-03`.
    pub code: String,
    /// Name such as `10kV人民路一线`.
    pub name: String,
}

/// A transformer area (台区); a dedicated transformer (专变) has one customer.
#[derive(Debug)]
pub struct TransformerArea {
    /// Index of its feeder.
    pub feeder: usize,
    /// Code such as `TQ000123`.
    pub code: String,
    /// Name people use.
    pub name: String,
    /// Rated capacity in kVA.
    pub capacity_kva: i64,
}

/// The meter of a usage point.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Asset number, 12 digits.
    pub asset_no: String,
    /// Three-phase rather than single-phase.
    pub three_phase: bool,
    /// Has registers per time-of-use bucket.
    pub tou: bool,
    /// Has a maximum-demand register and reactive energy.
    pub demand: bool,
    /// Sends a quarter-hourly load curve.
    pub intervals: bool,
    /// CT × PT.
    pub ratio: i64,
    /// What the register showed on the first day, in Wh of the primary side divided by ratio.
    pub opening_wh: i64,
}

/// How a customer uses electricity; all factors in thousandths.
#[derive(Debug, Clone)]
pub struct Habit {
    /// Ordinary use of a mild weekday in Wh.
    pub base_wh: i64,
    /// Extra use per degree above 26 °C, thousandths of the base.
    pub cooling: i64,
    /// Extra use per degree below 8 °C, thousandths of the base.
    pub heating: i64,
    /// Use on a rest day, thousandths of a weekday.
    pub rest_day: i64,
    /// Reactive energy, thousandths of active.
    pub reactive: i64,
    /// Day of the year on which the household leaves, and for how long (0: never).
    pub away: (i64, i64),
}

/// One customer with one account, one usage point and one meter.
#[derive(Debug)]
pub struct Customer {
    /// Name of the person or company.
    pub name: String,
    /// A company rather than a person.
    pub company: bool,
    /// Mobile number in E.164.
    pub phone: String,
    /// 户号, ten digits.
    pub account_no: String,
    /// Full address.
    pub address: String,
    /// Community or village.
    pub community: String,
    /// Index of its transformer area.
    pub area: usize,
    /// What it uses electricity for.
    pub class: Class,
    /// Supply voltage in the trade's words.
    pub voltage: &'static str,
    /// Has its own transformer (专变).
    pub dedicated: bool,
    /// Code of the tariff document.
    pub tariff_code: &'static str,
    /// `none`, `capacity`, `contract_demand` or `actual_demand`.
    pub basic_charge: &'static str,
    /// Contracted capacity in kVA.
    pub capacity_kva: i64,
    /// Contracted maximum demand in kW.
    pub contract_kw: i64,
    /// Marks, in the words of `registry`.
    pub marks: Vec<&'static str>,
    /// Its meter at the start of the year.
    pub meter: Meter,
    /// Its habit.
    pub habit: Habit,
}

/// The whole county.
#[derive(Debug)]
pub struct County {
    /// Substations.
    pub substations: Vec<Substation>,
    /// Feeders.
    pub feeders: Vec<Feeder>,
    /// Transformer areas, public ones first.
    pub areas: Vec<TransformerArea>,
    /// Customers in the order of their account numbers.
    pub customers: Vec<Customer>,
}

/// How many customers of each class, out of 12 000.
const SHARES: [(Class, usize); 5] = [
    (Class::Residential, 10_720),
    (Class::Commercial, 840),
    (Class::Industrial, 220),
    (Class::Agricultural, 140),
    (Class::Other, 80),
];

impl County {
    /// Draws a county of about `customers` customers; the same seed gives the same county.
    #[must_use]
    pub fn generate(seed: u64, customers: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let substations: Vec<_> = names::TOWNS
            .iter()
            .enumerate()
            .map(|(i, (_, name))| Substation {
                code: format!("BD{:02}", i + 1),
                name: format!("110kV{name}变"),
            })
            .collect();
        let feeders = feeders();
        let public = (customers / 58).max(feeders.len());
        let mut county = Self {
            substations,
            areas: public_areas(public, &feeders, &mut rng),
            feeders,
            customers: Vec::new(),
        };
        for (class, share) in SHARES {
            for _ in 0..(share * customers).div_ceil(12_000) {
                let customer = county.draw(class, public, &mut rng);
                county.customers.push(customer);
            }
        }
        county
    }

    fn draw(&mut self, class: Class, public: usize, rng: &mut ChaCha8Rng) -> Customer {
        let number = self.customers.len() + 1;
        let dedicated = match class {
            Class::Industrial => true,
            Class::Commercial | Class::Other => rng.random_ratio(1, 8),
            Class::Agricultural => rng.random_ratio(1, 3),
            Class::Residential => false,
        };
        let home = rng.random_range(0..public);
        let feeder = self.areas[home].feeder;
        let community = self.areas[home].name.trim_end_matches("台区").to_owned();
        let town = names::TOWNS[self.feeders[feeder].substation].0;
        let supply = Supply::draw(class, dedicated, rng);
        let (name, mark) = name(class, rng);
        let address = address(class, town, &community, rng);
        let area = if dedicated {
            self.areas.push(TransformerArea {
                feeder,
                code: format!("ZB{number:06}"),
                name: format!("{name}专变"),
                capacity_kva: supply.capacity_kva,
            });
            self.areas.len() - 1
        } else {
            home
        };
        Customer {
            company: class != Class::Residential,
            phone: format!(
                "+861{}{:09}",
                [3, 5, 8][number % 3],
                rng.random_range(0..1_000_000_000_u32)
            ),
            account_no: format!("33{number:08}"),
            address,
            community,
            area,
            class,
            voltage: supply.voltage,
            dedicated,
            tariff_code: supply.tariff_code,
            basic_charge: supply.basic_charge,
            capacity_kva: supply.capacity_kva,
            contract_kw: supply.contract_kw,
            marks: marks(class, mark, rng),
            meter: meter(number, class, dedicated, &supply, rng),
            habit: habit(class, &supply, rng),
            name,
        }
    }
}

fn feeders() -> Vec<Feeder> {
    let mut feeders = Vec::new();
    for (substation, count) in FEEDERS_PER_SUBSTATION.iter().enumerate() {
        for i in 0..*count {
            let street = names::STREETS[(substation * 5 + i) % names::STREETS.len()];
            feeders.push(Feeder {
                substation,
                code: format!("BD{:02}-{:02}", substation + 1, i + 1),
                name: format!(
                    "10kV{}{}线",
                    names::TOWNS[substation].1,
                    street.trim_end_matches(['路', '街'])
                ),
            });
        }
    }
    feeders
}

fn public_areas(count: usize, feeders: &[Feeder], rng: &mut ChaCha8Rng) -> Vec<TransformerArea> {
    (0..count)
        .map(|i| {
            let feeder = i % feeders.len();
            let rural = feeders[feeder].substation > 0 && rng.random_ratio(3, 5);
            let place = names::PLACES[(i / feeders.len() * 7 + feeder) % names::PLACES.len()];
            let kind = if rural { "村" } else { pick(names::COMMUNITIES, rng) };
            TransformerArea {
                feeder,
                code: format!("TQ{:06}", i + 1),
                name: format!("{place}{kind}{}号台区", i / names::PLACES.len() % 9 + 1),
                capacity_kva: *[200, 315, 400, 630].choose(rng).unwrap_or(&400),
            }
        })
        .collect()
}

/// How a usage point is supplied and charged.
struct Supply {
    voltage: &'static str,
    tariff_code: &'static str,
    basic_charge: &'static str,
    capacity_kva: i64,
    contract_kw: i64,
}

impl Supply {
    fn draw(class: Class, dedicated: bool, rng: &mut ChaCha8Rng) -> Self {
        let capacity_kva = match (class, dedicated) {
            (Class::Residential, _) => 8,
            (Class::Industrial, _) => *[160, 250, 315, 400, 500, 630, 800, 1_000, 1_250, 2_000]
                .choose(rng)
                .unwrap_or(&315),
            (_, true) => *[100, 160, 200, 250, 315].choose(rng).unwrap_or(&160),
            (_, false) => rng.random_range(10..60),
        };
        let two_part = class == Class::Industrial && capacity_kva >= 315;
        let basic_charge = match (two_part, rng.random_range(0..3)) {
            (false, _) => "none",
            (true, 0) => "capacity",
            (true, 1) => "contract_demand",
            (true, _) => "actual_demand",
        };
        let tariff_code = match class {
            Class::Residential if rng.random_ratio(2, 5) => "zhejiang/residential-tou",
            Class::Residential => "zhejiang/residential",
            Class::Agricultural => "demo-agricultural",
            Class::Industrial if two_part => "demo-industrial-two-part",
            Class::Industrial | Class::Commercial | Class::Other => "demo-commercial",
        };
        Self {
            voltage: match (class, dedicated) {
                (Class::Residential, _) => "220V",
                (_, true) => "10kV",
                (_, false) => "380V",
            },
            tariff_code,
            basic_charge,
            capacity_kva,
            contract_kw: if basic_charge == "contract_demand" { capacity_kva * 6 / 10 } else { 0 },
        }
    }
}

fn meter(
    number: usize,
    class: Class,
    dedicated: bool,
    supply: &Supply,
    rng: &mut ChaCha8Rng,
) -> Meter {
    let ratio = if dedicated { *[20, 30, 40, 60, 80].choose(rng).unwrap_or(&40) } else { 1 };
    Meter {
        asset_no: format!("3310{number:08}"),
        three_phase: class != Class::Residential,
        tou: !matches!(supply.tariff_code, "zhejiang/residential" | "demo-agricultural"),
        demand: dedicated,
        intervals: dedicated,
        ratio,
        opening_wh: rng.random_range(0..12_000_000_i64) / ratio,
    }
}

fn habit(class: Class, supply: &Supply, rng: &mut ChaCha8Rng) -> Habit {
    // The product of three uniform draws has the long right tail that real use has.
    let skew: i64 = (0..3).map(|_| rng.random_range(300..1_500_i64)).product::<i64>() / 1_000_000;
    let base_wh = match class {
        Class::Residential => 6_400 * skew / 1_000 + 400,
        Class::Commercial => supply.capacity_kva * 24_000 * 18 / 100 * skew / 1_000 + 2_000,
        Class::Industrial => {
            supply.capacity_kva * 24_000 * 34 / 100 * skew.clamp(300, 1_600) / 1_000
        }
        Class::Agricultural => supply.capacity_kva * 24_000 * 6 / 100 * skew / 1_000 + 1_000,
        Class::Other => supply.capacity_kva * 24_000 * 12 / 100 * skew / 1_000 + 3_000,
    };
    let leaves = class == Class::Residential && rng.random_ratio(1, 9);
    Habit {
        base_wh,
        cooling: match class {
            Class::Residential => rng.random_range(30..150),
            Class::Commercial | Class::Other => rng.random_range(20..80),
            Class::Industrial => 5,
            Class::Agricultural => 60,
        },
        heating: if class == Class::Residential { rng.random_range(10..70) } else { 8 },
        rest_day: match class {
            Class::Residential => rng.random_range(950..1_250),
            Class::Commercial => rng.random_range(900..1_200),
            Class::Industrial => *[950, 600, 250].choose(rng).unwrap_or(&900),
            Class::Agricultural => 1_000,
            Class::Other => rng.random_range(300..800),
        },
        reactive: rng.random_range(250..720),
        away: if leaves { (rng.random_range(0..340), rng.random_range(3..25)) } else { (0, 0) },
    }
}

fn name(class: Class, rng: &mut ChaCha8Rng) -> (String, &'static str) {
    let brand = pick(names::BRANDS, rng);
    match class {
        Class::Residential => {
            let mut name = pick(names::SURNAMES, rng).to_owned();
            name.push_str(pick(names::GIVEN, rng));
            if rng.random_ratio(7, 10) {
                name.push_str(pick(names::GIVEN, rng));
            }
            (name, "")
        }
        Class::Industrial => (format!("明水{brand}{}", pick(names::INDUSTRIES, rng)), ""),
        Class::Commercial => (format!("{brand}{}", pick(names::SHOPS, rng)), ""),
        Class::Agricultural => {
            (format!("{}{}", pick(names::PLACES, rng), pick(names::FARMS, rng)), "")
        }
        Class::Other => {
            let (body, mark) =
                names::PUBLIC_BODIES.choose(rng).copied().unwrap_or(("邮政支局", ""));
            (format!("{}{body}", pick(names::TOWNS, rng).1), mark)
        }
    }
}

fn address(class: Class, town: &str, community: &str, rng: &mut ChaCha8Rng) -> String {
    let street = pick(names::STREETS, rng);
    match class {
        Class::Residential if community.contains('村') => {
            format!("明水县{town}{community}{}号", rng.random_range(1..180))
        }
        Class::Residential => format!(
            "明水县{town}{street}{community}{}幢{}单元{:02}{:02}室",
            rng.random_range(1..20),
            rng.random_range(1..5),
            rng.random_range(1..18),
            rng.random_range(1..5)
        ),
        _ => format!("明水县{town}{street}{}号", rng.random_range(1..600)),
    }
}

fn marks(class: Class, mark: &'static str, rng: &mut ChaCha8Rng) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if !mark.is_empty() {
        marks.push(mark);
    }
    if class == Class::Residential {
        for (mark, one_in) in
            [("family_of_five", 40), ("low_income", 90), ("life_support", 900), ("disabled", 150)]
        {
            if rng.random_ratio(1, one_in) {
                marks.push(mark);
            }
        }
    }
    marks
}

fn pick<T: Copy>(from: &[T], rng: &mut ChaCha8Rng) -> T {
    from[rng.random_range(0..from.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_county() {
        let (a, b) = (County::generate(7, 600), County::generate(7, 600));
        assert_eq!(format!("{:?}", a.customers), format!("{:?}", b.customers));
        assert_ne!(
            format!("{:?}", a.customers),
            format!("{:?}", County::generate(8, 600).customers)
        );
    }

    #[test]
    fn the_county_has_the_shape_the_issue_asks_for() {
        let county = County::generate(1, 12_000);
        assert_eq!((county.substations.len(), county.feeders.len()), (3, 20));
        assert_eq!(county.customers.len(), 12_000);
        for (class, share) in SHARES {
            assert_eq!(county.customers.iter().filter(|c| c.class == class).count(), share);
        }
        for customer in &county.customers {
            assert!(customer.habit.base_wh > 0 && customer.area < county.areas.len());
            assert_eq!(customer.phone.len(), 14);
        }
        let mut numbers: Vec<_> = county.customers.iter().map(|c| &c.account_no).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), 12_000);
    }
}
