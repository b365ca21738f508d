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
    /// Whether it is there, and a hit.
    hits: Held,
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
        let rows = &self.sorted[input];
        match side {
            Side::Above => self.outermost(input, side, most, |i| rows.get(i)),
            Side::Below => self.outermost(input, side, most, |i| {
                rows.len().checked_sub(i + 1).map(|i| &rows[i])
            }),
        }
    }

    /// The same; `at` returns the rows from the outermost on.
    #[inline(always)]
    fn outermost<'r>(
        &self,
        input: usize,
        side: Side,
        most: usize,
        at: impl Fn(usize) -> Option<&'r u32>,
    ) -> Option<Slice> {
        let values = &self.table.inputs[input];
        let mut lost = Count::default();
        let mut end = 0;
        // Without a branch on what nobody can foresee, and without looking at values.
        while lost.rows < most as u64 {
            let row = *at(end)?;
            lost.rows += self.held.one(row);
            lost.hits += self.hits.one(row);
            end += 1;
        }
        let value = |row: u32| values[row as usize];
        let next = |from: usize| {
            let rows = (from..).map_while(|i| at(i).map(|row| (i, *row)));
            rows.into_iter().find(|(_, row)| self.held.has(*row))
        };
        let last = value(*at(end - 1)?);
        let (mut after, row) = next(end)?;
        let found = |lost, border| {
            Some(Slice {
                input,
                side,
                border,
                lost,
            })
        };
        if value(row) != last {
            return found(lost, (last, value(row)));
        }
        // The border would divide equal values: it lies before them,
        let whole = lost;
        for i in (0..end).rev() {
            let row = *at(i)?;
            if !self.held.has(row) {
                continue;
            }
            if value(row) != last {
                return found(lost, (value(row), last));
            }
            lost.rows -= 1;
            lost.hits -= self.hits.one(row);
        }
        // or, if there is nothing, behind them.
        lost = whole;
        loop {
            let (i, row) = next(after)?;
            if value(row) != last {
                return found(lost, (last, value(row)));
            }
            lost.rows += 1;
            lost.hits += self.hits.one(row);
            after = i + 1;
        }
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
        let (held, hits) = (&mut self.held, &mut self.hits);
        // The rows of the slice are the outermost of those that are held.
        let mut remove = |rows: &mut dyn Iterator<Item = &u32>| {
            let mut left = size;
            for row in rows {
                if left == 0 {
                    break;
                }
                if held.has(*row) {
                    held.remove(*row);
                    hits.remove(*row);
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
        hits: held.and(&Held::of(table.hits)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::discovery::table::order;

    #[test]
    fn slices_never_divide_equal_values() {
        let mut state = 5_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for kinds in [1, 2, 3, 7, 1_000] {
            let rows = 60_usize;
            let inputs = vec![(0..rows).map(|_| draw(kinds) as f32).collect::<Vec<f32>>()];
            let hits: Vec<bool> = (0..rows).map(|_| draw(2) == 0).collect();
            let order = order(&inputs);
            let used: Vec<bool> = (0..rows).map(|_| draw(5) > 0).collect();
            let table = Table::new(&inputs, &hits, &order, vec![true; rows]);
            let held = Held::of(&used);
            let mut count = Count::default();
            for row in (0..rows).filter(|row| used[*row]) {
                count.add(hits[row]);
            }
            // Lists still hold rows that were cut off.
            let inside = Inside {
                table: &table,
                sorted: order.clone(),
                hits: held.and(&Held::of(&hits)),
                held,
                count,
                listed: rows as u64,
            };
            let mut values: Vec<(f32, bool)> = (0..rows)
                .filter(|row| used[*row])
                .map(|row| (inputs[0][row], hits[row]))
                .collect();
            for side in [Side::Above, Side::Below] {
                values.sort_by(|a, b| a.0.total_cmp(&b.0));
                if side == Side::Below {
                    values.reverse();
                }
                for most in 1..=values.len() + 1 {
                    // The last border up to there, or the first at all.
                    let borders = (1..values.len()).filter(|i| values[i - 1].0 != values[*i].0);
                    let fit = borders.clone().rfind(|i| *i <= most);
                    let wanted = fit
                        .or_else(|| borders.clone().next())
                        .filter(|_| most < values.len());
                    let found = inside.slice(0, side, most);
                    let hits = |i: usize| values[..i].iter().filter(|v| v.1).count() as u64;
                    assert_eq!(
                        found.map(|s| (s.lost.rows, s.lost.hits, s.border)),
                        wanted.map(|i| (i as u64, hits(i), (values[i - 1].0, values[i].0))),
                        "{kinds} {side:?} {most}"
                    );
                }
            }
        }
    }
}
