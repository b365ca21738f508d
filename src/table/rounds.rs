//! `rounds.csv`: one row per round. Its columns depend on the scenario.

use std::io;

use super::cell::{Cell, Column, push};
use crate::ensemble::RoundRecord;
use crate::scenario::Scenario;

/// Its name.
pub const FILE: &str = "rounds.csv";

fn flag(id: &str, name: &str) -> Column {
    Column::new::<bool>(id, None, format!("whether the flag ever held: {name}"))
}

fn first(id: &str, name: &str) -> Column {
    let meaning = format!("day on which it first took effect, empty if never: {name}");
    Column::new::<f32>(format!("first.{id}"), Some("day"), meaning)
}

fn prior(path: &str, unit: Option<&'static str>, says: Option<&str>) -> Column {
    Column::new::<f32>(path, unit, says.unwrap_or("value drawn"))
}

/// The columns of every scenario.
fn fixed() -> Vec<Column> {
    vec![
        Column::new::<String>("scenario", None, "the scenario file's name without .toml"),
        Column::new::<u64>(
            "round",
            None,
            "index of the round, from 0; `kzsim trace --round` takes it",
        ),
        Column::new::<String>("outcome", None, "id of its outcome"),
        Column::new::<f64>("day", Some("day"), "day on which its outcome was noted"),
    ]
}

/// The columns for a scenario.
#[must_use]
pub fn columns(s: &Scenario) -> Vec<Column> {
    let mut out = fixed();
    out.extend(s.flags.iter().map(|f| flag(&f.id, &f.name)));
    out.extend(s.actions.iter().map(|a| first(&a.id, &a.name)));
    let priors = s.priors().into_iter();
    out.extend(priors.map(|p| {
        let unit = p.duration.then_some("day");
        prior(&p.path, unit, p.remarks.says.as_deref())
    }));
    out
}

/// Documents show placeholders for what depends on the scenario.
#[cfg(test)]
#[test]
fn columns_are_described() {
    let mut out = fixed();
    out.push(flag("FLAG", "its name"));
    out.push(first("ACTION", "its name"));
    out.push(prior(
        "PATH.OF.PRIOR",
        None,
        Some("what the prior `says`, or `value drawn`"),
    ));
    crate::inside::columns::described(FILE, &out);
}

/// Writes rows as lines, with what is the same in many of them ready. It may be used by several threads.
#[derive(Debug)]
pub struct Lines<'s> {
    scenario: &'s Scenario,
    /// The scenario's name as a cell.
    name: Vec<u8>,
    /// By outcome: its id as a cell.
    outcomes: Vec<Vec<u8>>,
}

/// A text as a cell.
fn cell(text: &str) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    writer.write_record([text])?;
    let mut line = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    line.pop();
    Ok(line)
}

impl<'s> Lines<'s> {
    /// Lines of rounds of a scenario.
    ///
    /// # Errors
    /// None that could happen: memory is written to.
    pub fn new(scenario: &'s Scenario) -> io::Result<Self> {
        let outcomes = scenario.outcomes.iter().map(|o| cell(&o.id));
        Ok(Self {
            name: cell(&scenario.name)?,
            outcomes: outcomes.collect::<Result<_, _>>()?,
            scenario,
        })
    }

    /// The rows of rounds.
    #[must_use]
    pub fn of(&self, records: &[RoundRecord]) -> Vec<u8> {
        let mut lines = Vec::new();
        for (i, record) in records.iter().enumerate() {
            self.add(record, &mut lines);
            if i == 0 {
                // Rows are of about the same length.
                lines.reserve((lines.len() + lines.len() / 8) * records.len());
            }
        }
        lines
    }

    fn add(&self, record: &RoundRecord, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.name);
        line.push(b',');
        line.extend_from_slice(record.round.text().as_bytes());
        line.push(b',');
        line.extend_from_slice(&self.outcomes[record.outcome]);
        line.push(b',');
        let day = self.scenario.clock.day(u64::from(record.steps));
        line.extend_from_slice(day.text().as_bytes());
        for i in 0..self.scenario.flags.len() {
            let held: &[u8] = if record.flags[i] { b",true" } else { b",false" };
            line.extend_from_slice(held);
        }
        for day in &record.first {
            line.push(b',');
            if let Some(day) = day {
                push(*day, line);
            }
        }
        for prior in &record.priors {
            line.push(b',');
            push(*prior, line);
        }
        line.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::{Cell, push};

    fn pushed(x: f32) -> String {
        let mut line = Vec::new();
        push(x, &mut line);
        String::from_utf8(line).expect("digits are UTF-8")
    }

    #[test]
    fn numbers_are_written_as_everywhere_else() {
        for x in [
            0.0,
            1.0,
            0.1,
            1e-4,
            1e7,
            16_777_216.0,
            1e13,
            1e16,
            3.4e38,
            1e-45,
        ] {
            for x in [x, f32::next_up(x), f32::next_down(x)] {
                assert_eq!(pushed(x), x.text());
                assert_eq!(pushed(-x), (-x).text());
            }
        }
        for x in [f32::NAN, f32::INFINITY] {
            assert_eq!(pushed(x), "");
        }
        let mut bits = 1_u32;
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let x = f32::from_bits(bits);
            assert_eq!(pushed(x), x.text(), "{bits:#x}");
            // Fractions by powers of 2, which may lie between two texts.
            for places in 1..20 {
                let x = (bits >> (8 + places % 8)) as f32 / (1 << places) as f32;
                assert_eq!(pushed(x), x.text());
            }
            // Sixteenths and thousandths of a unit, and days by the second.
            for x in [
                (bits >> 8) as f32 / 16_777_216.0,
                (bits >> 12) as f32 / 16.0,
                (bits >> 12) as f32 / 1_000.0,
                (bits >> 10) as f32 / 86_400.0,
            ] {
                assert_eq!(pushed(x), x.text());
            }
        }
    }
}
