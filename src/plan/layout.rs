//! Where each quantity of the state is among the engine's rows.

use super::program::{Needs, Slot};
use crate::scenario::Scenario;
use crate::scenario::state::{Axis, Fact, Quantity, each_quantity};

/// Sizes of a scenario and the first row of each quantity of the state.
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
    /// Number of rows of the state.
    pub size: usize,
    starts: [usize; Quantity::ALL.len()],
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
                self.starts[Quantity::$quantity as usize] + offset
            })*
        }
    };
}
each_quantity!(methods);

impl Layout {
    /// The layout of a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let mut layout = Self {
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
        for quantity in Quantity::ALL {
            layout.starts[*quantity as usize] = layout.size;
            layout.size += layout.rows(*quantity);
        }
        layout
    }

    /// How many values an index takes.
    #[inline]
    fn length(&self, axis: Axis) -> usize {
        match axis {
            Axis::Contender => self.contenders,
            Axis::Side => self.contenders + 1,
            Axis::Actor => self.actors,
            Axis::Arena => self.arenas,
            Axis::Office => self.offices,
            Axis::Crowd => self.crowds,
            Axis::Action => self.actions,
            Axis::Variable => self.variables,
            Axis::Prior => self.priors,
        }
    }

    /// How many rows a quantity takes.
    fn rows(&self, quantity: Quantity) -> usize {
        quantity.axes().iter().map(|a| self.length(*a)).product()
    }

    /// The slots of all rows of a quantity.
    pub(super) fn every(&self, quantity: Quantity) -> std::ops::Range<Slot> {
        let start = self.starts[quantity as usize];
        start..start + self.rows(quantity)
    }

    /// The slot of a quantity with given indices.
    #[must_use]
    pub fn slot(&self, quantity: Quantity, indices: &[usize]) -> Slot {
        let axes = quantity.axes().iter().zip(indices);
        let offset = axes.fold(0, |offset, (axis, i)| offset * self.length(*axis) + i);
        self.starts[quantity as usize] + offset
    }

    /// The facts that must be brought up to date before a slot is read.
    #[must_use]
    pub fn needs(&self, slot: Slot) -> Needs {
        let quantities = Quantity::ALL.iter().copied();
        let mut read = quantities.filter(|q| self.every(*q).contains(&slot));
        Needs::of(read.next().and_then(Quantity::fact))
    }
}

impl Needs {
    /// What a quantity with that fact needs.
    pub(super) fn of(fact: Option<Fact>) -> Self {
        Self {
            support: fact == Some(Fact::Support),
            backing: fact == Some(Fact::Backing),
        }
    }
}
