//! Fixed-bin histograms and fixed-point sums: whole numbers, so that merging is exact in any order.

/// Bins in each doubling of size.
const PER_OCTAVE: usize = 32;
/// The smallest size that is told from 0, as a power of 2.
const SMALLEST: i32 = -14;
/// Sizes of shares end at 1, others at 2^14.
const LARGEST: i32 = 14;

/// What values a histogram takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// `[0, 1]`.
    Share,
    /// Any number; beyond ±2^14 it counts as that.
    Free,
}

/// Counts of values in bins of 1/32 of a doubling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    range: Range,
    counts: Vec<u32>,
    /// Sum of the values in units of 2^−32; sizes beyond 1e12 count as 1e12.
    sum: i128,
}

/// Exponent and leading bits of the fraction of 2^[`SMALLEST`], side by side.
const FIRST_PLACE: u32 = ((127 + SMALLEST) as u32) << 5;

/// The bin of a size of at least 2^[`SMALLEST`], from 1; 0 is for what is smaller.
#[inline]
fn bin(size: f32, octaves: usize) -> usize {
    // The exponent and the leading bits of the fraction, side by side, count the bins.
    let place = (size.to_bits() >> (23 - 5)) + 1;
    (place.saturating_sub(FIRST_PLACE) as usize).min(octaves * PER_OCTAVE + 1)
}

/// The smallest size in a bin.
fn edge(bin: usize) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    let place = (bin - 1) as u32 + FIRST_PLACE;
    f64::from(f32::from_bits(place << (23 - 5)))
}

/// A value in units of 2^−32; sizes beyond 1e12 count as 1e12.
#[inline]
#[must_use]
pub fn fixed_point(x: f32) -> i128 {
    let scaled = f64::from(x) * 4_294_967_296.0;
    // Nearly every value fits a machine word.
    if scaled.abs() < 9e18 {
        return i128::from(scaled as i64);
    }
    (f64::from(x).clamp(-1e12, 1e12) * 4_294_967_296.0) as i128
}

/// The mean of a sum in units of 2^−32.
#[must_use]
pub fn mean(sum: i128, n: u64) -> f64 {
    sum as f64 / 4_294_967_296.0 / n as f64
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub fn new(range: Range) -> Self {
        let bins = match range {
            Range::Share => Self::octaves(range) * PER_OCTAVE + 2,
            Range::Free => 2 * (Self::octaves(range) * PER_OCTAVE + 2),
        };
        Self {
            range,
            counts: vec![0; bins],
            sum: 0,
        }
    }

    fn octaves(range: Range) -> usize {
        let top = match range {
            Range::Share => 0,
            Range::Free => LARGEST,
        };
        (top - SMALLEST) as usize
    }

    /// Counts values.
    pub fn add(&mut self, values: impl Iterator<Item = f32>) {
        let octaves = Self::octaves(self.range);
        let mut sum = 0;
        for x in values {
            sum += fixed_point(x);
            let b = bin(x.abs(), octaves);
            let index = match self.range {
                Range::Share => b,
                // Negative bins lie below the middle in reverse, so that order is preserved.
                Range::Free if x < 0.0 => octaves * PER_OCTAVE + 1 - b,
                Range::Free => octaves * PER_OCTAVE + 2 + b,
            };
            self.counts[index] += 1;
        }
        self.sum += sum;
    }

    /// Adds another histogram of the same kind.
    pub fn merge(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += b;
        }
        self.sum += other.sum;
    }

    /// How many values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|c| u64::from(*c)).sum()
    }

    /// The mean, exact to 2^−32.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.sum, self.total())
    }

    /// The smallest value that at least a share `p` of the values do not exceed, rounded towards
    /// 0 to the edge of its bin: by less than 1/32 of it.
    #[must_use]
    pub fn percentile(&self, p: f64) -> f64 {
        let needed = ((p * self.total() as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let octaves = Self::octaves(self.range);
        for (i, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= needed {
                return match self.range {
                    Range::Share => edge(i),
                    Range::Free if i < octaves * PER_OCTAVE + 2 => {
                        0.0 - edge(octaves * PER_OCTAVE + 1 - i)
                    }
                    Range::Free => edge(i - (octaves * PER_OCTAVE + 2)),
                };
            }
        }
        0.0
    }
}

/// The smallest index that at least a share `p` of all counts do not exceed; nothing without
/// counts.
#[must_use]
pub fn rank(counts: &[u64], p: f64) -> Option<usize> {
    let total: u64 = counts.iter().sum();
    let needed = ((p * total as f64).ceil() as u64).max(1);
    let mut seen = 0;
    counts.iter().position(|c| {
        seen += c;
        seen >= needed && total > 0
    })
}
