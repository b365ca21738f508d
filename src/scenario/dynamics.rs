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

/// A coefficient of `[dynamics]` as the language has it.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// Its key.
    pub name: &'static str,
    /// Its default.
    pub default: f64,
    /// The default as `docs/SCENARIO.md` shows it.
    pub shown: &'static str,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// Whether it is a duration.
    pub duration: bool,
    /// What it means.
    pub says: &'static str,
}

const fn coefficient(
    name: &'static str,
    (default, shown): (f64, &'static str),
    (least, most): (f64, f64),
    says: &'static str,
) -> Declared {
    Declared {
        name,
        default,
        shown,
        least,
        most,
        duration: false,
        says,
    }
}

/// A duration between a moment and a million days.
const fn duration(
    name: &'static str,
    (default, shown): (f64, &'static str),
    says: &'static str,
) -> Declared {
    Declared {
        duration: true,
        ..coefficient(name, (default, shown), (1e-3, 1e6), says)
    }
}

impl Dynamics {
    /// Every coefficient, in the order of [`Coefficient`].
    pub const KEYS: [Declared; 15] = [
        coefficient(
            "prospect_weight",
            (1.5, "1.5"),
            (0.0, 100.0),
            "how steeply prospects rise with support",
        ),
        coefficient(
            "prospect_floor",
            (0.03, "0.03"),
            (1e-6, 1.0),
            "support that even a contender without any is credited with",
        ),
        coefficient(
            "noise",
            (0.35, "0.35"),
            (0.0, 100.0),
            "error of an actor's view of the prospects, in natural logarithms",
        ),
        coefficient(
            "noise_blackout",
            (1.0, "1"),
            (0.0, 100.0),
            "how much larger that error is in a full blackout, as a factor on top",
        ),
        duration(
            "signal_half_life",
            (3.0, "`\"3d\"`"),
            "after how long half of a signal is left",
        ),
        coefficient(
            "drift",
            (0.05, "0.05"),
            (0.0, 100.0),
            "how fast loyalty follows the news: per day, per unit of news and opportunism",
        ),
        coefficient(
            "diffusion",
            (0.002, "0.002"),
            (0.0, 10.0),
            "aimless movement of loyalty, per square root of a day",
        ),
        coefficient(
            "sharpness",
            (8.0, "8"),
            (0.0, 1000.0),
            "how surely an actor takes the better side",
        ),
        coefficient(
            "reconsider",
            (1.0, "1"),
            (0.0, 1000.0),
            "how often an actor reconsiders his stance, per day",
        ),
        coefficient(
            "crowd_half",
            (0.03, "0.03"),
            (1e-6, 1.0),
            "turnout that emboldens half as much as a full street",
        ),
        coefficient(
            "crowd_pace",
            (0.8, "0.8"),
            (0.0, 100.0),
            "how fast a crowd closes the gap to its target, per day",
        ),
        coefficient(
            "mood_sd",
            (0.05, "0.05"),
            (0.0, 10.0),
            "size of a crowd's moods, in units of grievance",
        ),
        duration("mood_time", (2.0, "`\"2d\"`"), "how long a mood lasts"),
        coefficient(
            "grievance_fade",
            (0.05, "0.05"),
            (0.0, 100.0),
            "how fast grievance returns to where it started, per day",
        ),
        coefficient(
            "decision",
            (12.0, "12"),
            (0.0, 1000.0),
            "how surely a mover takes the better of moving and waiting",
        ),
    ];
}
