//! What ytt says of values that it does not take, in one line for each place.

/// The places, as ytt's message tells them; its last words where it names none.
///
/// ytt quotes the line of the values. Of that only the key is told: what follows may be a password.
pub(super) fn complaints(message: &str) -> Vec<String> {
    if message.contains("having no annotations") {
        return vec!["a line begins with `#@`, which ytt takes for an annotation".to_owned()];
    }
    let mut all = Vec::new();
    let mut place = String::new();
    let mut found = "";
    for line in message.lines() {
        let told = line.trim_start_matches([' ', '|', '=']);
        if let Some(key) = quoted(line) {
            place = key;
        } else if let Some(words) = told.strip_prefix("found: ") {
            found = words;
        } else if let Some(words) = told.strip_prefix("expected: ") {
            let wanted =
                words.split(" (by ").next().unwrap_or(words).split(" (from ").next().unwrap_or(words);
            let is_key = wanted.contains("key") || wanted.starts_with("one of");
            all.push(if is_key {
                format!("the package does not know {place}")
            } else {
                format!("{place} is {found}, and has to be {wanted}")
            });
        } else if let (Some(words), Some(last)) = (told.strip_prefix("hint: "), all.last_mut()) {
            *last = format!("{last}; {words}");
        }
    }
    if all.is_empty() {
        let words = message.lines().map(str::trim).rfind(|line| !line.is_empty());
        all.extend(words.map(str::to_owned));
    }
    all
}

/// `  3 | nopes: 1` and `values.yml:3 | nopes: 1`, as `nopes (line 3)`.
fn quoted(line: &str) -> Option<String> {
    let (at, source) = line.split_once(" | ")?;
    let number: u32 = at.trim().rsplit(':').next()?.parse().ok()?;
    let key = source.trim().trim_start_matches("- ").split(':').next()?;
    (!key.is_empty()).then(|| format!("{key} (line {number})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"ytt: Error:
  Overlaying data values (in following order: additional data values):
One or more data values were invalid
====================================

Given data value is not declared in schema
values.yaml:
    |
  3 | promtheus: secret
    |

    = found: promtheus
    = expected: a key declared in map (from values-schema.yaml:2)
    = hint: did you mean "prometheus"?

values.yaml:
    |
  9 |     replicas: "two"
    |

    = found: string
    = expected: integer (by values-schema.yaml:12)
"#;

    #[test]
    fn every_place_is_told_and_no_value() {
        let all = complaints(SCHEMA);
        assert_eq!(
            all,
            [
                "the package does not know promtheus (line 3); did you mean \"prometheus\"?",
                "replicas (line 9) is string, and has to be integer"
            ]
        );
    }

    #[test]
    fn what_has_no_place_is_told_in_its_last_words() {
        let message = "ytt: Error:\n  Unmarshaling YAML data values file:\n    yaml: line 3: did not find expected key\n";
        assert_eq!(complaints(message), ["yaml: line 3: did not find expected key"]);
        assert!(
            complaints("… Expected to be plain YAML, having no annotations (hint: …)")[0].contains("`#@`")
        );
    }
}
