//! Counts of outcomes and flags for every row of a table.

use super::counts::Counts;
use super::player::{Player, RoundPool};
use super::rounds::{Rounds, TableRounds};
use super::{PlayError, WIDTH, is_few};
use crate::engine::{Batch, Observer};
use crate::plan::{Needs, Plan};

/// Counts by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Outcomes, then flags: as many counts as a row has.
    pub outcomes: usize,
    /// The same of flags.
    pub flags: usize,
    /// Rounds of each row.
    pub each: u64,
    /// Counts of all rows, one row after the other.
    counts: Vec<u32>,
    /// Rows of which every round has been counted.
    pub complete: usize,
}

impl RowCounts {
    /// Counts of no rounds.
    fn new(plan: &Plan, rows: u64, each: u64) -> Self {
        let (outcomes, flags) = (plan.outcomes.len(), plan.flags.len());
        Self {
            outcomes,
            flags,
            each,
            counts: vec![0; rows as usize * (outcomes + flags)],
            complete: 0,
        }
    }

    /// Counts of a row.
    fn width(&self) -> usize {
        self.outcomes + self.flags
    }

    /// How often a row had each outcome.
    #[must_use]
    pub fn outcomes(&self, row: usize) -> &[u32] {
        &self.counts[row * self.width()..][..self.outcomes]
    }

    /// How often a row had each flag.
    #[must_use]
    pub fn flags(&self, row: usize) -> &[u32] {
        &self.counts[row * self.width() + self.outcomes..][..self.flags]
    }

    /// The counts of a row as those of any scenario.
    #[must_use]
    pub fn of(&self, row: usize) -> Counts {
        let wide = |part: &[u32]| part.iter().map(|n| u64::from(*n)).collect();
        Counts {
            rounds: self.each,
            outcomes: wide(self.outcomes(row)),
            flags: wide(self.flags(row)),
        }
    }
}

/// Counts rounds by row, from the first row that a pack touches.
#[derive(Debug)]
struct RowCounter {
    outcomes: usize,
    flags: usize,
    each: u64,
    first: Option<u64>,
    counts: Vec<u32>,
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

    fn ended(&mut self, batch: &Batch<'_, W>, lane: usize, outcome: usize) {
        let row = batch.labels[lane] / self.each - self.first.unwrap_or_default();
        let start = row as usize * (self.outcomes + self.flags);
        let end = start + self.outcomes + self.flags;
        if self.counts.len() < end {
            self.counts.resize(end, 0);
        }
        let own = &mut self.counts[start..end];
        own[outcome] += 1;
        for (count, flag) in own[self.outcomes..].iter_mut().zip(&batch.flags) {
            *count += u32::from(flag.at(lane));
        }
    }
}

impl Player<'_> {
    /// Plays the same rounds for every row of a table and counts outcomes and flags by row. A play that is stopped
    /// still returns the rows that are [complete](RowCounts::complete).
    ///
    /// # Errors
    /// [`PlayError::Threads`] if it cannot start threads.
    pub fn count_rows(&self, plan: &Plan, table: TableRounds<'_>) -> Result<RowCounts, PlayError> {
        let each = table.each();
        let rows = table.rows.end.saturating_sub(table.rows.start);
        let mut out = RowCounts::new(plan, rows, each);
        let (outcomes, flags) = (out.outcomes, out.flags);
        let counter = move || RowCounter {
            outcomes,
            flags,
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
        let (each, outcomes, width) = (out.each, out.outcomes, out.width());
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
            // Every round has one outcome.
            for own in more.chunks(width) {
                counted += own[..outcomes].iter().map(|n| u64::from(*n)).sum::<u64>();
            }
        });
        match played {
            Ok(()) | Err(PlayError::Interrupted) => {}
            Err(e) => return Err(e),
        }
        // Packs arrive in the order of rounds, so what is counted is a beginning.
        out.complete = if each == 0 { 0 } else { (counted / each) as usize };
        Ok(())
    }
}
