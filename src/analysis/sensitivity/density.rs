//! Kernel densities on a fixed grid, and the distance between two of them.
//!
//! The kernel is normal, its width Silverman's rule: (3n/4)^(−1/5) standard deviations. The grid
//! has 100 places from the lowest value to the highest, as in `SALib`. Each value is first shared
//! between the two nearest nodes of a grid 8 times as fine, so that the cost does not depend on
//! the rows; this changes densities by a part in ten thousand or less, unless classes are much
//! narrower than all values together.
//!
//! A grid sees nothing that is narrower than the distance between two places. So no kernel is taken
//! narrower than half of that, and a density that would have been is made to integrate to 1 on the
//! grid: else a class whose values are nearly the same would weigh thousands of times too much.
//! Where more than half of all values lie between two places and differ, their ranks take their
//! places: the distance is that of any increasing function of the values (Borgonovo 2007). Rows with
//! one value have no density; their distance from all rows is the share of those with another one.

/// Places at which densities are compared.
const PLACES: usize = 100;
/// Nodes to a place.
const FINE: usize = 8;
const NODES: usize = (PLACES - 1) * FINE + 1;
/// Beyond so many widths a kernel is left out: it would add less than 2e−8 of its peak.
const REACH: f64 = 6.0;

/// Values of an output, each with its place between two nodes.
pub(super) struct Grid {
    step: f64,
    values: Vec<f64>,
    nodes: Vec<(u32, f32)>,
    /// Which of the values that occur more than once; [`ALONE`] for the others.
    ties: Vec<u32>,
    /// How many values occur more than once.
    tied: usize,
}

/// A value that no other row has.
const ALONE: u32 = u32::MAX;

/// Some of the values, gathered.
#[derive(Clone)]
pub(super) struct Heap {
    mass: Vec<f64>,
    n: f64,
    sum: f64,
    squares: f64,
    /// The last row of it.
    row: usize,
    /// Whether its values differ.
    varies: bool,
}

impl Heap {
    pub(super) fn new() -> Self {
        Self {
            mass: vec![0.0; NODES],
            n: 0.0,
            sum: 0.0,
            squares: 0.0,
            row: 0,
            varies: false,
        }
    }
}

/// A density at all places; `None` if all values were the same.
pub(super) type Density = Option<Vec<f64>>;

impl Grid {
    /// A grid over the values, or over their ranks if it would not see most of them; `None` if they do
    /// not vary.
    pub(super) fn new(values: Vec<f64>) -> Option<Self> {
        let grid = Self::over(values)?;
        if grid.is_blind() {
            return Self::over(ranks(&grid.values));
        }
        Some(grid)
    }

    /// Whether more than half of the values lie between two places and differ.
    fn is_blind(&self) -> bool {
        let mut between = vec![(0_usize, f64::INFINITY, f64::NEG_INFINITY); PLACES];
        for (y, (node, _)) in self.values.iter().zip(&self.nodes) {
            let (n, low, high) = &mut between[*node as usize / FINE];
            *n += 1;
            *low = low.min(*y);
            *high = high.max(*y);
        }
        let most = between.iter().filter(|b| b.1 < b.2).map(|b| b.0).max();
        most.is_some_and(|n| 2 * n > self.values.len())
    }

    fn over(values: Vec<f64>) -> Option<Self> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let step = (high - low) / (NODES - 1) as f64;
        if step <= 0.0 || !step.is_finite() {
            return None;
        }
        let nodes = values.iter().map(|y| {
            let at = (y - low) / step;
            let node = (at.floor() as usize).min(NODES - 2);
            (node as u32, (at - node as f64) as f32)
        });
        let nodes = nodes.collect();
        let (ties, tied) = ties(&values);
        Some(Self {
            step,
            values,
            nodes,
            ties,
            tied,
        })
    }

    /// The share of each value that occurs more than once, with rows counted so many times.
    pub(super) fn shares(&self, counts: &[u32]) -> Vec<f64> {
        let mut out = vec![0.0; self.tied];
        for (tie, times) in self.ties.iter().zip(counts) {
            if let Some(share) = out.get_mut(*tie as usize) {
                *share += f64::from(*times);
            }
        }
        let n = self.values.len() as f64;
        for share in &mut out {
            *share /= n;
        }
        out
    }

    /// Puts the value of a row on a heap, so many times.
    pub(super) fn put(&self, row: usize, times: f64, heap: &mut Heap) {
        if times == 0.0 {
            return;
        }
        let (node, part) = self.nodes[row];
        let (node, part) = (node as usize, f64::from(part));
        heap.mass[node] += times * (1.0 - part);
        heap.mass[node + 1] += times * part;
        // Relative to the first value, so that large numbers keep a small spread.
        let y = self.values[row] - self.values[0];
        heap.varies |= heap.n > 0.0 && self.values[row] != self.values[heap.row];
        heap.row = row;
        heap.n += times;
        heap.sum += times * y;
        heap.squares += times * y * y;
    }

    pub(super) fn density(&self, heap: &Heap) -> Density {
        // Rounding decides whether a variance is 0, not whether values differ.
        if !heap.varies {
            return None;
        }
        let mean = heap.sum / heap.n;
        let variance = (heap.squares - heap.n * mean * mean) / (heap.n - 1.0);
        let natural = libm::pow(0.75 * heap.n, -0.2) * variance.max(0.0).sqrt();
        let width = natural.max(0.5 * FINE as f64 * self.step);
        let reach = ((REACH * width / self.step) as usize).min(NODES - 1);
        let kernel: Vec<f64> = (0..=reach)
            .map(|d| {
                let z = d as f64 * self.step / width;
                libm::exp(-0.5 * z * z)
            })
            .collect();
        let scale = 1.0 / (heap.n * width * (2.0 * std::f64::consts::PI).sqrt());
        let place = |g: usize| {
            let middle = g * FINE;
            let first = middle.saturating_sub(reach);
            let last = (middle + reach).min(NODES - 1);
            let below = heap.mass[first..middle].iter().rev().zip(&kernel[1..]);
            let from = heap.mass[middle..=last].iter().zip(&kernel);
            let sum: f64 = below.chain(from).map(|(m, k)| m * k).sum();
            sum * scale
        };
        let mut density: Vec<f64> = (0..PLACES).map(place).collect();
        if width > natural {
            let whole = self.integral(&density);
            for f in &mut density {
                *f /= whole;
            }
        }
        Some(density)
    }

    /// The integral of a function of the places, by the trapezoidal rule.
    fn integral(&self, f: &[f64]) -> f64 {
        let inside: f64 = f[1..PLACES - 1].iter().sum();
        let step = self.step * FINE as f64;
        step * (inside + 0.5 * (f[0] + f[PLACES - 1]))
    }

    /// ½∫|f − g| of all rows and some of them, by the trapezoidal rule: 0 for the same, at most 1.
    /// If those some have one value, it is the share of all others: `shares` has those of
    /// [`Self::shares`].
    pub(super) fn distance(&self, all: &Density, shares: &[f64], some: &Heap) -> f64 {
        let Some(f) = all else {
            return f64::NAN;
        };
        let Some(g) = self.density(some) else {
            let share = shares.get(self.ties[some.row] as usize);
            return 1.0 - share.unwrap_or(&0.0);
        };
        let off: Vec<f64> = f.iter().zip(&g).map(|(f, g)| (f - g).abs()).collect();
        (0.5 * self.integral(&off)).min(1.0)
    }
}

/// Of each value, which of those it is that occur more than once, and how many those are.
fn ties(values: &[f64]) -> (Vec<u32>, usize) {
    let mut out = vec![ALONE; values.len()];
    let mut tied = 0;
    for same in in_order(values).chunk_by(|a, b| values[*a] == values[*b]) {
        if same.len() > 1 {
            for i in same {
                out[*i] = tied;
            }
            tied += 1;
        }
    }
    (out, tied as usize)
}

/// Indices of values, from the lowest value to the highest.
fn in_order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    order
}

/// Ranks of values, from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; values.len()];
    let mut first = 0;
    for same in in_order(values).chunk_by(|a, b| values[*a] == values[*b]) {
        let middle = first as f64 + (same.len() - 1) as f64 / 2.0;
        for i in same {
            out[*i] = middle;
        }
        first += same.len();
    }
    out
}
