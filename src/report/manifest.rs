//! Kubernetes objects, printed so that `kubectl apply -f -` takes them.

use serde_json::{Value, json};

use crate::yaml::write::to_yaml;

/// The objects as YAML documents, separated by `---`. No objects are no text.
pub fn yaml_stream<'a>(objects: impl IntoIterator<Item = &'a Value>) -> String {
    objects.into_iter().map(to_yaml).collect::<Vec<_>>().join("---\n")
}

/// The objects as one JSON document: the object itself if it is one, else a `List`.
pub fn json_list(objects: &[Value]) -> String {
    match objects {
        [object] => format!("{object:#}\n"),
        objects => format!("{:#}\n", json!({"apiVersion": "v1", "kind": "List", "items": objects})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> [Value; 2] {
        [json!({"kind": "Secret", "stringData": {"a": "x\n---\ny\n"}}), json!({"kind": "PackageInstall"})]
    }

    #[test]
    fn documents_are_separated_by_one_line() {
        insta::assert_snapshot!(yaml_stream(&objects()), @r"
        kind: Secret
        stringData:
          a: |
            x
            ---
            y
        ---
        kind: PackageInstall
        ");
    }

    #[test]
    fn several_objects_are_a_list_in_json() {
        let list: Value = serde_json::from_str(&json_list(&objects())).unwrap();
        assert_eq!((&list["kind"], &list["items"][1]["kind"]), (&json!("List"), &json!("PackageInstall")));
    }

    #[test]
    fn one_object_is_itself_in_json() {
        let object: Value = serde_json::from_str(&json_list(&objects()[..1])).unwrap();
        assert_eq!(object["kind"], "Secret");
    }
}
