//! Variants of a scenario that `check` plays beside it: at rest, without what is dated, with a move forced.

use super::events::{Moment, Way};
use super::model::Scenario;
use super::number::NumberKind;

impl Scenario {
    /// With no action ever taken; all are still declared.
    #[must_use]
    pub fn without_actions(&self) -> Self {
        let mut out = self.clone();
        for action in &mut out.actions {
            action.limit = 0;
        }
        out
    }

    /// Without actions, moods and aimless movement: nothing should move.
    #[must_use]
    pub fn at_rest(&self) -> Self {
        let mut out = self.without_actions();
        for number in [&mut out.dynamics.mood_sd, &mut out.dynamics.diffusion] {
            number.kind = NumberKind::Fixed(0.0);
        }
        out
    }

    /// With the rest of free actors sought from a contender's side, or from aside.
    #[must_use]
    pub fn resting_from(&self, contender: Option<usize>) -> Self {
        let mut out = self.clone();
        out.clock.rest = contender;
        out
    }

    /// Without what happens on a date: a calm in which whoever wants to may act.
    #[must_use]
    pub fn without_dates(&self) -> Self {
        let mut out = self.clone();
        for action in &mut out.actions {
            if matches!(action.way, Way::At(_)) {
                action.limit = 0;
            }
        }
        out
    }

    /// With the considered move `action` tried on a day, if its condition then holds, and no other
    /// considered move tried at all.
    #[must_use]
    pub fn forced(&self, action: usize, day: u64) -> Self {
        let mut out = self.clone();
        for (i, other) in out.actions.iter_mut().enumerate() {
            if i == action {
                other.way = Way::At(Moment::Known((day * 86_400).cast_signed()));
                other.limit = 1;
            } else if matches!(other.way, Way::Decide(_)) {
                other.limit = 0;
            }
        }
        out
    }
}
