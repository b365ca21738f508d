//! Perceive, Drift, Choose and Mobilise (`docs/MODEL.md` sections 7.2 to 7.6).

use kzsim::scenario::model::{ActorKind, Choice, Contender, Number, Office, Thresholds};

use super::Play;
use super::functions::{Scored, clamp01, exp, logistic, max, min, normal_cdf, part, softmax};
use super::state::{ChooseTerms, MobiliseTerms, PerceiveTerms, column, in_all_arenas};

/// `ln 2`.
#[expect(clippy::approx_constant, reason = "the decimal of the model")]
const LN_2: f32 = 0.693_147_2;

impl Play<'_> {
    /// Standard normal draw.
    fn normal(&self, site: &str, index: u64) -> f32 {
        self.uniform(site, index).normal()
    }

    /// What makes forces and prospects, read for the present state.
    pub(crate) fn perceive_terms(&self) -> PerceiveTerms {
        let scenario = &self.world.scenario;
        let of = |number: fn(&Contender) -> &Number| {
            let contenders = scenario.contenders.iter();
            contenders.map(|c| self.number(number(c))).collect()
        };
        PerceiveTerms {
            weight: self.number(&scenario.dynamics.prospect_weight),
            floor: self.number(&scenario.dynamics.prospect_floor),
            momentum: of(|c| &c.momentum),
            standing: of(|c| &c.standing),
        }
    }

    /// Prospects and views, with the noise of a day; without one, before the first step, nobody errs.
    pub(crate) fn perceive(&mut self, whole_day: Option<u64>) {
        let world = self.world;
        let dynamics = &world.scenario.dynamics;
        let contenders = &world.scenario.contenders;
        self.state.perceive = self.perceive_terms();
        let noise = self.number(&dynamics.noise);
        let blackout = self.number(&dynamics.noise_blackout);
        let weight = self.state.perceive.weight;
        let state = &self.state;
        let present = |c: usize| state.contender_present(world, c);
        let f = self.forces();
        let scores: Vec<Scored> = (0..f.len()).map(|c| (weight * f[c], present(c))).collect();
        let mut new = 0.0;
        for c in (0..f.len()).filter(|c| present(*c)) {
            new = max(new, (f[c] - state.force_at_rest[c]).abs());
        }
        let new = min(new, 1.0);
        let sigma = noise * (1.0 + blackout * (1.0 - state.openness));
        let mut sees = Vec::new();
        for (a, actor) in world.scenario.actors.iter().enumerate() {
            let others = if actor.contender.is_some() {
                f.clone()
            } else {
                self.forces_without(a)
            };
            let scores: Vec<Scored> = (0..f.len())
                .map(|c| {
                    let error = whole_day.map_or(0.0, |day| {
                        let site = format!("perceive/{}/{}", actor.id, contenders[c].id);
                        (sigma * new) * self.normal(&site, day)
                    });
                    (weight * (others[c] + error), present(c))
                })
                .collect();
            sees.push(softmax(&scores));
        }
        self.state.prospects = softmax(&scores);
        self.state.sees = sees;
    }

    /// `f` of every contender.
    pub(crate) fn forces(&self) -> Vec<f32> {
        (0..self.world.scenario.contenders.len())
            .map(|c| {
                let support = self.state.support(self.world, c, None);
                self.state.force(&self.state.perceive, c, support)
            })
            .collect()
    }

    /// `f` of every contender without the weight of an actor.
    fn forces_without(&self, a: usize) -> Vec<f32> {
        let (world, state) = (self.world, &self.state);
        let support = |c: usize| {
            let stances = column(&state.stance, c);
            in_all_arenas(world, |k| {
                let (own, all) = (state.weight(a, k), state.all_power(k));
                let others = all - own;
                if others > max(0.000_001 * all, 1e-36) {
                    max(state.power_with(k, &stances) - own * stances[a], 0.0) * (1.0 / others)
                } else {
                    0.0
                }
            })
        };
        (0..world.scenario.contenders.len())
            .map(|c| state.force(&state.perceive, c, support(c)))
            .collect()
    }

    /// Signals fade.
    pub(crate) fn fade(&mut self) {
        let half_life = self.number(&self.world.scenario.dynamics.signal_half_life);
        let kept = exp(-(LN_2 * self.world.dt) / half_life);
        for signal in &mut self.state.signal {
            *signal *= kept;
        }
    }

    /// Loyalties move on news.
    pub(crate) fn drift(&mut self, t: u32) {
        let dt = self.world.dt;
        let drift = self.number(&self.world.scenario.dynamics.drift);
        let diffusion = self.number(&self.world.scenario.dynamics.diffusion);
        let memory = self.number(&self.world.scenario.dynamics.memory);
        for (a, actor) in self.world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            for (c, contender) in self.world.scenario.contenders.iter().enumerate() {
                let site = format!("drift/{}/{}", actor.id, contender.id);
                let word = super::draw(self.world.seed, &site, self.round, u64::from(t / 32));
                let noise = diffusion * dt.sqrt();
                let noise = if word & (1 << (t % 32)) == 0 {
                    noise
                } else {
                    -noise
                };
                let (sees, granted) = (self.state.sees[a][c], self.state.granted[a][c]);
                let pull = (drift * self.state.opportunism[a]) * (sees - granted);
                let loyalty = &mut self.state.loyalty[a][c];
                *loyalty = clamp01((*loyalty + pull * dt) + noise);
                self.state.granted[a][c] = granted + part(dt / memory) * (sees - granted);
            }
        }
    }

    /// What weighs a choice, read for the present state.
    pub(crate) fn choose_terms(&self) -> ChooseTerms {
        let scenario = &self.world.scenario;
        let caution = scenario.actors.iter().map(|a| self.number(&a.caution));
        let over = |office: &Office| {
            let actors = 0..scenario.actors.len();
            let authority = actors.map(|a| office.authority.get(&a));
            let authority = authority.map(|number| number.map_or(0.0, |x| self.number(x)));
            authority.collect()
        };
        ChooseTerms {
            sharpness: self.number(&scenario.dynamics.sharpness),
            caution: caution.collect(),
            authority: scenario.offices.iter().map(over).collect(),
        }
    }

    /// Reads the coefficients of Choose; gives `reconsider` and `rupture`.
    pub(crate) fn read_choose(&mut self) -> (f32, f32) {
        let dynamics = &self.world.scenario.dynamics;
        let terms = self.choose_terms();
        let rest = (
            self.number(&dynamics.reconsider),
            self.number(&dynamics.rupture),
        );
        self.state.choose = terms;
        rest
    }

    /// Stances move.
    pub(crate) fn choose(&mut self, t: u32) {
        let world = self.world;
        let (reconsider, rupture) = self.read_choose();
        let moving = part(max(reconsider, 0.0) * world.dt);
        let eta = clamp01(1.0 - (rupture - self.state.rupture_at_rest));
        let mut stances = self.state.stance.clone();
        let mut homes = self.state.home.clone();
        for (a, actor) in world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            if actor.kind == ActorKind::Person {
                let site = format!("choose/{}", actor.id);
                if self.uniform(&site, u64::from(t)).u() < moving {
                    let best = self.best(a, eta);
                    if homes[a] != best {
                        stances[a] = one_hot(stances[a].len(), best);
                        homes[a] = best;
                    }
                }
                continue;
            }
            let target = self.body_target(a, eta);
            for (share, target) in stances[a].iter_mut().zip(target) {
                *share += moving * (target - *share);
            }
        }
        self.state.stance = stances;
        self.state.home = homes;
    }

    /// The option that a person takes if he looks again.
    pub(crate) fn best(&self, a: usize, eta: f32) -> Option<usize> {
        let present = |(score, present): Scored| present.then_some(score);
        let scores = self.scores(a, eta).into_iter().map(present);
        highest(&scores.collect::<Vec<_>>())
    }

    /// `V[a,·]`: what speaks for each option, custom apart.
    pub(crate) fn reasons(&self, a: usize) -> Vec<f32> {
        let scenario = &self.world.scenario;
        let person = scenario.actors[a].kind == ActorKind::Person;
        let utility = self.utilities(a).into_iter();
        if person && scenario.dynamics.choice == Choice::BestReply {
            return utility.collect();
        }
        let sharpness = self.state.choose.sharpness;
        let reasons = utility.map(|u| sharpness * u);
        if person {
            let tastes = self.state.tastes[a].iter();
            reasons.zip(tastes).map(|(v, g)| v + g).collect()
        } else {
            reasons.collect()
        }
    }

    /// Whether an option is present.
    pub(crate) fn is_present(&self, o: usize) -> bool {
        let aside = self.world.scenario.contenders.len();
        o == aside || self.state.contender_present(self.world, o)
    }

    /// Those of a list, one number for each option, whose option is present.
    pub(crate) fn present(&self, options: &[f32]) -> Vec<Option<f32>> {
        let options = options.iter().enumerate();
        options
            .map(|(o, x)| self.is_present(o).then_some(*x))
            .collect()
    }

    /// Reasons with what is left of custom, for present options.
    fn scores(&self, a: usize, eta: f32) -> Vec<Scored> {
        let (used, custom) = (&self.state.reasons[a], &self.state.custom[a]);
        let reasons = self.reasons(a).into_iter().enumerate();
        let scores = reasons.map(|(o, v)| (1.0 - eta) * v + eta * ((v - used[o]) + custom[o]));
        scores
            .enumerate()
            .map(|(o, score)| (score, self.is_present(o)))
            .collect()
    }

    /// `T` of a body.
    pub(crate) fn body_target(&self, a: usize, eta: f32) -> Vec<f32> {
        if self.world.scenario.dynamics.choice == Choice::Logit {
            return softmax(&self.scores(a, eta));
        }
        let utility = self.present(&self.utilities(a));
        let custom = &self.state.custom[a];
        let best = highest(&utility);
        let whole = one_hot(utility.len(), best);
        if best != self.state.home[a] {
            return whole;
        }
        let mut target: Vec<f32> = (0..utility.len())
            .map(|o| eta * custom[o] + (1.0 - eta) * whole[o])
            .collect();
        let best = best.expect("aside is always an option");
        for o in (0..utility.len()).filter(|o| utility[*o].is_none()) {
            target[best] += target[o];
            target[o] = 0.0;
        }
        target
    }

    /// `U[a,·]`, aside last; that of an absent contender is no option.
    pub(crate) fn utilities(&self, a: usize) -> Vec<f32> {
        let state = &self.state;
        let utility = |c: usize| {
            let o = state.opportunism[a];
            let (loyalty, sees) = (state.loyalty[a][c], state.sees[a][c]);
            let own = (1.0 - o) * loyalty + o * sees;
            let hoped = sees * state.promise[a][c];
            (own + hoped) + state.authority_for(&state.choose.authority, a, c, &state.stance)
        };
        (0..self.world.scenario.contenders.len())
            .map(utility)
            .chain([state.choose.caution[a]])
            .collect()
    }

    /// Reads the coefficients of Mobilise.
    pub(crate) fn read_mobilise(&mut self) -> MobiliseTerms {
        let dynamics = &self.world.scenario.dynamics;
        let terms = MobiliseTerms {
            pace: self.number(&dynamics.crowd_pace),
            mood_sd: self.number(&dynamics.mood_sd),
            mood_time: self.number(&dynamics.mood_time),
            fade: self.number(&dynamics.grievance_fade),
        };
        self.state.crowd_half = self.number(&dynamics.crowd_half);
        terms
    }

    /// Repression of every crowd, read for the present state.
    pub(crate) fn read_repression(&mut self) {
        let crowds = &self.world.scenario.crowds;
        let values: Vec<f32> = crowds.iter().map(|n| self.number(&n.repression)).collect();
        for (crowd, value) in self.state.crowds.iter_mut().zip(values) {
            crowd.repression = value;
        }
    }

    /// Where the turnout of each crowd is heading.
    pub(crate) fn targets(&self) -> Vec<f32> {
        let crowds = &self.state.crowds;
        let target = |n: usize| {
            let crowd = &crowds[n];
            let others = crowds.iter().enumerate().filter(|(m, _)| *m != n);
            let most = others
                .map(|(_, other)| other.appeal * other.turnout)
                .reduce(max)
                .unwrap_or(0.0);
            let shown = crowd.turnout + (crowd.spillover * self.state.openness) * most;
            let seen = shown / (shown + self.state.crowd_half);
            let pushed = (crowd.grievance + crowd.contagion * seen) - crowd.repression;
            let above = (pushed + crowd.mood) - crowd.mean;
            let law = self.world.scenario.dynamics.thresholds;
            let target = threshold_share(law, above, crowd.sd);
            clamp01(crowd.turnout_at_rest + (target - crowd.target_at_rest))
        };
        (0..crowds.len()).map(target).collect()
    }

    /// Turnout, mood and grievance move.
    pub(crate) fn mobilise(&mut self, t: u32) {
        let dt = self.world.dt;
        let MobiliseTerms {
            pace,
            mood_sd,
            mood_time,
            fade,
        } = self.read_mobilise();
        let closing = part(pace * dt);
        let x = dt / mood_time;
        let (e, spread) = (exp(-x), part(2.0 * x).sqrt());
        for (n, crowd) in self.world.scenario.crowds.iter().enumerate() {
            let z = self.normal(&format!("mood/{}", crowd.id), u64::from(t));
            let mood = &mut self.state.crowds[n].mood;
            *mood = *mood * e + (mood_sd * spread) * z;
        }
        self.read_repression();
        let first = self.targets();
        let before: Vec<f32> = self.state.crowds.iter().map(|n| n.turnout).collect();
        for (crowd, target) in self.state.crowds.iter_mut().zip(&first) {
            crowd.turnout += closing * (target - crowd.turnout);
        }
        self.read_repression();
        let second = self.targets();
        for (n, crowd) in self.state.crowds.iter_mut().enumerate() {
            let x = before[n];
            crowd.turnout = clamp01(x + closing * (0.5 * (first[n] + second[n]) - x));
            let v = crowd.grievance;
            crowd.grievance = v + part(fade * dt) * (crowd.grievance_start - v);
        }
    }
}

/// Share of a crowd whose threshold lies below, by the law of thresholds.
pub(crate) fn threshold_share(law: Thresholds, above: f32, sd: f32) -> f32 {
    match law {
        Thresholds::Normal => normal_cdf(above / sd),
        Thresholds::Logistic => logistic(1.9 * (above / sd)),
    }
}

/// The highest option; the first of equals.
pub(crate) fn highest(scores: &[Option<f32>]) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (i, score) in scores.iter().enumerate() {
        if let Some(score) = *score
            && best.is_none_or(|(_, highest)| score > highest)
        {
            best = Some((i, score));
        }
    }
    best.map(|(i, _)| i)
}

/// Whole with one option.
pub(crate) fn one_hot(options: usize, which: Option<usize>) -> Vec<f32> {
    (0..options)
        .map(|i| if Some(i) == which { 1.0 } else { 0.0 })
        .collect()
}

/// Whole with the highest option; the first of equals.
pub(crate) fn whole(scores: &[Option<f32>]) -> Vec<f32> {
    one_hot(scores.len(), highest(scores))
}
