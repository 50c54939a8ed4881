//! The clusters whose silence installed alerts tell: the names that they were made with.

use std::collections::BTreeSet;

use serde_json::Value;

use super::GROUP;
use super::list::SILENT;
use crate::prometheus::api::RuleGroup;

/// The names, of the groups that a Prometheus evaluates; `None` where promfed's is not among them.
pub fn awaited(groups: &[RuleGroup]) -> Option<BTreeSet<String>> {
    let group = groups.iter().find(|group| group.name == GROUP)?;
    let alert = group.rules.iter().find(|rule| rule.name == SILENT);
    Some(alert.map(|rule| names(&rule.query)).unwrap_or_default())
}

/// The names, of a rule file; `None` where promfed's group is not in it.
pub fn awaited_by(file: &Value) -> Option<BTreeSet<String>> {
    let group = file["groups"].as_array()?.iter().find(|group| group["name"] == GROUP)?;
    let alert = group["rules"].as_array().into_iter().flatten().find(|rule| rule["alert"] == SILENT);
    Some(alert.and_then(|rule| rule["expr"].as_str()).map(names).unwrap_or_default())
}

/// The values of `cluster` in an expression. A cluster's name has no character that would be escaped.
fn names(expression: &str) -> BTreeSet<String> {
    let after = expression.split("cluster=\"").skip(1);
    after.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::rules;
    use crate::check::{alerts, rule_file};

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_names_that_alerts_were_made_with_are_read_back() {
        for names in [&["edge1", "edge2"][..], &[]] {
            assert_eq!(awaited_by(&rule_file(&alerts(names.iter().copied()))), Some(set(names)));
        }
        assert_eq!(awaited_by(&serde_json::json!({"groups": [{"name": "ours", "rules": []}]})), None);
        assert_eq!(awaited_by(&Value::Null), None);
    }

    #[test]
    fn an_evaluated_rule_is_read_as_prometheus_writes_it() {
        let query = "absent(up{cluster=\"edge\"}) or absent(up{cluster=\"far\"})";
        let mut groups = rules(&[("alerting", SILENT, query)]);
        assert_eq!(awaited(&groups), None);
        groups[0].name = GROUP.to_owned();
        assert_eq!(awaited(&groups), Some(set(&["edge", "far"])));
    }
}
