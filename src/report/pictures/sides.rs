//! Where actors stand at the start and at the end, and how loyalties change.

use super::both;
use crate::report::canvas::{Canvas, Drawing, Fix, Width};
use crate::report::context::Context;
use crate::report::folder::{ReportError, ResultFolder};
use crate::report::lanes::{Key, axis, in_percent, lanes, legend};
use crate::report::picture::{Data, Picture};
use crate::report::scale::Scale;
use crate::table::run::ActorRow;
use crate::text::number::{decimal, list, percent};

/// A stance of a row.
type Stance = fn(&ActorRow) -> f64;

/// The rows of each actor.
fn by_actor(rows: &[ActorRow]) -> Vec<&[ActorRow]> {
    rows.chunk_by(|a, b| a.actor == b.actor).collect()
}

fn keys(rows: &[ActorRow], folder: &ResultFolder, context: &Context, aside: bool) -> Vec<Key> {
    let first = by_actor(rows).first().copied().unwrap_or_default();
    let sides = first.iter().filter(|r| aside || r.contender != "aside");
    sides
        .map(|r| {
            let (role, pattern) = context.side(&r.contender);
            Key {
                role,
                pattern,
                label: folder.facts().side(&r.contender),
            }
        })
        .collect()
}

fn draw(width: Width, rows: &[ActorRow], keys: &[Key], context: &Context) -> Drawing {
    let mut c = Canvas::new(width);
    let top = legend(&mut c, keys, 4.0);
    let actors = by_actor(rows);
    let labels: Vec<String> = actors.iter().map(|a| a[0].name.clone()).collect();
    let l = lanes(&mut c, &labels, top, 32.0, 8.0);
    let x0 = l.x.0 + 42.0;
    let scale = Scale::new((0.0, 1.0), (x0, l.x.1));
    for (actor, y) in actors.iter().zip(&l.middle) {
        let lines: [(&str, f64, Stance); 2] = [
            ("start", -16.0, |r| r.stance_start),
            ("end", 1.0, |r| r.stance_end),
        ];
        for (text, offset, of) in lines {
            c.text(x0 - 6.0, y + offset + 11.0, "small f-soft", Fix::End, text);
            let mut from = 0.0;
            for row in *actor {
                let (role, pattern) = context.side(&row.contender);
                let (a, b) = (scale.at(from), scale.at(from + of(row)));
                c.bar((a, y + offset), (b - a, 14.0), role, pattern);
                from += of(row);
            }
        }
    }
    axis(
        &mut c,
        scale,
        &[0.0, 0.25, 0.5, 0.75, 1.0],
        (l.y.1, l.y.1 + 4.0),
        in_percent,
    );
    c.finish(l.y.1 + 24.0)
}

/// `mostly with A 60.0 %, B 30.0 %`
fn leaning(actor: &[ActorRow], folder: &ResultFolder, of: fn(&ActorRow) -> f64) -> String {
    let mut sides: Vec<&ActorRow> = actor.iter().filter(|r| of(r) >= 0.0005).collect();
    sides.sort_by(|a, b| of(b).total_cmp(&of(a)));
    let parts: Vec<String> = sides
        .iter()
        .take(2)
        .map(|r| format!("{} {}", folder.facts().side(&r.contender), percent(of(r))))
        .collect();
    list(&parts)
}

fn drift(width: Width, rows: &[ActorRow], keys: &[Key], context: &Context) -> Drawing {
    let mut c = Canvas::new(width);
    let top = legend(&mut c, keys, 4.0);
    c.text(
        2.0,
        top + 9.0,
        "small f-soft",
        Fix::Start,
        "ring: at the start; dot: at the end",
    );
    let actors = by_actor(rows);
    let labels: Vec<String> = actors.iter().map(|a| a[0].name.clone()).collect();
    let l = lanes(
        &mut c,
        &labels,
        top + 18.0,
        14.0 * (keys.len() as f64).max(2.0),
        8.0,
    );
    let scale = Scale::new((0.0, 1.0), (l.x.0 + 7.0, l.x.1 - 7.0));
    axis(&mut c, scale, &scale.ticks(5), l.y, decimal);
    for (actor, y) in actors.iter().zip(&l.middle) {
        let own: Vec<(&ActorRow, f64, f64)> = actor
            .iter()
            .filter_map(|r| Some((r, r.loyalty_start?, r.loyalty_end?)))
            .collect();
        let first = y - 13.0 * (own.len().saturating_sub(1)) as f64 / 2.0;
        for (i, (row, start, end)) in own.iter().enumerate() {
            let (role, _) = context.side(&row.contender);
            let y = first + 13.0 * i as f64;
            c.line(
                (scale.at(*start), y),
                (scale.at(*end), y),
                &format!("line s-{role}"),
            );
            c.dot(
                (scale.at(*start), y),
                4.5,
                &format!("f-paper edge s-{role}"),
            );
            c.dot((scale.at(*end), y), 3.5, &format!("f-{role}"));
        }
    }
    c.finish(l.y.1 + 22.0)
}

/// The two pictures.
pub(in crate::report) fn sides(
    folder: &ResultFolder,
    context: &Context,
) -> Result<Vec<Picture>, ReportError> {
    let rows: Vec<ActorRow> = folder.rows()?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let columns = [
        "scenario",
        "actor",
        "name",
        "contender",
        "loyalty_start",
        "loyalty_end",
        "stance_start",
        "stance_end",
    ];
    let data = || Data::kept(&columns, &rows);
    let stood: Vec<String> = by_actor(&rows)
        .iter()
        .map(|a| {
            let start = leaning(a, folder, |r| r.stance_start);
            let end = leaning(a, folder, |r| r.stance_end);
            format!("{}: at the start {start}, at the end {end}", a[0].name)
        })
        .collect();
    let moved: Vec<String> = by_actor(&rows)
        .iter()
        .filter_map(|a| {
            let parts: Vec<String> = a
                .iter()
                .filter_map(|r| {
                    let (start, end) = (r.loyalty_start?, r.loyalty_end?);
                    let side = folder.facts().side(&r.contender);
                    Some(format!(
                        "to {side} from {} to {}",
                        decimal(start, 2),
                        decimal(end, 2)
                    ))
                })
                .collect();
            (!parts.is_empty()).then(|| format!("{}: {}", a[0].name, list(&parts)))
        })
        .collect();
    let (all, loyal) = (
        keys(&rows, folder, context, true),
        keys(&rows, folder, context, false),
    );
    Ok(vec![
        Picture {
            name: "sides".to_owned(),
            title: "Where actors stand, at the start and at the end".to_owned(),
            text: format!("The two largest sides of each actor. {}.", stood.join("; ")),
            caption: "Mean share of each actor that publicly takes each side: for a person the share of \
                      rounds, for a body the part of it. Upper bar: at the start; lower bar: when the \
                      round ends."
                .to_owned(),
            drawings: both(|w| draw(w, &rows, &all, context)),
            data: data(),
        },
        Picture {
            name: "loyalties".to_owned(),
            title: "How private loyalties change".to_owned(),
            text: format!("Mean loyalty from 0 to 1. {}.", moved.join("; ")),
            caption: "Mean private loyalty of each actor to each contender, from 0 (none) to 1. For each \
                      actor, contenders are in the order of the legend."
                .to_owned(),
            drawings: both(|w| drift(w, &rows, &loyal, context)),
            data: data(),
        },
    ])
}
