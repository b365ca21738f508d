//! `--shard`: which part of a run, as written or from the environment of a cluster.

use std::env::VarError;

use super::failure::Failure;
use crate::result::{Shard, ShardError};

/// The value of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardArg {
    /// `I/N`
    Given(Shard),
    /// `auto`, or `auto/N`
    Auto(Option<u64>),
}

impl ShardArg {
    /// Reads it, or says what is expected.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("auto") else {
            return text.parse().map(Self::Given).map_err(|e| match e {
                ShardError::Form(_) => {
                    "expected I/N with 0 ≤ I < N, for example 0/8, or `auto` or \
                                        `auto/N` in a job of a cluster"
                        .to_owned()
                }
                ShardError::Beyond { count, .. } => {
                    let last = count - 1;
                    format!("shards are numbered from 0, so the last one is {last}/{count}")
                }
                ShardError::Count(_) => e.to_string(),
            });
        };
        if rest.is_empty() {
            return Ok(Self::Auto(None));
        }
        let count = rest.strip_prefix('/').and_then(|n| n.parse().ok());
        let count = count.ok_or("expected `auto` or `auto/N`, for example auto/8")?;
        // The error says what is wrong with the count.
        Shard::new(0, count).map_err(|e| e.to_string())?;
        Ok(Self::Auto(Some(count)))
    }
}

/// A cluster that runs arrays of jobs, and how it numbers them.
struct Cluster {
    name: &'static str,
    /// The variable with the number of the job.
    index: &'static str,
    /// The variable with the number of jobs.
    count: Option<&'static str>,
    /// The variable with the number of the first job.
    lowest: Option<&'static str>,
    /// The variable with the number of the last job.
    highest: Option<&'static str>,
    /// The variable with the distance between two numbers.
    step: Option<&'static str>,
    /// The number of the first job if no variable has it.
    first: u64,
}

/// All clusters, in the order in which they are looked for.
const CLUSTERS: [Cluster; 7] = [
    Cluster {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        lowest: Some("SLURM_ARRAY_TASK_MIN"),
        highest: Some("SLURM_ARRAY_TASK_MAX"),
        step: Some("SLURM_ARRAY_TASK_STEP"),
        first: 0,
    },
    Cluster {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
        lowest: None,
        highest: None,
        step: None,
        first: 0,
    },
    Cluster {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        count: None,
        lowest: None,
        highest: None,
        step: None,
        first: 0,
    },
    Cluster {
        name: "PBS",
        index: "PBS_ARRAY_INDEX",
        count: None,
        lowest: None,
        highest: None,
        step: None,
        first: 0,
    },
    Cluster {
        name: "Torque",
        index: "PBS_ARRAYID",
        count: None,
        lowest: None,
        highest: None,
        step: None,
        first: 0,
    },
    Cluster {
        name: "Grid Engine",
        index: "SGE_TASK_ID",
        count: None,
        lowest: Some("SGE_TASK_FIRST"),
        highest: Some("SGE_TASK_LAST"),
        step: Some("SGE_TASK_STEPSIZE"),
        first: 1,
    },
    Cluster {
        name: "LSF",
        index: "LSB_JOBINDEX",
        count: None,
        lowest: None,
        highest: Some("LSB_JOBINDEX_END"),
        step: Some("LSB_JOBINDEX_STEP"),
        first: 1,
    },
];

/// The environment: the value of a variable.
pub(super) type Environment<'e> = &'e dyn Fn(&str) -> Result<String, VarError>;

impl ShardArg {
    /// Returns the shard, found in the environment if necessary.
    pub(super) fn find(self, environment: Environment<'_>) -> Result<Shard, Failure> {
        match self {
            Self::Given(shard) => Ok(shard),
            Self::Auto(count) => automatic(count, environment).map_err(Failure::Usage),
        }
    }
}

/// The integer in a variable; nothing if it is not set or empty.
fn number(environment: Environment<'_>, name: &str) -> Result<Option<u64>, String> {
    let text = match environment(name) {
        Ok(text) => text,
        Err(VarError::NotPresent) => return Ok(None),
        Err(VarError::NotUnicode(_)) => return Err(format!("--shard auto: {name} is not UTF-8")),
    };
    let text = text.trim();
    // Grid Engine sets this for jobs outside arrays.
    if text.is_empty() || text == "undefined" {
        return Ok(None);
    }
    match text.parse() {
        Ok(n) => Ok(Some(n)),
        Err(_) => Err(format!("--shard auto: {name}={text} is not an integer")),
    }
}

fn automatic(count: Option<u64>, environment: Environment<'_>) -> Result<Shard, String> {
    for cluster in &CLUSTERS {
        // LSF gives jobs outside arrays the index 0.
        let index = number(environment, cluster.index)?;
        if let Some(index) = index.filter(|i| cluster.name != "LSF" || *i > 0) {
            return cluster.shard(index, count, environment);
        }
    }
    let names: Vec<&str> = CLUSTERS.iter().map(|c| c.index).collect();
    Err(format!(
        "--shard auto: not in a job of an array, as none of {} is set; use --shard I/N",
        names.join(", ")
    ))
}

impl Cluster {
    fn shard(
        &self,
        index: u64,
        count: Option<u64>,
        environment: Environment<'_>,
    ) -> Result<Shard, String> {
        let find = |name: Option<&str>| name.map_or(Ok(None), |n| number(environment, n));
        let step = find(self.step)?.unwrap_or(1).max(1);
        let start = find(self.lowest)?.unwrap_or(self.first);
        let last = find(self.highest)?;
        let spanned = last
            .and_then(|last| last.checked_sub(start))
            .map(|span| span / step + 1);
        let counted = find(self.count)?;
        let of = count.or(counted).or(spanned).ok_or_else(|| {
            format!(
                "--shard auto: {} sets the index of this job ({}={index}), but not the number of \
                 jobs; use --shard auto/N",
                self.name, self.index
            )
        })?;
        let from_start = index.checked_sub(start).filter(|d| d % step == 0);
        let place = from_start.map(|d| d / step).ok_or_else(|| {
            format!(
                "--shard auto: {}={index} is not one of the indices {start}, {}, … of the array",
                self.index,
                start.saturating_add(step)
            )
        })?;
        // A list such as 1,5,7 has no constant distance.
        if count.is_none() && counted.zip(spanned).is_some_and(|(c, s)| c != s) {
            return Err(format!(
                "--shard auto: the indices of the {} array have gaps ({} jobs from {start} to {}), so \
                 the shard of each job is ambiguous; number the jobs from 0 to N - 1, or use \
                 --shard I/N, or auto/N if shards are left out on purpose",
                self.name,
                counted.unwrap_or_default(),
                last.unwrap_or_default(),
            ));
        }
        Shard::new(place, of).map_err(|e| {
            format!(
                "--shard auto: {} with {}={index}: {e}; does the array start at {start}?",
                self.name, self.index
            )
        })
    }
}
