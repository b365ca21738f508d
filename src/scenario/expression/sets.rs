//! Sets: a sum, a mean, the least or the greatest over several entries, as in `sum(power.*.coercion)`.
//! Each stands for the tree that writes it out, entry by entry.

use std::ops::Range;

use super::Expression;
use super::lexer::Wrong;
use super::syntax::{Binary, Form, Function, Node, Tree};
use crate::math::Operation;
use crate::scenario::fault::Fault;
use crate::scenario::grammar::grouped;
use crate::scenario::limits;
use crate::scenario::names::{Ids, axis_of};

/// Whether a part of a name stands for several ids: `*`, or a list such as `[army, police]`.
fn is_set(part: &str) -> bool {
    part == "*" || part.starts_with('[')
}

/// Whether a function takes a set as its only argument.
pub(super) fn takes_sets(function: &Function) -> bool {
    let over = [Operation::Min, Operation::Max].map(Form::Operation);
    matches!(function.form, Form::Sum | Form::Mean) || over.contains(&function.form)
}

/// Whether a tree has a set.
pub(super) fn has_set(tree: &Tree) -> bool {
    let mut found = false;
    tree.each_name(&mut |parts, _| found |= parts.iter().any(|part| is_set(part)));
    found
}

/// Whether a node is a function over a set.
fn is_over(node: &Node) -> bool {
    matches!(node, Node::Call(function, arguments)
        if arguments.len() == 1 && takes_sets(function) && has_set(&arguments[0]))
}

/// Checks that sets stand where they mean something.
pub(super) fn check(tree: &Tree, within: bool) -> Result<(), Wrong> {
    let wrong = |found: String, allowed: &str| {
        Err(Wrong {
            span: tree.span.clone(),
            found,
            allowed: allowed.to_owned(),
            help: None,
        })
    };
    match &tree.node {
        Node::Name(parts) => match parts.iter().filter(|part| is_set(part)).count() {
            0 => Ok(()),
            1 if within => Ok(()),
            1 => wrong(
                format!("`{}` is several numbers", parts.join(".")),
                "one number: the sum( ), mean( ), min( ) or max( ) of them alone",
            ),
            _ => wrong(
                format!("two sets in `{}`", parts.join(".")),
                "one `*` or list in a name",
            ),
        },
        Node::Number(_) | Node::Date(_) => Ok(()),
        Node::Unary(_, inner) => check(inner, within),
        Node::Binary(_, left, right) => check(left, within).and_then(|()| check(right, within)),
        node @ Node::Call(function, arguments) => {
            let over = is_over(node);
            if over && within {
                return wrong(
                    format!("`{}` over a set inside another", function.name),
                    "sets side by side; move the inner one to [formulas]",
                );
            }
            arguments.iter().try_for_each(|a| check(a, within || over))
        }
    }
}

/// One of a set: its id, and where it is written if it is written.
struct Member {
    id: String,
    written: Option<Range<usize>>,
}

/// Writes sets out.
struct Writer<'a> {
    e: &'a Expression,
    ids: &'a Ids,
}

impl Expression {
    /// Writes out what it says of sets of entries. `room` is how many more numbers and operators sets may
    /// stand for, in all expressions.
    ///
    /// # Errors
    /// A set that has no meaning, or is too large. Names that nothing has are found by the plan.
    pub(in crate::scenario) fn spread(&mut self, ids: &Ids, room: &mut usize) -> Result<(), Fault> {
        if has_set(&self.tree) {
            self.tree = Writer { e: self, ids }.tree(&self.tree, room)?;
        }
        Ok(())
    }
}

impl Writer<'_> {
    fn tree(&self, tree: &Tree, room: &mut usize) -> Result<Tree, Fault> {
        let node = match &tree.node {
            node @ Node::Call(function, arguments) => {
                if is_over(node) {
                    return self.over(function, &arguments[0], &tree.span, room);
                }
                let all = arguments.iter().map(|a| self.tree(a, room));
                Node::Call(function, all.collect::<Result<_, _>>()?)
            }
            Node::Unary(op, inner) => Node::Unary(*op, Box::new(self.tree(inner, room)?)),
            Node::Binary(op, left, right) => Node::Binary(
                *op,
                Box::new(self.tree(left, room)?),
                Box::new(self.tree(right, room)?),
            ),
            leaf => leaf.clone(),
        };
        let span = tree.span.clone();
        Ok(Tree { node, span })
    }

    /// The tree that a function over a set stands for.
    fn over(
        &self,
        function: &'static Function,
        each: &Tree,
        span: &Range<usize>,
        room: &mut usize,
    ) -> Result<Tree, Fault> {
        // Without room left nothing is looked up, so that no text takes long.
        let members = match *room {
            0 => Vec::new(),
            _ => self.members(function, each)?,
        };
        let left = room.checked_sub(size(each) * members.len());
        *room = left.unwrap_or(0);
        if *room == 0 {
            let found = "sets that stand for too many numbers and operators";
            let most = grouped(limits::SPREAD as u64);
            let allowed = format!("fewer than {most} in all expressions together");
            return Err(Fault::at(&self.e.inner(span), found, allowed));
        }
        let node = |node| Tree {
            node,
            span: span.clone(),
        };
        let number = members.len() as f64;
        let mut all = members.iter().map(|member| self.one(each, member));
        let mut add = || {
            let first = all.next()?;
            Some(all.by_ref().fold(first, |sum, next| {
                node(Node::Binary(Binary::Add, Box::new(sum), Box::new(next)))
            }))
        };
        let whole = match function.form {
            Form::Sum => add(),
            Form::Mean => add().map(|sum| {
                let number = node(Node::Number(number));
                node(Node::Binary(
                    Binary::Divide,
                    Box::new(sum),
                    Box::new(number),
                ))
            }),
            _ if members.len() == 1 => all.next(),
            _ => Some(node(Node::Call(function, all.collect()))),
        };
        // There is at least one member.
        Ok(whole.unwrap_or_else(|| node(Node::Number(0.0))))
    }

    /// What a set stands for, in listed order; at least one.
    fn members(&self, function: &'static Function, each: &Tree) -> Result<Vec<Member>, Fault> {
        let names = sets(each);
        let (first, set) = names[0];
        if let Some((other, _)) = names
            .iter()
            .find(|(n, part)| n.parts[*part] != first.parts[set])
        {
            let found = format!(
                "`{}` over `{}` and over `{}`",
                function.name,
                first.shown(),
                other.shown()
            );
            return Err(self.fault(other, found, "the same set in every name of it"));
        }
        if first.parts[set] != "*" {
            return self.listed(&first);
        }
        // Names that nothing has are left as they are: the plan says what is wrong with them.
        let axes: Vec<_> = names
            .iter()
            .filter_map(|(n, part)| Some((n, *part, axis_of(&n.parts(), *part)?)))
            .collect();
        let Some((first, _, axis)) = axes.first().copied() else {
            return Ok(vec![Member {
                id: "*".to_owned(),
                written: None,
            }]);
        };
        if let Some((other, _, kind)) = axes.iter().find(|(.., a)| a.kind() != axis.kind()) {
            let found = format!(
                "`{}` over {}s in `{}` and over {}s in `{}`",
                function.name,
                axis.kind(),
                first.shown(),
                kind.kind(),
                other.shown()
            );
            return Err(self.fault(other, found, "entries of one kind in one set"));
        }
        let has = |id: &&str| {
            let lacks = |(n, part, _): &(&Name<'_>, usize, _)| self.lacks(n, *part, id);
            !axes.iter().any(lacks)
        };
        let ids = self.ids.of(axis).filter(|id| *id != "aside");
        let members: Vec<Member> = ids
            .filter(has)
            .map(|id| Member {
                id: id.to_owned(),
                written: None,
            })
            .collect();
        if members.is_empty() {
            let found = format!("`{}` matches no {}", first.shown(), axis.kind());
            let allowed = format!("a set with at least one {} in it", axis.kind());
            return Err(self.fault(first, found, &allowed));
        }
        Ok(members)
    }

    /// The members of a written list.
    fn listed(&self, name: &Name<'_>) -> Result<Vec<Member>, Fault> {
        let text = self.e.text.get(name.span.clone()).unwrap_or_default();
        let (open, close) = (text.find('['), text.find(']'));
        let (Some(open), Some(close)) = (open, close) else {
            return Ok(Vec::new());
        };
        let mut members: Vec<Member> = Vec::new();
        let mut at = open + 1;
        for item in text[open + 1..close].split(',') {
            let start = name.span.start + at + item.len() - item.trim_start().len();
            at += item.len() + 1;
            let id = item.trim();
            let written = start..start + id.len();
            if members.iter().any(|m| m.id == id) {
                let found = format!("`{id}` twice in a set");
                return Err(Fault::at(&self.e.inner(&written), found, "each id once"));
            }
            members.push(Member {
                id: id.to_owned(),
                written: Some(written),
            });
        }
        Ok(members)
    }

    /// Whether there is no such number of one member, though there are of others.
    fn lacks(&self, name: &Name<'_>, part: usize, id: &str) -> bool {
        let mut parts = name.parts();
        parts[part] = id;
        match self.ids.reference(&parts) {
            Ok(_) => false,
            // Nothing of the name is wrong but what it is of: a contender's tie to himself.
            Err(unknown) => unknown.part.is_none_or(|wrong| wrong == part),
        }
    }

    /// The tree for one member.
    fn one(&self, tree: &Tree, member: &Member) -> Tree {
        let again = |tree: &Tree| Box::new(self.one(tree, member));
        let mut span = tree.span.clone();
        let node = match &tree.node {
            Node::Name(parts) => {
                let mut parts = parts.clone();
                if let Some(part) = parts.iter().position(|part| is_set(part)) {
                    let name = Name {
                        parts: &parts,
                        span: &span,
                    };
                    if axis_of(&name.parts(), part).is_some() {
                        // What is wrong with a member is told at the member.
                        let lacks = |_: &Range<usize>| self.lacks(&name, part, &member.id);
                        let written = member.written.clone().filter(lacks);
                        parts[part].clone_from(&member.id);
                        span = written.unwrap_or(span);
                    }
                }
                Node::Name(parts)
            }
            Node::Unary(op, inner) => Node::Unary(*op, again(inner)),
            Node::Binary(op, left, right) => Node::Binary(*op, again(left), again(right)),
            Node::Call(function, arguments) => {
                let arguments = arguments.iter().map(|a| self.one(a, member));
                Node::Call(function, arguments.collect())
            }
            leaf => leaf.clone(),
        };
        Tree { node, span }
    }

    fn fault(&self, name: &Name<'_>, found: String, allowed: &str) -> Fault {
        Fault::at(&self.e.inner(name.span), found, allowed)
    }
}

/// A name with a set.
#[derive(Clone, Copy)]
struct Name<'t> {
    parts: &'t [String],
    span: &'t Range<usize>,
}

impl<'t> Name<'t> {
    fn parts(&self) -> Vec<&'t str> {
        self.parts.iter().map(String::as_str).collect()
    }

    fn shown(&self) -> String {
        self.parts.join(".")
    }
}

/// The names with sets, each with the part that is one.
fn sets(tree: &Tree) -> Vec<(Name<'_>, usize)> {
    let mut out = Vec::new();
    tree.each_name(&mut |parts, span| {
        let part = parts.iter().position(|part| is_set(part));
        out.extend(part.map(|part| (Name { parts, span }, part)));
    });
    out
}

/// The number of nodes of a tree.
fn size(tree: &Tree) -> usize {
    1 + match &tree.node {
        Node::Name(_) | Node::Number(_) | Node::Date(_) => 0,
        Node::Unary(_, inner) => size(inner),
        Node::Binary(_, left, right) => size(left) + size(right),
        Node::Call(_, arguments) => arguments.iter().map(size).sum(),
    }
}
