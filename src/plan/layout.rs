//! Where each quantity of the state stands among the slots.

use super::program::{Needs, Slot};
use crate::scenario::Scenario;

/// Sizes and offsets of the state. Every method gives the slot of one quantity.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Number of contenders.
    pub contenders: usize,
    /// Number of arenas.
    pub arenas: usize,
    /// Number of actors.
    pub actors: usize,
    /// Number of offices.
    pub offices: usize,
    /// Number of crowds.
    pub crowds: usize,
    /// Number of actions.
    pub actions: usize,
    /// Number of variables.
    pub variables: usize,
    /// Number of priors.
    pub priors: usize,
    /// Number of slots of the state.
    pub size: usize,
    starts: [usize; 24],
}

macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident = $group:literal, ($($arg:ident),*), |$s:ident| $offset:expr;)*) => {
        impl Layout {
            $($(#[$doc])* #[must_use] #[inline]
            pub fn $name(&self $(, $arg: usize)*) -> Slot {
                let $s = self;
                $s.starts[$group] + $offset
            })*
        }
    };
}

slots! {
    /// Days since the start.
    day = 0, (), |_s| 0;
    /// Openness.
    openness = 0, (), |_s| 1;
    /// The value drawn for a prior.
    prior = 1, (i), |_s| i;
    /// A variable.
    variable = 2, (i), |_s| i;
    /// Loyalty of an actor to a contender.
    loyalty = 3, (a, c), |s| a * s.contenders + c;
    /// Stance of an actor: contenders in order, then aside.
    stance = 4, (a, o), |s| a * (s.contenders + 1) + o;
    /// Presence of an actor.
    present = 5, (a), |_s| a;
    /// Power of an actor in an arena.
    power = 6, (a, k), |s| a * s.arenas + k;
    /// Support of a contender, or aside, in one arena.
    support_in = 7, (o, k), |s| o * s.arenas + k;
    /// Support of a contender, or aside, in the whole.
    support = 8, (o), |_s| o;
    /// Backing of a contender in one arena.
    backing_in = 9, (c, k), |s| c * s.arenas + k;
    /// Backing of a contender in the whole.
    backing = 10, (c), |_s| c;
    /// Prospects of a contender.
    prospects = 11, (c), |_s| c;
    /// Prospects at the start.
    prospects_start = 12, (c), |_s| c;
    /// What an actor expects of a contender.
    sees = 13, (a, c), |s| a * s.contenders + c;
    /// Signal of a contender.
    signal = 14, (c), |_s| c;
    /// Holder of an office: the actor's index, or -1.
    office = 15, (h), |_s| h;
    /// Turnout of a crowd.
    turnout = 16, (n), |_s| n;
    /// Grievance of a crowd.
    grievance = 17, (n), |_s| n;
    /// Repression that a crowd last met.
    repression = 18, (n), |_s| n;
    /// How often an action took effect.
    count = 19, (i), |_s| i;
    /// How often it succeeded.
    succeeded = 20, (i), |_s| i;
    /// How often it failed.
    failed = 21, (i), |_s| i;
    /// Day of its first taking effect; infinite before.
    first = 22, (i), |_s| i;
    /// Day of its latest taking effect; minus infinity before.
    latest = 23, (i), |_s| i;
}

impl Layout {
    /// The facts that must be brought up to date before a slot is read.
    #[must_use]
    pub fn needs(&self, slot: Slot) -> Needs {
        Needs {
            support: (self.support_in(0, 0)..=self.support(self.contenders)).contains(&slot),
            backing: (self.backing_in(0, 0)..self.backing(self.contenders)).contains(&slot),
        }
    }

    /// The layout of a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let mut s = Self {
            contenders: scenario.contenders.len(),
            arenas: scenario.arenas.len(),
            actors: scenario.actors.len(),
            offices: scenario.offices.len(),
            crowds: scenario.crowds.len(),
            actions: scenario.actions.len(),
            variables: scenario.variables.len(),
            priors: scenario.priors().len(),
            ..Self::default()
        };
        let (c, k, a, n, i) = (s.contenders, s.arenas, s.actors, s.crowds, s.actions);
        let sizes = [
            2,
            s.priors,
            s.variables,
            a * c,
            a * (c + 1),
            a,
            a * k,
            (c + 1) * k,
            c + 1,
            c * k,
            c,
            c,
            c,
            a * c,
            c,
            s.offices,
            n,
            n,
            n,
            i,
            i,
            i,
            i,
            i,
        ];
        let mut start = 0;
        for (place, size) in s.starts.iter_mut().zip(sizes) {
            *place = start;
            start += size;
        }
        s.size = start;
        s
    }
}
