//! `kzsim seal`

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::args::{a_file, read_by};
use super::context::Context;
use super::failure::Failure;
use crate::files;
use crate::result::manifest::hex;
use crate::scenario::visible::visible_path;
use crate::study::{BROKEN, Seal, SealRequest, check_seal, seal};

/// Bytes of a salt.
const SALT: usize = 32;

/// Seal a run as a forecast, under one hash to publish.
///
/// Writes the shares of its outcomes with the question, the rule and the dates. Anybody who gets the seal and the folder of the run can check that it was not changed. `kzsim score`
/// scores a folder of seals.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim seal results/base --question \"Who governs in May?\" --rule \"as Reuters reports\" \\
      --by 2026-02-01 --resolves 2026-03-01 --who anna
  kzsim seal results/base … --hide       # the hash tells nothing until the file is shown
  kzsim seal --check base_2026-01-10.seal.toml")]
pub(super) struct SealArgs {
    /// The folder of the run; with --check the one to play again [default: the one that the seal names]
    #[arg(value_name = "RESULT", required_unless_present = "check")]
    result: Option<PathBuf>,
    /// Check a seal: its hash, and that the same run gives the same shares
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// The question
    #[arg(long, required_unless_present = "check")]
    question: Option<String>,
    /// How it will be resolved, and from which source
    #[arg(long, required_unless_present = "check")]
    rule: Option<String>,
    /// The last day on which forecasts count
    #[arg(long, value_name = "DATE", required_unless_present = "check", value_parser = read_by("date", date))]
    by: Option<Date>,
    /// The day on which the question will be resolved
    #[arg(long, value_name = "DATE", required_unless_present = "check", value_parser = read_by("date", date))]
    resolves: Option<Date>,
    /// Id of the case, as the file of observations will call it [default: the scenario's name]
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// Outcomes to seal by name; the others are added up as `other` [default: all]
    #[arg(long, value_name = "OUTCOME,…", value_delimiter = ',')]
    outcomes: Vec<String>,
    /// Who forecasts
    #[arg(long, value_name = "NAME", default_value = "")]
    who: String,
    /// The date of the seal [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = read_by("date", date))]
    made: Option<Date>,
    /// Add a random salt, so that the hash tells nothing of the shares before the seal is shown
    #[arg(long)]
    hide: bool,
    /// The file to write; by default named after the case and its date
    #[arg(long, short, value_name = "FILE", value_parser = read_by("file", a_file))]
    out: Option<PathBuf>,
}

fn date(text: &str) -> Result<Date, String> {
    let wrong = |_| "expected a date, for example 2026-01-31".to_owned();
    text.trim().parse().map_err(wrong)
}

/// Random bytes of the system, as hexadecimal digits.
fn salt() -> Result<String, Failure> {
    let mut bytes = [0_u8; SALT];
    files::open_system("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|e| Failure::Outside(format!("--hide: no random numbers from the system: {e}")))?;
    Ok(hex(&bytes))
}

impl SealArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        if let Some(file) = &self.check {
            let sealed = Seal::read(file)?;
            if !sealed.is_unbroken() {
                return Err(Failure::Mismatch(format!(
                    "{}: {BROKEN}",
                    visible_path(file)
                )));
            }
            let found = check_seal(&sealed, self.result.as_deref(), &context.control())?;
            context.add_json("sha256", || sealed.sha256().into());
            context.add_json("differences", || json!(found));
            if found.is_empty() {
                let text = format!(
                    "{}: unbroken, and the same run gives the same shares\nSHA-256 {}\n",
                    visible_path(file),
                    sealed.sha256()
                );
                return context.print_result(&text);
            }
            return Err(Failure::Mismatch(format!(
                "{}: the run does not give what was sealed\n{}",
                visible_path(file),
                found.join("\n")
            )));
        }
        let (Some(result), Some(question), Some(rule), Some(by), Some(resolves)) = (
            &self.result,
            &self.question,
            &self.rule,
            self.by,
            self.resolves,
        ) else {
            return Err(Failure::Internal("an argument is missing".to_owned()));
        };
        let today = || {
            jiff::Timestamp::now()
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date()
        };
        let request = SealRequest {
            case: self.case.clone(),
            question: question.clone(),
            rule: rule.clone(),
            forecaster: self.who.clone(),
            made: self.made.unwrap_or_else(today),
            by,
            resolves,
            outcomes: self.outcomes.clone(),
            salt: if self.hide { Some(salt()?) } else { None },
        };
        let sealed = seal(result, &request)?;
        let file = self.out.clone();
        let file = file.unwrap_or_else(|| PathBuf::from(sealed.file_name()));
        sealed.write(&file)?;
        context.add_json("file", || file.to_string_lossy().into());
        context.add_json("sha256", || sealed.sha256().into());
        context.add_json("shares", || json!(sealed.shares()));
        let keep = if self.hide {
            "Publish this hash now, keep the file to yourself, and show it when the question is resolved."
        } else {
            "Publish this hash, or the file: whoever has the hash can tell that the forecast was not changed."
        };
        let text = format!(
            "Sealed in {}\nSHA-256 {}\n{keep}\n",
            visible_path(&file),
            sealed.sha256()
        );
        context.print_result(&text)
    }
}
