//! What `kzsim discover` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, exact, p_value, percent, share, share_with_interval};
use crate::analysis::discovery::cover::{FEWEST_HITS, Found, Verdict};
use crate::analysis::discovery::{Limit, Side};
use crate::analysis::interval::wilson;
use crate::table::discovery::{Discovery, Looked};
use crate::table::sensitivity::Input;

/// Everything in sentences and tables.
#[must_use]
pub fn summary(d: &Discovery<'_>, seed: u64, rounds: u64, layout: Layout) -> String {
    let mut out = format!("{}\n", d.scenario.title);
    let text = format!(
        "{} rounds, {} inputs, seed {seed}; the search for boxes uses one half of the rounds, and all shares \
         come from the other half",
        count(rounds),
        d.inputs.len()
    );
    layout.paragraph(&mut out, &text);
    for looked in d.targets {
        describe(d, looked, layout, &mut out);
    }
    caveat(&mut out, layout);
    out
}

fn describe(d: &Discovery<'_>, looked: &Looked, layout: Layout, out: &mut String) {
    let all = wilson(looked.others.hits, looked.others.rows.max(1));
    let text = format!(
        "{}: {} of all rounds",
        looked.target.name,
        share_with_interval(all)
    );
    let _ = writeln!(out, "\n{text}");
    if looked.boxes.is_empty() {
        let (hits, misses) = (looked.search.hits, looked.search.rows - looked.search.hits);
        let (rarer, what) = if hits <= misses {
            (hits, "with")
        } else {
            (misses, "without")
        };
        let text = if rarer < FEWEST_HITS {
            format!(
                "  Too rare to search for conditions: {rarer} rounds {what} it in the half that is searched, \
                 and at least {FEWEST_HITS} are needed."
            )
        } else {
            "  No condition is distinguishable from chance with this many rounds.".to_owned()
        };
        layout.paragraph(out, &text);
        return;
    }
    for (number, (found, verdict)) in (1..).zip(&looked.boxes) {
        sentence(d, number, found, verdict, layout, out);
        let mut table = layout.table(&[
            "Condition",
            "In words",
            "Share without it",
            "Quasi-p",
            "Found again",
        ]);
        for (limit, (without, quasi_p)) in found.region.limits.iter().zip(&verdict.limits) {
            let again = found.again[limit.input][usize::from(limit.side == Side::Below)];
            table.add_row(vec![
                Cell::new(condition(d, limit)),
                Cell::new(says(d, limit.input)),
                right(share(wilson(without.hits, without.rows.max(1)))),
                right(p_value(*quasi_p)),
                right(format!("{again} of {}", d.resamples)),
            ]);
        }
        let _ = writeln!(out, "{table}");
    }
}

fn condition(d: &Discovery<'_>, limit: &Limit) -> String {
    let name = d.called(limit.input);
    match (d.value(limit), limit.side) {
        (Some(value), _) => format!("{name} is {value}"),
        (None, Side::Above) => format!("{name} above {}", exact(limit.value)),
        (None, Side::Below) => format!("{name} below {}", exact(limit.value)),
    }
}

/// What the analyst says of an input.
fn says<'d>(d: &'d Discovery<'_>, input: usize) -> &'d str {
    let says = match &d.inputs[input] {
        Input::Prior(p) => d.scenario.priors()[*p].remarks.says.as_deref(),
        _ => None,
    };
    says.unwrap_or_default()
}

/// The conditions of a box, each input once.
fn conditions(d: &Discovery<'_>, found: &Found) -> Vec<String> {
    let limits = &found.region.limits;
    let mut out = Vec::new();
    for input in found.region.inputs() {
        let own: Vec<&Limit> = limits.iter().filter(|l| l.input == input).collect();
        out.push(match own.as_slice() {
            [low, high] => format!(
                "{} is between {} and {}",
                d.called(input),
                exact(low.value),
                exact(high.value)
            ),
            [one] => condition(d, one)
                .replacen(" above ", " is above ", 1)
                .replacen(" below ", " is below ", 1),
            _ => continue,
        });
    }
    out
}

fn sentence(
    d: &Discovery<'_>,
    number: u32,
    found: &Found,
    v: &Verdict,
    layout: Layout,
    out: &mut String,
) {
    let all = v.inside.rows + v.outside.rows;
    let conditions = conditions(d, found).join("\n   and ");
    let _ = writeln!(
        out,
        "{number}. Where {conditions},\n   it occurs in {} of rounds, elsewhere in {}.",
        share_with_interval(v.density),
        share_with_interval(v.elsewhere)
    );
    let new = if number > 1 {
        format!(" ({} in no earlier box)", percent(v.gained))
    } else {
        String::new()
    };
    let text = format!(
        "   The box holds {} of all rounds and {} of those in which it comes{new}.",
        percent(v.inside.rows as f64 / all.max(1) as f64),
        percent(v.coverage.probability),
    );
    layout.paragraph(out, &text);
    if !v.confirmed {
        out.push_str("   The other half does not confirm it: disregard this box.\n");
    }
}
