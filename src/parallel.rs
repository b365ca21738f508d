//! Work shared out among threads: the only file that knows them.
//!
//! Results come in the order of the work, so they do not depend on the number of threads. Without
//! the feature `threads` everything runs on the calling thread.

use std::ops::Range;

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// Fewest items that are worth handing to another thread one by one.
const PART: usize = 8_192;

/// Returns `f(i)` for every `i` of a range, in order.
pub(crate) fn map<T: Send>(range: Range<usize>, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    #[cfg(feature = "threads")]
    return range.into_par_iter().map(f).collect();
    #[cfg(not(feature = "threads"))]
    range.map(f).collect()
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
    items.par_iter_mut().for_each(f);
    #[cfg(not(feature = "threads"))]
    items.iter_mut().for_each(f);
}

/// Threads of their own, for work that is told how many to use.
pub(crate) struct Threads {
    #[cfg(feature = "threads")]
    pool: rayon::ThreadPool,
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
    /// Starts `count` threads; 0 for one per core.
    pub(crate) fn new(count: usize) -> Result<Self, ThreadsError> {
        #[cfg(feature = "threads")]
        return Ok(Self {
            pool: rayon::ThreadPoolBuilder::new().num_threads(count).build()?,
        });
        #[cfg(not(feature = "threads"))]
        {
            let _ = count;
            Ok(Self {})
        }
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> u64 {
        #[cfg(feature = "threads")]
        return self.pool.current_num_threads() as u64;
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
        return self.pool.install(|| range.into_par_iter().map(f).collect());
        #[cfg(not(feature = "threads"))]
        range.map(f).collect()
    }
}
