//! Initialise: the state at the start of each round. `docs/MODEL.md` section 5.

use super::lanes::{Lanes, Mask, map};
use super::state::Batch;
use crate::plan::WayPlan;

/// Where the priors of rounds come from.
#[derive(Debug, Clone, Copy)]
pub enum Priors<'u, const W: usize> {
    /// From the draws of the rounds themselves.
    Drawn,
    /// From the draws of other rounds: what they do not know is the same, chance is not.
    Of(&'u [u64; W]),
    /// From given uniform numbers, one row a prior, each in (0, 1).
    At(&'u [Lanes<W>]),
}

/// Passes that bring turnout to its fixed point.
const PASSES: usize = 16;

impl<const W: usize> Batch<'_, W> {
    /// Puts rounds into the lanes, from `first` on, in order; lanes beyond `count` stay idle.
    pub fn initialise(&mut self, first: u64, count: usize) {
        let rounds = std::array::from_fn(|i| first + i as u64);
        self.initialise_with(rounds, rounds, &Priors::Drawn, count);
    }

    /// Puts rounds into the lanes that draw what is left to chance as these `rounds` do, and whose
    /// priors are given in another way. `labels` tell the lanes apart when lanes change places.
    pub fn initialise_with(
        &mut self,
        rounds: [u64; W],
        labels: [u64; W],
        priors: &Priors<'_, W>,
        count: usize,
    ) {
        self.rounds = rounds;
        self.labels = labels;
        self.alive = Mask::of(|i| i < count);
        self.t = 0;
        self.draws.restart();
        self.facts_are_stale();
        self.clear();
        self.draw_priors(priors);
        let plan = self.plan;
        super::evaluate::run(self.isa, &plan.round, &mut self.slots);
        for (to, from) in &plan.initial {
            self.slots[*to] = self.slots[*from];
        }
        self.place_stances();
        self.draw_tastes();
        for n in 0..plan.crowds.len() {
            self.grievance_start[n] = self.slots[plan.layout.grievance(n)];
        }
        self.run(&plan.choose.program);
        self.facts_are_stale();
        self.first_turnout();
        self.form_views();
        for c in 0..plan.contenders.len() {
            self.slots[plan.layout.prospects_start(c)] = self.slots[plan.layout.prospects(c)];
        }
        self.first_considerations();
    }

    fn clear(&mut self) {
        let plan = self.plan;
        // What programs left behind goes too: nothing of an earlier round may be read in this one.
        self.slots.fill(Lanes::all(0.0));
        for (slot, x) in &plan.constants {
            self.slots[*slot] = Lanes::all(*x);
        }
        self.slots[plan.layout.openness()] = Lanes::all(1.0);
        let rounds = self.rounds;
        for (i, action) in self.actions.iter_mut().enumerate() {
            action.clock = Lanes::all(0.0);
            action.start = Lanes::all(0.0);
            action.now = Lanes::all(0.0);
            action.rate = Lanes::all(0.0);
            action.decisions = [0; W];
            action.spell = Mask::NONE;
            action.judged = Mask::NONE;
            action
                .queue
                .iter_mut()
                .for_each(std::collections::VecDeque::clear);
            if matches!(
                plan.actions[i].way,
                WayPlan::Rate(_) | WayPlan::Decide { .. }
            ) {
                action.threshold = *self.draws.act[i].at(self.isa, 0, &rounds);
            }
            self.slots[plan.layout.first(i)] = Lanes::all(f32::INFINITY);
            self.slots[plan.layout.latest(i)] = Lanes::all(f32::NEG_INFINITY);
        }
        self.mood.fill(Lanes::all(0.0));
        self.runs.fill([0; W]);
        self.flags.fill(Mask::NONE);
        self.seen.fill(Mask::NONE);
        self.read.fill(Lanes::all(0.0));
        for (h, office) in plan.offices.iter().enumerate() {
            self.slots[plan.layout.office(h)] = Lanes::all(office.holder);
        }
    }

    fn draw_priors(&mut self, priors: &Priors<'_, W>) {
        for (i, prior) in self.plan.priors.iter().enumerate() {
            let u = match priors {
                Priors::Drawn => self.draws.priors[i].over(self.isa, &self.rounds),
                Priors::Of(rounds) => self.draws.priors[i].over(self.isa, rounds),
                Priors::At(u) => u[i],
            };
            map(&mut self.slots[self.plan.layout.prior(i)], &u, |u| {
                prior.at(u)
            });
        }
    }

    fn place_stances(&mut self) {
        for (a, actor) in self.plan.actors.iter().enumerate() {
            for (o, share) in actor.stance.iter().enumerate() {
                self.slots[self.plan.layout.stance(a, o)] = Lanes::all(*share);
            }
        }
    }

    fn draw_tastes(&mut self) {
        let options = self.plan.contenders.len() + 1;
        for (a, sites) in self.draws.tastes.iter().enumerate() {
            for (o, site) in sites.iter().enumerate() {
                self.tastes[a * options + o] = site.over(self.isa, &self.rounds);
            }
        }
    }

    /// Turnout without contagion and mood: a fixed point, since repression may depend on turnout.
    fn first_turnout(&mut self) {
        let plan = self.plan;
        self.run(&plan.mobilise.program);
        self.refresh(plan.mobilise.repression.needs);
        for _ in 0..PASSES {
            self.evaluate_repression();
            for (n, crowd) in plan.crowds.iter().enumerate() {
                let l = &plan.layout;
                let mut target = Lanes::<W>::all(0.0);
                let (v, r) = (&self.slots[l.grievance(n)], &self.slots[l.repression(n)]);
                let (mean, sd) = (
                    &self.slots[crowd.threshold_mean],
                    &self.slots[crowd.threshold_sd],
                );
                for i in 0..W {
                    let z = ((v.0[i] - r.0[i]) - mean.0[i]) / sd.0[i];
                    target.0[i] = self.beyond_threshold(z);
                }
                self.slots[l.turnout(n)] = target;
            }
        }
    }

    /// The probability of each considered move at the start.
    fn first_considerations(&mut self) {
        let plan = self.plan;
        if plan
            .actions
            .iter()
            .any(|a| matches!(a.way, WayPlan::Decide { .. }))
        {
            self.run(&plan.act);
            self.computed.fill(false);
            for i in 0..plan.actions.len() {
                if !matches!(plan.actions[i].way, WayPlan::Decide { .. }) {
                    continue;
                }
                self.terms_of(i);
                if let Some(p) = self.considered(i) {
                    self.actions[i].start = p;
                }
            }
        }
    }
}
