//! A tree to values: the helpers that every section's reader shares.
//!
//! Nothing here stops at a fault: each is noted and a harmless value stands in, so that all faults
//! are told at once.

use super::expression::{Expression, Inside};
use super::fault::{Fault, Place, nearest};
use super::grammar::{self, LAW, RESERVED, Shape};
use super::model::{Number, NumberKind, Remarks, limits};
use super::tree::{Entry, Node, Value};

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    pub(super) least: f64,
    pub(super) most: f64,
    /// A duration, in days.
    pub(super) duration: bool,
    /// May be an expression.
    pub(super) expression: bool,
}

impl Allowed {
    pub(super) const FREE: Self = Self {
        least: -limits::SIZE,
        most: limits::SIZE,
        duration: false,
        expression: true,
    };
    pub(super) const SHARE: Self = Self {
        least: 0.0,
        most: 1.0,
        ..Self::FREE
    };
    pub(super) const POSITIVE: Self = Self {
        least: 0.0,
        ..Self::FREE
    };
    pub(super) const DURATION: Self = Self {
        least: 0.0,
        most: 1e6,
        duration: true,
        expression: false,
    };

    fn words(self) -> String {
        let what = if self.duration {
            "a duration such as \"6h\" or \"2d\""
        } else {
            "a number"
        };
        let (least, most) = (self.least, self.most);
        if self.duration {
            if least > 0.0 {
                format!("{what}, at least {least} days")
            } else {
                what.to_owned()
            }
        } else if least > -limits::SIZE && most < limits::SIZE {
            format!("{what} in [{least}, {most}]")
        } else if least > 0.0 {
            format!("{what} of at least {least}")
        } else if least >= 0.0 {
            format!("{what}, 0 or more")
        } else {
            format!("{what} up to 1e30 in size")
        }
    }
}

/// Collects faults while a tree is read.
pub(super) struct Reader<'a> {
    pub(super) faults: &'a mut Vec<Fault>,
    /// Whether all text could be read. If not, what is missing may stand in the part that could
    /// not be, and is no fault.
    pub(super) whole: bool,
}

/// The ids of a section, with their nodes.
pub(super) type Section<'a> = Vec<(&'a str, &'a Entry)>;

impl Reader<'_> {
    pub(super) fn fault(&mut self, fault: Fault) {
        // A value that could not be read has no place.
        let unread = fault.place.as_ref().is_some_and(|p| p.span.end == 0);
        if self.whole || !unread {
            self.faults.push(fault);
        }
    }

    /// Notes that something is missing, or that a name is unknown.
    pub(super) fn missing(&mut self, fault: Fault) {
        if self.whole {
            self.faults.push(fault);
        }
    }

    /// Where a section is first named, or else the start of the scenario.
    pub(super) fn head<'n>(root: &'n Node, section: &str) -> &'n Place {
        match &root.value {
            Value::Table(entries) => entries
                .iter()
                .find(|e| e.key == section)
                .map_or(&root.place, |e| &e.key_place),
            _ => &root.place,
        }
    }

    /// Notes every key that `shape` does not have.
    pub(super) fn known_keys(&mut self, node: &Node, shape: &Shape) {
        let (Value::Table(entries), Shape::Table(keys)) = (&node.value, shape) else {
            return;
        };
        let names = || keys.iter().map(|k| k.name);
        for e in entries.iter().filter(|e| !names().any(|n| n == e.key)) {
            let allowed = format!("one of {}", names().collect::<Vec<_>>().join(", "));
            let fault = Fault::at(&e.key_place, format!("unknown key `{}`", e.key), allowed);
            self.fault(fault.near(&e.key, names()));
        }
    }

    /// The entries of a table; a fault when it is something else.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        if let Value::Table(entries) = &node.value {
            entries
        } else {
            self.fault(Fault::at(
                &node.place,
                format!("{what} is {}", node.shown()),
                format!("a table: [{what}] or {what} = {{ … }}"),
            ));
            &[]
        }
    }

    /// The ids of a section, each checked, at most `limit` of them.
    pub(super) fn ids<'n>(&mut self, root: &'n Node, section: &str, limit: usize) -> Section<'n> {
        let Some(node) = root.get(section) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let entries = self.entries(node, section);
        if let Some(beyond) = entries.get(limit) {
            self.fault(Fault::at(
                &beyond.key_place,
                format!("{} {section}", entries.len()),
                format!("at most {limit} {section}"),
            ));
        }
        for e in entries.iter().take(limit) {
            self.id(&e.key, &e.key_place);
            out.push((e.key.as_str(), e));
        }
        out
    }

    fn id(&mut self, id: &str, place: &Place) {
        if !grammar::is_formed(id) {
            self.fault(Fault::at(
                place,
                format!("the id `{}`", id.chars().take(80).collect::<String>()),
                "a small letter, then small letters, digits and _, at most 64 in all",
            ));
        } else if RESERVED.contains(&id) {
            self.fault(Fault::at(
                place,
                format!("the id `{id}`"),
                format!(
                    "any other id: {} have a meaning of their own",
                    RESERVED.join(", ")
                ),
            ));
        }
    }

    /// A text that will stand in a table or a CSV cell.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> String {
        match &node.value {
            Value::Text(t, _) => {
                let t = t.trim();
                if let Some(first) = t.chars().next().filter(|c| limits::FORMULAS.contains(c)) {
                    self.fault(Fault::at(
                        &node.place,
                        format!("the {what} begins with `{first}`"),
                        "a text that no spreadsheet takes for a formula",
                    ));
                }
                if t.chars().any(char::is_control) || t.chars().count() > 1_000 {
                    self.fault(Fault::at(
                        &node.place,
                        format!("the {what} has line breaks, or over 1,000 characters"),
                        "one line of text, up to 1,000 characters",
                    ));
                }
                t.to_owned()
            }
            _ => {
                self.fault(Fault::at(
                    &node.place,
                    format!("{what} is {}", node.shown()),
                    "text, in quotes",
                ));
                String::new()
            }
        }
    }

    /// The display name of an entry, or else its id.
    pub(super) fn name(&mut self, node: &Node, id: &str) -> String {
        node.get("name")
            .map_or_else(|| id.to_owned(), |n| self.text(n, "name"))
    }

    /// `says` and `source` of an entry. They may run over several lines.
    pub(super) fn remarks(&mut self, node: &Node) -> Remarks {
        let mut take = |key: &str| {
            node.get(key).and_then(|n| match &n.value {
                Value::Text(t, _) => Some(t.trim().to_owned()),
                _ => {
                    self.faults.push(Fault::at(
                        &n.place,
                        format!("{key} is {}", n.shown()),
                        "text, in quotes",
                    ));
                    None
                }
            })
        };
        Remarks {
            says: take("says"),
            source: take("source"),
        }
    }

    /// A whole number in a range.
    pub(super) fn whole(&mut self, node: &Node, what: &str, least: u64, most: u64) -> u64 {
        let found = match node.value {
            Value::Integer(i) => u64::try_from(i).ok(),
            Value::Float(x) if x.fract() == 0.0 && (0.0..1e18).contains(&x) => Some(x as u64),
            _ => None,
        };
        match found {
            Some(x) if (least..=most).contains(&x) => x,
            _ => {
                self.fault(Fault::at(
                    &node.place,
                    format!("{what} = {}", node.shown()),
                    format!("a whole number from {least} to {most}"),
                ));
                least.max(1).min(most)
            }
        }
    }

    pub(super) fn truth(&mut self, node: &Node, what: &str) -> bool {
        if let Value::Bool(b) = node.value {
            b
        } else {
            let found = format!("{what} is {}", node.shown());
            self.fault(Fault::at(&node.place, found, "true or false"));
            false
        }
    }

    /// An expression.
    pub(super) fn expression(&mut self, node: &Node, what: &str) -> Option<Expression> {
        match &node.value {
            Value::Text(text, inside) => match Expression::parse(text, &node.place, inside) {
                Ok(e) => Some(e),
                Err(fault) => {
                    self.fault(fault);
                    None
                }
            },
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                // `when = true` and `when = 1` are expressions without quotes.
                let text = match node.value {
                    Value::Bool(b) => u8::from(b).to_string(),
                    _ => node.shown(),
                };
                self.expression(
                    &Node {
                        value: Value::Text(text, Inside::default()),
                        place: node.place.clone(),
                    },
                    what,
                )
            }
            _ => {
                self.fault(Fault::at(
                    &node.place,
                    format!("{what} is {}", node.shown()),
                    "an expression, in quotes",
                ));
                None
            }
        }
    }

    /// A number that was left out.
    pub(super) fn absent(value: f64, path: &str, place: &Place, allowed: Allowed) -> Number {
        Number {
            kind: NumberKind::Fixed(value),
            path: path.to_owned(),
            least: allowed.least,
            most: allowed.most,
            remarks: Remarks::default(),
            place: place.clone(),
        }
    }

    /// The number at a key, or its default.
    pub(super) fn number_or(
        &mut self,
        node: &Node,
        key: &str,
        path: &str,
        default: f64,
        allowed: Allowed,
    ) -> Number {
        let path = format!("{path}.{key}");
        match node.get(key) {
            Some(n) => self.number(n, &path, allowed),
            None => Self::absent(default, &path, &node.place, allowed),
        }
    }

    /// A number: plain, a law, or an expression.
    pub(super) fn number(&mut self, node: &Node, path: &str, allowed: Allowed) -> Number {
        let mut number = Self::absent(allowed.least.max(0.0), path, &node.place, allowed);
        match &node.value {
            Value::Table(entries) => {
                number.remarks = self.remarks(node);
                if let Some(kind) = self.law(node, entries, path, allowed) {
                    number.kind = kind;
                }
            }
            Value::Text(..) if !allowed.duration && allowed.expression => {
                if let Some(e) = self.expression(node, path) {
                    number.kind = NumberKind::Expression(e);
                }
            }
            _ => {
                if let Some(x) = self.value(node, path, allowed) {
                    number.kind = NumberKind::Fixed(x);
                }
            }
        }
        number
    }

    /// One value of a number, in range.
    fn value(&mut self, node: &Node, what: &str, allowed: Allowed) -> Option<f64> {
        let wrong = |found: String| Fault::at(&node.place, found, allowed.words());
        let x = match &node.value {
            Value::Text(t, _) if allowed.duration => match days(t) {
                Some(x) => x,
                None => {
                    self.fault(wrong(format!("{what} is {}", node.shown())));
                    return None;
                }
            },
            Value::Integer(0) => 0.0,
            Value::Integer(i) if !allowed.duration => *i as f64,
            Value::Float(x) if !allowed.duration => *x,
            _ => {
                self.fault(wrong(format!("{what} is {}", node.shown())));
                return None;
            }
        };
        if !x.is_finite() || x < allowed.least || x > allowed.most {
            self.fault(wrong(format!("{what} is {}", node.shown())));
            return None;
        }
        Some(x)
    }

    fn law(
        &mut self,
        node: &Node,
        entries: &[Entry],
        path: &str,
        allowed: Allowed,
    ) -> Option<NumberKind> {
        let is_known = |key: &str| LAW.iter().any(|(k, _)| *k == key);
        let mut good = true;
        for e in entries {
            if !is_known(&e.key) {
                good = false;
                self.fault(
                    Fault::at(
                        &e.key_place,
                        format!("unknown key `{}` in a number", e.key),
                        "low, mode, high; or min, max; or mean, sd; or value; and says, source",
                    )
                    .near(&e.key, LAW.map(|(k, _)| k)),
                );
            }
        }
        let laws: Vec<&str> = entries
            .iter()
            .map(|e| e.key.as_str())
            .filter(|k| is_known(k) && !matches!(*k, "says" | "source"))
            .collect();
        let has = |keys: &[&str]| keys.len() == laws.len() && keys.iter().all(|k| laws.contains(k));
        let open = Allowed {
            least: -limits::SIZE,
            most: limits::SIZE,
            ..allowed
        };
        let mut take = |key: &str, allowed: Allowed| {
            node.get(key)
                .and_then(|n| self.value(n, &format!("{path}.{key}"), allowed))
        };
        if has(&["value"]) {
            let inner = node.get("value")?;
            if matches!(inner.value, Value::Text(..)) && !allowed.duration && allowed.expression {
                return self.expression(inner, path).map(NumberKind::Expression);
            }
            take("value", allowed).map(NumberKind::Fixed)
        } else if has(&["low", "mode", "high"]) {
            let (low, mode, high) = (
                take("low", allowed),
                take("mode", allowed),
                take("high", allowed),
            );
            let (low, mode, high) = (low?, mode?, high?);
            for (a, b, x, y) in [("low", "mode", low, mode), ("mode", "high", mode, high)] {
                if x > y {
                    let place = node.get(b).map_or(&node.place, |n| &n.place).clone();
                    self.fault(Fault::at(
                        &place,
                        format!("{path}: {a} {x} is above {b} {y}"),
                        "low <= mode <= high",
                    ));
                    good = false;
                }
            }
            good.then_some(NumberKind::Pert { low, mode, high })
        } else if has(&["min", "max"]) {
            let (min, max) = (take("min", allowed), take("max", allowed));
            let (min, max) = (min?, max?);
            if min > max {
                let place = node.get("max").map_or(&node.place, |n| &n.place).clone();
                let found = format!("{path}: min {min} is above max {max}");
                self.fault(Fault::at(&place, found, "min <= max"));
                return None;
            }
            good.then_some(NumberKind::Uniform { min, max })
        } else if has(&["mean", "sd"]) {
            let (mean, sd) = (
                take("mean", open),
                take("sd", Allowed { least: 0.0, ..open }),
            );
            let (mean, sd) = (mean?, sd?);
            let far = (allowed.least - mean).max(mean - allowed.most);
            if far > 6.0 * sd {
                let found = format!("{path}: mean {mean} lies over 6 sd outside its range");
                self.fault(Fault::at(&node.place, found, allowed.words()));
                return None;
            }
            good.then_some(NumberKind::Normal { mean, sd })
        } else {
            let found = if laws.is_empty() {
                format!("{path}: a table without a number")
            } else if let [law] = laws[..] {
                format!("{path}: {law} alone")
            } else {
                format!("{path}: {} together", laws.join(", "))
            };
            self.fault(Fault::at(
                &node.place,
                found,
                "{ low, mode, high }, { min, max }, { mean, sd } or { value }",
            ));
            None
        }
    }

    /// The index of the id that `node` names.
    pub(super) fn reference(&mut self, node: &Node, kind: &str, ids: &[String]) -> Option<usize> {
        let id = self.text(node, kind);
        let found = ids.iter().position(|x| *x == id);
        if found.is_none() && matches!(node.value, Value::Text(..)) {
            self.unknown(&node.place, kind, &id, ids);
        }
        found
    }

    /// Notes that there is no `kind` called `id`.
    pub(super) fn unknown(&mut self, place: &Place, kind: &str, id: &str, ids: &[String]) {
        // With no contender, arena or actor at all that is the fault, and it is told once.
        if ids.is_empty() && matches!(kind, "contender" | "arena" | "actor") {
            return;
        }
        let known = ids.iter().map(String::as_str);
        let mut allowed = format!("a declared {kind}");
        if ids.len() <= 12 && !ids.is_empty() {
            allowed = format!("one of {}", ids.join(", "));
        }
        let nearest = nearest(id, known).map(|n| format!("did you mean `{n}`?"));
        let place = Some(place.clone());
        self.missing(Fault {
            place,
            found: format!("there is no {kind} `{id}`"),
            allowed,
            nearest,
        });
    }
}

/// A duration in days: a number and a unit (`s`, `min`, `h`, `d`, `w`).
#[must_use]
pub(super) fn days(text: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let value: f64 = text[..split].trim().replace('_', "").parse().ok()?;
    let seconds = match &text[split..] {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return None,
    };
    (value.is_finite() && value >= 0.0).then_some(value * seconds / 86_400.0)
}
