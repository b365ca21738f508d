//! A number of a scenario: known, uncertain, or computed.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::expression::{Expression, Inside};
use super::fault::{Fault, Place};
use super::grammar::{ANY, LAW, LAWS, Leaf, REMARKS, Range};
use super::limits;
use super::meant::{Want, expression_in_quotes, meant, not_computed};
use super::moment::{after_start, seconds_between, seconds_from};
use super::read::Reader;
use super::span::days;
pub(super) use super::span::{span_text, step_seconds, whole_seconds};
use super::tree::{Entry, Node, UNREAD, Value, date_text};

/// Moves the points of a law to a scale without ends: as they are, or as logarithms of distances from the ends
/// of the range that are none of those of all numbers.
#[must_use]
pub fn on_open_scale(points: [f64; 3], least: f64, most: f64) -> [f64; 3] {
    points.map(|x| match (least > -limits::SIZE, most < limits::SIZE) {
        (false, false) => x,
        (true, false) => libm::log(x - least),
        (false, true) => -libm::log(most - x),
        (true, true) => libm::log((x - least) / (most - x)),
    })
}

/// An analyst's words about an entry, and where they are from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remarks {
    /// Short name; of numbers alone, other entries have names of their own.
    pub name: Option<String>,
    /// In plain words.
    pub says: Option<String>,
    /// Where it comes from; "judgement" where it is the analyst's own.
    pub source: Option<String>,
    /// What codes of a case table mean, ascending; of numbers alone.
    pub scale: Vec<Code>,
}

/// A code of a case table, with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// The code.
    pub value: f64,
    /// What it means.
    pub means: String,
}

/// A number of a scenario.
#[derive(Debug, Clone)]
pub struct Number {
    /// Its value or distribution.
    pub kind: NumberKind,
    /// Path in the scenario, as in `actors.police.loyalty.tokayev`: names its draw.
    pub path: String,
    /// The least value that the key allows.
    pub least: f64,
    /// The greatest value that the key allows.
    pub most: f64,
    /// Whether it counts days.
    pub duration: bool,
    /// Words.
    pub remarks: Remarks,
    /// Where it stands in the text.
    pub place: Place,
}

/// The value of a [`Number`], its distribution, or what it is computed from.
#[derive(Debug, Clone)]
pub enum NumberKind {
    /// Known exactly.
    Fixed(f64),
    /// PERT (λ = 4): lowest, most likely and highest value.
    Pert {
        /// Lowest.
        low: f64,
        /// Most likely.
        mode: f64,
        /// Highest.
        high: f64,
    },
    /// Uniform.
    Uniform {
        /// Lowest.
        min: f64,
        /// Highest.
        max: f64,
    },
    /// Normal, truncated to the key's range.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
    },
    /// The law through three quantiles that stays within the key's range.
    Quantiles {
        /// One in twenty is below.
        p05: f64,
        /// Median.
        p50: f64,
        /// One in twenty is above.
        p95: f64,
    },
    /// An expression.
    Expression(Expression),
}

impl Number {
    /// Whether it is drawn once per round.
    #[must_use]
    pub fn is_prior(&self) -> bool {
        match self.kind {
            NumberKind::Fixed(_) | NumberKind::Expression(_) => false,
            NumberKind::Pert { low, high, .. } => low < high,
            NumberKind::Uniform { min, max } => min < max,
            NumberKind::Normal { sd, .. } => sd > 0.0,
            NumberKind::Quantiles { .. } => true,
        }
    }

    /// What people call it: its name, or its path.
    #[must_use]
    pub fn called(&self) -> &str {
        self.remarks.name.as_deref().unwrap_or(&self.path)
    }

    /// What it is in few words: its name, or the first clause of what is said of it, without what stands in
    /// brackets; its path where nothing is said.
    #[must_use]
    pub fn in_short(&self) -> String {
        match (&self.remarks.name, &self.remarks.says) {
            (Some(name), _) => name.clone(),
            (None, Some(says)) => {
                let (mut out, mut inside) = (String::new(), 0_usize);
                for c in says.trim().chars() {
                    match c {
                        '(' => inside += 1,
                        ')' => inside = inside.saturating_sub(1),
                        ',' | ';' | ':' if inside == 0 && !out.is_empty() => break,
                        c if inside == 0 => out.push(c),
                        _ => {}
                    }
                }
                let words: Vec<&str> = out.split_whitespace().collect();
                words.join(" ")
            }
            (None, None) => self.path.clone(),
        }
    }

    /// Its value, if that is known before any round.
    #[must_use]
    pub fn fixed(&self) -> Option<f64> {
        match self.kind {
            NumberKind::Fixed(x) => Some(x),
            NumberKind::Pert { low, high, .. } if low >= high => Some(low),
            NumberKind::Uniform { min, max } if min >= max => Some(min),
            NumberKind::Normal { mean, sd } if sd <= 0.0 => Some(mean.clamp(self.least, self.most)),
            _ => None,
        }
    }
}

impl Number {
    /// A number that is known exactly.
    pub(super) fn known(value: f64, path: &str, place: &Place, allowed: Allowed) -> Self {
        Self {
            kind: NumberKind::Fixed(value),
            path: path.to_owned(),
            least: allowed.least,
            most: allowed.most,
            duration: allowed.duration || allowed.from.is_some(),
            remarks: Remarks::default(),
            place: place.clone(),
        }
    }
}

/// What a number may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    least: f64,
    most: f64,
    /// A duration, in days.
    duration: bool,
    /// May be an expression.
    expression: bool,
    /// A date, in days from the beginning of this one.
    from: Option<Date>,
}

impl Allowed {
    /// Plain numbers in a range.
    pub(super) const fn plain((least, most): Range) -> Self {
        Self {
            least,
            most,
            duration: false,
            expression: false,
            from: None,
        }
    }

    /// Plain numbers, distributions and expressions in a range.
    pub(super) const fn any_form(range: Range) -> Self {
        Self {
            expression: true,
            ..Self::plain(range)
        }
    }

    /// Dates from a first one on, their distributions, and expressions: in days from it.
    pub(super) const fn date(start: Date) -> Self {
        Self {
            from: Some(start),
            ..Self::any_form((0.0, 1e6))
        }
    }

    /// What a leaf allows; `None` for a leaf that is not a number.
    pub(super) fn at(leaf: Leaf) -> Option<Self> {
        match leaf {
            Leaf::Plain(least, most) | Leaf::Drawn(least, most) => Some(Self::plain((least, most))),
            Leaf::Initial(least, most) | Leaf::Live(least, most) => {
                Some(Self::any_form((least, most)))
            }
            Leaf::Duration(least, most) => Some(Self {
                duration: true,
                ..Self::plain((least, most))
            }),
            _ => None,
        }
    }

    /// The least value.
    pub(super) fn least(self) -> f64 {
        self.least
    }

    /// What a value is wanted as.
    fn want(self, distribution: bool) -> Want {
        if self.from.is_some() {
            return Want::Moment;
        }
        match (self.duration, self.expression && distribution) {
            (true, _) => Want::Duration { distribution },
            (false, distribution) => Want::Number { distribution },
        }
    }

    fn words(self) -> String {
        let (least, most) = (self.least, self.most);
        if let Some(start) = self.from {
            format!("a date, {start} or later; or \"t0 + 3d\", from the start on")
        } else if self.duration {
            let what = "a duration such as \"6h\" or \"2d\"";
            if least > 0.0 {
                format!("{what}, at least {least} days")
            } else {
                what.to_owned()
            }
        } else if least > -limits::SIZE && most < limits::SIZE {
            format!("a number in [{least}, {most}]")
        } else if least > 0.0 {
            format!("a number of at least {least}")
        } else if least >= 0.0 {
            "a number, 0 or more".to_owned()
        } else {
            "a number up to 1e30 in magnitude".to_owned()
        }
    }
}

/// A time after the start, in seconds: `t0 + 3d`, or a number of days.
pub(super) fn seconds_after_start(node: &Node) -> Option<i64> {
    let days = match &node.value {
        Value::Text(text, _) => return after_start(text),
        Value::Integer(i) => *i as f64,
        Value::Float(x, _) => *x,
        _ => return None,
    };
    let seconds = days * 86_400.0;
    let whole = seconds.round();
    let good = (0.0..=1e6).contains(&days) && (seconds - whole).abs() < 1e-6;
    good.then_some(whole as i64)
}

impl Reader<'_> {
    /// `says` and `source` of a table. They may run over several lines.
    pub(super) fn remarks(&mut self, node: &Node) -> Remarks {
        let mut take = |key: &str| match node.get(key) {
            Some(Node {
                value: Value::Text(text, _),
                ..
            }) => Some(text.trim().to_owned()),
            Some(other) => {
                self.wrong(other, key, Want::Text, "text, in quotes");
                None
            }
            None => None,
        };
        Remarks {
            name: None,
            says: take("says"),
            source: take("source"),
            scale: Vec::new(),
        }
    }

    /// The codebook of a number: codes, each with its meaning.
    fn scale(&mut self, node: &Node, path: &str) -> Vec<Code> {
        let Value::Table(entries) = &node.value else {
            let allowed = "codes, each with its meaning, such as { 0 = \"none\", 1 = \"some\" }";
            self.wrong(node, path, Want::Text, allowed);
            return Vec::new();
        };
        let mut codes: Vec<Code> = Vec::new();
        for e in entries {
            let means = match &e.node.value {
                Value::Text(text, _) => text.trim().to_owned(),
                _ => {
                    let path = format!("{path}.{}", e.key);
                    self.wrong(&e.node, &path, Want::Text, "text, in quotes");
                    String::new()
                }
            };
            let value = e.key.trim().parse().ok().filter(|x: &f64| x.is_finite());
            match value {
                Some(value) if codes.iter().all(|c| c.value != value) => {
                    codes.push(Code { value, means });
                }
                Some(_) => {
                    let found = format!("{path}: code {} a second time", e.key);
                    self.fault(Fault::at(&e.key_place, found, "each code once"));
                }
                None => {
                    let found = format!("{path}: code `{}`", e.key);
                    let allowed = "a number, such as 0, -1 or \"0.5\"";
                    self.fault(Fault::at(&e.key_place, found, allowed));
                }
            }
        }
        codes.sort_by(|a, b| a.value.total_cmp(&b.value));
        codes
    }

    /// A number: plain, a distribution, or an expression.
    pub(super) fn number(&mut self, node: &Node, path: &str, allowed: Allowed) -> Number {
        let mut number = Number::known(allowed.least.max(0.0), path, &node.place, allowed);
        let kind = match &node.value {
            Value::Table(entries) => {
                number.remarks = self.remarks(node);
                let name = node.get("name");
                number.remarks.name = name.map(|n| self.text(n, &format!("{path}.name")));
                if let Some(scale) = node.get("scale") {
                    number.remarks.scale = self.scale(scale, &format!("{path}.scale"));
                }
                self.law(node, entries, path, allowed)
            }
            Value::Text(text, _) if allowed.expression => {
                let help = not_computed(text);
                if help.is_some() {
                    let allowed = format!("{}, or an expression", allowed.words());
                    self.wrong_with(node, path, help, allowed);
                    return number;
                }
                self.expression(node, path).map(NumberKind::Expression)
            }
            _ => self.value(node, path, allowed, true).map(NumberKind::Fixed),
        };
        if let Some(kind) = kind {
            number.kind = kind;
        }
        number
    }

    /// A number without a distribution, and its value.
    pub(super) fn plain(&mut self, node: &Node, path: &str, allowed: Allowed) -> f64 {
        self.number(node, path, allowed).fixed().unwrap_or_else(|| {
            let words = format!("{}, without a distribution", allowed.words());
            self.wrong(node, path, allowed.want(false), words);
            allowed.least.max(0.0)
        })
    }

    /// One value of a number, in range.
    fn value(
        &mut self,
        node: &Node,
        path: &str,
        allowed: Allowed,
        distribution: bool,
    ) -> Option<f64> {
        let x = match &node.value {
            Value::Date(d) => {
                self.dated |= allowed.from.is_some() && *d != UNREAD;
                let seconds = allowed.from.map(|start| seconds_between(start, *d));
                seconds.map(|seconds| seconds as f64 / 86_400.0)
            }
            _ if allowed.from.is_some() => {
                seconds_after_start(node).map(|seconds| seconds as f64 / 86_400.0)
            }
            Value::Text(t, _) if allowed.duration => days(t),
            Value::Integer(0) => Some(0.0),
            Value::Integer(i) if !allowed.duration => Some(*i as f64),
            Value::Float(x, _) if !allowed.duration => Some(*x),
            _ => None,
        };
        let found = x.filter(|x| x.is_finite() && (allowed.least..=allowed.most).contains(x));
        if let Some(x) = found {
            return Some(x);
        }
        // 95 where a share is wanted.
        let is_share = allowed.least >= 0.0 && (allowed.most - 1.0).abs() < f64::EPSILON;
        let percent =
            x.filter(|x| is_share && (2.0..=100.0).contains(x) && *x / 100.0 >= allowed.least);
        let help = match percent {
            Some(x) => meant(&format!("{x}%"), allowed.want(false)),
            None => node
                .help(allowed.want(distribution))
                .or_else(|| match &node.value {
                    Value::Date(d) if allowed.expression && *d != UNREAD => Some(format!(
                        "a date in a number is in days from the start, in quotes: write \"date('{}')\"",
                        date_text(d)
                    )),
                    Value::Raw(text) if allowed.expression => {
                        let parsed = Expression::parse(text, &node.place, &Inside::default());
                        parsed.is_ok().then(|| expression_in_quotes(text))
                    }
                    _ => None,
                }),
        };
        self.wrong_with(node, path, help, allowed.words());
        None
    }

    /// A table that is a number.
    fn law(
        &mut self,
        node: &Node,
        entries: &[Entry],
        path: &str,
        allowed: Allowed,
    ) -> Option<NumberKind> {
        let is_known = |key: &str| LAW.iter().any(|(k, _)| *k == key);
        for e in entries.iter().filter(|e| !is_known(&e.key)) {
            let found = format!("unknown key `{}` in a number", e.key);
            let allowed = "low, mode, high; or min, max; or mean, sd; or p05, p50, p95; or value; and \
                           name, says, source, scale";
            self.fault(Fault::at(&e.key_place, found, allowed).near(&e.key, LAW.map(|(k, _)| k)));
        }
        let good = entries.iter().all(|e| is_known(&e.key));
        let keys: Vec<&str> = entries
            .iter()
            .map(|e| e.key.as_str())
            .filter(|k| is_known(k) && !REMARKS.contains(k))
            .collect();
        let is_law =
            |law: &&&[&str]| law.len() == keys.len() && law.iter().all(|k| keys.contains(k));
        let free = Allowed {
            least: -limits::SIZE,
            most: limits::SIZE,
            ..allowed
        };
        let mut take = |key: &str, allowed: Allowed| {
            node.get(key)
                .and_then(|n| self.value(n, &format!("{path}.{key}"), allowed, false))
        };
        match LAWS.iter().find(is_law).map_or("", |law| law[0]) {
            "value" => match node.get("value") {
                Some(
                    inner @ Node {
                        value: Value::Text(text, _),
                        ..
                    },
                ) if allowed.expression && after_start(text).is_none() => {
                    self.expression(inner, path).map(NumberKind::Expression)
                }
                _ => take("value", allowed).map(NumberKind::Fixed),
            },
            "low" => {
                let [low, mode, high] = ["low", "mode", "high"].map(|key| take(key, allowed));
                let (low, mode, high) = (low?, mode?, high?);
                let below = self.rises(node, path, ("low", low), ("mode", mode));
                let above = self.rises(node, path, ("mode", mode), ("high", high));
                (good && below && above).then_some(NumberKind::Pert { low, mode, high })
            }
            "min" => {
                let [min, max] = ["min", "max"].map(|key| take(key, allowed));
                let (min, max) = (min?, max?);
                let rises = self.rises(node, path, ("min", min), ("max", max));
                (good && rises).then_some(NumberKind::Uniform { min, max })
            }
            "mean" => {
                let mean = take("mean", free);
                let spread = Allowed {
                    least: 0.0,
                    duration: free.duration || free.from.is_some(),
                    from: None,
                    ..free
                };
                let sd = take("sd", spread);
                let (mean, sd) = (mean?, sd?);
                let far = (allowed.least - mean).max(mean - allowed.most);
                if far > 6.0 * sd {
                    let found = format!("{path}: mean {mean} is more than 6 sd outside its range");
                    self.fault(Fault::at(&node.place, found, allowed.words()));
                    return None;
                }
                good.then_some(NumberKind::Normal { mean, sd })
            }
            "p05" => {
                let keys = ["p05", "p50", "p95"];
                let [p05, p50, p95] = keys.map(|key| take(key, allowed));
                let points = [p05?, p50?, p95?];
                let within = self.within(node, path, points, allowed);
                let [p05, p50, p95] = points;
                (good && within).then_some(NumberKind::Quantiles { p05, p50, p95 })
            }
            _ => {
                let found = match keys[..] {
                    [] => format!("{path}: a table without a number"),
                    [key] => format!("{path}: {key} alone"),
                    _ => format!("{path}: {} together", keys.join(", ")),
                };
                let allowed = "{ low, mode, high }, { min, max }, { mean, sd }, { p05, p50, p95 } or \
                               { value }";
                self.fault(Fault::at(&node.place, found, allowed));
                None
            }
        }
    }

    /// A series by date, as the expression that it stands for.
    pub(super) fn series(
        &mut self,
        node: &Node,
        entries: &[Entry],
        path: &str,
    ) -> Option<Expression> {
        let allowed =
            "a number from each date on, in order: { 2022-01-01 = 0.2, 2022-01-05 = 0.5 }";
        let before = self.count();
        let mut points: Vec<(i64, &str, f64)> = Vec::new();
        for e in entries {
            let Some(moment) = seconds_from(self.start, &e.key) else {
                let found = format!("{path}: `{}` is not a date", e.key);
                self.fault(Fault::at(&e.key_place, found, allowed));
                continue;
            };
            self.dated |= after_start(&e.key).is_none();
            if points.last().is_some_and(|(last, ..)| *last >= moment) {
                let found = format!("{path}: `{}` is not after the date before it", e.key);
                self.fault(Fault::at(&e.key_place, found, allowed));
            }
            let inner = format!("{path}.{}", e.key);
            let x = self.plain(&e.node, &inner, Allowed::plain(ANY));
            points.push((moment, &e.key, x));
        }
        if points.is_empty() || points.len() > limits::SERIES {
            let found = format!("{path}: {} dates", entries.len());
            let allowed = format!("1 to {} dates", limits::SERIES);
            self.fault(Fault::at(&node.place, found, allowed));
        }
        if self.count() > before {
            return None;
        }
        // From the last date back: `if(day < date('…'), earlier, later)`.
        let mut text = String::new();
        for pair in points.windows(2) {
            let _ = write!(text, "if(day < date('{}'), {:?}, ", pair[1].1, pair[0].2);
        }
        let _ = write!(text, "{:?}", points[points.len() - 1].2);
        text.extend(std::iter::repeat_n(')', points.len() - 1));
        let parsed = Expression::parse(&text, &node.place, &Inside::default());
        parsed.map_err(|fault| self.fault(fault)).ok()
    }

    /// Whether three quantiles rise, lie within the range and not at its ends, as the numbers of the model, and
    /// whether the median is not too close to one of the others.
    fn within(&mut self, node: &Node, path: &str, points: [f64; 3], allowed: Allowed) -> bool {
        let [p05, p50, p95] = points.map(|x| x as f32);
        let before = self.count();
        let place = |key: &str| node.get(key).map_or(&node.place, |n| &n.place);
        let mut fault = |key: &str, found: String, wanted: String| {
            self.fault(Fault::at(place(key), format!("{path}: {found}"), wanted));
        };
        for (a, b, rises, at) in [("p05", "p50", p05 < p50, 0), ("p50", "p95", p50 < p95, 1)] {
            if !rises {
                let found = format!("{a} {} is not below {b} {}", points[at], points[at + 1]);
                fault(b, found, "p05 < p50 < p95".to_owned());
            }
        }
        let (least, most) = (allowed.least, allowed.most);
        if least > -limits::SIZE && p05 <= least as f32 {
            let found = format!("p05 {} is the end of its range", points[0]);
            fault("p05", found, format!("p05 above {least}"));
        }
        if most < limits::SIZE && p95 >= most as f32 {
            let found = format!("p95 {} is the end of its range", points[2]);
            fault("p95", found, format!("p95 below {most}"));
        }
        if self.count() == before {
            let [low, middle, high] = on_open_scale(points, least, most);
            let (below, above) = (middle - low, high - middle);
            let (near, far, ratio) = if below < above {
                ("p05", "p95", above / below)
            } else {
                ("p95", "p05", below / above)
            };
            if ratio > limits::ONE_SIDED {
                let found = format!("p50 {} is far closer to {near} than to {far}", points[1]);
                let allowed = format!(
                    "at most {} times closer, on the scale of its range",
                    limits::ONE_SIDED
                );
                let place = node.get("p50").map_or(&node.place, |n| &n.place);
                self.fault(Fault::at(place, format!("{path}: {found}"), allowed));
            }
        }
        self.count() == before
    }

    /// Whether the first of two parts of a distribution is at most the second.
    fn rises(&mut self, node: &Node, path: &str, (a, x): (&str, f64), (b, y): (&str, f64)) -> bool {
        if x > y {
            let place = node.get(b).map_or(&node.place, |n| &n.place);
            let found = format!("{path}: {a} {x} is above {b} {y}");
            let allowed = if b == "max" {
                "min <= max"
            } else {
                "low <= mode <= high"
            };
            self.fault(Fault::at(place, found, allowed));
        }
        x <= y
    }
}
