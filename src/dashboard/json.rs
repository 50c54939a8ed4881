//! JSON whose parts know where they stand, so that a change is as long as itself.
//!
//! A dashboard that is read into values and written again has every number, escape and line break as the writer likes
//! them, and a repository shows a change of a thousand lines. Here everything but the change keeps its bytes.

use std::ops::Range;

use serde_json::Value as Other;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub span: Range<usize>,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Text(String),
    Number(f64),
    /// `true`, `false` or `null`.
    Plain,
}

/// Text that takes the place of other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub span: Range<usize>,
    pub text: String,
}

/// Reads a whole document. What is JSON is for `serde_json` to say.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    serde_json::from_str::<Other>(text).map_err(|error| error.to_string())?;
    let (node, _) = Reader { text }.value(0)?;
    Ok(node)
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn space(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        at + rest.find(|c: char| !c.is_ascii_whitespace()).unwrap_or(rest.len())
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.text[at..].starts_with(sign)
    }

    /// The value that begins at a place, and the place behind it.
    fn value(&self, at: usize) -> Result<(Node, usize), String> {
        let start = self.space(at);
        let (value, end) = match self.text[start..].chars().next() {
            Some('{') => self.object(start + 1)?,
            Some('[') => self.array(start + 1)?,
            Some('"') => {
                let (text, end) = self.string(start)?;
                (Value::Text(text), end)
            }
            _ => {
                let rest = &self.text[start..];
                let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | '}' | ']');
                let plain = &rest[..rest.find(ends).unwrap_or(rest.len())];
                (plain.parse().map_or(Value::Plain, Value::Number), start + plain.len())
            }
        };
        Ok((Node { span: start..end, value }, end))
    }

    fn object(&self, at: usize) -> Result<(Value, usize), String> {
        let mut members: Vec<(String, Node)> = Vec::new();
        let mut at = self.space(at);
        while !self.is(at, '}') {
            let (key, end) = self.string(at)?;
            if members.iter().any(|(other, _)| *other == key) {
                return Err(format!("the key {key:?} stands twice in one object"));
            }
            let (node, end) = self.value(self.space(end) + 1)?;
            members.push((key, node));
            at = self.next(end);
        }
        Ok((Value::Object(members), at + 1))
    }

    fn array(&self, at: usize) -> Result<(Value, usize), String> {
        let mut items = Vec::new();
        let mut at = self.space(at);
        while !self.is(at, ']') {
            let (node, end) = self.value(at)?;
            items.push(node);
            at = self.next(end);
        }
        Ok((Value::Array(items), at + 1))
    }

    /// Behind a comma, where there is one.
    fn next(&self, end: usize) -> usize {
        let at = self.space(end);
        if self.is(at, ',') { self.space(at + 1) } else { at }
    }

    fn string(&self, start: usize) -> Result<(String, usize), String> {
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let text = self.text.get(start..=end).ok_or("a string does not end")?;
        Ok((serde_json::from_str(text).map_err(|error| error.to_string())?, end + 1))
    }
}

impl Node {
    /// The member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The items of an array, or none.
    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text of a member.
    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }
}

/// Where in the document a place of a string's text is: what is written `\"` there is one character here.
pub(super) fn place_in(document: &str, string: &Node, at: usize) -> usize {
    let raw = &document[string.span.clone()];
    let mut place = 1;
    let mut passed = 0;
    while passed < at {
        let rest = &raw[place..];
        let (written, meant) = match rest.as_bytes() {
            // Two halves of one character.
            [b'\\', b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B', ..] => (12, 4),
            [b'\\', b'u', ..] => {
                let code = u32::from_str_radix(&rest[2..6], 16).unwrap_or_default();
                (6, char::from_u32(code).map_or(1, char::len_utf8))
            }
            [b'\\', ..] => (2, 1),
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                (length, length)
            }
        };
        place += written;
        passed += meant;
    }
    string.span.start + place
}

/// The inside of a string as JSON writes it.
pub(super) fn escaped(text: &str) -> String {
    let quoted = Other::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A document with changes that do not overlap.
pub(super) fn spliced(document: &str, splices: &mut [Splice]) -> String {
    splices.sort_by_key(|splice| splice.span.start);
    let mut result = String::with_capacity(document.len() + splices.len() * 32);
    let mut from = 0;
    for splice in splices {
        result.push_str(&document[from..splice.span.start]);
        result.push_str(&splice.text);
        from = splice.span.end;
    }
    result.push_str(&document[from..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_knows_its_place() {
        let text = " {\"a\" : [1, \"b\\\"\", {}, null ] , \"c\\u0041\":{\"d\":-1.5e3}} \n";
        let node = parse(text).expect(text);
        let items = node.get("a").expect("a").items();
        let written: Vec<_> = items.iter().map(|item| &text[item.span.clone()]).collect();
        assert_eq!(written, ["1", "\"b\\\"\"", "{}", "null"]);
        assert_eq!(items[1].text(), Some("b\""));
        assert_eq!(&text[node.get("cA").and_then(|c| c.get("d")).expect("d").span.clone()], "-1.5e3");
    }

    #[test]
    fn a_place_in_a_string_is_found_behind_escapes() {
        let document = r#"["\u00e9\"é\ud83d\ude00\\x"]"#;
        let string = &parse(document).expect(document).items()[0].clone();
        let text = string.text().expect("text");
        assert_eq!(text, "é\"é😀\\x");
        for (at, c) in text.char_indices() {
            let rest = &document[place_in(document, string, at)..];
            let read: String = serde_json::from_str(&format!("\"{}", &rest[..rest.len() - 1])).expect(rest);
            assert!(read.starts_with(c), "{rest}");
        }
    }

    #[test]
    fn what_is_no_json_or_means_two_things_is_refused() {
        assert!(parse("{\"a\": }").is_err());
        assert_eq!(parse("{\"a\":1,\"a\":2}").unwrap_err(), "the key \"a\" stands twice in one object");
    }
}
