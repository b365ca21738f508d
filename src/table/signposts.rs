//! The table of `kzsim signposts`.

use jiff::civil::DateTime;

use super::row::table;

table! {
    /// A row of `signposts.csv`: an outcome and an observation that moves its share.
    SignpostRow in "signposts.csv" {
        ..scenario,
        outcome: String = "id of the outcome",
        rank: u64 = "place among the signposts of the outcome, from 1: each adds most to those before it",
        kind: String = "`action`, `failure` (of an action), `branch`, `office`, `removal`, `flag`, `turnout` or `observation`",
        id: String = "id of the action, office, actor, flag, crowd or observation",
        what: String = "what has happened, in words",
        by: DateTime = "the moment by which it has or has not: what is asked",
        rounds: u64 ["round"] = "rounds of the second half, on which every number of this row rests",
        open: u64 ["round"] = "those of them in which no outcome has been noted by then: the others no longer ask",
        open_probability: f64 = "share of the outcome in open rounds",
        seen: u64 ["round"] = "open rounds in which it has happened",
        if_seen: f64 = "share of the outcome in these",
        if_seen_low: f64 = "lower end of its Wilson interval at 95 %",
        if_seen_high: f64 = "upper end of its Wilson interval at 95 %",
        if_not_seen: f64 = "share of the outcome in the other open rounds",
        if_not_seen_low: f64 = "lower end of its Wilson interval at 95 %",
        if_not_seen_high: f64 = "upper end of its Wilson interval at 95 %",
        difference: f64 = "`if_seen - if_not_seen`",
        difference_low: f64 = "lower end of its interval at 95 % (Newcombe), above 0 or",
        difference_high: f64 = "upper end, below 0: others are left out",
        shift: f64 = "by how much the share in open rounds moves on average once it is known, up or down",
        bits: f64 = "mutual information with the outcome per round, corrected for chance",
        bits_more: f64 = "the same for who knows the answers to the signposts before it",
        ahead: f64 ["day"] = "median number of days from then until the outcome is noted, where it is seen",
    }
}
