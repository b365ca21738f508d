//! One step: the order of the stages.

use super::lanes::Lanes;
use super::state::Batch;

/// Watches a batch while it is played: `trace` to tell a history, an ensemble to count.
pub trait Observer<const W: usize> {
    /// An action is decided in a lane; its clock, rate and terms can be read from the batch.
    fn decided(&mut self, _batch: &Batch<'_, W>, _action: usize, _lane: usize) {}
    /// An action takes effect in a lane, before its effects are applied.
    fn took_effect(&mut self, _batch: &Batch<'_, W>, _action: usize, _lane: usize, _good: bool) {}
    /// A step is over; `decided` holds the outcome of the rounds that end with it.
    fn settled(&mut self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {}
    /// The round in a lane ends with an outcome.
    fn ended(&mut self, _batch: &Batch<'_, W>, _lane: usize, _outcome: usize) {}
}

impl<const W: usize> Batch<'_, W> {
    /// Plays one step: Schedule, Perceive, Drift, Choose, Mobilise, Act, Settle.
    pub fn step<O: Observer<W>>(&mut self, observer: &mut O) {
        self.slots[self.plan.layout.day()] = Lanes::all(self.day(self.t));
        let isa = self.isa;
        self.schedule(observer);
        isa.run(
            #[inline(always)]
            || self.perceive(),
        );
        isa.run(
            #[inline(always)]
            || self.drift(),
        );
        isa.run(
            #[inline(always)]
            || self.choose(),
        );
        isa.run(
            #[inline(always)]
            || self.mobilise(),
        );
        isa.run(
            #[inline(always)]
            || self.act(observer),
        );
        isa.run(
            #[inline(always)]
            || self.settle(observer),
        );
        self.t += 1;
    }

    /// Plays until every round in the lanes has ended.
    pub fn play<O: Observer<W>>(&mut self, observer: &mut O) {
        while self.alive.any() && self.t < self.plan.steps {
            self.step(observer);
        }
    }
}
