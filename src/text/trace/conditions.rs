//! Conditions in words, with the values of what they read, for `trace`.
//!
//! What an analyst wrote stays as it is; names of the state become words with the value that each has at that moment:
//! `turnout.max > 0.02` is told as `largest turnout (0.035) > 0.02`.

use std::ops::Range;

use super::called::Called;
use crate::engine::Batch;
use crate::scenario::Scenario;
use crate::scenario::catalogue::Reading;
use crate::scenario::expression::{Binary, Expression, Node, Tree, Unary};
use crate::scenario::names::{Ids, Reference};
use crate::scenario::state::{FATES, StateQuantity};
use crate::scenario::words::plain;
use crate::text::number;

/// Signs of comparisons as they are written, and as they are told; longer ones first.
const SIGNS: [(&str, &str); 4] = [(">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("==", "=")];

/// An expression in words, with the values that it reads from a batch.
pub(super) fn told(
    (s, called): (&Scenario, &Called),
    batch: Option<&Batch<'_, 1>>,
    expression: &Expression,
) -> String {
    let teller = Teller {
        s,
        called,
        ids: s.ids(),
        batch,
    };
    let mut parts: Vec<(Range<usize>, String)> = Vec::new();
    teller.parts(&expression.tree, Read::True, &mut parts);
    parts.sort_by_key(|(span, _)| span.start);
    let mut out = String::new();
    let mut at = 0;
    for (span, words) in &parts {
        // The names of a set all stand where the set is written, which tells more than each of them.
        let alone = parts
            .iter()
            .filter(|(other, _)| other.start < span.end && span.start < other.end)
            .count()
            == 1;
        if let (true, Some(between)) = (alone, expression.text.get(at..span.start)) {
            out.push_str(&signs(between));
            out.push_str(words);
            at = span.end;
        }
    }
    out.push_str(&signs(expression.text.get(at..).unwrap_or_default()));
    out.trim().to_owned()
}

/// What stands between names, with proper signs.
fn signs(text: &str) -> String {
    SIGNS.iter().fold(text.to_owned(), |text, (written, told)| {
        text.replace(written, told)
    })
}

/// As what a name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// As true.
    True,
    /// As false.
    False,
    /// As a number.
    Number,
}

/// Whoever tells.
struct Teller<'a> {
    s: &'a Scenario,
    called: &'a Called,
    ids: Ids,
    batch: Option<&'a Batch<'a, 1>>,
}

impl Teller<'_> {
    /// Where words replace what is written, and the words.
    fn parts(&self, tree: &Tree, read: Read, out: &mut Vec<(Range<usize>, String)>) {
        match &tree.node {
            Node::Name(parts) => out.push((tree.span.clone(), self.name(parts, read))),
            Node::Unary(Unary::Not, inner) => match &inner.node {
                Node::Name(parts) => out.push((tree.span.clone(), self.name(parts, Read::False))),
                _ => self.parts(inner, Read::True, out),
            },
            Node::Unary(_, inner) => self.parts(inner, Read::Number, out),
            Node::Binary(Binary::And | Binary::Or, left, right) => {
                self.parts(left, Read::True, out);
                self.parts(right, Read::True, out);
            }
            Node::Binary(sign, left, right) => {
                if let (Binary::Equal, Node::Name(parts), Node::Number(x)) =
                    (sign, &left.node, &right.node)
                    && (*x == 0.0 || *x == 1.0)
                    && let read = if *x == 1.0 { Read::True } else { Read::False }
                    && let Some(fact) = self.fact(parts, read)
                {
                    out.push((tree.span.clone(), fact));
                    return;
                }
                self.parts(left, Read::Number, out);
                self.parts(right, Read::Number, out);
            }
            Node::Call(_, arguments) => {
                for argument in arguments {
                    self.parts(argument, Read::Number, out);
                }
            }
            Node::Number(_) | Node::Date(_) => {}
        }
    }

    /// A name in words.
    fn name(&self, parts: &[String], read: Read) -> String {
        if let (Read::True | Read::False, Some(fact)) = (read, self.fact(parts, read)) {
            return fact;
        }
        let not = if read == Read::False { "not " } else { "" };
        let written: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Ok(reference) = self.ids.reference(&written) else {
            // A parameter or a formula.
            self.called.uses(parts);
            return format!("{not}{}", plain(&written.join(".")));
        };
        let words = self
            .quantity(&reference)
            .unwrap_or_else(|| written.join("."));
        let value = self.value(&reference);
        let value = value.map_or(String::new(), |x| format!(" ({})", number::value(x)));
        format!("{not}{words}{value}")
    }

    /// What a name says if it is true or false of itself, as a sentence.
    fn fact(&self, parts: &[String], read: Read) -> Option<String> {
        let written: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Reference {
            quantity,
            indices,
            reading,
        } = self.ids.reference(&written).ok()?;
        let so = |yes: &str, no: &str| if read == Read::False { no } else { yes }.to_owned();
        let action = |i: usize| format!("“{}”", self.s.actions[i].name);
        let actor = |i: usize| self.called.actors[i].as_str();
        Some(match (quantity, reading, &indices[..]) {
            (StateQuantity::Count, Reading::AboveZero, [i]) => {
                action(*i) + &so(" has happened", " has not happened")
            }
            (StateQuantity::Succeeded, Reading::AboveZero, [i]) => {
                action(*i) + &so(" has succeeded", " has not succeeded")
            }
            (StateQuantity::Failed, Reading::AboveZero, [i]) => {
                action(*i) + &so(" has failed", " has not failed")
            }
            (StateQuantity::Office, Reading::Holder(who), [o]) => {
                let office = &self.called.offices[*o];
                let of = who.map_or("nobody", actor);
                let is = so("is with", "is not with");
                format!("“{office}” {is} {of}")
            }
            (StateQuantity::Fate, Reading::Fate(fate), [a]) => {
                let is = so(": ", ": not ");
                format!("{}{is}{}", actor(*a), FATES[fate])
            }
            (StateQuantity::Present, _, [a]) => {
                format!("{}{}", actor(*a), so(": there", ": not there"))
            }
            _ => return None,
        })
    }

    /// A quantity of the state in words; nothing where what is written says it best.
    fn quantity(&self, reference: &Reference) -> Option<String> {
        let (s, called) = (self.s, self.called);
        let side = |c: usize| called.contenders.get(c).map_or("aside", |name| name);
        let actor = |a: usize| &called.actors[a];
        let crowd = |what: &str| match (reference.reading, &reference.indices[..]) {
            (Reading::Largest, _) => format!("largest {what}"),
            (Reading::Mean, _) => format!("mean {what}"),
            (Reading::Felt, _) => format!("{what} as felt"),
            (_, [n]) => format!("{what} of {}", called.crowds[*n]),
            _ => what.to_owned(),
        };
        Some(match (reference.quantity, &reference.indices[..]) {
            (StateQuantity::Turnout, _) => crowd("turnout"),
            (StateQuantity::Grievance, _) => crowd("grievance"),
            (StateQuantity::Repression, _) => crowd("repression"),
            (StateQuantity::Support, [c]) => format!("support of {}", side(*c)),
            (StateQuantity::SupportIn, [c, k]) => {
                format!("support of {} in {}", side(*c), s.arenas[*k].id)
            }
            (StateQuantity::Backing, [c]) => format!("backing of {}", side(*c)),
            (StateQuantity::BackingIn, [c, k]) => {
                format!("backing of {} in {}", side(*c), s.arenas[*k].id)
            }
            (StateQuantity::Prospects, [c]) => format!("prospects of {}", side(*c)),
            (StateQuantity::Sees, [a, c]) => {
                format!("prospects of {} as {} sees them", side(*c), actor(*a))
            }
            (StateQuantity::Loyalty, [a, c]) => {
                format!("loyalty of {} to {}", actor(*a), side(*c))
            }
            (StateQuantity::Stance, [a, c]) if *c < s.contenders.len() => {
                format!("part of {} with {}", actor(*a), side(*c))
            }
            (StateQuantity::Latest, [i]) => format!("days since “{}”", s.actions[*i].name),
            (StateQuantity::Variable, [v]) => {
                let id = &s.variables[*v].id;
                called.uses(std::slice::from_ref(id));
                plain(id)
            }
            _ => return None,
        })
    }

    /// What it is now; nothing for what never happened, and for totals that no slot holds.
    fn value(&self, reference: &Reference) -> Option<f64> {
        let batch = self.batch?;
        let l = batch.layout();
        let at = |indices: &[usize]| batch.get(l.slot(reference.quantity, indices)).0[0];
        let x = match reference.reading {
            Reading::Value => at(&reference.indices),
            Reading::Largest => (0..l.crowds).map(|n| at(&[n])).fold(0.0, f32::max),
            Reading::DaysSince => {
                let day = at(&reference.indices);
                if !day.is_finite() {
                    return None;
                }
                batch.get(l.day()).0[0] - day
            }
            Reading::Mean
            | Reading::Felt
            | Reading::AboveZero
            | Reading::Holder(_)
            | Reading::Fate(_) => return None,
        };
        Some(f64::from(x))
    }
}
