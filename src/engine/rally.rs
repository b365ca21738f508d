//! Rally: who would stand where if an action were tried now. `docs/MODEL.md` 7.5a.
//!
//! An open attempt is a coordination game with a public signal (Singh 2014; Casper & Tyson 2014). A few best
//! replies from what is public (level-k: Nagel 1995) say where it leads. It costs more than any other
//! fact, so it is computed only where something reads it.

use super::evaluate;
use super::lanes::{self, ABSENT, Lanes, Mask, add_product, softmax, some, some_mut};
use super::state::Batch;
use crate::math;
use crate::plan::{Needs, RallyPlan};
use crate::scenario::model::Choice;

/// How often everybody answers what everybody expects.
const REPLIES: usize = 4;

/// Lanes that cost as much as one round alone.
const FEW: usize = 16;

/// Rows to work with.
struct Work<const W: usize> {
    /// By contender, then aside: presence.
    present: Vec<Lanes<W>>,
    /// By contender: no limit if he is there, else the lowest number of all.
    cap: Vec<Lanes<W>>,
    /// By contender: 1 if he is there, else 0.
    there: Vec<Lanes<W>>,
    /// By contender, then aside: support.
    support: Vec<Lanes<W>>,
    /// By contender: what everybody expects of his prospects.
    expected: Vec<Lanes<W>>,
    /// By contender, then aside: where the actor in hand stands.
    stands: Vec<Lanes<W>>,
    /// By one who counts, then contender: what his own loyalty says.
    own: Vec<Lanes<W>>,
    /// By contender: what holders of offices say to the actor in hand.
    orders: Vec<Lanes<W>>,
    /// The same where nobody has any say.
    silence: Vec<Lanes<W>>,
    /// By one who counts, then contender: what expectations count for him.
    swayed: Vec<Lanes<W>>,
    /// By one who counts: what standing aside is worth to him.
    aside: Vec<Lanes<W>>,
    /// By one who counts and arena of his: presence times power.
    weights: Vec<Lanes<W>>,
    /// By arena: all power.
    totals: Vec<Lanes<W>>,
    /// By arena, then contender, then aside: power that stands there.
    sums: Vec<Lanes<W>>,
    /// The same of contenders who are listed before all others: they stand for themselves.
    first: Vec<Lanes<W>>,
    /// By holder of offices, then contender: where he stood in the reply before.
    held: Vec<Lanes<W>>,
}

impl<const W: usize> Batch<'_, W> {
    /// Brings the rallies of some actions up to date.
    pub(super) fn refresh_rallies(&mut self, wanted: u64) {
        for r in 0..self.plan.rallies.len() {
            if wanted & !self.fresh.rallies & (1 << r) != 0 {
                self.refresh_rally(r, &Lanes::all(0.0));
            }
        }
    }

    /// Computes the rally of an action anew; `luck` is that of a night.
    fn refresh_rally(&mut self, r: usize, luck: &Lanes<W>) {
        let rally = &self.plan.rallies[r];
        let support = Needs {
            support: true,
            ..Needs::default()
        };
        self.read_for_rallies();
        self.refresh(rally.terms.needs.or(support));
        evaluate::run(self.isa, &rally.terms, &mut self.slots);
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || self.rally(r, luck),
        );
        self.fresh.rallies |= 1 << r;
    }

    /// Reads what every rally reads, for the present state.
    fn read_for_rallies(&mut self) {
        if self.fresh_for_rallies {
            return;
        }
        let plan = self.plan;
        let every = &plan.every_rally.program;
        self.refresh(every.needs);
        evaluate::run(self.isa, every, &mut self.slots);
        self.fresh_for_rallies = true;
    }

    /// Marks rallies as stale, after a change of what they are computed from.
    pub(super) fn rallies_are_stale(&mut self) {
        self.fresh.rallies = 0;
        self.fresh_for_rallies = false;
    }

    /// Marks rallies as stale that read something that follows the state, after a change that no other fact
    /// depends on.
    pub(super) fn terms_of_rallies_are_stale(&mut self) {
        self.fresh.rallies &= self.plan.steady_rallies;
        self.fresh_for_rallies = false;
    }

    /// Computes the rally of an action for an attempt that is under way in some lanes: all who may join live
    /// through the same night. Only what is computed next may read it, then the night is over.
    pub(super) fn night_falls(&mut self, i: usize, lanes: &Mask<W>) {
        let plan = self.plan;
        let action = &plan.actions[i];
        let (Some(r), Some(success), Some(site)) =
            (action.rally, &action.success, &mut self.draws.night[i])
        else {
            return;
        };
        if success.program.needs.rallies & (1 << r) == 0 {
            return;
        }
        let mut luck = Lanes::<W>::all(0.0);
        for lane in lanes.lanes() {
            let before = self.slots[plan.layout.count(i)].0[lane] as u64 - 1;
            luck.0[lane] = site.in_lane(self.isa, before, lane, &self.rounds);
        }
        if lanes.count() * FEW > W {
            self.refresh_rally(r, &luck);
            return;
        }
        for lane in lanes.lanes() {
            self.work_alone(lane, |alone| {
                alone.refresh_rally(r, &Lanes::all(luck.0[lane]));
            });
        }
        self.fresh.rallies |= 1 << r;
    }

    /// Ends the night of an attempt.
    pub(super) fn night_is_over(&mut self, i: usize) {
        if let Some(r) = self.plan.actions[i].rally {
            self.fresh.rallies &= !(1 << r);
        }
    }

    #[inline(always)]
    fn rally(&mut self, r: usize, luck: &Lanes<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let rally = &plan.rallies[r];
        let sides = l.contenders + 1;
        let mut work = self.begin_rally(rally);
        let pushed = self.first_move(rally, luck);
        // What holders say as things stand.
        self.holders_stances();
        for reply in 1..=REPLIES {
            self.expect(rally, &pushed, &mut work);
            if reply > 1 {
                self.holders_replies(&work);
            }
            let last = reply == REPLIES;
            self.reply(rally, last, &mut work);
            // Only the last reply is read by arena, and aside.
            for side in 0..if last { sides } else { l.contenders } {
                let mut whole = Lanes::<W>::all(0.0);
                for (k, weight) in plan.arena_weights.iter().enumerate() {
                    let share = &mut work.sums[k * sides + side];
                    lanes::fold(share, &work.totals[k], math::divide);
                    lanes::fold(&mut whole, share, |s, x| s + weight * x);
                    if last {
                        self.slots[l.rally_in(r, side, k)] = *share;
                    }
                }
                work.support[side] = whole;
            }
        }
        for (side, whole) in work.support.iter().enumerate() {
            self.slots[l.rally(r, side)] = *whole;
        }
        self.end_rally(work);
    }

    /// Computes what stays the same in all replies.
    #[inline(always)]
    fn begin_rally(&mut self, rally: &RallyPlan) -> Work<W> {
        let plan = self.plan;
        let l = &plan.layout;
        let cast = &plan.cast;
        let n = cast.members.len();
        let mut work = Work {
            present: self.options_present(),
            cap: self.take_rows(l.contenders),
            there: self.take_rows(l.contenders),
            support: self.take_rows(l.contenders + 1),
            expected: self.take_rows(l.contenders),
            stands: self.take_rows(l.contenders + 1),
            own: self.take_rows(n * l.contenders),
            orders: self.take_rows(l.contenders),
            silence: self.take_rows(l.contenders),
            swayed: self.take_rows(n * l.contenders),
            aside: self.take_rows(n),
            weights: self.take_rows(cast.powers),
            totals: self.take_rows(l.arenas),
            sums: self.take_rows((l.contenders + 1) * l.arenas),
            first: self.take_rows((l.contenders + 1) * l.arenas),
            held: self.take_rows(cast.holders * l.contenders),
        };
        work.support
            .copy_from_slice(self.slots.rows(l.support(0), l.contenders + 1));
        for (c, present) in work.present.iter().take(l.contenders).enumerate() {
            let (cap, there) = (&mut work.cap[c], &mut work.there[c]);
            for i in 0..W {
                let is = present.0[i] > 0.0;
                cap.0[i] = if is { f32::INFINITY } else { ABSENT };
                there.0[i] = if is { 1.0 } else { 0.0 };
            }
        }
        let claim = &self.slots[rally.claim];
        let sharpness = &self.slots[plan.every_rally.sharpness];
        let mut at = 0;
        for (n, member) in cast.members.iter().enumerate() {
            let a = member.actor;
            let actor = &plan.actors[a];
            let present = &self.slots[l.present(a)];
            for (k, weight) in plan.commands[a].iter().zip(&mut work.weights[at..]) {
                lanes::zip(weight, present, &self.command(a, *k), |m, w| m * w);
                lanes::fold(&mut work.totals[*k], weight, |t, w| t + w);
            }
            if let Some(own) = actor.contender
                && n < cast.first
            {
                for (k, weight) in plan.commands[a].iter().zip(&work.weights[at..]) {
                    let sum = &mut work.first[*k * (l.contenders + 1) + own];
                    lanes::fold(sum, weight, |s, w| s + w);
                }
            }
            at += plan.commands[a].len();
            if actor.contender.is_some() || rally.by == Some(a) {
                continue;
            }
            let opportunism = &self.slots[actor.opportunism];
            for c in 0..l.contenders {
                let loyalty = &self.slots[l.loyalty(a, c)];
                let own = &mut work.own[n * l.contenders + c];
                let claimed = c == rally.side;
                for i in 0..W {
                    let bound = (1.0 - opportunism.0[i]) * loyalty.0[i];
                    own.0[i] = if claimed { bound * claim.0[i] } else { bound };
                }
                let swayed = &mut work.swayed[n * l.contenders + c];
                if plan.promises {
                    let promise = &self.slots[l.promise(a, c)];
                    lanes::zip(swayed, opportunism, promise, |o, j| o + j);
                } else {
                    *swayed = *opportunism;
                }
            }
            let caution = &self.slots[plan.every_rally.caution[a]];
            match plan.choice {
                Choice::Logit => {
                    lanes::zip(&mut work.aside[n], sharpness, caution, |b, u| b * u);
                }
                Choice::BestReply => work.aside[n] = *caution,
            }
        }
        work
    }

    fn end_rally(&mut self, work: Work<W>) {
        for rows in [
            work.present,
            work.cap,
            work.there,
            work.support,
            work.expected,
            work.stands,
            work.own,
            work.orders,
            work.silence,
            work.swayed,
            work.aside,
            work.weights,
            work.totals,
            work.sums,
            work.first,
            work.held,
        ] {
            self.give_rows(rows);
        }
    }

    /// Returns what the mover adds to the prospects of his side.
    #[inline(always)]
    fn first_move(&self, rally: &RallyPlan, luck: &Lanes<W>) -> Lanes<W> {
        let (fact, night) = (&self.slots[rally.first_move], &self.slots[rally.night]);
        let mut pushed = Lanes::all(0.0);
        for i in 0..W {
            pushed.0[i] = fact.0[i] + night.0[i] * luck.0[i];
        }
        pushed
    }

    /// Forms what everybody expects of support as it is.
    #[inline(always)]
    fn expect(&self, rally: &RallyPlan, pushed: &Lanes<W>, work: &mut Work<W>) {
        let plan = self.plan;
        let every = &plan.every_rally;
        let weight = &self.slots[every.prospect_weight];
        for (c, force) in work.expected.iter_mut().enumerate() {
            *force = work.support[c];
            let read = [every.momentum[c], every.standing[c], every.prospect_floor];
            self.force(c, read, force);
            if c == rally.side {
                lanes::fold(force, pushed, |f, x| f + x);
            }
            lanes::fold(force, weight, |f, w| w * f);
        }
        softmax(&mut work.expected, &work.present);
    }

    /// Computes what holders of offices say by where they stood in the reply before: presence times that, as
    /// [`Self::holders_stances`] does it for stances.
    #[inline(always)]
    fn holders_replies(&mut self, work: &Work<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let members = &plan.cast.members;
        for h in &plan.cast.offices {
            let index = &self.slots[l.office(*h)];
            for c in 0..l.contenders {
                let mut out = Lanes::<W>::all(0.0);
                for a in &plan.offices[*h].holders {
                    let present = &self.slots[l.present(*a)];
                    let member = members.iter().find(|m| m.actor == *a);
                    let stands = match member.and_then(|m| m.holder) {
                        Some(holder) => &work.held[holder * l.contenders + c],
                        // A contender.
                        None => &self.slots[l.stance(*a, c)],
                    };
                    for i in 0..W {
                        let says = present.0[i] * stands.0[i];
                        let holds = index.0[i] == *a as f32;
                        out.0[i] = if holds { says } else { out.0[i] };
                    }
                }
                self.scratch[h * l.contenders + c] = out;
            }
        }
    }

    /// Lets everybody answer what everybody expects, and adds up the power on each side. Nobody reads what those
    /// without power say in the last reply.
    #[inline(always)]
    fn reply(&mut self, rally: &RallyPlan, last: bool, work: &mut Work<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        work.sums.copy_from_slice(&work.first);
        let sides = l.contenders + 1;
        let mut at = plan.cast.powers_of_first;
        for (n, member) in plan.cast.members.iter().enumerate().skip(plan.cast.first) {
            let a = member.actor;
            let arenas = &plan.commands[a];
            let mine = at..at + arenas.len();
            at = mine.end;
            if last && arenas.is_empty() {
                continue;
            }
            let set = match plan.actors[a].contender {
                None if rally.by == Some(a) => Some(rally.side),
                own => own,
            };
            if let Some(side) = set {
                for (k, weight) in arenas.iter().zip(&work.weights[mine]) {
                    lanes::fold(&mut work.sums[k * sides + side], weight, |s, w| s + w);
                }
                if let Some(holder) = member.holder {
                    let rows = &mut work.held[holder * l.contenders..][..l.contenders];
                    rows.fill(Lanes::all(0.0));
                    rows[side] = Lanes::all(1.0);
                }
                continue;
            }
            // Nobody is there in any lane: what he answered would count for nothing.
            if !self.slots[l.present(a)].any() {
                continue;
            }
            self.answer(a, n, rally, work);
            for (k, weight) in arenas.iter().zip(&work.weights[mine]) {
                let sums = &mut work.sums[k * sides..][..sides];
                match sides {
                    3 => add_power::<3, W>(sums, weight, &work.stands),
                    4 => add_power::<4, W>(sums, weight, &work.stands),
                    5 => add_power::<5, W>(sums, weight, &work.stands),
                    _ => {
                        for (sum, stands) in sums.iter_mut().zip(&work.stands) {
                            add_product(sum, weight, stands);
                        }
                    }
                }
            }
            if let Some(holder) = member.holder {
                let rows = &mut work.held[holder * l.contenders..][..l.contenders];
                rows.copy_from_slice(&work.stands[..l.contenders]);
            }
        }
    }

    /// Computes where an actor would stand.
    #[inline(always)]
    fn answer(&self, a: usize, n: usize, rally: &RallyPlan, work: &mut Work<W>) {
        let plan = self.plan;
        let contenders = plan.layout.contenders;
        let claim = &self.slots[rally.claim];
        let over = &plan.every_rally.authority[a];
        let commanded = !over.is_empty();
        if commanded {
            for (c, orders) in work.orders.iter_mut().enumerate() {
                self.authority(over, c, orders);
                if c == rally.side {
                    lanes::fold(orders, claim, |x, claim| x * claim);
                }
            }
        }
        let hears = Hears {
            own: &work.own[n * contenders..][..contenders],
            swayed: &work.swayed[n * contenders..][..contenders],
            expected: &work.expected,
            orders: if commanded {
                &work.orders
            } else {
                &work.silence
            },
            aside: &work.aside[n],
            sharpness: &self.slots[plan.every_rally.sharpness],
            present: &work.present,
            cap: &work.cap,
            there: &work.there,
        };
        let stands = &mut work.stands;
        match (plan.choice, contenders) {
            // With a constant number of options the numbers of a lane stay in registers.
            (Choice::Logit, 2) => hears.share_out::<2, 3>(stands),
            (Choice::Logit, 3) => hears.share_out::<3, 4>(stands),
            (Choice::Logit, 4) => hears.share_out::<4, 5>(stands),
            (Choice::Logit, _) => {
                hears.weigh(stands);
                for stands in stands.iter_mut().take(contenders) {
                    lanes::fold(stands, hears.sharpness, |u, b| b * u);
                }
                softmax(stands, hears.present);
            }
            (Choice::BestReply, _) => {
                hears.weigh(stands);
                let best = super::choose::best(stands, hears.present);
                for (o, stands) in stands.iter_mut().enumerate() {
                    lanes::map(stands, &best, |b| f32::from(u8::from(b == o as f32)));
                }
            }
        }
    }
}

/// Adds the power of an actor to each of `S` sides, as he stands.
#[inline(always)]
fn add_power<const S: usize, const W: usize>(
    sums: &mut [Lanes<W>],
    weight: &Lanes<W>,
    stands: &[Lanes<W>],
) {
    let (sums, stands) = (some_mut::<S, W>(sums), some::<S, W>(stands));
    for i in 0..W {
        for o in 0..S {
            sums[o].0[i] += weight.0[i] * stands[o].0[i];
        }
    }
}

/// What an actor answers to.
struct Hears<'w, const W: usize> {
    /// By contender: what his own loyalty says.
    own: &'w [Lanes<W>],
    /// By contender: what expectations count for him.
    swayed: &'w [Lanes<W>],
    /// By contender: what everybody expects.
    expected: &'w [Lanes<W>],
    /// By contender: what holders of offices say.
    orders: &'w [Lanes<W>],
    /// What standing aside is worth to him.
    aside: &'w Lanes<W>,
    sharpness: &'w Lanes<W>,
    /// By contender, then aside: presence.
    present: &'w [Lanes<W>],
    /// By contender: above which no score can be; the lowest number of all if he is not there.
    cap: &'w [Lanes<W>],
    /// By contender: 1 if he is there, else 0.
    there: &'w [Lanes<W>],
}

impl<const W: usize> Hears<'_, W> {
    /// Computes what each side is worth.
    #[inline(always)]
    fn weigh(&self, worth: &mut [Lanes<W>]) {
        for (c, worth) in worth.iter_mut().take(self.own.len()).enumerate() {
            let (own, swayed) = (&self.own[c], &self.swayed[c]);
            let (expected, orders) = (&self.expected[c], &self.orders[c]);
            for i in 0..W {
                worth.0[i] = (own.0[i] + swayed.0[i] * expected.0[i]) + orders.0[i];
            }
        }
        if let Some(aside) = worth.last_mut() {
            *aside = *self.aside;
        }
    }

    /// Computes the share of each of `S` sides, one more than the `N` contenders, by logit choice: all at once,
    /// since nothing takes more of the time of a round.
    #[inline(always)]
    fn share_out<const N: usize, const S: usize>(&self, shares: &mut [Lanes<W>]) {
        let (own, swayed) = (some::<N, W>(self.own), some::<N, W>(self.swayed));
        let (expected, orders) = (some::<N, W>(self.expected), some::<N, W>(self.orders));
        let (cap, there) = (some::<N, W>(self.cap), some::<N, W>(self.there));
        let (aside, sharpness) = (self.aside, self.sharpness);
        let shares = some_mut::<S, W>(shares);
        for i in 0..W {
            let mut score = [0.0; S];
            // Aside is always there.
            score[N] = aside.0[i];
            let mut top = score[N];
            for c in 0..N {
                let worth = (own[c].0[i] + swayed[c].0[i] * expected[c].0[i]) + orders[c].0[i];
                score[c] = math::min(sharpness.0[i] * worth, cap[c].0[i]);
                top = math::max(score[c], top);
            }
            let mut sum = 0.0;
            for c in 0..N {
                score[c] = math::exp_of_loss(score[c] - top) * there[c].0[i];
                sum += score[c];
            }
            score[N] = math::exp_of_loss(score[N] - top);
            sum += score[N];
            for o in 0..S {
                shares[o].0[i] = score[o] / sum;
            }
        }
    }
}
