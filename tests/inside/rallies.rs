//! Rallies: who would stand where if an action were tried. `docs/MODEL.md` 7.5a.
//!
//! [`by_hand`] follows the text in binary64. Statistical statements use fixed seeds and `Z` standard errors: a
//! correct program would have failed each comparison with probability 1e-6 when its seed was first tried.

use kzsim::engine::lanes::Lanes;
use kzsim::engine::{Batch, Observer, Stage};
use kzsim::ensemble::timeline;
use kzsim::plan::{Needs, Plan, Slot};
use kzsim::scenario::Scenario;
use kzsim::scenario::model::Choice;

use crate::inside::played::{action, parse, play_records, play_tally};

const Z: f64 = 4.9;

struct Nobody;
impl<const W: usize> Observer<W> for Nobody {}

/// Two contenders without power of their own and two bodies, both of them still with the second; `more`
/// follows the table of the action `coup`.
fn two_bodies(rally: &str, more: &str) -> String {
    format!(
        "schema = 1\n[contenders.one]\n[contenders.two]\n[clock]\nstart = 2022-01-01\ndays = 4\n\
         [arenas]\nforce = 3.0\nmoney = 1.0\n\
         [actors.one]\n[actors.two]\n\
         [actors.army]\nkind = 'body'\npower.force = 0.6\npower.money = 0.2\nstance = {{ one = 0.1, two = 0.6 }}\n\
         loyalty = {{ one = 0.5, two = 0.55 }}\nopportunism = 0.6\ncaution = 0.4\n\
         [actors.guard]\nkind = 'body'\npower.force = 0.4\nstance = {{ two = 0.9, one = 0.05 }}\n\
         loyalty = {{ one = 0.3, two = 0.6 }}\nopportunism = 0.4\ncaution = 0.5\n\
         [outcomes.end]\notherwise = true\n\
         [actions.coup]\nby = 'one'\nrally = {{ side = 'one', {rally} }}\n{more}"
    )
}

/// The scenario above with an action that is never tried.
fn quiet(rally: &str, settings: &[(&str, &str)]) -> (Scenario, Plan) {
    let text = two_bodies(rally, "rate = 0\n");
    parse(&settings.iter().fold(text, |text, (a, b)| {
        assert!(text.contains(a), "{a}");
        text.replace(a, b)
    }))
}

/// The rally of the first action that has one, overall and for a contender, on the first day.
fn on_day_0((scenario, plan): &(Scenario, Plan), side: usize) -> f64 {
    let mut batch = Batch::<1>::new(plan, scenario.seed);
    batch.initialise(0, 1);
    batch.refresh(Needs::ALL);
    f64::from(batch.get(plan.layout.rally(0, side)).0[0])
}

fn softmax(scores: &[f64], present: &[bool]) -> Vec<f64> {
    let all = || scores.iter().zip(present).filter(|(_, p)| **p);
    let top = all().fold(f64::MIN, |top, (s, _)| top.max(*s));
    let sum: f64 = all().map(|(s, _)| (s - top).exp()).sum();
    let share = |(s, p): (&f64, &bool)| if *p { (s - top).exp() / sum } else { 0.0 };
    scores.iter().zip(present).map(share).collect()
}

/// The rally of an action in a lane, by side and then arena, with the whole last.
fn by_hand<const W: usize>(
    batch: &Batch<'_, W>,
    lane: usize,
    scenario: &Scenario,
    i: usize,
    luck: f64,
) -> Vec<Vec<f64>> {
    let (plan, l) = (batch.plan, batch.layout());
    let x = |slot: Slot| f64::from(batch.slots[slot].0[lane]);
    let action = &scenario.actions[i];
    let rally = &plan.rallies[plan.actions[i].rally.expect("a rally")];
    let (fact, night, claim) = (x(rally.first_move), x(rally.night), x(rally.claim));
    let read = &plan.every_rally;
    let aside = l.contenders;
    let stands_for = |a: usize| scenario.actors[a].contender;
    let mut there: Vec<bool> = scenario
        .contenders
        .iter()
        .map(|c| c.actor.is_none_or(|a| x(l.present(a)) > 0.0))
        .collect();
    there.push(true);
    let mut stands: Vec<Vec<f64>> = (0..l.actors)
        .map(|a| (0..=aside).map(|o| x(l.stance(a, o))).collect())
        .collect();
    let count = |stands: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let of_side = |o: usize| {
            let in_arena = |k: usize| {
                let weight = |a: usize| x(l.present(a)) * x(l.power(a, k));
                let all: f64 = (0..l.actors).map(weight).sum();
                let here: f64 = (0..l.actors).map(|a| weight(a) * stands[a][o]).sum();
                if all == 0.0 { 0.0 } else { here / all }
            };
            let mut row: Vec<f64> = (0..l.arenas).map(in_arena).collect();
            row.push(
                (0..l.arenas)
                    .map(|k| f64::from(plan.arena_weights[k]) * row[k])
                    .sum(),
            );
            row
        };
        (0..=aside).map(of_side).collect()
    };
    let mut shares = count(&stands);
    for _ in 0..4 {
        let force = |c: usize| {
            let support =
                (shares[c][l.arenas] + x(read.momentum[c])).max(0.0) + x(read.prospect_floor);
            let push = if c == rally.side {
                fact + night * luck
            } else {
                0.0
            };
            x(read.prospect_weight) * (support.ln() + x(l.signal(c)) + x(read.standing[c]) + push)
        };
        let forces: Vec<f64> = (0..aside).map(force).collect();
        let expected = softmax(&forces, &there);
        let answer = |a: usize| -> Vec<f64> {
            let whole = |side: usize| {
                (0..=aside)
                    .map(|o| f64::from(u8::from(o == side)))
                    .collect()
            };
            if let Some(own) = stands_for(a) {
                return whole(own);
            }
            if action.by == Some(a) {
                return whole(rally.side);
            }
            let o = x(plan.actors[a].opportunism);
            let utility = |c: usize| {
                let authority: f64 = plan.actors[a]
                    .authority
                    .iter()
                    .map(|(h, weight)| {
                        let holder = batch.slots[l.office(*h)].0[lane];
                        if holder < 0.0 {
                            0.0
                        } else {
                            x(*weight) * x(l.present(holder as usize)) * stands[holder as usize][c]
                        }
                    })
                    .sum();
                let carried = if c == rally.side { claim } else { 1.0 };
                let sway = o + x(l.promise(a, c));
                (1.0 - o) * x(l.loyalty(a, c)) * carried + sway * expected[c] + authority * carried
            };
            let mut u: Vec<f64> = (0..aside).map(utility).collect();
            u.push(x(read.caution[a]));
            match plan.choice {
                Choice::Logit => {
                    let sharp: Vec<f64> = u.iter().map(|u| x(read.sharpness) * u).collect();
                    softmax(&sharp, &there)
                }
                Choice::BestReply => {
                    let best = (0..=aside).filter(|o| there[*o]);
                    let best = best.fold(aside, |best, o| if u[o] > u[best] { o } else { best });
                    whole(best)
                }
            }
        };
        stands = (0..l.actors).map(answer).collect();
        shares = count(&stands);
    }
    shares
}

/// Holds every rally of a batch against [`by_hand`].
fn same_by_hand<const W: usize>(batch: &Batch<'_, W>, scenario: &Scenario, what: &str) {
    let l = batch.layout();
    for (i, plan) in batch.plan.actions.iter().enumerate() {
        let Some(r) = plan.rally else { continue };
        for lane in batch.alive.lanes() {
            for (side, row) in by_hand(batch, lane, scenario, i, 0.0).iter().enumerate() {
                let slots = (0..l.arenas)
                    .map(|k| l.rally_in(r, side, k))
                    .chain([l.rally(r, side)]);
                for (slot, wanted) in slots.zip(row) {
                    let found = f64::from(batch.get(slot).0[lane]);
                    assert!(
                        (found - wanted).abs() < 2e-4,
                        "{what}, step {}: rally of {} for {side}: {found}, by hand {wanted}",
                        batch.t,
                        plan.id
                    );
                }
            }
        }
    }
}

/// A country with all that a rally depends on, in which much happens.
fn country(choice: &str) -> String {
    format!(
        "schema = 1\n[contenders.old]\nstanding = '0 - 2 * turnout.max'\n[contenders.new]\nmomentum = '0.05 * day'\n[contenders.street]\n\
         [clock]\nstart = 2022-01-01\ndays = 12\nstep = '6h'\n[arenas]\nforce = 2\nmoney = 1\n\
         [parameters]\nnerve = {{ min = 0.1, max = 0.9 }}\n[variables]\nseen = 0\nlater = 0\n\
         [dynamics]\nchoice = '{choice}'\nsharpness = '6 + happened.shock'\n\
         [actors.old]\npower.force = 0.2\npower.money = 0.4\n[actors.new]\npower.money = 0.3\n\
         [actors.chief]\npower.money = 0.1\nstance = 'aside'\nloyalty = {{ old = 0.4, new = 0.6 }}\nopportunism = 0.5\ncaution = 0.5\n\
         [actors.aide]\nstance = 'aside'\nloyalty = {{ old = 0.5, new = 0.4 }}\npromise.new = 0.3\n\
         [actors.army]\nkind = 'body'\npower.force = 1\nstance = {{ old = 0.6, new = 0.1 }}\nloyalty = {{ old = 0.5, new = 0.45 }}\n\
         opportunism = 'nerve'\ncaution = '0.3 + 0.2 * turnout.max'\npromise = {{ old = 0.1, street = 0.2 }}\n\
         [actors.guard]\nkind = 'body'\npower.force = 0.8\npower.money = 0.1\nstance = {{ old = 0.8 }}\nloyalty = {{ old = 0.6, new = 0.3 }}\n\
         [offices.command]\nholder = 'chief'\nsuccessors = ['guard']\nauthority = {{ army = 0.5, guard = 0.1 }}\n\
         [offices.seat]\nholder = 'old'\nauthority = {{ chief = 0.2, guard = 0.3 }}\n\
         [offices.staff]\nauthority = {{ chief = 0.25 }}\n\
         [crowds.capital]\ngrievance = 0.5\nthreshold_mean = 0.9\n\
         [actions.shock]\nrate = 0.4\nlimit = 3\neffects = ['grievance.capital += 0.2', 'signal.street += 0.4', 'office.staff = aide']\n\
         [actions.seize]\nby = 'new'\nwhen = 'rally.seize.new > 0.05'\n\
         decide = {{ pace = 2, win = 'edge', prize = 1.2, price = 0.2, wait = 0.1 }}\n\
         rally = {{ side = 'new', first_move = '0.3 + 0.1 * day', claim = 0.9 }}\nsuccess = 'edge'\nlimit = 3\n\
         effects = ['seen = rally.oust.old.force', 'loyalty.*.old -= 0.1', 'later = rally.oust.old.force', 'office.seat = new']\n\
         failure = ['seen = rally.seize.aside', 'present.chief = 0', 'later = rally.seize.aside']\n\
         [actions.seize.branches.fall]\non = 'failure'\nshare = 'rally.seize.old'\n\
         effects = ['remove.chief = arrested', 'seen = rally.seize.old', 'remove.old = fled', 'signal.new += 0.2']\n\
         [actions.oust]\nby = 'guard'\nrate = '0.2 * rally.oust.old.force + rally.wing.new'\nrally = {{ side = 'old', night = 0.8 }}\n\
         success = 'contest(rally.oust.old, rally.oust.new, 1)'\nlimit = 2\n\
         effects = ['office.command = guard', 'stance.guard = old', 'signal.new -= 0.5']\nfailure = ['power.guard.force *= 0.5']\n\
         [actions.wing]\nby = 'aide'\nrate = '0.1 * (rally.wing.street > 0) + 0.1'\nrally = {{ side = 'new', first_move = 0.1, claim = 0.5 }}\n\
         [formulas]\nedge = 'contest(rally.seize.new, rally.seize.old, 1)'\n\
         [flags.close]\nwhen = 'abs(rally.seize.new - rally.seize.old) < 0.2'\n[flags.tipped]\nwhen = 'rally.seize.new.force > 0.5'\n\
         [outcomes.left]\nat_end = true\nwhen = 'rally.wing.old < 0.1'\n[outcomes.end]\notherwise = true\n"
    )
}

/// Two bodies by numbers from the text: four answers, no office, no promise.
#[test]
fn two_bodies_answer_as_by_hand() {
    let loaded = quiet("first_move = 0.8", &[]);
    let found = on_day_0(&loaded, 0);
    // Force counts for 3/4, money for 1/4: the army has 0.75 · 0.6 + 0.25, the guard 0.75 · 0.4.
    let (army, guard) = (0.7, 0.3);
    let (mut one, mut two) = (army * 0.1 + guard * 0.05, army * 0.6 + guard * 0.9);
    let mut rest = 0.0;
    for _ in 0..4 {
        let forces = [
            1.5 * ((one + 0.03_f64).ln() + 0.8),
            1.5 * (two + 0.03_f64).ln(),
        ];
        let expected = 1.0 / (1.0 + (forces[1] - forces[0]).exp());
        let answer = |o: f64, own: [f64; 2], caution: f64| {
            let u = [
                (1.0 - o) * own[0] + o * expected,
                (1.0 - o) * own[1] + o * (1.0 - expected),
                caution,
            ];
            softmax(&u.map(|u| 8.0 * u), &[true; 3])
        };
        let (a, g) = (answer(0.6, [0.5, 0.55], 0.4), answer(0.4, [0.3, 0.6], 0.5));
        let whole = |o: usize| army * a[o] + guard * g[o];
        (one, two, rest) = (whole(0), whole(1), whole(2));
    }
    assert!((found - one).abs() < 1e-5, "{found}, by hand {one}");
    assert!((on_day_0(&loaded, 1) - two).abs() < 1e-5);
    assert!((on_day_0(&loaded, 2) - rest).abs() < 1e-5);
}

/// In a country where much happens, at the end of every step of many rounds and in every lane.
#[test]
fn rallies_are_as_by_hand_whatever_happens() {
    struct Comparer<'s>(&'s Scenario);
    impl<const W: usize> Observer<W> for Comparer<'_> {
        fn settled(&mut self, batch: &Batch<'_, W>, _: &[Option<usize>; W]) {
            same_by_hand(batch, self.0, "a country");
        }
    }
    for choice in ["logit", "best_reply"] {
        let (scenario, plan) = parse(&country(choice));
        let mut batch = Batch::<64>::new(&plan, 4);
        batch.initialise(0, 16);
        batch.refresh(Needs::ALL);
        same_by_hand(&batch, &scenario, "the start");
        batch.play(&mut Comparer(&scenario));
        let coups = |id| batch.get(plan.layout.count(action(&scenario, id))).any();
        assert!(
            coups("seize") && coups("oust") && coups("wing"),
            "{choice}: nothing happened"
        );
    }
}

/// What is read is always what computing it anew for the same state gives, to the bit.
#[test]
fn a_rally_that_is_read_is_never_stale() {
    let (scenario, plan) = parse(&country("logit"));
    let l = &plan.layout;
    let mut batch = Batch::<64>::new(&plan, 9);
    batch.initialise(0, 16);
    let mut anew = Batch::<64>::new(&plan, 9);
    anew.initialise(0, 16);
    let rows = |batch: &Batch<'_, 64>| {
        let rows = batch.slots.rows(l.rally_in(0, 0, 0), 3 * 4 * 3).to_vec();
        rows.iter()
            .flat_map(|row| row.0[..16].iter().map(|x| x.to_bits()))
            .collect::<Vec<_>>()
    };
    while batch.alive.any() && batch.t < plan.steps {
        for stage in Stage::ALL {
            batch.play_stage(stage, &mut Nobody);
            for lane in 0..16 {
                anew.restore(lane, &batch.save(lane));
            }
            batch.refresh(Needs::ALL);
            anew.refresh(Needs::ALL);
            assert_eq!(
                rows(&batch),
                rows(&anew),
                "after {stage:?} of step {}",
                batch.t
            );
        }
    }
    assert!(batch.get(l.count(action(&scenario, "seize"))).any());
}

/// Between two effects of one action the rally is that of the state in between.
#[test]
fn effects_read_the_rally_of_the_state_that_the_effect_before_left() {
    let changes = [
        (
            "loyalty.army.one += 0.2",
            "loyalty = { one = 0.5,",
            "loyalty = { one = 0.7,",
        ),
        (
            "power.guard.force = 0.1",
            "power.force = 0.4",
            "power.force = 0.1",
        ),
        (
            "present.guard = 0",
            "power.force = 0.4",
            "present = 0\npower.force = 0.4",
        ),
        (
            "promise.army.one = 0.3",
            "opportunism = 0.6",
            "opportunism = 0.6\npromise.one = 0.3",
        ),
    ];
    for (effect, from, to) in changes {
        // In the first step, before anybody has looked again.
        let more = format!(
            "at = 2022-01-01\neffects = ['before = rally.coup.one', '{effect}', 'after = rally.coup.one']\n\
             [variables]\nbefore = 0\nafter = 0\n"
        );
        let (scenario, plan) = parse(&two_bodies("first_move = 0.8", &more));
        let mut batch = Batch::<1>::new(&plan, scenario.seed);
        batch.initialise(0, 1);
        batch.play_stage(Stage::Schedule, &mut Nobody);
        let variable = |v: usize| f64::from(batch.get(plan.layout.variable(v)).0[0]);
        let (before, after) = (variable(0), variable(1));
        assert_eq!(
            before,
            on_day_0(&quiet("first_move = 0.8", &[]), 0),
            "{effect}"
        );
        assert_eq!(
            after,
            on_day_0(&quiet("first_move = 0.8", &[(from, to)]), 0),
            "{effect}"
        );
        assert!((before - after).abs() > 1e-4, "{effect}");
    }
}

/// What stages read too is read for the rally itself: it does not wait for the next stage.
#[test]
fn a_rally_reads_numbers_that_follow_the_state_at_once() {
    for (from, key, start, then) in [
        ("[contenders.one]", "standing", 0.0, 0.7),
        ("[contenders.two]", "momentum", 0.0, -0.1),
        (
            "opportunism = 0.6\ncaution = 0.4",
            "opportunism = 0.6\ncaution",
            0.4,
            0.1,
        ),
        ("[outcomes.end]", "[dynamics]\nsharpness", 8.0, 3.0),
        ("[outcomes.end]", "[dynamics]\nprospect_weight", 1.5, 4.0),
        ("[outcomes.end]", "[dynamics]\nprospect_floor", 0.03, 0.2),
    ] {
        let with = |value: &str| {
            let written = format!("{key} = {value}");
            match (from, key) {
                (_, "opportunism = 0.6\ncaution") => written,
                ("[outcomes.end]", _) => format!("{written}\n{from}"),
                _ => format!("{from}\n{written}"),
            }
        };
        let more = format!(
            "at = 2022-01-01\neffects = ['before = rally.coup.one', 'x = {then}', 'after = rally.coup.one']\n\
             [variables]\nbefore = 0\nafter = 0\nx = {start}\n"
        );
        let text = two_bodies("first_move = 0.8", &more);
        assert!(text.contains(from), "{from}");
        let (scenario, plan) = parse(&text.replace(from, &with("'x'")));
        let mut batch = Batch::<1>::new(&plan, scenario.seed);
        batch.initialise(0, 1);
        batch.play_stage(Stage::Schedule, &mut Nobody);
        for (v, value) in [start, then].into_iter().enumerate() {
            let fixed = with(&format!("{value:?}"));
            let wanted = on_day_0(&quiet("first_move = 0.8", &[(from, &fixed)]), 0);
            let found = f64::from(batch.get(plan.layout.variable(v)).0[0]);
            assert_eq!(found, wanted, "{key} = {value}");
        }
    }
}

/// Pattern 10: the more of a fact, the more stand with the mover.
#[test]
fn a_greater_first_move_gains_more() {
    let at = |first: f64| on_day_0(&quiet(&format!("first_move = {first}"), &[]), 0);
    let all: Vec<f64> = (-2..=20).map(|i| at(f64::from(i) * 0.1)).collect();
    assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
    assert!(all[22] > all[0] + 0.4, "it tips: {all:?}");
}

/// Pattern 11: where officers would rather be with the winner, the same first move gains more.
#[test]
fn opportunism_makes_a_first_move_decide_more() {
    let gain = |o: &str| {
        let even = [
            (
                "loyalty = { one = 0.5, two = 0.55 }",
                "loyalty = { one = 0.5, two = 0.5 }",
            ),
            (
                "loyalty = { one = 0.3, two = 0.6 }",
                "loyalty = { one = 0.5, two = 0.5 }",
            ),
            ("stance = { one = 0.1, two = 0.6 }", "stance = 'aside'"),
            ("stance = { two = 0.9, one = 0.05 }", "stance = 'aside'"),
            ("opportunism = 0.6", o),
            ("opportunism = 0.4", o),
        ];
        let at = |first: &str| on_day_0(&quiet(first, &even), 0);
        at("first_move = 0.05") - at("first_move = 0")
    };
    let gains = [0.0, 0.2, 0.4, 0.6, 0.8].map(|o| gain(&format!("opportunism = {o}")));
    assert!(gains[0].abs() < 1e-6, "{gains:?}");
    assert!(gains.is_sorted_by(|a, b| a < b), "{gains:?}");
    assert!(
        gains[2] > 4.0 * gains[1],
        "steeper than in proportion: {gains:?}"
    );
}

/// Patterns 10, 12, 13 and 19: what is public, the discredit of the incumbent, rank and promises.
#[test]
fn what_moves_a_rally_has_the_signs_of_the_literature() {
    let with = |rally: &str, changes: &[(&str, &str)]| on_day_0(&quiet(rally, changes), 0);
    let bare = with("first_move = 1.35", &[]);
    let momentum = ("[contenders.one]", "[contenders.one]\nmomentum = 0.05");
    assert!(with("first_move = 1.35", &[momentum]) > bare + 0.01);
    let blamed = |x: f64| {
        let text = format!("[contenders.two]\nstanding = {x}");
        with("first_move = 1.35", &[("[contenders.two]", &text)])
    };
    assert!(blamed(-0.3) > bare + 0.01 && bare > blamed(0.3) + 0.01);
    assert!(blamed(-0.3) > blamed(-0.2));
    let claim = |x: f64| with(&format!("first_move = 1.35, claim = {x}"), &[]);
    let claims = [0.0, 0.25, 0.5, 0.75, 1.0].map(claim);
    assert!(claims.is_sorted_by(|a, b| a < b), "{claims:?}");
    assert_eq!(claims[4], bare);
    let promise = |x: f64| {
        let text = format!("opportunism = 0.6\npromise.one = {x}");
        with("first_move = 1.35", &[("opportunism = 0.6", &text)])
    };
    assert!(promise(0.2) > bare + 0.01 && promise(0.4) > promise(0.2) && promise(-0.2) < bare);
}

/// Pattern 10 in rounds: a public fact before the attempt moves its success, on the same draws.
#[test]
fn what_is_public_before_an_attempt_moves_its_success() {
    let won = |fact: f64| {
        let more = format!(
            "at = 2022-01-03\nsuccess = 'contest(rally.coup.one, rally.coup.two, 1)'\n\
             [actions.news]\nat = 2022-01-03\neffects = ['signal.one += {fact}']\n\
             [flags.won]\nwhen = 'succeeded.coup'\n"
        );
        // The news comes first.
        let text = two_bodies("first_move = 1.35", &more)
            .replace("[actions.coup]", "[actions.a]\nrate = 0\n[actions.coup]");
        let text = text.replace(
            "at = 2022-01-03\nsuccess",
            "at = 2022-01-03T06:00:00\nsuccess",
        );
        play_records::<64>(&parse(&text), 6, 4_000, 0).0.flags[0]
    };
    let shares = [-0.4, 0.0, 0.4].map(won);
    assert!(
        shares[0] + 200 < shares[1] && shares[1] + 200 < shares[2],
        "{shares:?}"
    );
}

/// An attempt succeeds where the first move and the luck of the night carry it over the edge: as often as a normal
/// draw says, with one draw for each attempt. Effects know nothing of the night.
#[test]
fn the_night_is_one_normal_draw_for_each_attempt_and_success_alone_knows_it() {
    let text = |first: f64, night: f64| {
        two_bodies(
            &format!("first_move = {first}, night = {night}"),
            "rate = '(day < 1) * 1000'\nlimit = 2\nsuccess = 'rally.coup.one > 0.5'\n\
             effects = ['plain = rally.coup.one']\nfailure = ['plain = rally.coup.one']\n[variables]\nplain = 0\n\
             [flags.first]\nwhen = 'succeeded.coup'\n[flags.twice]\nwhen = 'count.coup == 2'\n\
             [flags.one_each]\nwhen = 'succeeded.coup and failed.coup'\n\
             [flags.plain]\nwhen = 'plain == rally.coup.one and day > 0 and day <= 0.25'\n",
        )
        .replace("[outcomes.end]", "[dynamics]\nreconsider = 0\ndrift = 0\n[outcomes.end]")
    };
    // Where the edge lies, without a night.
    let (mut low, mut high) = (0.0, 3.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        let over = on_day_0(&parse(&text(middle, 0.0)), 0) > 0.5;
        *(if over { &mut high } else { &mut low }) = middle;
    }
    let (night, short) = (0.3, 0.2);
    let loaded = parse(&text(low - short, night));
    let n = 100_000;
    let tally = play_tally(&loaded, 5, n);
    let normal = statrs::distribution::Normal::standard();
    let p = 1.0 - statrs::distribution::ContinuousCDF::cdf(&normal, short / night);
    let expect = |count: u64, p: f64, what: &str| {
        let z = (count as f64 - n as f64 * p) / (n as f64 * p * (1.0 - p)).sqrt();
        assert!(z.abs() < Z, "{what}: {count} of {n}, expected {p}, z = {z}");
    };
    assert_eq!(tally.flags[1], n, "two attempts in each round");
    expect(
        tally.flags[0],
        1.0 - (1.0 - p) * (1.0 - p),
        "one of two attempts succeeds",
    );
    expect(
        tally.flags[2],
        2.0 * p * (1.0 - p),
        "attempts are independent",
    );
    assert_eq!(
        tally.flags[3], n,
        "effects and flags read the rally without the night"
    );
    // Without `success` there is no night.
    assert_eq!(
        play_tally(&parse(&text(low + 0.1, 0.0)), 5, 1_000).flags[2],
        0
    );
}

#[test]
fn one_lane_or_many_give_the_same_rounds() {
    for choice in ["logit", "best_reply"] {
        let loaded = parse(&country(choice));
        let (tally, records) = play_records::<1>(&loaded, 8, 300, 1);
        assert_eq!(records, play_records::<64>(&loaded, 8, 300, 0).1);
        assert_eq!(
            tally.undefined,
            play_records::<64>(&loaded, 8, 300, 0).0.undefined
        );
    }
}

/// A rally is refreshed between the terms of two actions, and leaves alone what they share.
#[test]
fn the_terms_of_a_rally_leave_those_of_actions_alone() {
    let with = |first: &str| {
        let more = "rate = 'rally.coup.one - 2'\n[actions.late]\nwhen = '(day * 0.5 + 0.25) * (day + 1) > 1'\n\
                    rate = '(day * 0.5 + 0.25) * (day + 1) - 1'\n";
        parse(&two_bodies(&format!("first_move = '{first}'"), more))
    };
    let play = |first: &str| play_records::<64>(&with(first), 5, 500, 0).1;
    let live = "0.1 * (stance.army.two - 3) * (day - 7) * (day - 9)";
    let (plain, live) = (play("0.1"), play(live));
    assert!(plain == live);
    let late = plain.iter().filter(|r| r.first[1].is_some()).count();
    assert!(late > 100, "{late}");
}

/// A rally that nobody reads changes nothing, and one that is read beside does not either.
#[test]
fn reading_a_rally_elsewhere_does_not_move_a_round() {
    let text = country("logit");
    let plain = play_records::<64>(&parse(&text), 3, 500, 0).1;
    let more = text.replace(
        "[flags.close]",
        "[flags.also]\nwhen = 'rally.wing.aside > 0.3'\n[flags.close]",
    );
    let also = play_records::<64>(&parse(&more), 3, 500, 0).1;
    let same = |(a, b): (&kzsim::ensemble::RoundRecord, &kzsim::ensemble::RoundRecord)| {
        a.first == b.first && a.outcome == b.outcome
    };
    assert!(plain.iter().zip(&also).all(same));
}

/// `--follow` shows the rally of each day, the start among them, and moves nothing.
#[test]
fn a_rally_is_followed_from_the_start() {
    let (scenario, mut plan) = quiet("first_move = 1.35", &[]);
    let plain = play_records::<64>(&parse(&country("logit")), 3, 100, 0).1;
    let names = ["rally.coup.one".to_owned(), "rally.coup.aside".to_owned()];
    plan.followed = timeline::chosen(&names, &scenario, &plan.layout).expect("names to follow");
    let at = timeline::followed(&scenario, &plan).len() - 2;
    let loaded = (scenario, plan);
    let tally = play_tally(&loaded, 1, 64);
    for (q, side) in [(at, 0), (at + 1, 2)] {
        let found = tally.details.timeline.at(0, q).mean();
        assert!(
            (found - on_day_0(&loaded, side)).abs() < 1e-6,
            "{side}: {found}"
        );
    }
    let (scenario, mut plan) = parse(&country("logit"));
    let names = ["rally.seize.new".to_owned(), "rally.wing.street".to_owned()];
    plan.followed = timeline::chosen(&names, &scenario, &plan.layout).expect("names to follow");
    assert_eq!(plain, play_records::<64>(&(scenario, plan), 3, 100, 0).1);
}

/// The terms of a rally count as read where something that reads the rally is.
#[test]
fn terms_without_a_value_are_counted_where_the_rally_is_read() {
    let text = two_bodies(
        "first_move = '1 / nought'",
        "when = 'happened.chance'\nrate = 100\nsuccess = 'split'\n[variables]\nnought = 0\n\
         [formulas]\nsplit = 'rally.coup.one'\n[actions.chance]\nchance = 0.3\n",
    );
    let loaded = parse(&text);
    let path = |tally: &[u64]| {
        let at = loaded
            .1
            .fragile
            .iter()
            .position(|f| f.path == "actions.coup.rally.first_move");
        tally[at.expect("a fragile term")]
    };
    let tally = play_tally(&loaded, 2, 2_000);
    let tried = tally.action_count(action(&loaded.0, "coup"));
    assert!((500..700).contains(&tried));
    assert_eq!(path(&tally.undefined), tried);
    let idle = loaded
        .1
        .actions
        .iter()
        .find(|a| a.id == "chance")
        .expect("an action");
    assert!(idle.notes.is_empty());
    let mut batch = Batch::<64>::new(&loaded.1, 2);
    batch.initialise(0, 4);
    batch.refresh(Needs::ALL);
    assert!(
        batch.undefined.iter().all(|mask| !mask.any()),
        "looking counts nothing"
    );
    assert_eq!(batch.get(loaded.1.rallies[0].first_move), &Lanes::all(0.0));
}

/// What `scenario` and plan find wrong.
fn faults(text: &str) -> Vec<String> {
    match Scenario::parse("test", text) {
        Err(faults) => faults.list.into_iter().map(|f| f.found).collect(),
        Ok(scenario) => match Plan::new(&scenario) {
            Err(faults) => faults.into_iter().map(|f| f.found).collect(),
            Ok(_) => Vec::new(),
        },
    }
}

#[test]
fn what_makes_no_rally_is_refused_by_name() {
    let quiet = |rally: &str, more: &str| faults(&two_bodies(rally, &format!("rate = 0\n{more}")));
    assert!(quiet("night = 1", "").is_empty());
    let other = "[actions.other]\nrate = 'rally.other.one'\n";
    assert_eq!(
        quiet("night = 1", other),
        ["the action `other` has no `rally`"]
    );
    assert_eq!(
        quiet("first_move = 'rally.coup.two'", ""),
        ["`rally.coup.two` in the terms of a rally"]
    );
    let formula = "[formulas]\nheat = '2 * rally.coup.two.force'\n[flags.hot]\nwhen = 'heat > 1'\n";
    assert_eq!(
        quiet("claim = 'heat'", formula),
        ["`rally.coup.two.force` in the terms of a rally"]
    );
    assert!(quiet("night = 'backing.one'", formula).is_empty());
    let text = two_bodies("night = 1", "rate = 0\n");
    for (from, to) in [
        (
            "[contenders.one]",
            "[contenders.one]\nstanding = 'rally.coup.one'",
        ),
        (
            "[contenders.one]",
            "[contenders.one]\nmomentum = 'rally.coup.one'",
        ),
        ("caution = 0.5", "caution = 'rally.coup.one'"),
        (
            "[outcomes.end]",
            "[dynamics]\nsharpness = 'rally.coup.one'\n[outcomes.end]",
        ),
    ] {
        assert_eq!(
            faults(&text.replace(from, to)),
            ["`rally.coup.one` in a number that rallies read"],
            "{to}"
        );
    }
    // What rallies do not read may.
    let free = "[dynamics]\nreconsider = 'rally.coup.one'\n[outcomes.end]";
    assert!(faults(&text.replace("[outcomes.end]", free)).is_empty());
    let text = two_bodies("night = 1", "rate = 0\n");
    assert_eq!(
        faults(&text.replace("side = 'one'", "side = 'army'")),
        ["there is no contender `army`: `army` is the id of an actor"]
    );
    assert_eq!(
        faults(&text.replace("side = 'one', ", "")),
        ["missing key `actions.coup.rally.side`"]
    );
    assert_eq!(quiet("night = -1", "").len(), 1);
}
