//! What `kzsim check --coverage` prints.

use std::fmt::Write;

use super::number::{count, percent};
use crate::analysis::coverage::moves;
use crate::analysis::interval::bound;
use crate::ensemble::{RoundRecord, Tally};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// What some rounds exercised of a scenario, in words.
#[must_use]
pub fn coverage(s: &Scenario, plan: &Plan, tally: &Tally, records: &[RoundRecord]) -> String {
    let n = tally.rounds;
    let bound = bound(n);
    let mut out = format!(
        "{}: in {} rounds (anything that never occurred has a share below {}, with 95 % confidence)\n",
        s.name,
        count(n),
        percent(bound)
    );
    let mut list = |what: &str, all: usize, never: Vec<String>| {
        let came = all - never.len();
        let _ = writeln!(out, "  {what}: {came} of {all}");
        for line in never {
            let _ = writeln!(out, "    never: {line}");
        }
    };
    let never = |i: usize| tally.action_count(i) == 0;
    let by = |i: usize| {
        let a = &s.actions[i];
        let off = if a.limit == 0 { " (limit = 0)" } else { "" };
        format!("{}{off}: {}", a.id, a.name)
    };
    let actions: Vec<String> = (0..s.actions.len()).filter(|i| never(*i)).map(by).collect();
    list("actions that took effect", s.actions.len(), actions);
    let outcomes = s.outcomes.iter().enumerate();
    let outcomes: Vec<String> = outcomes
        .filter(|(j, _)| tally.outcome_count(*j) == 0)
        .map(|(_, o)| format!("{}: {}", o.id, o.name))
        .collect();
    list("outcomes that occurred", s.outcomes.len(), outcomes);
    let flags = s.flags.iter().zip(&tally.flags);
    let flags: Vec<String> = flags
        .filter(|(_, count)| **count == 0)
        .map(|(f, _)| format!("{}: {}", f.id, f.name))
        .collect();
    list("flags that held", s.flags.len(), flags);
    notes(s, plan, tally, &mut out);
    let values: Vec<Vec<f32>> = records.iter().map(|r| r.priors.clone()).collect();
    let targets: Vec<Vec<bool>> = records
        .iter()
        .map(|r| {
            let outcomes = (0..s.outcomes.len()).map(|j| r.outcome == j);
            let acted = r.first.iter().map(Option::is_some);
            outcomes
                .chain((0..s.flags.len()).map(|i| r.flags[i]))
                .chain(acted)
                .collect()
        })
        .collect();
    let moved = moves(&values, &targets);
    let idle: Vec<String> = s
        .priors()
        .iter()
        .zip(&moved)
        .filter(|(_, moved)| !**moved)
        .map(|(p, _)| p.path.clone())
        .collect();
    let _ = writeln!(
        out,
        "  priors with a detectable effect on some outcome, flag or action: {} of {}",
        moved.len() - idle.len(),
        moved.len()
    );
    for path in idle {
        let _ = writeln!(out, "    no detectable effect: {path}");
    }
    out.push_str(
        "  (false alarms: one in a hundred over all priors together; more rounds detect smaller effects)\n",
    );
    out
}

/// Expressions without a value, actions that their limits stopped, rates too high for the step, and
/// decisions that mostly lapse.
fn notes(s: &Scenario, plan: &Plan, tally: &Tally, out: &mut String) {
    let n = tally.rounds;
    let in_rounds =
        |rounds: u64| format!("in {} of rounds", percent(rounds as f64 / n.max(1) as f64));
    let undefined: Vec<_> = plan.fragile.iter().zip(&tally.undefined).collect();
    let without = undefined.iter().filter(|(_, rounds)| **rounds > 0);
    let _ = writeln!(
        out,
        "  expressions that had no value in some round, of those that can lack one: {} of {}",
        without.clone().count(),
        undefined.len()
    );
    for (fragile, rounds) in without {
        let _ = writeln!(
            out,
            "    {}: {} = {}",
            in_rounds(**rounds),
            fragile.path,
            fragile.text
        );
    }
    for (i, a) in s.actions.iter().enumerate() {
        let [limited, crowded, lapsed] =
            [&tally.limited, &tally.crowded, &tally.lapsed].map(|n| n[i]);
        if limited > 0 {
            let _ = writeln!(
                out,
                "  {}: stopped by its limit ({}) {}, although it would have been decided again",
                a.id,
                a.limit,
                in_rounds(limited)
            );
        }
        if crowded > 0 {
            let _ = writeln!(
                out,
                "  {}: more than one decision was expected within some step {}",
                a.id,
                in_rounds(crowded)
            );
        }
        if lapsed > tally.action_count(i) {
            let _ = writeln!(
                out,
                "  {}: a decision lapsed before it took effect {}, more than took effect",
                a.id,
                in_rounds(lapsed)
            );
        }
    }
}
