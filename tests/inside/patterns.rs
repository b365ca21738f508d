//! The patterns of `docs/MODEL.md` section 1: which test holds each, and those that no other file has.
//!
//! | pattern | literature | held by |
//! | --- | --- | --- |
//! | 1 quiet stays quiet | | `quiet` |
//! | 2 a trigger matters | Casper & Tyson 2014 | here; on the case `case` |
//! | 3 ties bind | Herz 1952; Meng 2021 | here; on the case `case` |
//! | 4 a loyal service protects | De Bruin 2018 | here; on the case `case` |
//! | 5 guns decide splits | KTAB: Wise, Lester & Efird 2015 | here; on the case `case` |
//! | 6 legitimacy matters | Granovetter 1978; Kuran 1991 | here; on the case `case` |
//! | 7 the step is a numerical matter | | here, with a race; on the case `case` |
//! | 8 looking again moves nobody | McFadden 1974 | `attempts` |
//! | 9 calm is calm | Powell & Thyne 2011 | here on the case; the past in small `attempts` |
//! | 10 expectations decide | Singh 2014 | here on the case; `rallies` |
//! | 11 opportunism makes them decide more | Geddes 1999; Singh 2014 | here on the case; `rallies` |
//! | 12 unrest that blames the incumbent | Casper & Tyson 2014 | here on the case; `rallies` |
//! | 13 rank matters | Singh 2014 | here on the case; `rallies` |
//! | 14 counterbalancing | De Bruin 2018 | here |
//! | 15 attempts leave facts | Archigos: Goemans et al. 2009 | `attempts`; repeats here |
//! | 16 places differ | Johnson & Thyne 2018 | here, small and on the case |
//! | 17 concessions | Rasler 1996; Lichbach 1987 | here, small and on the case |
//! | 18 what is decided lapses | | `attempts` |
//! | 19 a promise counts before | Bueno de Mesquita et al. 2003 | `rallies` |
//! | 20 a settled round goes on | | `attempts` |
//!
//! And of the month as a whole: two humps (nothing happens or much does), and how often one attempt follows another.
//!
//! Two scenarios played with one seed are the same histories but for the change, so a sign is judged round by round,
//! by the sign test on the rounds that differ. It holds beyond `Z` standard errors: where the change did nothing, a test
//! would have passed with probability 1e-6 when its seed was first tried (less where few rounds differ: a fair coin
//! has lighter tails than the normal law). Seeds are fixed, so results are exact from then on.

use std::sync::LazyLock;

use kzsim::ensemble::RoundRecord;
use kzsim::scenario::Scenario;

use crate::inside::played::{action, play_records};
use crate::inside::support::{load, repository, write};
use crate::inside::{flag, outcome};

/// A question about a round.
type Asked<'a> = Box<dyn Fn(&RoundRecord) -> bool + 'a>;

/// Standard errors beyond which a sign holds; two-sided 1e-6.
const Z: f64 = 4.9;
const SEED: u64 = 16;
/// Rounds of the small country.
const SMALL: u64 = 6_000;
/// Rounds of the case as it stands.
const CASE: u64 = 6_000;

/// Two heads, one state, and a street in two places: whatever the patterns are about and little else. The street
/// asks nobody in the palace, so that the same turnout meets different rulers.
const COUNTRY: &str = r#"
schema = 1
[contenders]
patron = { standing = "0 - shame * blame * square" }
president = { standing = "0 - shame * (1 - blame) * square" }
street = { momentum = "2 * turnout.mean" }
[clock]
start = 2022-01-01
days = 15
step = "6h"
[arenas]
force = 0.6
seats = 0.4
[parameters]
shock = { low = 0.20, mode = 0.40, high = 0.60 }
anger = { low = 0.05, mode = 0.20, high = 0.35 }
bond = { low = 0.1, mode = 0.3, high = 0.6 }
lean = { low = -0.2, mode = 0.0, high = 0.2 }
fact = { min = 0.0, max = 0.8 }
error = { mean = 0.0, sd = 0.5 }
deterrence = { low = 0.15, mode = 0.25, high = 0.40 }
blame = 0.7
shame = 0.5
trust = { low = 0.1, mode = 0.3, high = 0.5 }
service_patron = { low = 0.3, mode = 0.5, high = 0.7 }
service_president = { low = 0.1, mode = 0.3, high = 0.5 }
[variables]
broken = 0
[formulas]
square = "turnout.felt / (turnout.felt + 0.05)"
his = "contest(rally.seize.president, rally.seize.patron, 2)"
patrons = "contest(rally.removal.patron, rally.removal.president, 2)"
order = "support.president.force + support.patron.force + support.aside.force * 0.01 / (0.01 + turnout.felt ^ 2)"
[dynamics]
rupture = "broken"
reconsider = "2 * broken"
[actors.patron]
power = { force = 0.02, seats = 0.2 }
[actors.president]
power = { force = 0.02, seats = 0.2 }
loyalty.patron = "bond"
[actors.service]
kind = "body"
power.force = 0.3
stance = { patron = 0.4, president = 0.4 }
loyalty = { patron = "service_patron", president = "service_president" }
[actors.police]
kind = "body"
power.force = 0.35
stance = { patron = 0.4, president = 0.4 }
loyalty = { patron = "0.35 - lean", president = "0.35 + lean", street = 0.1 }
caution = "0.45 + 0.6 * turnout.felt"
opportunism = 0.6
[actors.army]
kind = "body"
power.force = 0.35
stance = { patron = 0.4, president = 0.4 }
loyalty = { patron = "0.35 - lean", president = "0.35 + lean", street = 0.1 }
caution = "0.5 + 0.6 * turnout.felt"
opportunism = 0.6
[actors.officials]
kind = "body"
power.seats = 0.6
stance = { patron = 0.4, president = 0.4 }
loyalty = { patron = 0.4, president = 0.5 }
opportunism = 0.7
[offices.council]
holder = "patron"
authority = { service = 0.1, police = 0.1, army = 0.1 }
[offices.presidency]
holder = "president"
authority = { police = 0.1, army = 0.1, officials = 0.15 }
[crowds.capital]
weight = 0.6
grievance = "anger"
threshold_mean = 0.9
contagion = 0.12
spillover = 0.3
repression = "deterrence / (1 + 5 * turnout.capital)"
[crowds.oil]
weight = 0.4
place = 0.3
grievance = "anger + 0.05"
threshold_mean = 0.9
contagion = 0.12
spillover = 0.3
repression = "deterrence / (1 + 5 * turnout.oil)"
[actions.shock]
at = 2022-01-02
effects = ["grievance.capital += 0.5 * shock", "grievance.oil += shock"]
[actions.concession]
when = "turnout.max > 0.02"
rate = 0.7
effects = ["grievance.* -= 0.25 * trust", "grievance.* += 0.06 * (1 - trust)"]
[actions.site]
when = "turnout.capital > 0.005"
rate = "20 * turnout.capital * (1 - 0.9 * loyalty.service.president)"
limit = 6
effects = ["signal.president -= 0.05", "signal.street += 0.03"]
[actions.seize]
by = "president"
when = "holds.council.patron and holds.presidency.president"
rally = { side = "president", first_move = "fact" }
decide = { pace = 2, every = "12h", win = "contest(rally.seize.president * exp(error), rally.seize.patron, 2)", prize = 0.8, price = 1.2, wait = "bond - 4 * turnout.felt - 0.05 * count.site" }
success = "his"
effects = ["office.council = president", "broken = 1", "signal.president += 0.5", "signal.patron -= 0.3"]
failure = ["broken = 1", "signal.president -= 0.5", "signal.patron += 0.3"]
[actions.removal]
by = "patron"
when = "holds.presidency.president and holds.council.patron"
rally = { side = "patron", first_move = "0.5 * fact", claim = 0.8 }
decide = { pace = 1, every = "12h", weighed = "always", win = "patrons", prize = 0.5, price = 0.8, wait = "0.2 * (1 - broken) - 1.5 * turnout.felt * (1 - broken) - 0.3 * broken" }
success = "patrons"
effects = ["office.presidency = patron", "broken = 1", "remove.president = arrested", "signal.patron += 0.5"]
failure = ["broken = 1", "signal.patron -= 0.5", "signal.president += 0.5"]
[actions.storm]
when = "turnout.max > 0.15"
rate = "4 * turnout.max * (1.2 - order)"
effects = ["office.presidency = nobody", "office.council = nobody", "broken = 1"]
[outcomes.street]
when = "holds.presidency.nobody"
[outcomes.patron]
when = "holds.presidency.patron or broken and holds.council.patron and support.patron > 0.55"
hold = "2d"
[outcomes.president]
when = "holds.council.president and support.president > 0.55"
hold = "2d"
[outcomes.nothing]
when = "broken == 0"
at_end = true
[outcomes.undecided]
otherwise = true
[flags.seized]
when = "succeeded.seize"
[flags.site_1]
when = "count.site >= 1"
[flags.site_3]
when = "count.site >= 3"
[flags.crowd_5]
when = "turnout.max > 0.05"
[flags.crowd_20]
when = "turnout.max > 0.2"
"#;

/// Armed men in three bodies under a general, or each under a chief of its own; `command` and `posts` say how much
/// an order of either adds.
const THREE_BODIES: &str = r#"
schema = 1
[contenders.ruler]
[contenders.rival]
[clock]
start = 2022-01-01
days = 3
[arenas]
force = 1
[parameters]
command = 0.3
posts = 0
for_ruler = { low = 0.2, mode = 0.4, high = 0.6 }
for_rival = { low = 0.2, mode = 0.4, high = 0.6 }
chiefs_ruler = 0.7
chiefs_rival = 0.1
[actors.ruler]
power.force = 0.05
[actors.rival]
power.force = 0.02
[actors.general]
stance = "ruler"
loyalty = { ruler = 0.1, rival = 0.8 }
[actors.chief_a]
stance = "ruler"
opportunism = 0.3
loyalty = { ruler = "chiefs_ruler", rival = "chiefs_rival" }
[actors.chief_b]
stance = "ruler"
opportunism = 0.3
loyalty = { ruler = "chiefs_ruler", rival = "chiefs_rival" }
[actors.chief_c]
stance = "ruler"
opportunism = 0.3
loyalty = { ruler = "chiefs_ruler", rival = "chiefs_rival" }
[actors.guns_a]
kind = "body"
power.force = 0.4
stance = "ruler"
loyalty = { ruler = "for_ruler", rival = "for_rival" }
[actors.guns_b]
kind = "body"
power.force = 0.3
stance = "ruler"
loyalty = { ruler = "for_ruler", rival = "for_rival" }
[actors.guns_c]
kind = "body"
power.force = 0.3
stance = "ruler"
loyalty = { ruler = "for_ruler", rival = "for_rival" }
[offices.command]
holder = "general"
authority = { guns_a = "command", guns_b = "command", guns_c = "command" }
[offices.post_a]
holder = "chief_a"
authority.guns_a = "posts"
[offices.post_b]
holder = "chief_b"
authority.guns_b = "posts"
[offices.post_c]
holder = "chief_c"
authority.guns_c = "posts"
[actions.coup]
by = "general"
at = 2022-01-02
rally = { side = "rival", first_move = 1.2 }
success = "contest(rally.coup.rival, rally.coup.ruler, 1.5)"
[flags.won]
when = "succeeded.coup"
[outcomes.end]
otherwise = true
"#;

/// Rounds of one scenario.
struct Month {
    scenario: Scenario,
    rounds: Vec<RoundRecord>,
}

impl Month {
    fn of(text: &str, settings: &[&str], rounds: u64) -> Self {
        let written = write(text);
        Self::played(load(&written.path, settings), rounds)
    }

    fn case(settings: &[&str], rounds: u64) -> Self {
        let path = repository("scenarios/base.toml");
        Self::played(load(&path, settings), rounds)
    }

    fn small(settings: &[&str]) -> Self {
        Self::of(COUNTRY, settings, SMALL)
    }

    fn played(loaded: (Scenario, kzsim::plan::Plan), rounds: u64) -> Self {
        let (_, rounds) = play_records::<64>(&loaded, SEED, rounds, 0);
        let scenario = loaded.0;
        Self { scenario, rounds }
    }

    fn flag(&self, id: &str) -> impl Fn(&RoundRecord) -> bool + use<> {
        let i = flag(&self.scenario, id);
        move |r| r.flags[i]
    }

    fn happened(&self, id: &str) -> impl Fn(&RoundRecord) -> bool + use<> {
        let i = action(&self.scenario, id);
        move |r| r.first[i].is_some()
    }

    fn ended(&self, id: &str) -> impl Fn(&RoundRecord) -> bool + use<> {
        let j = outcome(&self.scenario, id);
        move |r| r.outcome == j
    }

    fn count(&self, holds: impl Fn(&RoundRecord) -> bool) -> f64 {
        self.rounds.iter().filter(|r| holds(r)).count() as f64
    }

    fn share(&self, holds: impl Fn(&RoundRecord) -> bool) -> f64 {
        self.count(holds) / self.rounds.len() as f64
    }
}

/// The small country as it stands.
static SMALL_MONTH: LazyLock<Month> = LazyLock::new(|| Month::small(&[]));
/// The case as it stands.
static CASE_MONTH: LazyLock<Month> = LazyLock::new(|| Month::case(&[], CASE));

/// In how many rounds something holds after a change and not before it, and the other way round.
fn differ(a: &Month, b: &Month, holds: impl Fn(&RoundRecord) -> bool) -> (f64, f64) {
    let mut counts = (0.0, 0.0);
    for (x, y) in a.rounds.iter().zip(&b.rounds) {
        assert_eq!(x.round, y.round);
        match (holds(x), holds(y)) {
            (false, true) => counts.0 += 1.0,
            (true, false) => counts.1 += 1.0,
            _ => {}
        }
    }
    counts
}

/// Something is commoner in the same rounds of `b` than of `a`.
fn more(what: &str, a: &Month, b: &Month, holds: impl Fn(&RoundRecord) -> bool) {
    let (gained, lost) = differ(a, b, &holds);
    let z = (gained - lost) / (gained + lost).max(1.0).sqrt();
    let shares = (a.share(&holds), b.share(&holds));
    eprintln!("{what}: {shares:?}, {gained} rounds against {lost}, z = {z:.1}");
    assert!(
        z > Z,
        "{what}: shares {shares:?}, {gained} rounds against {lost}, z = {z:.1}"
    );
}

/// Something is rarer in the same rounds of `b` than of `a`.
fn fewer(what: &str, a: &Month, b: &Month, holds: impl Fn(&RoundRecord) -> bool) {
    more(what, b, a, holds);
}

/// Pattern 2. The trigger of a crowd that blames somebody also triggers moves against him.
#[test]
fn without_a_trigger_fewer_sites_fall_and_fewer_moves_are_made() {
    let (base, calm) = (&*SMALL_MONTH, Month::small(&["actions.shock.limit=0"]));
    fewer("sites", base, &calm, base.flag("site_1"));
    fewer("moves", base, &calm, base.happened("seize"));
}

/// Pattern 3: a successor without a base of his own who owes more waits longer (Herz 1952; Meng 2021).
#[test]
fn a_successor_more_bound_to_his_patron_moves_less_often_and_later() {
    let (base, bound) = (&*SMALL_MONTH, Month::small(&["parameters.bond=0.7"]));
    fewer("moves", base, &bound, base.happened("seize"));
    let i = action(&base.scenario, "seize");
    let (mut later, mut sooner) = (0.0_f64, 0.0);
    for (x, y) in base.rounds.iter().zip(&bound.rounds) {
        if let (Some(x), Some(y)) = (x.first[i], y.first[i]) {
            later += f64::from(u8::from(y > x));
            sooner += f64::from(u8::from(y < x));
        }
    }
    let z = (later - sooner) / (later + sooner).sqrt();
    eprintln!("later in {later} rounds, sooner in {sooner}, z = {z:.1}");
    assert!(z > Z, "later in {later} rounds, sooner in {sooner}");
}

/// Pattern 4.
#[test]
fn a_service_loyal_to_the_incumbent_loses_fewer_sites() {
    let settings = [
        "parameters.service_patron=0.2",
        "parameters.service_president=0.7",
    ];
    let (base, loyal) = (&*SMALL_MONTH, Month::small(&settings));
    fewer("sites", base, &loyal, base.flag("site_1"));
    fewer("many sites", base, &loyal, base.flag("site_3"));
}

/// Pattern 5: a contest is a ratio of powers (KTAB).
#[test]
fn with_every_armed_body_loyal_to_the_patron_his_camp_prevails_more() {
    let his = "={ patron = 0.8, president = 0.1, street = 0.1 }";
    let settings = [
        &format!("actors.police.loyalty{his}"),
        &format!("actors.army.loyalty{his}"),
        "parameters.service_patron=0.8",
        "parameters.service_president=0.1",
    ];
    let (base, armed) = (&*SMALL_MONTH, Month::small(&settings));
    more("the patron prevails", base, &armed, base.ended("patron"));
    fewer("the president does", base, &armed, base.ended("president"));
}

/// Pattern 6: above its thresholds a crowd feeds itself (Granovetter 1978).
#[test]
fn where_grievance_is_general_the_regime_falls_from_below() {
    let general = ["parameters.anger={ low = 0.30, mode = 0.45, high = 0.60 }"];
    let (base, angry) = (&*SMALL_MONTH, Month::small(&general));
    more("the street wins", base, &angry, base.ended("street"));
}

/// Pattern 7, where heads race each other and the street races both. Most draws of a round do not depend on the step, so
/// rounds of two steps are compared as pairs: the room for chance is `Z` errors of a paired difference, 1e-6 each.
#[test]
fn the_step_is_a_numerical_matter_in_a_race_too() {
    const ROUNDS: u64 = 30_000;
    let at = |step: &str| Month::of(COUNTRY, &[&format!("clock.step={step}")], ROUNDS);
    let six = at("6h");
    for (step, bound) in [("3h", 0.002), ("12h", 0.006)] {
        let other = at(step);
        let mut what: Vec<(String, Asked<'_>)> = Vec::new();
        for o in &six.scenario.outcomes {
            what.push((o.id.clone(), Box::new(six.ended(&o.id))));
        }
        for f in &six.scenario.flags {
            what.push((f.id.clone(), Box::new(six.flag(&f.id))));
        }
        for id in ["seize", "removal", "storm"] {
            what.push((id.to_owned(), Box::new(six.happened(id))));
        }
        for (id, holds) in &what {
            let (gained, lost) = differ(&six, &other, holds);
            let n = ROUNDS as f64;
            let (found, room) = ((gained - lost) / n, bound + Z * (gained + lost).sqrt() / n);
            eprintln!("{step}, {id}: {found:.4}, room {room:.4}");
            assert!(
                found.abs() < room,
                "{step}, {id}: {found:.4}, room {room:.4}"
            );
        }
    }
}

/// Pattern 16: protest near the seat of power moves elites (Johnson & Thyne 2018). Turnouts are the same to the bit.
#[test]
fn the_same_turnout_moves_elites_more_where_it_is_felt_more() {
    let (base, near) = (&*SMALL_MONTH, Month::small(&["crowds.oil.place=1"]));
    more("moves", base, &near, base.happened("seize"));
    for id in ["crowd_5", "crowd_20"] {
        assert_eq!(differ(base, &near, base.flag(id)), (0.0, 0.0), "{id}");
    }
}

/// Pattern 17 (Rasler 1996; Lichbach 1987).
#[test]
fn believed_concessions_calm_and_others_embolden() {
    let none = Month::small(&["actions.concession.limit=0"]);
    let with = |trust: &str| Month::small(&[&format!("parameters.trust={trust}")]);
    let (believed, hollow) = (with("1"), with("0"));
    fewer("crowds, believed", &none, &believed, none.flag("crowd_20"));
    more("crowds, hollow", &none, &hollow, none.flag("crowd_20"));
    fewer("sites, believed", &none, &believed, none.flag("site_1"));
    more("sites, hollow", &none, &hollow, none.flag("site_1"));
}

/// Pattern 14 (De Bruin 2018): the guns are the same, and so is what their men feel.
#[test]
fn the_same_guns_under_several_loyal_heads_give_an_attempt_less() {
    let with = |settings: &[&str]| Month::of(THREE_BODIES, settings, 4_000);
    let one = with(&[]);
    let apart = ["parameters.command=0", "parameters.posts=0.3"];
    let three = with(&apart);
    let won = one.flag("won");
    fewer("three loyal heads", &one, &three, &won);
    // Each head that is with the mover gives the attempt more, and nobody's order lies between.
    let nobody = with(&["parameters.command=0"]);
    fewer("no orders", &one, &nobody, &won);
    fewer("loyal orders", &nobody, &three, &won);
    let bought = |chiefs: &[&str]| {
        let ids = chiefs.iter().flat_map(|c| {
            let path = format!("actors.{c}.loyalty");
            [format!("{path}.ruler=0.1"), format!("{path}.rival=0.8")]
        });
        let ids: Vec<String> = ids.chain(apart.map(str::to_owned)).collect();
        with(&ids.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (first, both) = (bought(&["chief_a"]), bought(&["chief_a", "chief_b"]));
    more("one of three", &three, &first, &won);
    more("two of three", &first, &both, &won);
}

const MOVERS: [&str; 3] = ["seize_council", "removal", "palace_attempt"];

/// Whether anybody tried anything against the other head.
fn attempts(month: &Month) -> impl Fn(&RoundRecord) -> bool + use<> {
    let movers = MOVERS.map(|id| action(&month.scenario, id));
    move |r| movers.iter().any(|i| r.first[*i].is_some())
}

/// Settings under which one mover of the case acts on the sixth day, whatever he thinks of it, and no other.
fn forced(mover: &str, more: &[&str]) -> Vec<String> {
    let mut settings = vec![
        "clock.days=7".to_owned(),
        "actions.hand_over.limit=0".to_owned(),
        format!(
            "actions.{mover}.when=day >= 6 and tandem and in_office and holds.security_council.nazarbayev"
        ),
        format!(
            "actions.{mover}.decide={{ pace = 1000, every = '0d', weighed = 'open', win = 1, prize = 100 }}"
        ),
    ];
    for id in MOVERS {
        let limit = u8::from(id == mover);
        settings.push(format!("actions.{id}.limit={limit}"));
    }
    settings.extend(more.iter().map(|s| (*s).to_owned()));
    settings
}

fn force(mover: &str, more: &[&str]) -> Month {
    let settings = forced(mover, more);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let month = Month::case(&settings, 1_000);
    let tried = month.share(attempts(&month));
    assert!(tried > 0.99, "{mover} is tried in {tried}");
    month
}

/// Patterns 10 and 11 on the case: what moving first makes of a fact decides, and more so where officers would rather be
/// with the winner.
#[test]
fn on_the_case_expectations_decide_and_opportunism_makes_them_decide_more() {
    let with = |fact: &str, bandwagon: &str| {
        let [fact, bandwagon] = [("making_fact", fact), ("bandwagon", bandwagon)]
            .map(|(id, x)| format!("parameters.{id}={x}"));
        force("seize_council", &[&fact, &bandwagon])
    };
    let [none, some] = ["0", "0.5"].map(|fact| ["0.4", "0.8"].map(|o| with(fact, o)));
    let won = none[0].flag("self_coup");
    more("a fact, 0.4", &none[0], &some[0], &won);
    more("a fact, 0.8", &none[1], &some[1], &won);
    more("opportunism after a fact", &some[0], &some[1], &won);
    // What the fact gains, round by round, at either opportunism.
    let gain = |r: usize, o: usize| {
        let of = |month: &Month| f64::from(u8::from(won(&month.rounds[r])));
        of(&some[o]) - of(&none[o])
    };
    let n = none[0].rounds.len();
    let gains: Vec<f64> = (0..n).map(|r| gain(r, 1) - gain(r, 0)).collect();
    let (sum, squares) = gains
        .iter()
        .fold((0.0, 0.0), |(s, q), g| (s + g, q + g * g));
    let z = sum / f64::sqrt(squares);
    eprintln!("more of a gain by {:.3}, z = {z:.1}", sum / n as f64);
    assert!(z > Z, "z = {z:.1}");
}

/// Pattern 12 on the case: the same unrest helps a move against whoever it blames, and hurts his own.
#[test]
fn on_the_case_unrest_helps_a_move_against_whoever_it_blames() {
    let with = |mover: &str, blame: &str, shock: &str| {
        let blame = format!("parameters.blame={blame}");
        let shock = format!("actions.price_shock.limit={shock}");
        let much = [
            "parameters.shock_west=0.5",
            "parameters.shock_else=0.15",
            "parameters.crowd_shame=1",
        ];
        force(mover, &[&blame, &shock, much[0], much[1], much[2]])
    };
    let both = |mover: &str, blame: &str| ["0", "1"].map(|shock| with(mover, blame, shock));
    let [calm, unrest] = both("seize_council", "1");
    let his = calm.flag("self_coup");
    more(
        "the patron is blamed, the president moves",
        &calm,
        &unrest,
        &his,
    );
    let [calm, unrest] = both("seize_council", "0");
    fewer("the president is blamed and moves", &calm, &unrest, &his);
    let [calm, unrest] = both("removal", "1");
    let patrons = calm.flag("palace_attempt_failed");
    more("the patron is blamed and moves", &calm, &unrest, &patrons);
}

/// Pattern 13 on the case: a wing of the second rank makes less of a fact than the patron himself (Singh 2014).
#[test]
fn on_the_case_a_mover_of_the_second_rank_succeeds_less() {
    let (patron, wing) = (force("removal", &[]), force("palace_attempt", &[]));
    more(
        "failures",
        &patron,
        &wing,
        patron.flag("palace_attempt_failed"),
    );
}

/// Pattern 9 on the case. In a month without the price shock an attempt is about as rare as in an autocracy at any time: 0.47
/// in 100 months, by kind of regime from 0.21 (party) to 0.85 (personal), by decade down to 0.08, and 0.26 where none came for
/// five years (Powell & Thyne's attempts, regimes of Geddes, Wright & Frantz). The bounds are those of the lowest and the highest
/// of these 95 % intervals: a case that gives 0.26 in 100 leaves them by chance once in ten million times.
/// The longer the quiet past that is known, the fewer.
#[test]
fn on_the_case_calm_is_calm() {
    let calm = |past: &str, rounds: u64| {
        let past = format!("clock.past={past}");
        Month::case(&["actions.price_shock.limit=0", &past], rounds)
    };
    let year = calm("365d", 8_000);
    let share = year.share(attempts(&year));
    eprintln!("a calm month sees an attempt in {share}");
    assert!((0.0003..0.0111).contains(&share), "an attempt in {share}");
    let n = 3_000;
    let first = |month: Month| Month {
        rounds: month.rounds.into_iter().take(n as usize).collect(),
        ..month
    };
    let (none, month, year) = (calm("0d", n), calm("30d", n), first(year));
    let tried = attempts(&none);
    fewer("a quiet month is known", &none, &month, &tried);
    fewer("a quiet year is known", &none, &year, &tried);
    assert!(year.count(&tried) <= month.count(&tried));
}

/// Patterns 16 and 17 on the case.
#[test]
fn on_the_case_places_differ_and_concessions_calm_if_they_are_believed() {
    let n = 1_000;
    let base = &*CASE_MONTH;
    let near = Month::case(&["crowds.west.place=1", "crowds.south.place=1"], n);
    more("moves", base, &near, base.happened("seize_council"));
    let none = [
        "actions.price_cut.limit=0",
        "actions.government_resigns.limit=0",
    ];
    let none = Month::case(&none, n);
    let with = |x: &str| Month::case(&[&format!("parameters.credibility={x}")], n);
    let (believed, hollow) = (with("1"), with("0"));
    fewer("crowds, believed", &none, &believed, none.flag("turnout_5"));
    more("crowds, hollow", &none, &hollow, none.flag("turnout_5"));
}

/// The month of the case has two humps: almost nothing happens, or much does; few rounds stop in between. Counted are the
/// kinds of events of a round. (A cascade of attempts and what they lead to, not the size of crowds, which has one hump.)
#[test]
fn on_the_case_little_happens_or_much() {
    let base = &*CASE_MONTH;
    let between = |low: usize, high: usize| {
        base.count(|r| {
            let events = r.first.iter().filter(|day| day.is_some()).count();
            (low..=high).contains(&events)
        })
    };
    let (little, some, much) = (between(1, 3), between(4, 6), between(7, 9));
    eprintln!(
        "{little} rounds of 1 to 3 kinds of events, {some} of 4 to 6, {much} of 7 to 9, {} of more",
        between(10, 100)
    );
    for hump in [little, much] {
        let z = (hump - some) / (hump + some).sqrt();
        assert!(
            z > Z,
            "{little}, {some}, {much}: z = {z:.1} above the valley"
        );
    }
}

/// Where an attempt has been made, another follows within a month in 2 to 7 of 100 cases (Powell & Thyne: 2.8 after a
/// failure, 1.8 after a success; Cline Center: 7.2). Losers seldom keep the means, and winners have what they wanted. Bounds are
/// five errors around that: once in two million times by chance, for a case inside.
#[test]
fn on_the_case_few_attempts_are_followed_by_another() {
    let base = &*CASE_MONTH;
    let tried = base.count(attempts(base));
    let again = base.count(base.flag("two_attempts")) / tried;
    let room = |p: f64| 5.0 * (p * (1.0 - p) / tried).sqrt();
    eprintln!("{again} of {tried} rounds with an attempt see another");
    assert!(
        (0.02 - room(0.02)..0.07 + room(0.07)).contains(&again),
        "{again} of {tried}"
    );
}
