//! What `kzsim compare` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::summary::{CAVEAT, digits, fit, interval, new_table, percent, right};
use crate::analysis::interval::{Share, wilson};
use crate::ensemble::comparison::Transition;
use crate::table::comparison::{Compared, DifferenceRow};

/// Flips below this share of rounds are left to the file.
const LARGE: f64 = 0.005;
/// Flips that are told.
const FLIPS: usize = 8;
/// Places of parting that are told.
const PARTINGS: usize = 5;

/// A difference in percentage points, with its sign.
fn points(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    format!("{:+.digits$}", 100.0 * x)
}

/// `12.3 % of rounds (12.1 to 12.5)`.
fn of_rounds(count: u64, rounds: u64) -> String {
    if count == 0 {
        return "no round".to_owned();
    }
    let share = wilson(count, rounds);
    let shown = percent(share.probability, digits(share));
    format!("{shown} of rounds ({})", interval(share))
}

/// Adds a paragraph in lines of at most `width` columns; all but the first are indented as the
/// first, and a little more where that is indented.
fn paragraph(out: &mut String, text: &str, width: Option<u16>) {
    let indent = text.len() - text.trim_start().len();
    let hang = if indent > 0 { indent + 2 } else { 0 };
    let width = usize::from(width.unwrap_or(100));
    let mut column = indent;
    out.push_str(&text[..indent]);
    for (i, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > width {
            let _ = write!(out, "\n{:hang$}", "");
            column = hang;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

/// A share, or that there is none.
fn shown(p: f64, digits: usize) -> String {
    if p == 0.0 {
        return "never".to_owned();
    }
    percent(p, digits)
}

/// What may be said of a difference at this number of rounds.
fn said(row: &DifferenceRow) -> &'static str {
    if row.only_a + row.only_b == 0 {
        "the same in every round"
    } else if !row.distinguishable {
        "cannot be told apart"
    } else if row.difference > 0.0 {
        "higher"
    } else {
        "lower"
    }
}

/// All that is printed. `commands` tell a round under the first scenario, the second and so on;
/// its number is added.
#[must_use]
pub fn report(all: &[Compared<'_>], seed: u64, commands: &[String], width: Option<u16>) -> String {
    let mut out = String::new();
    let (Some(first), Some((trace_a, traces))) = (all.first(), commands.split_first()) else {
        return out;
    };
    let _ = writeln!(out, "{}: {}", first.a.name, first.a.title);
    for one in all {
        let _ = writeln!(out, "{}: {}", one.label_b(), one.b.title);
    }
    let rounds = first.comparison.rounds;
    let _ = writeln!(
        out,
        "{rounds} rounds under each, seed {seed}; a round has the same draws under each"
    );
    for (one, trace_b) in all.iter().zip(traces) {
        one.tell(&mut out, &[trace_a, trace_b], width);
    }
    out.push_str(CAVEAT);
    out
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

    /// Differences, flips, what comes with one scenario alone, and where histories part.
    fn tell(&self, out: &mut String, commands: &[&String; 2], width: Option<u16>) {
        let _ = writeln!(out, "\n{} beside {}", self.label_b(), self.label_a());
        self.tell_differences(out, width);
        self.tell_flips(out, commands, width);
        self.tell_owed(out, width);
        self.tell_partings(out, width);
    }

    fn tell_differences(&self, out: &mut String, width: Option<u16>) {
        let (a, b) = (self.label_a(), self.label_b());
        let rows = self.differences();
        let (outcomes, flags): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.kind == "outcome");
        let declared = flags.len();
        let (told, rest): (Vec<_>, Vec<_>) = flags.into_iter().partition(|r| r.distinguishable);
        for (what, rows) in [("Outcome", outcomes), ("Flag", told)] {
            if rows.is_empty() {
                continue;
            }
            let under = format!("with {b}");
            let header = [what, a, &b, "Points", "95 % interval", &under];
            let mut table = new_table(&header, width);
            if what == "Flag" {
                out.push('\n');
            }
            for row in &rows {
                let around = Share {
                    probability: row.difference,
                    low: row.ci_low,
                    high: row.ci_high,
                };
                let d = digits(around);
                let ends = format!("{} to {}", points(around.low, d), points(around.high, d));
                table.add_row(vec![
                    Cell::new(&row.name),
                    right(shown(row.probability_a, d)),
                    right(shown(row.probability_b, d)),
                    right(points(around.probability, d)),
                    right(ends),
                    Cell::new(said(row)),
                ]);
            }
            fit(&mut table, width, &[1, 2, 4]);
            let _ = writeln!(out, "{table}");
        }
        let (same, unclear): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|r| r.only_a + r.only_b == 0);
        for (rows, what) in [
            (same, "are the same in every round"),
            (unclear, "cannot be told apart at this number of rounds"),
        ] {
            if !rows.is_empty() {
                let _ = writeln!(out, "Flags that {what}: {} of {declared}.", rows.len());
            }
        }
    }

    /// Pairs of different outcomes with their rounds, the commonest first.
    fn flips(&self) -> Vec<(usize, usize, &Transition)> {
        let n = self.roster.outcomes.len();
        let pairs = (0..n).flat_map(|x| (0..n).map(move |y| (x, y)));
        let mut flips: Vec<_> = pairs
            .filter(|(x, y)| x != y)
            .map(|(x, y)| (x, y, &self.comparison.transitions[x][y]))
            .filter(|(_, _, t)| t.count > 0)
            .collect();
        flips.sort_by_key(|(_, _, t)| std::cmp::Reverse(t.count));
        flips
    }

    fn tell_flips(&self, out: &mut String, commands: &[&String; 2], width: Option<u16>) {
        let (a, b, n) = (self.label_a(), self.label_b(), self.comparison.rounds);
        let flips = self.flips();
        let all: u64 = flips.iter().map(|(_, _, t)| t.count).sum();
        let _ = writeln!(
            out,
            "\nThe outcome is another one in {}.",
            of_rounds(all, n)
        );
        let large = flips
            .iter()
            .filter(|(_, _, t)| t.count as f64 >= LARGE * n as f64)
            .take(FLIPS);
        let mut told = 0;
        for (x, y, t) in large {
            told += t.count;
            let name = |j: usize| &self.roster.outcomes[j].name;
            let rounds: Vec<String> = t.lowest.iter().map(u64::to_string).collect();
            let word = if t.count == 1 { "round" } else { "rounds" };
            let more = if t.count > rounds.len() as u64 {
                ", …"
            } else {
                ""
            };
            let text = format!(
                "  In {} the outcome is \"{}\" with {a} and \"{}\" with {b}: {word} {}{more}.",
                of_rounds(t.count, n),
                name(*x),
                name(*y),
                rounds.join(", ")
            );
            paragraph(out, &text, width);
        }
        if told > 0 && told < all {
            let text = format!("  In {} it is some other pair.", of_rounds(all - told, n));
            paragraph(out, &text, width);
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

    fn tell_owed(&self, out: &mut String, width: Option<u16>) {
        let (a, b) = (self.label_a(), self.label_b());
        let mut first = true;
        for j in self.outcomes() {
            let counts = self.comparison.outcome(j);
            let entry = &self.roster.outcomes[j];
            let declared = self.a.outcomes.iter().any(|o| o.id == entry.id);
            if !declared || counts.only_a + counts.only_b == 0 {
                continue;
            }
            if std::mem::take(&mut first) {
                let _ = writeln!(out, "\nOutcome by outcome:");
            }
            let text = format!(
                "  In {} \"{}\" is there with {a} and not with {b}; in {} it is the other way round.",
                of_rounds(counts.only_a, counts.rounds),
                entry.name,
                of_rounds(counts.only_b, counts.rounds),
            );
            paragraph(out, &text, width);
        }
    }

    fn tell_partings(&self, out: &mut String, width: Option<u16>) {
        let n = self.comparison.rounds;
        let (partings, never): (Vec<_>, Vec<_>) = self
            .divergences()
            .into_iter()
            .partition(|row| row.kind != "never");
        let together: u64 = never.iter().map(|row| row.count).sum();
        let same = "the same actions take effect, the same sides are taken, and the same end comes, \
                    all on the same days";
        let text = if partings.is_empty() {
            format!("In no round do the two histories part: {same}.")
        } else if together == 0 {
            "In every round the two histories part.".to_owned()
        } else {
            let share = of_rounds(together, n);
            format!("In {share} the two histories never part: {same}.")
        };
        out.push('\n');
        paragraph(out, &text, width);
        if partings.is_empty() {
            return;
        }
        let header = [
            "Where histories first part",
            "Share",
            "95 % interval",
            "Median day",
        ];
        let mut table = new_table(&header, width);
        for row in partings.iter().take(PARTINGS) {
            let share = wilson(row.count, n);
            let what = match row.kind.as_str() {
                "action" => row.name.clone(),
                "actor" => format!("The side that is taken: {}", row.name),
                _ => format!("Only the end; with {}: {}", self.label_b(), row.name),
            };
            table.add_row(vec![
                Cell::new(what),
                right(percent(share.probability, digits(share))),
                right(interval(share)),
                right(row.day_p50.map_or(String::new(), |day| format!("{day:.1}"))),
            ]);
        }
        fit(&mut table, width, &[3]);
        let _ = writeln!(out, "{table}");
        let rest: u64 = partings.iter().skip(PARTINGS).map(|row| row.count).sum();
        if rest > 0 {
            let _ = writeln!(out, "Elsewhere: {}.", of_rounds(rest, n));
        }
    }
}
