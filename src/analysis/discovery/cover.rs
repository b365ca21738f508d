//! Several boxes, which of them other rows confirm, and how often they recur in resamples.

use super::choose::{choose, quasi_p};
use super::peel::{Step, peel};
use super::table::{Count, Region, Table};
use super::{Options, Side};
use crate::analysis::interval::{Share, newcombe, wilson};
use crate::analysis::stream::Stream;
use crate::ensemble::Watch;

/// Fewest hits, and fewest misses, among rows that are searched for boxes.
pub const FEWEST_HITS: u64 = 20;

/// A box with its trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Boxes from all remaining rows down to the smallest.
    pub trajectory: Vec<Step>,
    /// The box to report.
    pub region: Region,
    /// Its rows and hits, among those it was found in.
    pub count: Count,
    /// By input: in how many resamples a box restricted it from below, and from above.
    pub again: Vec<[u32; 2]>,
}

/// How rows are resampled to see which limits recur.
#[derive(Debug, Clone, Copy)]
pub struct Resampling<'a> {
    /// Seed of the run.
    pub seed: u64,
    /// Site of the draws; the number of the box and of the resample give the stream.
    pub site: &'a str,
    /// How many resamples, each one half of the rows.
    pub resamples: u64,
}

/// Searches the rows of a table for boxes, one after another; the rows of one are set aside for the
/// next. Returns `most` boxes, or fewer if no further one is distinguishable from chance. Ends soon
/// if `watch` stops it; the result is then incomplete.
#[must_use]
pub fn cover(
    table: &Table<'_>,
    options: &Options,
    most: usize,
    resampling: Resampling<'_>,
    watch: Watch<'_>,
) -> Vec<Found> {
    let all = table.used.iter().filter(|u| **u).count() as f64;
    let fewest = (options.mass * all).ceil().max(1.0) as u64;
    let mut out: Vec<Found> = Vec::new();
    let mut left = table.with(table.used.clone());
    while out.len() < most {
        let Some((trajectory, region)) = find(&left, options, fewest, watch) else {
            break;
        };
        let mut again = vec![[0; 2]; table.inputs.len()];
        for resample in 0..resampling.resamples {
            let stream = out.len() as u64 * resampling.resamples + resample;
            let half = half(&left, resampling, stream);
            let Some((_, other)) = find(&half, options, fewest.div_ceil(2), watch) else {
                continue;
            };
            for limit in &other.limits {
                again[limit.input][usize::from(limit.side == Side::Below)] += 1;
            }
        }
        let count = left.count(&region);
        let next = left.without(&region);
        out.push(Found {
            trajectory,
            region,
            count,
            again,
        });
        left = next;
    }
    out
}

/// One box.
fn find(
    table: &Table<'_>,
    options: &Options,
    fewest: u64,
    watch: Watch<'_>,
) -> Option<(Vec<Step>, Region)> {
    let all = table.count(&Region::default());
    if all.hits < FEWEST_HITS || all.rows - all.hits < FEWEST_HITS || all.rows <= fewest {
        return None;
    }
    let trajectory = peel(table, options, fewest, watch);
    if watch.is_stopped() {
        return None;
    }
    let region = choose(table, &trajectory, options, fewest)?;
    Some((trajectory, region))
}

/// A random half of the rows of a table.
fn half<'t>(table: &Table<'t>, resampling: Resampling<'_>, stream: u64) -> Table<'t> {
    let mut rows: Vec<usize> = (0..table.used.len()).filter(|r| table.used[*r]).collect();
    Stream::new(resampling.seed, resampling.site, stream).shuffle(&mut rows);
    let mut used = vec![false; table.used.len()];
    for row in &rows[..rows.len() / 2] {
        used[*row] = true;
    }
    table.with(used)
}

/// A box among rows that the search has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Rows in the box.
    pub inside: Count,
    /// Rows outside.
    pub outside: Count,
    /// Share of hits in the box.
    pub density: Share,
    /// Share of hits outside.
    pub elsewhere: Share,
    /// Part of all hits that lies in the box.
    pub coverage: Share,
    /// Part of all hits that lies in this box and in no earlier one.
    pub gained: f64,
    /// Whether the density inside is significantly above that outside (Newcombe 1998).
    pub confirmed: bool,
    /// By limit: rows and hits of the box without it, and its quasi-p-value.
    pub limits: Vec<(Count, f64)>,
    /// By box of its trajectory: its rows and hits, among those in no earlier box.
    pub trajectory: Vec<Count>,
}

/// Returns a verdict on each box from rows that the search has not seen.
#[must_use]
pub fn verdicts(others: &Table<'_>, boxes: &[Found]) -> Vec<Verdict> {
    let all = others.count(&Region::default());
    let mut left = others.with(others.used.clone());
    let mut out = Vec::new();
    for found in boxes {
        let region = &found.region;
        let share = |count: Count| wilson(count.hits, count.rows.max(1));
        let fresh = left.count(region);
        let (inside, without) = others.one_out(region, region.limits.len(), |l| l);
        let outside = Count {
            rows: all.rows - inside.rows,
            hits: all.hits - inside.hits,
        };
        let limits = without
            .into_iter()
            .map(|without| (without, quasi_p(inside, without)));
        let both = inside.rows > 0 && outside.rows > 0;
        out.push(Verdict {
            inside,
            outside,
            density: share(inside),
            elsewhere: share(outside),
            coverage: wilson(inside.hits, all.hits.max(1)),
            gained: fresh.hits as f64 / all.hits.max(1) as f64,
            confirmed: both && newcombe(share(inside), share(outside)).low > 0.0,
            limits: limits.collect(),
            trajectory: left.counts(found.trajectory.iter().map(|step| &step.region)),
        });
        left = left.without(region);
    }
    out
}
