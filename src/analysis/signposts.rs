//! Signposts: dated observations that move the share of an outcome while it is still open.
//!
//! An observation asks whether something has happened by a date. Only rounds in which no outcome has been noted
//! by then count, for afterwards nothing is left to foretell. Signposts are chosen in the even rounds, one after
//! another by what each adds to those before it; every number that is reported comes from the odd rounds, which
//! the choice has not seen.

use super::information::{bias, mutual};
use super::interval::{Gap, Share, newcombe, wilson};

/// That something did not happen, or that no outcome was noted, in place of a step.
pub const NEVER: u32 = u32::MAX;
/// A signpost is seen, and not seen, in at least so many rounds of either half.
pub const FEWEST: u64 = 50;
/// How many times as much as chance would add on average has to be added by a signpost where it is chosen.
const CLEAR: f64 = 10.0;

/// Rounds as observations see them. By round: steps that were over.
pub struct Open<'a> {
    /// When the outcome was noted.
    pub noted: &'a [u32],
    /// By thing, then round: when it first happened, or [`NEVER`].
    pub first: &'a [Vec<u32>],
}

/// Whether a thing has happened by a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The thing.
    pub thing: usize,
    /// Steps that are over.
    pub step: u32,
}

/// A signpost, by the rounds that the choice has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Signpost {
    /// What is asked.
    pub question: Question,
    /// Rounds of this half.
    pub rounds: u64,
    /// Those among them in which no outcome has been noted by then, and those of these with the outcome.
    pub open: [u64; 2],
    /// Open rounds in which it is seen, and those with the outcome.
    pub seen: [u64; 2],
    /// The share of the outcome where it is seen, and where it is not.
    pub shares: [Share; 2],
    /// The difference of both.
    pub gap: Gap,
    /// What it tells of the outcome, in bits per round, open or not.
    pub bits: f64,
    /// What it tells to who knows the answers to all signposts before it.
    pub bits_more: f64,
    /// Median number of steps from then until the outcome is noted, where it is seen.
    pub ahead: u32,
}

impl Signpost {
    /// By how much the share moves on average when the answer is learnt, in either direction.
    #[must_use]
    pub fn shift(&self) -> f64 {
        let seen = self.seen[0] as f64 / self.open[0].max(1) as f64;
        2.0 * seen * (1.0 - seen) * self.gap.estimate.abs()
    }
}

/// Rounds with neither, only the outcome, only the observation, or both.
type Table = [[u64; 2]; 2];

/// Half of the rounds.
struct Half<'a> {
    open: &'a Open<'a>,
    hits: &'a [bool],
    /// Rounds.
    rounds: Vec<usize>,
    /// By round of this half: which answers to the signposts so far it has.
    cells: Vec<u32>,
    kinds: u32,
}

impl<'a> Half<'a> {
    fn new(open: &'a Open<'a>, hits: &'a [bool], odd: usize) -> Self {
        let rounds: Vec<usize> = (odd..hits.len()).step_by(2).collect();
        Self {
            open,
            hits,
            cells: vec![0; rounds.len()],
            rounds,
            kinds: 1,
        }
    }

    /// By answers so far: open rounds by whether they have the observation, then the outcome.
    fn tables(&self, q: Question) -> Vec<Table> {
        let mut out = vec![Table::default(); self.kinds as usize];
        let first = &self.open.first[q.thing];
        for (round, cell) in self.rounds.iter().zip(&self.cells) {
            if self.open.noted[*round] > q.step {
                let seen = usize::from(first[*round] <= q.step);
                out[*cell as usize][seen][usize::from(self.hits[*round])] += 1;
            }
        }
        out
    }

    /// Bits per round that the answer adds to those so far, without what chance adds on average; and that.
    fn added(&self, tables: &[Table]) -> (f64, f64) {
        let all = self.rounds.len().max(1) as f64;
        let (mut bits, mut chance) = (0.0, 0.0);
        for table in tables {
            let part = table.iter().flatten().sum::<u64>() as f64 / all;
            bits += part * mutual(*table);
            chance += part * bias(*table);
        }
        (bits - chance, chance)
    }

    /// The median number of steps from the question until the outcome is noted, in open rounds that have it.
    fn ahead(&self, q: Question) -> u32 {
        let (noted, first) = (self.open.noted, &self.open.first[q.thing]);
        let seen = |r: &&usize| noted[**r] > q.step && first[**r] <= q.step;
        let mut ahead: Vec<u32> = self
            .rounds
            .iter()
            .filter(seen)
            .map(|r| noted[*r] - q.step)
            .collect();
        ahead.sort_unstable();
        ahead.get(ahead.len() / 2).copied().unwrap_or(0)
    }

    /// Takes an answer into account.
    fn know(&mut self, q: Question) {
        let first = &self.open.first[q.thing];
        let mut numbers = std::collections::BTreeMap::new();
        for (round, cell) in self.rounds.iter().zip(&mut self.cells) {
            let answer = if self.open.noted[*round] <= q.step {
                2
            } else {
                u32::from(first[*round] <= q.step)
            };
            let next = numbers.len() as u32;
            *cell = *numbers.entry((*cell, answer)).or_insert(next);
        }
        self.kinds = numbers.len().max(1) as u32;
    }
}

/// All open rounds of a table for each of some answers.
fn whole(tables: &[Table]) -> Table {
    let mut out = Table::default();
    for table in tables {
        for (a, b) in out.iter_mut().flatten().zip(table.iter().flatten()) {
            *a += b;
        }
    }
    out
}

/// Whether enough rounds have the observation and enough do not.
fn is_enough([unseen, seen]: Table) -> bool {
    seen.iter().sum::<u64>() >= FEWEST && unseen.iter().sum::<u64>() >= FEWEST
}

/// Chooses at most `most` signposts of an outcome, of which `hits` says by round whether it came; the first
/// tells most. No two ask for the same of `group`, by thing. After a signpost there are at least `ahead` steps
/// until the outcome is noted, in half of the rounds in which it is seen.
#[must_use]
pub fn signposts(
    open: &Open<'_>,
    hits: &[bool],
    questions: &[Question],
    group: &[usize],
    ahead: u32,
    most: usize,
) -> Vec<Signpost> {
    let (mut search, mut others) = (Half::new(open, hits, 0), Half::new(open, hits, 1));
    let fits = |q: &&Question| is_enough(whole(&search.tables(**q))) && search.ahead(**q) >= ahead;
    let mut left: Vec<Question> = questions.iter().filter(fits).copied().collect();
    let mut out = Vec::new();
    while out.len() < most {
        let mut best: Option<(f64, Question)> = None;
        for q in &left {
            let (bits, chance) = search.added(&search.tables(*q));
            if bits > CLEAR * chance && best.is_none_or(|(most, _)| bits > most) {
                best = Some((bits, *q));
            }
        }
        let Some((_, q)) = best else { break };
        if let Some(found) = judged(&others, q) {
            search.know(q);
            others.know(q);
            out.push(found);
            left.retain(|other| group[other.thing] != group[q.thing]);
        } else {
            left.retain(|other| *other != q);
        }
    }
    out
}

/// What the rounds of a half say of a question; nothing if they do not confirm that it moves the share and adds
/// to what is known.
fn judged(half: &Half<'_>, question: Question) -> Option<Signpost> {
    let tables = half.tables(question);
    let all = whole(&tables);
    if !is_enough(all) {
        return None;
    }
    let [unseen, seen] = all;
    let share = |[no, yes]: [u64; 2]| wilson(yes, no + yes);
    let (bits_more, _) = half.added(&tables);
    let gap = newcombe(share(seen), share(unseen));
    let moves = gap.low > 0.0 || gap.high < 0.0;
    (moves && bits_more > 0.0).then(|| Signpost {
        question,
        rounds: half.rounds.len() as u64,
        open: [all.iter().flatten().sum(), seen[1] + unseen[1]],
        seen: [seen[0] + seen[1], seen[1]],
        shares: [share(seen), share(unseen)],
        gap,
        bits: half.added(&[all]).0.max(0.0),
        bits_more,
        ahead: half.ahead(question),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thing 0 settles the outcome, thing 1 repeats it a step later, thing 2 is chance, thing 3 comes with the
    /// noting of the outcome.
    fn rounds() -> (Vec<u32>, Vec<Vec<u32>>, Vec<bool>) {
        let hit = |r: u32| r % 10 < 3;
        let count = 0..4_000;
        let when = |test: &dyn Fn(u32) -> bool, step: u32| -> Vec<u32> {
            count
                .clone()
                .map(|r| if test(r) { step } else { NEVER })
                .collect()
        };
        let first = vec![
            when(&|r| hit(r / 2), 2),
            when(&|r| hit(r / 2), 3),
            when(&|r| r / 2 % 7 < 2, 2),
            when(&|r| hit(r / 2), 9),
        ];
        let noted = count
            .clone()
            .map(|r| if hit(r / 2) { 9 } else { 20 })
            .collect();
        (noted, first, count.clone().map(|r| hit(r / 2)).collect())
    }

    fn asked(steps: &[u32]) -> Vec<Question> {
        let each = |thing| {
            steps
                .iter()
                .map(move |step| Question { thing, step: *step })
        };
        (0..4).flat_map(each).collect()
    }

    #[test]
    fn what_settles_the_outcome_is_the_only_signpost() {
        let (noted, first, hits) = rounds();
        let open = Open {
            noted: &noted,
            first: &first,
        };
        let found = signposts(&open, &hits, &asked(&[1, 2, 4, 8]), &[0, 1, 2, 3], 2, 5);
        let [one] = &found[..] else {
            panic!("one signpost: {found:?}")
        };
        assert_eq!(one.question, Question { thing: 0, step: 2 });
        assert_eq!(
            (one.rounds, one.open, one.seen),
            (2_000, [2_000, 600], [600, 600])
        );
        assert_eq!(
            (one.shares[0].probability, one.shares[1].probability),
            (1.0, 0.0)
        );
        let entropy = -(0.3 * 0.3_f64.log2() + 0.7 * 0.7_f64.log2());
        assert!((one.bits - entropy).abs() < 1e-3 && one.bits == one.bits_more);
        assert!((one.shift() - 2.0 * 0.3 * 0.7).abs() < 1e-12);
        assert_eq!(one.ahead, 7);
    }

    #[test]
    fn nothing_is_foretold_once_the_outcome_is_noted_or_about_to_be() {
        let (noted, first, hits) = rounds();
        let open = Open {
            noted: &noted,
            first: &first,
        };
        // By step 9 all rounds with the outcome are closed; of step 8 it is one step ahead.
        assert_eq!(
            signposts(&open, &hits, &asked(&[9, 12]), &[0, 1, 2, 3], 1, 5),
            []
        );
        assert_eq!(
            signposts(&open, &hits, &asked(&[8]), &[0, 1, 2, 3], 2, 5),
            []
        );
        assert_eq!(
            signposts(&open, &hits, &asked(&[8]), &[0, 1, 2, 3], 1, 5).len(),
            1
        );
    }
}
