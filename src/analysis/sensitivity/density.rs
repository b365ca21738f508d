//! Kernel densities on a fixed grid, and the distance between two of them.
//!
//! The kernel is normal, its width Silverman's rule: (3n/4)^(−1/5) standard deviations. The grid
//! has 100 places from the lowest value to the highest, as in `SALib`. Each value is first shared
//! between the two nearest nodes of a grid 8 times as fine, so that the cost does not depend on
//! the rows; this changes densities by a part in ten thousand or less, unless classes are much
//! narrower than all values together.

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
}

/// Some of the values, gathered.
#[derive(Clone)]
pub(super) struct Heap {
    mass: Vec<f64>,
    n: f64,
    sum: f64,
    squares: f64,
}

impl Heap {
    pub(super) fn new() -> Self {
        Self {
            mass: vec![0.0; NODES],
            n: 0.0,
            sum: 0.0,
            squares: 0.0,
        }
    }
}

/// A density at all places; `None` if all values were the same.
pub(super) type Density = Option<Vec<f64>>;

impl Grid {
    /// A grid over the values; `None` if they do not vary.
    pub(super) fn new(values: Vec<f64>) -> Option<Self> {
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
        Some(Self {
            step,
            nodes: nodes.collect(),
            values,
        })
    }

    /// Puts the value of a row on a heap, so many times.
    pub(super) fn put(&self, row: usize, times: f64, heap: &mut Heap) {
        let (node, part) = self.nodes[row];
        let (node, part) = (node as usize, f64::from(part));
        heap.mass[node] += times * (1.0 - part);
        heap.mass[node + 1] += times * part;
        // Relative to the first value, so that large numbers keep a small spread.
        let y = self.values[row] - self.values[0];
        heap.n += times;
        heap.sum += times * y;
        heap.squares += times * y * y;
    }

    pub(super) fn density(&self, heap: &Heap) -> Density {
        let mean = heap.sum / heap.n;
        let variance = (heap.squares - heap.n * mean * mean) / (heap.n - 1.0);
        let width = libm::pow(0.75 * heap.n, -0.2) * variance.sqrt();
        let filled = heap.mass.iter().filter(|m| **m > 0.0).count();
        if filled < 2 || width.is_nan() || width <= 0.0 {
            return None;
        }
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
        Some((0..PLACES).map(place).collect())
    }

    /// ½∫|f − g|, by the trapezoidal rule: 0 for the same, at most 1. A single value and a density
    /// have nothing in common.
    pub(super) fn distance(&self, f: &Density, g: &Density) -> f64 {
        let (f, g) = match (f, g) {
            (Some(f), Some(g)) => (f, g),
            (None, None) => return f64::NAN,
            _ => return 1.0,
        };
        let off: Vec<f64> = f.iter().zip(g).map(|(f, g)| (f - g).abs()).collect();
        let inside: f64 = off[1..PLACES - 1].iter().sum();
        let step = self.step * FINE as f64;
        0.5 * step * (inside + 0.5 * (off[0] + off[PLACES - 1]))
    }
}
