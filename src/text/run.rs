//! What `kzsim run` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, decimal, interval, percent, share};
use crate::analysis::interval::{Z95, rounds_for, wilson};
use crate::analysis::share::Pairs;
use crate::table::run::Results;

/// Columns of the table of outcomes that are left out one after the other on narrow terminals.
const DISPENSABLE: [usize; 3] = [GUESSES, DAY, BAR];
const DAY: usize = 3;
const GUESSES: usize = 4;
const BAR: usize = 5;

impl Results<'_> {
    /// Outcomes with intervals and days, then flags, then what the numbers do not mean.
    #[must_use]
    pub fn summary(&self, seed: u64, precision: Option<f64>, layout: Layout) -> String {
        let s = self.scenario;
        let n = self.tally.rounds;
        let mut table = layout.table(&[
            "Outcome",
            "Share",
            "95 % interval",
            "Median day",
            "Guesses",
            "",
        ]);
        let mut bounded = false;
        for (j, row) in self.outcomes().into_iter().enumerate() {
            let estimate = wilson(row.count, n);
            let (shown, ends) = if row.count == 0 {
                (
                    "never".to_owned(),
                    format!("below {}", percent(estimate.high)),
                )
            } else {
                (share(estimate), interval(estimate))
            };
            let day = match row.day_p50 {
                Some(_) if self.at_horizon(j) => "at the end".to_owned(),
                Some(day) => decimal(day, 1),
                None => String::new(),
            };
            let part = guesses(self.pairs.get(j));
            bounded |= part.starts_with('<');
            table.add_row(vec![
                Cell::new(&row.name),
                right(shown),
                right(ends),
                right(day),
                right(part),
                layout.bar(estimate.probability),
            ]);
        }
        let hidden = layout.fit(&mut table, &DISPENSABLE);
        let mut out = format!("{}\n", s.title);
        for setting in s.sources.settings() {
            let _ = writeln!(out, "with {setting}");
        }
        let _ = writeln!(out, "{} rounds, seed {seed}\n{table}", count(n));
        if hidden.contains(&GUESSES) {
            out.push_str("A wider window shows more columns.\n");
        } else {
            let mut note = "Guesses: how much of an outcome's variance comes from uncertain inputs; the rest is chance."
                .to_owned();
            if bounded {
                note.push_str(" A value after < is an upper bound: no effect was detected.");
            }
            layout.paragraph(&mut out, &note);
        }
        self.write_precision(&mut out, precision, layout);
        if !s.flags.is_empty() {
            let mut table = layout.table(&["Flag", "Share", "95 % interval", ""]);
            for (flag, held) in s.flags.iter().zip(&self.tally.flags) {
                let estimate = wilson(*held, n);
                table.add_row(vec![
                    Cell::new(&flag.name),
                    right(share(estimate)),
                    right(interval(estimate)),
                    layout.bar(estimate.probability),
                ]);
            }
            layout.fit(&mut table, &[3]);
            let _ = writeln!(out, "\n{table}");
        }
        self.write_horizons(&mut out, layout);
        self.write_notes(&mut out, layout);
        caveat(&mut out, layout);
        out
    }

    /// What stands at each horizon, if some are read before the end.
    fn write_horizons(&self, out: &mut String, layout: Layout) {
        let s = self.scenario;
        let rows = self.horizons();
        let horizons = s.clock.horizon_texts();
        if rows.is_empty() || horizons.len() < 2 {
            return;
        }
        let mut header = vec!["Had rounds ended after"];
        header.extend(horizons.iter().map(String::as_str));
        let mut table = layout.table(&header);
        let outcomes = s.outcomes.iter().map(|o| &o.name);
        let names: Vec<&String> = outcomes.chain(s.flags.iter().map(|f| &f.name)).collect();
        for (i, name) in names.iter().enumerate() {
            let mut cells = vec![Cell::new(name)];
            for row in rows.iter().skip(i).step_by(names.len()) {
                cells.push(right(match row.count {
                    0 => "never".to_owned(),
                    n => share(wilson(n, row.rounds)),
                }));
            }
            table.add_row(cells);
        }
        // On narrow terminals the last horizons stay.
        let dispensable: Vec<usize> = (1..horizons.len()).collect();
        layout.fit(&mut table, &dispensable);
        let _ = writeln!(out, "\n{table}");
    }

    /// Expressions without a value, actions that their limits stopped, rates too high for the step, and
    /// decisions that mostly lapse.
    fn write_notes(&self, out: &mut String, layout: Layout) {
        let in_rounds = |rounds: u64| {
            let n = self.tally.rounds;
            format!("in {} of rounds", percent(rounds as f64 / n as f64))
        };
        let mut notes = Vec::new();
        let undefined = self.undefined();
        if let Some((first, rounds)) = undefined.first() {
            let others = match undefined.len() - 1 {
                0 => String::new(),
                1 => "; 1 more is listed in manifest.json".to_owned(),
                n => format!("; {n} more are listed in manifest.json"),
            };
            notes.push(format!(
                "Expressions without a value (counted as false, 0 or no change): {} = `{}` {}{others}.",
                first.path,
                first.text,
                in_rounds(*rounds),
            ));
        }
        let named = |counts: &[u64], limit: bool| {
            let actions = self.scenario.actions.iter().zip(counts);
            let list: Vec<String> = actions
                .filter(|(_, rounds)| **rounds > 0)
                .map(|(a, rounds)| {
                    let limit = if limit {
                        format!(" (limit = {})", a.limit)
                    } else {
                        String::new()
                    };
                    format!("{}{limit} {}", a.id, in_rounds(*rounds))
                })
                .collect();
            list.join("; ")
        };
        let limited = named(&self.tally.limited, true);
        if !limited.is_empty() {
            notes.push(format!(
                "Stopped by their limit, although they would have been decided again: {limited}."
            ));
        }
        let crowded = named(&self.tally.crowded, false);
        if !crowded.is_empty() {
            notes.push(format!(
                "Rates so high that more than one decision was expected within a step (a shorter clock.step would be \
                 more accurate): {crowded}."
            ));
        }
        // A decision that lapses now and then is what `delay` is for.
        let often = (0..self.tally.lapsed.len()).map(|i| match self.tally.lapsed[i] {
            lapsed if lapsed > self.tally.action_count(i) => lapsed,
            _ => 0,
        });
        let lapsed = named(&often.collect::<Vec<u64>>(), false);
        if !lapsed.is_empty() {
            notes.push(format!(
                "Decided, but lapsed before taking effect, in more rounds than took effect: {lapsed}."
            ));
        }
        if !notes.is_empty() {
            out.push('\n');
        }
        for note in notes {
            layout.paragraph(out, &note);
        }
    }

    /// Which outcomes cannot be told apart, how wide intervals are, and what narrower ones would
    /// take.
    fn write_precision(&self, out: &mut String, precision: Option<f64>, layout: Layout) {
        let s = self.scenario;
        let n = self.tally.rounds;
        let counts: Vec<u64> = (0..s.outcomes.len())
            .map(|j| self.tally.outcome_count(j))
            .collect();
        let mut alike = Vec::new();
        for (i, a) in counts.iter().enumerate() {
            for (j, b) in counts.iter().enumerate().skip(i + 1) {
                if !distinguishable(*a, *b, n) {
                    alike.push(format!("{} and {}", s.outcomes[i].id, s.outcomes[j].id));
                }
            }
        }
        if !alike.is_empty() {
            let text = format!(
                "Not distinguishable with this many rounds: {}.",
                alike.join("; ")
            );
            layout.paragraph(out, &text);
        }
        let half = |c: &u64| wilson(*c, n).half_width();
        let Some(widest) =
            (0..counts.len()).max_by(|a, b| half(&counts[*a]).total_cmp(&half(&counts[*b])))
        else {
            return;
        };
        let width = half(&counts[widest]);
        let points = |x: f64| format!("±{}", decimal(100.0 * x, 3));
        let text = match precision {
            Some(asked) if width <= asked => format!(
                "Every outcome is known to {} points or better, as requested ({}).",
                points(width),
                points(asked)
            ),
            Some(asked) => format!(
                "Not every outcome is known to {} points: {} is known to {}; about {} rounds would \
                 be enough.",
                points(asked),
                s.outcomes[widest].id,
                points(width),
                count(rounds_for(&counts, n, asked))
            ),
            None => format!(
                "The widest interval is {} points; halving it would take about {} rounds.",
                points(width),
                count(rounds_for(&counts, n, width / 2.0))
            ),
        };
        layout.paragraph(out, &text);
    }
}

/// How much of an outcome's variance comes from the priors, as a cell.
fn guesses(pairs: Option<&Pairs>) -> String {
    match pairs.map(Pairs::part_of_priors) {
        Some(e) if e.low.is_finite() && e.high - e.low < 1.0 => {
            let half = 100.0 * (e.high - e.low) / 2.0;
            match 100.0 * e.value {
                // No effect was detected; this much can still be there.
                percent if percent < 0.5 => format!("< {:.0} %", (100.0 * e.high).ceil()),
                percent => format!("{percent:.0} % ±{half:.0}"),
            }
        }
        _ => "?".to_owned(),
    }
}

/// Whether the shares of two outcomes, which exclude each other, differ at 95 %: the interval of
/// their difference, with one round more in each (Bonett & Price 2012), excludes 0.
fn distinguishable(a: u64, b: u64, n: u64) -> bool {
    let n = n as f64 + 2.0;
    let (p, q) = ((a as f64 + 1.0) / n, (b as f64 + 1.0) / n);
    let difference = p - q;
    let error = ((p + q - difference * difference) / n).sqrt();
    difference.abs() > Z95 * error
}
