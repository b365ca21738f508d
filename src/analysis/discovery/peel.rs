//! Peeling: ever smaller boxes, one slice at a time.

use super::Options;
use super::table::{Count, Held, Limit, Region, Side, Table, shortest_between};
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
    input: usize,
    side: Side,
    /// The value of it that lies nearest to what stays, and the nearest value that stays.
    border: (f32, f32),
    lost: Count,
}

impl Slice {
    /// What cuts it off.
    fn limit(&self) -> Limit {
        let (gone, kept) = self.border;
        Limit {
            input: self.input,
            side: self.side,
            value: shortest_between(gone.min(kept), gone.max(kept)),
        }
    }
}

/// The rows of a box, by rising value of each input.
struct Inside<'t> {
    table: &'t Table<'t>,
    /// Among them are rows that were cut off since the lists were last [cleared](Self::clear).
    sorted: Vec<Vec<u32>>,
    /// Whether a row is in the box.
    held: Held,
    count: Count,
    /// Rows in each list.
    listed: u64,
}

impl Inside<'_> {
    /// The slice of an input at one side: at most `most` rows, but never part of equal values; all of
    /// the outermost value if that alone is more. `None` if no row would be left.
    fn slice(&self, input: usize, side: Side, most: usize) -> Option<Slice> {
        if most as u64 >= self.count.rows {
            return None;
        }
        let rows = self.sorted[input].iter();
        match side {
            Side::Above => self.outermost(input, side, most, rows),
            Side::Below => self.outermost(input, side, most, rows.rev()),
        }
    }

    /// The same; the rows come from the outermost on.
    fn outermost<'r>(
        &self,
        input: usize,
        side: Side,
        most: usize,
        rows: impl Iterator<Item = &'r u32>,
    ) -> Option<Slice> {
        let values = &self.table.inputs[input];
        let mut seen = Count::default();
        let mut last = f32::NAN;
        let mut found = None;
        for row in rows.copied().filter(|row| self.held.has(*row)) {
            let value = values[row as usize];
            if seen.rows > 0 && value != last {
                found = Some((seen, (last, value)));
            }
            if seen.rows >= most as u64 && found.is_some() {
                break;
            }
            seen.add(self.table.hits[row as usize]);
            last = value;
        }
        found.map(|(lost, border)| Slice {
            input,
            side,
            border,
            lost,
        })
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
        let rows = self.sorted[slice.input].iter();
        let size = slice.lost.rows as usize;
        let held = &mut self.held;
        // The rows of the slice are the outermost of those that are held.
        let mut remove = |rows: &mut dyn Iterator<Item = &u32>| {
            let mut left = size;
            for row in rows {
                if left == 0 {
                    break;
                }
                if held.has(*row) {
                    held.remove(*row);
                    left -= 1;
                }
            }
        };
        match slice.side {
            Side::Above => remove(&mut rows.into_iter()),
            Side::Below => remove(&mut rows.rev()),
        }
        self.count.rows -= slice.lost.rows;
        self.count.hits -= slice.lost.hits;
        if 4 * self.count.rows < 3 * self.listed {
            self.clear();
        }
    }

    /// Takes rows that are no longer in the box off the lists. Seldom: to pass over them is cheaper, as
    /// long as they are few.
    fn clear(&mut self) {
        let held = &self.held;
        parallel::for_each(&mut self.sorted, |rows| held.keep(rows));
        self.listed = self.count.rows;
    }
}

/// Returns a trajectory of boxes, from all rows of the table down to boxes of at least `fewest` rows.
/// It ends early when a box has nothing but hits, or, incomplete, if `watch` stops it.
#[must_use]
pub fn peel(table: &Table<'_>, options: &Options, fewest: u64, watch: Watch<'_>) -> Vec<Step> {
    let inputs = 0..table.inputs.len();
    let mut region = Region::default();
    let count = table.count(&region);
    let held = Held::of(&table.used);
    let mut inside = Inside {
        table,
        sorted: parallel::map(inputs, |i| table.sorted(i, &held)),
        held,
        count,
        listed: count.rows,
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
        region.set(slice.limit());
        out.push(Step {
            region: region.clone(),
            count: inside.count,
        });
    }
    out
}
