//! Effects: what a happening does to the state, as in `"loyalty.police.tokayev += 0.1"`.

use super::expression::Expression;
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

/// The index of `id` in `list`, or what a message needs to say.
fn find(kind: &str, id: &str, list: &[String]) -> Result<usize, (String, String)> {
    list.iter().position(|x| x == id).ok_or_else(|| {
        let guess = nearest(id, list.iter().map(String::as_str))
            .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        (
            format!("there is no {kind} `{id}`"),
            format!("a declared {kind}{guess}"),
        )
    })
}

fn find_or_all(kind: &str, id: &str, list: &[String]) -> Result<Option<usize>, (String, String)> {
    if id == "*" {
        Ok(None)
    } else {
        find(kind, id, list).map(Some)
    }
}

impl Effect {
    /// Reads an effect.
    ///
    /// # Errors
    /// The first fault of its text.
    pub fn parse(
        text: &str,
        place: &Place,
        offset: Option<usize>,
        ids: &Ids,
    ) -> Result<Self, Fault> {
        let wrong = |(found, allowed): (String, String)| Fault::at(place, found, allowed);
        let Some(equals) = text.find('=') else {
            return Err(wrong((
                format!("the effect `{text}` has no `=`"),
                "NAME = VALUE, or += -= *=".to_owned(),
            )));
        };
        let (how, left_end) = match text[..equals].chars().last() {
            Some('+') => (How::Add, equals - 1),
            Some('-') => (How::Subtract, equals - 1),
            Some('*') => (How::Multiply, equals - 1),
            _ => (How::Set, equals),
        };
        let left = text[..left_end].trim();
        let right = &text[equals + 1..];
        let right_offset = offset.map(|o| o + equals + 1);
        let parts: Vec<&str> = left.split('.').collect();
        let done = |change| {
            Ok(Self {
                text: text.to_owned(),
                change,
                place: place.clone(),
            })
        };
        if parts[0] == "office" {
            let [_, office] = parts[..] else {
                return Err(wrong((
                    format!("`{left}` is not an office"),
                    "office.OFFICE = ACTOR or = nobody".to_owned(),
                )));
            };
            let office = find("office", office, &ids.offices).map_err(wrong)?;
            if how != How::Set {
                return Err(wrong((
                    "an office that is added to or multiplied".to_owned(),
                    "office.OFFICE = ACTOR or = nobody".to_owned(),
                )));
            }
            let holder = match right.trim() {
                "nobody" => None,
                actor => Some(find("actor", actor, &ids.actors).map_err(wrong)?),
            };
            return done(Change::Office(office, holder));
        }
        let target = ids.target(&parts).map_err(wrong)?;
        let value = Expression::parse(right, place, right_offset)?;
        done(Change::Number { target, how, value })
    }
}

impl Ids {
    fn target(&self, parts: &[&str]) -> Result<Target, (String, String)> {
        let shown = parts.join(".");
        match parts {
            ["openness"] => Ok(Target::Openness),
            ["loyalty", actor, contender] => {
                let c = find("contender", contender, &self.contenders)?;
                let a = find_or_all("actor", actor, &self.actors)?;
                if a.is_some() && self.stands_for[c] == a {
                    return Err((
                        format!("`{shown}`: a contender's loyalty to himself"),
                        "loyalty of another actor".to_owned(),
                    ));
                }
                Ok(Target::Loyalty(a, c))
            }
            ["grievance", crowd] => Ok(Target::Grievance(find_or_all(
                "crowd",
                crowd,
                &self.crowds,
            )?)),
            ["signal", contender] => Ok(Target::Signal(find(
                "contender",
                contender,
                &self.contenders,
            )?)),
            ["present", actor] => Ok(Target::Present(find_or_all("actor", actor, &self.actors)?)),
            ["power", actor, arena] => Ok(Target::Power(
                find_or_all("actor", actor, &self.actors)?,
                find("arena", arena, &self.arenas)?,
            )),
            [id] => Ok(Target::Variable(find("variable", id, &self.variables)?)),
            _ => {
                let heads = [
                    "loyalty",
                    "grievance",
                    "signal",
                    "present",
                    "power",
                    "office",
                ];
                let guess = nearest(parts[0], heads)
                    .map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                Err((
                    format!("`{shown}` cannot be changed by an effect"),
                    format!(
                        "a variable, loyalty.A.C, grievance.CROWD, signal.C, present.A, openness, \
                         power.A.ARENA, office.O{guess}"
                    ),
                ))
            }
        }
    }
}
