//! Work shared out among threads: the only file that knows them.
//!
//! Results come in the order of the work, so they do not depend on the number of threads. Without
//! the feature `threads` everything runs on the calling thread.

#[cfg(feature = "threads")]
use std::error::Error as _;
use std::ops::Range;
#[cfg(feature = "threads")]
use std::sync::{Mutex, OnceLock, PoisonError};

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// Fewest items that are worth handing to another thread one by one.
const PART: usize = 8_192;

/// Returns `f(i)` for every `i` of a range, in order.
pub(crate) fn map<T: Send>(range: Range<usize>, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    #[cfg(feature = "threads")]
    if threads_start() {
        return collected(range, f, share);
    }
    range.map(f).collect()
}

/// Calls `f` with every number of a range, on whatever threads are free. It is compiled once: what the library of
/// threads makes of each kind of work would be a tenth of the program.
#[cfg(feature = "threads")]
fn share(range: Range<usize>, f: &(dyn Fn(usize) + Sync)) {
    range.into_par_iter().for_each(f);
}

/// Returns `f(i)` for every `i` of a range, in order, where `each` calls it with them in any order.
#[cfg(feature = "threads")]
fn collected<T: Send>(
    range: Range<usize>,
    f: impl Fn(usize) -> T + Sync,
    each: impl FnOnce(Range<usize>, &(dyn Fn(usize) + Sync)),
) -> Vec<T> {
    let start = range.start;
    let found: Vec<Mutex<Option<T>>> = range.clone().map(|_| Mutex::new(None)).collect();
    each(range, &|i| {
        let value = f(i);
        *found[i - start]
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    let value = |cell: Mutex<Option<T>>| cell.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Every number is there: whoever panics never gets here.
    found.into_iter().filter_map(value).collect()
}

/// Whether the threads that all work shares can be used: where the system starts none, the calling
/// thread does the work.
#[cfg(feature = "threads")]
fn threads_start() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    let start = || match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // Somebody else has started them, unless the system says why not.
        Err(e) => e.source().is_none(),
    };
    rayon::current_thread_index().is_some() || *STARTED.get_or_init(start)
}

/// Divides `0..len` into parts, and returns `f` of each, in order.
pub(crate) fn map_parts<T: Send>(
    len: usize,
    f: impl Fn(Range<usize>) -> T + Sync + Send,
) -> Vec<T> {
    map(0..len.div_ceil(PART), |i| {
        f(i * PART..len.min((i + 1) * PART))
    })
}

/// Calls `f` with every item.
pub(crate) fn for_each<T: Send>(items: &mut [T], f: impl Fn(&mut T) + Sync + Send) {
    #[cfg(feature = "threads")]
    if threads_start() {
        let items: Vec<Mutex<&mut T>> = items.iter_mut().map(Mutex::new).collect();
        return share(0..items.len(), &|i| {
            f(&mut items[i].lock().unwrap_or_else(PoisonError::into_inner));
        });
    }
    items.iter_mut().for_each(f);
}

/// Returns `f(i)` for every `i` below a small number, in order. Each has a thread of its own, as it mostly waits.
pub(crate) fn wait_for<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    #[cfg(feature = "threads")]
    return std::thread::scope(|scope| {
        let f = &f;
        let start = |i| {
            let thread = std::thread::Builder::new();
            // Where the system starts no more threads, the calling one waits.
            thread.spawn_scoped(scope, move || f(i)).map_err(|_| f(i))
        };
        let started: Vec<_> = (0..count).map(start).collect();
        let end = |thread| match thread {
            Ok(thread) => std::thread::ScopedJoinHandle::join(thread)
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(found) => found,
        };
        started.into_iter().map(end).collect()
    });
    #[cfg(not(feature = "threads"))]
    (0..count).map(f).collect()
}

/// As [`share`], on the threads of a pool.
#[cfg(feature = "threads")]
fn install(pool: &rayon::ThreadPool, range: Range<usize>, f: &(dyn Fn(usize) + Sync)) {
    pool.install(|| share(range, f));
}

/// Threads of their own, for work that is told how many to use.
pub(crate) struct Threads {
    /// Nothing where the system starts no thread: then the calling one does the work.
    #[cfg(feature = "threads")]
    pool: Option<rayon::ThreadPool>,
    /// Whether there are fewer than were asked for.
    fewer: bool,
}

/// Threads could not be started.
#[cfg(feature = "threads")]
pub(crate) type ThreadsError = rayon::ThreadPoolBuildError;
/// Threads could not be started: without threads this cannot happen.
#[cfg(not(feature = "threads"))]
pub(crate) type ThreadsError = std::convert::Infallible;

#[cfg_attr(
    not(feature = "threads"),
    expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "as with threads"
    )
)]
impl Threads {
    /// Starts `count` threads, 0 for one per core, or as many as the system starts.
    pub(crate) fn new(count: usize) -> Result<Self, ThreadsError> {
        #[cfg(feature = "threads")]
        {
            let cores = || std::thread::available_parallelism().map_or(1, usize::from);
            let (mut count, mut fewer) = (count, false);
            loop {
                let started = rayon::ThreadPoolBuilder::new().num_threads(count).build();
                count = match started {
                    Ok(pool) => {
                        let pool = Some(pool);
                        return Ok(Self { pool, fewer });
                    }
                    // Not for want of threads.
                    Err(e) if e.source().is_none() => return Err(e),
                    Err(_) if count == 1 => {
                        let (pool, fewer) = (None, true);
                        return Ok(Self { pool, fewer });
                    }
                    Err(_) if count == 0 => cores().div_ceil(2),
                    Err(_) => count / 2,
                };
                fewer = true;
            }
        }
        #[cfg(not(feature = "threads"))]
        {
            let _ = count;
            Ok(Self { fewer: false })
        }
    }

    /// Returns whether there are fewer than were asked for.
    pub(crate) fn are_fewer(&self) -> bool {
        self.fewer
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> u64 {
        #[cfg(feature = "threads")]
        return self
            .pool
            .as_ref()
            .map_or(1, |pool| pool.current_num_threads() as u64);
        #[cfg(not(feature = "threads"))]
        1
    }

    /// Returns `f(i)` for every `i` of a range, in order.
    pub(crate) fn map<T: Send>(
        &self,
        range: Range<u64>,
        f: impl Fn(u64) -> T + Sync + Send,
    ) -> Vec<T> {
        #[cfg(feature = "threads")]
        if let Some(pool) = &self.pool {
            let count = (range.end - range.start) as usize;
            let of = |i: usize| f(range.start + i as u64);
            return collected(0..count, of, |all, f| install(pool, all, f));
        }
        range.map(f).collect()
    }
}
