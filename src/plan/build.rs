//! Builds the plan of a scenario, section by section.

use std::collections::BTreeSet;

use super::compile::{Compiler, Context};
use super::program::{Sizes, Value};
use super::quantile::{Laws, Shapes};
use super::{
    ActionPlan, ActorPlan, BranchPlan, CastMember, CastPlan, ChoosePlan, ContenderPlan, CrowdPlan,
    DatePlan, DelayPlan, Drawn, DriftPlan, EffectPlan, EveryRallyPlan, Instruction, Layout, Live,
    Lot, MobilisePlan, MoveTerms, Needs, Note, OfficePlan, OutcomeKind, OutcomePlan, PerceivePlan,
    Plan, Post, Prior, Program, Quantile, RallyPlan, Slot, Upkeep, WatchPlan, WayPlan,
};
use crate::internal::internal_error;
use crate::scenario::Scenario;
use crate::scenario::effect::{Change, Effect};
use crate::scenario::expression::Expression;
use crate::scenario::fault::Fault;
use crate::scenario::limits;
use crate::scenario::model::{
    Action, Actor, ActorKind, Moment, Number, NumberKind, Reading, Stance, Way, Weighed,
};
use crate::scenario::state::StateQuantity;

impl Plan {
    /// Compiles a scenario.
    ///
    /// # Errors
    /// Every fault of its expressions.
    pub fn new(scenario: &Scenario) -> Result<Self, Vec<Fault>> {
        Self::watching(scenario, &[])
    }

    /// Compiles a scenario with expressions to watch, each with the number of steps completed at its
    /// moment. Watching does not affect rounds.
    ///
    /// # Errors
    /// Every fault of its expressions and of the watched ones. Places of the latter refer to the
    /// texts that they were read from.
    pub fn watching(
        scenario: &Scenario,
        watched: &[(u32, Expression)],
    ) -> Result<Self, Vec<Fault>> {
        Self::with_laws(scenario, watched, &Laws::default())
    }

    /// The same, with laws that other plans may have tabulated already.
    ///
    /// # Errors
    /// As for [`Plan::watching`].
    pub fn with_laws(
        scenario: &Scenario,
        watched: &[(u32, Expression)],
        laws: &Laws,
    ) -> Result<Self, Vec<Fault>> {
        let layout = Layout::new(scenario, watched.len());
        let compiled = |sizes: Sizes| {
            let mut builder = Builder {
                c: Compiler::new(scenario, &layout, sizes),
                queues: 0,
                drawn: 0,
                rallies: Vec::new(),
            };
            let plan = builder.build(watched);
            if builder.c.faults.is_empty() {
                Ok((plan, builder.c.assembler.sizes()))
            } else {
                Err(builder.c.faults)
            }
        };
        // Where slots lie follows from how many there are of each kind, which is known only at the end. Plans that
        // share their laws are mostly alike, so that their first pass is right.
        let expected = laws.with(|shapes| shapes.sizes);
        let (mut plan, sizes) = compiled(expected)?;
        if sizes != expected {
            (plan, _) = compiled(sizes)?;
        }
        // Quantile tables are costly: they are built once, and only for scenarios without faults.
        laws.with(|shapes| {
            shapes.sizes = sizes;
            let priors = scenario.priors().into_iter();
            plan.priors = priors.map(|n| prior(n, shapes)).collect();
            for action in &scenario.actions {
                plan.drawn.extend(action.drawn().map(|draw| Drawn {
                    site: format!("act/{}/draws/{}", action.id, draw.id),
                    id: draw.id.clone(),
                    law: prior(&draw.number, shapes),
                }));
            }
        });
        Ok(plan)
    }
}

/// A slot, and what is noted of the expression that fills it.
type Noted = (Slot, Vec<Note>);

struct Builder<'s> {
    c: Compiler<'s>,
    /// Delayed actions so far.
    queues: usize,
    /// What actions so far draw for their effects.
    drawn: usize,
    /// Of each rally, what it reads that can leave the finite numbers.
    rallies: Vec<Vec<Note>>,
}

/// Returns a number's own range as limits.
fn range(least: f64, most: f64) -> (f32, f32) {
    (least as f32, most as f32)
}

impl<'s> Builder<'s> {
    fn live(&mut self, number: &'s Number) -> Slot {
        let value = self.c.number(number, Context::Live);
        self.c.assembler.place(value)
    }

    fn initial(&mut self, number: &'s Number) -> Slot {
        let value = self.c.number(number, Context::Initial);
        self.c.assembler.place(value)
    }

    fn condition(&mut self, when: &'s Expression, path: &str) -> Slot {
        let (value, _) = self.c.condition(when, path, &when.text);
        self.c.assembler.place(value)
    }

    /// Compiles a condition, or the right-hand side of an effect, to a program of its own.
    fn alone(&mut self, value: &'s Expression, path: &str, text: &str) -> Live {
        self.own(|c| c.condition(value, path, text))
    }

    /// Compiles what a single expression needs to a program of its own.
    fn own(&mut self, compile: impl FnOnce(&mut Compiler<'s>) -> (Value, Option<Value>)) -> Live {
        self.c.sharing = true;
        let (result, undefined) = compile(&mut self.c);
        self.c.sharing = false;
        let mut place = |value| self.c.assembler.place(value);
        let (slot, undefined) = (place(result), undefined.map(place));
        Live {
            program: self.take(),
            slot,
            undefined,
        }
    }

    fn take(&mut self) -> super::Program {
        self.c.forget();
        let mut program = self.c.assembler.take();
        program.notes.extend(self.notes_of_rallies(program.needs));
        program
    }

    /// Returns what is noted where something reads these facts: whoever reads a rally reads what that reads.
    fn notes_of_rallies(&self, needs: Needs) -> Vec<Note> {
        let all = self.rallies.iter().enumerate();
        let read = all.filter(|(r, _)| needs.rallies & (1 << r) != 0);
        read.flat_map(|(_, notes)| notes.iter().copied()).collect()
    }

    /// Returns the part of a program that the `wanted` slots depend on, as a program.
    fn part(&self, program: &Program, wanted: &[Slot], mut notes: Vec<Note>) -> Program {
        let mut wanted = wanted.to_vec();
        wanted.extend(notes.iter().map(|note| note.undefined));
        let indices = closure(&program.instructions, &wanted).into_iter();
        let instructions: Vec<Instruction> = indices.map(|i| program.instructions[i]).collect();
        let needs = needs(self.c.layout, instructions.iter());
        notes.extend(self.notes_of_rallies(needs));
        Program {
            instructions,
            needs,
            notes,
            ..Program::default()
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one field of the plan after the other"
    )]
    fn build(&mut self, watched: &'s [(u32, Expression)]) -> Plan {
        let s = self.c.scenario;
        self.c.check_all();
        self.take();
        let initial = self.initial_values();
        let every_rally = self.every_rally();
        let rallies = self.rallies(&every_rally.program);
        let contenders: Vec<ContenderPlan> = s
            .contenders
            .iter()
            .map(|c| ContenderPlan {
                id: c.id.clone(),
                actor: c.actor,
                momentum: self.live(&c.momentum),
                standing: self.live(&c.standing),
            })
            .collect();
        let mut perceive = self.perceive();
        let drift = self.drift();
        let sharpness = self.live(&self.c.scenario.dynamics.sharpness);
        let reconsider = self.live(&self.c.scenario.dynamics.reconsider);
        let rupture = self.live(&self.c.scenario.dynamics.rupture);
        let offices = self.offices();
        let posts = self.posts();
        let actors: Vec<ActorPlan> = (0..s.actors.len())
            .map(|a| self.actor(a, &offices, &posts))
            .collect();
        let choose = ChoosePlan {
            program: self.take(),
            sharpness,
            reconsider,
            rupture,
        };
        let (mobilise, crowds) = self.mobilise();
        let (actions, act, act_upkeep, terms, decision) = self.actions();
        let (flags, outcomes, settle, outcome_notes, endings) = self.endings();
        let settle_upkeep = Upkeep::new(self.c.layout, &settle.instructions);
        let changes = |flag: &Slot| settle_upkeep.of(*flag, &settle.instructions);
        let flag_changes = flags.iter().map(changes).collect();
        let watches = watched
            .iter()
            .map(|(step, when)| WatchPlan {
                step: *step,
                when: {
                    let mut when = self.own(|c| c.watched(when));
                    // Watching counts nothing.
                    when.program.notes.clear();
                    when
                },
            })
            .collect();
        let promised = self.promised();
        perceive.viewers = (0..s.actors.len())
            .filter(|a| {
                let actor = &s.actors[*a];
                let cares = actor.opportunism.fixed() != Some(0.0) || promised.contains(a);
                (actor.contender.is_none() && cares) || self.c.seen.contains(a)
            })
            .collect();
        let viewers = perceive.viewers.iter().copied();
        perceive.viewers_at_rest = viewers
            .filter(|a| actors[*a].free || self.c.seen.contains(a))
            .collect();
        let views_at_rest = actors.iter().any(|a| a.free)
            || [
                &perceive.program,
                &choose.program,
                &mobilise.program,
                &mobilise.repression,
            ]
            .iter()
            .any(|p| self.reads_views(p));
        let total = s.arenas.iter().fold(0.0, |sum, k| sum + k.weight as f32);
        let powerful = self.powerful(&offices);
        let commands = commands(&powerful, s.actors.len());
        let steady = rallies.iter().enumerate().filter(|(_, rally)| {
            let mut programs = [&rally.terms, &every_rally.program].into_iter();
            programs.all(|p| p.formulas.is_empty() && p.instructions.is_empty())
        });
        let steady_rallies = steady.fold(0, |bits, (r, _)| bits | (1 << r));
        let cast = if rallies.is_empty() {
            CastPlan::default()
        } else {
            cast(&actors, &offices, &commands)
        };
        let mut start = self.c.assembler.constant_slots();
        start.extend(self.fixed_start());
        Plan {
            followed: Vec::new(),
            layout: self.c.layout.clone(),
            priors: Vec::new(),
            drawn: Vec::new(),
            mixtures: mixtures(s),
            lots: self.lots(),
            initial,
            dt: s.clock.dt() as f32,
            steps: s.clock.steps() as u32,
            horizons: s.clock.horizons().iter().map(|n| *n as u32).collect(),
            reads: !s.clock.read.is_empty(),
            step_seconds: s.clock.step_seconds,
            past: (s.clock.past as f64 / 86_400.0) as f32,
            play_on: s.clock.play_on,
            choice: s.dynamics.choice,
            thresholds: s.dynamics.thresholds,
            arena_weights: s.arenas.iter().map(|k| k.weight as f32 / total).collect(),
            contenders,
            actors,
            offices,
            crowds,
            commands,
            powerful,
            promises: !promised.is_empty(),
            views_at_rest,
            perceive,
            drift,
            choose,
            mobilise,
            act,
            act_upkeep,
            terms,
            decision,
            settle,
            settle_upkeep,
            outcome_notes,
            endings,
            flags,
            flag_changes,
            outcomes,
            watches,
            queues: self.queues,
            actions,
            rallies,
            steady_rallies,
            every_rally,
            cast,
            round: self.c.assembler.take_round(),
            slots: self.c.assembler.total(),
            fragile: std::mem::take(&mut self.c.fragile),
            start,
        }
    }

    /// Returns the source of every initial value of the state.
    fn initial_values(&mut self) -> Vec<(Slot, Slot)> {
        let s = self.c.scenario;
        let l = self.c.layout;
        let mut out = Vec::new();
        for (i, v) in s.variables.iter().enumerate() {
            out.push((l.variable(i), self.initial(&v.number)));
        }
        for (a, actor) in s.actors.iter().enumerate() {
            out.push((l.present(a), self.initial(&actor.present)));
            for (k, n) in &actor.power {
                out.push((l.power(a, *k), self.initial(n)));
            }
            for (c, n) in &actor.loyalty {
                out.push((l.loyalty(a, *c), self.initial(n)));
            }
            for (c, n) in &actor.promise {
                out.push((l.promise(a, *c), self.initial(n)));
            }
        }
        for (n, crowd) in s.crowds.iter().enumerate() {
            out.push((l.grievance(n), self.initial(&crowd.grievance)));
        }
        out
    }

    /// Returns the part of the start state that is the same in every round and not 0.
    fn fixed_start(&self) -> Vec<(Slot, f32)> {
        let s = self.c.scenario;
        let l = self.c.layout;
        let mut out = Vec::new();
        for quantity in StateQuantity::ALL {
            let start = quantity.start();
            if start != 0.0 {
                out.extend(l.every(*quantity).map(|slot| (slot, start)));
            }
        }
        for (h, office) in s.offices.iter().enumerate() {
            out.push((l.office(h), holder(office.holder)));
        }
        for (a, actor) in s.actors.iter().enumerate() {
            let sides = first_stance(actor, s.clock.rest, s.contenders.len());
            out.extend(sides.iter().enumerate().map(|(o, x)| (l.stance(a, o), *x)));
        }
        out
    }

    /// What is drawn for the start of a round: stances of persons, then holders of offices.
    fn lots(&self) -> Vec<Lot> {
        let (s, l) = (self.c.scenario, self.c.layout);
        let n = s.contenders.len();
        let actors = s.actors.iter().enumerate();
        let stances = actors.filter_map(|(a, actor)| {
            let shares = actor.chances()?;
            let whole =
                |o: usize| (0..=n).map(move |i| (l.stance(a, i), f32::from(u8::from(i == o))));
            Some(Lot {
                site: format!("stance/{}", actor.id),
                choices: shares
                    .iter()
                    .map(|(c, x)| (*x as f32, whole(*c).collect()))
                    .collect(),
                rest: whole(n).collect(),
            })
        });
        let offices = s.offices.iter().enumerate();
        let holders = offices
            .filter(|(_, o)| !o.claims.0.is_empty())
            .map(|(h, o)| {
                let claim =
                    |(a, x): &(usize, f64)| (*x as f32, vec![(l.office(h), holder(Some(*a)))]);
                Lot {
                    site: format!("holder/{}", o.id),
                    choices: o.claims.0.iter().map(claim).collect(),
                    rest: vec![(l.office(h), holder(None))],
                }
            });
        stances.chain(holders).collect()
    }

    /// Compiles what every rally reads, if there are any.
    fn every_rally(&mut self) -> EveryRallyPlan {
        let s = self.c.scenario;
        if s.rallies().next().is_none() {
            return EveryRallyPlan::default();
        }
        self.c.rallying = Some("a number that rallies read");
        // A rally is refreshed in the midst of other programs.
        self.c.assembler.keep();
        let [sharpness, prospect_weight, prospect_floor] = [
            &s.dynamics.sharpness,
            &s.dynamics.prospect_weight,
            &s.dynamics.prospect_floor,
        ]
        .map(|n| self.live(n));
        let momentum = s.contenders.iter().map(|c| self.live(&c.momentum));
        let momentum = momentum.collect();
        let standing = s.contenders.iter().map(|c| self.live(&c.standing));
        let standing = standing.collect();
        let caution = s.actors.iter().map(|a| self.live(&a.caution)).collect();
        let authority = (0..s.actors.len()).map(|a| self.authority(a)).collect();
        self.c.rallying = None;
        EveryRallyPlan {
            program: self.take(),
            momentum,
            standing,
            caution,
            authority,
            sharpness,
            prospect_weight,
            prospect_floor,
        }
    }

    /// Compiles the terms of rallies, before all that may read a rally; `every` is what each reads.
    fn rallies(&mut self, every: &Program) -> Vec<RallyPlan> {
        let s = self.c.scenario;
        let (mut plans, mut all_notes) = (Vec::new(), Vec::new());
        for (action, rally) in s.rallies().take(limits::RALLIES) {
            self.c.rallying = Some("the terms of a rally");
            // A rally is refreshed between two actions, whose terms share what they have computed.
            self.c.assembler.keep();
            let [first_move, night, claim] =
                [&rally.first_move, &rally.night, &rally.claim].map(|n| self.live(n));
            self.c.rallying = None;
            let terms = self.take();
            let notes = terms.notes.iter().chain(&every.notes);
            all_notes.push(notes.copied().collect());
            plans.push(RallyPlan {
                side: rally.side,
                by: action.by.filter(|a| s.actors[*a].contender.is_none()),
                terms,
                first_move,
                night,
                claim,
            });
        }
        self.rallies = all_notes;
        plans
    }

    fn perceive(&mut self) -> PerceivePlan {
        let prospect_weight = self.live(&self.c.scenario.dynamics.prospect_weight);
        let prospect_floor = self.live(&self.c.scenario.dynamics.prospect_floor);
        let noise = self.live(&self.c.scenario.dynamics.noise);
        let noise_blackout = self.live(&self.c.scenario.dynamics.noise_blackout);
        let signal_half_life = self.live(&self.c.scenario.dynamics.signal_half_life);
        PerceivePlan {
            program: self.take(),
            prospect_weight,
            prospect_floor,
            noise,
            noise_blackout,
            signal_half_life,
            viewers: Vec::new(),
            viewers_at_rest: Vec::new(),
        }
    }

    fn drift(&mut self) -> DriftPlan {
        let dynamics = &self.c.scenario.dynamics;
        let drift = self.live(&self.c.scenario.dynamics.drift);
        let diffusion = self.live(&self.c.scenario.dynamics.diffusion);
        let memory = self.live(&self.c.scenario.dynamics.memory);
        DriftPlan {
            program: self.take(),
            drift,
            diffusion,
            memory,
            drifts: dynamics.drift.fixed() != Some(0.0),
            diffuses: dynamics.diffusion.fixed() != Some(0.0),
        }
    }

    /// Returns the power that goes with offices, in listed order.
    fn posts(&mut self) -> Vec<Post> {
        let s = self.c.scenario;
        let mut posts = Vec::new();
        for (office, o) in s.offices.iter().enumerate() {
            for (arena, n) in &o.power {
                posts.push(Post {
                    office,
                    arena: *arena,
                    power: self.initial(n),
                });
            }
        }
        posts
    }

    /// Returns the offices with authority over an actor, in listed order.
    fn authority(&mut self, a: usize) -> Vec<(usize, Slot)> {
        let offices = self.c.scenario.offices.iter().enumerate();
        let own = offices.filter_map(|(h, office)| Some((h, office.authority.get(&a)?)));
        own.map(|(h, n)| (h, self.live(n))).collect()
    }

    fn actor(&mut self, a: usize, offices: &[OfficePlan], posts: &[Post]) -> ActorPlan {
        let s = self.c.scenario;
        let actor = &s.actors[a];
        let authority = self.authority(a);
        ActorPlan {
            id: actor.id.clone(),
            person: actor.kind == ActorKind::Person,
            contender: actor.contender,
            opportunism: self.initial(&actor.opportunism),
            caution: self.live(&actor.caution),
            authority,
            posts: {
                let own = posts.iter().copied();
                own.filter(|p| offices[p.office].holders.contains(&a))
                    .collect()
            },
            free: actor.contender.is_none() && actor.stance == Stance::Free,
        }
    }

    fn mobilise(&mut self) -> (MobilisePlan, Vec<CrowdPlan>) {
        let s = self.c.scenario;
        let crowd_half = self.live(&self.c.scenario.dynamics.crowd_half);
        let crowd_pace = self.live(&self.c.scenario.dynamics.crowd_pace);
        let mood_sd = self.live(&self.c.scenario.dynamics.mood_sd);
        let mood_time = self.live(&self.c.scenario.dynamics.mood_time);
        let grievance_fade = self.live(&self.c.scenario.dynamics.grievance_fade);
        let program = self.take();
        // What nothing has changed is not computed again.
        self.c.assembler.keep();
        let crowds = s
            .crowds
            .iter()
            .map(|crowd| CrowdPlan {
                id: crowd.id.clone(),
                appeal: self.initial(&crowd.appeal),
                threshold_mean: self.initial(&crowd.threshold_mean),
                threshold_sd: self.initial(&crowd.threshold_sd),
                contagion: self.initial(&crowd.contagion),
                spillover: self.initial(&crowd.spillover),
                repression: self.live(&crowd.repression),
            })
            .collect();
        let repression = self.take();
        let plan = MobilisePlan {
            program,
            crowd_half,
            crowd_pace,
            mood_sd,
            mood_time,
            grievance_fade,
            upkeep: Upkeep::new(self.c.layout, &repression.instructions),
            repression,
        };
        (plan, crowds)
    }

    fn actions(&mut self) -> (Vec<ActionPlan>, Program, Upkeep, Vec<Instruction>, Slot) {
        let s = self.c.scenario;
        // What the stage reads as it finds the state is one program, in which actions share work.
        // Conditions come first, so that terms are computed only where a condition holds. What nothing has
        // changed is not computed again.
        self.c.assembler.keep();
        let sharp = self
            .c
            .number(&self.c.scenario.dynamics.decision, Context::Live);
        let decision = self.c.assembler.place(sharp);
        let conditions: Vec<Option<Noted>> = s
            .actions
            .iter()
            .map(|action| match (&action.way, &action.when) {
                (Way::At(_), _) | (_, None) => None,
                (_, Some(when)) => {
                    let slot = self.condition(when, &format!("actions.{}.when", action.id));
                    Some((slot, self.c.assembler.take_notes()))
                }
            })
            .collect();
        let mut of_conditions = self.c.assembler.take_notes();
        for (_, notes) in conditions.iter().flatten() {
            of_conditions.extend(notes);
        }
        let first_term = self.c.assembler.current.list.len();
        let mut found: Vec<(Option<Noted>, WayPlan, Vec<Note>)> = Vec::new();
        let mut least_rates: Vec<f32> = Vec::new();
        for (action, when) in s.actions.iter().zip(conditions) {
            let mut least = 0.0;
            let way = match &action.way {
                Way::Rate(n) => {
                    let rate = self.c.number(n, Context::Live);
                    least = self.c.assembler.bounds(rate).least as f32;
                    WayPlan::Rate(self.c.assembler.place(rate))
                }
                Way::Chance(n) => WayPlan::Chance(self.live(n)),
                Way::Decide(d) => {
                    let pace = self.live(&d.pace);
                    let terms = [&d.win, &d.prize, &d.price, &d.wait];
                    let terms = terms.map(|n| self.c.number(n, Context::Live));
                    let path = format!("actions.{}.decide", action.id);
                    let leaves = self.c.inclination(sharp, terms, &path);
                    let [win, prize, price, wait] =
                        terms.map(|value| self.c.assembler.place(value));
                    let terms = MoveTerms {
                        win,
                        prize,
                        price,
                        wait,
                        leaves,
                    };
                    WayPlan::Decide {
                        pace,
                        terms,
                        every: d.every,
                        always: d.weighed == Weighed::Always,
                    }
                }
                Way::At(moment) => WayPlan::At {
                    date: match moment {
                        Moment::Known(seconds) => DatePlan::Known {
                            step: first_step(*seconds, s.clock.step_seconds),
                            time: time_in_step(*seconds, s.clock.step_seconds),
                        },
                        Moment::Uncertain(days) => DatePlan::Uncertain(self.initial(days)),
                    },
                    // Compiled below, to a program that runs on that date.
                    when: None,
                },
            };
            found.push((when, way, self.c.assembler.take_notes()));
            least_rates.push(least);
        }
        let mut act = self.take();
        let upkeep = Upkeep::new(self.c.layout, &act.instructions);
        let terms = act.instructions.split_off(first_term);
        let layout = self.c.layout;
        act.needs = needs(layout, act.instructions.iter());
        act.notes = of_conditions;
        act.notes.extend(self.notes_of_rallies(act.needs));
        let mut rallies = 0..;
        let actions = s
            .actions
            .iter()
            .zip(found.into_iter().zip(least_rates))
            .map(|(a, ((when, way, notes), least_rate))| {
                let when = when.map(|(slot, notes)| Live {
                    program: self.part(&act, &[slot], notes),
                    slot,
                    undefined: None,
                });
                let mut plan = self.action(a, when, way);
                plan.least_rate = least_rate;
                plan.rally = a.rally.as_ref().and_then(|_| rallies.next());
                let mut wanted = plan.way.terms();
                wanted.extend(notes.iter().map(|note| note.undefined));
                plan.notes = notes;
                plan.terms = closure(&terms, &wanted);
                plan.needs = needs(layout, plan.terms.iter().map(|i| &terms[*i]));
                plan.notes.extend(self.notes_of_rallies(plan.needs));
                plan
            })
            .collect();
        (actions, act, upkeep, terms, decision)
    }

    fn action(&mut self, a: &'s Action, when: Option<Live>, mut way: WayPlan) -> ActionPlan {
        if let WayPlan::At { when, .. } = &mut way {
            *when = a.when.as_ref().map(|w| {
                let path = format!("actions.{}.when", a.id);
                self.alone(w, &path, &w.text)
            });
        }
        let success = a
            .success
            .as_ref()
            .map(|n| self.own(|c| (c.number(n, Context::Live), None)));
        let first = self.drawn;
        self.drawn += a.drawn().count();
        ActionPlan {
            id: a.id.clone(),
            by: a.by.map(|actor| self.c.layout.present(actor)),
            way,
            when,
            terms: Vec::new(),
            needs: Needs::default(),
            notes: Vec::new(),
            delay: a.delay.as_ref().map(|n| {
                self.queues += 1;
                let (key, still) = match &a.still {
                    Some(still) => ("still", Some(still)),
                    None => ("when", a.when.as_ref()),
                };
                let path = format!("actions.{}.{key}", a.id);
                DelayPlan {
                    days: self.initial(n),
                    queue: self.queues - 1,
                    still: still.map(|e| self.alone(e, &path, &e.text)),
                }
            }),
            every: a.every,
            cool: a.cool,
            limit: a.limit,
            least_rate: 0.0,
            rally: None,
            success,
            drawn: first..self.drawn,
            effects: self.effects_of(a, first, &a.effects, "effects"),
            failure: self.effects_of(a, first, &a.failure, "failure"),
            branches: a
                .branches
                .iter()
                .map(|b| BranchPlan {
                    on: b.on,
                    share: self.own(|c| (c.number(&b.share, Context::Live), None)),
                    effects: {
                        let key = format!("branches.{}.effects", b.id);
                        self.effects_of(a, first, &b.effects, &key)
                    },
                })
                .collect(),
        }
    }

    /// Compiles effects of an action at a key, which may name what it draws.
    fn effects_of(
        &mut self,
        action: &'s Action,
        first: usize,
        effects: &'s [Effect],
        key: &str,
    ) -> Vec<EffectPlan> {
        let path = format!("actions.{}.{key}", action.id);
        self.c.know_draws(action, first);
        let plans = effects.iter().map(|e| self.effect(e, &path)).collect();
        self.c.forget_draws();
        plans
    }

    fn effect(&mut self, effect: &'s Effect, path: &str) -> EffectPlan {
        let l = self.c.layout;
        match &effect.change {
            Change::Office(office, holder) => {
                EffectPlan::Office(l.office(*office), self::holder(*holder))
            }
            Change::Stance(actor, side) => EffectPlan::Stance(*actor, *side),
            Change::Remove(actor, fate) => EffectPlan::Remove(*actor, (fate + 1) as f32),
            Change::Number { target, how, value } => {
                let value = self.alone(value, path, &effect.text);
                let (least, most) = target.quantity.range().limits();
                let targets = self.c.ids.targets(target).into_iter();
                let targets = targets
                    .map(|indices| (l.slot(target.quantity, &indices), least, most))
                    .collect();
                EffectPlan::Number {
                    value,
                    how: *how,
                    targets,
                    moves_support: moves_support(target.quantity),
                }
            }
        }
    }

    /// Flags and outcomes, the program of Settle, what of its outcomes can leave the finite numbers, and
    /// the part of it that is read between two events.
    fn endings(&mut self) -> (Vec<Slot>, Vec<OutcomePlan>, Program, Vec<Note>, Program) {
        let s = self.c.scenario;
        // What nothing has changed is not computed again.
        self.c.assembler.keep();
        let zero = self.c.assembler.place(Value::Constant(0.0));
        let flags: Vec<Slot> = s
            .flags
            .iter()
            .map(|f| self.condition(&f.when, &format!("flags.{}.when", f.id)))
            .collect();
        let of_flags = self.c.assembler.take_notes();
        let (mut of_outcomes, mut of_early) = (Vec::new(), Vec::new());
        let mut outcomes: Vec<OutcomePlan> = s
            .outcomes
            .iter()
            .map(|o| {
                let path = format!("outcomes.{}.when", o.id);
                match &o.reading {
                    Reading::Always { when, hold } => {
                        let when = self.condition(when, &path);
                        let notes = self.c.assembler.take_notes();
                        let hold = self.c.number(hold, Context::Initial);
                        let least = self.c.assembler.bounds(hold).least as f32;
                        let at_once = (least / s.clock.dt() as f32 - 0.5).ceil() <= 0.0;
                        if at_once {
                            of_early.extend(notes.iter().copied());
                        }
                        of_outcomes.extend(notes);
                        OutcomePlan {
                            kind: OutcomeKind::Always,
                            when,
                            hold: self.c.assembler.place(hold),
                            at_once,
                            notes: Vec::new(),
                        }
                    }
                    Reading::AtEnd { when } => {
                        // It is computed at every Settle and read at the last.
                        let when = self.condition(when, &path);
                        let notes = self.c.assembler.take_notes();
                        OutcomePlan {
                            kind: OutcomeKind::AtEnd,
                            when,
                            hold: zero,
                            at_once: false,
                            notes,
                        }
                    }
                    Reading::Otherwise => OutcomePlan {
                        kind: OutcomeKind::Otherwise,
                        when: zero,
                        hold: zero,
                        at_once: false,
                        notes: Vec::new(),
                    },
                }
            })
            .collect();
        let early = outcomes.iter().filter(|o| o.at_once).map(|o| o.when);
        let early: Vec<Slot> = early.collect();
        let mut settle = self.take();
        settle.notes = of_flags;
        let rallies = self.part(&settle, &flags, Vec::new()).notes;
        settle.notes.extend(rallies);
        let early = self.part(&settle, &early, of_early);
        let always = outcomes.iter().filter(|o| o.kind == OutcomeKind::Always);
        let always: Vec<Slot> = always.map(|o| o.when).collect();
        of_outcomes.extend(self.part(&settle, &always, Vec::new()).notes);
        for outcome in &mut outcomes {
            if outcome.kind == OutcomeKind::AtEnd {
                let rallies = self.part(&settle, &[outcome.when], Vec::new()).notes;
                outcome.notes.extend(rallies);
            }
        }
        (flags, outcomes, settle, of_outcomes, early)
    }

    fn offices(&self) -> Vec<OfficePlan> {
        let s = self.c.scenario;
        let mut plans: Vec<OfficePlan> = s
            .offices
            .iter()
            .map(|o| OfficePlan {
                holders: o
                    .holder
                    .into_iter()
                    .chain(o.claims.0.iter().map(|c| c.0))
                    .collect(),
                successors: o.successors.clone(),
            })
            .collect();
        let removes = |e: &Effect| matches!(e.change, Change::Remove(..));
        if s.actions.iter().flat_map(Action::every_effect).any(removes) {
            for plan in &mut plans {
                plan.holders.extend(&plan.successors);
            }
        }
        for effect in s.actions.iter().flat_map(Action::every_effect) {
            if let Change::Office(office, Some(holder)) = &effect.change
                && !plans[*office].holders.contains(holder)
            {
                plans[*office].holders.push(*holder);
            }
        }
        for plan in &mut plans {
            plan.holders.sort_unstable();
            plan.holders.dedup();
        }
        plans
    }

    /// Returns the indices of a quantity that some effect changes.
    fn changed(&self, quantity: StateQuantity) -> BTreeSet<Vec<usize>> {
        let actions = self.c.scenario.actions.iter();
        let effects = actions.flat_map(Action::every_effect);
        effects
            .filter_map(|e| match &e.change {
                Change::Number { target, .. } if target.quantity == quantity => {
                    Some(self.c.ids.targets(target))
                }
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// Returns the actors who can ever have a promise.
    fn promised(&self) -> BTreeSet<usize> {
        let actors = self.c.scenario.actors.iter().enumerate();
        let written = actors.filter(|(_, actor)| {
            let mut promises = actor.promise.values();
            promises.any(|n| n.fixed() != Some(0.0))
        });
        let written = written.map(|(a, _)| a);
        let changed = self.changed(StateQuantity::Promise);
        written
            .chain(changed.iter().map(|indices| indices[0]))
            .collect()
    }

    /// Returns whether a program reads what Perceive forms, or a rally, which may.
    fn reads_views(&self, program: &Program) -> bool {
        let l = self.c.layout;
        let quantities = [StateQuantity::Prospects, StateQuantity::Sees];
        let views: BTreeSet<Slot> = quantities.iter().flat_map(|q| l.every(*q)).collect();
        let formulas = program.formulas.iter().flat_map(|code| code.iter());
        let mut all = formulas.chain(&program.instructions);
        program.needs.rallies != 0 || all.any(|i| views.contains(&i.a) || views.contains(&i.b))
    }

    /// Returns, by arena, the actors whose power can be above 0, that of offices included.
    fn powerful(&self, offices: &[OfficePlan]) -> Vec<Vec<usize>> {
        let s = self.c.scenario;
        let by_office = |a: &usize, k: usize| {
            let mut all = s.offices.iter().zip(offices);
            all.any(|(office, plan)| {
                let power = office.power.get(&k);
                power.is_some_and(|n| n.fixed() != Some(0.0)) && plan.holders.contains(a)
            })
        };
        let raised = self.changed(StateQuantity::Power);
        (0..s.arenas.len())
            .map(|k| {
                (0..s.actors.len())
                    .filter(|a| {
                        let power = s.actors[*a].power.get(&k);
                        power.is_some_and(|n| n.fixed() != Some(0.0))
                            || raised.contains(&[*a, k][..])
                            || by_office(a, k)
                    })
                    .collect()
            })
            .collect()
    }
}

/// Returns whether support depends on a quantity.
const fn moves_support(quantity: StateQuantity) -> bool {
    matches!(
        quantity,
        StateQuantity::Power
            | StateQuantity::Office
            | StateQuantity::Present
            | StateQuantity::Stance
    )
}

/// Returns an office's holder as a number; -1 for nobody.
fn holder(actor: Option<usize>) -> f32 {
    actor.map_or(-1.0, |a| a as f32)
}

/// Returns the stance of an actor at the start, by side.
fn first_stance(actor: &Actor, rest: Option<usize>, contenders: usize) -> Vec<f32> {
    let mut stance = vec![0.0; contenders + 1];
    if let Some(own) = actor.contender {
        stance[own] = 1.0;
        return stance;
    }
    match &actor.stance {
        Stance::Contender(c) => stance[*c] = 1.0,
        Stance::Free => stance[rest.unwrap_or(contenders)] = 1.0,
        Stance::Aside => stance[contenders] = 1.0,
        // Drawn once a round.
        Stance::Shares(_) if actor.chances().is_some() => stance[contenders] = 1.0,
        Stance::Shares(shares) => {
            for (c, share) in shares {
                stance[*c] = *share as f32;
            }
            let taken = stance.iter().fold(0.0, |sum, share| sum + share);
            stance[contenders] = crate::math::max(1.0 - taken, 0.0);
        }
    }
    stance
}

/// Returns the instructions that the `wanted` slots depend on, in ascending order.
fn closure(instructions: &[Instruction], wanted: &[Slot]) -> Vec<usize> {
    let mut wanted: BTreeSet<Slot> = wanted.iter().copied().collect();
    let mut out: Vec<usize> = Vec::new();
    for (i, instruction) in instructions.iter().enumerate().rev() {
        if wanted.contains(&instruction.to) {
            wanted.extend([instruction.a, instruction.b]);
            out.push(i);
        }
    }
    out.reverse();
    out
}

/// Returns the first step that has reached a date, `seconds` after the start.
fn first_step(seconds: i64, step: u64) -> u64 {
    (seconds.max(0) as u64).div_ceil(step.max(1))
}

/// Returns how many steps after the beginning of that step the date lies: 0 or less.
fn time_in_step(seconds: i64, step: u64) -> f32 {
    let begins = (first_step(seconds, step) * step.max(1)).cast_signed();
    ((seconds - begins) as f64 / step.max(1) as f64) as f32
}

/// Returns the facts that some instructions read.
fn needs<'i>(layout: &Layout, instructions: impl Iterator<Item = &'i Instruction>) -> Needs {
    instructions
        .flat_map(|i| [i.a, i.b])
        .fold(Needs::default(), |all, slot| all.or(layout.needs(slot)))
}

/// Returns, by actor, the arenas in which he is powerful.
fn commands(powerful: &[Vec<usize>], actors: usize) -> Vec<Vec<usize>> {
    let arenas = |a| (0..powerful.len()).filter(move |k| powerful[*k].contains(&a));
    (0..actors).map(|a| arenas(a).collect()).collect()
}

/// Returns who counts in a rally.
fn cast(actors: &[ActorPlan], offices: &[OfficePlan], commands: &[Vec<usize>]) -> CastPlan {
    let chooses = |a: usize| actors[a].contender.is_none();
    let mut counts: BTreeSet<usize> = (0..actors.len())
        .filter(|a| !commands[*a].is_empty())
        .collect();
    let mut holders = BTreeSet::new();
    let mut commanding = BTreeSet::new();
    let mut waiting: Vec<usize> = counts.iter().copied().filter(|a| chooses(*a)).collect();
    while let Some(a) = waiting.pop() {
        for (office, _) in &actors[a].authority {
            let who = offices[*office].holders.iter().filter(|a| chooses(**a));
            for holder in who {
                commanding.insert(*office);
                holders.insert(*holder);
                if counts.insert(*holder) {
                    waiting.push(*holder);
                }
            }
        }
    }
    let place = |a: usize| holders.iter().position(|h| *h == a);
    let (mut powers, mut says) = (0..0, 0..0);
    let members = counts.iter().map(|a| {
        powers = powers.end..powers.end + commands[*a].len();
        says = says.end..says.end + actors[*a].authority.len();
        CastMember {
            actor: *a,
            holder: place(*a),
            powers: powers.clone(),
            says: says.clone(),
        }
    });
    let members: Vec<CastMember> = members.collect();
    let first: Vec<usize> = counts
        .iter()
        .copied()
        .take_while(|a| !chooses(*a))
        .collect();
    CastPlan {
        first: first.len(),
        members,
        holders: holders.len(),
        powers: counts.iter().map(|a| commands[*a].len()).sum(),
        offices: commanding.into_iter().collect(),
    }
}

/// Returns the priors that depend on earlier ones.
fn mixtures(s: &Scenario) -> Vec<(usize, Vec<(usize, f32)>)> {
    let rounded =
        |parts: &[(usize, f64)]| parts.iter().map(|(j, part)| (*j, *part as f32)).collect();
    let all = s.mixtures();
    all.iter().map(|m| (m.prior, rounded(&m.parts))).collect()
}

/// Returns the distribution of a prior.
/// The law of a prior, with its limits.
pub(super) fn prior(number: &Number, shapes: &mut Shapes) -> Prior {
    let (least, most) = (number.least, number.most);
    let quantile = match number.kind {
        NumberKind::Pert { low, mode, high } => shapes
            .known([0.0, low, mode, high, 0.0, 0.0], |shapes| {
                Quantile::pert(low, mode, high, shapes)
            }),
        NumberKind::Uniform { min, max } => Quantile::Uniform {
            min: min as f32,
            max: max as f32,
        },
        NumberKind::Normal { mean, sd } => shapes.known([1.0, mean, sd, 0.0, least, most], |_| {
            Quantile::normal(mean, sd, least, most)
        }),
        NumberKind::Quantiles { p05, p50, p95 } => shapes
            .known([2.0, p05, p50, p95, least, most], |shapes| {
                Quantile::through([p05, p50, p95], least, most, shapes)
            }),
        NumberKind::Fixed(_) | NumberKind::Expression(_) => {
            internal_error(format!("{} is not a prior", number.path))
        }
    };
    let (least, most) = range(number.least, number.most);
    Prior {
        path: number.path.clone(),
        name: number.called().to_owned(),
        quantile,
        least,
        most,
    }
}
