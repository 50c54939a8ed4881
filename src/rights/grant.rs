//! Rules as the objects that grant them: a Role in each namespace, a `ClusterRole` for the rest, and their bindings.

use serde_json::{Value, json};

use super::needs::{Rule, rules};
use super::{Scope, Task};
use crate::package::{MANAGED_BY, US};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Who gets a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    User(String),
    Group(String),
    ServiceAccount { namespace: String, name: String },
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The object without its rules.
    pub head: Value,
    /// Its rules, each with what it is for; none, where it is a binding.
    pub rules: Vec<Part>,
}

/// One rule of a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub why: &'static str,
    pub rule: Value,
}

impl Grant {
    /// The whole object, as the API server takes it.
    pub fn object(&self) -> Value {
        let mut object = self.head.clone();
        if !self.rules.is_empty() {
            object["rules"] = self.rules.iter().map(|part| part.rule.clone()).collect();
        }
        object
    }
}

/// The objects that grant a role around an install to these subjects; only the roles, where there are none.
pub fn grants(task: Task, scope: &Scope, subjects: &[Subject]) -> Vec<Grant> {
    let name = format!("{}-{}-promfed-{task}", scope.names.install, scope.names.namespace);
    let all = rules(task, scope);
    let mut places = vec![None, Some(&scope.names.namespace)];
    // Both may be the same namespace, which has one Role of this name.
    places.push(Some(&scope.workloads));
    places.dedup();
    places
        .into_iter()
        .flat_map(|place| {
            let here = all.iter().filter(|rule| rule.namespace.as_ref() == place);
            let role = Grant { head: head(place, "Role", &name), rules: here.map(part).collect() };
            let binding = Grant { head: binding(place, &name, subjects), rules: Vec::new() };
            [Some(role), (!subjects.is_empty()).then_some(binding)]
        })
        .flatten()
        .collect()
}

fn head(namespace: Option<&String>, kind: &str, name: &str) -> Value {
    let kind = if namespace.is_some() { kind.to_owned() } else { format!("Cluster{kind}") };
    let mut metadata = json!({"name": name});
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata["labels"] = json!({MANAGED_BY: US});
    json!({"apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": metadata})
}

fn binding(namespace: Option<&String>, name: &str, subjects: &[Subject]) -> Value {
    let mut binding = head(namespace, "RoleBinding", name);
    let role = if namespace.is_some() { "Role" } else { "ClusterRole" };
    binding["roleRef"] = json!({"apiGroup": GROUP, "kind": role, "name": name});
    binding["subjects"] = subjects.iter().map(Subject::to_json).collect();
    binding
}

fn part(rule: &Rule) -> Part {
    let resource = match rule.subresource {
        Some(part) => format!("{}/{part}", rule.resource.plural),
        None => rule.resource.plural.to_owned(),
    };
    let verbs: Vec<_> = rule.verbs.iter().map(|verb| verb.as_str()).collect();
    let mut written = json!({"apiGroups": [rule.resource.group], "resources": [resource]});
    if !rule.names.is_empty() {
        written["resourceNames"] = json!(rule.names);
    }
    written["verbs"] = json!(verbs);
    Part { why: rule.why, rule: written }
}

impl Subject {
    fn to_json(&self) -> Value {
        match self {
            Self::User(name) => json!({"apiGroup": GROUP, "kind": "User", "name": name}),
            Self::Group(name) => json!({"apiGroup": GROUP, "kind": "Group", "name": name}),
            Self::ServiceAccount { namespace, name } => {
                json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
            }
        }
    }
}

/// `NAMESPACE:NAME`, as kubectl takes it.
impl std::str::FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains(':') => {
                Ok(Self::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err("a ServiceAccount is named with its namespace, as NAMESPACE:NAME".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{Names, ServiceAccountChoice};
    use crate::rights::Extra;

    fn scope() -> Scope {
        let extras = vec![Extra::History, Extra::Repository];
        Scope { extras, ..Scope::of(Names::new("prometheus", "tkg-system")) }
    }

    fn text(value: &Value) -> Vec<&str> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    #[test]
    fn nothing_is_granted_by_a_star() {
        for task in Task::ALL {
            let printed = grants(task, &scope(), &[])
                .iter()
                .map(|grant| grant.object().to_string())
                .collect::<String>();
            assert!(!printed.contains('*'), "{printed}");
        }
    }

    #[test]
    fn a_viewer_lists_no_secrets_unless_that_is_wanted() {
        let lists = |scope: &Scope| {
            let rules = grants(Task::Viewer, scope, &[]).into_iter().flat_map(|grant| grant.rules);
            rules
                .map(|part| part.rule)
                .any(|rule| text(&rule["resources"]) == ["secrets"] && text(&rule["verbs"]).contains(&"list"))
        };
        assert!(!lists(&Scope { extras: Vec::new(), ..scope() }));
        assert!(lists(&scope()));
    }

    #[test]
    fn whoever_uses_an_account_that_is_there_gives_nobody_rights() {
        let scope = Scope { account: ServiceAccountChoice::Existing("mine".into()), ..scope() };
        for task in [Task::Hub, Task::Agent] {
            let printed =
                grants(task, &scope, &[]).iter().map(|grant| grant.object().to_string()).collect::<String>();
            for word in ["escalate", "bind", "clusterroles", "serviceaccounts"] {
                assert!(!printed.contains(&format!("\"{word}\"")), "{task} has {word}");
            }
        }
    }

    #[test]
    fn one_namespace_for_both_has_one_role() {
        let scope = Scope { workloads: "tkg-system".into(), ..scope() };
        let all = grants(Task::Agent, &scope, &[Subject::User("ann".into())]);
        let kinds: Vec<_> = all.iter().map(|grant| grant.head["kind"].as_str().unwrap_or_default()).collect();
        assert_eq!(kinds, ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]);
        let rules: usize = all.iter().map(|grant| grant.rules.len()).sum();
        assert_eq!(rules, super::rules(Task::Agent, &scope).len());
    }

    #[test]
    fn a_service_account_is_named_with_its_namespace() {
        let account = Subject::ServiceAccount { namespace: "ci".into(), name: "robot".into() };
        assert_eq!("ci:robot".parse(), Ok(account));
        for wrong in ["robot", ":robot", "ci:", "system:serviceaccount:ci:robot"] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
        }
    }
}
