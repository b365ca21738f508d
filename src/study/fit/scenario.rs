//! The template with its fitted coefficients, as a scenario that extends it.
//!
//! Each identified coefficient has the law through its 5th, 50th and 95th percentile, and each pair the rank
//! correlation of the draws: a normal copula with the posterior's margins. What is not identified keeps what the
//! template says of it.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::table::fit::Fitted;

/// The strongest correlation that a scenario may state.
const STRONGEST: f64 = 0.99;
/// A correlation below which a pair is left out: draws of independent coefficients have as much by chance.
const WEAKEST: f64 = 0.1;

/// The text of the scenario.
pub(super) fn text(fitted: &Fitted, template: &Path, folder: &Path) -> String {
    let facts = &fitted.facts;
    let mut out = format!(
        "# Coefficients fitted to {} cases in {} clusters ({} effective vectors).\n\
         # Those that are not identified keep the template's own values.\n\
         schema = 1\nextends = {}\n\n",
        facts.cases,
        facts.clusters,
        facts.effective.round(),
        quoted(&relative(template, folder)),
    );
    let kept: Vec<usize> = (0..fitted.coefficients.len())
        .filter(|i| fitted.coefficients[*i].identified)
        .collect();
    for i in &kept {
        let c = &fitted.coefficients[*i];
        let _ = if c.p05 < c.p50 && c.p50 < c.p95 {
            writeln!(
                out,
                "{} = {{ p05 = {}, p50 = {}, p95 = {}, source = \"fitted\" }}",
                c.path,
                short(c.p05),
                short(c.p50),
                short(c.p95)
            )
        } else {
            writeln!(out, "{} = {}", c.path, short(c.p50))
        };
    }
    let ranks: Vec<Vec<f64>> = kept.iter().map(|i| ranks(fitted, *i)).collect();
    for (a, i) in kept.iter().enumerate() {
        for (b, j) in kept.iter().enumerate().skip(a + 1) {
            let r = correlation(&ranks[a], &ranks[b]).clamp(-STRONGEST, STRONGEST);
            if r.is_nan() || r.abs() < WEAKEST {
                continue;
            }
            let _ = write!(
                out,
                "\n[correlations.fitted_{}_{}]\nof = {}\nwith = {}\nrank = {r:.2}\n",
                i + 1,
                j + 1,
                quoted(&fitted.coefficients[*i].path),
                quoted(&fitted.coefficients[*j].path),
            );
        }
    }
    out
}

/// A number with five digits.
fn short(x: f64) -> String {
    let rounded: f64 = format!("{x:.4e}").parse().unwrap_or(x);
    format!("{rounded:?}")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Ranks of the draws of a coefficient, equal ones in the middle.
fn ranks(fitted: &Fitted, coefficient: usize) -> Vec<f64> {
    let all: Vec<f64> = fitted.draws.rows.iter().map(|r| r[coefficient]).collect();
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    let rank = |x: &f64| {
        let below = sorted.partition_point(|y| y < x);
        let upto = sorted.partition_point(|y| y <= x);
        (below + upto) as f64
    };
    all.iter().map(rank).collect()
}

/// Pearson's correlation.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
}

/// The path of a file as seen from a folder, with `/` between its parts.
fn relative(file: &Path, folder: &Path) -> String {
    let absolute = |p: &Path| -> PathBuf {
        let here = std::env::current_dir().unwrap_or_default();
        let whole = here.join(p);
        let mut out = PathBuf::new();
        for part in whole.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    out.pop();
                }
                part => out.push(part),
            }
        }
        out
    };
    let (file, folder) = (absolute(file), absolute(folder));
    let own: Vec<Component<'_>> = file.components().collect();
    let from: Vec<Component<'_>> = folder.components().collect();
    let shared = own.iter().zip(&from).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = own[shared..]
        .iter()
        .map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative() {
        let of = |a: &str, b: &str| relative(Path::new(a), Path::new(b));
        assert_eq!(
            of("scenarios/history/contest.toml", "results/fit_contest"),
            "../../scenarios/history/contest.toml"
        );
        assert_eq!(of("a.toml", "."), "a.toml");
        assert_eq!(of("../x/a.toml", "../y"), "../x/a.toml");
    }
}
