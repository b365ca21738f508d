//! What is not a fault of a scenario, but may not be meant.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::catalogue::Name;
use super::effect::Change;
use super::expression::{Binary, Expression, Node, Tree};
use super::fault::nearest;
use super::model::{Action, Number, NumberKind, Reading, Scenario, Way};
use super::moment::seconds_from;
use super::state::Axis;

impl Scenario {
    /// The id of an action in what is told of what is written in it: that of the template that makes it.
    fn written_id<'s>(&'s self, id: &'s str) -> &'s str {
        let template = self
            .templates
            .iter()
            .find(|t| t.actions.iter().any(|a| a == id));
        template.map_or(id, |t| &t.id)
    }

    /// Every expression of the scenario, with the path at which it is written.
    fn expressions(&self) -> Vec<(String, &Expression)> {
        let mut out = Vec::new();
        for formula in &self.formulas {
            out.push((format!("formulas.{}", formula.id), &formula.expression));
        }
        for number in self.numbers() {
            if let NumberKind::Expression(e) = &number.kind {
                let path = number
                    .path
                    .strip_prefix("actions.")
                    .and_then(|p| p.split_once('.'));
                let path = path.map(|(id, key)| format!("actions.{}.{key}", self.written_id(id)));
                out.push((path.unwrap_or_else(|| number.path.clone()), e));
            }
        }
        for action in &self.actions {
            let id = self.written_id(&action.id);
            let conditions = [("when", &action.when), ("still", &action.still)];
            for (key, condition) in conditions {
                out.extend(condition.iter().map(|e| (format!("actions.{id}.{key}"), e)));
            }
            for effect in action.every_effect() {
                if let Change::Number { value, .. } = &effect.change {
                    out.push((format!("an effect of actions.{id}"), value));
                }
            }
        }
        for outcome in &self.outcomes {
            if let Reading::Always { when, .. } | Reading::AtEnd { when } = &outcome.reading {
                out.push((format!("outcomes.{}.when", outcome.id), when));
            }
        }
        for flag in &self.flags {
            out.push((format!("flags.{}.when", flag.id), &flag.when));
        }
        out
    }

    /// Remarks on actions without effects whose happening nothing reads, nor what is `asked` besides: each may be a
    /// misspelt table that was to go over another action.
    #[must_use]
    pub fn idle_actions(&self, asked: &[&Expression]) -> Vec<String> {
        let mut read: BTreeSet<&str> = BTreeSet::new();
        let own = self.expressions();
        for e in own.iter().map(|(_, e)| *e).chain(asked.iter().copied()) {
            visit(&e.tree, &mut |tree| {
                if let Node::Name(parts) = &tree.node
                    && let [head, ids, ..] = &parts[..]
                    && let Some(name) = Name::find(head)
                    && let Some(Axis::Action | Axis::Rally) = name.quantity.axes().first()
                {
                    // Sets in what is asked are not written out.
                    read.extend(ids.split(['[', ']', ',', ' ']));
                }
            });
        }
        let is_read = |id: &str| read.contains(id) || read.contains("*");
        let idle = |a: &Action| a.every_effect().next().is_none() && !is_read(&a.id);
        let tell = |a: &Action, id: &str| {
            let asks = self
                .overridden(a)
                .map_or(String::new(), |meant| format!("; {meant}"));
            format!(
                "actions.{id} does nothing: it has no effects, and nothing reads whether it happened{asks}"
            )
        };
        self.told_once(idle, tell)
    }

    /// What is to be told of each action that is so; of all that a template makes, once and by its id.
    fn told_once(
        &self,
        is_so: impl Fn(&Action) -> bool,
        tell: impl Fn(&Action, &str) -> String,
    ) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let so: Vec<&Action> = self.actions.iter().filter(|a| is_so(a)).collect();
        let ids: BTreeSet<&str> = so.iter().map(|a| a.id.as_str()).collect();
        for action in &so {
            let template = self
                .templates
                .iter()
                .find(|t| t.actions.contains(&action.id));
            let whole = template.filter(|t| t.actions.iter().all(|id| ids.contains(id.as_str())));
            let told = tell(action, whole.map_or(&action.id, |t| &t.id));
            if out.last() != Some(&told) {
                out.push(told);
            }
        }
        out
    }

    /// Asks whether an action was to go over another one: of a template, or of another file.
    fn overridden(&self, action: &Action) -> Option<String> {
        let ids = self.ids();
        if ids.templates.iter().any(|t| t.actions.contains(&action.id)) {
            return None;
        }
        let others = || {
            let here = file(action)?;
            let others = self.actions.iter();
            let others = others.filter(|other| file(other).is_some_and(|there| there != here));
            let near = nearest(&action.id, others.map(|other| other.id.as_str()))?;
            Some(format!("did you mean actions.{near}?"))
        };
        ids.made_action_meant(&action.id).or_else(others)
    }

    /// Remarks on actions of which several decisions can wait for their effects, though `cool` may be meant to keep
    /// them apart.
    #[must_use]
    pub fn doubly_pending(&self) -> Vec<String> {
        let can = |a: &Action| {
            // Meetings that are farther apart than the delay is long keep decisions apart.
            let apart =
                |delay: &Number| longest(delay).is_some_and(|d| d * 86_400.0 <= a.every as f64);
            a.limit > 1 && a.cool > 0 && a.delay.as_ref().is_some_and(|delay| !apart(delay))
        };
        self.told_once(can, |_, id| {
            format!(
                "actions.{id} can be decided again while an earlier decision waits for its effects: `cool` counts from \
                 the effects, not from the decision; to keep decisions apart, make the decision an action of its own"
            )
        })
    }

    /// Remarks on expressions that compare the day with dates which all lie outside the clock.
    #[must_use]
    pub fn days_outside(&self) -> Vec<String> {
        let (start, days) = (self.clock.start, self.clock.days);
        let last = start.saturating_add(jiff::Span::new().days(days.cast_signed()));
        let tell = |(path, e): &(String, &Expression)| {
            let mut dates: Vec<&str> = Vec::new();
            let mut inside = false;
            visit(&e.tree, &mut |tree| {
                if let Some((text, seconds)) = day_and_date(tree, start) {
                    inside |= (0..=days.cast_signed() * 86_400).contains(&seconds);
                    dates.push(text);
                }
            });
            let (Some(first), false) = (dates.first(), inside) else {
                return None;
            };
            let which = if dates.len() > 1 {
                " and other dates, all"
            } else {
                ", which is"
            };
            Some(format!(
                "{path} compares the day with {first}{which} outside the clock ({start} to {last}): it is the same on \
                 every day"
            ))
        };
        let mut out: Vec<String> = self.expressions().iter().filter_map(tell).collect();
        out.dedup();
        out
    }
}

/// The file in which an action says how it comes about.
fn file(action: &Action) -> Option<usize> {
    match &action.way {
        Way::Rate(n) | Way::Chance(n) => Some(n.place.file),
        Way::Decide(terms) => Some(terms.pace.place.file),
        Way::At(_) => None,
    }
}

/// The longest that a duration can be, in days, if it has an end.
fn longest(delay: &Number) -> Option<f64> {
    match delay.kind {
        NumberKind::Pert { high, .. } => Some(high),
        NumberKind::Uniform { max, .. } => Some(max),
        _ => delay.fixed(),
    }
}

/// The date with which a tree compares the day, as written and in seconds from the start.
fn day_and_date(tree: &Tree, start: Date) -> Option<(&str, i64)> {
    let Node::Binary(op, left, right) = &tree.node else {
        return None;
    };
    let compares = matches!(
        op,
        Binary::Less
            | Binary::LessEqual
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::Equal
            | Binary::NotEqual
    );
    let text = match (&left.node, &right.node) {
        (Node::Name(name), Node::Date(text)) | (Node::Date(text), Node::Name(name)) => {
            (*name == ["day"]).then_some(text)?
        }
        _ => return None,
    };
    let seconds = seconds_from(start, text)?;
    compares.then_some((text, seconds))
}

/// Visits every part of a tree.
fn visit<'t>(tree: &'t Tree, see: &mut impl FnMut(&'t Tree)) {
    see(tree);
    match &tree.node {
        Node::Name(_) | Node::Number(_) | Node::Date(_) => {}
        Node::Unary(_, inner) => visit(inner, see),
        Node::Binary(_, left, right) => {
            visit(left, see);
            visit(right, see);
        }
        Node::Call(_, arguments) => arguments.iter().for_each(|a| visit(a, see)),
    }
}
