//! Laws of uncertain numbers (`docs/MODEL.md` section 7.1).

use std::cell::{LazyCell, RefCell};
use std::collections::BTreeMap;

use kzsim::scenario::Scenario;
use kzsim::scenario::model::{Number, NumberKind};

use super::draws::Uniform;
use super::functions::{clamp, normal_beyond};

/// The finest probability of a table: 2^−65.
const FIRST: f64 = 1.0 / 36_893_488_147_419_103_232.0;
/// Cells of a table: eight in each of 64 octaves, up to one half.
const CELLS: usize = 512;

/// The table of a law, for either end.
pub(crate) struct Table {
    low: Half,
    high: Half,
}

/// Rounded quantiles of a law, and their rounded slopes, by the probability between them and an end;
/// each is worked out when it is first read.
struct Half {
    node: Box<dyn Fn(usize) -> Node>,
    known: RefCell<BTreeMap<usize, Node>>,
}

/// A quantile and its slope.
type Node = (f32, f32);

impl Half {
    fn new(node: impl Fn(usize) -> Node + 'static) -> Self {
        Self {
            node: Box::new(node),
            known: RefCell::default(),
        }
    }

    fn at(&self, i: usize) -> Node {
        *self
            .known
            .borrow_mut()
            .entry(i)
            .or_insert_with(|| (self.node)(i))
    }
}

/// The tables of the priors of a scenario, by path.
pub(crate) type Tables = BTreeMap<String, Table>;

/// The probability `p_i`.
fn probability(i: usize) -> f64 {
    (1.0 + (i % 8) as f64 / 8.0) * 2.0_f64.powf((i / 8) as f64) * FIRST
}

/// Makes the tables of every prior that has one, and of what actions draw.
pub(crate) fn tables(scenario: &Scenario) -> Tables {
    let mut tables = Tables::new();
    let drawn = scenario.actions.iter().flat_map(|i| &i.draws);
    let drawn = drawn.map(|draw| &draw.number);
    for number in scenario.priors().into_iter().chain(drawn) {
        if let Some(table) = Table::of(number) {
            tables.insert(number.path.clone(), table);
        }
    }
    tables
}

/// The uniform number of a prior, given those of the own draws of all.
pub(crate) fn correlated(
    scenario: &Scenario,
    path: &str,
    own: impl Fn(&str) -> Uniform,
) -> Uniform {
    let priors: Vec<&str> = scenario.priors().iter().map(|n| &*n.path).collect();
    let pairs: Vec<(&str, &str, f64)> = scenario
        .correlations
        .iter()
        .map(|c| (&*c.of.path, &*c.with.path, c.rank))
        .filter(|(a, b, rank)| priors.contains(a) && priors.contains(b) && *rank != 0.0)
        .collect();
    let among = |path: &&&str| pairs.iter().any(|(a, b, _)| *a == **path || *b == **path);
    let named: Vec<&str> = priors.iter().filter(among).copied().collect();
    let r = |i: usize, j: usize| {
        let is = |(a, b, _): &&(&str, &str, f64)| {
            (*a, *b) == (named[i], named[j]) || (*a, *b) == (named[j], named[i])
        };
        let rank = pairs.iter().find(is).map_or(0.0, |(_, _, rank)| *rank);
        2.0 * libm::sin(std::f64::consts::PI / 6.0 * rank)
    };
    let n = named.len();
    let mut c = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..i {
            let known: f64 = (0..j).map(|k| c[i][k] * c[j][k]).sum();
            c[i][j] = (r(i, j) - known) / c[j][j];
        }
        let taken: f64 = (0..i).map(|k| c[i][k] * c[i][k]).sum();
        c[i][i] = (1.0 - taken).sqrt();
    }
    let Some(i) = named.iter().position(|p| *p == path) else {
        return own(path);
    };
    if c[i][..i].iter().all(|part| *part == 0.0) {
        return own(path);
    }
    let mut score = 0.0_f32;
    for j in 0..=i {
        if c[i][j] != 0.0 {
            score += c[i][j] as f32 * own(named[j]).normal();
        }
    }
    Uniform {
        above: score > 0.0,
        p: clamp(normal_beyond(score.abs()), FIRST as f32, 0.5),
    }
}

/// The value of a prior at a uniform number, within the range of its key.
pub(crate) fn prior_quantile(number: &Number, u: Uniform) -> f32 {
    quantile(number, Table::of(number).as_ref(), u)
}

/// The value of a prior at a uniform number, given its table if it has one.
pub(crate) fn quantile(number: &Number, table: Option<&Table>, u: Uniform) -> f32 {
    let (least, most) = (number.least as f32, number.most as f32);
    let value = match (&number.kind, table) {
        _ if number.fixed().is_some() => number.fixed().unwrap_or_default() as f32,
        (_, Some(table)) => table.at(u),
        (NumberKind::Uniform { min, max }, _) => {
            let (min, max) = (*min as f32, *max as f32);
            if u.above {
                max - u.p * (max - min)
            } else {
                min + u.p * (max - min)
            }
        }
        (NumberKind::Normal { mean, sd }, _) => *mean as f32 + *sd as f32 * u.normal(),
        _ => panic!("no prior: {number:?}"),
    };
    clamp(value, least, most)
}

impl Table {
    /// The table of a number, if it is an uncertain one whose law has one.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        if number.fixed().is_some() {
            return None;
        }
        match number.kind {
            NumberKind::Pert { low, mode, high } => Some(Self::pert(low, mode, high)),
            NumberKind::Normal { mean, sd } => {
                let (least, most) = (number.least, number.most);
                let bounded = least > -1e30 || most < 1e30;
                bounded.then(|| Self::normal(mean, sd, least, most))
            }
            NumberKind::Quantiles { p05, p50, p95 } => {
                Some(Self::through([p05, p50, p95], number.least, number.most))
            }
            _ => None,
        }
    }

    /// The table of `{low, mode, high}`.
    pub(crate) fn pert(low: f64, mode: f64, high: f64) -> Self {
        let width = high - low;
        let alpha = 1.0 + 4.0 * (mode - low) / width;
        let beta = 1.0 + 4.0 * (high - mode) / width;
        // Each half is solved from its own end, so that no digit is lost near either.
        let half = |alpha: f64, beta: f64, end: f64, width: f64| {
            let middle = beta_cdf(alpha, beta, 0.5);
            Half::new(move |i| {
                let p = probability(i);
                // The solver is for the lower half of values; a law with more there is seen from
                // its other end, where `1 − p` loses nothing.
                let x = if p <= middle {
                    solve(alpha, beta, p)
                } else {
                    1.0 - solve(beta, alpha, 1.0 - p)
                };
                let density =
                    x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0) / beta_function(alpha, beta);
                ((end + width * x) as f32, (width * p / density) as f32)
            })
        };
        Self {
            low: half(alpha, beta, low, width),
            high: half(beta, alpha, high, -width),
        }
    }

    /// The table of `{mean, sd}` between `least` and `most`.
    pub(crate) fn normal(mean: f64, sd: f64, least: f64, most: f64) -> Self {
        let low = LazyCell::new(move || normal_half(mean, sd, least, most));
        let high = LazyCell::new(move || normal_half(-mean, sd, -most, -least));
        Self {
            low: Half::new(move |i| low[i]),
            high: Half::new(move |i| {
                let (value, slope) = high[i];
                (-value, -slope)
            }),
        }
    }

    /// The table of `{p05, p50, p95}` between `least` and `most`.
    pub(crate) fn through(points: [f64; 3], least: f64, most: f64) -> Self {
        let (bottom, top) = (least > -1e30, most < 1e30);
        let scale = |x: f64| match (bottom, top) {
            (false, false) => x,
            (true, false) => (x - least).ln(),
            (false, true) => -(most - x).ln(),
            (true, true) => ((x - least) / (most - x)).ln(),
        };
        let [l, b, h] = points.map(scale);
        let (anchor, m, side) = if b - l <= h - b {
            (l, b - l, 1.0)
        } else {
            (h, h - b, -1.0)
        };
        let w = (h - l) / (2.0 * m);
        let depth = ((w - 1.0) * (w + 1.0)).sqrt();
        let half = |above: bool| {
            Half::new(move |i| {
                let p = probability(i);
                let mut z = normal_below(p);
                let slope = p * (2.0 * std::f64::consts::PI).sqrt() * (0.5 * z * z).exp();
                if above {
                    z = -z;
                }
                let t = side * z / 1.644_853_626_951_472_2;
                // The hyperbola, by its angle.
                let angle = (depth * t).asinh() + w.acosh();
                let (g, rise) = if depth == 0.0 {
                    (t + 1.0, 1.0)
                } else {
                    (
                        angle.sinh() / depth,
                        angle.cosh() / (1.0 + (depth * t).powi(2)).sqrt(),
                    )
                };
                let y = anchor + side * m * g;
                let (value, stretch) = match (bottom, top) {
                    (false, false) => (y, 1.0),
                    (true, false) => (least + y.exp(), y.exp()),
                    (false, true) => (most - (-y).exp(), (-y).exp()),
                    (true, true) => {
                        let (up, down) = (1.0 / (1.0 + (-y).exp()), 1.0 / (1.0 + y.exp()));
                        let width = most - least;
                        let value = if above {
                            most - width * down
                        } else {
                            least + width * up
                        };
                        (value, width * up * down)
                    }
                };
                let slope = slope * m * rise * stretch / 1.644_853_626_951_472_2;
                if value.abs() < 1e30 && slope.abs() < 1e30 {
                    (value as f32, if above { -slope } else { slope } as f32)
                } else {
                    (if above { 1e30 } else { -1e30 }, 0.0)
                }
            })
        };
        Self {
            low: half(false),
            high: half(true),
        }
    }

    /// The value at a uniform number.
    pub(crate) fn at(&self, u: Uniform) -> f32 {
        let side = if u.above { &self.high } else { &self.low };
        let p = clamp(u.p, FIRST as f32, 0.5 - 2.0_f32.powi(-25));
        // The octave and the cell in it.
        let mut octave = 0;
        while f64::from(p) >= probability(8 * (octave + 1)) {
            octave += 1;
        }
        let eighths = (f64::from(p) / probability(8 * octave) - 1.0) * 8.0;
        let (j, t) = (eighths.floor(), (eighths - eighths.floor()) as f32);
        let cell = 8 * octave + j as usize;
        let j = j as f32;
        let ((y0, s0), (y1, s1)) = (side.at(cell), side.at(cell + 1));
        let (a, b) = (s0 / (8.0 + j), s1 / (9.0 + j));
        let rise = y1 - y0;
        let value = y0 + t * (a + t * ((3.0 * rise - (2.0 * a + b)) + t * ((a + b) - 2.0 * rise)));
        if y0 < y1 {
            clamp(value, y0, y1)
        } else {
            clamp(value, y1, y0)
        }
    }
}

/// The standard normal quantile at `p`, at most ½: by bisection.
fn normal_below(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 0.0);
    loop {
        let z = 0.5 * (low + high);
        if z == low || z == high {
            return z;
        }
        if 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) < p {
            low = z;
        } else {
            high = z;
        }
    }
}

/// Values and slopes of the lower half of a normal law between ends, by adding up its density: from
/// node to node, after the first, whose mass takes many panels.
fn normal_half(mean: f64, sd: f64, least: f64, most: f64) -> Vec<(f32, f32)> {
    let near = mean.clamp(least, most);
    let (z, far) = ((near - mean) / sd, 40.0);
    let below = ((near - least) / sd).min(far);
    let above = ((most - near) / sd).min(far);
    // Distances are counted from the lower end, the density from the densest point.
    let density = |d: f64| {
        let s = d - below;
        (-s * (z + 0.5 * s)).exp()
    };
    let panel = |from: f64, to: f64| gauss(from, to, density);
    let sum = |from: f64, to: f64, panels: u32| -> f64 {
        let at = |i: u32| from + (to - from) * f64::from(i) / f64::from(panels);
        (0..panels).map(|i| panel(at(i), at(i + 1))).sum()
    };
    // Where the mass is, panels are short.
    let scale = 1.0 / z.abs().max(1.0);
    let edge = |s: f64| (below + s).clamp(0.0, below + above);
    let total: f64 = [-40.0, -12.0, 0.0, 12.0, 40.0]
        .windows(2)
        .map(|w| sum(edge(w[0] * scale), edge(w[1] * scale), 256))
        .sum();
    let wanted = |i: usize| probability(i) * total;
    let (mut lo, mut hi) = (0.0, below + above);
    let mut d = 0.0;
    let beyond = |d: f64| sum((d - 12.0).max(0.0), d, 256) - wanted(0);
    // Bisection, until Newton's rule can do the rest.
    while hi - lo > 1e-6 * hi {
        d = 0.5 * (lo + hi);
        if beyond(d) < 0.0 {
            lo = d;
        } else {
            hi = d;
        }
    }
    for _ in 0..4 {
        d -= beyond(d) / density(d);
    }
    let value = |d: f64| {
        if below < far {
            least + sd * d
        } else {
            near + sd * (d - below)
        }
    };
    let node = |i: usize, d: f64| (value(d) as f32, (sd * wanted(i) / density(d)) as f32);
    let mut out = vec![node(0, d)];
    for i in 1..=CELLS {
        let step = wanted(i) - wanted(i - 1);
        let mut next = d + step / density(d);
        for _ in 0..20 {
            next -= (panel(d, next) - step) / density(next);
        }
        d = next;
        out.push(node(i, d));
    }
    out
}

/// `∫ f` between two points, by the rule of Gauss and Legendre with four points on each half.
fn gauss(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let points = [
        (0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
        (0.339_981_043_584_856_26, 0.652_145_154_862_546_2),
    ];
    let quarter = (to - from) / 4.0;
    let mut sum = 0.0;
    for middle in [from + quarter, from + 3.0 * quarter] {
        for (x, w) in points {
            sum += w * (f(middle - quarter * x) + f(middle + quarter * x));
        }
    }
    sum * quarter
}

/// The `x` at which the Beta(α, β) law has reached `p`, where that is at most ½: Newton's rule, and
/// bisection where that would leave the bracket.
fn solve(alpha: f64, beta: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let scale = 1.0 / beta_function(alpha, beta);
    let (mut lo, mut hi) = (0.0, 0.5);
    // Near 0 the law is `scale·x^α/α`.
    let mut x = (p * alpha / scale).powf(1.0 / alpha).min(0.5);
    for _ in 0..200 {
        let gap = beta_cdf(alpha, beta, x) - p;
        if gap > 0.0 {
            hi = x;
        } else {
            lo = x;
        }
        let slope = scale * x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0);
        let mut next = x - gap / slope;
        if !(next > lo && next < hi) {
            next = 0.5 * (lo + hi);
        }
        if (next - x).abs() <= 4e-16 * x {
            return next;
        }
        x = next;
    }
    x
}

/// `B(α, β)` where `α + β = 6`.
fn beta_function(alpha: f64, beta: f64) -> f64 {
    libm::tgamma(alpha) * libm::tgamma(beta) / 120.0
}

/// The regularised incomplete beta function where `α + β = 6` and `x ≤ ½`, by its series of
/// positive terms: `x^α (1−x)^β / (α B) · Σ (α+β)…(α+β+n−1) / ((α+1)…(α+n)) xⁿ`.
pub(crate) fn beta_cdf(alpha: f64, beta: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 0.0;
    let mut n = 0.0;
    while term > 1e-18 * sum {
        sum += term;
        term *= (alpha + beta + n) / (alpha + 1.0 + n) * x;
        n += 1.0;
    }
    x.powf(alpha) * (1.0 - x).powf(beta) / (alpha * beta_function(alpha, beta)) * sum
}
