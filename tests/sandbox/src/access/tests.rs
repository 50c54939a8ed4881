use serde_json::{Value, json};

use super::*;

const GROUP: &str = "rbac.authorization.k8s.io";

fn access() -> Access {
    Access::new(Store::default())
}

fn put(access: &Access, resource: &str, namespace: Option<&str>, name: &str, mut object: Value) {
    object["metadata"] = json!({"name": name});
    let key = match namespace {
        Some(namespace) => {
            object["metadata"]["namespace"] = json!(namespace);
            Key::namespaced(GROUP, resource, namespace, name)
        }
        None => Key::cluster(GROUP, resource, name),
    };
    access.store.create(&key, object).unwrap();
}

fn can(
    access: &Access,
    user: &User,
    verb: &str,
    resource: &str,
    ns: Option<&str>,
    name: Option<&str>,
) -> bool {
    let (resource, subresource) = resource.split_once('/').map_or((resource, None), |(r, s)| (r, Some(s)));
    let subject = Subject::Resource { group: "", resource, subresource, namespace: ns, name };
    access.allowed(user, &Attributes { verb, subject })
}

#[test]
fn a_role_holds_in_its_namespace_only() {
    let access = access();
    let rules = json!({"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["a"]},
        {"apiGroups": [""], "resources": ["services/proxy", "*/log"], "verbs": ["get"]}]});
    put(&access, "roles", Some("n"), "r", rules);
    put(
        &access,
        "rolebindings",
        Some("n"),
        "b",
        json!({"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "u"}]}),
    );
    let user = User::new("u", &[]);
    assert!(can(&access, &user, "get", "secrets", Some("n"), Some("a")));
    assert!(!can(&access, &user, "get", "secrets", Some("n"), Some("b")));
    assert!(!can(&access, &user, "list", "secrets", Some("n"), None));
    assert!(!can(&access, &user, "get", "secrets", Some("m"), Some("a")));
    assert!(can(&access, &user, "get", "services/proxy", Some("n"), Some("s")));
    assert!(!can(&access, &user, "get", "services", Some("n"), Some("s")));
    assert!(can(&access, &user, "get", "pods/log", Some("n"), Some("p")));
    assert!(!can(&access, &User::new("v", &[]), "get", "secrets", Some("n"), Some("a")));
}

#[test]
fn a_service_account_is_a_user_and_its_token_dies_with_it() {
    let access = access();
    let key = Key::namespaced("", "serviceaccounts", "n", "sa");
    assert!(access.service_account_token("n", "sa").is_none());
    access.store.create(&key, json!({"metadata": {"name": "sa", "namespace": "n"}})).unwrap();
    put(&access, "clusterroles", None, "all", json!({"rules": [Rule::everything().to_json()]}));
    let subjects = json!([{"kind": "ServiceAccount", "name": "sa", "namespace": "n"}]);
    let binding = json!({"roleRef": {"kind": "ClusterRole", "name": "all"}, "subjects": subjects});
    put(&access, "clusterrolebindings", None, "b", binding);
    let token = access.service_account_token("n", "sa").unwrap();
    let user = access.authenticate(&token).unwrap();
    assert_eq!(user.name, "system:serviceaccount:n:sa");
    assert!(can(&access, &user, "delete", "nodes", None, Some("x")));
    access.store.delete(&key).unwrap();
    assert_eq!(access.authenticate(&token), None);
}

#[test]
fn masters_may_everything_and_nobody_else_may_anything() {
    let access = access();
    let admin = access.authenticate(access.admin_token()).unwrap();
    assert!(can(&access, &admin, "delete", "nodes", None, Some("x")));
    assert!(!can(&access, &User::anonymous(), "get", "nodes", None, Some("x")));
    assert!(access.authenticate("x").is_none());
}

#[test]
fn nobody_grants_what_they_lack() {
    let access = access();
    let read = Rule { verbs: vec!["get".to_owned()], ..Rule::everything() };
    put(&access, "clusterroles", None, "read", json!({"rules": [read.to_json()]}));
    put(
        &access,
        "clusterrolebindings",
        None,
        "b",
        json!({"roleRef": {"kind": "ClusterRole", "name": "read"}, "subjects": [{"kind": "Group", "name": "g"}]}),
    );
    let user = User::new("u", &["g"]);
    let pods = Rule { resources: vec!["pods".to_owned()], ..read.clone() };
    assert_eq!(access.escalation(&user, None, &[pods]), []);
    assert_eq!(access.escalation(&user, None, &[Rule::everything()]), [Rule::everything()]);
}
