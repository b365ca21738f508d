//! Rally: who would stand where if an action were tried now. `docs/MODEL.md` 7.5a.
//!
//! An open attempt is a coordination game with a public signal (Singh 2014; Casper & Tyson 2014). A few best
//! replies from what is public (level-k: Nagel 1995) say where it leads. It costs more than any other
//! fact, so it is computed only where something reads it.

use super::evaluate;
use super::gathering::Gathering;
use super::lanes::{
    self, Lanes, Mask, add_power, add_product, fold, share_out_far, softmax, some, some_mut,
};
use super::state::Batch;
use crate::internal::internal_error;
use crate::math;
use crate::plan::{Needs, RallyPlan};
use crate::scenario::model::Choice;

/// How often everybody answers what everybody expects.
const REPLIES: usize = 4;

/// Lanes that cost as much as one round alone.
const FEW: usize = 16;

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
        let mut all = self.take_gathering();
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || self.rally(r, luck, &mut all),
        );
        self.gathering = Some(all);
        self.fresh.rallies |= 1 << r;
    }

    fn take_gathering(&mut self) -> Box<Gathering<W>> {
        let new = || Box::new(Gathering::new(self.plan));
        self.gathering.take().unwrap_or_else(new)
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
        let mut all = self.take_gathering();
        let isa = self.isa;
        isa.run(
            #[inline(always)]
            || self.gather(&mut all),
        );
        self.gathering = Some(all);
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

    /// Computes what is the same in all rallies of a moment.
    #[inline(always)]
    fn gather(&mut self, all: &mut Gathering<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let cast = &plan.cast;
        let sides = l.contenders + 1;
        for c in 0..l.contenders {
            let present = self.contender_present(c);
            all.there[c] = Mask::of(|i| present.0[i] > 0.0);
            all.present[c] = present;
        }
        all.present[l.contenders] = Lanes::all(1.0);
        all.units.fill(Lanes::all(0.0));
        all.first.fill(Lanes::all(0.0));
        all.first_parts.fill(Lanes::all(0.0));
        for member in &cast.members {
            let a = member.actor;
            let weights = &mut all.weights[member.powers.clone()];
            for (k, weight) in plan.commands[a].iter().zip(weights) {
                self.weight(a, *k, weight);
                fold(&mut all.units[*k], weight, |t, w| t + w);
            }
        }
        for total in &mut all.units {
            lanes::invert(total);
        }
        self.holders_stances();
        all.spoken.copy_from_slice(&self.scratch);
        all.work.said.copy_from_slice(&self.scratch);
        for (h, heads) in cast.offices.iter().zip(&all.heads) {
            let held = &self.slots[l.office(*h)];
            let mut may = 0;
            for (a, stands) in heads {
                if stands.is_some() {
                    for i in 0..W {
                        may |= u32::from(held.0[i] == *a as f32);
                    }
                }
            }
            all.moving[*h] = may != 0;
        }
        for (n, member) in cast.members.iter().enumerate() {
            let a = member.actor;
            let weights = &all.weights[member.powers.clone()];
            let part = &mut all.parts[n];
            *part = Lanes::all(0.0);
            for (k, weight) in plan.commands[a].iter().zip(weights) {
                let (share, unit) = (plan.arena_weights[*k], &all.units[*k]);
                for i in 0..W {
                    part.0[i] += share * (weight.0[i] * unit.0[i]);
                }
            }
            if let Some(own) = plan.actors[a].contender {
                if n < cast.first {
                    fold(&mut all.first_parts[own], part, |s, w| s + w);
                    for (k, weight) in plan.commands[a].iter().zip(weights) {
                        fold(&mut all.first[*k * sides + own], weight, |s, w| s + w);
                    }
                }
                continue;
            }
            all.gone[n] = !self.slots[l.present(a)].any();
            if all.gone[n] {
                continue;
            }
            let over = &plan.every_rally.authority[a];
            all.steady[n] = over.iter().all(|(h, _)| !all.moving[*h]);
            let says = &mut all.says[member.says.clone()];
            self.weigh_authority(a, None, says);
            for c in 0..l.contenders {
                let own = &mut all.own[n * l.contenders + c];
                self.weigh_tie(a, c, None, own);
                if all.steady[n] {
                    self.add_orders(a, c, says, &all.spoken, own);
                }
                self.weigh_hope(a, c, &mut all.swayed[n * l.contenders + c]);
            }
        }
    }

    /// Computes what ties an actor to a contender, less what standing aside is worth to him: with logit choice, in
    /// units of scores. `claim` is the share that counts of it, if not all does.
    #[inline(always)]
    fn weigh_tie(&self, a: usize, c: usize, claim: Option<&Lanes<W>>, own: &mut Lanes<W>) {
        let plan = self.plan;
        let opportunism = &self.slots[plan.actors[a].opportunism];
        let loyalty = &self.slots[plan.layout.loyalty(a, c)];
        for i in 0..W {
            own.0[i] = (1.0 - opportunism.0[i]) * loyalty.0[i];
        }
        if let Some(claim) = claim {
            fold(own, claim, |tie, claim| tie * claim);
        }
        if plan.choice == Choice::Logit {
            let caution = &self.slots[plan.every_rally.caution[a]];
            let sharpness = &self.slots[plan.every_rally.sharpness];
            for i in 0..W {
                own.0[i] = sharpness.0[i] * own.0[i] - sharpness.0[i] * caution.0[i];
            }
        }
    }

    /// Computes what expectations of a contender count for an actor.
    #[inline(always)]
    fn weigh_hope(&self, a: usize, c: usize, swayed: &mut Lanes<W>) {
        let plan = self.plan;
        *swayed = self.slots[plan.actors[a].opportunism];
        if plan.promises {
            let promise = &self.slots[plan.layout.promise(a, c)];
            fold(swayed, promise, |o, j| o + j);
        }
        if plan.choice == Choice::Logit {
            let sharpness = &self.slots[plan.every_rally.sharpness];
            fold(swayed, sharpness, |x, b| b * x);
        }
    }

    /// Computes how much each office with authority over an actor says to him.
    #[inline(always)]
    fn weigh_authority(&self, a: usize, claim: Option<&Lanes<W>>, says: &mut [Lanes<W>]) {
        let plan = self.plan;
        for ((_, authority), says) in plan.every_rally.authority[a].iter().zip(says) {
            *says = self.slots[*authority];
            if let Some(claim) = claim {
                fold(says, claim, |x, claim| x * claim);
            }
            if plan.choice == Choice::Logit {
                let sharpness = &self.slots[plan.every_rally.sharpness];
                fold(says, sharpness, |x, b| b * x);
            }
        }
    }

    /// Adds what offices say to an actor in favour of a contender, as their holders stand by `said`.
    #[inline(always)]
    fn add_orders(
        &self,
        a: usize,
        c: usize,
        says: &[Lanes<W>],
        said: &[Lanes<W>],
        own: &mut Lanes<W>,
    ) {
        if !says.is_empty() {
            let mut orders = Lanes::all(0.0);
            self.sum_orders(a, c, says, said, &mut orders);
            fold(own, &orders, |x, orders| x + orders);
        }
    }

    #[inline(always)]
    fn sum_orders(
        &self,
        a: usize,
        c: usize,
        says: &[Lanes<W>],
        said: &[Lanes<W>],
        orders: &mut Lanes<W>,
    ) {
        let contenders = self.layout().contenders;
        for ((h, _), says) in self.plan.every_rally.authority[a].iter().zip(says) {
            add_product(orders, says, &said[h * contenders + c]);
        }
    }

    #[inline(always)]
    fn rally(&mut self, r: usize, luck: &Lanes<W>, all: &mut Gathering<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let rally = &plan.rallies[r];
        let sides = l.contenders + 1;
        let pushed = self.first_move(rally, luck);
        let claimed = self.claim(rally, all);
        let support = self.slots.rows(l.support(0), sides);
        all.work.support.copy_from_slice(support);
        for reply in 1..=REPLIES {
            self.expect(rally, &pushed, all);
            self.holders_replies(reply, all);
            if reply < REPLIES {
                let support = &mut all.work.support[..l.contenders];
                support.copy_from_slice(&all.first_parts);
                self.reply(rally, false, claimed, all);
            } else {
                // Only the last reply is read by arena, and aside.
                all.work.sums.copy_from_slice(&all.first);
                self.reply(rally, true, claimed, all);
            }
        }
        for side in 0..sides {
            let mut whole = Lanes::<W>::all(0.0);
            for (k, weight) in plan.arena_weights.iter().enumerate() {
                let share = &mut all.work.sums[k * sides + side];
                fold(share, &all.units[k], |s, unit| s * unit);
                fold(&mut whole, share, |s, x| s + weight * x);
                self.slots[l.rally_in(r, side, k)] = *share;
            }
            self.slots[l.rally(r, side)] = whole;
        }
    }

    /// Computes what the mover of an action carries of the ties and the authority of its side. Returns whether
    /// that is less than all of them in any lane.
    #[inline(always)]
    fn claim(&self, rally: &RallyPlan, all: &mut Gathering<W>) -> bool {
        let plan = self.plan;
        let claim = &self.slots[rally.claim];
        if claim.0.iter().all(|x| *x == 1.0) {
            return false;
        }
        for (n, member) in plan.cast.members.iter().enumerate() {
            let a = member.actor;
            if plan.actors[a].contender.is_some() || rally.by == Some(a) || all.gone[n] {
                continue;
            }
            let own = &mut all.work.own[n];
            let says = &mut all.work.says[member.says.clone()];
            self.weigh_tie(a, rally.side, Some(claim), own);
            self.weigh_authority(a, Some(claim), says);
            if all.steady[n] {
                self.add_orders(a, rally.side, says, &all.spoken, own);
            }
        }
        true
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
    fn expect(&self, rally: &RallyPlan, pushed: &Lanes<W>, all: &mut Gathering<W>) {
        let plan = self.plan;
        let every = &plan.every_rally;
        let weight = &self.slots[every.prospect_weight];
        for (c, force) in all.work.expected.iter_mut().enumerate() {
            *force = all.work.support[c];
            let read = [every.momentum[c], every.standing[c], every.prospect_floor];
            self.force(c, read, force);
            if c == rally.side {
                fold(force, pushed, |f, x| f + x);
            }
            fold(force, weight, |f, w| w * f);
        }
        softmax(
            &mut all.work.expected,
            &all.present[..plan.contenders.len()],
        );
    }

    /// Computes what holders of offices say: as things are, or by where they stood in the reply before. Of
    /// offices held by nobody who may change sides that stays the same.
    #[inline(always)]
    fn holders_replies(&self, reply: usize, all: &mut Gathering<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        for (h, heads) in plan.cast.offices.iter().zip(&all.heads) {
            if !all.moving[*h] {
                continue;
            }
            let rows = h * l.contenders..(h + 1) * l.contenders;
            let said = &mut all.work.said[rows.clone()];
            if reply == 1 {
                said.copy_from_slice(&all.spoken[rows]);
                continue;
            }
            let held = &self.slots[l.office(*h)];
            for (c, said) in said.iter_mut().enumerate() {
                *said = Lanes::all(0.0);
                for (a, stands) in heads {
                    let present = &self.slots[l.present(*a)];
                    let stands = match stands {
                        Some(row) => &all.work.stands[row + c],
                        // A contender.
                        None => &self.slots[l.stance(*a, c)],
                    };
                    for i in 0..W {
                        let says = present.0[i] * stands.0[i];
                        let holds = held.0[i] == *a as f32;
                        said.0[i] = if holds { says } else { said.0[i] };
                    }
                }
            }
        }
    }

    /// Lets everybody answer what everybody expects, and adds up on each side their parts of all power, or, in the
    /// last reply, their power in each arena. Nobody reads what those without power say in that.
    #[inline(always)]
    fn reply(&mut self, rally: &RallyPlan, last: bool, claimed: bool, all: &mut Gathering<W>) {
        let plan = self.plan;
        let l = &plan.layout;
        let sides = l.contenders + 1;
        let members = plan.cast.members.iter().enumerate();
        for (n, member) in members.skip(plan.cast.first) {
            let a = member.actor;
            let arenas = &plan.commands[a];
            // One who holds offices stands in rows of his own.
            let mine = member.holder.unwrap_or(plan.cast.holders) * sides;
            let set = match plan.actors[a].contender {
                None if rally.by == Some(a) => Some(rally.side),
                own => own,
            };
            if let Some(side) = set {
                if last {
                    let weights = &all.weights[member.powers.clone()];
                    for (k, weight) in arenas.iter().zip(weights) {
                        fold(&mut all.work.sums[k * sides + side], weight, |s, w| s + w);
                    }
                } else {
                    fold(&mut all.work.support[side], &all.parts[n], |s, w| s + w);
                }
                if member.holder.is_some() {
                    let stands = &mut all.work.stands[mine..mine + sides];
                    stands.fill(Lanes::all(0.0));
                    stands[side] = Lanes::all(1.0);
                }
                continue;
            }
            if all.gone[n] || (last && arenas.is_empty()) {
                continue;
            }
            let case = Answer {
                n,
                mine,
                side: if claimed { rally.side } else { usize::MAX },
            };
            match (plan.choice, l.contenders) {
                // With a constant number of options the numbers of a lane stay in registers.
                (Choice::Logit, 2) => self.answer::<2>(&case, all),
                (Choice::Logit, 3) => self.answer::<3>(&case, all),
                (Choice::Logit, 4) => self.answer::<4>(&case, all),
                _ => self.answer_of_many(&case, all),
            }
            let stands = &all.work.stands[mine..mine + sides];
            if !last {
                let support = &mut all.work.support[..l.contenders];
                add_power(support, &all.parts[n], &stands[..l.contenders]);
                continue;
            }
            let weights = &all.weights[member.powers.clone()];
            for (k, weight) in arenas.iter().zip(weights) {
                add_power(&mut all.work.sums[k * sides..][..sides], weight, stands);
            }
        }
    }

    /// Returns what an actor brings to a side.
    #[inline(always)]
    fn own<'g>(&self, case: &Answer, c: usize, all: &'g Gathering<W>) -> &'g Lanes<W> {
        if c == case.side {
            &all.work.own[case.n]
        } else {
            &all.own[case.n * self.layout().contenders + c]
        }
    }

    /// Returns what offices say to an actor, each in favour of a side.
    #[inline(always)]
    fn says<'g>(&self, case: &Answer, c: usize, all: &'g Gathering<W>) -> &'g [Lanes<W>] {
        let says = if c == case.side {
            &all.work.says
        } else {
            &all.says
        };
        &says[self.plan.cast.members[case.n].says.clone()]
    }

    /// Computes where an actor would stand, by logit choice.
    // Loops alone: what `std` has for arrays is not inlined into code for another instruction set.
    #[inline(always)]
    fn answer<const N: usize>(&self, case: &Answer, all: &mut Gathering<W>) {
        let member = &self.plan.cast.members[case.n];
        let over = &self.plan.every_rally.authority[member.actor][..];
        let over = if all.steady[case.n] { &[] } else { over };
        if over.len() > 2 {
            for c in 0..N {
                let mut orders = Lanes::all(0.0);
                let says = self.says(case, c, all);
                self.sum_orders(member.actor, c, says, &all.work.said, &mut orders);
                all.work.orders[c] = orders;
            }
        }
        let mut stands = std::mem::take(&mut all.work.stands);
        let far = {
            let rows = &mut stands[case.mine..=case.mine + N];
            let Some((aside, rows)) = rows.split_last_mut() else {
                internal_error("there is a side at least")
            };
            let rows = some_mut::<N, W>(rows);
            let mut own = [&all.own[case.n * N]; N];
            for c in 0..N {
                own[c] = self.own(case, c, all);
            }
            let hears = Hears::<N, W> {
                own,
                swayed: some(&all.swayed[case.n * N..]),
                expected: some(&all.work.expected),
                there: &all.there,
            };
            let said = |h: usize| some::<N, W>(&all.work.said[h * N..]);
            let mut says = [[&all.own[0]; N]; 2];
            for j in 0..over.len().min(2) {
                for c in 0..N {
                    says[j][c] = &self.says(case, c, all)[j];
                }
            }
            let [w, v] = says;
            match over {
                [] => hears.share_out(rows, aside, |_, _, own| own),
                [(h, _)] => {
                    let s = said(*h);
                    hears.share_out(rows, aside, |c, i, own| own + w[c].0[i] * s[c].0[i])
                }
                [(h, _), (g, _)] => {
                    let (s, t) = (said(*h), said(*g));
                    hears.share_out(rows, aside, |c, i, own| {
                        own + (w[c].0[i] * s[c].0[i] + v[c].0[i] * t[c].0[i])
                    })
                }
                _ => {
                    let orders = some::<N, W>(&all.work.orders);
                    hears.share_out(rows, aside, |c, i, own| own + orders[c].0[i])
                }
            }
        };
        all.work.stands = stands;
        if far {
            self.answer_far(case, all);
        }
    }

    /// Computes what each side is worth to an actor, beyond standing aside with logit choice.
    #[inline(always)]
    fn weigh_sides(&self, case: &Answer, all: &Gathering<W>, worth: &mut [Lanes<W>]) {
        let contenders = self.layout().contenders;
        let member = &self.plan.cast.members[case.n];
        for (c, worth) in worth.iter_mut().take(contenders).enumerate() {
            *worth = *self.own(case, c, all);
            if !all.steady[case.n] {
                let says = self.says(case, c, all);
                self.add_orders(member.actor, c, says, &all.work.said, worth);
            }
            let swayed = &all.swayed[case.n * contenders + c];
            add_product(worth, swayed, &all.work.expected[c]);
        }
        worth[contenders] = match self.plan.choice {
            Choice::Logit => Lanes::all(0.0),
            Choice::BestReply => self.slots[self.plan.every_rally.caution[member.actor]],
        };
    }

    /// Where scores lie far apart.
    #[cold]
    #[inline(never)]
    fn answer_far(&self, case: &Answer, all: &mut Gathering<W>) {
        let mut scores = vec![Lanes::all(0.0); all.present.len()];
        self.weigh_sides(case, all, &mut scores);
        let far = Mask::of(|i| scores.iter().any(|s| s.0[i].abs() > math::NEAR));
        share_out_far(&mut scores, &all.present, &far);
        for (stands, share) in all.work.stands[case.mine..].iter_mut().zip(&scores) {
            for i in far.lanes() {
                stands.0[i] = share.0[i];
            }
        }
    }

    /// Computes where an actor would stand, among any number of contenders or by best reply.
    #[inline(always)]
    fn answer_of_many(&self, case: &Answer, all: &mut Gathering<W>) {
        let mut stands = std::mem::take(&mut all.work.stands);
        let rows = &mut stands[case.mine..][..all.present.len()];
        self.weigh_sides(case, all, rows);
        match self.plan.choice {
            Choice::Logit => softmax(rows, &all.present),
            Choice::BestReply => {
                let best = super::choose::best(rows, &all.present);
                for (o, stands) in rows.iter_mut().enumerate() {
                    lanes::map(stands, &best, |b| f32::from(u8::from(b == o as f32)));
                }
            }
        }
        all.work.stands = stands;
    }
}

/// Who answers.
struct Answer {
    /// Which of those who count.
    n: usize,
    /// Where in `stands` his rows begin.
    mine: usize,
    /// The contender of whom the mover carries less than all, if any.
    side: usize,
}

/// What an actor answers to, by contender.
struct Hears<'g, const N: usize, const W: usize> {
    /// What he brings.
    own: [&'g Lanes<W>; N],
    /// What expectations count for him.
    swayed: &'g [Lanes<W>; N],
    /// What everybody expects.
    expected: &'g [Lanes<W>; N],
    /// Whether the contender is there.
    there: &'g [Mask<W>],
}

impl<const N: usize, const W: usize> Hears<'_, N, W> {
    /// Computes the share of each side by logit choice, all at once, since nothing takes more of the time of a round:
    /// `ordered` adds what offices say. Returns whether scores lie too far apart for this in any lane.
    #[inline(always)]
    fn share_out(
        &self,
        shares: &mut [Lanes<W>; N],
        aside: &mut Lanes<W>,
        ordered: impl Fn(usize, usize, f32) -> f32,
    ) -> bool {
        let there = &self.there[..N];
        let mut far = 0;
        for i in 0..W {
            let mut weights = [0.0; N];
            let mut widest = 0.0;
            for c in 0..N {
                let own = ordered(c, i, self.own[c].0[i]);
                // Measured from aside, which is always there.
                let score = own + self.swayed[c].0[i] * self.expected[c].0[i];
                widest = math::max(score.abs(), widest);
                weights[c] = there[c].or_zero(i, math::weight_of_score(score));
            }
            let mut sum = weights[0];
            for c in 1..N {
                sum += weights[c];
            }
            let part = 1.0 / (sum + 1.0);
            for c in 0..N {
                shares[c].0[i] = weights[c] * part;
            }
            aside.0[i] = part;
            far |= u32::from(widest > math::NEAR);
        }
        far != 0
    }
}
