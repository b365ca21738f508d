//! A pool of workers: threads with a state that is used again from task to task.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{PlayError, Watch};
use crate::parallel::Threads;

/// Packs per thread between two reports of progress.
const WAVE: u64 = 8;

/// Threads, each of which takes a state `S` for every pack of rounds that it works on.
pub(super) struct WorkerPool<'a, S> {
    threads: Threads,
    idle: Mutex<Vec<S>>,
    make: Box<dyn Fn() -> S + Sync + 'a>,
}

impl<'a, S: Send> WorkerPool<'a, S> {
    /// Returns a pool with so many threads (0 for one per core), or with as many as the system
    /// starts, of which `watch` is told; `make` makes a state.
    ///
    /// # Errors
    /// [`PlayError::Threads`] if threads cannot be used at all.
    pub(super) fn new(
        threads: usize,
        watch: Watch<'_>,
        make: impl Fn() -> S + Sync + 'a,
    ) -> Result<Self, PlayError> {
        let threads = Threads::new(threads).map_err(|e| PlayError::Threads(Box::new(e)))?;
        if threads.are_fewer() {
            watch.progress.fewer_threads(threads.count());
        }
        Ok(Self {
            threads,
            idle: Mutex::default(),
            make: Box::new(make),
        })
    }

    /// Returns the number of threads.
    pub(super) fn threads(&self) -> u64 {
        self.threads.count()
    }

    /// Returns how many packs are worked on between two reports of progress.
    pub(super) fn wave(&self) -> u64 {
        WAVE * self.threads()
    }

    /// Works on `rounds` rounds in packs of `pack`. `work` gets a state and the positions of a
    /// pack's rounds, on any thread; `each` gets what it returned, on this thread and in the
    /// order of the packs.
    ///
    /// # Errors
    /// [`PlayError::Interrupted`] if `watch` stops it.
    pub(super) fn run<T: Send>(
        &self,
        rounds: u64,
        pack: u64,
        watch: Watch<'_>,
        work: impl Fn(&mut S, Range<u64>) -> T + Sync,
        mut each: impl FnMut(T),
    ) -> Result<(), PlayError> {
        let stop = watch.stop;
        let one = |k: u64| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            // The lock is released before a new state is made.
            let idle = self.states().pop();
            let mut state = idle.unwrap_or_else(|| (self.make)());
            let found = work(&mut state, k * pack..rounds.min((k + 1) * pack));
            self.states().push(state);
            Some(found)
        };
        let packs = rounds.div_ceil(pack);
        let mut next = 0;
        while next < packs {
            let end = (next + self.wave()).min(packs);
            let found = self.threads.map(next..end, one);
            if watch.is_stopped() {
                return Err(PlayError::Interrupted);
            }
            found.into_iter().flatten().for_each(&mut each);
            watch.advance((end * pack).min(rounds) - next * pack);
            next = end;
        }
        Ok(())
    }

    /// The states that no thread is working with, in no particular order.
    pub(super) fn states(&self) -> MutexGuard<'_, Vec<S>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns all states, in no particular order.
    pub(super) fn into_states(self) -> Vec<S> {
        let states = self.idle.into_inner();
        states.unwrap_or_else(PoisonError::into_inner)
    }
}
