//! Which priors and switches matter, and how much is chance.

use std::path::PathBuf;

use super::control::{Control, Note};
use super::designs::{Saltelli, Sample, Trajectories};
use super::error::StudyError;
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use super::switches::{SWITCHES, plans};
use crate::analysis::sensitivity::bootstrap::Bootstrap;
use crate::analysis::sensitivity::effects::{Effect, effects};
use crate::analysis::sensitivity::floor::{self, Floor};
use crate::analysis::sensitivity::{given_data, morris, variance};
use crate::ensemble::{Design, Detail, PlayError, Player, RoundRecord, Rounds, WIDTH, Workers};
use crate::plan::Plan;
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::quantity::Quantity;
use crate::table::Table;
use crate::table::sensitivity::{Frame, Indices, Input, Target};

/// Levels of a Morris grid.
const LEVELS: usize = 4;
/// False-alarm rate of a shape.
const SHAPE_ALARM: f64 = 0.001;
/// Inputs that nothing reads, to see what an input without effect looks like.
const DUMMIES: usize = 16;
/// Probability, for each target, that some input without effect is found to have one.
const FLOOR_ALARM: f64 = 0.01;

/// Methods of sensitivity analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Sobol' indices by Saltelli's design: as many rows as given, a power of two, for each input.
    Sobol,
    /// Elementary effects by Morris's trajectories.
    Morris,
    /// First-order indices, Borgonovo's delta and PAWN from independent rounds.
    Given,
}

/// Options of a sensitivity analysis.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    /// What all studies share.
    pub play: Play,
    /// The method.
    pub method: Method,
    /// Rows of Sobol' tables (by default 4,096), trajectories of Morris (400), or rounds (20,000).
    pub rows: Option<u64>,
    /// Whether flags are targets too.
    pub flags: bool,
    /// Whether structural switches vary too.
    pub switches: bool,
}

play_options!(Sensitivity);

impl Sensitivity {
    /// All priors and switches by a method, with outcomes as targets.
    #[must_use]
    pub fn new(method: Method) -> Self {
        Self {
            play: Play::default(),
            method,
            rows: None,
            flags: false,
            switches: true,
        }
    }
}

/// Indices of one method, and what belongs to them.
#[derive(Debug)]
pub struct Found {
    /// Rounds played.
    pub rounds: u64,
    /// Rows of the design.
    pub rows: u64,
    /// Indices, by input, then target.
    pub indices: Indices,
    /// Effects of switches and priors, by input, then target; empty for Morris's method.
    pub effects: Vec<Vec<Effect>>,
    /// Share of rows in which each target occurred; the mean of a quantity.
    pub shares: Vec<f64>,
    /// Which targets are quantities: effects on them have units of their own.
    pub quantities: Vec<bool>,
}

/// What a sensitivity analysis found.
#[derive(Debug)]
pub struct SensitivityResult {
    scenario: Scenario,
    plan: Plan,
    inputs: Vec<Input>,
    targets: Vec<Target>,
    found: Found,
    seed: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(SensitivityResult);

impl SensitivityResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What the analysis is about.
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            scenario: &self.scenario,
            plan: &self.plan,
            inputs: &self.inputs,
            targets: &self.targets,
        }
    }

    /// The indices.
    #[must_use]
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Every table of the result.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let found = &self.found;
        self.frame().tables(&found.indices, &found.effects)
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, self.tables(), |files| {
            let (scenarios, rounds) = ([&self.scenario], self.found.rounds);
            Manifest::several("sensitivity", scenarios, self.seed, rounds, files)
        })
    }
}

impl Study {
    /// Estimates how much of each outcome's variance goes with each prior, each switch and chance.
    ///
    /// # Errors
    /// When nothing varies, the folder cannot be used or written, or it is stopped.
    pub fn sensitivity(self, options: &Sensitivity) -> Result<SensitivityResult, StudyError> {
        let play = &options.play;
        self.heeds(play, Some("--rows"))?;
        let switches = if options.switches { SWITCHES.len() } else { 0 };
        self.leaves_to_vary(&SWITCHES[..switches])?;
        let mut inputs = Input::all(&SWITCHES[..switches], &self.plan);
        if inputs.is_empty() {
            return Err(StudyError::Invalid(
                "nothing to vary: the scenario has no priors".to_owned(),
            ));
        }
        let varied = inputs.len();
        if options.method == Method::Sobol {
            inputs.push(Input::Chance);
        }
        let seed = play.seed.unwrap_or(self.seed);
        let targets = targets(&self.scenario, options.flags, &self.quantities);
        let named: Vec<&str> = targets.iter().map(|t| t.id.as_str()).collect();
        let rows = options.rows.unwrap_or(match options.method {
            Method::Sobol => 4_096,
            Method::Morris => 400,
            Method::Given => 20_000,
        });
        let request = Request::new("sensitivity", [&self.scenario], seed, 0)
            .with("method", format!("{:?}", options.method).to_lowercase())
            .with("targets", named.join(", "))
            .with("switches", options.switches)
            .with("rows", rows);
        let folder = play.open(format!("sensitivity_{}", self.scenario.name), &request)?;
        let stage = Stage {
            plans: plans(&self.plan, switches),
            switches,
            seed,
            workers: play.workers,
            control: &play.control,
            scenario: &self.scenario,
            targets: &targets,
        };
        let found = match options.method {
            Method::Sobol => stage.sobol(varied, rows)?,
            Method::Morris => stage.morris(varied, rows)?,
            Method::Given => stage.given(varied, rows)?,
        };
        SensitivityResult {
            scenario: self.scenario,
            plan: self.plan,
            inputs,
            targets,
            found,
            seed,
            request,
            folder: None,
        }
        .finished(folder)
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

/// The share of rows in which each target occurred.
fn shares(outputs: &[Vec<f64>]) -> Vec<f64> {
    let targets = outputs.first().map_or(0, Vec::len);
    // Of a quantity, its mean.
    let sum = |t: usize| outputs.iter().map(|row| row[t]).sum::<f64>();
    (0..targets)
        .map(|t| sum(t) / outputs.len() as f64)
        .collect()
}

/// What plays the rows of a design: a plan for every setting of the switches, and the rest.
struct Stage<'a> {
    plans: Vec<Plan>,
    switches: usize,
    seed: u64,
    workers: Workers,
    control: &'a Control,
    scenario: &'a Scenario,
    targets: &'a [Target],
}

impl Stage<'_> {
    /// Plays rows 0 to `count − 1`; `switch` returns the uniform number of a row's switch. Returns
    /// outputs by row, then target: 1 or 0, or the value of a quantity.
    fn play(
        &self,
        design: &impl Design,
        count: u64,
        switch: impl Fn(u64, usize) -> f64,
    ) -> Result<Vec<Vec<f64>>, StudyError> {
        let mut groups: Vec<Vec<u64>> = vec![Vec::new(); self.plans.len()];
        for label in 0..count {
            let setting = (0..self.switches).fold(0, |setting, s| {
                setting << 1 | usize::from(switch(label, s) >= 0.5)
            });
            groups[setting].push(label);
        }
        let mut out = vec![Vec::new(); count as usize];
        self.control.stage(count, |watch| {
            let player = Player {
                seed: self.seed,
                workers: self.workers,
                watch,
            };
            for (plan, labels) in self.plans.iter().zip(&groups) {
                let rows = Rounds::Rows(design, labels);
                for record in player.records::<WIDTH>(plan, &rows, Detail::Summary)? {
                    out[record.round as usize] = self.outputs(&record);
                }
            }
            Ok::<(), PlayError>(())
        })?;
        Ok(out)
    }

    fn outputs(&self, record: &RoundRecord) -> Vec<f64> {
        let outcomes = self.scenario.outcomes.len();
        let quantities = self.targets.len() - record.watched.len();
        let came = (0..quantities).map(|t| {
            if t < outcomes {
                record.outcome == t
            } else {
                record.flags[t - outcomes]
            }
        });
        // What never happened has no day: it counts as the last one.
        let never = self.scenario.clock.days as f64;
        let read = record.watched.iter().map(|x| f64::from(*x));
        let read = read.map(|x| if x.is_finite() { x } else { never });
        came.map(f64::from).chain(read).collect()
    }

    fn bootstrap(&self) -> Bootstrap<'static> {
        Bootstrap {
            seed: self.seed,
            site: "sensitivity/bootstrap",
            resamples: 100,
        }
    }

    fn found(
        &self,
        (rounds, rows): (u64, u64),
        outputs: &[Vec<f64>],
        effects: Vec<Vec<Effect>>,
        indices: Indices,
    ) -> Found {
        let quantities = self.targets.iter().map(|t| t.kind == "quantity");
        Found {
            rounds,
            rows,
            indices,
            effects,
            shares: shares(outputs),
            quantities: quantities.collect(),
        }
    }

    fn sobol(&self, inputs: usize, rows: u64) -> Result<Found, StudyError> {
        if !rows.is_power_of_two() {
            self.control.note(&Note::NotPowerOfTwo(rows));
        }
        let design = Saltelli {
            design: variance::Design::new(inputs, rows as usize, self.seed, "sensitivity/sobol"),
            switches: self.switches,
            rows,
        };
        let rounds = rows * (inputs as u64 + 3);
        let mut tables = self.play(&design, rounds, |label, s| design.value(label, s))?;
        let n = rows as usize;
        let mut f_ab: Vec<Vec<Vec<f64>>> = (0..=inputs)
            .map(|_| tables.split_off(tables.len() - n))
            .collect();
        f_ab.reverse();
        let f_b = tables.split_off(n);
        let f_a = tables;
        let indices = variance::indices(&f_a, &f_b, &f_ab, self.bootstrap());
        let points: Vec<Vec<f64>> = design.design.a.into_iter().chain(design.design.b).collect();
        let outputs: Vec<Vec<f64>> = f_a.into_iter().chain(f_b).collect();
        let shapes = self.shapes(&points, &outputs);
        Ok(self.found((rounds, rows), &outputs, shapes, Indices::Variance(indices)))
    }

    fn morris(&self, inputs: usize, rows: u64) -> Result<Found, StudyError> {
        let (n, seed) = (rows as usize, self.seed);
        let design = Trajectories {
            points: morris::trajectories(inputs, LEVELS, n, seed, "sensitivity/morris"),
            switches: self.switches,
        };
        let rounds = design.points.len() as u64;
        let outputs = self.play(&design, rounds, |label, s| design.points[label as usize][s])?;
        let screened = morris::screen(&design.points, &outputs, LEVELS, self.bootstrap());
        let indices = Indices::Morris(screened);
        Ok(self.found((rounds, rows), &outputs, Vec::new(), indices))
    }

    fn given(&self, inputs: usize, rows: u64) -> Result<Found, StudyError> {
        let (n, seed) = (rows as usize, self.seed);
        let design = Sample {
            points: variance::Design::new(inputs, n, seed, "sensitivity/given").a,
            switches: self.switches,
        };
        let outputs = self.play(&design, rows, |label, s| design.points[label as usize][s])?;
        let options = given_data::Options {
            classes: None,
            slices: 10,
            bootstrap: self.bootstrap(),
        };
        let dummies = floor::dummies(n, DUMMIES, seed, "sensitivity/dummy");
        let idle = given_data::indices(&dummies, &outputs, &options);
        let floors = (0..self.targets.len()).map(|t| {
            let deltas: Vec<f64> = idle.iter().map(|of| of[t].delta).collect();
            Floor::new(&deltas, inputs, FLOOR_ALARM)
        });
        let found = given_data::indices(&design.points, &outputs, &options);
        let indices = Indices::Given(found, floors.collect());
        let shapes = self.shapes(&design.points, &outputs);
        Ok(self.found((rows, rows), &outputs, shapes, indices))
    }

    /// Effects of switches (in two classes) and priors (in ten).
    fn shapes(&self, points: &[Vec<f64>], outputs: &[Vec<f64>]) -> Vec<Vec<Effect>> {
        let coarse: Vec<Vec<f64>> = points
            .iter()
            .map(|row| {
                let (switches, priors) = row.split_at(self.switches);
                let switches = switches.iter().map(|u| f64::from(*u >= 0.5));
                switches.chain(priors.iter().copied()).collect()
            })
            .collect();
        effects(&coarse, outputs, SHAPE_ALARM)
    }
}
