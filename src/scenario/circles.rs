//! Expressions that are computed from themselves.

use std::collections::BTreeMap;
use std::ops::Range;

use super::expression::Expression;
use super::fault::Place;

/// The most ids that a message lists.
const LISTED: usize = 12;

/// Named expressions of which each reads the next, and the last the first.
#[derive(Debug)]
pub(super) struct Circle {
    /// The one that is met first.
    pub(super) first: usize,
    /// The last one, which reads the first.
    pub(super) last: usize,
    /// Their ids; `…` stands for some in the middle of a long circle.
    pub(super) ids: Vec<String>,
    /// Where the last one names the first.
    pub(super) place: Place,
}

/// A named expression on the way.
struct Step {
    expression: usize,
    /// The expressions that it reads and that are still to be followed, last first.
    reads: Vec<(usize, Range<usize>)>,
}

/// Finds circles of expressions, of which each is given with its name. Without the last expression of each there is
/// none left.
pub(super) fn find(named: &[(&str, &Expression)]) -> Vec<Circle> {
    let places: BTreeMap<&str, usize> = named.iter().enumerate().map(|(i, n)| (n.0, i)).collect();
    let reads = |expression: usize| {
        let mut known = Vec::new();
        named[expression].1.tree.each_name(&mut |parts, span| {
            if let [name] = parts
                && let Some(place) = places.get(name.as_str())
            {
                known.push((*place, span.clone()));
            }
        });
        known.reverse();
        known
    };
    let mut known = vec![false; named.len()];
    // By expression: its place on the way, if it is on it.
    let mut steps: Vec<Option<usize>> = vec![None; named.len()];
    let mut circles = Vec::new();
    for start in 0..named.len() {
        let mut way: Vec<Step> = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(expression) = next.take().filter(|e| !known[*e]) {
                known[expression] = true;
                steps[expression] = Some(way.len());
                way.push(Step {
                    expression,
                    reads: reads(expression),
                });
            }
            let Some(step) = way.last_mut() else { break };
            let last = step.expression;
            let Some((read, span)) = step.reads.pop() else {
                steps[last] = None;
                way.pop();
                continue;
            };
            match steps[read] {
                Some(from) => {
                    circles.push(Circle {
                        first: read,
                        last,
                        ids: listed(way[from..].iter().map(|s| named[s.expression].0)),
                        place: named[last].1.inner(&span),
                    });
                    // Without it there is no other circle through here.
                    steps[last] = None;
                    way.pop();
                }
                None => next = Some(read),
            }
        }
    }
    circles
}

/// The ids of a circle, as a message lists them.
fn listed<'n>(ids: impl ExactSizeIterator<Item = &'n str>) -> Vec<String> {
    let n = ids.len();
    let mut out: Vec<String> = Vec::new();
    for (i, id) in ids.enumerate() {
        if n <= LISTED || i < LISTED - 1 || i + 1 == n {
            out.push(id.to_owned());
        } else if i + 2 == n {
            out.push("…".to_owned());
        }
    }
    out
}
