//! What speaks for each side of an actor, term by term, for `trace`. `docs/MODEL.md` 7.4.

use crate::engine::Batch;
use crate::scenario::model::Choice;
use crate::text::number::signed;

/// The terms of a score.
const TERMS: [&str; 6] = [
    "loyalty",
    "prospects",
    "promises",
    "authority",
    "caution",
    "custom and taste",
];
/// The least change of a term that is told.
const LEAST: f32 = 0.01;
/// The most terms that are told.
const MOST: usize = 3;

/// The terms of the score of each side.
pub(super) type Reasons = Vec<[f32; TERMS.len()]>;

/// What speaks for each side of an actor now.
pub(super) fn reasons(batch: &Batch<'_, 1>, a: usize) -> Reasons {
    let (plan, l) = (batch.plan, batch.layout());
    let x = |slot| batch.get(slot).0[0];
    let actor = &plan.actors[a];
    let logit = plan.choice == Choice::Logit;
    let scale = if logit { x(plan.choose.sharpness) } else { 1.0 };
    let held = (1.0 - (x(plan.choose.rupture) - x(l.rupture_start()))).clamp(0.0, 1.0);
    let bent = x(actor.opportunism);
    let orders = |c: usize| -> f32 {
        let told = actor.authority.iter().map(|(office, weight)| {
            let holder = x(l.office(*office));
            let says = |h: usize| x(l.present(h)) * x(l.stance(h, c));
            let says = if holder >= 0.0 {
                says(holder as usize)
            } else {
                0.0
            };
            x(*weight) * says
        });
        told.sum()
    };
    (0..=l.contenders)
        .map(|side| {
            let taste = if logit && actor.person {
                x(l.taste(a, side))
            } else {
                0.0
            };
            let custom = held * (x(l.custom(a, side)) - x(l.reasons(a, side)));
            let mut terms = [0.0; TERMS.len()];
            if side < l.contenders {
                let view = x(l.sees(a, side));
                let promise = if plan.promises {
                    view * x(l.promise(a, side))
                } else {
                    0.0
                };
                let own = [
                    (1.0 - bent) * x(l.loyalty(a, side)),
                    bent * view,
                    promise,
                    orders(side),
                ];
                for (term, own) in terms.iter_mut().zip(own) {
                    *term = scale * own;
                }
            } else {
                terms[4] = scale * x(actor.caution);
            }
            terms[5] = custom + taste;
            terms
        })
        .collect()
}

/// A term that moved a choice between two sides: by how much it speaks for the new one now, and before.
pub(super) struct Moved {
    /// Its name.
    pub(super) term: &'static str,
    /// Now.
    pub(super) now: f64,
    /// Before.
    pub(super) before: f64,
}

/// The terms that moved most in favour of one side against another.
pub(super) fn moved(before: &Reasons, now: &Reasons, from: usize, to: usize) -> Vec<Moved> {
    let speaks = |of: &Reasons, term: usize| of[to][term] - of[from][term];
    let mut all: Vec<(usize, f32)> = (0..TERMS.len())
        .map(|term| (term, speaks(now, term) - speaks(before, term)))
        .filter(|(_, change)| change.abs() >= LEAST)
        .collect();
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    all.truncate(MOST);
    let told = |(term, _): (usize, f32)| Moved {
        term: TERMS[term],
        now: f64::from(speaks(now, term)),
        before: f64::from(speaks(before, term)),
    };
    all.into_iter().map(told).collect()
}

/// These terms in words.
pub(super) fn told(moved: &[Moved]) -> String {
    let each = moved.iter().map(|m| {
        let [before, now] = [m.before, m.now].map(|x| signed(x, 2));
        format!("{} {before} → {now}", m.term)
    });
    each.collect::<Vec<_>>().join(", ")
}
