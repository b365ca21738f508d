//! `kzsim discover`

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::common::{Failure, PlayArgs, Signals, layout, load, progress_bar};
use super::switches::{SWITCHES, is_second, plans};
use super::terminal::published;
use crate::analysis::discovery::cover::{Resampling, cover, verdicts};
use crate::analysis::discovery::table::order;
use crate::analysis::discovery::{Options, Region, Table};
use crate::engine::draws;
use crate::ensemble::WIDTH;
use crate::ensemble::sample::{Sampled, play_sample};
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::fault::nearest;
use crate::table::discovery::{Discovery, Looked};
use crate::table::sensitivity::{Input, Target};
use crate::text::discovery::summary;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rounds if nobody says how many.
const ROUNDS: u64 = 100_000;
/// Most rounds: all of them stay in memory, with their priors.
const MOST_ROUNDS: u64 = 2_000_000;

/// Say under which conditions an outcome comes far more often: boxes of priors, found by PRIM.
///
/// Boxes are found in the even rounds; every share that is told comes from the odd ones, which the
/// search has not seen. Without --outcome and --flag it looks at every outcome.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim discover scenarios/base.toml --outcome patron_prevails
  kzsim discover scenarios/base.toml                        # every outcome
  kzsim discover scenarios/base.toml --outcome street_wins --rounds 1000000
  kzsim discover scenarios/base.toml --outcome patron_prevails --breadth 0.2 --mass 0.01   # small and dense
  kzsim discover scenarios/base.toml --flag self_coup --switches")]
pub(super) struct DiscoverArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// An outcome to look at; may be repeated
    #[arg(long = "outcome", value_name = "OUTCOME")]
    outcomes: Vec<String>,
    /// A flag to look at; may be repeated
    #[arg(long = "flag", value_name = "FLAG")]
    flags: Vec<String>,
    /// Most boxes of each
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=20))]
    boxes: u8,
    /// Most priors that a box restricts
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=100))]
    conditions: u8,
    /// Smallest box, as a part of all rounds
    #[arg(long, value_name = "PART", default_value_t = 0.05, value_parser = between::<1, 900_000>)]
    mass: f64,
    /// From 0, small and dense boxes, to 1, large ones
    #[arg(long, value_name = "B", default_value_t = 0.5, value_parser = between::<0, 1_000_000>)]
    breadth: f64,
    /// Part of a box that is cut off at a time, at most
    #[arg(long, value_name = "PART", default_value_t = 0.05, value_parser = between::<1_000, 500_000>)]
    alpha: f64,
    /// Resamples that say which conditions are found again
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    resamples: u64,
    /// Vary the structural switches too, each value as often
    #[arg(long)]
    switches: bool,
    #[command(flatten)]
    play: PlayArgs,
}

/// A number between two bounds, in millionths.
fn between<const LOW: u32, const HIGH: u32>(text: &str) -> Result<f64, String> {
    let (low, high) = (f64::from(LOW) / 1e6, f64::from(HIGH) / 1e6);
    match text.parse() {
        Ok(x) if (low..=high).contains(&x) => Ok(x),
        _ => Err(format!("a number from {low} to {high}")),
    }
}

/// What is looked at, and its place among outcomes or flags; all wrong names at once.
fn targets(args: &DiscoverArgs, s: &Scenario) -> Result<Vec<(Target, usize)>, Failure> {
    let outcomes: Vec<(&str, &str)> = s.outcomes.iter().map(|o| (&*o.id, &*o.name)).collect();
    let flags: Vec<(&str, &str)> = s.flags.iter().map(|f| (&*f.id, &*f.name)).collect();
    let mut wrong = Vec::new();
    let mut out = Vec::new();
    let mut look = |kind: &'static str, wanted: &[String], known: &[(&str, &str)]| {
        for id in wanted {
            match known.iter().position(|(k, _)| k == id) {
                Some(i) => out.push((target(kind, known[i]), i)),
                None => {
                    let near = nearest(id, known.iter().map(|k| k.0));
                    let near = near.map(|n| format!("; did you mean {n}?"));
                    let near = near.unwrap_or_default();
                    wrong.push(format!(
                        "--{kind} {id}: the scenario has none of that name{near}"
                    ));
                }
            }
        }
    };
    look("outcome", &args.outcomes, &outcomes);
    look("flag", &args.flags, &flags);
    if !wrong.is_empty() {
        return Err(Failure::Usage(wrong.join("\nerror: ")));
    }
    if out.is_empty() {
        let every = outcomes.iter().enumerate();
        out.extend(every.map(|(i, o)| (target("outcome", *o), i)));
    }
    Ok(out)
}

fn target(kind: &'static str, (id, name): (&str, &str)) -> Target {
    Target {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

pub(super) fn discover(args: &DiscoverArgs) -> Result<(), Failure> {
    let (scenario, plan) = load(&args.scenario, &args.play.set.settings)?;
    let wanted = targets(args, &scenario)?;
    let rounds = args.play.rounds.unwrap_or(ROUNDS);
    if rounds > MOST_ROUNDS {
        return Err(Failure::Usage(format!(
            "--rounds {rounds}: here at most {MOST_ROUNDS}, as all rounds stay in memory"
        )));
    }
    let switches = if args.switches { SWITCHES.len() } else { 0 };
    let mut inputs: Vec<Input> = SWITCHES[..switches]
        .iter()
        .map(|(path, values)| Input::Switch(path, *values))
        .collect();
    inputs.extend((0..plan.priors.len()).map(Input::Prior));
    if inputs.is_empty() {
        return Err(Failure::Usage(
            "the scenario has no prior: there are no conditions to look for".to_owned(),
        ));
    }
    let seed = args.play.seed.unwrap_or(scenario.seed);
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(format!("discover_{}", scenario.name)));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let plans = plans(&args.play.set.settings, switches, |settings| {
        load(&args.scenario, settings).map(|(_, plan)| plan)
    })?;
    let played = play(args, &plans, seed, rounds, &signals)?;
    let values = columns_of(&played, switches, inputs.len());
    let mut found = Discovery {
        scenario: &scenario,
        plan: &plan,
        inputs,
        resamples: args.resamples,
        targets: Vec::new(),
    };
    let order = order(&values);
    let bar = progress_bar(wanted.len() as u64);
    for (target, place) in wanted {
        let hits: Vec<bool> = played
            .iter()
            .map(|(_, s)| match target.kind {
                "outcome" => s.brief.outcome as usize == place,
                _ => s.brief.flag(place),
            })
            .collect();
        let looked = look(args, seed, target, (&values, &order), &hits, &signals.stop);
        if signals.stop.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        found.targets.push(looked);
        bar.inc(1);
    }
    bar.finish_and_clear();
    write_tables(folder, found.tables(), |files| {
        Manifest::several("discover", [&scenario], seed, rounds, files)
    })?;
    let text = summary(&found, seed, rounds, layout());
    published(&target, &text, &["boxes.csv", "limits.csv"])
}

/// Plays all rounds, each under one setting of the switches; in the order of rounds.
fn play(
    args: &DiscoverArgs,
    plans: &[Plan],
    seed: u64,
    rounds: u64,
    signals: &Signals,
) -> Result<Vec<(usize, Sampled)>, Failure> {
    let mut stream = ChaCha8Rng::from_seed(draws::key(seed, "discover/switches"));
    let mut groups: Vec<Vec<u64>> = vec![Vec::new(); plans.len()];
    for round in 0..rounds {
        // There is a power of two of them.
        let setting = stream.next_u32() as usize & (plans.len() - 1);
        groups[setting].push(round);
    }
    let workers = args.play.workers()?;
    let bar = progress_bar(rounds);
    let mut out = Vec::with_capacity(rounds as usize);
    for (setting, (plan, own)) in plans.iter().zip(&groups).enumerate() {
        let found = play_sample::<WIDTH>(plan, seed, own, workers, signals.watch(&bar))?;
        out.extend(found.into_iter().map(|s| (setting, s)));
    }
    bar.finish_and_clear();
    out.sort_unstable_by_key(|(_, s)| s.brief.label);
    Ok(out)
}

/// Values of inputs, by input, then round: switches are 0 or 1.
fn columns_of(played: &[(usize, Sampled)], switches: usize, inputs: usize) -> Vec<Vec<f32>> {
    let switch = |s: usize| {
        let each = played.iter();
        each.map(move |(setting, _)| f32::from(u8::from(is_second(s, *setting, switches))))
            .collect()
    };
    let prior = |p: usize| played.iter().map(|(_, s)| s.priors[p]).collect();
    let switched = (0..switches).map(switch);
    switched.chain((0..inputs - switches).map(prior)).collect()
}

/// Boxes of one target, and what the other rounds say of them.
fn look(
    args: &DiscoverArgs,
    seed: u64,
    target: Target,
    (values, order): (&[Vec<f32>], &[Vec<u32>]),
    hits: &[bool],
    stop: &AtomicBool,
) -> Looked {
    let options = Options {
        alpha: args.alpha,
        mass: args.mass,
        breadth: args.breadth,
        inputs: usize::from(args.conditions),
    };
    let half = |odd: usize| (0..hits.len()).map(|row| row % 2 == odd).collect();
    let search = Table::new(values, hits, order, half(0));
    let others = Table::new(values, hits, order, half(1));
    let site = format!("discover/{}/{}", target.kind, target.id);
    let resampling = Resampling {
        seed,
        site: &site,
        resamples: args.resamples,
    };
    let found = cover(&search, &options, usize::from(args.boxes), resampling, stop);
    let verdicts = verdicts(&others, &found);
    Looked {
        target,
        search: search.count(&Region::default()),
        others: others.count(&Region::default()),
        boxes: found.into_iter().zip(verdicts).collect(),
    }
}
