//! Bars with intervals: outcomes, flags, posteriors.

use serde::Deserialize;

use crate::report::canvas::{Canvas, Drawing, Fix, Width};
use crate::report::context::{Context, letter};
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{axis, in_percent, lanes, whisker};
use crate::report::picture::{Data, Home, Picture};
use crate::report::scale::{Scale, round_up};
use crate::report::words::{grouped, listed, percent};

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) role: &'static str,
    pub(super) pattern: usize,
}

/// Bars from 0, each with its number beside it.
pub(super) fn bars(width: Width, bars: &[Bar], written: fn(f64) -> String) -> Drawing {
    let mut c = Canvas::new(width);
    let labels: Vec<String> = bars.iter().map(|b| b.label.clone()).collect();
    let room = if c.wide { 132.0 } else { 74.0 };
    let l = lanes(&mut c, &labels, 4.0, 20.0, room);
    let reach = |b: &Bar| b.interval.map_or(b.value, |i| i.1.max(b.value));
    let top = round_up(bars.iter().map(reach).fold(0.0, f64::max));
    let scale = Scale::new((0.0, top), l.x);
    axis(&mut c, scale, &scale.ticks(5), l.y, |x, d| {
        if written(0.5).ends_with('%') {
            in_percent(x, d)
        } else {
            format!("{x:.d$}")
        }
    });
    for (b, y) in bars.iter().zip(&l.middle) {
        c.bar(
            (l.x.0, y - 9.0),
            (scale.at(b.value) - l.x.0, 18.0),
            b.role,
            b.pattern,
        );
        if let Some(interval) = b.interval {
            whisker(&mut c, scale, *y, interval, "ink");
        }
        let x = scale.at(reach(b)) + 8.0;
        c.text(x, y + 4.5, "bold f-ink", Fix::Start, &written(b.value));
        if let (true, Some((low, high))) = (c.wide, b.interval) {
            let (low, high) = (written(low), written(high));
            let text = format!(
                "{} to {}",
                low.trim_end_matches(" %"),
                high.trim_end_matches(" %")
            );
            let x = x + Canvas::bold_room(&written(b.value)) + 7.0;
            if x + Canvas::room(&text) * 0.89 < c.width {
                c.text(x, y + 4.5, "small f-soft", Fix::Start, &text);
            }
        }
    }
    c.line((l.x.0, l.y.0), (l.x.0, l.y.1), "thin s-axis");
    c.finish(l.y.1 + 22.0)
}

/// A share of rounds with its interval.
#[derive(Debug, Deserialize)]
struct Share {
    scenario: String,
    #[serde(alias = "outcome", alias = "flag")]
    id: String,
    #[serde(default)]
    name: String,
    rounds: u64,
    count: u64,
    probability: f64,
    ci_low: f64,
    ci_high: f64,
}

const SHARES: [&str; 6] = [
    "scenario",
    "rounds",
    "count",
    "probability",
    "ci_low",
    "ci_high",
];

/// `a 12.3 % (12.1 to 12.5)`
pub(super) fn told(name: &str, value: f64, interval: Option<(f64, f64)>) -> String {
    let of = |x: f64| percent(x).trim_end_matches(" %").to_owned();
    let interval = interval.map_or(String::new(), |(l, h)| format!(" ({} to {})", of(l), of(h)));
    format!("{name} {}{interval}", percent(value))
}

/// How often each outcome came: of one folder, or of several with one bar each.
pub(in crate::report) fn outcomes(
    folders: &[(usize, &ResultFolder)],
    context: &Context,
) -> Result<Picture, ReportError> {
    let mut all: Vec<(usize, Share)> = Vec::new();
    for (i, folder) in folders {
        let rows: Vec<Share> = folder.rows("outcomes.csv", &SHARES)?;
        all.extend(rows.into_iter().map(|r| (*i, r)));
    }
    all.sort_by_key(|(i, s)| (context.outcome(&s.id).1, *i));
    let several = folders.len() > 1;
    let list: Vec<Bar> = all
        .iter()
        .map(|(i, s)| {
            let (role, pattern) = context.outcome(&s.id);
            let label = if several {
                format!("{} · {}", letter(*i), s.name)
            } else {
                s.name.clone()
            };
            Bar {
                label,
                value: s.probability,
                interval: Some((s.ci_low, s.ci_high)),
                role,
                pattern,
            }
        })
        .collect();
    let parts: Vec<String> = folders
        .iter()
        .map(|(i, folder)| {
            let own = all
                .iter()
                .filter(|(k, _)| k == i)
                .map(|(_, s)| told(&s.name, s.probability, Some((s.ci_low, s.ci_high))));
            let own: Vec<String> = own.collect();
            let rounds = grouped(folder.rounds);
            if several {
                format!(
                    "{} ({rounds} rounds): {}.",
                    context.titles[*i],
                    own.join("; ")
                )
            } else {
                format!("Of {rounds} rounds: {}.", own.join("; "))
            }
        })
        .collect();
    // Of several folders the first column says which.
    let header = [
        "folder",
        "scenario",
        "outcome",
        "name",
        "rounds",
        "count",
        "probability",
        "ci_low",
        "ci_high",
    ];
    let row = |(i, share): &(usize, Share)| {
        let folder = several.then(|| context.titles[*i].clone());
        folder.into_iter().chain(cells(share, true)).collect()
    };
    Ok(Picture {
        name: "outcomes".to_owned(),
        title: "How often each outcome came".to_owned(),
        text: parts.join(" "),
        caption: "Share of simulated rounds that ended so. The thin line is the interval at 95 %: \
                  how far the share could be off because the number of rounds is finite. It leaves \
                  out the error of the assumptions."
            .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, percent)),
        data: Data::new(
            if several {
                Home::Written
            } else {
                Home::Kept("outcomes.csv")
            },
            &header[usize::from(!several)..],
            all.iter().map(row).collect(),
        ),
    })
}

fn cells(s: &Share, named: bool) -> Vec<String> {
    let mut out = vec![s.scenario.clone(), s.id.clone()];
    if named {
        out.push(s.name.clone());
    }
    out.extend([s.rounds.to_string(), s.count.to_string()]);
    out.extend([s.probability, s.ci_low, s.ci_high].map(super::float));
    out
}

/// How often each flag was ever set.
pub(in crate::report) fn flags(folder: &ResultFolder) -> Result<Option<Picture>, ReportError> {
    let rows: Vec<Share> = folder.rows("flags.csv", &SHARES)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let name = |s: &Share| folder.facts().name("flags", &s.id).to_owned();
    let list: Vec<Bar> = rows
        .iter()
        .map(|s| Bar {
            label: name(s),
            value: s.probability,
            interval: Some((s.ci_low, s.ci_high)),
            role: "mark",
            pattern: 0,
        })
        .collect();
    let parts: Vec<String> = rows
        .iter()
        .map(|s| told(&name(s), s.probability, Some((s.ci_low, s.ci_high))))
        .collect();
    let header = [
        "scenario",
        "flag",
        "rounds",
        "count",
        "probability",
        "ci_low",
        "ci_high",
    ];
    Ok(Some(Picture {
        name: "flags".to_owned(),
        title: "What happened on the way".to_owned(),
        text: format!(
            "Share of rounds in which it ever held: {}.",
            parts.join("; ")
        ),
        caption:
            "Share of simulated rounds in which each flag ever held. Flags do not exclude each \
                  other, so their shares do not sum to 100 %."
                .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, percent)),
        data: Data::new(
            Home::Kept("flags.csv"),
            &header,
            rows.iter().map(|s| cells(s, false)).collect(),
        ),
    }))
}

#[derive(Debug, Deserialize)]
struct Variance {
    scenario: String,
    kind: String,
    id: String,
    name: String,
    pairs: u64,
    from_priors: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
}

/// How much of each outcome goes with guesses; the rest is chance.
pub(in crate::report) fn variance(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Option<Picture>, ReportError> {
    let needs = [
        "scenario",
        "kind",
        "id",
        "name",
        "pairs",
        "from_priors",
        "ci_low",
        "ci_high",
    ];
    let rows: Vec<Variance> = folder.rows("variance.csv", &needs)?;
    let rows: Vec<Variance> = rows.into_iter().filter(|r| r.kind == "outcome").collect();
    let told_of: Vec<(&Variance, f64)> = rows
        .iter()
        .filter_map(|r| r.from_priors.map(|x| (r, x)))
        .collect();
    if told_of.is_empty() {
        return Ok(None);
    }
    let interval = |r: &Variance| r.ci_low.zip(r.ci_high);
    let list: Vec<Bar> = told_of
        .iter()
        .map(|(r, x)| {
            let (role, pattern) = context.outcome(&r.id);
            let interval = interval(r).map(|(l, h)| (l.max(0.0), h.max(0.0)));
            Bar {
                label: r.name.clone(),
                value: x.max(0.0),
                interval,
                role,
                pattern,
            }
        })
        .collect();
    let parts: Vec<String> = told_of
        .iter()
        .map(|(r, x)| told(&r.name, *x, interval(r)))
        .collect();
    let silent: Vec<String> = rows
        .iter()
        .filter(|r| r.from_priors.is_none())
        .map(|r| r.name.clone())
        .collect();
    let silent = if silent.is_empty() {
        String::new()
    } else {
        format!(" Not defined, as all rounds agree: {}.", listed(&silent))
    };
    let cell = |x: Option<f64>| x.map_or(String::new(), super::float);
    Ok(Some(Picture {
        name: "variance".to_owned(),
        title: "How much is guessing, and how much is chance".to_owned(),
        text: format!(
            "Part of the variance that goes with the guesses; the rest is chance. {}.{silent}",
            parts.join("; ")
        ),
        caption: "Part of the variance of each outcome that goes with the analyst's guesses, all \
                  together, with its interval at 95 %. What is left to 100 % is chance: no better \
                  guess would take it away. Estimates below 0 are drawn as 0."
            .to_owned(),
        drawings: [Width::Wide, Width::Narrow].map(|w| bars(w, &list, percent)),
        data: Data::new(
            Home::Kept("variance.csv"),
            &[
                "scenario",
                "kind",
                "id",
                "name",
                "pairs",
                "from_priors",
                "ci_low",
                "ci_high",
            ],
            rows.iter()
                .map(|r| {
                    let mut row = vec![r.scenario.clone(), r.kind.clone(), r.id.clone()];
                    row.extend([r.name.clone(), r.pairs.to_string()]);
                    row.extend([r.from_priors, r.ci_low, r.ci_high].map(cell));
                    row
                })
                .collect(),
        ),
    }))
}
