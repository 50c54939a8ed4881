//! Whether an object may be as it is: its type, its name, and the fields that must never change.

use serde_json::{Value, json};

use super::call::Call;
use super::kinds::{Kind, Naming};
use super::status::{Cause, Failure};
use crate::access::{Attributes, Rule, Subject};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// The body has to be of the kind that the path names, and about the same object.
pub(super) fn typed(call: &Call, object: &Value) -> Result<(), Failure> {
    let expected = call.kind.api_version();
    let field = |name: &str| object[name].as_str().filter(|text| !text.is_empty());
    if let Some(version) = field("apiVersion")
        && version != expected
    {
        return Err(Failure::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version ({expected})"
        )));
    }
    if let Some(kind) = field("kind")
        && kind != call.kind.name
    {
        return Err(Failure::bad_request(format!(
            "{kind} in version {:?} cannot be handled as a {}",
            call.kind.version, call.kind.name
        )));
    }
    let meta = &object["metadata"];
    if let (Some(own), Some(wanted)) = (meta["namespace"].as_str(), call.namespace())
        && !own.is_empty()
        && own != wanted
    {
        return Err(Failure::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if let (Some(own), Some(wanted)) = (meta["name"].as_str(), call.resource.name.as_deref())
        && own != wanted
    {
        return Err(Failure::bad_request(format!(
            "the name of the object ({own}) does not match the name on the URL ({wanted})"
        )));
    }
    Ok(())
}

/// A new object, or a new version of one.
pub(super) fn object(call: &Call, before: Option<&Value>, after: &Value) -> Result<(), Failure> {
    let name = after["metadata"]["name"].as_str().unwrap_or_default();
    let mut causes = Vec::new();
    match before {
        None => causes.extend(name_cause(call.kind, name)),
        Some(before) => causes.extend(immutable(call.kind, before, after)),
    }
    for map in ["labels", "annotations"] {
        for (key, value) in after["metadata"][map].as_object().into_iter().flatten() {
            if !value.is_string() {
                return Err(Failure::bad_request(format!(
                    "{kind} in version {:?} cannot be handled as a {kind}: json: cannot unmarshal {} into Go struct field ObjectMeta.metadata.{map} of type string",
                    call.kind.version,
                    go_type(value),
                    kind = call.kind.name,
                )));
            }
            let bare = key.rsplit('/').next().unwrap_or_default();
            if bare.is_empty() || bare.len() > 63 {
                causes.push(Cause::invalid(
                    &format!("metadata.{map}"),
                    &json!(key),
                    "name part must be non-empty and no more than 63 characters",
                ));
            }
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid(call.kind, name, &causes)) }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        _ => "string",
    }
}

fn name_cause(kind: &Kind, name: &str) -> Option<Cause> {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let label = |text: &str| {
        text.starts_with(lower) && text.ends_with(lower) && text.chars().all(|c| lower(c) || c == '-')
    };
    let (limit, fits, why) = match kind.naming {
        Naming::Subdomain => (253, name.split('.').all(label), SUBDOMAIN),
        Naming::Label => (63, label(name), LABEL),
        Naming::Label1035 => {
            (63, label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()), LABEL_1035)
        }
        Naming::Segment => {
            let fits = ![".", ".."].contains(&name) && !name.contains(['/', '%']);
            (253, fits, "may not contain '/' or '%', and may not be '.' or '..'")
        }
    };
    if name.len() > limit {
        return Some(Cause::invalid(
            "metadata.name",
            &json!(name),
            &format!("must be no more than {limit} characters"),
        ));
    }
    (!fits).then(|| Cause::invalid("metadata.name", &json!(name), why))
}

fn immutable(kind: &Kind, before: &Value, after: &Value) -> Vec<Cause> {
    let fixed = |pointer: &str, why: &str| {
        let (old, new) = (before.pointer(pointer), after.pointer(pointer));
        (old.is_some() && old != new)
            .then(|| Cause::invalid(&pointer[1..].replace('/', "."), new.unwrap_or(&Value::Null), why))
    };
    match kind.name {
        "RoleBinding" | "ClusterRoleBinding" => fixed("/roleRef", "cannot change roleRef"),
        "Deployment" | "DaemonSet" | "ReplicaSet" => fixed("/spec/selector", "field is immutable"),
        "Secret" => fixed("/type", "field is immutable").or_else(|| frozen(before, after)),
        "ConfigMap" => frozen(before, after),
        _ => None,
    }
    .into_iter()
    .collect()
}

/// Objects with `immutable: true` keep their data.
fn frozen(before: &Value, after: &Value) -> Option<Cause> {
    let is_frozen = before["immutable"] == true;
    let changed = before["data"] != after["data"] || after["immutable"] != true;
    (is_frozen && changed).then(|| Cause::forbidden("data", "field is immutable when `immutable` is set"))
}

/// Whoever writes a role or a binding must have the rights that it grants, or the verb `escalate` or `bind`.
pub(super) fn granting(call: &Call, object: &Value) -> Result<(), Failure> {
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
    let rules: Vec<String> = lacking.iter().map(written).collect();
    let message = format!(
        "{} {name:?} is forbidden: user {:?} (groups={:?}) is attempting to grant RBAC permissions not currently held:\n{}",
        call.kind.qualified(),
        call.user.name,
        call.user.groups,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kinds;

    #[test]
    fn names() {
        let bad = |group: &str, kind: &str, name: &str| {
            name_cause(kinds::named(group, kind).unwrap(), name).is_some()
        };
        assert!(!bad("", "Secret", "a.b-c1"));
        assert!(bad("", "Secret", "Foo_"));
        assert!(bad("", "Secret", "a..b"));
        assert!(bad("", "Namespace", "a.b"));
        assert!(bad("", "Service", "1a"));
        assert!(!bad("rbac.authorization.k8s.io", "ClusterRole", "system:Node"));
        assert!(!bad("data.packaging.carvel.dev", "Package", "p.2.43.0+vmware.2-tkg.1"));
    }
}
