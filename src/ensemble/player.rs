//! The one player of rounds: batches of lanes that share rounds, each under an observer.
//!
//! Rounds belong to packs by index, never to threads. What observers count must not depend on the
//! order of rounds; what is taken from them pack by pack arrives in the order of rounds.

use std::ops::Range;
use std::sync::atomic::Ordering;

use super::pool::WorkerPool;
use super::rounds::Rounds;
use super::{PlayError, Watch, Workers};
use crate::engine::{Batch, Isa, Observer};
use crate::internal::internal_error;
use crate::plan::Plan;

/// Batches of a worker: more waste fewer lanes, fewer stay in the processor's caches.
pub(super) const PACK: usize = 4;
/// Steps between two checks which rounds have ended: a multiple of the words in a block, so that
/// hardly any words move with a round.
const STRETCH: u32 = 32;

/// Plays rounds: with a seed, some workers, and somebody who watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Player<'a> {
    /// Seed of every draw.
    pub seed: u64,
    /// Threads and instruction set; they never change a result.
    pub workers: Workers,
    /// May stop the play, and is told how far it has come.
    pub watch: Watch<'a>,
}

impl Player<'_> {
    /// Plays rounds under observers of the caller's own, one per worker, in batches of `W` lanes.
    /// Returns the observers, in no particular order: which rounds each saw depends on the
    /// number of threads, so what they hold is to be merged in a way that does not mind.
    ///
    /// # Errors
    /// [`PlayError`] if it is stopped or cannot start threads.
    pub fn observe<const W: usize, O: Observer<W> + Send>(
        &self,
        plan: &Plan,
        rounds: &Rounds<'_>,
        make: impl Fn() -> O + Sync,
    ) -> Result<Vec<O>, PlayError> {
        let pool = RoundPool::<W, O>::new(plan, *self, make)?;
        pool.play(rounds, self.watch, |_| (), |()| ())?;
        Ok(pool.into_observers())
    }
}

/// Workers that play rounds of one plan, wave after wave.
pub(super) struct RoundPool<'p, const W: usize, O>(WorkerPool<'p, Worker<'p, W, O>>);

impl<'p, const W: usize, O: Observer<W> + Send> RoundPool<'p, W, O> {
    /// Returns workers for a plan; `make` makes the observer of each.
    pub(super) fn new(
        plan: &'p Plan,
        player: Player<'_>,
        make: impl Fn() -> O + Sync + 'p,
    ) -> Result<Self, PlayError> {
        let (seed, isa) = (player.seed, player.workers.isa);
        let worker = move || Worker {
            plan,
            seed,
            isa,
            batches: Vec::new(),
            observer: make(),
        };
        WorkerPool::new(player.workers.threads, player.watch, worker).map(Self)
    }

    /// Plays rounds. `take` takes something from an observer after each pack; `each` gets it, in
    /// the order of rounds.
    pub(super) fn play<T: Send>(
        &self,
        rounds: &Rounds<'_>,
        watch: Watch<'_>,
        take: impl Fn(&mut O) -> T + Sync,
        each: impl FnMut(T),
    ) -> Result<(), PlayError> {
        let stop = watch.stop;
        // Small runs are shared out evenly; more rounds in a pack waste fewer lanes.
        let each_thread = rounds.len().div_ceil(W as u64 * self.0.threads());
        let pack = W as u64 * each_thread.clamp(1, PACK as u64);
        let work = |worker: &mut Worker<'p, W, O>, part: Range<u64>| {
            worker.play(rounds, part, || stop.load(Ordering::Relaxed));
            take(&mut worker.observer)
        };
        self.0.run(rounds.len(), pack, watch, work, each)
    }

    /// Returns the rounds of a wave: between two waves no round is in play.
    pub(super) fn wave(&self) -> u64 {
        self.0.wave() * (W * PACK) as u64
    }

    /// Shows every observer to `f`, in no particular order.
    pub(super) fn look(&self, f: impl FnMut(&O)) {
        let workers = self.0.states();
        workers.iter().map(|worker| &worker.observer).for_each(f);
    }

    /// Returns the observers, in no particular order.
    pub(super) fn into_observers(self) -> Vec<O> {
        let workers = self.0.into_states().into_iter();
        workers.map(|worker| worker.observer).collect()
    }
}

/// Batches that share rounds: as rounds end, those that go on move together.
struct Worker<'p, const W: usize, O> {
    plan: &'p Plan,
    seed: u64,
    isa: Isa,
    batches: Vec<Batch<'p, W>>,
    observer: O,
}

impl<const W: usize, O: Observer<W>> Worker<'_, W, O> {
    /// Plays a part of some rounds, at most [`PACK`] times `W`. Returns early if it is stopped;
    /// what has been observed is then of no use.
    fn play(&mut self, rounds: &Rounds<'_>, part: Range<u64>, stopped: impl Fn() -> bool) {
        let count = (part.end - part.start) as usize;
        let used = count.div_ceil(W);
        while self.batches.len() < used {
            let batch = match self.batches.first() {
                Some(batch) => batch.another(),
                None => Batch::with_isa(self.plan, self.seed, self.isa),
            };
            self.batches.push(batch);
        }
        let batches = &mut self.batches[..used];
        for (b, batch) in batches.iter_mut().enumerate() {
            let first = part.start + (b * W) as u64;
            rounds.begin(batch, first, (count - b * W).min(W));
            batch.refresh(self.observer.reads_first());
            self.observer.began(batch);
        }
        let mut until = 0;
        while batches.iter().any(|b| b.alive.any()) && until < self.plan.steps {
            until += STRETCH;
            for batch in batches.iter_mut() {
                if stopped() {
                    return;
                }
                batch.play_until(until, &mut self.observer);
            }
            gather(batches);
        }
    }
}

/// Moves rounds that go on out of the emptiest batches, as long as that empties a batch.
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
                internal_error("a batch gives rounds to itself")
            };
            let free = (0..W).filter(|i| !to.alive.at(*i));
            let pairs: Vec<(usize, usize)> = from.alive.lanes().zip(free).collect();
            from.exchange(to, &pairs);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::Scenario;

    /// Rounds, their steps together, and the highest turnout of the first crowd.
    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        rounds: u64,
        steps: u64,
        peak: f32,
    }

    impl<const W: usize> Observer<W> for Seen {
        fn began(&mut self, batch: &Batch<'_, W>) {
            self.rounds += batch.alive.count() as u64;
        }

        fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
            let turnout = batch.get(batch.layout().turnout(0));
            for lane in batch.alive.lanes() {
                self.steps += 1;
                self.peak = self.peak.max(turnout.0[lane]);
            }
        }
    }

    #[test]
    fn an_observer_sees_the_same_on_any_number_of_threads() {
        let path = Path::new("scenarios/base.toml");
        let (scenario, _) = Scenario::read(path, &[]).expect("a readable scenario");
        let plan = Plan::new(&scenario).expect("a good scenario");
        let seen = |threads| {
            let workers = Workers {
                threads,
                ..Workers::default()
            };
            let player = Player {
                seed: 3,
                workers,
                ..Player::default()
            };
            let seen = player.observe::<64, _>(&plan, &Rounds::Drawn(5..605), Seen::default);
            let seen = seen.expect("nothing interrupts");
            seen.into_iter().fold(Seen::default(), |a, b| Seen {
                rounds: a.rounds + b.rounds,
                steps: a.steps + b.steps,
                peak: a.peak.max(b.peak),
            })
        };
        let alone = seen(1);
        assert_eq!(alone.rounds, 600);
        assert!(alone.steps > 600 && alone.peak > 0.0, "{alone:?}");
        assert_eq!(alone, seen(3));
    }
}
