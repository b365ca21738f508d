//! What `kzsim run` prints.

use std::cmp::Reverse;
use std::fmt::Write;

use comfy_table::Cell;

use super::caveat;
use super::layout::{Layout, right};
use super::number::{count, decimal, interval, list, percent, range, share};
use crate::analysis::interval::{Z95, rounds_for, wilson};
use crate::analysis::ranges::{FEWEST, NoRanges};
use crate::table::ranges::forms;
use crate::table::run::{OutcomeRow, Results};

/// What a summary says beside the results.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// The seed.
    pub seed: u64,
    /// The half width that was asked for, if any.
    pub precision: Option<f64>,
    /// Whether flags are shown one by one.
    pub flags: bool,
}

impl Results<'_> {
    /// The answer in a sentence, outcomes by their shares with what these depend on, flags if they are
    /// wanted, then what the numbers do not mean.
    #[must_use]
    pub fn summary(&self, shown: Shown, layout: Layout) -> String {
        let s = self.scenario;
        let mut out = format!("{}\n", s.title);
        for setting in s.sources.settings() {
            let _ = writeln!(out, "with {setting}");
        }
        let n = self.tally.rounds;
        let _ = writeln!(out, "{} rounds, seed {}\n", count(n), shown.seed);
        let mut rows: Vec<(usize, OutcomeRow)> = self.outcomes().into_iter().enumerate().collect();
        rows.sort_by_key(|(_, row)| Reverse(row.count));
        if let Some((_, first)) = rows.first() {
            layout.paragraph(&mut out, &answer(first));
        }
        self.write_outcomes(&mut out, &rows, layout);
        self.write_ranges(&mut out, layout);
        self.write_precision(&mut out, shown.precision, layout);
        if shown.flags {
            self.write_flags(&mut out, layout);
        } else if !s.flags.is_empty() {
            let text = format!(
                "Flags ({}): --flags shows them; flags.csv has them.",
                s.flags.len()
            );
            layout.paragraph(&mut out, &text);
        }
        self.write_horizons(&mut out, layout);
        self.write_notes(&mut out, layout);
        caveat(&mut out, layout);
        out
    }

    /// The table of outcomes.
    fn write_outcomes(&self, out: &mut String, rows: &[(usize, OutcomeRow)], layout: Layout) {
        let known = self.ranges.ok();
        let guesses = known.is_some_and(|r| !r.guesses.is_empty());
        let forms = known.is_some_and(|r| !r.forms.is_empty());
        // Without ranges there is room for the error of finite rounds and a bar.
        let alone = known.is_none();
        let columns = [true, true, alone, guesses, forms, true, alone];
        let header = [
            "Outcome",
            "Share",
            "95 % interval",
            "Across\nguesses",
            "Across\nforms",
            "Median day",
            "",
        ];
        let header: Vec<&str> = kept(columns, header).collect();
        let mut table = layout.plain(&header);
        for (j, row) in rows {
            let estimate = wilson(row.count, row.rounds);
            let shown = match row.count {
                0 => format!("< {}", percent(estimate.high)),
                _ => share(estimate),
            };
            let day = match row.day_p50 {
                Some(_) if self.at_horizon(*j) => "at the end".to_owned(),
                Some(day) => decimal(day, 1),
                None => String::new(),
            };
            let ends = |ends: Option<(f64, f64)>| ends.map_or(String::new(), range);
            let [guesses, forms] = [row.guesses(), row.forms()].map(ends);
            let [shown, within, guesses, forms, day] =
                [shown, interval(estimate), guesses, forms, day].map(right);
            let bar = layout.bar(estimate.probability);
            let cells = [
                Cell::new(&row.name),
                shown,
                within,
                guesses,
                forms,
                day,
                bar,
            ];
            table.add_row(kept(columns, cells));
        }
        let last = header.len() - 1;
        // Bars and median days go first where there is little room, then ranges across forms.
        let dispensable = [last, last - 1];
        let _ = layout.fit(
            &mut table,
            if forms {
                &dispensable
            } else {
                &dispensable[..1]
            },
        );
        let _ = writeln!(out, "\n{table}");
    }

    /// What ranges are, or why there are none.
    fn write_ranges(&self, out: &mut String, layout: Layout) {
        let text = match self.ranges {
            Ok(ranges) => {
                let mut text = match ranges.guesses.len() {
                    0 => "Nothing is guessed: the scenario has no priors.".to_owned(),
                    _ => format!(
                        "Across guesses: with nine in ten of {} sets of guesses drawn from the priors, without the noise of few rounds.",
                        count(ranges.sets)
                    ),
                };
                if !ranges.forms.is_empty() {
                    let forms: Vec<&str> = forms(ranges).collect();
                    let _ = write!(
                        text,
                        " Across forms of the model ({}): lowest and highest, each to ±{} points.",
                        list(&forms),
                        decimal(100.0 * ranges.error_of_forms(), 1)
                    );
                }
                text
            }
            Err(NoRanges::TooFew) => format!(
                "How far shares move across guesses and forms of the model takes {FEWEST} rounds or more."
            ),
            Err(NoRanges::Shard) => {
                "How far shares move across guesses and forms of the model is told when shards are merged."
                    .to_owned()
            }
            Err(NoRanges::LeftOut) => {
                "How far shares move across guesses and forms of the model was left out (--no-ranges)."
                    .to_owned()
            }
        };
        layout.paragraph(out, &text);
    }

    /// The table of flags.
    fn write_flags(&self, out: &mut String, layout: Layout) {
        if self.scenario.flags.is_empty() {
            return;
        }
        let mut table = layout.plain(&["Flag", "Share", "95 % interval", ""]);
        for (flag, held) in self.scenario.flags.iter().zip(&self.tally.flags) {
            let estimate = wilson(*held, self.tally.rounds);
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
                "Finite rounds leave an error of {} points at most (95 %); halving it would take about {} rounds.",
                points(width),
                count(rounds_for(&counts, n, width / 2.0))
            ),
        };
        layout.paragraph(out, &text);
    }
}

/// The columns that are kept, of all.
fn kept<T, const N: usize>(columns: [bool; N], all: [T; N]) -> impl Iterator<Item = T> {
    let all = all.into_iter().zip(columns);
    all.filter(|(_, kept)| *kept).map(|(one, _)| one)
}

/// The most frequent outcome, with what its share depends on.
fn answer(row: &OutcomeRow) -> String {
    let share = share(wilson(row.count, row.rounds));
    let ends = [
        row.guesses()
            .map(|ends| format!("{} across guesses", range(ends))),
        row.forms()
            .map(|ends| format!("{} across forms of the model", range(ends))),
    ];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    let moves = match ends.len() {
        0 => String::new(),
        _ => format!(" ({})", ends.join("; ")),
    };
    format!("Most frequent: {}, in {share} of rounds{moves}.", row.name)
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
