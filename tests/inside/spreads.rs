//! How shares are spread across sets of guesses: laws that are known must be found again.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{Beta, ContinuousCDF};

use crate::inside::support::{load, repository};
use kzsim::analysis::spread::Counts;
use kzsim::ensemble::{Detail, Player, Rounds, SetRounds, Workers};

/// Rounds of a run, and the sets and rounds of each that are played beside it.
const RUN: (u64, u64, u64) = (20_000, 100, 7);
/// Trials of a law.
const TRIALS: u64 = 100;
/// Intervals that must hold the truth, of so many trials: if nine in ten do, fewer do once in a thousand times.
const HOLD: u64 = 80;

/// Shares at which a law has its quantiles: equally likely, ascending.
struct Law(Vec<f64>);

impl Law {
    fn beta(a: f64, b: f64) -> Self {
        let law = Beta::new(a, b).expect("a law");
        Self(
            (0..400)
                .map(|i| law.inverse_cdf((f64::from(i) + 0.5) / 400.0))
                .collect(),
        )
    }

    fn mixed(self, other: Self) -> Self {
        let mut all = self.0;
        all.extend(other.0);
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().map(|x| of(*x)).sum::<f64>() / self.0.len() as f64
    }

    fn quantile(&self, part: f64) -> f64 {
        self.0[(part * self.0.len() as f64) as usize]
    }

    /// What rounds would count.
    fn counts(&self, g: &mut ChaCha8Rng) -> Counts {
        let mut uniform = || (f64::from(g.next_u32()) + 0.5) / 4_294_967_296.0;
        let (rounds, sets, each) = RUN;
        let mut by_hits = vec![0; each as usize + 1];
        for _ in 0..sets {
            let share = self.quantile(uniform());
            by_hits[(0..each).filter(|_| uniform() < share).count()] += 1;
        }
        let (mean, square) = (self.mean(|x| x), self.mean(|x| x * x));
        let mut pairs = [0; 3];
        for _ in 0..rounds / 16 {
            let u = uniform();
            pairs[usize::from(u >= square) + usize::from(u >= 2.0 * mean - square)] += 1;
        }
        let others = rounds - rounds / 16;
        let yes = (0..others).filter(|_| uniform() < mean).count() as u64;
        Counts {
            sets: by_hits,
            pairs,
            rest: [yes, others - yes],
        }
    }
}

fn laws() -> Vec<(&'static str, Law)> {
    vec![
        ("high and wide", Law::beta(2.27, 0.73)),
        (
            "two humps",
            Law::beta(10.0, 40.0).mixed(Law::beta(40.0, 10.0)),
        ),
        (
            "often never",
            Law(vec![0.001; 400]).mixed(Law::beta(2.0, 3.0)),
        ),
        ("decided by guesses", Law::beta(0.3, 0.3)),
        ("narrow", Law::beta(200.0, 200.0)),
        ("rare", Law::beta(0.05, 100.0)),
    ]
}

/// Not of one share for all sets: what is told is then a little too wide, by a few points (see the next test), and
/// intervals that leave the one share out are a matter of these points.
#[test]
fn intervals_of_quantiles_hold_those_of_known_laws() {
    for (name, law) in laws() {
        let mut g = ChaCha8Rng::seed_from_u64(16);
        let mut held = [0; 2];
        for _ in 0..TRIALS {
            let counts = law.counts(&mut g);
            let spread = counts.spread();
            for (held, part) in held.iter_mut().zip([0.05, 0.95]) {
                let found = spread.quantile(part);
                assert!(
                    found.low <= found.share && found.share <= found.high,
                    "{found:?}"
                );
                *held += u64::from((found.low..=found.high).contains(&law.quantile(part)));
            }
        }
        assert!(
            held.iter().all(|n| *n >= HOLD),
            "{name}: {held:?} of {TRIALS}"
        );
    }
}

/// The noise of seven rounds to a set alone would say that a share of 30 % lies between 0 and 57 %.
#[test]
fn ranges_are_those_of_the_law_and_not_of_the_counts() {
    let ends = |law: &Law| {
        let mut g = ChaCha8Rng::seed_from_u64(4);
        let (mut low, mut high) = (0.0, 0.0);
        for _ in 0..20 {
            let counts = law.counts(&mut g);
            let spread = counts.spread();
            low += spread.quantile(0.05).as_low() / 20.0;
            high += spread.quantile(0.95).as_high() / 20.0;
        }
        (low, high)
    };
    let (low, high) = ends(&Law(vec![0.3]));
    assert!(low > 0.2 && high < 0.4, "{low} to {high}");
    let (low, high) = ends(&Law::beta(20.0, 20.0));
    assert!(
        (low - 0.37).abs() < 0.06 && (high - 0.63).abs() < 0.06,
        "{low} to {high}"
    );
    // What is hardly ever seen is not said to be spread, and not said to be impossible either.
    let (low, high) = ends(&Law::beta(0.05, 100.0));
    assert!(
        low == 0.0 && (0.0025..0.1).contains(&high),
        "{low} to {high}"
    );
}

#[test]
fn a_constant_share_is_not_told_from_one_and_a_wide_one_is() {
    let mut g = ChaCha8Rng::seed_from_u64(9);
    let told = |law: &Law, g: &mut ChaCha8Rng| {
        (0..TRIALS)
            .filter(|_| !law.counts(g).spread().may_be_constant())
            .count()
    };
    // At the end of its range a likelihood ratio is above its quantile half as often: one time in forty.
    assert!(told(&Law(vec![0.3]), &mut g) <= 9);
    assert!(told(&Law::beta(2.27, 0.73), &mut g) == TRIALS as usize);
}

/// Rounds of a set have the same priors and different chance, on any number of lanes and threads.
#[test]
fn rounds_of_a_set_share_their_guesses() {
    let (_, plan) = load(&repository("scenarios/base.toml"), &[]);
    let sets = Rounds::Sets(SetRounds { sets: 9, each: 5 });
    let player = |threads| Player {
        seed: 5,
        workers: Workers {
            threads,
            ..Workers::default()
        },
        ..Player::default()
    };
    let records = player(1)
        .records::<64>(&plan, &sets, Detail::Full)
        .expect("records");
    assert_eq!(
        records,
        player(3)
            .records::<1>(&plan, &sets, Detail::Full)
            .expect("records")
    );
    assert_eq!(records.len(), 45);
    for (label, record) in records.iter().enumerate() {
        assert_eq!(record.round, label as u64);
        for (other, one) in records.iter().enumerate().skip(label + 1) {
            assert_eq!(
                record.priors == one.priors,
                label / 5 == other / 5,
                "{label} and {other}"
            );
        }
    }
    // Nine sets in which nothing depends on chance would be no accident.
    assert!(
        records
            .chunks(5)
            .any(|set| set.iter().any(|r| r.first != set[0].first))
    );
}
