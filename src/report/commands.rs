//! What a report shows of each command.

use super::context::Context;
use super::folder::{ReportError, ResultFolder};
use super::picture::{Drawn, Picture};
use super::pictures::{bars, boxes, by_day, changes, effects, fans, flow, given, readings};
use super::pictures::{reliability, sensitivity, sides, sweep, when};
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
    pub(super) pictures: fn(&Source<'_>) -> Result<Drawn, ReportError>,
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
        pictures: compare,
    },
    Command {
        name: "weigh",
        what: "readings weighed against evidence",
        pictures: |s| Ok(Drawn::all(readings::readings(s.folder)?)),
    },
    Command {
        name: "score",
        what: "forecasts held against what was observed",
        pictures: |s| Ok(Drawn::all(reliability::reliability(s.folder)?)),
    },
    Command {
        name: "sensitivity",
        what: "which guesses matter",
        pictures: |s| sensitivity::sensitivity(s.folder, s.context),
    },
    Command {
        name: "sweep",
        what: "a scenario over a range of settings",
        pictures: |s| Ok(Drawn::all(sweep::sweep(s.folder, s.context)?)),
    },
    Command {
        name: "discover",
        what: "conditions under which an outcome is more frequent",
        pictures: |s| Ok(Drawn::all(boxes::boxes(s.folder, s.context)?)),
    },
];

/// A command by its name; none if this version does not know it.
pub(super) fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name)
}

/// The pictures of a comparison. One picture shows several scenarios; those of each are folded.
fn compare(s: &Source<'_>) -> Result<Drawn, ReportError> {
    let &Source {
        folder, context, ..
    } = s;
    let mut each = changes::differences(folder, context)?;
    each.extend(flow::flows(folder, context)?);
    each.extend(changes::divergence(folder)?);
    Ok(match effects::effects(folder, context)? {
        Some(all) => Drawn {
            shown: vec![all],
            folded: each,
        },
        None => Drawn::all(each),
    })
}

/// A picture that is taller takes a page of its own: it is folded.
const PAGE: f64 = 1_000.0;

/// The pictures of a run: how it ends, what decides, then what happens on the way.
fn run(s: &Source<'_>) -> Result<Drawn, ReportError> {
    let &Source {
        folder, context, ..
    } = s;
    let mut shown = Vec::new();
    if !s.several {
        shown.push(bars::outcomes(&[(s.index, folder)], context)?);
    }
    shown.extend(bars::variance(folder, context)?);
    shown.extend(bars::flags(folder)?);
    let mut folded = vec![by_day::by_day(folder, context)?];
    for fan in fans::fans(folder, context, s.moments, s.follow)? {
        if fan.name == "turnout" {
            folded.push(fan);
        } else {
            shown.push(fan);
        }
    }
    shown.extend(when::when(folder)?);
    let (short, tall): (Vec<Picture>, Vec<Picture>) =
        shown.into_iter().partition(|p| p.height() <= PAGE);
    shown = short;
    folded.splice(0..0, tall);
    folded.extend(sides::sides(folder, context)?);
    if folder.is_given() {
        for picture in shown.iter_mut().chain(&mut folded) {
            before_the_evidence(picture, s.several);
        }
        let about_evidence = given::given(folder, context)?;
        folded.splice(0..0, shown);
        shown = about_evidence;
    }
    Ok(Drawn { shown, folded })
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
