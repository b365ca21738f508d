//! `kzsim explore`

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{SetArgs, a_file, read_by, whole};
use super::context::Context;
use super::failure::Failure;
use crate::ensemble::Workers;
use crate::files;
use crate::report::explore_page;
use crate::result::folder::FolderError;
use crate::scenario::model::limits;
use crate::scenario::visible::visible_path;
use crate::study::{Play, Source, StudyError, explore};

/// What every page has near its beginning.
const MARK: &str = "<meta name=\"generator\" content=\"kzsim explore\">";
/// Bytes in which it is looked for.
const HEAD: usize = 1_000;

/// Write a page on which anybody can change guesses, and see what follows.
///
/// The page is one file that opens in any browser, from a mail and without a network. It holds the
/// texts of the scenarios and the engine, and plays the same rounds as `kzsim run`: guesses can be
/// fixed, actions switched off, and every change is held beside the first scenario on the same rounds.
/// It tells the command that gives the same counts, and saves changes as a scenario of their own.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim explore scenarios/base.toml
  kzsim explore scenarios/base.toml scenarios/kazakhstan/what_if/*.toml --out what_ifs.html
  kzsim explore scenarios/base.toml --given scenarios/kazakhstan/evidence/known_on_12_january.toml")]
pub(super) struct ExploreArgs {
    /// Scenario files: the first is the base that the others, and all changes, are held beside
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,
    /// The page
    #[arg(long, short, value_name = "FILE", value_parser = read_by("file", a_file), default_value = "what_if.html")]
    out: PathBuf,
    /// Replace a file that is no page of `kzsim explore`
    #[arg(long)]
    force: bool,
    /// Evidence whose reports can be ticked
    #[arg(long, value_name = "FILE")]
    given: Option<PathBuf>,
    /// Number of rounds that the page plays
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10_000, value_parser = whole::<u64>("number of rounds", 100..=100_000))]
    rounds: u64,
    /// Seed of the random draws [default: the first scenario's]
    #[arg(long, short, value_name = "S", value_parser = whole::<u64>("seed", 0..=limits::SEED))]
    seed: Option<u64>,
    #[command(flatten)]
    set: SetArgs,
}

impl ExploreArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        self.may_write()?;
        let evidence = self.given.as_deref().map(Context::evidence).transpose()?;
        let sources = context.sources(&self.scenarios, &self.set)?;
        let studies = Source::open_all(sources.into_iter().map(|source| Source {
            evidence: evidence.clone(),
            ..source
        }))?;
        let play = Play {
            rounds: Some(self.rounds),
            seed: self.seed,
            workers: Workers::chosen(0).map_err(StudyError::from)?,
            output: None,
            control: context.control(),
        };
        let found = explore(studies, &play)?;
        let paths: Vec<String> = self.scenarios.iter().map(|p| named(p)).collect();
        let page = explore_page(&found, &paths, self.given.as_deref().map(named).as_deref())?;
        files::write_whole(&self.out, page.as_bytes())
            .map_err(|e| Failure::Outside(FolderError::unwritten(&self.out, &e).to_string()))?;
        context.add_json("files", || vec![self.out.to_string_lossy()].into());
        context.print_result(&format!("Written to {}\n", visible_path(&self.out)))
    }

    /// A page replaces an earlier one, and nothing else.
    fn may_write(&self) -> Result<(), Failure> {
        if !files::is_there(&self.out) || self.force {
            return Ok(());
        }
        let refused = |what: &str| {
            let path = visible_path(&self.out);
            Err(Failure::Usage(format!("{path}: {what}")))
        };
        if self.out.is_dir() {
            return refused("is a folder; name a file for the page");
        }
        let text = files::open_input(&self.out).and_then(std::io::read_to_string);
        if text.is_ok_and(|text| text.find(MARK).is_some_and(|at| at < HEAD)) {
            return Ok(());
        }
        refused(
            "is there, and no page of kzsim explore; name a different file with --out, or add --force to replace it",
        )
    }
}

/// A path as commands name it from the working folder. Folders above that one are nobody else's business: of an
/// absolute path to a file elsewhere, the file alone is named.
fn named(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let below = path.strip_prefix(&here).ok();
    let elsewhere = || {
        path.file_name()
            .map(Path::new)
            .filter(|_| path.is_absolute())
    };
    let path = below.or_else(elsewhere).unwrap_or(path);
    path.to_string_lossy().into_owned()
}
