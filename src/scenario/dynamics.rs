//! `[dynamics]`: general coefficients and structural switches.

use super::declare::{Entry, Held, choice, nested, table};
use super::grammar::{self, SHARE, duration, live};
use super::number::Number;
use super::read::{At, Reader};

choice! {
    /// Structural switch: how an actor chooses a side.
    pub enum Choice {
        /// Logit with sharpness β.
        Logit = "logit",
        /// The best option, with probability 1.
        BestReply = "best_reply",
    }
}

choice! {
    /// Structural switch: the distribution of thresholds in a crowd.
    pub enum Thresholds {
        /// Normal.
        Normal = "normal",
        /// Logistic: as the normal at one half and at one in fifty, with a heavier tail below.
        Logistic = "logistic",
    }
}

/// At least the smallest support or turnout that counts, up to all.
const FLOOR: grammar::Range = (1e-6, SHARE.1);

table! {
    /// General coefficients and structural switches; see `docs/MODEL.md`, section 9.
    pub struct Dynamics {
        /// How steeply prospects rise with support.
        prospect_weight: Number = live((0.0, 100.0)).or(1.5),
        /// Support credited even to a contender without any.
        prospect_floor: Number = live(FLOOR).or(0.03),
        /// Error of an actor's view of the prospects, in natural logarithms.
        noise: Number = live((0.0, 100.0)).or(0.35),
        /// How much larger that error is in a full blackout, as a factor on top.
        noise_blackout: Number = live((0.0, 100.0)).or(1.0),
        /// The time after which half of a signal is left.
        signal_half_life: Number = duration(1e-3).or(3.0),
        /// How fast loyalty follows the news: per day, per unit of news and opportunism.
        drift: Number = live((0.0, 100.0)).or(0.05),
        /// Aimless movement of loyalty, per square root of a day.
        diffusion: Number = live((0.0, 10.0)).or(0.0),
        /// How fast people take news for granted: the time after which about a third of it is still news.
        memory: Number = duration(1e-3).or(10.0),
        /// How surely an actor takes the better side.
        sharpness: Number = live((0.0, 1000.0)).or(8.0),
        /// How often an actor reconsiders his stance, per day.
        reconsider: Number = live((0.0, 1000.0)).or(1.0),
        /// How far custom is broken: 0 keeps each at what he is used to, 1 leaves him to his reasons.
        rupture: Number = live(SHARE).or(0.0),
        /// Turnout that emboldens half as much as a full street.
        crowd_half: Number = live(FLOOR).or(0.03),
        /// How fast a crowd closes the gap to its target, per day.
        crowd_pace: Number = live((0.0, 100.0)).or(0.8),
        /// Size of a crowd's moods, in units of grievance.
        mood_sd: Number = live((0.0, 10.0)).or(0.05),
        /// How long a mood lasts.
        mood_time: Number = duration(1e-3).or(2.0),
        /// How fast grievance returns to where it started, per day.
        grievance_fade: Number = live((0.0, 100.0)).or(0.05),
        /// How surely a mover takes the better of moving and waiting.
        decision: Number = live((0.0, 1000.0)).or(12.0),
        /// Whether the better side is taken with a probability, or always.
        choice: Choice = grammar::choice(Choice::WORDS),
        /// The distribution of thresholds in a crowd; the second has heavier tails.
        thresholds: Thresholds = grammar::choice(Thresholds::WORDS),
    }
}

impl Held for Dynamics {
    fn read(reader: &mut Reader<'_>, at: &At<'_>) -> Self {
        nested(reader, at)
    }

    fn numbers<'a>(&'a self, out: &mut Vec<&'a Number>) {
        out.extend(Self::numbers(self));
    }
}

impl Dynamics {
    /// The coefficients, in the order of [`Self::KEYS`], which has the switches last.
    #[must_use]
    pub fn numbers(&self) -> Vec<&Number> {
        let mut all = Vec::new();
        Entry::numbers(self, &mut all);
        all
    }
}
