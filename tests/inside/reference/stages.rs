//! Perceive, Drift, Choose and Mobilise (`docs/MODEL.md` sections 7.2 to 7.6).

use kzsim::scenario::model::{ActorKind, Choice, Thresholds};

use super::Play;
use super::functions::{clamp01, exp, ln, logistic, max, normal_cdf, part, softmax};

/// `ln 2`.
#[expect(clippy::approx_constant, reason = "the decimal of the model")]
const LN_2: f32 = 0.693_147_2;

impl Play<'_> {
    /// Standard normal draw.
    fn normal(&self, site: &str, index: u64) -> f32 {
        self.uniform(site, index).normal()
    }

    /// Prospects and views, with the noise of a day.
    pub(crate) fn perceive(&mut self, whole_day: u64) {
        let world = self.world;
        let contenders = &world.scenario.contenders;
        let weight = self.number(&self.world.scenario.dynamics.prospect_weight);
        let floor = self.number(&self.world.scenario.dynamics.prospect_floor);
        let noise = self.number(&self.world.scenario.dynamics.noise);
        let blackout = self.number(&self.world.scenario.dynamics.noise_blackout);
        let f: Vec<Option<f32>> = contenders
            .iter()
            .enumerate()
            .map(|(c, contender)| {
                let momentum = self.number(&contender.momentum);
                let shown = max(self.state.support(world, c, None) + momentum, 0.0);
                let f = ln(shown + floor) + self.state.signal[c];
                self.state.contender_present(world, c).then_some(f)
            })
            .collect();
        let scores: Vec<Option<f32>> = f.iter().map(|f| f.map(|f| weight * f)).collect();
        let sigma = noise * (1.0 + blackout * (1.0 - self.state.openness));
        let mut sees = Vec::new();
        for actor in &world.scenario.actors {
            let scores: Vec<Option<f32>> = f
                .iter()
                .zip(contenders)
                .map(|(f, contender)| {
                    let site = format!("perceive/{}/{}", actor.id, contender.id);
                    f.map(|f| weight * (f + sigma * self.normal(&site, whole_day)))
                })
                .collect();
            sees.push(softmax(&scores));
        }
        self.state.prospects = softmax(&scores);
        self.state.sees = sees;
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
        for (a, actor) in self.world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            for (c, contender) in self.world.scenario.contenders.iter().enumerate() {
                let z = self.normal(
                    &format!("drift/{}/{}", actor.id, contender.id),
                    u64::from(t),
                );
                let news = self.state.prospects[c] - self.state.prospects_start[c];
                let loyalty = &mut self.state.loyalty[a][c];
                *loyalty = clamp01(
                    *loyalty
                        + ((drift * self.state.opportunism[a]) * news) * dt
                        + (diffusion * dt.sqrt()) * z,
                );
            }
        }
    }

    /// Stances move.
    pub(crate) fn choose(&mut self, t: u32) {
        let world = self.world;
        let contenders = world.scenario.contenders.len();
        let best_reply = world.scenario.dynamics.choice == Choice::BestReply;
        let sharpness = self.number(&self.world.scenario.dynamics.sharpness);
        let reconsider = max(self.number(&self.world.scenario.dynamics.reconsider), 0.0);
        let moving = part(reconsider * world.dt);
        let mut stances = self.state.stance.clone();
        for (a, actor) in world.scenario.actors.iter().enumerate() {
            if actor.contender.is_some() {
                continue;
            }
            let mut utility: Vec<Option<f32>> = (0..contenders)
                .map(|c| {
                    self.state
                        .contender_present(world, c)
                        .then(|| self.utility(a, c))
                })
                .collect();
            utility.push(Some(self.number(&actor.caution)));
            let person = actor.kind == ActorKind::Person;
            if person {
                let u = self
                    .uniform(&format!("choose/{}", actor.id), u64::from(t))
                    .u();
                if u < moving {
                    let scores = if best_reply {
                        utility
                    } else {
                        utility
                            .iter()
                            .zip(&self.state.tastes[a])
                            .map(|(value, taste)| value.map(|value| sharpness * value + taste))
                            .collect()
                    };
                    stances[a] = whole(&scores);
                }
                continue;
            }
            let target = if best_reply {
                whole(&utility)
            } else {
                let scores: Vec<Option<f32>> = utility
                    .iter()
                    .map(|value| value.map(|value| sharpness * value))
                    .collect();
                softmax(&scores)
            };
            for (share, target) in stances[a].iter_mut().zip(target) {
                *share += moving * (target - *share);
            }
        }
        self.state.stance = stances;
        self.state.sharpness = sharpness;
    }

    /// `U[a,c]`.
    fn utility(&self, a: usize, c: usize) -> f32 {
        let state = &self.state;
        let o = state.opportunism[a];
        ((1.0 - o) * state.loyalty[a][c] + o * state.sees[a][c]) + state.authority_for(a, c)
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
    fn targets(&self, crowd_half: f32) -> Vec<f32> {
        let crowds = &self.state.crowds;
        let target = |n: usize| {
            let crowd = &crowds[n];
            let others = crowds.iter().enumerate().filter(|(m, _)| *m != n);
            let most = others
                .map(|(_, other)| other.turnout)
                .reduce(max)
                .unwrap_or(0.0);
            let shown = crowd.turnout + (crowd.spillover * self.state.openness) * most;
            let seen = shown / (shown + crowd_half);
            let pushed = (crowd.grievance + crowd.contagion * seen) - crowd.repression;
            let above = (pushed + crowd.mood) - crowd.mean;
            threshold_share(self.world.scenario.dynamics.thresholds, above, crowd.sd)
        };
        (0..crowds.len()).map(target).collect()
    }

    /// Turnout, mood and grievance move.
    pub(crate) fn mobilise(&mut self, t: u32) {
        let dt = self.world.dt;
        let half = self.number(&self.world.scenario.dynamics.crowd_half);
        let pace = self.number(&self.world.scenario.dynamics.crowd_pace);
        let mood_sd = self.number(&self.world.scenario.dynamics.mood_sd);
        let mood_time = self.number(&self.world.scenario.dynamics.mood_time);
        let fade = self.number(&self.world.scenario.dynamics.grievance_fade);
        let closing = part(pace * dt);
        let x = dt / mood_time;
        let (e, spread) = (exp(-x), part(2.0 * x).sqrt());
        for (n, crowd) in self.world.scenario.crowds.iter().enumerate() {
            let z = self.normal(&format!("mood/{}", crowd.id), u64::from(t));
            let mood = &mut self.state.crowds[n].mood;
            *mood = *mood * e + (mood_sd * spread) * z;
        }
        self.read_repression();
        let first = self.targets(half);
        let before: Vec<f32> = self.state.crowds.iter().map(|n| n.turnout).collect();
        for (crowd, target) in self.state.crowds.iter_mut().zip(&first) {
            crowd.turnout += closing * (target - crowd.turnout);
        }
        self.read_repression();
        let second = self.targets(half);
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
        Thresholds::Logistic => logistic(1.702 * (above / sd)),
    }
}

/// Whole with the highest option; the first of equals.
fn whole(scores: &[Option<f32>]) -> Vec<f32> {
    let mut best: Option<(usize, f32)> = None;
    for (i, score) in scores.iter().enumerate() {
        if let Some(score) = *score
            && best.is_none_or(|(_, highest)| score > highest)
        {
            best = Some((i, score));
        }
    }
    let best = best.map(|(i, _)| i);
    (0..scores.len())
        .map(|i| if Some(i) == best { 1.0 } else { 0.0 })
        .collect()
}
