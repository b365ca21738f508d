//! Draws follow their laws: Kolmogorov–Smirnov and χ² tests with a stated false-alarm rate.
//!
//! Each test would have failed a correct program with probability [`ALARM`] when its seed was first
//! tried; with the seed fixed it passes always or never.

use kzsim::engine::Isa;
use kzsim::engine::draws::{self, Law};
use kzsim::math;
use kzsim::plan::Quantile;
use kzsim::plan::quantile::Shapes;
use statrs::distribution::{
    Beta, ChiSquared, Continuous, ContinuousCDF, Exp, Gumbel, Normal, Uniform,
};

use crate::inside::played::play_records;
use crate::inside::support::{load, repository};

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
            .map(|w| f64::from(math::uniform(math::sided(w))))
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
    let by = |law: fn(f32) -> f32| {
        let each = words.iter().map(|w| f64::from(law(math::sided(*w))));
        each.collect::<Vec<_>>()
    };
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
    let uniforms: Vec<f32> = words.iter().map(|w| math::sided(*w)).collect();
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
    // Around the mean, in either tail, far out, and with hardly any or a very large spread.
    for (mean, sd, lo, hi) in [
        (0.8, 0.3, 0.0, 1.0),
        (0.5, 100.0, 0.0, 1.0),
        (-0.6, 0.1, 0.0, 1.0),
        (1.6, 0.1, 0.0, 1.0),
        (-5.0, 0.1, 0.0, 1.0),
        (2.0, 0.01, 0.0, 1e30),
        (0.3, 0.2, -1e30, 0.0),
    ] {
        let truncated = Quantile::normal(mean, sd, lo, hi);
        let (a, b) = ((lo - mean) / sd, (hi - mean) / sd);
        let what = format!("normal({mean}, {sd}) on [{lo}, {hi}]");
        let sample: Vec<f64> = uniforms
            .iter()
            .map(|u| f64::from(truncated.at(*u)))
            .collect();
        assert!(sample.iter().all(|x| (lo..=hi).contains(x)), "{what}");
        let mut values = sample.clone();
        values.sort_by(f64::total_cmp);
        values.dedup();
        assert!(values.len() > N / 2, "{what}: {}", values.len());
        // The part of the law below a value, from the tail that has the digits.
        let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let between = |p: f64, q: f64| match (p, q) {
            _ if p.abs() > 30.0 && p > 0.0 => -(-p * (q - p) - 0.5 * (q - p).powi(2)).exp_m1(),
            _ if p > 0.0 => below(-p) - below(-q),
            _ => below(q) - below(p),
        };
        let all = between(a.max(-1e9), b);
        let law = |x: f64| between(a, a + (x - lo.max(-1e9)) / sd) / all;
        let law_open = |x: f64| between(a, (x - mean) / sd) / all;
        if lo == -1e30 {
            kolmogorov_smirnov(&what, sample, law_open);
        } else {
            kolmogorov_smirnov(&what, sample, law);
        }
    }
}

/// Laws by quantiles go through their points, rise, and stay between the ends of their key.
#[test]
fn laws_by_quantiles_go_through_their_points() {
    let shapes = &mut Shapes::default();
    for (points, lo, hi, part) in [
        ([0.1, 0.25, 0.6], 0.0, 1.0, 1e-5),
        ([0.05, 0.5, 0.95], 0.0, 1.0, 1e-5),
        ([1.0, 10.0, 100.0], 0.0, 1e30, 2e-5),
        ([-3.0, 0.0, 1.0], -1e30, 1e30, 1e-5),
        ([-9.0, -3.0, -1.0], -1e30, 0.0, 1e-5),
        ([1.0, 1.02, 5.0], 0.0, 1e30, 3e-3),
        ([0.1, 0.105, 0.9], 0.0, 1.0, 1e-3),
        ([0.999, 0.999_9, 0.999_99], 0.0, 1.0, 1e-5),
        ([1e-3, 1.0, 1e3], 0.0, 1e30, 2e-2),
        ([-1.0, 0.0, 99.0], -1e30, 1e30, 1e-3),
        ([-9e29, 1.0, 9e29], -1e30, 1e30, 1e-5),
    ] {
        let law = Quantile::through(points, lo, hi, shapes);
        let size = if lo == -1e30 && hi == 1e30 {
            points[2]
        } else {
            0.0
        };
        for (p, x) in [0.05, 0.5, 0.95].into_iter().zip(points) {
            let found = f64::from(law.at(math::sided_at(p)));
            let error = (found - x).abs() / f64::max(x.abs(), size);
            assert!(error < part, "{points:?}: {found} at {p}");
        }
        let ends = [math::FINEST, 1e-9, 0.01, 0.3, 0.499];
        let all = ends.iter().copied().chain(ends.iter().rev().map(|e| -e));
        let values: Vec<f32> = all.map(|e| law.at(e)).collect();
        assert!(values.is_sorted(), "{points:?}: {values:?}");
        let within = |x: &f32| (lo as f32..=hi as f32).contains(x);
        assert!(values.iter().all(within), "{points:?}: {values:?}");
    }
    // Even points give the normal law, and on the scale of their range the laws named after it.
    let words = over_rounds("prior/parameters.nerve");
    let normal = Normal::new(0.0, 1.0 / 1.644_853_626_951_472_2).expect("a law");
    let share = |y: f64| 1.0 / (1.0 + (-y).exp());
    for (what, scale, lo, hi) in [
        ("normal", (|x| x) as fn(f64) -> f64, -1e30, 1e30),
        ("lognormal", f64::ln, 0.0, 1e30),
        ("logit-normal", |x: f64| (x / (1.0 - x)).ln(), 0.0, 1.0),
    ] {
        let points = [-1.0, 0.0, 1.0_f64].map(|y| match what {
            "normal" => y,
            "lognormal" => y.exp(),
            _ => share(y),
        });
        let law = Quantile::through(points, lo, hi, shapes);
        let sample = words.iter().map(|w| f64::from(law.at(math::sided(*w))));
        kolmogorov_smirnov(what, sample.collect(), |x| normal.cdf(scale(x)));
    }
}

/// Uniform numbers near 0 have the probabilities that they should: counted over all words that could
/// be below, not drawn. `P(u < p)` is right to a part 2^−16, and `P(1 − u < p)` too.
#[test]
fn rare_numbers_are_as_frequent_as_their_size() {
    for p in [
        1.0_f32, 0.7, 0.5, 0.1, 1e-3, 1.5e-5, 1.7e-7, 5e-8, 1e-9, 2e-12,
    ] {
        // Both words side by side as a number of 64 bits: `|e|` rises with it.
        let at = |n: u64| {
            let (word, further) = ((n >> 32) as u32, n as u32);
            if math::is_deep(word) {
                math::sided_deep(word, further)
            } else {
                math::sided(word)
            }
        };
        let happens = |n: u64| math::uniform(at(n)) < p;
        let (mut low, mut high) = (0_u64, u64::MAX);
        assert!(happens(0), "{p} never happens");
        if happens(u64::MAX) {
            low = u64::MAX;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if happens(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let found = (low as f64 + 1.0) / 2.0_f64.powi(64);
        let part = (found / f64::from(p) - 1.0).abs();
        assert!(part < 2.0_f64.powi(-16), "P(u < {p}) is {found}");
        // The law of waiting times: P(−ln u < p) = 1 − exp(−p), by the same words from above.
        let from_above = |n: u64| at(!n ^ u64::from(u32::MAX));
        let waits = |n: u64| math::exponential(from_above(n)) < p;
        let (mut low, mut high) = (0_u64, u64::MAX);
        assert!(waits(0));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if waits(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let found = (low as f64 + 1.0) / 2.0_f64.powi(64);
        let exact = -(-f64::from(p)).exp_m1();
        assert!(
            (found / exact - 1.0).abs() < 2.0_f64.powi(-16),
            "P(−ln u < {p}) is {found}, not {exact}"
        );
        // The share of a step in which something of that rate happens.
        let share = f64::from(math::part_of(p));
        assert!((share / exact - 1.0).abs() < 3e-7, "1 − e^−{p} is {share}");
    }
}

/// Laws have their tails: the words nearest to either end give the quantiles that belong there.
#[test]
fn tails_of_laws_are_exact() {
    let normal = Normal::standard();
    let quantile = |p: f64| {
        // Newton's rule on the logarithm of the tail, from an asymptotic guess.
        let mut z = normal.inverse_cdf(p);
        for _ in 0..60 {
            let tail = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
            z -= (tail.ln() - p.ln()) * tail / normal.pdf(z);
        }
        z
    };
    let pert = Quantile::pert(0.0, 1.0, 1.0, &mut Shapes::default());
    for bits in 2..65 {
        let p = 1.3 * 0.5_f32.powi(bits);
        let exact = f64::from(p);
        let z = quantile(exact);
        let error = |found: f32, exact: f64| (f64::from(found) / exact - 1.0).abs();
        assert!(error(math::normal(p), z) < 2e-6, "z({p})");
        assert!(error(math::normal(-p), -z) < 2e-6, "z(1 − {p})");
        assert!(error(math::exponential(p), -exact.ln()) < 1e-6);
        assert!(error(math::exponential(-p), -(-exact).ln_1p()) < 1e-6);
        // Beta(5, 1) has the quantile p^(1/5).
        assert!(error(pert.at(p), exact.powf(0.2)) < 2e-6, "Beta at {p}");
        // Far beyond 30 standard deviations a normal law is exponential.
        let far = Quantile::normal(-1e4, 1.0, 0.0, 1.0);
        let excess = -(-exact).ln_1p() / 1e4;
        assert!(error(far.at(p), excess) < 4e-6, "far at {p}");
        let excess = (-exact.ln() / 1e4).min(1.0);
        assert!(error(far.at(-p), excess) < 4e-6, "far at 1 − {p}");
    }
    for (mean, sd) in [(-1e30, 1e-3), (1e30, 1.0), (-1e9, 1e-30), (0.5, 1e30)] {
        let law = Quantile::normal(mean, sd, 0.0, 1.0);
        for e in [math::FINEST, 0.3, 0.5, -0.5, -1e-3, -math::FINEST] {
            assert!((0.0..=1.0).contains(&law.at(e)), "{mean} {sd} at {e}");
        }
    }
}

/// A deep word makes a lane take its further word, as the draw by its name does.
#[test]
fn lanes_take_further_words() {
    let (seed, site) = (3, "choose/rare");
    let deep = (0..400_000_u64).filter(|r| math::is_deep(draws::word(seed, site, *r, 5)));
    let rounds: Vec<u64> = deep.take(4).collect();
    assert_eq!(rounds.len(), 4, "one word in 32,768 is deep");
    let lanes = std::array::from_fn(|i| rounds[i % 4] + (i / 4) as u64);
    for law in [
        Law::Uniform,
        Law::Sided,
        Law::Exponential,
        Law::Gumbel,
        Law::Normal,
    ] {
        let mut site_draws = draws::Draws::<8>::new(seed, site, law);
        let found = *site_draws.at(Isa::widest(), 5, &lanes);
        for (lane, round) in lanes.iter().enumerate() {
            let expected = by_law(law, draws::sided(seed, site, *round, 5));
            assert_eq!(found.0[lane], expected, "{law:?} in round {round}");
        }
    }
}

fn by_law(law: Law, e: f32) -> f32 {
    match law {
        Law::Uniform => math::uniform(e),
        Law::Sided => e,
        Law::Exponential => math::exponential(e),
        Law::Gumbel => math::gumbel(e),
        Law::Normal => math::normal(e),
    }
}

/// Where sixteen rounds share a block, every lane finds its own word, whichever rounds lie side by side and
/// however often each draws; and after rounds have changed places too.
#[test]
fn rounds_that_share_a_block_find_their_words() {
    let (seed, site) = (3, "act/rare");
    let deep = (0..400_000_u64).filter(|r| math::is_deep(draws::word(seed, site, *r, 2)));
    let far: Vec<u64> = deep.take(4).collect();
    let isa = Isa::widest();
    let sharers = draws::Sharers::<64>::new;
    for mut rounds in [
        std::array::from_fn(|i| i as u64),
        std::array::from_fn(|i| (1 << 62) + 13 + i as u64),
        std::array::from_fn(|i| far[i % 4] + 1000 * (i / 4) as u64),
        std::array::from_fn(|i| 31 * i as u64),
    ] {
        for law in [Law::Uniform, Law::Sided, Law::Exponential, Law::Normal] {
            let mut one = draws::RareDraws::<64>::new(seed, site, law);
            let expected = |round, index| by_law(law, draws::sided(seed, site, round, index));
            for index in [0, 2, 11] {
                let found = one.at(isa, index, &sharers(&rounds));
                for (lane, round) in rounds.iter().enumerate() {
                    assert_eq!(found.0[lane], expected(*round, index), "{round} {index}");
                }
            }
            rounds.swap(3, 17);
            one.restart();
            for (lane, round) in rounds.iter().enumerate() {
                for index in [0, 2, 11] {
                    let found = one.in_lane(isa, index, lane, &rounds);
                    assert_eq!(found, expected(*round, index), "{round} {index}");
                }
            }
            let first = draws::SingleDraw::new(seed, site, law).over(isa, &sharers(&rounds));
            for (lane, round) in rounds.iter().enumerate() {
                assert_eq!(first.0[lane], expected(*round, 0), "{round}");
            }
        }
    }
}

/// Random movement of loyalty by one bit a step: mean, variance, and no connection between neighbouring steps,
/// words, actors, sides or rounds. A sum of `n` independent signs has mean 0 and variance `n`.
#[test]
fn signs_of_drift_are_fair_and_independent() {
    let steps = 40_usize;
    let rounds = 20_000_u64;
    let sites = ["army/one", "army/two", "police/one"];
    let mut signs = vec![vec![Vec::new(); steps]; sites.len()];
    for (site, signs) in sites.iter().zip(&mut signs) {
        let name = format!("drift/{site}");
        let mut draws = draws::Draws::<16>::new(7, &name, Law::Sided);
        for first in (0..rounds).step_by(16) {
            let lanes = std::array::from_fn(|i| first + i as u64);
            draws.restart();
            for (t, signs) in signs.iter_mut().enumerate() {
                let found = draws.signs(t as u64, &lanes);
                for (lane, round) in lanes.iter().enumerate() {
                    let word = draws::word(7, &name, *round, t as u64 / 32);
                    let bit = word >> (t % 32) & 1;
                    assert_eq!(found.on(0.25, lane), if bit == 1 { -0.25 } else { 0.25 });
                    signs.push(1.0 - 2.0 * f64::from(bit));
                }
            }
        }
    }
    let limit = Normal::standard().inverse_cdf(1.0 - ALARM / 2.0 / 600.0);
    let mut checks = 0;
    let mut fair = |what: &str, products: &mut dyn Iterator<Item = f64>| {
        let (mut n, mut sum) = (0.0_f64, 0.0);
        products.for_each(|x| {
            n += 1.0;
            sum += x;
        });
        checks += 1;
        let z = sum / n.sqrt();
        assert!(z.abs() < limit, "{what}: z = {z:.2}, limit {limit:.2}");
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
    for (site, signs) in sites.iter().zip(&signs) {
        for t in 0..steps {
            fair(&format!("{site}, step {t}"), &mut signs[t].iter().copied());
            for later in [t + 1, t + 16, t + 32] {
                if let Some(later) = signs.get(later) {
                    let products = product(&signs[t], later);
                    fair(
                        &format!("{site}, steps from {t}"),
                        &mut products.into_iter(),
                    );
                }
            }
        }
        let neighbours = signs[0].windows(2).map(|pair| pair[0] * pair[1]);
        fair(&format!("{site}, rounds"), &mut neighbours.into_iter());
        // The variance of a sum over all steps is that of the walk.
        let sums = (0..rounds as usize).map(|r| signs.iter().map(|s| s[r]).sum::<f64>());
        let n = steps as f64;
        let spread = (2.0 * n * (n - 1.0)).sqrt();
        fair(
            &format!("{site}, variance"),
            &mut sums.map(|s| (s * s - n) / spread),
        );
    }
    for t in 0..steps {
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let products = product(&signs[a][t], &signs[b][t]);
            fair(
                &format!("{} and {}, step {t}", sites[a], sites[b]),
                &mut products.into_iter(),
            );
        }
    }
    assert!(
        checks <= 600,
        "{checks} comparisons share the false-alarm rate"
    );
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
