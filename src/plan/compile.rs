//! Trees to values: what a name stands for, and expressions written through the assembler.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::layout::Layout;
use super::program::{Assembler, Sizes, Value, Virtual};
use crate::math::Operation;
use crate::scenario::expression::{Binary, Expression, Form, Function, Node, Tree, Unary};
use crate::scenario::fault::{Fault, Place, nearest};
use crate::scenario::model::{Number, NumberKind};
use crate::scenario::{HEADS, Scenario, seconds_between};

/// From what an expression may be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Parameters alone: it is an initial number.
    Initial,
    /// The whole state.
    Live,
}

/// How far the compiler is with a parameter.
#[derive(Debug, Clone, Copy)]
enum Known {
    Not,
    Underway,
    Is(Value),
}

/// The compiler: names, faults, and the assembler below it.
pub(super) struct Compiler<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) layout: &'s Layout,
    pub(super) assembler: Assembler,
    pub(super) faults: Vec<Fault>,
    priors: BTreeMap<&'s str, usize>,
    parameters: Vec<Known>,
    formulas: Vec<Known>,
    context: Context,
    depth: usize,
    /// Actors whose views an expression reads.
    pub(super) seen: BTreeSet<usize>,
}

/// What a name cannot be resolved to: what was found, what is allowed, and the nearest name.
pub(super) struct Unknown {
    found: String,
    allowed: String,
    nearest: Option<String>,
}

pub(super) type Named = Result<Value, Unknown>;

impl<'s> Compiler<'s> {
    pub(super) fn new(scenario: &'s Scenario, layout: &'s Layout, sizes: Sizes) -> Self {
        let priors = scenario
            .priors()
            .iter()
            .enumerate()
            .map(|(i, n)| (n.path.as_str(), i))
            .collect();
        Self {
            scenario,
            layout,
            assembler: Assembler::new(layout.size, sizes),
            faults: Vec::new(),
            priors,
            parameters: vec![Known::Not; scenario.parameters.len()],
            formulas: vec![Known::Not; scenario.formulas.len()],
            context: Context::Live,
            depth: 0,
            seen: BTreeSet::new(),
        }
    }

    /// The value of a number: a constant, a prior's slot, or a finished expression.
    pub(super) fn number(&mut self, number: &'s Number, context: Context) -> Value {
        if let Some(x) = number.fixed() {
            return Value::Constant(x as f32);
        }
        if let Some(prior) = self.priors.get(number.path.as_str()) {
            return Value::Slot(Virtual::State(self.layout.prior(*prior)), true);
        }
        let NumberKind::Expression(expression) = &number.kind else {
            return Value::Constant(0.0);
        };
        let value = self.expression(expression, context);
        self.assembler
            .finish(value, number.least as f32, number.most as f32)
    }

    /// The value of a `when`, finished.
    pub(super) fn condition(&mut self, expression: &'s Expression) -> Value {
        let value = self.expression(expression, Context::Live);
        self.assembler.finish(value, -1e30, 1e30)
    }

    /// The value of an expression, unfinished.
    pub(super) fn expression(&mut self, expression: &'s Expression, context: Context) -> Value {
        let before = std::mem::replace(&mut self.context, context);
        let value = self.tree(&expression.tree, expression);
        self.context = before;
        value
    }

    /// Begins another program: what formulas gave in the last one is forgotten.
    pub(super) fn forget(&mut self) {
        for known in &mut self.formulas {
            if let Known::Is(Value::Slot(_, false)) = known {
                *known = Known::Not;
            }
        }
    }

    fn fault(&mut self, e: &Expression, span: &Range<usize>, unknown: Unknown) -> Value {
        self.faults.push(Fault {
            place: Some(e.inner(span)),
            found: unknown.found,
            allowed: unknown.allowed,
            nearest: unknown.nearest.map(|n| format!("did you mean `{n}`?")),
        });
        Value::Constant(0.0)
    }

    fn tree(&mut self, tree: &'s Tree, e: &'s Expression) -> Value {
        match &tree.node {
            Node::Number(x) => Value::Constant(*x as f32),
            Node::Date(text) => self
                .date(text)
                .unwrap_or_else(|u| self.fault(e, &tree.span, u)),
            Node::Name(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                self.name(&parts)
                    .unwrap_or_else(|u| self.fault(e, &tree.span, u))
            }
            Node::Unary(op, inner) => {
                let value = self.tree(inner, e);
                let op = match op {
                    Unary::Minus => Operation::Negate,
                    Unary::Not => Operation::Not,
                };
                self.assembler.apply(op, value, value)
            }
            Node::Binary(Binary::Power, base, exponent) => {
                let (a, b) = (self.tree(base, e), self.tree(exponent, e));
                self.power(a, b, self.written(exponent))
            }
            Node::Binary(op, left, right) => {
                let (a, b) = (self.tree(left, e), self.tree(right, e));
                let (op, a, b) = match op {
                    Binary::Add => (Operation::Add, a, b),
                    Binary::Subtract => (Operation::Subtract, a, b),
                    Binary::Multiply => (Operation::Multiply, a, b),
                    Binary::Divide => (Operation::Divide, a, b),
                    Binary::Power => (Operation::Power, a, b),
                    Binary::Less => (Operation::Less, a, b),
                    Binary::LessEqual => (Operation::LessEqual, a, b),
                    Binary::Greater => (Operation::Less, b, a),
                    Binary::GreaterEqual => (Operation::LessEqual, b, a),
                    Binary::Equal => (Operation::Equal, a, b),
                    Binary::NotEqual => (Operation::NotEqual, a, b),
                    Binary::And => (Operation::And, a, b),
                    Binary::Or => (Operation::Or, a, b),
                };
                self.assembler.apply(op, a, b)
            }
            Node::Call(function, arguments) => {
                let values: Vec<Value> = arguments.iter().map(|a| self.tree(a, e)).collect();
                self.call(
                    *function,
                    &values,
                    arguments.last().and_then(|last| self.written(last)),
                )
            }
        }
    }

    /// A power: repeated multiplication for a written whole exponent, else by logarithms.
    fn power(&mut self, a: Value, b: Value, written: Option<f32>) -> Value {
        match written {
            Some(n) if n.fract() == 0.0 && n.abs() <= 8.0 => {
                self.assembler
                    .apply(Operation::WholePower { exponent: n as i8 }, a, a)
            }
            _ => self.assembler.apply(Operation::Power, a, b),
        }
    }

    /// A written number, with or without signs before it, also by the name of a formula.
    fn written(&self, tree: &Tree) -> Option<f32> {
        match &tree.node {
            Node::Number(x) => Some(*x as f32),
            Node::Unary(Unary::Minus, inner) => self.written(inner).map(|x| 0.0 - x),
            Node::Name(parts) if parts.len() == 1 => {
                let mut formulas = self.scenario.formulas.iter();
                let tree = &formulas.find(|f| f.id == parts[0])?.expression.tree;
                // A name for a name is followed no further: formulas may run in a circle.
                (!matches!(tree.node, Node::Name(_))).then(|| self.written(tree))?
            }
            _ => None,
        }
    }

    fn call(&mut self, function: Function, v: &[Value], last: Option<f32>) -> Value {
        match function.form {
            Form::Operation(op) if v.len() == 1 => self.assembler.apply(op, v[0], v[0]),
            Form::Operation(op) => v[1..]
                .iter()
                .fold(v[0], |a, b| self.assembler.apply(op, a, *b)),
            Form::Clamp => {
                let above = self.assembler.apply(Operation::Max, v[0], v[1]);
                self.assembler.apply(Operation::Min, above, v[2])
            }
            Form::Contest => {
                let zero = Value::Constant(0.0);
                let a = self.assembler.apply(Operation::Max, v[0], zero);
                let b = self.assembler.apply(Operation::Max, v[1], zero);
                let (a, b) = (self.power(a, v[2], last), self.power(b, v[2], last));
                self.assembler.apply(Operation::Contest, a, b)
            }
        }
    }

    fn date(&self, text: &str) -> Named {
        let parsed = text
            .parse::<jiff::civil::DateTime>()
            .or_else(|_| text.parse::<jiff::civil::Date>().map(|d| d.at(0, 0, 0, 0)));
        parsed
            .map(|d| {
                let seconds = seconds_between(&self.scenario.clock, d);
                Value::Constant((seconds as f64 / 86_400.0) as f32)
            })
            .map_err(|_| Unknown {
                found: format!("the date \"{text}\""),
                allowed: "date('2022-01-05') or date('2022-01-05T16:30')".to_owned(),
                nearest: None,
            })
    }

    /// A parameter, computed after those that it names.
    pub(super) fn parameter(&mut self, i: usize) -> Named {
        let parameter = &self.scenario.parameters[i];
        match self.parameters[i] {
            Known::Is(value) => Ok(value),
            Known::Underway => Err(Unknown {
                found: format!("the parameter `{}` is computed from itself", parameter.id),
                allowed: "parameters computed from others, without a circle".to_owned(),
                nearest: None,
            }),
            Known::Not => {
                self.parameters[i] = Known::Underway;
                let value = self.number(&parameter.number, Context::Initial);
                self.parameters[i] = Known::Is(value);
                Ok(value)
            }
        }
    }

    fn formula(&mut self, i: usize) -> Named {
        let formula = &self.scenario.formulas[i];
        match self.formulas[i] {
            // In an initial number the formula's names must be looked at again: it may use
            // parameters alone.
            Known::Is(value)
                if self.context == Context::Live || !matches!(value, Value::Slot(_, false)) =>
            {
                Ok(value)
            }
            Known::Underway => Err(Unknown {
                found: format!("the formula `{}` is computed from itself", formula.id),
                allowed: "formulas computed from others, without a circle".to_owned(),
                nearest: None,
            }),
            _ if self.depth >= 64 => Err(Unknown {
                found: format!("the formula `{}` is nested over 64 deep", formula.id),
                allowed: "formulas of formulas at most 64 deep".to_owned(),
                nearest: None,
            }),
            _ => {
                self.formulas[i] = Known::Underway;
                self.depth += 1;
                let value = self.tree(&formula.expression.tree, &formula.expression);
                self.depth -= 1;
                self.formulas[i] = Known::Is(value);
                Ok(value)
            }
        }
    }

    /// Looks through every formula and parameter once, so that those in use nowhere are checked
    /// too.
    pub(super) fn check_all(&mut self) {
        for i in 0..self.scenario.parameters.len() {
            if let Err(u) = self.parameter(i) {
                let place = self.scenario.parameters[i].number.place.clone();
                self.whole_fault(&place, u);
            }
        }
        for i in 0..self.scenario.formulas.len() {
            if let Err(u) = self.formula(i) {
                let place = self.scenario.formulas[i].expression.place.clone();
                self.whole_fault(&place, u);
            }
        }
    }

    fn whole_fault(&mut self, place: &Place, unknown: Unknown) {
        self.faults
            .push(Fault::at(place, unknown.found, unknown.allowed));
    }

    fn state(slot: usize) -> Value {
        Value::Slot(Virtual::State(slot), false)
    }

    fn index(kind: &str, id: &str, ids: &[&str]) -> Result<usize, Unknown> {
        ids.iter().position(|x| *x == id).ok_or_else(|| Unknown {
            found: format!("there is no {kind} `{id}`"),
            allowed: if ids.len() <= 12 && !ids.is_empty() {
                format!("one of {}", ids.join(", "))
            } else {
                format!("a declared {kind}")
            },
            nearest: nearest(id, ids.iter().copied()),
        })
    }

    fn contender(&self, id: &str) -> Result<usize, Unknown> {
        let ids: Vec<&str> = self
            .scenario
            .contenders
            .iter()
            .map(|c| c.id.as_str())
            .collect();
        Self::index("contender", id, &ids)
    }

    fn actor(&self, id: &str) -> Result<usize, Unknown> {
        let ids: Vec<&str> = self.scenario.actors.iter().map(|a| a.id.as_str()).collect();
        Self::index("actor", id, &ids)
    }

    fn arena(&self, id: &str) -> Result<usize, Unknown> {
        let ids: Vec<&str> = self.scenario.arenas.iter().map(|a| a.id.as_str()).collect();
        Self::index("arena", id, &ids)
    }

    fn action(&self, id: &str) -> Result<usize, Unknown> {
        let ids: Vec<&str> = self
            .scenario
            .actions
            .iter()
            .map(|a| a.id.as_str())
            .collect();
        Self::index("action", id, &ids)
    }

    /// A contender or aside: an option of a stance.
    fn option(&self, id: &str) -> Result<usize, Unknown> {
        let mut ids: Vec<&str> = self
            .scenario
            .contenders
            .iter()
            .map(|c| c.id.as_str())
            .collect();
        ids.push("aside");
        Self::index("contender", id, &ids)
    }

    fn name(&mut self, parts: &[&str]) -> Named {
        let form = |allowed: &str| {
            Err(Unknown {
                found: format!("`{}` is not a number", parts.join(".")),
                allowed: allowed.to_owned(),
                nearest: None,
            })
        };
        if parts.len() == 1 {
            if let Some(i) = self
                .scenario
                .parameters
                .iter()
                .position(|p| p.id == parts[0])
            {
                return self.parameter(i);
            }
            if let Some(i) = self.scenario.formulas.iter().position(|f| f.id == parts[0]) {
                return self.formula(i);
            }
        }
        let known =
            HEADS.contains(&parts[0]) || self.scenario.variables.iter().any(|v| v.id == parts[0]);
        if self.context == Context::Initial && known {
            return Err(Unknown {
                found: format!("`{}` in an initial number", parts.join(".")),
                allowed: "parameters alone: the state does not exist yet".to_owned(),
                nearest: None,
            });
        }
        let l = self.layout;
        match *parts {
            ["day"] => Ok(Self::state(l.day())),
            ["openness"] => Ok(Self::state(l.openness())),
            ["loyalty", a, c] => {
                let (a, c) = (self.actor(a)?, self.contender(c)?);
                if self.scenario.contenders[c].actor == Some(a) {
                    return form("a loyalty to another contender");
                }
                Ok(Self::state(l.loyalty(a, c)))
            }
            ["loyalty", ..] => form("loyalty.ACTOR.CONTENDER"),
            ["stance", a, o] => Ok(Self::state(l.stance(self.actor(a)?, self.option(o)?))),
            ["stance", ..] => form("stance.ACTOR.CONTENDER or stance.ACTOR.aside"),
            ["present", a] => Ok(Self::state(l.present(self.actor(a)?))),
            ["present", ..] => form("present.ACTOR"),
            ["power", a, k] => Ok(Self::state(l.power(self.actor(a)?, self.arena(k)?))),
            ["power", ..] => form("power.ACTOR.ARENA"),
            ["support", o] => {
                let slot = l.support(self.option(o)?);
                self.assembler.current.needs.support = true;
                Ok(Self::state(slot))
            }
            ["support", o, k] => {
                let slot = l.support_in(self.option(o)?, self.arena(k)?);
                self.assembler.current.needs.support = true;
                Ok(Self::state(slot))
            }
            ["support", ..] => form("support.CONTENDER or support.CONTENDER.ARENA"),
            ["backing", c] => {
                let slot = l.backing(self.contender(c)?);
                self.assembler.current.needs.backing = true;
                Ok(Self::state(slot))
            }
            ["backing", c, k] => {
                let slot = l.backing_in(self.contender(c)?, self.arena(k)?);
                self.assembler.current.needs.backing = true;
                Ok(Self::state(slot))
            }
            ["backing", ..] => form("backing.CONTENDER or backing.CONTENDER.ARENA"),
            ["prospects", c] => Ok(Self::state(l.prospects(self.contender(c)?))),
            ["prospects", ..] => form("prospects.CONTENDER"),
            ["sees", a, c] => {
                let (a, c) = (self.actor(a)?, self.contender(c)?);
                self.seen.insert(a);
                Ok(Self::state(l.sees(a, c)))
            }
            ["sees", ..] => form("sees.ACTOR.CONTENDER"),
            ["signal", c] => Ok(Self::state(l.signal(self.contender(c)?))),
            ["signal", ..] => form("signal.CONTENDER"),
            ["holds", office, actor] => self.holds(office, actor),
            ["holds", ..] => form("holds.OFFICE.ACTOR"),
            [head @ ("turnout" | "grievance" | "repression"), crowd] => self.crowd(head, crowd),
            ["turnout" | "grievance" | "repression", ..] => form("turnout.CROWD, .max or .mean"),
            [
                head @ ("happened" | "succeeded" | "failed" | "count" | "first" | "since"),
                id,
            ] => {
                let i = self.action(id)?;
                Ok(self.happening(head, i))
            }
            [
                "happened" | "succeeded" | "failed" | "count" | "first" | "since",
                ..,
            ] => form("happened.ACTION"),
            _ => self.plain(parts),
        }
    }

    fn holds(&mut self, office: &str, actor: &str) -> Named {
        let ids: Vec<&str> = self
            .scenario
            .offices
            .iter()
            .map(|o| o.id.as_str())
            .collect();
        let office = Self::index("office", office, &ids)?;
        let holder = if actor == "nobody" {
            -1.0
        } else {
            self.actor(actor)? as f32
        };
        let slot = Self::state(self.layout.office(office));
        Ok(self
            .assembler
            .apply(Operation::Equal, slot, Value::Constant(holder)))
    }

    /// A quantity of a crowd, or its maximum or weighted mean over crowds.
    fn crowd(&mut self, head: &str, id: &str) -> Named {
        let l = self.layout;
        let slot = |n: usize| match head {
            "turnout" => Self::state(l.turnout(n)),
            "grievance" => Self::state(l.grievance(n)),
            _ => Self::state(l.repression(n)),
        };
        let crowds = &self.scenario.crowds;
        match id {
            "max" | "mean" if crowds.is_empty() => Ok(Value::Constant(0.0)),
            "max" => Ok((1..crowds.len()).fold(slot(0), |top, n| {
                self.assembler.apply(Operation::Max, top, slot(n))
            })),
            "mean" => {
                let mut sum = Value::Constant(0.0);
                for n in 0..crowds.len() {
                    let share = self.crowd_share(n);
                    let part = self.assembler.apply(Operation::Multiply, share, slot(n));
                    sum = self.assembler.apply(Operation::Add, sum, part);
                }
                Ok(sum)
            }
            _ => {
                let mut ids: Vec<&str> = crowds.iter().map(|c| c.id.as_str()).collect();
                ids.extend(["max", "mean"]);
                Self::index("crowd", id, &ids).map(slot)
            }
        }
    }

    /// The part of a crowd in means: its weight over the sum of weights.
    fn crowd_share(&mut self, n: usize) -> Value {
        let mut sum = Value::Constant(0.0);
        let mut own = sum;
        for (m, crowd) in self.scenario.crowds.iter().enumerate() {
            let weight = self.number(&crowd.weight, Context::Initial);
            sum = self.assembler.apply(Operation::Add, sum, weight);
            if m == n {
                own = weight;
            }
        }
        self.assembler.apply(Operation::Divide, own, sum)
    }

    fn happening(&mut self, head: &str, i: usize) -> Value {
        let l = self.layout;
        let zero = Value::Constant(0.0);
        let mut above_zero = |slot: usize| {
            self.assembler
                .apply(Operation::Less, zero, Self::state(slot))
        };
        match head {
            "happened" => above_zero(l.count(i)),
            "succeeded" => above_zero(l.succeeded(i)),
            "failed" => above_zero(l.failed(i)),
            "count" => Self::state(l.count(i)),
            "first" => Self::state(l.first(i)),
            _ => {
                let (day, latest) = (Self::state(l.day()), Self::state(l.latest(i)));
                self.assembler.apply(Operation::Subtract, day, latest)
            }
        }
    }

    /// A variable, or nothing that is known.
    fn plain(&mut self, parts: &[&str]) -> Named {
        if let [id] = parts
            && let Some(v) = self.scenario.variables.iter().position(|v| v.id == *id)
        {
            return Ok(Self::state(self.layout.variable(v)));
        }
        let s = self.scenario;
        let own = || {
            s.parameters
                .iter()
                .map(|p| p.id.as_str())
                .chain(s.variables.iter().map(|v| v.id.as_str()))
                .chain(s.formulas.iter().map(|f| f.id.as_str()))
        };
        let shown = parts.join(".");
        if parts.len() > 1 && own().any(|id| id == parts[0]) {
            return Err(Unknown {
                found: format!("`{shown}`: `{}` has no parts", parts[0]),
                allowed: format!("`{}` alone", parts[0]),
                nearest: None,
            });
        }
        let heads = HEADS.into_iter().filter(|h| *h != "office");
        let nearest = nearest(parts[0], own().chain(heads));
        let nearest = nearest.or_else(|| nearest_function(parts[0]));
        Err(Unknown {
            found: format!("nothing is called `{shown}`"),
            allowed: "a parameter, variable or formula, or a quantity of the state".to_owned(),
            nearest,
        })
    }
}

fn nearest_function(name: &str) -> Option<String> {
    nearest(name, Function::ALL.iter().map(|f| f.name)).map(|f| format!("{f}(…)"))
}
