//! Who would stand where if an action were tried now (`docs/MODEL.md` section 7.5a).

use kzsim::scenario::model::Choice;

use super::Play;
use super::functions::softmax;
use super::stages::{one_hot, whole};
use super::state::{ChooseTerms, PerceiveTerms, column};

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
        let mut sides = state.stance.clone();
        for _ in 0..REPLIES {
            let scores: Vec<Option<f32>> = (0..contenders)
                .map(|c| {
                    let support = state.share(world, None, &column(&sides, c));
                    let f = state.force(&perceive, c, support);
                    let f = if c == side { f + fact } else { f };
                    state
                        .contender_present(world, c)
                        .then_some(perceive.weight * f)
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
                let mut utility: Vec<Option<f32>> = (0..contenders)
                    .map(|c| {
                        let tie = (1.0 - o) * state.loyalty[a][c];
                        let hope = (o + state.promise[a][c]) * expected[c];
                        let order = state.authority_for(&choose.authority, a, c, &sides);
                        let u = if c == side {
                            (tie * claim + hope) + order * claim
                        } else {
                            (tie + hope) + order
                        };
                        state.contender_present(world, c).then_some(u)
                    })
                    .collect();
                utility.push(Some(choose.caution[a]));
                if best_reply {
                    return whole(&utility);
                }
                let scores: Vec<Option<f32>> = utility
                    .iter()
                    .map(|u| u.map(|u| choose.sharpness * u))
                    .collect();
                softmax(&scores)
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
