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
