//! Loads synthetic customers and measures the load and the search box.
//!
//! `cargo run --release -p lamplight-registry --example registry_bench -- 100000 [DATABASE_URL]`
//!
//! Without an address it makes a SQLite file in a temporary folder. Prints customers and rows per
//! second, the size of the file, and for each kind of question the median and the slowest of 200
//! different ones, each in a read transaction of its own, and the CPU time of one.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement, not the program"
)]

use std::{sync::Arc, time::Instant};

use access::{Actor, Ctx, Randomness};
use kernel::{Id, SystemClock};
use lamplight_registry::{
    Customer, CustomerForm,
    network::{Network, NewFeeder, NewSubstation, NewTransformerArea, load_network},
    premises::load_customers,
    search::{load_meter_terms, search},
};
use store::{Db, Durability, Options};

const ORG: Id = Id::from_i64(420_000_000_000_000_001);
const PER_AREA: usize = 250;
const PER_COMMUNITY: usize = 400;
const QUESTIONS: usize = 200;
const SURNAMES: &str =
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华建国文玉红梅志春海生秀云林鑫宇浩然子涵欣怡梓轩思远佳琪雨晨博一诺嘉俊凯瑞雪婷晓东立新永福长德光辉龙飞鹏程天成家宝";
const PLACES: &str = "阳光花园锦绣江南金色家翠湖碧桂东方明珠城市春天绿地世纪龙湾华庭御景丽都和平幸福团结胜利建设民族文化科技";

/// CPU seconds of all threads of this process so far (Linux; 0 elsewhere).
fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ran = threads.filter_map(|t| std::fs::read_to_string(t.path().join("schedstat")).ok());
    ran.filter_map(|s| s.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e9
}

/// A small generator with a seed: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn char(&mut self, from: &str) -> char {
        let count = from.chars().count();
        from.chars().nth(self.below(count)).unwrap()
    }

    /// Small numbers are more frequent, as surnames are.
    fn skewed(&mut self, from: &str) -> char {
        let count = from.chars().count();
        let at = self.below(count).min(self.below(count)).min(self.below(count));
        from.chars().nth(at).unwrap()
    }
}

fn form(n: usize, dice: &mut Dice) -> CustomerForm {
    let mut name: String = dice.skewed(SURNAMES).into();
    for _ in 0..1 + dice.below(3).min(1) {
        name.push(dice.char(GIVEN));
    }
    if n.is_multiple_of(25) {
        let head: String = (0..4).map(|_| dice.char(GIVEN)).collect();
        name = format!("湖北{head}机械制造有限公司");
    }
    let community = n / PER_COMMUNITY;
    let count = PLACES.chars().count();
    let place =
        |step: usize| PLACES.chars().nth((community / step + community * 7) % count).unwrap();
    let place: String = [place(1), place(3), place(11)].into_iter().collect();
    let (home, road) = (n % PER_COMMUNITY, community % 500);
    let address = format!(
        "湖北省青山市柳河区{place}路{road}号{place}小区{}栋{}单元{}0{}室",
        home / 40 + 1,
        home / 20 % 2 + 1,
        home / 4 % 5 + 1,
        home % 4 + 1
    );
    CustomerForm {
        account_no: format!("42{n:08}"),
        phone: format!("1{}{:09}", 3 + dice.below(6), dice.below(1_000_000_000)),
        name,
        address,
        class: "residential".into(),
        voltage: "220V".into(),
        transformer_area: format!("TQ{:06}", n / PER_AREA),
        opened_on: "2024-01-05".into(),
        ..CustomerForm::default()
    }
}

fn network(customers: usize) -> Network {
    let area = |n: usize| NewTransformerArea {
        feeder: "X1".into(),
        code: format!("TQ{n:06}"),
        name: format!("{n}号台区"),
        capacity_ukva: 400_000_000,
        manager_user: None,
    };
    let feeder = NewFeeder {
        substation: "B1".into(),
        code: "X1".into(),
        name: "X1".into(),
        voltage_v: Some(10_000),
    };
    Network {
        substations: vec![NewSubstation { code: "B1".into(), name: "B1".into() }],
        feeders: vec![feeder],
        areas: (0..=customers / PER_AREA).map(area).collect(),
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().unwrap_or_else(|| "100000".into()).parse().unwrap();
    let folder = std::env::temp_dir().join(format!("registry_bench_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("bench.db");
    let url = arguments.next().unwrap_or_else(|| format!("sqlite:{}", file.display()));
    let options = Options { durability: Durability::ProcessKill, ..Options::default() };
    let db = Db::open_with(&url, Arc::new(SystemClock), options).await.unwrap();
    db.migrate(lamplight_registry::MIGRATIONS).await.unwrap();

    load(&db, count).await;
    if let Ok(found) = std::fs::metadata(&file) {
        println!("file: {} MB", found.len() / 1_000_000);
    }
    measure(&db, count).await;
    db.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn load(db: &Db, count: usize) {
    let mut dice = Dice(1);
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut tx = db.begin().await.unwrap();
    load_network(&mut tx, ORG, &network(count)).await.unwrap();
    tx.commit().await.unwrap();
    let (mut parsing, mut writing) = (0.0, 0.0);
    for chunk in (0..count).collect::<Vec<_>>().chunks(50_000) {
        let step = Instant::now();
        let customers: Vec<Customer> =
            chunk.iter().map(|n| form(*n, &mut dice).parse().unwrap()).collect();
        parsing += step.elapsed().as_secs_f64();
        let step = Instant::now();
        let mut tx = db.begin().await.unwrap();
        let outcomes = load_customers(&mut tx, ORG, &customers).await.unwrap();
        let numbers: Vec<String> = chunk.iter().map(|n| format!("4230001{:011}", n * 37)).collect();
        let meters: Vec<(Id, &str)> = outcomes
            .iter()
            .zip(&numbers)
            .map(|(o, number)| (o.loaded().unwrap().usage_point, number.as_str()))
            .collect();
        load_meter_terms(&mut tx, ORG, &meters).await.unwrap();
        tx.commit().await.unwrap();
        writing += step.elapsed().as_secs_f64();
    }
    let cpu = cpu_seconds() - cpu;
    let mut tx = db.read().await.unwrap();
    let mut rows = 0;
    for (table, sql) in [
        ("person", "SELECT COUNT(*) FROM person"),
        ("contact_point", "SELECT COUNT(*) FROM contact_point"),
        ("account", "SELECT COUNT(*) FROM account"),
        ("place", "SELECT COUNT(*) FROM place"),
        ("service_location", "SELECT COUNT(*) FROM service_location"),
        ("usage_point", "SELECT COUNT(*) FROM usage_point"),
        ("search_term", "SELECT COUNT(*) FROM search_term"),
    ] {
        let found: i64 = tx.fetch_one(table, sql, &[]).await.unwrap();
        println!("{table}: {found}");
        rows += found;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "loaded {count} customers, {rows} rows in {seconds:.1} s, {cpu:.1} CPU s (forms {parsing:.1} s, database {writing:.1} s): {:.0} customers/s, {:.0} rows/s in the database",
        count as f64 / writing,
        rows as f64 / writing,
    );
}

async fn measure(db: &Db, count: usize) {
    let mut dice = Dice(1);
    let forms: Vec<CustomerForm> = (0..count).map(|n| form(n, &mut dice)).collect();
    let (random, actor) = (Randomness::from_number(1), Actor::program("bench"));
    let ctx = Ctx::new(&SystemClock, &random, &actor, "bench");
    let mut pick = Dice(99);
    type Ask = fn(&CustomerForm, usize) -> String;
    let asks: [(&str, Ask); 16] = [
        ("account", |f, _| f.account_no.clone()),
        ("account, first 6", |f, _| f.account_no[..6].into()),
        ("meter", |_, n| format!("4230001{:011}", n * 37)),
        ("phone", |f, _| f.phone.clone()),
        ("phone, last 4", |f, _| f.phone[7..].into()),
        ("name", |f, _| f.name.clone()),
        ("given name", |f, _| f.name.chars().skip(1).collect()),
        ("surname", |f, _| f.name.chars().take(1).collect()),
        ("part of a firm", |f, _| f.name.chars().skip(2).take(3).collect()),
        ("pinyin", |f, _| lamplight_registry::words::pinyin::Reading::of_person(&f.name).full()),
        ("initials", |f, _| {
            lamplight_registry::words::pinyin::Reading::of_person(&f.name).initials()
        }),
        ("community", |f, _| f.address.split('号').nth(1).unwrap().chars().take(3).collect()),
        ("full address", |f, _| f.address.split('号').nth(1).unwrap().into()),
        ("name and address", |f, _| {
            format!("{} {}", f.name, f.address.split('号').nth(1).unwrap())
        }),
        ("surname and community", |f, _| {
            let place: String = f.address.split('号').nth(1).unwrap().chars().take(3).collect();
            format!("{} {place}", f.name.chars().next().unwrap())
        }),
        ("two vague words, nothing", |f, _| format!("{} 小区 蘩", f.name.chars().next().unwrap())),
    ];
    for (kind, ask) in asks {
        let mut times = Vec::with_capacity(QUESTIONS);
        let cpu = cpu_seconds();
        let (mut hits, mut missed) = (0, 0);
        for _ in 0..QUESTIONS {
            let n = if kind == "part of a firm" {
                pick.below(count) / 25 * 25
            } else {
                pick.below(count)
            };
            let question = ask(&forms[n], n);
            let start = Instant::now();
            let mut tx = db.read().await.unwrap();
            let found = search(&ctx, &mut tx, ORG, &question).await.unwrap();
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
            hits += found.hits.len();
            missed += usize::from(found.hits.is_empty());
        }
        let cpu = cpu_seconds() - cpu;
        times.sort_by(f64::total_cmp);
        println!(
            "{kind:>26}: CPU {:6.2} ms, median {:6.2} ms, p95 {:6.2} ms, slowest {:6.2} ms, {:.1} hits, {missed} without",
            cpu / QUESTIONS as f64 * 1_000.0,
            times[QUESTIONS / 2],
            times[QUESTIONS * 95 / 100],
            times[QUESTIONS - 1],
            hits as f64 / QUESTIONS as f64,
        );
    }
}
