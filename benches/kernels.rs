//! Every kernel by itself, and whole rounds by lanes, instruction set and threads.
//!
//! Stages run on the base case as it stands on its seventh day, with the words that a step takes.
//! `cargo bench --bench kernels`; one group with `cargo bench --bench kernels -- stage`.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kzsim::internals::engine::draws::{BLOCK, Draws, Law, chacha8};
use kzsim::internals::engine::lanes::Mask;
use kzsim::internals::engine::{Batch, Isa, Observer, Stage, evaluate};
use kzsim::internals::ensemble::histogram::{Histogram, Range};
use kzsim::internals::ensemble::{Player, WIDTH, Workers};
use kzsim::internals::plan::{Needs, Plan};
use kzsim::internals::scenario::Scenario;

const SEED: u64 = 2022;

/// Words where the engine keeps them: in whole cache lines.
#[repr(align(64))]
struct Words([[u32; WIDTH]; BLOCK]);

struct Quiet;

impl<const W: usize> Observer<W> for Quiet {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

fn base() -> (Scenario, Plan) {
    let (scenario, faults) =
        Scenario::read(Path::new("scenarios/base.toml"), &[]).expect("the base case");
    assert!(faults.is_empty());
    let plan = Plan::new(&scenario).expect("a plan");
    (scenario, plan)
}

fn words(c: &mut Criterion) {
    let mut group = c.benchmark_group("words");
    let rounds: [u64; WIDTH] = std::array::from_fn(|i| i as u64);
    for isa in Isa::available() {
        group.throughput(Throughput::Bytes((WIDTH * BLOCK * 4) as u64));
        group.bench_function(BenchmarkId::new("ChaCha8, one block a lane", isa), |b| {
            let mut out = Words([[0; WIDTH]; BLOCK]);
            let mut block = 0;
            b.iter(|| {
                block += 1;
                isa.run(
                    #[inline(always)]
                    || chacha8(&[7; 8], block, black_box(&rounds), &mut out.0),
                );
                out.0[0][0]
            });
        });
        group.throughput(Throughput::Elements(WIDTH as u64));
        for (name, law) in [
            ("uniform", Law::Uniform),
            ("exponential", Law::Exponential),
            ("Gumbel", Law::Gumbel),
            ("normal", Law::Normal),
        ] {
            group.bench_function(BenchmarkId::new(format!("{name} numbers"), isa), |b| {
                let mut draws = Draws::<WIDTH>::new(SEED, "drift/army/street", law);
                let mut index = 0;
                b.iter(|| {
                    index += 1;
                    draws.at(isa, index, &rounds).0[0]
                });
            });
        }
    }
    group.finish();
}

fn stages(c: &mut Criterion) {
    let (_, plan) = base();
    let mut group = c.benchmark_group("stage");
    group.throughput(Throughput::Elements(WIDTH as u64));
    for isa in Isa::available() {
        let mut batch = Batch::<'_, WIDTH>::with_isa(&plan, SEED, isa);
        group.bench_function(BenchmarkId::new("Initialise", isa), |b| {
            let mut first = 0;
            b.iter(|| {
                first += WIDTH as u64;
                batch.initialise(first, WIDTH);
            });
        });
        for stage in Stage::ALL {
            batch.initialise(0, WIDTH);
            while batch.t < plan.steps / 4 {
                batch.step(&mut Quiet);
            }
            group.bench_function(BenchmarkId::new(format!("{stage:?}"), isa), |b| {
                b.iter(|| {
                    // Settle moves on by itself; each iteration takes the words of another step.
                    batch.t = (batch.t + 1) % (plan.steps - 1);
                    batch.play_stage(stage, &mut Quiet);
                });
            });
        }
    }
    group.finish();
}

fn programs(c: &mut Criterion) {
    let (_, plan) = base();
    let mut group = c.benchmark_group("expression program");
    for isa in Isa::available() {
        let mut batch = Batch::<'_, WIDTH>::with_isa(&plan, SEED, isa);
        batch.initialise(0, WIDTH);
        let operations = plan.act.instructions.len() * WIDTH;
        group.throughput(Throughput::Elements(operations as u64));
        group.bench_function(BenchmarkId::new("conditions and terms of Act", isa), |b| {
            b.iter(|| evaluate::run(isa, &plan.act, &mut batch.slots));
        });
    }
    group.finish();
}

fn quantiles(c: &mut Criterion) {
    let (_, plan) = base();
    let mut group = c.benchmark_group("prior quantiles");
    group.throughput(Throughput::Elements((plan.priors.len() * WIDTH) as u64));
    group.bench_function("every prior of the base case", |b| {
        let u: [f32; WIDTH] = std::array::from_fn(|i| (i as f32 + 0.5) / WIDTH as f32);
        b.iter(|| {
            let mut sum = 0.0;
            for prior in &plan.priors {
                for u in black_box(&u) {
                    sum += prior.at(*u);
                }
            }
            sum
        });
    });
    group.finish();
}

fn tallies(c: &mut Criterion) {
    let mut group = c.benchmark_group("tallies");
    group.throughput(Throughput::Elements(WIDTH as u64));
    let values: [f32; WIDTH] = std::array::from_fn(|i| (i as f32 + 0.5) / WIDTH as f32);
    for isa in Isa::available() {
        group.bench_function(BenchmarkId::new("histogram of a day", isa), |b| {
            let mut histogram = Histogram::new(Range::Share);
            let all = Mask::of(|_| true);
            b.iter(|| {
                isa.run(
                    #[inline(always)]
                    || histogram.add(black_box(&values), &all),
                );
            });
        });
    }
    group.finish();
}

fn run<const W: usize>(loaded: &(Scenario, Plan), isa: Isa, rounds: u64, threads: usize) -> u64 {
    let player = Player {
        seed: SEED,
        workers: Workers { threads, isa },
        ..Player::default()
    };
    player
        .tally_in::<W>(&loaded.0, &loaded.1, 0..rounds)
        .expect("a run that nothing interrupts")
        .outcome_count(0)
}

fn rounds(c: &mut Criterion) {
    const ROUNDS: u64 = 1024;
    let loaded = base();
    let mut group = c.benchmark_group("rounds of the base case");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROUNDS));
    for isa in Isa::available() {
        macro_rules! lanes {
            ($($w:literal),+) => {
                $(group.bench_function(BenchmarkId::new(format!("{} lanes", $w), isa), |b| {
                    b.iter(|| run::<$w>(&loaded, isa, ROUNDS, 1));
                });)+
            };
        }
        lanes!(1, 16, 32, 64, 128);
        group.bench_function(BenchmarkId::new("64 lanes, 2 threads", isa), |b| {
            b.iter(|| run::<WIDTH>(&loaded, isa, ROUNDS, 2));
        });
    }
    group.finish();
}

criterion_group!(benches, words, quantiles, stages, programs, tallies, rounds);
criterion_main!(benches);
