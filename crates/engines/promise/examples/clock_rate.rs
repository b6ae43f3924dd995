//! How many clocks are computed in a second on one core: every promise of the packs that come
//! along, with two pauses each. `cargo run --release -p lamplight-promise --example clock_rate`.

use std::{error::Error, hint::black_box, time::Instant as Wall};

use kernel::{Instant, Zone};
use promise::{Clock, Facts, Pause, Rule, Timetable, bundled, plain};

#[expect(clippy::disallowed_methods, reason = "it measures the machine's time")]
fn main() -> Result<(), Box<dyn Error>> {
    let library = bundled::library(&["generic", "national", "state_grid", "southern_grid"])?;
    let zone = Zone::get("Asia/Shanghai").ok_or("no zone")?;
    let calendar = plain::calendar(&[], &[]);
    let time = Timetable::compile(&zone, &calendar, library.hours(), (2026, 2027))?;
    let rules: Vec<&Rule> = library.packs().iter().flat_map(|pack| &pack.rules).collect();
    let start = Instant::from_micros(1_772_323_200_000_000);
    let rounds: i64 = 20_000;
    let began = Wall::now();
    for round in 0..rounds {
        let opened = start.plus_seconds(round * 613);
        let pause = |after: i64| Pause {
            reason: "r".to_owned(),
            from: opened.plus_seconds(after),
            to: Some(opened.plus_seconds(after + 600)),
        };
        let mut facts = Facts::opened(opened, Some(opened.plus_seconds(864_000)));
        facts.pauses = vec![pause(300), pause(7_200)];
        for rule in &rules {
            black_box(Clock::of(rule, &facts, &time)?);
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let clocks = rounds as f64 * rules.len() as f64;
    println!("{clocks} clocks in {seconds:.2} s: {:.0} a second", clocks / seconds);
    Ok(())
}
