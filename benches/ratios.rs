//! Whole rounds against themselves: many lanes against one, each instruction set, two threads
//! against one, and all of them against the time that their random words alone take.
//!
//! Everything is played in turn in one run and the median is taken, so that a machine that slows
//! down slows all of it. `cargo bench --bench ratios -- [SCENARIO] [ROUNDS] [REPEATS]`.

#![expect(clippy::print_stdout, reason = "its tables are what it is for")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use kzsim::internals::engine::draws::{BLOCK, chacha8, key};
use kzsim::internals::engine::{Batch, Isa, Observer, Stage};
use kzsim::internals::ensemble::{Player, WIDTH, Workers};
use kzsim::internals::plan::{Needs, Plan};
use kzsim::internals::scenario::Scenario;

/// Words where the engine keeps them: in whole cache lines.
#[repr(align(64))]
struct Words([[u32; WIDTH]; BLOCK]);

struct Quiet;

impl<const W: usize> Observer<W> for Quiet {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// Seconds that a run takes.
fn run<const W: usize>(loaded: &(Scenario, Plan), isa: Isa, rounds: u64, threads: usize) -> f64 {
    let player = Player {
        seed: 2022,
        workers: Workers { threads, isa },
        ..Player::default()
    };
    let start = Instant::now();
    let tally = player.tally_in::<W>(&loaded.0, &loaded.1, 0..rounds);
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(tally.map(|t| t.rounds).ok(), Some(rounds));
    seconds
}

/// Blocks of words that a round takes, on average over rounds that share no lanes with others.
fn blocks(plan: &Plan, rounds: u64) -> f64 {
    let mut batch = Batch::<'_, BLOCK>::with_isa(plan, 2022, Isa::widest());
    let batches = rounds.div_ceil(BLOCK as u64);
    for i in 0..batches {
        batch.initialise(i * BLOCK as u64, BLOCK);
        batch.play(&mut Quiet);
    }
    batch.blocks(batches) as f64 / (batches * BLOCK as u64) as f64
}

/// Seconds to generate so many blocks with the engine's own generator.
fn words(isa: Isa, blocks: f64) -> f64 {
    let bytes = key(2022, "drift/army/street");
    let key =
        std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|b| bytes[4 * i + b])));
    let calls = (blocks / WIDTH as f64).ceil() as u64;
    let streams: [u64; WIDTH] = std::array::from_fn(|i| i as u64);
    let start = Instant::now();
    isa.run(
        #[inline(always)]
        || {
            let mut out = Words([[0; WIDTH]; BLOCK]);
            for call in 0..calls {
                chacha8(&key, call, black_box(&streams), &mut out.0);
                black_box(&out);
            }
        },
    );
    start.elapsed().as_secs_f64()
}

/// Shares of the time of whole rounds by stage, with nothing counted.
fn profile(plan: &Plan, batches: u64) -> Vec<(String, f64)> {
    let mut batch = Batch::<'_, WIDTH>::new(plan, 2022);
    let mut spent = [0.0; 8];
    let timed = |at: &mut f64, f: &mut dyn FnMut()| {
        let start = Instant::now();
        f();
        *at += start.elapsed().as_secs_f64();
    };
    for b in 0..batches {
        timed(&mut spent[7], &mut || {
            batch.initialise(b * WIDTH as u64, WIDTH);
        });
        while batch.alive.any() && batch.t < plan.steps {
            for (at, stage) in spent.iter_mut().zip(Stage::ALL) {
                timed(at, &mut || batch.play_stage(stage, &mut Quiet));
            }
        }
    }
    let whole: f64 = spent.iter().sum();
    let names = Stage::ALL.map(|s| format!("{s:?}"));
    let names = names.into_iter().chain(["Initialise".to_owned()]);
    names.zip(spent.map(|s| s / whole)).collect()
}

fn median(xs: &mut [f64]) -> f64 {
    xs.sort_by(f64::total_cmp);
    xs[xs.len() / 2]
}

/// One thing that is timed.
struct Contestant<'a> {
    name: String,
    rounds: u64,
    time: Box<dyn Fn() -> f64 + 'a>,
    seconds: Vec<f64>,
}

impl Contestant<'_> {
    /// Rounds a second: lowest, median, highest.
    fn rates(&self) -> [f64; 3] {
        let mut rates: Vec<f64> = self
            .seconds
            .iter()
            .map(|s| self.rounds as f64 / s)
            .collect();
        let middle = median(&mut rates);
        [rates[0], middle, rates[rates.len() - 1]]
    }
}

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let path = args
        .next()
        .unwrap_or_else(|| "scenarios/base.toml".to_owned());
    let number =
        |text: Option<String>, default: u64| text.map_or(Some(default), |t| t.parse().ok());
    let (Some(rounds), Some(repeats)) = (number(args.next(), 20_000), number(args.next(), 5))
    else {
        panic!("rounds and repeats are whole numbers");
    };
    let (scenario, faults) = Scenario::read(Path::new(&path), &[]).expect("a scenario");
    assert!(faults.is_empty(), "faults in {path}");
    let plan = Plan::new(&scenario).expect("a plan");
    let loaded = (scenario, plan);
    let few = (rounds / 16).max(64);
    let per_round = blocks(&loaded.1, few.min(1000));

    let mut all: Vec<Contestant<'_>> = Vec::new();
    for isa in Isa::available() {
        let loaded = &loaded;
        let mut add = |name: String, rounds, time: Box<dyn Fn() -> f64>| {
            all.push(Contestant {
                name,
                rounds,
                time,
                seconds: Vec::new(),
            });
        };
        let one = move || run::<1>(loaded, isa, few, 1);
        let many = move || run::<WIDTH>(loaded, isa, rounds, 1);
        let two = move || run::<WIDTH>(loaded, isa, rounds, 2);
        let floor = move || words(isa, per_round * rounds as f64);
        add(format!("{isa}, 1 lane"), few, Box::new(one));
        add(format!("{isa}, {WIDTH} lanes"), rounds, Box::new(many));
        add(
            format!("{isa}, {WIDTH} lanes, 2 threads"),
            rounds,
            Box::new(two),
        );
        add(
            format!("{isa}, random words alone"),
            rounds,
            Box::new(floor),
        );
    }
    for _ in 0..repeats {
        for contestant in &mut all {
            let seconds = (contestant.time)();
            contestant.seconds.push(seconds);
        }
    }

    println!(
        "{path}: {repeats} times {rounds} rounds ({few} at one lane), in turn; {per_round:.0} blocks of 16 random words a round"
    );
    println!();
    println!("| | rounds a second: median (lowest to highest) | ratio |");
    println!("| --- | ---: | ---: |");
    for group in all.chunks(4) {
        let rate = |i: usize| group[i].rates()[1];
        let ratios = [
            String::new(),
            format!("{:.1} times one lane", rate(1) / rate(0)),
            format!("{:.2} times one thread", rate(2) / rate(1)),
            format!("rounds reach {:.0} % of it", 100.0 * rate(1) / rate(3)),
        ];
        for (contestant, ratio) in group.iter().zip(ratios) {
            let [low, middle, high] = contestant.rates().map(f64::round);
            println!(
                "| {} | {middle} ({low} to {high}) | {ratio} |",
                contestant.name
            );
        }
    }
    println!();
    println!("| stage ({}) | share of the time |", Isa::widest());
    println!("| --- | ---: |");
    for (name, share) in profile(&loaded.1, rounds.div_ceil(WIDTH as u64)) {
        println!("| {name} | {:.0} % |", 100.0 * share);
    }
}
