//! Counts of outcomes and flags for every row of a table.

use super::counts::Counts;
use super::player::{Player, RoundPool};
use super::record::noted_step;
use super::rounds::{Rounds, TableRounds};
use super::{PlayError, WIDTH, is_few};
use crate::engine::lanes::Mask;
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};

/// What is counted of a row: outcomes and flags at each horizon, and by step if that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Frame {
    horizons: Vec<u32>,
    outcomes: usize,
    flags: usize,
    /// Steps of a round and its start, by which times are counted; 0 if they are not.
    moments: usize,
}

impl Frame {
    /// Counts of a row at a horizon.
    fn part(&self) -> usize {
        self.outcomes + self.flags
    }

    /// Where counts by step begin: of outcomes, of flags that hold first, of rounds that end without a flag.
    fn times(&self) -> usize {
        self.horizons.len() * self.part()
    }

    /// Counts of a row.
    fn width(&self) -> usize {
        self.times() + (self.part() + self.flags) * self.moments
    }
}

/// When something happened in the rounds of a row, by step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// By outcome: rounds in which it was noted.
    pub outcomes: Vec<Vec<u64>>,
    /// By flag: rounds in which it held first.
    pub first: Vec<Vec<u64>>,
    /// By flag: rounds that ended without it.
    pub without: Vec<Vec<u64>>,
}

/// Counts by row and horizon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowCounts {
    frame: Frame,
    /// Rounds of each row.
    pub each: u64,
    /// Counts of all rows, one row after the other: by horizon, of outcomes, then of flags.
    counts: Vec<u32>,
    /// Rows of which every round has been counted.
    pub complete: usize,
}

impl RowCounts {
    /// Counts of no rounds.
    fn new(plan: &Plan, rows: u64, each: u64, times: bool) -> Self {
        let frame = Frame {
            horizons: plan.horizons.clone(),
            outcomes: plan.outcomes.len(),
            flags: plan.flags.len(),
            moments: if times { plan.steps as usize + 1 } else { 0 },
        };
        Self {
            counts: vec![0; rows as usize * frame.width()],
            frame,
            each,
            complete: 0,
        }
    }

    /// How often a row had each outcome at a horizon; by the end at the last of them.
    #[must_use]
    pub fn outcomes(&self, row: usize, horizon: usize) -> &[u32] {
        let start = row * self.frame.width() + horizon * self.frame.part();
        &self.counts[start..][..self.frame.outcomes]
    }

    /// How often a row had each flag by a horizon.
    #[must_use]
    pub fn flags(&self, row: usize, horizon: usize) -> &[u32] {
        let start = row * self.frame.width() + horizon * self.frame.part();
        &self.counts[start + self.frame.outcomes..][..self.frame.flags]
    }

    /// The counts of a row at a horizon as those of any scenario.
    #[must_use]
    pub fn at(&self, row: usize, horizon: usize) -> Counts {
        let wide = |part: &[u32]| part.iter().map(|n| u64::from(*n)).collect();
        Counts {
            rounds: self.each,
            outcomes: wide(self.outcomes(row, horizon)),
            flags: wide(self.flags(row, horizon)),
        }
    }

    /// When things happened in the rounds of a row, if that was counted.
    #[must_use]
    pub fn times(&self, row: usize) -> Times {
        let start = row * self.frame.width() + self.frame.times();
        let steps = self.frame.moments.max(1);
        let all = &self.counts[start..(row + 1) * self.frame.width()];
        let wide = |part: &[u32]| part.iter().map(|n| u64::from(*n)).collect();
        let mut all = all.chunks(steps).map(wide);
        let mut next = |n: usize| all.by_ref().take(n).collect();
        Times {
            outcomes: next(self.frame.outcomes),
            first: next(self.frame.flags),
            without: next(self.frame.flags),
        }
    }

    /// The counts of a row at the last horizon.
    #[must_use]
    pub fn last(&self, row: usize) -> Counts {
        self.at(row, self.frame.horizons.len().saturating_sub(1))
    }
}

/// Counts rounds by row, from the first row that a pack touches.
#[derive(Debug)]
struct RowCounter {
    frame: Frame,
    each: u64,
    first: Option<u64>,
    counts: Vec<u32>,
}

impl RowCounter {
    /// Counts what stands in a lane at some horizons.
    fn add<const W: usize>(
        &mut self,
        batch: &Batch<'_, W>,
        lane: usize,
        outcome: usize,
        horizons: std::ops::Range<usize>,
    ) {
        let (part, outcomes) = (self.frame.part(), self.frame.outcomes);
        let row = self.row(batch, lane);
        for h in horizons {
            let own = &mut row[h * part..][..part];
            own[outcome] += 1;
            for (count, flag) in own[outcomes..].iter_mut().zip(&batch.flags) {
                *count += u32::from(flag.at(lane));
            }
        }
    }

    /// The counts of the row in a lane.
    fn row<const W: usize>(&mut self, batch: &Batch<'_, W>, lane: usize) -> &mut [u32] {
        let row = batch.labels[lane] / self.each - self.first.unwrap_or_default();
        let width = self.frame.width();
        let start = row as usize * width;
        if self.counts.len() < start + width {
            self.counts.resize(start + width, 0);
        }
        &mut self.counts[start..start + width]
    }

    /// Counts when the round in a lane had its outcome, and which flags it never had.
    fn add_times<const W: usize>(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let (steps, part) = (self.frame.moments, self.frame.part());
        let start = self.frame.times();
        let own = &mut self.row(batch, lane)[start..];
        own[outcome * steps + noted_step(batch, lane) as usize] += 1;
        for (f, flag) in batch.flags.iter().enumerate() {
            own[(part + f) * steps + batch.t as usize + 1] += u32::from(!flag.at(lane));
        }
    }
}

impl<const W: usize> Observer<W> for RowCounter {
    fn began(&mut self, batch: &Batch<'_, W>) {
        // The first batch of a pack has its first rows.
        if self.first.is_none() {
            self.first = Some(batch.labels[0] / self.each);
        }
    }

    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }

    fn horizon(&mut self, batch: &Batch<'_, W>, horizon: usize, outcomes: &[Option<usize>; W]) {
        for (lane, outcome) in outcomes.iter().enumerate() {
            if let Some(outcome) = outcome {
                self.add(batch, lane, *outcome, horizon..horizon + 1);
            }
        }
    }

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        // What has ended stays as it is at the horizons that are still to come.
        let (steps, last) = (batch.t + 1, self.frame.horizons.len() - 1);
        let next = self.frame.horizons[..last].partition_point(|h| *h <= steps);
        self.add(batch, lane, outcome, next..last + 1);
        if self.frame.moments > 0 {
            self.add_times(batch, lane, outcome);
        }
    }

    fn flagged(&mut self, batch: &Batch<'_, W>, flag: usize, lanes: &Mask<W>) {
        if self.frame.moments == 0 {
            return;
        }
        let place = (self.frame.outcomes + flag) * self.frame.moments + batch.t as usize + 1;
        let place = self.frame.times() + place;
        for lane in lanes.lanes() {
            self.row(batch, lane)[place] += 1;
        }
    }
}

impl Player<'_> {
    /// Plays the same rounds for every row of a table and counts outcomes and flags by row. A play that is stopped
    /// still returns the rows that are `complete`. With `times` it also counts when they came; of
    /// flags that takes `[clock] read`.
    ///
    /// # Errors
    /// [`PlayError::Threads`] if it cannot start threads.
    pub fn count_rows(
        &self,
        plan: &Plan,
        table: TableRounds<'_>,
        times: bool,
    ) -> Result<RowCounts, PlayError> {
        let each = table.each();
        let rows = table.rows.end.saturating_sub(table.rows.start);
        let mut out = RowCounts::new(plan, rows, each, times);
        let frame = out.frame.clone();
        let counter = move || RowCounter {
            frame: frame.clone(),
            each,
            first: None,
            counts: Vec::new(),
        };
        if is_few(each * rows) {
            self.play_rows::<1>(plan, table, counter, &mut out)?;
        } else {
            self.play_rows::<WIDTH>(plan, table, counter, &mut out)?;
        }
        Ok(out)
    }

    /// The same in batches of `W` lanes.
    fn play_rows<const W: usize>(
        &self,
        plan: &Plan,
        table: TableRounds<'_>,
        counter: impl Fn() -> RowCounter + Sync,
        out: &mut RowCounts,
    ) -> Result<(), PlayError> {
        let (each, width) = (out.each, out.frame.width());
        // Every round has one outcome at the last horizon.
        let end = out.frame.times();
        let last = end - out.frame.part()..end - out.frame.flags;
        let pool = RoundPool::<W, RowCounter>::new(plan, *self, counter)?;
        let take = |counter: &mut RowCounter| {
            let first = counter.first.take().unwrap_or_default();
            (first, std::mem::take(&mut counter.counts))
        };
        let mut counted = 0;
        let played = pool.play(&Rounds::Table(table), self.watch, take, |(first, more)| {
            let start = first as usize * width;
            for (count, more) in out.counts[start..].iter_mut().zip(&more) {
                *count += more;
            }
            for own in more.chunks(width) {
                counted += own[last.clone()].iter().map(|n| u64::from(*n)).sum::<u64>();
            }
        });
        match played {
            Ok(()) | Err(PlayError::Interrupted) => {}
            Err(e) => return Err(e),
        }
        // Packs arrive in the order of rounds, so what is counted is a beginning.
        out.complete = counted.checked_div(each).unwrap_or_default() as usize;
        Ok(())
    }
}
