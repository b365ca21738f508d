//! The decomposition of a score, and the reliability diagram that belongs to it (CORP: Dimitriadis,
//! Gneiting & Jordan 2021).

use super::isotonic::{Groups, blocks, isotonic};
use super::proper::Rule;
use crate::analysis::stream::Stream;
use crate::parallel;

/// Draws of the consistency bands.
pub const DRAWS: usize = 1_000;
/// Draws beyond each end of the bands, of all: 5 %.
const BEYOND: usize = DRAWS / 20;

/// A forecast of an event as the decomposition reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The probability.
    pub p: f64,
    /// The same as the log score reads it.
    pub clipped: f64,
    /// 1 if the event happened.
    pub y: f64,
    /// Weight, above 0.
    pub weight: f64,
    /// Index of the case.
    pub case: usize,
}

/// score = miscalibration − discrimination + uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decomposition {
    /// The mean score.
    pub score: f64,
    /// What recalibration would gain, at least 0.
    pub miscalibration: f64,
    /// What recalibrated forecasts gain over their base rate, at least 0.
    pub discrimination: f64,
    /// The score of the base rate.
    pub uncertainty: f64,
}

fn mean_score(points: &[Point], rule: Rule, p: impl Fn(usize) -> f64) -> f64 {
    super::mean(points.iter().enumerate().map(|(i, point)| {
        let p = p(i);
        // ln 0 is only read where the event did not do what was said with certainty.
        (rule.of(p, point.y > 0.5), point.weight)
    }))
}

/// Decomposes the mean score of forecasts; `groups` are those of their probabilities.
#[must_use]
pub fn decompose(points: &[Point], groups: &Groups, rule: Rule) -> Decomposition {
    let recalibrated = isotonic(&groups.sums(points.iter().map(|f| (f.weight, f.y))));
    let rate = super::mean(points.iter().map(|f| (f.y, f.weight)));
    let score = mean_score(points, rule, |i| match rule {
        Rule::Brier => points[i].p,
        Rule::Log => points[i].clipped,
    });
    let after = mean_score(points, rule, |i| recalibrated[groups.of[i]]);
    let uncertainty = mean_score(points, rule, |_| rate);
    Decomposition {
        score,
        miscalibration: score - after,
        discrimination: uncertainty - after,
        uncertainty,
    }
}

/// The curve of a reliability diagram with its bands, by distinct probability, rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The probability that was forecast.
    pub p: Vec<f64>,
    /// Weight of its forecasts.
    pub weight: Vec<f64>,
    /// The recalibrated probability.
    pub recalibrated: Vec<f64>,
    /// 5th percentile of it if forecasts were calibrated.
    pub low: Vec<f64>,
    /// 95th percentile of the same.
    pub high: Vec<f64>,
    /// How often calibrated forecasts would be as far from calibration as these are, or farther:
    /// a p-value of the miscalibration of the Brier score.
    pub p_value: f64,
}

/// Draws what would happen if forecasts were calibrated, [`DRAWS`] times, and recalibrates each.
#[must_use]
pub fn reliability(points: &[Point], groups: &Groups, seed: u64, site: &str) -> Reliability {
    let cases = points.iter().map(|f| f.case + 1).max().unwrap_or(0);
    let drawn = parallel::map(0..DRAWS, |draw| {
        let mut stream = Stream::new(seed, site, draw as u64);
        let uniform: Vec<f64> = (0..cases).map(|_| stream.uniform()).collect();
        let y = |f: &Point| if uniform[f.case] < f.p { 1.0 } else { 0.0 };
        let found = blocks(&groups.sums(points.iter().map(|f| (f.weight, y(f)))));
        let imagined: Vec<Point> = points.iter().map(|f| Point { y: y(f), ..*f }).collect();
        let mcb = decompose(&imagined, groups, Rule::Brier).miscalibration;
        let steps: Vec<(usize, f64)> = found.iter().map(|b| (b.end, b.value())).collect();
        (steps, mcb)
    });
    let observed = groups.sums(points.iter().map(|f| (f.weight, f.y)));
    let mcb = decompose(points, groups, Rule::Brier).miscalibration;
    let farther = drawn.iter().filter(|(_, other)| *other >= mcb).count();
    let (low, high) = bands(&drawn, groups.values.len());
    Reliability {
        p: groups.values.clone(),
        weight: observed.iter().map(|(w, _)| *w).collect(),
        recalibrated: isotonic(&observed),
        low,
        high,
        p_value: (farther + 1) as f64 / (DRAWS + 1) as f64,
    }
}

/// The 5th and the 95th percentile over draws at each group, from the steps of each draw.
fn bands(drawn: &[(Vec<(usize, f64)>, f64)], groups: usize) -> (Vec<f64>, Vec<f64>) {
    let mut at = vec![0; drawn.len()];
    let mut values: Vec<f64> = drawn.iter().map(|(steps, _)| steps[0].1).collect();
    let (mut low, mut high) = (Vec::with_capacity(groups), Vec::with_capacity(groups));
    for group in 0..groups {
        let mut changed = group == 0;
        for (d, (steps, _)) in drawn.iter().enumerate() {
            if steps[at[d]].0 <= group {
                at[d] += 1;
                values[d] = steps[at[d]].1;
                changed = true;
            }
        }
        if changed {
            let mut sorted = values.clone();
            let (_, l, _) = sorted.select_nth_unstable_by(BEYOND, f64::total_cmp);
            low.push(*l);
            let (_, h, _) = sorted.select_nth_unstable_by(DRAWS - 1 - BEYOND, f64::total_cmp);
            high.push(*h);
        } else {
            low.push(low[group - 1]);
            high.push(high[group - 1]);
        }
    }
    (low, high)
}
