//! Sobol' indices (Sobol' 1993): which part of an output's variance is due to an input alone (`S1`),
//! and which would remain if all other inputs were known (`ST`: alone and with others).
//!
//! Saltelli's design: two tables A and B of independent rows, and for each input i a table `AB_i`
//! that is A with the i-th column of B. Of n rows each, over n·(d + 2) runs of the model:
//!
//! - `S1 = mean(f(B)·(f(AB_i) − f(A)))/V` (Saltelli et al. 2010, table 2 b),
//! - `ST = mean((f(A) − f(AB_i))²)/(2V)` (Jansen 1999),
//!
//! where V is the variance of f(A) and f(B) together, divided by 2n, and all outputs have first
//! been reduced by their mean over A, B and all `AB_i`. This is what `SALib` computes (it also
//! divides by the standard deviation, which cancels). Second-order indices are left out: they
//! would double the runs.
//!
//! **A model with chance of its own.** Chance is one more input, though it has no column. Let row r
//! of A and of every `AB_i` be played with the same chance, and row r of B with different chance;
//! one more table, A with the chance of B, then has the indices of chance itself. Then `S1` and
//! `ST` mean what they say: first-order indices are parts of the total variance, chance included,
//! and `ST` includes the interaction with chance. If B shared the chance of A, `S1` would wrongly
//! include that interaction too.

use super::bootstrap::{Bootstrap, half_width};
use super::sobol::Sobol;
use crate::parallel;

/// Saltelli's design on a scrambled Sobol' sequence: A and B are the two halves of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// A: row, then input; numbers in (0, 1).
    pub a: Vec<Vec<f64>>,
    /// B, of the same shape.
    pub b: Vec<Vec<f64>>,
}

impl Design {
    /// Returns a design for so many inputs. `rows` should be a power of two, for which the sequence
    /// is at its best. It draws from the site `site`, see [`Sobol::new`].
    ///
    /// # Panics
    ///
    /// With more inputs than half of [`super::sobol::MOST_DIMENSIONS`].
    #[must_use]
    pub fn new(inputs: usize, rows: usize, seed: u64, site: &str) -> Self {
        let points = Sobol::new(2 * inputs, seed, site).take(rows);
        let (a, b) = points
            .map(|mut point| {
                let b = point.split_off(inputs);
                (point, b)
            })
            .unzip();
        Self { a, b }
    }
}

/// Sobol' indices of one input for one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// First-order index: a part of the variance, from 0 to 1 up to its error.
    pub s1: f64,
    /// Half width of its 95 % interval.
    pub s1_conf: f64,
    /// Total index: from 0 to 1 up to its error, and at least the first-order one.
    pub st: f64,
    /// Half width of its 95 % interval.
    pub st_conf: f64,
}

/// Returns indices by input, then output. Shapes: `f_a[row][output]`, `f_b[row][output]`,
/// `f_ab[input][row][output]`; all inputs and outputs share the same resamples.
#[must_use]
pub fn indices(
    f_a: &[Vec<f64>],
    f_b: &[Vec<f64>],
    f_ab: &[Vec<Vec<f64>>],
    bootstrap: Bootstrap,
) -> Vec<Vec<Index>> {
    let rows = f_a.len();
    let outputs = f_a.first().map_or(0, Vec::len);
    let resamples = bootstrap.all(rows);
    let columns = parallel::map(0..outputs, |o| Output::new(f_a, f_b, f_ab, o, &resamples));
    parallel::map(0..f_ab.len(), |input| {
        let each = columns.iter().enumerate();
        each.map(|(o, c)| c.index(&f_ab[input], o, &resamples))
            .collect()
    })
}

/// One output in A and B, about its mean, with its variance in the rows and in each resample.
struct Output {
    mean: f64,
    a: Vec<f64>,
    b: Vec<f64>,
    variance: f64,
    variances: Vec<f64>,
}

impl Output {
    fn new(
        f_a: &[Vec<f64>],
        f_b: &[Vec<f64>],
        f_ab: &[Vec<Vec<f64>>],
        output: usize,
        resamples: &[Vec<u32>],
    ) -> Self {
        let sum = |table: &[Vec<f64>]| table.iter().map(|row| row[output]).sum::<f64>();
        let tables = f_ab.len() + 2;
        let total = sum(f_a) + sum(f_b) + f_ab.iter().map(|t| sum(t)).sum::<f64>();
        let mean = total / (tables * f_a.len()) as f64;
        let about = |table: &[Vec<f64>]| table.iter().map(|row| row[output] - mean).collect();
        let (a, b): (Vec<f64>, Vec<f64>) = (about(f_a), about(f_b));
        let ones = vec![1; a.len()];
        Self {
            mean,
            variance: variance(&a, &b, &ones),
            variances: resamples.iter().map(|c| variance(&a, &b, c)).collect(),
            a,
            b,
        }
    }

    fn index(&self, mixed: &[Vec<f64>], output: usize, resamples: &[Vec<u32>]) -> Index {
        let n = self.a.len() as f64;
        let ab = || mixed.iter().map(|row| row[output] - self.mean);
        let pairs = || self.a.iter().zip(ab());
        let first: Vec<f64> = pairs()
            .zip(&self.b)
            .map(|((a, ab), b)| b * (ab - a))
            .collect();
        let total: Vec<f64> = pairs().map(|(a, ab)| 0.5 * (a - ab) * (a - ab)).collect();
        let weighted = |terms: &[f64], counts: &[u32]| {
            let each = terms.iter().zip(counts).map(|(t, c)| t * f64::from(*c));
            each.sum::<f64>() / n
        };
        let conf = |terms: &[f64]| {
            let each = resamples.iter().zip(&self.variances);
            let replicates: Vec<f64> = each.map(|(c, v)| weighted(terms, c) / v).collect();
            half_width(&replicates)
        };
        let value = |terms: &[f64]| {
            if self.variance > 0.0 {
                terms.iter().sum::<f64>() / n / self.variance
            } else {
                f64::NAN
            }
        };
        Index {
            s1: value(&first),
            s1_conf: conf(&first),
            st: value(&total),
            st_conf: conf(&total),
        }
    }
}

/// The variance of two columns together (divided by their number), each row counted `counts` times. It is
/// 0 exactly where they have one value: what rounding leaves of that is not a variance to divide by.
fn variance(a: &[f64], b: &[f64], counts: &[u32]) -> f64 {
    let each = || a.iter().zip(b).zip(counts);
    let mut counted = each().filter(|(_, c)| **c > 0);
    let first = a.iter().zip(counts).find(|(_, c)| **c > 0);
    if first.is_some_and(|(x, _)| counted.all(|((a, b), _)| a == x && b == x)) {
        return 0.0;
    }
    let n = 2.0 * a.len() as f64;
    let sum: f64 = each().map(|((a, b), c)| (a + b) * f64::from(*c)).sum();
    let mean = sum / n;
    let squares = each().map(|((a, b), c)| {
        let (a, b) = (a - mean, b - mean);
        (a * a + b * b) * f64::from(*c)
    });
    squares.sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output that is the same in all of A and B has no variance, also where its mean is over other
    /// tables too and so is not its value: what rounding leaves is nothing to divide by.
    #[test]
    fn a_constant_has_no_indices() {
        let rows = 64;
        let constant = vec![vec![0.0]; rows];
        let mut once = constant.clone();
        once[5][0] = 1.0;
        let bootstrap = Bootstrap {
            seed: 1,
            site: "test",
            resamples: 20,
        };
        let all = indices(
            &constant,
            &constant,
            &[once.clone(), constant.clone()],
            bootstrap,
        );
        for index in all.iter().flatten() {
            assert!(index.st.is_nan() && index.s1.is_nan(), "{index:?}");
            assert!(index.st_conf.is_nan(), "{index:?}");
        }
        // One row of A that differs: resamples without it have no variance, and give no estimate.
        let mixed = [constant.clone(), once.clone()];
        for index in indices(&once, &constant, &mixed, bootstrap)
            .iter()
            .flatten()
        {
            assert!(index.st.is_finite() && index.st_conf < 100.0, "{index:?}");
        }
    }
}
