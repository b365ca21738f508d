//! Completion in the shell: of commands and options, and of what the scenario on the command line declares.
//!
//! The shell calls the program with the words so far (`clap_complete`'s engine), which reads the scenario that is
//! among them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::ensemble::timeline;
use crate::scenario::paths::{Settable, settable, words};
use crate::scenario::visible::on_one_line;
use crate::scenario::{Evidence, Scenario};

/// The variable that asks for a completion, and in which shell.
pub(super) const ASKED: &str = "COMPLETE";
/// The most letters of a meaning that stands beside a word.
const LONGEST: usize = 80;

/// Answers a shell that asks for completions, and ends the program then.
pub(super) fn answer() {
    CompleteEnv::with_factory(super::parser)
        .var(ASKED)
        .bin("kzsim")
        .complete();
}

/// The first scenario among the words of the command line that is to be completed.
fn scenario() -> Option<Scenario> {
    let mut words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let is_scenario = |word: &OsString| {
        let path = Path::new(word);
        path.extension().is_some_and(|e| e == "toml") && path.is_file() && !Evidence::is_one(path)
    };
    let path = words.find(is_scenario)?;
    // A scenario with faults has names all the same.
    let (scenario, _) = Scenario::read(Path::new(&path), &[]).ok()?;
    Some(scenario)
}

/// A completer of words that a scenario knows; `offer` has those that begin with what is written.
fn of_scenario(
    offer: impl Fn(&Scenario, &str) -> Vec<CompletionCandidate> + Send + Sync + 'static,
) -> ArgValueCompleter {
    ArgValueCompleter::new(move |written: &OsStr| {
        let written = written.to_str().unwrap_or_default();
        scenario().map_or_else(Vec::new, |scenario| offer(&scenario, written))
    })
}

/// A word with what it means, if it begins with what is written.
fn candidate(written: &str, word: &str, says: &str) -> Option<CompletionCandidate> {
    let says = on_one_line(says);
    let mut short: String = says.chars().take(LONGEST).collect();
    if short.len() < says.len() {
        short.push('…');
    }
    let help = (!short.is_empty()).then(|| short.into());
    word.starts_with(written)
        .then(|| CompletionCandidate::new(word).help(help))
}

/// Completes `PATH=` by the values that can be set, and `PATH=VALUE` by the words that may stand there.
pub(super) fn settings() -> ArgValueCompleter {
    of_scenario(|scenario, written| {
        let all = settable(scenario);
        if let Some((path, _)) = written.split_once('=') {
            let ids = scenario.ids();
            let held = all.iter().find(|s| s.path == path);
            let words = held.map_or_else(Vec::new, |s| words(s.leaf, &ids));
            let offered = words
                .iter()
                .map(|word| candidate(written, &format!("{path}={word}"), ""));
            return offered.flatten().collect();
        }
        // What an entry leaves out is offered once the entry is named: there is much of it.
        let is_named = |s: &&Settable| {
            let entry = s.path.rsplit_once('.').map_or("", |(entry, _)| entry);
            s.value.is_some() || written.starts_with(entry)
        };
        let offered = all.iter().filter(is_named).map(|s| {
            let stands = s.value.as_ref().map(|value| format!("{value}: "));
            let says = stands.unwrap_or_default() + &s.key.meaning();
            candidate(written, &format!("{}=", s.path), &says)
        });
        offered.flatten().collect()
    })
}

/// Completes quantities that can be followed day by day.
pub(super) fn followed() -> ArgValueCompleter {
    of_scenario(|scenario, written| {
        let all = timeline::offered(scenario);
        let offered = all.iter().map(|(name, _)| candidate(written, name, ""));
        offered.flatten().collect()
    })
}

/// Completes outcomes by their ids.
pub(super) fn outcomes() -> ArgValueCompleter {
    of_scenario(|scenario, written| {
        let all = scenario.outcomes.iter();
        all.filter_map(|o| candidate(written, &o.id, &o.name))
            .collect()
    })
}

/// Completes flags by their ids.
pub(super) fn flags() -> ArgValueCompleter {
    of_scenario(|scenario, written| {
        let all = scenario.flags.iter();
        all.filter_map(|f| candidate(written, &f.id, &f.name))
            .collect()
    })
}

/// Completes priors by their paths.
pub(super) fn priors() -> ArgValueCompleter {
    of_scenario(|scenario, written| {
        let all = scenario.priors();
        let offered = all.iter().map(|p| {
            candidate(
                written,
                &p.path,
                p.remarks.name.as_deref().unwrap_or_default(),
            )
        });
        offered.flatten().collect()
    })
}
