//! Names with their arguments: what expressions read, what effects change, what `--follow` and `trace` show.

use super::catalogue::{NAMES, Name, Reading};
use super::fault::nearest;
use super::ids::{IT, IT_OUTSIDE};
use super::state::{Axis, FATES, StateQuantity};

/// A name with its arguments: what an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The quantity.
    pub quantity: StateQuantity,
    /// Its indices; none for a reading over all crowds.
    pub indices: Vec<usize>,
    /// What is read of it.
    pub reading: Reading,
}

/// What an effect changes: a quantity and its indices; nothing stands for `*`, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The quantity.
    pub quantity: StateQuantity,
    /// Its indices.
    pub indices: Vec<Option<usize>>,
}

/// A name that means nothing: what was found, what is allowed, and the nearest name.
#[derive(Debug)]
pub(crate) struct Unknown {
    /// The part of the name that is wrong; nothing for all of it.
    pub(crate) part: Option<usize>,
    pub(crate) found: String,
    pub(crate) allowed: String,
    pub(crate) nearest: Option<String>,
    /// What to write instead, where no name is near.
    pub(crate) help: Option<String>,
}

impl Unknown {
    pub(crate) fn new(found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            part: None,
            found: found.into(),
            allowed: allowed.into(),
            nearest: None,
            help: None,
        }
    }
}

/// One action written for several ids, and the actions that it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// The ids of its actions, in the order of `for`.
    pub actions: Vec<String>,
}

/// The most ids that a message lists.
const LISTED: usize = 12;

impl Template {
    /// The ids of its actions, as messages list them.
    pub(super) fn listed(&self) -> String {
        match self.actions.len() {
            0..=LISTED => self.actions.join(", "),
            n => format!("{}, … ({n} in all)", self.actions[..LISTED].join(", ")),
        }
    }

    /// What is said where its own id stands for an action.
    fn instead(&self, part: usize) -> Unknown {
        let (id, listed) = (&self.id, self.listed());
        let help = match &self.actions[..] {
            [] => None,
            [one] => Some(format!("write `{one}`")),
            [one, another, ..] => Some(format!(
                "write `{one}` for one of them; a set asks about several, as in max(happened.[{one}, {another}])"
            )),
        };
        Unknown {
            part: Some(part),
            help,
            ..Unknown::new(
                format!("`{id}` is a template, which makes an action for each id of its `for`"),
                format!("an action that it makes: {listed}"),
            )
        }
    }
}

/// The ids of a scenario, which names have as their arguments.
#[derive(Debug, Clone, Default)]
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
    /// Actions.
    pub actions: Vec<String>,
    /// Those of them that have a rally.
    pub rallies: Vec<String>,
    /// Variables.
    pub variables: Vec<String>,
    /// Templates, of which names speak by the actions that they became.
    pub templates: Vec<Template>,
}

impl Ids {
    /// The ids that an index counts, in order. Priors, draws and watches have none.
    pub(super) fn of(&self, axis: Axis) -> impl Iterator<Item = &str> + Clone {
        let (ids, last): (&[String], &[&str]) = match axis {
            Axis::Contender => (&self.contenders, &[]),
            Axis::Side => (&self.contenders, &["aside"]),
            Axis::Actor => (&self.actors, &[]),
            Axis::Arena => (&self.arenas, &[]),
            Axis::Office => (&self.offices, &[]),
            Axis::Crowd => (&self.crowds, &[]),
            Axis::Action => (&self.actions, &[]),
            Axis::Rally => (&self.rallies, &[]),
            Axis::Variable => (&self.variables, &[]),
            Axis::Prior | Axis::Draw | Axis::Watch => (&[], &[]),
        };
        ids.iter().map(String::as_str).chain(last.iter().copied())
    }

    /// The index of an id, which is that part of its name. Words after the ids count on from them.
    pub(super) fn find(
        &self,
        axis: Axis,
        id: &str,
        part: usize,
        words: &[&str],
    ) -> Result<usize, Unknown> {
        let known = self.of(axis).chain(words.iter().copied());
        known.clone().position(|x| x == id).ok_or_else(|| {
            let kind = axis.kind();
            if id.contains(IT) {
                let [found, allowed, help] = IT_OUTSIDE;
                return Unknown {
                    part: Some(part),
                    help: Some(help.to_owned()),
                    ..Unknown::new(found, allowed)
                };
            }
            if let (Axis::Action | Axis::Rally, Some(template)) = (axis, self.template(id)) {
                return template.instead(part);
            }
            let list: Vec<&str> = known.clone().collect();
            if axis == Axis::Rally && self.actions.iter().any(|action| action == id) {
                return Unknown {
                    part: Some(part),
                    help: Some(format!("add [actions.{id}.rally] with side = CONTENDER")),
                    ..Unknown::new(
                        format!("the action `{id}` has no `rally`"),
                        "an action with `rally`",
                    )
                };
            }
            let allowed = match list.len() {
                0 if axis == Axis::Rally => "an action with `rally`".to_owned(),
                0 => format!("a declared {kind}"),
                1..=LISTED => format!("one of {}", list.join(", ")),
                n => format!("one of {}, … ({n} in all)", list[..LISTED].join(", ")),
            };
            let near = nearest(id, known);
            let found = match self
                .kind_of(id)
                .filter(|other| near.is_none() && *other != kind)
            {
                Some(other) => {
                    let article = if other.starts_with(['a', 'o']) {
                        "an"
                    } else {
                        "a"
                    };
                    format!("there is no {kind} `{id}`: `{id}` is the id of {article} {other}")
                }
                None => format!("there is no {kind} `{id}`"),
            };
            Unknown {
                part: Some(part),
                nearest: near,
                ..Unknown::new(found, allowed)
            }
        })
    }

    /// The template of an id.
    pub(super) fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    /// Asks whether an action of a template was meant by an id that none has.
    pub(super) fn made_action_meant(&self, id: &str) -> Option<String> {
        let made = self.templates.iter().flat_map(|t| &t.actions);
        let near = nearest(id, made.map(String::as_str))?;
        let template = self.templates.iter().find(|t| t.actions.contains(&near))?;
        let template = &template.id;
        (near != id).then(|| {
            format!("did you mean actions.{near}, which the template actions.{template} makes?")
        })
    }

    /// What an id is declared as.
    fn kind_of(&self, id: &str) -> Option<&'static str> {
        let axes = [
            Axis::Contender,
            Axis::Actor,
            Axis::Arena,
            Axis::Office,
            Axis::Crowd,
            Axis::Action,
            Axis::Variable,
        ];
        let has = |axis: &Axis| self.of(*axis).any(|known| known == id);
        axes.into_iter().find(has).map(Axis::kind)
    }

    /// Every reference of a name, with its text, in the order of its indices.
    #[must_use]
    pub fn every(&self, name: &Name) -> Vec<(String, Reference)> {
        let start = vec![(name.head.to_owned(), Vec::new())];
        let all = name.quantity.axes().iter().fold(start, |texts, axis| {
            let longer = |(text, indices): &(String, Vec<usize>)| {
                let (text, indices) = (text.clone(), indices.clone());
                self.of(*axis).enumerate().map(move |(i, id)| {
                    let indices = indices.iter().copied().chain([i]).collect();
                    (format!("{text}.{id}"), indices)
                })
            };
            texts.iter().flat_map(longer).collect::<Vec<_>>()
        });
        all.into_iter()
            .filter(|(_, indices)| !self.is_own(name.quantity, indices))
            .map(|(text, indices)| {
                let reference = Reference {
                    quantity: name.quantity,
                    indices,
                    reading: Reading::Value,
                };
                (text, reference)
            })
            .collect()
    }

    /// Whether it is a tie of a contender to himself, which does not exist.
    fn is_own(&self, quantity: StateQuantity, indices: &[usize]) -> bool {
        let ties = [StateQuantity::Loyalty, StateQuantity::Promise];
        matches!(indices, [a, c] if ties.contains(&quantity) && self.stands_for[*c] == Some(*a))
    }

    /// What a name of an expression reads.
    pub(crate) fn reference(&self, parts: &[&str]) -> Result<Reference, Unknown> {
        self.reference_as_written(parts).map_err(|unknown| {
            // Two arguments in the wrong order.
            let swapped = (2..parts.len()).find_map(|i| {
                let mut other = parts.to_vec();
                other.swap(i - 1, i);
                self.reference_as_written(&other)
                    .ok()
                    .map(|_| other.join("."))
            });
            Unknown {
                nearest: swapped.or(unknown.nearest),
                ..unknown
            }
        })
    }

    fn reference_as_written(&self, parts: &[&str]) -> Result<Reference, Unknown> {
        let shown = parts.join(".");
        if let [id] = *parts
            && let Some(v) = self.variables.iter().position(|v| v == id)
        {
            return Ok(Reference {
                quantity: StateQuantity::Variable,
                indices: vec![v],
                reading: Reading::Value,
            });
        }
        let known = Name::find(parts[0]).and_then(|name| Some((name, name.reading?)));
        let Some((name, mut reading)) = known else {
            return Err(Unknown::new(
                format!("nothing is called `{shown}`"),
                "a parameter, variable or formula, or a quantity of the state",
            ));
        };
        let arguments = &parts[1..];
        let mut quantity = name.quantity;
        if let Some(in_arena) = name.in_arena
            && arguments.len() == in_arena.axes().len()
        {
            quantity = in_arena;
        }
        let axes = quantity.axes();
        let more = usize::from(matches!(reading, Reading::Holder(_) | Reading::Fate(_)));
        if arguments.len() != axes.len() + more {
            return Err(if axes.is_empty() {
                no_parts(parts)
            } else {
                Unknown::new(format!("`{shown}` is not a number"), name.forms())
            });
        }
        let mut indices = Vec::new();
        for (i, (axis, id)) in axes.iter().zip(arguments).enumerate() {
            indices.push(self.find(*axis, id, i + 1, name.totals())?);
        }
        if let ([Axis::Crowd], [crowd]) = (axes, &indices[..])
            && let Some(total) = crowd.checked_sub(self.crowds.len())
        {
            reading = [Reading::Largest, Reading::Mean, Reading::Felt][total];
            indices.clear();
        }
        match reading {
            Reading::Holder(_) => {
                let actor = self.find(Axis::Actor, arguments[1], 2, &["nobody"])?;
                reading = Reading::Holder((actor < self.actors.len()).then_some(actor));
            }
            Reading::Fate(_) => {
                let unknown = |unknown| Unknown {
                    part: Some(2),
                    ..unknown
                };
                reading = Reading::Fate(fate(arguments[1]).map_err(unknown)?);
            }
            _ => {}
        }
        if self.is_own(quantity, &indices) {
            return Err(match quantity {
                StateQuantity::Promise => Unknown::new(
                    "a promise of a contender to himself",
                    "the promise of another contender",
                ),
                _ => Unknown::new(
                    "a contender's loyalty to himself",
                    "loyalty to another contender",
                ),
            });
        }
        Ok(Reference {
            quantity,
            indices,
            reading,
        })
    }

    /// What the left side of an effect changes, for all but offices.
    pub(super) fn target(&self, parts: &[&str]) -> Result<Target, Unknown> {
        let changed = || NAMES.iter().filter(|n| n.limits().is_some());
        let found = Name::find(parts[0]);
        if let ([id], None) = (parts, found) {
            let plain = NAMES
                .iter()
                .filter(|n| n.effects)
                .filter(|n| n.quantity.axes().is_empty());
            return self
                .find(Axis::Variable, id, 0, &[])
                .map(|v| Target {
                    quantity: StateQuantity::Variable,
                    indices: vec![Some(v)],
                })
                .map_err(|wrong| Unknown {
                    nearest: wrong.nearest.or_else(|| nearest(id, plain.map(|n| n.head))),
                    ..wrong
                });
        }
        let found = found.filter(|n| n.effects);
        let Some(name) = found.filter(|n| n.quantity.axes().len() + 1 == parts.len()) else {
            let allowed = found.map_or_else(
                || {
                    let mut forms: Vec<String> = changed().map(Name::target_form).collect();
                    let last = forms.pop().unwrap_or_default();
                    format!("a variable, {} or {last}", forms.join(", "))
                },
                Name::target_form,
            );
            let heads = changed().map(|n| n.head);
            let computed = Name::find(parts[0]).filter(|n| !n.effects && n.reading.is_some());
            return Err(Unknown {
                help: computed.map(|n| n.kept(&parts[1..])),
                nearest: nearest(parts[0], heads).filter(|n| n != parts[0]),
                ..Unknown::new(
                    format!("`{}` cannot be changed by an effect", parts.join(".")),
                    allowed,
                )
            });
        };
        let mut indices = Vec::new();
        for (i, (axis, id)) in name.quantity.axes().iter().zip(&parts[1..]).enumerate() {
            let all = *id == "*" && matches!(axis, Axis::Actor | Axis::Crowd);
            indices.push(if all {
                None
            } else {
                Some(self.find(*axis, id, i + 1, &[])?)
            });
        }
        let one: Option<Vec<usize>> = indices.iter().copied().collect();
        if one.is_some_and(|indices| self.is_own(name.quantity, &indices)) {
            return Err(match name.quantity {
                StateQuantity::Promise => Unknown::new(
                    "a promise of a contender to himself",
                    "a promise to another actor",
                ),
                _ => Unknown::new(
                    "a contender's loyalty to himself",
                    "loyalty of another actor",
                ),
            });
        }
        Ok(Target {
            quantity: name.quantity,
            indices,
        })
    }

    /// The single targets of an effect: its quantity with every combination of indices.
    #[must_use]
    pub fn targets(&self, target: &Target) -> Vec<Vec<usize>> {
        let axes = target.quantity.axes().iter().zip(&target.indices);
        let all = axes.fold(vec![Vec::new()], |lists, (axis, index)| {
            let range = index.map_or(0..self.of(*axis).count(), |i| i..i + 1);
            let longer = |list: &Vec<usize>| {
                let list = list.clone();
                range
                    .clone()
                    .map(move |i| list.iter().copied().chain([i]).collect())
            };
            lists.iter().flat_map(longer).collect()
        });
        all.into_iter()
            .filter(|indices| !self.is_own(target.quantity, indices))
            .collect()
    }
}

/// What an id at a part of a name counts, if the name is well formed.
pub(super) fn axis_of(parts: &[&str], part: usize) -> Option<Axis> {
    let name = Name::find(parts[0])?;
    let reading = name.reading?;
    let arguments = parts.len() - 1;
    let in_arena = name
        .in_arena
        .filter(|quantity| quantity.axes().len() == arguments);
    let axes = in_arena.unwrap_or(name.quantity).axes();
    let at = part.checked_sub(1)?;
    match reading {
        Reading::Holder(_) if arguments == axes.len() + 1 => {
            Some(axes.get(at).copied().unwrap_or(Axis::Actor))
        }
        Reading::Fate(_) if arguments == axes.len() + 1 => axes.get(at).copied(),
        Reading::Holder(_) | Reading::Fate(_) => None,
        _ if arguments == axes.len() => axes.get(at).copied(),
        _ => None,
    }
}

/// The place of a fate in [`FATES`].
pub(super) fn fate(word: &str) -> Result<usize, Unknown> {
    let place = FATES.iter().position(|f| *f == word);
    place.ok_or_else(|| Unknown {
        nearest: nearest(word, FATES),
        ..Unknown::new(
            format!("there is no fate `{word}`"),
            format!("one of {}", FATES.join(", ")),
        )
    })
}

/// A name that takes no arguments, with arguments.
pub(crate) fn no_parts(parts: &[&str]) -> Unknown {
    Unknown::new(
        format!("`{}`: `{}` has no parts", parts.join("."), parts[0]),
        format!("`{}` alone", parts[0]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Ids {
            contenders: list(&["old", "new"]),
            stands_for: vec![Some(0), None],
            arenas: list(&["force"]),
            actors: list(&["old", "army"]),
            offices: list(&["presidency"]),
            crowds: list(&["capital", "west"]),
            actions: list(&["shock", "move"]),
            rallies: list(&["move"]),
            variables: list(&["pact"]),
            templates: Vec::new(),
        }
    }

    #[test]
    fn every_name_is_found_again_by_its_text() {
        let ids = ids();
        for name in NAMES.iter().filter(|n| n.reading == Some(Reading::Value)) {
            for (text, reference) in ids.every(name) {
                let parts: Vec<&str> = text.split('.').collect();
                assert_eq!(ids.reference(&parts).unwrap(), reference, "{text}");
            }
        }
    }

    #[test]
    fn only_actions_with_a_rally_have_one() {
        let ids = ids();
        assert_eq!(
            ids.reference(&["rally", "move", "aside", "force"])
                .unwrap()
                .indices,
            [0, 2, 0]
        );
        let none = ids.reference(&["rally", "shock", "new"]).unwrap_err();
        assert_eq!(none.found, "the action `shock` has no `rally`");
        assert!(ids.target(&["rally", "move", "new"]).is_err());
    }

    #[test]
    fn a_star_stands_for_all_but_a_contender_himself() {
        let ids = ids();
        let target = ids.target(&["loyalty", "*", "old"]).unwrap();
        assert_eq!(ids.targets(&target), [[1, 0]]);
        let target = ids.target(&["grievance", "*"]).unwrap();
        assert_eq!(ids.targets(&target), [[0], [1]]);
        assert!(ids.target(&["loyalty", "army", "*"]).is_err());
        assert!(ids.target(&["turnout", "capital"]).is_err());
    }
}
