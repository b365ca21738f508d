//! Which priors matter at all: part of the coverage of a scenario by some rounds.

use crate::parallel;

/// Groups of equal prior probability into which the values of a prior are sorted.
const GROUPS: usize = 10;
/// Probability of a false alarm: that any prior without effect is found to have one.
const FALSE_ALARM: f64 = 0.01;

/// Returns, by prior, whether it moves any of some yes-or-no targets significantly.
///
/// For each prior, rounds are sorted into ten groups by its value. Each target is tested for a
/// trend over the groups (Cochran 1954, Armitage 1955), and for any difference between them
/// (chi-square, its tail by Wilson & Hilferty 1931), which finds effects that rise and fall again.
/// The false-alarm rate, 1 % for everything together, is divided among all tests (Bonferroni).
///
/// Shapes: `values[round][prior]`, `targets[round][target]`.
#[must_use]
pub fn moves(values: &[Vec<f32>], targets: &[Vec<bool>]) -> Vec<bool> {
    let priors = values.first().map_or(0, Vec::len);
    let wanted = targets.first().map_or(0, Vec::len);
    let tests = (2 * priors * wanted).max(1) as f64;
    let one = |prior: usize| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a][prior].total_cmp(&values[*b][prior]));
        let mut rounds = [0_u64; GROUPS];
        let mut yes = vec![[0_u64; GROUPS]; wanted];
        for (rank, round) in order.iter().enumerate() {
            let group = rank * GROUPS / order.len();
            rounds[group] += 1;
            for (target, counts) in yes.iter_mut().enumerate() {
                counts[group] += u64::from(targets[*round][target]);
            }
        }
        yes.iter()
            .any(|counts| tail(counts, &rounds) < FALSE_ALARM / tests)
    };
    parallel::map(0..priors, one)
}

/// The smaller p-value of both tests of counts among rounds, group by group; 1 where there are too
/// few of either answer for the tests to hold (Cochran's rule: 5 expected).
fn tail(counts: &[u64; GROUPS], rounds: &[u64; GROUPS]) -> f64 {
    let n: u64 = rounds.iter().sum();
    let p = counts.iter().sum::<u64>() as f64 / n as f64;
    let fewest = rounds.iter().min().map_or(0.0, |r| *r as f64);
    if fewest * p.min(1.0 - p) < 5.0 {
        return 1.0;
    }
    let each = counts.iter().zip(rounds).map(|(c, r)| {
        let expected = *r as f64 * p;
        let off = *c as f64 - expected;
        off * off / (expected * (1.0 - p))
    });
    let statistic: f64 = each.sum();
    let k = (GROUPS - 1) as f64;
    let spread = 2.0 / (9.0 * k);
    let z = (libm::cbrt(statistic / k) - (1.0 - spread)) / spread.sqrt();
    let any = 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    let middle = k / 2.0;
    let groups = || counts.iter().zip(rounds).enumerate();
    let slope: f64 = groups()
        .map(|(i, (c, r))| (i as f64 - middle) * (*c as f64 - *r as f64 * p))
        .sum();
    let weight: f64 = groups()
        .map(|(i, (_, r))| (i as f64 - middle) * (i as f64 - middle) * *r as f64)
        .sum();
    let trend = libm::erfc((slope * slope / (2.0 * p * (1.0 - p) * weight)).sqrt());
    any.min(trend)
}
