//! Who and what a brief speaks of, in the scenario's own words: contenders, outcomes, and words of their names.

use super::blocks::{Block, capital_only, inside};
use crate::report::facts::Facts;
use crate::scenario::model::{Contender, Named};
use crate::scenario::words::plain;

/// Outcomes that are explained: the most frequent ones.
const OUTCOMES: usize = 3;
/// Most lines.
const MOST: usize = 6;

/// A line for each contender, and for each word of the most frequent outcomes, that the scenario explains. Outcomes are
/// pairs of id and name, the most frequent first.
pub(super) fn who<'a>(
    facts: &Facts,
    outcomes: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<String> {
    let s = &facts.scenario;
    let line =
        |name: &str, says: &str| format!("{}: {}.", capital_only(name), says.trim_end_matches('.'));
    let contender = |c: &Contender| {
        let own = c.remarks.says.as_deref();
        let actor = c.actor.and_then(|a| s.actors.get(a));
        let says = own.or_else(|| actor?.remarks.says.as_deref())?;
        Some(line(&c.name, says))
    };
    let mut out: Vec<String> = s.contenders.iter().filter_map(contender).collect();
    let shown: Vec<(&str, &str)> = outcomes.take(OUTCOMES).collect();
    let words = shown.iter().map(|(_, name)| name.to_lowercase());
    let words = words.collect::<Vec<_>>().join(" ");
    let word = |v: &&Named| {
        let id = plain(&v.id).to_lowercase();
        words.split(|c: char| !c.is_alphanumeric()).any(|w| w == id)
    };
    let named = s.variables.iter().chain(&s.parameters).filter(word);
    out.extend(named.filter_map(|v| Some(line(&v.id, v.number.remarks.says.as_deref()?))));
    out.extend(shown.iter().filter_map(|(id, name)| {
        let outcome = s.outcomes.iter().find(|own| own.id == *id)?;
        let says = outcome.remarks.says.as_deref()?;
        Some(line(&format!("“{}”", inside(name)), says))
    }));
    out.truncate(MOST);
    out
}

/// The lines under their heading.
pub(super) fn block(lines: &[String], blocks: &mut Vec<Block>) {
    if !lines.is_empty() {
        blocks.push(Block::Heading("Who and what".to_owned()));
        blocks.push(Block::Items(lines.to_vec()));
    }
}
