//! What the names of a condition stood at, for `trace`.

use crate::engine::Batch;
use crate::scenario::Scenario;
use crate::scenario::expression::{Node, Tree};

/// The values of the names in a condition, in brackets: ` (turnout.max 0.045, sites_lost 2)`. Names of formulas and
/// of fixed numbers are left out.
pub(super) fn values(s: &Scenario, batch: &Batch<'_, 1>, tree: &Tree) -> String {
    let mut names = Vec::new();
    collect(tree, &mut names);
    let mut shown: Vec<String> = Vec::new();
    for parts in names {
        if let Some(x) = value(s, batch, &parts) {
            let rounded = (f64::from(x) * 1_000.0).round() / 1_000.0;
            let text = format!("{} {rounded}", parts.join("."));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
    }
    if shown.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown.join(", "))
    }
}

fn collect<'t>(tree: &'t Tree, names: &mut Vec<Vec<&'t str>>) {
    match &tree.node {
        Node::Name(parts) => names.push(parts.iter().map(String::as_str).collect()),
        Node::Unary(_, inner) => collect(inner, names),
        Node::Binary(_, left, right) => {
            collect(left, names);
            collect(right, names);
        }
        Node::Call(_, arguments) => arguments.iter().for_each(|a| collect(a, names)),
        Node::Number(_) | Node::Date(_) => {}
    }
}

/// What a name reads from the state; nothing where it is no plain quantity of it.
fn value(s: &Scenario, batch: &Batch<'_, 1>, parts: &[&str]) -> Option<f32> {
    let l = batch.layout();
    let at = |slot: usize| batch.get(slot).0[0];
    let find = |ids: Vec<&str>, id: &str| ids.iter().position(|x| *x == id);
    let actor = |id: &str| find(s.actors.iter().map(|a| a.id.as_str()).collect(), id);
    let action = |id: &str| find(s.actions.iter().map(|a| a.id.as_str()).collect(), id);
    let option = |id: &str| {
        let contenders = s.contenders.iter().map(|c| c.id.as_str());
        find(contenders.chain(["aside"]).collect(), id)
    };
    let arena = |id: &str| find(s.arenas.iter().map(|k| k.id.as_str()).collect(), id);
    match parts {
        ["day"] => Some(at(l.day())),
        ["openness"] => Some(at(l.openness())),
        ["turnout", "max"] => Some((0..l.crowds).map(|n| at(l.turnout(n))).fold(0.0, f32::max)),
        ["turnout", id] => {
            find(s.crowds.iter().map(|c| c.id.as_str()).collect(), id).map(|n| at(l.turnout(n)))
        }
        ["support", o] => option(o).map(|o| at(l.support(o))),
        ["support", o, k] => Some(at(l.support_in(option(o)?, arena(k)?))),
        ["prospects", c] => option(c).map(|c| at(l.prospects(c))),
        ["loyalty", a, c] => Some(at(l.loyalty(actor(a)?, option(c)?))),
        ["stance", a, o] => Some(at(l.stance(actor(a)?, option(o)?))),
        ["present", a] => actor(a).map(|a| at(l.present(a))),
        ["count", i] => action(i).map(|i| at(l.count(i))),
        ["since", i] => {
            let latest = at(l.latest(action(i)?));
            latest.is_finite().then(|| at(l.day()) - latest)
        }
        [id] => s
            .variables
            .iter()
            .position(|v| v.id == *id)
            .map(|v| at(l.variable(v))),
        _ => None,
    }
}
