//! Paired comparisons inside the engine: what they count, and how surely.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use kzsim::engine::{Batch, Observer, draws};
use kzsim::ensemble::comparison::{CHUNK, Comparison, Divergence, Paired};
use kzsim::ensemble::history::Catalog;
use kzsim::ensemble::{PlayError, Player, Progress, Watch};
use kzsim::plan::Plan;
use kzsim::scenario::Scenario;
use kzsim::table::cell::Cell as _;
use kzsim::table::comparison::{Compared, DifferenceRow, DivergenceRow};
use statrs::distribution::{Binomial, Discrete};

use super::played::{parse, player};
use super::support::{GOOD, load, write};

/// Standard errors beyond which a count is wrong; see above.
const Z: f64 = 4.9;

type Side = (Scenario, Plan);

/// Plays two scenarios with `W` lanes.
fn play<const W: usize>(
    sides: &[Side],
    seed: u64,
    rounds: u64,
    threads: usize,
    chunk: u64,
) -> (Catalog, Vec<Comparison>) {
    let played = player(seed, threads).compare::<W>(sides, rounds, chunk);
    played.expect("rounds that nothing interrupts")
}

/// What two scenarios gave, with all that is needed to read it.
struct Played {
    sides: Vec<Side>,
    catalog: Catalog,
    comparisons: Vec<Comparison>,
}

impl Played {
    fn new(sides: Vec<Side>, seed: u64, rounds: u64) -> Self {
        let (catalog, comparisons) = play::<64>(&sides, seed, rounds, 2, CHUNK);
        Self {
            sides,
            catalog,
            comparisons,
        }
    }

    fn compared(&self) -> Compared<'_> {
        Compared {
            a: &self.sides[0].0,
            b: &self.sides[1].0,
            catalog: &self.catalog,
            comparison: &self.comparisons[0],
        }
    }

    fn difference(&self, id: &str) -> DifferenceRow {
        let rows = self.compared().differences();
        rows.into_iter().find(|r| r.id == id).expect("a row")
    }
}

/// What parts histories: kind, id, count and days.
fn partings(rows: &[DivergenceRow]) -> Vec<(&str, &str, u64, [Option<f64>; 3])> {
    let days = |r: &DivergenceRow| [r.day_p05, r.day_p50, r.day_p95];
    rows.iter()
        .map(|r| (r.kind.as_str(), r.id.as_str(), r.count, days(r)))
        .collect()
}

/// [`GOOD`], and [`GOOD`] with a setting.
fn good_and(setting: &str) -> Vec<Side> {
    let w = write(GOOD);
    vec![load(&w.path, &[]), load(&w.path, &[setting])]
}

/// Something that moves much: who wins, when, and by what.
const CHANGE: &str = "actors.army.loyalty.new=0.75";

#[test]
fn a_scenario_beside_itself_differs_in_nothing() {
    let played = Played::new(vec![parse(GOOD), parse(GOOD)], 7, 2_000);
    let compared = played.compared();
    let mut total = 0;
    for row in compared.transitions() {
        assert!(row.count == 0 || row.outcome_a == row.outcome_b, "{row:?}");
        total += row.count;
    }
    assert_eq!(total, 2_000);
    for row in compared.differences() {
        assert_eq!((row.only_a, row.only_b), (0, 0), "{row:?}");
        assert_eq!(row.difference.text(), "0.0", "{row:?}");
        assert!(row.ci_low < 0.0 && row.ci_high > 0.0 && !row.distinguishable);
    }
    let rows = compared.divergences();
    assert_eq!(partings(&rows), [("never", "", 2_000, [None; 3])]);
}

#[test]
fn the_other_way_round_everything_is_mirrored() {
    let [there, back] = [false, true].map(|turned| {
        let mut sides = good_and(CHANGE);
        if turned {
            sides.reverse();
        }
        Played::new(sides, 3, 3_000)
    });
    let pairs = |p: &Played, turned: bool| -> BTreeMap<[String; 2], u64> {
        let rows = p.compared().transitions().into_iter();
        rows.map(|r| {
            let mut pair = [r.outcome_a, r.outcome_b];
            if turned {
                pair.reverse();
            }
            (pair, r.count)
        })
        .collect()
    };
    let transitions = pairs(&there, false);
    assert_eq!(transitions, pairs(&back, true));
    let off = transitions.iter().filter(|([a, b], n)| a != b && **n > 0);
    assert!(off.count() >= 2, "outcomes flip: {transitions:?}");
    let (x, y) = (
        there.compared().differences(),
        back.compared().differences(),
    );
    for (x, y) in x.iter().zip(&y) {
        assert_eq!((x.only_a, x.only_b), (y.only_b, y.only_a));
        assert_eq!(x.probability_a, y.probability_b);
        assert_eq!(x.difference, -y.difference);
        assert_eq!((x.ci_low, x.ci_high), (-y.ci_high, -y.ci_low));
        assert_eq!(x.distinguishable, y.distinguishable);
    }
    // The outcome under B is another one, and everything else is the same.
    let (x, y) = (
        there.compared().divergences(),
        back.compared().divergences(),
    );
    let events = |rows: &[DivergenceRow]| -> Vec<_> {
        let rows = partings(rows).into_iter();
        let rows = rows.filter(|r| r.0 != "outcome");
        rows.map(|r| (r.0.to_owned(), r.1.to_owned(), r.2, r.3))
            .collect()
    };
    assert_eq!(events(&x), events(&y));
    assert!(events(&x).len() >= 3, "{x:?}");
    let ends = |p: &Played| -> BTreeMap<u32, u64> {
        let mut days = BTreeMap::new();
        for (divergence, by_step) in &p.comparisons[0].divergences {
            if let Divergence::Outcome(_) = divergence {
                for (step, n) in by_step {
                    *days.entry(*step).or_default() += n;
                }
            }
        }
        days
    };
    assert_eq!(ends(&there), ends(&back));
}

/// One gamble on the first day decides the outcome.
const GAMBLE: &str = "schema = 1\n[contenders]\none = {}\ntwo = {}\n[clock]\nstart = 2022-01-01\n\
    days = 2\nstep = '1d'\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\n\
    power.all = 1.0\n[actions.gamble]\nchance = 0.3\n[outcomes.won]\nwhen = 'happened.gamble'\n\
    [outcomes.lost]\notherwise = true\n[flags.lucky]\nwhen = 'happened.gamble'\n";

/// The same draw decides under both, so exactly the rounds with 0.3 ≤ u < 0.5 flip.
#[test]
fn a_raised_chance_flips_the_rounds_between() {
    let w = write(GAMBLE);
    let sides = vec![
        load(&w.path, &[]),
        load(&w.path, &["actions.gamble.chance=0.5"]),
    ];
    let (seed, n) = (11, 40_000);
    let played = Played::new(sides, seed, n);
    let (mut won, mut flipped) = (0, Vec::new());
    for round in 0..n {
        let u = draws::uniform(seed, "act/gamble", round, 0);
        won += u64::from(u < 0.3);
        if (0.3..0.5).contains(&u) {
            flipped.push(round);
        }
    }
    let flips = flipped.len() as u64;
    for (count, p) in [(won, 0.3), (flips, 0.2)] {
        let expected = p * n as f64;
        let z = (count as f64 - expected) / (expected * (1.0 - p)).sqrt();
        assert!(z.abs() < Z, "{count} of {n}: z = {z:.2}, limit {Z}");
    }
    let rows = played.compared().transitions();
    let found: Vec<_> = rows
        .iter()
        .map(|r| (r.outcome_a.as_str(), r.outcome_b.as_str(), r.count))
        .collect();
    let expected = [
        ("won", "won", won),
        ("won", "lost", 0),
        ("lost", "won", flips),
        ("lost", "lost", n - won - flips),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        played.comparisons[0].transitions[1][0].lowest,
        flipped[..3],
        "the lowest round numbers"
    );
    for id in ["won", "lucky"] {
        let row = played.difference(id);
        assert_eq!((row.both, row.only_a, row.only_b), (won, 0, flips), "{id}");
        assert_eq!(row.difference, flips as f64 / n as f64);
        assert!(row.distinguishable && row.ci_low > 0.0, "{row:?}");
        // That it holds the true 0.2 is to be expected of 95 seeds in 100 alone; see below.
        assert!(row.ci_low < row.difference && row.difference < row.ci_high);
    }
    let rows = played.compared().divergences();
    let expected = [
        ("never", "", n - flips, [None; 3]),
        ("action", "gamble", flips, [Some(0.0); 3]),
    ];
    assert_eq!(partings(&rows), expected);
}

/// The chance that the interval holds the true difference, over every pair of counts that can
/// come: nothing is left to luck.
fn coverage(p12: f64, p21: f64, n: u64) -> f64 {
    let law = |p: f64, n: u64| Binomial::new(p, n).expect("a share");
    let mut sum = 0.0;
    for only_a in 0..=n {
        let here = law(p12, n).pmf(only_a);
        let rest = law(p21 / (1.0 - p12), n - only_a);
        for only_b in 0..=n - only_a {
            let both = n - only_a - only_b;
            let d = Paired {
                rounds: n,
                both,
                only_a,
                only_b,
            }
            .difference();
            if d.low <= p21 - p12 && p21 - p12 <= d.high {
                sum += here * rest.pmf(only_b);
            }
        }
    }
    sum
}

/// The same through rounds that are played: A counts one gamble, B another one. Of 1,000 seeds
/// as many must cover as the exact coverage says, within 4.9 standard errors.
#[test]
fn played_differences_are_covered_at_the_same_rate() {
    let text = GAMBLE.replace(
        "'happened.gamble'",
        "'(b == 0 and happened.gamble) or (b == 1 and happened.other)'",
    );
    let text = format!("{text}[parameters]\nb = 0\n[actions.other]\nchance = 0.35\n");
    let w = write(&text);
    let sides = vec![load(&w.path, &[]), load(&w.path, &["parameters.b=1"])];
    let (n, seeds) = (400, 1_000);
    let (p12, p21) = (0.3 * 0.65, 0.7 * 0.35);
    let mut covered = 0;
    for seed in 0..seeds {
        let (_, comparisons) = play::<64>(&sides, seed, n, 1, CHUNK);
        let counts = comparisons[0].outcome(0);
        assert_eq!(comparisons[0].flags[0], counts, "the flag is the outcome");
        let d = counts.difference();
        covered += u32::from(d.low <= p21 - p12 && p21 - p12 <= d.high);
    }
    let expected = coverage(p12, p21, n);
    let sd = (expected * (1.0 - expected) / seeds as f64).sqrt();
    let z = (f64::from(covered) / seeds as f64 - expected) / sd;
    assert!(
        z.abs() < Z,
        "{covered} of {seeds}, expected {expected:.4}, z = {z:.2}"
    );
}

#[test]
fn threads_chunks_and_lanes_change_nothing() {
    let sides = good_and(CHANGE);
    let expected = play::<64>(&sides, 5, 1_500, 1, CHUNK);
    assert_eq!(expected, play::<64>(&sides, 5, 1_500, 3, CHUNK));
    assert_eq!(expected, play::<64>(&sides, 5, 1_500, 2, 1_000));
    assert_eq!(expected, play::<64>(&sides, 5, 1_500, 1, 77));
    assert_eq!(expected, play::<1>(&sides, 5, 1_500, 2, CHUNK));
    assert_eq!(expected, play::<64>(&sides, 5, 1_500, 2, 333));
}

/// Step, stage and what was seen.
type Seen = (u32, u8, String);

struct Shown(Cell<u64>);

impl Progress for Shown {
    fn advance(&self, rounds: u64) {
        self.0.set(self.0.get() + rounds);
    }
}

#[test]
fn progress_adds_up_to_all_rounds_and_a_stop_is_heeded() {
    let sides = vec![parse(GOOD), parse(GOOD), parse(GOOD)];
    let shown = Shown(Cell::new(0));
    let stop = AtomicBool::new(false);
    let watched = |watch| Player {
        watch,
        ..player(1, 2)
    };
    watched(Watch::new(&stop, &shown))
        .compare::<64>(&sides, 900, 400)
        .expect("all rounds");
    assert_eq!(shown.0.get(), 2_700);
    let stop = AtomicBool::new(true);
    let stopped = watched(Watch::new(&stop, &())).compare::<64>(&sides, 900, 400);
    assert!(matches!(stopped, Err(PlayError::Interrupted)));
}

/// What can be seen of one round, in words: the plain way, one lane at a time.
struct Witness<'s> {
    s: &'s Scenario,
    seen: Vec<Seen>,
    sides: Vec<String>,
    stage: u8,
    /// Steps played.
    played: u32,
    /// The step at which its outcome was noted, and which.
    end: (u32, usize),
}

impl Witness<'_> {
    fn side(&self, batch: &Batch<'_, 1>, a: usize) -> String {
        let l = batch.layout();
        let share = |o: usize| batch.get(l.stance(a, o)).0[0];
        let top = (0..=l.contenders).map(share).fold(0.0, f32::max);
        let first = (0..=l.contenders).find(|o| share(*o) == top);
        let first = first.expect("a side");
        let contender = self.s.contenders.get(first);
        contender.map_or("aside", |c| c.id.as_str()).to_owned()
    }
}

impl Observer<1> for Witness<'_> {
    fn chose(&mut self, batch: &Batch<'_, 1>) {
        for a in 0..self.s.actors.len() {
            let side = self.side(batch, a);
            if side != self.sides[a] {
                let id = &self.s.actors[a].id;
                self.seen.push((batch.t, 1, format!("actor {id} {side}")));
                self.sides[a] = side;
            }
        }
        self.stage = 2;
    }

    fn took_effect(&mut self, batch: &Batch<'_, 1>, i: usize, _lane: usize, good: bool) {
        let id = &self.s.actions[i].id;
        self.seen
            .push((batch.t, self.stage, format!("action {id} {good}")));
    }

    fn settled(&mut self, _batch: &Batch<'_, 1>, _decided: &[Option<usize>; 1]) {
        self.stage = 0;
    }

    fn ended(&mut self, batch: &Batch<'_, 1>, _lane: usize, outcome: usize) {
        let noted = batch.noted[0].expect("an ended round has its outcome");
        self.played = batch.t + 1;
        self.end = (noted.step, outcome);
    }
}

fn witness((s, plan): &Side, seed: u64, round: u64) -> Witness<'_> {
    let mut witness = Witness {
        s,
        seen: Vec::new(),
        sides: Vec::new(),
        stage: 0,
        played: 0,
        end: (0, 0),
    };
    let mut batch = Batch::<1>::new(plan, seed);
    batch.initialise(round, 1);
    witness.sides = (0..s.actors.len())
        .map(|a| witness.side(&batch, a))
        .collect();
    batch.play(&mut witness);
    witness
}

/// A plain second account of where rounds part, from rounds played alone. It asks of each step and
/// stage what one saw more often than the other.
#[test]
fn rounds_played_alone_part_where_the_comparison_says() {
    let (seed, rounds) = (9, 400);
    for setting in [
        CHANGE,
        "actions.shock.at=2022-01-03",
        "parameters.nerve=0.8",
    ] {
        let played = Played::new(good_and(setting), seed, rounds);
        let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
        for round in 0..rounds {
            let [a, b] = [0, 1].map(|side| witness(&played.sides[side], seed, round));
            let end = a.played.min(b.played);
            let count = |w: &Witness<'_>, what: &Seen| w.seen.iter().filter(|s| *s == what).count();
            // No two things of one stage part these rounds at once, so the order in it is no matter.
            let all = a.seen.iter().chain(&b.seen).filter(|what| what.0 < end);
            let first = all.filter(|what| count(&a, what) != count(&b, what)).min();
            let key = match first {
                Some(event) => {
                    let mut words = event.2.split(' ').map(str::to_owned);
                    (words.next().expect("a kind"), words.next().expect("an id"))
                }
                None if a.end == b.end => ("never".to_owned(), String::new()),
                None => ("outcome".to_owned(), b.s.outcomes[b.end.1].id.clone()),
            };
            *expected.entry(key).or_default() += 1;
        }
        expected
            .entry(("never".to_owned(), String::new()))
            .or_default();
        let rows = played.compared().divergences();
        let found: BTreeMap<(String, String), u64> = rows
            .iter()
            .map(|r| ((r.kind.clone(), r.id.clone()), r.count))
            .collect();
        assert_eq!(found, expected, "{setting}");
        assert!(found.len() >= 2, "{setting}: {found:?}");
        assert!(rows.is_sorted_by_key(|r| std::cmp::Reverse(r.count)));
    }
}

/// Two contenders, one action with a date.
fn dated(more: &str) -> String {
    format!(
        "schema = 1\n[contenders]\none = {{}}\ntwo = {{}}\n[clock]\nstart = 2022-01-01\n\
         days = 10\nstep = '6h'\n[arenas]\nall = 1.0\n[actors.one]\npower.all = 1.0\n[actors.two]\n\
         power.all = 1.0\n[variables]\nout = 0.0\n[actions.speech]\nat = 2022-01-03\n\
         effects = ['out = 1']\n[outcomes.end]\notherwise = true\n{more}"
    )
}

#[test]
fn a_moved_date_parts_histories_on_the_earlier_of_the_two() {
    let w = write(&dated(""));
    for setting in ["2022-01-05", "2022-01-09T12:00:00"] {
        let later = load(&w.path, &[&format!("actions.speech.at={setting}")]);
        let played = Played::new(vec![load(&w.path, &[]), later], 1, 100);
        let rows = played.compared().divergences();
        let expected = [
            ("action", "speech", 100, [Some(2.0); 3]),
            ("never", "", 0, [None; 3]),
        ];
        assert_eq!(partings(&rows), expected);
    }
}

/// Success of an action, an end that comes sooner, and what only one scenario declares.
#[test]
fn success_ends_and_new_actions_part_histories() {
    let plain = dated("");
    let late = "[actions.late]\nat = 2022-01-06\n";
    let soon = "[outcomes.soon]\nwhen = 'out'\nhold = '1d'\n";
    let cases = [
        // The same action, but it fails.
        (
            plain.clone(),
            plain.replace("at = 2022-01-03", "at = 2022-01-03\nsuccess = 0.0"),
            ("action", "speech", 2.0),
        ),
        // One ends; what the other does afterwards is no parting.
        (
            dated(late),
            dated(&format!("{late}{soon}")),
            ("outcome", "soon", 3.25),
        ),
        // An action that only B has, before those they share.
        (
            plain.clone(),
            dated("[actions.early]\nat = 2022-01-01T18:00:00"),
            ("action", "early", 0.75),
        ),
        // An action that only A has.
        (
            dated("[actions.early]\nat = 2022-01-02"),
            plain.clone(),
            ("action", "early", 1.0),
        ),
        // The same end under another name.
        (
            plain,
            dated("[outcomes.last]\nwhen = '1'\nat_end = true"),
            ("outcome", "last", 10.0),
        ),
    ];
    for (a, b, (kind, id, day)) in cases {
        let played = Played::new(vec![parse(&a), parse(&b)], 1, 50);
        let rows = played.compared().divergences();
        assert_eq!(partings(&rows)[0], (kind, id, 50, [Some(day); 3]), "{b}");
        assert_eq!(rows.len(), 2, "{b}");
    }
}

/// A body of fixed loyalty turns once its shares have moved far enough; B lets it turn faster.
/// With `reconsider = r` the share that has turned after `k` steps is `1 − exp(−r·k/4)`, and
/// without noise its target is all but whole.
#[test]
fn an_actor_who_turns_sooner_parts_histories() {
    let guard = "[actors.guard]\nkind = 'body'\nloyalty.one = 0.0\nloyalty.two = 1.0\n\
                 opportunism = 0\ncaution = -9\nstance = 'one'\n\
                 [dynamics]\nrupture = 'day > 0'\nreconsider = 0.4\nsharpness = 100\ndrift = 0\n";
    let w = write(&dated(guard));
    let faster = load(&w.path, &["dynamics.reconsider=0.7"]);
    let played = Played::new(vec![load(&w.path, &[]), faster], 1, 100);
    // Custom holds it through the first step. 1 − exp(−0.7·k/4) exceeds one half at k = 4 (0.503), hence in the
    // step of day 1; under A only at k = 7 (0.503).
    let rows = played.compared().divergences();
    let expected = [
        ("actor", "guard", 100, [Some(1.0); 3]),
        ("never", "", 0, [None; 3]),
    ];
    assert_eq!(partings(&rows), expected);
    // Another stance at the start is the change itself; the same turn does not part them.
    let already = load(&w.path, &["actors.guard.stance=two"]);
    let played = Played::new(vec![load(&w.path, &[]), already], 1, 100);
    let rows = played.compared().divergences();
    assert_eq!(partings(&rows)[0], ("actor", "guard", 100, [Some(1.75); 3]));
}

#[test]
fn what_one_scenario_alone_declares_never_comes_with_the_other() {
    let more = "[outcomes.won_again]\nwhen = 'happened.gamble'\nhold = '1d'\n\
                [flags.sure]\nwhen = '1'\n";
    let other = GAMBLE.replace("[outcomes.won]\nwhen = 'happened.gamble'\n", "");
    let played = Played::new(
        vec![parse(GAMBLE), parse(&format!("{other}{more}"))],
        2,
        500,
    );
    let rows = played.compared().differences();
    let ids: Vec<_> = rows
        .iter()
        .map(|r| (r.kind.as_str(), r.id.as_str()))
        .collect();
    let expected = [
        ("outcome", "won"),
        ("outcome", "lost"),
        ("outcome", "won_again"),
        ("flag", "lucky"),
        ("flag", "sure"),
    ];
    assert_eq!(ids, expected);
    let won = played.difference("won");
    assert!(won.only_a > 0 && won.both + won.only_b == 0);
    assert_eq!(played.difference("won_again").only_b, won.only_a);
    let sure = played.difference("sure");
    assert_eq!((sure.both, sure.only_a, sure.only_b), (0, 0, 500));
    assert_eq!((sure.ci_high, sure.distinguishable), (1.0, true));
    assert_eq!(played.compared().transitions().len(), 2 * 2);
}

/// Coverage jumps about its nominal rate, as that of every interval for counts does. With few
/// rounds that differ it is too wide, never too narrow.
#[test]
fn the_paired_interval_holds_the_truth_at_its_rate() {
    for (n, p12, p21, least, most) in [
        (50, 0.1, 0.1, 0.94, 0.97),
        (50, 0.02, 0.3, 0.94, 0.97),
        (200, 0.05, 0.1, 0.94, 0.96),
        (200, 0.2, 0.25, 0.945, 0.955),
        (200, 0.001, 0.001, 0.99, 1.0),
        (200, 0.005, 0.02, 0.94, 0.98),
        (400, 0.3, 0.3, 0.948, 0.952),
    ] {
        let c = coverage(p12, p21, n);
        assert!((least..=most).contains(&c), "{n}, {p12}, {p21}: {c:.4}");
    }
}
