//! The pages of a brief: every piece in its order.

use super::answer::without_ranges;
use super::blocks::{
    Block, Pages, Table, across, capital_only, date, decimal_or_less, range, span, whole,
};
use super::content::{Brief, Outcome, Side};
use super::{changes, reports, told, who};
use crate::CAVEAT;
use crate::text::number::{count, list};

const IS_NOT: [&str; 3] = [
    "Not a forecast: a share says in how many simulated histories something happens under these assumptions, not how \
     probable it is in the world.",
    "Not evidence of what happened: that a simulated history fits what is known does not show that events took that \
     course.",
    "Not a finding about any living person: what an actor does follows from numbers that the analyst chose, and says \
     nothing about guilt.",
];

/// A brief in pieces.
pub(super) fn pages(brief: &Brief) -> Pages {
    let mut blocks = Vec::new();
    let answers = changes::answers(brief);
    blocks.push(match answers.as_slice() {
        [one] => Block::Answer(one.clone()),
        _ => Block::Items(answers),
    });
    blocks.extend(reports::doubts(brief).into_iter().map(Block::Text));
    if !brief.is_empty() {
        shares(brief, &mut blocks);
    }
    changes::changed(brief, &mut blocks);
    reports::reports(brief, &mut blocks);
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

/// The picture and the table of shares or differences.
fn shares(brief: &Brief, blocks: &mut Vec<Block>) {
    blocks.push(Block::Picture);
    if brief.differences.is_empty() {
        blocks.push(Block::Table(outcomes(brief)));
        return blocks.push(Block::Note(below_outcomes(brief)));
    }
    blocks.push(Block::Heading("What the change does".to_owned()));
    blocks.push(Block::Table(changes::differences(brief)));
    blocks.push(Block::Note(
        "Shares of simulated histories, and differences in percentage points on the same histories, with 95 % \
         intervals of finite rounds. A difference is called one only where its interval leaves out 0. Ranges across \
         guesses are not known from a comparison: kzsim run of each scenario has them."
            .to_owned(),
    ));
}

/// Scenario, dates and size.
fn under_title(brief: &Brief) -> String {
    let names: Vec<&str> = brief.sides.iter().map(|s| s.name.as_str()).collect();
    let given: Vec<String> = brief.sides.iter().filter_map(reports::worth).collect();
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
