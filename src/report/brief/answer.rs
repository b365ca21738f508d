//! The answer of a brief in one sentence, with what is known of its ranges.

use super::blocks::{across, bare, inside, range};
use super::content::{Outcome, Side};

/// The answer of one side in one sentence, with its ranges.
pub(super) fn answer(side: &Side) -> String {
    let Some(first) = side.outcomes.first() else {
        return "Nothing can be said given this evidence: too few simulated histories fit it."
            .to_owned();
    };
    let condition = match (&side.given, first.before) {
        (Some(_), Some(before)) => format!(", given the reports ({} without them)", bare(before)),
        (Some(_), None) => ", given the reports".to_owned(),
        _ => String::new(),
    };
    let guesses = first
        .guesses
        .map(|r| format!("across sets of guesses {}", across(r)));
    let forms = first
        .forms
        .map(|r| format!("across forms of the model {}", range(r)));
    let finite = side.given.as_ref().map(|_| {
        let known = first.interval.map_or_else(String::new, |r| {
            format!("the number of histories alone leaves {}, ", range(r))
        });
        format!("{known}the range across guesses is not known with these reports")
    });
    // Of a comparison: differences are paired, shares have no ranges.
    let unknown = (first.interval.is_none() && side.given.is_none())
        .then(|| "the range across guesses is not known here".to_owned());
    let ranges = guesses
        .into_iter()
        .chain(forms)
        .chain(finite)
        .chain(unknown);
    let ranges: Vec<String> = ranges.collect();
    let ranges = if ranges.is_empty() {
        String::new()
    } else {
        format!("; {}", ranges.join(", "))
    };
    format!(
        "In {} of 100 simulated histories{condition}: {}{ranges}.",
        bare(first.share),
        inside(&first.name)
    )
}

/// What is said of ranges that are not there.
pub(super) fn without_ranges(side: &Side) -> Option<&'static str> {
    let has = |of: fn(&Outcome) -> bool| side.outcomes.iter().any(of);
    if has(|o| o.guesses.is_some()) {
        None
    } else if side.given.is_some() {
        Some(crate::text::given::RANGES)
    } else {
        Some(
            "The range across guesses was not computed: one set of shares is for all guesses together.",
        )
    }
}
