//! Effects: what a happening does to the state, as in `"loyalty.police.tokayev += 0.1"`.

use std::ops::Range;

use super::expression::{Expression, Inside};
use super::fault::{Fault, Place, nearest};

/// One effect.
#[derive(Debug, Clone)]
pub struct Effect {
    /// As written.
    pub text: String,
    /// What it changes.
    pub change: Change,
    /// Where it stands.
    pub place: Place,
}

/// What an effect changes.
#[derive(Debug, Clone)]
pub enum Change {
    /// A number.
    Number {
        /// Which one, or which ones.
        target: Target,
        /// How.
        how: How,
        /// The right-hand side.
        value: Expression,
    },
    /// The holder of an office: `(office, actor or nobody)`.
    Office(usize, Option<usize>),
}

/// How an effect changes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum How {
    Set,
    Add,
    Subtract,
    Multiply,
}

/// The number that an effect changes; `None` stands for `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A variable of the scenario.
    Variable(usize),
    /// Loyalty of an actor to a contender.
    Loyalty(Option<usize>, usize),
    /// Grievance of a crowd.
    Grievance(Option<usize>),
    /// Signal of a contender.
    Signal(usize),
    /// Presence of an actor.
    Present(Option<usize>),
    /// Openness.
    Openness,
    /// Power of an actor in an arena.
    Power(Option<usize>, usize),
}

/// The ids that effects may name.
#[derive(Debug, Default)]
pub struct Ids {
    /// Contenders.
    pub contenders: Vec<String>,
    /// Contenders' actors.
    pub stands_for: Vec<Option<usize>>,
    /// Arenas.
    pub arenas: Vec<String>,
    /// Actors.
    pub actors: Vec<String>,
    /// Offices.
    pub offices: Vec<String>,
    /// Crowds.
    pub crowds: Vec<String>,
    /// Variables.
    pub variables: Vec<String>,
}

/// What is wrong with a part of an effect's left side.
struct Wrong<'t> {
    /// A part of the effect's text.
    part: &'t str,
    found: String,
    allowed: String,
    nearest: Option<String>,
}

impl<'t> Wrong<'t> {
    fn new(part: &'t str, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            part,
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
        }
    }
}

/// The index of `id` in `list`, or what a message needs to say.
fn find<'t>(kind: &str, id: &'t str, list: &[String]) -> Result<usize, Wrong<'t>> {
    list.iter().position(|x| x == id).ok_or_else(|| {
        let found = format!("there is no {kind} `{id}`");
        let allowed = if list.len() <= 12 && !list.is_empty() {
            format!("one of {}", list.join(", "))
        } else {
            format!("a declared {kind}")
        };
        Wrong {
            nearest: nearest(id, list.iter().map(String::as_str)),
            ..Wrong::new(id, found, allowed)
        }
    })
}

fn find_or_all<'t>(kind: &str, id: &'t str, list: &[String]) -> Result<Option<usize>, Wrong<'t>> {
    if id == "*" {
        Ok(None)
    } else {
        find(kind, id, list).map(Some)
    }
}

/// The bytes of `text` that `part`, a slice of it, covers.
fn stretch(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

/// How an effect is written.
const FORM: &str = "NAME = VALUE, or += -= *=";
/// How an effect on an office is written.
const OFFICE: &str = "office.OFFICE = ACTOR, or = nobody";

impl Effect {
    /// Reads an effect.
    ///
    /// # Errors
    /// The first fault of its text.
    pub fn parse(text: &str, place: &Place, inside: &Inside, ids: &Ids) -> Result<Self, Fault> {
        let change = Self::change(text, place, inside, ids)?.map_err(|wrong| Fault {
            place: Some(inside.place(place, &stretch(text, wrong.part))),
            found: wrong.found,
            allowed: wrong.allowed,
            nearest: wrong.nearest.map(|n| format!("did you mean `{n}`?")),
        })?;
        Ok(Self {
            text: text.to_owned(),
            change,
            place: place.clone(),
        })
    }

    /// What an effect changes; the outer fault is one of the right-hand side.
    fn change<'t>(
        text: &'t str,
        place: &Place,
        inside: &Inside,
        ids: &Ids,
    ) -> Result<Result<Change, Wrong<'t>>, Fault> {
        let Some(equals) = text.find('=') else {
            return Ok(Err(Wrong::new(text, "an effect without `=`", FORM)));
        };
        if text[equals + 1..].starts_with('=') {
            let sign = &text[equals..equals + 2];
            return Ok(Err(Wrong::new(sign, "`==` in an effect", FORM)));
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
        let target = match ids.target(left) {
            Ok(target) => target,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let value = Expression::parse(right, place, &inside.after(equals + 1))?;
        Ok(Ok(Change::Number { target, how, value }))
    }
}

impl Ids {
    fn office<'t>(&self, office: &'t str, how: How, right: &'t str) -> Result<Change, Wrong<'t>> {
        let office_index = find("office", office, &self.offices)?;
        if how != How::Set {
            let found = "an office that is added to or multiplied";
            return Err(Wrong::new(office, found, OFFICE));
        }
        let holder = match right.trim() {
            "nobody" => None,
            actor => Some(find("actor", actor, &self.actors)?),
        };
        Ok(Change::Office(office_index, holder))
    }

    fn target<'t>(&self, left: &'t str) -> Result<Target, Wrong<'t>> {
        let parts: Vec<&str> = left.split('.').collect();
        match parts[..] {
            ["openness"] => Ok(Target::Openness),
            ["loyalty", actor, contender] => {
                let a = find_or_all("actor", actor, &self.actors)?;
                let c = find("contender", contender, &self.contenders)?;
                if a.is_some() && self.stands_for[c] == a {
                    let found = "a contender's loyalty to himself";
                    return Err(Wrong::new(left, found, "loyalty of another actor"));
                }
                Ok(Target::Loyalty(a, c))
            }
            ["grievance", crowd] => {
                find_or_all("crowd", crowd, &self.crowds).map(Target::Grievance)
            }
            ["signal", contender] => {
                find("contender", contender, &self.contenders).map(Target::Signal)
            }
            ["present", actor] => find_or_all("actor", actor, &self.actors).map(Target::Present),
            ["power", actor, arena] => Ok(Target::Power(
                find_or_all("actor", actor, &self.actors)?,
                find("arena", arena, &self.arenas)?,
            )),
            [id] => find("variable", id, &self.variables)
                .map(Target::Variable)
                .map_err(|wrong| Wrong {
                    nearest: wrong.nearest.or_else(|| nearest(id, ["openness"])),
                    ..wrong
                }),
            _ => {
                let form = match parts[0] {
                    "loyalty" => "loyalty.ACTOR.CONTENDER",
                    "grievance" => "grievance.CROWD",
                    "signal" => "signal.CONTENDER",
                    "present" => "present.ACTOR",
                    "power" => "power.ACTOR.ARENA",
                    _ => {
                        "a variable, loyalty.ACTOR.CONTENDER, grievance.CROWD, signal.CONTENDER, \
                         present.ACTOR, openness, power.ACTOR.ARENA or office.OFFICE"
                    }
                };
                let heads = [
                    "loyalty",
                    "grievance",
                    "signal",
                    "present",
                    "power",
                    "office",
                ];
                let found = format!("`{left}` cannot be changed by an effect");
                Err(Wrong {
                    nearest: nearest(parts[0], heads).filter(|n| n != parts[0]),
                    ..Wrong::new(left, found, form)
                })
            }
        }
    }
}
