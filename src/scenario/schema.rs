//! The language as a JSON Schema, made from `scenario::grammar`, for editors that complete and
//! check scenarios while they are written.
//!
//! The schema never refuses what `kzsim check` accepts. It cannot see everything that `check`
//! sees: whether names exist, whether expressions make sense, whether ranges rise. What a file without
//! `extends` must have is asked under `then`, because an overlay may leave it out. Draft-07 is what Taplo, Even Better TOML and
//! Tombi read. Tombi also tells dates from texts, by their formats, and takes tables for closed unless a schema says more.

use serde_json::{Map, Value, json};

use super::evidence::EVIDENCE;
use super::expression::LONGEST;
use super::grammar::{Key, LAW, LAWS, LONGEST_ID, Leaf, REMARKS, RESERVED, Shape};
use super::limits;
use super::model::SCENARIO;

/// A duration: a number and a unit.
const DURATION: &str = r"^\s*\+?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)\s*(s|min|h|d|w|seconds?|minutes?|hours?|days?|weeks?|months?|years?)\s*$";
/// The midnight of a day.
const MIDNIGHT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]00:00(:00(\.0+)?)?$";
/// A moment of a day.
const MOMENT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$";
/// A time after the start.
const AFTER: &str = r"^\s*t0(\s*[-+].*)?\s*$";
/// A day, a moment of one, or a time after the start, as a key.
const DATED: &str = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?|\s*t0(\s*[-+].*)?\s*)$";
/// One line that a spreadsheet does not take for a formula.
const LINE: &str = r"^\s*[^\s=+@\u0000-\u001f\u007f-\u009f-][^\u0000-\u001f\u007f-\u009f]*$";
/// A code of a case table.
const CODE: &str = r"^\s*[+-]?[0-9]+(\.[0-9]+)?\s*$";
/// A target, in which `{it}` may stand for an id, a sign and a value.
const EFFECT: &str = r"^\s*[a-z{][a-z0-9_.*{}\s]*[-+*]?=\s*[^=\s]";

/// The schema of scenario files.
#[must_use]
pub fn scenario() -> Value {
    let title = "A scenario of kzsim";
    let says = "Who struggles for power, how loyal each is to each contender, what each may do, and \
                how sure the analyst is of every number. See docs/SCENARIO.md.";
    let entry = |section: &str| format!("/properties/{section}/patternProperties/{}", id_pattern());
    let mut schema = Value::Object(top(&SCENARIO, title, says));
    add(&mut schema, &entry("outcomes"), outcome());
    let mut then = Value::Object(needs(&SCENARIO).unwrap_or_default());
    let when = json!({"anyOf": [{"required": ["when"]}, {"required": ["otherwise"]}]});
    let failure = json!({"dependencies": {"failure": ["success"]}});
    add(&mut then, &entry("actions"), failure);
    if let Some(actions) = then.pointer_mut("/properties/actions") {
        // What one of several actions lacks may stand in the one that is written for all of them.
        let none = json!({"additionalProperties": {"not": {"required": ["for"]}}});
        *actions = json!({"if": none, "then": actions.take()});
    }
    add(
        &mut then,
        "/properties/outcomes",
        json!({"patternProperties": {(id_pattern()): when}}),
    );
    add(
        &mut schema,
        "",
        json!({"if": {"not": {"required": ["extends"]}}, "then": then}),
    );
    finished(schema)
}

/// The schema of evidence files.
#[must_use]
pub fn evidence() -> Value {
    let title = "Evidence for kzsim";
    let says = "Dated observations, each with a reliability, to compare scenarios with. See \
                docs/SCENARIO.md.";
    let mut schema = Value::Object(top(&EVIDENCE, title, says));
    // Such a file always stands on its own.
    let then = needs(&EVIDENCE).unwrap_or_default();
    add(&mut schema, "", json!({"if": true, "then": then}));
    finished(schema)
}

/// Moves the keys of laws, of which there are many alike, among the definitions.
fn share(value: &mut Value, definitions: &mut Map<String, Value>) {
    let children: Vec<&mut Value> = match value {
        Value::Object(map) => {
            if let Some(Value::Object(keys)) = map.get_mut("properties")
                && keys.contains_key("value")
            {
                for (name, key) in keys {
                    *key = reference(name, key, definitions);
                }
            }
            map.values_mut().collect()
        }
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        share(child, definitions);
    }
}

/// A reference to a definition with this content, which is added if there is none.
fn reference(name: &str, content: &Value, definitions: &mut Map<String, Value>) -> Value {
    let mut known = name.to_owned();
    let mut n = 1;
    while definitions.get(&known).is_some_and(|d| d != content) {
        n += 1;
        known = format!("{name}_{n}");
    }
    definitions.entry(&known).or_insert_with(|| content.clone());
    json!({"$ref": format!("#/definitions/{known}")})
}

/// Lets further keys stand where a schema only asks for some: under conditions, which know none of the keys that a
/// table may have. Strict readers take such a table for closed.
fn open(schema: &mut Value, asks: bool) {
    let Value::Object(map) = schema else {
        return;
    };
    for (keyword, below) in map.iter_mut() {
        let (all, asks) = match keyword.as_str() {
            "if" | "then" | "else" => (false, true),
            "not" | "items" | "additionalProperties" => (false, asks),
            "dependencies" => (true, true),
            "properties" | "patternProperties" | "anyOf" | "oneOf" | "allOf" => (true, asks),
            _ => continue,
        };
        match below {
            Value::Object(each) if all => each.values_mut().for_each(|one| open(one, asks)),
            Value::Array(each) => each.iter_mut().for_each(|one| open(one, asks)),
            one => open(one, asks),
        }
    }
    if asks && !map.contains_key("$ref") {
        map.entry("additionalProperties").or_insert(true.into());
    }
}

/// A schema with its definitions.
fn finished(mut schema: Value) -> Value {
    let mut definitions = object(definitions());
    if let Some(law) = definitions.get_mut("law") {
        open(law, true);
    }
    share(&mut schema, &mut definitions);
    open(&mut schema, false);
    add(&mut schema, "", json!({"definitions": definitions}));
    schema
}

/// A schema as it is printed.
#[must_use]
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// Adds keywords to the schema at a pointer.
fn add(schema: &mut Value, pointer: &str, keywords: Value) {
    if let Some(Value::Object(map)) = schema.pointer_mut(pointer) {
        map.extend(object(keywords));
    }
}

/// Of an outcome: what goes with what.
fn outcome() -> Value {
    let is = |key: &str| json!({"required": [key], "properties": {key: {"const": true}}});
    json!({
        "if": is("otherwise"),
        "then": {"properties": {"when": false, "hold": false, "at_end": false}},
        "else": {"if": is("at_end"), "then": {"properties": {"hold": false}}},
    })
}

fn top(shape: &Shape, title: &str, says: &str) -> Map<String, Value> {
    let mut schema = object(json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "description": says,
    }));
    schema.extend(of(shape));
    schema.insert("required".into(), json!(["schema"]));
    schema
}

/// The map inside a value that is one.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What several numbers share: a distribution has the keys of exactly one kind.
fn definitions() -> Value {
    let dependencies: Map<String, Value> = LAWS
        .iter()
        .flat_map(|law| law.iter().map(move |key| (key, law)))
        .filter(|(_, law)| law.len() > 1)
        .map(|(key, law)| {
            let others: Vec<&&str> = law.iter().filter(|other| *other != key).collect();
            ((*key).to_owned(), json!(others))
        })
        .collect();
    let kinds: Vec<Value> = LAWS.iter().map(|law| json!({"required": law})).collect();
    json!({"law": {"oneOf": kinds, "dependencies": dependencies}})
}

fn of(shape: &Shape) -> Map<String, Value> {
    match shape {
        Shape::Table(keys) => table(keys),
        Shape::Map(inner) => object(json!({
            "type": "object",
            "patternProperties": {(id_pattern()): of(inner)},
            "additionalProperties": false,
        })),
        Shape::Leaf(leaf) => written(*leaf),
    }
}

/// The form of ids.
fn id_pattern() -> String {
    format!("^[a-z][a-z0-9_]{{0,{}}}$", LONGEST_ID - 1)
}

/// A table with its keys; keys of one group exclude each other.
fn table(keys: &[Key]) -> Map<String, Value> {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|k| (k.name.to_owned(), Value::Object(property(k))))
        .collect();
    let mut out = object(json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    }));
    let rivals: Map<String, Value> = keys
        .iter()
        .filter(|k| k.group.is_some())
        .map(|k| {
            let others = keys
                .iter()
                .filter(|o| o.group == k.group && o.name != k.name);
            let others: Map<String, Value> =
                others.map(|o| (o.name.to_owned(), json!(false))).collect();
            (k.name.to_owned(), json!({"properties": others}))
        })
        .collect();
    if !rivals.is_empty() {
        out.insert("dependencies".into(), Value::Object(rivals));
    }
    out
}

/// What may stand at a key, with its documentation.
fn property(key: &Key) -> Map<String, Value> {
    let [kind, default, range, mut text] = key.cells();
    let kind = match &key.shape {
        Shape::Leaf(_) | Shape::Map(Shape::Leaf(_)) => kind,
        _ => String::new(),
    };
    let facts: Vec<String> = [
        ("", kind),
        ("range: ", range),
        ("default: ", default.clone()),
    ]
    .into_iter()
    .filter(|(_, fact)| !fact.is_empty() && fact != "none")
    .map(|(what, fact)| {
        if fact.contains("required") {
            fact
        } else {
            format!("{what}{fact}")
        }
    })
    .collect();
    if !facts.is_empty() {
        text = format!("{text}\n\n{}.", capital(&facts.join("; ")));
    }
    let mut out = Map::new();
    out.insert("description".into(), text.into());
    if let Some(default) = as_json(&default, &key.shape) {
        out.insert("default".into(), default);
    }
    out.extend(of(&key.shape));
    if matches!(key.shape, Shape::Map(_)) {
        let taken: Vec<&str> = RESERVED
            .iter()
            .chain(key.entries.taken.0)
            .copied()
            .collect();
        out.insert("propertyNames".into(), json!({"not": {"enum": taken}}));
        let most = key.entries.count.1;
        if most < usize::MAX {
            out.insert("maxProperties".into(), most.into());
        }
    }
    out
}

/// A text with a capital at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// A default as data, where it is a value that could be written.
fn as_json(shown: &str, shape: &Shape) -> Option<Value> {
    if !matches!(shape, Shape::Leaf(_)) {
        return None;
    }
    let plain = shown.trim_matches('`').replace(',', "");
    serde_json::from_str(&plain).ok()
}

/// Bounds of a number, where there are any.
fn bounds(least: f64, most: f64) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, x) in [("minimum", least), ("maximum", most)] {
        let whole = x.fract() == 0.0 && x.abs() < 1e15;
        let x = if whole { json!(x as i64) } else { json!(x) };
        out.insert(name.into(), x);
    }
    out
}

/// What may be written at a leaf. Keywords for numbers, texts and tables stand side by side:
/// each speaks of its own type alone, so an editor can say what is wrong.
fn written(leaf: Leaf) -> Map<String, Value> {
    let value = match leaf {
        Leaf::Text | Leaf::Heading => json!({"type": "string", "pattern": LINE}),
        Leaf::Words | Leaf::File => json!({"type": "string"}),
        Leaf::Id(_) => json!({"type": "string", "pattern": padded_id()}),
        Leaf::Choice(words) => json!({"type": "string", "enum": words}),
        Leaf::Whole(least, most) | Leaf::Days(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Leaf::Truth => json!({"type": "boolean"}),
        Leaf::Day => date_or(MIDNIGHT, None),
        Leaf::Moment => date_or(MOMENT, Some(json!({"type": "string", "pattern": AFTER}))),
        Leaf::Dated => Value::Object(dated()),
        Leaf::Path => {
            json!({"type": "string", "pattern": r"^\s*[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\s*$"})
        }
        Leaf::Ids(_) | Leaf::Names => json!({
            "type": "array",
            "items": {"type": "string", "pattern": padded_id()},
        }),
        Leaf::Step | Leaf::Span(_) => json!({"type": "string", "pattern": DURATION}),
        Leaf::Spans(_) => json!({
            "type": "array",
            "items": {"type": "string", "pattern": DURATION},
        }),
        Leaf::Plain(least, most) => {
            let mut out = number(false, (least, most));
            if let Some(Value::Object(keys)) = out.get_mut("properties") {
                keys.retain(|k, _| k == "value" || REMARKS.contains(&k.as_str()));
            }
            Value::Object(out)
        }
        Leaf::Drawn(least, most) => Value::Object(number(false, (least, most))),
        Leaf::Initial(least, most) | Leaf::Live(least, most) => {
            Value::Object(number(true, (least, most)))
        }
        Leaf::Duration(least, _) => Value::Object(duration(least)),
        Leaf::Condition | Leaf::Expression => {
            let mut out = object(json!({
                "type": ["string", "boolean", "number"], "minLength": 1, "maxLength": LONGEST,
            }));
            out.extend(bounds(-limits::SIZE, limits::SIZE));
            if matches!(leaf, Leaf::Expression) {
                out.insert(
                    "type".into(),
                    json!(["string", "boolean", "number", "object"]),
                );
                out.extend(object(json!({
                    "patternProperties": {DATED: written(Leaf::Plain(-limits::SIZE, limits::SIZE))},
                    "additionalProperties": false,
                    "minProperties": 1,
                    "maxProperties": limits::SERIES,
                })));
            }
            Value::Object(out)
        }
        Leaf::Effects => json!({
            "type": "array",
            "maxItems": limits::EFFECTS,
            "items": {"type": "string", "pattern": EFFECT},
        }),
        Leaf::Stance | Leaf::Holder => json!({
            "type": ["string", "object"],
            "pattern": padded_id(),
            "patternProperties": {(id_pattern()): written(Leaf::Plain(0.0, 1.0))},
            "additionalProperties": false,
        }),
    };
    object(value)
}

/// The form of a reference: spaces around it are ignored.
fn padded_id() -> String {
    format!(r"^\s*[a-z][a-z0-9_]{{0,{}}}\s*$", LONGEST_ID - 1)
}

/// A number in a range: plain, a distribution, or, with `texts`, an expression.
fn number(texts: bool, (least, most): (f64, f64)) -> Map<String, Value> {
    let mut out = object(if texts {
        json!({"type": ["number", "string", "object"], "minLength": 1, "maxLength": LONGEST})
    } else {
        json!({"type": ["number", "object"]})
    });
    out.extend(bounds(least, most));
    with_distribution(out, |part| {
        let (least, most) = match part {
            "mean" => (-limits::SIZE, limits::SIZE),
            "sd" => (0.0, limits::SIZE),
            _ => (least, most),
        };
        let mut one = object(if part == "value" && texts {
            json!({"type": ["number", "string"]})
        } else {
            json!({"type": "number"})
        });
        one.extend(bounds(least, most));
        one
    })
}

/// A duration of at least so many days, or a distribution of durations. A bare 0 is one too.
fn duration(least: f64) -> Map<String, Value> {
    let mut one = object(json!({"type": ["string", "integer"], "pattern": DURATION}));
    one.extend(bounds(0.0, 0.0));
    let mut out = one.clone();
    let types = if least > 0.0 {
        json!(["string", "object"])
    } else {
        json!(["string", "integer", "object"])
    };
    out.insert("type".into(), types);
    with_distribution(out, |_| one.clone())
}

/// A date, with a time that has this form, or something else.
fn date_or(time: &str, other: Option<Value>) -> Value {
    let date = json!({"type": "string", "format": "date"});
    let with_time = json!({"type": "string", "format": "date-time-local", "pattern": time});
    let ways: Vec<Value> = [date, with_time].into_iter().chain(other).collect();
    json!({"anyOf": ways})
}

/// A date, a distribution of dates, or an expression for days.
fn dated() -> Map<String, Value> {
    let texts = json!({
        "type": ["string", "number", "object"], "minLength": 1, "maxLength": LONGEST,
        "minimum": 0, "maximum": 1_000_000,
    });
    let other = with_distribution(object(texts), |part| {
        object(match part {
            "sd" => json!({
                "type": ["string", "integer"], "pattern": DURATION, "minimum": 0, "maximum": 0,
            }),
            "value" => {
                let any = json!({"type": ["string", "number"], "minimum": 0, "maximum": 1_000_000});
                date_or(MOMENT, Some(any))
            }
            _ => {
                let after = json!({
                    "type": ["string", "number"], "pattern": AFTER, "minimum": 0, "maximum": 1_000_000,
                });
                date_or(MOMENT, Some(after))
            }
        })
    });
    object(date_or(MOMENT, Some(Value::Object(other))))
}

/// Adds the keywords for a table that is a number: what each part of its distribution may be.
fn with_distribution(
    mut out: Map<String, Value>,
    part: impl Fn(&str) -> Map<String, Value>,
) -> Map<String, Value> {
    let key = |(name, says): &(&str, &str)| {
        let mut one = object(json!({"description": says}));
        one.extend(match *name {
            "name" => written(Leaf::Text),
            "says" | "source" => written(Leaf::Words),
            "scale" => object(json!({
                "type": "object",
                "patternProperties": {CODE: {"type": "string"}},
                "additionalProperties": false,
                "minProperties": 1,
            })),
            name => part(name),
        });
        ((*name).to_owned(), Value::Object(one))
    };
    let keys: Map<String, Value> = LAW.iter().map(key).collect();
    out.extend(object(json!({
        "properties": keys,
        "additionalProperties": false,
        "if": {"type": "object"},
        "then": {"$ref": "#/definitions/law"},
    })));
    out
}

/// The keys that a table must have; of a group, one.
fn required(keys: &[Key]) -> Map<String, Value> {
    let mut out = Map::new();
    let names: Vec<&str> = keys
        .iter()
        .filter(|k| k.is_required())
        .map(|k| k.name)
        .collect();
    if !names.is_empty() {
        out.insert("required".into(), json!(names));
    }
    let ways: Vec<Value> = keys
        .iter()
        .filter(|k| k.group.is_some())
        .map(|k| json!({"required": [k.name]}))
        .collect();
    if !ways.is_empty() {
        out.insert("anyOf".into(), Value::Array(ways));
    }
    out
}

/// What a file without `extends` must have, at this shape and below; `None` if nothing.
fn needs(shape: &Shape) -> Option<Map<String, Value>> {
    match shape {
        Shape::Leaf(_) => None,
        Shape::Map(inner) => {
            let inner = needs(inner)?;
            Some(object(
                json!({"patternProperties": {(id_pattern()): inner}}),
            ))
        }
        Shape::Table(keys) => {
            let mut out = required(keys);
            let below: Map<String, Value> = keys
                .iter()
                .filter_map(|k| {
                    let mut inner = needs(&k.shape).unwrap_or_default();
                    let least = k.entries.count.0;
                    if least > 0 {
                        inner.insert("minProperties".into(), least.into());
                    }
                    (!inner.is_empty()).then(|| (k.name.to_owned(), Value::Object(inner)))
                })
                .collect();
            if !below.is_empty() {
                out.insert("properties".into(), Value::Object(below));
            }
            (!out.is_empty()).then_some(out)
        }
    }
}
