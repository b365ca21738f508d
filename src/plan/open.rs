//! Open numbers: those of which every row of a table has its own, under one plan.

use super::Prior;
use super::build::prior;
use super::quantile::Laws;
use crate::internal::internal_error;
use crate::scenario::model::Number;

/// What an open number is in a row of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OpenValue {
    /// Known exactly.
    Fixed(f32),
    /// Drawn by this law: an index in [`OpenNumbers::laws`].
    Law(u32),
}

impl OpenValue {
    /// A number that is known, as a plan holds it.
    #[must_use]
    pub fn known(x: f64) -> Self {
        Self::Fixed(x as f32)
    }
}

/// A number that rows have in place of what the plan says.
#[derive(Debug, Clone)]
pub struct OpenNumber {
    /// Which of the plan's priors it is.
    pub prior: usize,
    /// Its values. Row `r` has that at `r / repeat`, counted in a circle: so a table of vectors and one of cases
    /// make rows of every pair.
    pub values: Vec<OpenValue>,
    /// Rows that follow each other with the same value.
    pub repeat: u64,
}

impl OpenNumber {
    /// Its value in a row.
    #[must_use]
    pub fn at(&self, row: u64) -> OpenValue {
        self.values[((row / self.repeat) % self.values.len() as u64) as usize]
    }
}

/// All open numbers of a table, in the order of the plan's priors.
#[derive(Debug, Default)]
pub struct OpenNumbers {
    /// The numbers.
    pub numbers: Vec<OpenNumber>,
    /// Laws of those that are drawn.
    pub laws: Vec<Prior>,
}

impl OpenNumbers {
    /// The value that a number of a scenario stands for.
    ///
    /// Numbers that are computed stand for none: they are no rows of a table.
    pub fn value(&mut self, number: &Number, laws: &Laws) -> OpenValue {
        if let Some(x) = number.fixed() {
            return OpenValue::known(x);
        }
        if !number.is_prior() {
            internal_error(format!("{} is computed, not given", number.path));
        }
        self.laws.push(laws.with(|shapes| prior(number, shapes)));
        OpenValue::Law(self.laws.len() as u32 - 1)
    }
}
