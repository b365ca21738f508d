//! What rounds in play have had so far, one by one. Rounds change lanes as others end, so each has its place by its
//! number.

use super::player::PACK;
use crate::engine::Batch;
use crate::engine::lanes::Mask;

/// Values of rounds in play, in the order in which they came.
pub(super) struct InPlay {
    /// How many values a round has at most.
    most: usize,
    /// By place.
    rounds: Vec<Vec<f32>>,
    /// Lists that can be used again.
    spare: Vec<Vec<f32>>,
}

/// A lane, and the place of the round in it.
pub(super) type Place = (usize, usize);

impl InPlay {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            rounds: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// The place of a round. The rounds of a pack follow each other, so each has its own.
    fn place(&self, round: u64) -> usize {
        (round % self.rounds.len() as u64) as usize
    }

    /// Makes room for rounds that begin in some lanes.
    pub(super) fn begin<const W: usize>(&mut self, batch: &Batch<'_, W>, lanes: &Mask<W>) {
        self.rounds.resize_with(W * PACK, Vec::new);
        for lane in lanes.lanes() {
            let place = self.place(batch.rounds[lane]);
            let mut own = self.spare.pop().unwrap_or_default();
            own.clear();
            own.reserve(self.most);
            self.rounds[place] = own;
        }
    }

    /// The places of the rounds in some lanes.
    pub(super) fn places<const W: usize>(
        &self,
        batch: &Batch<'_, W>,
        lanes: &Mask<W>,
    ) -> Vec<Place> {
        let place = |lane: usize| (lane, self.place(batch.rounds[lane]));
        lanes.lanes().map(place).collect()
    }

    /// Adds a value to each round.
    #[inline(always)]
    pub(super) fn add<const W: usize>(&mut self, places: &[Place], values: &[f32; W]) {
        for (lane, place) in places {
            self.rounds[*place].push(values[*lane]);
        }
    }

    /// Takes the values of a round that has ended.
    pub(super) fn end(&mut self, round: u64) -> Vec<f32> {
        let place = self.place(round);
        std::mem::take(&mut self.rounds[place])
    }

    /// Takes lists back that are no longer needed.
    pub(super) fn reuse(&mut self, lists: Vec<Vec<f32>>) {
        self.spare.extend(lists);
    }
}
