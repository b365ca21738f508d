//! Histograms with fixed bins and fixed-point sums: integers, so that merging is exact in any order.

use serde::{Deserialize, Serialize};

use crate::engine::lanes::Mask;

/// Bins in each doubling of size.
const PER_OCTAVE: usize = 32;
/// Sizes below this power of 2 count as 0.
const SMALLEST: i32 = -14;
/// Sizes of shares end at 1, others at 2^14.
const LARGEST: i32 = 14;

/// The values that a histogram can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Range {
    /// `[0, 1]`.
    Share,
    /// Any number; beyond ±2^14 it counts as that.
    Free,
}

impl Range {
    /// Doublings between the smallest size that does not count as 0 and the largest.
    const fn octaves(self) -> usize {
        let top = match self {
            Self::Share => 0,
            Self::Free => LARGEST,
        };
        (top - SMALLEST) as usize
    }

    /// The bin of a value.
    #[inline(always)]
    fn bin(self, value: f32) -> u32 {
        let octaves = self.octaves();
        let middle = match self {
            Self::Share => 0,
            Self::Free => (octaves * PER_OCTAVE + 2) as u32,
        };
        let b = bin(value.abs(), octaves);
        // Negative bins lie below the middle in reverse, so that order is preserved.
        let below = middle.wrapping_sub(1 + b);
        if (value < 0.0) & (middle > 0) {
            below
        } else {
            middle + b
        }
    }
}

/// Counts of values in bins of 1/32 of a doubling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    range: Range,
    /// The lowest bin that holds a value.
    first: u32,
    /// Counts of the bins from there to the highest that holds a value: few of all, so that
    /// hundreds of histograms fit the cache.
    counts: Vec<u32>,
    /// Sum of the values in units of 2^−32; sizes beyond 1e12 count as 1e12.
    sum: i128,
}

/// Exponent and leading bits of the fraction of 2^[`SMALLEST`], side by side.
const FIRST_PLACE: u32 = ((127 + SMALLEST) as u32) << 5;

/// The bin of a size of at least 2^[`SMALLEST`], from 1; 0 is for what is smaller.
#[inline(always)]
fn bin(size: f32, octaves: usize) -> u32 {
    // The exponent and the leading bits of the fraction, side by side, count the bins.
    let place = (size.to_bits() >> (23 - 5)) + 1;
    place
        .saturating_sub(FIRST_PLACE)
        .min((octaves * PER_OCTAVE + 1) as u32)
}

/// The smallest size in a bin.
fn edge(bin: usize) -> f64 {
    if bin == 0 {
        return 0.0;
    }
    let place = (bin - 1) as u32 + FIRST_PLACE;
    f64::from(f32::from_bits(place << (23 - 5)))
}

/// Units in 1 of a fixed-point sum.
const UNIT: f64 = 4_294_967_296.0;
/// 2^14: so many units, times the lanes of any batch, fit a machine word.
const SMALL: f32 = 16_384.0;

/// Returns a value in units of 2^−32; sizes beyond 1e12 count as 1e12.
#[inline]
#[must_use]
pub fn fixed_point(x: f32) -> i128 {
    if x.abs() < SMALL {
        return i128::from((f64::from(x) * UNIT) as i64);
    }
    (f64::from(x).clamp(-1e12, 1e12) * UNIT) as i128
}

/// From here on there is nothing behind the point.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// Returns the sum of values in units of 2^−32, one per lane, where `wanted`: of each what [`fixed_point`] returns,
/// in operations that vectorise where a conversion does not.
#[inline(always)]
#[must_use]
pub fn sum<const W: usize>(values: &[f32; W], wanted: &Mask<W>) -> i128 {
    let (mut large, mut negative) = (false, false);
    for i in 0..W {
        large |= (values[i].abs() >= SMALL) | values[i].is_nan();
        negative |= values[i] < 0.0;
    }
    if large {
        return wanted.lanes().map(|i| fixed_point(values[i])).sum();
    }
    let units = if negative {
        small_sum(
            values,
            wanted,
            |x, units| if x < 0.0 { -units } else { units },
        )
    } else {
        small_sum(values, wanted, |_, units| units)
    };
    i128::from(units)
}

#[inline(always)]
fn small_sum<const W: usize>(
    values: &[f32; W],
    wanted: &Mask<W>,
    signed: impl Fn(f32, i64) -> i64,
) -> i64 {
    let mut sum = 0_i64;
    for i in 0..W {
        let size = (f64::from(values[i]) * UNIT).abs();
        let nearest = size + WHOLE;
        let above = i64::from(nearest - WHOLE > size);
        let units = (nearest.to_bits().cast_signed() - WHOLE.to_bits().cast_signed()) - above;
        let units = signed(values[i], units);
        sum += if wanted.at(i) { units } else { 0 };
    }
    sum
}

/// Returns the mean of `n` values with a sum in units of 2^−32.
#[must_use]
pub fn mean(sum: i128, n: u64) -> f64 {
    sum as f64 / UNIT / n as f64
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub fn new(range: Range) -> Self {
        Self {
            range,
            first: 0,
            counts: Vec::new(),
            sum: 0,
        }
    }

    /// Makes room for the bins from `lowest` to `highest`.
    fn reach(&mut self, lowest: u32, highest: u32) {
        if self.counts.is_empty() {
            self.first = lowest;
        }
        if lowest < self.first {
            let more = (self.first - lowest) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = lowest;
        }
        let bins = (highest - self.first) as usize + 1;
        if bins > self.counts.len() {
            self.counts.resize(bins, 0);
        }
    }

    /// Counts values, one per lane, where `wanted`.
    #[inline(always)]
    pub fn add<const W: usize>(&mut self, values: &[f32; W], wanted: &Mask<W>) {
        let mut differ = 0;
        for i in 0..W {
            differ |= values[i].to_bits() ^ values[0].to_bits();
        }
        if differ == 0 {
            // As most numbers are before anything has happened.
            self.add_same(values[0], wanted.count() as u32);
            return;
        }
        let mut index = [0_u32; W];
        for i in 0..W {
            index[i] = self.range.bin(values[i]);
        }
        self.sum += sum(values, wanted);
        let (mut lowest, mut highest) = (u32::MAX, 0);
        for i in 0..W {
            lowest = lowest.min(if wanted.at(i) { index[i] } else { u32::MAX });
            highest = highest.max(if wanted.at(i) { index[i] } else { 0 });
        }
        if lowest > highest {
            return;
        }
        self.reach(lowest, highest);
        if lowest == highest {
            self.counts[(lowest - self.first) as usize] += wanted.count() as u32;
            return;
        }
        let (first, counts) = (self.first, &mut self.counts[..]);
        if wanted.count() == W {
            for i in 0..W {
                counts[(index[i] - first) as usize] += 1;
            }
            return;
        }
        for i in wanted.lanes() {
            counts[(index[i] - first) as usize] += 1;
        }
    }

    /// Counts a value `n` times.
    fn add_same(&mut self, value: f32, n: u32) {
        if n == 0 {
            return;
        }
        let bin = self.range.bin(value);
        self.reach(bin, bin);
        self.counts[(bin - self.first) as usize] += n;
        self.sum += fixed_point(value) * i128::from(n);
    }

    /// Returns whether another histogram takes the same values and has no bin outside of them.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        let bins = self.range.octaves() * PER_OCTAVE + 2;
        let bins = match self.range {
            Range::Share => bins,
            Range::Free => 2 * bins,
        };
        self.range == other.range && other.first as usize + other.counts.len() <= bins
    }

    /// Adds another histogram of the same kind.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        self.reach(other.first, other.first + other.counts.len() as u32 - 1);
        let from = (other.first - self.first) as usize;
        for (a, b) in self.counts[from..].iter_mut().zip(&other.counts) {
            *a += b;
        }
        self.sum += other.sum;
    }

    /// Returns the number of values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|c| u64::from(*c)).sum()
    }

    /// Returns the mean, exact to 2^−32.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.sum, self.total())
    }

    /// Returns the quantile at each of some shares, in ascending order: the smallest value up to
    /// which lies at least that share of all values, rounded towards 0 to the edge of its bin, by
    /// less than 1/32 of it. 0 without values.
    #[must_use]
    pub fn percentiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let total = self.total() as f64;
        let mut out = [0.0; N];
        let mut seen = 0;
        let mut next = 0;
        for (bin, count) in (self.first..).zip(&self.counts) {
            seen += u64::from(*count);
            while next < N && seen >= ((shares[next] * total).ceil() as u64).max(1) {
                out[next] = self.edge_of(bin as usize);
                next += 1;
            }
        }
        out
    }

    /// The end of a bin that lies nearer to 0.
    fn edge_of(&self, bin: usize) -> f64 {
        let middle = self.range.octaves() * PER_OCTAVE + 2;
        match self.range {
            Range::Share => edge(bin),
            Range::Free if bin < middle => 0.0 - edge(middle - 1 - bin),
            Range::Free => edge(bin - middle),
        }
    }
}

/// Returns the smallest index up to which lies at least a share `p` of all counts; `None` without
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
