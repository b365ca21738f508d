//! What a simulator tells of cases under vectors of coefficients.

use crate::parallel;

/// Which rounds are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounds {
    /// Those of the table: the same for every case and vector (common random numbers).
    Table,
    /// Others, for the truth behind synthetic data, which must not share its noise with the table.
    Truth,
}

/// Plays cases under vectors of coefficients.
pub trait Simulator {
    /// Why it could not.
    type Error;

    /// Number of classes of outcomes, at least 2; of an event it is the class 1.
    fn classes(&self) -> usize;

    /// Number of distinct cases.
    fn cases(&self) -> usize;

    /// Rounds of each class, in every case under every vector. The same rounds are played for all of them, and
    /// again whenever it is asked.
    ///
    /// # Errors
    /// When it is stopped, or a case has faults under a vector.
    fn counts(&self, vectors: &[Vec<f64>], rounds: Rounds) -> Result<Counts, Self::Error>;
}

/// Rounds of each class, by vector, then case, then class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rounds of each class, by vector, then case, then class.
    pub of: Vec<u32>,
}

/// Shares of classes as the likelihood reads them, never 0 and never 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shares {
    cases: usize,
    classes: usize,
    /// By vector, then case, then class.
    of: Vec<f64>,
}

impl Shares {
    /// (k + ½) / (n + C/2) of k in n rounds and C classes: the mean after Jeffreys's prior.
    #[must_use]
    pub fn new(counts: &Counts, cases: usize, classes: usize) -> Self {
        let half = 0.5 * classes as f64;
        let share = |k: &[u32]| -> Vec<f64> {
            let n: u32 = k.iter().sum();
            let share = |k: &u32| (f64::from(*k) + 0.5) / (f64::from(n) + half);
            k.iter().map(share).collect()
        };
        Self {
            cases,
            classes,
            of: counts.of.chunks(classes).flat_map(share).collect(),
        }
    }

    /// Adds those of further vectors.
    pub fn append(&mut self, mut more: Self) {
        (self.cases, self.classes) = (more.cases, more.classes);
        self.of.append(&mut more.of);
    }

    /// Number of vectors.
    #[must_use]
    pub fn vectors(&self) -> usize {
        self.of.len() / (self.cases * self.classes).max(1)
    }

    /// The shares of the classes of a case under a vector.
    #[must_use]
    pub fn at(&self, vector: usize, case: usize) -> &[f64] {
        let first = (vector * self.cases + case) * self.classes;
        &self.of[first..first + self.classes]
    }

    /// The shares of a case, averaged over vectors with weights that add up to 1.
    #[must_use]
    pub fn average(&self, weights: &[f64], case: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.classes];
        for (vector, w) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
            for (out, share) in out.iter_mut().zip(self.at(vector, case)) {
                *out += w * share;
            }
        }
        out
    }
}

/// A case that is resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolved {
    /// Which of the simulator's distinct cases it is.
    pub case: usize,
    /// Index of its cluster.
    pub cluster: usize,
    /// Index of the class that was observed.
    pub observed: usize,
    /// What it counts, above 0.
    pub weight: f64,
}

/// The log likelihood of the cases that `keep` names, under every vector.
#[must_use]
pub fn log_likelihoods(
    shares: &Shares,
    cases: &[Resolved],
    keep: impl Fn(usize) -> bool + Sync + Send,
) -> Vec<f64> {
    parallel::map(0..shares.vectors(), |vector| {
        let kept = cases.iter().enumerate().filter(|(i, _)| keep(*i));
        kept.map(|(_, c)| c.weight * libm::log(shares.at(vector, c.case)[c.observed]))
            .sum()
    })
}
