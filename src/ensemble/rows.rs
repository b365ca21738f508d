//! Rounds at the rows of a design: priors at given uniform numbers, chance as of a given round.

use super::brief::{Brief, play};
use super::crew::Begin;
use super::{RunError, Watch, Workers};
use crate::engine::lanes::Lanes;
use crate::engine::{Batch, Priors};
use crate::plan::Plan;

/// What the rows of a design say; rows are told apart by labels.
pub trait Design: Sync {
    /// The uniform number, in (0, 1), at which a row has a prior.
    fn uniform(&self, label: u64, prior: usize) -> f32;
    /// The round whose chance a row has.
    fn chance(&self, label: u64) -> u64;
}

/// Some rows of a design, played with one plan.
struct Rows<'d, D> {
    design: &'d D,
    labels: &'d [u64],
}

impl<const W: usize, D: Design> Begin<W> for Rows<'_, D> {
    fn begin(&self, batch: &mut Batch<'_, W>, first: u64, count: usize) {
        let rows = &self.labels[first as usize..first as usize + count];
        // Idle lanes repeat the last row.
        let label = |i: usize| rows[i.min(count - 1)];
        let labels: [u64; W] = std::array::from_fn(label);
        let chance = labels.map(|l| self.design.chance(l));
        let uniforms: Vec<Lanes<W>> = (0..batch.plan.priors.len())
            .map(|p| Lanes(labels.map(|l| self.design.uniform(l, p))))
            .collect();
        batch.initialise_with(chance, labels, &Priors::At(&uniforms), count);
    }
}

/// Plays some rows with one plan; what each gave, in the order of labels.
///
/// # Errors
/// [`RunError`] when it is stopped, or has no threads.
pub fn play_rows<const W: usize>(
    plan: &Plan,
    seed: u64,
    design: &impl Design,
    labels: &[u64],
    workers: Workers,
    watch: Watch<'_>,
) -> Result<Vec<Brief>, RunError> {
    let rows = Rows { design, labels };
    let n = labels.len() as u64;
    let mut out = play::<W>(plan, seed, &rows, n, workers, watch)?;
    out.sort_unstable_by_key(|b| b.label);
    Ok(out)
}
