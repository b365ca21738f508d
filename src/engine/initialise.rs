//! Initialise: the state at the start of a round. `docs/MODEL.md` section 5.

use super::draws::Sharers;
use super::lanes::{Lanes, Mask, map};
use super::state::{Batch, ChangesSince};
use crate::math;
use crate::plan::{Needs, OpenNumber, OpenNumbers, OpenValue, Prior, WayPlan};

/// Where the priors of a round come from.
#[derive(Debug, Clone, Copy)]
pub enum Priors<'u, const W: usize> {
    /// From the round's own draws.
    Drawn,
    /// From the draws of other rounds, one per lane: same priors, different chance.
    Of(&'u [u64; W]),
    /// From given uniform numbers, as [`crate::math::sided`] has them, one row per prior.
    At(&'u [Lanes<W>]),
    /// From the round's own draws, but for open numbers, of which each lane has those of a row of a table.
    Open(&'u OpenNumbers, &'u [u64; W]),
}

/// Passes on the way to rest.
pub(super) const PASSES: usize = 16;
/// How often a state at rest is read: what is read may read in its turn what was read before.
const READINGS: usize = 4;

impl<const W: usize> Batch<'_, W> {
    /// Starts `count` rounds, from `first` on, one per lane; the other lanes stay idle.
    pub fn initialise(&mut self, first: u64, count: usize) {
        let rounds = std::array::from_fn(|i| first + i as u64);
        self.initialise_with(rounds, rounds, &Priors::Drawn, count);
    }

    /// Starts rounds that draw chance as `rounds` do and take their priors from elsewhere. `labels`
    /// identify the rounds when lanes change places.
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
        self.changes = ChangesSince::EVER;
        let sharers = Sharers::new(&self.rounds);
        self.clear(&sharers);
        self.draw_priors(priors, &sharers);
        let plan = self.plan;
        super::evaluate::run(self.isa, &plan.round, &mut self.slots);
        let alive = self.alive;
        self.note(&plan.round.notes, &alive);
        for (to, from) in &plan.initial {
            self.slots[*to] = self.slots[*from];
        }
        self.draw_lots(&sharers);
        self.draw_tastes(&sharers);
        for n in 0..plan.crowds.len() {
            let start = self.slots[plan.layout.grievance(n)];
            self.slots[plan.layout.grievance_start(n)] = start;
        }
        self.facts_are_stale();
        self.send_aside_who_follow_the_absent();
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || {
                self.come_to_rest();
                self.dispose(&sharers);
            },
        );
        // Whoever sees the round begin sees support.
        self.refresh(Needs {
            support: true,
            ..Needs::default()
        });
    }

    fn clear(&mut self, sharers: &Sharers<W>) {
        let alive = self.alive;
        self.forget();
        self.alive = alive;
        self.undecided = Mask::of(|_| true);
        let plan = self.plan;
        for (slot, x) in &plan.start {
            self.slots[*slot] = Lanes::all(*x);
        }
        for (i, action) in plan.actions.iter().enumerate() {
            if matches!(action.way, WayPlan::Rate(_) | WayPlan::Decide { .. }) {
                let first = self.draws.act[i].at(self.isa, 0, sharers);
                self.slots[plan.layout.threshold(i)] = first;
            }
        }
    }

    fn draw_priors(&mut self, priors: &Priors<'_, W>, sharers: &Sharers<W>) {
        let plan = self.plan;
        let mut own = self.take_rows(if plan.mixtures.is_empty() {
            0
        } else {
            plan.priors.len()
        });
        let others = match priors {
            Priors::Of(rounds) => Some(Sharers::new(rounds)),
            _ => None,
        };
        let sharers = others.as_ref().unwrap_or(sharers);
        let (open, laws, rows): (&[OpenNumber], &[Prior], _) = match priors {
            Priors::Open(open, rows) => (&open.numbers, &open.laws, **rows),
            _ => (&[], &[], [0; W]),
        };
        let mut open = open.iter().peekable();
        for (i, prior) in plan.priors.iter().enumerate() {
            if let Some(number) = open.next_if(|number| number.prior == i) {
                let values = rows.map(|row| number.at(row));
                self.set_open(i, &values, laws, sharers);
                continue;
            }
            let e = match priors {
                Priors::At(e) => e[i],
                _ => self.draws.priors[i].over(self.isa, sharers),
            };
            if let Some(row) = own.get_mut(i) {
                *row = e;
            }
            map(&mut self.slots[plan.layout.prior(i)], &e, |e| prior.at(e));
        }
        for (i, parts) in &plan.mixtures {
            let mut score = Lanes::<W>::all(0.0);
            for (j, part) in parts {
                for lane in 0..W {
                    score.0[lane] += part * math::normal(own[*j].0[lane]);
                }
            }
            let prior = &plan.priors[*i];
            map(&mut self.slots[plan.layout.prior(*i)], &score, |x| {
                prior.at(math::sided_normal(x))
            });
        }
        self.give_rows(own);
    }

    /// Gives each lane its own value of an open number, or a value by its own law.
    fn set_open(
        &mut self,
        prior: usize,
        values: &[OpenValue; W],
        laws: &[Prior],
        sharers: &Sharers<W>,
    ) {
        let drawn = values.iter().any(|x| matches!(x, OpenValue::Law(_)));
        let e = if drawn {
            self.draws.priors[prior].over(self.isa, sharers)
        } else {
            Lanes::all(0.0)
        };
        let slot = &mut self.slots[self.plan.layout.prior(prior)];
        for (i, value) in values.iter().enumerate() {
            slot.0[i] = match value {
                OpenValue::Fixed(x) => *x,
                OpenValue::Law(law) => laws[*law as usize].at(e.0[i]),
            };
        }
    }

    /// Draws who holds offices and where persons stand, where only chances are known.
    fn draw_lots(&mut self, sharers: &Sharers<W>) {
        for (lot, draw) in self.plan.lots.iter().zip(&self.draws.lots) {
            let u = draw.over(self.isa, sharers);
            for i in 0..W {
                let mut sum = 0.0;
                let drawn = lot.choices.iter().find(|(chance, _)| {
                    sum += chance;
                    u.0[i] < sum
                });
                for (slot, x) in drawn.map_or(&lot.rest, |(_, state)| state) {
                    self.slots[*slot].0[i] = *x;
                }
            }
        }
    }

    fn draw_tastes(&mut self, sharers: &Sharers<W>) {
        for (a, sites) in self.draws.tastes.iter().enumerate() {
            for (o, site) in sites.iter().enumerate() {
                self.slots[self.plan.layout.taste(a, o)] = site.over(self.isa, sharers);
            }
        }
    }

    /// Puts aside what is written for contenders who are not there.
    fn send_aside_who_follow_the_absent(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        for c in 0..l.contenders {
            let present = self.contender_present(c);
            if present.0.iter().all(|m| *m > 0.0) {
                continue;
            }
            for (a, _) in plan
                .actors
                .iter()
                .enumerate()
                .filter(|(_, x)| x.contender.is_none())
            {
                for i in (0..W).filter(|i| present.0[*i] <= 0.0) {
                    let share = std::mem::take(&mut self.slots[l.stance(a, c)].0[i]);
                    self.slots[l.stance(a, l.contenders)].0[i] += share;
                }
            }
        }
    }

    /// Finds the state at which nothing moves as long as nothing happens, and takes it as what everybody is
    /// used to.
    #[inline(always)]
    fn come_to_rest(&mut self) {
        let plan = self.plan;
        let l = &plan.layout;
        for _ in 0..PASSES {
            self.read_choice();
            self.run(&plan.mobilise.program);
            self.evaluate_repression();
            let targets = self.targets();
            for (n, target) in targets.iter().enumerate() {
                self.slots[l.turnout(n)] = *target;
            }
            self.give_rows(targets);
            self.terms_of_rallies_are_stale();
            if plan.views_at_rest {
                self.form_views(&plan.perceive.viewers_at_rest, true);
            }
            if plan.actors.iter().any(|actor| actor.free) {
                self.take_sides_freely();
            }
        }
        self.open_minds();
        // What a step reads may follow from each other.
        for _ in 0..READINGS {
            self.form_views(&plan.perceive.viewers, true);
            self.read_choice();
            self.run(&plan.mobilise.program);
            self.evaluate_repression();
        }
        // What the passes have left of the way to rest is part of the rest.
        let targets = self.targets();
        for (n, target) in targets.iter().enumerate() {
            self.slots[l.turnout_start(n)] = self.slots[l.turnout(n)];
            self.slots[l.target_start(n)] = *target;
        }
        self.give_rows(targets);
        self.get_used();
    }
}
