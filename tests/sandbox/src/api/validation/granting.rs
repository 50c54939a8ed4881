//! Nobody hands out rights that they do not have.

use serde_json::{Value, json};

use crate::access::{Attributes, Rule, Subject};
use crate::api::call::Call;
use crate::api::status::Failure;

/// Whoever writes a role or a binding must have the rights that it grants, or the verb `escalate` or `bind`.
pub(in crate::api) fn granting(call: &Call, object: &Value) -> Result<(), Failure> {
    if call.kind.group != "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let binding = call.kind.name.ends_with("Binding");
    let granted: Vec<Rule> = if binding {
        call.api.access.role_rules(object)
    } else {
        object["rules"].as_array().into_iter().flatten().map(Rule::read).collect()
    };
    let (verb, resource, name) = if binding {
        let role = &object["roleRef"];
        let resource = if role["kind"] == "Role" { "roles" } else { "clusterroles" };
        ("bind", resource, role["name"].as_str())
    } else {
        ("escalate", call.kind.plural, object["metadata"]["name"].as_str())
    };
    let subject = Subject::Resource {
        group: call.kind.group,
        resource,
        subresource: None,
        namespace: call.namespace(),
        name,
    };
    if call.api.access.allowed(&call.user, &Attributes { verb, subject }) {
        return Ok(());
    }
    let lacking = call.api.access.escalation(&call.user, call.namespace(), &granted);
    if lacking.is_empty() {
        return Ok(());
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let mut rules: Vec<String> = lacking.iter().map(written).collect();
    rules.sort();
    let groups: Vec<String> = call.user.groups.iter().map(|group| format!("{group:?}")).collect();
    let message = format!(
        "{} {name:?} is forbidden: user {:?} (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
        call.kind.qualified(),
        call.user.name,
        groups.join(" "),
        rules.join("\n")
    );
    Err(Failure::new(403, "Forbidden", message)
        .with_details(json!({"name": name, "group": call.kind.group, "kind": call.kind.plural})))
}

fn written(rule: &Rule) -> String {
    let parts = [
        ("APIGroups", &rule.groups),
        ("Resources", &rule.resources),
        ("ResourceNames", &rule.names),
        ("NonResourceURLs", &rule.paths),
        ("Verbs", &rule.verbs),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name}:{list:?}"))
        .collect();
    format!("{{{}}}", parts.join(", "))
}
