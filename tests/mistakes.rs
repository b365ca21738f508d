//! Mistakes that people make who write scenarios by hand, and the sentence that each of them gets: what
//! was found, what is expected, what to write.

use crate::bad_input::{has, patched, told, told_of};
use crate::support::{GOOD, Written, code, err, out, told as run, write};

/// A change of the good scenario, and what is said of it: found, expected, help.
type Mistake = (&'static str, &'static str, [&'static str; 3]);

const CAUTION: &str = "caution = 0.4";
const OPPORTUNISM: &str = "opportunism = 0.5";
const AT: &str = "at = 2022-01-02";
const DAYS: &str = "days = 10";
const STEP: &str = "step = \"6h\"";
const HOLD: &str = "hold = \"1d\"";
const BY: &str = "by = \"new\"";
const OTHERWISE: &str = "otherwise = true";
const TITLE: &str = "title = \"A good scenario\"";
const ARMY: &str = "[actors.army]";
const WHEN: &str = "\"support.new.coercion > 0.6\"";
const EFFECT: &str = "\"grievance.capital += 0.3\"";
const ROUNDS: &str = "rounds = 100";

const SHARE: &str = "expected a number in [0, 1]";
const DATE: &str = "expected a date, such as 2022-01-0";
const DURATION: &str = "expected a duration such as \"6h\" or \"2d\"";
const ISO: &str = "dates are written year-month-day: write 2022-01-02";
const ID: &str = "expected a lower-case letter, then lower-case letters, digits and _";
const SIGNS: &str = "expected numbers, names, + - * / ^";
const LIST: &str = "expected a list of effects";

/// Every row is one fault.
const MISTAKES: &[Mistake] = &[
    // Numbers.
    (
        OPPORTUNISM,
        "opportunism = 70%",
        ["opportunism is `70%`", SHARE, "shares of 1: write 0.7"],
    ),
    (
        OPPORTUNISM,
        "opportunism = \"70 %\"",
        ["is the text \"70 %\"", SHARE, "write 0.7"],
    ),
    (
        OPPORTUNISM,
        "opportunism = 33.3 percent",
        ["is `33.3 percent`", SHARE, "write 0.333"],
    ),
    (
        OPPORTUNISM,
        "opportunism = 95",
        ["opportunism is 95", SHARE, "shares of 1: write 0.95"],
    ),
    (
        OPPORTUNISM,
        "opportunism = 0,7",
        ["is `0,7`", SHARE, "numbers have a decimal point: write 0.7"],
    ),
    (
        OPPORTUNISM,
        "opportunism = \"0,7\"",
        ["is the text \"0,7\"", SHARE, "write 0.7"],
    ),
    (
        CAUTION,
        "caution = -12,5",
        ["is `-12,5`", "a number", "decimal point: write -12.5"],
    ),
    (
        CAUTION,
        "caution = .7",
        [
            "is `.7`",
            "a number",
            "numbers begin with a digit: write 0.7",
        ],
    ),
    (
        CAUTION,
        "caution = -.25",
        ["is `-.25`", "a number", "write -0.25"],
    ),
    (
        CAUTION,
        "caution = 0.7.",
        [
            "is `0.7.`",
            "a number",
            "numbers end with a digit: write 0.7",
        ],
    ),
    (
        CAUTION,
        "caution = 7e",
        ["is `7e`", "a number", "an exponent has digits: write 7"],
    ),
    (
        CAUTION,
        "caution = 07",
        ["is `07`", "a number", "no zeros in front: write 7"],
    ),
    (
        CAUTION,
        "caution = −0.5",
        ["is `−0.5`", "a number", "the hyphen `-`: write -0.5"],
    ),
    (
        CAUTION,
        "caution = 0.1-0.5",
        ["is `0.1-0.5`", "a number", "write { min = 0.1, max = 0.5 }"],
    ),
    (
        CAUTION,
        "caution = \"0.1–0.5\"",
        ["is the text", "a number", "write { min = 0.1, max = 0.5 }"],
    ),
    (
        CAUTION,
        "caution = 0,1–0,5",
        ["is `0,1–0,5`", "a number", "write { min = 0.1, max = 0.5 }"],
    ),
    (
        CAUTION,
        "caution = [0.1, 0.5]",
        ["is an array", "a number", "write { min = 0.1, max = 0.5 }"],
    ),
    (
        CAUTION,
        "caution = 0.5 ± 0.1",
        [
            "is `0.5 ± 0.1`",
            "a number",
            "write { mean = 0.5, sd = 0.1 }",
        ],
    ),
    (
        CAUTION,
        "caution = { low = 0,1, mode = 0.2, high = 0.4, says = \"a, b = c\" }",
        ["caution.low is `0,1`", "a number", "write 0.1"],
    ),
    (
        CAUTION,
        "caution = { low: 0.1, mode = 0.2, high = 0.4 }",
        ["`:` after a key", "a single `=`", "write low ="],
    ),
    (
        "[parameters]",
        "[parameters]\nfrom = 2022-01-05",
        [
            "parameters.from is the date 2022-01-05",
            "a number",
            "write \"date('2022-01-05')\"",
        ],
    ),
    (
        "[flags.moved]\nwhen = \"happened.move\"",
        "[flags.moved]\nwhen = 2022-01-05",
        [
            "is the date 2022-01-05",
            "an expression, in quotes",
            "write \"day >= date('2022-01-05')\"",
        ],
    ),
    (
        "[dynamics]",
        "[dynamics]\ndecide_from = 0.2",
        [
            "`decide_from` was removed in kzsim 0.2.0",
            "one of prospect_weight",
            "delete it: what did not move a mover before",
        ],
    ),
    (
        "[actions.shock]",
        "[actions.shock]\nrally = {}",
        [
            "missing key `actions.shock.rally.side`",
            "expected side = \"old\"",
            "",
        ],
    ),
    (
        ROUNDS,
        "rounds = 10,000",
        ["rounds is `10,000`", "a whole number", "write 10000"],
    ),
    (
        ROUNDS,
        "rounds = 10 000",
        [
            "rounds is `10 000`",
            "a whole number",
            "between thousands: write 10000",
        ],
    ),
    (
        ROUNDS,
        "rounds = 100k",
        ["rounds is `100k`", "a whole number", "write 100000"],
    ),
    (
        ROUNDS,
        "rounds = \"100\"",
        [
            "rounds is the text \"100\"",
            "a whole number",
            "no quotes: write 100",
        ],
    ),
    (
        ROUNDS,
        "rounds = 100;",
        ["rounds is `100;`", "a whole number", "write 100"],
    ),
    (
        ROUNDS,
        "rounds = 100 // many",
        [
            "rounds is `100 // many`",
            "a whole number",
            "begins with #: write 100",
        ],
    ),
    (
        ROUNDS,
        "rounds = 10.000",
        [
            "rounds is 10",
            "a whole number",
            "a whole number has no point: write 10000, or 10",
        ],
    ),
    (
        ROUNDS,
        "rounds = 100.0",
        ["rounds is 100.0", "a whole number", "no point: write 100"],
    ),
    (
        ROUNDS,
        "rounds = 1.000.000",
        ["rounds is `1.000.000`", "a whole number", "write 1000000"],
    ),
    (
        ROUNDS,
        "rounds = \"2m\"",
        ["rounds is the text", "a whole number", "write 2000000"],
    ),
    (
        CAUTION,
        "caution = -1,000",
        ["is `-1,000`", "a number", "write -1000 or -1.000"],
    ),
    (
        CAUTION,
        "caution = 1,234.5",
        [
            "is `1,234.5`",
            "a number",
            "between thousands: write 1234.5",
        ],
    ),
    (
        "loyalty.new = 0.3",
        "loyalty.new = nerve * 2",
        [
            "is `nerve * 2`",
            SHARE,
            "expressions are in quotes: write \"nerve * 2\"",
        ],
    ),
    (
        "loyalty.new = 0.3",
        "loyalty.new = nerve",
        [
            "is `nerve`",
            SHARE,
            "expressions are in quotes: write \"nerve\"",
        ],
    ),
    (
        "loyalty.new = 0.3",
        "loyalty.new = y",
        ["is `y`", SHARE, "expressions are in quotes: write \"y\""],
    ),
    // Dates.
    (AT, "at = 2.1.2022", ["at is `2.1.2022`", DATE, ISO]),
    (
        AT,
        "at = 02/01/2022",
        [
            "at is `02/01/2022`",
            DATE,
            "write 2022-01-02 for 2 January, or 2022-02-01 for 1 February",
        ],
    ),
    (
        AT,
        "at = 1/13/2022",
        ["at is `1/13/2022`", DATE, "write 2022-01-13"],
    ),
    (
        AT,
        "at = 2 January 2022",
        ["at is `2 January 2022`", DATE, ISO],
    ),
    (
        AT,
        "at = Jan 2nd, 2022",
        ["at is `Jan 2nd, 2022`", DATE, ISO],
    ),
    (
        AT,
        "at = \"2022-01-02\"",
        [
            "at is the text \"2022-01-02\"",
            DATE,
            "dates have no quotes: write 2022-01-02",
        ],
    ),
    (AT, "at = 2022-1-2", ["at is `2022-1-2`", DATE, ISO]),
    (AT, "at = 20220102", ["at is 20220102", DATE, ISO]),
    (AT, "at = 2022–01–02", ["at is `2022–01–02`", DATE, ISO]),
    (
        AT,
        "at = \"2022-01-02T16:30:00\"",
        [
            "at is the text",
            DATE,
            "dates have no quotes: write 2022-01-02T16:30:00",
        ],
    ),
    (
        AT,
        "at = 2.1.2022 9:30",
        ["at is `2.1.2022 9:30`", DATE, "write 2022-01-02T09:30:00"],
    ),
    (
        AT,
        "at = 2/1/22",
        ["at is `2/1/22`", DATE, "write 2022-01-02 for 2 January"],
    ),
    (
        "start = 2022-01-01",
        "start = \"2022-01-01T16:30:00\"",
        [
            "clock.start is the text",
            DATE,
            "this date has no time: write 2022-01-01",
        ],
    ),
    (
        "start = 2022-01-01",
        "start = 1.1.2022",
        ["clock.start is `1.1.2022`", DATE, "write 2022-01-01"],
    ),
    // Durations.
    (
        HOLD,
        "hold = \"1 mo\"",
        ["hold is the text \"1 mo\"", DURATION, "write \"1 month\""],
    ),
    (
        HOLD,
        "hold = \"1 Day\"",
        ["hold is the text \"1 Day\"", DURATION, "write \"1d\""],
    ),
    (
        HOLD,
        "hold = 6 hours",
        ["hold is `6 hours`", DURATION, "write \"6h\""],
    ),
    (
        HOLD,
        "hold = 3",
        [
            "hold is 3",
            DURATION,
            "durations have a unit: write \"3d\" for 3 days",
        ],
    ),
    (
        STEP,
        "step = \"1m\"",
        [
            "clock.step is the text \"1m\"",
            "expected a duration",
            "write \"1min\" for minutes, or \"1 month\" for months",
        ],
    ),
    (
        HOLD,
        "hold = \"0.01 mo\"",
        ["hold is the text", DURATION, "write \"0.01 months\""],
    ),
    (
        HOLD,
        "hold = \"1-2 m\"",
        [
            "hold is the text",
            DURATION,
            "write { min = \"1min\", max = \"2min\" } for minutes, or { min = \"1 month\", max = \"2 months\" } for \
             months",
        ],
    ),
    (
        DAYS,
        "days = 2m",
        [
            "clock.days is `2m`",
            "a whole number",
            "it is a number of days: write 61",
        ],
    ),
    (
        STEP,
        "step = 6h",
        ["clock.step is `6h`", "expected a duration", "write \"6h\""],
    ),
    (
        DAYS,
        "days = \"3 weeks\"",
        [
            "clock.days is the text \"3 weeks\"",
            "a whole number",
            "write 21",
        ],
    ),
    // Words and quotes.
    (
        BY,
        "by = new",
        [
            "by is `new`",
            "expected text, in quotes",
            "text is in quotes: write \"new\"",
        ],
    ),
    (
        BY,
        "by = “new”",
        [
            "by is `“new”`",
            "expected text, in quotes",
            "quotes are straight: write \"new\"",
        ],
    ),
    (
        BY,
        "by = \"new",
        ["by is `\"new`", "expected text, in quotes", "write \"new\""],
    ),
    (
        TITLE,
        "title = «Good»",
        ["title is `«Good»`", "expected text", "write \"Good\""],
    ),
    (
        TITLE,
        "title = 2022",
        ["title is 2022", "expected text", "write \"2022\""],
    ),
    (
        OTHERWISE,
        "otherwise = True",
        [
            "otherwise is `True`",
            "expected true or false",
            "write true",
        ],
    ),
    (
        OTHERWISE,
        "otherwise = yes",
        ["otherwise is `yes`", "expected true or false", "write true"],
    ),
    (
        OTHERWISE,
        "otherwise = \"true\"",
        [
            "otherwise is the text",
            "expected true or false",
            "write true",
        ],
    ),
    (
        "kind = \"body\"",
        "kind = body",
        ["kind is `body`", "\"person\" or \"body\"", "write \"body\""],
    ),
    (
        "kind = \"body\"",
        "kind = “body”",
        [
            "kind is `“body”`",
            "\"person\" or \"body\"",
            "quotes are straight: write \"body\"",
        ],
    ),
    (
        "kind = \"body\"",
        "kind = \"“body”\"",
        [
            "kind is the text",
            "\"person\" or \"body\"",
            "write \"body\"",
        ],
    ),
    (
        OTHERWISE,
        "otherwise = “yes”",
        ["otherwise is", "expected true or false", "write true"],
    ),
    // Keys and headers.
    (
        ARMY,
        "[actors.army",
        [
            "a table header without its `]`",
            "[SECTION.ID]",
            "write [actors.army]",
        ],
    ),
    (
        ARMY,
        "[actors.Army]",
        [
            "invalid id `Army`",
            ID,
            "write army; a display name goes into `name`",
        ],
    ),
    (
        ARMY,
        "[actors.аrmy]",
        [
            "invalid id `аrmy`",
            ID,
            "write army; a display name goes into `name`. The `а` (U+0430, Cyrillic) that you wrote is not the Latin `a`",
        ],
    ),
    (
        ARMY,
        "[actors.ármy]",
        ["invalid id `ármy`", ID, "write army"],
    ),
    (
        "[flags.moved]",
        "[flags.has moved]",
        ["invalid id `has moved`", ID, "write has_moved"],
    ),
    (
        "[flags.moved]",
        "[flag.moved]",
        [
            "unknown key `flag`",
            "expected one of schema",
            "did you mean `flags`?",
        ],
    ),
    (
        DAYS,
        "days: 10",
        ["`:` after a key", "a single `=`", "write days = …"],
    ),
    (
        DAYS,
        "days == 10",
        ["`==` after a key", "a single `=`", "write days = …"],
    ),
    (
        DAYS,
        "days\u{a0}= 10",
        [
            "a no-break space (U+00A0)",
            "ordinary spaces",
            "type an ordinary space",
        ],
    ),
    (
        CAUTION,
        "caution = 0.4\ncaution = 0.5",
        [
            "duplicate key `caution`",
            "each key once",
            "it is first on line 45",
        ],
    ),
    // Expressions.
    (
        WHEN,
        "\"day > 2022-01-05\"",
        [
            "`2022-01-05` is not a number",
            "dates in date( )",
            "write date('2022-01-05')",
        ],
    ),
    (
        WHEN,
        "\"day > 5.1.2022\"",
        [
            "`5.1.2022` is not a number",
            "dates in date( )",
            "write date('2022-01-05')",
        ],
    ),
    (
        WHEN,
        "\"day > '2022-01-05'\"",
        [
            "the text \"2022-01-05\" where a value should be",
            "a number",
            "write date('2022-01-05')",
        ],
    ),
    (
        WHEN,
        "\"day > date(‘2022-01-05’)\"",
        ["`‘` (U+2018) has no meaning", SIGNS, "quotes are straight"],
    ),
    (
        WHEN,
        "\"nerve > 70%\"",
        ["`%` has no meaning", SIGNS, "shares of 1: write 0.7"],
    ),
    (
        WHEN,
        "\"nerve > 0,7\"",
        [
            "`,` where the expression should",
            "an operator",
            "decimal point: write 0.7",
        ],
    ),
    (
        WHEN,
        "\"nerve > .7\"",
        ["`.` has no meaning", SIGNS, "begin with a digit: write 0.7"],
    ),
    (
        WHEN,
        "\"nerve > 7e\"",
        ["`7e` is not a number", "a decimal number", "write 7"],
    ),
    (
        WHEN,
        "\"open_split = 1\"",
        ["a single `=`", "`==`, which compares", "write `==`"],
    ),
    (
        WHEN,
        "\"open_split && nerve\"",
        ["`&&` in an expression", SIGNS, "write `and`"],
    ),
    (
        WHEN,
        "\"open_split || nerve\"",
        ["`||` in an expression", SIGNS, "write `or`"],
    ),
    (
        WHEN,
        "\"!open_split\"",
        ["`!` where a value should be", "a number", "write `not`"],
    ),
    (
        WHEN,
        "\"open_split AND nerve\"",
        ["`AND` where the expression", "an operator", "write `and`"],
    ),
    (
        WHEN,
        "\"nerve ≥ 0.5\"",
        ["`≥` in an expression", SIGNS, "write `>=`"],
    ),
    (
        WHEN,
        "\"nerve − 0.5\"",
        ["`−` (U+2212) has no meaning", SIGNS, "write the hyphen -"],
    ),
    (
        WHEN,
        "\"nerve\u{a0}> 0.5\"",
        [
            "a no-break space (U+00A0) has no meaning",
            SIGNS,
            "an ordinary space",
        ],
    ),
    (
        WHEN,
        "\"nеrve > 0.5\"",
        [
            "`nеrve` has no meaning in an expression",
            SIGNS,
            "write `nerve`. The `е` (U+0435, Cyrillic) that you wrote is not the Latin `e`",
        ],
    ),
    (
        WHEN,
        "\"holds.new.presidency\"",
        [
            "there is no office `new`",
            "one of presidency",
            "did you mean `holds.presidency.new`?",
        ],
    ),
    (
        WHEN,
        "\"loyalty.banker.army > 0\"",
        [
            "there is no contender `army`: `army` is the id of an actor",
            "one of old, new",
            "",
        ],
    ),
    (
        WHEN,
        "nerve > 0.5",
        [
            "when is `nerve > 0.5`",
            "an expression, in quotes",
            "write \"nerve > 0.5\"",
        ],
    ),
    // Effects.
    (
        EFFECT,
        "\"signal.new 0.4\"",
        [
            "an effect without `=`",
            "NAME = VALUE",
            "write \"signal.new += 0.4\" to add",
        ],
    ),
    (
        EFFECT,
        "\"openness == 0.4\"",
        ["`==` in an effect", "NAME = VALUE", "write a single `=`"],
    ),
    (
        EFFECT,
        "\"support.new += 0.4\"",
        [
            "`support.new` cannot be changed",
            "a variable, loyalty",
            "`support` is computed at every step",
        ],
    ),
    (
        EFFECT,
        "\"openness = 70%\"",
        [
            "the expression `70%`",
            "a number, or an expression",
            "write 0.7",
        ],
    ),
    (
        "effects = [\"grievance.capital += 0.3\"]",
        "effects = \"openness = 0\"",
        ["effects is the text", LIST, "write [\"openness = 0\"]"],
    ),
    (
        "effects = [\"grievance.capital += 0.3\"]",
        "effects = 'openness = day > date(\"2022-01-05\")'",
        [
            "effects is the text",
            LIST,
            "write ['openness = day > date(\"2022-01-05\")']",
        ],
    ),
    (
        EFFECT,
        "\"happened.move = 1\"",
        [
            "`happened.move` cannot be changed",
            "a variable, loyalty",
            "kzsim keeps `happened`: it follows from what happens",
        ],
    ),
    (
        EFFECT,
        "\"holds.presidency.old = 1\"",
        [
            "`holds.presidency.old` cannot be changed",
            "a variable, loyalty",
            "write office.presidency = old",
        ],
    ),
    (
        "effects = [\"grievance.capital += 0.3\"]",
        "effects = [openness = 0]",
        [
            "an effect is `openness = 0`",
            "text, such as",
            "write \"openness = 0\"",
        ],
    ),
];

#[test]
fn each_mistake_gets_its_sentence() {
    assert!(MISTAKES.len() >= 60);
    let mut wrong = Vec::new();
    for (from, to, says) in MISTAKES {
        let message = told_of(&patched(from, to));
        let says_all = says.iter().all(|part| message.contains(part));
        if !says_all || !message.ends_with("\n1 fault") {
            wrong.push(format!("{to}\nwanted {says:?}\n{message}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// What looks like a mistake and is none.
#[test]
fn arithmetic_and_headings_are_no_mistakes() {
    for good in [
        "0.5 / 3",
        "1.5/30",
        "2.5 / 30",
        "1/7.25",
        "12.5-10",
        "12 / 5 / 30",
        "12-5-10",
        "0.1 - 0.5",
        "day > 2000-1.5",
        "0 and 1",
        "2 and 3",
        "(1-2)",
    ] {
        let text = patched(WHEN, &format!("\"{good}\""));
        assert_eq!(told_of(&text), "good", "{good}");
    }
    for told in ["5.1.2022", "1/13/2022", "1/2/22", "0.1-0.5", "1.5/30%"] {
        let text = patched(WHEN, &format!("\"{told}\""));
        assert_ne!(told_of(&text), "good", "{told}");
    }
    for title in ["2022", "May 2022", "2022-01-05", "NA"] {
        let text = patched(TITLE, &format!("title = \"{title}\""));
        assert_eq!(told_of(&text), "good", "{title}");
    }
    has(
        &told_of(&patched(TITLE, "title = \" \"")),
        &["title is empty", "one line of text", "\n1 fault"],
    );
}

/// Of these it is not known what to write.
#[test]
fn what_would_be_wrong_is_not_advised() {
    for (from, to, never) in [
        (ROUNDS, "rounds = \"30d\"", "days"),
        ("seed = 7", "seed = \"30d\"", "days"),
        (HOLD, "hold = \"-3 days\"", "help"),
        (HOLD, "hold = -3", "help"),
        (AT, "at = 2.1.2022 25:99", "help"),
        ("[flags.moved]", "[flags.NA]", "help"),
        ("[flags.moved]", "[flags.Mar1]", "help"),
        ("[flags.moved]", "[flags.Outcome]", "help"),
        (CAUTION, "caution = n m", "write 0"),
    ] {
        let message = told_of(&patched(from, to));
        assert!(!message.contains(never), "{to}: {message}");
        has(&message, &["\n1 fault"]);
    }
}

#[test]
fn a_dot_in_a_quoted_key_separates_nothing() {
    let text = patched(CAUTION, "caution = 0.4\n\"may.be\" == 1");
    has(
        &told_of(&text),
        &["unknown key `may.be`", "`==` after a key"],
    );
}

#[test]
fn an_unknown_id_is_told_as_written() {
    let text = patched("holder = \"new\"", "holder = \"japan crowd\"");
    has(&told_of(&text), &["there is no actor `japan crowd`"]);
}

#[test]
fn mistakes_of_several_lines_are_told_at_once_and_names_are_checked_too() {
    let text = patched(OPPORTUNISM, "opportunism = 70%")
        .replace(AT, "at = 2.1.2022")
        .replace(BY, "by = \"nww\"")
        .replace(ARMY, "[actors.army");
    let message = told_of(&text);
    has(
        &message,
        &[
            "write 0.7",
            "write 2022-01-02",
            "did you mean `new`?",
            "write [actors.army]",
            "\n4 faults",
        ],
    );
}

#[test]
fn what_a_base_holds_is_told_though_it_is_overridden() {
    let text = patched(OPPORTUNISM, "opportunism = 70%");
    let message = told(&write(&text).path, &["actors.army.opportunism=0.5"]);
    has(&message, &["`70%` is not a value", "\n1 fault"]);
}

/// What the program says of a file with these bytes.
fn file(name: &str, bytes: &[u8]) -> String {
    let w = write(GOOD);
    std::fs::write(w.folder.path().join(name), bytes).expect("a file");
    let done = run(&w, &format!("check {name}"));
    assert_ne!(code(&done), 0, "{name}: {}", out(&done));
    err(&done)
}

#[test]
fn files_of_another_kind() {
    let utf16: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    has(
        &file("a.toml", &[&b"\xff\xfe"[..], &utf16].concat()),
        &["is UTF-16 text; save it as UTF-8"],
    );
    has(&file("a.toml", &utf16), &["is UTF-16 text"]);
    has(
        &file("a.xlsx", b"PK\x03\x04\x14\x00\x06\xff\xfe"),
        &["is a spreadsheet, a document or an archive"],
    );
    has(
        &file("a.toml", b"schema = 1\ntitle = \"Jo\xe3o\"\n"),
        &["is not UTF-8 text (byte 23 on line 2)", "Windows-1252"],
    );
    has(
        &file("a.toml", GOOD.replace('\n', "\r").as_bytes()),
        &["a carriage return alone", "1 fault"],
    );
    let csv = "id;on;reliability\na;2022-01-05;0,9\nb;2022-01-06;0,8\n";
    has(
        &file("a.csv", csv.as_bytes()),
        &[
            "a table of 3 columns with semicolons (CSV)",
            "a scenario is TOML",
            "1 fault",
        ],
    );
    has(
        &file("a.toml", csv.replace(';', ",").as_bytes()),
        &["a table of "],
    );
    let quoted: Vec<String> = GOOD
        .lines()
        .map(|l| format!("\"{}\"\n", l.replace('"', "\"\"")))
        .collect();
    let quoted = quoted.concat();
    has(
        &file("a.toml", quoted.as_bytes()),
        &["every line is in quotes", "in a text editor", "1 fault"],
    );
    has(
        &file("a.json", b"{\n \"schema\": 1\n}\n"),
        &["JSON", "expected TOML", "kzsim new"],
    );
    has(
        &file("a.yaml", b"---\nschema: 1\n"),
        &["YAML", "expected TOML"],
    );
    // These are read.
    for good in [
        format!("\u{feff}{GOOD}"),
        GOOD.replace('\n', "\r\n"),
        GOOD.replace(" = ", "\t=\t"),
    ] {
        assert_eq!(told_of(&good), "good");
    }
}

const EVIDENCE: &str =
    "schema = 1\n[observations.a]\non = 2022-01-05\nwhen = \"happened.move\"\nreliability = 0.9\n";

/// The good scenario with an evidence file beside it.
fn beside(evidence: &str) -> Written {
    let w = write(GOOD);
    std::fs::write(w.folder.path().join("e.toml"), evidence).expect("a file");
    w
}

#[test]
fn evidence_and_scenarios_are_told_apart() {
    let w = beside(EVIDENCE);
    let done = run(&w, "run e.toml");
    has(
        &err(&done),
        &[
            "an evidence file, for it has [observations]",
            "expected a scenario",
            "--given",
            "1 fault",
        ],
    );
    let done = run(&w, "run test.toml --given test.toml");
    has(
        &err(&done),
        &[
            "a scenario, not evidence",
            "[observations.ID]",
            "name the evidence here",
            "1 fault",
        ],
    );
}

#[test]
fn mistakes_in_evidence() {
    for (from, to, says) in [
        (
            "on = 2022-01-05",
            "on = 5.1.2022",
            ["observations.a.on is `5.1.2022`", DATE, "write 2022-01-05"],
        ),
        (
            "= 0.9",
            "= 90%",
            [
                "observations.a.reliability is `90%`",
                "[0.5, 1]",
                "write 0.9",
            ],
        ),
        (
            "= \"happened.move\"",
            "= ”happened.move”",
            [
                "when is `”happened.move”`",
                "in quotes",
                "write \"happened.move\"",
            ],
        ),
    ] {
        assert!(EVIDENCE.contains(from), "{from}");
        let done = run(&beside(&EVIDENCE.replace(from, to)), "check e.toml");
        has(&err(&done), &says);
        has(&err(&done), &["1 fault"]);
    }
}

#[test]
fn two_observations_that_are_one_are_noted() {
    let again = EVIDENCE
        .replace("schema = 1\n", "")
        .replace("observations.a", "observations.b");
    let note = "note: observations.b repeats observations.a (the same `on` and `when`)";
    let w = beside(&format!("{EVIDENCE}{again}"));
    has(&out(&run(&w, "check e.toml")), &[note]);
    has(&out(&run(&w, "check test.toml --evidence e.toml")), &[note]);
    has(&err(&run(&w, "run test.toml --given e.toml")), &[note]);
    let other = w.folder.path().join("other.toml");
    std::fs::copy(&w.path, other).expect("a copy");
    let line = "weigh test.toml other.toml --evidence e.toml --rounds 100";
    has(&err(&run(&w, line)), &[note]);
    let grouped = |text: &str| text.replace("reliability", "group = \"press\"\nreliability");
    let w = beside(&format!("{}{}", grouped(EVIDENCE), grouped(&again)));
    assert!(!out(&run(&w, "check e.toml")).contains("note:"));
}

#[test]
fn a_percentage_beside_a_share_is_noted() {
    let w = write(&patched("coercion = 0.7", "coercion = 40"));
    has(
        &out(&run(&w, "check test.toml")),
        &[
            "note: arenas.coercion is 40 beside economy = 0.3",
            "99.3 %",
            "write 0.4",
        ],
    );
    let w = write(&patched("coercion = 0.7", "coercion = 2"));
    assert!(!out(&run(&w, "check test.toml")).contains("note: arenas"));
}

/// A command line, and what is said of it.
#[test]
#[expect(clippy::too_many_lines, reason = "one case after the other")]
fn mistakes_on_the_command_line() {
    let w = write(GOOD);
    let put =
        |name: &str, text: &str| std::fs::write(w.folder.path().join(name), text).expect("a file");
    put(
        "excel.csv",
        "\u{feff}parameters.nerve;actors.army.caution\n0,3;0,4\n",
    );
    put(
        "blank.csv",
        "parameters.nerve,actors.army caution\n0.3,0.4\n",
    );
    put("nameless.csv", "parameters.nerve,\n0.3,\n");
    for (line, says) in [
        (
            "check test.toml --set actors.army.caution=0,7",
            ["caution is the text \"0,7\"", "a number", "write 0.7"],
        ),
        (
            "check test.toml --set actors.army.caution=70%",
            ["caution is the text \"70%\"", "a number", "write 0.7"],
        ),
        (
            "check test.toml --set actors.army.caution=0.1-0.5",
            [
                "the text \"0.1-0.5\"",
                "a number",
                "{ min = 0.1, max = 0.5 }",
            ],
        ),
        (
            "check test.toml --set clock.start=5.1.2022",
            [
                "clock.start is the text \"5.1.2022\"",
                "a date",
                "write 2022-01-05",
            ],
        ),
        (
            "check test.toml --set clock.days=30d",
            [
                "clock.days is the text \"30d\"",
                "a whole number",
                "write 30",
            ],
        ),
        (
            "check test.toml --set actors.Army.caution=1",
            [
                "there is no `Army` in [actors]",
                "an existing entry",
                "`army`?",
            ],
        ),
        (
            "check test.toml --set actors.army.caution:1",
            [
                "a setting without `=`",
                "PATH=VALUE",
                "write actors.army.caution=1",
            ],
        ),
        (
            "check test.toml --set actors.army.caution==1",
            [
                "`==` in a setting",
                "PATH=VALUE",
                "write actors.army.caution=1",
            ],
        ),
        (
            "sweep test.toml --over parameters.nerve=0.1-0.5",
            [
                "expected PATH=a,b,c",
                "PATH=low..high:n",
                "write parameters.nerve=0.1..0.5:5",
            ],
        ),
        (
            "sweep test.toml --over parameters.nerve=0.1:0.5",
            [
                "expected PATH=a,b,c",
                "PATH=low..high:n",
                "write parameters.nerve=0.1..0.5:5",
            ],
        ),
        (
            "sweep test.toml --over parameters.nerve=0,1..0,5:3",
            [
                "expected numbers for low and high",
                "0.1..0.5:5",
                "write parameters.nerve=0.1..0.5:3",
            ],
        ),
        (
            "sweep test.toml --over parameters.nerve=0,1;0,5",
            [
                "expected commas between values",
                "",
                "write parameters.nerve=0.1,0.5",
            ],
        ),
        (
            "sweep test.toml --over parameters.nerve=0,1,0,5",
            ["the value 0 is given twice", "decimal point", ""],
        ),
        (
            "sweep test.toml --over parameters.nerve:0.1",
            ["expected PATH=a,b,c", "", "write parameters.nerve=0.1"],
        ),
        (
            "sweep test.toml --design excel.csv",
            [
                "semicolons between them",
                "expected commas",
                "decimal points for decimal commas",
            ],
        ),
        (
            "sweep test.toml --design blank.csv",
            [
                "`actors.army caution` in the header has a blank",
                "expected the path of a setting",
                "",
            ],
        ),
        (
            "sweep test.toml --design nameless.csv",
            ["column 2 has no name", "expected the path of a setting", ""],
        ),
        (
            "run test.toml --rounds 10,000",
            [
                "invalid number of rounds `10,000`",
                "expected a whole number from 1 to",
                "write 10000",
            ],
        ),
        (
            "run test.toml --rounds 10.000",
            [
                "invalid number of rounds `10.000`",
                "expected a whole number from 1 to",
                "a whole number has no point: write 10000, or 10",
            ],
        ),
        (
            "run test.toml --rounds 30d",
            [
                "invalid number of rounds `30d`",
                "expected a whole number from 1 to",
                "",
            ],
        ),
        (
            "check test.toml --set rounds=10.000",
            ["rounds is 10", "a whole number", "write 10000, or 10"],
        ),
        (
            "run test.toml --rounds 1Mio",
            [
                "invalid number of rounds `1Mio`",
                "expected a whole number from 1 to",
                "write 1000000",
            ],
        ),
        (
            "run test.toml --precision 0,5",
            [
                "invalid half width `0,5`",
                "expected a number from 0.000001",
                "write 0.5",
            ],
        ),
        (
            "run test.toml --precision 1%",
            [
                "invalid half width `1%`",
                "expected a number from 0.000001",
                "write 0.01",
            ],
        ),
        (
            "weigh test.toml test.toml --evidence e.toml --prior test=30%",
            [
                "invalid prior weight `test=30%`",
                "expected a weight of 0 or more",
                "write 0.3",
            ],
        ),
    ] {
        let done = run(&w, line);
        assert_eq!(code(&done), 2, "{line}: {}{}", out(&done), err(&done));
        has(&err(&done), &says);
    }
    // What a scenario may hold, an argument may too.
    assert_eq!(code(&run(&w, "run test.toml --rounds 1e2 --seed 1_000")), 0);
}

#[test]
fn a_blank_after_a_comma_of_a_design_is_read() {
    let w = write(GOOD);
    let text = "parameters.nerve, actors.army.caution\n0.3, 0.4\n";
    std::fs::write(w.folder.path().join("design.csv"), text).expect("a file");
    let done = run(&w, "sweep test.toml --rounds 10 --design design.csv");
    assert_eq!(code(&done), 0, "{}", err(&done));
}

#[test]
fn a_path_that_leads_out_says_where_to_start() {
    let w = write(GOOD);
    let deep = w.folder.path().join("a/b");
    std::fs::create_dir_all(&deep).expect("folders");
    std::fs::write(
        deep.join("over.toml"),
        "schema = 1\nextends = \"../../test.toml\"\n",
    )
    .expect("a file");
    let done = crate::support::kzsim(&["check", "over.toml"], &deep);
    let root = w.folder.path().canonicalize().expect("a folder");
    let help = format!("start kzsim in {}, which holds both files", root.display());
    has(&err(&done), &["`extends` leads outside", &help]);
}
