//! Writes new values in the style of the document around them.

use serde_json::Value;

use super::tree::{Content, Layout, Node, Tree, resolve};

/// The habits of a document's author, as far as new lines must follow them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// How strings are written within flow collections.
    quotes: Quotes,
    /// By how many columns a nested mapping is indented.
    step: usize,
    /// By how many columns the dashes of a list are indented below its key.
    dash: usize,
}

/// Which strings get quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    WhereNeeded,
    /// The document is JSON, and stays it.
    Always,
}

impl Habits {
    pub(super) fn of(text: &str, tree: &Tree) -> Self {
        let mut seen = Seen::default();
        if let Some(root) = &tree.root {
            seen.look(text, root);
        }
        let quotes = match tree.root.as_ref().map(|root| &root.content) {
            Some(Content::Mapping { layout: Layout::Flow, entries })
                if entries.iter().all(|(key, _)| key.is_double_quoted()) && !entries.is_empty() =>
            {
                Quotes::Always
            }
            _ => Quotes::WhereNeeded,
        };
        // A block scalar's indentation must fit into one digit.
        let step = seen.step.unwrap_or(2).min(9);
        Self { quotes, step, dash: seen.dash.unwrap_or(0) }
    }

    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// A value within a flow collection.
    pub(super) fn flow(&self, value: &Value) -> String {
        match self.quotes {
            Quotes::WhereNeeded => flow(value),
            Quotes::Always => json(value),
        }
    }

    /// `key: value` within a flow mapping.
    pub(super) fn flow_entry(&self, key: &str, value: &Value) -> String {
        match self.quotes {
            Quotes::WhereNeeded => format!("{}: {}", scalar(key), flow(value)),
            Quotes::Always => format!("{}: {}", quoted(key), json(value)),
        }
    }

    /// `key: value`, over as many lines as it takes, without indentation of its own.
    pub(super) fn entry(&self, key: &str, value: &Value) -> Vec<String> {
        let key = scalar(key);
        match self.value(value) {
            Rendered::Inline(text) => vec![format!("{key}: {text}")],
            Rendered::Below { header, lines } => {
                let indent = if matches!(value, Value::Array(_)) { self.dash } else { self.step };
                let mut all =
                    vec![if header.is_empty() { format!("{key}:") } else { format!("{key}: {header}") }];
                all.extend(lines.into_iter().map(|line| indented(indent, &line)));
                all
            }
        }
    }

    /// `- value`, over as many lines as it takes, without indentation of its own.
    pub(super) fn item(&self, value: &Value) -> Vec<String> {
        match self.value(value) {
            Rendered::Inline(text) => vec![format!("- {text}")],
            Rendered::Below { header, lines } if header.is_empty() => lines
                .into_iter()
                .enumerate()
                .map(|(number, line)| if number == 0 { format!("- {line}") } else { indented(2, &line) })
                .collect(),
            Rendered::Below { header, lines } => std::iter::once(format!("- {header}"))
                .chain(lines.into_iter().map(|line| indented(self.step, &line)))
                .collect(),
        }
    }

    fn value(&self, value: &Value) -> Rendered {
        match value {
            Value::Object(map) if !map.is_empty() => Rendered::Below {
                header: String::new(),
                lines: map.iter().flat_map(|(key, value)| self.entry(key, value)).collect(),
            },
            Value::Array(items) if !items.is_empty() => Rendered::Below {
                header: String::new(),
                lines: items.iter().flat_map(|item| self.item(item)).collect(),
            },
            Value::String(text) if text.contains('\n') => match literal(text, self.step) {
                Some((header, lines)) => Rendered::Below { header, lines },
                None => Rendered::Inline(quoted(text)),
            },
            other => Rendered::Inline(flow(other)),
        }
    }
}

/// The first habits that a document shows.
#[derive(Default)]
struct Seen {
    step: Option<usize>,
    dash: Option<usize>,
}

impl Seen {
    fn look(&mut self, text: &str, node: &Node) {
        match &node.content {
            Content::Mapping { layout: Layout::Block, entries } => {
                for (key, value) in entries {
                    let below = |at: usize| column(text, at).checked_sub(column(text, key.span.start));
                    match &value.content {
                        Content::Mapping { layout: Layout::Block, entries } => {
                            let inner = entries.first().and_then(|(inner, _)| below(inner.span.start));
                            self.step = self.step.or(inner.filter(|columns| *columns > 0));
                        }
                        Content::Sequence { layout: Layout::Block, items } => {
                            let dash = items.first().map(|item| item.lead);
                            self.dash = self.dash.or(dash.and_then(below));
                        }
                        _ => {}
                    }
                    self.look(text, value);
                }
            }
            Content::Sequence { items, .. } => items.iter().for_each(|item| self.look(text, item)),
            _ => {}
        }
    }
}

enum Rendered {
    Inline(String),
    Below { header: String, lines: Vec<String> },
}

/// A line of a block; blank lines carry no indentation.
pub(super) fn indented(columns: usize, line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(columns)) }
}

/// A value on one line, as in `{a: [1, 2]}`.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A value as JSON, with the spaces that people give it.
fn json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", quoted(key), json(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// A string on one line: plain where every reader of YAML 1.1 and 1.2 takes it for that string, else quoted.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.chars().any(|c| c.is_control() || c == '\u{feff}') {
        quoted(text)
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// JSON's escapes are YAML's.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// Flow indicators count too, so that the same text is right in block and in flow style.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let mut rest = text.chars().skip(1);
    let begins_plain = match first {
        '-' => rest.next().is_some_and(|second| second != ' '),
        c => !"?:,[]{}#&*!|>'\"%@`=<~+.".contains(c) && !c.is_ascii_digit() && !c.is_whitespace(),
    };
    let looks_numeric = first == '-' && text[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.');
    begins_plain
        && !looks_numeric
        && !text.ends_with([' ', ':'])
        && !text.starts_with("---")
        && !text.contains(": ")
        // Within flow collections libyaml takes this for the start of a value.
        && !text.contains(":?")
        && !text.contains(" #")
        && !text.contains([',', '[', ']', '{', '}'])
        && !text.chars().any(char::is_control)
        && matches!(resolve(text), Value::String(_))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "yes" | "no" | "on" | "off" | "y" | "n" | "true" | "false" | "null"
        )
}

/// A block of literal lines and its header, where the text survives as one.
pub(super) fn literal(text: &str, step: usize) -> Option<(String, Vec<String>)> {
    if text.chars().any(|c| c != '\n' && c != '\t' && c.is_control()) || text.trim().is_empty() {
        return None;
    }
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let indentation = if body.starts_with([' ', '\n']) { step.to_string() } else { String::new() };
    let mut lines: Vec<_> = body.split('\n').map(str::to_owned).collect();
    if chomping == "+" {
        lines.extend(std::iter::repeat_n(String::new(), text.len() - body.len() - 1));
    }
    Some((format!("|{indentation}{chomping}"), lines))
}

/// How many bytes of its line come before this position.
pub(super) fn column(text: &str, position: usize) -> usize {
    position - line_start(text, position)
}

/// Where the line of this position begins.
pub(super) fn line_start(text: &str, position: usize) -> usize {
    text[..position].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line of this position ends, before its line end.
pub(super) fn line_end(text: &str, position: usize) -> usize {
    let end = text[position..].find('\n').map_or(text.len(), |newline| position + newline);
    if end > position && text[..end].ends_with('\r') { end - 1 } else { end }
}
