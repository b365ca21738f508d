//! What `kzsim compare` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, decimal, interval, points, points_interval, share};
use crate::analysis::interval::{Share, wilson};
use crate::ensemble::comparison::Transition;
use crate::table::comparison::{Compared, DifferenceRow};

/// Changes of outcome in a smaller share of rounds are left to the file.
const LARGE: f64 = 0.005;
/// Changes of outcome that are shown.
const FLIPS: usize = 8;
/// Points of divergence that are shown.
const PARTINGS: usize = 5;

/// `12.3 % of rounds (12.1 to 12.5)`, or `no round`.
fn of_rounds(n: u64, rounds: u64) -> String {
    if n == 0 {
        return "no round".to_owned();
    }
    let estimate = wilson(n, rounds);
    format!("{} of rounds ({})", share(estimate), interval(estimate))
}

/// A share as exact as a difference, or that it never came.
fn shown(p: f64, difference: Share) -> String {
    if p == 0.0 {
        return "never".to_owned();
    }
    share(Share {
        probability: p,
        ..difference
    })
}

/// What may be said of a difference with this many rounds.
fn verdict(row: &DifferenceRow) -> &'static str {
    if row.is_same() {
        "the same in every round"
    } else if !row.distinguishable {
        "no detectable difference"
    } else if row.difference > 0.0 {
        "higher"
    } else {
        "lower"
    }
}

/// All that is printed, flags if they are asked for. `commands` trace a round under the first scenario, the second and so on;
/// the number of the round is added.
#[must_use]
pub fn report(
    all: &[Compared<'_>],
    seed: u64,
    commands: &[String],
    flags: bool,
    layout: Layout,
) -> String {
    let mut out = String::new();
    let (Some(first), Some((trace_a, traces))) = (all.first(), commands.split_first()) else {
        return out;
    };
    let _ = writeln!(out, "{}: {}", first.a.name, first.a.title);
    for one in all {
        let _ = writeln!(out, "{}: {}", one.label_b(), one.b.title);
    }
    let text = format!(
        "{} rounds under each, seed {seed}; a round has the same draws under each",
        count(first.comparison.rounds)
    );
    layout.paragraph(&mut out, &text);
    for (one, trace_b) in all.iter().zip(traces) {
        one.describe(&mut out, &[trace_a, trace_b], flags, layout);
    }
    caveat(&mut out, layout);
    out
}

/// Whether the most frequent outcome is another one, in a sentence.
fn write_answer(rows: &[DifferenceRow], a: &str, b: &str, out: &mut String, layout: Layout) {
    let outcomes = || rows.iter().filter(|row| row.kind == "outcome");
    let most = |of: fn(&DifferenceRow) -> f64| outcomes().max_by(|x, y| of(x).total_cmp(&of(y)));
    let (Some(before), Some(now)) = (most(|r| r.probability_a), most(|r| r.probability_b)) else {
        return;
    };
    let by = before.interval();
    let text = if before.id == now.id {
        let moves = if before.distinguishable {
            format!(
                "and its share moves by {} points ({})",
                points(by),
                points_interval(by)
            )
        } else {
            "with no detectable difference in its share".to_owned()
        };
        format!(
            "The most frequent outcome stays \"{}\", {moves}.",
            before.name
        )
    } else {
        // That another one is ahead may be chance where neither share has moved.
        let chance = if before.distinguishable || now.distinguishable {
            ""
        } else {
            ", with no detectable difference in either share"
        };
        format!(
            "The most frequent outcome in these rounds is \"{}\" under {a} ({}), and \"{}\" under {b} ({}){chance}.",
            before.name,
            shown(before.probability_a, by),
            now.name,
            shown(now.probability_b, now.interval())
        )
    };
    layout.paragraph(out, &text);
}

impl Compared<'_> {
    /// What A is called.
    fn label_a(&self) -> &str {
        &self.a.name
    }

    /// What B is called; a scenario beside itself needs another word.
    fn label_b(&self) -> String {
        if self.a.name == self.b.name {
            format!("{} again", self.b.name)
        } else {
            self.b.name.clone()
        }
    }

    /// Differences, changes of outcome, and where histories diverge.
    fn describe(&self, out: &mut String, commands: &[&String; 2], flags: bool, layout: Layout) {
        let _ = writeln!(out, "\n{} compared with {}", self.label_b(), self.label_a());
        let rows = self.differences();
        write_answer(&rows, self.label_a(), &self.label_b(), out, layout);
        self.write_differences(rows, out, flags, layout);
        self.write_flips(out, commands, layout);
        self.write_by_outcome(out, layout);
        self.write_partings(out, layout);
    }

    fn write_differences(
        &self,
        rows: Vec<DifferenceRow>,
        out: &mut String,
        show_flags: bool,
        layout: Layout,
    ) {
        let (a, b) = (self.label_a(), self.label_b());
        let (outcomes, flags): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.kind == "outcome");
        let declared = flags.len();
        let (detected, rest): (Vec<_>, Vec<_>) = flags.into_iter().partition(|r| r.distinguishable);
        let counted = detected.len();
        for (what, rows) in [("Outcome", outcomes), ("Flag", detected)] {
            if rows.is_empty() || (what == "Flag" && !show_flags) {
                continue;
            }
            let under = format!("under {b}");
            let mut table = layout.table(&[what, a, &b, "Points", "95 % interval", &under]);
            if what == "Flag" {
                out.push('\n');
            }
            for row in &rows {
                let difference = row.interval();
                table.add_row(vec![
                    Cell::new(&row.name),
                    right(shown(row.probability_a, difference)),
                    right(shown(row.probability_b, difference)),
                    right(points(difference)),
                    right(points_interval(difference)),
                    Cell::new(verdict(row)),
                ]);
            }
            layout.fit(&mut table, &[1, 2, 4]);
            let _ = writeln!(out, "{table}");
        }
        if !show_flags {
            if declared > 0 {
                let _ = writeln!(
                    out,
                    "Flags that differ: {counted} of {declared}; --flags shows them, and differences.csv has all."
                );
            }
            return;
        }
        let (same, unclear): (Vec<_>, Vec<_>) = rest.into_iter().partition(DifferenceRow::is_same);
        for (rows, what) in [
            (same, "that are the same in every round"),
            (
                unclear,
                "without a detectable difference with this many rounds",
            ),
        ] {
            if !rows.is_empty() {
                let _ = writeln!(out, "Flags {what}: {} of {declared}.", rows.len());
            }
        }
    }

    /// Pairs of different outcomes with their rounds, the commonest first.
    fn flips(&self) -> Vec<(usize, usize, &Transition)> {
        let n = self.catalog.outcomes.len();
        let pairs = (0..n).flat_map(|x| (0..n).map(move |y| (x, y)));
        let mut flips: Vec<_> = pairs
            .filter(|(x, y)| x != y)
            .map(|(x, y)| (x, y, &self.comparison.transitions[x][y]))
            .filter(|(_, _, t)| t.count > 0)
            .collect();
        flips.sort_by_key(|(_, _, t)| std::cmp::Reverse(t.count));
        flips
    }

    fn write_flips(&self, out: &mut String, commands: &[&String; 2], layout: Layout) {
        let (a, b, n) = (self.label_a(), self.label_b(), self.comparison.rounds);
        let flips = self.flips();
        let all: u64 = flips.iter().map(|(_, _, t)| t.count).sum();
        let _ = writeln!(out, "\nThe outcome differs in {}.", of_rounds(all, n));
        let large = flips
            .iter()
            .filter(|(_, _, t)| t.count as f64 >= LARGE * n as f64)
            .take(FLIPS);
        let mut listed = 0;
        for (x, y, t) in large {
            listed += t.count;
            let name = |j: usize| &self.catalog.outcomes[j].name;
            let rounds: Vec<String> = t.lowest.iter().map(u64::to_string).collect();
            let word = if t.count == 1 { "round" } else { "rounds" };
            let more = if t.count > rounds.len() as u64 {
                ", …"
            } else {
                ""
            };
            let text = format!(
                "  In {} it is \"{}\" under {a} and \"{}\" under {b}: {word} {}{more}.",
                of_rounds(t.count, n),
                name(*x),
                name(*y),
                rounds.join(", ")
            );
            layout.paragraph(out, &text);
        }
        if listed > 0 && listed < all {
            let text = format!("  In {} it is another pair.", of_rounds(all - listed, n));
            layout.paragraph(out, &text);
        }
        if let Some((_, _, t)) = flips.first()
            && let Some(round) = t.lowest.first()
        {
            let _ = writeln!(out, "Round {round} day by day, under each:");
            for command in commands {
                let _ = writeln!(out, "  {command} --round {round}");
            }
        }
    }

    fn write_by_outcome(&self, out: &mut String, layout: Layout) {
        let (a, b) = (self.label_a(), self.label_b());
        let mut first = true;
        for j in self.outcomes() {
            let counts = self.comparison.outcome(j);
            let entry = &self.catalog.outcomes[j];
            let declared = self.a.outcomes.iter().any(|o| o.id == entry.id);
            if !declared || counts.only_a + counts.only_b == 0 {
                continue;
            }
            if std::mem::take(&mut first) {
                let _ = writeln!(out, "\nOutcome by outcome:");
            }
            let text = format!(
                "  \"{}\" occurs only under {a} in {}, only under {b} in {}.",
                entry.name,
                of_rounds(counts.only_a, counts.rounds),
                of_rounds(counts.only_b, counts.rounds),
            );
            layout.paragraph(out, &text);
        }
    }

    fn write_partings(&self, out: &mut String, layout: Layout) {
        let n = self.comparison.rounds;
        let (partings, never): (Vec<_>, Vec<_>) = self
            .divergences()
            .into_iter()
            .partition(|row| row.kind != "never");
        let together: u64 = never.iter().map(|row| row.count).sum();
        let same = "the same actions take effect, actors take the same sides, and the outcome is the \
                    same, all on the same days";
        let text = if partings.is_empty() {
            format!("The two histories diverge in no round: {same}.")
        } else if together == 0 {
            "The two histories diverge in every round.".to_owned()
        } else {
            let share = of_rounds(together, n);
            format!("In {share} the two histories never diverge: {same}.")
        };
        out.push('\n');
        layout.paragraph(out, &text);
        if partings.is_empty() {
            return;
        }
        let mut table = layout.table(&[
            "Where histories first diverge",
            "Share",
            "95 % interval",
            "Median day",
        ]);
        for row in partings.iter().take(PARTINGS) {
            let estimate = wilson(row.count, n);
            let what = match row.kind.as_str() {
                "action" => row.name.clone(),
                "actor" => format!("Side taken by: {}", row.name),
                _ => format!("Only the outcome; under {}: {}", self.label_b(), row.name),
            };
            table.add_row(vec![
                Cell::new(what),
                right(share(estimate)),
                right(interval(estimate)),
                right(row.day_p50.map_or(String::new(), |day| decimal(day, 1))),
            ]);
        }
        layout.fit(&mut table, &[3]);
        let _ = writeln!(out, "{table}");
        let rest: u64 = partings.iter().skip(PARTINGS).map(|row| row.count).sum();
        if rest > 0 {
            let _ = writeln!(out, "Elsewhere: {}.", of_rounds(rest, n));
        }
    }
}
