//! How far a share moves across sets of guesses: the law of the share that a set of guesses has, from counts of
//! a few rounds of each set, without the noise of few rounds.
//!
//! A g-model (Efron 2016, "Empirical Bayes deconvolution estimates"): the law is an exponential family on a grid of
//! logits, fitted to the counts by penalised maximum likelihood. Its carrier is a beta law, whose mean is that of all
//! rounds; the family tilts it by Legendre polynomials of its own rank (Neyman 1937), each with a standard normal
//! penalty. The part of the variance that comes from the guesses, the carrier's other number, is unknown too: fits for
//! a grid of it are averaged by their likelihoods (Laplace's approximation), with a flat prior for its square
//! root (Gelman 2006). What rounds cannot tell is added to the intervals: see [`Counts::widen`].

use super::interval::wilson;
use super::score::logistic;
use crate::internal::internal_error;

/// Polynomials that tilt the carrier.
const TILTS: usize = 4;
/// Points of the grid of logits.
const GRID: usize = 96;
/// Logits beyond which shares count as 0 and 1.
const END: f64 = 14.0;
/// Values of the part of the variance that are averaged.
const PARTS: usize = 15;
/// Logits of that part at which its likelihood is looked at: the first, the distance, and how many.
const SCAN: (f64, f64, usize) = (-9.0, 0.25, 57);
/// Differences of log likelihood below the greatest at which a part is left out.
const FAR: f64 = 8.0;
/// Half the 0.95 quantile of a chi-square with one degree of freedom.
const ALIKE: f64 = 1.920_729_4;
/// Expected answers of a kind below which rounds do not say that there are any: none are found at 95 %.
const RULE_OF_THREE: f64 = 3.0;

type Tilt = [f64; TILTS];
type Square = [Tilt; TILTS];

/// A quantile of the law, with what the counts leave open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The share that a part of all sets of guesses stay below.
    pub share: f64,
    /// Lower end of its interval at 95 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Quantile {
    /// Returns the share as the lower end of a range: 0 where the counts cannot tell it from 0.
    #[must_use]
    pub fn as_low(&self) -> f64 {
        if self.low <= 0.0 || self.high >= 1.0 {
            self.low
        } else {
            self.share
        }
    }

    /// Returns the share as the upper end of a range: 1 where the counts cannot tell it from 1, and as much as they
    /// allow where they cannot tell it from 0.
    #[must_use]
    pub fn as_high(&self) -> f64 {
        if self.low <= 0.0 || self.high >= 1.0 {
            self.high
        } else {
            self.share
        }
    }
}

/// What is counted of an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Sets of guesses by how many of their rounds had it: none, one, … all.
    pub sets: Vec<u64>,
    /// Pairs of rounds with the same guesses: both had it, one, none.
    pub pairs: [u64; 3],
    /// Other rounds: had it, or not.
    pub rest: [u64; 2],
}

impl Counts {
    /// The law that they speak for. There is at least one set, of at least one round, and one other round.
    #[must_use]
    pub fn spread(&self) -> Spread<'_> {
        let [yes, no] = self.rest.map(|n| n as f64);
        let mean = (yes + 0.5) / (yes + no + 1.0);
        let ends = |part: f64| {
            let size = 1.0 / part - 1.0;
            (mean * size, (1.0 - mean) * size)
        };
        let scan = (0..SCAN.2).map(|i| {
            let x = SCAN.0 + SCAN.1 * i as f64;
            (x, self.of_beta(ends(logistic(x))))
        });
        let scan: Vec<(f64, f64)> = scan.collect();
        let prior = |x: f64| 0.5 * libm::log(logistic(x)) + libm::log(logistic(-x));
        let best = |it: &mut dyn Iterator<Item = f64>| it.fold(f64::MIN, f64::max);
        let top = best(&mut scan.iter().map(|(x, log)| log + prior(*x)));
        let near = scan.iter().filter(|(x, log)| log + prior(*x) > top - FAR);
        let near: Vec<f64> = near.map(|(x, _)| *x).collect();
        let (Some(first), Some(last)) = (near.first(), near.last()) else {
            internal_error("no part of the variance is likely")
        };
        let (first, last) = (first - SCAN.1, last + SCAN.1);
        let mut parts: Vec<(f64, Law)> = (0..PARTS)
            .map(|i| {
                let x = first + (last - first) * i as f64 / (PARTS - 1) as f64;
                let law = Law::fitted(self, ends(logistic(x)));
                (law.log + prior(x), law)
            })
            .collect();
        let top = best(&mut parts.iter().map(|(log, _)| *log));
        for (weight, _) in &mut parts {
            *weight = libm::exp(*weight - top);
        }
        let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut parts {
            *weight /= sum;
        }
        Spread {
            counts: self,
            parts,
            constant: (best(&mut scan.iter().map(|(_, log)| *log)) - scan[0].1 < ALIKE)
                .then_some(mean),
        }
    }

    /// Rounds of each set.
    fn each(&self) -> usize {
        self.sets.len() - 1
    }

    /// The log likelihood of a beta law, but for a constant: a beta-binomial law of sets and pairs.
    fn of_beta(&self, (a, b): (f64, f64)) -> f64 {
        let rising = |a: f64| {
            let mut sum = 0.0;
            let mut out = vec![0.0];
            out.extend((0..self.each().max(2)).map(|i| {
                sum += libm::log(a + i as f64);
                sum
            }));
            out
        };
        let (with, without, all) = (rising(a), rising(b), rising(a + b));
        let log = |yes: usize, of: usize| with[yes] + without[of - yes] - all[of];
        let sets = self.sets.iter().enumerate();
        let sets: f64 = sets.map(|(k, n)| *n as f64 * log(k, self.each())).sum();
        let pairs = self.pairs.iter().zip([2, 1, 0]);
        sets + pairs.map(|(n, k)| *n as f64 * log(k, 2)).sum::<f64>()
    }

    /// Every count above 0, with the probability that a set with each share gives what is counted, but for a factor.
    fn likelihoods(&self, shares: &[f64]) -> Vec<(f64, Vec<f64>)> {
        let row = |n: u64, yes: usize, of: usize| {
            let one = |p: &f64| p.powi(yes as i32) * (1.0 - p).powi((of - yes) as i32);
            (n as f64, shares.iter().map(one).collect())
        };
        let sets = self.sets.iter().enumerate();
        let sets = sets.map(|(k, n)| (*n, k, self.each()));
        let pairs = self.pairs.iter().zip([2, 1, 0]).map(|(n, k)| (*n, k, 2));
        let rest = self.rest.iter().zip([1, 0]).map(|(n, k)| (*n, k, 1));
        let all = sets.chain(pairs).chain(rest).filter(|(n, _, _)| *n > 0);
        all.map(|(n, yes, of)| row(n, yes, of)).collect()
    }

    /// Adds to the interval of the quantile at `part` what rounds cannot tell. The rounds of the sets on the thinner
    /// side of a quantile are so many; of what is expected in fewer than three of them there may be none. And no
    /// more than a part m/x of all sets has a share of x, if the mean of all is m (Markov).
    fn widen(&self, part: f64, mut found: Quantile) -> Quantile {
        let [yes, no] = self.rest;
        let mean = wilson(yes, yes + no);
        let sets: u64 = self.sets.iter().sum();
        let rounds = part.min(1.0 - part) * (sets as f64) * self.each() as f64;
        let told = RULE_OF_THREE / rounds;
        if found.share < told {
            let most = (mean.high / (1.0 - part)).min(1.0);
            found.low = 0.0;
            found.high = found.high.max(told).min(most).max(found.share);
        }
        if 1.0 - found.share < told {
            let most = ((1.0 - mean.low) / part).min(1.0);
            found.low = found.low.min(1.0 - told).max(1.0 - most).min(found.share);
            found.high = 1.0;
        }
        found
    }
}

/// How the shares of sets of guesses are spread.
#[derive(Debug)]
pub struct Spread<'c> {
    counts: &'c Counts,
    /// Laws, with weights that sum to 1.
    parts: Vec<(f64, Law)>,
    /// The share of all sets, if the counts agree with their having the same.
    constant: Option<f64>,
}

impl Spread<'_> {
    /// Whether the counts agree with all sets of guesses having the same share.
    #[must_use]
    pub fn may_be_constant(&self) -> bool {
        self.constant.is_some()
    }

    /// The share that the part `part`, above 0 and below 1, of all sets of guesses stay below.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Quantile {
        let below = |x: f64| {
            let of = |(weight, law): &(f64, Law)| {
                let (share, error) = law.below(x);
                let z = (part - share) / error.max(1e-9);
                weight * 0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
            };
            self.parts.iter().map(of).sum::<f64>()
        };
        let at = |probability: f64| {
            let (mut low, mut high) = (-END - 1.0, END + 1.0);
            for _ in 0..50 {
                let middle = 0.5 * (low + high);
                if below(middle) < probability {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            logistic(0.5 * (low + high))
        };
        let mut found = Quantile {
            share: at(0.5),
            low: at(0.025),
            high: at(0.975),
        };
        if let Some(mean) = self.constant {
            found.low = found.low.min(mean);
            found.high = found.high.max(mean);
        }
        self.counts.widen(part, found)
    }
}

/// A law of shares that was fitted: a tilted beta law.
#[derive(Debug)]
struct Law {
    /// The first logit of the grid, and the distance between two.
    grid: (f64, f64),
    /// The share of sets below the end of each cell of the grid, with its standard error; before all 0.
    below: Vec<(f64, f64)>,
    /// The logarithm of the likelihood, averaged over tilts.
    log: f64,
}

/// A tilt of a carrier: the law, and how likely it is.
struct Tilted {
    weights: Vec<f64>,
    /// Means of the polynomials.
    means: Tilt,
    log: f64,
    gradient: Tilt,
    information: Square,
}

/// A beta law on a grid of logits.
struct Carrier {
    grid: (f64, f64),
    weights: Vec<f64>,
    /// The polynomials at each point.
    polynomials: Vec<Tilt>,
    likelihoods: Vec<(f64, Vec<f64>)>,
}

impl Carrier {
    fn new(counts: &Counts, (a, b): (f64, f64)) -> Self {
        let centre = libm::log(a / b).clamp(-END + 0.5, END - 0.5);
        let sd = ((a + b) / (a * b)).sqrt();
        let reach = |tail: f64| (6.0 * sd).max(10.0 / tail);
        let first = (centre - reach(a)).max(-END);
        let last = (centre + reach(b)).min(END);
        let step = (last - first) / (GRID - 1) as f64;
        let logits: Vec<f64> = (0..GRID).map(|j| first + step * j as f64).collect();
        // The density of a logit x is e^{ax}/(1 + e^x)^{a+b}.
        let log = |x: &f64| a * x - (a + b) * (x.max(0.0) + libm::log1p(libm::exp(-x.abs())));
        let logs: Vec<f64> = logits.iter().map(log).collect();
        let top = logs.iter().copied().fold(f64::MIN, f64::max);
        let mut weights: Vec<f64> = logs.iter().map(|x| libm::exp(x - top)).collect();
        // What lies beyond the ends, where tails are exponential, counts as at them.
        weights[0] += weights[0] / (a * step);
        weights[GRID - 1] += weights[GRID - 1] / (b * step);
        let sum: f64 = weights.iter().sum();
        let mut before = 0.0;
        let mut polynomials = Vec::with_capacity(GRID);
        for weight in &mut weights {
            *weight /= sum;
            polynomials.push(legendre(before + 0.5 * *weight));
            before += *weight;
        }
        let shares: Vec<f64> = logits.iter().map(|x| logistic(*x)).collect();
        Self {
            grid: (first, step),
            weights,
            polynomials,
            likelihoods: counts.likelihoods(&shares),
        }
    }

    fn tilted(&self, by: &Tilt) -> Tilted {
        let tilt = |q: &Tilt| libm::exp(q.iter().zip(by).map(|(x, y)| x * y).sum());
        let points = self.weights.iter().zip(&self.polynomials);
        let mut weights: Vec<f64> = points.map(|(w, q)| w * tilt(q)).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        let means = self.mean(&weights);
        let mut out = Tilted {
            means,
            log: -0.5 * by.iter().map(|x| x * x).sum::<f64>(),
            gradient: by.map(|x| -x),
            information: std::array::from_fn(|i| {
                std::array::from_fn(|k| f64::from(u8::from(i == k)))
            }),
            weights,
        };
        for (n, row) in &self.likelihoods {
            let joint = row.iter().zip(&out.weights);
            let joint: Vec<f64> = joint.map(|(p, w)| p * w).collect();
            let likelihood = joint.iter().sum::<f64>() + 1e-300;
            out.log += n * libm::log(likelihood);
            let given = self.mean(&joint);
            let slope: Tilt = std::array::from_fn(|k| given[k] / likelihood - means[k]);
            for i in 0..TILTS {
                out.gradient[i] += n * slope[i];
                for k in 0..TILTS {
                    out.information[i][k] += n * slope[i] * slope[k];
                }
            }
        }
        out
    }

    fn mean(&self, weights: &[f64]) -> Tilt {
        let mut out = [0.0; TILTS];
        for (w, q) in weights.iter().zip(&self.polynomials) {
            for k in 0..TILTS {
                out[k] += w * q[k];
            }
        }
        out
    }
}

impl Law {
    /// Fits a tilt of the beta law to counts, by Fisher's scoring.
    fn fitted(counts: &Counts, ends: (f64, f64)) -> Self {
        let carrier = Carrier::new(counts, ends);
        let mut by = [0.0; TILTS];
        let mut now = carrier.tilted(&by);
        'steps: for _ in 0..25 {
            let (inverse, _) = invert(&now.information);
            let step = times(&inverse, &now.gradient);
            let gain: f64 = step.iter().zip(&now.gradient).map(|(x, y)| x * y).sum();
            if gain < 1e-4 {
                break;
            }
            for halvings in 0..8 {
                let factor = 1.0 / f64::from(1 << halvings);
                let next: Tilt = std::array::from_fn(|k| by[k] + factor * step[k]);
                let there = carrier.tilted(&next);
                if there.log > now.log {
                    (by, now) = (next, there);
                    continue 'steps;
                }
            }
            break;
        }
        let (covariance, log_size) = invert(&now.information);
        let mut below = vec![(0.0, 0.0)];
        let (mut sum, mut slope) = (0.0, [0.0; TILTS]);
        for (w, q) in now.weights.iter().zip(&carrier.polynomials) {
            sum += w;
            for k in 0..TILTS {
                slope[k] += w * (q[k] - now.means[k]);
            }
            let along = times(&covariance, &slope);
            let variance: f64 = along.iter().zip(&slope).map(|(x, y)| x * y).sum();
            below.push((sum, variance.max(0.0).sqrt()));
        }
        Self {
            grid: carrier.grid,
            below,
            log: now.log - 0.5 * log_size,
        }
    }

    /// The share of sets below a logit, with its standard error.
    fn below(&self, x: f64) -> (f64, f64) {
        let (first, step) = self.grid;
        let place = (x - first) / step + 0.5;
        if place <= 0.0 {
            return (0.0, 0.0);
        }
        if place >= GRID as f64 {
            return (1.0, 0.0);
        }
        let (cell, part) = (place as usize, place.fract());
        let (a, b) = (self.below[cell], self.below[cell + 1]);
        (a.0 + part * (b.0 - a.0), a.1 + part * (b.1 - a.1))
    }
}

/// Legendre's polynomials of a rank in [0, 1], from the first degree on, orthonormal.
fn legendre(rank: f64) -> Tilt {
    let x = 2.0 * rank - 1.0;
    let (mut before, mut now) = (1.0, x);
    std::array::from_fn(|k| {
        let n = (k + 1) as f64;
        let value = now * (2.0 * n + 1.0).sqrt();
        (before, now) = (now, ((2.0 * n + 1.0) * x * now - n * before) / (n + 1.0));
        value
    })
}

fn times(square: &Square, by: &Tilt) -> Tilt {
    square.map(|row| row.iter().zip(by).map(|(x, y)| x * y).sum())
}

/// The inverse of a symmetric positive matrix, and the logarithm of its determinant, by Cholesky's factors.
fn invert(m: &Square) -> (Square, f64) {
    let mut l = [[0.0; TILTS]; TILTS];
    let mut log = 0.0;
    for i in 0..TILTS {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            if i == j {
                l[i][i] = (m[i][i] - inner).max(1e-300).sqrt();
                log += 2.0 * libm::log(l[i][i]);
            } else {
                l[i][j] = (m[i][j] - inner) / l[j][j];
            }
        }
    }
    let mut out = [[0.0; TILTS]; TILTS];
    for column in 0..TILTS {
        let mut x = [0.0; TILTS];
        for i in 0..TILTS {
            let inner: f64 = (0..i).map(|k| l[i][k] * x[k]).sum();
            x[i] = (f64::from(u8::from(i == column)) - inner) / l[i][i];
        }
        for i in (0..TILTS).rev() {
            let inner: f64 = (i + 1..TILTS).map(|k| l[k][i] * x[k]).sum();
            x[i] = (x[i] - inner) / l[i][i];
            out[i][column] = x[i];
        }
    }
    (out, log)
}
