//! Sums of yes-or-no outputs over classes and slices of rows, in many resamples at once.
//!
//! Whether an output occurred, and how often a resample counts a row, are bits: of each row one for
//! every output, and for every resample as many as its largest count takes. In order of an input, 64
//! rows at a time are transposed, so that a word has one bit of each; then what a class gains is the
//! number of bits that two words share. Sums are whole numbers, so it does not matter how they come about.

use super::classes::Ends;
use crate::engine::Isa;

/// Rows in a word.
const BLOCK: usize = 64;
/// Outputs that are summed at once: words in a register.
const ABREAST: usize = 8;

/// Outputs and counts of all rows as bits.
pub(super) struct Bits {
    outputs: usize,
    draws: usize,
    /// Bits of a count.
    planes: usize,
    /// Words of a row.
    words: usize,
    /// Row, then word: outputs, then draws with the lowest bit first.
    rows: Vec<u64>,
}

/// Sums in every draw. One more output occurred in every row.
pub(super) struct Sums {
    /// Which that is.
    all: usize,
    /// Places for outputs, a whole number of [`ABREAST`].
    outputs: usize,
    classes: usize,
    slices: usize,
    /// Draw, then class and output.
    in_classes: Vec<u32>,
    /// Draw, then slice and output.
    in_slices: Vec<u32>,
}

impl Bits {
    /// `occurred(row, output)` for so many outputs, and the counts of rows in each draw.
    pub(super) fn new(
        outputs: usize,
        occurred: impl Fn(usize, usize) -> bool,
        draws: &[Vec<u32>],
    ) -> Self {
        let rows = draws[0].len();
        let largest = draws.iter().flatten().max().copied().unwrap_or(0);
        let planes = (u32::BITS - largest.leading_zeros()) as usize;
        let words = (outputs + planes * draws.len()).div_ceil(BLOCK);
        let mut out = Self {
            outputs,
            draws: draws.len(),
            planes,
            words,
            rows: vec![0; rows * words],
        };
        for row in 0..rows {
            let to = &mut out.rows[row * words..][..words];
            for output in (0..outputs).filter(|o| occurred(row, *o)) {
                to[output / BLOCK] |= 1 << (output % BLOCK);
            }
            for (d, counts) in draws.iter().enumerate() {
                for plane in (0..planes).filter(|p| counts[row] >> p & 1 == 1) {
                    let bit = outputs + d * planes + plane;
                    to[bit / BLOCK] |= 1 << (bit % BLOCK);
                }
            }
        }
        out
    }

    /// Sums over rows in order; `slice` returns that of a row, of so many.
    pub(super) fn sums(
        &self,
        order: &[u32],
        classes: usize,
        slices: usize,
        slice: impl Fn(u32) -> usize,
    ) -> Sums {
        let all = self.outputs;
        let outputs = (all + 1).next_multiple_of(ABREAST);
        let mut sums = Sums {
            all,
            outputs,
            classes,
            slices,
            in_classes: vec![0; self.draws * classes * outputs],
            in_slices: vec![0; self.draws * slices * outputs],
        };
        let mut ends = vec![Ends::new(order.len(), classes); self.draws];
        let mut columns = vec![0; self.words * BLOCK];
        let mut occurred = vec![[0; ABREAST]; outputs / ABREAST];
        occurred[all / ABREAST][all % ABREAST] = u64::MAX;
        Isa::widest().run(
            #[inline(always)]
            || {
                for block in order.chunks(BLOCK) {
                    self.transpose(block, &mut columns);
                    for (o, column) in columns[..all].iter().enumerate() {
                        occurred[o / ABREAST][o % ABREAST] = *column;
                    }
                    // Rows of a block are in one slice, or in a few one after another.
                    let mut first = 0;
                    while first < block.len() {
                        let own = slice(block[first]);
                        let rest = &block[first..];
                        let n = rest.iter().take_while(|row| slice(**row) == own).count();
                        let rows = below(first + n) & !below(first);
                        for d in 0..self.draws {
                            let planes = &columns[all + d * self.planes..][..self.planes];
                            let classes =
                                &mut sums.in_classes[d * classes * outputs..][..classes * outputs];
                            let to = (d * slices + own) * outputs;
                            let to = &mut sums.in_slices[to..][..outputs];
                            count(planes, rows, &occurred, &mut ends[d], classes, to);
                        }
                        first += n;
                    }
                }
            },
        );
        sums
    }

    /// The columns of at most 64 rows, each a word.
    #[inline(always)]
    fn transpose(&self, block: &[u32], columns: &mut [u64]) {
        for (w, out) in columns.chunks_exact_mut(BLOCK).enumerate() {
            let mut square = [0; BLOCK];
            for (to, row) in square.iter_mut().zip(block) {
                *to = self.rows[*row as usize * self.words + w];
            }
            turn(&mut square);
            out.copy_from_slice(&square);
        }
    }
}

/// The lowest bits, so many.
#[inline(always)]
fn below(bits: usize) -> u64 {
    if bits < BLOCK {
        (1 << bits) - 1
    } else {
        u64::MAX
    }
}

/// Transposes a square of bits: ever smaller halves change places (Warren, Hacker's Delight 7-3).
#[inline(always)]
fn turn(square: &mut [u64; BLOCK]) {
    let mut half = BLOCK / 2;
    let mut mask = u64::MAX >> half;
    while half > 0 {
        for k in (0..BLOCK).filter(|k| k & half == 0) {
            let moved = (square[k] >> half ^ square[k + half]) & mask;
            square[k] ^= moved << half;
            square[k + half] ^= moved;
        }
        half /= 2;
        mask ^= mask << half;
    }
}

/// How often rows count together.
#[inline(always)]
fn weight(planes: &[u64], rows: u64) -> usize {
    let mut sum = 0;
    for (j, plane) in planes.iter().enumerate() {
        sum += ((plane & rows).count_ones() as usize) << j;
    }
    sum
}

/// Counts the outputs of rows in the classes of a draw, from its present one on, and in one slice.
#[inline(always)]
fn count(
    planes: &[u64],
    mut rows: u64,
    occurred: &[[u64; ABREAST]],
    ends: &mut Ends,
    classes: &mut [u32],
    slice: &mut [u32],
) {
    let outputs = occurred.len() * ABREAST;
    loop {
        let all = weight(planes, rows);
        if all == 0 {
            return;
        }
        let room = ends.room();
        // All rows that fit the class, or those before the one that goes over its end.
        let (fit, over) = if all <= room {
            (rows, None)
        } else {
            let (mut low, mut high) = (0, BLOCK);
            while high - low > 1 {
                let middle = usize::midpoint(low, high);
                if weight(planes, rows & below(middle)) <= room {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            (rows & below(low), Some(low))
        };
        let class = &mut classes[ends.class() * outputs..][..outputs];
        let each = class.chunks_exact_mut(ABREAST);
        for ((occurred, class), slice) in occurred
            .iter()
            .zip(each)
            .zip(slice.chunks_exact_mut(ABREAST))
        {
            let mut gained = [0_u64; ABREAST];
            for (j, plane) in planes.iter().enumerate() {
                let own = plane & fit;
                for o in 0..ABREAST {
                    gained[o] += u64::from((own & occurred[o]).count_ones()) << j;
                }
            }
            for o in 0..ABREAST {
                class[o] += gained[o] as u32;
                slice[o] += gained[o] as u32;
            }
        }
        ends.advance(weight(planes, fit));
        let Some(row) = over else {
            return;
        };
        // Each class gets its part of a row that straddles its border.
        let mut left = weight(planes, 1 << row);
        while left > 0 {
            let part = left.min(ends.room());
            let class = &mut classes[ends.class() * outputs..][..outputs];
            for (o, occurred) in occurred.iter().flatten().enumerate() {
                let times = (occurred >> row & 1) as u32 * part as u32;
                class[o] += times;
                slice[o] += times;
            }
            ends.advance(part);
            left -= part;
        }
        rows &= !below(row + 1);
    }
}

impl Sums {
    /// The sum of an output in a class of a draw.
    pub(super) fn in_class(&self, draw: usize, class: usize, output: usize) -> f64 {
        f64::from(self.in_classes[(draw * self.classes + class) * self.outputs + output])
    }

    /// The sum of an output in a slice of a draw.
    pub(super) fn in_slice(&self, draw: usize, slice: usize, output: usize) -> f64 {
        f64::from(self.in_slices[(draw * self.slices + slice) * self.outputs + output])
    }

    /// The rows in a slice of a draw.
    pub(super) fn size(&self, draw: usize, slice: usize) -> f64 {
        self.in_slice(draw, slice, self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sensitivity::classes::split;

    #[test]
    fn sums_are_those_of_row_by_row() {
        let mut state = 7_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for (rows, outputs, classes, slices) in [
            (1, 1, 1, 1),
            (63, 3, 48, 10),
            (700, 70, 9, 11),
            (64, 2, 48, 2),
        ] {
            let occurred: Vec<Vec<bool>> = (0..rows)
                .map(|_| (0..outputs).map(|_| draw(3) == 0).collect())
                .collect();
            let mut draws = vec![vec![1; rows]];
            for _ in 0..5 {
                let mut counts = vec![0; rows];
                for _ in 0..rows {
                    counts[draw(rows as u64) as usize] += 1;
                }
                draws.push(counts);
            }
            // One that counts a single row.
            draws.push(
                (0..rows)
                    .map(|r| if r == 0 { rows as u32 } else { 0 })
                    .collect(),
            );
            let mut order: Vec<u32> = (0..rows as u32).collect();
            order.reverse();
            let slice = |row: u32| row as usize * slices / rows;
            let bits = Bits::new(outputs, |r, o| occurred[r][o], &draws);
            let sums = bits.sums(&order, classes, slices, slice);
            for (d, counts) in draws.iter().enumerate() {
                let mut in_classes = vec![vec![0.0; outputs]; classes];
                let mut in_slices = vec![vec![0.0; outputs + 1]; slices];
                split(&order, counts, classes, |class, row, times| {
                    for o in (0..outputs).filter(|o| occurred[row][*o]) {
                        in_classes[class][o] += times;
                        in_slices[slice(row as u32)][o] += times;
                    }
                    in_slices[slice(row as u32)][outputs] += times;
                });
                for o in 0..outputs {
                    for class in 0..classes {
                        assert_eq!(sums.in_class(d, class, o), in_classes[class][o]);
                    }
                    for slice in 0..slices {
                        assert_eq!(sums.in_slice(d, slice, o), in_slices[slice][o]);
                        assert_eq!(sums.size(d, slice), in_slices[slice][outputs]);
                    }
                }
            }
        }
    }
}
