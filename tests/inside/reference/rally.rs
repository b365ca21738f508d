//! Who would stand where if an action were tried now (`docs/MODEL.md` section 7.5a).

use kzsim::scenario::model::Choice;

use super::Play;
use super::functions::{Scored, add_up, softmax};
use super::stages::{one_hot, whole};
use super::state::{ChooseTerms, PerceiveTerms, column, in_all_arenas};

/// How often everybody thinks about what everybody expects.
const REPLIES: usize = 4;

/// What a rally reads of its action.
pub(crate) struct Terms {
    first: f32,
    night: f32,
    claim: f32,
    perceive: PerceiveTerms,
    choose: ChooseTerms,
}

impl Play<'_> {
    /// What a rally reads, for the present state.
    pub(crate) fn rally_terms(&self, i: usize) -> Terms {
        let rally = self.world.scenario.actions[i].rally.as_ref();
        let rally = rally.expect("an action with a rally");
        Terms {
            first: self.number(&rally.first_move),
            night: self.number(&rally.night),
            claim: self.number(&rally.claim),
            perceive: self.perceive_terms(),
            choose: self.choose_terms(),
        }
    }

    /// The side that each actor would take, aside last.
    pub(crate) fn sides(&self, i: usize) -> Vec<Vec<f32>> {
        let world = self.world;
        let state = &self.state;
        let action = &world.scenario.actions[i];
        let rally = action.rally.as_ref().expect("an action with a rally");
        let side = rally.side;
        // Nobody knows the night before it has come.
        let z = match self.night {
            Some((which, z)) if which == i => z,
            _ => 0.0,
        };
        let Terms {
            first,
            night,
            claim,
            perceive,
            choose,
        } = self.rally_terms(i);
        let fact = first + night * z;
        let contenders = world.scenario.contenders.len();
        let best_reply = world.scenario.dynamics.choice == Choice::BestReply;
        // Of all power, what is whose.
        let parts: Vec<f32> = (0..state.present.len())
            .map(|a| {
                in_all_arenas(world, |k| match state.all_power(k) {
                    all if all > 1e-36 => state.weight(a, k) * (1.0 / all),
                    _ => 0.0,
                })
            })
            .collect();
        let mut sides = state.stance.clone();
        for reply in 1..=REPLIES {
            let scores: Vec<Scored> = (0..contenders)
                .map(|c| {
                    let support = match reply {
                        1 => state.support(world, c, None),
                        _ => add_up(parts.iter().zip(&sides).map(|(part, side)| part * side[c])),
                    };
                    let f = state.force(&perceive, c, support);
                    let f = if c == side { f + fact } else { f };
                    (perceive.weight * f, self.is_present(c))
                })
                .collect();
            let expected = softmax(&scores);
            let reply = |a: usize| {
                if let Some(own) = world.scenario.actors[a].contender {
                    return one_hot(contenders + 1, Some(own));
                }
                if action.by == Some(a) {
                    return one_hot(contenders + 1, Some(side));
                }
                let o = state.opportunism[a];
                let caution = choose.caution[a];
                let tie = |c: usize| {
                    let tie = (1.0 - o) * state.loyalty[a][c];
                    if c == side { tie * claim } else { tie }
                };
                let orders = |c: usize, unit: Option<f32>| {
                    let says = |(h, holder): (usize, &Option<usize>)| {
                        let Some(holder) = holder else { return 0.0 };
                        let weight = choose.authority[h][a];
                        let weight = if c == side { weight * claim } else { weight };
                        let weight = unit.map_or(weight, |unit| unit * weight);
                        weight * (state.present[*holder] * sides[*holder][c])
                    };
                    add_up(state.holder.iter().enumerate().map(says))
                };
                if best_reply {
                    let utility = |c: usize| {
                        let hope = (o + state.promise[a][c]) * expected[c];
                        let u = (tie(c) + orders(c, None)) + hope;
                        self.is_present(c).then_some(u)
                    };
                    let utility = (0..contenders).map(utility).chain([Some(caution)]);
                    return whole(&utility.collect::<Vec<_>>());
                }
                let beta = choose.sharpness;
                let score = |c: usize| {
                    let own = beta * tie(c) - beta * caution;
                    let hope = (beta * (o + state.promise[a][c])) * expected[c];
                    ((own + orders(c, Some(beta))) + hope, self.is_present(c))
                };
                let scores = (0..contenders).map(score).chain([(0.0, true)]);
                softmax(&scores.collect::<Vec<_>>())
            };
            sides = (0..sides.len()).map(reply).collect();
        }
        sides
    }

    /// What of all power, or of that in one arena, would stand with an option (the last is aside).
    pub(crate) fn rally(&self, i: usize, option: usize, arena: Option<usize>) -> f32 {
        let side = column(&self.sides(i), option);
        self.state.share(self.world, arena, &side)
    }
}
