//! Designs of a sensitivity analysis: which values the inputs of a row have, and which chance.

use crate::analysis::sensitivity::variance;
use crate::ensemble::Design;

/// How far the ends of a Morris grid are moved inwards, as priors may be unbounded.
const INWARDS: f64 = 0.01;
/// The first round whose chance rows of table B have.
const OTHER_CHANCE: u64 = 1 << 61;

/// Saltelli's design: label = table · rows + row; tables A, B, one for each column, and A with the
/// chance of B.
pub(super) struct Saltelli {
    pub(super) design: variance::Design,
    pub(super) switches: usize,
    pub(super) rows: u64,
}

impl Saltelli {
    /// The uniform number of a row's input.
    pub(super) fn value(&self, label: u64, column: usize) -> f64 {
        let (table, row) = ((label / self.rows) as usize, (label % self.rows) as usize);
        let from_b = table == 1 || table == column + 2;
        let from = if from_b {
            &self.design.b
        } else {
            &self.design.a
        };
        from[row][column]
    }

    fn columns(&self) -> usize {
        self.design.a.first().map_or(0, Vec::len)
    }
}

impl Design for Saltelli {
    fn uniform(&self, label: u64, prior: usize) -> f64 {
        self.value(label, self.switches + prior)
    }

    fn chance(&self, label: u64) -> u64 {
        let (table, row) = (label / self.rows, label % self.rows);
        let other = table == 1 || table == self.columns() as u64 + 2;
        if other { OTHER_CHANCE + row } else { row }
    }
}

/// Points of Morris trajectories: label = point; all points of a trajectory have the same chance.
pub(super) struct Trajectories {
    pub(super) points: Vec<Vec<f64>>,
    pub(super) switches: usize,
}

impl Design for Trajectories {
    fn uniform(&self, label: u64, prior: usize) -> f64 {
        let u = self.points[label as usize][self.switches + prior];
        INWARDS + (1.0 - 2.0 * INWARDS) * u
    }

    fn chance(&self, label: u64) -> u64 {
        let length = self.points.first().map_or(0, Vec::len) as u64 + 1;
        label / length
    }
}

/// Points that each have a chance of their own: label = point.
pub(super) struct Sample {
    pub(super) points: Vec<Vec<f64>>,
    pub(super) switches: usize,
}

impl Design for Sample {
    fn uniform(&self, label: u64, prior: usize) -> f64 {
        self.points[label as usize][self.switches + prior]
    }

    fn chance(&self, label: u64) -> u64 {
        label
    }
}
