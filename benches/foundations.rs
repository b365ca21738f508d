//! What had to be settled before anything else, because changing it later changes every number:
//! f32 or f64 lanes, fused multiply-add or not, and draws addressed by name over lanes.
//!
//! The kernel is what a round mostly does: a logit choice among four options (exp, sums, one
//! division each) in 64 rounds side by side. `docs/PERFORMANCE.md` has the figures and how to
//! repeat them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kzsim::internals::engine::Isa;
use kzsim::internals::engine::draws::{BLOCK, Draws, Law, chacha8};
use kzsim::internals::math;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LANES: usize = 64;
const OPTIONS: usize = 4;

/// A logit choice with a polynomial exponential of the accuracy that the type deserves.
macro_rules! kernel {
    ($name:ident, $float:ty, $bits:ty, $magic:expr, $bias:expr, $shift:expr, $step:expr, [$($c:expr),+]) => {
        #[inline(never)]
        fn $name(scores: &mut [[$float; LANES]; OPTIONS]) {
            let mut sum = [0.0; LANES];
            for row in scores.iter_mut() {
                for (x, sum) in row.iter_mut().zip(&mut sum) {
                    let shifted = *x * (std::f64::consts::LOG2_E as $float) + $magic;
                    let f = *x - (shifted - $magic) * (std::f64::consts::LN_2 as $float);
                    let mut p: $float = 0.0;
                    $(p = $step(p, f, $c);)+
                    let scale = <$float>::from_bits(shifted.to_bits().wrapping_add($bias) << $shift);
                    *x = p * scale;
                    *sum += *x;
                }
            }
            for row in scores.iter_mut() {
                for (x, sum) in row.iter_mut().zip(&sum) {
                    *x /= *sum;
                }
            }
        }
    };
}

kernel!(
    single,
    f32,
    u32,
    12_582_912.0,
    127,
    23,
    |p: f32, f, c| p * f + c,
    [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0
    ]
);
kernel!(
    single_fused,
    f32,
    u32,
    12_582_912.0,
    127,
    23,
    |p: f32, f, c| p.mul_add(f, c),
    [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0
    ]
);
kernel!(
    double,
    f64,
    u64,
    6_755_399_441_055_744.0,
    1023,
    52,
    |p: f64, f, c| p * f + c,
    [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0
    ]
);

fn lanes(c: &mut Criterion) {
    let mut group = c.benchmark_group("logit choice over 64 lanes");
    group.throughput(Throughput::Elements(LANES as u64));
    let score = |o: usize, i: usize| 0.1 * o as f64 - 0.01 * i as f64;
    let singles: [[f32; LANES]; OPTIONS] =
        std::array::from_fn(|o| std::array::from_fn(|i| score(o, i) as f32));
    let doubles: [[f64; LANES]; OPTIONS] =
        std::array::from_fn(|o| std::array::from_fn(|i| score(o, i)));
    group.bench_function("f32", |b| {
        b.iter(|| {
            let mut s = black_box(singles);
            single(&mut s);
            s
        });
    });
    if cfg!(target_feature = "fma") {
        group.bench_function("f32 fused", |b| {
            b.iter(|| {
                let mut s = black_box(singles);
                single_fused(&mut s);
                s
            });
        });
    }
    group.bench_function("f64", |b| {
        b.iter(|| {
            let mut s = black_box(doubles);
            double(&mut s);
            s
        });
    });
    group.finish();
}

fn words(c: &mut Criterion) {
    let mut group = c.benchmark_group("one block of 16 words in 64 rounds");
    group.throughput(Throughput::Bytes((LANES * BLOCK * 4) as u64));
    let key = [1; 8];
    group.bench_function("rand_chacha, one stream after another", |b| {
        let mut sum = 0_u32;
        b.iter(|| {
            for round in 0..LANES as u64 {
                let mut generator = ChaCha8Rng::from_seed([1; 32]);
                generator.set_stream(black_box(round));
                for _ in 0..BLOCK {
                    sum = sum.wrapping_add(generator.next_u32());
                }
            }
            sum
        });
    });
    group.bench_function("lanes, 16 streams at once", |b| {
        b.iter(|| {
            let mut sum = 0_u32;
            for chunk in 0..LANES as u64 / 16 {
                let streams: [u64; 16] = std::array::from_fn(|i| black_box(chunk) * 16 + i as u64);
                let mut out = [[0; 16]; BLOCK];
                chacha8(&key, 0, &streams, &mut out);
                sum = sum.wrapping_add(out[15][15]);
            }
            sum
        });
    });
    let rounds: [u64; LANES] = std::array::from_fn(|i| i as u64);
    for (name, law) in [("uniform", Law::Uniform), ("normal", Law::Normal)] {
        group.bench_function(format!("lanes, turned into {name} numbers"), |b| {
            let mut draws = Draws::<LANES>::new(1, "choose/army", law);
            b.iter(|| {
                draws.restart();
                draws.at(Isa::Baseline, 0, black_box(&rounds)).0[0]
            });
        });
    }
    group.finish();
}

fn functions(c: &mut Criterion) {
    let mut group = c.benchmark_group("functions over 64 lanes");
    group.throughput(Throughput::Elements(LANES as u64));
    let x: [f32; LANES] = std::array::from_fn(|i| (i as f32 + 0.5) / LANES as f32);
    macro_rules! bench {
        ($($name:literal: $f:expr),+ $(,)?) => {
            $(group.bench_function($name, |b| b.iter(|| black_box(x).map($f)));)+
        };
    }
    bench! {
        "exp": math::exp,
        "ln": math::ln,
        "logistic": math::logistic,
        "normal quantile": math::normal_quantile,
        "normal distribution function": math::normal_cdf,
    }
    group.finish();
}

criterion_group!(benches, lanes, words, functions);
criterion_main!(benches);
