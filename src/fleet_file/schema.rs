//! What a fleet file can say, as JSON Schema: for editors that complete and for pipelines that check.

use serde_json::{Map, Value, json};

use super::settings::{Part, Setting, Shape};
use crate::report::{API_VERSION, FLEET_FILE};

/// The schema, of the 2020-12 draft.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A hub and its agents, for kubectl promfed apply -f",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "anyOf": [{"required": ["hub"]}, {"required": ["agents"]}],
        "additionalProperties": false,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": FLEET_FILE},
            "hub": {
                "description": "The Prometheus that all clusters report to, as kubectl promfed hub init makes it",
                "type": "object",
                "required": ["context", "clusterName"],
                "additionalProperties": false,
                "properties": properties(Part::Hub),
            },
            "agentDefaults": {
                "description": "What holds for every agent that does not say otherwise",
                "type": "object",
                "additionalProperties": false,
                "properties": properties(Part::Agent),
            },
            "agents": {
                "description": "The clusters that push to the hub, as kubectl promfed agent join makes them",
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["context"],
                    "additionalProperties": false,
                    "properties": properties(Part::Agent),
                },
            },
        },
    })
}

fn properties(part: Part) -> Map<String, Value> {
    part.settings().into_iter().map(|setting| (setting.key.clone(), property(&setting))).collect()
}

fn property(setting: &Setting) -> Value {
    let mut property = match setting.shape {
        Shape::Switch => json!({"type": "boolean"}),
        Shape::Text if setting.choices.is_empty() => json!({"type": ["string", "number"]}),
        Shape::Text => json!({"enum": setting.choices}),
        Shape::File => json!({"type": "string"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
    };
    property["description"] = setting.help.as_str().into();
    property
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_it_with_its_help() {
        let schema = schema();
        let hub = &schema["properties"]["hub"]["properties"];
        assert_eq!(hub["auth"]["enum"], json!(["mtls", "none"]));
        assert_eq!(hub["retention"]["description"], "How long to keep samples, like 42d");
        let agent = &schema["properties"]["agents"]["items"]["properties"];
        assert_eq!(agent["headers"]["type"], "array");
        assert_eq!(agent, &schema["properties"]["agentDefaults"]["properties"]);
    }
}
