//! What commands share: failures with their exit codes, loading, threads, interruption.

use std::fmt;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::terminal;
use crate::engine::isa::NoSuchIsa;
use crate::ensemble::{Progress, RunError, Watch, Workers};
use crate::plan::Plan;
use crate::result::folder::FolderError;
use crate::result::journal::JOURNAL;
use crate::scenario::evidence::EvidenceError;
use crate::scenario::expression::Expression;
use crate::scenario::fault::Faults;
use crate::scenario::model::limits;
use crate::scenario::quantity::{Quantity, quantities};
use crate::scenario::{Evidence, Reach, Scenario, Unreadable};
use crate::text::Layout;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Faults(Faults),
    #[error("error: {0}")]
    Usage(String),
    #[error("error: {0}")]
    Unreadable(#[from] Unreadable),
    #[error("error: {0}")]
    Folder(#[from] FolderError),
    #[error("error: cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    #[error("{0}")]
    DoesNotHold(String),
    /// Something outside could not be written or started.
    #[error("error: {0}")]
    Stored(String),
    #[error("error: {0}")]
    Internal(String),
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// Interrupted with something written: what.
    #[error("{0}")]
    Stopped(String),
    /// What went wrong with each of several files, told together: messages, the exit code, and
    /// faults as data.
    #[error("{0}")]
    Several(String, u8, Vec<serde_json::Value>),
}

impl From<NoSuchIsa> for Failure {
    fn from(e: NoSuchIsa) -> Self {
        Self::Usage(e.to_string())
    }
}

impl Failure {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Internal(_) => 1,
            Self::Faults(_) | Self::Usage(_) => 2,
            Self::Unreadable(_) | Self::Folder(_) | Self::Output(_) | Self::Stored(_) => 3,
            Self::DoesNotHold(_) => 4,
            Self::Interrupted | Self::Stopped(_) => 130,
            Self::Several(_, code, _) => *code,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Faults(faults) => faults.text(coloured(&io::stderr())),
            other => other.to_string(),
        }
    }

    /// This failure after another one: what cannot be read counts for more than faults do.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        let Some(before) = before else { return self };
        let text = format!("{}\n\n{}", before.message(), self.message());
        let rank = |code: u8| [4, 2, 3, 1, 130].iter().position(|c| *c == code);
        let code = if rank(self.code()) > rank(before.code()) {
            self.code()
        } else {
            before.code()
        };
        let mut faults = before.faults();
        faults.extend(self.faults());
        Self::Several(text, code, faults)
    }

    /// The faults of scenarios in it, as data.
    pub(super) fn faults(&self) -> Vec<serde_json::Value> {
        match self {
            Self::Faults(faults) => terminal::faults(faults),
            Self::Several(_, _, faults) => faults.clone(),
            _ => Vec::new(),
        }
    }

    /// What went wrong; faults of scenarios are told apart from it.
    pub(super) fn headline(&self) -> String {
        match self {
            Self::Faults(faults) => match faults.list.len() {
                1 => "1 fault".to_owned(),
                n => format!("{n} faults"),
            },
            other => other.to_string().trim_start_matches("error: ").to_owned(),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Interrupted => Self::Interrupted,
            RunError::Threads(e) => Self::Internal(e.to_string()),
            RunError::Records(e) => Self::Output(e),
        }
    }
}

/// Options of every command that plays rounds.
#[derive(Debug, Args)]
pub(super) struct PlayArgs {
    /// Rounds to play [default: the scenario's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=limits::ROUNDS))]
    pub(super) rounds: Option<u64>,
    /// Seed [default: the scenario's]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(0..=limits::SEED))]
    pub(super) seed: Option<u64>,
    /// Threads; they never change a result [default: one a core]
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// Folder for the results [default: one in results/ that is named after what is played]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write among files that are no earlier result of kzsim; files of other names stay
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) set: SetArgs,
}

impl PlayArgs {
    /// How rounds are played.
    pub(super) fn workers(&self) -> Result<Workers, NoSuchIsa> {
        Workers::chosen(self.threads.unwrap_or(0).into())
    }
}

/// Leaves laid on top of a scenario.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// Lay one more value over the scenario, as in actors.knb.loyalty.tokayev=0.6; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) settings: Vec<String>,
}

/// Whether colours are allowed: <https://no-color.org>, and terminals that have none.
fn colours_are_welcome() -> bool {
    let is = |name: &str, test: fn(&std::ffi::OsStr) -> bool| {
        std::env::var_os(name).is_some_and(|value| test(&value))
    };
    !is("NO_COLOR", |v| !v.is_empty()) && !is("TERM", |v| v == "dumb")
}

/// Whether a stream shows colours: a terminal that has them, and the user allows them.
pub(super) fn coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && colours_are_welcome()
}

static ANYWHERE: AtomicBool = AtomicBool::new(false);

/// Lets scenarios extend any file from now on.
pub(super) fn extend_anywhere() {
    ANYWHERE.store(true, Ordering::Relaxed);
}

fn reach() -> Reach {
    if ANYWHERE.load(Ordering::Relaxed) {
        Reach::Anywhere
    } else {
        Reach::Near
    }
}

/// Reads and compiles a scenario; every fault of both at once.
pub(super) fn load(path: &Path, settings: &[String]) -> Result<(Scenario, Plan), Failure> {
    let (scenario, mut faults) = Scenario::read_with(path, settings, reach())?;
    if !scenario.complete {
        return Err(Failure::Faults(Faults::new(scenario.sources, faults)));
    }
    match Plan::new(&scenario) {
        Ok(plan) if faults.is_empty() => return Ok((scenario, plan)),
        Ok(_) => {}
        Err(more) => faults.extend(more),
    }
    Err(Failure::Faults(Faults::new(scenario.sources, faults)))
}

/// Reads an evidence file; every fault at once.
pub(super) fn load_evidence(path: &Path) -> Result<Evidence, Failure> {
    Evidence::read(path).map_err(|e| match e {
        EvidenceError::Unreadable(e) => e.into(),
        EvidenceError::Faults(faults) => Failure::Faults(faults),
    })
}

/// Reads a scenario and compiles it with an evidence file to watch for.
pub(super) fn load_watching(
    path: &Path,
    settings: &[String],
    evidence: &Evidence,
) -> Result<(Scenario, Plan), Failure> {
    let (scenario, mut faults) = Scenario::read_with(path, settings, reach())?;
    let sources = evidence.beside(&scenario);
    if !scenario.complete {
        return Err(Failure::Faults(Faults::new(sources, faults)));
    }
    let watched = evidence.watched(&scenario).unwrap_or_else(|more| {
        faults.extend(more);
        Vec::new()
    });
    match Plan::watching(&scenario, &watched) {
        Ok(plan) if faults.is_empty() => return Ok((scenario, plan)),
        Ok(_) => {}
        Err(more) => faults.extend(more),
    }
    Err(Failure::Faults(Faults::new(sources, faults)))
}

/// Reads a scenario and compiles it with quantities to read in each round.
pub(super) fn load_quantities(
    path: &Path,
    settings: &[String],
    written: &[String],
) -> Result<(Scenario, Plan, Vec<Quantity>), Failure> {
    let (scenario, mut faults) = Scenario::read_with(path, settings, reach())?;
    let (found, more, sources) = quantities(written, &scenario);
    faults.extend(more);
    if !scenario.complete {
        return Err(Failure::Faults(Faults::new(sources, faults)));
    }
    let watched: Vec<(u32, Expression)> = found
        .iter()
        .map(|q| (q.step, q.expression.clone()))
        .collect();
    match Plan::watching(&scenario, &watched) {
        Ok(plan) if faults.is_empty() => return Ok((scenario, plan, found)),
        Ok(_) => {}
        Err(more) => faults.extend(more),
    }
    Err(Failure::Faults(Faults::new(sources, faults)))
}

/// Writes a message to stderr; nobody has to read it.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Tells a text on stdout, unless --quiet or --json says otherwise.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    terminal::tell(text)
}

/// How long rounds in play may go on after a signal: a run is to stop within a second.
const GRACE: Duration = Duration::from_millis(400);

/// What a signal does: it asks a run to stop, and a second one ends the program at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals {
    /// Set by the first signal.
    pub(super) stop: Arc<AtomicBool>,
    /// Set a little later: what is played then is worth less than the time until its end.
    pub(super) at_once: Arc<AtomicBool>,
    litter: Arc<Mutex<Vec<PathBuf>>>,
}

impl Signals {
    /// Listens to Ctrl-C and SIGTERM; to be called once.
    pub(super) fn listen() -> Self {
        let signals = Self::default();
        let heard = signals.clone();
        // Without a handler the program still runs, and a signal still ends it.
        let _ = ctrlc::set_handler(move || {
            if heard.stop.swap(true, Ordering::Relaxed) {
                for folder in heard.litter().drain(..) {
                    // A result that is just moving to its place is left for the next run to place.
                    if !folder.join(JOURNAL).exists() {
                        let _ = std::fs::remove_dir_all(folder);
                    }
                }
                std::process::exit(130);
            }
            let at_once = Arc::clone(&heard.at_once);
            std::thread::spawn(move || {
                std::thread::sleep(GRACE);
                at_once.store(true, Ordering::Relaxed);
            });
        });
        signals
    }

    /// Whether a signal has been heard.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A watch that stops at the first signal.
    pub(super) fn watch<'a>(&'a self, progress: &'a dyn Progress) -> Watch<'a> {
        Watch::new(&self.stop, progress)
    }

    /// A temporary folder, to be removed when a second signal ends the program.
    pub(super) fn remove_at_exit(&self, folder: &Path) {
        self.litter().push(folder.to_path_buf());
    }

    fn litter(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.litter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for ProgressBar {
    fn advance(&self, rounds: u64) {
        self.inc(rounds);
    }
}

/// Rounds per second and time left, on a terminal alone.
pub(super) fn progress_bar(rounds: u64) -> ProgressBar {
    let target = if terminal::shows_progress() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(rounds), target);
    let style = ProgressStyle::with_template(
        "{bar:30} {percent:>3} %  {human_pos} of {human_len} rounds  {speed}  {eta} left",
    )
    .map(|style| {
        style.with_key(
            "speed",
            |state: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = write!(out, "{:.0} a second", state.per_sec());
            },
        )
    });
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Columns to fill, if anybody says how many: the terminal, or COLUMNS.
pub(super) fn terminal_width() -> Option<u16> {
    terminal::width()
}

/// How summaries are laid out.
pub(super) fn layout() -> Layout {
    Layout {
        width: terminal::width(),
        colours: colours_are_welcome(),
    }
}
