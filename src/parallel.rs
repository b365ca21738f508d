//! Loops on all cores or, without the feature `threads`, on one: the same results in the same
//! order.

#[cfg(feature = "threads")]
pub(crate) use rayon::prelude::*;
#[cfg(not(feature = "threads"))]
pub(crate) use serial::{IntoSerial, SerialSlice};

/// The part of `rayon`'s iterators that kzsim uses, on the thread of the caller.
#[cfg(not(feature = "threads"))]
mod serial {
    use std::iter::{Enumerate, Map, Once, once};
    use std::slice;

    pub(crate) struct Serial<I>(I);

    impl<I: Iterator> Serial<I> {
        pub(crate) fn with_min_len(self, _: usize) -> Self {
            self
        }

        pub(crate) fn enumerate(self) -> Serial<Enumerate<I>> {
            Serial(self.0.enumerate())
        }

        pub(crate) fn map<T, F: FnMut(I::Item) -> T>(self, f: F) -> Serial<Map<I, F>> {
            Serial(self.0.map(f))
        }

        pub(crate) fn for_each(self, f: impl FnMut(I::Item)) {
            self.0.for_each(f);
        }

        pub(crate) fn collect<C: FromIterator<I::Item>>(self) -> C {
            self.0.collect()
        }

        pub(crate) fn fold<T>(
            self,
            start: impl FnOnce() -> T,
            f: impl FnMut(T, I::Item) -> T,
        ) -> Serial<Once<T>> {
            Serial(once(self.0.fold(start(), f)))
        }

        pub(crate) fn reduce(
            self,
            start: impl FnOnce() -> I::Item,
            f: impl FnMut(I::Item, I::Item) -> I::Item,
        ) -> I::Item {
            self.0.fold(start(), f)
        }
    }

    pub(crate) trait IntoSerial: IntoIterator + Sized {
        fn into_par_iter(self) -> Serial<Self::IntoIter> {
            Serial(self.into_iter())
        }
    }

    impl<I: IntoIterator> IntoSerial for I {}

    pub(crate) trait SerialSlice<T> {
        fn par_iter(&self) -> Serial<slice::Iter<'_, T>>;
        fn par_iter_mut(&mut self) -> Serial<slice::IterMut<'_, T>>;
    }

    impl<T> SerialSlice<T> for [T] {
        fn par_iter(&self) -> Serial<slice::Iter<'_, T>> {
            Serial(self.iter())
        }

        fn par_iter_mut(&mut self) -> Serial<slice::IterMut<'_, T>> {
            Serial(self.iter_mut())
        }
    }
}
