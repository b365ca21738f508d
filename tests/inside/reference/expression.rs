//! Expressions, by walking their trees (`docs/MODEL.md` section 7.9).

use jiff::civil::{DateTime, Time};
use kzsim::scenario::expression::{Binary, Expression, Function, Node, Tree, Unary};
use kzsim::scenario::model::{Moment, Number, NumberKind};
use kzsim::scenario::state::FATES;

use super::draws::Uniform;
use super::functions::{
    self, Value, clamp, divide, equal, exponential, logarithm, logistic, made, max, min, power,
    whole_power,
};
use super::{Play, priors};

impl Play<'_> {
    /// The value of a number of the scenario in this round, for the state at this moment.
    pub(crate) fn number(&self, number: &Number) -> f32 {
        let value = if let NumberKind::Expression(expression) = &number.kind {
            self.result(&number.path, expression).unwrap_or(0.0)
        } else if number.is_prior() {
            let table = self.world.tables.get(&number.path);
            let own = |path: &str| self.uniform(&format!("prior/{path}"), 0);
            let u = priors::correlated(&self.world.scenario, &number.path, own);
            priors::quantile(number, table, u)
        } else {
            number.fixed().unwrap_or_default() as f32
        };
        clamp(value, number.least as f32, number.most as f32)
    }

    /// The time of a date that has been reached at the beginning of a step, in steps after it.
    pub(crate) fn reached(&self, date: &Moment, t: u32) -> Option<f32> {
        let step = self.world.scenario.clock.step_seconds;
        match date {
            Moment::Known(at) => {
                let passed = at - (u64::from(t) * step).cast_signed();
                (passed <= 0).then_some((passed as f64 / step as f64) as f32)
            }
            Moment::Uncertain(days) => {
                let dt = (step as f64 / 86_400.0) as f32;
                let q = self.number(days) / dt;
                (q.ceil() <= t as f32).then_some(q - q.ceil())
            }
        }
    }

    /// A uniform draw of this round.
    pub(crate) fn uniform(&self, site: &str, index: u64) -> Uniform {
        Uniform::of(self.world.seed, site, self.round, index)
    }

    /// The result of a whole expression that stands at a path, if it has one.
    pub(crate) fn result(&self, path: &str, expression: &Expression) -> Option<f32> {
        let value = self.finite(&expression.tree);
        if value.is_none() {
            self.tell(path, &expression.text);
        }
        value
    }

    /// The result of a whole tree, if it has one.
    pub(crate) fn finite(&self, tree: &Tree) -> Option<f32> {
        self.read_rallies(tree);
        let value = self.value(tree)?;
        value.is_finite().then(|| clamp(value, -1e30, 1e30))
    }

    /// Notes that an expression left the finite numbers.
    pub(crate) fn tell(&self, path: &str, text: &str) {
        if !self.silent.get() {
            let entry = (path.to_owned(), text.to_owned());
            self.undefined.borrow_mut().insert(entry);
        }
    }

    /// Reads what the rallies read that a tree names, in whatever part of it.
    fn read_rallies(&self, tree: &Tree) {
        match &tree.node {
            Node::Number(_) | Node::Date(_) => {}
            Node::Name(parts) if parts[0] == "rally" => {
                self.rally_terms(self.world.action(&parts[1]));
            }
            Node::Name(parts) => {
                if let Some(formula) = self.formula(&parts[0]) {
                    self.read_rallies(&formula.tree);
                }
            }
            Node::Unary(_, inner) => self.read_rallies(inner),
            Node::Binary(_, a, b) => {
                self.read_rallies(a);
                self.read_rallies(b);
            }
            Node::Call(_, arguments) => arguments.iter().for_each(|t| self.read_rallies(t)),
        }
    }

    /// Whether a condition that stands at a path holds.
    pub(crate) fn holds(&self, path: &str, expression: &Expression) -> bool {
        self.result(path, expression).unwrap_or(0.0) != 0.0
    }

    fn value(&self, tree: &Tree) -> Value {
        match &tree.node {
            Node::Number(x) => Some(*x as f32),
            Node::Name(parts) => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                self.name(&parts)
            }
            Node::Date(text) => Some(self.date(text)),
            Node::Unary(Unary::Minus, inner) => Some(0.0 - self.value(inner)?),
            Node::Unary(Unary::Not, inner) => Some(truth(self.value(inner)? == 0.0)),
            Node::Binary(Binary::Power, base, exponent) => {
                self.to_power(self.value(base)?, exponent)
            }
            Node::Binary(Binary::And, a, b) => match (self.value(a), self.value(b)) {
                (Some(0.0), _) | (_, Some(0.0)) => Some(0.0),
                (a, b) => a.and(b).and(Some(1.0)),
            },
            Node::Binary(Binary::Or, a, b) => match (self.value(a), self.value(b)) {
                (Some(0.0), other) | (other, Some(0.0)) => Some(truth(other? != 0.0)),
                (a, b) => a.or(b).and(Some(1.0)),
            },
            Node::Binary(operator, a, b) => binary(*operator, self.value(a)?, self.value(b)?),
            Node::Call(function, arguments) => self.call(function, arguments),
        }
    }

    fn call(&self, function: &Function, arguments: &[Tree]) -> Value {
        if function.name == "if" {
            let chosen = if self.value(&arguments[0])? == 0.0 {
                2
            } else {
                1
            };
            return self.value(&arguments[chosen]);
        }
        let values: Option<Vec<f32>> = arguments.iter().map(|t| self.value(t)).collect();
        let values = values?;
        let first = values[0];
        match function.name {
            "contest" => self.contest(first, values[1], &arguments[2]),
            "min" => values.into_iter().reduce(min),
            "max" => values.into_iter().reduce(max),
            "clamp" => Some(clamp(first, values[1], values[2])),
            "abs" => Some(first.abs()),
            "floor" => Some(first.floor()),
            "exp" => exponential(first),
            "ln" => logarithm(first),
            "sqrt" => made(first.sqrt(), &[first]),
            "logistic" => Some(logistic(first)),
            name => panic!("no function `{name}`"),
        }
    }

    /// Success of `a` against `b`, with the exponent that stands at `tree`.
    fn contest(&self, a: f32, b: f32, tree: &Tree) -> Value {
        let (x, y) = (max(a, 0.0), max(b, 0.0));
        let (weaker, stronger) = (min(x, y), max(x, y));
        let ratio = if stronger == 0.0 {
            1.0
        } else {
            weaker / stronger
        };
        if ratio.is_nan() {
            return None;
        }
        let q = self.value(tree)?;
        let power = match self.constant(tree) {
            Some(b) if b.fract() == 0.0 && b.abs() <= 8.0 => whole_power(ratio, b.abs() as i32)?,
            _ => power(ratio, q.abs())?,
        };
        let favoured = (a > b || equal(a, b)) == (q >= 0.0);
        Some(if favoured { 1.0 } else { power } / (1.0 + power))
    }

    /// `a` to the exponent that stands at `tree`.
    fn to_power(&self, a: f32, tree: &Tree) -> Value {
        match self.constant(tree) {
            Some(b) if b.fract() == 0.0 && b.abs() <= 8.0 => whole_power(a, b as i32),
            _ => power(a, self.value(tree)?),
        }
    }

    /// The value of a constant: a written number, with or without signs before it, also by the name
    /// of a formula that stands for one.
    fn constant(&self, tree: &Tree) -> Option<f32> {
        match &tree.node {
            Node::Number(x) => Some(*x as f32),
            Node::Unary(Unary::Minus, inner) => self.constant(inner).map(|x| 0.0 - x),
            Node::Name(parts) if parts.len() == 1 => {
                self.formula(&parts[0]).and_then(|f| self.constant(&f.tree))
            }
            _ => None,
        }
    }

    fn formula(&self, id: &str) -> Option<&Expression> {
        self.world
            .scenario
            .formulas
            .iter()
            .find(|f| f.id == id)
            .map(|f| &f.expression)
    }

    /// Days from the start of the clock to a date.
    fn date(&self, text: &str) -> f32 {
        if let Some(after) = text.trim().strip_prefix("t0") {
            let after = after.replace(' ', "");
            let (sign, span) = match after.split_at_checked(1) {
                None => return 0.0,
                Some((sign, span)) => (sign, span),
            };
            let unit = span.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let number: f64 = span[..span.len() - unit.len()].parse().expect("a number");
            let seconds = match unit {
                "d" => 86_400.0,
                "h" => 3_600.0,
                other => panic!("no unit {other}"),
            };
            let days = ((number * seconds).round() / 86_400.0) as f32;
            return if sign == "-" { -days } else { days };
        }
        let date: DateTime = text.parse().expect("a checked date");
        let start = self
            .world
            .scenario
            .clock
            .start
            .to_datetime(Time::midnight());
        (date.duration_since(start).as_secs() as f64 / 86_400.0) as f32
    }

    /// The value of a name of one part.
    fn plain(&self, id: &str) -> Value {
        let scenario = &self.world.scenario;
        if let Some(i) = scenario.parameters.iter().position(|p| p.id == id) {
            let known = self.state.parameters[i];
            return Some(known.expect("parameters are computed after those they name"));
        }
        if let Some(i) = scenario.variables.iter().position(|v| v.id == id) {
            return Some(self.state.variables[i]);
        }
        if let Some(formula) = self.formula(id) {
            return self.value(&formula.tree);
        }
        if let Some((_, value)) = self.drawn.iter().find(|(x, _)| x == id) {
            return Some(*value);
        }
        Some(match id {
            "day" => self.state.day,
            "openness" => self.state.openness,
            _ => panic!("no name `{id}`"),
        })
    }

    fn name(&self, parts: &[&str]) -> Value {
        match *parts {
            [id] => self.plain(id),
            _ => Some(self.longer(parts)),
        }
    }

    /// The value of a name of several parts.
    fn longer(&self, parts: &[&str]) -> f32 {
        let world = self.world;
        let state = &self.state;
        match *parts {
            ["loyalty", a, c] => state.loyalty[world.actor(a)][world.contender(c)],
            ["stance", a, option] => state.stance[world.actor(a)][world.option(option)],
            ["present", a] => state.present[world.actor(a)],
            ["power", a, k] => state.power[world.actor(a)][world.arena(k)],
            ["support", option] => state.support(world, world.option(option), None),
            ["support", option, k] => {
                state.support(world, world.option(option), Some(world.arena(k)))
            }
            ["backing", c] => state.backing(world, world.contender(c), None),
            ["backing", c, k] => state.backing(world, world.contender(c), Some(world.arena(k))),
            ["prospects", c] => state.prospects[world.contender(c)],
            ["sees", a, c] => state.sees[world.actor(a)][world.contender(c)],
            ["promise", a, c] => state.promise[world.actor(a)][world.contender(c)],
            ["rally", i, option] => self.rally(world.action(i), world.option(option), None),
            ["rally", i, option, k] => {
                self.rally(world.action(i), world.option(option), Some(world.arena(k)))
            }
            ["fate", a, fate] => {
                let found = state.fate[world.actor(a)];
                truth(found.is_some_and(|found| FATES[found] == fate))
            }
            ["turnout", "felt"] => state.crowd_max(|n| n.place * n.turnout),
            ["signal", c] => state.signal[world.contender(c)],
            ["holds", office, "nobody"] => truth(state.holder[world.office(office)].is_none()),
            ["holds", office, a] => {
                truth(state.holder[world.office(office)] == Some(world.actor(a)))
            }
            ["turnout", which] => self.crowd(which, |n| n.turnout),
            ["grievance", which] => self.crowd(which, |n| n.grievance),
            ["repression", which] => self.crowd(which, |n| n.repression),
            [fact, action] => self.happening(fact, action),
            _ => panic!("no name `{}`", parts.join(".")),
        }
    }

    fn crowd(&self, which: &str, value: impl Fn(&super::state::CrowdState) -> f32) -> f32 {
        match which {
            "max" => self.state.crowd_max(value),
            "mean" => self.state.crowd_mean(value),
            id => value(&self.state.crowds[self.world.crowd(id)]),
        }
    }

    fn happening(&self, fact: &str, action: &str) -> f32 {
        let action = &self.state.actions[self.world.action(action)];
        match fact {
            "happened" => truth(action.count > 0),
            "succeeded" => truth(action.succeeded > 0),
            "failed" => truth(action.failed > 0),
            "count" => action.count as f32,
            "first" => action.first.map_or(f32::INFINITY, |(_, day)| day),
            "since" => action
                .latest
                .map_or(f32::INFINITY, |(_, day)| self.state.day - day),
            _ => panic!("no name `{fact}.…`"),
        }
    }
}

fn truth(holds: bool) -> f32 {
    functions::select(holds, 1.0, 0.0)
}

fn binary(operator: Binary, a: f32, b: f32) -> Value {
    match operator {
        Binary::Add => made(a + b, &[a, b]),
        Binary::Subtract => made(a - b, &[a, b]),
        Binary::Multiply => made(a * b, &[a, b]),
        Binary::Divide => divide(a, b),
        Binary::Less => Some(truth(a < b)),
        Binary::LessEqual => Some(truth(a < b || equal(a, b))),
        Binary::Greater => Some(truth(a > b)),
        Binary::GreaterEqual => Some(truth(a > b || equal(a, b))),
        Binary::Equal => Some(truth(equal(a, b))),
        Binary::NotEqual => Some(truth(!equal(a, b))),
        Binary::Power | Binary::And | Binary::Or => {
            panic!("{operator:?} reads its operands itself")
        }
    }
}
