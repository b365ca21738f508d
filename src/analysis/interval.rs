//! Intervals for shares (Wilson 1927; recommended by Brown, Cai & DasGupta 2001).

/// The normal quantile at 0.975.
pub const Z95: f64 = 1.959_963_984_540_054;

/// A share with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Count over rounds.
    pub probability: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// Returns the share `count` of `rounds`, at least 1, with its Wilson interval at 95 %.
#[must_use]
pub fn wilson(count: u64, rounds: u64) -> Share {
    wilson_of(count as f64, rounds as f64)
}

/// Returns the most that a share may still be, at 95 %, of which none of so many rounds, at least 1, is.
#[must_use]
pub fn bound(rounds: u64) -> f64 {
    wilson(0, rounds).high
}

/// Like [`wilson`], for numbers that need not be integers, such as effective rounds; `n` is above 0.
#[must_use]
pub fn wilson_of(count: f64, n: f64) -> Share {
    let p = count / n;
    let z2 = Z95 * Z95;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the interval touches 0 or 1 exactly; rounding must not say otherwise.
    let low = if count <= 0.0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if count >= n {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    Share {
        probability: p,
        low,
        high,
    }
}

impl Share {
    /// Returns half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// Estimates after how many rounds the widest interval of some shares would have the half width
/// `half`, if the shares stayed as they are after `n` rounds.
#[must_use]
pub fn rounds_for(counts: &[u64], n: u64, half: f64) -> u64 {
    let widest = counts.iter().map(|c| wilson(*c, n).half_width());
    let ratio = widest.fold(0.0, f64::max) / half;
    // Widths shrink with the square root of rounds.
    (n as f64 * ratio * ratio).ceil() as u64
}

/// The difference of two shares of independent rounds, with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The first share less the second.
    pub estimate: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// Returns the first share less the second, of independent rounds, with the hybrid score interval
/// (Newcombe 1998, method 10) from the Wilson intervals of both.
#[must_use]
pub fn newcombe(a: Share, b: Share) -> Gap {
    let estimate = a.probability - b.probability;
    let length = |x: f64, y: f64| (x * x + y * y).sqrt();
    Gap {
        estimate,
        low: estimate - length(a.probability - a.low, b.high - b.probability),
        high: estimate + length(a.high - a.probability, b.probability - b.low),
    }
}
