//! What is due in a step, and when. `docs/MODEL.md` section 3 and 7.7.

use super::lanes::Lanes;
use crate::math;

/// What an action has due in the stage in progress.
#[derive(Debug, Clone)]
pub(super) struct Due<const W: usize> {
    /// Time of its next event, in steps after the beginning of the step; infinite without one.
    pub(super) next: Lanes<W>,
    /// Its clock before the step.
    pub(super) before: Lanes<W>,
    /// What its clock gains in a whole step.
    pub(super) gain: Lanes<W>,
    /// Steps for which its clock had run before the beginning of the step: ½ where a spell begins.
    pub(super) lead: Lanes<W>,
}

impl<const W: usize> Due<W> {
    /// Nothing is due.
    pub(super) const NONE: Self = Self {
        next: Lanes::all(f32::INFINITY),
        before: Lanes::all(0.0),
        gain: Lanes::all(0.0),
        lead: Lanes::all(0.0),
    };

    /// Returns what the clock says at the beginning of the step, with what a new spell is credited with.
    #[inline(always)]
    pub(super) fn at_beginning(&self, lane: usize) -> f32 {
        self.before.0[lane] + self.lead.0[lane] * self.gain.0[lane]
    }

    /// Returns when the clock reaches a threshold in a lane.
    #[inline(always)]
    pub(super) fn crossing(&self, lane: usize, threshold: f32) -> f32 {
        let steps = (threshold - self.before.0[lane]) / self.gain.0[lane];
        let lead = self.lead.0[lane];
        // Where nothing is gained this is no number, and the event comes at once.
        math::max(steps - lead, 0.0 - lead)
    }
}
