//! Reads values from a tree: what the readers of all sections share.
//!
//! Nothing here stops at a fault: each is noted and a harmless value stands in, so that all faults
//! are reported at once. A scenario with faults is never played.

use jiff::civil::Date;

use super::expression::{Expression, Inside};
use super::fault::{Fault, Place, did_you_mean, nearest};
use super::grammar::{self, Fallback, Key, LONGEST_ID, Leaf, REMOVED, RESERVED, Shape};
use super::ids::{self, IT, it_outside};
use super::letters;
use super::limits;
use super::meant::{Want, has_point, in_quotes};
use super::misread::taken_for;
use super::moment::after_start;
use super::names::Ids;
use super::state::Axis;
use super::tree::{Entry, Node, Value};

/// Collects faults while a tree is read.
pub(super) struct Reader<'a> {
    faults: &'a mut Vec<Fault>,
    /// Whether all text could be read. If not, what is missing may stand in the part that could
    /// not be, and is not a fault.
    pub(super) complete: bool,
    /// Names that entries may refer to.
    pub(super) names: Ids,
    /// First day of the clock, once it is read.
    pub(super) start: Date,
    /// Whether a date was named that is not counted from the start.
    pub(super) dated: bool,
    /// Length of a step in seconds, once it is read; nothing if it could not be.
    pub(super) step: Option<u64>,
    /// Every action, with the file in which its table stands.
    pub(super) actions: Vec<(String, usize)>,
    /// How much more sets may stand for; nothing where the entries that they speak of are not known.
    sets: Option<usize>,
}

/// A table that is being read, or an entry of a section.
#[derive(Debug)]
pub(super) struct Table<'n> {
    pub(super) node: &'n Node,
    /// Path in the scenario, as in `actors.police`; empty at the top.
    pub(super) path: String,
    /// Last part of the path; at the top, the name of the file.
    pub(super) id: &'n str,
    /// Where its key stands.
    pub(super) place: &'n Place,
}

/// A key of a table that is being read.
pub(super) struct At<'t> {
    pub(super) table: &'t Table<'t>,
    pub(super) key: &'static Key,
    pub(super) node: Option<&'t Node>,
    /// Where the key stands; without it, where the key of the table does.
    pub(super) place: &'t Place,
}

impl Table<'_> {
    pub(super) fn at<'t>(&'t self, key: &'static Key) -> At<'t> {
        let entry = self.node.entry(key.name);
        At {
            table: self,
            key,
            node: entry.map(|e| &e.node),
            place: entry.map_or(self.place, |e| &e.key_place),
        }
    }

    /// The id of an entry; at the top, the name of the file.
    pub(super) fn entry_id(&self) -> String {
        if self.path.is_empty() {
            self.id.to_owned()
        } else {
            ids::id_of(self.id)
        }
    }

    /// The path of a key of this table.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where the value of a key stands; the table itself if it has no such key.
    pub(super) fn place_of(&self, key: &str) -> &Place {
        self.node.get(key).map_or(self.place, |n| &n.place)
    }
}

impl At<'_> {
    pub(super) fn path(&self) -> String {
        self.table.path_of(self.key.name)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(faults: &'a mut Vec<Fault>, complete: bool, names: Ids) -> Self {
        Self {
            faults,
            complete,
            names,
            start: Date::ZERO,
            dated: false,
            step: None,
            actions: Vec::new(),
            sets: Some(limits::SPREAD),
        }
    }

    /// The same for a text that speaks of a scenario, but is read apart from it.
    pub(super) fn apart(faults: &'a mut Vec<Fault>, complete: bool) -> Self {
        Self {
            sets: None,
            ..Self::new(faults, complete, Ids::default())
        }
    }
}

impl Reader<'_> {
    pub(super) fn count(&self) -> usize {
        self.faults.len()
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        // A value that could not be read has no place.
        let unread = fault.place.as_ref().is_some_and(|p| p.span.end == 0);
        if self.complete || !unread {
            self.faults.push(fault);
        }
    }

    /// Notes that something is missing, or that a name is unknown.
    pub(super) fn missing(&mut self, fault: Fault) {
        if self.complete {
            self.faults.push(fault);
        }
    }

    /// Notes that the value at a path is not what it must be, and what to write if that can be told.
    pub(super) fn wrong(
        &mut self,
        node: &Node,
        path: &str,
        want: Want,
        allowed: impl Into<String>,
    ) {
        self.wrong_with(node, path, node.help(want), allowed);
    }

    /// The same with what to write.
    pub(super) fn wrong_with(
        &mut self,
        node: &Node,
        path: &str,
        help: Option<String>,
        allowed: impl Into<String>,
    ) {
        let found = format!("{path} is {}", node.shown());
        self.fault(Fault::at(&node.place, found, allowed).help(help));
    }

    /// The value of a key; a fault if it is required and absent.
    pub(super) fn present<'t>(&mut self, at: &At<'t>) -> Option<&'t Node> {
        if let (None, Fallback::Required(example)) = (at.node, at.key.default) {
            let found = match at.key.shape {
                Shape::Leaf(_) => format!("missing key `{}`", at.path()),
                _ => format!("missing table [{}]", at.path()),
            };
            // An id of this scenario shows more than one of another.
            let first = match at.key.shape {
                Shape::Leaf(Leaf::Id(axis)) => self.names.of(axis).next(),
                _ => None,
            };
            let example = first.map_or(example.to_owned(), |id| {
                format!("{} = {}", at.key.name, in_quotes(id))
            });
            self.missing(Fault::at(at.table.place, found, example));
        }
        at.node
    }

    /// The entries of a table; a fault if the value is something else.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, path: &str) -> &'n [Entry] {
        if let Value::Table(entries) = &node.value {
            entries
        } else {
            let allowed = format!("a table: [{path}] or {path} = {{ … }}");
            // [[actors.x]] is an array of tables.
            let help = matches!(node.value, Value::Array(_))
                .then(|| format!("single brackets: write [{path}]"));
            self.wrong_with(node, path, help, allowed);
            &[]
        }
    }

    /// Notes every key of a table that is not one of `keys`.
    pub(super) fn known_keys(&mut self, table: &Table<'_>, keys: &[Key]) {
        let names = || keys.iter().map(|k| k.name);
        for e in self.entries(table.node, &table.path) {
            if names().all(|n| n != e.key) {
                let allowed = format!("one of {}", names().collect::<Vec<_>>().join(", "));
                let fault = match REMOVED.iter().find(|removed| removed.key == e.key) {
                    Some(removed) => {
                        let found = format!("`{}` was removed in kzsim {}", e.key, removed.since);
                        Fault::at(&e.key_place, found, allowed)
                            .help(Some(removed.instead.to_owned()))
                    }
                    None => {
                        let found = format!("unknown key `{}`", e.key);
                        Fault::at(&e.key_place, found, allowed).near(&e.key, names())
                    }
                };
                self.fault(fault);
            }
        }
    }

    /// The entries of a section, with their ids checked, and no more than it may have.
    pub(super) fn section<'t>(&mut self, at: &At<'t>) -> Vec<Table<'t>> {
        let Some(node) = self.present(at) else {
            return Vec::new();
        };
        let path = at.path();
        let entries = self.entries(node, &path);
        let (least, most) = at.key.entries.count;
        if let Some(beyond) = entries.get(most) {
            let found = format!("{} {path}", entries.len());
            self.fault(Fault::at(
                &beyond.key_place,
                found,
                format!("at most {most} {path}"),
            ));
        } else if entries.len() < least && matches!(node.value, Value::Table(_)) {
            let found = format!("[{path}] has fewer than {least} entries");
            self.missing(Fault::at(at.place, found, at.key.example()));
        }
        let tables = entries.iter().take(most).map(|e| {
            self.id(&e.key, &e.key_place, at.key);
            Table {
                node: &e.node,
                path: format!("{path}.{}", e.key),
                id: &e.key,
                place: &e.key_place,
            }
        });
        tables.collect()
    }

    fn id(&mut self, id: &str, place: &Place, section: &Key) {
        let (taken, why) = section.entries.taken;
        if id.contains(IT) {
            self.fault(it_outside(place));
        } else if !grammar::is_formed(id) {
            let meant = ids::id_meant(id).filter(|meant| !taken.contains(&meant.as_str()));
            let help = meant.map(|meant| match letters::look_alike(id) {
                Some(letter) => {
                    format!("write {meant}; a display name goes into `name`. {letter}")
                }
                None => format!("write {meant}; a display name goes into `name`"),
            });
            let id: String = id.chars().take(80).collect();
            let allowed = format!(
                "a lower-case letter, then lower-case letters, digits and _, at most {LONGEST_ID} \
                 characters"
            );
            self.fault(Fault::at(place, format!("invalid id `{id}`"), allowed).help(help));
        } else if RESERVED.contains(&id) {
            let allowed = format!("a different id: {} are reserved", RESERVED.join(", "));
            self.fault(Fault::at(
                place,
                format!("the id `{id}` is reserved"),
                allowed,
            ));
        } else if let Some(what) = taken_for(id) {
            let found = format!(
                "the id `{id}` is read as {what} by pandas, Polars, DuckDB or a spreadsheet"
            );
            let allowed = format!("an id that is read as text, for example `x_{id}`");
            self.fault(Fault::at(place, found, allowed));
        } else if taken.contains(&id) {
            let found = format!("the id `{id}` is reserved in [{}]", section.name);
            self.fault(Fault::at(place, found, format!("a different id: {why}")));
        }
    }

    /// One line of text: a heading.
    pub(super) fn line(&mut self, node: &Node, path: &str) -> String {
        let Value::Text(text, _) = &node.value else {
            self.wrong(node, path, Want::Text, "text, in quotes");
            return String::new();
        };
        let text = text.trim();
        if let Some(first) = text.chars().next().filter(|c| limits::FORMULAS.contains(c)) {
            let found = format!("{path} begins with `{first}`");
            let allowed = "text that a spreadsheet does not take for a formula";
            self.fault(Fault::at(&node.place, found, allowed));
        }
        if text.chars().any(char::is_control) || text.chars().count() > limits::LINE {
            let found = format!("{path} has line breaks or is too long");
            let allowed = format!("one line of at most {} characters", limits::LINE);
            self.fault(Fault::at(&node.place, found, allowed));
        }
        if text.is_empty() {
            let found = format!("{path} is empty");
            self.fault(Fault::at(&node.place, found, "one line of text"));
        }
        text.to_owned()
    }

    /// One line of text that tables read as text: a name.
    pub(super) fn text(&mut self, node: &Node, path: &str) -> String {
        let text = self.line(node, path);
        if text.contains(IT) {
            self.fault(it_outside(&node.place));
            return text;
        }
        let is_told = text.is_empty() || text.starts_with(limits::FORMULAS);
        if let Some(what) = taken_for(&text).filter(|_| !is_told) {
            let found = format!(
                "{path} is \"{text}\", which pandas, Polars, DuckDB or a spreadsheet reads as {what}"
            );
            let allowed =
                "text that cannot be taken for anything else, for example with another word added";
            self.fault(Fault::at(&node.place, found, allowed));
        }
        text
    }

    /// An integer in a range, which may count days.
    pub(super) fn integer(
        &mut self,
        node: &Node,
        path: &str,
        (least, most): (u64, u64),
        days: bool,
    ) -> u64 {
        let found = match node.value {
            Value::Integer(i) => u64::try_from(i).ok(),
            Value::Float(x, ref written)
                if x.fract() == 0.0 && (0.0..1e18).contains(&x) && !has_point(written) =>
            {
                Some(x as u64)
            }
            _ => None,
        };
        found
            .filter(|x| (least..=most).contains(x))
            .unwrap_or_else(|| {
                let allowed = format!("a whole number from {least} to {most}");
                self.wrong(node, path, Want::Whole { days }, allowed);
                least.max(1).min(most)
            })
    }

    /// The index of one of a few words, the first of which is the default.
    pub(super) fn choice(&mut self, at: &At<'_>, words: &[&str]) -> usize {
        let Some(node) = at.node else {
            return 0;
        };
        let path = at.path();
        let found = match &node.value {
            Value::Text(text, _) => words.iter().position(|w| *w == text.trim()),
            _ => None,
        };
        let text = node.written();
        found.unwrap_or_else(|| {
            let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
            let found = format!("{path} is {}", node.shown());
            let fault = Fault::at(&node.place, found, quoted.join(" or "));
            let help = if words.contains(&text.as_str()) {
                node.help(Want::Text)
                    .or_else(|| Some(format!("write {}", in_quotes(&text))))
            } else {
                did_you_mean(&text, nearest(&text, words.iter().copied()))
            };
            self.fault(fault.help(help));
            0
        })
    }

    /// An expression.
    pub(super) fn expression(&mut self, node: &Node, path: &str) -> Option<Expression> {
        let parsed = match &node.value {
            Value::Text(text, inside) => Expression::parse(text, &node.place, inside),
            // `when = true` and `when = 1` are expressions without quotes.
            Value::Bool(b) => {
                Expression::parse(&u8::from(*b).to_string(), &node.place, &Inside::default())
            }
            Value::Integer(_) | Value::Float(..) => {
                Expression::parse(&node.shown(), &node.place, &Inside::default())
            }
            _ => {
                self.wrong(node, path, Want::Expression, "an expression, in quotes");
                return None;
            }
        };
        let mut expression = parsed.map_err(|fault| self.fault(fault)).ok()?;
        self.spread(&mut expression);
        Some(expression)
    }

    /// Writes out the sets of an expression.
    pub(super) fn spread(&mut self, expression: &mut Expression) {
        let dates = expression.tree.dates();
        self.dated |= dates.iter().any(|date| after_start(date).is_none());
        let Some(room) = &mut self.sets else {
            return;
        };
        let told = *room == 0;
        if let Err(fault) = expression.spread(&self.names, room) {
            *expression = Expression::stand_in(&expression.place);
            if !told {
                self.missing(fault);
            }
        }
    }

    /// The index of an id; `None` if it is not declared.
    pub(super) fn index(&self, axis: Axis, id: &str) -> Option<usize> {
        self.names.of(axis).position(|known| known == id)
    }

    /// The index of an id; a fault at `place` if it is not declared.
    pub(super) fn known(&mut self, place: &Place, axis: Axis, id: &str) -> Option<usize> {
        match self.names.find(axis, id, 0, &[]) {
            Ok(index) => return Some(index),
            // With no entry at all that is the fault, and it is reported once.
            Err(_) if self.names.of(axis).next().is_none() => {}
            Err(unknown) => {
                let asked = did_you_mean(id, unknown.nearest);
                let fault = Fault::at(place, unknown.found, unknown.allowed);
                self.missing(fault.help(unknown.help.or(asked)));
            }
        }
        None
    }

    /// The index of the entry that `node` names.
    pub(super) fn reference(&mut self, node: &Node, path: &str, axis: Axis) -> Option<usize> {
        let id = self.text(node, path);
        if id.contains(IT) {
            return None;
        }
        matches!(node.value, Value::Text(..))
            .then(|| self.known(&node.place, axis, &id))
            .flatten()
    }
}
