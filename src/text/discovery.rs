//! What `kzsim discover` prints.

use std::fmt::Write;

use super::summary::{CAVEAT, digits, interval, new_table, percent, right};
use crate::analysis::discovery::cover::{FEWEST_HITS, Found, Verdict};
use crate::analysis::discovery::{Limit, Side};
use crate::analysis::interval::{Share, wilson};
use crate::table::discovery::{Discovery, Looked};
use crate::table::sensitivity::Input;
use comfy_table::Cell;

/// A share in per cent with its interval.
fn with_interval(share: Share) -> String {
    let p = percent(share.probability, digits(share));
    format!("{p} ({})", interval(share))
}

/// Everything in sentences and tables.
#[must_use]
pub fn summary(d: &Discovery<'_>, seed: u64, rounds: u64, width: Option<u16>) -> String {
    let mut out = format!(
        "{}\n{rounds} rounds, {} inputs, seed {seed}; boxes are found in one half of the rounds, and all\n\
         shares come from the other half\n",
        d.scenario.title,
        d.inputs.len()
    );
    for looked in &d.targets {
        one(d, looked, width, &mut out);
    }
    out.push_str(CAVEAT);
    out
}

fn one(d: &Discovery<'_>, looked: &Looked, width: Option<u16>, out: &mut String) {
    let all = wilson(looked.others.hits, looked.others.rows.max(1));
    let _ = writeln!(
        out,
        "\n{}: {} of all rounds",
        looked.target.name,
        with_interval(all)
    );
    if looked.boxes.is_empty() {
        let rarer = looked
            .search
            .hits
            .min(looked.search.rows - looked.search.hits);
        if rarer < FEWEST_HITS {
            let _ = writeln!(
                out,
                "  Too few to look for conditions: {rarer} rounds on one side of it in the half that is searched, \
                 {FEWEST_HITS} are needed."
            );
        } else {
            out.push_str("  No condition can be told from chance at this number of rounds.\n");
        }
        return;
    }
    for (number, (found, verdict)) in (1..).zip(&looked.boxes) {
        sentence(d, number, found, verdict, out);
        let mut table = new_table(
            &[
                "Condition",
                "In words",
                "Share without it",
                "Quasi-p",
                "Found again",
            ],
            width,
        );
        for (limit, (without, quasi_p)) in found.region.limits.iter().zip(&verdict.limits) {
            let share = wilson(without.hits, without.rows.max(1));
            let again = found.again[limit.input][usize::from(limit.side == Side::Below)];
            table.add_row(vec![
                Cell::new(condition(d, limit)),
                Cell::new(says(d, limit.input)),
                right(percent(share.probability, digits(share))),
                right(probability(*quasi_p)),
                right(format!("{again} of {}", d.resamples)),
            ]);
        }
        let _ = writeln!(out, "{table}");
    }
}

/// A small probability in few letters.
fn probability(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

fn condition(d: &Discovery<'_>, limit: &Limit) -> String {
    let name = d.name(limit.input);
    match (d.value(limit), limit.side) {
        (Some(value), _) => format!("{name} is {value}"),
        (None, Side::Above) => format!("{name} above {}", limit.value),
        (None, Side::Below) => format!("{name} below {}", limit.value),
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
                d.name(input),
                low.value,
                high.value
            ),
            [one] => condition(d, one)
                .replacen(" above ", " is above ", 1)
                .replacen(" below ", " is below ", 1),
            _ => continue,
        });
    }
    out
}

fn sentence(d: &Discovery<'_>, number: u32, found: &Found, v: &Verdict, out: &mut String) {
    let all = v.inside.rows + v.outside.rows;
    let _ = write!(out, "{number}. Where ");
    let conditions = conditions(d, found);
    out.push_str(&conditions.join("\n   and "));
    let _ = writeln!(
        out,
        ",\n   it comes in {} of rounds, elsewhere in {}.",
        with_interval(v.density),
        with_interval(v.elsewhere)
    );
    let _ = writeln!(
        out,
        "   These are {} of all rounds, with {} of those in which it comes{}.",
        percent(v.inside.rows as f64 / all.max(1) as f64, 1),
        percent(v.coverage.probability, 1),
        if number > 1 {
            format!(" ({} in no box before)", percent(v.gained, 1))
        } else {
            String::new()
        }
    );
    if !v.confirmed {
        out.push_str("   The other half does not confirm it: read nothing into this box.\n");
    }
}
