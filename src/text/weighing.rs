//! What `kzsim weigh` prints.

use std::fmt::Write;

use comfy_table::{Cell, Table};

use super::arrivals::{left_out, of_readings};
use super::layout::{Layout, right};
use super::number::{
    count, decimal, effective, interval, letter, list, percent, percent_to, points,
};
use super::number::{points_interval, probability, share, signed};
use crate::analysis::interval::Share;
use crate::analysis::weighing::{FEW, Likelihoods, is_doubtful};
use crate::scenario::reports::leave_out;
use crate::table::weighing::{
    EvidenceRow, LeaveOneOutRow, LookNextRow, ReadingRow, Tables, Weighing,
};

/// What the numbers of a weighing do not mean.
const CAVEAT: &str = "This weighs written assumptions: how well each reading, as its file states it, reproduces the \
                      reports in the evidence file. Another file for the same idea would get another weight. \
                      Posteriors compare these readings with each other and with nothing else. They are not \
                      forecasts, and they say nothing about the guilt of any person.";

/// Observations of the leave-one-out table that are shown.
const SHOWN: usize = 6;

/// A posterior and its interval.
fn posterior(row: &ReadingRow) -> (String, String) {
    let estimate = Share {
        probability: row.posterior.0,
        low: row.posterior_low.0,
        high: row.posterior_high.0,
    };
    // A share of 0 or 1 means that no round of one or the other matched: there is a bound, no more.
    match estimate.probability {
        0.0 if estimate.high > 0.0 => (format!("< {}", percent(estimate.high)), String::new()),
        1.0 if estimate.low < 1.0 => (format!("> {}", percent(estimate.low)), String::new()),
        p if p.is_nan() => (percent(p), String::new()),
        _ => (share(estimate), interval(estimate)),
    }
}

/// A logarithm of a ratio and its interval, of which one end or both may be missing.
fn factor(value: f64, low: f64, high: f64) -> (String, String) {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => (
            signed(value, 2),
            format!("{} to {}", signed(low, 2), signed(high, 2)),
        ),
        (true, false) => (format!("> {}", signed(low, 2)), String::new()),
        (false, true) => (format!("< {}", signed(high, 2)), String::new()),
        (false, false) => (signed(f64::NAN, 2), String::new()),
    }
}

/// The posterior of a row, or the bound on it, by words for "below" and "above".
fn told(row: &LeaveOneOutRow, [below, above]: [&str; 2], write: fn(f64) -> String) -> String {
    match row.posterior.0 {
        0.0 if row.posterior_high.0 > 0.0 => format!("{below} {}", write(row.posterior_high.0)),
        1.0 if row.posterior_low.0 < 1.0 => format!("{above} {}", write(row.posterior_low.0)),
        p => write(p),
    }
}

/// Largest difference between the logarithms of a report's probabilities, or the least that it is
/// where one is 0 as no round shows it.
fn spread(group: &[EvidenceRow]) -> String {
    let most = group.iter().map(|r| r.report_probability);
    let most = most.fold(0.0, f64::max);
    let least = group.iter().map(|r| r.report_probability);
    let least = least.fold(f64::INFINITY, f64::min);
    if least > 0.0 {
        return decimal(libm::log(most / least), 2);
    }
    let bounds = group.iter().filter(|r| r.report_probability == 0.0);
    let bound = bounds.map(|r| r.ci_high).fold(0.0, f64::max);
    if most > bound {
        format!("> {}", decimal(libm::log(most / bound), 2))
    } else {
        decimal(f64::NAN, 2)
    }
}

/// What a group of observations, or one without a group, is called under a reading.
fn report(row: &EvidenceRow, rows: &[EvidenceRow]) -> String {
    if row.group.is_none() {
        return row.observation.clone();
    }
    let own = rows
        .iter()
        .filter(|r| r.scenario == row.scenario && r.group == row.group && r.unknown == row.unknown);
    let ids: Vec<&str> = own.map(|r| r.observation.as_str()).collect();
    list(&ids)
}

/// The reports that are counted on and probably wrong, a sentence for each reading that has any.
pub(crate) fn doubts(rows: &[EvidenceRow]) -> Vec<String> {
    let mut by_reading: Vec<(&str, Vec<(&EvidenceRow, f64)>)> = Vec::new();
    for row in rows {
        let doubtful = |wrong: &f64| is_doubtful(row.reliability, *wrong);
        let Some(wrong) = row.probability_wrong.filter(doubtful) else {
            continue;
        };
        match by_reading.iter_mut().find(|(s, _)| *s == row.scenario) {
            Some((_, own)) => own.push((row, wrong)),
            None => by_reading.push((&row.scenario, vec![(row, wrong)])),
        }
    }
    let sentence = |(s, own): &(&str, Vec<(&EvidenceRow, f64)>)| match own[..] {
        [(row, wrong)] if wrong >= 1.0 => format!(
            "no round of {s} that fits shows what {} reports (reliability {}): {s} fits only if that report \
             is wrong.",
            report(row, rows),
            row.reliability
        ),
        [(row, wrong)] => format!(
            "given the evidence, the report on {} is probably wrong under {s} ({}; reliability {}).",
            report(row, rows),
            percent(wrong),
            row.reliability
        ),
        _ => {
            let each = own.iter();
            let each =
                each.map(|(row, wrong)| format!("{} ({})", report(row, rows), how_wrong(*wrong)));
            let each: Vec<String> = each.collect();
            format!(
                "under {s} these reports are probably wrong: {}.",
                each.join(", ")
            )
        }
    };
    by_reading.iter().map(sentence).collect()
}

/// The probability that a report is wrong; of 1, what it means.
pub(super) fn how_wrong(wrong: f64) -> String {
    if wrong >= 1.0 {
        "no round that fits shows it".to_owned()
    } else {
        percent(wrong)
    }
}

/// A share in a table of many: in tenths of per cent.
fn tenth(x: f64) -> String {
    percent_to(x, 1)
}

/// A share for each reading, as in `A 12.3 %, B 87.7 %`.
fn by_letter(rows: &[ReadingRow], of: fn(&ReadingRow) -> f64) -> String {
    let each = rows.iter().enumerate();
    let each = each.map(|(i, r)| format!("{} {}", letter(i), tenth(of(r))));
    each.collect::<Vec<_>>().join(", ")
}

impl Weighing<'_> {
    /// Everything in tables, with warnings and what it does not mean.
    #[must_use]
    pub fn summary(&self, tables: &Tables, seed: u64, layout: Layout) -> String {
        let known = self.known();
        let mut out = String::new();
        let observed = known.iter().map(|r| r.members.len()).sum::<usize>();
        let observations = match observed {
            1 => "1 observation".to_owned(),
            n => format!("{n} observations"),
        };
        let reports = if known.len() == observed {
            observations
        } else {
            format!("{observations} in {} reports", known.len())
        };
        let _ = writeln!(
            out,
            "{}\n{reports}; {} rounds of each reading, seed {seed}\n",
            self.evidence.title,
            count(self.rounds())
        );
        for (i, s) in self.scenarios.iter().enumerate() {
            let _ = writeln!(out, "{}  {}: {}", letter(i), s.name, s.title);
        }
        let start = self.scenarios[0].clock.start;
        for text in left_out(self.evidence, start) {
            out.push('\n');
            layout.paragraph(&mut out, &text);
        }
        Self::write_readings(&mut out, tables, layout);
        // What the answer is worth stands beside it.
        self.write_recovery(&mut out, layout);
        for text in Self::warnings(tables) {
            layout.paragraph(&mut out, &format!("Warning: {text}"));
        }
        let readings = self.scenarios.len();
        of_readings(&mut out, &tables.arrivals, readings, layout);
        self.write_observations(&mut out, &tables.observations, layout);
        self.write_leave_one_out(&mut out, &tables.leave_one_out, layout);
        self.write_look_next(&mut out, &tables.look_next, layout);
        out.push('\n');
        layout.paragraph(&mut out, CAVEAT);
        out
    }

    fn write_readings(out: &mut String, tables: &Tables, layout: Layout) {
        let rows = &tables.readings;
        let mut table = layout.table(&[
            "",
            "P(evidence)",
            "±",
            "Effective rounds",
            "ln Bayes factor",
            "95 %",
            "Posterior",
            "95 %",
        ]);
        for (i, r) in rows.iter().enumerate() {
            let (evidence, error) = if r.likelihood == 0.0 {
                (format!("< {}", probability(r.ci_high)), String::new())
            } else {
                let half = (r.ci_high - r.ci_low) / 2.0 / r.likelihood;
                (probability(r.likelihood), format!("{:.0} %", 100.0 * half))
            };
            let (factor, ends) = if i == 0 {
                ("0".to_owned(), String::new())
            } else {
                let (low, high) = (r.log_bayes_factor_low.0, r.log_bayes_factor_high.0);
                factor(r.log_bayes_factor.0, low, high)
            };
            let (share, interval) = posterior(r);
            let cells = [
                evidence,
                error,
                effective(r.effective_rounds),
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
            "equal priors".to_owned()
        } else {
            format!("priors {}", by_letter(rows, |r| r.prior))
        };
        out.push('\n');
        let text = format!(
            "How well each reading fits. Bayes factors compare with A and need no prior: ln 3 = 1.1 is hardly \
             worth a mention, ln 20 = 3.0 is strong (Kass & Raftery 1995). Posteriors assume {priors}."
        );
        layout.paragraph(out, &text);
        let _ = writeln!(out, "{table}");
        let alike: Vec<String> = tables
            .factors
            .iter()
            .filter(|f| !f.distinguishable && f.scenario < f.against)
            .map(|f| format!("{} and {}", f.scenario, f.against))
            .collect();
        if !alike.is_empty() {
            let text = format!(
                "Not distinguishable with this many rounds: {}.",
                alike.join("; ")
            );
            layout.paragraph(out, &text);
        }
        let text = format!(
            "If the observations were independent of each other, posteriors would be: {}.",
            by_letter(rows, |r| r.posterior_if_independent.0)
        );
        layout.paragraph(out, &text);
    }

    /// What makes the answer doubtful, in sentences.
    #[must_use]
    pub fn warnings(tables: &Tables) -> Vec<String> {
        let rows = &tables.readings;
        let unmatched = rows.iter().filter(|r| r.likelihood == 0.0).map(|r| {
            format!(
                "no round of {} matched. Its P(evidence) is below {} at 95 %, which is a bound and not zero; more \
                 rounds would lower the bound or find a match.",
                r.scenario,
                probability(r.ci_high)
            )
        });
        let mut out: Vec<String> = unmatched.collect();
        let few = rows.iter().filter(|r| r.likelihood > 0.0 && !r.supported);
        let few = few.map(|r| format!("{} ({})", r.scenario, effective(r.effective_rounds)));
        let few: Vec<String> = few.collect();
        if !few.is_empty() {
            out.push(format!(
                "fewer than {FEW:.0} effective rounds for {}; do not rely on the intervals. More rounds would help.",
                list(&few)
            ));
        }
        out.extend(doubts(&tables.observations));
        out
    }

    /// A header with a column for each reading.
    fn by_reading(&self, first: &[&str], last: &[&str], layout: Layout) -> Table {
        let letters: Vec<String> = (0..self.scenarios.len()).map(letter).collect();
        let header: Vec<&str> = first
            .iter()
            .copied()
            .chain(letters.iter().map(String::as_str))
            .chain(last.iter().copied())
            .collect();
        layout.table(&header)
    }

    fn write_observations(&self, out: &mut String, rows: &[EvidenceRow], layout: Layout) {
        let n = self.scenarios.len();
        let mut table = self.by_reading(&["Observation", "r"], &["Spread"], layout);
        for group in rows.chunks(n).filter(|g| !g[0].unknown) {
            let mut cells = vec![
                Cell::new(&group[0].observation),
                right(format!("{:.2}", group[0].reliability)),
            ];
            cells.extend(group.iter().map(|r| right(tenth(r.probability))));
            cells.push(right(spread(group)));
            table.add_row(cells);
        }
        out.push('\n');
        layout.paragraph(
            out,
            "Probability of each observation under each reading, taken by itself; r is the reliability of its \
             report; spread is the largest difference between the logarithms of the report's probabilities (0: \
             the report is uninformative).",
        );
        let _ = writeln!(out, "{table}");
    }

    fn write_leave_one_out(&self, out: &mut String, rows: &[LeaveOneOutRow], layout: Layout) {
        let n = self.scenarios.len();
        let leader = self.leader();
        let mut groups: Vec<_> = rows.chunks(n).collect();
        let (all, others) = groups.split_at_mut(1);
        let shift = |g: &&[LeaveOneOutRow]| g[leader].change.0.abs();
        others.sort_by(|a, b| shift(b).total_cmp(&shift(a)));
        let change = format!("Change of {}, points", letter(leader));
        let mut table = self.by_reading(&["Left out"], &[&change, "95 %"], layout);
        for group in all.iter().chain(others.iter().take(SHOWN)) {
            let name = group[0].left_out.as_deref().unwrap_or("nothing");
            let mut cells = vec![Cell::new(name)];
            let each = group.iter().map(|r| told(r, ["<", ">"], tenth));
            cells.extend(each.map(right));
            if group[0].left_out.is_some() {
                let r = &group[leader];
                let change = Share {
                    probability: r.change.0,
                    low: r.change_low.0,
                    high: r.change_high.0,
                };
                let ends = if change.probability.is_nan() {
                    String::new()
                } else {
                    points_interval(change)
                };
                cells.extend([right(points(change)), right(ends)]);
            }
            table.add_row(cells);
        }
        out.push('\n');
        layout.paragraph(
            out,
            "Posterior of each reading without one of the observations; those that matter most come first.",
        );
        let _ = writeln!(out, "{table}");
        let text = self.most_important(all[0], others);
        layout.paragraph(out, &text);
    }

    /// Which observation carries most of the answer, and what the answer would be without it.
    fn most_important(&self, all: &[LeaveOneOutRow], others: &[&[LeaveOneOutRow]]) -> String {
        let n = self.scenarios.len();
        let leader = self.leader();
        let name = &self.scenarios[leader].name;
        if all[leader].posterior.0.is_nan() {
            return "No round of any reading matched, so nothing can be said of single observations."
                .to_owned();
        }
        let Some(first) = others.iter().find(|g| g[leader].distinguishable) else {
            return "With this many rounds, no single observation detectably changes the answer."
                .to_owned();
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
        let level_with = |likelihoods: &Likelihoods, top: usize| -> Vec<&str> {
            (0..n)
                .filter(|i| *i != top && !likelihoods.differ(self.priors, top, *i))
                .map(|i| self.scenarios[i].name.as_str())
                .collect()
        };
        let level = level_with(&without, best);
        // What carries most may still not carry enough to settle who is first.
        let neither = if level_with(&with, leader).is_empty() {
            ""
        } else {
            ", and even with it the first place is not settled"
        };
        let verdict = match (best == leader, level.is_empty()) {
            (true, true) => format!("without it {name} would still come first"),
            (false, true) => format!("without it {} would come first", self.scenarios[best].name),
            (_, false) => {
                let top = std::iter::once(self.scenarios[best].name.as_str());
                let all: Vec<&str> = top.chain(level).collect();
                format!(
                    "without it {} could not be distinguished at the top{neither}",
                    list(&all)
                )
            }
        };
        let [before, after] =
            [all, *first].map(|rows| told(&rows[leader], ["below", "above"], percent));
        if before == after {
            // Both are so near to 0 or 1 that they read the same.
            return format!(
                "No single observation matters: without any one of them the posterior of {name} would still be \
                 {before}."
            );
        }
        format!(
            "The observation that carries most of the answer is {id}: {verdict}; the posterior of {name} would be \
             {after} instead of {before}."
        )
    }

    fn write_look_next(&self, out: &mut String, rows: &[LookNextRow], layout: Layout) {
        if rows.is_empty() {
            return;
        }
        let n = self.scenarios.len();
        let open = if self.evidence.selected.is_empty() {
            "Not yet observed"
        } else {
            "Not counted"
        };
        let mut table = self.by_reading(&[open, "Bits"], &[], layout);
        for group in rows.chunks(n) {
            let mut cells = vec![
                Cell::new(&group[0].name),
                right(decimal(group[0].information_bits.0, 3)),
            ];
            cells.extend(group.iter().map(|r| right(tenth(r.report_probability.0))));
            table.add_row(cells);
        }
        out.push('\n');
        layout.paragraph(
            out,
            "What to look for next: the bits of information about which reading holds that a report is expected \
             to provide, and the probability under each reading that the report says yes, given the evidence.",
        );
        let _ = writeln!(out, "{table}");
    }

    fn write_recovery(&self, out: &mut String, layout: Layout) {
        if self.recovered.is_empty() {
            return;
        }
        let mut table = self.by_reading(&["", "Evidence simulated from"], &["none"], layout);
        for (i, (s, found)) in self.scenarios.iter().zip(self.recovered).enumerate() {
            let share = |n: u64| right(tenth(n as f64 / self.trials as f64));
            let mut cells = vec![Cell::new(letter(i)), Cell::new(&s.name)];
            cells.extend(found.wins.iter().map(|n| share(*n)));
            cells.push(share(found.none));
            table.add_row(cells);
        }
        let recovered: f64 = self
            .recovered
            .iter()
            .enumerate()
            .map(|(i, r)| r.wins[i] as f64 / self.trials as f64)
            .sum::<f64>()
            / self.recovered.len() as f64;
        let text = format!(
            "How far this can be answered: evidence of this kind was simulated from each \
             reading, {} times each; the table shows how often each reading wins. The true one wins in {} of \
             cases on average; guessing would win in {}.",
            count(self.trials),
            percent(recovered),
            percent(1.0 / self.recovered.len() as f64)
        );
        out.push('\n');
        layout.paragraph(out, &text);
        let _ = writeln!(out, "{table}");
    }
}
