//! Where draws are taken from: a site for each use of chance, with a name of its own.

use super::draws::{Draws, Law, RareDraws, SingleDraw};
use super::lanes::Pairs;
use crate::plan::{Plan, WayPlan};

/// What the index of a site's draws counts.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Nothing: there is one draw, or each is asked for by its index.
    Rarely,
    Step,
    /// A bit at each step.
    Bit,
    Day,
}

impl Pace {
    /// The next index, where sites that draw by step and by day are at these.
    fn next(self, step: u64, day: u64) -> u64 {
        match self {
            Self::Rarely => 0,
            Self::Step => step,
            Self::Bit => step / u64::from(u32::BITS),
            Self::Day => day,
        }
    }
}

/// One site, or several of a kind.
trait Site {
    /// Begins without any block of words.
    fn begin(&mut self) {}
    /// Discards generated words: the lanes now hold other rounds.
    fn restart(&mut self) {}
    /// Exchanges lanes with the same site of another batch; `next` is the index of the next draw.
    fn exchange(&mut self, _other: &mut Self, _pairs: &Pairs, _next: u64) {}
    /// Returns how many blocks of words were generated.
    fn blocks(&self) -> u64 {
        0
    }
    /// Returns how many draws there are that keep no words.
    fn singles(&self) -> usize {
        0
    }
}

impl Site for SingleDraw {
    fn singles(&self) -> usize {
        1
    }
}

impl<const W: usize> Site for Draws<W> {
    fn begin(&mut self) {
        self.begin();
    }

    fn restart(&mut self) {
        self.restart();
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs, next: u64) {
        self.exchange(other, pairs, next);
    }

    fn blocks(&self) -> u64 {
        self.blocks()
    }
}

impl<const W: usize> Site for RareDraws<W> {
    fn begin(&mut self) {
        self.begin();
    }

    fn restart(&mut self) {
        self.restart();
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs, _: u64) {
        self.exchange(other, pairs);
    }

    fn blocks(&self) -> u64 {
        self.blocks()
    }
}

impl<S: Site> Site for Vec<S> {
    fn begin(&mut self) {
        self.iter_mut().for_each(S::begin);
    }

    fn restart(&mut self) {
        self.iter_mut().for_each(S::restart);
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs, next: u64) {
        for (a, b) in self.iter_mut().zip(other) {
            a.exchange(b, pairs, next);
        }
    }

    fn blocks(&self) -> u64 {
        self.iter().map(S::blocks).sum()
    }

    fn singles(&self) -> usize {
        self.iter().map(S::singles).sum()
    }
}

impl<S: Site> Site for Option<S> {
    fn begin(&mut self) {
        self.iter_mut().for_each(S::begin);
    }

    fn restart(&mut self) {
        self.iter_mut().for_each(S::restart);
    }

    fn exchange(&mut self, other: &mut Self, pairs: &Pairs, next: u64) {
        if let (Some(a), Some(b)) = (self, other) {
            a.exchange(b, pairs, next);
        }
    }

    fn blocks(&self) -> u64 {
        self.iter().map(S::blocks).sum()
    }

    fn singles(&self) -> usize {
        self.iter().map(S::singles).sum()
    }
}

/// Makes sites.
struct Maker<'p> {
    plan: &'p Plan,
    seed: u64,
}

impl Maker<'_> {
    fn often<const W: usize>(&self, name: &str, law: Law) -> Draws<W> {
        Draws::new(self.seed, name, law)
    }

    fn rare<const W: usize>(&self, name: &str, law: Law) -> RareDraws<W> {
        RareDraws::new(self.seed, name, law)
    }

    fn single(&self, name: &str, law: Law) -> SingleDraw {
        SingleDraw::new(self.seed, name, law)
    }

    /// By actor, where `has` holds; empty elsewhere.
    fn by_actor<T>(&self, has: impl Fn(usize) -> bool, of: impl Fn(&str) -> Vec<T>) -> Vec<Vec<T>> {
        let actors = self.plan.actors.iter().enumerate();
        actors
            .map(|(a, actor)| if has(a) { of(&actor.id) } else { Vec::new() })
            .collect()
    }

    /// By contender, for an actor.
    fn by_contender<const W: usize>(&self, stage: &str, actor: &str, law: Law) -> Vec<Draws<W>> {
        let contenders = self.plan.contenders.iter();
        contenders
            .map(|c| self.often(&format!("{stage}/{actor}/{}", c.id), law))
            .collect()
    }

    /// Whether an actor chooses sides.
    fn chooses(&self, a: usize) -> bool {
        self.plan.actors[a].contender.is_none()
    }

    /// Whether an actor is a person who chooses sides.
    fn is_person(&self, a: usize) -> bool {
        self.chooses(a) && self.plan.actors[a].person
    }
}

/// Declares the sites: of each the field, its type, what the index of its draws counts, and how it is made.
macro_rules! sites {
    ($make:ident: $($(#[$about:meta])* $site:ident: $type:ty, $pace:ident = $made:expr;)*) => {
        /// The draws of every site.
        #[derive(Debug, Clone)]
        pub(super) struct Sites<const W: usize> {
            $($(#[$about])* pub(super) $site: $type,)*
        }

        impl<const W: usize> Sites<W> {
            /// No sites, for a batch that draws nothing.
            pub(super) fn none() -> Self {
                Self {
                    $($site: Vec::new(),)*
                }
            }

            /// The sites of a plan.
            pub(super) fn new(plan: &Plan, seed: u64) -> Self {
                let $make = &Maker { plan, seed };
                Self {
                    $($site: $made,)*
                }
            }

            /// Begins without any block of words.
            pub(super) fn begin(&mut self) {
                $(Site::begin(&mut self.$site);)*
            }

            /// Discards generated words: the lanes now hold other rounds.
            pub(super) fn restart(&mut self) {
                $(Site::restart(&mut self.$site);)*
            }

            /// Exchanges lanes; `step` and `day` are the next indices of sites that draw by step and by day.
            pub(super) fn exchange(&mut self, other: &mut Self, pairs: &Pairs, step: u64, day: u64) {
                $(self.$site.exchange(&mut other.$site, pairs, Pace::$pace.next(step, day));)*
            }

            /// Returns how many blocks of words were generated.
            pub(super) fn blocks(&self) -> u64 {
                0 $(+ self.$site.blocks())*
            }

            /// Returns how many draws there are that keep no words.
            pub(super) fn singles(&self) -> usize {
                0 $(+ self.$site.singles())*
            }
        }
    };
}

sites! { make:
    priors: Vec<SingleDraw>, Rarely = {
        let priors = make.plan.priors.iter();
        priors.map(|p| make.single(&format!("prior/{}", p.path), Law::Sided)).collect()
    };
    /// By [`Lot`](crate::plan::Lot).
    lots: Vec<SingleDraw>, Rarely = {
        let lots = make.plan.lots.iter();
        lots.map(|lot| make.single(&lot.site, Law::Uniform)).collect()
    };
    /// By actor, then option; empty for all but persons who choose.
    tastes: Vec<Vec<SingleDraw>>, Rarely = make.by_actor(|a| make.is_person(a), |id| {
        let contenders = make.plan.contenders.iter().map(|c| c.id.as_str());
        let options = contenders.chain(["aside"]);
        options.map(|o| make.single(&format!("taste/{id}/{o}"), Law::Gumbel)).collect()
    });
    /// By actor, then contender; empty for actors whose view nothing uses.
    perceive: Vec<Vec<Draws<W>>>, Day = make.by_actor(
        |a| make.plan.perceive.viewers.contains(&a),
        |id| make.by_contender("perceive", id, Law::Normal),
    );
    /// By actor, then contender; empty for contenders.
    drift: Vec<Vec<Draws<W>>>, Bit = make.by_actor(
        |a| make.chooses(a) && make.plan.drift.diffuses,
        |id| make.by_contender("drift", id, Law::Sided),
    );
    /// By actor; empty for all but persons who choose.
    choose: Vec<Option<Draws<W>>>, Step = {
        let actors = make.plan.actors.iter().enumerate();
        let site = |id: &str| make.often(&format!("choose/{id}"), Law::Uniform);
        actors.map(|(a, actor)| make.is_person(a).then(|| site(&actor.id))).collect()
    };
    mood: Vec<Draws<W>>, Step = {
        let crowds = make.plan.crowds.iter();
        crowds.map(|c| make.often(&format!("mood/{}", c.id), Law::Normal)).collect()
    };
    act: Vec<RareDraws<W>>, Rarely = {
        let law = |way: &WayPlan| match way {
            WayPlan::Rate(_) | WayPlan::Decide { .. } => Law::Exponential,
            WayPlan::Chance(_) | WayPlan::At { .. } => Law::Uniform,
        };
        let actions = make.plan.actions.iter();
        actions.map(|a| make.rare(&format!("act/{}", a.id), law(&a.way))).collect()
    };
    success: Vec<RareDraws<W>>, Rarely = {
        let actions = make.plan.actions.iter();
        actions.map(|a| make.rare(&format!("act/{}/success", a.id), Law::Uniform)).collect()
    };
    /// By action; empty for all but those with a rally and `success`.
    night: Vec<Option<RareDraws<W>>>, Rarely = {
        let actions = make.plan.actions.iter();
        let site = |id: &str| make.rare(&format!("act/{id}/night"), Law::Normal);
        actions
            .map(|a| (a.rally.is_some() && a.success.is_some()).then(|| site(&a.id)))
            .collect()
    };
    /// By action; empty for those without branches.
    branch: Vec<Option<RareDraws<W>>>, Rarely = {
        let actions = make.plan.actions.iter();
        let site = |id: &str| make.rare(&format!("act/{id}/branch"), Law::Uniform);
        actions.map(|a| (!a.branches.is_empty()).then(|| site(&a.id))).collect()
    };
    /// By [`Drawn`](crate::plan::Drawn).
    drawn: Vec<RareDraws<W>>, Rarely = {
        let drawn = make.plan.drawn.iter();
        drawn.map(|drawn| make.rare(&drawn.site, Law::Sided)).collect()
    };
    /// By action; empty for all but considered moves.
    decide: Vec<Option<SingleDraw>>, Rarely = {
        let actions = make.plan.actions.iter();
        let site = |id: &str| make.single(&format!("decide/{id}"), Law::Uniform);
        actions.map(|a| matches!(a.way, WayPlan::Decide { .. }).then(|| site(&a.id))).collect()
    };
}
