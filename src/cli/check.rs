//! `kzsim check`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::args::{SetArgs, whole};
use super::context::Context;
use super::failure::{Failure, all_well};
use crate::scenario::Evidence;
use crate::scenario::shell::path_word;
use crate::scenario::visible::visible_path;
use crate::study::Study;
use crate::text::coverage::coverage;
use crate::text::explain::explain;
use crate::text::number::decimal;

/// Check scenarios and report every fault at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim check scenarios/*.toml
  kzsim check scenarios/base.toml --explain
  kzsim check scenarios/base.toml --coverage
  kzsim check scenarios/readings/*.toml --evidence scenarios/evidence/january_2022.toml")]
pub(super) struct CheckArgs {
    /// Scenario files
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// Explain in words what each scenario means
    #[arg(long)]
    explain: bool,
    /// Also play rounds, 50,000 unless a number is given, and report which actions and outcomes never
    /// occurred, and which priors had no detectable effect
    #[arg(long, value_name = "ROUNDS", num_args = 0..=1, default_missing_value = "50000",
          require_equals = true, value_parser = whole::<u64>("number of rounds", 100..=1_000_000))]
    coverage: Option<u64>,
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

    /// What is reported of one file, in words and as data.
    fn one(
        &self,
        path: &Path,
        evidence: Option<&Evidence>,
        context: &Context,
    ) -> Result<(String, Value), Failure> {
        let shown = visible_path(path);
        if Evidence::is_one(path) {
            let evidence = Context::evidence(path)?;
            let (n, notes) = (evidence.observations.len(), evidence.repeated());
            let facts = json!({"kind": "evidence", "observations": n, "notes": notes});
            let notes: String = notes.iter().flat_map(|n| ["note: ", n, "\n"]).collect();
            let text = format!(
                "{shown}: good evidence, {n} observations; check its names against a scenario with\n  \
                 kzsim check SCENARIO --evidence {}\n{notes}",
                path_word(path)
            );
            return Ok((text, facts));
        }
        let mut source = context.source(path, &self.set);
        source.evidence = evidence.cloned();
        let study = source.open()?;
        let s = study.scenario();
        let (contenders, actors, actions) = (s.contenders.len(), s.actors.len(), s.actions.len());
        let (outcomes, priors) = (s.outcomes.len(), s.priors().len());
        let notes = notes(&study);
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
            explain(s) + &notes
        } else if let Some(rounds) = self.coverage {
            let found = study.coverage(rounds, &context.control())?;
            coverage(s, study.plan(), &found.tally, &found.records)
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
