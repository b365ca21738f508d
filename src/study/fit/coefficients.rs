//! The coefficients that are asked for, and their priors.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::analysis::fit::MOST_COEFFICIENTS;
use crate::analysis::fit::population::{Coefficient, Method};
use crate::scenario::fault::{did_you_mean, nearest};
use crate::scenario::model::{Number, NumberKind};
use crate::study::error::StudyError;
use crate::study::open::{Source, Study};

/// Most coefficients of a grid.
const MOST_OF_GRID: usize = 2;

/// A coefficient that is fitted: `PATH=LOW..HIGH`, uniform between two numbers, or `PATH`, by its law in the
/// template.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its path.
    pub path: String,
    /// The ends of a uniform prior.
    pub range: Option<(f64, f64)>,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            Some((low, high)) => write!(f, "{}={low}..{high}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected PATH=LOW..HIGH with two numbers in ascending order, as in parameters.b0=-0.1..0.45, or PATH \
             alone for the law that the template has"
                .to_owned()
        };
        let (path, range) = match text.split_once('=') {
            Some((path, range)) => (path, Some(range)),
            None => (text, None),
        };
        let path = path.trim();
        if path.is_empty() || path.contains(char::is_whitespace) {
            return Err(wrong());
        }
        let range = match range {
            None => None,
            Some(range) => {
                let (low, high) = range.split_once("..").ok_or_else(wrong)?;
                let read = |text: &str| text.trim().parse().ok().filter(|x: &f64| x.is_finite());
                let (low, high) = read(low).zip(read(high)).ok_or_else(wrong)?;
                if low >= high {
                    return Err(wrong());
                }
                Some((low, high))
            }
        };
        Ok(Self {
            path: path.to_owned(),
            range,
        })
    }
}

/// What is wrong with a list of coefficients, whatever the template is.
pub(super) fn refused(wanted: &[Wanted], method: Method) -> Vec<String> {
    let mut wrong = Vec::new();
    if wanted.is_empty() || wanted.len() > MOST_COEFFICIENTS {
        wrong.push(format!(
            "--params: {} coefficients, expected 1 to {MOST_COEFFICIENTS}: a few hundred vectors are too few for more",
            wanted.len()
        ));
    }
    if method == Method::Grid && wanted.len() > MOST_OF_GRID {
        wrong.push(format!(
            "--method grid: {} coefficients, expected 1 or 2; --method pmc takes up to {MOST_COEFFICIENTS}",
            wanted.len()
        ));
    }
    for (i, w) in wanted.iter().enumerate() {
        if wanted[..i].iter().any(|other| other.path == w.path) {
            wrong.push(format!("--params: {} is named twice", w.path));
        }
    }
    wrong
}

/// The coefficients with their priors.
pub(super) fn of(
    study: &Study,
    template: &Source,
    wanted: &[Wanted],
) -> Result<Vec<Coefficient>, StudyError> {
    let numbers = study.scenario.numbers();
    let (mut out, mut wrong) = (Vec::new(), Vec::new());
    for w in wanted {
        match one(study, template, &numbers, w) {
            Ok(found) => out.push(found),
            Err(text) => wrong.push(text),
        }
    }
    if wrong.is_empty() {
        Ok(out)
    } else {
        Err(StudyError::invalid(wrong))
    }
}

fn one(
    study: &Study,
    template: &Source,
    numbers: &[&Number],
    wanted: &Wanted,
) -> Result<Coefficient, String> {
    let path = &wanted.path;
    let Some(number) = numbers.iter().find(|n| n.path == *path) else {
        let near = nearest(path, numbers.iter().map(|n| n.path.as_str()));
        let help = did_you_mean(path, near).map(|h| format!("; {h}"));
        return Err(format!(
            "--params {path}: the template has no number of that path{}",
            help.unwrap_or_default()
        ));
    };
    if let Some(setting) = template.setting_of(path) {
        return Err(format!(
            "--params {path}: it is set and fitted: leave out --set {setting}"
        ));
    }
    if number.duration {
        return Err(format!(
            "--params {path}: a duration cannot be fitted; write it as an expression of a parameter"
        ));
    }
    if matches!(number.kind, NumberKind::Expression(_)) {
        return Err(format!(
            "--params {path}: it is computed from other numbers; fit one of those"
        ));
    }
    if let Some(correlation) = study.scenario.correlation_of(path) {
        return Err(format!(
            "--params {path}: correlations.{} names it, and a coefficient is drawn by itself; fit a template without \
             this correlation",
            correlation.id
        ));
    }
    match wanted.range {
        Some((low, high)) => {
            if low < number.least || high > number.most {
                return Err(format!(
                    "--params {wanted}: expected a range within {} to {}, which the key allows",
                    number.least, number.most
                ));
            }
            Ok(Coefficient::uniform(path, low, high))
        }
        None => {
            let prior = study.plan.priors.iter().find(|p| p.path == *path);
            let prior = prior.filter(|_| number.is_prior()).cloned().ok_or_else(|| {
                format!(
                    "--params {path}: the template gives it no law; write its prior, as in {path}=0..1"
                )
            })?;
            Ok(Coefficient {
                path: path.clone(),
                law: Arc::new(move |u| f64::from(prior.at_uniform(u))),
            })
        }
    }
}
