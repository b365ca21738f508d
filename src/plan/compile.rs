//! Compiles expressions: resolves names and emits instructions through the assembler.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Fragile;
use super::bounds::Bounds;
use super::layout::Layout;
use super::program::{Assembler, Needs, Shared, Sizes, Value, Virtual};
use crate::internal::internal_error;
use crate::math::Operation;
use crate::scenario::catalogue::{HEADS, NAMES, Name, Reading};
use crate::scenario::expression::{Binary, Expression, Form, Function, Node, Tree, Unary};
use crate::scenario::fault::{Fault, Place, did_you_mean, nearest};
use crate::scenario::grammar::grouped;
use crate::scenario::limits;
use crate::scenario::model::{Action, Number, NumberKind};
use crate::scenario::names::{Ids, Reference, Unknown, no_parts};
use crate::scenario::state::{Fact, Range as Between, StateQuantity};
use crate::scenario::{Scenario, seconds_from};

/// What an expression may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Parameters only: the expression is an initial value.
    Initial,
    /// The whole state.
    Live,
}

/// How far the compiler has come with a parameter or formula.
#[derive(Debug, Clone, Copy)]
enum Known {
    Not,
    Underway,
    Is(Value),
}

/// The compiler: resolves names, collects faults, drives the assembler.
pub(super) struct Compiler<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) ids: Ids,
    pub(super) layout: &'s Layout,
    pub(super) assembler: Assembler,
    pub(super) faults: Vec<Fault>,
    /// Where expressions have which faults.
    told: BTreeSet<((usize, usize, usize), String)>,
    priors: BTreeMap<&'s str, usize>,
    parameters: Vec<Known>,
    formulas: Vec<Known>,
    /// Formulas that programs of a single expression share.
    shared: Vec<Option<Shared>>,
    /// Whether the current program is one of a single expression: effects are many, so each formula
    /// is compiled once for all of them. In the program of a stage formulas share work with each
    /// other instead.
    pub(super) sharing: bool,
    context: Context,
    /// What is compiled that may not depend on any rally, if it is, in words.
    pub(super) rallying: Option<&'static str>,
    /// What the effects that are compiled may name beside the state: what their action draws.
    drawn: Vec<(&'s str, Value)>,
    depth: usize,
    /// Nodes of expressions compiled so far, over all programs.
    nodes: usize,
    /// Depth of the node that is being compiled.
    nested: usize,
    /// Whether a bound on either has been reported.
    too_large: bool,
    /// Actors whose views some expression reads.
    pub(super) seen: BTreeSet<usize>,
    /// Expressions that can leave the finite numbers.
    pub(super) fragile: Vec<Fragile>,
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
            ids: scenario.ids(),
            layout,
            assembler: Assembler::new(layout.size, sizes),
            faults: Vec::new(),
            told: BTreeSet::new(),
            priors,
            parameters: vec![Known::Not; scenario.parameters.len()],
            formulas: vec![Known::Not; scenario.formulas.len()],
            shared: scenario.formulas.iter().map(|_| None).collect(),
            sharing: false,
            context: Context::Live,
            rallying: None,
            drawn: Vec::new(),
            depth: 0,
            nodes: 0,
            nested: 0,
            too_large: false,
            seen: BTreeSet::new(),
            fragile: Vec::new(),
        }
    }

    /// Returns the index of an expression that can leave the finite numbers.
    fn fragile(&mut self, path: &str, text: &str) -> usize {
        let known = |f: &Fragile| f.path == path && f.text == text;
        self.fragile.iter().position(known).unwrap_or_else(|| {
            self.fragile.push(Fragile {
                path: path.to_owned(),
                text: text.to_owned(),
            });
            self.fragile.len() - 1
        })
    }

    /// Returns the value of a number: a constant, a prior's slot, or a finished expression.
    pub(super) fn number(&mut self, number: &'s Number, context: Context) -> Value {
        if let Some(x) = number.fixed() {
            return Value::Constant(x as f32);
        }
        if let Some(prior) = self.priors.get(number.path.as_str()) {
            let slot = Virtual::State(self.layout.prior(*prior));
            self.assembler.bound(slot, between(number));
            return Value::Slot(slot, true);
        }
        let NumberKind::Expression(expression) = &number.kind else {
            internal_error(format!("{} is not among the priors", number.path))
        };
        let value = self.expression(expression, context);
        let (least, most) = (number.least as f32, number.most as f32);
        let (result, undefined) = self.assembler.finish(value, least, most);
        if let Some(undefined) = undefined {
            let index = self.fragile(&number.path, &expression.text);
            match context {
                Context::Initial => self.assembler.note_once(undefined, index),
                Context::Live => self.assembler.note(undefined, index),
            }
        }
        result
    }

    /// Lets the effects that follow name what their action draws, from the `first` of all draws on.
    pub(super) fn know_draws(&mut self, action: &'s Action, first: usize) {
        let mut next = first..;
        for draw in &action.draws {
            let value = match draw.number.fixed() {
                Some(x) => Value::Constant(x as f32),
                None => {
                    let index = next.next().unwrap_or_default();
                    let slot = Virtual::State(self.layout.drawn(index));
                    self.assembler.bound(slot, between(&draw.number));
                    Value::Slot(slot, false)
                }
            };
            self.drawn.push((&draw.id, value));
        }
    }

    /// Forgets what an action draws.
    pub(super) fn forget_draws(&mut self) {
        self.drawn.clear();
    }

    /// Returns the finished value of a condition, or of the right-hand side of an effect, and whether
    /// it leaves the finite numbers, if it can; `path` and `text` are what it is called when it does.
    pub(super) fn condition(
        &mut self,
        expression: &'s Expression,
        path: &str,
        text: &str,
    ) -> (Value, Option<Value>) {
        let (value, undefined) = self.watched(expression);
        if let Some(undefined) = undefined {
            let index = self.fragile(path, text);
            self.assembler.note(undefined, index);
        }
        (value, undefined)
    }

    /// The same of an expression that is not part of the scenario.
    pub(super) fn watched(&mut self, expression: &'s Expression) -> (Value, Option<Value>) {
        let value = self.expression(expression, Context::Live);
        let (least, most) = (-1e30, 1e30);
        // A condition is read before any other program runs, so it need not be kept as numbers are.
        if self.assembler.is_result(value, least, most) {
            return (value, None);
        }
        self.assembler.finish(value, least, most)
    }

    /// Returns the number of the expression that leaves the finite numbers where a considered move has
    /// terms so large that its inclination is undefined, if they can be.
    pub(super) fn inclination(
        &mut self,
        decision: Value,
        terms: [Value; 4],
        path: &str,
    ) -> Option<usize> {
        let known = |value| self.assembler.bounds(value);
        let apply = |op, a, b| Bounds::of(op, a, b);
        let [win, prize, price, wait] = terms.map(known);
        let lost = apply(Operation::Subtract, Bounds::constant(1.0), win);
        let won = apply(Operation::Multiply, win, prize);
        let lost = apply(Operation::Multiply, lost, price);
        let worth = apply(Operation::Subtract, won, lost);
        let worth = apply(Operation::Subtract, worth, wait);
        let all = apply(Operation::Multiply, known(decision), worth);
        all.can_be_undefined()
            .then(|| self.fragile(path, "win * prize - (1 - win) * price - wait"))
    }

    /// Returns the value of an expression, before it is finished.
    pub(super) fn expression(&mut self, expression: &'s Expression, context: Context) -> Value {
        let before = std::mem::replace(&mut self.context, context);
        let value = self.tree(&expression.tree, expression);
        self.context = before;
        value
    }

    /// Starts a new program: results of formulas in the previous one are not available in it.
    pub(super) fn forget(&mut self) {
        for known in &mut self.formulas {
            if let Known::Is(Value::Slot(_, false)) = known {
                *known = Known::Not;
            }
        }
    }

    fn fault(&mut self, e: &Expression, span: &Range<usize>, unknown: Unknown) -> Value {
        let asked = did_you_mean(
            e.text.get(span.clone()).unwrap_or_default(),
            unknown.nearest,
        );
        let place = e.inner(span);
        // What is said of a set is said of each of its members.
        let at = (place.file, place.span.start, place.span.end);
        if self.told.insert((at, unknown.found.clone())) {
            let fault = Fault::at(&place, unknown.found, unknown.allowed);
            self.faults.push(fault.help(unknown.help.or(asked)));
        }
        Value::Constant(0.0)
    }

    /// Returns the value of a tree. Formulas are followed into theirs, so what bounds one expression
    /// does not bound this: the sum of all is bounded here, for the stack and for the memory.
    fn tree(&mut self, tree: &'s Tree, e: &'s Expression) -> Value {
        self.nodes += 1;
        self.nested += 1;
        let too_large = self.nodes > limits::OPERATIONS || self.nested > limits::DEPTH;
        let value = if !too_large {
            self.node(tree, e)
        } else if std::mem::replace(&mut self.too_large, true) {
            Value::Constant(0.0) // reported before
        } else {
            self.fault(e, &tree.span, self.bound())
        };
        self.nested -= 1;
        value
    }

    /// The bound that has been reached.
    fn bound(&self) -> Unknown {
        let found = if self.nodes > limits::OPERATIONS {
            let most = grouped(limits::OPERATIONS as u64);
            format!(
                "more than {most} operations in all, each formula counted once for every stage that reads it"
            )
        } else {
            let deepest = limits::DEPTH;
            format!("nested more than {deepest} levels deep, counting the formulas that it reads")
        };
        Unknown::new(found, "fewer or simpler formulas")
    }

    fn node(&mut self, tree: &'s Tree, e: &'s Expression) -> Value {
        match &tree.node {
            Node::Number(x) => Value::Constant(*x as f32),
            Node::Date(text) => self
                .date(text)
                .unwrap_or_else(|u| self.fault(e, &tree.span, u)),
            Node::Name(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                let written = e.text.get(tree.span.clone());
                self.name(&parts, written)
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
            Node::Binary(..) => self.chain(tree, e),
            Node::Call(function, arguments) => {
                let values: Vec<Value> = arguments.iter().map(|a| self.tree(a, e)).collect();
                self.call(
                    function,
                    &values,
                    arguments.last().and_then(|last| self.written(last)),
                )
            }
        }
    }

    /// Returns the value of operators that follow each other, as in `a + b - c`, whose tree leans to
    /// the left. A loop walks down it: formulas of formulas would otherwise exhaust the stack.
    fn chain(&mut self, tree: &'s Tree, e: &'s Expression) -> Value {
        let mut operators = Vec::new();
        let mut first = tree;
        while let Node::Binary(op, left, right) = &first.node
            && *op != Binary::Power
        {
            operators.push((*op, right));
            first = left;
        }
        let mut value = self.tree(first, e);
        for (op, right) in operators.into_iter().rev() {
            let (a, b) = (value, self.tree(right, e));
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
            value = self.assembler.apply(op, a, b);
        }
        value
    }

    /// Emits a power: repeated multiplication for a literal integer exponent, else logarithms.
    fn power(&mut self, a: Value, b: Value, written: Option<f32>) -> Value {
        match written {
            Some(n) if n.fract() == 0.0 && n.abs() <= 8.0 => {
                self.assembler
                    .apply(Operation::WholePower { exponent: n as i8 }, a, a)
            }
            _ => self.assembler.apply(Operation::Power, a, b),
        }
    }

    /// Returns the value of a literal, possibly negated or behind the name of a formula.
    fn written(&self, tree: &Tree) -> Option<f32> {
        match &tree.node {
            Node::Number(x) => Some(*x as f32),
            Node::Unary(Unary::Minus, inner) => self.written(inner).map(|x| 0.0 - x),
            Node::Name(parts) if parts.len() == 1 => {
                let mut formulas = self.scenario.formulas.iter();
                let tree = &formulas.find(|f| f.id == parts[0])?.expression.tree;
                // A formula that is only another name is not followed: formulas may be circular.
                (!matches!(tree.node, Node::Name(_))).then(|| self.written(tree))?
            }
            _ => None,
        }
    }

    fn call(&mut self, function: &Function, v: &[Value], last: Option<f32>) -> Value {
        match function.form {
            Form::Operation(op) if v.len() == 1 => self.assembler.apply(op, v[0], v[0]),
            Form::Operation(op) => v[1..]
                .iter()
                .fold(v[0], |a, b| self.assembler.apply(op, a, *b)),
            Form::Clamp => {
                let above = self.assembler.apply(Operation::Max, v[0], v[1]);
                self.assembler.apply(Operation::Min, above, v[2])
            }
            Form::If => self.assembler.choose(v[0], v[1], v[2]),
            // Sets are written out before: one that has no meaning has its fault.
            Form::Sum | Form::Mean => v[0],
            Form::Contest => {
                let program = &mut self.assembler;
                let ratio = program.apply(Operation::Ratio, v[0], v[1]);
                let stronger = program.apply(Operation::LessEqual, v[1], v[0]);
                // An exponent below 0 favours the weaker side.
                let direct = program.apply(Operation::LessEqual, Value::Constant(0.0), v[2]);
                let favoured = match direct {
                    Value::Constant(1.0) => stronger,
                    _ => program.apply(Operation::Equal, stronger, direct),
                };
                let size = program.apply(Operation::Absolute, v[2], v[2]);
                let raised = self.power(ratio, size, last.map(f32::abs));
                self.assembler.apply(Operation::Contest, raised, favoured)
            }
        }
    }

    fn date(&self, text: &str) -> Named {
        let seconds = seconds_from(self.scenario.clock.start, text).ok_or_else(|| {
            Unknown::new(
                format!("the date \"{text}\""),
                "date('2022-01-05'), date('2022-01-05T16:30') or date('t0 + 3d')",
            )
        })?;
        Ok(Value::Constant((seconds as f64 / 86_400.0) as f32))
    }

    /// Returns the value of a parameter, computed after those that it refers to.
    pub(super) fn parameter(&mut self, i: usize) -> Named {
        let parameter = &self.scenario.parameters[i];
        match self.parameters[i] {
            Known::Is(value) => Ok(value),
            Known::Underway => Err(Unknown::new(
                format!("the parameter `{}` is computed from itself", parameter.id),
                "parameters computed from others, without circular references",
            )),
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
            Known::Not | Known::Is(_) if self.sharing && self.has_shared(i) => {
                Ok(self.read_shared(i))
            }
            Known::Underway => Err(Unknown::new(
                format!("the formula `{}` is computed from itself", formula.id),
                "formulas computed from others, without circular references",
            )),
            _ if self.depth >= limits::FORMULA_DEPTH => Err(Unknown::new(
                format!(
                    "the formula `{}` is nested more than {} levels deep",
                    formula.id,
                    limits::FORMULA_DEPTH
                ),
                format!(
                    "formulas nested at most {} levels deep",
                    limits::FORMULA_DEPTH
                ),
            )),
            _ => {
                self.formulas[i] = Known::Underway;
                self.depth += 1;
                let shared = self.sharing && self.context == Context::Live;
                let outer = shared.then(|| self.assembler.begin_shared());
                // A formula means the same wherever it is read.
                let drawn = std::mem::take(&mut self.drawn);
                let value = self.tree(&formula.expression.tree, &formula.expression);
                self.drawn = drawn;
                self.depth -= 1;
                let Some(outer) = outer else {
                    self.formulas[i] = Known::Is(value);
                    return Ok(value);
                };
                self.formulas[i] = Known::Not;
                self.shared[i] = Some(self.assembler.end_shared(value, outer));
                Ok(self.read_shared(i))
            }
        }
    }

    /// Returns whether a formula is compiled for sharing, and may be read here.
    fn has_shared(&self, i: usize) -> bool {
        self.context == Context::Live && self.shared[i].is_some()
    }

    /// Returns the value of a shared formula.
    fn read_shared(&mut self, i: usize) -> Value {
        let shared = self.assembler.read_shared(i, &self.shared);
        self.nodes += shared.size();
        shared.value
    }

    /// Compiles every parameter and formula once, so that unused ones are checked too.
    pub(super) fn check_all(&mut self) {
        for i in 0..self.scenario.parameters.len() {
            if let Err(u) = self.parameter(i) {
                let place = self.scenario.parameters[i].number.place.clone();
                self.fault_at(&place, u);
            }
        }
        for i in 0..self.scenario.formulas.len() {
            if let Err(u) = self.formula(i) {
                let place = self.scenario.formulas[i].expression.place.clone();
                self.fault_at(&place, u);
            }
        }
    }

    fn fault_at(&mut self, place: &Place, unknown: Unknown) {
        self.faults
            .push(Fault::at(place, unknown.found, unknown.allowed));
    }

    /// Returns the value of a quantity of the state.
    fn state(&mut self, quantity: StateQuantity, indices: &[usize]) -> Value {
        let slot = Virtual::State(self.layout.slot(quantity, indices));
        let days = self.scenario.clock.days as f64 + 1.0;
        let bounds = match (quantity, quantity.range()) {
            (StateQuantity::Day, _) => Bounds::between(0.0, days),
            (StateQuantity::First, _) => Bounds::between(0.0, days).or_infinite(),
            (StateQuantity::Latest, _) => Bounds::between(0.0, days).or_minus_infinite(),
            // Rounding, and what is between two clamps.
            (_, Between::Share) => Bounds::between(-1e-3, 1.001),
            (_, Between::NotNegative) => Bounds::between(0.0, 1.01e30),
            (_, Between::Free) => Bounds::between(-1.01e30, 1.01e30),
        };
        self.assembler.bound(slot, bounds);
        Value::Slot(slot, false)
    }

    /// Returns the value of a name; `written` is it or the set that it is one of.
    fn name(&mut self, parts: &[&str], written: Option<&str>) -> Named {
        let s = self.scenario;
        let shown = || written.map_or_else(|| parts.join("."), str::to_owned);
        if let [id] = *parts {
            if let Some(i) = s.parameters.iter().position(|p| p.id == id) {
                return self.parameter(i);
            }
            if let Some(i) = s.formulas.iter().position(|f| f.id == id) {
                return self.formula(i);
            }
            if let Some((_, value)) = self.drawn.iter().find(|(name, _)| *name == id) {
                return Ok(*value);
            }
        }
        let of_state =
            HEADS.contains(&parts[0]) || self.ids.variables.iter().any(|v| v == parts[0]);
        if self.context == Context::Initial && of_state {
            return Err(Unknown::new(
                format!("`{}` cannot be used in an initial number", shown()),
                "only parameters: the state does not exist yet",
            ));
        }
        match self.ids.reference(parts) {
            Ok(reference) => match self.rallying {
                Some(what) if reference.quantity.fact() == Some(Fact::Rally) => Err(Unknown::new(
                    format!("`{}` in {what}", shown()),
                    "what reads no rally: everybody would wait for everybody",
                )),
                _ => Ok(self.reference(&reference)),
            },
            Err(unknown) => Err(self.unknown_name(parts, unknown)),
        }
    }

    /// Completes the fault of an unknown name with the names that the scenario defines.
    fn unknown_name(&self, parts: &[&str], unknown: Unknown) -> Unknown {
        if Name::find(parts[0]).is_some_and(|n| n.reading.is_some()) {
            return unknown;
        }
        let s = self.scenario;
        let own = s
            .parameters
            .iter()
            .map(|p| p.id.as_str())
            .chain(s.variables.iter().map(|v| v.id.as_str()))
            .chain(s.formulas.iter().map(|f| f.id.as_str()))
            .chain(self.drawn.iter().map(|(id, _)| *id));
        if parts.len() > 1 && own.clone().any(|id| id == parts[0]) {
            return no_parts(parts);
        }
        let mut elsewhere = s
            .actions
            .iter()
            .filter(|a| a.draws.iter().any(|d| d.id == parts[0]));
        if let Some(action) = elsewhere.next() {
            let [id, owner] = [parts[0], &action.id];
            return Unknown {
                help: Some(format!(
                    "`{id}` is drawn in [actions.{owner}.draws]: the effects of that action alone know it"
                )),
                ..unknown
            };
        }
        let heads = NAMES.iter().filter(|n| n.reading.is_some());
        let functions = || nearest(parts[0], Function::ALL.iter().map(|f| f.name));
        Unknown {
            nearest: nearest(parts[0], own.chain(heads.map(|n| n.head)))
                .or_else(|| functions().map(|f| format!("{f}(…)"))),
            ..unknown
        }
    }

    /// Returns the value of a reference to the state.
    fn reference(&mut self, r: &Reference) -> Value {
        let needs = Needs::of(r.quantity.fact(), r.indices.first().copied().unwrap_or(0));
        self.assembler.current.needs = self.assembler.current.needs.or(needs);
        if let (StateQuantity::Sees, [actor, _]) = (r.quantity, &r.indices[..]) {
            self.seen.insert(*actor);
        }
        let crowds = self.layout.crowds;
        let zero = Value::Constant(0.0);
        match r.reading {
            Reading::Value => self.state(r.quantity, &r.indices),
            Reading::Largest | Reading::Mean | Reading::Felt if crowds == 0 => zero,
            Reading::Largest => {
                let first = self.state(r.quantity, &[0]);
                (1..crowds).fold(first, |top, n| {
                    let own = self.state(r.quantity, &[n]);
                    self.assembler.apply(Operation::Max, top, own)
                })
            }
            Reading::Mean => (0..crowds).fold(zero, |sum, n| {
                let share = self.crowd_share(n);
                let own = self.state(r.quantity, &[n]);
                let part = self.assembler.apply(Operation::Multiply, share, own);
                self.assembler.apply(Operation::Add, sum, part)
            }),
            Reading::Felt => {
                let first = self.felt(r.quantity, 0);
                (1..crowds).fold(first, |top, n| {
                    let own = self.felt(r.quantity, n);
                    self.assembler.apply(Operation::Max, top, own)
                })
            }
            Reading::AboveZero => {
                let count = self.state(r.quantity, &r.indices);
                self.assembler.apply(Operation::Less, zero, count)
            }
            Reading::DaysSince => {
                let day = self.state(StateQuantity::Day, &[]);
                let then = self.state(r.quantity, &r.indices);
                self.assembler.apply(Operation::Subtract, day, then)
            }
            Reading::Holder(actor) => {
                let holder = Value::Constant(actor.map_or(-1.0, |a| a as f32));
                let office = self.state(r.quantity, &r.indices);
                self.assembler.apply(Operation::Equal, office, holder)
            }
            Reading::Fate(fate) => {
                let wanted = Value::Constant((fate + 1) as f32);
                let fate = self.state(r.quantity, &r.indices);
                self.assembler.apply(Operation::Equal, fate, wanted)
            }
        }
    }

    /// Returns a quantity of a crowd as it is felt where power is.
    fn felt(&mut self, quantity: StateQuantity, n: usize) -> Value {
        let place = self.number(&self.scenario.crowds[n].place, Context::Initial);
        let own = self.state(quantity, &[n]);
        self.assembler.apply(Operation::Multiply, place, own)
    }

    /// Returns a crowd's share in means: its weight over the sum of weights.
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
}

/// Returns between what a drawn number lies.
fn between(number: &Number) -> Bounds {
    let (low, high) = match number.kind {
        NumberKind::Pert { low, high, .. } => (low, high),
        NumberKind::Uniform { min, max } => (min, max),
        _ => (number.least, number.most),
    };
    Bounds::between(low, high)
}
