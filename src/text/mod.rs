//! Results as text for people: summaries, explanations, the history of a round.

pub mod arrivals;
pub mod cases;
pub mod comparison;
pub mod coverage;
pub mod day0;
pub mod discovery;
pub mod evidence;
pub mod explain;
pub mod fit;
pub mod given;
pub mod layout;
pub mod number;
pub mod pool;
mod run;
pub mod score;
pub mod sensitivity;
pub mod signposts;
pub mod sweep;
pub mod trace;
pub mod typical;
pub mod weighing;

pub use layout::Layout;
pub use run::Shown;

use crate::CAVEAT;

/// What the error in a summary leaves out.
const ERROR: &str =
    "Intervals state the error of a finite number of rounds, not the error of the assumptions.";

/// The beginning of a remark or a name, up to the end of its first clause.
pub(crate) fn first_clause(text: &str) -> &str {
    let ends = [", ", "; ", ": ", " (", ". "].into_iter();
    let end = ends.filter_map(|e| text.find(e)).min();
    text[..end.unwrap_or(text.len())].trim_end_matches('.')
}

/// A display name with its id, once where they are the same.
fn titled(name: &str, id: &str) -> String {
    if name == id {
        id.to_owned()
    } else {
        format!("{name} ({id})")
    }
}

/// Ends a summary with what its numbers do not mean.
fn caveat(out: &mut String, layout: Layout) {
    out.push('\n');
    layout.paragraph(out, &format!("{ERROR} {CAVEAT}"));
}
