//! Peeling: ever smaller boxes, one slice at a time.

use super::Options;
use super::table::{Count, Limit, Region, Side, Table, shortest_between};
use crate::ensemble::Watch;
use crate::parallel;

/// A box of a trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The box.
    pub region: Region,
    /// Its rows and hits, among those it was found in.
    pub count: Count,
}

/// A slice that may be cut off.
struct Slice {
    limit: Limit,
    lost: Count,
}

/// The rows of a box, by rising value of each input.
struct Inside<'t> {
    table: &'t Table<'t>,
    sorted: Vec<Vec<u32>>,
    /// Whether a row is in the box: 64 to a word, as all lists of rows are looked up in it.
    held: Vec<u64>,
    count: Count,
}

impl Inside<'_> {
    fn value(&self, input: usize, row: u32) -> f32 {
        self.table.inputs[input][row as usize]
    }

    /// The slice of an input at one side: at most `most` rows, but never part of equal values; all of
    /// the outermost value if that alone is more. `None` if no row would be left.
    fn slice(&self, input: usize, side: Side, most: usize) -> Option<Slice> {
        let rows = &self.sorted[input];
        let n = rows.len();
        let at = |k: usize| match side {
            Side::Above => rows[k],
            Side::Below => rows[n - 1 - k],
        };
        if most >= n {
            return None;
        }
        // The first value that stays.
        let edge = self.value(input, at(most));
        let equal = |k: usize| self.value(input, at(k)) == edge;
        let mut size = (0..most).rev().find(|k| !equal(*k)).map_or(0, |k| k + 1);
        if size == 0 {
            size = (most..n).find(|k| !equal(*k))?;
        }
        let mut lost = Count::default();
        for k in 0..size {
            lost.add(self.table.hits[at(k) as usize]);
        }
        let (gone, kept) = (self.value(input, at(size - 1)), self.value(input, at(size)));
        let limit = Limit {
            input,
            side,
            value: shortest_between(gone.min(kept), gone.max(kept)),
        };
        Some(Slice { limit, lost })
    }

    /// The rise in density per part of the rows lost with a slice.
    fn gain(&self, slice: &Slice) -> f64 {
        let left = Count {
            rows: self.count.rows - slice.lost.rows,
            hits: self.count.hits - slice.lost.hits,
        };
        let part = slice.lost.rows as f64 / self.count.rows as f64;
        (left.density() - self.count.density()) / part
    }

    /// The best slice that leaves at least `fewest` rows; of equals the first.
    fn best(&self, alpha: f64, fewest: u64) -> Option<Slice> {
        let most = ((alpha * self.count.rows as f64) as usize).max(1);
        let of = |input: usize| {
            let sides = [Side::Above, Side::Below];
            let slices = sides.map(|side| self.slice(input, side, most));
            let big_enough = |s: &Slice| self.count.rows - s.lost.rows >= fewest;
            slices
                .into_iter()
                .flatten()
                .filter(big_enough)
                .map(|s| (self.gain(&s), s))
                .collect::<Vec<_>>()
        };
        let found = parallel::map(0..self.sorted.len(), of);
        let better = |best: (f64, Slice), next: (f64, Slice)| {
            if next.0 > best.0 { next } else { best }
        };
        let best = found.into_iter().flatten().reduce(better);
        best.map(|(_, slice)| slice)
    }

    fn cut(&mut self, slice: &Slice) {
        let size = slice.lost.rows as usize;
        let rows = &self.sorted[slice.limit.input];
        let lost = match slice.limit.side {
            Side::Above => &rows[..size],
            Side::Below => &rows[rows.len() - size..],
        };
        for row in lost {
            self.held[*row as usize / 64] &= !(1 << (row % 64));
        }
        let held = &self.held;
        parallel::for_each(&mut self.sorted, |rows| {
            rows.retain(|r| held[*r as usize / 64] >> (r % 64) & 1 == 1);
        });
        self.count.rows -= slice.lost.rows;
        self.count.hits -= slice.lost.hits;
    }
}

/// Returns a trajectory of boxes, from all rows of the table down to boxes of at least `fewest` rows.
/// It ends early when a box has nothing but hits, or, incomplete, if `watch` stops it.
#[must_use]
pub fn peel(table: &Table<'_>, options: &Options, fewest: u64, watch: Watch<'_>) -> Vec<Step> {
    let inputs = 0..table.inputs.len();
    let mut region = Region::default();
    let count = table.count(&region);
    let mut inside = Inside {
        table,
        sorted: parallel::map(inputs, |i| table.sorted(i)),
        held: vec![u64::MAX; table.hits.len().div_ceil(64)],
        count,
    };
    let mut out = vec![Step {
        region: region.clone(),
        count,
    }];
    while inside.count.hits < inside.count.rows && !watch.is_stopped() {
        let Some(slice) = inside.best(options.alpha, fewest) else {
            break;
        };
        inside.cut(&slice);
        region.set(slice.limit);
        out.push(Step {
            region: region.clone(),
            count: inside.count,
        });
    }
    out
}
