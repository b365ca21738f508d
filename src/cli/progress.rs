//! Progress on the terminal, and signals.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde_json::json;

use super::signals::listen;
use crate::ensemble::Progress;
use crate::result::folder::discard_staged;
use crate::scenario::visible::{on_one_line, visible, visible_path};
use crate::study::{Control, Note, Reporter};

/// How long rounds in progress may continue after a signal: a run is to stop within a second.
const GRACE: Duration = Duration::from_millis(400);
/// Time between two sights of progress.
const TICK: Duration = Duration::from_millis(200);

/// How progress is told on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// A bar, on a terminal alone
    Bar,
    /// Lines of JSON, for programs
    Json,
    /// Not at all
    None,
}

/// A stage on its way.
#[derive(Debug)]
struct Stage {
    bar: ProgressBar,
    unit: &'static str,
    /// When a line told of it last.
    told: Instant,
}

impl Stage {
    /// Tells how far it is, as a line of JSON.
    fn tell(&mut self) {
        let (done, total) = (self.bar.position(), self.bar.length());
        let progress = json!({"done": done, "total": total, "unit": self.unit});
        let _ = writeln!(io::stderr(), "{}", json!({ "progress": progress }));
        self.told = Instant::now();
    }
}

/// Shows a bar and notes on stderr.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    shown: Shown,
    stage: Arc<Mutex<Option<Stage>>>,
    /// Temporary folders, to be removed when a second signal ends the program.
    collecting: Arc<Mutex<Vec<PathBuf>>>,
    /// Whether it was told that threads are lacking.
    told_of_threads: Arc<AtomicBool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Terminal {
    pub(super) fn new(shown: Shown) -> Self {
        Self {
            shown,
            stage: Arc::default(),
            collecting: Arc::default(),
            told_of_threads: Arc::default(),
        }
    }

    /// Writes a message to stderr, with what is hidden in it made visible.
    pub(super) fn print(&self, text: &str) {
        self.print_visible(&visible(text));
    }

    /// Writes a message whose foreign parts have been made visible, and which may be coloured. Nobody
    /// has to read it.
    pub(super) fn print_visible(&self, text: &str) {
        let write = || {
            let _ = writeln!(io::stderr(), "{text}");
        };
        match &*lock(&self.stage) {
            Some(stage) => stage.bar.suspend(write),
            None => write(),
        }
    }

    /// Reports here, and stops at Ctrl-C, SIGTERM and when the terminal hangs up; a second Ctrl-C or
    /// SIGTERM ends the program at once. To be called once.
    pub(super) fn listen(&self) -> Control {
        let control = Control::new(self.clone());
        let (heard, terminal) = (control.clone(), self.clone());
        listen(move |hangs_up| {
            if heard.stop.swap(true, Ordering::Relaxed) {
                // A terminal that closes hangs up more than once.
                if hangs_up {
                    return;
                }
                discard_staged(lock(&terminal.collecting).drain(..));
                std::process::exit(130);
            }
            let stop_now = Arc::clone(&heard.stop_now);
            let later = move || {
                std::thread::sleep(GRACE);
                stop_now.store(true, Ordering::Relaxed);
            };
            // Without a thread that waits, there is no grace.
            if std::thread::Builder::new().spawn(later).is_err() {
                heard.stop_now.store(true, Ordering::Relaxed);
            }
        });
        control
    }
}

impl Progress for Terminal {
    fn advance(&self, rounds: u64) {
        if let Some(stage) = &mut *lock(&self.stage) {
            stage.bar.inc(rounds);
            if self.shown == Shown::Json && stage.told.elapsed() >= TICK {
                stage.tell();
            }
        }
    }

    fn fewer_threads(&self, started: u64) {
        if !self.told_of_threads.swap(true, Ordering::Relaxed) {
            let threads = match started {
                1 => "one thread".to_owned(),
                n => format!("{n} threads"),
            };
            self.print(&format!(
                "warning: the system refuses to start more threads (see ulimit -u, or the container's \
                 limit on processes); continuing with {threads}"
            ));
        }
    }
}

impl Reporter for Terminal {
    /// Shows steps per second and the time left in a bar.
    fn begin(&self, total: u64, done: u64, unit: &'static str) {
        let target = match self.shown {
            Shown::Bar => ProgressDrawTarget::stderr(),
            Shown::Json | Shown::None => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target).with_position(done);
        let style = ProgressStyle::with_template(&format!(
            "{{bar:30}} {{percent:>3}} %  {{human_pos}} of {{human_len}} {unit}  {{speed}}  {{eta}} left"
        ))
        .map(|style| {
            style.with_key(
                "speed",
                |state: &ProgressState, out: &mut dyn fmt::Write| {
                    let _ = write!(out, "{:.0} per second", state.per_sec());
                },
            )
        });
        if let Ok(style) = style {
            bar.set_style(style);
        }
        // The thread that it needs cannot always be had.
        if !bar.is_hidden() && std::thread::Builder::new().spawn(|| ()).is_ok() {
            bar.enable_steady_tick(TICK);
        }
        let told = Instant::now();
        let mut stage = Stage { bar, unit, told };
        if self.shown == Shown::Json {
            stage.tell();
        }
        *lock(&self.stage) = Some(stage);
    }

    fn end(&self) {
        if let Some(mut stage) = lock(&self.stage).take() {
            if self.shown == Shown::Json {
                stage.tell();
            }
            stage.bar.finish_and_clear();
        }
    }

    fn note(&self, note: &Note) {
        self.print(&words(note));
    }

    fn collects_in(&self, folder: &Path) {
        lock(&self.collecting).push(folder.to_path_buf());
    }
}

fn words(note: &Note) -> String {
    match note {
        Note::StartsAfresh { checkpoint, rounds } => format!(
            "note: this run starts afresh, although {} holds {rounds} rounds of it; --resume would \
             continue from them. The checkpoint is kept until this run has played more rounds",
            visible_path(checkpoint)
        ),
        Note::Continues { from, rounds } => format!(
            "continuing from {}: {rounds} rounds already played",
            visible_path(from)
        ),
        Note::AnotherFolder {
            taken,
            holds,
            folder,
        } => format!(
            "note: {} holds {holds}, which would be lost; this result goes to {} (--force replaces \
             the other one)",
            visible_path(taken),
            visible_path(folder)
        ),
        Note::NoLocks { folder, why, other } => {
            let folder = visible_path(folder);
            let other = match other {
                Some(other) => {
                    let other = on_one_line(other);
                    format!("{other} (machine and process) may be writing to this folder too")
                }
                None => "do not write to this folder from two machines at once".to_owned(),
            };
            format!(
                "warning: the file system of {folder} does not support file locks ({why}); {other}"
            )
        }
        Note::NoCheckpoint(error) => {
            format!("warning: the run continues without a checkpoint: {error}")
        }
        Note::NotPowerOfTwo(rows) => {
            let above = rows.next_power_of_two();
            format!(
                "note: Sobol' sequences are most uniform at a power of two: {} or {above} rows \
                 instead of {rows}",
                above / 2
            )
        }
    }
}
