//! Rows, boxes of rows, and counts in them.

use std::ops::Range;

use crate::parallel;

/// Inputs and one yes-or-no output of some rows.
#[derive(Debug)]
pub struct Table<'a> {
    /// Values, by input, then row.
    pub inputs: &'a [Vec<f32>],
    /// Whether the output occurred, by row.
    pub hits: &'a [bool],
    /// Rows by rising value, by input; equal values in the order of rows.
    order: &'a [Vec<u32>],
    /// Whether a row is in use.
    pub used: Vec<bool>,
}

/// Returns rows by rising value of each input: by input, then rank.
#[must_use]
pub fn order(inputs: &[Vec<f32>]) -> Vec<Vec<u32>> {
    parallel::map(0..inputs.len(), |input| {
        let values = &inputs[input];
        let mut rows: Vec<u32> = (0..values.len() as u32).collect();
        rows.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        rows
    })
}

/// Rows, and how many of them are hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows.
    pub rows: u64,
    /// Rows in which the output occurred.
    pub hits: u64,
}

impl Count {
    /// Returns hits over rows; 0 without rows.
    #[must_use]
    pub fn density(&self) -> f64 {
        self.hits as f64 / self.rows.max(1) as f64
    }

    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.hits += other.hits;
    }

    pub(super) fn add(&mut self, hit: bool) {
        self.rows += 1;
        self.hits += u64::from(hit);
    }
}

/// A set of rows: 64 to a word, as whole lists of rows are looked up in it.
#[derive(Debug, Clone)]
pub(super) struct Held(Vec<u64>);

impl Held {
    /// The rows for which this says yes.
    pub(super) fn of(rows: &[bool]) -> Self {
        let word = |rows: &[bool]| {
            let bits = rows.iter().zip(0..);
            bits.fold(0, |word, (held, bit)| word | u64::from(*held) << bit)
        };
        Self(rows.chunks(64).map(word).collect())
    }

    /// Whether a row is among them.
    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        self.0[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: u32) {
        self.0[row as usize / 64] &= !(1 << (row % 64));
    }

    /// Keeps those of a list that are among them, in order.
    pub(super) fn keep(&self, rows: &mut Vec<u32>) {
        let mut kept = 0;
        // Without a branch, as nobody can foresee which rows stay.
        for i in 0..rows.len() {
            let row = rows[i];
            rows[kept] = row;
            kept += usize::from(self.has(row));
        }
        rows.truncate(kept);
    }
}

impl<'a> Table<'a> {
    /// Returns a table of the rows that are `used`; `order` is that of all rows, from [`order`].
    #[must_use]
    pub fn new(
        inputs: &'a [Vec<f32>],
        hits: &'a [bool],
        order: &'a [Vec<u32>],
        used: Vec<bool>,
    ) -> Self {
        Self {
            inputs,
            hits,
            order,
            used,
        }
    }

    /// Returns the same table with different rows in use.
    #[must_use]
    pub fn with(&self, used: Vec<bool>) -> Self {
        Self { used, ..*self }
    }

    /// Returns the same table without the rows in a box.
    #[must_use]
    pub fn without(&self, region: &Region) -> Self {
        let each = self.used.iter().enumerate();
        let used = each.map(|(row, used)| *used && !region.holds(self.inputs, row));
        self.with(used.collect())
    }

    /// Those of some rows, by rising value of an input.
    pub(super) fn sorted(&self, input: usize, held: &Held) -> Vec<u32> {
        let mut rows = self.order[input].clone();
        held.keep(&mut rows);
        rows
    }

    /// Which rows are in use and inside a box.
    pub(super) fn inside(&self, region: &Region) -> Held {
        let holds = |row: usize| self.used[row] && region.holds(self.inputs, row);
        let parts = parallel::map_parts(self.used.len(), |rows: Range<usize>| {
            rows.map(holds).collect::<Vec<bool>>()
        });
        Held::of(&parts.concat())
    }

    /// Returns the rows and hits in each of some boxes, each of which lies within the one before it.
    #[must_use]
    pub fn counts<'r>(&self, nested: impl Iterator<Item = &'r Region>) -> Vec<Count> {
        let mut rows: Vec<u32> = (0..self.used.len() as u32).collect();
        rows.retain(|row| self.used[*row as usize]);
        let mut limits: &[Limit] = &[];
        let each = nested.map(|region| {
            // Only what is new can keep a row out that was inside.
            let new = region.limits.iter().filter(|l| !limits.contains(l));
            for limit in new {
                let values = &self.inputs[limit.input];
                rows.retain(|row| limit.allows(values[*row as usize]));
            }
            limits = &region.limits;
            let mut count = Count::default();
            for row in &rows {
                count.add(self.hits[*row as usize]);
            }
            count
        });
        each.collect()
    }

    /// Returns the rows and hits in a box.
    #[must_use]
    pub fn count(&self, region: &Region) -> Count {
        self.one_out(region, 0, |_| 0).0
    }

    /// Rows and hits in a box, and in the box without each of so many groups of its limits, in one
    /// pass; `group` returns the group of a limit.
    pub(super) fn one_out(
        &self,
        region: &Region,
        groups: usize,
        group: impl Fn(usize) -> usize + Sync,
    ) -> (Count, Vec<Count>) {
        let empty = || (Count::default(), vec![Count::default(); groups]);
        let look = |(inside, without): &mut (Count, Vec<Count>), row: usize| {
            let mut broken = None;
            for (l, limit) in region.limits.iter().enumerate() {
                if limit.allows(self.inputs[limit.input][row]) {
                    continue;
                }
                let own = group(l);
                if groups == 0 || broken.is_some_and(|b| b != own) {
                    return;
                }
                broken = Some(own);
            }
            match broken {
                None => inside.add(self.hits[row]),
                Some(only) => without[only].add(self.hits[row]),
            }
        };
        let together = |mut a: (Count, Vec<Count>), b: (Count, Vec<Count>)| {
            a.0.join(b.0);
            a.1.iter_mut().zip(b.1).for_each(|(a, b)| a.join(b));
            a
        };
        let parts = parallel::map_parts(self.hits.len(), |rows: Range<usize>| {
            let mut out = empty();
            for row in rows.filter(|row| self.used[*row]) {
                look(&mut out, row);
            }
            out
        });
        let (inside, mut out) = parts.into_iter().fold(empty(), together);
        // So far these are the rows that the group alone keeps out.
        for count in &mut out {
            count.join(inside);
        }
        (inside, out)
    }
}

/// The side of a limit on which values are inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Values above the limit are inside.
    Above,
    /// Values below the limit are inside.
    Below,
}

/// One limit of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The input.
    pub input: usize,
    /// The side on which values are inside.
    pub side: Side,
    /// The limit, itself outside.
    pub value: f64,
}

impl Limit {
    /// Returns whether a value is inside.
    #[must_use]
    pub fn allows(&self, x: f32) -> bool {
        match self.side {
            Side::Above => f64::from(x) > self.value,
            Side::Below => f64::from(x) < self.value,
        }
    }
}

/// A box: at most one limit per input and side; an input without limits is free.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Region {
    /// The limits, in the order of inputs, `Above` first.
    pub limits: Vec<Limit>,
}

impl Region {
    /// Returns whether a row is inside; `inputs[input][row]`.
    #[must_use]
    pub fn holds(&self, inputs: &[Vec<f32>], row: usize) -> bool {
        let allows = |l: &Limit| l.allows(inputs[l.input][row]);
        self.limits.iter().all(allows)
    }

    /// Sets a limit, replacing one for the same input and side.
    pub fn set(&mut self, limit: Limit) {
        let rank = |l: &Limit| (l.input, l.side == Side::Below);
        self.limits.retain(|l| rank(l) != rank(&limit));
        let at = self.limits.partition_point(|l| rank(l) < rank(&limit));
        self.limits.insert(at, limit);
    }

    /// Returns the box without one of its limits.
    #[must_use]
    pub fn less(&self, limit: usize) -> Self {
        let mut out = self.clone();
        out.limits.remove(limit);
        out
    }

    /// Returns the inputs that it restricts, in order.
    #[must_use]
    pub fn inputs(&self) -> Vec<usize> {
        let mut out: Vec<usize> = self.limits.iter().map(|l| l.input).collect();
        out.dedup();
        out
    }
}

/// Returns the shortest decimal number strictly between two values, `low` below `high`: a limit there
/// is easy to read and divides the same rows. Of several with as few digits, the nearest to the
/// middle.
#[must_use]
pub fn shortest_between(low: f32, high: f32) -> f64 {
    let (low, high) = (f64::from(low), f64::from(high));
    let middle = low + 0.5 * (high - low);
    (0..17)
        .filter_map(|digits| format!("{middle:.digits$e}").parse::<f64>().ok())
        .find(|x| *x > low && *x < high)
        .unwrap_or(middle)
}
