//! In which direction an input moves an output, and in what shape: the mean of the output over
//! tenths of the rows, from the lowest values of the input to the highest.
//!
//! The verdict rests on three tests of these ten means, each with the requested false-alarm rate:
//!
//! - A trend over the tenths (regression on their number; for 0 and 1, Cochran 1954 and Armitage
//!   1955) or a departure from it (chi-square with 8 degrees of freedom). If neither shows, the
//!   effect is [`Shape::Flat`]. Each takes half of the rate, so an input without effect is
//!   found to have one at most at that rate.
//! - How far the means are from the nearest sequence that only rises, and from the nearest that
//!   only falls (isotonic regression; chi-bar-square, Robertson, Wright & Dykstra 1988). If both
//!   are too far, it is [`Shape::Bent`]; a monotone effect, however curved, is called bent at most
//!   at that rate. Otherwise the nearer one decides.
//!
//! Outputs that are nearly always 0 or nearly always 1 are tested over 5 or 2 groups, so that at
//! least five of the rarer kind are expected in each (Cochran's rule); fewer than ten in all are
//! [`Shape::TooFew`]. To look at many inputs at once, divide the rate by their number.

use super::classes::order;
use crate::analysis::interval::{Z95, wilson};
use crate::analysis::tails;
use crate::parallel;

/// Classes of the table.
pub const CLASSES: usize = 10;
/// Fewest of the rarer kind, or of rows, expected in a group.
const EXPECTED: f64 = 5.0;

/// The output where the input lies in one tenth of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Lowest value of the input there.
    pub low: f64,
    /// Highest value of the input there.
    pub high: f64,
    /// Rows.
    pub count: u64,
    /// Mean of the output.
    pub mean: f64,
    /// Lower end of its 95 % interval: Wilson's for 0 and 1, else by the normal law.
    pub mean_low: f64,
    /// Upper end of its 95 % interval.
    pub mean_high: f64,
}

/// How an output depends on an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It rises, or stays, as the input rises.
    Rises,
    /// It falls, or stays, as the input rises.
    Falls,
    /// It does both.
    Bent,
    /// No significant effect.
    Flat,
    /// The output is too rare, or too common, to be tested.
    TooFew,
}

/// The effect of one input on one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Ten classes of equal size up to one row, from the lowest values of the input to the highest;
    /// fewer if there are fewer rows.
    pub classes: Vec<Class>,
    /// Whether the output is 0 or 1 in every row.
    pub yes_no: bool,
    /// The verdict.
    pub shape: Shape,
    /// p-value of the hypothesis that there is no effect; NaN if there is too little to test.
    pub p_flat: f64,
    /// p-value of the hypothesis that the effect is monotone; NaN if there is too little to test.
    pub p_monotone: f64,
}

/// Returns effects by input, then output. Shapes: `inputs[row][input]`, `outputs[row][output]`;
/// `false_alarm` is the rate for each pair of input and output, in (0, 1).
#[must_use]
pub fn effects(inputs: &[Vec<f64>], outputs: &[Vec<f64>], false_alarm: f64) -> Vec<Vec<Effect>> {
    let columns = inputs.first().map_or(0, Vec::len);
    let wanted = outputs.first().map_or(0, Vec::len);
    let column = |o: usize| Output::new(outputs.iter().map(|row| row[o]).collect());
    let outputs: Vec<Output> = (0..wanted).map(column).collect();
    parallel::map(0..columns, |i| {
        let input: Vec<f64> = inputs.iter().map(|row| row[i]).collect();
        let order = order(input.iter().copied());
        let of = |output| effect(&input, output, &order, false_alarm);
        outputs.iter().map(of).collect()
    })
}

/// An output in all rows.
struct Output {
    values: Vec<f64>,
    /// Whether it is 0 or 1 in every row.
    yes_no: bool,
    sum: f64,
}

impl Output {
    fn new(values: Vec<f64>) -> Self {
        Self {
            yes_no: values.iter().all(|y| *y == 0.0 || *y == 1.0),
            sum: values.iter().sum(),
            values,
        }
    }

    fn rows(&self) -> usize {
        self.values.len()
    }
}

fn effect(input: &[f64], output: &Output, order: &[u32], false_alarm: f64) -> Effect {
    let yes_no = output.yes_no;
    let table = groups(output, order, CLASSES.min(output.rows()));
    let mut from = 0;
    let classes = table.iter().map(|g| {
        let rows = g.n as usize;
        let (low, high) = (order[from] as usize, order[from + rows - 1] as usize);
        from += rows;
        let (mean_low, mean_high) = if yes_no {
            let share = wilson(g.sum as u64, rows as u64);
            (share.low, share.high)
        } else {
            // From 64 rows on t is the normal quantile up to 2 %.
            let t = if rows < 64 {
                tails::student_95(g.n - 1.0)
            } else {
                Z95
            };
            let half = t * (g.variance() / (g.n - 1.0)).sqrt();
            (g.mean() - half, g.mean() + half)
        };
        Class {
            low: input[low],
            high: input[high],
            count: rows as u64,
            mean: g.mean(),
            mean_low,
            mean_high,
        }
    });
    let mut effect = Effect {
        classes: classes.collect(),
        yes_no,
        shape: Shape::TooFew,
        p_flat: f64::NAN,
        p_monotone: f64::NAN,
    };
    let n = output.rows() as f64;
    let rarer = if yes_no {
        output.sum.min(n - output.sum)
    } else {
        n
    };
    let testable = [CLASSES, CLASSES / 2, 2];
    let Some(number) = testable
        .iter()
        .find(|k| rarer / **k as f64 >= EXPECTED)
        .copied()
    else {
        return effect;
    };
    let tested = if number == table.len() {
        table
    } else {
        groups(output, order, number)
    };
    let falling: Vec<Group> = tested.iter().rev().copied().collect();
    effect.p_flat = p_flat(&tested);
    let (up, down) = (bend(&tested), bend(&falling));
    effect.p_monotone = bar_tail(up.min(down), number);
    if effect.p_flat < false_alarm {
        effect.shape = if effect.p_monotone < false_alarm {
            Shape::Bent
        } else if up < down {
            Shape::Rises
        } else {
            Shape::Falls
        };
    } else {
        effect.shape = Shape::Flat;
    }
    effect
}

/// Rows taken together: their number, and sums of the output, about its mean over all rows where
/// squares are concerned.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    n: f64,
    sum: f64,
    centre: f64,
    off: f64,
    squares: f64,
}

impl Group {
    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    /// Of the rows, divided by their number.
    fn variance(&self) -> f64 {
        let off = self.off / self.n;
        (self.squares / self.n - off * off).max(0.0)
    }

    fn with(self, other: &Self) -> Self {
        Self {
            n: self.n + other.n,
            sum: self.sum + other.sum,
            centre: other.centre,
            off: self.off + other.off,
            squares: self.squares + other.squares,
        }
    }

    /// n·(mean − m)²/v, and 0 if nothing varies.
    fn chi_square(&self, whole: &Self) -> f64 {
        let (off, variance) = (self.off / self.n - whole.off / whole.n, whole.variance());
        if variance > 0.0 {
            self.n * off * off / variance
        } else {
            0.0
        }
    }
}

/// Groups of equal size up to one row, from the lowest values of the input to the highest.
fn groups(output: &Output, order: &[u32], number: usize) -> Vec<Group> {
    let rows = output.rows();
    let of = |class: usize| {
        let mut group = Group {
            centre: output.sum / rows as f64,
            ..Group::default()
        };
        for row in &order[class * rows / number..(class + 1) * rows / number] {
            let value = output.values[*row as usize];
            let off = value - group.centre;
            group.n += 1.0;
            group.sum += value;
            group.off += off;
            group.squares += off * off;
        }
        group
    };
    (0..number).map(of).collect()
}

/// Twice the smaller tail of the tests for a trend and for a departure from it.
fn p_flat(groups: &[Group]) -> f64 {
    let whole = groups.iter().fold(Group::default(), Group::with);
    let middle = |f: &dyn Fn(f64, &Group) -> f64| -> f64 {
        groups.iter().enumerate().map(|(k, g)| f(k as f64, g)).sum()
    };
    let centre = middle(&|k, g| k * g.n) / whole.n;
    let spread = middle(&|k, g| (k - centre) * (k - centre) * g.n);
    let slope = middle(&|k, g| (k - centre) * (g.off - g.n * whole.off / whole.n));
    let variance = whole.variance();
    if variance <= 0.0 {
        return 1.0;
    }
    let trend = slope * slope / (spread * variance);
    let any: f64 = groups.iter().map(|g| g.chi_square(&whole)).sum();
    let p_trend = tails::normal_two_sided(trend.sqrt());
    if groups.len() < 3 {
        return p_trend;
    }
    let p_departure = tails::chi_square(any - trend, groups.len() - 2);
    (2.0 * p_trend.min(p_departure)).min(1.0)
}

/// Distance of the means from the nearest rising sequence, as a chi-square: neighbours that fall
/// are pooled (Ayer et al. 1955), and each is compared with its pool.
fn bend(groups: &[Group]) -> f64 {
    let mut pools: Vec<(Group, usize)> = Vec::new();
    for group in groups {
        let mut pool = (*group, 1);
        while let Some(last) = pools.pop_if(|last| last.0.mean() >= pool.0.mean()) {
            pool = (pool.0.with(&last.0), pool.1 + last.1);
        }
        pools.push(pool);
    }
    let mut each = groups.iter();
    let of_pool = |(pool, members): &(Group, usize)| -> f64 {
        let members = each.by_ref().take(*members);
        members.map(|g| g.chi_square(pool)).sum()
    };
    pools.iter().map(of_pool).sum()
}

/// Probability that the distance of `k` equal means from a rising sequence is above `x`: with
/// probability |s(k, l)|/k! (Stirling numbers of the first kind) the sequence has l pools, and the
/// distance is a chi-square with k − l degrees of freedom.
fn bar_tail(x: f64, k: usize) -> f64 {
    let mut pools = vec![0.0; k + 1];
    pools[0] = 1.0;
    for m in 1..=k {
        for l in (1..=m).rev() {
            pools[l] = (pools[l - 1] + (m - 1) as f64 * pools[l]) / m as f64;
        }
        pools[0] = 0.0;
    }
    if x <= 0.0 {
        return 1.0;
    }
    let each = pools.iter().enumerate().skip(1);
    each.map(|(l, p)| p * tails::chi_square(x, k - l)).sum()
}
