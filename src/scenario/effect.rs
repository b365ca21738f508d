//! Effects: what an action changes, as in `"loyalty.police.tokayev += 0.1"`.

use std::ops::Range;

use super::expression::{Expression, Inside};
use super::fault::{Fault, Place, did_you_mean};
use super::names::{Ids, Target, Unknown, fate};
use super::state::Axis;

/// One effect.
#[derive(Debug, Clone)]
pub struct Effect {
    /// As written.
    pub text: String,
    /// What it changes.
    pub change: Change,
}

/// What an effect changes.
#[derive(Debug, Clone)]
pub enum Change {
    /// A number.
    Number {
        /// The number, or numbers.
        target: Target,
        /// How.
        how: How,
        /// The right-hand side.
        value: Expression,
    },
    /// The holder of an office: `(office, actor or nobody)`.
    Office(usize, Option<usize>),
    /// The stance of an actor: `(actor, contender, or aside after all contenders)`.
    Stance(usize, usize),
    /// An actor is no longer there: `(actor, place in the list of fates)`.
    Remove(usize, usize),
}

/// How an effect changes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum How {
    Set,
    Add,
    Subtract,
    Multiply,
}

/// A fault of one part of an effect.
struct Wrong<'t> {
    /// A part of the effect's text.
    part: &'t str,
    found: String,
    allowed: String,
    nearest: Option<String>,
    /// What to write instead.
    help: Option<String>,
}

impl<'t> Wrong<'t> {
    fn new(part: &'t str, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            part,
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
            help: None,
        }
    }

    fn of(part: &'t str, unknown: Unknown) -> Self {
        Self {
            part,
            found: unknown.found,
            allowed: unknown.allowed,
            nearest: unknown.nearest,
            help: unknown.help,
        }
    }
}

/// Returns the bytes of `text` that `part`, a slice of it, covers.
fn stretch(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

/// How an effect is written.
const FORM: &str = "NAME = VALUE, or += -= *=";
/// How an effect on an office is written.
const OFFICE: &str = "office.OFFICE = ACTOR, or = nobody";
/// How an effect on a stance is written.
const STANCE: &str = "stance.ACTOR = CONTENDER, or = aside";
/// How a removal is written.
const REMOVE: &str = "remove.ACTOR = FATE";

impl Effect {
    /// Reads an effect.
    ///
    /// # Errors
    /// The first fault of its text.
    pub fn parse(text: &str, place: &Place, inside: &Inside, ids: &Ids) -> Result<Self, Fault> {
        let change = Self::change(text, place, inside, ids)?.map_err(|wrong| {
            let place = inside.place(place, &stretch(text, wrong.part));
            let asked = did_you_mean(wrong.part, wrong.nearest);
            Fault::at(&place, wrong.found, wrong.allowed).help(wrong.help.or(asked))
        })?;
        Ok(Self {
            text: text.to_owned(),
            change,
        })
    }

    /// Returns what an effect changes; the outer error is a fault of the right-hand side.
    fn change<'t>(
        text: &'t str,
        place: &Place,
        inside: &Inside,
        ids: &Ids,
    ) -> Result<Result<Change, Wrong<'t>>, Fault> {
        let Some(equals) = text.find('=') else {
            let help = text
                .trim()
                .rsplit_once(char::is_whitespace)
                .map(|(name, value)| {
                    let name = name
                        .trim()
                        .trim_end_matches(['+', ':', '<', '-', '>'])
                        .trim_end();
                    format!("write \"{name} += {value}\" to add, or \"{name} = {value}\" to set")
                });
            let wrong = Wrong::new(text, "an effect without `=`", FORM);
            return Ok(Err(Wrong { help, ..wrong }));
        };
        if text[equals + 1..].starts_with('=') {
            let sign = &text[equals..equals + 2];
            let help = Some("write a single `=`".to_owned());
            let wrong = Wrong::new(sign, "`==` in an effect", FORM);
            return Ok(Err(Wrong { help, ..wrong }));
        }
        let (how, left_end) = match text[..equals].chars().last() {
            Some('+') => (How::Add, equals - 1),
            Some('-') => (How::Subtract, equals - 1),
            Some('*') if !text[..equals].ends_with(".*") => (How::Multiply, equals - 1),
            _ => (How::Set, equals),
        };
        let left = text[..left_end].trim();
        let right = &text[equals + 1..];
        if let Some(office) = left.strip_prefix("office.") {
            return Ok(ids.office(office, how, right));
        }
        if let Some(actor) = left.strip_prefix("stance.").filter(|a| !a.contains('.')) {
            return Ok(ids.stance(actor, how, right));
        }
        if let Some(actor) = left.strip_prefix("remove.").filter(|a| !a.contains('.')) {
            return Ok(ids.remove(actor, how, right));
        }
        let parts: Vec<&str> = left.split('.').collect();
        let target = match ids.target(&parts) {
            Ok(target) => target,
            Err(unknown) => {
                let part = unknown.part.map_or(left, |i| parts[i]);
                return Ok(Err(Wrong::of(part, unknown)));
            }
        };
        let value = Expression::parse(right, place, &inside.after(equals + 1))?;
        Ok(Ok(Change::Number { target, how, value }))
    }
}

impl Ids {
    fn office<'t>(&self, office: &'t str, how: How, right: &'t str) -> Result<Change, Wrong<'t>> {
        let index = self
            .find(Axis::Office, office, 0, &[])
            .map_err(|unknown| Wrong::of(office, unknown))?;
        if how != How::Set {
            let found = "an office that is added to or multiplied";
            return Err(Wrong::new(office, found, OFFICE));
        }
        let holder = match right.trim() {
            "nobody" => None,
            actor => Some(
                self.find(Axis::Actor, actor, 0, &[])
                    .map_err(|unknown| Wrong::of(actor, unknown))?,
            ),
        };
        Ok(Change::Office(index, holder))
    }

    fn stance<'t>(&self, actor: &'t str, how: How, right: &'t str) -> Result<Change, Wrong<'t>> {
        let index = self
            .find(Axis::Actor, actor, 0, &[])
            .map_err(|unknown| Wrong::of(actor, unknown))?;
        if how != How::Set {
            let found = "a stance that is added to or multiplied";
            return Err(Wrong::new(actor, found, STANCE));
        }
        if self.stands_for.contains(&Some(index)) {
            let found = format!("the stance of `{actor}`, who is a contender");
            let allowed = "the stance of an actor that is no contender";
            return Err(Wrong::new(actor, found, allowed));
        }
        let side = right.trim();
        let side = self
            .find(Axis::Side, side, 0, &[])
            .map_err(|unknown| Wrong::of(side, unknown))?;
        Ok(Change::Stance(index, side))
    }

    fn remove<'t>(&self, actor: &'t str, how: How, right: &'t str) -> Result<Change, Wrong<'t>> {
        let index = self
            .find(Axis::Actor, actor, 0, &[])
            .map_err(|unknown| Wrong::of(actor, unknown))?;
        if how != How::Set {
            let found = "a removal that is added to or multiplied";
            return Err(Wrong::new(actor, found, REMOVE));
        }
        let word = right.trim();
        let fate = fate(word).map_err(|unknown| Wrong::of(word, unknown))?;
        Ok(Change::Remove(index, fate))
    }
}
