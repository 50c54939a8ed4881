//! The rule files of the package: what it ships in them, and what somebody wrote.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::ValuesSchema;
use super::values::Values;
use crate::yaml;

/// The values whose texts become rule files.
const FILES: [&str; 4] = ["alerting_rules_yml", "recording_rules_yml", "alerts_yml", "rules_yml"];
/// How the groups begin that versions of the package ship; their Packages may not be offered any more.
const SHIPPED: [&str; 2] = ["kube-apiserver", "vmw-telco-"];

/// The names among these of groups that the package ships and nobody here wrote.
///
/// A copy of the defaults among the values is still the package's.
pub fn shipped_rule_groups<'n>(
    schema: Option<&ValuesSchema>,
    values: Option<&Values>,
    names: impl Iterator<Item = &'n str>,
) -> BTreeSet<&'n str> {
    let texts = FILES.iter().flat_map(|file| {
        let path = ["prometheus", "config", file];
        let of_schema = schema
            .and_then(|schema| schema.defaults()["prometheus"]["config"][file].as_str())
            .map(str::to_owned);
        let unwritten = values
            .filter(|values| values.written(&path).is_none())
            .and_then(|values| values.get(&path)?.as_str().map(str::to_owned));
        of_schema.into_iter().chain(unwritten)
    });
    let shipped: BTreeSet<String> = texts
        .flat_map(|text| rule_groups(&text))
        .filter_map(|group| group["name"].as_str().map(str::to_owned))
        .collect();
    names
        .filter(|name| shipped.contains(*name) || SHIPPED.iter().any(|begin| name.starts_with(begin)))
        .collect()
}

/// The groups of a rule file; none where it cannot be read.
pub fn rule_groups(text: &str) -> Vec<Value> {
    let file = yaml::read(text).unwrap_or(Value::Null);
    file["groups"].as_array().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::package::{Location, ValueSource};

    const RULES: &str =
        "groups:\n- name: prometheus.rules\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)\n";

    #[test]
    fn what_the_schema_holds_is_shipped_and_what_somebody_wrote_is_not() {
        let config = json!({"properties": {"recording_rules_yml": {"default": RULES}}});
        let schema = json!({"openAPIv3": {"properties": {"prometheus": {"properties": {"config": config}}}}});
        let schema: ValuesSchema = serde_json::from_value(schema).expect("a schema");
        let names = ["prometheus.rules", "own", "kube-apiserver-availability.rules"];
        let shipped = |schema: Option<&ValuesSchema>| shipped_rule_groups(schema, None, names.into_iter());
        assert_eq!(shipped(Some(&schema)), BTreeSet::from([names[0], names[2]]));
        assert_eq!(shipped(None), BTreeSet::from([names[2]]));
    }

    #[test]
    fn a_default_that_no_values_replace_is_shipped() {
        let text = |text: &str| {
            let location = Location { secret: "values".into(), key: "values.yaml".into() };
            let source = ValueSource { location, resource_version: None, text: text.into() };
            let below = json!({"prometheus": {"config": {"recording_rules_yml": RULES}}});
            let values = Values::new(below, vec![source]).expect("values");
            shipped_rule_groups(None, Some(&values), ["prometheus.rules"].into_iter()).len()
        };
        assert_eq!(text(""), 1);
        assert_eq!(text("prometheus: {config: {recording_rules_yml: '{}'}}"), 0);
    }
}
