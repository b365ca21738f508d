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
