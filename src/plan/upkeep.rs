//! Upkeep: which instructions of a program have to run again, step after step.
//!
//! Most of what a stage reads follows what has happened: who holds which office, which action took effect. It
//! stays as it was until something happens again.

use std::collections::BTreeMap;

use super::layout::Layout;
use super::program::{Instruction, Slot};
use crate::scenario::state::StateQuantity;

/// What has changed since a program last ran, one bit for each row of the state that effects alone change, as far
/// as there are bits, else for several.
pub type Changes = u128;

/// Everything may have changed.
pub const ALL_CHANGES: Changes = Changes::MAX;
/// Bits for rows that effects alone change.
const BITS: usize = 126;
/// The program has not run yet in these rounds.
const START: Changes = 1 << BITS;
/// What moves by itself.
const MOVES: Changes = 1 << (BITS + 1);
/// The bit of a row that the program does not read: there is none.
const NONE: u8 = u8::MAX;

/// Which instructions of a program depend on what.
#[derive(Debug, Clone, Default)]
pub struct Upkeep {
    /// By instruction: the changes after which it has to run again.
    follows: Vec<Changes>,
    /// By row of the state: its bit.
    bits: Vec<u8>,
}

impl Upkeep {
    /// Of a program whose results are kept: no other program writes to the slots of its instructions.
    pub(super) fn new(layout: &Layout, instructions: &[Instruction]) -> Self {
        let mut bits = vec![NONE; layout.size];
        let mut known: BTreeMap<Slot, Changes> = BTreeMap::new();
        let eventful: Vec<bool> = {
            let mut rows = vec![false; layout.size];
            layout.eventful().for_each(|slot| rows[slot.index()] = true);
            rows
        };
        // Numbers of the round itself, like constants, never change.
        for prior in layout.every(StateQuantity::Prior) {
            known.insert(prior, 0);
        }
        let mut used = 0;
        let mut follows = Vec::with_capacity(instructions.len());
        for instruction in instructions {
            let mut all = START;
            for slot in [instruction.a, instruction.b] {
                let changes = match (known.get(&slot), eventful.get(slot.index())) {
                    (Some(changes), _) => *changes,
                    (None, Some(true)) => {
                        let bit = used % BITS;
                        used += 1;
                        bits[slot.index()] = bit as u8;
                        known.insert(slot, 1 << bit);
                        1 << bit
                    }
                    (None, Some(false)) => MOVES,
                    (None, None) => 0,
                };
                all |= changes;
            }
            known.insert(instruction.to, all);
            follows.push(all);
        }
        Self { follows, bits }
    }

    /// Returns the changes after which a slot may have another number; `instructions` are those of the program.
    pub(super) fn of(&self, slot: Slot, instructions: &[Instruction]) -> Changes {
        let writes = instructions.iter().rposition(|i| i.to == slot);
        writes.map_or(ALL_CHANGES, |i| self.follows[i])
    }

    /// Returns whether each instruction, from the `first` on, has to run again after changes. Those that depend on
    /// what moves by itself always have to.
    #[inline(always)]
    pub fn stale(&self, first: usize, changes: Changes) -> impl Iterator<Item = bool> + '_ {
        let changes = with_moves(changes);
        self.follows[first..]
            .iter()
            .map(move |follows| follows & changes != 0)
    }

    /// Returns the change of a row of the state.
    #[must_use]
    #[inline]
    pub fn change(&self, slot: Slot) -> Changes {
        let bit = self.bits.get(slot.index()).copied().unwrap_or(NONE);
        (1 as Changes).checked_shl(u32::from(bit)).unwrap_or(0)
    }
}

/// Returns what may have changed along with other changes: all that moves by itself.
#[must_use]
#[inline(always)]
pub fn with_moves(changes: Changes) -> Changes {
    changes | MOVES
}
