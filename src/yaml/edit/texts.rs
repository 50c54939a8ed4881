//! What holds of every edit of every text: blocks and flow, any indentation and line ends, comments anywhere.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::yaml::read;

/// How one text is written.
#[derive(Clone, Debug)]
struct Hand {
    step: usize,
    dash: usize,
    newline: &'static str,
    end: &'static str,
    /// Which lines get a comment above, and which beside, by turns.
    above: usize,
    beside: usize,
}

fn hand() -> impl Strategy<Value = Hand> {
    (1..5_usize, 0..3_usize, any::<bool>(), any::<bool>(), 1..6_usize, 1..6_usize).prop_map(
        |(step, dash, windows, ends, above, beside)| {
            let newline = if windows { "\r\n" } else { "\n" };
            Hand { step, dash, newline, end: if ends { newline } else { "" }, above, beside }
        },
    )
}

#[derive(Clone, Debug)]
enum Part {
    /// Anything on one line, flow collections too.
    Line(String),
    /// A literal block.
    Block(Vec<String>),
    /// A flow list of these, each on a line of its own.
    Lines(Vec<String>),
    Map(Vec<Part>),
    List(Vec<Part>),
}

fn part() -> impl Strategy<Value = Part> {
    let flow =
        "(\\[(a|'b, c'|\\{d: 1\\})(, (e|\"f\\\\n\")){0,2},?\\]|\\{a: 1, b: \\[\\]\\}|'x # y'|z-[a-z]{1,3})";
    let leaf = prop_oneof![
        3 => flow.prop_map(Part::Line),
        1 => prop::collection::vec("[a-z]{1,3}( #: [a-z])?", 1..3).prop_map(Part::Block),
        1 => prop::collection::vec("[a-z]{2,4}", 1..4).prop_map(Part::Lines),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Part::Map),
            prop::collection::vec(inner, 1..4).prop_map(Part::List),
        ]
    })
}

const KEYS: [&str; 4] = ["a", "'b'", "\"c\"", "d d"];

impl Hand {
    /// The lines of a document of some entries.
    fn written(&self, entries: &[Part]) -> String {
        let mut lines = Vec::new();
        self.map(entries, 0, "", &mut lines);
        let mut text = lines.join(self.newline);
        // Readers differ over the last line of a block without a line end.
        text.push_str(if text.contains('|') { self.newline } else { self.end });
        text
    }

    fn map(&self, entries: &[Part], column: usize, first: &str, lines: &mut Vec<String>) {
        for (index, (key, part)) in KEYS.iter().zip(entries).enumerate() {
            let pad = " ".repeat(column);
            let start = if index == 0 && !first.is_empty() { first.to_owned() } else { pad.clone() };
            if lines.len().is_multiple_of(self.above) && start == pad {
                lines.push(format!("{pad}# above, [of it"));
            }
            self.part(&format!("{start}{key}:"), part, column, self.step, lines);
        }
    }

    fn part(&self, head: &str, part: &Part, column: usize, step: usize, lines: &mut Vec<String>) {
        let beside = if lines.len().is_multiple_of(self.beside) { " # beside, {it" } else { "" };
        let pad = " ".repeat(column + step);
        match part {
            Part::Line(text) => lines.push(format!("{head} {text}{beside}")),
            Part::Block(text) => {
                lines.push(format!("{head} |{beside}"));
                lines.extend(text.iter().map(|line| format!("{pad}{line}")));
            }
            Part::Lines(items) => {
                lines.push(format!("{head} [{beside}"));
                lines.extend(items.iter().map(|item| format!("{pad}{item},{beside}")));
                lines.push(format!("{pad}]{beside}"));
            }
            Part::Map(entries) => {
                lines.push(format!("{head}{beside}"));
                self.map(entries, column + step, "", lines);
            }
            Part::List(items) => {
                lines.push(format!("{head}{beside}"));
                let dash = if head.trim_start().starts_with('-') { step } else { self.dash };
                for item in items {
                    let at = column + dash;
                    let pad = " ".repeat(at);
                    match item {
                        Part::Map(entries) => self.map(entries, at + 2, &format!("{pad}- "), lines),
                        other => self.part(&format!("{pad}-"), other, at, 2, lines),
                    }
                }
            }
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    (hand(), prop::collection::vec(part(), 1..5)).prop_map(|(hand, entries)| hand.written(&entries))
}

/// Every mapping and list in a value, from the root down.
fn collections(value: &Value, path: &Path, all: &mut Vec<(Path, usize)>) {
    match value {
        Value::Object(map) => {
            all.push((path.clone(), usize::MAX));
            map.iter().for_each(|(key, value)| collections(value, &path.key(key), all));
        }
        Value::Array(items) => {
            all.push((path.clone(), items.len()));
            items.iter().enumerate().for_each(|(index, item)| collections(item, &path.index(index), all));
        }
        _ => {}
    }
}

/// Something new in the chosen mapping or list, and where it will be.
fn addition(text: &str, choice: prop::sample::Index, name: &str, item: &Value) -> (Edit, Path, bool) {
    let value = read(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let mut all = Vec::new();
    collections(&value, &Path::default(), &mut all);
    let (path, length) = choice.get(&all).clone();
    if length == usize::MAX {
        let path = path.key(name);
        let is_new = path.find(&value).is_none();
        (Edit::Set { path: path.clone(), value: item.clone() }, path, is_new)
    } else {
        (Edit::Append { path: path.clone(), item: item.clone() }, path.index(length), length > 0)
    }
}

fn item() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~]{0,9}".prop_map(Value::from),
        "[a-z]{1,4}".prop_map(|text| json!({"x": text, "y": [1, {"z": []}]})),
        Just(json!(["p", "q"])),
    ]
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    /// An empty `{}` becomes a block when something goes into it, and the block's end leaves `{}` again; so that the
    /// bytes come back whatever the collection.
    #[test]
    fn what_was_added_and_removed_was_never_there(
        text in text(), choice in any::<prop::sample::Index>(), item in item()
    ) {
        let (change, back, is_new) = addition(&text, choice, "new", &item);
        prop_assume!(is_new);
        let added = edit(&text, &[change]).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        prop_assert_eq!(edit(&added, &[Edit::Remove { path: back }]), Ok(text), "by way of\n{}", added);
    }

    /// A line changes at most by what is written at its end: a comma, or more of the flow collection that it holds.
    #[test]
    fn an_addition_touches_one_line_at_most(
        text in text(), choice in any::<prop::sample::Index>(), item in item()
    ) {
        let (change, _, _) = addition(&text, choice, "new", &item);
        let added = edit(&text, &[change]).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let (before, after): (Vec<_>, Vec<_>) = (text.lines().collect(), added.lines().collect());
        let same = |(one, other): &(&&str, &&str)| one == other;
        let head = before.iter().zip(&after).take_while(same).count();
        let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(same).count();
        let lost = &before[head..before.len() - tail];
        prop_assert!(lost.len() <= 1, "{lost:?} changed:\n{added}");
    }

    /// In which order two additions are made shows only in the order of lines that go to the same place: the value
    /// and the lines are the same.
    #[test]
    fn additions_at_different_places_commute(
        text in text(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), item in item()
    ) {
        let (first, at, _) = addition(&text, one, "new", &item);
        let (second, then, _) = addition(&text, other, "newer", &json!("w"));
        prop_assume!(at.split_last().map(|(above, _)| above) != then.split_last().map(|(above, _)| above));
        let forth = edit(&text, &[first.clone(), second.clone()]).expect("possible");
        let back = edit(&text, &[second, first]).expect("possible");
        prop_assert_eq!(read(&forth), read(&back));
        prop_assert_eq!(sorted_lines(&forth), sorted_lines(&back));
    }

    #[test]
    fn arbitrary_text_is_edited_or_refused(text in "[ -~\t\r\n\u{e9}\u{feff}]{0,60}", item in item()) {
        for change in [
            Edit::Set { path: Path::of(["a", "b"]), value: item.clone() },
            Edit::Append { path: Path::of(["a"]), item: item.clone() },
            Edit::Remove { path: Path::of(["a"]) },
        ] {
            let _ = edit(&text, &[change]);
        }
    }
}
