//! The JSON schema for editors, made from the tables that the check reads.

use serde_json::{Map, Value, json};

use super::keys;
use super::shape::{Key, Need, Shape};
use crate::scenario::SCENARIOS;
use crate::system::LIMITS;

/// The schema (draft 2020-12) of the configuration file.
#[must_use]
pub fn schema() -> Value {
    let mut whole = table(keys::FILE);
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("erplink configuration");
    whole
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut one = shape(&key.shape);
        one["description"] = json!(key.doc);
        if let Need::Default(default) = key.need {
            one["default"] = serde_json::from_str(default).unwrap_or(Value::Null);
        }
        properties.insert(key.name.to_owned(), one);
    }
    let required = keys.iter().filter(|key| matches!(key.need, Need::Required));
    let required: Vec<_> = required.map(|key| key.name).collect();
    let together = keys.iter().filter_map(|key| Some((key.name, [key.with?])));
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "dependentRequired": together.collect::<std::collections::BTreeMap<_, _>>(),
        "additionalProperties": false,
    })
}

fn shape(shape: &Shape) -> Value {
    let list = |items: Value| json!({ "type": "array", "items": items });
    match shape {
        Shape::Text | Shape::Folder | Shape::Socket | Shape::Expression => {
            json!({ "type": "string" })
        }
        Shape::Name => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$" }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Scenario => json!({ "enum": keys::scenario_names() }),
        Shape::Url => json!({ "type": "string", "pattern": "^(https?://|\\$\\{)" }),
        Shape::Day => json!({ "type": "string", "format": "date" }),
        Shape::Secret => json!({ "anyOf": [
            { "type": "string", "pattern": "^\\$\\{[^}]+\\}$" },
            {
                "type": "object",
                "properties": { "file": { "type": "string" } },
                "required": ["file"],
                "additionalProperties": false,
            },
        ] }),
        Shape::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Texts => list(json!({ "type": "string" })),
        Shape::Pair => json!({
            "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2,
        }),
        Shape::Format => json!({ "anyOf": [
            { "enum": ["text", "number", "date", "raw"] },
            { "type": "object", "properties": { "number": { "type": "integer" } } },
            { "type": "object", "properties": { "date": { "type": "string" } } },
        ] }),
        Shape::Table(keys) => table(keys),
        Shape::System(kind) => table(&[kind.keys, LIMITS].concat()),
        Shape::Tables(keys) => list(table(keys)),
        Shape::Companies => list(table(&keys::company())),
        Shape::Flows => {
            let flow = |kind| {
                let mut one = table(&keys::flow(kind));
                one["properties"]["scenario"]["enum"] = json!([kind.name]);
                one["title"] = json!(kind.name);
                one["description"] = json!(kind.doc);
                one
            };
            list(json!({ "oneOf": SCENARIOS.iter().map(flow).collect::<Vec<_>>() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::template;

    /// Whether the schema knows every key of a value, and takes the value.
    fn knows(schema: &Value, value: &toml::Value, path: &str) {
        if let Some(branches) = schema["oneOf"].as_array() {
            let name = value["scenario"].as_str().unwrap();
            let branch = branches.iter().find(|branch| branch["title"] == name).unwrap();
            return knows(branch, value, path);
        }
        match value {
            toml::Value::Table(table) if schema["anyOf"].is_null() => {
                for (key, value) in table {
                    let below = &schema["properties"][key];
                    assert!(below.is_object(), "{path}.{key} is not in the schema");
                    knows(below, value, &format!("{path}.{key}"));
                }
                for key in schema["required"].as_array().unwrap() {
                    assert!(table.contains_key(key.as_str().unwrap()), "{path} lacks {key}");
                }
            }
            toml::Value::Array(list) => {
                assert_eq!(schema["type"], "array", "{path}");
                list.iter().for_each(|value| knows(&schema["items"], value, path));
            }
            toml::Value::Integer(_) => assert_eq!(schema["type"], "integer", "{path}"),
            _ => {}
        }
    }

    #[test]
    fn the_schema_takes_every_template() {
        let schema = schema();
        for kind in SCENARIOS {
            let text = template(kind.name).unwrap();
            knows(&schema, &text.parse::<toml::Table>().unwrap().into(), kind.name);
        }
        let form = &schema["properties"]["companies"]["items"]["properties"]["dingtalk"];
        assert_eq!(form["required"], json!(["client_id", "client_secret"]));
        assert_eq!(form["properties"]["concurrency"]["default"], 8);
    }
}
