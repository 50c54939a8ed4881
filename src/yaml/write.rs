//! Printing values as YAML that every reader understands the same.
//!
//! kubectl, ytt and many others read YAML 1.1, where `on`, `y`, `1_000` and `12:30:45` are not strings. So a string stands
//! bare only if no reader of any version takes it for something else; in case of doubt it is quoted.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// Words that some version of YAML takes for a boolean, a null or a number, in any case.
const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"];

/// A simple key may not be longer than 1024 characters; this is in bytes of its longest spelling.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// One value as a block-style document, keys in their order, ending in a newline, without `---`.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => mapping(&mut text, fields, 0, Start::OnNewLine),
        Value::Array(items) if !items.is_empty() => sequence(&mut text, items, 0, Start::OnNewLine),
        scalar => {
            leaf(&mut text, scalar, 0);
            text.push('\n');
        }
    }
    text
}

/// Where the first entry of a collection is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    OnNewLine,
    /// Behind the `- ` of a list.
    Here,
}

fn mapping(text: &mut String, fields: &Map<String, Value>, indent: usize, start: Start) {
    for (index, (key, value)) in fields.iter().enumerate() {
        if index > 0 || start == Start::OnNewLine {
            pad(text, indent);
        }
        let key = one_line(key);
        if key.len() > LONGEST_SIMPLE_KEY {
            let _ = writeln!(text, "? {key}");
            pad(text, indent);
        } else {
            text.push_str(&key);
        }
        text.push(':');
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                text.push('\n');
                mapping(text, fields, indent + 2, Start::OnNewLine);
            }
            // A list stands below its key without indentation, as kubectl prints it.
            Value::Array(items) if !items.is_empty() => {
                text.push('\n');
                sequence(text, items, indent, Start::OnNewLine);
            }
            scalar => {
                text.push(' ');
                leaf(text, scalar, indent + 2);
                text.push('\n');
            }
        }
    }
}

fn sequence(text: &mut String, items: &[Value], indent: usize, start: Start) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || start == Start::OnNewLine {
            pad(text, indent);
        }
        text.push_str("- ");
        match item {
            Value::Object(fields) if !fields.is_empty() => mapping(text, fields, indent + 2, Start::Here),
            Value::Array(items) if !items.is_empty() => sequence(text, items, indent + 2, Start::Here),
            scalar => {
                leaf(text, scalar, indent + 2);
                text.push('\n');
            }
        }
    }
}

/// Everything without entries, without the newline at its end. `indent` is for the lines of a block.
fn leaf(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => text.push_str(&number(value)),
        Value::String(value) if survives_as_block(value) => block(text, value, indent),
        Value::String(value) => text.push_str(&one_line(value)),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

/// YAML 1.1 wants a point in the mantissa and a sign on the exponent, or it sees a string.
fn number(value: &Number) -> String {
    let text = value.to_string();
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{exponent}")
        }
        None => text,
    }
}

fn one_line(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Whether the text can stand without quotes, in any place, for any reader.
fn is_plain(text: &str) -> bool {
    let first = |letter: char| letter.is_ascii_alphabetic() || "_/".contains(letter);
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_/.-+@=:()* ".contains(letter);
    text.starts_with(first)
        && text.chars().all(inner)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Double quotes, and escapes for all that a reader may refuse or fold.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            letter if is_printable(letter) => quoted.push(letter),
            letter => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Printable in YAML 1.1, and no line break in any version. All others are in the first plane, where four digits suffice.
fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a literal block gives back the text as it is. A first line that begins with white space would need an explicit
/// indentation, and lines of nothing but spaces are read differently by different readers.
fn survives_as_block(text: &str) -> bool {
    let blank = |line: &str| !line.is_empty() && line.chars().all(char::is_whitespace);
    text.contains('\n')
        && !text.starts_with(char::is_whitespace)
        && text.chars().all(|letter| letter == '\n' || letter == '\t' || is_printable(letter))
        && !text.split('\n').any(blank)
}

fn block(text: &mut String, value: &str, indent: usize) {
    let body = value.trim_end_matches('\n');
    let breaks = value.len() - body.len();
    text.push_str(match breaks {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in body.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            pad(text, indent.max(2));
            text.push_str(line);
        }
    }
    // The last newline is the one that ends every leaf.
    text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
}

fn pad(text: &mut String, width: usize) {
    text.extend(std::iter::repeat_n(' ', width));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn back(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn a_document_looks_as_kubectl_prints_it() {
        let value = json!({
            "kind": "Secret",
            "metadata": {"name": "values", "annotations": {}},
            "list": [{"a": 1, "b": ["x", "y"]}, [], [[1, 2], 3]],
            "none": null,
            "text": "first: 1\n  second\n\nlast\n",
        });
        insta::assert_snapshot!(to_yaml(&value), @r#"
        kind: Secret
        metadata:
          name: values
          annotations: {}
        list:
        - a: 1
          b:
          - x
          - "y"
        - []
        - - - 1
            - 2
          - 3
        none: null
        text: |
          first: 1
            second

          last
        "#);
    }

    #[test]
    fn strings_that_a_yaml_1_1_reader_takes_for_something_else_are_quoted() {
        for text in [
            "on",
            "off",
            "yes",
            "no",
            "y",
            "n",
            "Y",
            "NO",
            "True",
            "null",
            "~",
            "",
            "1_000",
            "12:30:45",
            "0x1f",
            "0777",
            "1e3",
            ".5",
            ".inf",
            "-1",
            "+1",
            "2001-01-01",
            "=",
            "<<",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "&a",
            "*a",
            "!a",
            "@a",
            "`a",
            "%a",
            "a:",
            " a",
            "a ",
            "{a",
            "[a",
            "'a",
            "|",
            ">",
            "?",
            "---",
            "...",
        ] {
            let yaml = to_yaml(&text.into());
            assert!(yaml.starts_with('"') && yaml.ends_with("\"\n"), "{yaml}");
        }
    }

    #[test]
    fn ordinary_strings_are_not_quoted() {
        for text in [
            "prometheus",
            "kube-system",
            "/etc/config",
            "a b",
            "monitoring.example.com:9090",
            "promfed.dev/v1alpha1",
        ] {
            assert_eq!(to_yaml(&text.into()), format!("{text}\n"));
        }
    }

    #[test]
    fn the_end_of_a_block_is_kept() {
        assert_eq!(to_yaml(&json!({"a": "x\ny"})), "a: |-\n  x\n  y\n");
        assert_eq!(to_yaml(&json!({"a": "x\ny\n\n", "b": 1})), "a: |+\n  x\n  y\n\nb: 1\n");
    }

    #[test]
    fn numbers_are_numbers_in_yaml_1_1_too() {
        assert_eq!(to_yaml(&json!([1e20, 1.5e-9, 3, 2.5])), "- 1.0e+20\n- 1.5e-9\n- 3\n- 2.5\n");
    }

    #[test]
    fn a_key_of_any_length_can_be_read_back() {
        let value = json!({"k".repeat(3000): {"a": 1}, "b": 2});
        assert_eq!(back(&to_yaml(&value)), value);
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[ \\t\\n\\r:#a-c|>'\"\\-\\[\\]{},&*!?%@`\u{85}\u{2028}\u{feff}\u{e9}]{0,12}",
            "[0-9_.:xeE+-]{1,8}",
            "(a|  b|\t|\n|\n\n){1,6}",
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((text(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn two_readers_give_every_value_back(value in value()) {
            let yaml = to_yaml(&value);
            let other: Value = serde_yaml::from_str(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
            prop_assert_eq!(&other, &value, "{}", &yaml);
            prop_assert_eq!(&back(&yaml), &value, "{}", &yaml);
        }
    }
}
