//! Elementary effects (Morris 1991; Campolongo, Cariboni & Saltelli 2007): a cheap screening of
//! many inputs, to see which can be neglected.
//!
//! A trajectory starts at a point of a grid of p levels, 0, 1/(p − 1), …, 1, and moves each input
//! once, in random order, by Δ = p/(2(p − 1)), up or down. An elementary effect is the output at
//! the higher place less the output at the lower one, over Δ: in units of the output for the whole
//! range of the input.
//!
//! The grid includes 0 and 1. Where the law of an input has no bounds, or a switch is ⌊u·k⌋, the
//! caller must move the ends inwards.

use super::bootstrap::{Bootstrap, half_width};
use crate::analysis::stream::Stream;
use crate::parallel;

/// Returns the step Δ of a grid of so many levels.
#[must_use]
pub fn step(levels: usize) -> f64 {
    levels as f64 / (2.0 * (levels as f64 - 1.0))
}

/// Returns `count` trajectories, one after another, of `inputs + 1` points each: `points[row][input]`
/// in [0, 1]. `levels` is even, usually 4; 10 to 50 trajectories are usual. Trajectory t draws from
/// stream t of the site.
///
/// # Panics
///
/// If `levels` is odd or 0.
#[must_use]
pub fn trajectories(
    inputs: usize,
    levels: usize,
    count: usize,
    seed: u64,
    site: &str,
) -> Vec<Vec<f64>> {
    assert!(
        levels > 0 && levels.is_multiple_of(2),
        "a Morris grid has an even number of levels"
    );
    let level = |k: usize| k as f64 / (levels - 1) as f64;
    let one = |trajectory: usize| {
        let mut stream = Stream::new(seed, site, trajectory as u64);
        // Δ is half of the levels: the lower place is in the lower half.
        let low: Vec<usize> = (0..inputs).map(|_| stream.below(levels / 2)).collect();
        let mut high: Vec<bool> = (0..inputs).map(|_| stream.below(2) == 1).collect();
        let mut order: Vec<usize> = (0..inputs).collect();
        stream.shuffle(&mut order);
        let point = |high: &[bool]| -> Vec<f64> {
            let places = low.iter().zip(high);
            places
                .map(|(k, up)| level(k + usize::from(*up) * levels / 2))
                .collect()
        };
        let mut points = vec![point(&high)];
        for input in order {
            high[input] = !high[input];
            points.push(point(&high));
        }
        points
    };
    (0..count).flat_map(one).collect()
}

/// Returns elementary effects by input, then output, then trajectory. Shapes: `points[row][input]`
/// as from [`trajectories`], `outputs[row][output]` at the same rows.
#[must_use]
pub fn elementary_effects(
    points: &[Vec<f64>],
    outputs: &[Vec<f64>],
    levels: usize,
) -> Vec<Vec<Vec<f64>>> {
    let inputs = points.first().map_or(0, Vec::len);
    let wanted = outputs.first().map_or(0, Vec::len);
    let count = points.len() / (inputs + 1);
    let mut effects = vec![vec![vec![f64::NAN; count]; wanted]; inputs];
    for t in 0..count {
        for from in t * (inputs + 1)..(t + 1) * (inputs + 1) - 1 {
            let moved = (0..inputs).find(|i| points[from][*i] != points[from + 1][*i]);
            let Some(input) = moved else { continue };
            let up = points[from + 1][input] > points[from][input];
            let (low, high) = if up {
                (from, from + 1)
            } else {
                (from + 1, from)
            };
            for (output, series) in effects[input].iter_mut().enumerate() {
                series[t] = (outputs[high][output] - outputs[low][output]) / step(levels);
            }
        }
    }
    effects
}

/// Summary of the elementary effects of one input on one output, in units of the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screening {
    /// Mean effect: its sign is the direction, if there is one.
    pub mu: f64,
    /// Mean size of the effect: 0 only for an input that does nothing.
    pub mu_star: f64,
    /// Half width of the 95 % interval of `mu_star`.
    pub mu_star_conf: f64,
    /// Standard deviation of the effect: large if it is bent or depends on other inputs.
    pub sigma: f64,
}

/// Returns means and spreads of elementary effects, by input, then output. Shapes are those of
/// [`elementary_effects`]; the bootstrap resamples trajectories.
#[must_use]
pub fn screen(
    points: &[Vec<f64>],
    outputs: &[Vec<f64>],
    levels: usize,
    bootstrap: Bootstrap,
) -> Vec<Vec<Screening>> {
    let effects = elementary_effects(points, outputs, levels);
    let count = points.len() / (points.first().map_or(0, Vec::len) + 1);
    let resamples = bootstrap.all(count);
    let one = |series: &Vec<f64>| {
        let n = series.len() as f64;
        let mu = series.iter().sum::<f64>() / n;
        let squares: f64 = series.iter().map(|e| (e - mu) * (e - mu)).sum();
        let again = resamples.iter().map(|counts| {
            let each = series.iter().zip(counts);
            each.map(|(e, c)| e.abs() * f64::from(*c)).sum::<f64>() / n
        });
        Screening {
            mu,
            mu_star: series.iter().map(|e| e.abs()).sum::<f64>() / n,
            mu_star_conf: half_width(&again.collect::<Vec<f64>>()),
            sigma: (squares / (n - 1.0)).sqrt(),
        }
    };
    parallel::map(0..effects.len(), |input| {
        effects[input].iter().map(one).collect()
    })
}
