//! Rows, boxes of rows, and counts in them.

use rayon::prelude::*;

/// Inputs and one yes-or-no output of some rows.
#[derive(Debug)]
pub struct Table<'a> {
    /// Values, by input, then row.
    pub inputs: &'a [Vec<f32>],
    /// Whether the output came, by row.
    pub hits: &'a [bool],
    /// Rows by rising value, by input; equal values in the order of rows.
    order: &'a [Vec<u32>],
    /// Rows that are looked at.
    pub used: Vec<bool>,
}

/// Rows by rising value of each input.
#[must_use]
pub fn order(inputs: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let sorted = |values: &Vec<f32>| {
        let mut rows: Vec<u32> = (0..values.len() as u32).collect();
        rows.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        rows
    };
    inputs.par_iter().map(sorted).collect()
}

/// Rows, and how many of them are hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows.
    pub rows: u64,
    /// Rows in which the output came.
    pub hits: u64,
}

impl Count {
    /// Hits over rows; 0 without rows.
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

impl<'a> Table<'a> {
    /// A table of those rows that are `used`; `order` is that of all rows, by [`order`].
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

    /// The same table, but other rows of it are looked at.
    #[must_use]
    pub fn with(&self, used: Vec<bool>) -> Self {
        Self { used, ..*self }
    }

    /// The same table, but rows in a box are no longer looked at.
    #[must_use]
    pub fn without(&self, region: &Region) -> Self {
        let each = self.used.iter().enumerate();
        let used = each.map(|(row, used)| *used && !region.holds(self.inputs, row));
        self.with(used.collect())
    }

    /// The rows looked at, by rising value of an input.
    pub(super) fn sorted(&self, input: usize) -> Vec<u32> {
        let rows = self.order[input].iter().copied();
        rows.filter(|r| self.used[*r as usize]).collect()
    }

    /// Which rows are looked at and inside a box.
    pub(super) fn inside(&self, region: &Region) -> Vec<bool> {
        let rows = self.used.par_iter().enumerate().with_min_len(8_192);
        rows.map(|(row, used)| *used && region.holds(self.inputs, row))
            .collect()
    }

    /// What is in a box.
    #[must_use]
    pub fn count(&self, region: &Region) -> Count {
        self.one_out(region, 0, |_| 0).0
    }

    /// What is in a box, and what would be without each of so many groups of its limits, in one pass;
    /// `group` says to which one a limit belongs.
    pub(super) fn one_out(
        &self,
        region: &Region,
        groups: usize,
        group: impl Fn(usize) -> usize + Sync,
    ) -> (Count, Vec<Count>) {
        let empty = || (Count::default(), vec![Count::default(); groups]);
        let look = |mut out: (Count, Vec<Count>), row: usize| {
            if !self.used[row] {
                return out;
            }
            let mut broken = None;
            for (l, limit) in region.limits.iter().enumerate() {
                if limit.allows(self.inputs[limit.input][row]) {
                    continue;
                }
                let own = group(l);
                if groups == 0 || broken.is_some_and(|b| b != own) {
                    return out;
                }
                broken = Some(own);
            }
            match broken {
                None => out.0.add(self.hits[row]),
                Some(only) => out.1[only].add(self.hits[row]),
            }
            out
        };
        let together = |mut a: (Count, Vec<Count>), b: (Count, Vec<Count>)| {
            a.0.join(b.0);
            a.1.iter_mut().zip(b.1).for_each(|(a, b)| a.join(b));
            a
        };
        let rows = (0..self.hits.len()).into_par_iter().with_min_len(8_192);
        let (inside, mut out) = rows.fold(empty, look).reduce(empty, together);
        // So far only what the group alone keeps out.
        for count in &mut out {
            count.join(inside);
        }
        (inside, out)
    }
}

/// One end of what a box allows an input.
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
    /// Which values are inside.
    pub side: Side,
    /// The limit, itself outside.
    pub value: f64,
}

impl Limit {
    /// Whether a value is inside.
    #[must_use]
    pub fn allows(&self, x: f32) -> bool {
        match self.side {
            Side::Above => f64::from(x) > self.value,
            Side::Below => f64::from(x) < self.value,
        }
    }
}

/// A box: at most one limit an input and side; an input without limits is free.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Region {
    /// The limits, in the order of inputs, `Above` first.
    pub limits: Vec<Limit>,
}

impl Region {
    /// Whether a row is inside; `inputs` are by input, then row.
    #[must_use]
    pub fn holds(&self, inputs: &[Vec<f32>], row: usize) -> bool {
        let allows = |l: &Limit| l.allows(inputs[l.input][row]);
        self.limits.iter().all(allows)
    }

    /// Puts a limit in, in place of one for the same input and side.
    pub fn set(&mut self, limit: Limit) {
        let rank = |l: &Limit| (l.input, l.side == Side::Below);
        self.limits.retain(|l| rank(l) != rank(&limit));
        let at = self.limits.partition_point(|l| rank(l) < rank(&limit));
        self.limits.insert(at, limit);
    }

    /// The box without one of its limits.
    #[must_use]
    pub fn less(&self, limit: usize) -> Self {
        let mut out = self.clone();
        out.limits.remove(limit);
        out
    }

    /// The inputs that it restricts, in order.
    #[must_use]
    pub fn inputs(&self) -> Vec<usize> {
        let mut out: Vec<usize> = self.limits.iter().map(|l| l.input).collect();
        out.dedup();
        out
    }
}

/// The shortest decimal number strictly between two values, `low` below `high`: a limit there reads
/// well and parts the same rows. Of several with as few digits, the nearest to the middle.
#[must_use]
pub fn shortest_between(low: f32, high: f32) -> f64 {
    let (low, high) = (f64::from(low), f64::from(high));
    let middle = low + 0.5 * (high - low);
    (0..17)
        .filter_map(|digits| format!("{middle:.digits$e}").parse::<f64>().ok())
        .find(|x| *x > low && *x < high)
        .unwrap_or(middle)
}
