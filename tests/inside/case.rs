//! The shipped case: signs that any defensible engine must show, on paired rounds, and what can
//! happen at all.
//!
//! Two scenarios played with one seed are the same histories but for the change, so differences
//! are judged round by round: a sign holds when the paired difference exceeds 4 standard errors
//! (false-alarm rate below 1e-4 each when the seed was first tried).

use std::sync::LazyLock;

use kzsim::ensemble::RoundRecord;
use kzsim::scenario::Scenario;

use crate::inside::played::{action, play_records};
use crate::inside::support::{load, repository};
use crate::inside::{flag, outcome};

/// Rounds of a changed scenario.
const N: u64 = 6_000;
/// Rounds of the base, and of a change whose effect shows in few rounds.
const MANY: u64 = 20_000;
/// Seed of the base scenario.
const SEED: u64 = 2022;

/// A scenario and its rounds; those of two are paired, as far as both go.
type Month = (Scenario, Vec<RoundRecord>);

static BASE: LazyLock<Month> = LazyLock::new(|| play("base", &[], MANY));
static ALL_GUNS: LazyLock<Month> =
    LazyLock::new(|| play("what_if/all_guns_with_patron", &[], MANY));
static LOW_LEGITIMACY: LazyLock<Month> = LazyLock::new(|| play("what_if/low_legitimacy", &[], N));

fn play(name: &str, settings: &[&str], rounds: u64) -> Month {
    let loaded = load(
        &repository(&format!("scenarios/kazakhstan/{name}.toml")),
        settings,
    );
    let (_, records) = play_records::<64>(&loaded, SEED, rounds, 0);
    (loaded.0, records)
}

fn records(name: &str) -> Month {
    play(name, &[], N)
}

/// Standard errors by which something is commoner in `b` than in `a`, round by round.
fn paired(a: &[RoundRecord], b: &[RoundRecord], holds: impl Fn(&RoundRecord) -> bool) -> f64 {
    let (mut gained, mut lost) = (0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        assert_eq!(x.round, y.round);
        match (holds(x), holds(y)) {
            (false, true) => gained += 1.0,
            (true, false) => lost += 1.0,
            _ => {}
        }
    }
    let total: f64 = gained + lost;
    if total == 0.0 {
        0.0
    } else {
        (gained - lost) / total.sqrt()
    }
}

/// Standard errors by which a count of flags is higher in `b` than in `a`, round by round.
fn paired_sum(a: &[RoundRecord], b: &[RoundRecord], value: impl Fn(&RoundRecord) -> f64) -> f64 {
    let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| value(y) - value(x)).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    if variance == 0.0 {
        0.0
    } else {
        mean / (variance / n).sqrt()
    }
}

/// Sites lost, as far as the flags count them.
fn sites(s: &Scenario) -> impl Fn(&RoundRecord) -> f64 + use<> {
    let flags = ["site_1", "site_3", "site_5"].map(|id| flag(s, id));
    move |r| flags.iter().map(|f| f64::from(u8::from(r.flags[*f]))).sum()
}

#[test]
fn without_the_price_shock_fewer_sites_fall_and_fewer_self_coups_are_tried() {
    let (s, base) = &*BASE;
    let (_, calm) = records("what_if/no_price_shock");
    let z = paired_sum(base, &calm, sites(s));
    assert!(z < -4.0, "sites: z = {z:.1}");
    let f = flag(s, "self_coup");
    let z = paired(base, &calm, |r| r.flags[f]);
    assert!(z < -4.0, "self-coups: z = {z:.1}");
}

#[test]
fn a_president_more_bound_to_his_patron_moves_less_and_later() {
    let (s, base) = &*BASE;
    let (_, bound) = records("what_if/bound_president");
    let seize = action(s, "seize_council");
    let z = paired(base, &bound, |r| r.first[seize].is_some());
    assert!(z < -4.0, "moves: z = {z:.1}");
    // In the very rounds in which he moves in both, he moves later.
    let both = |r: &RoundRecord, other: &RoundRecord| {
        r.first[seize].is_some() && other.first[seize].is_some()
    };
    let (a, b): (Vec<_>, Vec<_>) = base
        .iter()
        .zip(&bound)
        .filter(|(x, y)| both(x, y))
        .map(|(x, y)| (x.clone(), y.clone()))
        .unzip();
    let z = paired_sum(&a, &b, |r| f64::from(r.first[seize].unwrap_or(0.0)));
    assert!(z > 4.0, "days: z = {z:.1} in {} rounds", a.len());
}

/// Small in the base, where guards give way only by the usual loss of nerve; large where
/// commanders let groups go.
#[test]
fn a_knb_loyal_to_the_president_loses_fewer_sites() {
    let (s, base) = &*BASE;
    let (_, loyal) = records("what_if/knb_loyal_to_president");
    let z = paired_sum(base, &loyal, sites(s));
    assert!(z < -4.0, "sites: z = {z:.1}");
    let (s, coopted) = records("readings/coopted");
    let settings = [
        "parameters.knb_patron={ low = 0.05, mode = 0.15, high = 0.35 }",
        "parameters.knb_president={ low = 0.30, mode = 0.60, high = 0.90 }",
        "actors.knb_chief.stance=tokayev",
    ];
    let (_, loyal) = play("readings/coopted", &settings, N);
    let z = paired_sum(&coopted, &loyal, sites(&s));
    assert!(z < -10.0, "sites under that reading: z = {z:.1}");
}

/// Over all rounds his camp prevails less often, since guns on one side keep the tandem from breaking;
/// among the rounds in which it breaks in both histories it prevails more.
#[test]
fn with_all_guns_the_patrons_camp_prevails_more() {
    let (s, base) = &*BASE;
    let (_, armed) = &*ALL_GUNS;
    let patron = outcome(s, "patron_prevails");
    let tandem = outcome(s, "tandem_persists");
    let (a, b): (Vec<_>, Vec<_>) = base
        .iter()
        .zip(armed)
        .filter(|(x, y)| x.outcome != tandem && y.outcome != tandem)
        .map(|(x, y)| (x.clone(), y.clone()))
        .unzip();
    let z = paired(&a, &b, |r| r.outcome == patron);
    assert!(
        z > 4.9,
        "where the tandem breaks: z = {z:.1} in {} rounds",
        a.len()
    );
}

#[test]
fn very_low_legitimacy_brings_the_regime_down_from_below() {
    let (s, base) = &*BASE;
    let (_, low) = &*LOW_LEGITIMACY;
    let street = outcome(s, "street_wins");
    let z = paired(base, low, |r| r.outcome == street);
    assert!(z > 4.0, "z = {z:.1}");
}

/// The effect of the troops on outcomes is a finding, reported in docs/CASE.md; here only that
/// they stay away.
#[test]
fn without_troops_none_arrive() {
    let (s, none) = records("what_if/no_troops");
    let (_, refused) = records("what_if/troops_refused");
    let f = flag(&s, "intervention");
    assert!(none.iter().chain(&refused).all(|r| !r.flags[f]));
}

/// Every declared outcome happens in at least 0.5 % of the rounds of the base or of a shipped
/// what-if.
#[test]
fn every_declared_outcome_can_happen() {
    let outcomes = &BASE.0.outcomes;
    let no_bargain = records("what_if/no_bargain");
    let mut best = vec![0.0_f64; outcomes.len()];
    for (scenario, records) in [&*BASE, &*LOW_LEGITIMACY, &*ALL_GUNS, &no_bargain] {
        for (j, o) in outcomes.iter().enumerate() {
            assert_eq!(scenario.outcomes[j].id, o.id);
            let count = records.iter().filter(|r| r.outcome == j).count();
            best[j] = best[j].max(count as f64 / records.len() as f64);
        }
    }
    for (o, share) in outcomes.iter().zip(best) {
        assert!(share >= 0.005, "{}: at most {share}", o.id);
    }
}

/// Shares at other steps stay within the bounds that docs/MODEL.md 7.10 states. Most draws of a round do not depend on
/// the step, so rounds of two steps are compared as pairs: the room for chance is `Z` errors of a paired difference,
/// 1e-6 each; that of the commonest outcome is 0.011.
#[test]
fn the_step_is_a_numerical_matter() {
    const ROUNDS: u64 = 10_000;
    const Z: f64 = 4.9;
    let (s, six) = &*BASE;
    let n = ROUNDS as f64;
    for setting in ["clock.step=3h", "clock.step=12h"] {
        let (_, other) = play("base", &[setting], ROUNDS);
        let check = |id: &str, bound: f64, holds: &dyn Fn(&RoundRecord) -> bool| {
            let pairs = six.iter().zip(&other);
            let differ: Vec<bool> = pairs
                .filter(|(x, y)| holds(x) != holds(y))
                .map(|(_, y)| holds(y))
                .collect();
            let (all, gained) = (differ.len() as f64, differ.iter().filter(|y| **y).count());
            let found = (2.0 * gained as f64 - all) / n;
            let room = bound + Z * all.max(1.0).sqrt() / n;
            assert!(
                found.abs() < room,
                "{setting}, {id}: a difference of {found:.4}, room {room:.4}"
            );
        };
        for (j, o) in s.outcomes.iter().enumerate() {
            check(&o.id, 0.005, &|r| r.outcome == j);
        }
        for (i, f) in s.flags.iter().enumerate() {
            check(&f.id, 0.025, &|r| r.flags[i]);
        }
    }
}
