//! The tables that `kzsim weigh` prints.

use std::fmt::Write;

use comfy_table::{Cell, Table};

use super::summary::{digits, interval, new_table, percent, right};
use crate::analysis::interval::Share;
use crate::analysis::weighing::{FEW, Likelihoods, posteriors};
use crate::scenario::evidence::leave_out;
use crate::table::weighing::{
    EvidenceRow, LeaveOneOutRow, LookNextRow, ReadingRow, Tables, Weighing,
};

/// What the numbers of a weighing do not mean.
const CAVEAT: &str = "\n\
    What this weighs is written assumptions: how well each reading, as its file has it, produces\n\
    the reports of the evidence file. Another file for the same idea would get another weight.\n\
    Posteriors hold among these readings alone. Nothing here says that anybody is guilty of\n\
    anything.\n";

/// Observations of the leave-one-out table that are shown.
const SHOWN: usize = 6;

/// A letter for a column.
fn letter(i: usize) -> String {
    match u8::try_from(i) {
        Ok(i) if i < 26 => char::from(b'A' + i).to_string(),
        _ => format!("#{}", i + 1),
    }
}

/// A likelihood with two digits, as small as it may be.
fn likelihood(x: f64) -> String {
    if x >= 0.001 {
        format!("{x:.4}")
    } else {
        format!("{x:.1e}")
    }
}

/// A signed number with two decimals; `?` where it cannot be said.
fn signed(x: f64) -> String {
    if x.is_nan() {
        "?".to_owned()
    } else if x.is_infinite() {
        (if x > 0.0 { "+∞" } else { "−∞" }).to_owned()
    } else {
        format!("{x:+.2}").replace('-', "−")
    }
}

/// A posterior and its interval.
fn posterior(row: &ReadingRow) -> (String, String) {
    let share = Share {
        probability: row.posterior.0,
        low: row.posterior_low.0,
        high: row.posterior_high.0,
    };
    if share.probability.is_nan() {
        return ("?".to_owned(), String::new());
    }
    let ends = if share.low.is_nan() {
        String::new()
    } else {
        interval(share)
    };
    (percent(share.probability, digits(share)), ends)
}

impl Weighing<'_> {
    /// Everything in tables, with warnings and what it does not mean.
    #[must_use]
    pub fn summary(&self, tables: &Tables, seed: u64, width: Option<u16>) -> String {
        let known = self.known();
        let mut out = String::new();
        let observed = known.iter().map(|r| r.members.len()).sum::<usize>();
        let reports = if known.len() == observed {
            format!("{observed} observations")
        } else {
            format!("{observed} observations in {} reports", known.len())
        };
        let _ = writeln!(
            out,
            "{}\n{reports}; {} rounds of each reading, seed {seed}\n",
            self.evidence.title,
            self.rounds()
        );
        for (i, s) in self.scenarios.iter().enumerate() {
            let _ = writeln!(out, "{}  {}: {}", letter(i), s.name, s.title);
        }
        Self::write_readings(&mut out, tables, width);
        Self::write_warnings(&mut out, &tables.readings);
        self.write_observations(&mut out, &tables.observations, width);
        self.write_leave_one_out(&mut out, &tables.leave_one_out, width);
        self.write_look_next(&mut out, &tables.look_next, width);
        self.write_recovery(&mut out, width);
        out.push_str(CAVEAT);
        out
    }

    fn write_readings(out: &mut String, tables: &Tables, width: Option<u16>) {
        let rows = &tables.readings;
        let mut table = new_table(
            &[
                "",
                "P(evidence)",
                "±",
                "Effective rounds",
                "ln Bayes factor",
                "95 %",
                "Posterior",
                "95 %",
            ],
            width,
        );
        for (i, r) in rows.iter().enumerate() {
            let (evidence, error) = if r.likelihood == 0.0 {
                (format!("< {}", likelihood(r.ci_high)), String::new())
            } else {
                let half = (r.ci_high - r.ci_low) / 2.0 / r.likelihood;
                (likelihood(r.likelihood), percent(half, 0))
            };
            let (factor, ends) = if i == 0 {
                ("0".to_owned(), String::new())
            } else {
                let (low, high) = (r.log_bayes_factor_low.0, r.log_bayes_factor_high.0);
                (
                    signed(r.log_bayes_factor.0),
                    format!("{} to {}", signed(low), signed(high)),
                )
            };
            let (share, interval) = posterior(r);
            let cells = [
                evidence,
                error,
                format!("{:.0}", r.effective_rounds),
                factor,
                ends,
                share,
                interval,
            ];
            let named = std::iter::once(Cell::new(letter(i)));
            table.add_row(named.chain(cells.into_iter().map(right)));
        }
        let even = rows.iter().all(|r| r.prior == rows[0].prior);
        let priors = if even {
            "even priors".to_owned()
        } else {
            let each = rows
                .iter()
                .enumerate()
                .map(|(i, r)| format!("{} {}", letter(i), percent(r.prior, 1)));
            format!("priors {}", each.collect::<Vec<_>>().join(", "))
        };
        let _ = writeln!(
            out,
            "\nHow well each reading fits. Bayes factors are held against A and need no prior: ln 3 = 1.1 is\n\
             hardly worth a mention, ln 20 = 3.0 is strong (Kass & Raftery 1995). Posteriors are under\n\
             {priors}.\n{table}"
        );
        let apart: Vec<String> = tables
            .factors
            .iter()
            .filter(|f| !f.distinguishable && f.scenario < f.against)
            .map(|f| format!("{} and {}", f.scenario, f.against))
            .collect();
        if !apart.is_empty() {
            let _ = writeln!(
                out,
                "Not told apart at this number of rounds: {}.",
                apart.join("; ")
            );
        }
        let shares: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(i, r)| {
                let p = r.posterior_if_independent.0;
                format!("{} {}", letter(i), percent(p, 1))
            })
            .collect();
        let _ = writeln!(
            out,
            "Added up as if observations had nothing to do with each other, posteriors would be:\n{}.",
            shares.join(", ")
        );
    }

    fn write_warnings(out: &mut String, rows: &[ReadingRow]) {
        for r in rows {
            if r.likelihood == 0.0 {
                let _ = writeln!(
                    out,
                    "Warning: no round of {} matched. Its P(evidence) is below {} at 95 %, which is a\n\
                     bound and not a nought; more rounds would lower it or find some.",
                    r.scenario,
                    likelihood(r.ci_high)
                );
            } else if !r.supported {
                let _ = writeln!(
                    out,
                    "Warning: only {:.0} effective rounds of {} carry its likelihood; under {FEW:.0}\n\
                     its intervals are not to be leaned on. More rounds would help.",
                    r.effective_rounds, r.scenario
                );
            }
        }
    }

    /// A header with one column a reading.
    fn by_reading(&self, first: &[&str], last: &[&str], width: Option<u16>) -> Table {
        let letters: Vec<String> = (0..self.scenarios.len()).map(letter).collect();
        let header: Vec<&str> = first
            .iter()
            .copied()
            .chain(letters.iter().map(String::as_str))
            .chain(last.iter().copied())
            .collect();
        new_table(&header, width)
    }

    fn write_observations(&self, out: &mut String, rows: &[EvidenceRow], width: Option<u16>) {
        let n = self.scenarios.len();
        let mut table = self.by_reading(&["Observation", "r"], &["Spread"], width);
        for group in rows.chunks(n).filter(|g| !g[0].unknown) {
            let said = |f: fn(f64, f64) -> f64, start| {
                let each = group.iter().map(|r| r.report_probability.ln());
                each.fold(start, f)
            };
            let spread = said(f64::max, f64::NEG_INFINITY) - said(f64::min, f64::INFINITY);
            let mut cells = vec![
                Cell::new(&group[0].observation),
                right(format!("{:.2}", group[0].reliability)),
            ];
            cells.extend(group.iter().map(|r| right(percent(r.probability, 1))));
            cells.push(right(format!("{spread:.2}")));
            table.add_row(cells);
        }
        let _ = writeln!(
            out,
            "\nProbability of each observation under each reading, by itself; r is the reliability of its\n\
             report; spread is the largest difference of the logarithms of what such a report says\n\
             (0: it tells nothing).\n{table}"
        );
    }

    fn write_leave_one_out(&self, out: &mut String, rows: &[LeaveOneOutRow], width: Option<u16>) {
        let n = self.scenarios.len();
        let leader = self.leader();
        let mut groups: Vec<_> = rows.chunks(n).collect();
        let (all, others) = groups.split_at_mut(1);
        let shift = |g: &&[LeaveOneOutRow]| g[leader].change.0.abs();
        others.sort_by(|a, b| shift(b).total_cmp(&shift(a)));
        let change = format!("Change of {}", letter(leader));
        let mut table = self.by_reading(&["Left out"], &[&change, "95 %"], width);
        for group in all.iter().chain(others.iter().take(SHOWN)) {
            let name = group[0].left_out.as_deref().unwrap_or("nothing");
            let mut cells = vec![Cell::new(name)];
            cells.extend(group.iter().map(|r| right(percent(r.posterior.0, 1))));
            if group[0].left_out.is_some() {
                let points = |x: f64| signed(100.0 * x);
                let r = &group[leader];
                cells.push(right(points(r.change.0)));
                let ends = format!("{} to {}", points(r.change_low.0), points(r.change_high.0));
                cells.push(right(ends));
            }
            table.add_row(cells);
        }
        let _ = writeln!(
            out,
            "\nPosterior of each reading without one observation, in per cent; the first rows matter most.\n{table}"
        );
        let name = &self.scenarios[leader].name;
        let Some(first) = others.iter().find(|g| g[leader].distinguishable) else {
            let _ = writeln!(
                out,
                "No single observation can be said to carry the answer at this number of rounds."
            );
            return;
        };
        let best = (0..n).fold(0, |best, i| {
            if first[i].posterior.0 > first[best].posterior.0 {
                i
            } else {
                best
            }
        });
        let id = first[0].left_out.as_deref().unwrap_or_default();
        let index = self.evidence.observations.iter().position(|o| o.id == id);
        let without = index.map_or_else(|| self.known(), |i| leave_out(&self.known(), i));
        let without = Likelihoods::of(self.patterns, &without);
        let with = Likelihoods::of(self.patterns, &self.known());
        // Posterior odds, as priors count in who is first.
        let told_apart = |likelihoods: &Likelihoods, one: usize, other: usize| {
            let odds = |l: &[f64]| {
                let p = posteriors(&self.priors, l);
                p[one].ln() - p[other].ln()
            };
            likelihoods.estimate(odds).excludes(0.0)
        };
        let not_below = |likelihoods: &Likelihoods, top: usize| -> Vec<&str> {
            (0..n)
                .filter(|i| *i != top && !told_apart(likelihoods, top, *i))
                .map(|i| self.scenarios[i].name.as_str())
                .collect()
        };
        let like = not_below(&without, best);
        // What carries most may still not carry enough to settle who is first.
        let neither = if not_below(&with, leader).is_empty() {
            ""
        } else {
            ", and with it the first place is not settled either"
        };
        let verdict = match (best == leader, like.is_empty()) {
            (true, true) => format!("without it {name} would still be first"),
            (false, true) => format!("without it {} would be first", self.scenarios[best].name),
            (_, false) => format!(
                "without it {} and {} could not be told apart at the top{neither}",
                self.scenarios[best].name,
                like.join(", ")
            ),
        };
        let _ = writeln!(
            out,
            "The observation that carries most of the answer is {}:\n{verdict}; {name} would have {} instead of {}.",
            id,
            percent(first[leader].posterior.0, 1),
            percent(all[0][leader].posterior.0, 1)
        );
    }

    fn write_look_next(&self, out: &mut String, rows: &[LookNextRow], width: Option<u16>) {
        if rows.is_empty() {
            return;
        }
        let n = self.scenarios.len();
        let mut table = self.by_reading(&["Not yet observed", "Bits"], &[], width);
        for group in rows.chunks(n) {
            let mut cells = vec![
                Cell::new(&group[0].name),
                right(format!("{:.3}", group[0].information_bits.0)),
            ];
            cells.extend(
                group
                    .iter()
                    .map(|r| right(percent(r.report_probability.0, 0))),
            );
            table.add_row(cells);
        }
        let _ = writeln!(
            out,
            "\nWhat to look for next: how many bits a report is expected to tell about which reading\n\
             holds, and how likely it is to say yes under each, given the evidence.\n{table}"
        );
    }

    fn write_recovery(&self, out: &mut String, width: Option<u16>) {
        if self.recovered.is_empty() {
            return;
        }
        let mut table = self.by_reading(&["", "Evidence simulated from"], &["none"], width);
        for (i, (s, found)) in self.scenarios.iter().zip(&self.recovered).enumerate() {
            let share = |n: u64| right(percent(n as f64 / self.trials as f64, 1));
            let mut cells = vec![Cell::new(letter(i)), Cell::new(&s.name)];
            cells.extend(found.wins.iter().map(|n| share(*n)));
            cells.push(share(found.none));
            table.add_row(cells);
        }
        let right_ones: f64 = self
            .recovered
            .iter()
            .enumerate()
            .map(|(i, r)| r.wins[i] as f64 / self.trials as f64)
            .sum::<f64>()
            / self.recovered.len() as f64;
        let _ = writeln!(
            out,
            "\nHow far the question can be answered at all: evidence of this kind simulated from each\n\
             reading, {} times each, and how often each reading wins. The true one wins in {} on\n\
             average; guessing would win in {}.\n{table}",
            self.trials,
            percent(right_ones, 0),
            percent(1.0 / self.recovered.len() as f64, 0)
        );
    }
}
