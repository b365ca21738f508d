//! A crew: threads that play rounds and collect something from each.
//!
//! Rounds belong to packs by index, never to threads. What is collected must be the same in any
//! order of rounds, or come in pieces, which arrive in the order of packs.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::worker::{PACK, Worker};
use super::{RunError, Watch, Workers};
use crate::engine::{Batch, Isa, Observer};
use crate::plan::Plan;

/// Packs of batches that a thread plays between two looks at progress.
const WAVE: u64 = 8;

/// How rounds begin in the lanes of a batch.
pub trait Begin<const W: usize>: Sync {
    /// Rounds `first` to `first + count − 1` of what is to be played begin, in order.
    fn begin(&self, batch: &mut Batch<'_, W>, first: u64, count: usize);
}

/// Rounds as they are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl<const W: usize> Begin<W> for Plain {
    fn begin(&self, batch: &mut Batch<'_, W>, first: u64, count: usize) {
        batch.initialise(first, count);
    }
}

/// Collects something from the rounds of a worker.
pub trait Collect<const W: usize>: Observer<W> + Send {
    /// What a pack of rounds gives besides.
    type Piece: Send;

    /// Rounds begin in the lanes of a batch.
    fn begin(&mut self, _batch: &Batch<'_, W>) {}

    /// What the rounds since the last piece gave.
    fn piece(&mut self) -> Self::Piece;
}

/// Threads with workers that are used again.
pub struct Crew<'p, const W: usize, C, M> {
    plan: &'p Plan,
    seed: u64,
    isa: Isa,
    pool: rayon::ThreadPool,
    idle: Mutex<Vec<Worker<'p, W, C>>>,
    make: M,
}

impl<'p, const W: usize, C, M> Crew<'p, W, C, M>
where
    C: Collect<W>,
    M: Fn() -> C + Sync,
{
    /// A crew for a plan; `make` gives each worker its collector.
    ///
    /// # Errors
    /// When there are no threads to be had.
    pub fn new(plan: &'p Plan, seed: u64, workers: Workers, make: M) -> Result<Self, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers.threads)
            .build()?;
        Ok(Self {
            plan,
            seed,
            isa: workers.isa,
            pool,
            idle: Mutex::new(Vec::new()),
            make,
        })
    }

    /// Plays `rounds` rounds from `first` on, as they are drawn. `pieces` gets what packs gave, in the
    /// order of rounds.
    ///
    /// # Errors
    /// [`RunError`] when it is stopped, or `pieces` fails.
    pub fn play(
        &self,
        first: u64,
        rounds: u64,
        watch: Watch<'_>,
        pieces: &mut dyn FnMut(C::Piece) -> std::io::Result<()>,
    ) -> Result<(), RunError> {
        self.play_from(&Plain, first, rounds, watch, pieces)
    }

    /// The same with rounds that begin in another way.
    ///
    /// # Errors
    /// [`RunError`] when it is stopped, or `pieces` fails.
    pub fn play_from(
        &self,
        begin: &impl Begin<W>,
        first: u64,
        rounds: u64,
        watch: Watch<'_>,
        pieces: &mut dyn FnMut(C::Piece) -> std::io::Result<()>,
    ) -> Result<(), RunError> {
        let threads = self.threads();
        // Small runs are shared out evenly; more rounds in a pack waste fewer lanes.
        let pack = W as u64 * rounds.div_ceil(W as u64 * threads).clamp(1, PACK as u64);
        let packs = rounds.div_ceil(pack);
        let lock = || {
            self.idle
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        let stop = watch.stop;
        let mut next = 0;
        while next < packs {
            let end = (next + WAVE * threads).min(packs);
            let one = |b: u64| {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                let mut worker = lock()
                    .pop()
                    .unwrap_or_else(|| Worker::new(self.plan, self.seed, self.isa, (self.make)()));
                let from = b * pack;
                let count = (rounds - from).min(pack) as usize;
                worker.play(begin, first + from, count, stop);
                let piece = worker.collector.piece();
                lock().push(worker);
                Some(piece)
            };
            let wave: Vec<Option<C::Piece>> = self
                .pool
                .install(|| (next..end).into_par_iter().map(one).collect());
            if watch.is_stopped() {
                return Err(RunError::Interrupted);
            }
            for piece in wave.into_iter().flatten() {
                pieces(piece)?;
            }
            watch.advance((end * pack).min(rounds) - next * pack);
            next = end;
        }
        Ok(())
    }

    /// Rounds of a wave: between its waves a crew has no round in play.
    #[must_use]
    pub fn wave(&self) -> u64 {
        WAVE * self.threads() * (W * PACK) as u64
    }

    /// Its threads.
    #[must_use]
    pub fn threads(&self) -> u64 {
        self.pool.current_num_threads() as u64
    }

    /// Looks at what workers have collected so far, in no particular order.
    pub fn look(&self, f: impl FnMut(&C)) {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        idle.iter().map(|worker| &worker.collector).for_each(f);
    }

    /// What every worker has collected.
    pub fn collectors(self) -> Vec<C> {
        self.idle
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .into_iter()
            .map(|worker| worker.collector)
            .collect()
    }
}
