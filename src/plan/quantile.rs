//! Priors as quantile functions, tabled once per scenario.
//!
//! Tables are computed in binary64 by the portable functions of `libm` and then rounded to
//! binary32, so that any accurate implementation gives the same table.
//!
//! A law is tabled from both of its ends, each by the probability `p` between the end and the value:
//! eight cells in each octave of `p`, from one half down to the finest uniform number. So an end
//! has all its digits, however little probability lies there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::program::Sizes;
use crate::internal::internal_error;
use crate::math;
use crate::scenario::model::on_open_scale;

/// Cells in each octave of probability, as a power of two.
const CELLS_BITS: u32 = 3;
/// Bits of a binary32 number below those that tell the cell.
const WITHIN: u32 = 23 - CELLS_BITS;
/// Octaves of probability, from 2^−65 to one half.
const OCTAVES: usize = 64;
/// Nodes of a table, at the edges of cells.
const NODES: usize = (OCTAVES << CELLS_BITS) + 1;

/// How a prior is drawn from a uniform number, as [`math::sided`] has it.
#[derive(Debug, Clone)]
pub enum Quantile {
    /// Cubic between tabled quantiles.
    Table(Arc<Tables>),
    /// From the nearer end.
    Uniform {
        /// Lowest.
        min: f32,
        /// Highest.
        max: f32,
    },
    /// `mean + sd·z`: a normal without ends.
    Normal {
        /// Mean.
        mean: f32,
        /// Standard deviation.
        sd: f32,
    },
}

/// Quantiles from both ends of a law, at the [`probability`] of each node.
#[derive(Debug, Clone)]
pub struct Tables {
    low: [Node; NODES],
    high: [Node; NODES],
}

/// A quantile, and its slope over the logarithm of the probability between it and the end.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    value: f32,
    slope: f32,
}

/// The probability at a node: 2^−65 at the first, one half at the last.
fn probability(node: usize) -> f64 {
    let first = (math::FINEST.to_bits() >> WITHIN) + node as u32;
    f64::from(f32::from_bits(first << WITHIN))
}

/// Distances from the end of a law, at all nodes: each with its slope over the logarithm of the
/// probability.
type Half = Vec<(f64, f64)>;

/// Laws whose tables are known already. Clones share them, so that scenarios that are compiled one after
/// another, as for the points of a sweep, tabulate a law once and hold it once.
#[derive(Debug, Clone, Default)]
pub struct Laws(Arc<Mutex<Shapes>>);

impl Laws {
    /// Calls `f` with the laws that are known.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Shapes) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Most tables that are kept for later scenarios, of 8 KiB each.
const MOST_TABLES: usize = 2_048;

/// Shapes of PERT laws whose quantiles are known already: many priors share one.
#[derive(Debug, Default)]
pub struct Shapes {
    /// By what kind a law is, and its numbers: its quantiles.
    tables: BTreeMap<[u64; 6], Quantile>,
    pert: BTreeMap<u64, Half>,
    /// Of the standard normal law below its middle: at all nodes the quantile, and its slope over the
    /// logarithm of the probability.
    normal: Half,
    /// Slots of the plan that was compiled last.
    pub(super) sizes: Sizes,
}

impl Shapes {
    /// The quantiles of a law with these numbers, of which the first says what kind it is.
    pub(super) fn known(
        &mut self,
        law: [f64; 6],
        tabulate: impl FnOnce(&mut Self) -> Quantile,
    ) -> Quantile {
        let key = law.map(f64::to_bits);
        if let Some(known) = self.tables.get(&key) {
            return known.clone();
        }
        let new = tabulate(self);
        if self.tables.len() >= MOST_TABLES {
            self.tables.clear();
            self.pert.clear();
        }
        self.tables.insert(key, new.clone());
        new
    }

    /// The lower half of Beta(a, 6 − a).
    fn half(&mut self, a: f64) -> &Half {
        self.pert
            .entry(a.to_bits())
            .or_insert_with(|| Beta::new(a, 6.0 - a).half())
    }

    fn normal(&mut self) -> &Half {
        if self.normal.is_empty() {
            self.normal = normal_half();
        }
        &self.normal
    }
}

impl Tables {
    /// From the ends of a law, the unit of distances, and the distances from either end.
    fn new(ends: [f64; 2], unit: f64, low: &Half, high: &Half) -> Self {
        let nodes = |end: f64, unit: f64, half: &Half| {
            std::array::from_fn(|i| Node {
                value: (end + unit * half[i].0) as f32,
                slope: (unit * half[i].1) as f32,
            })
        };
        Self {
            low: nodes(ends[0], unit, low),
            high: nodes(ends[1], -unit, high),
        }
    }

    /// The value at a uniform number: the cubic with the values and slopes of both edges of its
    /// cell, held between these values.
    fn at(&self, e: f32) -> f32 {
        let half = if e < 0.0 { &self.high } else { &self.low };
        let bits = math::clamp(e.abs(), math::FINEST, BELOW_HALF).to_bits();
        let cell = ((bits - math::FINEST.to_bits()) >> WITHIN) as usize;
        let t = (bits & ((1 << WITHIN) - 1)) as f32 * (1.0 / (1_u32 << WITHIN) as f32);
        let eighth = (cell & ((1 << CELLS_BITS) - 1)) as f32;
        let (left, right) = (half[cell], half[cell + 1]);
        let (a, b) = (left.slope / (8.0 + eighth), right.slope / (9.0 + eighth));
        let rise = right.value - left.value;
        let cubic = (a + b) - 2.0 * rise;
        let square = 3.0 * rise - (2.0 * a + b);
        let value = left.value + t * (a + t * (square + t * cubic));
        let (least, most) = (
            math::min(left.value, right.value),
            math::max(left.value, right.value),
        );
        math::clamp(value, least, most)
    }
}

/// The greatest number below one half.
const BELOW_HALF: f32 = 0.5 - 1.0 / 33_554_432.0;

impl Quantile {
    /// PERT with λ = 4.
    #[must_use]
    pub fn pert(low: f64, mode: f64, high: f64, shapes: &mut Shapes) -> Self {
        let alpha = 1.0 + 4.0 * (mode - low) / (high - low);
        let beta = 1.0 + 4.0 * (high - mode) / (high - low);
        let from_low = shapes.half(alpha).clone();
        let from_high = shapes.half(beta);
        let tables = Tables::new([low, high], high - low, &from_low, from_high);
        Self::Table(Arc::new(tables))
    }

    /// Normal, truncated to `[least, most]`.
    #[must_use]
    pub fn normal(mean: f64, sd: f64, least: f64, most: f64) -> Self {
        let open = crate::scenario::model::limits::SIZE;
        if least <= -open && most >= open {
            return Self::Normal {
                mean: mean as f32,
                sd: sd as f32,
            };
        }
        let law = Truncated::new(mean, sd, least, most);
        let (low, high) = (law.half(), law.mirrored().half());
        Self::Table(Arc::new(Tables::new(law.ends, sd, &low, &high)))
    }

    /// The law through the 5th, the 50th and the 95th percentile that stays within `[least, most]`.
    #[must_use]
    pub fn through(points: [f64; 3], least: f64, most: f64, shapes: &mut Shapes) -> Self {
        let law = Through::new(points, least, most);
        let half = shapes.normal();
        let nodes = |above| std::array::from_fn(|i| law.node(half[i], above));
        Self::Table(Arc::new(Tables {
            low: nodes(false),
            high: nodes(true),
        }))
    }

    /// The value at a uniform number, as [`math::sided`] has it.
    #[must_use]
    pub fn at(&self, e: f32) -> f32 {
        match self {
            Self::Table(tables) => tables.at(e),
            Self::Uniform { min, max } => {
                let end = if e < 0.0 { max } else { min };
                end + e * (max - min)
            }
            Self::Normal { mean, sd } => mean + sd * math::normal(e),
        }
    }
}

/// The standard normal quantile at 95 %.
const Z95: f64 = 1.644_853_626_951_472_2;

/// A law through three quantiles (after Hadlock & Bickel 2017): what is normal is bent to a hyperbola,
/// which rises everywhere, on a scale without ends.
struct Through {
    least: Option<f64>,
    most: Option<f64>,
    /// The outer quantile of the narrower side, on that scale.
    anchor: f64,
    /// Width of the narrower side.
    narrow: f64,
    /// Half of the whole width, in units of the narrower side: 1 or more.
    whole: f64,
    /// 1 where the lower side is the narrower one, else −1.
    side: f64,
}

impl Through {
    fn new(points: [f64; 3], least: f64, most: f64) -> Self {
        let open = crate::scenario::model::limits::SIZE;
        let [low, middle, high] = on_open_scale(points, least, most);
        let least = (least > -open).then_some(least);
        let most = (most < open).then_some(most);
        let (below, above) = (middle - low, high - middle);
        let (anchor, narrow, side) = if below <= above {
            (low, below, 1.0)
        } else {
            (high, above, -1.0)
        };
        Self {
            least,
            most,
            anchor,
            narrow,
            whole: (high - low) / (2.0 * narrow),
            side,
        }
    }

    /// The node at a standard normal quantile below the middle, or as far above it.
    fn node(&self, (z, slope): (f64, f64), above: bool) -> Node {
        let z = if above { -z } else { z };
        let t = self.side * z / Z95;
        let w = self.whole;
        let v = (w - 1.0) * (w + 1.0);
        let root = (1.0 + v * t * t).sqrt();
        // On the falling side the two terms nearly cancel.
        let (g, rise) = if t < 0.0 {
            let sum = root - w * t;
            (
                (1.0 - t * t) / sum,
                (w * w + v * t * t) / (root * (w * root - v * t)),
            )
        } else {
            (w * t + root, w + v * t / root)
        };
        let y = self.anchor + self.side * self.narrow * g;
        let (value, stretch) = match (self.least, self.most) {
            (None, None) => (y, 1.0),
            (Some(least), None) => (least + libm::exp(y), libm::exp(y)),
            (None, Some(most)) => (most - libm::exp(-y), libm::exp(-y)),
            (Some(least), Some(most)) => {
                let width = most - least;
                let from_least = width / (1.0 + libm::exp(-y));
                let from_most = width / (1.0 + libm::exp(y));
                let value = if above {
                    most - from_most
                } else {
                    least + from_least
                };
                (value, from_least * from_most / width)
            }
        };
        let slope = slope / Z95 * self.narrow * rise * stretch;
        let open = crate::scenario::model::limits::SIZE;
        if value.abs() < open && slope.abs() < open {
            Node {
                value: value as f32,
                slope: (if above { -slope } else { slope }) as f32,
            }
        } else {
            // What lies beyond all numbers is held there.
            Node {
                value: (if above { open } else { -open }) as f32,
                slope: 0.0,
            }
        }
    }
}

/// Quantiles of the standard normal law below one half, at all nodes, each with its slope.
fn normal_half() -> Half {
    let mut out = vec![(0.0, 0.0); NODES];
    let mut z = 0.0;
    for i in (0..NODES).rev() {
        let p = probability(i);
        for _ in 0..50 {
            let mass = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
            // Newton's rule for the logarithm of the mass, which bends one way only.
            let step = libm::log(mass / p) * mass / normal_density(z);
            z -= step;
            if step.abs() <= 1e-15 * z.abs() {
                break;
            }
        }
        out[i] = (z, p / normal_density(z));
    }
    out
}

fn normal_density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
}

/// A normal law within ends, in units of its standard deviation.
struct Truncated {
    /// The ends as values; an end farther than [`FAR`] from the densest point is moved to there.
    ends: [f64; 2],
    /// The densest point within the ends, as seen from the mean.
    peak: f64,
    /// Distance of the lower end from it.
    below: f64,
    /// Distance of the upper end from it.
    above: f64,
    /// From end to end.
    width: f64,
}

/// Standard deviations from the densest point beyond which there is nothing.
const FAR: f64 = 40.0;

impl Truncated {
    fn new(mean: f64, sd: f64, least: f64, most: f64) -> Self {
        let near = mean.clamp(least, most);
        let (below, above) = ((near - least) / sd, (most - near) / sd);
        let low = if below > FAR { near - sd * FAR } else { least };
        let high = if above > FAR { near + sd * FAR } else { most };
        let whole = below <= FAR && above <= FAR;
        let (below, above) = (below.min(FAR), above.min(FAR));
        Self {
            ends: [low, high],
            peak: ((near - mean) / sd).clamp(-1e100, 1e100),
            below,
            above,
            width: if whole {
                (most - least) / sd
            } else {
                below + above
            },
        }
    }

    /// The same law seen from its other end.
    fn mirrored(&self) -> Self {
        Self {
            ends: [-self.ends[1], -self.ends[0]],
            peak: -self.peak,
            below: self.above,
            above: self.below,
            width: self.width,
        }
    }

    /// The density at a distance from the lower end, as a part of that at the densest point.
    fn density(&self, d: f64) -> f64 {
        let s = d - self.below;
        libm::exp(-s * (self.peak + 0.5 * s))
    }

    /// The mass between the lower end and a distance from it, on the scale of [`Self::density`].
    fn mass(&self, d: f64) -> f64 {
        let from = self.peak - self.below;
        let to = from + d;
        if from >= 0.0 {
            self.density(0.0) * falling(from, d)
        } else if to <= 0.0 {
            self.density(d) * falling(-to, d)
        } else {
            falling(0.0, -from) + falling(0.0, to)
        }
    }

    fn half(&self) -> Half {
        let total = self.mass(self.width);
        let mut out = vec![(0.0, 0.0); NODES];
        let mut d = 0.5 * self.width;
        for i in (0..NODES).rev() {
            let p = probability(i);
            d = self.quantile(p * total, d);
            let slope = p * total / self.density(d);
            // Where binary64 cannot tell the quantile from the densest point, the law is a point.
            out[i] = (d, if slope.is_finite() { slope } else { 0.0 });
            // The next probability is less by a ninth to a sixteenth.
            let less = (p - probability(i.saturating_sub(1))) * total;
            d = (d - less / self.density(d)).max(0.5 * d);
        }
        out
    }

    /// The distance from the lower end within which the mass lies: Newton's rule, held in a bracket.
    fn quantile(&self, mass: f64, guess: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.width);
        let mut d = guess;
        for _ in 0..200 {
            let miss = self.mass(d) - mass;
            if miss < 0.0 {
                low = d;
            } else {
                high = d;
            }
            let next = d - miss / self.density(d);
            let inside = next > low && next < high;
            let next = if inside { next } else { 0.5 * (low + high) };
            let moved = (next - d).abs();
            d = next;
            // The error falls with its square.
            if (inside && moved < 1e-9 * d) || moved < 1e-16 * d {
                break;
            }
        }
        d
    }
}

/// `∫₀ᵈ exp(−pt − t²/2) dt` for `p ≥ 0`: the mass beside a point of the normal law, on its falling
/// side, as a part of the density there.
fn falling(p: f64, d: f64) -> f64 {
    let exponent = d * (p + 0.5 * d);
    if exponent < 1.0 {
        legendre(d, |t| libm::exp(-t * (p + 0.5 * t)))
    } else {
        mills(p) - libm::exp(-exponent) * mills(p + d)
    }
}

/// `∫₀ᵈ f(t) dt` by the rule of Gauss and Legendre with ten points.
fn legendre(d: f64, f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: [(f64, f64); 5] = [
        (0.148_874_338_981_631_22, 0.295_524_224_714_752_8),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_5),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_4),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let half = 0.5 * d;
    let pair = |(x, w): (f64, f64)| w * (f(half * (1.0 - x)) + f(half * (1.0 + x)));
    half * POINTS.into_iter().map(pair).sum::<f64>()
}

/// Mills' ratio of the normal law at `x ≥ 0`, the mass beyond a point over the density there;
/// far out by Laplace's continued fraction.
fn mills(x: f64) -> f64 {
    const DEPTH: u32 = 60;
    if x < 5.0 {
        let root = (0.5 * std::f64::consts::PI).sqrt();
        return root * libm::exp(0.5 * x * x) * libm::erfc(x / std::f64::consts::SQRT_2);
    }
    let tail = (1..=DEPTH)
        .rev()
        .fold(0.0, |tail, k| f64::from(k) / (x + tail));
    1.0 / (x + tail)
}

/// Terms of the power series of a Beta law: enough for the lower half of [0, 1].
const TERMS: usize = 64;

/// Terms of the series of its quantiles.
const INVERTED: usize = 16;

/// How many terms of a power series reach the last place at y, if there are as many.
fn enough(series: &[f64; INVERTED], y: f64) -> Option<usize> {
    const NOTHING: f64 = 1e-18;
    let (mut power, mut small) = (1.0, 0);
    for (n, term) in series.iter().enumerate() {
        // A single term may be 0 by chance.
        small = if term.abs() * power < NOTHING {
            small + 1
        } else {
            0
        };
        if small == 3 {
            return Some(n - 2);
        }
        power *= y;
    }
    None
}

/// A Beta law with parameters of at least 1.
struct Beta {
    a: f64,
    b: f64,
    log_norm: f64,
}

impl Beta {
    fn new(a: f64, b: f64) -> Self {
        Self {
            a,
            b,
            log_norm: libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b),
        }
    }

    /// Quantiles below one half, at all nodes.
    fn half(&self) -> Half {
        let series = self.series();
        let mut out = Half::with_capacity(NODES);
        self.at_end(&series, &mut out);
        let Some(&(mut x, mut slope)) = out.last() else {
            internal_error("the first quantile of a Beta law is not near its end");
        };
        let mut earlier = None;
        for i in out.len()..NODES {
            let p = probability(i);
            // What the logarithm rises by at this rate, and at the rate at which that has changed.
            let (step, rate) = (libm::log(p / probability(i - 1)), slope / x);
            let bend = earlier.map_or(0.0, |(h, r)| 0.5 * (rate - r) * step / h);
            x *= libm::exp(step * (rate + bend));
            earlier = Some((step, rate));
            (x, slope) = match self.near_end(p, x, &series) {
                Some(found) => found,
                None => {
                    let x = self.quantile(p, x);
                    (x, p / self.density(x))
                }
            };
            out.push((x, slope));
        }
        out
    }

    /// The first nodes, of which a few terms of the inverted series are enough.
    fn at_end(&self, series: &[f64; TERMS], out: &mut Half) {
        let inverse = self.inverted(series);
        // Near its end the law is a power, y: of each octave, and of each place in one.
        let power = |p: f64| libm::exp(libm::log(p) / self.a);
        let scale = libm::exp((libm::log(self.a) - self.log_norm) / self.a);
        let eighths: [f64; 1 << CELLS_BITS] =
            std::array::from_fn(|i| power(1.0 + i as f64 / f64::from(1 << CELLS_BITS)));
        let mut octave = 0.0;
        for i in 0..NODES {
            let within = i & (eighths.len() - 1);
            if within == 0 {
                octave = scale * power(probability(i));
            }
            let y = octave * eighths[within];
            let Some(terms) = enough(&inverse, y) else {
                break;
            };
            let (mut sum, mut rise) = (0.0, 0.0);
            for term in inverse[..terms].iter().rev() {
                rise = rise * y + sum;
                sum = sum * y + term;
            }
            out.push((y * sum, y * (sum + y * rise) / self.a));
        }
    }

    /// The quantile as a power series of y, as a part of y, where `y^a/(a·B)` is the probability: by Lagrange's
    /// inversion of `y = x·S(x)^(1/a)`, with powers of the series S by Miller's recurrence.
    fn inverted(&self, series: &[f64; TERMS]) -> [f64; INVERTED] {
        let mut power = [1.0; INVERTED];
        std::array::from_fn(|n| {
            let exponent = -(n as f64 + 1.0) / self.a;
            for m in 1..=n {
                let mut sum = 0.0;
                for k in 1..=m {
                    let factor = k as f64 * exponent - (m - k) as f64;
                    sum += factor * series[k] * power[m - k];
                }
                power[m] = sum / m as f64;
            }
            power[n] / (n as f64 + 1.0)
        })
    }

    /// The power series of the mass up to x, as a part of the first term, `x^a/(a·B)` (DLMF 8.17.7 and 8.17.8).
    fn series(&self) -> [f64; TERMS] {
        let mut product = 1.0;
        std::array::from_fn(|k| {
            let n = k as f64;
            if k > 0 {
                product *= (n - self.b) / n;
            }
            product * self.a / (self.a + n)
        })
    }

    /// The quantile at `p` and its slope over the logarithm of `p`, from the power series by Newton's rule for
    /// logarithms; nothing unless it lies in the half in which the series is short.
    fn near_end(&self, p: f64, guess: f64, series: &[f64; TERMS]) -> Option<(f64, f64)> {
        let wanted = libm::log(p * self.a) - self.log_norm;
        let mut x = guess;
        for _ in 0..20 {
            if x.is_nan() || x > 0.5 {
                return None;
            }
            let log = libm::log(x);
            // Terms beyond these are below the last place.
            let terms = ((-42.0 / log) as usize + 4).min(TERMS);
            let (mut sum, mut rise) = (0.0, 0.0);
            for term in series[..terms].iter().rev() {
                rise = rise * x + sum;
                sum = sum * x + term;
            }
            let steep = self.a + x * rise / sum;
            let step = (wanted - self.a * log - libm::log(sum)) / steep;
            x *= libm::exp(step);
            // What is left falls with the square.
            if step.abs() < 3e-8 {
                return Some((x, p / self.density(x)));
            }
        }
        None
    }

    /// Regularised incomplete beta function, by Lentz's continued fraction (DLMF 8.17.22).
    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        let front = libm::exp(self.log_norm + self.a * libm::log(x) + self.b * libm::log1p(-x));
        if x < (self.a + 1.0) / (self.a + self.b + 2.0) {
            front * fraction(self.a, self.b, x) / self.a
        } else {
            1.0 - front * fraction(self.b, self.a, 1.0 - x) / self.b
        }
    }

    fn density(&self, x: f64) -> f64 {
        libm::exp(self.log_norm + (self.a - 1.0) * libm::log(x) + (self.b - 1.0) * libm::log1p(-x))
    }

    /// The logarithmic derivative of the density.
    fn slope(&self, x: f64) -> f64 {
        (self.a - 1.0) / x - (self.b - 1.0) / (1.0 - x)
    }

    /// The quantile at `p`, to a few units of the last place: Halley's rule from a good guess,
    /// held in a bracket.
    fn quantile(&self, p: f64, guess: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        let mut x = if guess > 0.0 && guess < 1.0 {
            guess
        } else {
            0.5
        };
        for _ in 0..200 {
            let miss = self.cdf(x) - p;
            if miss < 0.0 {
                low = x;
            } else {
                high = x;
            }
            let newton = miss / self.density(x);
            let step = newton / (1.0 - 0.5 * newton * self.slope(x)).max(0.5);
            let next = x - step;
            let inside = next > low && next < high;
            let next = if inside { next } else { 0.5 * (low + high) };
            let moved = (next - x).abs();
            x = next;
            // Halley's error falls with its cube: what is left is below the last place.
            if (inside && moved < 3e-6 * x) || moved < 1e-16 * x {
                break;
            }
        }
        x
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..200 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}
