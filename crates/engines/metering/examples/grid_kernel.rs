//! The grid checks alone, without reading or writing Parquet: how long they take.
//!
//! `cargo run --release -p lamplight-metering --example grid_kernel [-- GRID.raw [OUT.raw FLAGS.raw]]`
//!
//! `GRID.raw` holds 2,880 little-endian 32-bit integers per meter, the smallest integer where no
//! value was delivered. Without it a month of 10,000 meters is generated from a fixed seed. The
//! best of five runs is printed; with further names the results are written there.

use std::{env, fs, hint::black_box, io, process::ExitCode};

use metering_kernel::{DAYS, prepare, synthetic};

use lamplight_metering::grid::{Grid, GridRules};

mod metering_kernel {
    //! Input for the measurement.

    /// Days in the grid.
    pub const DAYS: usize = 30;
    /// Intervals of one meter.
    pub const T: usize = DAYS * 96;

    /// Values and flags as the grid wants them, from integers with a sentinel.
    pub fn prepare(raw: &[i32]) -> (Vec<i32>, Vec<u8>) {
        (raw.to_vec(), raw.iter().map(|v| u8::from(*v == i32::MIN)).collect())
    }

    /// A month of 10,000 meters: noise, single and long gaps, spikes, negatives, stuck runs in
    /// about the shares of the reference job.
    pub fn synthetic() -> Vec<i32> {
        let mut state = 1_u64;
        let mut random = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut all = vec![0_i32; 10_000 * T];
        for meter in all.chunks_exact_mut(T) {
            for value in meter.iter_mut() {
                let use_ = i32::try_from(40 + random(300)).unwrap_or(0);
                *value = match random(20_000) {
                    0..80 => i32::MIN,
                    80..84 => use_ * 20 + 5_000,
                    84 => -use_ - 1,
                    _ => use_,
                };
            }
            let index = |n: u64| usize::try_from(n).unwrap_or(0);
            if random(10) < 9 {
                let (at, length) = (index(random(2_688)), index(9 + random(183)));
                meter[at..at + length].fill(i32::MIN);
            }
            if random(10) < 3 {
                let (at, length) = (index(random(2_820)), index(12 + random(48)));
                let value = meter[at];
                meter[at..at + length].fill(value);
            }
        }
        all
    }
}

fn main() -> io::Result<ExitCode> {
    let names: Vec<String> = env::args().skip(1).collect();
    let raw = match names.first() {
        Some(name) => {
            let bytes = fs::read(name)?;
            bytes.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect()
        }
        None => synthetic(),
    };
    let mut grid = match Grid::<96>::weekly(GridRules::default(), DAYS) {
        Ok(grid) => grid,
        Err(error) => return Err(io::Error::other(error)),
    };
    let length = grid.intervals();
    let mut best_s = f64::INFINITY;
    let (mut values, mut flags) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        (values, flags) = prepare(&raw);
        let started = cpu_s();
        for (values, flags) in values.chunks_exact_mut(length).zip(flags.chunks_exact_mut(length)) {
            grid.run(values, flags).map_err(io::Error::other)?;
        }
        best_s = best_s.min(cpu_s() - started);
        black_box((&values, &flags));
    }
    let sum: i64 = values.iter().map(|v| i64::from(*v)).sum();
    let flag_sum: u64 = flags.iter().map(|f| u64::from(*f)).sum();
    println!(
        "{} meters, {} intervals: {best_s:.4} CPU s; sum {sum}, flags {flag_sum}",
        raw.len() / length,
        raw.len()
    );
    if let [_, out, out_flags] = names.as_slice() {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        fs::write(out, bytes)?;
        fs::write(out_flags, &flags)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// CPU seconds of this thread so far, as Linux counts them: wall time says little on a busy machine.
fn cpu_s() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}
