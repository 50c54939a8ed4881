//! Overlays of a user's own: what ytt does with the files that a PackageInstall names in its annotations.
//!
//! Not all of ytt: documents with `overlay.subset`, list items by name, `missing_ok=True` and `append`, and
//! `data.values.KEY` as a value. Whatever else is annotated is refused, so that nothing is taken for done that is not.
//! `annotation` reads the comments, `lay` lays a document over an object. `tests/e2e` compares it with the real ytt.

mod annotation;
mod lay;

use std::collections::BTreeMap;

use serde_json::Value;

use super::values::ValuesFile;
use super::values::tree::{self, Content, Entry};
use annotation::{Annotation, Match, annotation};

/// How an annotation of a PackageInstall begins that names a Secret with overlays.
pub(super) const PATHS_FROM: &str = "ext.packaging.carvel.dev/ytt-paths-from-secret-name";

/// The Secrets whose keys are files for ytt, in the order of what comes behind the annotation's name.
pub(super) fn secrets(install: &Value) -> Vec<String> {
    let annotations = install["metadata"]["annotations"].as_object();
    let named = annotations.into_iter().flatten().filter_map(|(key, name)| {
        let suffix = key.strip_prefix(PATHS_FROM)?;
        let suffix = if suffix.is_empty() { suffix } else { suffix.strip_prefix('.')? };
        Some((suffix, name.as_str().unwrap_or_default().to_owned()))
    });
    named.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// Adds the documents of the files to the objects, or lays them over those that they match.
pub(super) fn apply(objects: &mut Vec<Value>, files: &[ValuesFile], values: &Value) -> Result<(), String> {
    for file in files {
        let lines: Vec<&str> = file.text.lines().collect();
        let file_error = |error| format!("ytt: Error: {}: {error}", file.name);
        for document in tree::documents(&file.name, &file.text).map_err(file_error)? {
            let root = document.root;
            let over = Over { lines: &lines, values };
            match annotation(&lines, root.place.line).map_err(file_error)? {
                Annotation::None if root.value == Content::Scalar(Value::Null) => {}
                Annotation::None => objects.push(over.plain(root).map_err(file_error)?),
                Annotation::Match(Match::Subset(subset)) => {
                    let matched: Vec<_> =
                        objects.iter_mut().filter(|object| includes(object, &subset)).collect();
                    let count = matched.len();
                    let [object] = <[&mut Value; 1]>::try_from(matched).map_err(|_| {
                        file_error(format!("Expected number of matched nodes to be 1, but was {count}"))
                    })?;
                    over.lay(object, root).map_err(file_error)?;
                }
                other => return Err(file_error(format!("a document cannot be annotated with {other:?}"))),
            }
        }
    }
    Ok(())
}

/// What a file brings to its documents.
struct Over<'t> {
    lines: &'t [&'t str],
    values: &'t Value,
}

impl Over<'_> {
    /// The annotation above an entry.
    fn annotation(&self, entry: &Entry<'_>) -> Result<Annotation, String> {
        annotation(self.lines, entry.place.line)
    }

    /// An entry's value, computed where a comment behind it says so.
    fn computed(&self, entry: &Entry<'_>) -> Option<Result<Value, String>> {
        // What has a value of its own has no other.
        if entry.value != Content::Scalar(Value::Null) {
            return None;
        }
        let (_, code) = entry.place.text.split_once("#@ ").filter(|(before, _)| !before.trim().is_empty())?;
        let key = code.trim().strip_prefix("data.values.");
        let found = key.and_then(|key| self.values.get(key)).cloned();
        Some(found.ok_or_else(|| format!("the sandbox cannot compute {code:?}")))
    }
}

/// Whether an object has all of this.
fn includes(object: &Value, subset: &Value) -> bool {
    match subset {
        Value::Object(map) => map.iter().all(|(key, value)| includes(&object[key], value)),
        other => object == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(text: &str) -> Result<Vec<Value>, String> {
        let mut objects = vec![
            json!({"kind": "A", "metadata": {"name": "a"}, "spec": {"items": [{"name": "x", "count": 1}], "count": 1}}),
            json!({"kind": "B"}),
        ];
        let files = [ValuesFile { name: "f.yaml".into(), text: text.into() }];
        apply(&mut objects, &files, &json!({"namespace": "ns"}))?;
        Ok(objects)
    }

    #[test]
    fn a_document_of_its_own_is_one_more_object() {
        let objects = applied(
            "#@ load(\"@ytt:data\", \"data\")\n---\nkind: C\nmetadata:\n  namespace: #@ data.values.namespace\n",
        );
        assert_eq!(objects.expect("objects")[2], json!({"kind": "C", "metadata": {"namespace": "ns"}}));
    }

    #[test]
    fn a_document_is_laid_over_what_it_matches() {
        let text = "#@overlay/match by=overlay.subset({\"kind\": \"A\"})\n---\nspec:\n  count: 2\n  #@overlay/match missing_ok=True\n  more:\n  - 1\n  items:\n  #@overlay/match by=\"name\"\n  - name: x\n    count: 3\n  #@overlay/match by=\"name\", missing_ok=True\n  - name: w\n  #@overlay/append\n  - z: 1\n";
        let objects = applied(text).expect("objects");
        let items = json!([{"name": "x", "count": 3}, {"name": "w"}, {"z": 1}]);
        assert_eq!(objects[0]["spec"], json!({"items": items, "count": 2, "more": [1]}));
    }

    #[test]
    fn what_is_missing_and_may_not_be_is_told() {
        let none = "#@overlay/match by=overlay.subset({\"kind\": \"D\"})\n---\na: 1\n";
        assert!(applied(none).is_err_and(|error| error.contains("to be 1, but was 0")));
        let new = "#@overlay/match by=overlay.subset({\"kind\": \"A\"})\n---\nspec:\n  new: 1\n";
        assert!(applied(new).is_err_and(|error| error.contains("to be 1, but was 0")));
        let unknown = "#@overlay/replace\n---\na: 1\n";
        assert!(applied(unknown).is_err_and(|error| error.contains("#@overlay/replace")));
    }

    #[test]
    fn secrets_come_in_the_order_of_their_suffixes() {
        let install = json!({"metadata": {"annotations": {
            format!("{PATHS_FROM}.z"): "third", PATHS_FROM: "first", format!("{PATHS_FROM}.0"): "second", "other": "x",
        }}});
        assert_eq!(secrets(&install), ["first", "second", "third"]);
    }
}
