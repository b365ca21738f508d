//! `[dynamics]`: general coefficients and structural switches.

use super::model::Number;

/// Structural switch: from what level a considered move is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideFrom {
    /// What has not moved him for years does not move him now.
    Start,
    /// The bare probability.
    Zero,
}

/// Structural switch: how an actor chooses a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Logit with sharpness β.
    Logit,
    /// The best option, whole.
    BestReply,
}

/// Structural switch: the law of thresholds in a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thresholds {
    /// Normal.
    Normal,
    /// Logistic, with the same middle and heavier tails.
    Logistic,
}

/// General coefficients, in the order of [`Dynamics::KEYS`], and the structural switches.
#[derive(Debug, Clone)]
pub struct Dynamics {
    /// Coefficients, in the order of [`Dynamics::KEYS`].
    pub numbers: Vec<Number>,
    /// Switch.
    pub decide_from: DecideFrom,
    /// Switch.
    pub choice: Choice,
    /// Switch.
    pub thresholds: Thresholds,
}

/// A coefficient of `[dynamics]`: its place in [`Dynamics::numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a key of docs/MODEL.md section 9")]
pub enum Coefficient {
    ProspectWeight,
    ProspectFloor,
    Noise,
    NoiseBlackout,
    SignalHalfLife,
    Drift,
    Diffusion,
    Sharpness,
    Reconsider,
    CrowdHalf,
    CrowdPace,
    MoodSd,
    MoodTime,
    GrievanceFade,
    Decision,
}

impl Dynamics {
    /// Key, default, least and largest value, whether it is a duration, and meaning.
    pub const KEYS: [(&'static str, f64, f64, f64, bool, &'static str); 15] = [
        (
            "prospect_weight",
            1.5,
            0.0,
            100.0,
            false,
            "γ: how steeply prospects follow support",
        ),
        (
            "prospect_floor",
            0.03,
            1e-6,
            1.0,
            false,
            "ε: support that nobody is ever denied",
        ),
        (
            "noise",
            0.35,
            0.0,
            100.0,
            false,
            "σ: error of an actor's view, in logarithms",
        ),
        (
            "noise_blackout",
            1.0,
            0.0,
            100.0,
            false,
            "κ: how much a blackout adds to it",
        ),
        (
            "signal_half_life",
            3.0,
            1e-3,
            1e6,
            true,
            "how long a public fact is remembered",
        ),
        (
            "drift",
            0.05,
            0.0,
            100.0,
            false,
            "loyalty per day, per unit of news and opportunism",
        ),
        (
            "diffusion",
            0.002,
            0.0,
            10.0,
            false,
            "random movement of loyalty, per square root of a day",
        ),
        (
            "sharpness",
            8.0,
            0.0,
            1000.0,
            false,
            "β: how surely the better side is chosen",
        ),
        (
            "reconsider",
            1.0,
            0.0,
            1000.0,
            false,
            "reconsiderations of a stance per day",
        ),
        (
            "crowd_half",
            0.03,
            1e-6,
            1.0,
            false,
            "turnout that is half as catching as a full street",
        ),
        (
            "crowd_pace",
            0.8,
            0.0,
            100.0,
            false,
            "share of the gap to its target that a crowd closes, per day",
        ),
        (
            "mood_sd",
            0.05,
            0.0,
            10.0,
            false,
            "spread of a crowd's passing mood",
        ),
        ("mood_time", 2.0, 1e-3, 1e6, true, "how long a mood lasts"),
        (
            "grievance_fade",
            0.05,
            0.0,
            100.0,
            false,
            "share of new grievance that fades, per day",
        ),
        (
            "decision",
            12.0,
            0.0,
            1000.0,
            false,
            "s: how surely the better of moving and waiting is chosen",
        ),
    ];
}
