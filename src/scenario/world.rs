//! Reads who there is: contenders, clock, arenas, named numbers, dynamics, actors, offices, crowds.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};

use super::expression::Expression;
use super::fault::{Fault, Place};
use super::grammar::{Leaf, SCENARIO, Shape};
use super::model::{
    Actor, ActorKind, Arena, Choice, Clock, Contender, Crowd, DecideFrom, Dynamics, Formula, Named,
    Number, Office, Stance, Thresholds, limits,
};
use super::read::{Allowed, Reader, Section, days};
use super::state::{HEADS, Ids};
use super::tree::{Node, UNREAD, Value};

/// A table of which nothing is known.
const ANYTHING: Shape = Shape::Leaf(Leaf::Words);

/// The shape of an entry of a section.
pub(super) fn entry_shape(section: &str) -> &'static Shape {
    match SCENARIO.below(section) {
        Some(Shape::Map(shape)) => shape,
        _ => &ANYTHING,
    }
}

impl Reader<'_> {
    pub(super) fn clock(&mut self, root: &Node) -> Clock {
        let fallback = Clock {
            start: Date::constant(2000, 1, 1),
            days: 1,
            step_seconds: 21_600,
        };
        let Some(node) = root.get("clock") else {
            self.missing(Fault::at(
                &root.place,
                "no table [clock]",
                "[clock] with start = 2022-01-01, days = 31, step = \"6h\"",
            ));
            return fallback;
        };
        self.entries(node, "clock");
        if let Some(shape) = SCENARIO.below("clock") {
            self.known_keys(node, shape);
        }
        let start = match node.get("start") {
            Some(Node {
                value: Value::Date(d),
                ..
            }) if d.time() == Time::midnight() || *d == UNREAD => d.date(),
            Some(other) => {
                let found = format!("clock.start is {}", other.shown());
                self.fault(Fault::at(&other.place, found, "a date, such as 2022-01-01"));
                fallback.start
            }
            None => {
                let place = Self::head(root, "clock");
                self.missing(Fault::at(place, "no clock.start", "start = 2022-01-01"));
                fallback.start
            }
        };
        let before = self.faults.len();
        let days_count = match node.get("days") {
            Some(n) => self.whole(n, "clock.days", 1, 1_000_000),
            None => {
                let place = Self::head(root, "clock");
                self.missing(Fault::at(place, "no clock.days", "days = 31"));
                1
            }
        };
        let step_seconds = self.step(node);
        if self.faults.len() > before || step_seconds.is_none() {
            return Clock { start, ..fallback };
        }
        let step_seconds = step_seconds.unwrap_or(fallback.step_seconds);
        let clock = Clock {
            start,
            days: days_count,
            step_seconds,
        };
        let place = node.get("days").map_or(&node.place, |n| &n.place);
        if clock.steps() > limits::STEPS {
            self.fault(Fault::at(
                place,
                format!("{days_count} days make {} steps", clock.steps()),
                format!(
                    "at most {} steps: fewer days or a longer step",
                    limits::STEPS
                ),
            ));
            return Clock { days: 1, ..clock };
        }
        if (days_count * 86_400) % step_seconds != 0 {
            self.fault(Fault::at(
                place,
                format!("{days_count} days are not a whole number of steps"),
                "days that the step divides",
            ));
        }
        if clock
            .start
            .checked_add(jiff::Span::new().days(days_count.cast_signed()))
            .is_err()
        {
            self.fault(Fault::at(
                place,
                "a horizon beyond the year 9999",
                "an earlier horizon",
            ));
        }
        clock
    }

    fn step(&mut self, node: &Node) -> Option<u64> {
        let Some(step) = node.get("step") else {
            return Some(21_600);
        };
        let allowed =
            "a duration that divides a day, such as \"6h\", or a whole number of days, \"2d\"";
        let seconds = match &step.value {
            Value::Text(t, _) => days(t).map(|d| d * 86_400.0),
            _ => None,
        };
        match seconds {
            Some(s) if (1.0..=3.2e9).contains(&s) && (s - s.round()).abs() < 1e-6 => {
                let s = s.round() as u64;
                if 86_400 % s == 0 || s.is_multiple_of(86_400) {
                    return Some(s);
                }
            }
            _ => {}
        }
        let found = format!("clock.step is {}", step.shown());
        self.fault(Fault::at(&step.place, found, allowed));
        None
    }

    pub(super) fn arenas(&mut self, root: &Node) -> Vec<Arena> {
        let allowed = Allowed {
            least: 0.0,
            expression: false,
            ..Allowed::FREE
        };
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "arenas", limits::ARENAS) {
            let number = self.number(&e.node, &format!("arenas.{id}"), allowed);
            let weight = number.fixed().unwrap_or_else(|| {
                self.fault(Fault::at(
                    &e.node.place,
                    "an arena's weight as a prior",
                    "a plain number",
                ));
                1.0
            });
            if weight <= 0.0 {
                self.fault(Fault::at(
                    &e.node.place,
                    format!("arenas.{id} = {weight}"),
                    "above 0",
                ));
            }
            out.push(Arena {
                id: id.to_owned(),
                weight,
            });
        }
        if out.is_empty() {
            self.missing(Fault::at(
                Self::head(root, "arenas"),
                "no arena",
                "at least one: [arenas] with coercion = 1.0, say",
            ));
        }
        out
    }

    pub(super) fn contenders(&mut self, root: &Node, actors: &Section<'_>) -> Vec<Contender> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "contenders", limits::CONTENDERS) {
            self.entries(&e.node, &format!("contenders.{id}"));
            self.known_keys(&e.node, entry_shape("contenders"));
            let actor = actors.iter().position(|(a, _)| *a == id);
            let name = match (e.node.get("name"), actor) {
                (None, Some(a)) => actors[a].1.node.get("name").map_or(id.to_owned(), |n| {
                    if let Value::Text(t, _) = &n.value {
                        t.trim().to_owned()
                    } else {
                        id.to_owned()
                    }
                }),
                _ => self.name(&e.node, id),
            };
            let path = format!("contenders.{id}");
            let momentum = self.number_or(&e.node, "momentum", &path, 0.0, Allowed::FREE);
            let remarks = self.remarks(&e.node);
            out.push(Contender {
                id: id.to_owned(),
                name,
                actor,
                momentum,
                remarks,
            });
        }
        if out.len() < 2 {
            let place = Self::head(root, "contenders");
            let found = match out.len() {
                0 => "no contender".to_owned(),
                _ => "one contender: nobody to contend with".to_owned(),
            };
            let allowed = format!("2 to {} contenders in [contenders]", limits::CONTENDERS);
            self.missing(Fault::at(place, found, allowed));
        }
        out
    }

    pub(super) fn named(&mut self, root: &Node, section: &str) -> Vec<Named> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, section, limits::MANY) {
            self.not_reserved(id, &e.key_place);
            let number = self.number(&e.node, &format!("{section}.{id}"), Allowed::FREE);
            out.push(Named {
                id: id.to_owned(),
                number,
            });
        }
        out
    }

    fn not_reserved(&mut self, id: &str, place: &Place) {
        if HEADS.contains(&id) {
            let found = format!("the id `{id}` for a number of the scenario's own");
            self.fault(Fault::at(
                place,
                found,
                "another id: expressions give it a meaning",
            ));
        }
    }

    pub(super) fn formulas(&mut self, root: &Node) -> Vec<Formula> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "formulas", limits::MANY) {
            self.not_reserved(id, &e.key_place);
            let expression = self
                .expression(&e.node, &format!("formulas.{id}"))
                .unwrap_or_else(|| Expression::stand_in(&e.node.place));
            out.push(Formula {
                id: id.to_owned(),
                expression,
            });
        }
        out
    }

    /// Parameters, variables and formulas share one space of names.
    pub(super) fn distinct(&mut self, root: &Node) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for section in ["parameters", "variables", "formulas"] {
            let Some(Node {
                value: Value::Table(entries),
                ..
            }) = root.get(section)
            else {
                continue;
            };
            for e in entries {
                if let Some(before) = seen.insert(e.key.clone(), section) {
                    self.fault(Fault::at(
                        &e.key_place,
                        format!("`{}` stands in [{before}] and in [{section}]", e.key),
                        "each name once among parameters, variables and formulas",
                    ));
                }
            }
        }
    }

    pub(super) fn dynamics(&mut self, root: &Node) -> Dynamics {
        let empty = Node {
            value: Value::Table(Vec::new()),
            place: root.place.clone(),
        };
        let node = root.get("dynamics").unwrap_or(&empty);
        self.entries(node, "dynamics");
        self.known_keys(node, SCENARIO.below("dynamics").unwrap_or(&ANYTHING));
        let numbers = Dynamics::KEYS
            .iter()
            .map(|c| {
                let allowed = Allowed {
                    least: c.least,
                    most: c.most,
                    duration: c.duration,
                    expression: true,
                };
                self.number_or(node, c.name, "dynamics", c.default, allowed)
            })
            .collect();
        Dynamics {
            numbers,
            decide_from: self.switch(
                node,
                "decide_from",
                &[("start", DecideFrom::Start), ("zero", DecideFrom::Zero)],
            ),
            choice: self.switch(
                node,
                "choice",
                &[("logit", Choice::Logit), ("best_reply", Choice::BestReply)],
            ),
            thresholds: self.switch(
                node,
                "thresholds",
                &[
                    ("normal", Thresholds::Normal),
                    ("logistic", Thresholds::Logistic),
                ],
            ),
        }
    }

    /// One of a few words; the first is the default.
    fn switch<T: Copy>(&mut self, node: &Node, key: &str, words: &[(&str, T)]) -> T {
        let Some(found) = node.get(key) else {
            return words[0].1;
        };
        let text = self.text(found, key);
        if let Some((_, value)) = words.iter().find(|(w, _)| *w == text) {
            return *value;
        }
        let names = || words.iter().map(|(w, _)| *w);
        let allowed = names()
            .map(|w| format!("\"{w}\""))
            .collect::<Vec<_>>()
            .join(" or ");
        let fault = Fault::at(&found.place, format!("{key} is {}", found.shown()), allowed);
        self.fault(fault.near(&text, names()));
        words[0].1
    }

    /// Numbers by index of an id, as in `power` or `loyalty`.
    fn numbers_by(
        &mut self,
        node: &Node,
        key: &str,
        path: &str,
        (kind, ids): (&str, &[String]),
        allowed: Allowed,
    ) -> BTreeMap<usize, Number> {
        let mut out = BTreeMap::new();
        let Some(inner) = node.get(key) else {
            return out;
        };
        for e in self.entries(inner, &format!("{path}.{key}")).to_vec() {
            let Some(i) = ids.iter().position(|x| *x == e.key) else {
                self.unknown(&e.key_place, kind, &e.key, ids);
                continue;
            };
            let number = self.number(&e.node, &format!("{path}.{key}.{}", e.key), allowed);
            out.insert(i, number);
        }
        out
    }

    pub(super) fn actors(&mut self, root: &Node, section: &Section<'_>, ids: &Ids) -> Vec<Actor> {
        let mut out = Vec::new();
        for (index, (id, e)) in section.iter().enumerate() {
            let node = &e.node;
            let path = format!("actors.{id}");
            self.entries(node, &path);
            self.known_keys(node, entry_shape("actors"));
            let kind = self.switch(
                node,
                "kind",
                &[("person", ActorKind::Person), ("body", ActorKind::Body)],
            );
            let contender = ids.stands_for.iter().position(|a| *a == Some(index));
            let power = self.numbers_by(
                node,
                "power",
                &path,
                ("arena", &ids.arenas),
                Allowed::POSITIVE,
            );
            let loyalty = self.numbers_by(
                node,
                "loyalty",
                &path,
                ("contender", &ids.contenders),
                Allowed::SHARE,
            );
            if let Some(c) = contender
                && let Some(number) = loyalty.get(&c)
            {
                let found = format!("{path}: a contender's loyalty to himself");
                self.fault(Fault::at(
                    &number.place,
                    found,
                    "loyalty to other contenders",
                ));
            }
            let stance = self.stance(node, kind, contender, ids);
            out.push(Actor {
                id: (*id).to_owned(),
                name: self.name(node, id),
                kind,
                contender,
                power,
                loyalty,
                opportunism: self.number_or(node, "opportunism", &path, 0.5, Allowed::SHARE),
                caution: self.number_or(node, "caution", &path, 0.5, Allowed::FREE),
                stance,
                present: self.number_or(node, "present", &path, 1.0, Allowed::SHARE),
                remarks: self.remarks(node),
                place: e.key_place.clone(),
            });
        }
        if out.is_empty() {
            let place = Self::head(root, "actors");
            self.missing(Fault::at(
                place,
                "no actor",
                "at least one table [actors.ID]",
            ));
        }
        out
    }

    fn stance(
        &mut self,
        node: &Node,
        kind: ActorKind,
        contender: Option<usize>,
        ids: &Ids,
    ) -> Stance {
        let Some(found) = node.get("stance") else {
            return contender.map_or(Stance::Aside, Stance::Contender);
        };
        if contender.is_some() {
            let shown = format!("the stance of a contender: {}", found.shown());
            self.fault(Fault::at(
                &found.place,
                shown,
                "no stance: a contender stands for himself",
            ));
            return Stance::Aside;
        }
        match &found.value {
            Value::Text(t, _) if t == "aside" => Stance::Aside,
            Value::Text(..) => {
                let mut known = ids.contenders.clone();
                known.push("aside".to_owned());
                self.reference(found, "contender", &known)
                    .map_or(Stance::Aside, |c| {
                        if c < ids.contenders.len() {
                            Stance::Contender(c)
                        } else {
                            Stance::Aside
                        }
                    })
            }
            Value::Table(entries) if kind == ActorKind::Body => {
                let mut shares = Vec::new();
                for e in entries {
                    if e.key == "aside" {
                        continue;
                    }
                    let Some(c) = ids.contenders.iter().position(|x| *x == e.key) else {
                        self.unknown(&e.key_place, "contender", &e.key, &ids.contenders);
                        continue;
                    };
                    let allowed = Allowed {
                        expression: false,
                        ..Allowed::SHARE
                    };
                    let number = self.number(&e.node, "stance", allowed);
                    let Some(share) = number.fixed() else {
                        let found = "a share of a stance as a prior";
                        self.fault(Fault::at(&e.node.place, found, "a plain number in [0, 1]"));
                        continue;
                    };
                    shares.push((c, share));
                }
                let sum: f64 = shares.iter().map(|s| s.1).sum();
                if sum > 1.0 + 1e-9 {
                    let shown = format!("shares of a stance that sum to {sum}");
                    self.fault(Fault::at(
                        &found.place,
                        shown,
                        "at most 1; the rest is aside",
                    ));
                }
                Stance::Shares(shares)
            }
            _ => {
                let shown = format!("stance is {}", found.shown());
                let allowed = match kind {
                    ActorKind::Body => "a contender, \"aside\", or shares { contender = 0.4 }",
                    ActorKind::Person => "a contender or \"aside\"; only a body can split",
                };
                self.fault(Fault::at(&found.place, shown, allowed));
                Stance::Aside
            }
        }
    }

    pub(super) fn offices(&mut self, root: &Node, ids: &Ids) -> Vec<Office> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "offices", limits::FEW) {
            let path = format!("offices.{id}");
            self.entries(&e.node, &path);
            self.known_keys(&e.node, entry_shape("offices"));
            let holder = e
                .node
                .get("holder")
                .and_then(|n| self.reference(n, "actor", &ids.actors));
            let authority = self.numbers_by(
                &e.node,
                "authority",
                &path,
                ("actor", &ids.actors),
                Allowed::FREE,
            );
            let name = self.name(&e.node, id);
            let remarks = self.remarks(&e.node);
            out.push(Office {
                id: id.to_owned(),
                name,
                holder,
                authority,
                remarks,
            });
        }
        out
    }

    pub(super) fn crowds(&mut self, root: &Node) -> Vec<Crowd> {
        let mut out = Vec::new();
        let above = |least| Allowed {
            least,
            ..Allowed::FREE
        };
        for (id, e) in self.ids(root, "crowds", limits::FEW) {
            let path = format!("crowds.{id}");
            let node = &e.node;
            self.entries(node, &path);
            self.known_keys(node, entry_shape("crowds"));
            out.push(Crowd {
                id: id.to_owned(),
                name: self.name(node, id),
                weight: self.number_or(node, "weight", &path, 1.0, above(1e-6)),
                grievance: self.number_or(node, "grievance", &path, 0.0, Allowed::FREE),
                threshold_mean: self.number_or(node, "threshold_mean", &path, 1.0, Allowed::FREE),
                threshold_sd: self.number_or(node, "threshold_sd", &path, 0.25, above(1e-3)),
                contagion: self.number_or(node, "contagion", &path, 0.0, Allowed::FREE),
                spillover: self.number_or(node, "spillover", &path, 0.0, Allowed::POSITIVE),
                repression: self.number_or(node, "repression", &path, 0.0, Allowed::FREE),
                remarks: self.remarks(node),
            });
        }
        out
    }
}
