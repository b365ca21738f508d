//! The conditions under which an outcome is far more frequent: boxes of priors, found by PRIM.

use std::path::PathBuf;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::{Kept, StudyError};
use super::open::Study;
use super::play::{Play, play_options, written_at_once_or_later};
use super::switches::{SWITCHES, is_second, plans};
use crate::analysis::discovery::cover::{Resampling, cover, verdicts};
use crate::analysis::discovery::table::order;
use crate::analysis::discovery::{Options, Region, Table};
use crate::engine::draws;
use crate::ensemble::{Detail, PlayError, Player, RoundRecord, Rounds, WIDTH, Watch};
use crate::plan::Plan;
use crate::result::Request;
use crate::result::folder::{Folder, FolderError};
use crate::result::manifest::Manifest;
use crate::result::write::write_tables;
use crate::scenario::Scenario;
use crate::scenario::fault::nearest;
use crate::table::discovery::{Discovery, Looked};
use crate::table::sensitivity::{Input, Target};

/// Rounds by default.
const ROUNDS: u64 = 100_000;
/// Most rounds: all of them stay in memory, with their priors.
const MOST_ROUNDS: u64 = 2_000_000;

/// Options of a discovery.
#[derive(Debug, Clone)]
pub struct Discover {
    /// What all studies share.
    pub play: Play,
    /// Outcomes to explain, by id; with no outcome and no flag, every outcome.
    pub outcomes: Vec<String>,
    /// Flags to explain, by id.
    pub flags: Vec<String>,
    /// Most boxes of each.
    pub boxes: usize,
    /// Most priors that a box restricts.
    pub conditions: usize,
    /// The smallest box, as a fraction of all rounds.
    pub mass: f64,
    /// From 0, small and dense boxes, to 1, large ones.
    pub breadth: f64,
    /// The largest fraction of a box that is cut off at a time.
    pub alpha: f64,
    /// Resamples that show which conditions are found again.
    pub resamples: u64,
    /// Whether structural switches vary too, each value equally often.
    pub switches: bool,
}

play_options!(Discover);

impl Default for Discover {
    fn default() -> Self {
        Self {
            play: Play::default(),
            outcomes: Vec::new(),
            flags: Vec::new(),
            boxes: 2,
            conditions: 4,
            mass: 0.05,
            breadth: 0.5,
            alpha: 0.05,
            resamples: 10,
            switches: false,
        }
    }
}

/// What a discovery found.
#[derive(Debug)]
pub struct DiscoverResult {
    scenario: Scenario,
    plan: Plan,
    inputs: Vec<Input>,
    resamples: u64,
    targets: Vec<Looked>,
    seed: u64,
    rounds: u64,
    request: Request,
    folder: Option<PathBuf>,
}

written_at_once_or_later!(DiscoverResult);

impl DiscoverResult {
    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of rounds played.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// What was found, as the tables have it.
    #[must_use]
    pub fn discovery(&self) -> Discovery<'_> {
        Discovery {
            scenario: &self.scenario,
            plan: &self.plan,
            inputs: &self.inputs,
            resamples: self.resamples,
            targets: &self.targets,
        }
    }

    fn write(&self, folder: Folder) -> Result<(), FolderError> {
        write_tables(folder, self.discovery().tables(), |files| {
            Manifest::several("discover", [&self.scenario], self.seed, self.rounds, files)
        })
    }
}

impl Study {
    /// Searches for boxes of priors in the even rounds, and judges them by the odd ones.
    ///
    /// # Errors
    /// When there is no such outcome or flag, or nothing varies, the folder cannot be used or
    /// written, or it is stopped.
    pub fn discover(self, options: &Discover) -> Result<DiscoverResult, StudyError> {
        let play = &options.play;
        let control = &play.control;
        self.heeds(play, Some("--rounds"))?;
        let wanted = targets(&options.outcomes, &options.flags, &self.scenario)?;
        let rounds = play.rounds.unwrap_or(ROUNDS);
        if rounds > MOST_ROUNDS {
            return Err(StudyError::Invalid(format!(
                "{rounds} rounds: expected at most {MOST_ROUNDS}, as all of them stay in memory"
            )));
        }
        let switches = if options.switches { SWITCHES.len() } else { 0 };
        self.leaves_to_vary(&SWITCHES[..switches])?;
        let inputs = Input::all(&SWITCHES[..switches], &self.plan);
        if inputs.is_empty() {
            return Err(StudyError::Invalid(
                "nothing to discover: the scenario has no priors".to_owned(),
            ));
        }
        let seed = play.seed.unwrap_or(self.seed);
        let named: Vec<&str> = wanted.iter().map(|(t, _)| t.id.as_str()).collect();
        let request = Request::new("discover", [&self.scenario], seed, rounds)
            .with("targets", named.join(", "))
            .with("boxes", options.boxes)
            .with("conditions", options.conditions)
            .with("mass", options.mass)
            .with("breadth", options.breadth)
            .with("alpha", options.alpha)
            .with("resamples", options.resamples)
            .with("switches", options.switches);
        let folder = play.open(format!("discover_{}", self.scenario.name), &request)?;
        let plans = plans(&self.plan, switches);
        let played = control.stage(rounds, |watch| {
            sample(&plans, play.player(seed, watch), rounds)
        })?;
        let values = values(&played, switches, inputs.len());
        let order = order(&values);
        let targets = control.stage_of(wanted.len() as u64, "targets", |watch| {
            let found = wanted.into_iter().map(|(target, place)| {
                let hits: Vec<bool> = played
                    .iter()
                    .map(|(_, s)| match target.kind {
                        "outcome" => s.outcome == place,
                        _ => s.flags[place],
                    })
                    .collect();
                let table = (&*values, &*order);
                let looked = look(options, seed, target, table, &hits, watch);
                watch.advance(1);
                if watch.is_stopped() {
                    return Err(StudyError::Interrupted(Kept::Nothing));
                }
                Ok(looked)
            });
            found.collect::<Result<Vec<_>, _>>()
        })?;
        DiscoverResult {
            scenario: self.scenario,
            plan: self.plan,
            inputs,
            resamples: options.resamples,
            targets,
            seed,
            rounds,
            request,
            folder: None,
        }
        .finished(folder)
    }
}

/// What is to be explained, with its index among outcomes or flags; all unknown ids at once.
pub(super) fn targets(
    outcomes_wanted: &[String],
    flags_wanted: &[String],
    s: &Scenario,
) -> Result<Vec<(Target, usize)>, StudyError> {
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
                    let near = near.map(|n| format!("; did you mean `{n}`?"));
                    let near = near.unwrap_or_else(|| {
                        let ids: Vec<&str> = known.iter().map(|k| k.0).collect();
                        match ids.len() {
                            0 => format!("; the scenario has no {kind}s"),
                            _ => format!("; expected one of {}", ids.join(", ")),
                        }
                    });
                    wrong.push(format!("unknown {kind} `{id}`{near}"));
                }
            }
        }
    };
    look("outcome", outcomes_wanted, &outcomes);
    look("flag", flags_wanted, &flags);
    if !wrong.is_empty() {
        return Err(StudyError::invalid(wrong));
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

/// Plays all rounds, each under one setting of the switches; returns them in order, each with its
/// setting.
fn sample(
    plans: &[Plan],
    player: Player<'_>,
    rounds: u64,
) -> Result<Vec<(usize, RoundRecord)>, PlayError> {
    let mut stream = ChaCha8Rng::from_seed(draws::key(player.seed, "discover/switches"));
    let mut groups: Vec<Vec<u64>> = vec![Vec::new(); plans.len()];
    for round in 0..rounds {
        // The number of plans is a power of two.
        let setting = stream.next_u32() as usize & (plans.len() - 1);
        groups[setting].push(round);
    }
    let mut out = Vec::with_capacity(rounds as usize);
    for (setting, (plan, own)) in plans.iter().zip(&groups).enumerate() {
        let found = player.records::<WIDTH>(plan, &Rounds::Listed(own), Detail::Priors)?;
        out.extend(found.into_iter().map(|s| (setting, s)));
    }
    out.sort_unstable_by_key(|(_, s)| s.round);
    Ok(out)
}

/// Values of inputs, by input, then round; those of switches are 0 or 1.
fn values(played: &[(usize, RoundRecord)], switches: usize, inputs: usize) -> Vec<Vec<f32>> {
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
    options: &Discover,
    seed: u64,
    target: Target,
    (values, order): (&[Vec<f32>], &[Vec<u32>]),
    hits: &[bool],
    watch: Watch<'_>,
) -> Looked {
    let peeling = Options {
        alpha: options.alpha,
        mass: options.mass,
        breadth: options.breadth,
        inputs: options.conditions,
    };
    let half = |odd: usize| (0..hits.len()).map(|row| row % 2 == odd).collect();
    let search = Table::new(values, hits, order, half(0));
    let others = Table::new(values, hits, order, half(1));
    let site = format!("discover/{}/{}", target.kind, target.id);
    let resampling = Resampling {
        seed,
        site: &site,
        resamples: options.resamples,
    };
    let found = cover(&search, &peeling, options.boxes, resampling, watch);
    let verdicts = verdicts(&others, &found);
    Looked {
        target,
        search: search.count(&Region::default()),
        others: others.count(&Region::default()),
        boxes: found.into_iter().zip(verdicts).collect(),
    }
}
