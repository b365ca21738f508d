//! Random valid scenarios: every key, every way, every kind of effect, strange values included.

use std::fmt::Write;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use kzsim::scenario::expression::{Form, Function};

#[expect(
    clippy::struct_excessive_bools,
    reason = "each says what a scenario has"
)]
struct Maker {
    g: ChaCha8Rng,
    contenders: Vec<String>,
    arenas: usize,
    actors: Vec<String>,
    offices: usize,
    crowds: usize,
    actions: usize,
    variables: usize,
    parameters: usize,
    formulas: usize,
    /// Which actions have a rally.
    rallies: Vec<usize>,
    /// Whether rallies can be read where the text now is.
    may_rally: bool,
    /// Whether the action that is being written draws numbers for its effects.
    draws: bool,
    /// Whether these can be read where the text now is.
    may_draw: bool,
    /// Whether there are numbers so large that results leave the finite ones.
    extreme: bool,
}

/// What a removal makes of an actor.
const FATES: [&str; 6] = [
    "arrested", "exiled", "confined", "killed", "fled", "retired",
];

/// The text of the random scenario of that number. The same number gives the same text.
pub(crate) fn scenario_text(number: u64) -> String {
    text(number, false)
}

/// The same with numbers so large that results leave the finite ones.
pub(crate) fn extreme_scenario_text(number: u64) -> String {
    text(number, true)
}

fn text(number: u64, extreme: bool) -> String {
    let mut g = ChaCha8Rng::seed_from_u64(number);
    let n = g.random_range(2..5);
    // Some contenders are actors, some are not.
    let contenders: Vec<String> = (0..n).map(|c| format!("c{c}")).collect();
    let mut actors: Vec<String> = contenders
        .iter()
        .filter(|_| g.random_bool(0.7))
        .cloned()
        .collect();
    actors.extend((0..g.random_range(1..6)).map(|a| format!("a{a}")));
    let actions = g.random_range(0..9);
    let mut maker = Maker {
        contenders,
        arenas: g.random_range(1..4),
        actors,
        offices: g.random_range(0..4),
        crowds: g.random_range(0..4),
        actions,
        rallies: (0..actions).filter(|_| g.random_bool(0.3)).collect(),
        may_rally: true,
        draws: false,
        may_draw: false,
        variables: g.random_range(0..4),
        parameters: g.random_range(0..4),
        formulas: g.random_range(0..4),
        extreme,
        g,
    };
    maker.scenario()
}

impl Maker {
    fn below(&mut self, n: usize) -> usize {
        self.g.random_range(0..n)
    }

    fn chance(&mut self, p: f64) -> bool {
        self.g.random_bool(p)
    }

    fn scenario(&mut self) -> String {
        let mut out = "schema = 1\nseed = 1\nrounds = 10\n[contenders]\n".to_owned();
        for c in self.contenders.clone() {
            let mut keys = Vec::new();
            for key in ["momentum", "standing"] {
                if self.chance(0.25) {
                    keys.push(format!("{key} = \"{}\"", self.read_by_rallies(2)));
                }
            }
            let _ = writeln!(out, "{c} = {{ {} }}", keys.join(", "));
        }
        let step = ["3h", "6h", "12h", "1d", "2d"][self.below(5)];
        let days = 2 * self.g.random_range(1..6);
        let _ = writeln!(
            out,
            "[clock]\nstart = 2022-01-01\ndays = {days}\nstep = \"{step}\""
        );
        // The last is the end of the clock, as the fast engine has it in any case.
        if days > 2 {
            let _ = writeln!(out, "read = [\"{days}d\", \"2d\"]");
        }
        let past = ["0d", "365d", "45d"][self.below(3)];
        let _ = writeln!(out, "past = \"{past}\"\nplay_on = {}", self.chance(0.5));
        if self.chance(0.3) {
            let c = self.below(self.contenders.len());
            let _ = writeln!(out, "rest = \"c{c}\"");
        }
        out.push_str("[arenas]\n");
        for k in 0..self.arenas {
            let _ = writeln!(out, "k{k} = {:.2}", self.g.random_range(0.1..1.0));
        }
        out.push_str("[parameters]\n");
        for p in 0..self.parameters {
            let number = self.number(-0.5, 1.5);
            let _ = writeln!(out, "p{p} = {number}");
        }
        for p in 1..self.parameters {
            if self.chance(0.4) {
                let rank = self.g.random_range(-0.6..0.6);
                let q = p - 1;
                let _ = writeln!(
                    out,
                    "[correlations.c{p}]\nof = \"parameters.p{p}\"\nwith = \"parameters.p{q}\"\nrank = {rank:.2}"
                );
            }
        }
        out.push_str("[variables]\n");
        for v in 0..self.variables {
            let number = self.initial(-0.5, 1.5);
            let _ = writeln!(out, "v{v} = {number}");
        }
        self.formulas_and_dynamics(&mut out);
        self.actors(&mut out);
        self.offices_and_crowds(&mut out);
        self.actions(&mut out);
        let when = self.expression(2);
        let hold = ["0d", "6h", "1d", "36h"][self.below(4)];
        let _ = writeln!(
            out,
            "[outcomes.early]\nwhen = \"{when}\"\nhold = \"{hold}\""
        );
        let when = self.expression(2);
        let _ = writeln!(out, "[outcomes.late]\nwhen = \"{when}\"\nat_end = true");
        out.push_str("[outcomes.rest]\notherwise = true\n");
        for f in 0..self.below(3) {
            let when = self.expression(2);
            let _ = writeln!(out, "[flags.f{f}]\nwhen = \"{when}\"");
        }
        out
    }

    fn formulas_and_dynamics(&mut self, out: &mut String) {
        out.push_str("[formulas]\n");
        // A formula may use those before it.
        let all = self.formulas;
        for f in 0..all {
            self.formulas = f;
            let expression = self.expression(2);
            let _ = writeln!(out, "f{f} = \"{expression}\"");
        }
        self.formulas = all;
        out.push_str("[dynamics]\n");
        for (key, low, high) in [
            ("noise", 0.0, 1.0),
            ("drift", 0.0, 0.5),
            ("diffusion", 0.0, 0.05),
            ("sharpness", 0.0, 12.0),
            ("reconsider", 0.0, 3.0),
            ("rupture", 0.0, 1.0),
            ("crowd_half", 0.01, 0.5),
            ("prospect_floor", 0.01, 0.5),
            ("mood_sd", 0.0, 0.2),
            ("crowd_pace", 0.0, 2.0),
        ] {
            match self.below(4) {
                0 => {
                    let number = self.number(low, high);
                    let _ = writeln!(out, "{key} = {number}");
                }
                1 => {
                    let expression = match key {
                        "sharpness" | "prospect_floor" => self.read_by_rallies(1),
                        _ => self.expression(1),
                    };
                    let _ = writeln!(out, "{key} = \"{expression}\"");
                }
                2 if low == 0.0 => {
                    let _ = writeln!(out, "{key} = 0");
                }
                _ => {}
            }
        }
        for (key, words) in [
            ("choice", ["logit", "best_reply"]),
            ("thresholds", ["normal", "logistic"]),
        ] {
            let word = words[self.below(2)];
            let _ = writeln!(out, "{key} = \"{word}\"");
        }
    }

    fn actors(&mut self, out: &mut String) {
        for a in self.actors.clone() {
            let contender = self.contenders.contains(&a);
            let body = self.chance(0.5);
            let _ = writeln!(out, "[actors.{a}]");
            if body {
                out.push_str("kind = \"body\"\n");
            }
            for k in 0..self.arenas {
                if self.chance(0.6) {
                    let number = self.initial(0.0, 1.0);
                    let _ = writeln!(out, "power.k{k} = {number}");
                }
            }
            for c in self.contenders.clone() {
                if c != a && self.chance(0.7) {
                    let number = self.initial(0.0, 1.0);
                    let _ = writeln!(out, "loyalty.{c} = {number}");
                }
            }
            for c in self.contenders.clone() {
                if c != a && self.chance(0.2) {
                    let number = self.initial(-0.4, 0.4);
                    let _ = writeln!(out, "promise.{c} = {number}");
                }
            }
            let opportunism = self.initial(0.0, 1.0);
            let _ = writeln!(out, "opportunism = {opportunism}");
            let caution = if self.chance(0.3) {
                format!("\"{}\"", self.read_by_rallies(1))
            } else {
                self.number(0.0, 0.8)
            };
            let _ = writeln!(out, "caution = {caution}");
            if self.chance(0.2) {
                let present = ["0", "1", "0.5"][self.below(3)];
                let _ = writeln!(out, "present = {present}");
            }
            if !contender {
                match self.below(4) {
                    0 => {
                        let c = self.below(self.contenders.len());
                        let _ = writeln!(out, "stance = \"c{c}\"");
                    }
                    2 => out.push_str("stance = \"aside\"\n"),
                    1 => {
                        let (c, rest) = (self.below(self.contenders.len() - 1), self.below(3));
                        let rest = ["0.4", "0.65", "0.0"][rest];
                        let _ = writeln!(out, "stance = {{ c{} = 0.35, c{c} = {rest} }}", c + 1);
                    }
                    _ => {}
                }
            }
        }
    }

    fn offices_and_crowds(&mut self, out: &mut String) {
        for h in 0..self.offices {
            let _ = writeln!(out, "[offices.h{h}]");
            let (a, b) = (self.actor(), self.actor());
            match self.below(5) {
                0 => {}
                1 if a != b => {
                    let _ = writeln!(out, "holder = {{ {a} = 0.45, {b} = 0.3 }}");
                }
                _ => {
                    let _ = writeln!(out, "holder = \"{a}\"");
                }
            }
            let mut successors = self.actors.clone();
            successors.retain(|_| self.g.random_bool(0.3));
            if !successors.is_empty() {
                let _ = writeln!(out, "successors = {successors:?}");
            }
            for a in self.actors.clone() {
                if self.chance(0.4) {
                    let number = match self.below(4) {
                        0 => format!("\"{}\"", self.read_by_rallies(1)),
                        _ => self.initial(-0.1, 0.5),
                    };
                    let _ = writeln!(out, "authority.{a} = {number}");
                }
            }
            for k in 0..self.arenas {
                if self.chance(0.2) {
                    let number = self.initial(0.0, 1.0);
                    let _ = writeln!(out, "power.k{k} = {number}");
                }
            }
        }
        for n in 0..self.crowds {
            let grievance = self.initial(-0.2, 1.0);
            let contagion = self.initial(0.0, 0.6);
            let spillover = self.initial(0.0, 0.5);
            let _ = writeln!(
                out,
                "[crowds.n{n}]\ngrievance = {grievance}\ncontagion = {contagion}\nspillover = {spillover}"
            );
            let _ = writeln!(out, "threshold_mean = 0.7\nweight = {}", n + 1);
            for key in ["place", "appeal"] {
                if self.chance(0.5) {
                    let number = self.initial(0.0, 3.0);
                    let _ = writeln!(out, "{key} = {number}");
                }
            }
            if self.chance(0.7) {
                let expression = self.expression(2);
                let _ = writeln!(out, "repression = \"{expression}\"");
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one key after the other")]
    fn actions(&mut self, out: &mut String) {
        for i in 0..self.actions {
            let _ = writeln!(out, "[actions.i{i}]");
            if self.chance(0.4) {
                let a = self.actor();
                let _ = writeln!(out, "by = \"{a}\"");
            }
            if self.chance(0.7) {
                let when = self.expression(2);
                let _ = writeln!(out, "when = \"{when}\"");
            }
            let mut often = true;
            let mut meets = self.chance(0.4);
            match self.below(4) {
                0 => {
                    let rate = if self.chance(0.5) {
                        format!("\"{}\"", self.expression(2))
                    } else {
                        self.number(0.0, 4.0)
                    };
                    let _ = writeln!(out, "rate = {rate}");
                }
                1 => {
                    let chance = self.expression(1);
                    let _ = writeln!(out, "chance = \"{chance}\"");
                    often = meets;
                }
                2 => {
                    let day = self.g.random_range(1..6);
                    let _ = match self.below(4) {
                        0 => writeln!(
                            out,
                            "at = {{ min = 2022-01-01, max = 2022-01-0{day}T05:00:00 }}"
                        ),
                        1 if self.parameters > 0 => writeln!(out, "at = \"{day} + p0 / 3\""),
                        _ => writeln!(out, "at = 2022-01-0{day}T{:02}:30:00", self.below(24)),
                    };
                    (often, meets) = (false, false);
                }
                _ => {
                    meets = false;
                    let terms: Vec<String> = (0..4).map(|_| self.expression(1)).collect();
                    let _ = writeln!(
                        out,
                        "decide = {{ pace = 2.0, win = \"{}\", prize = \"{}\", price = \"{}\", wait = \"{}\", every = \"{}\", weighed = \"{}\" }}",
                        terms[0],
                        terms[1],
                        terms[2],
                        terms[3],
                        ["0h", "6h", "1d", "2d", "31h"][self.below(5)],
                        ["open", "always"][self.below(2)]
                    );
                }
            }
            if meets {
                let every = ["2d", "50h", "3d"][self.below(3)];
                let _ = writeln!(out, "every = \"{every}\"");
            }
            if often && self.chance(0.5) {
                let limit = self.below(if meets { 3 } else { 25 });
                let _ = writeln!(out, "limit = {limit}");
                if self.chance(0.5) {
                    let cool = ["6h", "1d", "40h"][self.below(3)];
                    let _ = writeln!(out, "cool = \"{cool}\"");
                }
            }
            if self.chance(0.3) {
                let delay = [
                    "\"0h\"",
                    "\"7h\"",
                    "\"1d\"",
                    "{ low = \"1h\", mode = \"20h\", high = \"3d\" }",
                ][self.below(4)];
                let _ = writeln!(out, "delay = {delay}");
                if self.chance(0.5) {
                    let still = self.expression(2);
                    let _ = writeln!(out, "still = \"{still}\"");
                }
            }
            self.rally(i, out);
            self.draws = self.chance(0.3);
            if self.draws {
                let (z0, z1) = (self.number(-0.5, 1.0), self.number(0.0, 1.0));
                let _ = writeln!(out, "draws = {{ z0 = {z0}, z1 = {z1} }}");
            }
            let effects = self.effects();
            let _ = writeln!(out, "effects = [{effects}]");
            let may_fail = self.chance(0.3);
            if may_fail {
                let success = self.expression(1);
                let failure = self.effects();
                let _ = writeln!(out, "success = \"{success}\"\nfailure = [{failure}]");
            }
            if self.chance(0.3) {
                for b in 0..self.below(4) {
                    let on =
                        ["any", "success", "failure"][self.below(if may_fail { 3 } else { 2 })];
                    let share = self.expression(1);
                    let effects = self.effects();
                    let _ = writeln!(
                        out,
                        "[actions.i{i}.branches.b{b}]\non = \"{on}\"\nshare = \"{share}\"\neffects = [{effects}]"
                    );
                }
            }
        }
    }

    /// An expression that reads no rally, not by way of formulas either.
    fn read_by_rallies(&mut self, depth: usize) -> String {
        self.may_rally = false;
        let expression = self.expression(depth);
        self.may_rally = true;
        expression
    }

    /// The rally of an action, if it has one. Its terms read no rally, not by way of formulas either.
    fn rally(&mut self, i: usize, out: &mut String) {
        if !self.rallies.contains(&i) {
            return;
        }
        self.may_rally = false;
        let side = self.below(self.contenders.len());
        let terms: Vec<String> = ["first_move", "night", "claim"]
            .into_iter()
            .map(|key| {
                let number = if self.chance(0.5) {
                    format!("\"{}\"", self.expression(1))
                } else {
                    self.number(0.0, 1.0)
                };
                format!("{key} = {number}")
            })
            .collect();
        let _ = writeln!(
            out,
            "rally = {{ side = \"c{side}\", {} }}",
            terms.join(", ")
        );
        self.may_rally = true;
    }

    fn effects(&mut self) -> String {
        let mut list = Vec::new();
        for _ in 0..self.below(4) {
            let how = ["=", "+=", "-=", "*="][self.below(4)];
            self.may_draw = self.draws;
            let value = self.expression(1);
            self.may_draw = false;
            let c = self.below(self.contenders.len());
            let k = self.below(self.arenas);
            let a = self.actor();
            let target = match self.below(13) {
                0 if self.variables > 0 => format!("v{}", self.below(self.variables)),
                1 => format!("loyalty.*.c{c}"),
                2 if a != format!("c{c}") => format!("loyalty.{a}.c{c}"),
                3 if self.crowds > 0 => format!("grievance.n{}", self.below(self.crowds)),
                4 => "grievance.*".to_owned(),
                5 => format!("present.{a}"),
                6 => format!("power.{a}.k{k}"),
                7 if self.offices > 0 => {
                    let holder = if self.chance(0.2) {
                        "nobody".to_owned()
                    } else {
                        a
                    };
                    list.push(format!(
                        "\"office.h{} = {holder}\"",
                        self.below(self.offices)
                    ));
                    continue;
                }
                8 => "openness".to_owned(),
                9 if !self.contenders.contains(&a) => {
                    let side = if self.chance(0.3) {
                        "aside".to_owned()
                    } else {
                        format!("c{c}")
                    };
                    list.push(format!("\"stance.{a} = {side}\""));
                    continue;
                }
                10 => {
                    let fate = FATES[self.below(FATES.len())];
                    list.push(format!("\"remove.{a} = {fate}\""));
                    continue;
                }
                11 if a != format!("c{c}") => format!("promise.{a}.c{c}"),
                12 => format!("promise.*.c{c}"),
                _ => format!("signal.c{c}"),
            };
            list.push(format!("\"{target} {how} {value}\""));
        }
        list.join(", ")
    }

    fn actor(&mut self) -> String {
        let a = self.below(self.actors.len());
        self.actors[a].clone()
    }

    /// A number of any law but an expression.
    fn number(&mut self, low: f64, high: f64) -> String {
        let mut points: Vec<f64> = (0..3).map(|_| self.g.random_range(low..high)).collect();
        points.sort_by(f64::total_cmp);
        let (a, b, c) = (points[0], points[1], points[2]);
        match self.below(6) {
            0 => format!("{b:.3}"),
            4 if low == 0.0 && a > 0.002 && b > a + 0.08 && c > b + 0.08 && c < 0.998 => {
                format!("{{ p05 = {a:.3}, p50 = {b:.3}, p95 = {c:.3} }}")
            }
            1 => format!("{{ min = {a:.3}, max = {c:.3} }}"),
            2 => format!("{{ mean = {b:.3}, sd = {:.3} }}", (high - low) / 4.0),
            3 => format!("{{ value = {b:.3} }}"),
            _ => format!("{{ low = {a:.3}, mode = {b:.3}, high = {c:.3} }}"),
        }
    }

    /// A number, or an expression over parameters.
    fn initial(&mut self, low: f64, high: f64) -> String {
        if self.parameters > 0 && self.chance(0.3) {
            let p = self.below(self.parameters);
            let q = self.below(self.parameters);
            return format!("\"0.3 * p{p} + p{q} ^ 2 / 3\"");
        }
        self.number(low, high)
    }

    fn expression(&mut self, depth: usize) -> String {
        if depth == 0 || self.chance(0.2) {
            return self.leaf();
        }
        let a = self.expression(depth - 1);
        let b = self.expression(depth - 1);
        let whole = match self.below(18) {
            0 => format!("{a} + {b}"),
            1 => format!("({a}) - ({b})"),
            2 => format!("({a}) * ({b})"),
            3 => format!("({a}) / ({b})"),
            4 => format!("({a}) < ({b})"),
            5 => format!("({a}) >= ({b})"),
            6 => format!("({a}) and ({b})"),
            7 => format!("({a}) or not ({b})"),
            8 => format!("min({a}, {b}, 0.8)"),
            9 => format!("max({a}, {b})"),
            10 => {
                let exponent = ["2", "-3", "0", "0.5", "-1.5", "8", "day"][self.below(7)];
                format!("contest({a}, {b}, {exponent})")
            }
            11 => format!("logistic({a}) - exp(-abs({b}))"),
            12 => format!("clamp({a}, 0, {b})"),
            13 => format!("({a}) ^ 3 - ({b}) ^ 0.7"),
            14 => format!("ln({a}) * sqrt({b})"),
            15 => format!("if({a}, 1 / ({b}), {a})"),
            16 => format!("floor(3 * ({a})) - if(day > 1, {b}, ln({a}))"),
            _ => {
                // Any function that takes numbers, so that a new one is met too.
                let taking = |f: &&Function| !matches!(f.form, Form::Sum | Form::Mean);
                let taking: Vec<&Function> = Function::ALL.iter().filter(taking).collect();
                let f = taking[(a.len() + b.len()) % taking.len()];
                let rest = ", 0.5".repeat(f.least - 1);
                format!("{}({a}{rest}) != -({b})", f.name)
            }
        };
        format!("({whole})")
    }

    fn leaf(&mut self) -> String {
        let c = self.below(self.contenders.len());
        let k = self.below(self.arenas);
        let a = self.actor();
        let crowd = |s: &mut Self| match s.below(s.crowds + 2) {
            0 => "max".to_owned(),
            1 => "mean".to_owned(),
            n => format!("n{}", n - 2),
        };
        match self.below(27) {
            0 if self.parameters > 0 => format!("p{}", self.below(self.parameters)),
            1 if self.variables > 0 => format!("v{}", self.below(self.variables)),
            2 if self.formulas > 0 && self.may_rally => format!("f{}", self.below(self.formulas)),
            3 if a != format!("c{c}") => format!("loyalty.{a}.c{c}"),
            4 => format!("stance.{a}.c{c}"),
            5 => format!("stance.{a}.aside"),
            6 => format!("present.{a}"),
            7 => format!("power.{a}.k{k}"),
            8 => format!("support.c{c}"),
            9 => format!("support.aside.k{k}"),
            10 => format!("backing.c{c}"),
            11 => format!("backing.c{c}.k{k}"),
            12 => format!("prospects.c{c}"),
            13 => format!("sees.{a}.c{c}"),
            14 if self.offices > 0 => format!("holds.h{}.{a}", self.below(self.offices)),
            15 => format!("turnout.{}", crowd(self)),
            16 => format!("grievance.{}", crowd(self)),
            17 => format!("repression.{}", crowd(self)),
            18 if self.actions > 0 => {
                let heads = ["happened", "succeeded", "failed", "count", "first", "since"];
                let head = heads[self.below(6)];
                format!("{head}.i{}", self.below(self.actions))
            }
            19 => format!("signal.c{c}"),
            20 => {
                let date = if self.parameters.is_multiple_of(2) {
                    "date('t0 + 2d')"
                } else {
                    "date('2022-01-03')"
                };
                ["day", "openness", date][self.below(3)].to_owned()
            }
            22 if a != format!("c{c}") => format!("promise.{a}.c{c}"),
            23 if !self.rallies.is_empty() && self.may_rally => {
                let i = self.below(self.rallies.len());
                let i = self.rallies[i];
                let side = match self.below(self.contenders.len() + 1) {
                    0 => "aside".to_owned(),
                    c => format!("c{}", c - 1),
                };
                let arena = if self.chance(0.5) {
                    format!(".k{k}")
                } else {
                    String::new()
                };
                format!("rally.i{i}.{side}{arena}")
            }
            24 => format!("fate.{a}.{}", FATES[self.below(FATES.len())]),
            25 => "turnout.felt".to_owned(),
            26 if self.may_draw => format!("z{}", self.below(2)),
            21 if self.extreme => {
                ["0", "1e30", "-1e30", "1e-30", "90", "-90"][self.below(6)].to_owned()
            }
            _ => format!("{:.2}", self.g.random_range(0.0..1.5)),
        }
    }
}
