//! The limit: `scenarios/bench.toml` compiled by hand, beside the engine of kzsim. `../README.md` says how to run it.

mod counts;
mod engine;
mod laws;
mod model;

use std::path::Path;
use std::time::Instant;

use counts::Counts;
use kzsim::internals::engine::Isa;
use kzsim::internals::ensemble::Workers;
use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::Scenario;
use laws::{Exact, Free};
use model::Limit;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/bench.toml");
const USAGE: &str = "usage: kzsim-limit [--check] [--rounds N] [--repeat N] [--seed S]
       [--only limit|free|engine] [--threads N (of the engine)] [--json]";

struct Args {
    check: bool,
    json: bool,
    rounds: u64,
    repeat: usize,
    seed: u64,
    threads: usize,
    only: Option<String>,
}

fn args() -> Result<Args, String> {
    let mut args = Args {
        check: false,
        json: false,
        rounds: 65_536,
        repeat: 7,
        seed: 1,
        threads: 1,
        only: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(key) = words.next() {
        match key.as_str() {
            "--check" => args.check = true,
            "--json" => args.json = true,
            "--rounds" | "--repeat" | "--seed" | "--threads" => {
                let text = words.next().unwrap_or_default();
                let number: u64 = text.parse().map_err(|e| format!("{key} {text}: {e}"))?;
                match key.as_str() {
                    // Sixteen rounds share a block of random words.
                    "--rounds" => args.rounds = number.next_multiple_of(16).max(16),
                    "--threads" => args.threads = number.max(1) as usize,
                    "--repeat" => args.repeat = number.max(1) as usize,
                    _ => args.seed = number,
                }
            }
            "--only" => args.only = words.next(),
            _ => return Err(format!("unknown option {key}")),
        }
    }
    Ok(args)
}

fn plan() -> Plan {
    let (scenario, faults) = Scenario::read(Path::new(SCENARIO), &[]).expect("bench.toml");
    assert!(faults.is_empty(), "faults in bench.toml");
    Plan::new(&scenario).expect("bench.toml is a good scenario")
}

/// Whether it has fused multiply-add.
fn fuses(isa: Isa) -> bool {
    isa.to_string() != "sse2"
}

/// The greatest |z| of two samples of shares.
fn greatest_z(a: &Counts, b: &Counts) -> f64 {
    let (m, n) = (a.rounds as f64, b.rounds as f64);
    let pairs = a.totals().into_iter().zip(b.totals());
    let z = pairs.map(|(x, y)| {
        let (x, y) = (x as f64, y as f64);
        let p = (x + y) / (m + n);
        let sd = (p * (1.0 - p) * (1.0 / m + 1.0 / n)).sqrt();
        if sd > 0.0 {
            ((x / m - y / n) / sd).abs()
        } else {
            0.0
        }
    });
    z.fold(0.0, f64::max)
}

fn check(args: &Args) -> bool {
    let mut good = true;
    let plan_of_engine = plan();
    for isa in Isa::available() {
        let workers = Workers {
            threads: args.threads,
            isa,
        };
        let engine = engine::play(&plan_of_engine, args.seed, workers, 0..args.rounds);
        let limit = Limit::new(plan(), args.seed, isa).play::<Exact>(0..args.rounds);
        let parts = [
            ("outcomes by step", engine.outcomes == limit.outcomes),
            ("actions by step", engine.actions == limit.actions),
            ("flags", engine.flags == limit.flags),
        ];
        for (what, equal) in parts {
            println!(
                "{isa}, {} rounds, {what}: {}",
                args.rounds,
                if equal { "equal" } else { "DIFFERENT" }
            );
            good &= equal;
        }
        if engine != limit {
            println!("engine {:?}", engine.totals());
            println!("limit  {:?}", limit.totals());
        }
        if fuses(isa) {
            // Other rounds, so that the two are independent.
            let first = args.rounds;
            let free = Limit::new(plan(), args.seed, isa).play::<Free>(first..2 * first);
            let z = greatest_z(&engine, &free);
            println!(
                "{isa}, bits free, {} rounds: greatest |z| of 13 shares {z:.2}",
                args.rounds
            );
            // One false alarm in 100,000 checks.
            good &= z < 4.9;
        }
    }
    good
}

fn median(xs: &mut [f64]) -> [f64; 3] {
    xs.sort_by(f64::total_cmp);
    [xs[xs.len() / 2], xs[0], xs[xs.len() - 1]]
}

fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split(':').nth(1));
    name.unwrap_or(std::env::consts::ARCH).trim().to_owned()
}

fn main() {
    let args = match args() {
        Ok(args) => args,
        Err(fault) => {
            eprintln!("{fault}\n{USAGE}");
            std::process::exit(2);
        }
    };
    if args.check {
        std::process::exit(i32::from(!check(&args)));
    }
    let isa = match Isa::chosen() {
        Ok(isa) => isa,
        Err(fault) => {
            eprintln!("{fault}");
            std::process::exit(2);
        }
    };
    let plan_of_engine = plan();
    let mut limit = Limit::new(plan(), args.seed, isa);
    let workers = Workers {
        threads: args.threads,
        isa,
    };
    let names = ["limit", "free", "engine"];
    let mut rates: [Vec<f64>; 3] = Default::default();
    // Software for fused multiply-add is no way to be free.
    let skipped = |name: &str| {
        args.only.as_ref().is_some_and(|only| only != name) || (name == "free" && !fuses(isa))
    };
    for repeat in 0..args.repeat as u64 {
        let rounds = repeat * args.rounds..(repeat + 1) * args.rounds;
        for (name, rates) in names.iter().zip(&mut rates) {
            if skipped(name) {
                continue;
            }
            let begin = Instant::now();
            let counts = match *name {
                "limit" => limit.play::<Exact>(rounds.clone()),
                "free" => limit.play::<Free>(rounds.clone()),
                _ => engine::play(&plan_of_engine, args.seed, workers, rounds.clone()),
            };
            assert_eq!(counts.rounds, args.rounds);
            rates.push(args.rounds as f64 / begin.elapsed().as_secs_f64());
        }
    }
    if !args.json {
        println!(
            "bench.toml, {} times {} rounds of each in turn, one thread, {isa}, {}",
            args.repeat,
            args.rounds,
            machine()
        );
    }
    let middles = rates.each_mut().map(|rates| {
        if rates.is_empty() {
            [f64::NAN; 3]
        } else {
            median(rates)
        }
    });
    let best = middles[0][0];
    for (name, [middle, low, high]) in names.iter().zip(middles) {
        if middle.is_nan() {
            continue;
        }
        if args.json {
            println!(
                "{{\"what\": \"{name}\", \"median\": {middle:.0}, \"min\": {low:.0}, \"max\": {high:.0}, \"isa\": \"{isa}\", \"rounds\": {}}}",
                args.rounds
            );
        } else {
            println!(
                "{name:8} {middle:9.0} rounds/s ({low:.0} to {high:.0}), {:.2} of the limit",
                middle / best
            );
        }
    }
}
