//! Axes: from numbers to places, and round numbers for ticks.

/// A straight scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// From a range of numbers to a range of places. A range without width gets one.
    pub(super) fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let from = if from.1 > from.0 {
            from
        } else {
            (from.0, from.0 + 1.0)
        };
        Self { from, to }
    }

    /// The place of a number; outside the range it is that of the nearest end.
    pub(super) fn at(self, x: f64) -> f64 {
        let part = ((x - self.from.0) / (self.from.1 - self.from.0)).clamp(0.0, 1.0);
        self.to.0 + part * (self.to.1 - self.to.0)
    }

    /// Round numbers inside the range, about `number` of them.
    pub(super) fn ticks(self, number: usize) -> Vec<f64> {
        let (low, high) = self.from;
        let step = round_step((high - low) / number.max(1) as f64);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    }
}

/// 1, 2 or 5 times a power of ten, not below a number.
fn round_step(x: f64) -> f64 {
    let power = libm::exp10(libm::log10(x).floor());
    let digit = x / power;
    let round = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|d| digit <= d + 1e-9);
    round.unwrap_or(10.0) * power
}

/// The end of an axis that shows a number: a round number, not below it.
pub(super) fn round_up(x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let step = round_step(x / 4.0);
    (x / step - 1e-9).ceil() * step
}

/// Digits after the point that tell ticks apart.
pub(super) fn digits(ticks: &[f64]) -> usize {
    let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(1.0, f64::min);
    (0..6_u8)
        .find(|d| {
            let rest = (step * libm::exp10(f64::from(*d))).fract();
            rest.min(1.0 - rest) < 1e-6
        })
        .unwrap_or(6)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let ticks = Scale::new((0.0, 0.53), (0.0, 100.0)).ticks(4);
        assert_eq!(ticks.len(), 3);
        assert!((ticks[1] - 0.2).abs() < 1e-12);
        assert_eq!(digits(&ticks), 1);
        let ticks = Scale::new((0.0, 31.0), (0.0, 100.0)).ticks(6);
        assert_eq!(ticks, [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(digits(&ticks), 0);
        assert_eq!(digits(&[0.0, 0.25, 0.5]), 2);
    }

    #[test]
    fn axes_end_on_round_numbers() {
        assert!((round_up(0.528) - 0.6).abs() < 1e-12);
        assert!((round_up(0.0) - 1.0).abs() < 1e-12);
        assert!(round_up(0.003) >= 0.003);
        assert!((Scale::new((0.0, 0.0), (5.0, 9.0)).at(0.0) - 5.0).abs() < 1e-12);
    }
}
