//! One step: the order of the stages.

use super::lanes::Mask;
use super::state::Batch;
use crate::plan::Needs;

/// Sees the rounds in the lanes of a batch while they are played, without changing them: `trace`
/// narrates them, an ensemble counts them. Every method does nothing unless it is implemented.
pub trait Observer<const W: usize> {
    /// Returns the facts besides support that it reads when rounds have begun. None, unless it says that it
    /// reads some.
    fn reads_first(&self) -> Needs {
        Needs::default()
    }
    /// Rounds have begun in the lanes of a batch.
    fn began(&mut self, _batch: &Batch<'_, W>) {}
    /// Stances have been taken.
    fn chose(&mut self, _batch: &Batch<'_, W>) {}
    /// An action is decided in a lane; its clock and rate can be read from the batch.
    fn decided(&mut self, _batch: &Batch<'_, W>, _action: usize, _lane: usize) {}
    /// An action takes effect in a lane, before its effects are applied.
    fn took_effect(&mut self, _batch: &Batch<'_, W>, _action: usize, _lane: usize, _good: bool) {}
    /// A considered move has been weighed where its gate is open; its terms can be read from the batch.
    fn weighed(&mut self, _batch: &Batch<'_, W>, _action: usize) {}
    /// A branch of what follows from an action is taken in a lane, before its effects are applied.
    fn branched(&mut self, _batch: &Batch<'_, W>, _action: usize, _branch: usize, _lane: usize) {}
    /// A delayed decision has lapsed in a lane.
    fn lapsed(&mut self, _batch: &Batch<'_, W>, _action: usize, _lane: usize) {}
    /// A flag holds for the first time in some lanes. Told only where [`reads`](crate::plan::Plan::reads) is.
    fn flagged(&mut self, _batch: &Batch<'_, W>, _flag: usize, _lanes: &Mask<W>) {}
    /// A horizon before the last has been reached, the one with this place in
    /// [`horizons`](crate::plan::Plan::horizons). `outcomes` has the outcome of each round in play as it
    /// stands: the one that was noted, or what would be left for the end. Flags stand in the batch. It comes
    /// before the same step has `settled`; rounds that `ended` at an earlier step keep what they had.
    fn horizon(&mut self, _batch: &Batch<'_, W>, _horizon: usize, _outcomes: &[Option<usize>; W]) {}
    /// Returns the facts that it reads when the step that is over has `settled` and rounds have `ended`. They
    /// are brought up to date before; other facts cannot be read then. All, unless it says that it reads
    /// fewer.
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::ALL
    }
    /// A step is over; `decided` has the outcomes of the rounds that end with it.
    fn settled(&mut self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {}
    /// The round in a lane ends with an outcome.
    fn ended(&mut self, _batch: &Batch<'_, W>, _lane: usize, _outcome: usize) {}
}

/// Declares the stages in the order in which a step plays them, each with its method.
macro_rules! stages {
    ($($(#[$doc:meta])* $stage:ident => $method:ident;)*) => {
        /// The stages of a step. `docs/MODEL.md` section 3.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Stage {
            $($(#[$doc])* $stage,)*
        }

        impl Stage {
            /// All, in the order in which a step plays them.
            pub const ALL: [Self; [$(stringify!($stage)),*].len()] = [$(Self::$stage),*];
        }

        impl<const W: usize> Batch<'_, W> {
            /// Plays one stage of the step in progress. The last, Settle, ends the step.
            pub fn play_stage(&mut self, stage: Stage, observer: &mut dyn Observer<W>) {
                match stage {
                    $(Stage::$stage => $method::play(self, observer),)*
                }
            }
        }

        // The compiler makes methods of one type anew together, and free functions module by module: only the
        // stage that was edited.
        $(mod $method {
            use super::{Batch, Observer};

            pub(super) fn play<const W: usize>(batch: &mut Batch<'_, W>, observer: &mut dyn Observer<W>) {
                let isa = batch.isa;
                isa.run(
                    #[inline(always)]
                    || batch.$method(observer),
                );
            }
        })*
    };
}

stages! {
    /// Delayed and dated actions take effect.
    Schedule => schedule;
    /// Views of who looks like winning are formed.
    Perceive => perceive;
    /// Loyalties move on news.
    Drift => drift;
    /// Stances are taken.
    Choose => choose;
    /// Crowds grow and shrink.
    Mobilise => mobilise;
    /// Actions are decided.
    Act => act;
    /// Flags and outcomes are read.
    Settle => settle;
}

impl<const W: usize> Batch<'_, W> {
    /// Plays one step: every stage in order.
    pub fn step(&mut self, observer: &mut dyn Observer<W>) {
        for stage in Stage::ALL {
            self.play_stage(stage, observer);
        }
    }

    /// Plays until every round in the lanes has ended.
    pub fn play(&mut self, observer: &mut dyn Observer<W>) {
        self.play_until(self.plan.steps, observer);
    }

    /// Plays until every round in the lanes has ended, or so many steps are over.
    pub fn play_until(&mut self, steps: u32, observer: &mut dyn Observer<W>) {
        while self.alive.any() && self.t < steps.min(self.plan.steps) {
            self.step(observer);
        }
    }
}
