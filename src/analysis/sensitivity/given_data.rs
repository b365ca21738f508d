//! Sensitivity from rows that were played anyway (Plischke, Borgonovo & Smith 2013): inputs drawn
//! independently, outputs, and no design.
//!
//! For each input the rows are sorted by its value into M classes of equal size; M is
//! ⌈n^(2/(7 + tanh((1500 − n)/500)))⌉, at most 48. Then:
//!
//! - `s1` is the variance between the means of classes over the total variance (Pearson 1905). For
//!   an input without effect that is not 0 but (M − 1)/(n − 1); so 1 − `s1_raw` is multiplied by
//!   (n − 1)/(n − M), which removes the bias (Kelley 1935). `SALib` reports `s1_raw`, and that of
//!   a resample.
//! - `delta` is Borgonovo's δ (Borgonovo 2007), ½·E∫|f(y) − f(y | class)|dy: 0 if the input does
//!   not matter, 1 if it decides everything. For an output that is 0 or 1 in every row it is exact
//!   in the frequencies: the mean over classes of |p(class) − p|. Otherwise it uses kernel densities at
//!   100 places. Chance makes either too large; twice the value less the mean of the bootstrap
//!   replicates removes part of that (equation 30 there). `SALib` 1.5 and 1.6 use a resample
//!   where that equation has the rows themselves, which leaves the bias as it is.
//! - `pawn`: see [`super::pawn`].
//!
//! The dummies of [`super::floor`] take care of the remaining bias.

use super::bits::{Bits, Sums};
use super::bootstrap::{Bootstrap, half_width, mean_of};
use super::classes::{order, size, split, usual_number};
use super::density::{Density, Grid, Heap};
use super::pawn::{self, Pawn, Slices};
use crate::parallel;

/// How given data are analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options<'a> {
    /// Classes for `s1` and `delta`; by default by the rule above.
    pub classes: Option<usize>,
    /// Slices for PAWN, from 1 to 254; 10 is usual.
    pub slices: usize,
    /// How rows are resampled. Without resamples there are no half widths, and `delta` is
    /// `delta_raw`.
    pub bootstrap: Bootstrap<'a>,
}

/// Indices of one input for one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivenData {
    /// First-order index, corrected: 0 on average for an input without effect, so it can be negative.
    pub s1: f64,
    /// First-order index without correction, in [0, 1].
    pub s1_raw: f64,
    /// Half width of the 95 % interval of either.
    pub s1_conf: f64,
    /// Borgonovo's δ, corrected.
    pub delta: f64,
    /// Borgonovo's δ without correction, in [0, 1].
    pub delta_raw: f64,
    /// Half width of the 95 % interval of either.
    pub delta_conf: f64,
    /// PAWN.
    pub pawn: Pawn,
}

/// The indices of an output that never varies.
const NONE: GivenData = GivenData {
    s1: f64::NAN,
    s1_raw: f64::NAN,
    s1_conf: f64::NAN,
    delta: f64::NAN,
    delta_raw: f64::NAN,
    delta_conf: f64::NAN,
    pawn: Pawn::NONE,
};

/// An output in all rows, and what is the same for all inputs. The first draw is the rows as they
/// are, each further one a resample.
enum Output {
    /// Constant: no indices.
    Constant,
    /// Always 0 or 1.
    YesNo {
        moments: Vec<(f64, f64)>,
        values: Vec<f64>,
    },
    /// Any numbers.
    Number {
        moments: Vec<(f64, f64)>,
        grid: Grid,
        all: Vec<Density>,
        shares: Vec<Vec<f64>>,
        order: Vec<u32>,
        values: Vec<f64>,
    },
}

impl Output {
    fn new(values: Vec<f64>, draws: &[Vec<u32>]) -> Self {
        let each_moments = |values: &[f64]| draws.iter().map(|c| moments(values, c)).collect();
        if values.iter().all(|y| *y == 0.0 || *y == 1.0) {
            return if values.iter().all(|y| *y == values[0]) {
                Self::Constant
            } else {
                let moments = each_moments(&values);
                Self::YesNo { moments, values }
            };
        }
        let Some(grid) = Grid::new(values.clone()) else {
            return Self::Constant;
        };
        let moments = each_moments(&values);
        let all = draws.iter().map(|counts| {
            let mut heap = Heap::new();
            for (row, times) in counts.iter().enumerate() {
                grid.put(row, f64::from(*times), &mut heap);
            }
            grid.density(&heap)
        });
        Self::Number {
            all: all.collect(),
            shares: draws.iter().map(|counts| grid.shares(counts)).collect(),
            order: order(values.iter().copied()),
            moments,
            grid,
            values,
        }
    }
}

/// Mean and variance (divided by n) of values, each counted `counts` times.
fn moments(values: &[f64], counts: &[u32]) -> (f64, f64) {
    let each = || values.iter().zip(counts).map(|(y, c)| (y, f64::from(*c)));
    let n = values.len() as f64;
    let mean = each().map(|(y, c)| y * c).sum::<f64>() / n;
    let squares: f64 = each().map(|(y, c)| (y - mean) * (y - mean) * c).sum();
    (mean, squares / n)
}

/// Returns indices by input, then output. Shapes: `inputs[row][input]`, on any scale,
/// `outputs[row][output]`; all inputs and outputs share the same resamples.
///
/// # Panics
///
/// Unless there are 1 to 254 slices.
#[must_use]
pub fn indices(
    inputs: &[Vec<f64>],
    outputs: &[Vec<f64>],
    options: &Options,
) -> Vec<Vec<GivenData>> {
    let rows = inputs.len();
    let columns = inputs.first().map_or(0, Vec::len);
    let wanted = outputs.first().map_or(0, Vec::len);
    let mut draws = vec![vec![1; rows]];
    draws.extend(options.bootstrap.all(rows));
    let outputs = parallel::map(0..wanted, |o| {
        Output::new(outputs.iter().map(|row| row[o]).collect(), &draws)
    });
    let yes_no: Vec<&[f64]> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::YesNo { values, .. } => Some(&**values),
            _ => None,
        })
        .collect();
    let sample = Sample {
        classes: options.classes.unwrap_or_else(|| usual_number(rows)),
        bits: Bits::new(yes_no.len(), |row, o| yes_no[o][row] == 1.0, &draws),
        outputs,
        draws,
    };
    parallel::map(0..columns, |i| {
        let values: Vec<f64> = inputs.iter().map(|row| row[i]).collect();
        sample.of_input(&values, options.slices)
    })
}

/// The outputs, and the draws of rows.
struct Sample {
    classes: usize,
    outputs: Vec<Output>,
    /// Outputs that are 0 or 1, in their order.
    bits: Bits,
    draws: Vec<Vec<u32>>,
}

/// The rows in order of one input.
struct Sorted {
    order: Vec<u32>,
    slices: Slices,
    sums: Sums,
    /// Rows by draw, then slice.
    sizes: Vec<Vec<f64>>,
}

impl Sample {
    fn of_input(&self, input: &[f64], slices: usize) -> Vec<GivenData> {
        let sorted = self.sort(input, slices);
        let mut bits = 0..;
        let each = self.outputs.iter().map(|output| match output {
            Output::Constant => NONE,
            Output::YesNo { moments, .. } => {
                let bit = bits.next().unwrap_or_default();
                self.yes_no(&sorted, moments, bit)
            }
            Output::Number { moments, .. } => self.number(&sorted, moments, output),
        });
        each.collect()
    }

    /// Indices of an output that is 0 or 1.
    fn yes_no(&self, sorted: &Sorted, moments: &[(f64, f64)], bit: usize) -> GivenData {
        let draws = || moments.iter().enumerate();
        let sums = &sorted.sums;
        let between = |d: usize, f: &dyn Fn(f64) -> f64| {
            self.between(|class| sums.in_class(d, class, bit), f)
        };
        let first = |(d, (mean, variance)): (usize, &(f64, f64))| {
            between(d, &|m| (m - mean) * (m - mean)) / variance
        };
        let firsts: Vec<f64> = draws().map(first).collect();
        let delta = |(d, (mean, _)): (usize, &(f64, f64))| between(d, &|p| (p - mean).abs());
        let deltas: Vec<f64> = draws().map(delta).collect();
        let pawn = |(d, (mean, _)): (usize, &(f64, f64))| {
            let sizes = &sorted.sizes[d];
            let sums = (0..sizes.len()).map(|s| sums.in_slice(d, s, bit));
            pawn::yes_no(sums, sizes, *mean)
        };
        let pawns: Vec<Pawn> = draws().map(pawn).collect();
        self.assemble(&firsts, &deltas, &pawns)
    }

    /// Indices of an output that is any number.
    fn number(&self, sorted: &Sorted, moments: &[(f64, f64)], output: &Output) -> GivenData {
        let Output::Number {
            grid,
            all,
            shares,
            order,
            values,
            ..
        } = output
        else {
            return NONE;
        };
        let draws = || moments.iter().enumerate();
        let first = |(d, (mean, variance)): (usize, &(f64, f64))| {
            let mut sums = vec![0.0; self.classes];
            split(
                &sorted.order,
                &self.draws[d],
                self.classes,
                |class, row, times| sums[class] += times * values[row],
            );
            self.between(|class| sums[class], |m| (m - mean) * (m - mean)) / variance
        };
        let firsts: Vec<f64> = draws().map(first).collect();
        let delta = |(d, _): (usize, _)| self.delta(&sorted.order, d, grid, (&all[d], &shares[d]));
        let deltas: Vec<f64> = draws().map(delta).collect();
        let pawn = |(d, _): (usize, _)| {
            let (counts, sizes) = (&self.draws[d], &sorted.sizes[d]);
            sorted.slices.numbers(values, order, counts, sizes)
        };
        let pawns: Vec<Pawn> = draws().map(pawn).collect();
        self.assemble(&firsts, &deltas, &pawns)
    }

    fn sort(&self, input: &[f64], slices: usize) -> Sorted {
        let order = order(input.iter().copied());
        let slices = Slices::new(input, &order, slices);
        let number = slices.number() + 1;
        let sums = self
            .bits
            .sums(&order, self.classes, number, |row| slices.of(row));
        let sizes = (0..self.draws.len()).map(|d| (0..number).map(|s| sums.size(d, s)).collect());
        Sorted {
            sizes: sizes.collect(),
            order,
            slices,
            sums,
        }
    }

    /// The mean over rows of a function of the mean of their class.
    fn between(&self, sum: impl Fn(usize) -> f64, f: impl Fn(f64) -> f64) -> f64 {
        let rows = self.draws[0].len();
        let each = (0..self.classes).map(|class| {
            let n = size(rows, self.classes, class);
            if n > 0.0 { n * f(sum(class) / n) } else { 0.0 }
        });
        each.sum::<f64>() / rows as f64
    }

    /// δ of numbers in one draw.
    fn delta(
        &self,
        order: &[u32],
        draw: usize,
        grid: &Grid,
        (all, shares): (&Density, &[f64]),
    ) -> f64 {
        let mut heaps = vec![Heap::new(); self.classes];
        split(
            order,
            &self.draws[draw],
            self.classes,
            |class, row, times| {
                grid.put(row, times, &mut heaps[class]);
            },
        );
        let rows = self.draws[0].len();
        let each = heaps.iter().enumerate().map(|(class, heap)| {
            let distance = grid.distance(all, shares, heap);
            size(rows, self.classes, class) * distance
        });
        each.sum::<f64>() / rows as f64
    }

    /// Indices from all draws: the first gives the values, the others replicates.
    fn assemble(&self, firsts: &[f64], deltas: &[f64], pawns: &[Pawn]) -> GivenData {
        let n = self.draws[0].len() as f64;
        let stretch = (n - 1.0) / (n - self.classes as f64);
        let corrected: Vec<f64> = firsts.iter().map(|s| 1.0 - (1.0 - s) * stretch).collect();
        let bias = mean_of(&deltas[1..]) - deltas[0];
        GivenData {
            s1: corrected[0],
            s1_raw: firsts[0],
            s1_conf: half_width(&corrected[1..]),
            delta: deltas[0] - if bias.is_finite() { bias } else { 0.0 },
            delta_raw: deltas[0],
            delta_conf: half_width(&deltas[1..]),
            pawn: pawn::with_errors(pawns),
        }
    }
}
