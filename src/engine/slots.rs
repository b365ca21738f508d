//! The rows of a batch.

use std::ops::{Index, IndexMut};

use super::lanes::Lanes;
use crate::plan::Slot;

/// Every number of `W` rounds side by side: the state, constants, and the work of programs.
#[derive(Debug, Clone)]
pub struct Slots<const W: usize>(pub(super) Vec<Lanes<W>>);

impl<const W: usize> Slots<W> {
    /// So many rows of 0.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self(vec![Lanes::all(0.0); rows])
    }

    /// `n` rows from a slot on.
    #[must_use]
    pub fn rows(&self, from: Slot, n: usize) -> &[Lanes<W>] {
        &self.0[from.index()..from.index() + n]
    }

    /// `n` rows from a slot on.
    pub fn rows_mut(&mut self, from: Slot, n: usize) -> &mut [Lanes<W>] {
        &mut self.0[from.index()..from.index() + n]
    }
}

/// All rows but some, which are being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Others<'s, const W: usize> {
    before: &'s [Lanes<W>],
    after: &'s [Lanes<W>],
    /// The index of the first row after them.
    from: usize,
}

impl<const W: usize> Others<'_, W> {
    /// One row.
    #[inline(always)]
    pub(super) fn row(&self, slot: Slot) -> &Lanes<W> {
        &self.rows(slot, 1)[0]
    }

    /// `n` rows from a slot on.
    #[inline(always)]
    pub(super) fn rows(&self, slot: Slot, n: usize) -> &[Lanes<W>] {
        let at = slot.index();
        if at < self.before.len() {
            &self.before[at..at + n]
        } else {
            &self.after[at - self.from..][..n]
        }
    }
}

impl<const W: usize> Slots<W> {
    /// `n` rows from a slot on to write, and all others to read.
    pub(super) fn apart(&mut self, from: Slot, n: usize) -> (&mut [Lanes<W>], Others<'_, W>) {
        let (before, rest) = self.0.split_at_mut(from.index());
        let (rows, after) = rest.split_at_mut(n);
        let others = Others {
            before,
            after,
            from: from.index() + n,
        };
        (rows, others)
    }
}

impl<const W: usize> Index<Slot> for Slots<W> {
    type Output = Lanes<W>;

    #[inline(always)]
    fn index(&self, slot: Slot) -> &Lanes<W> {
        &self.0[slot.index()]
    }
}

impl<const W: usize> IndexMut<Slot> for Slots<W> {
    #[inline(always)]
    fn index_mut(&mut self, slot: Slot) -> &mut Lanes<W> {
        &mut self.0[slot.index()]
    }
}
