//! Which box of a trajectory is reported, with which limits, and where these lie.

use super::Options;
use super::peel::Step;
use super::table::{Count, Limit, Region, Side, Table, shortest_between};
use crate::analysis::tails;

/// False-alarm rate of all limits of a box together: a limit that chance could have set with more
/// than its part of this probability is dropped.
const LIMIT_ALARM: f64 = 0.05;
/// Most passes over all limits.
const PASSES: usize = 20;

/// Returns the quality of a box, (rows)^b · (density − density of all rows); see [`super`].
#[must_use]
pub fn quality(inside: Count, all: Count, breadth: f64) -> f64 {
    let size = libm::pow(inside.rows as f64, breadth);
    size * (inside.density() - all.density())
}

/// Returns the quasi-p-value of a limit (Bryant & Lempert 2010): the probability of as many hits or
/// more among the rows of a box, if its density were that of the box without the limit.
#[must_use]
pub fn quasi_p(inside: Count, without: Count) -> f64 {
    tails::binomial(inside.hits, inside.rows, without.density())
}

/// Returns the box to report: the best of a trajectory, without limits that chance could have set,
/// on at most `options.inputs` inputs, each limit where it is best; `None` if no limit is left.
#[must_use]
pub fn choose(
    table: &Table<'_>,
    trajectory: &[Step],
    options: &Options,
    fewest: u64,
) -> Option<Region> {
    let search = Search {
        table,
        all: trajectory.first()?.count,
        breadth: options.breadth,
        fewest,
    };
    let worth = |step: &Step| quality(step.count, search.all, options.breadth);
    let best = trajectory.iter().reduce(|best, step| {
        if worth(step) > worth(best) {
            step
        } else {
            best
        }
    })?;
    let mut region = best.region.clone();
    while region.inputs().len() > options.inputs {
        region = search.less_one_input(&region);
    }
    loop {
        region = search.settle(region);
        match search.weakest(&region) {
            Some((limit, p)) if p > LIMIT_ALARM / (2 * table.inputs.len()) as f64 => {
                region = region.less(limit);
            }
            Some(_) => return Some(search.in_few_digits(region)),
            None => return None,
        }
    }
}

/// Part of a box's quality that rounding its limits may cost.
const ROUNDING: f64 = 0.01;

/// What stays the same while a box is improved.
struct Search<'t> {
    table: &'t Table<'t>,
    all: Count,
    breadth: f64,
    fewest: u64,
}

impl Search<'_> {
    fn quality(&self, count: Count) -> f64 {
        quality(count, self.all, self.breadth)
    }

    /// The box without the input whose loss costs least; of equals the first.
    fn less_one_input(&self, region: &Region) -> Region {
        let inputs = region.inputs();
        let group = |limit: usize| {
            let input = region.limits[limit].input;
            inputs.partition_point(|i| *i < input)
        };
        let (_, without) = self.table.one_out(region, inputs.len(), group);
        let each = inputs.iter().zip(without);
        let each = each.map(|(input, count)| (self.quality(count), *input));
        let best = each.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let mut out = region.clone();
        out.limits
            .retain(|l| best.is_none_or(|(_, input)| l.input != input));
        out
    }

    /// The limit that chance could most easily have set, and its quasi-p-value; of equals the first.
    fn weakest(&self, region: &Region) -> Option<(usize, f64)> {
        let limits = region.limits.len();
        let (inside, without) = self.table.one_out(region, limits, |l| l);
        let each = without.into_iter().enumerate();
        let each = each.map(|(l, without)| (l, quasi_p(inside, without)));
        each.reduce(|worst, next| if next.1 > worst.1 { next } else { worst })
    }

    /// Puts each limit where quality is best given the others, in turn, until none moves.
    fn settle(&self, mut region: Region) -> Region {
        for _ in 0..PASSES {
            let before = region.clone();
            let mut at = 0;
            while at < region.limits.len() {
                let limit = region.limits[at];
                match self.best_cut(&region.less(at), limit) {
                    Some(moved) => {
                        region.set(moved);
                        at += 1;
                    }
                    None => region = region.less(at),
                }
            }
            if region == before {
                break;
            }
        }
        region
    }

    /// The box with every limit rounded to as few digits as cost little: people read them, and they
    /// are not known more exactly.
    fn in_few_digits(&self, mut region: Region) -> Region {
        let least = (1.0 - ROUNDING) * self.quality(self.table.count(&region));
        for at in 0..region.limits.len() {
            let limit = region.limits[at];
            let rounded = (0..6).find_map(|digits| {
                let value = format!("{:.digits$e}", limit.value).parse().ok()?;
                let mut other = region.clone();
                other.set(Limit { value, ..limit });
                let count = self.table.count(&other);
                (count.rows >= self.fewest && self.quality(count) >= least).then_some(other)
            });
            region = rounded.unwrap_or(region);
        }
        region
    }

    /// Where one limit is best given the others; `None` if the box is better without it.
    fn best_cut(&self, others: &Region, limit: Limit) -> Option<Limit> {
        let values = &self.table.inputs[limit.input];
        let inside = self.table.inside(others);
        let mut rows = self.table.sorted(limit.input, &inside);
        // Rows that are cut off first come first.
        if limit.side == Side::Below {
            rows.reverse();
        }
        let mut left = Count::default();
        for row in &rows {
            left.add(self.table.hits[*row as usize]);
        }
        let (mut best, mut place) = (self.quality(left), None);
        for pair in rows.windows(2) {
            let [gone, kept] = [pair[0], pair[1]];
            left.rows -= 1;
            left.hits -= u64::from(self.table.hits[gone as usize]);
            if left.rows < self.fewest {
                break;
            }
            let (out, inside) = (values[gone as usize], values[kept as usize]);
            let worth = self.quality(left);
            if out != inside && worth > best {
                best = worth;
                place = Some((out.min(inside), out.max(inside)));
            }
        }
        place.map(|(low, high)| Limit {
            value: shortest_between(low, high),
            ..limit
        })
    }
}
