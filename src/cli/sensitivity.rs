//! `kzsim sensitivity`

use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{Failure, PlayArgs, Signals, layout, load_quantities, progress_bar, say};
use super::switches::{SWITCHES, plans};
use super::terminal::published;
use crate::analysis::sensitivity::bootstrap::Bootstrap;
use crate::analysis::sensitivity::effects::{Effect, effects};
use crate::analysis::sensitivity::floor::{self, Floor, MOST_ROWS};
use crate::analysis::sensitivity::{given_data, morris, variance};
use crate::ensemble::brief::Brief;
use crate::ensemble::rows::{Design, play_rows};
use crate::ensemble::{WIDTH, Workers};
use crate::plan::Plan;
use crate::result::folder::Folder;
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::quantity::Quantity;
use crate::table::sensitivity::{Frame, Indices, Input, Target};
use crate::text::sensitivity::{Found, summary};

/// Levels of a Morris grid.
const LEVELS: usize = 4;
/// How far the ends of a Morris grid are moved inwards, as priors may have no bounds.
const INWARDS: f64 = 0.01;
/// False-alarm rate of a shape.
const SHAPE_ALARM: f64 = 0.001;
/// Inputs that nothing reads, for what an input without effect looks like.
const DUMMIES: usize = 16;
/// Probability that any input without effect is said to have one, for each target.
const FLOOR_ALARM: f64 = 0.01;
/// The first round whose chance rows of table B have.
const OTHER_CHANCE: u64 = 1 << 61;

/// Say which guesses matter: for every prior, structural switch and for chance, how much of each
/// outcome's variance goes with it.
///
/// `sobol` plays a design of ROWS rows and ROWS more for every input; `morris` plays fewer, to
/// see what can be left alone; `given` looks at ROWS plain rounds.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim sensitivity scenarios/base.toml
  kzsim sensitivity scenarios/base.toml --method morris --rows 500
  kzsim sensitivity scenarios/base.toml --method given --rows 20000 --flags
  kzsim sensitivity scenarios/base.toml --quantity 'turnout.max @ 2022-01-05'")]
pub(super) struct SensitivityArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// How
    #[arg(long, value_enum, value_name = "METHOD", default_value = "sobol")]
    method: Method,
    /// Rows: a power of two for sobol [default: 4096], trajectories of morris [default: 400],
    /// rounds for given [default: 20000]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(64..=MOST_ROWS))]
    rows: Option<u64>,
    /// Look at flags too, not at outcomes alone
    #[arg(long)]
    flags: bool,
    /// Look at this number too: an expression, read at the end of a round, or as EXPRESSION @ DATE
    /// at the end of that day; may be repeated
    #[arg(
        long = "quantity",
        value_name = "EXPRESSION",
        allow_hyphen_values = true
    )]
    quantities: Vec<String>,
    /// Leave the structural switches as the scenario has them
    #[arg(long)]
    fixed_switches: bool,
    #[command(flatten)]
    play: PlayArgs,
}

/// Methods of sensitivity analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    /// Sobol indices (Saltelli's design)
    Sobol,
    /// Elementary effects (Morris)
    Morris,
    /// First-order indices, Borgonovo's delta and PAWN from plain rounds
    Given,
}

/// Uniform numbers of a table's row, in the engine's 23 digits, so that none is 0 or 1.
fn digits(u: f64) -> f32 {
    const SCALE: f64 = 8_388_608.0;
    (((u * SCALE).floor().min(SCALE - 1.0) + 0.5) / SCALE) as f32
}

/// Saltelli's design: label = table · rows + row; tables A, B, one for each column, and A in the
/// chance of B.
struct Saltelli {
    design: variance::Design,
    switches: usize,
    rows: u64,
}

impl Saltelli {
    fn value(&self, label: u64, column: usize) -> f64 {
        let (table, row) = ((label / self.rows) as usize, (label % self.rows) as usize);
        let from_b = table == 1 || table == column + 2;
        let from = if from_b {
            &self.design.b
        } else {
            &self.design.a
        };
        from[row][column]
    }

    fn columns(&self) -> usize {
        self.design.a.first().map_or(0, Vec::len)
    }
}

impl Design for Saltelli {
    fn uniform(&self, label: u64, prior: usize) -> f32 {
        digits(self.value(label, self.switches + prior))
    }

    fn chance(&self, label: u64) -> u64 {
        let (table, row) = (label / self.rows, label % self.rows);
        let other = table == 1 || table == self.columns() as u64 + 2;
        if other { OTHER_CHANCE + row } else { row }
    }
}

/// Points of trajectories: label = point; a trajectory is played in one chance.
struct Trajectories {
    points: Vec<Vec<f64>>,
    switches: usize,
}

impl Design for Trajectories {
    fn uniform(&self, label: u64, prior: usize) -> f32 {
        let u = self.points[label as usize][self.switches + prior];
        digits(INWARDS + (1.0 - 2.0 * INWARDS) * u)
    }

    fn chance(&self, label: u64) -> u64 {
        let length = self.points.first().map_or(0, Vec::len) as u64 + 1;
        label / length
    }
}

/// Points each in a chance of its own: label = point.
struct Sample {
    points: Vec<Vec<f64>>,
    switches: usize,
}

impl Design for Sample {
    fn uniform(&self, label: u64, prior: usize) -> f32 {
        digits(self.points[label as usize][self.switches + prior])
    }

    fn chance(&self, label: u64) -> u64 {
        label
    }
}

/// What plays rows: plans for every setting of the switches, and the rest of the run.
struct Stage<'a> {
    plans: Vec<Plan>,
    switches: usize,
    seed: u64,
    workers: Workers,
    signals: &'a Signals,
    frame: &'a Frame<'a>,
}

impl Stage<'_> {
    /// Plays rows 0 to `count − 1`; `switch` gives the uniform number of a row's switch. By row,
    /// then target, 1 or 0.
    fn play(
        &self,
        design: &impl Design,
        count: u64,
        switch: impl Fn(u64, usize) -> f64,
    ) -> Result<Vec<Vec<f64>>, Failure> {
        let mut groups: Vec<Vec<u64>> = vec![Vec::new(); self.plans.len()];
        for label in 0..count {
            let setting = (0..self.switches).fold(0, |setting, s| {
                setting << 1 | usize::from(switch(label, s) >= 0.5)
            });
            groups[setting].push(label);
        }
        let bar = progress_bar(count);
        let mut out = vec![Vec::new(); count as usize];
        for (plan, labels) in self.plans.iter().zip(&groups) {
            let found = play_rows::<WIDTH>(
                plan,
                self.seed,
                design,
                labels,
                self.workers,
                self.signals.watch(&bar),
            )?;
            for brief in found {
                out[brief.label as usize] = self.targets(&brief);
            }
        }
        bar.finish_and_clear();
        Ok(out)
    }

    fn quantities(&self) -> Vec<bool> {
        let targets = self.frame.targets.iter();
        targets.map(|t| t.kind == "quantity").collect()
    }

    fn targets(&self, brief: &Brief) -> Vec<f64> {
        let outcomes = self.frame.scenario.outcomes.len();
        let quantities = self.frame.targets.len() - brief.read.len();
        let came = (0..quantities).map(|t| {
            if t < outcomes {
                brief.outcome as usize == t
            } else {
                brief.flag(t - outcomes)
            }
        });
        // What never happened has no day: it counts as the last one.
        let never = self.frame.scenario.clock.days as f64;
        let read = brief.read.iter().map(|x| f64::from(*x));
        let read = read.map(|x| if x.is_finite() { x } else { never });
        came.map(f64::from).chain(read).collect()
    }
}

fn targets(s: &Scenario, flags: bool, quantities: &[Quantity]) -> Vec<Target> {
    let target = |kind, id: &str, name: &str| Target {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
    };
    let outcomes = s.outcomes.iter().map(|o| target("outcome", &o.id, &o.name));
    let flags = s.flags.iter().take(if flags { usize::MAX } else { 0 });
    outcomes
        .chain(flags.map(|f| target("flag", &f.id, &f.name)))
        .chain(
            quantities
                .iter()
                .map(|q| target("quantity", &q.text, &q.text)),
        )
        .collect()
}

pub(super) fn sensitivity(args: &SensitivityArgs) -> Result<(), Failure> {
    if args.play.rounds.is_some() {
        return Err(Failure::Usage(
            "--rounds: here the number of rounds follows from --rows and the number of inputs"
                .to_owned(),
        ));
    }
    let load = |settings: &[String]| load_quantities(&args.scenario, settings, &args.quantities);
    let (scenario, plan, quantities) = load(&args.play.set.settings)?;
    let switches = if args.fixed_switches {
        0
    } else {
        SWITCHES.len()
    };
    let mut inputs: Vec<Input> = SWITCHES[..switches]
        .iter()
        .map(|(path, values)| Input::Switch(path, *values))
        .collect();
    inputs.extend((0..plan.priors.len()).map(Input::Prior));
    if inputs.is_empty() {
        return Err(Failure::Usage(
            "the scenario has no prior: nothing to vary".to_owned(),
        ));
    }
    let varied = inputs.len();
    if args.method == Method::Sobol {
        inputs.push(Input::Chance);
    }
    let frame = Frame {
        targets: targets(&scenario, args.flags, &quantities),
        scenario: &scenario,
        plan: &plan,
        inputs,
    };
    let seed = args.play.seed.unwrap_or(scenario.seed);
    let target = args
        .play
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(format!("sensitivity_{}", scenario.name)));
    let signals = Signals::listen();
    let folder = Folder::open(&target, args.play.force)?;
    signals.remove_at_exit(folder.gathered());
    let stage = Stage {
        plans: plans(&args.play.set.settings, switches, |settings| {
            load(settings).map(|(_, plan, _)| plan)
        })?,
        switches,
        seed,
        workers: args.play.workers()?,
        signals: &signals,
        frame: &frame,
    };
    let found = match args.method {
        Method::Sobol => sobol(&stage, varied, args.rows.unwrap_or(4_096))?,
        Method::Morris => by_morris(&stage, varied, args.rows.unwrap_or(400))?,
        Method::Given => by_given(&stage, varied, args.rows.unwrap_or(20_000))?,
    };
    let tables = frame.tables(&found.indices, &found.effects);
    let names: Vec<&str> = tables.iter().map(|t| t.file).collect();
    write_tables(folder, tables, |files| {
        Manifest::several("sensitivity", [&scenario], seed, found.rounds, files)
    })?;
    published(&target, &summary(&frame, &found, seed, layout()), &names)
}

fn sobol(stage: &Stage<'_>, inputs: usize, rows: u64) -> Result<Found, Failure> {
    if !rows.is_power_of_two() {
        let above = rows.next_power_of_two();
        say(&format!(
            "note: Sobol' numbers lie most evenly at a power of two: {} or {above} rows, and not {rows}",
            above / 2
        ));
    }
    let design = Saltelli {
        design: variance::Design::new(inputs, rows as usize, stage.seed, "sensitivity/sobol"),
        switches: stage.switches,
        rows,
    };
    let rounds = rows * (inputs as u64 + 3);
    let mut tables = stage.play(&design, rounds, |label, s| design.value(label, s))?;
    let n = rows as usize;
    let mut f_ab: Vec<Vec<Vec<f64>>> = (0..=inputs)
        .map(|_| tables.split_off(tables.len() - n))
        .collect();
    f_ab.reverse();
    let f_b = tables.split_off(n);
    let f_a = tables;
    let bootstrap = Bootstrap {
        seed: stage.seed,
        site: "sensitivity/bootstrap",
        resamples: 100,
    };
    let indices = variance::indices(&f_a, &f_b, &f_ab, bootstrap);
    let points: Vec<Vec<f64>> = design.design.a.into_iter().chain(design.design.b).collect();
    let outputs: Vec<Vec<f64>> = f_a.into_iter().chain(f_b).collect();
    Ok(Found {
        rounds,
        rows,
        effects: shapes(stage, &points, &outputs),
        shares: shares(&outputs),
        quantities: stage.quantities(),
        indices: Indices::Variance(indices),
    })
}

/// Effects of switches (in two classes) and priors (in ten).
fn shapes(stage: &Stage<'_>, points: &[Vec<f64>], outputs: &[Vec<f64>]) -> Vec<Vec<Effect>> {
    let coarse: Vec<Vec<f64>> = points
        .iter()
        .map(|row| {
            let cells = row.iter().enumerate();
            cells
                .map(|(i, u)| {
                    if i < stage.switches {
                        f64::from(*u >= 0.5)
                    } else {
                        *u
                    }
                })
                .collect()
        })
        .collect();
    effects(&coarse, outputs, SHAPE_ALARM)
}

/// The share of rows in which each target came.
fn shares(outputs: &[Vec<f64>]) -> Vec<f64> {
    let targets = outputs.first().map_or(0, Vec::len);
    // Of a quantity, its mean.
    let sum = |t: usize| outputs.iter().map(|row| row[t]).sum::<f64>();
    (0..targets)
        .map(|t| sum(t) / outputs.len() as f64)
        .collect()
}

fn by_morris(stage: &Stage<'_>, inputs: usize, rows: u64) -> Result<Found, Failure> {
    let points = morris::trajectories(
        inputs,
        LEVELS,
        rows as usize,
        stage.seed,
        "sensitivity/morris",
    );
    let design = Trajectories {
        points,
        switches: stage.switches,
    };
    let rounds = design.points.len() as u64;
    let outputs = stage.play(&design, rounds, |label, s| design.points[label as usize][s])?;
    let bootstrap = Bootstrap {
        seed: stage.seed,
        site: "sensitivity/bootstrap",
        resamples: 100,
    };
    Ok(Found {
        rounds,
        rows,
        effects: Vec::new(),
        shares: shares(&outputs),
        quantities: stage.quantities(),
        indices: Indices::Morris(morris::screen(&design.points, &outputs, LEVELS, bootstrap)),
    })
}

fn by_given(stage: &Stage<'_>, inputs: usize, rows: u64) -> Result<Found, Failure> {
    let design = Sample {
        points: variance::Design::new(inputs, rows as usize, stage.seed, "sensitivity/given").a,
        switches: stage.switches,
    };
    let outputs = stage.play(&design, rows, |label, s| design.points[label as usize][s])?;
    let options = given_data::Options {
        classes: None,
        slices: 10,
        bootstrap: Bootstrap {
            seed: stage.seed,
            site: "sensitivity/bootstrap",
            resamples: 100,
        },
    };
    let dummies = floor::dummies(rows as usize, DUMMIES, stage.seed, "sensitivity/dummy");
    let idle = given_data::indices(&dummies, &outputs, &options);
    let floors = (0..stage.frame.targets.len()).map(|t| {
        let deltas: Vec<f64> = idle.iter().map(|of| of[t].delta).collect();
        Floor::new(&deltas, inputs, FLOOR_ALARM)
    });
    let found = given_data::indices(&design.points, &outputs, &options);
    Ok(Found {
        rounds: rows,
        rows,
        effects: shapes(stage, &design.points, &outputs),
        shares: shares(&outputs),
        quantities: stage.quantities(),
        indices: Indices::Given(found, floors.collect()),
    })
}
