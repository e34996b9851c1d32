//! What events say, as JSON Schema, for those who are told of them: `domain/schemas.json`, one entry for each type and version.
//!
//! It is not written by hand and not guessed: each member of a sample (which has everything in it that can be) is taken away, made null or
//! changed, and the decoder is asked whether that is still such an event. So what it says of required members and of names is what the code does.

use crate::samples::samples;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf};
use vitrina_domain::{
    event::{DecodeError, Event},
    personal::{CLEAR_MARK, is_secret},
};

/// No name of anything.
const STRANGE: &str = "zz-strange";

/// Asks the decoder of one type.
struct Probe {
    event: Event,
    sample: Value,
}

impl Probe {
    fn decode(&self, payload: Value) -> Result<Event, DecodeError> {
        Event::decode(self.event.category(), self.event.event_type(), payload)
    }

    /// Whether the sample is still read with this at the pointer; without it, when there is nothing.
    fn reads(&self, pointer: &str, value: Option<Value>) -> bool {
        self.decode(self.with(pointer, value)).is_ok()
    }

    fn with(&self, pointer: &str, value: Option<Value>) -> Value {
        let mut payload = self.sample.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let name = name.replace("~1", "/").replace("~0", "~");
        match (payload.pointer_mut(parent), value) {
            (Some(Value::Object(members)), Some(value)) => drop(members.insert(name, value)),
            (Some(Value::Object(members)), None) => drop(members.remove(&name)),
            (Some(Value::Array(items)), Some(value)) => items[name.parse::<usize>().expect("a place in a list is a number")] = value,
            _ => {}
        }
        payload
    }

    /// What the decoder would take in place of a text, when it takes only some.
    fn names(&self, pointer: &str) -> Option<Vec<String>> {
        let Err(DecodeError::Payload { source, .. }) = self.decode(self.with(pointer, Some(STRANGE.into()))) else { return None };
        let told = source.to_string();
        let (_, expected) = told.split_once("unknown variant")?.1.split_once("expected")?;
        let names: Vec<_> = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (!names.is_empty()).then_some(names)
    }

    fn schema(&self, pointer: &str, value: &Value) -> Value {
        let mut schema = match value {
            Value::Object(members) => match members.get(CLEAR_MARK) {
                Some(personal) => {
                    let mut schema = self.schema(&format!("{pointer}/{CLEAR_MARK}/value"), &personal["value"]);
                    schema["description"] = "Personal: null once its person is forgotten.".into();
                    return nullable(schema);
                }
                None => self.object(pointer, members),
            },
            Value::Array(items) => {
                let mut kinds: Vec<Value> = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    let kind = self.schema(&format!("{pointer}/{at}"), item);
                    if !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                match kinds.len() {
                    0 => json!({"type": "array"}),
                    1 => json!({"type": "array", "items": kinds.remove(0)}),
                    _ => json!({"type": "array", "items": {"anyOf": kinds}}),
                }
            }
            Value::String(text) => self.text(pointer, text),
            Value::Number(number) if number.is_f64() => json!({"type": "number"}),
            Value::Number(_) => json!({"type": "integer"}),
            Value::Bool(_) => json!({"type": "boolean"}),
            Value::Null => json!({}),
        };
        if !pointer.is_empty() && !value.is_null() && self.reads(pointer, Some(Value::Null)) {
            schema = nullable(schema);
        }
        schema
    }

    fn text(&self, pointer: &str, text: &str) -> Value {
        if let Some(names) = self.names(pointer) {
            return json!({"type": "string", "enum": names});
        }
        match () {
            () if uuid::Uuid::parse_str(text).is_ok() && text.len() == 36 => json!({"type": "string", "format": "uuid"}),
            () if chrono::DateTime::parse_from_rfc3339(text).is_ok() => json!({"type": "string", "format": "date-time"}),
            () => json!({"type": "string"}),
        }
    }

    fn object(&self, pointer: &str, members: &Map<String, Value>) -> Value {
        // What stands for a secret is told to nobody.
        let members =
            &members.iter().filter(|(name, _)| !is_secret(name)).map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>();
        let at = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        if let Some((name, first)) = members.iter().next()
            && self.keeps(pointer, first)
        {
            return json!({"type": "object", "additionalProperties": self.schema(&at(name), first)});
        }
        let properties: Map<_, _> = members.iter().map(|(name, value)| (name.clone(), self.schema(&at(name), value))).collect();
        // Where a name says what else there is, other names have other members.
        let is_union = members.iter().any(|(name, value)| {
            let names = if value.is_string() { self.names(&at(name)).unwrap_or_default() } else { Vec::new() };
            names.into_iter().any(|other| !self.reads(&at(name), Some(other.into())))
        });
        let is_named = |name: &str| members[name].is_string() && self.names(&at(name)).is_some();
        let required: Vec<_> =
            members.keys().filter(|name| !self.reads(&at(name), None) && (!is_union || is_named(name))).cloned().collect();
        json!({"type": "object", "properties": properties, "required": required})
    }

    /// Whether any name may stand in the object: whether one is there after reading and writing.
    fn keeps(&self, pointer: &str, value: &Value) -> bool {
        let strange = format!("{pointer}/{STRANGE}");
        let read = self.decode(self.with(&strange, Some(value.clone())));
        read.is_ok_and(|event| event.payload().pointer(&strange).is_some())
    }
}

fn nullable(mut schema: Value) -> Value {
    match schema["type"].take() {
        Value::String(kind) => schema["type"] = json!([kind, "null"]),
        kind => schema["type"] = kind,
    }
    if schema["type"].is_null() {
        schema.as_object_mut().expect("a schema is an object").remove("type");
    }
    if let Some(names) = schema.get_mut("enum").and_then(Value::as_array_mut)
        && !names.contains(&Value::Null)
    {
        names.push(Value::Null);
    }
    schema
}

fn entry(event: Event) -> (String, Value) {
    let (event_type, category, version) = (event.event_type(), event.category(), event.schema_version());
    let probe = Probe { sample: event.payload(), event: event.clone() };
    let schema = probe.schema("", &probe.sample);
    (
        format!("{event_type}.v{version}"),
        json!({"type": event_type, "category": category.as_str(), "schema_version": version, "data": schema}),
    )
}

#[test]
fn the_schemas_that_are_published_are_those_of_the_code() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas.json");
    let stored: BTreeMap<String, Value> =
        fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let current: BTreeMap<String, Value> = samples().into_iter().map(entry).collect();
    // A version that was published stays: whoever has such a payload still finds what it says.
    let mut all = stored.clone();
    all.extend(current);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
        return;
    }
    assert!(stored == all, "the events say something else than schemas.json: look at what changed, and write it with UPDATE_GOLDEN=1");
}
