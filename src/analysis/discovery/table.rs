//! Rows, boxes of rows, and counts in them.

use std::ops::Range;

use crate::engine::Isa;
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
        self.one(row) == 1
    }

    /// 1 for a row that is among them, else 0.
    #[inline]
    pub(super) fn one(&self, row: u32) -> u64 {
        self.0[row as usize / 64] >> (row % 64) & 1
    }

    /// Those that are also among others.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: u32) {
        self.0[row as usize / 64] &= !(1 << (row % 64));
    }

    /// Those of a list that are among them, in order.
    fn those(&self, rows: &[u32]) -> Vec<u32> {
        let mut out = vec![0; rows.len() + 1];
        let mut kept = 0;
        // Without a branch, as nobody can foresee which rows stay.
        for row in rows {
            out[kept] = *row;
            kept += usize::from(self.has(*row));
        }
        out.truncate(kept);
        out
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
        held.those(&self.order[input])
    }

    /// Which rows are in use and inside a box.
    pub(super) fn inside(&self, region: &Region) -> Held {
        let limits: Vec<Border> = region.limits.iter().map(|l| self.border(l)).collect();
        let parts = parallel::map_parts(self.used.len(), |rows: Range<usize>| {
            let mut outside: Vec<u8> = self.used[rows.clone()]
                .iter()
                .map(|u| u8::from(!u))
                .collect();
            Isa::widest().run(
                #[inline(always)]
                || {
                    for limit in &limits {
                        limit.keep_out(rows.clone(), &mut outside);
                    }
                },
            );
            outside
                .into_iter()
                .map(|out| out == 0)
                .collect::<Vec<bool>>()
        });
        Held::of(&parts.concat())
    }

    /// A limit beside the values that it divides.
    fn border(&self, limit: &Limit) -> Border<'_> {
        Border {
            values: &self.inputs[limit.input],
            side: limit.side,
            value: limit.border(),
        }
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
        let each = region.limits.iter().enumerate();
        let limits: Vec<(usize, Border)> = each.map(|(l, x)| (group(l), self.border(x))).collect();
        let together = |mut a: (Count, Vec<Count>), b: (Count, Vec<Count>)| {
            a.0.join(b.0);
            a.1.iter_mut().zip(b.1).for_each(|(a, b)| a.join(b));
            a
        };
        let parts = parallel::map_parts(self.hits.len(), |rows: Range<usize>| {
            let mut out = empty();
            let mut broken = vec![[0; TOGETHER]; groups.max(1)];
            for start in rows.clone().step_by(TOGETHER) {
                let rows = start..rows.end.min(start + TOGETHER);
                Isa::widest().run(
                    #[inline(always)]
                    || self.look(rows, &limits, &mut broken, &mut out),
                );
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

    /// Counts the rows inside all limits, and those that a single group of limits keeps out: column by column, so that
    /// many rows are looked at in one instruction.
    #[inline(always)]
    fn look(
        &self,
        rows: Range<usize>,
        limits: &[(usize, Border)],
        broken: &mut [Noted],
        (inside, without): &mut (Count, Vec<Count>),
    ) {
        broken.fill([0; TOGETHER]);
        for (group, limit) in limits {
            limit.keep_out(rows.clone(), &mut broken[*group]);
        }
        // Kept out by any group, and by more than one.
        let (mut any, mut more) = ([0; TOGETHER], [0; TOGETHER]);
        for broken in &*broken {
            for i in 0..TOGETHER {
                more[i] |= any[i] & broken[i];
                any[i] |= broken[i];
            }
        }
        let (mut used, mut hits) = ([0; TOGETHER], [0; TOGETHER]);
        for (i, row) in rows.enumerate() {
            used[i] = u8::from(self.used[row]);
            hits[i] = u8::from(self.hits[row]);
        }
        let own = |i: usize| used[i] & (any[i] ^ 1);
        inside.join(counted(&own, &hits));
        for (out, broken) in without.iter_mut().zip(&*broken) {
            let own = |i: usize| used[i] & broken[i] & (more[i] ^ 1);
            out.join(counted(&own, &hits));
        }
    }
}

/// Rows that are looked at together: few enough for what is noted of them to stay at hand.
const TOGETHER: usize = 1_024;
/// 1 or 0 for each of them.
type Noted = [u8; TOGETHER];

/// Counts rows, and those that are hits.
#[inline(always)]
fn counted(own: &impl Fn(usize) -> u8, hits: &Noted) -> Count {
    let (mut rows, mut found) = (0_u32, 0_u32);
    for i in 0..TOGETHER {
        rows += u32::from(own(i));
        found += u32::from(own(i) & hits[i]);
    }
    Count {
        rows: rows.into(),
        hits: found.into(),
    }
}

/// A limit beside the values of its input.
struct Border<'t> {
    values: &'t [f32],
    side: Side,
    value: f32,
}

impl Border<'_> {
    /// Notes which rows it keeps out.
    #[inline(always)]
    fn keep_out(&self, rows: Range<usize>, noted: &mut [u8]) {
        let each = self.values[rows].iter().zip(noted);
        match self.side {
            Side::Above => each.for_each(|(x, noted)| *noted |= u8::from(*x <= self.value)),
            Side::Below => each.for_each(|(x, noted)| *noted |= u8::from(*x >= self.value)),
        }
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

    /// The number in binary32 that divides the same values.
    fn border(&self) -> f32 {
        let near = self.value as f32;
        match self.side {
            Side::Above if f64::from(near) > self.value => near.next_down(),
            Side::Below if f64::from(near) < self.value => near.next_up(),
            _ => near,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that no program foresees.
    fn draws() -> impl FnMut(u64) -> u64 {
        let mut state = 11_u64;
        move |below| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        }
    }

    #[test]
    fn many_rows_at_once_count_as_one_by_one() {
        let mut draw = draws();
        for rows in [1, 63, 1_024, 2_500] {
            let inputs: Vec<Vec<f32>> = (0..4)
                .map(|_| (0..rows).map(|_| draw(50) as f32 * 0.1).collect())
                .collect();
            let hits: Vec<bool> = (0..rows).map(|_| draw(3) == 0).collect();
            let used: Vec<bool> = (0..rows).map(|_| draw(4) > 0).collect();
            let order = order(&inputs);
            let table = Table::new(&inputs, &hits, &order, used.clone());
            let limit = |input, side, value| Limit { input, side, value };
            let region = Region {
                limits: vec![
                    limit(0, Side::Above, 0.1),
                    limit(0, Side::Below, f64::from(4.9_f32)),
                    limit(2, Side::Above, 0.7),
                    limit(3, Side::Below, 4.0),
                ],
            };
            let group = |l: usize| [0, 0, 1, 2][l];
            let (inside, without) = table.one_out(&region, 3, group);
            let held = table.inside(&region);
            let (mut all, mut each) = (Count::default(), vec![Count::default(); 3]);
            for row in (0..rows).filter(|row| used[*row]) {
                let broken = |g: usize| {
                    let mut own = (0..4).filter(|l| group(*l) == g).map(|l| region.limits[l]);
                    own.any(|l| !l.allows(inputs[l.input][row]))
                };
                let broken: Vec<usize> = (0..3).filter(|g| broken(*g)).collect();
                assert_eq!(held.has(row as u32), broken.is_empty());
                if broken.is_empty() {
                    all.add(hits[row]);
                }
                for (g, count) in each.iter_mut().enumerate() {
                    if broken.iter().all(|b| *b == g) {
                        count.add(hits[row]);
                    }
                }
            }
            assert_eq!((inside, without), (all, each));
            assert_eq!(table.count(&region), all);
        }
    }

    #[test]
    fn limits_divide_the_same_numbers_in_single_precision() {
        for value in [0.1, 0.3, 1.0, 4.9, 1e-40, -0.7, 3.0e38, 1e300] {
            for side in [Side::Above, Side::Below] {
                let limit = Limit {
                    input: 0,
                    side,
                    value,
                };
                let near = value as f32;
                for x in [near.next_down(), near, near.next_up(), 0.0] {
                    let fits = match side {
                        Side::Above => x > limit.border(),
                        Side::Below => x < limit.border(),
                    };
                    assert_eq!(fits, limit.allows(x), "{x} {limit:?}");
                }
            }
        }
    }
}
