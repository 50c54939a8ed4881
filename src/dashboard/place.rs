//! Where the variable goes in the text, in the text's own style.

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value as Json, json};

use super::json::{Node, Splice, Value};
use super::variable::{Change, Chosen};

/// Behind the last data source, on which it depends, and before all that depends on it.
fn behind(list: &[Node]) -> usize {
    list.iter().rposition(|one| one.text_of("type") == Some("datasource")).map_or(0, |at| at + 1)
}

/// The change of the text.
pub(super) fn variable(
    text: &str,
    root: &Node,
    list: &[Node],
    chosen: &Chosen,
    new: &Json,
) -> Option<Splice> {
    match (chosen.change, chosen.at) {
        (Change::Kept, _) => None,
        (Change::Shown, at) => {
            let span = list.get(at?)?.get("hide")?.span.clone();
            Some(Splice { span, text: "0".to_owned() })
        }
        (Change::Replaced, at) => {
            let span = list.get(at?)?.span.clone();
            Some(Splice { text: written(text, span.start, new), span })
        }
        (Change::Added, _) => Some(added(text, root, list, new)),
    }
}

fn added(text: &str, root: &Node, list: &[Node], new: &Json) -> Splice {
    let at = behind(list);
    let before = |place: usize, more: String| Splice { span: place..place, text: more };
    if let Some(next) = list.get(at) {
        let start = next.span.start;
        return before(start, format!("{},{}", written(text, start, new), gap(text, start)));
    }
    if let Some(last) = list.last() {
        let (start, end) = (last.span.start, last.span.end);
        return before(end, format!(",{}{}", gap(text, start), written(text, start, new)));
    }
    let templating = root.get("templating").filter(|one| matches!(one.value, Value::Object(_)));
    if let Some(empty) = templating.and_then(|templating| templating.get("list")) {
        return Splice { span: empty.span.clone(), text: written(text, empty.span.start, &json!([new])) };
    }
    // The first member of an object stands as its second does.
    let (parent, key, value) = match templating {
        Some(templating) => (templating, "list", json!([new])),
        None => (root, "templating", json!({"list": [new]})),
    };
    let start = parent.span.start;
    let inside =
        text[start + 1..].find(|c: char| !c.is_ascii_whitespace()).map_or(start, |more| start + 1 + more);
    match &parent.value {
        Value::Object(members) if !members.is_empty() => {
            before(inside, format!("\"{key}\": {},{}", written(text, inside, &value), gap(text, inside)))
        }
        _ => Splice { span: parent.span.clone(), text: written(text, start, &json!({key: value})) },
    }
}

/// The space before a place: a line break and its indentation, or what stands between two items on a line.
fn gap(text: &str, place: usize) -> &str {
    let space = &text[..place];
    let begin = space.rfind(|c: char| !c.is_ascii_whitespace()).map_or(0, |at| at + 1);
    &text[begin..place]
}

/// A value as it would stand at a place: on many lines where the document has many.
fn written(text: &str, place: usize, value: &Json) -> String {
    let line = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let Some(unit) = unit(text) else { return value.to_string() };
    let mut bytes = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(unit.as_bytes()));
    let written = value.serialize(&mut serializer).ok().and_then(|()| String::from_utf8(bytes).ok());
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    written.map_or_else(|| value.to_string(), |written| written.replace('\n', &format!("{end}{indent}")))
}

/// How far the document's second line is indented.
fn unit(text: &str) -> Option<&str> {
    let line = text.lines().skip(1).find(|line| !line.trim().is_empty())?;
    let unit = &line[..line.len() - line.trim_start().len()];
    (!unit.is_empty()).then_some(unit)
}

/// The same change of the value.
pub(super) fn mean(meant: &mut Json, base: &str, list: &[Node], chosen: &Chosen, new: Json) {
    let Some(root) = meant.pointer_mut(base) else { return };
    match (chosen.change, chosen.at) {
        (Change::Shown, Some(at)) => root["templating"]["list"][at]["hide"] = json!(0),
        (Change::Replaced, Some(at)) => root["templating"]["list"][at] = new,
        (Change::Added, _) => {
            if root["templating"].is_null() {
                root["templating"] = json!({});
            }
            if root["templating"]["list"].is_null() {
                root["templating"]["list"] = json!([]);
            }
            if let Some(all) = root["templating"]["list"].as_array_mut() {
                all.insert(behind(list).min(all.len()), new);
            }
        }
        _ => {}
    }
}
