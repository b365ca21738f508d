//! Where each quantity of the state is among the engine's rows.

use std::ops::Range;

use super::program::{Needs, Slot};
use crate::scenario::Scenario;
use crate::scenario::model::Action;
use crate::scenario::state::{Axis, Fact, StateQuantity, each_quantity};

/// Sizes of a scenario and the first row of each quantity of the state.
#[derive(Debug, Clone)]
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
    /// Number of actions that have a rally.
    pub rallies: usize,
    /// Number of variables.
    pub variables: usize,
    /// Number of priors.
    pub priors: usize,
    /// Number of what actions draw for their effects.
    pub draws: usize,
    /// Number of watched expressions.
    pub watches: usize,
    /// Number of rows of the state.
    pub size: usize,
    starts: [usize; StateQuantity::ALL.len()],
    /// Rows among which all facts are.
    facts: Range<usize>,
}

/// One method per quantity, which returns the slot of its row for given indices.
macro_rules! methods {
    ($(
        $quantity:ident $method:ident($($index:ident: $axis:ident),*): $range:ident
            $(, start $start:expr)? $(, fact $fact:ident)? => $says:literal;
    )*) => {
        impl Layout {
            $(#[doc = $says]
            #[must_use]
            #[inline]
            pub fn $method(&self $(, $index: usize)*) -> Slot {
                let offset = 0;
                $(let offset = offset * self.length(Axis::$axis) + $index;)*
                Slot::new(self.starts[StateQuantity::$quantity as usize] + offset)
            })*
        }
    };
}
each_quantity!(methods);

impl Layout {
    /// The layout of a scenario with so many watched expressions.
    pub(super) fn new(scenario: &Scenario, watches: usize) -> Self {
        let mut layout = Self {
            contenders: scenario.contenders.len(),
            arenas: scenario.arenas.len(),
            actors: scenario.actors.len(),
            offices: scenario.offices.len(),
            crowds: scenario.crowds.len(),
            actions: scenario.actions.len(),
            rallies: scenario.rallies().count(),
            variables: scenario.variables.len(),
            priors: scenario.priors().len(),
            draws: scenario.actions.iter().flat_map(Action::drawn).count(),
            watches,
            size: 0,
            starts: [0; StateQuantity::ALL.len()],
            facts: 0..0,
        };
        for quantity in StateQuantity::ALL {
            let start = layout.size;
            layout.starts[*quantity as usize] = start;
            layout.size += layout.rows(*quantity);
            if quantity.fact().is_some() {
                let none_yet = layout.facts.is_empty();
                let first = if none_yet { start } else { layout.facts.start };
                layout.facts = first..layout.size;
            }
        }
        layout
    }

    /// How many values an index takes.
    #[must_use]
    #[inline]
    pub fn length(&self, axis: Axis) -> usize {
        match axis {
            Axis::Contender => self.contenders,
            Axis::Side => self.contenders + 1,
            Axis::Actor => self.actors,
            Axis::Arena => self.arenas,
            Axis::Office => self.offices,
            Axis::Crowd => self.crowds,
            Axis::Action => self.actions,
            Axis::Rally => self.rallies,
            Axis::Variable => self.variables,
            Axis::Prior => self.priors,
            Axis::Draw => self.draws,
            Axis::Watch => self.watches,
        }
    }

    /// How many rows a quantity takes.
    fn rows(&self, quantity: StateQuantity) -> usize {
        quantity.axes().iter().map(|a| self.length(*a)).product()
    }

    /// The slots of all rows that nothing but effects of actions changes in the course of a round. Builds with debug
    /// assertions check it: what is not computed again must have the same bits as if it were.
    pub(super) fn eventful(&self) -> impl Iterator<Item = Slot> {
        use StateQuantity as Q;
        let quantities = [
            Q::Variable,
            Q::Openness,
            Q::Present,
            Q::Power,
            Q::Promise,
            Q::Office,
            Q::Count,
            Q::Succeeded,
            Q::Failed,
            Q::First,
            Q::Latest,
            Q::Fate,
        ];
        quantities.into_iter().flat_map(|q| self.every(q))
    }

    /// The slots of all rows of a quantity.
    pub(super) fn every(&self, quantity: StateQuantity) -> impl Iterator<Item = Slot> {
        let start = self.starts[quantity as usize];
        (start..start + self.rows(quantity)).map(Slot::new)
    }

    /// The slot of a quantity with given indices.
    #[must_use]
    pub fn slot(&self, quantity: StateQuantity, indices: &[usize]) -> Slot {
        debug_assert_eq!(quantity.axes().len(), indices.len(), "{quantity:?}");
        let axes = quantity.axes().iter().zip(indices);
        let offset = axes.fold(0, |offset, (axis, i)| offset * self.length(*axis) + i);
        Slot::new(self.starts[quantity as usize] + offset)
    }

    /// The facts that must be brought up to date before a slot is read.
    #[must_use]
    pub fn needs(&self, slot: Slot) -> Needs {
        if !self.facts.contains(&slot.index()) {
            return Needs::default();
        }
        let mut facts = StateQuantity::ALL.iter().filter(|q| q.fact().is_some());
        let read = facts.find_map(|q| {
            let start = self.starts[*q as usize];
            let rows = start..start + self.rows(*q);
            let offset = rows.contains(&slot.index()).then(|| slot.index() - start)?;
            // The first index is the slowest.
            let first = *q.axes().first()?;
            let index = offset / (rows.len() / self.length(first)).max(1);
            Some(Needs::of(q.fact(), index))
        });
        read.unwrap_or_default()
    }
}

impl Needs {
    /// What a quantity with that fact and that first index needs.
    pub(super) fn of(fact: Option<Fact>, first: usize) -> Self {
        match fact {
            Some(Fact::Support) => Self {
                support: true,
                ..Self::default()
            },
            Some(Fact::Backing) => Self {
                backing: true,
                ..Self::default()
            },
            Some(Fact::Rally) => Self {
                rallies: u32::try_from(first).map_or(0, |bit| 1_u64.checked_shl(bit).unwrap_or(0)),
                ..Self::default()
            },
            None => Self::default(),
        }
    }
}
