//! What a scenario means, in words.

use std::fmt::Write;

use crate::scenario::Scenario;
use crate::scenario::model::{
    Action, ActorKind, Choice, Clock, Decide, Dynamics, Fits, Formula, Moment, Number, NumberKind,
    Reading, Remarks, Stance, Thresholds, Way, Weighed,
};

use super::number::{count, list};
use super::titled;

/// A scenario in words: `kzsim check --explain`.
#[must_use]
pub fn explain(s: &Scenario) -> String {
    let mut out = format!("{} ({})\n", s.title, s.name);
    remarks(&mut out, &s.remarks);
    clock(&mut out, s, &s.clock);
    let total: f64 = s.arenas.iter().map(|a| a.weight).sum();
    let arenas: Vec<String> = s
        .arenas
        .iter()
        .map(|a| format!("{} ({:.0} %)", a.id, 100.0 * a.weight / total))
        .collect();
    let _ = writeln!(out, "Power consists of {}.", list(&arenas));
    contenders(&mut out, s);
    actors(&mut out, s);
    offices(&mut out, s);
    crowds(&mut out, s);
    actions(&mut out, s);
    endings(&mut out, s);
    formulas(&mut out, &s.formulas);
    beliefs(&mut out, s);
    out
}

/// When a round begins, how long it lasts, what was before, and how many there are.
fn clock(out: &mut String, s: &Scenario, clock: &Clock) {
    let _ = writeln!(
        out,
        "\nThe clock runs {} days from {}, in {} steps of {} hours. A run plays {} rounds, with seed {}.",
        clock.days,
        clock.start,
        clock.steps(),
        clock.step_seconds as f64 / 3600.0,
        count(s.rounds),
        s.seed
    );
    let past = lasting(clock.past as f64 / 86_400.0);
    let ends = if clock.play_on {
        "A round goes on to its last day once it has its outcome."
    } else {
        "A round ends with its outcome."
    };
    let _ = writeln!(out, "Nobody had moved for {past} before the start. {ends}");
    if !clock.read.is_empty() {
        let texts = clock.horizon_texts();
        let _ = writeln!(
            out,
            "Outcomes and flags are read after {}.",
            texts.join(", ")
        );
    }
    if let Some(c) = clock.rest {
        let _ = writeln!(
            out,
            "Who has no written stance comes to rest from the side of {}.",
            s.contenders[c].name
        );
    }
}

/// A number in words: `0 to 0.5, most likely 0.25`.
#[must_use]
pub fn in_words(n: &Number) -> String {
    let show = if n.duration {
        lasting
    } else {
        |x: f64| x.to_string()
    };
    match n.kind {
        NumberKind::Fixed(x) => show(x),
        NumberKind::Pert { low, mode, high } => {
            format!(
                "{} to {}, most likely {}",
                show(low),
                show(high),
                show(mode)
            )
        }
        NumberKind::Uniform { min, max } => format!("anywhere from {} to {}", show(min), show(max)),
        NumberKind::Normal { mean, sd } => {
            format!("about {}, with standard deviation {}", show(mean), show(sd))
        }
        NumberKind::Quantiles { p05, p50, p95 } => format!(
            "nine in ten from {} to {}, median {}",
            show(p05),
            show(p95),
            show(p50)
        ),
        NumberKind::Expression(ref e) => format!("`{}`", e.text.trim()),
    }
}

/// A number of days in words.
pub(crate) fn lasting(days: f64) -> String {
    let unit = |n: f64, unit: &str| {
        let n = (n * 100.0).round() / 100.0;
        format!("{n} {unit}{}", if n == 1.0 { "" } else { "s" })
    };
    let hours = days * 24.0;
    if days < 2.0 && days.fract() != 0.0 && (hours - hours.round()).abs() < 1e-6 {
        unit(hours.round(), "hour")
    } else {
        unit(days, "day")
    }
}

fn contenders(out: &mut String, s: &Scenario) {
    out.push_str("\nWho can end up holding power:\n");
    for c in &s.contenders {
        let _ = write!(out, "  {}", titled(&c.name, &c.id));
        if c.momentum.fixed() != Some(0.0) {
            let _ = write!(out, ", with a momentum of {}", remarked(&c.momentum));
        }
        if c.standing.fixed() != Some(0.0) {
            let _ = write!(out, ", with a standing of {}", remarked(&c.standing));
        }
        out.push('\n');
        remarks(out, &c.remarks);
    }
}

/// What the analyst says of an entry, and its source, on one line.
pub(super) fn remarks(out: &mut String, remarks: &Remarks) {
    let text = remark(remarks);
    if !text.is_empty() {
        let _ = writeln!(out, "    {text}");
    }
}

/// Words and their source, as in `men for hire [judgement]`; empty without either.
fn remark(remarks: &Remarks) -> String {
    let says = remarks.says.clone();
    let source = remarks.source.as_ref().map(|s| format!("[{s}]"));
    let words: Vec<String> = says.into_iter().chain(source).collect();
    let words: Vec<&str> = words.iter().flat_map(|w| w.split_whitespace()).collect();
    words.join(" ")
}

/// The name of a number with what is said of it; empty without either.
fn called(remarks: &Remarks) -> String {
    let said = Some(remark(remarks)).filter(|text| !text.is_empty());
    let said: Vec<String> = remarks.name.clone().into_iter().chain(said).collect();
    said.join(": ")
}

/// A number in words, with its name and remarks; those of priors are listed with the priors.
fn remarked(n: &Number) -> String {
    let words = in_words(n);
    if n.is_prior() {
        return words;
    }
    match called(&n.remarks) {
        text if text.is_empty() => words,
        source if source.starts_with('[') => format!("{words} {source}"),
        text => format!("{words} ({text})"),
    }
}

fn offices(out: &mut String, s: &Scenario) {
    if s.offices.is_empty() {
        return;
    }
    out.push_str("\nOffices:\n");
    for o in &s.offices {
        let may = |(a, x): &(usize, f64)| format!("{} ({:.0} %)", s.actors[*a].name, 100.0 * x);
        let holder = match o.holder {
            Some(a) => s.actors[a].name.clone(),
            None if o.claims.0.is_empty() => "nobody".to_owned(),
            None => o.claims.0.iter().map(may).collect::<Vec<_>>().join(" or "),
        };
        let heirs: Vec<&str> = o.successors.iter().map(|a| &*s.actors[*a].name).collect();
        let heirs = match heirs[..] {
            [] => String::new(),
            _ => format!("; successors: {}", heirs.join(", ")),
        };
        let _ = writeln!(out, "  {}, held by {holder}{heirs}", titled(&o.name, &o.id));
        remarks(out, &o.remarks);
        for (k, n) in &o.power {
            let arena = &s.arenas[*k].id;
            let _ = writeln!(
                out,
                "    commands {} of {arena}, whoever holds it",
                remarked(n)
            );
        }
    }
}

fn actors(out: &mut String, s: &Scenario) {
    out.push_str("\nActors:\n");
    for (index, a) in s.actors.iter().enumerate() {
        let kind = match a.kind {
            ActorKind::Person => "a person",
            ActorKind::Body => "a body that may split",
        };
        let _ = writeln!(out, "  {}, {kind}", titled(&a.name, &a.id));
        remarks(out, &a.remarks);
        for (k, n) in &a.power {
            let _ = writeln!(out, "    commands {} of {}", remarked(n), s.arenas[*k].id);
        }
        for (c, n) in &a.loyalty {
            let _ = writeln!(
                out,
                "    loyal to {}: {}",
                s.contenders[*c].name,
                remarked(n)
            );
        }
        for (c, n) in &a.promise {
            let name = &s.contenders[*c].name;
            let _ = writeln!(out, "    would gain {} if {name} won", remarked(n));
        }
        if a.present.fixed() != Some(1.0) {
            let _ = writeln!(out, "    is there at the start: {}", remarked(&a.present));
        }
        if let Some(c) = a.contender {
            let _ = writeln!(out, "    stands for {}", s.contenders[c].id);
        } else {
            let side = match &a.stance {
                Stance::Free => "free: where his reasons put him at the start".to_owned(),
                Stance::Aside => "aside".to_owned(),
                Stance::Contender(c) => s.contenders[*c].name.clone(),
                Stance::Shares(shares) => shares
                    .iter()
                    .map(|(c, x)| format!("{} {:.0} %", s.contenders[*c].name, 100.0 * x))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            let _ = writeln!(
                out,
                "    public side at the start: {side}; opportunism {}; caution {}",
                remarked(&a.opportunism),
                remarked(&a.caution)
            );
        }
        for o in &s.offices {
            if o.holder == Some(index) {
                let _ = writeln!(out, "    holds {}", o.name);
            }
            if let Some(n) = o.authority.get(&index) {
                let _ = writeln!(
                    out,
                    "    authority of the holder of {}: {}",
                    o.id,
                    remarked(n)
                );
            }
        }
    }
}

fn crowds(out: &mut String, s: &Scenario) {
    if s.crowds.is_empty() {
        return;
    }
    out.push_str("\nCrowds (turnout is a share of the politically available people):\n");
    for c in &s.crowds {
        let _ = writeln!(
            out,
            "  {}, weight {}",
            titled(&c.name, &c.id),
            remarked(&c.weight)
        );
        remarks(out, &c.remarks);
        let _ = writeln!(
            out,
            "    grievance {}; thresholds with mean {} and standard deviation {}; contagion {}; spillover {}; \
             repression {}",
            remarked(&c.grievance),
            remarked(&c.threshold_mean),
            remarked(&c.threshold_sd),
            remarked(&c.contagion),
            remarked(&c.spillover),
            remarked(&c.repression)
        );
        if (c.place.fixed(), c.appeal.fixed()) != (Some(1.0), Some(1.0)) {
            let _ = writeln!(
                out,
                "    its turnout is felt {} times where power is, and moves other crowds {} times",
                remarked(&c.place),
                remarked(&c.appeal)
            );
        }
    }
}

fn actions(out: &mut String, s: &Scenario) {
    out.push_str("\nWhat may happen:\n");
    for a in &s.actions {
        let who = a.by.map_or("happens by itself".to_owned(), |i| {
            format!("by {}", s.actors[i].name)
        });
        let _ = writeln!(out, "  {}, {who}", titled(&a.name, &a.id));
        remarks(out, &a.remarks);
        let _ = writeln!(out, "    {}", manner(s, a));
        if a.cool > 0 {
            let cool = lasting(a.cool as f64 / 86_400.0);
            let _ = writeln!(out, "    not again for {cool} after it took effect");
        }
        if let Some(delay) = &a.delay {
            let still = a.still.as_ref().map_or(String::new(), |still| {
                format!(", if still {}", still.text.trim())
            });
            let _ = writeln!(out, "    takes effect after {}{still}", remarked(delay));
        }
        if let Some(rally) = &a.rally {
            let side = &s.contenders[rally.side];
            let _ = write!(
                out,
                "    tried for {}: moving first adds {}, with a night's luck of {}",
                titled(&side.name, &side.id),
                remarked(&rally.first_move),
                remarked(&rally.night)
            );
            if rally.claim.fixed() != Some(1.0) {
                let _ = write!(out, "; claims {} of his following", remarked(&rally.claim));
            }
            out.push('\n');
        }
        if let Some(success) = &a.success {
            let _ = writeln!(out, "    succeeds with probability {}", remarked(success));
        }
        for draw in &a.draws {
            let text = format!(
                "{} {}",
                in_words(&draw.number),
                called(&draw.number.remarks)
            );
            let _ = writeln!(out, "    {}, drawn each time: {}", draw.id, text.trim());
        }
        for e in &a.effects {
            let _ = writeln!(out, "    → {}", e.text.trim());
        }
        for e in &a.failure {
            let _ = writeln!(out, "    if it fails → {}", e.text.trim());
        }
        for b in &a.branches {
            let on = match b.on {
                Fits::Any => "",
                Fits::Success => " of successes",
                Fits::Failure => " of failures",
            };
            let (share, title) = (remarked(&b.share), titled(&b.name, &b.id));
            let _ = writeln!(out, "    with it, in a share of {share}{on}: {title}");
            remarks(out, &b.remarks);
            for e in &b.effects {
                let _ = writeln!(out, "      → {}", e.text.trim());
            }
        }
    }
}

/// How an action comes to happen.
fn manner(s: &Scenario, a: &Action) -> String {
    if a.limit == 0 {
        return "switched off".to_owned();
    }
    let when = a
        .when
        .as_ref()
        .map_or(String::new(), |w| format!(" while {}", w.text.trim()));
    let times = match a.limit {
        1 => "at most once".to_owned(),
        n => format!("up to {n} times"),
    };
    match &a.way {
        Way::Rate(n) if a.every > 0 => format!(
            "{} per day{when}, decided at meetings, every {}; {times}",
            remarked(n),
            lasting(a.every as f64 / 86_400.0)
        ),
        Way::Rate(n) => format!("{} per day{when}, {times}", remarked(n)),
        Way::Chance(n) if a.every > 0 => format!(
            "with probability {} at each meeting, every {}{when}, {times}",
            remarked(n),
            lasting(a.every as f64 / 86_400.0)
        ),
        Way::Chance(n) => {
            let first = a.when.as_ref();
            let first = first.map_or("at the start".to_owned(), |w| {
                format!("once {} first holds", w.text.trim())
            });
            format!("with probability {}, {first}", remarked(n))
        }
        Way::At(moment) => {
            let at = match moment {
                Moment::Known(seconds) => {
                    let start = s.clock.start.to_datetime(jiff::civil::Time::midnight());
                    let at = start.checked_add(jiff::Span::new().seconds(*seconds));
                    at.map_or(String::new(), |d| d.to_string())
                }
                Moment::Uncertain(n) => format!("a date, from the start {}", remarked(n)),
            };
            format!("at {at}{}", when.replace("while", "if"))
        }
        Way::Decide(d) => decision(d, &when, &times),
    }
}

/// How a considered move is weighed.
fn decision(d: &Decide, when: &str, times: &str) -> String {
    let often = match d.every {
        0 => "at every step".to_owned(),
        every => format!("every {}", lasting(every as f64 / 86_400.0)),
    };
    let before = match d.weighed {
        Weighed::Open => "",
        Weighed::Always => ", and before the start in any case",
    };
    format!(
        "a decision{when}, weighed {often}{before}: chance to win {}, prize {}, price {}, value of waiting {}; {} per \
         day once resolved, {times}",
        remarked(&d.win),
        remarked(&d.prize),
        remarked(&d.price),
        remarked(&d.wait),
        remarked(&d.pace)
    )
}

fn endings(out: &mut String, s: &Scenario) {
    out.push_str("\nOutcomes of a round, of which the first that applies is noted:\n");
    for o in &s.outcomes {
        let rule = match &o.reading {
            Reading::Always { when, hold } if hold.fixed() == Some(0.0) => {
                format!("as soon as {}", when.text.trim())
            }
            Reading::Always { when, hold } => {
                format!("once {} has held for {}", when.text.trim(), remarked(hold))
            }
            Reading::AtEnd { when } => format!("at the horizon, if {}", when.text.trim()),
            Reading::Otherwise => "when nothing else applies".to_owned(),
        };
        let _ = writeln!(out, "  {}: {rule}", titled(&o.name, &o.id));
        remarks(out, &o.remarks);
    }
    if !s.flags.is_empty() {
        out.push_str("\nFlags of a round, set if they are ever true:\n");
        for f in &s.flags {
            let _ = writeln!(out, "  {}: {}", titled(&f.name, &f.id), f.when.text.trim());
            remarks(out, &f.remarks);
        }
    }
}

/// Expressions with names.
fn formulas(out: &mut String, formulas: &[Formula]) {
    if formulas.is_empty() {
        return;
    }
    out.push_str("\nFormulas:\n");
    for f in formulas {
        let _ = writeln!(out, "  {} = {}", f.id, f.expression.text.trim());
    }
}

/// What is uncertain, and how much of it has no source.
fn beliefs(out: &mut String, s: &Scenario) {
    let priors = s.priors();
    let _ = writeln!(out, "\nUncertain numbers ({}):", priors.len());
    for n in &priors {
        let _ = write!(out, "  {} = {}", titled(n.called(), &n.path), in_words(n));
        let remark = remark(&n.remarks);
        if !remark.is_empty() {
            let _ = write!(out, ": {remark}");
        }
        let no_source = n.remarks.source.is_none();
        out.push_str(if no_source { " [no source]\n" } else { "\n" });
    }
    if !s.correlations.is_empty() {
        out.push_str("\nUncertain numbers that go together, by their rank correlation:\n");
    }
    for c in &s.correlations {
        let _ = writeln!(out, "  {} and {}: {}", c.of.path, c.with.path, c.rank);
        remarks(out, &c.remarks);
    }
    let is_known = |n: &&Number| !n.is_prior();
    let named = s.parameters.iter().chain(&s.variables).map(|p| &p.number);
    let known: Vec<&Number> = named.filter(is_known).collect();
    if !known.is_empty() {
        out.push_str("\nNumbers that are known or computed:\n");
        for n in known {
            let (title, words) = (titled(n.called(), &n.path), in_words(n));
            let _ = match remark(&n.remarks) {
                text if text.is_empty() => writeln!(out, "  {title} = {words}"),
                source if source.starts_with('[') => writeln!(out, "  {title} = {words} {source}"),
                text => writeln!(out, "  {title} = {words} ({text})"),
            };
        }
    }
    out.push_str("\nGeneral coefficients:\n");
    for (n, key) in s.dynamics.numbers().into_iter().zip(Dynamics::KEYS) {
        let _ = writeln!(out, "  {} = {}: {}", key.name, remarked(n), key.meaning());
    }
    if s.dynamics.choice == Choice::BestReply {
        out.push_str("  choice = best_reply: the better side is always taken\n");
    }
    if s.dynamics.thresholds == Thresholds::Logistic {
        out.push_str("  thresholds = logistic: those of crowds have heavier tails\n");
    }
    let unsourced = priors.iter().filter(|n| n.remarks.source.is_none()).count();
    let judged = priors
        .iter()
        .filter(|n| {
            n.remarks
                .source
                .as_deref()
                .is_some_and(|t| t.contains("judgement"))
        })
        .count();
    let _ = writeln!(
        out,
        "\nOf {} uncertain numbers, {judged} rest on judgement and {unsourced} have no source.",
        priors.len()
    );
}
