//! The history of a round as data: one entry for each thing that `trace` tells.

use serde::Serialize;
use serde_json::{Map, Value};

/// Something that is told of a round.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Days since the start.
    pub day: f64,
    /// The moment, as `2022-01-05 06:00`.
    pub at: String,
    /// `state`, `decision`, `effect`, `branch`, `lapse`, `side`, `office` or `outcome`.
    pub kind: &'static str,
    /// Id of the action, branch, actor, office or outcome; empty of a state.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// Id of the actor who decides, if somebody does.
    pub actor: Option<String>,
    /// The same in words, as the text has it.
    pub text: String,
    /// Numbers that belong to it: of a state support and turnout, of a decision its clock or its terms, of an effect
    /// each number that it changed, as it was then; of a change of sides the terms that moved.
    pub values: Map<String, Value>,
}

/// A round as data.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Story {
    /// The round.
    pub round: u64,
    /// The seed.
    pub seed: u64,
    /// Id of its outcome.
    pub outcome: String,
    /// Day on which it was noted.
    pub day: f64,
    /// What happened, in order; a state where something happens on its day.
    pub events: Vec<Entry>,
    /// The same for people.
    #[serde(skip)]
    pub text: String,
}
