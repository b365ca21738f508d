//! How long it takes until something happens, where not every round shows it: survival by the product-limit
//! estimator (Kaplan & Meier 1958).
//!
//! Its variance is Greenwood's (1926). The interval is taken on the scale of `ln(−ln S)` (Kalbfleisch & Prentice 1980):
//! there it is closer to symmetric than on that of `S`, and never leaves [0, 1]. Where that scale has no ends, at `S = 1`
//! and `S = 0`, it is Wilson's of none, or of all, of those who were at risk.

use super::interval::{Z95, bound};

/// A moment at which something happened, or rounds were last seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Steps completed.
    pub step: usize,
    /// Rounds in which it had not happened before, and that were still seen.
    pub at_risk: u64,
    /// Rounds among them in which it happened now.
    pub events: u64,
    /// Rounds among them that are not seen any more: in them it had not happened by now.
    pub censored: u64,
    /// Estimated share of rounds in which it takes longer.
    pub survival: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// Returns the moments at which anything happened, in order, from counts of rounds by step: those in which it
/// happened first, and those that were last seen without. Of one step, what happened comes first.
#[must_use]
pub fn kaplan_meier(events: &[u64], censored: &[u64]) -> Vec<Moment> {
    let total = |counts: &[u64]| counts.iter().sum::<u64>();
    let mut at_risk = total(events) + total(censored);
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let mut out = Vec::new();
    for (step, (d, c)) in events.iter().zip(censored).enumerate() {
        if *d + *c == 0 {
            continue;
        }
        let left = at_risk - d;
        let (n, x) = (at_risk as f64, *d as f64);
        survival *= left as f64 / n;
        if left > 0 {
            greenwood += x / (n * left as f64);
        }
        let (low, high) = if greenwood <= 0.0 && left > 0 {
            (1.0 - bound(at_risk), 1.0)
        } else if left == 0 {
            (0.0, bound(at_risk))
        } else {
            let log = libm::log(survival);
            let wide = libm::exp(Z95 * greenwood.sqrt() / log.abs());
            (libm::pow(survival, wide), libm::pow(survival, 1.0 / wide))
        };
        out.push(Moment {
            step,
            at_risk,
            events: *d,
            censored: *c,
            survival,
            low,
            high,
        });
        at_risk = left - c;
    }
    out
}

/// Something that may happen in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An outcome, by its place.
    Outcome(usize),
    /// A flag, by its place.
    Flag(usize),
}

/// How long outcomes that do not `wait` for the horizon, and flags, take: from counts by step of rounds
/// in which an outcome was noted, in which a flag held first, and which ended without a flag. Of an outcome, rounds
/// with another one are last seen when they had that.
#[must_use]
pub fn of_all(
    waits: impl Fn(usize) -> bool,
    outcomes: &[Vec<u64>],
    first: &[Vec<u64>],
    without: &[Vec<u64>],
) -> Vec<(Target, Vec<Moment>)> {
    let mut out = Vec::new();
    for (j, events) in outcomes.iter().enumerate().filter(|(j, _)| !waits(*j)) {
        let mut censored = vec![0; events.len()];
        let others = outcomes.iter().enumerate().filter(|(i, _)| *i != j);
        for (_, counts) in others {
            for (sum, count) in censored.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        out.push((Target::Outcome(j), kaplan_meier(events, &censored)));
    }
    for (f, (first, without)) in first.iter().zip(without).enumerate() {
        out.push((Target::Flag(f), kaplan_meier(first, without)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 10, one happens at 1 and one at 3, one is last seen at 2, and seven at 4.
    #[test]
    fn it_is_the_product_of_what_is_left_at_each_step() {
        let found = kaplan_meier(&[0, 1, 0, 1, 0], &[0, 0, 1, 0, 7]);
        let at_risk: Vec<u64> = found.iter().map(|m| m.at_risk).collect();
        assert_eq!(at_risk, [10, 9, 8, 7]);
        let steps: Vec<usize> = found.iter().map(|m| m.step).collect();
        assert_eq!(steps, [1, 2, 3, 4]);
        for (moment, survival) in found.iter().zip([0.9, 0.9, 0.9 * 0.875, 0.9 * 0.875]) {
            assert!((moment.survival - survival).abs() < 1e-15);
        }
        // Greenwood: 1/(10·9) + 1/(8·7).
        let last: &Moment = &found[3];
        let error = (1.0 / 90.0 + 1.0 / 56.0_f64).sqrt() / 0.7875_f64.ln().abs();
        let low = 0.7875_f64.powf((Z95 * error).exp());
        let high = 0.7875_f64.powf((-Z95 * error).exp());
        assert!((last.low - low).abs() < 1e-12 && (last.high - high).abs() < 1e-12);
    }

    /// lifelines 0.30.3, `KaplanMeierFitter`: at 1, 3, 4, 6 and 9.
    #[test]
    fn it_agrees_with_lifelines() {
        let events = [0, 3, 0, 5, 1, 0, 2, 0, 0, 7];
        let censored = [0, 0, 2, 1, 0, 4, 0, 0, 3, 12];
        let found = kaplan_meier(&events, &censored);
        let known = [
            [0.925, 0.785_217_563_957_451_6, 0.975_176_243_599_929_5],
            [
                0.792_857_142_857_143,
                0.627_863_487_652_711_7,
                0.890_693_525_933_481,
            ],
            [
                0.765_517_241_379_310_3,
                0.597_268_778_635_860_8,
                0.870_635_399_208_727,
            ],
            [
                0.701_724_137_931_034_5,
                0.524_008_530_011_773_6,
                0.823_535_267_365_615_8,
            ],
            [
                0.443_194_192_377_495_6,
                0.262_609_984_822_823_2,
                0.609_421_682_857_457_6,
            ],
        ];
        let happened = found.iter().filter(|m| m.events > 0);
        for (moment, [survival, low, high]) in happened.zip(known) {
            assert!((moment.survival - survival).abs() < 1e-12, "{moment:?}");
            assert!((moment.low - low).abs() < 1e-12, "{moment:?}");
            assert!((moment.high - high).abs() < 1e-12, "{moment:?}");
        }
        assert_eq!(found.len(), 8);
    }

    /// Without censoring it is the share of rounds, and at its ends the interval is that of shares.
    #[test]
    fn its_ends_are_those_of_shares() {
        let none = kaplan_meier(&[0, 0, 0], &[0, 0, 50]);
        assert_eq!((none[0].survival, none[0].high), (1.0, 1.0));
        assert!((none[0].low - (1.0 - bound(50))).abs() < 1e-15);
        let all = kaplan_meier(&[0, 20, 30], &[0, 0, 0]);
        assert!((all[0].survival - 0.6).abs() < 1e-15);
        assert_eq!((all[1].survival, all[1].low), (0.0, 0.0));
        assert!((all[1].high - bound(30)).abs() < 1e-15);
        assert!(kaplan_meier(&[0, 0], &[0, 0]).is_empty());
    }
}
