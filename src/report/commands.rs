//! What a report shows of each command.

use super::context::Context;
use super::folder::{ReportError, ResultFolder};
use super::picture::Picture;
use super::pictures::{bars, boxes, by_day, changes, fans, flow, given, readings, reliability};
use super::pictures::{sensitivity, sides, sweep, when};
use crate::table::run::TimelineRow;

/// A folder, with what its pictures depend on.
pub(super) struct Source<'a> {
    pub(super) index: usize,
    pub(super) folder: &'a ResultFolder,
    pub(super) context: &'a Context,
    /// Its timeline.
    pub(super) moments: &'a [TimelineRow],
    /// Quantities to show day by day.
    pub(super) follow: &'a [String],
    /// Whether one picture shows the outcomes of several runs.
    pub(super) several: bool,
}

/// A command whose results have pictures.
pub(super) struct Command {
    name: &'static str,
    /// What it does, in a few words.
    pub(super) what: &'static str,
    pub(super) pictures: fn(&Source<'_>) -> Result<Vec<Picture>, ReportError>,
}

const COMMANDS: [Command; 7] = [
    Command {
        name: "run",
        what: "many rounds of a scenario",
        pictures: run,
    },
    Command {
        name: "compare",
        what: "the same rounds under several scenarios",
        pictures: |s| {
            let mut out = flow::flows(s.folder, s.context)?;
            out.extend(changes::differences(s.folder, s.context)?);
            out.extend(changes::divergence(s.folder)?);
            Ok(out)
        },
    },
    Command {
        name: "weigh",
        what: "readings weighed against evidence",
        pictures: |s| readings::readings(s.folder),
    },
    Command {
        name: "score",
        what: "forecasts held against what was observed",
        pictures: |s| Ok(reliability::reliability(s.folder)?.into_iter().collect()),
    },
    Command {
        name: "sensitivity",
        what: "which guesses matter",
        pictures: |s| sensitivity::sensitivity(s.folder, s.context),
    },
    Command {
        name: "sweep",
        what: "a scenario over a range of settings",
        pictures: |s| sweep::sweep(s.folder, s.context),
    },
    Command {
        name: "discover",
        what: "conditions under which an outcome is more frequent",
        pictures: |s| Ok(boxes::boxes(s.folder, s.context)?.into_iter().collect()),
    },
];

/// A command by its name; none if this version does not know it.
pub(super) fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name)
}

/// The pictures of a run.
fn run(s: &Source<'_>) -> Result<Vec<Picture>, ReportError> {
    let &Source {
        folder, context, ..
    } = s;
    let mut out = Vec::new();
    if !s.several {
        out.push(bars::outcomes(&[(s.index, folder)], context)?);
    }
    let is_given = folder.is_given();
    let mut about_evidence = Vec::new();
    if is_given {
        about_evidence.extend(given::given(folder, context)?);
    }
    out.push(by_day::by_day(folder, context)?);
    out.extend(fans::fans(folder, context, s.moments, s.follow)?);
    out.extend(sides::sides(folder, context)?);
    out.extend(when::when(folder)?);
    out.extend(bars::flags(folder)?);
    out.extend(bars::variance(folder, context)?);
    if is_given {
        for picture in &mut out {
            before_the_evidence(picture, s.several);
        }
        // Behind the outcomes of all rounds, if they are here.
        let place = usize::from(!s.several);
        out.splice(place..place, about_evidence);
    }
    Ok(out)
}

/// Says of a picture of a run with evidence that it shows the rounds without it. Among pictures of
/// several runs the title is that of the first.
fn before_the_evidence(picture: &mut Picture, several: bool) {
    const ALL: &str = "Without the evidence: all rounds count equally, whether or not they fit it.";
    picture.caption = format!("{ALL} {}", picture.caption);
    picture.text = format!("{ALL} {}", picture.text);
    if !several {
        picture.title.push_str(", before the evidence");
    }
}
