//! The values of an install: what its Secrets say, merged over the defaults as ytt does it.
//!
//! Maps are merged, lists are replaced. A key that the schema does not know, a value of another type and a text that
//! is no plain YAML are refused, in ytt's words.

use serde_json::Value;

use super::schema::{Type, type_name};

/// One values file: the key of the Secret that it came from, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Merges the files over the defaults, in their order. The error is what ytt prints.
pub(crate) fn merge(defaults: &Value, files: &[File]) -> Result<Value, String> {
    let mut merged = defaults.clone();
    let mut problems = Vec::new();
    for file in files {
        let given = parse(file)?;
        if given.is_null() {
            continue;
        }
        Merge { file, problems: &mut problems }.node("", &mut merged, defaults, &given);
    }
    if problems.is_empty() {
        return Ok(merged);
    }
    Err(format!(
        "ytt: Error: Overlaying data values (in following order: additional data values):\n  \
         One or more data values were invalid\n  ====================================\n\n{}",
        problems.join("\n\n")
    ))
}

fn parse(file: &File) -> Result<Value, String> {
    if file.text.lines().any(|line| line.trim_start().starts_with("#@")) {
        return Err(format!(
            "ytt: Error: Extracting data value from file:\n  Checking data values file '{}':\n    \
             Expected to be plain YAML, having no annotations (hint: remove comments starting with `#@`)",
            file.name
        ));
    }
    serde_yaml::from_str(&file.text)
        .map_err(|error| format!("ytt: Error: Unmarshaling YAML template '{}': yaml: {error}", file.name))
}

struct Merge<'m> {
    file: &'m File,
    problems: &'m mut Vec<String>,
}

impl Merge<'_> {
    fn node(&mut self, name: &str, merged: &mut Value, default: &Value, given: &Value) {
        let wanted = Type::of(name, default);
        if !wanted.admits(given) {
            let title = "One or more data values were invalid";
            self.refuse(title, name, type_name(given), wanted.name(), None);
            return;
        }
        match wanted {
            Type::Map => self.map(merged, default, given),
            Type::Strings => {
                if let Some(other) = given.as_array().into_iter().flatten().find(|item| !item.is_string()) {
                    self.refuse(
                        "One or more data values were invalid",
                        name,
                        type_name(other),
                        "string",
                        None,
                    );
                } else {
                    *merged = given.clone();
                }
            }
            _ => *merged = given.clone(),
        }
    }

    fn map(&mut self, merged: &mut Value, default: &Value, given: &Value) {
        for (key, value) in given.as_object().into_iter().flatten() {
            if let Some(default) = default.get(key) {
                self.node(key, &mut merged[key], default, value);
                continue;
            }
            let mut known: Vec<&str> =
                default.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
            known.sort_unstable();
            let expected = match known.len() {
                1 => format!("a {}", known[0]),
                2..=9 => format!("one of {{ {} }}", known.join(", ")),
                _ => format!("one of {{ {}, ... }}", known[..known.len().min(9)].join(", ")),
            };
            let near = known.iter().min_by_key(|known| distance(known, key)).copied();
            let near = near.filter(|near| distance(near, key) <= 3);
            self.refuse("Given data value is not declared in schema", key, key, &expected, near);
        }
    }

    fn refuse(&mut self, title: &str, key: &str, found: &str, expected: &str, hint: Option<&str>) {
        let start = format!("{key}:");
        let lines = || self.file.text.lines().enumerate();
        let (number, line) = lines()
            .find(|(_, line)| line.trim_start_matches([' ', '-']).starts_with(&start))
            .map_or((1, self.file.text.lines().next().unwrap_or_default()), |(at, line)| (at + 1, line));
        let mut text = format!(
            "{title}\n{}:\n    |\n{number:>3} | {}\n    |\n\n    = found: {found}\n    = expected: {expected} (by schema.yaml)",
            self.file.name,
            line.trim(),
        );
        if let Some(hint) = hint {
            text.push_str("\n    = hint: did you mean \"");
            text.push_str(hint);
            text.push_str("\"?");
        }
        self.problems.push(text);
    }
}

/// How many letters have to change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let cost = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn defaults() -> Value {
        json!({"prometheus": {"args": ["--a", "--b"], "pvc": {"storage": "1Gi", "class": null}}, "on": false})
    }

    fn file(text: &str) -> File {
        File { name: "values.yaml".into(), text: text.into() }
    }

    #[test]
    fn maps_are_merged_and_lists_replaced() {
        let first = file("prometheus: {args: [--c]}\non: true\n");
        let second = file("---\nprometheus:\n  pvc:\n    class: fast\n");
        let merged = merge(&defaults(), &[first, second, file("# nothing\n")]).unwrap();
        assert_eq!(
            merged,
            json!({"prometheus": {"args": ["--c"], "pvc": {"storage": "1Gi", "class": "fast"}}, "on": true})
        );
    }

    #[test]
    fn unknown_keys_and_other_types_are_refused() {
        let error = merge(&defaults(), &[file("# a comment\npromtheus: {}\non: 1\n")]).unwrap_err();
        assert!(error.starts_with("ytt: Error: "), "{error}");
        assert!(error.contains("  2 | promtheus: {}"), "{error}");
        assert!(error.contains("= hint: did you mean \"prometheus\"?"), "{error}");
        assert!(error.contains("= found: integer\n    = expected: boolean"), "{error}");
    }

    #[test]
    fn what_is_no_plain_yaml_is_refused() {
        assert!(
            merge(&defaults(), &[file("a: [")])
                .unwrap_err()
                .contains("Unmarshaling YAML template 'values.yaml'")
        );
        assert!(
            merge(&defaults(), &[file("#@data/values\n---\non: true\n")]).unwrap_err().contains("plain YAML")
        );
        assert!(merge(&defaults(), &[file("just words")]).is_err());
    }
}
