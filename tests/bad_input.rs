//! Bad input gets a clear error: where, what was found, what is allowed, the nearest name.

use std::fmt::Write as _;
use std::path::Path;

use kzsim::internals::plan::Plan;
use kzsim::internals::scenario::Scenario;
use kzsim::internals::scenario::fault::Faults;
use kzsim::internals::scenario::model::{Number, NumberKind, Way};

use crate::support::{GOOD, err, kzsim, load, write};

/// What the program says of a scenario file, in-process; `good` when there is nothing to say.
pub(crate) fn told(path: &Path, settings: &[&str]) -> String {
    let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
    let (scenario, mut faults) = match Scenario::read(path, &settings) {
        Ok(read) => read,
        Err(unreadable) => return format!("unreadable: {unreadable}"),
    };
    if scenario.complete
        && let Err(more) = Plan::new(&scenario)
    {
        faults.extend(more);
    }
    if faults.is_empty() {
        "good".to_owned()
    } else {
        Faults::new(scenario.sources, faults).text(false)
    }
}

pub(crate) fn told_of(text: &str) -> String {
    told(&write(text).path, &[])
}

/// The good scenario with one patch.
pub(crate) fn patched(from: &str, to: &str) -> String {
    assert_eq!(
        GOOD.matches(from).count(),
        1,
        "the patch `{from}` must fit once"
    );
    GOOD.replacen(from, to, 1)
}

pub(crate) fn has(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in:\n{message}");
    }
}

/// Patches the good scenario and looks for one fault, which must point at the first `spot` in
/// `to`, begin with the first of `says` and hold the others.
fn bad(from: &str, to: &str, spot: &str, says: &[&str]) {
    let text = patched(from, to);
    let inside = to.find(spot).expect("the spot is in the patch");
    let start = GOOD.find(from).expect("the patch fits") + inside;
    let line = text[..start].matches('\n').count() + 1;
    let column = text[..start]
        .rsplit('\n')
        .next()
        .map_or(0, |l| l.chars().count())
        + 1;
    let message = told_of(&text);
    has(
        &message,
        &[&format!("/test.toml:{line}:{column}: {}", says[0])],
    );
    has(&message, &says[1..]);
    assert!(
        message.ends_with("\n1 fault"),
        "more than one fault:\n{message}"
    );
}

/// The same for an expression, in the `when` of an outcome.
fn bad_expression(expression: &str, spot: &str, says: &[&str]) {
    bad(
        "\"support.new.coercion > 0.6\"",
        &format!("\"{expression}\""),
        spot,
        says,
    );
}

/// The same for an effect.
fn bad_effect(effect: &str, spot: &str, says: &[&str]) {
    bad(
        "\"grievance.capital += 0.3\"",
        &format!("\"{effect}\""),
        spot,
        says,
    );
}

/// One setting on the good scenario.
fn bad_setting(setting: &str, column: usize, says: &[&str]) {
    let message = told(&write(GOOD).path, &[setting]);
    let path = setting.split('=').next().unwrap_or_default();
    has(
        &message,
        &[&format!("--set {path}:1:{column}: {}", says[0])],
    );
    has(&message, &says[1..]);
    assert!(
        message.ends_with("\n1 fault"),
        "more than one fault:\n{message}"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn sets() {
    let alone = "one number: the sum( ), mean( ), min( ) or max( ) of them alone";
    let rows: [(&str, &str, &[&str]); 16] = [
        (
            "power.*.coercion > 1",
            "power",
            &["`power.*.coercion` is several numbers", alone],
        ),
        (
            "max(turnout.*, 3) > 1",
            "turnout",
            &["`turnout.*` is several numbers", alone],
        ),
        (
            "sum(open_split)",
            "sum",
            &["`sum` of a single number", "sum(power.*.ARENA)"],
        ),
        (
            "sum(turnout.*, 3)",
            "sum",
            &["`sum` with 2 arguments", "1 argument"],
        ),
        (
            "sum(stance.*.*)",
            "stance",
            &["two sets in `stance.*.*`", "one `*` or list in a name"],
        ),
        (
            "sum(turnout.* + max(power.*.coercion))",
            "max",
            &[
                "`max` over a set inside another",
                "move the inner one to [formulas]",
            ],
        ),
        (
            "sum(power.*.coercion + power.[army, old].coercion)",
            "power.[",
            &[
                "`sum` over `power.*.coercion` and over `power.[army, old].coercion`",
                "the same set in every name of it",
            ],
        ),
        (
            "mean(power.*.coercion + turnout.*)",
            "turnout",
            &["`mean` over actors in `power.*.coercion` and over crowds in `turnout.*`"],
        ),
        (
            "max(rally.*.new)",
            "rally",
            &["`rally.*.new` matches no action", "at least one action"],
        ),
        (
            "sum(power.[army, armi].coercion)",
            "armi]",
            &["there is no actor `armi`", "did you mean `army`?"],
        ),
        (
            "sum(power.[army, army].coercion)",
            "army].",
            &["`army` twice in a set"],
        ),
        (
            "sum(power.[army, new].coercoin)",
            "power",
            &["there is no arena `coercoin`"],
        ),
        (
            "sum(loyalty.*.ald)",
            "loyalty",
            &["there is no contender `ald`", "one of old, new"],
        ),
        (
            "sum(power.*)",
            "power",
            &["`power.*` is not a number", "power.ACTOR.ARENA"],
        ),
        (
            "sum(loyalty.[army, new].new)",
            "new]",
            &["a contender's loyalty to himself"],
        ),
        (
            "sum(power.[army,, new].coercion)",
            ", new",
            &["a list with an empty place"],
        ),
    ];
    for (expression, spot, says) in rows {
        bad_expression(expression, spot, says);
    }
    // Outside of a program an expression has all of its faults.
    bad_effect(
        "grievance.capital += sum(power.*.coercoin)",
        "power",
        &["there is no arena `coercoin`", "did you mean"],
    );
    let state = [
        "`loyalty.*.old` cannot be used in an initial number",
        "only parameters",
    ];
    bad(
        "opportunism = 0.5",
        "opportunism = \"mean(loyalty.*.old)\"",
        "loyalty",
        &state,
    );
    let all = told_of(
        &patched(
            "edge = \"contest(",
            "tied = \"sum(power.[a, b].coercion) + max(turnout.*, 1)\"\nedge = \"contest(",
        )
        .replace(
            "\"support.new.coercion > 0.6\"",
            "\"sum(power.[c, army, d].coercion) > mean(nothing.*)\"",
        ),
    );
    has(
        &all,
        &[
            "`turnout.*` is several numbers",
            "no actor `c`",
            "no actor `d`",
            "nothing is called `nothing.*`",
        ],
    );
}

#[test]
fn what_goes_with_an_office() {
    let authority = "authority = { army = 0.2 }";
    let none = "power.coercion = -1\n";
    bad(
        authority,
        &format!("{authority}\n{none}"),
        "-1",
        &["offices.presidency.power.coercion is -1", "0 or more"],
    );
    bad(
        authority,
        &format!("{authority}\npower = {{ coercoin = 1 }}"),
        "coercoin",
        &["there is no arena `coercoin`", "did you mean `coercion`?"],
    );
    // Power is given once, authority follows the state.
    bad(
        authority,
        &format!("{authority}\npower.economy = \"turnout.max\""),
        "turnout",
        &["`turnout.max` cannot be used in an initial number"],
    );
    let live = "authority = { army = \"0.2 - open_split * turnout.max\" }";
    assert_eq!(told_of(&patched(authority, live)), "good");
    bad(
        authority,
        "authority = { army = \"turnout.capitol\" }",
        "turnout",
        &["there is no crowd `capitol`", "did you mean"],
    );
    let rally = patched(authority, "authority = { army = \"rally.move.new\" }").replace(
        "success = \"edge\"",
        "rally = { side = \"new\" }\nsuccess = \"edge\"",
    );
    has(
        &told_of(&rally),
        &[
            "`rally.move.new` in a number that rallies read",
            "\n1 fault",
        ],
    );
}

/// A short text that stands for very much is a fault, found quickly.
#[test]
fn sets_are_bounded() {
    let mut text = GOOD.to_owned();
    for i in 0..900 {
        let _ = write!(text, "\n[actors.a{i}]");
    }
    let effects = "\"grievance.capital += sum(present.*)\", ".repeat(60);
    for i in 0..400 {
        let _ = write!(text, "\n[actions.b{i}]\nrate = 1\neffects = [{effects}]");
    }
    let message = told_of(&text);
    has(
        &message,
        &[
            "sets that stand for too many numbers",
            "fewer than 200,000",
            "\n1 fault",
        ],
    );
}

#[test]
fn the_good_scenario_is_good() {
    assert_eq!(told_of(GOOD), "good");
}

#[test]
fn keys() {
    let known = "one of schema, extends, title";
    bad(
        "title =",
        "titel =",
        "titel",
        &["unknown key `titel`", known, "did you mean `title`?"],
    );
    bad(
        "kind = ",
        "knid = ",
        "knid",
        &["unknown key `knid`", "did you mean `kind`?"],
    );
    bad(
        "reconsider =",
        "recosnider =",
        "reco",
        &["unknown key", "did you mean `reconsider`?"],
    );
    bad(
        "{ pace =",
        "{ pcae = 1, pace =",
        "pcae",
        &["unknown key", "did you mean `pace`?"],
    );
    let number = "open_split = { valeu = 0.0, value = 1 }";
    let says = [
        "unknown key `valeu` in a number",
        "low, mode, high",
        "did you mean `value`?",
    ];
    bad("open_split = 0.0", number, "valeu", &says);
    bad(
        "open_split = 0.0",
        "open_split = { p05 = 0.1, p50 = 0.1, p95 = 1 }",
        "0.1, p95",
        &[
            "variables.open_split: p05 0.1 is not below p50 0.1",
            "p05 < p50 < p95",
        ],
    );
    bad(
        "open_split = 0.0",
        "open_split = { p50 = 0.1, p95 = 1 }",
        "{",
        &[
            "variables.open_split: p50, p95 together",
            "{ p05, p50, p95 }",
        ],
    );
    bad(
        "open_split = 0.0",
        "open_split = { p05 = 0.1, p50 = 1e-9, p95 = 1 }",
        "1e-9",
        &["variables.open_split: p05 0.1 is not below p50 0.000000001"],
    );
    bad(
        "open_split = 0.0",
        "open_split = { p05 = 1e-30, p50 = 1, p95 = 1e29 }",
        "1, p95",
        &[
            "variables.open_split: p50 1 is far closer to p05 than to p95",
            "at most 100 times closer, on the scale of its range",
        ],
    );
    bad(
        "open_split = 0.0",
        "open_split = { value = 0.0, name = 'true' }",
        "'true'",
        &[
            "variables.open_split.name is \"true\"",
            "text that cannot be taken for anything else",
        ],
    );
    let end = "opportunism = { p05 = 0, p50 = 0.5, p95 = 0.8 }";
    let says = [
        "actors.army.opportunism: p05 0 is the end of its range",
        "p05 above 0",
    ];
    bad("opportunism = 0.5", end, "0, p50", &says);
    let twice = ["duplicate key `seed`", "each key once"];
    bad("seed = 7", "seed = 7\nseed  = 8", "seed  =", &twice);
    bad(
        "caution = 0.4",
        "caution = 0.4\ncaution  = 1",
        "caution  =",
        &["duplicate key `caution`"],
    );
    has(
        &told_of(&format!("{GOOD}\n[clock]\nstep = \"6h\"\n")),
        &["duplicate key `clock`"],
    );
}

#[test]
fn missing_tables() {
    let without = |table: &str| {
        let start = GOOD.find(table).expect("a table of the good scenario");
        let end = GOOD[start..].find("\n[").map_or(GOOD.len(), |i| start + i);
        told_of(&format!("{}{}", &GOOD[..start], &GOOD[end..]))
    };
    has(
        &without("[clock]"),
        &[
            "test.toml:1:1: missing table [clock]",
            "[clock] with start",
            "\n1 fault",
        ],
    );
    has(
        &without("[arenas]"),
        &["test.toml:1:1: missing table [arenas]"],
    );
    has(
        &without("[contenders]"),
        &[
            "test.toml:1:1: missing table [contenders]",
            "2 to 32 contenders",
        ],
    );
    let empty = told_of("schema = 1\n");
    has(
        &empty,
        &[
            "missing table [clock]",
            "missing table [arenas]",
            "missing table [contenders]",
            "missing table [actors]",
            "missing table [outcomes]",
        ],
    );
    has(&empty, &["\n5 faults"]);
    let clock = told_of(&patched("start = 2022-01-01\ndays = 10\n", ""));
    has(
        &clock,
        &[
            "test.toml:10:2: missing key `clock.start`",
            "test.toml:10:2: missing key `clock.days`",
            "\n2 faults",
        ],
    );
    has(
        &told_of(&patched("schema = 1\n", "")),
        &["test.toml:1:1: missing `schema`", "schema = 1"],
    );
    bad(
        "schema = 1",
        "schema = 2",
        "2",
        &["unsupported schema: 2", "schema = 1"],
    );
    bad(
        "schema = 1\ntitle",
        "title = \"first\"\nschema = 1\n#",
        "title",
        &["`title` comes before"],
    );
}

#[test]
fn numbers() {
    let share = "a number in [0, 1]";
    let banker = "loyalty.old = 0.4";
    bad(
        banker,
        "loyalty.old = 1.4",
        "1.4",
        &["actors.banker.loyalty.old is 1.4", share],
    );
    bad(
        banker,
        "loyalty.old = true",
        "true",
        &["actors.banker.loyalty.old is true", share],
    );
    bad(
        banker,
        "loyalty.old = [0.4]",
        "[0.4]",
        &["actors.banker.loyalty.old is an array", share],
    );
    bad(
        banker,
        "loyalty.old = 2022-01-01",
        "2022",
        &["actors.banker.loyalty.old is the date 2022-01-01"],
    );
    let far = "actors.banker.loyalty.old: mean 90 is more than 6 sd outside its range";
    bad(banker, "loyalty.old = { mean = 90, sd = 1 }", "{", &[far]);
    bad(
        "opportunism = 0.5",
        "opportunism = -0.1",
        "-0.1",
        &["actors.army.opportunism is -0.1", share],
    );
    let nerve = "low = 0.2, mode = 0.5, high = 0.8, says";
    let says = [
        "parameters.nerve: low 0.6 is above mode 0.5",
        "low <= mode <= high",
    ];
    bad(
        nerve,
        "low = 0.6, mode = 0.5, high = 0.8, says",
        "0.5",
        &says,
    );
    let says = [
        "parameters.nerve: mode 0.9 is above high 0.8",
        "low <= mode <= high",
    ];
    bad(
        nerve,
        "low = 0.6, mode = 0.9, high = 0.8, says",
        "0.8",
        &says,
    );
    bad(
        nerve,
        "min = 0.9, max = 0.8, says",
        "0.8",
        &["parameters.nerve: min 0.9 is above max 0.8"],
    );
    let message = told_of(&patched(nerve, "low = 0.2, mode = 0.5, says"));
    has(
        &message,
        &[
            "parameters.nerve: low, mode together",
            "{ low, mode, high }, { min, max }",
        ],
    );
    for x in ["nan", "-nan", "inf", "+inf", "-inf", "1e31", "-1e400"] {
        let plain = format!("caution = {x}");
        bad(
            "caution = 0.4",
            &plain,
            x,
            &["actors.army.caution is ", "a number up to 1e30"],
        );
        let law = format!("loyalty.old = {{ low = 0.1, mode = 0.2, high = {x} }}");
        bad(
            banker,
            &law,
            x,
            &["actors.banker.loyalty.old.high is ", share],
        );
    }
    bad(
        "economy = 0.3",
        "economy = 0",
        "0",
        &["arenas.economy is 0", "above 0"],
    );
    let says = ["arenas.economy is a table", "without a distribution"];
    bad(
        "economy = 0.3",
        "economy = { min = 1, max = 2 }",
        "{",
        &says,
    );
}

#[test]
fn counts_and_clock() {
    bad(
        "rounds = 100",
        "rounds = 0",
        "0",
        &["rounds is 0", "a whole number from 1 to"],
    );
    bad(
        "rounds = 100",
        "rounds = 1.5",
        "1.5",
        &["rounds is 1.5", "a whole number"],
    );
    bad(
        "seed = 7",
        "seed = 9007199254740993",
        "9",
        &["seed is 9007199254740993", "to 9007199254740992"],
    );
    bad(
        "seed = 7",
        "seed = 99999999999999999999",
        "9",
        &["the whole number 99999999999999999999"],
    );
    bad(
        "days = 10",
        "days = 1e9",
        "1e9",
        &["clock.days is 1000000000", "from 1 to 1000000"],
    );
    let days_and_step = "days = 10\nstep = \"6h\"";
    bad(
        days_and_step,
        "days = 1e9\nstep = \"2d\"",
        "1e9",
        &["clock.days"],
    );
    bad(
        days_and_step,
        "days = 11\nstep = \"2d\"",
        "11",
        &["11 days are not a whole number of steps"],
    );
    let many = ["900000 days make 3600000 steps", "at most 100000 steps"];
    bad("days = 10", "days = 900_000", "900_000", &many);
    for step in [
        "\"7h\"",
        "6",
        "\"0h\"",
        "\"-6h\"",
        "\"7 hours\"",
        "\"1e-9s\"",
        "true",
    ] {
        let text = format!("step = {step}");
        bad(
            "step = \"6h\"",
            &text,
            step,
            &["clock.step is ", "a duration that divides a day"],
        );
    }
    let soon = [
        "clock.start is the text \"soon\"",
        "a date, such as 2022-01-01",
    ];
    bad("start = 2022-01-01", "start = \"soon\"", "\"soon\"", &soon);
    has(
        &told_of(&patched("start = 2022-01-01", "start = 9999-12-30")),
        &["beyond the year 9999"],
    );
}

#[test]
fn dates() {
    let at = "at = 2022-01-02";
    bad(
        at,
        "at = 2021-12-31",
        "2021",
        &[
            "actions.shock.at is before the start",
            "2022-01-01 or later",
        ],
    );
    bad(
        at,
        "at = \"soon\"",
        "soon",
        &[
            "nothing is called `soon`",
            "a parameter, variable or formula",
        ],
    );
    bad(
        at,
        "at = 07:30:00",
        "07",
        &["unsupported date or time 07:30:00", "such as 2022-01-05"],
    );
    bad_expression(
        "day > date('soon')",
        "date",
        &["the date \"soon\"", "date('2022-01-05')"],
    );
    bad_expression(
        "day > date(5)",
        "5",
        &["`5` inside date( )", "a date in quotes"],
    );
}

#[test]
fn names_in_expressions() {
    let split = [
        "nothing is called `opn_split`",
        "did you mean `open_split`?",
    ];
    bad_expression("opn_split", "opn_split", &split);
    bad_expression(
        "0.5 < suport.new",
        "suport",
        &["nothing is called `suport.new`", "`support`?"],
    );
    bad_expression(
        "turnout + 1",
        "turnout",
        &["`turnout` is not a number", "turnout.CROWD"],
    );
    bad_expression(
        "loyalty.army",
        "loyalty",
        &["`loyalty.army` is not a number", "loyalty.ACTOR.CON"],
    );
    let armi = [
        "there is no actor `armi`",
        "one of old, new, army, banker",
        "did you mean `army`?",
    ];
    bad_expression("1 + loyalty.armi.old", "loyalty", &armi);
    bad_expression(
        "nerve.x",
        "nerve.x",
        &["`nerve.x`: `nerve` has no parts", "`nerve` alone"],
    );
    bad_expression(
        "nerve(2)",
        "nerve",
        &["`nerve` is not a function", "the functions min, max"],
    );
    bad_expression(
        "mim(1, 2)",
        "mim",
        &["`mim` is not a function", "did you mean `min`?"],
    );
    bad_expression(
        "holds.presidensy.new",
        "holds",
        &["there is no office `presidensy`", "`presidency`?"],
    );
    bad_expression(
        "happened.mvoe",
        "happened",
        &["there is no action `mvoe`", "`move`?"],
    );
    bad_expression(
        "turnout.capitol",
        "turnout",
        &["there is no crowd `capitol`", "`capital`?"],
    );
}

#[test]
fn grammar_of_expressions() {
    let chained = ["a second comparison in a row", "`a < b and b < c`"];
    bad_expression("0.2 < nerve <= 0.6", "<=", &chained);
    bad_expression(
        "contest(1, 2)",
        "contest",
        &["`contest` with 2 arguments", "3 arguments"],
    );
    bad_expression(
        "if(nerve, 1)",
        "if",
        &["`if` with 2 arguments", "3 arguments"],
    );
    bad_expression(
        "nerve > 1 ? 2 : 3",
        "?",
        &[
            "`?` has no meaning",
            "help: write if(condition, value, other value)",
        ],
    );
    bad_expression("abs()", "abs", &["`abs` with 0 arguments", "1 argument"]);
    bad_expression(
        "min(1)",
        "min",
        &["`min` with 1 argument", "2 to 8 arguments"],
    );
    bad_expression(
        "(1 + nerve 2)",
        "2",
        &["`2` where `)` should be", "balanced parentheses"],
    );
    bad_expression(
        "min(1, nerve 2)",
        "2",
        &["`2` where `,` or `)` should be", "balanced"],
    );
    bad_expression(
        "(1 + nerve))   ",
        ")   ",
        &["`)` without its `(`", "balanced parentheses"],
    );
    bad_expression("nerve = 1", "=", &["a single `=`", "help: write `==`"]);
    bad_expression(
        "nerve moved",
        "moved",
        &["`moved` where the expression should continue or end"],
    );
    bad_expression("nerve && 1", "&", &["`&&` in an expression", "write `and`"]);
    bad_expression(
        "2nerve",
        "2nerve",
        &["`2nerve` is not a number", "0.25 or 1e-3"],
    );
    bad_expression("1e31", "1e31", &["the number `1e31`", "up to 1e30"]);
    bad_expression("and nerve", "and", &["`and` where a value should be"]);
    bad_expression("nerve > ж", "ж", &["`ж` (U+0436, Cyrillic) has no meaning"]);
    let when = "\"support.new.coercion > 0.6\"";
    let open = told_of(&patched(when, "\"(1 + nerve\""));
    has(
        &open,
        &[
            "test.toml:75:19: the end of the expression where `)` should be",
            "\n1 fault",
        ],
    );
    has(
        &told_of(&patched(when, "\"\"")),
        &["test.toml:75:9: an empty expression", "\n1 fault"],
    );
}

#[test]
fn a_faulty_formula_is_one_fault() {
    let from = "contest(backing.new, backing.old, 2)";
    bad(
        from,
        "contest(backing.new, 2)",
        "contest",
        &["`contest` with 2 arguments"],
    );
}

#[test]
fn places_inside_texts() {
    let when = "\"support.new.coercion > 0.6\"";
    let fault = ["nothing is called `dya`", "did you mean `day`?"];
    bad(when, r#""date(\"2022-01-05\") < dya""#, "dya", &fault);
    bad(when, r#""1 \u003C dya and \t1""#, "dya", &fault);
    bad(when, r#"'date("2022-01-05") < dya'"#, "dya", &fault);
    bad(when, "\"\"\"\n  nerve < 1\n  and dya\"\"\"", "dya", &fault);
    bad(
        when,
        "\"\"\"nerve < 1 \\\n     and dya\"\"\"",
        "dya",
        &fault,
    );
    bad(when, "'''\nnerve < 1\nand dya'''", "dya", &fault);
    bad(
        "seed = 7",
        "seed = 7\n\"tïtle\" = 1",
        "\"",
        &["unknown key `tïtle`", "`title`?"],
    );
    bad_effect("open_split += dya", "dya", &fault);
    let text = patched("caution = 0.4", "caution = \"1 + dya\"");
    let message = told_of(&text.replace('\n', "\r\n"));
    has(
        &message,
        &[
            "test.toml:45:16: nothing is called `dya`",
            "45 | caution = \"1 + dya\"\n",
        ],
    );
    let message = told_of(&format!("\u{feff}{text}"));
    has(&message, &["test.toml:45:16: nothing is called `dya`"]);
}

#[test]
fn deep_and_long_texts() {
    let when = "\"support.new.coercion > 0.6\"";
    let with = |e: &str| told_of(&patched(when, &format!("\"{e}\"")));
    let deep = |n: usize| with(&format!("{}1{}", "(".repeat(n), ")".repeat(n)));
    assert_eq!(deep(60), "good");
    has(
        &deep(65),
        &["nested more than 64 levels deep", "[formulas]", "\n1 fault"],
    );
    has(
        &deep(100_000),
        &["an expression of 200001 bytes", "at most 4000 bytes"],
    );
    for sign in ["-", "not ", "1^", "abs("] {
        has(
            &with(&sign.repeat(900)),
            &["nested more than 64 levels deep"],
        );
    }
    has(
        &with(&format!("1{}", "+1".repeat(1_900))),
        &["a chain of more than 256 operators"],
    );
    let n = 100_000;
    let caution = |to: String| told_of(&patched("caution = 0.4", &format!("caution = {to}")));
    has(
        &caution(format!("{}{}", "[".repeat(n), "]".repeat(n))),
        &["nested too deeply"],
    );
    has(
        &caution(format!("{}1{}", "{a=".repeat(n), "}".repeat(n))),
        &["nested too deeply"],
    );
    let keys = "a.".repeat(n);
    has(
        &told_of(&format!("schema = 1\n{keys}b = 1\n")),
        &["test.toml:2:1: nested too deeply"],
    );
    has(
        &told_of(&format!("schema = 1\n[{keys}b]\n")),
        &["test.toml:2:1: nested too deeply"],
    );
    let path = format!("{keys}b=1");
    has(
        &told(&write(GOOD).path, &[&path]),
        &["a path of 100001 parts", "--set PATH=VALUE"],
    );
    let message = told_of(&format!("{} = 1\n{GOOD}", "k".repeat(3_000_000)));
    has(&message, &["test.toml:1:1: unknown key `kkk"]);
    assert!(
        message.len() < 5_000,
        "a message of {} bytes",
        message.len()
    );
}

#[test]
fn many_faults_are_cut_short() {
    let mut text = String::from("schema = 1\n");
    for i in 0..50_000 {
        let _ = writeln!(text, "key_{i}_{} = 1", "x".repeat(40));
    }
    let message = told_of(&text);
    has(
        &message,
        &["unknown key `key_0_", "and 49905 more", "\n50005 faults"],
    );
    assert!(message.lines().count() < 1_000);
}

#[test]
fn who_does_what() {
    let known = "one of old, new, army, banker";
    let nww = ["there is no actor `nww`", known, "did you mean `new`?"];
    bad("by = \"new\"", "by = \"nww\"", "\"nww\"", &nww);
    bad("holder = \"new\"", "holder = \"nww\"", "\"nww\"", &nww);
    let armi = ["there is no actor `armi`", known, "did you mean `army`?"];
    bad("authority = { army", "authority = { armi", "armi", &armi);
    bad(
        "power = { economy",
        "power = { econmy",
        "econmy",
        &["there is no arena `econmy`"],
    );
    let army = [
        "there is no contender `army`: `army` is the id of an actor",
        "one of old, new",
    ];
    bad("loyalty.old = 0.4", "loyalty.army = 0.4", "army", &army);
    let himself = [
        "actors.new: a contender's loyalty to himself",
        "loyalty to other contenders",
    ];
    bad(
        "loyalty.old = { low = 0.1",
        "loyalty.new = 0.5\nloyalty.old = { low = 0.1",
        "0.5",
        &himself,
    );
    let message = told_of(&patched("success = \"edge\"\n", ""));
    has(
        &message,
        &[
            "test.toml:71:11: actions.move has `failure` without `success`",
            "\n1 fault",
        ],
    );
    let two = [
        "actions.shock has rate and at",
        "one of rate, chance, at, decide",
    ];
    bad("at = 2022-01-02", "rate = 1\nat = 2022-01-02", "2022", &two);
    let message = told_of(&patched("at = 2022-01-02\n", ""));
    has(
        &message,
        &[
            "actions.shock has none of rate, chance, at, decide",
            "one of them",
        ],
    );
    let message = told_of(&patched("pace = 2.0, win = \"edge\", ", ""));
    has(
        &message,
        &[
            "missing key `actions.move.decide.pace`",
            "missing key `actions.move.decide.win`",
        ],
    );
}

#[test]
fn ids_and_names() {
    for id in [
        "none", "null", "na", "nan", "max", "mean", "felt", "nobody", "aside",
    ] {
        let found = format!("the id `{id}`");
        bad(
            "[flags.moved]",
            &format!("[flags.{id}]"),
            id,
            &[&found, "a different id"],
        );
    }
    for id in [
        "Moved",
        "_moved",
        "9moved",
        "mo-ved",
        "\"mo ved\"",
        "\"\"",
        "\"мoved\"",
    ] {
        let says = [
            "invalid id `",
            "a lower-case letter, then lower-case letters, digits and _",
        ];
        bad("[flags.moved]", &format!("[flags.{id}]"), id, &says);
    }
    bad(
        "[flags.moved]",
        "[flags.outcome]",
        "outcome",
        &["the id `outcome` is reserved in [flags]", "rounds.csv"],
    );
    let split = "open_split = 0.0";
    bad(
        split,
        "open_split = 0.0\nday = 1",
        "day",
        &["the id `day` is reserved in [variables]", "a different id"],
    );
    let twice = [
        "`nerve` is declared in [parameters] and in [variables]",
        "each name once",
    ];
    bad(split, "open_split = 0.0\nnerve = 1", "nerve", &twice);
    for sign in ["=", "+", "-", "@", "|", "＝", "＋", "－", "＠"] {
        let found = format!("actors.army.name begins with `{sign}`");
        let name = format!("name = \"{sign}cmd()\"");
        bad(
            "name = \"The army\"",
            &name,
            "\"",
            &[&found, "a spreadsheet does not take for a formula"],
        );
    }
    let lines = ["actors.army.name has line breaks", "one line of at most"];
    bad("name = \"The army\"", "name = \"The\\narmy\"", "\"", &lines);
    bad(
        "name = \"The army\"",
        "name = 7",
        "7",
        &["actors.army.name is 7", "text, in quotes"],
    );
    let message = told_of(&patched("seed = 7", "\"\\u001b[31m\\n\" = 1"));
    has(&message, &["unknown key `\\u{1b}[31m\\n`"]);
    assert!(
        !message.contains('\u{1b}'),
        "an escape reaches the terminal"
    );
    let written = write(GOOD);
    let named = written.folder.path().join("=cmd.toml");
    std::fs::copy(&written.path, &named).expect("a copy");
    has(
        &told(&named, &[]),
        &[
            "invalid file name `=cmd`",
            "begins with a letter or a digit",
        ],
    );
}

#[test]
fn effects() {
    let capital = [
        "there is no crowd `capitl`",
        "one of capital",
        "did you mean `capital`?",
    ];
    bad_effect("grievance.capitl += 0.3", "capitl", &capital);
    let split = [
        "there is no variable `opensplit`",
        "did you mean `open_split`?",
    ];
    bad_effect("  opensplit = 1", "opensplit", &split);
    bad_effect(
        "opennes = 1",
        "opennes",
        &["there is no variable `opennes`", "`openness`?"],
    );
    bad_effect(
        "nerve = 1",
        "nerve",
        &["there is no variable `nerve`", "one of open_split"],
    );
    bad_effect(
        "open_split",
        "open_split",
        &["an effect without `=`", "NAME = VALUE, or += -="],
    );
    bad_effect(
        "open_split == 1",
        "==",
        &["`==` in an effect", "NAME = VALUE"],
    );
    let army = [
        "`loyalty.army` cannot be changed by an effect",
        "loyalty.ACTOR.CONTENDER",
    ];
    bad_effect("loyalty.army += 1", "loyalty.army", &army);
    bad_effect(
        "loyalty.new.new += 1",
        "loyalty",
        &["a contender's loyalty to himself"],
    );
    let turnout = [
        "`turnout.capital` cannot be changed by an effect",
        "a variable, loyalty.ACTOR",
    ];
    bad_effect("turnout.capital = 1", "turnout", &turnout);
    bad_effect(
        "office.presidency += army",
        "presidency",
        &["an office that is added to"],
    );
    bad_effect(
        "office.presidency = armi",
        "armi",
        &["there is no actor `armi`", "`army`?"],
    );
    bad_effect(
        "office.presdency = army",
        "presdency",
        &["there is no office `presdency`"],
    );
    bad_effect(
        "signal.* += 1",
        "*",
        &["there is no contender `*`", "one of old, new"],
    );
    bad_effect(
        "open_split = nerv + 1",
        "nerv",
        &["nothing is called `nerv`", "`nerve`?"],
    );
    let list = "[\"grievance.capital += 0.3\"]";
    bad(
        list,
        "[3]",
        "3",
        &["an effect is 3", "text, such as \"signal.tokayev += 0.3\""],
    );
    bad(
        list,
        "\"open_split = 1\"",
        "\"",
        &["actions.shock.effects is the text", "a list of effects"],
    );
    let many = format!("[{}]", "\"open_split = 1\", ".repeat(65));
    bad(list, &many, "[", &["65 effects", "at most 64"]);
}

#[test]
fn every_crowd_and_actor() {
    let text = patched(
        "\"grievance.capital += 0.3\"",
        "\"loyalty.*.old *= 0.5\", \"grievance.*=1\"",
    );
    assert_eq!(told_of(&text), "good");
}

#[test]
fn outcomes() {
    let last = "otherwise = true";
    let none = told_of(&patched(last, "when = \"open_split\"\nat_end = true"));
    has(
        &none,
        &[
            "test.toml:74:2: no outcome with `otherwise`",
            "one outcome with otherwise = true",
        ],
    );
    let second = "otherwise = true\n[outcomes.more]\notherwise  = true";
    let says = [
        "a second outcome with `otherwise`: more",
        "one outcome with `otherwise`, which is `nothing`",
    ];
    bad(last, second, "more", &says);
    let hold = [
        "outcomes.nothing has `otherwise` and `hold`",
        "one of the two",
    ];
    bad(last, "otherwise = true\nhold = \"1d\"", "\"1d\"", &hold);
    bad(
        "hold = \"1d\"",
        "hold = \"soon\"",
        "\"soon\"",
        &["outcomes.new_wins.hold is the text"],
    );
    has(
        &told_of(&patched(last, "otherwise = 1")),
        &["otherwise is 1", "true or false"],
    );
}

#[test]
fn contenders_and_limits() {
    let none = told_of(&patched("old = {}\nnew = {}\n", ""));
    has(
        &none,
        &[
            "test.toml:6:2: [contenders] has fewer than 2 entries",
            "2 to 32 contenders",
        ],
    );
    let one = told_of(&patched("old = {}\nnew = {}\n", "new = {}\n"));
    has(
        &one,
        &[
            "test.toml:6:2: [contenders] has fewer than 2 entries",
            "2 to 32 contenders",
        ],
    );
    let mut text = GOOD.to_owned();
    for i in 0..10_000 {
        let _ = writeln!(text, "[actors.a{i}]");
    }
    has(
        &told_of(&text),
        &["10004 actors", "at most 1000 actors", "\n1 fault"],
    );
}

#[test]
fn a_scenario_as_large_as_may_be_is_read_quickly() {
    let mut text = GOOD.to_owned();
    for i in 0..996 {
        let _ = writeln!(
            text,
            "[actors.a{i}]\npower.coercion = 0.1\nloyalty = {{ old = 0.4, new = 0.2 }}"
        );
    }
    for i in 0..998 {
        let _ = writeln!(
            text,
            "[actions.x{i}]\nby = \"a{}\"\nrate = \"0.01 * loyalty.a{i}.old\"",
            i % 996
        );
        let _ = writeln!(
            text,
            "effects = [\"loyalty.a{}.new += 0.1\"]",
            995 - i % 996
        );
    }
    let text = text
        .replace("loyalty.a996", "loyalty.a0")
        .replace("loyalty.a997", "loyalty.a1");
    let written = write(&text);
    assert_eq!(told(&written.path, &[]), "good");
    let over = written.folder.path().join("over.toml");
    std::fs::write(
        &over,
        text.replacen("schema = 1", "schema = 1\nextends = \"test.toml\"", 1),
    )
    .expect("a file");
    assert_eq!(told(&over, &["actors.a7.caution=0.3"]), "good");
}

#[test]
fn circles_and_initial_numbers() {
    let circle = [
        "the parameter `a` is computed from itself",
        "without circular references",
    ];
    bad(
        "[parameters]",
        "[parameters]\na = \"b + 1\"\nb = \"2 * a\"",
        "a\"",
        &circle,
    );
    let circle = [
        "the formula `a` is computed from itself",
        "without circular references",
    ];
    bad(
        "[formulas]",
        "[formulas]\na = \"b + 1\"\nb = \"2 * a\"",
        "a\"",
        &circle,
    );
    bad("[formulas]", "[formulas]\na = \"1 + a \"", "a \"", &circle);
    let state = [
        "`openness` cannot be used in an initial number",
        "only parameters",
    ];
    bad(
        "\"0.2 + 0.5 * nerve\"",
        "\"0.2 + openness\"",
        "openness",
        &state,
    );
    let variable = [
        "`open_split` cannot be used in an initial number",
        "only parameters",
    ];
    bad(
        "\"0.2 + 0.5 * nerve\"",
        "\"0.2 + open_split\"",
        "open_split",
        &variable,
    );
}

#[test]
fn stances() {
    let body = "kind = \"body\"";
    let sum = [
        "actors.army.stance: the shares sum to 1.2",
        "at most 1; the rest is aside",
    ];
    bad(
        body,
        "kind = \"body\"\nstance = { old = 0.7, new = 0.5 }",
        "{",
        &sum,
    );
    bad(
        body,
        "kind = \"body\"\nstance = \"od\"",
        "\"od\"",
        &["there is no contender `od`", "`old`?"],
    );
    let person = [
        "actors.banker.stance: the shares sum to 1.2",
        "the rest is aside",
    ];
    let banker = "name = \"A banker\"";
    bad(
        banker,
        "name = \"A banker\"\nstance = { old = 0.7, new = 0.5 }",
        "{",
        &person,
    );
    let own = [
        "actors.old.stance is the text \"old\"",
        "a contender stands for himself",
    ];
    bad(
        "[actors.old]",
        "[actors.old]\nstance = \"old\"",
        "\"old\"",
        &own,
    );
    bad(
        body,
        "kind = \"boddy\"",
        "\"boddy\"",
        &[
            "actors.army.kind is the text \"boddy\"",
            "\"person\" or \"body\"",
        ],
    );
}

#[test]
fn all_faults_at_once() {
    let text = patched("loyalty.old = 0.4", "loyalty.old = 1.4")
        .replace("by = \"new\"", "by = \"nww\"")
        .replace("caution = 0.4", "caution = inf")
        .replace("grievance.capital +=", "grievance.capitl +=")
        .replace("support.new.coercion > 0.6", "support.nwe.coercion > 0.6")
        .replace("title =", "titel =")
        .replace("otherwise = true", "");
    let message = told_of(&text);
    let places = [
        "2:1: unknown",
        "45:11",
        "50:15",
        "64:23",
        "67:6",
        "74:2",
        "75:9",
        "81:11",
    ];
    for place in places {
        has(&message, &[&format!("test.toml:{place}")]);
    }
    has(&message, &["\n8 faults"]);
    let order: Vec<usize> = places
        .iter()
        .filter_map(|p| message.find(&format!("toml:{p}")))
        .collect();
    assert!(order.is_sorted(), "faults stand in the order of the file");
}

#[test]
fn text_that_is_not_toml() {
    let broken = patched("days = 10\nstep = \"6h\"", "days = = 10\nstep = \"6h");
    let message = told_of(&broken.replace("loyalty.old = 0.4", "loyalty.old = 1.4"));
    has(
        &message,
        &[
            "test.toml:12:8: clock.days is `= 10`",
            "test.toml:13:8: clock.step is `\"6h`",
            "test.toml:50:15: actors.banker",
        ],
    );
    assert!(
        !message.contains("no clock"),
        "what could not be read is not missing:\n{message}"
    );
    assert!(
        !message.contains("test.toml:1:1"),
        "no fault without a place:\n{message}"
    );
    has(
        &told_of("hello world\n"),
        &[
            "test.toml:1:7: a line without `=`",
            "`key = value`",
            "\n1 fault",
        ],
    );
    has(
        &told_of(""),
        &[
            "test.toml:1:1: the file is empty",
            "schema = 1",
            "\n1 fault",
        ],
    );
    has(&told_of(" \n\n"), &["the file is empty", "\n1 fault"]);
}

#[test]
fn settings() {
    bad_setting(
        "titel=x",
        1,
        &["unknown key `titel`", "did you mean `title`?"],
    );
    bad_setting(
        "actors.armyy.caution=0.6",
        8,
        &["there is no `armyy` in [actors]", "`army`?"],
    );
    bad_setting(
        "flags.mvoed.when=1",
        7,
        &["there is no `mvoed` in [flags]", "`moved`?"],
    );
    bad_setting(
        "actors.army.loyalti.old=0.6",
        13,
        &["unknown key `loyalti`", "`loyalty`?"],
    );
    bad_setting(
        "actors.army.loyalty.odl=0.6",
        21,
        &["there is no contender `odl`", "`old`?"],
    );
    bad_setting(
        "dynamics.nosie=0.6",
        10,
        &["unknown key `nosie`", "`noise`?"],
    );
    bad_setting("nothing", 1, &["a setting without `=`", "--set PATH=VALUE"]);
    bad_setting(
        "a..b=3",
        1,
        &["a path with an empty part", "--set PATH=VALUE"],
    );
    bad_setting("=3", 1, &["a path with an empty part"]);
    bad_setting("schema=2", 1, &["`schema` cannot be set"]);
    bad_setting("rounds=0", 8, &["rounds is 0", "a whole number from 1"]);
    bad_setting(
        "actors.army.loyalty.old=1.4",
        25,
        &["actors.army.loyalty.old is 1.4"],
    );
    bad_setting(
        "actors.army.caution=0.1 + nerv",
        27,
        &["nothing is called `nerv`", "`nerve`?"],
    );
    bad_setting(
        "parameters.nerve.low=0.1",
        22,
        &["parameters.nerve: low alone"],
    );
    bad_setting(
        "actions.shock.effects=[\"opn = 1\"]",
        25,
        &["there is no variable `opn`"],
    );
    bad_setting("actors.army=3", 13, &["actors.army is 3", "a table"]);
    let two = told(&write(GOOD).path, &["titel=x", "rounds=0"]);
    has(&two, &["--set titel:1:1", "--set rounds:1:8", "\n2 faults"]);
}

/// Files in one folder; the last one is read.
fn chain(files: &[(&str, &str)], settings: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut last = folder.path().to_path_buf();
    for (name, text) in files {
        last = folder.path().join(name);
        std::fs::write(&last, text).expect("a file");
    }
    told(&last, settings)
}

#[test]
fn extending() {
    let over = "schema = 1\nextends = \"base.toml\"\n";
    assert_eq!(
        chain(&[("base.toml", GOOD), ("over.toml", over)], &[]),
        "good"
    );
    let faulty = patched("loyalty.old = 0.4", "loyalty.old = 1.4");
    let message = chain(&[("base.toml", &faulty), ("over.toml", over)], &[]);
    has(
        &message,
        &[
            "base.toml:50:15: actors.banker.loyalty.old is 1.4",
            "\n1 fault",
        ],
    );
    let typo = format!("{over}[actors.army]\ncaution = \"nerv\"\n");
    let message = chain(&[("base.toml", &faulty), ("over.toml", &typo)], &[]);
    has(
        &message,
        &[
            "base.toml:50:15: ",
            "over.toml:4:12: nothing is called `nerv`",
            "\n2 faults",
        ],
    );
    let message = chain(
        &[
            ("base.toml", GOOD),
            ("over.toml", &over.replace("base", "bsae")),
        ],
        &[],
    );
    has(
        &message,
        &[
            "over.toml:2:11: `extends` cannot be read: ",
            "there is no such file",
        ],
    );
    has(&message, &["did you mean `base.toml`?", "\n1 fault"]);
    let back = "schema = 1\nextends = \"over.toml\"\n";
    let message = chain(&[("base.toml", back), ("over.toml", over)], &[]);
    has(
        &message,
        &["base.toml:2:11: `extends` is circular", "\n1 fault"],
    );
    let message = chain(&[("over.toml", &over.replace("base", "over"))], &[]);
    has(
        &message,
        &["over.toml:2:11: `extends` is circular", "\n1 fault"],
    );
    has(
        &chain(&[("over.toml", "schema = 1\nextends = 3\n")], &[]),
        &["`extends` is 3", "\n1 fault"],
    );
    let folder = chain(&[("over.toml", "schema = 1\nextends = \".\"\n")], &[]);
    has(&folder, &["is a folder", "\n1 fault"]);
    let clash = format!("{over}[actions.shock]\nrate = 1\nchance = 0.5\n");
    let message = chain(&[("base.toml", GOOD), ("over.toml", &clash)], &[]);
    has(
        &message,
        &[
            "over.toml:5:10: actions.shock has rate and chance",
            "\n1 fault",
        ],
    );
}

#[test]
fn overlays() {
    let base = write(GOOD);
    let over = base.folder.path().join("over.toml");
    let text = "schema = 1\nextends = \"test.toml\"\nseed = 8\n\
        [actors.army]\nloyalty.old = { min = 0.4, max = 0.6 }\n\
        [actions.shock]\nrate = 0.5\n[actions.move]\nlimit = 0\neffects = [\"open_split = 1\"]\n";
    std::fs::write(&over, text).expect("a file");
    let settings = [
        "actions.shock.rate=2 * nerve",
        "actors.banker.caution=0.25",
        "title=On top",
    ];
    let (s, _) = load(&over, &settings);
    assert_eq!(
        (s.seed, s.rounds, s.title.as_str(), s.name.as_str()),
        (8, 100, "On top", "over")
    );
    let army = s.actors.iter().find(|a| a.id == "army").expect("the army");
    // A law is one leaf: nothing of the old one stays. Its neighbours do.
    let kind = &army.loyalty[&0].kind;
    assert!(
        matches!(kind, NumberKind::Uniform { min, max } if (*min, *max) == (0.4, 0.6)),
        "{kind:?}"
    );
    assert!(matches!(army.loyalty[&1].kind, NumberKind::Expression(_)));
    assert_eq!(army.name, "The army");
    // One way of happening replaces the other.
    let [shock, moved] = &s.actions[..] else {
        panic!("two actions")
    };
    let Way::Rate(rate) = &shock.way else {
        panic!("{:?}", shock.way)
    };
    assert!(
        matches!(&rate.kind, NumberKind::Expression(e) if e.text == "2 * nerve"),
        "{rate:?}"
    );
    assert_eq!(shock.effects.len(), 1, "the effects stay");
    assert_eq!(
        (moved.limit, moved.effects.len(), moved.failure.len()),
        (0, 1, 2)
    );
    let banker = s
        .actors
        .iter()
        .find(|a| a.id == "banker")
        .expect("the banker");
    assert_eq!(banker.caution.fixed(), Some(0.25));
    let (s, _) = load(&base.path, &["actions.shock.chance=0.5"]);
    assert!(matches!(s.actions[0].way, Way::Chance(_)));
    // The last of two settings on one leaf counts.
    let (s, _) = load(&base.path, &["seed=1", "seed=2"]);
    assert_eq!(s.seed, 2);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    has(&told(folder.path(), &[]), &["unreadable: ", "is a folder"]);
    has(
        &told(&at("none.toml"), &[]),
        &["unreadable: ", "there is no such file"],
    );
    std::fs::write(at("bytes.toml"), b"schema = 1\n# \xff\n").expect("a file");
    has(
        &told(&at("bytes.toml"), &[]),
        &["is not UTF-8 text (byte 14 on line 2)"],
    );
    let huge = std::fs::File::create(at("huge.toml")).expect("a file");
    // A TiB: if it were read, this would not end.
    huge.set_len(1 << 40).expect("a sparse file");
    has(
        &told(&at("huge.toml"), &[]),
        &["exceeds the limit of 4 MiB"],
    );
    let over = at("over.toml");
    std::fs::write(&over, "schema = 1\nextends = \"huge.toml\"\n").expect("a file");
    has(
        &told(&over, &[]),
        &[
            "over.toml:2:11: `extends` cannot be read",
            "exceeds the limit of 4 MiB",
        ],
    );
}

/// Writes files into a fresh folder: paths and texts.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

#[test]
fn extends_stays_near_the_scenario_unless_told() {
    let minimal = std::fs::read_to_string(crate::support::repository("scenarios/minimal.toml"))
        .expect("a scenario");
    let over = |base: &str| format!("schema = 1\nextends = \"{base}\"\n");
    let folder = tree(&[
        ("home/base.toml", &minimal),
        ("home/over/up.toml", &over("../base.toml")),
        ("home/over/deep/far.toml", &over("../../base.toml")),
        ("home/over/deep/linked.toml", &over("link.toml")),
        ("home/over/deep/near.toml", &over("inner.toml")),
        ("work/note.txt", ""),
    ]);
    let root = folder.path().canonicalize().expect("a folder");
    let base = root.join("home/base.toml");
    let rooted = over(&base.display().to_string());
    std::fs::write(root.join("home/over/rooted.toml"), rooted).expect("a file");
    let check = |from: &str, file: &str, more: &[&str]| {
        let path = root.join("home/over").join(file);
        let mut arguments = vec!["check", path.to_str().expect("UTF-8")];
        arguments.extend(more);
        let done = crate::support::kzsim(&arguments, &root.join(from));
        let text = String::from_utf8(done.stderr).expect("UTF-8");
        (done.status.code(), text)
    };
    // One folder up, from anywhere; further up only below the working directory.
    assert_eq!(check("work", "up.toml", &[]).0, Some(0));
    let (code, text) = check("work", "deep/far.toml", &[]);
    assert_eq!(code, Some(2));
    let wanted = "far.toml:2:11: `extends` leads outside the folders that this file may read: ../../base.toml";
    assert!(text.contains(wanted), "{text}");
    assert!(
        text.contains("--extends-anywhere allows any file"),
        "{text}"
    );
    assert_eq!(check("home", "deep/far.toml", &[]).0, Some(0));
    assert_eq!(
        check("work", "deep/far.toml", &["--extends-anywhere"]).0,
        Some(0)
    );
    // A path from the root, wherever it leads.
    let (code, text) = check("home", "rooted.toml", &[]);
    assert_eq!(code, Some(2));
    assert!(text.contains("is an absolute path"), "{text}");
    assert_eq!(
        check("home", "rooted.toml", &["--extends-anywhere"]).0,
        Some(0)
    );
    #[cfg(unix)]
    {
        let deep = root.join("home/over/deep");
        std::os::unix::fs::symlink(&base, deep.join("link.toml")).expect("a link");
        std::os::unix::fs::symlink("../up.toml", deep.join("inner.toml")).expect("a link");
        let (code, text) = check("work", "deep/linked.toml", &[]);
        assert_eq!(code, Some(2));
        assert!(text.contains("leads outside the folders"), "{text}");
        assert_eq!(
            check("work", "deep/linked.toml", &["--extends-anywhere"]).0,
            Some(0)
        );
        // A link that stays inside is followed; what it leads to is held to the same folders.
        let (code, text) = check("work", "deep/near.toml", &[]);
        assert_eq!(code, Some(2));
        assert!(text.contains("../base.toml"), "{text}");
        assert_eq!(check("home", "deep/near.toml", &[]).0, Some(2));
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused() {
    let folder = tree(&[]);
    let path = folder.path().join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo").success());
    let done = crate::support::kzsim(&["check", "pipe.toml"], folder.path());
    assert_eq!(done.status.code(), Some(3));
    let text = String::from_utf8(done.stderr).expect("UTF-8");
    assert!(text.contains("is not a regular file"), "{text}");
}

#[test]
fn dates_beyond_the_clock_are_noted() {
    let late = "[actions.late]\nat = 2031-05-08\neffects = [\"openness = 0\"]\n";
    let w = write(&format!("{GOOD}\n{late}"));
    for more in [
        &["check", "test.toml"][..],
        &["check", "test.toml", "--explain"],
    ] {
        let done = kzsim(more, w.folder.path());
        let shown = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success());
        has(
            &shown,
            &["note: actions.late.at is after the last day of the clock, so it never happens"],
        );
    }
}

#[test]
fn chances_that_are_none_are_noted() {
    let odd = "[actions.odd]\nchance = 1.4\nsuccess = -3\neffects = [\"openness = 0\"]\n\
               [actions.odd.branches.one]\nshare = 0.8\n\
               [actions.odd.branches.two]\nshare = 0.8\non = \"success\"\n\
               [actions.back]\nrate = -0.02\neffects = [\"openness = 0\"]\n";
    let w = write(&format!("{GOOD}\n{odd}"));
    let done = kzsim(&["check", "test.toml"], w.folder.path());
    let shown = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success());
    let said = [
        "note: actions.odd.chance is 1.4, which counts as 1: a probability is from 0 to 1",
        "note: actions.odd.success is -3, which counts as 0",
        "note: actions.odd.branches: the shares after success add up to 1.6, so the last ones",
        "note: actions.back.rate is -0.02, which counts as 0: it never happens",
    ];
    has(&shown, &said);
    assert_eq!(
        shown.matches("note: actions.").count(),
        said.len(),
        "{shown}"
    );
}

/// Names that programs for tables do not read as text are refused, wherever tables have them, with
/// what they would become and what to write.
#[test]
fn names_that_are_not_read_as_text() {
    for (id, what) in [
        ("true", "a truth value"),
        ("f", "a truth value"),
        ("inf", "a number"),
        ("mar1", "a date"),
    ] {
        let message = told_of(&GOOD.replace("flags.moved", &format!("flags.{id}")));
        let wanted =
            format!("the id `{id}` is read as {what} by pandas, Polars, DuckDB or a spreadsheet");
        has(&message, &[&wanted, &format!("for example `x_{id}`")]);
    }
    for (name, what) in [
        ("NA", "a missing value"),
        ("nan", "a missing value"),
        ("True", "a truth value"),
        ("1e5", "a number"),
        ("1/2", "a number"),
        ("May 2022", "a date"),
        ("\\ufeff=1+1", "a formula"),
    ] {
        let message = told_of(&GOOD.replace("name = \"A banker\"", &format!("name = \"{name}\"")));
        has(
            &message,
            &[
                "actors.banker.name is",
                &format!("DuckDB or a spreadsheet reads as {what}"),
                "text that cannot be taken for anything else",
            ],
        );
    }
    // A manifest names its scenario too, and no file system bounds that.
    let name = "x".repeat(200_000);
    let faults = Scenario::parse(&name, GOOD)
        .expect_err("too long")
        .text(false);
    has(
        &faults,
        &["the scenario's name has 200000 characters", "at most 255"],
    );
    let w = write(GOOD);
    let long = "x".repeat(250);
    for (name, what) in [
        ("NA", Some("a missing value")),
        ("true", Some("a truth value")),
        ("1e5", Some("a number")),
        ("2022-01-05", Some("a number")),
        ("jan-22", Some("a date")),
        ("\u{feff}=1+1", Some("begins with a letter")),
        ("=cmd", Some("begins with a letter")),
        ("a\u{202e}b", Some("on one line")),
        ("2022_base", None),
        ("Тоқаев", None),
        (long.as_str(), None),
    ] {
        let file = format!("{name}.toml");
        std::fs::write(w.folder.path().join(&file), GOOD).expect("a file");
        let output = kzsim(&["check", &file], w.folder.path());
        assert_eq!(
            output.status.code(),
            Some(if what.is_some() { 2 } else { 0 }),
            "{name}: {}",
            err(&output)
        );
        if let Some(what) = what {
            has(&err(&output), &["invalid file name", what]);
        }
    }
}

/// A seed file of a stranger leads to no file that its author could not read, and shows none.
#[test]
fn seed_files_lead_to_scenarios_nearby_alone() {
    let w = write(GOOD);
    let root = w.folder.path();
    std::fs::create_dir_all(root.join("far/near/seeds")).expect("a folder");
    std::fs::write(root.join("secret.txt"), "password = hunter2\n").expect("a file");
    let absolute = root.join("secret.txt").display().to_string();
    for (named, why) in [
        ("../../../secret.txt", "leads outside the folders"),
        (absolute.as_str(), "is an absolute path"),
    ] {
        let seed = format!("scenario = \"{named}\"\nseed = 1\nrounds = 10\n");
        std::fs::write(root.join("far/near/seeds/s.toml"), seed).expect("a file");
        let here = root.join("far/near/seeds");
        let output = kzsim(&["replicate", "s.toml"], &here);
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        has(
            &err(&output),
            &["s.toml: `scenario`", why, "expected a relative path"],
        );
        assert!(!err(&output).contains("hunter2"), "{}", err(&output));
        let output = kzsim(&["replicate", "s.toml", "--extends-anywhere"], &here);
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        has(&err(&output), &["secret.txt"]);
    }
}

/// Correlations of priors: `of`, `with` and rank, an entry for each.
fn correlated(entries: &[(&str, &str, f64)]) -> String {
    let mut text = GOOD.to_owned();
    for (k, (of, with, rank)) in entries.iter().enumerate() {
        let _ = write!(
            text,
            "\n[correlations.c{k}]\nof = \"{of}\"\nwith = \"{with}\"\nrank = {rank}\n"
        );
    }
    text
}

#[test]
fn correlations_name_priors_and_can_hold_together() {
    let (a, b, c) = (
        "parameters.nerve",
        "actors.new.loyalty.old",
        "actors.army.loyalty.old",
    );
    let told = |entries: &[(&str, &str, f64)]| told_of(&correlated(entries));
    assert_eq!(told(&[(a, b, 0.6), (b, c, -0.4), (a, c, 0.1)]), "good");
    // What is no prior here may be one elsewhere.
    assert_eq!(told(&[(a, "actors.army.caution", 0.6)]), "good");
    has(
        &told(&[(a, "actors.army.loyalty.odl", 0.6)]),
        &[
            "there is no number `actors.army.loyalty.odl`",
            "did you mean `actors.army.loyalty.old`?",
        ],
    );
    has(
        &told(&[(a, a, 0.6)]),
        &["`parameters.nerve` with itself", "two different priors"],
    );
    has(
        &told(&[(a, b, 0.6), (b, a, 0.5)]),
        &["have correlations.c0 already", "each pair once"],
    );
    has(
        &told(&[(a, b, 1.0)]),
        &["correlations.c0.rank is 1", "a number in [-0.99, 0.99]"],
    );
    has(
        &told(&[(a, b, 0.9), (a, c, 0.9)]),
        &[
            "is impossible beside the others",
            "`actors.new.loyalty.old` and `actors.army.loyalty.old` have none of their own",
        ],
    );
}

#[test]
fn dates_may_be_uncertain() {
    let at = |value: &str| told_of(&patched("at = 2022-01-02", &format!("at = {value}")));
    for good in [
        "{ min = 2022-01-02, max = 2022-01-05T12:00:00 }",
        "{ low = 2022-01-01, mode = 2022-01-02, high = 2022-02-01, says = 'one day' }",
        "{ p05 = 2022-01-02, p50 = 2022-01-04, p95 = 2022-01-09 }",
        "{ mean = 2022-01-04, sd = '2 days' }",
        "{ value = 2022-01-04 }",
        "{ min = 1, max = \"t0 + 5d\" }",
        "\"date('2022-01-03') + 2 * nerve\"",
    ] {
        assert_eq!(at(good), "good", "{good}");
    }
    let early = "{ min = 2021-12-31, max = 2022-01-05 }";
    has(
        &at(early),
        &[
            "at.min is the date 2021-12-31",
            "a date, 2022-01-01 or later",
        ],
    );
    has(
        &at("{ min = 2022-01-03, max = -5 }"),
        &["at.max is -5", "a date, 2022-01-01 or later"],
    );
    has(
        &at("{ min = 2022-01-03, max = 2022-01-02 }"),
        &["min 2 is above max 1"],
    );
    has(
        &at("\"turnout.max + 3\""),
        &["`turnout.max` cannot be used in an initial number"],
    );
    has(
        &at("\"2022-01-02\""),
        &["dates have no quotes: write 2022-01-02"],
    );
}

#[test]
fn durations_may_be_in_words() {
    for text in [
        "3 weeks", "2 months", "1 year", "0.5 days", "36 hours", "1 month",
    ] {
        let hold = format!("hold = \"{text}\"");
        assert_eq!(told_of(&patched("hold = \"1d\"", &hold)), "good", "{text}");
    }
    let scenario = Scenario::read(
        &write(&patched("hold = \"1d\"", "hold = \"2 months\"")).path,
        &[],
    );
    let numbers = scenario.expect("a readable file").0;
    let hold = numbers
        .numbers()
        .into_iter()
        .find(|n| n.path.ends_with("hold"));
    assert_eq!(hold.and_then(Number::fixed), Some(2.0 * 365.2425 / 12.0));
}

#[test]
fn formulas_may_be_series_by_date() {
    let series = |text: &str| {
        let formula = format!("[formulas]\nwheat = {text}");
        told_of(&patched("[formulas]", &formula).replace("price = 0.6", "price = \"0.6 * wheat\""))
    };
    assert_eq!(
        series("{ 2021-12-01 = 1.0, 2022-01-03 = 1.5, \"2022-01-04T12:00\" = 2 }"),
        "good"
    );
    has(
        &series("{ jan = 1.0 }"),
        &["formulas.wheat: `jan` is not a date", "from each date on"],
    );
    has(
        &series("{ 2022-01-03 = 1.0, 2022-01-02 = 2 }"),
        &["`2022-01-02` is not after the date before it"],
    );
    has(
        &series("{ 2022-01-03 = \"nerve\" }"),
        &["formulas.wheat.2022-01-03 is the text"],
    );
    has(&series("{}"), &["formulas.wheat: 0 dates", "1 to 60 dates"]);
}

#[test]
fn holders_and_stances_may_be_chances() {
    let holder = |text: &str| told_of(&patched("holder = \"new\"", &format!("holder = {text}")));
    assert_eq!(holder("{ new = 0.7, old = 0.2 }"), "good");
    has(
        &holder("{ new = 0.7, old = 0.4 }"),
        &[
            "offices.presidency.holder: the shares sum to 1.1",
            "the rest is nobody",
        ],
    );
    has(
        &holder("{ nw = 0.7 }"),
        &["there is no actor `nw`", "`new`?"],
    );
}
