//! `kzsim check`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::args::{SetArgs, whole};
use super::context::Context;
use super::failure::{Failure, all_well};
use crate::ensemble::Workers;
use crate::scenario::Evidence;
use crate::scenario::shell::path_word;
use crate::scenario::visible::visible_path;
use crate::study::{Control, Study, StudyError};
use crate::text::cases::remark;
use crate::text::coverage::coverage;
use crate::text::day0::day0;
use crate::text::evidence::explain_evidence;
use crate::text::explain::explain;
use crate::text::number::{decimal, list, percent};

/// Quantities that move without any action of which each is told.
const RESTLESS: usize = 3;

/// Check scenarios and report every fault at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim check scenarios/*.toml
  kzsim check scenarios/base.toml --explain
  kzsim check scenarios/angola/evidence/reports.toml --explain
  kzsim check scenarios/base.toml --coverage
  kzsim check scenarios/base.toml --day0
  kzsim check contest.toml --cases cases.csv
  kzsim check scenarios/angola/readings/*.toml --evidence scenarios/angola/evidence/reports.toml")]
pub(super) struct CheckArgs {
    /// Scenario files; `-` for standard input
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// Explain in words what each scenario means, and each report of evidence
    #[arg(long)]
    explain: bool,
    /// Also play rounds, 50,000 unless a number is given, and report which actions and outcomes never
    /// occurred, and which priors had no detectable effect
    #[arg(long, value_name = "ROUNDS", num_args = 0..=1, default_missing_value = "50000",
          require_equals = true, value_parser = whole::<u64>("number of rounds", 100..=1_000_000))]
    coverage: Option<u64>,
    /// Also play rounds, 2,000 unless a number is given, and report the first day: support, each mover's inclination, how often he would move in
    /// a calm month, and how often his move would succeed if it were forced
    #[arg(long, value_name = "ROUNDS", num_args = 0..=1, default_missing_value = "2000",
          require_equals = true, conflicts_with = "coverage",
          value_parser = whole::<u64>("number of rounds", 100..=1_000_000))]
    day0: Option<u64>,
    /// A case table to check with the scenario as its template: faults, codes that are not on the scale of
    /// their parameter, constant columns, columns alike, and gaps
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Column of the case table that names evidence of each case
    #[arg(long, value_name = "COLUMN", requires = "cases")]
    given: Option<String>,
    /// Number of threads (results do not depend on it) [default: one per core]
    #[arg(long, short = 'j', value_name = "T", value_parser = whole::<u16>("number of threads", 1..=1024))]
    threads: Option<u16>,
    /// An evidence file to check with each scenario
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    set: SetArgs,
}

impl CheckArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let evidence = self
            .evidence
            .as_deref()
            .map(Context::evidence)
            .transpose()?;
        let mut failures = Vec::new();
        let mut files = Vec::new();
        for path in &self.scenarios {
            let found = self.one(path, evidence.as_ref(), context);
            let mut entry = Map::new();
            entry.insert("file".into(), path.to_string_lossy().into());
            entry.insert("good".into(), found.is_ok().into());
            match found {
                Ok((text, facts)) => {
                    entry.extend(facts.as_object().cloned().into_iter().flatten());
                    context.print_result(&text)?;
                }
                Err(failure) => failures.push(failure),
            }
            files.push(Value::Object(entry));
        }
        context.add_json("files", || files.into());
        all_well(failures)
    }

    /// Which options say nothing of a file of evidence, if any were given.
    fn without_effect(&self, path: &Path) -> Option<String> {
        let options = [
            ("--set", !self.set.settings.is_empty()),
            ("--coverage", self.coverage.is_some()),
            ("--day0", self.day0.is_some()),
            ("--cases", self.cases.is_some()),
            ("--evidence", self.evidence.is_some()),
        ];
        let given = options.iter().filter(|(_, given)| *given);
        let given: Vec<&str> = given.map(|(option, _)| *option).collect();
        let are = if given.len() == 1 { "is" } else { "are" };
        (!given.is_empty()).then(|| {
            format!(
                "{}: {} {are} for scenarios, and this is evidence",
                visible_path(path),
                list(&given)
            )
        })
    }

    /// What is reported of one file, in words and as data.
    fn one(
        &self,
        path: &Path,
        evidence: Option<&Evidence>,
        context: &Context,
    ) -> Result<(String, Value), Failure> {
        if Evidence::is_one(path) {
            let evidence = Context::evidence(path)?;
            let (n, mut notes) = (evidence.observations.len(), evidence.repeated());
            notes.extend(self.without_effect(path));
            let facts = json!({"kind": "evidence", "observations": n, "notes": notes});
            let notes: String = notes.iter().flat_map(|n| ["note: ", n, "\n"]).collect();
            if self.explain {
                let text = explain_evidence(&evidence) + &notes;
                let mut facts = facts;
                facts["text"] = text.clone().into();
                return Ok((text, facts));
            }
            let shown = visible_path(path);
            let text = format!(
                "{shown}: good evidence, {n} observation{}; check its names against a scenario with\n  \
                 kzsim check SCENARIO --evidence {}\n{notes}",
                if n == 1 { "" } else { "s" },
                path_word(path)
            );
            return Ok((text, facts));
        }
        let mut source = context.source(path, &self.set)?;
        let shown = visible_path(&source.path);
        source.evidence = evidence.cloned();
        let study = source.open()?;
        let s = study.scenario();
        let (contenders, actors, actions) = (s.contenders.len(), s.actors.len(), s.actions.len());
        let (outcomes, priors) = (s.outcomes.len(), s.priors().len());
        let workers =
            Workers::chosen(self.threads.unwrap_or(0).into()).map_err(StudyError::from)?;
        let mut notes = notes(&study);
        notes.extend(restless(&study, workers)?);
        if let Some((most, share)) = study.several_rests(workers, &Control::default())? {
            notes.push(format!(
                "whoever has no written stance could rest in more than one way in {} of rounds (support differs by up \
                 to {}): write their stances, or clock.rest = \"CONTENDER\"",
                percent(share),
                decimal(most, 2)
            ));
        }
        if let Some(table) = &self.cases {
            notes.extend(
                study
                    .check_cases(table, self.given.as_deref())?
                    .iter()
                    .map(remark),
            );
        }
        let mut facts = json!({
            "kind": "scenario",
            "contenders": contenders,
            "actors": actors,
            "actions": actions,
            "outcomes": outcomes,
            "priors": priors,
            "notes": notes,
        });
        let notes: String = notes.iter().flat_map(|n| ["note: ", n, "\n"]).collect();
        let text = if self.explain {
            let reports = study.evidence().map(explain_evidence);
            let reports = reports.map_or_else(String::new, |text| format!("\nEvidence: {text}"));
            explain(s) + &reports + &notes
        } else if let Some(rounds) = self.coverage {
            let found = study.coverage(rounds, workers, &context.control())?;
            coverage(s, study.plan(), &found.tally, &found.records)
        } else if let Some(rounds) = self.day0 {
            day0(
                s,
                &study.day0(rounds, workers, &context.control())?,
                context.layout(),
            ) + &notes
        } else {
            let counted = [
                (contenders, "contender"),
                (actors, "actor"),
                (actions, "action"),
                (outcomes, "outcome"),
                (priors, "prior"),
            ]
            .map(|(n, what)| format!("{n} {what}{}", if n == 1 { "" } else { "s" }));
            let text = format!("{shown}: good. {}\n{notes}", counted.join(", "));
            return Ok((text, facts));
        };
        facts["text"] = text.clone().into();
        Ok((text, facts))
    }
}

/// What is not a fault, but may not be meant.
fn notes(study: &Study) -> Vec<String> {
    let late = study.actions_after_the_end().into_iter();
    let late = late.map(|action| {
        let id = &action.id;
        format!("actions.{id}.at is after the last day of the clock, so it never happens")
    });
    let crowded = study.crowded_actions().into_iter().map(|(action, each)| {
        let id = &action.id;
        let each = decimal(each, 1);
        format!(
            "actions.{id}.rate means at least {each} expected decisions in every step, but a rate is read only \
             once per step; a shorter clock.step is more accurate"
        )
    });
    late.chain(crowded).chain(study.remarks()).collect()
}

/// What moves although nothing happens.
fn restless(study: &Study, workers: Workers) -> Result<Vec<String>, StudyError> {
    let found = study.unquiet(workers, &Control::default())?;
    let told = found.iter().take(RESTLESS).map(|f| {
        format!(
            "without any action `{}` moves all the same, by up to {} over the clock, in {} of rounds: something \
             that it depends on reads the day",
            f.name,
            decimal(f.most, 3),
            percent(f.share)
        )
    });
    let more = found.len().saturating_sub(RESTLESS);
    let more = (more > 0).then(|| format!("{more} further quantities move without any action"));
    Ok(told.chain(more).collect())
}
