//! PAWN (Pianosi & Wagener 2015, 2018): how far the distribution of an output moves when an input
//! is held in a slice of its range.
//!
//! For each of S slices of equal probability, the statistic of Kolmogorov and Smirnov, the largest
//! distance between the distribution function of the output in the slice and in all rows; from 0
//! to 1. Reported are its minimum, mean, median and maximum over slices, and its coefficient of
//! variation. For an output of 0 or 1 it is |p(slice) − p|.
//!
//! Borders of slices are quantiles of the input by linear interpolation, and a slice holds its
//! lower border, not its upper one, as in `SALib`; so the row with the very highest value is in no
//! slice, unless several share that value, as with the forms of a switch.

use super::bootstrap::half_width;

/// PAWN indices of one input for one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pawn {
    /// Least distance over slices.
    pub minimum: f64,
    /// Mean distance.
    pub mean: f64,
    /// Half width of its 95 % interval, for slices that stay where they are.
    pub mean_conf: f64,
    /// Median distance: the usual index.
    pub median: f64,
    /// Half width of its 95 % interval, likewise.
    pub median_conf: f64,
    /// Greatest distance: the one to check before an input is neglected.
    pub maximum: f64,
    /// Standard deviation over slices over the mean.
    pub cv: f64,
}

impl Pawn {
    /// The indices of an output that never varies.
    pub(super) const NONE: Self = Self {
        minimum: f64::NAN,
        mean: f64::NAN,
        mean_conf: f64::NAN,
        median: f64::NAN,
        median_conf: f64::NAN,
        maximum: f64::NAN,
        cv: f64::NAN,
    };

    /// Indices from the distances in all slices; NaN in a slice without rows.
    pub(super) fn of(distances: &[f64]) -> Self {
        let mut sorted: Vec<f64> = distances.iter().copied().filter(|d| !d.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / n;
        let squares: f64 = sorted.iter().map(|d| (d - mean) * (d - mean)).sum();
        let at = |k: usize| sorted.get(k).copied().unwrap_or(f64::NAN);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            at(half)
        } else {
            0.5 * (at(half.wrapping_sub(1)) + at(half))
        };
        Self {
            minimum: at(0),
            mean,
            mean_conf: f64::NAN,
            median,
            median_conf: f64::NAN,
            maximum: at(sorted.len().wrapping_sub(1)),
            cv: (squares / n).sqrt() / mean,
        }
    }
}

/// The first with errors from the others, which are its replicates.
pub(super) fn with_errors(draws: &[Pawn]) -> Pawn {
    let conf = |of: fn(&Pawn) -> f64| half_width(&draws[1..].iter().map(of).collect::<Vec<f64>>());
    Pawn {
        mean_conf: conf(|p| p.mean),
        median_conf: conf(|p| p.median),
        ..draws[0]
    }
}

/// PAWN of an output of 0 and 1 with the mean `p`, from its sums in slices; the last entry of
/// `sizes` counts the rows in no slice.
pub(super) fn yes_no(sums: impl Iterator<Item = f64>, sizes: &[f64], p: f64) -> Pawn {
    let slices = sums.zip(&sizes[..sizes.len() - 1]);
    let each = slices.map(|(sum, n)| (sum / n - p).abs());
    Pawn::of(&each.collect::<Vec<f64>>())
}

/// The slice of every row.
pub(super) struct Slices {
    number: usize,
    /// `number` for a row in no slice.
    of: Vec<u8>,
}

impl Slices {
    pub(super) fn new(input: &[f64], order: &[u32], number: usize) -> Self {
        assert!(
            (1..255).contains(&number),
            "PAWN takes from 1 to 254 slices"
        );
        let rank = |k: usize| input[order[k] as usize];
        let last = order.len() - 1;
        let border = |s: usize| {
            let at = s as f64 / number as f64 * last as f64;
            let below = (at as usize).min(last);
            let (low, high) = (rank(below), rank((below + 1).min(last)));
            low + (high - low) * (at - below as f64)
        };
        let borders: Vec<f64> = (0..=number).map(border).collect();
        let top = rank(last);
        let shared = last > 0 && rank(last - 1) == top;
        let of = input.iter().map(|x| {
            if *x >= top {
                return if shared { number - 1 } else { number } as u8;
            }
            // The last slice whose lower border is not above.
            (borders.partition_point(|b| b <= x).max(1) - 1).min(number - 1) as u8
        });
        Self {
            number,
            of: of.collect(),
        }
    }

    /// How many there are.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The slice of a row; [`Self::number`] for a row in none.
    #[inline(always)]
    pub(super) fn of(&self, row: u32) -> usize {
        usize::from(self.of[row as usize])
    }

    /// PAWN of numbers, by a walk from the lowest to the highest.
    pub(super) fn numbers(
        &self,
        values: &[f64],
        by_value: &[u32],
        counts: &[u32],
        sizes: &[f64],
    ) -> Pawn {
        let n: f64 = sizes.iter().sum();
        let mut below = vec![0.0; self.number + 1];
        let mut below_all = 0.0;
        let mut largest = vec![0.0_f64; self.number];
        for (k, row) in by_value.iter().enumerate() {
            let row = *row as usize;
            let times = f64::from(counts[row]);
            below[usize::from(self.of[row])] += times;
            below_all += times;
            // Equal values step together.
            let next = by_value.get(k + 1).map(|r| values[*r as usize]);
            if next == Some(values[row]) {
                continue;
            }
            for (s, largest) in largest.iter_mut().enumerate() {
                let off = (below[s] / sizes[s] - below_all / n).abs();
                *largest = largest.max(off);
            }
        }
        let each = largest.iter().zip(sizes);
        let each = each.map(|(d, n)| if *n > 0.0 { *d } else { f64::NAN });
        Pawn::of(&each.collect::<Vec<f64>>())
    }
}
