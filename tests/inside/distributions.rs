//! Draws follow their laws: Kolmogorov–Smirnov and χ² tests with a stated false-alarm rate.
//!
//! Each test would have failed a correct program with probability [`ALARM`] when its seed was first
//! tried; with the seed fixed it passes always or never.

use kzsim::engine::draws;
use kzsim::math;
use kzsim::plan::Quantile;
use kzsim::plan::quantile::Shapes;
use statrs::distribution::{
    Beta, ChiSquared, Continuous, ContinuousCDF, Exp, Gumbel, Normal, Uniform,
};

use crate::inside::support::{load, play_records, repository};

/// False-alarm rate of each test.
const ALARM: f64 = 1e-6;
/// Sample size.
const N: usize = 200_000;

/// The asymptotic critical value of √n·D at the false-alarm rate: Q(x) ≈ 2·exp(−2x²).
fn critical() -> f64 {
    ((2.0 / ALARM).ln() / 2.0).sqrt()
}

fn kolmogorov_smirnov(what: &str, mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0_f64, |worst, (i, x)| {
        let p = cdf(*x);
        worst
            .max((p - i as f64 / n).abs())
            .max(((i + 1) as f64 / n - p).abs())
    });
    let statistic = n.sqrt() * distance;
    assert!(
        statistic < critical(),
        "{what}: √n·D = {statistic:.3} of n = {n}, limit {:.3} at a false-alarm rate of {ALARM}",
        critical()
    );
}

/// Words of one site over rounds.
fn over_rounds(site: &str) -> Vec<u32> {
    (0..N as u64)
        .map(|round| draws::word(17, site, round, 3))
        .collect()
}

#[test]
fn words_over_rounds_and_over_indices_are_uniform() {
    let uniform = Uniform::new(0.0, 1.0).expect("a law");
    let sample = |words: Vec<u32>| {
        words
            .into_iter()
            .map(|w| f64::from(math::uniform(w)))
            .collect()
    };
    kolmogorov_smirnov("rounds", sample(over_rounds("drift/army/one")), |x| {
        uniform.cdf(x)
    });
    let indices = (0..N as u64)
        .map(|i| draws::word(17, "mood/town", 5, i))
        .collect();
    kolmogorov_smirnov("indices", sample(indices), |x| uniform.cdf(x));
    let sites = (0..N)
        .map(|s| draws::word(17, &format!("prior/parameters.p{s}"), 5, 0))
        .collect();
    kolmogorov_smirnov("sites", sample(sites), |x| uniform.cdf(x));
    let seeds = (0..N as u64)
        .map(|seed| draws::word(seed, "choose/army", 5, 0))
        .collect();
    kolmogorov_smirnov("seeds", sample(seeds), |x| uniform.cdf(x));
}

#[test]
fn laws_are_as_named() {
    let words = over_rounds("taste/minister/one");
    let by = |law: fn(u32) -> f32| words.iter().map(|w| f64::from(law(*w))).collect::<Vec<_>>();
    let normal = Normal::standard();
    kolmogorov_smirnov("normal", by(math::normal), |x| normal.cdf(x));
    let exponential = Exp::new(1.0).expect("a law");
    kolmogorov_smirnov("exponential", by(math::exponential), |x| exponential.cdf(x));
    let gumbel = Gumbel::new(0.0, 1.0).expect("a law");
    kolmogorov_smirnov("Gumbel", by(math::gumbel), |x| gumbel.cdf(x));
}

#[test]
fn priors_follow_their_laws() {
    let words = over_rounds("prior/parameters.nerve");
    let uniforms: Vec<f32> = words.iter().map(|w| math::uniform(*w)).collect();
    for (low, mode, high) in [
        (0.0, 2.0, 10.0),
        (0.1, 0.1, 0.9),
        (0.2, 0.7, 0.7),
        (-1.0, 0.0, 1.0),
    ] {
        let pert = Quantile::pert(low, mode, high, &mut Shapes::default());
        let alpha = 1.0 + 4.0 * (mode - low) / (high - low);
        let law = Beta::new(alpha, 6.0 - alpha).expect("a law");
        let sample = uniforms.iter().map(|u| f64::from(pert.at(*u))).collect();
        let stretched = |x: f64| law.cdf(((x - low) / (high - low)).clamp(0.0, 1.0));
        kolmogorov_smirnov(&format!("PERT({low}, {mode}, {high})"), sample, stretched);
    }
    let (lo, hi) = (0.0, 1.0);
    let truncated = Quantile::normal(0.8, 0.3, lo, hi);
    let law = Normal::new(0.8, 0.3).expect("a law");
    let sample: Vec<f64> = uniforms
        .iter()
        .map(|u| f64::from(truncated.at(*u)))
        .collect();
    assert!(sample.iter().all(|x| (-1e-6..=1.0 + 1e-6).contains(x)));
    let inside = law.cdf(hi) - law.cdf(lo);
    kolmogorov_smirnov("truncated normal", sample, |x| {
        ((law.cdf(x) - law.cdf(lo)) / inside).clamp(0.0, 1.0)
    });
    assert!(law.pdf(0.8) > 0.0);
}

/// Neighbouring draws are independent: pairs fall evenly on a grid.
#[test]
fn neighbouring_draws_are_independent() {
    let cells = 16_usize;
    let check = |what: &str, pairs: &mut dyn Iterator<Item = (u32, u32)>| {
        let mut counts = vec![0_u32; cells * cells];
        let mut n = 0.0;
        for (a, b) in pairs {
            counts[(a >> 28) as usize * cells + (b >> 28) as usize] += 1;
            n += 1.0;
        }
        let expected = n / (cells * cells) as f64;
        let statistic: f64 = counts
            .iter()
            .map(|c| (f64::from(*c) - expected).powi(2) / expected)
            .sum();
        let law = ChiSquared::new((cells * cells - 1) as f64).expect("a law");
        let limit = law.inverse_cdf(1.0 - ALARM);
        assert!(
            statistic < limit,
            "{what}: χ² = {statistic:.1}, limit {limit:.1} at {ALARM}"
        );
    };
    let n = N as u64;
    let word = |site: &str, round, index| draws::word(3, site, round, index);
    check(
        "rounds",
        &mut (0..n).map(|r| (word("choose/a", r, 0), word("choose/a", r + 1, 0))),
    );
    check(
        "steps",
        &mut (0..n).map(|r| (word("choose/a", r, 15), word("choose/a", r, 16))),
    );
    check(
        "sites",
        &mut (0..n).map(|r| (word("choose/a", r, 0), word("choose/b", r, 0))),
    );
    check(
        "seeds",
        &mut (0..n).map(|r| (word("choose/a", r, 0), draws::word(4, "choose/a", r, 0))),
    );
}

/// The priors that a run reports are those of the scenario: their means over rounds.
#[test]
fn drawn_priors_of_the_base_case_have_their_means() {
    let loaded = load(&repository("scenarios/base.toml"), &[]);
    let n = 4_000;
    let (_, records) = play_records::<64>(&loaded, 99, n, 0);
    // 4.9 standard errors: a false-alarm rate of 1e-6 a prior.
    for (i, number) in loaded.0.priors().iter().enumerate() {
        let kzsim::scenario::model::NumberKind::Pert { low, mode, high } = number.kind else {
            continue;
        };
        let mean = (low + 4.0 * mode + high) / 6.0;
        let variance = (mean - low) * (high - mean) / 7.0;
        let found = records.iter().map(|r| f64::from(r.priors[i])).sum::<f64>() / n as f64;
        let z = (found - mean) / (variance / n as f64).sqrt();
        assert!(
            z.abs() < 4.9,
            "{}: mean {found}, expected {mean}, z = {z:.2}",
            number.path
        );
    }
}
