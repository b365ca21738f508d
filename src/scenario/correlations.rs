//! `[correlations]`: priors that go together.

use super::declare::{Held, id, table};
use super::fault::{Fault, Place};
use super::grammar::{Leaf, leaf, plain};
use super::meant::Want;
use super::number::{Number, Remarks};
use super::read::{At, Reader, Table};
use super::tree::Value;

table! {
    /// Two priors that go together.
    pub struct Correlation {
        /// Id.
        id: String => id,
        /// A prior, by its path.
        of: NumberPath = leaf(Leaf::Path).required("of = \"parameters.nerve\""),
        /// Another prior, by its path.
        with: NumberPath = leaf(Leaf::Path).required("with = \"actors.guard.loyalty.heir\""),
        /// Their rank correlation (Spearman's): 0 if they have nothing to do with each other.
        rank: f64 = plain((-0.99, 0.99)).required("rank = 0.5"),
        /// Words.
        remarks: Remarks,
    }
}

/// The path of a number of the scenario.
#[derive(Debug, Clone)]
pub struct NumberPath {
    /// As in `actors.guard.loyalty.heir`.
    pub path: String,
    /// Where it stands in the text.
    pub place: Place,
}

impl Held for NumberPath {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        let node = reader.present(at);
        let path = match node.map(|n| &n.value) {
            Some(Value::Text(text, _)) => text.trim().to_owned(),
            _ => String::new(),
        };
        if let (Some(node), true) = (node, path.is_empty()) {
            let allowed = "the path of a prior, such as \"actors.guard.loyalty.heir\"";
            reader.wrong(node, &at.path(), Want::Text, allowed);
        }
        let place = node.map_or(at.place, |n| &n.place).clone();
        Self { path, place }
    }
}

/// A prior whose normal score is made of its own and of those of priors before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// Which prior, in the order of all priors.
    pub prior: usize,
    /// Whose scores, in ascending order, and how much of each; the last is its own.
    pub parts: Vec<(usize, f64)>,
}

/// The least variance of its own that a correlated prior keeps.
const LEAST: f64 = 1e-6;

/// What the rank correlation is for normal scores (Pearson 1907).
fn of_scores(rank: f64) -> f64 {
    2.0 * libm::sin(std::f64::consts::PI / 6.0 * rank)
}

/// Priors that are correlated, and their correlations.
struct Matrix {
    /// The priors, in order.
    priors: Vec<usize>,
    /// Rows up to the diagonal: the correlation of scores.
    rows: Vec<Vec<f64>>,
    /// The same: which entry of the section says so.
    said: Vec<Vec<Option<usize>>>,
}

impl Matrix {
    fn new(correlations: &[Correlation], numbers: &[&Number]) -> Self {
        let find = |path: &NumberPath| numbers.iter().position(|n| n.path == path.path);
        let pairs: Vec<(usize, usize, f64, usize)> = correlations
            .iter()
            .enumerate()
            .filter_map(|(k, c)| {
                let (a, b) = (find(&c.of)?, find(&c.with)?);
                (a != b && c.rank != 0.0).then_some((a.max(b), a.min(b), of_scores(c.rank), k))
            })
            .collect();
        let mut priors: Vec<usize> = pairs.iter().flat_map(|p| [p.0, p.1]).collect();
        priors.sort_unstable();
        priors.dedup();
        let mut rows: Vec<Vec<f64>> = (0..priors.len()).map(|i| vec![0.0; i]).collect();
        let mut said: Vec<Vec<Option<usize>>> = rows.iter().map(|r| vec![None; r.len()]).collect();
        for (later, earlier, r, k) in pairs {
            if let (Ok(i), Ok(j)) = (priors.binary_search(&later), priors.binary_search(&earlier)) {
                rows[i][j] = r;
                said[i][j] = Some(k);
            }
        }
        Self { priors, rows, said }
    }

    /// Its Cholesky factor, row by row up to the diagonal; or the row from which on there is none.
    fn factor(&self) -> Result<Vec<Vec<f64>>, usize> {
        let mut factor: Vec<Vec<f64>> = Vec::new();
        for (i, row) in self.rows.iter().enumerate() {
            let mut own: Vec<f64> = Vec::with_capacity(i + 1);
            let mut taken = 0.0;
            for (j, r) in row.iter().enumerate() {
                let known = own
                    .iter()
                    .zip(&factor[j])
                    .fold(0.0, |sum, (a, b)| sum + a * b);
                let part = (r - known) / factor[j][j];
                taken += part * part;
                own.push(part);
            }
            let left = 1.0 - taken;
            if left <= LEAST {
                return Err(i);
            }
            own.push(left.sqrt());
            factor.push(own);
        }
        Ok(factor)
    }
}

/// Priors whose values depend on those of earlier ones, in order. Empty where the correlations cannot
/// hold together, which is a fault.
pub(super) fn mixtures(correlations: &[Correlation], priors: &[&Number]) -> Vec<Mixture> {
    let matrix = Matrix::new(correlations, priors);
    let factor = matrix.factor().unwrap_or_default();
    let rows = factor.iter().enumerate().map(|(i, row)| {
        let parts = row.iter().enumerate().filter(|(_, part)| **part != 0.0);
        Mixture {
            prior: matrix.priors[i],
            parts: parts.map(|(j, part)| (matrix.priors[j], *part)).collect(),
        }
    });
    rows.filter(|m| m.parts.len() > 1).collect()
}

/// Remarks on correlations that change nothing, since one of the two numbers is no prior.
pub(super) fn idle(correlations: &[Correlation], priors: &[&Number]) -> Vec<String> {
    let is_prior = |path: &str| priors.iter().any(|n| n.path == path);
    let idle = correlations.iter().filter_map(|c| {
        let path = [&c.of, &c.with].into_iter().find(|p| !is_prior(&p.path))?;
        Some(format!(
            "correlations.{} changes nothing: {} is not drawn here",
            c.id, path.path
        ))
    });
    idle.collect()
}

/// Checks that correlations name numbers, each pair once, and can hold together.
pub(super) fn check(
    correlations: &[Correlation],
    numbers: &[&Number],
    reader: &mut Reader<'_>,
    table: &Table<'_>,
) {
    let before = reader.count();
    let paths: Vec<&str> = numbers.iter().map(|n| n.path.as_str()).collect();
    let ends = |c: &Correlation| {
        let mut ends = [c.of.path.clone(), c.with.path.clone()];
        ends.sort_unstable();
        ends
    };
    for (k, c) in correlations.iter().enumerate() {
        for end in [&c.of, &c.with] {
            if !end.path.is_empty() && !paths.contains(&end.path.as_str()) {
                let found = format!("there is no number `{}`", end.path);
                let allowed = "the path of a prior, such as \"actors.guard.loyalty.heir\"";
                let fault = Fault::at(&end.place, found, allowed);
                reader.missing(fault.near(&end.path, paths.iter().copied()));
            }
        }
        let own = ends(c);
        let twice = correlations[..k].iter().find(|d| ends(d) == own);
        if own[0] == own[1] && !own[0].is_empty() {
            let found = format!("correlations.{}: `{}` with itself", c.id, own[0]);
            reader.fault(Fault::at(&c.with.place, found, "two different priors"));
        } else if let Some(twice) = twice {
            let found = format!(
                "correlations.{}: `{}` and `{}` have correlations.{} already",
                c.id, c.of.path, c.with.path, twice.id
            );
            reader.fault(Fault::at(&c.with.place, found, "each pair once"));
        }
    }
    if reader.count() == before && !correlations.is_empty() {
        let priors: Vec<&Number> = numbers.iter().copied().filter(|n| n.is_prior()).collect();
        if let Some(fault) = contradiction(correlations, &priors, table) {
            reader.fault(fault);
        }
    }
}

/// The fault of correlations that cannot hold together.
fn contradiction(
    correlations: &[Correlation],
    priors: &[&Number],
    table: &Table<'_>,
) -> Option<Fault> {
    let matrix = Matrix::new(correlations, priors);
    let row = matrix.factor().err()?;
    // The strongest correlation of the prior that leaves nothing to itself.
    let said = matrix.said[row].iter().zip(&matrix.rows[row]);
    let strongest = said
        .filter_map(|(k, r)| Some(((*k)?, r.abs())))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let c = &correlations[strongest?.0];
    let entry = table.node.get("correlations").and_then(|n| n.get(&c.id));
    let rank = entry.and_then(|n| n.get("rank"));
    let place = rank.map_or(&c.of.place, |n| &n.place);
    let found = format!(
        "correlations.{}: rank {} of `{}` and `{}` is impossible beside the others",
        c.id, c.rank, c.of.path, c.with.path
    );
    // Two priors that have a third in common, and no correlation of their own.
    let related = |i: usize, j: usize| i != j && matrix.said[i.max(j)][i.min(j)].is_some();
    let unrelated = (0..=row).flat_map(|i| (0..i).map(move |j| (j, i)));
    let open = unrelated
        .filter(|(j, i)| !related(*i, *j))
        .find(|(j, i)| (0..=row).any(|k| related(*i, k) && related(*j, k)));
    let path = |i: usize| &priors[matrix.priors[i]].path;
    let help = open.map(|(j, i)| {
        format!(
            "`{}` and `{}` have none of their own and count as uncorrelated: say theirs too",
            path(j),
            path(i)
        )
    });
    let allowed = "correlations that can hold together (a positive definite matrix)";
    Some(Fault::at(place, found, allowed).help(help))
}
