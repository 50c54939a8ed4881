//! RBAC rules: which hold for a user, and what they allow.

use serde_json::{Value, json};

use super::User;
use crate::store::{Key, Store};

const GROUP: &str = "rbac.authorization.k8s.io";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// get, list, watch, create, update, patch, delete, deletecollection, impersonate, …
    pub verb: &'a str,
    /// On what.
    pub subject: Subject<'a>,
}

/// The thing that is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Objects of the API.
    Resource {
        /// The API group; empty for the core group.
        group: &'a str,
        /// The plural resource name.
        resource: &'a str,
        /// The subresource, or nothing.
        subresource: Option<&'a str>,
        /// The namespace; none for cluster-scoped objects and for all namespaces.
        namespace: Option<&'a str>,
        /// The object's name, or nothing.
        name: Option<&'a str>,
    },
    /// A path outside of the API groups, like `/version`.
    Path(&'a str),
}

impl<'a> Attributes<'a> {
    /// The namespace that is asked about.
    pub fn namespace(&self) -> Option<&'a str> {
        match self.subject {
            Subject::Resource { namespace, .. } => namespace,
            Subject::Path(_) => None,
        }
    }
}

/// One rule of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub groups: Vec<String>,
    pub resources: Vec<String>,
    pub names: Vec<String>,
    pub paths: Vec<String>,
    pub verbs: Vec<String>,
}

impl Rule {
    /// Every verb on every resource of every group.
    pub fn everything() -> Self {
        let all = || vec!["*".to_owned()];
        Self { groups: all(), resources: all(), verbs: all(), ..Self::default() }
    }

    /// Every verb on every path that is no resource.
    pub fn every_path() -> Self {
        Self { paths: vec!["*".to_owned()], verbs: vec!["*".to_owned()], ..Self::default() }
    }

    /// Reads a rule as roles write it.
    pub fn read(rule: &Value) -> Self {
        Self {
            groups: strings(&rule["apiGroups"]),
            resources: strings(&rule["resources"]),
            names: strings(&rule["resourceNames"]),
            paths: strings(&rule["nonResourceURLs"]),
            verbs: strings(&rule["verbs"]),
        }
    }

    /// Writes a rule as roles write it.
    pub fn to_json(&self) -> Value {
        let mut rule = json!({"verbs": self.verbs});
        for (field, list) in [
            ("apiGroups", &self.groups),
            ("resources", &self.resources),
            ("resourceNames", &self.names),
            ("nonResourceURLs", &self.paths),
        ] {
            if !list.is_empty() {
                rule[field] = json!(list);
            }
        }
        rule
    }

    /// Whether the rule allows it.
    pub fn allows(&self, attributes: &Attributes<'_>) -> bool {
        if !has(&self.verbs, attributes.verb) {
            return false;
        }
        match attributes.subject {
            Subject::Path(path) => self.paths.iter().any(|pattern| path_matches(pattern, path)),
            Subject::Resource { group, resource, subresource, name, .. } => {
                has(&self.groups, group)
                    && self.resources.iter().any(|pattern| resource_matches(pattern, resource, subresource))
                    && (self.names.is_empty()
                        || name.is_some_and(|name| self.names.iter().any(|n| n == name)))
            }
        }
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == "*" || item == wanted)
}

fn path_matches(pattern: &str, path: &str) -> bool {
    pattern == path || pattern.strip_suffix('*').is_some_and(|prefix| path.starts_with(prefix))
}

/// `*` is every resource with every subresource; `*/log` is the subresource `log` of all.
pub(super) fn resource_matches(pattern: &str, resource: &str, subresource: Option<&str>) -> bool {
    if pattern == "*" {
        return true;
    }
    match (pattern.split_once('/'), subresource) {
        (Some((main, sub)), Some(wanted)) => (main == "*" || main == resource) && sub == wanted,
        (None, None) => pattern == resource,
        _ => false,
    }
}

/// The rules that hold for a user, each with the binding that it comes by: of all clusters' bindings, and of the
/// namespace's.
pub(super) fn of(store: &Store, user: &User, namespace: Option<&str>) -> Vec<(Rule, String)> {
    let (mut bindings, _) = store.list(GROUP, "clusterrolebindings", None);
    if let Some(namespace) = namespace {
        bindings.extend(store.list(GROUP, "rolebindings", Some(namespace)).0);
    }
    bindings
        .iter()
        .filter_map(|binding| Some((binding, subject(binding, user)?)))
        .flat_map(|(binding, subject)| {
            let ground = ground(binding, subject);
            role(store, binding).into_iter().map(move |rule| (rule, ground.clone()))
        })
        .collect()
}

/// A binding in words.
fn ground(binding: &Value, subject: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let within = |name: &Value, namespace: &Value| match namespace.as_str() {
        Some(namespace) => format!("{}/{namespace}", text(name)),
        None => text(name),
    };
    let (meta, role) = (&binding["metadata"], &binding["roleRef"]);
    let kind = if meta["namespace"].is_string() { "RoleBinding" } else { "ClusterRoleBinding" };
    format!(
        "{kind} {:?} of {} {:?} to {} {:?}",
        within(&meta["name"], &meta["namespace"]),
        text(&role["kind"]),
        text(&role["name"]),
        text(&subject["kind"]),
        within(&subject["name"], &subject["namespace"]),
    )
}

/// The rules of the role that a binding refers to; none when it does not exist.
pub(super) fn role(store: &Store, binding: &Value) -> Vec<Rule> {
    let name = binding["roleRef"]["name"].as_str().unwrap_or_default();
    let key = match (binding["roleRef"]["kind"].as_str(), binding["metadata"]["namespace"].as_str()) {
        (Some("Role"), Some(namespace)) => Key::namespaced(GROUP, "roles", namespace, name),
        (Some("ClusterRole"), _) => Key::cluster(GROUP, "clusterroles", name),
        _ => return Vec::new(),
    };
    store.get(&key).map(|role| read_all(&role)).unwrap_or_default()
}

/// The rules that a role holds.
pub(crate) fn read_all(role: &Value) -> Vec<Rule> {
    role["rules"].as_array().into_iter().flatten().map(Rule::read).collect()
}

/// The subject of a binding that the user is.
fn subject<'b>(binding: &'b Value, user: &User) -> Option<&'b Value> {
    let own = binding["metadata"]["namespace"].as_str();
    binding["subjects"].as_array().into_iter().flatten().find(|subject| {
        let name = subject["name"].as_str().unwrap_or_default();
        match subject["kind"].as_str() {
            Some("User") => user.name == name,
            Some("Group") => user.groups.iter().any(|group| group == name),
            Some("ServiceAccount") => {
                let namespace = subject["namespace"].as_str().or(own).unwrap_or_default();
                user.account() == Some((namespace, name))
            }
            _ => false,
        }
    })
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
