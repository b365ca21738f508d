//! `kzsim sweep`

use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{Failure, PlayArgs, Signals, layout, load, progress_bar};
use super::terminal::published;
use crate::analysis::design::{self, Axis};
use crate::analysis::sensitivity::sobol::Sobol;
use crate::ensemble::counts::{Counts, count};
use crate::ensemble::{RunError, WIDTH};
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::table::sweep::Sweep;
use crate::text::sweep::summary;

/// Most points of a sweep.
const MOST: usize = 10_000;
/// Rounds of each point if nobody says how many.
const ROUNDS: u64 = 10_000;
/// Rounds of a point between two turns: all points are played in turn, so that a sweep that is
/// stopped has played as much of each.
const TURN: u64 = 2_048;
/// Play a scenario at many points of a space of settings, all in the same rounds.
///
/// Plays 10,000 rounds of each point unless --rounds says otherwise. Ctrl-C ends it early: what has
/// been played of every point is written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim sweep scenarios/base.toml --over parameters.bond=0.1,0.3,0.5
  kzsim sweep scenarios/base.toml --over parameters.bond=0..0.6:7 --over dynamics.decide_from=start,zero
  kzsim sweep scenarios/base.toml --over parameters.bond=0..1:2 --over parameters.vitality=0..1:2 \\
      --design sobol --points 64
  kzsim sweep scenarios/base.toml --design points.csv      # a header of paths, a row a point")]
pub(super) struct SweepArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// A setting and its values: PATH=a,b,c, or PATH=low..high:n; may be repeated
    #[arg(long = "over", value_name = "PATH=VALUES")]
    over: Vec<String>,
    /// Which points: factorial (every combination), lhs (a Latin hypercube), sobol (a scrambled
    /// Sobol sequence), or a CSV file
    #[arg(long, value_name = "DESIGN", default_value = "factorial")]
    design: String,
    /// Points of a Latin hypercube or a Sobol sequence; for the latter best a power of two
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    points: u64,
    #[command(flatten)]
    play: PlayArgs,
}

/// A setting with its values, as written after `--over`.
fn axis(text: &str) -> Result<(String, Axis), Failure> {
    let wrong = |what: &str| Failure::Usage(format!("--over {text}: {what}"));
    let (path, values) = text
        .split_once('=')
        .ok_or_else(|| wrong("PATH=a,b,c or PATH=low..high:n is wanted"))?;
    let axis = match values.split_once("..") {
        Some((low, rest)) => {
            let (high, steps) = rest.split_once(':').unwrap_or((rest, "5"));
            let number = |x: &str| x.trim().parse::<f64>().ok().filter(|x| x.is_finite());
            let (Some(low), Some(high)) = (number(low), number(high)) else {
                return Err(wrong("low and high are numbers, as in 0.1..0.5:5"));
            };
            let steps = steps.trim().parse().ok().filter(|n| (2..=MOST).contains(n));
            let steps =
                steps.ok_or_else(|| wrong("after the colon: how many values, 2 or more"))?;
            if low >= high {
                return Err(wrong("low is below high"));
            }
            Axis::Range { low, high, steps }
        }
        None => {
            let values: Vec<String> = values.split(',').map(|v| v.trim().to_owned()).collect();
            if values.iter().any(String::is_empty) {
                return Err(wrong("a value is empty"));
            }
            Axis::Values(values)
        }
    };
    Ok((path.trim().to_owned(), axis))
}

/// Paths and points of a design in a CSV file.
fn from_file(path: &Path) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let text = crate::scenario::read_text(path)
        .map_err(|what| Failure::Usage(format!("--design {}: {what}", path.display())))?;
    let wrong = |e: csv::Error| Failure::Usage(format!("--design {}: {e}", path.display()));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers: Vec<String> = reader
        .headers()
        .map_err(wrong)?
        .iter()
        .map(str::to_owned)
        .collect();
    let rows: Result<Vec<csv::StringRecord>, csv::Error> = reader.records().collect();
    let rows = rows.map_err(wrong)?;
    // The files of another sweep may serve: what is no setting is left out.
    let own = ["scenario", "point", "rounds"];
    let kept: Vec<usize> = (0..headers.len())
        .filter(|i| !own.contains(&headers[*i].as_str()))
        .collect();
    let points = rows
        .iter()
        .map(|r| kept.iter().map(|i| r[*i].trim().to_owned()).collect());
    Ok((
        kept.iter().map(|i| headers[*i].clone()).collect(),
        points.collect(),
    ))
}

/// Paths and points of the design asked for.
fn points(args: &SweepArgs, seed: u64) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let axes: Result<Vec<(String, Axis)>, Failure> = args.over.iter().map(|t| axis(t)).collect();
    let (mut paths, axes): (Vec<String>, Vec<Axis>) = axes?.into_iter().unzip();
    let points = match args.design.as_str() {
        "factorial" | "lhs" | "sobol" if axes.is_empty() => {
            return Err(Failure::Usage(
                "nothing to sweep: name a setting with --over".to_owned(),
            ));
        }
        "factorial" => {
            let size = design::factorial_size(&axes).filter(|n| *n <= MOST);
            let Some(_) = size else {
                return Err(Failure::Usage(format!(
                    "more than {MOST} combinations; fewer values, or --design lhs or sobol"
                )));
            };
            design::factorial(&axes)
        }
        "lhs" => design::latin_hypercube(&axes, args.points as usize, seed),
        "sobol" => {
            let rows = Sobol::new(axes.len(), seed, "sweep/sobol").take(args.points as usize);
            design::at(&axes, &rows.collect::<Vec<_>>())
        }
        file if Path::new(file).extension().is_some_and(|x| x == "csv") => {
            if !axes.is_empty() {
                return Err(Failure::Usage(
                    "--over and a design in a file exclude each other".to_owned(),
                ));
            }
            let (columns, points) = from_file(Path::new(file))?;
            paths = columns;
            points
        }
        other => {
            return Err(Failure::Usage(format!(
                "--design {other}: factorial, lhs, sobol, or a file that ends in .csv"
            )));
        }
    };
    if points.is_empty() || points.len() > MOST {
        return Err(Failure::Usage(format!(
            "{} points: a sweep has 1 to {MOST}",
            points.len()
        )));
    }
    let twice = (1..paths.len()).find(|i| paths[..*i].contains(&paths[*i]));
    if let Some(i) = twice {
        return Err(Failure::Usage(format!(
            "the setting {} stands twice",
            paths[i]
        )));
    }
    Ok((paths, points))
}

pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let (base, _) = load(&args.scenario, &args.play.set.settings)?;
    let seed = args.play.seed.unwrap_or(base.seed);
    let (paths, points) = points(args, seed)?;
    let plans = plans(args, &paths, &points)?;
    let rounds = args.play.rounds.unwrap_or(ROUNDS);
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(format!("sweep_{}", base.name)));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let workers = args.play.workers()?;
    let bar = progress_bar(rounds * plans.len() as u64);
    let watch = signals.watch(&bar);
    let mut counts: Vec<Counts> = plans.iter().map(Counts::new).collect();
    let mut first = 0;
    let mut stopped = false;
    'turns: while first < rounds {
        let turn = TURN.min(rounds - first);
        let mut more = Vec::new();
        for plan in &plans {
            match count::<WIDTH>(plan, seed, (first, turn), workers, watch) {
                Ok(found) => more.push(found),
                Err(RunError::Interrupted) if first > 0 => {
                    stopped = true;
                    break 'turns;
                }
                Err(e) => return Err(e.into()),
            }
        }
        // A turn counts once every point has had it.
        for (all, found) in counts.iter_mut().zip(&more) {
            all.merge(found);
        }
        first += turn;
    }
    bar.finish_and_clear();
    let sweep = Sweep {
        scenario: &base,
        paths: &paths,
        points: &points,
        counts: &counts,
    };
    write_tables(folder, sweep.tables(), |files| {
        Manifest::several("sweep", [&base], seed, first, files)
    })?;
    published(
        &target,
        &summary(&sweep, seed, first, layout()),
        &["outcomes.csv", "flags.csv"],
    )?;
    if stopped {
        return Err(Failure::Stopped(format!(
            "interrupted; {first} of {rounds} rounds of every point are written"
        )));
    }
    Ok(())
}

/// The plan of every point; the faults of all points that have any.
fn plans(args: &SweepArgs, paths: &[String], points: &[Vec<String>]) -> Result<Vec<Plan>, Failure> {
    let mut out = Vec::new();
    let mut worst: Option<Failure> = None;
    for (p, values) in points.iter().enumerate() {
        let mut settings = args.play.set.settings.clone();
        let pairs = paths.iter().zip(values);
        settings.extend(pairs.map(|(path, value)| format!("{path}={value}")));
        match load(&args.scenario, &settings) {
            Ok((_, plan)) => out.push(plan),
            // A few faulty points tell enough.
            Err(failure) if p < 3 || worst.is_none() => worst = Some(failure.after(worst)),
            Err(_) => {}
        }
    }
    worst.map_or(Ok(out), Err)
}
