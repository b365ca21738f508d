//! What rallies are computed with: rows that a batch keeps. `docs/MODEL.md` 7.5a.

use super::lanes::{Lanes, Mask};
use crate::plan::Plan;

/// What all rallies of a moment share.
#[derive(Debug)]
pub(super) struct Gathering<const W: usize> {
    /// By contender, then aside: presence.
    pub(super) present: Vec<Lanes<W>>,
    /// By contender: whether he is there.
    pub(super) there: Vec<Mask<W>>,
    /// By arena: one in units of all power.
    pub(super) units: Vec<Lanes<W>>,
    /// By one who counts and arena of his: presence times power.
    pub(super) weights: Vec<Lanes<W>>,
    /// By one who counts: his part of all power.
    pub(super) parts: Vec<Lanes<W>>,
    /// By contender: parts of contenders who are listed before all others: they stand for themselves.
    pub(super) first_parts: Vec<Lanes<W>>,
    /// The same by arena, then contender, then aside: power.
    pub(super) first: Vec<Lanes<W>>,
    /// By one who counts, then contender: his tie, less what standing aside is worth to him; where what offices say
    /// to him cannot change in a rally, with that.
    pub(super) own: Vec<Lanes<W>>,
    /// By one who counts, then contender: what expectations count for him.
    pub(super) swayed: Vec<Lanes<W>>,
    /// By one who counts and office with authority over him: how much it says.
    pub(super) says: Vec<Lanes<W>>,
    /// By office of the cast: who can hold it, each with his rows in `stands`; none for a contender, who stands for
    /// himself.
    pub(super) heads: Vec<Vec<(usize, Option<usize>)>>,
    /// By office: whether somebody holds it in any lane who may change sides.
    pub(super) moving: Vec<bool>,
    /// By office, then contender: presence times stance of its holder, as things are.
    pub(super) spoken: Vec<Lanes<W>>,
    /// By one who counts: whether what offices say to him stays the same in all replies.
    pub(super) steady: Vec<bool>,
    /// By one who counts: whether he is there in no lane, so that what he answered would count for nothing.
    pub(super) gone: Vec<bool>,
    pub(super) work: Work<W>,
}

/// Rows of one rally.
#[derive(Debug)]
pub(super) struct Work<const W: usize> {
    /// By one who counts: `own` of the side of the action, as far as its mover carries it.
    pub(super) own: Vec<Lanes<W>>,
    /// By one who counts and office: `says` for that side.
    pub(super) says: Vec<Lanes<W>>,
    /// By contender, then aside: support.
    pub(super) support: Vec<Lanes<W>>,
    /// By contender: what everybody expects of his prospects.
    pub(super) expected: Vec<Lanes<W>>,
    /// `spoken` in the reply in hand.
    pub(super) said: Vec<Lanes<W>>,
    /// By contender: what several offices say to the actor in hand.
    pub(super) orders: Vec<Lanes<W>>,
    /// By holder of offices, then one row of all others: where each stands by contender, then aside.
    pub(super) stands: Vec<Lanes<W>>,
    /// By arena, then contender, then aside: power that stands there.
    pub(super) sums: Vec<Lanes<W>>,
}

impl<const W: usize> Gathering<W> {
    /// Returns rows for the rallies of a batch.
    pub(super) fn new(plan: &Plan) -> Self {
        let (cast, contenders) = (&plan.cast, plan.layout.contenders);
        let (n, arenas) = (cast.members.len(), plan.layout.arenas);
        let says = cast.members.last().map_or(0, |last| last.says.end);
        let spoken = plan.offices.len() * contenders;
        let place = |a: usize| {
            let member = cast.members.iter().find(|member| member.actor == a);
            let holder = member.and_then(|member| member.holder);
            (a, holder.map(|holder| holder * (contenders + 1)))
        };
        let heads = cast.offices.iter().map(|h| {
            let holders = plan.offices[*h].holders.iter();
            holders.map(|a| place(*a)).collect()
        });
        let rows = |n: usize| vec![Lanes::all(0.0); n];
        Self {
            present: rows(contenders + 1),
            there: vec![Mask::NONE; contenders],
            units: rows(arenas),
            weights: rows(cast.powers),
            parts: rows(n),
            first_parts: rows(contenders),
            first: rows(arenas * (contenders + 1)),
            own: rows(n * contenders),
            swayed: rows(n * contenders),
            says: rows(says),
            heads: heads.collect(),
            moving: vec![false; plan.offices.len()],
            spoken: rows(spoken),
            steady: vec![false; n],
            gone: vec![false; n],
            work: Work {
                own: rows(n),
                says: rows(says),
                support: rows(contenders + 1),
                expected: rows(contenders),
                said: rows(spoken),
                orders: rows(contenders),
                stands: rows((cast.holders + 1) * (contenders + 1)),
                sums: rows(arenas * (contenders + 1)),
            },
        }
    }
}
