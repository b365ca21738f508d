//! The words of a brief, in pieces that every format has: headings, texts, lists, tables, the picture.

use jiff::civil::Date;

use super::content::{Brief, Outcome, Side};
use super::{changes, given, told, who};
use crate::CAVEAT;
use crate::analysis::interval::Share;
use crate::text::number::{count, list, percent_to};

/// A piece of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// The answer.
    Answer(String),
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A remark below a table or the picture.
    Note(String),
    /// A list.
    Items(Vec<String>),
    /// A table.
    Table(Table),
    /// The picture.
    Picture,
}

/// A table: the first column is a text, the others are as wide as their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// What it shows, for who cannot see it.
    pub(super) caption: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A brief in pieces.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) title: String,
    /// The question and the dates.
    pub(super) lines: Vec<String>,
    pub(super) blocks: Vec<Block>,
    /// What stands at the foot of every page.
    pub(super) foot: String,
}

/// A share in whole per cent.
pub(super) fn whole(share: f64) -> String {
    percent_to(share, 0)
}

/// A share in whole per cent, without the sign.
pub(super) fn bare(share: f64) -> String {
    whole(share).replace(" %", "")
}

/// A range in whole per cent: `24 to 96`; one number where both ends are written alike.
pub(super) fn range((low, high): (f64, f64)) -> String {
    let (low, high) = (bare(low), bare(high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// A range across guesses in whole per cent. An end that rounds cannot tell from 0 or 1 is not known, and is not written:
/// `below 12`, `above 60`.
fn across((low, high): (f64, f64)) -> String {
    match (low <= 0.0, high >= 1.0) {
        (true, true) => "not known".to_owned(),
        (true, false) => format!("below {}", bare(high)),
        (false, true) => format!("above {}", bare(low)),
        _ => range((low, high)),
    }
}

/// A share with its 95 % interval: `41 % (38 to 44)`.
pub(super) fn with_interval(share: Share) -> String {
    format!(
        "{} ({})",
        whole(share.probability),
        range((share.low, share.high))
    )
}

/// A date as people write it.
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// The days of the clock, naming month and year once where they are the same.
pub(super) fn span((start, end): (Date, Date)) -> String {
    let first = match (start.year() == end.year(), start.month() == end.month()) {
        (true, true) => "%-d",
        (true, false) => "%-d %B",
        (false, _) => "%-d %B %Y",
    };
    format!("{} to {}", start.strftime(first), date(end))
}

/// A name of an outcome inside a sentence.
pub(super) fn inside(name: &str) -> String {
    const ARTICLES: [&str; 3] = ["The ", "A ", "An "];
    if ARTICLES.iter().any(|a| name.starts_with(a)) {
        let mut letters = name.chars();
        let first = letters.next().map(|c| c.to_lowercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    } else {
        name.to_owned()
    }
}

/// The answer of one side in one sentence, with its ranges.
pub(super) fn answer(side: &Side) -> String {
    let Some(first) = side.outcomes.first() else {
        return "Nothing can be said given this evidence: too few simulated histories fit it."
            .to_owned();
    };
    let condition = match (&side.given, first.before) {
        (Some(_), Some(before)) => format!(", given the reports ({} without them)", bare(before)),
        (Some(_), None) => ", given the reports".to_owned(),
        _ => String::new(),
    };
    let guesses = first
        .guesses
        .map(|r| format!("across sets of guesses {}", across(r)));
    let forms = first
        .forms
        .map(|r| format!("across forms of the model {}", range(r)));
    let finite = side.given.as_ref().map(|_| {
        let known = first.interval.map_or_else(String::new, |r| {
            format!("the number of histories alone leaves {}, ", range(r))
        });
        format!("{known}the range across guesses is not known with these reports")
    });
    let ranges: Vec<String> = guesses.into_iter().chain(forms).chain(finite).collect();
    let ranges = if ranges.is_empty() {
        String::new()
    } else {
        format!("; {}", ranges.join(", "))
    };
    format!(
        "In {} of 100 simulated histories{condition}: {}{ranges}.",
        bare(first.share),
        inside(&first.name)
    )
}

/// What is said of ranges that are not there.
fn without_ranges(side: &Side) -> Option<&'static str> {
    let has = |of: fn(&Outcome) -> bool| side.outcomes.iter().any(of);
    if has(|o| o.guesses.is_some()) {
        None
    } else if side.given.is_some() {
        Some(crate::text::given::RANGES)
    } else {
        Some(
            "The range across guesses was not computed: one set of shares is for all guesses together.",
        )
    }
}

/// A brief in pieces.
pub(super) fn pages(brief: &Brief) -> Pages {
    let mut blocks = Vec::new();
    let answers = changes::answers(brief);
    blocks.push(match answers.as_slice() {
        [one] => Block::Answer(one.clone()),
        _ => Block::Items(answers),
    });
    blocks.extend(given::doubts(brief).into_iter().map(Block::Text));
    blocks.push(Block::Picture);
    if brief.differences.is_empty() {
        blocks.push(Block::Table(outcomes(brief)));
        blocks.push(Block::Note(below_outcomes(brief)));
    } else {
        blocks.push(Block::Heading("What the change does".to_owned()));
        blocks.push(Block::Table(changes::differences(brief)));
        blocks.push(Block::Note(
            "Shares of simulated histories, and differences in percentage points on the same histories, with 95 % \
             intervals of finite rounds. A difference is called one only where its interval leaves out 0. Ranges across \
             guesses are not known from a comparison: kzsim run of each scenario has them."
                .to_owned(),
        ));
    }
    changes::changed(brief, &mut blocks);
    given::reports(brief, &mut blocks);
    who::block(&brief.who, &mut blocks);
    told::retold(brief, &mut blocks);
    blocks.push(Block::Heading("What is assumed".to_owned()));
    blocks.push(Block::Items(assumed(brief)));
    blocks.push(Block::Heading("What this is not".to_owned()));
    blocks.push(Block::Items(IS_NOT.map(str::to_owned).to_vec()));
    blocks.push(Block::Note(again(brief)));
    let mut lines: Vec<String> = brief
        .question
        .iter()
        .map(|q| format!("The question: {q}."))
        .collect();
    lines.push(under_title(brief));
    Pages {
        title: brief.title.clone(),
        lines,
        blocks,
        foot: CAVEAT.to_owned(),
    }
}

const IS_NOT: [&str; 3] = [
    "Not a forecast: a share says in how many simulated histories something happens under these assumptions, not how \
     probable it is in the world.",
    "Not evidence of what happened: that a simulated history fits what is known does not show that events took that \
     course.",
    "Not a finding about any living person: what an actor does follows from numbers that the analyst chose, and says \
     nothing about guilt.",
];

/// Scenario, dates and size.
fn under_title(brief: &Brief) -> String {
    let names: Vec<&str> = brief.sides.iter().map(|s| s.name.as_str()).collect();
    let given: Vec<String> = brief.sides.iter().filter_map(given::worth).collect();
    let word = if names.len() > 1 {
        "Scenarios"
    } else {
        "Scenario"
    };
    format!(
        "{word} {}, {}; {} simulated histories{}",
        list(&names),
        span(brief.clock),
        count(brief.first().rounds),
        given.concat()
    )
}

fn outcomes(brief: &Brief) -> Table {
    let first = brief.first();
    let several = brief.sides.len() > 1;
    let mut header = vec!["How it ends".to_owned()];
    let mut rows = Vec::new();
    if several {
        header.extend(
            brief
                .sides
                .iter()
                .map(|s| s.letter.clone().unwrap_or_default()),
        );
        let mut known: Vec<&Outcome> = first.outcomes.iter().collect();
        for other in brief.sides[1..].iter().flat_map(|s| &s.outcomes) {
            if !known.iter().any(|o| o.id == other.id) {
                known.push(other);
            }
        }
        for outcome in known {
            let cell = |s: &Side| {
                let own = s.outcomes.iter().find(|o| o.id == outcome.id);
                own.map_or_else(|| "–".to_owned(), |o| whole(o.share))
            };
            let cells = brief.sides.iter().map(cell);
            rows.push([outcome.name.clone()].into_iter().chain(cells).collect());
        }
    } else {
        let guesses = first.outcomes.iter().any(|o| o.guesses.is_some());
        let forms = first.outcomes.iter().any(|o| o.forms.is_some());
        let given = first.given.is_some();
        header.extend(given.then(|| "Without the reports".to_owned()));
        header.push(if given { "Given them" } else { "Share" }.to_owned());
        header.extend(given.then(|| "95 % interval".to_owned()));
        header.extend(guesses.then(|| "Across guesses".to_owned()));
        header.extend(forms.then(|| "Across forms".to_owned()));
        header.push("Median date".to_owned());
        for o in &first.outcomes {
            let ends = |r: Option<(f64, f64)>, written: fn((f64, f64)) -> String| {
                let text = r.map_or_else(|| "–".to_owned(), written);
                if text.ends_with(|c: char| c.is_ascii_digit()) {
                    text + " %"
                } else {
                    text
                }
            };
            let mut row = vec![o.name.clone()];
            row.extend(given.then(|| o.before.map_or_else(|| "–".to_owned(), whole)));
            row.push(whole(o.share));
            row.extend(given.then(|| ends(o.interval, range)));
            row.extend(guesses.then(|| ends(o.guesses, across)));
            row.extend(forms.then(|| ends(o.forms, range)));
            row.push(match o.date {
                Some(_) if o.at_end => "at the end".to_owned(),
                day => day.map_or_else(|| "–".to_owned(), date),
            });
            rows.push(row);
        }
    }
    Table {
        caption: "Share of simulated histories that end with each outcome".to_owned(),
        header,
        rows,
    }
}

/// How the shares are to be read.
fn below_outcomes(brief: &Brief) -> String {
    let first = brief.first();
    let widest = first
        .outcomes
        .iter()
        .filter_map(|o| o.interval)
        .map(|(low, high)| (high - low) / 2.0)
        .fold(0.0, f64::max);
    let mut parts = vec![
        "Shares of simulated histories in whole per cent; they need not sum to 100.".to_owned(),
    ];
    if first.outcomes.iter().any(|o| o.guesses.is_some()) {
        parts.push(
            "Across guesses: from 5 to 95 % of sets of guesses drawn from what the analyst allows; below or above where \
             the other end is not known."
                .to_owned(),
        );
    }
    if first.outcomes.iter().any(|o| o.forms.is_some()) {
        parts.push(
            "Across forms: the least and the greatest over the model's structural variants."
                .to_owned(),
        );
    }
    if brief.sides.len() == 1 {
        parts.extend(without_ranges(first).map(str::to_owned));
        if widest > 0.0 && first.given.is_none() {
            parts.push(format!(
                "The finite number of histories alone leaves at most ±{} points (95 %).",
                decimal_or_less(100.0 * widest)
            ));
        }
    } else if brief.differences.is_empty() {
        parts.push(
            "The columns come from runs of their own; kzsim compare says which differences are more than chance."
                .to_owned(),
        );
    }
    parts.join(" ")
}

/// A number of points with one decimal.
fn decimal_or_less(points: f64) -> String {
    if points < 0.05 {
        "0.1".to_owned()
    } else {
        format!("{points:.1}")
    }
}

fn assumed(brief: &Brief) -> Vec<String> {
    let a = &brief.assumed;
    let [actors, actions, guesses] = a.counts;
    let mut out = vec![
        format!("Contenders for power: {}.", list(&a.contenders)),
        format!(
            "{actors} actors, {actions} actions and {guesses} uncertain numbers, of which {} rest on judgement \
             (entirely or for their size) or name no source. What nobody wrote down cannot happen.",
            a.judgements
        ),
    ];
    out.extend(
        brief
            .remark
            .as_ref()
            .map(|r| format!("{}.", capital_only(r))),
    );
    out.extend(a.source.as_ref().map(|s| format!("Rests on: {s}.")));
    if !a.settings.is_empty() {
        out.push(format!("Set for this run: {}.", list(&a.settings)));
    }
    out
}

/// How to repeat it.
fn again(brief: &Brief) -> String {
    let first = brief.first();
    let hash = |s: &Side| {
        let (sha, most) = (&s.sha256, s.sha256.len().min(12));
        format!("{} {}…", changes::called(s), &sha[..most])
    };
    let hashes: Vec<String> = brief.sides.iter().map(hash).collect();
    let how = if brief.compared {
        format!(
            "kzsim compare of the same files and settings with --seed {} --rounds {} repeats the tables to the byte; \
             manifest.json in the folder has the texts of all of them.",
            first.seed, first.rounds
        )
    } else if brief.sides.len() > 1 {
        "kzsim run --like FOLDER repeats each to the byte.".to_owned()
    } else {
        "kzsim run --like FOLDER repeats it to the byte.".to_owned()
    };
    format!(
        "Made by kzsim {}, seed {}. SHA-256 of the resolved scenario{}: {}. {how}",
        first.version,
        first.seed,
        if hashes.len() > 1 { "s" } else { "" },
        hashes.join("; ")
    )
}

/// A text with a capital at its beginning; a path stays as it is.
pub(super) fn capital_only(text: &str) -> String {
    if text.contains('.') && !text.contains(' ') {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// A sentence from a clause.
pub(super) fn capital(text: &str) -> String {
    format!("{}.", capital_only(text))
}

#[cfg(test)]
mod tests {
    use super::across;

    #[test]
    fn an_end_that_is_not_known_is_not_written() {
        assert_eq!(across((0.3, 1.0)), "above 30");
        assert_eq!(across((0.0, 0.12)), "below 12");
        assert_eq!(across((0.0, 1.0)), "not known");
        assert_eq!(across((0.26, 0.97)), "26 to 97");
    }
}
