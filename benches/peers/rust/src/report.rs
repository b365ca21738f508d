//! Command line, counting and the report: one JSON line on standard output.

use std::time::Instant;

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use crate::model::{ACTIONS, Clock, FLAGS, OUTCOMES};

/// What one round gave.
#[derive(Clone, Copy, Debug)]
pub struct Played {
    /// Index into `OUTCOMES`.
    pub outcome: usize,
    /// In the order of `FLAGS`.
    pub flags: [bool; 2],
    /// Whether each of `ACTIONS` took effect.
    pub actions: [bool; 6],
    /// Day of the outcome.
    pub day: f64,
}

impl Played {
    /// From the outcome with its day and what the clocks hold.
    #[must_use]
    pub fn new(ending: (usize, f64), shocked: bool, seized: bool, clocks: &[Clock; 5]) -> Self {
        let [concession, building, seize, dismiss, storm] = clocks.map(|clock| clock.decisions > 0);
        let (outcome, day) = ending;
        Self {
            outcome,
            flags: [seized, building],
            actions: [shocked, concession, building, seize, dismiss, storm],
            day,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Totals {
    outcomes: [u64; 5],
    flags: [u64; 2],
    actions: [u64; 6],
    days: f64,
}

impl Totals {
    fn with(mut self, round: Played) -> Self {
        self.outcomes[round.outcome] += 1;
        for (count, held) in self.flags.iter_mut().zip(round.flags) {
            *count += u64::from(held);
        }
        for (count, taken) in self.actions.iter_mut().zip(round.actions) {
            *count += u64::from(taken);
        }
        self.days += round.day;
        self
    }

    fn plus(mut self, other: Self) -> Self {
        let add = |to: &mut [u64], from: &[u64]| {
            for (to, from) in to.iter_mut().zip(from) {
                *to += from;
            }
        };
        add(&mut self.outcomes, &other.outcomes);
        add(&mut self.flags, &other.flags);
        add(&mut self.actions, &other.actions);
        self.days += other.days;
        self
    }
}

struct Args {
    rounds: u64,
    seed: u64,
    threads: usize,
}

fn args() -> Result<Args, String> {
    let mut args = Args {
        rounds: 10_000,
        seed: 1,
        threads: 1,
    };
    let mut words = std::env::args().skip(1);
    while let Some(key) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| format!("{key} needs a number"))?;
        let number = value
            .parse::<u64>()
            .map_err(|e| format!("{key} {value}: {e}"))?;
        match key.as_str() {
            "--rounds" => args.rounds = number,
            "--seed" => args.seed = number,
            "--threads" => {
                args.threads =
                    usize::try_from(number).map_err(|e| format!("{key} {value}: {e}"))?;
            }
            _ => return Err(format!("unknown option {key}")),
        }
    }
    if args.rounds == 0 || args.threads == 0 {
        return Err("rounds and threads must be at least 1".to_owned());
    }
    Ok(args)
}

/// Plays the rounds that the command line asks for and prints the report. `play` gets the seed of the
/// run and the number of the round.
///
/// # Panics
///
/// If the threads cannot be started.
pub fn run(tool: &str, version: &str, play: impl Fn(u64, u64) -> Played + Sync) {
    let args = match args() {
        Ok(args) => args,
        Err(fault) => {
            eprintln!("{fault}\nusage: {tool} [--rounds N] [--seed S] [--threads T]");
            std::process::exit(2);
        }
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()
        .expect("threads can be started");
    let begin = Instant::now();
    let totals = pool.install(|| {
        (0..args.rounds)
            .into_par_iter()
            .fold(Totals::default, |totals, round| {
                totals.with(play(args.seed, round))
            })
            .reduce(Totals::default, Totals::plus)
    });
    let seconds = begin.elapsed().as_secs_f64();

    let counts = |ids: &[&str], counts: &[u64]| -> Map<String, Value> {
        ids.iter()
            .zip(counts)
            .map(|(id, count)| ((*id).to_owned(), json!(count)))
            .collect()
    };
    let report = json!({
        "tool": tool,
        "version": version,
        "rounds": args.rounds,
        "threads": args.threads,
        "seconds": seconds,
        "outcomes": counts(&OUTCOMES, &totals.outcomes),
        "flags": counts(&FLAGS, &totals.flags),
        "actions": counts(&ACTIONS, &totals.actions),
        "mean_days": totals.days / args.rounds as f64,
    });
    println!("{report}");
}

/// A seed for one round, for tools whose generators have no streams.
#[must_use]
pub fn round_seed(seed: u64, round: u64) -> u64 {
    seed.wrapping_mul(0xD1B5_4A32_D192_ED03).wrapping_add(round)
}
