//! Reads what may happen and how a round may end: actions, outcomes, flags.

use jiff::civil::DateTime;

use super::effect::Effect;
use super::fault::Fault;
use super::grammar::{DECIDE, names};
use super::model::{Action, Clock, Decide, Flag, Number, Outcome, Reading, Way, limits};
use super::read::{Allowed, Reader};
use super::state::Ids;
use super::tree::{Node, UNREAD, Value};
use super::world::entry_shape;

impl Reader<'_> {
    pub(super) fn actions(&mut self, root: &Node, ids: &Ids, clock: &Clock) -> Vec<Action> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "actions", limits::ACTIONS) {
            let node = &e.node;
            let path = format!("actions.{id}");
            self.entries(node, &path);
            self.known_keys(node, entry_shape("actions"));
            let by = node
                .get("by")
                .and_then(|n| self.reference(n, "actor", &ids.actors));
            let way = self.way(node, &path, clock);
            let once = matches!(way, Way::Chance(_) | Way::At(_));
            let most = if once {
                1
            } else {
                u64::from(limits::HAPPENINGS)
            };
            let limit = node
                .get("limit")
                .map_or(1, |n| self.whole_or_zero(n, "limit", most));
            let success = node
                .get("success")
                .map(|n| self.number(n, &format!("{path}.success"), Allowed::FREE));
            let failure = self.effects(node, "failure", ids);
            if let (Some(n), None) = (node.get("failure"), &success) {
                self.missing(Fault::at(
                    &n.place,
                    format!("{path} has `failure` and no `success`"),
                    "`success` with the chance that it succeeds",
                ));
            }
            let delay = node.get("delay").map(|n| {
                let allowed = Allowed {
                    expression: true,
                    ..Allowed::DURATION
                };
                self.number(n, &format!("{path}.delay"), allowed)
            });
            out.push(Action {
                id: id.to_owned(),
                name: self.name(node, id),
                by,
                when: node
                    .get("when")
                    .and_then(|n| self.expression(n, &format!("{path}.when"))),
                way,
                delay,
                limit: limit as u32,
                success,
                effects: self.effects(node, "effects", ids),
                failure,
                remarks: self.remarks(node),
                place: e.key_place.clone(),
            });
        }
        out
    }

    fn whole_or_zero(&mut self, node: &Node, what: &str, most: u64) -> u64 {
        if matches!(node.value, Value::Integer(0)) {
            0
        } else {
            self.whole(node, what, 0, most)
        }
    }

    fn way(&mut self, node: &Node, path: &str, clock: &Clock) -> Way {
        let ways: Vec<&str> = ["rate", "chance", "at", "decide"]
            .into_iter()
            .filter(|k| node.get(k).is_some())
            .collect();
        let allowed = "one of rate, chance, at, decide";
        let never = |reader: &Self| {
            let _ = reader;
            Way::Rate(Reader::absent(0.0, path, &node.place, Allowed::FREE))
        };
        match ways[..] {
            ["rate"] => Way::Rate(self.number_or(node, "rate", path, 0.0, Allowed::FREE)),
            ["chance"] => Way::Chance(self.number_or(node, "chance", path, 0.0, Allowed::FREE)),
            ["at"] => match node.get("at") {
                Some(Node {
                    value: Value::Date(d),
                    place,
                }) => {
                    let seconds = seconds_between(clock, *d);
                    if seconds < 0 && *d != UNREAD {
                        self.missing(Fault::at(
                            place,
                            format!("{path}.at is before the start"),
                            format!("{} or later", clock.start),
                        ));
                    }
                    Way::At(seconds)
                }
                Some(other) => {
                    let found = format!("{path}.at is {}", other.shown());
                    self.fault(Fault::at(&other.place, found, "a date, such as 2022-01-05"));
                    never(self)
                }
                None => never(self),
            },
            ["decide"] => match node.get("decide") {
                Some(terms) => Way::Decide(Box::new(self.decide(terms, path))),
                None => never(self),
            },
            [] => {
                self.missing(Fault::at(
                    &node.place,
                    format!("{path} has no way of happening"),
                    allowed,
                ));
                never(self)
            }
            _ => {
                let place = node.get(ways[1]).map_or(&node.place, |n| &n.place).clone();
                self.fault(Fault::at(
                    &place,
                    format!("{path} has {}", ways.join(" and ")),
                    allowed,
                ));
                never(self)
            }
        }
    }

    fn decide(&mut self, node: &Node, path: &str) -> Decide {
        let path = format!("{path}.decide");
        for e in self.entries(node, &path).to_vec() {
            if !names(DECIDE).any(|k| k == e.key) {
                let found = format!("unknown key `{}`", e.key);
                self.fault(
                    Fault::at(&e.key_place, found, "pace, win, prize, price, wait")
                        .near(&e.key, names(DECIDE)),
                );
            }
        }
        for key in ["pace", "win", "prize"] {
            if node.get(key).is_none() {
                let found = format!("{path} without `{key}`");
                self.missing(Fault::at(
                    &node.place,
                    found,
                    "pace, win and prize at least",
                ));
            }
        }
        let mut take =
            |key: &str| -> Number { self.number_or(node, key, &path, 0.0, Allowed::FREE) };
        Decide {
            pace: take("pace"),
            win: take("win"),
            prize: take("prize"),
            price: take("price"),
            wait: take("wait"),
        }
    }

    fn effects(&mut self, node: &Node, key: &str, ids: &Ids) -> Vec<Effect> {
        let Some(inner) = node.get(key) else {
            return Vec::new();
        };
        let Value::Array(list) = &inner.value else {
            self.fault(Fault::at(
                &inner.place,
                format!("{key} is {}", inner.shown()),
                "an array of texts: [\"signal.tokayev += 0.3\"]",
            ));
            return Vec::new();
        };
        if list.len() > limits::EFFECTS {
            let found = format!("{} {key}", list.len());
            self.fault(Fault::at(
                &inner.place,
                found,
                format!("at most {}", limits::EFFECTS),
            ));
        }
        let mut out = Vec::new();
        for n in list.iter().take(limits::EFFECTS) {
            match &n.value {
                Value::Text(text, inside) => match Effect::parse(text, &n.place, inside, ids) {
                    Ok(effect) => out.push(effect),
                    Err(fault) => self.missing(fault),
                },
                _ => {
                    let found = format!("an effect is {}", n.shown());
                    self.fault(Fault::at(
                        &n.place,
                        found,
                        "text: \"signal.tokayev += 0.3\"",
                    ));
                }
            }
        }
        out
    }

    pub(super) fn outcomes(&mut self, root: &Node) -> Vec<Outcome> {
        let mut out = Vec::new();
        let mut otherwise: Option<String> = None;
        for (id, e) in self.ids(root, "outcomes", limits::FEW) {
            let node = &e.node;
            let path = format!("outcomes.{id}");
            self.entries(node, &path);
            self.known_keys(node, entry_shape("outcomes"));
            let is =
                |reader: &mut Self, key: &str| node.get(key).is_some_and(|n| reader.truth(n, key));
            let last = is(self, "otherwise");
            let at_end = is(self, "at_end");
            for (clash, with) in [("when", last), ("hold", last || at_end), ("at_end", last)] {
                if with && let Some(n) = node.get(clash) {
                    let other = if last { "otherwise" } else { "at_end" };
                    let found = format!("{path} has `{other}` and `{clash}`");
                    self.fault(Fault::at(&n.place, found, "one of the two"));
                }
            }
            let when = node
                .get("when")
                .and_then(|n| self.expression(n, &format!("{path}.when")));
            if !last && node.get("when").is_none() {
                let found = format!("{path} has no `when`");
                self.missing(Fault::at(
                    &e.key_place,
                    found,
                    "when = \"…\", or otherwise = true",
                ));
            }
            let reading = match (last, at_end, when) {
                (true, ..) => {
                    if let Some(first) = &otherwise {
                        let found = format!("a second outcome with `otherwise`: {id}");
                        let allowed = format!("one such outcome; `{first}` is one");
                        self.fault(Fault::at(&e.key_place, found, allowed));
                    }
                    otherwise = Some(id.to_owned());
                    Reading::Otherwise
                }
                (false, true, Some(when)) => Reading::AtEnd { when },
                (false, false, Some(when)) => {
                    let allowed = Allowed {
                        expression: true,
                        ..Allowed::DURATION
                    };
                    let hold = self.number_or(node, "hold", &path, 0.0, allowed);
                    Reading::Always {
                        when,
                        hold: Box::new(hold),
                    }
                }
                (false, _, None) => continue,
            };
            let name = self.name(node, id);
            out.push(Outcome {
                id: id.to_owned(),
                name,
                reading,
                remarks: self.remarks(node),
            });
        }
        if otherwise.is_none() {
            let place = Self::head(root, "outcomes");
            self.missing(Fault::at(
                place,
                "no outcome with `otherwise`: some rounds would have no outcome",
                "one outcome with otherwise = true",
            ));
        }
        out
    }

    pub(super) fn flags(&mut self, root: &Node) -> Vec<Flag> {
        let mut out = Vec::new();
        for (id, e) in self.ids(root, "flags", limits::FEW) {
            let path = format!("flags.{id}");
            self.entries(&e.node, &path);
            self.known_keys(&e.node, entry_shape("flags"));
            if matches!(id, "scenario" | "round" | "outcome" | "day") {
                let found = format!("a flag called `{id}`");
                self.fault(Fault::at(
                    &e.key_place,
                    found,
                    "another id: rounds.csv has that column",
                ));
            }
            match e.node.get("when") {
                None => {
                    let found = format!("{path} has no `when`");
                    self.missing(Fault::at(&e.key_place, found, "when = \"…\""));
                }
                Some(n) => {
                    if let Some(when) = self.expression(n, &format!("{path}.when")) {
                        let name = self.name(&e.node, id);
                        let remarks = self.remarks(&e.node);
                        out.push(Flag {
                            id: id.to_owned(),
                            name,
                            when,
                            remarks,
                        });
                    }
                }
            }
        }
        out
    }
}

/// Seconds from the start of the clock to a date.
pub(crate) fn seconds_between(clock: &Clock, date: DateTime) -> i64 {
    date.duration_since(clock.start.to_datetime(jiff::civil::Time::midnight()))
        .as_secs()
}
