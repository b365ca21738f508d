//! One worker: batches of lanes that share rounds, and a collector.

use std::sync::atomic::{AtomicBool, Ordering};

use super::crew::{Begin, Collect};
use crate::engine::{Batch, Isa};
use crate::plan::Plan;

/// Batches that share rounds: as rounds end, those that go on move together.
pub(super) struct Worker<'p, const W: usize, C> {
    plan: &'p Plan,
    seed: u64,
    isa: Isa,
    batches: Vec<Batch<'p, W>>,
    pub(super) collector: C,
}

/// Batches of a worker: more waste fewer lanes, fewer stay in the processor's caches.
pub(super) const PACK: usize = 4;
/// Steps between two looks at which rounds have ended: a multiple of the words in a block, so that
/// hardly any words move with a round.
const STRETCH: u32 = 32;

impl<'p, const W: usize, C: Collect<W>> Worker<'p, W, C> {
    pub(super) fn new(plan: &'p Plan, seed: u64, isa: Isa, collector: C) -> Self {
        Self {
            plan,
            seed,
            isa,
            batches: Vec::new(),
            collector,
        }
    }

    /// Plays `count` rounds from `first` on, at most [`PACK`] times `W`. Stops early when told;
    /// what is collected is then of no use.
    pub(super) fn play(
        &mut self,
        begin: &impl Begin<W>,
        first: u64,
        count: usize,
        stop: &AtomicBool,
    ) {
        let used = count.div_ceil(W);
        while self.batches.len() < used {
            let batch = Batch::with_isa(self.plan, self.seed, self.isa);
            self.batches.push(batch);
        }
        for (b, batch) in self.batches[..used].iter_mut().enumerate() {
            begin.begin(batch, first + (b * W) as u64, (count - b * W).min(W));
            self.collector.begin(batch);
        }
        let mut until = 0;
        while self.batches[..used].iter().any(|b| b.alive.any()) && until < self.plan.steps {
            until += STRETCH;
            for batch in &mut self.batches[..used] {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                batch.play_until(until, &mut self.collector);
            }
            gather(&mut self.batches[..used]);
        }
    }
}

/// Moves rounds that go on out of the emptiest batches, as long as a batch falls empty by it.
fn gather<const W: usize>(batches: &mut [Batch<'_, W>]) {
    loop {
        let mut going: Vec<(usize, usize)> = batches
            .iter()
            .enumerate()
            .map(|(b, batch)| (batch.alive.count(), b))
            .filter(|(n, _)| *n > 0)
            .collect();
        going.sort_unstable();
        let Some(((rounds, giver), takers)) = going.split_first() else {
            return;
        };
        let room: usize = takers.iter().map(|(n, _)| W - n).sum();
        if *rounds > room {
            return;
        }
        // The fullest first: they need the fewest moves to be full.
        for (_, taker) in takers.iter().rev() {
            let Ok([from, to]) = batches.get_disjoint_mut([*giver, *taker]) else {
                return;
            };
            let free = (0..W).filter(|i| !to.alive.at(*i));
            let pairs: Vec<(usize, usize)> = from.alive.lanes().zip(free).collect();
            from.exchange(to, &pairs);
        }
    }
}
