//! Roles and their bindings, printed so that `kubectl apply -f -` takes them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::manifest::json_list;
use crate::rights::Grant;
use crate::yaml::write::to_yaml;

/// YAML documents, with what each rule is for above it.
pub fn grants_yaml(all: &[Grant]) -> String {
    all.iter().map(document).collect::<Vec<_>>().join("---\n")
}

/// One JSON document. It has no room for what the rules are for.
pub fn grants_json(all: &[Grant]) -> String {
    json_list(&all.iter().map(Grant::object).collect::<Vec<_>>())
}

/// `kind/name`, one a line.
pub fn grants_names(all: &[Grant]) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |grant: &Grant| {
        format!("{}/{}\n", text(&grant.head["kind"]).to_lowercase(), text(&grant.head["metadata"]["name"]))
    };
    all.iter().map(line).collect()
}

fn document(grant: &Grant) -> String {
    let mut text = to_yaml(&grant.head);
    if grant.rules.is_empty() {
        return text;
    }
    text.push_str("rules:\n");
    for part in &grant.rules {
        let _ = write!(text, "# {}\n{}", part.why, to_yaml(&json!([part.rule])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Names;
    use crate::rights::{Scope, Subject, Task, grants};

    #[test]
    fn comments_change_nothing_of_what_is_granted() {
        let scope = Scope::of(Names::new("prometheus", "tkg-system"));
        for task in Task::ALL {
            let all = grants(task, &scope, &[Subject::Group("ops".into())]);
            let read: Vec<Value> =
                grants_yaml(&all).split("---\n").map(|one| crate::yaml::read(one).expect("YAML")).collect();
            assert_eq!(read, all.iter().map(Grant::object).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_role_says_what_each_of_its_rules_is_for() {
        let scope = Scope::of(Names::new("prometheus", "tkg-system"));
        let all = grants(Task::Viewer, &scope, &[Subject::User("ann".into())]);
        insta::assert_snapshot!(grants_yaml(&all[..2]), @r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: prometheus-tkg-system-promfed-viewer
          labels:
            app.kubernetes.io/managed-by: kubectl-promfed
        rules:
        # tells one cluster from another, by the UID of this namespace
        - apiGroups:
          - ""
          resources:
          - namespaces
          resourceNames:
          - kube-system
          verbs:
          - get
        # finds the pods of Prometheus, and pods whose label cluster hides the cluster's name
        - apiGroups:
          - ""
          resources:
          - pods
          verbs:
          - list
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: prometheus-tkg-system-promfed-viewer
          labels:
            app.kubernetes.io/managed-by: kubectl-promfed
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: prometheus-tkg-system-promfed-viewer
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: User
          name: ann
        "#);
    }
}
