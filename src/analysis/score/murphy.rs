//! The Brier score decomposed in bins of equal width (Murphy 1973).

/// brier = reliability − resolution + uncertainty + `within_bins`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binned {
    /// How far the mean forecasts of bins are from what happened in them.
    pub reliability: f64,
    /// How far what happened in bins is from the base rate.
    pub resolution: f64,
    /// The Brier score of the base rate.
    pub uncertainty: f64,
    /// What the forecasts inside a bin differ by: the rest.
    pub within_bins: f64,
}

/// Decomposes forecasts (p, y, weight) in so many bins of equal width, at least 1.
#[must_use]
pub fn binned(forecasts: &[(f64, f64, f64)], bins: usize) -> Binned {
    let mut sums = vec![(0.0, 0.0, 0.0); bins];
    for (p, y, w) in forecasts {
        let bin = ((p * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += w;
        sums[bin].1 += w * p;
        sums[bin].2 += w * y;
    }
    let all: f64 = sums.iter().map(|s| s.0).sum();
    let rate = sums.iter().map(|s| s.2).sum::<f64>() / all;
    let (mut reliability, mut resolution) = (0.0, 0.0);
    for (w, p, y) in sums.iter().filter(|s| s.0 > 0.0) {
        reliability += (p - y) * (p - y) / w;
        resolution += w * (y / w - rate) * (y / w - rate);
    }
    let (reliability, resolution) = (reliability / all, resolution / all);
    let uncertainty = rate * (1.0 - rate);
    let brier = super::mean(forecasts.iter().map(|(p, y, w)| ((p - y) * (p - y), *w)));
    Binned {
        reliability,
        resolution,
        uncertainty,
        within_bins: brier - (reliability - resolution + uncertainty),
    }
}
