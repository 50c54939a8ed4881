//! The comments by which ytt knows what an entry of an overlay means.

use serde_json::Value;

/// What stands above an entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Annotation {
    None,
    Match(Match),
    Append,
}

/// What an entry is laid over.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Match {
    /// An object that has all of this.
    Subset(Value),
    /// An item of a list that has the same `name`; or a new one, where that may be.
    Name(Missing),
    /// The key of the same name, or a new one.
    Key,
}

/// What becomes of an entry that matches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Refused,
    Ok,
}

/// The annotation above a line, which counts from one.
pub(super) fn annotation(lines: &[&str], line: usize) -> Result<Annotation, String> {
    let above = lines[..line.saturating_sub(1).min(lines.len())].iter().rev().map(|line| line.trim());
    let comments = above.take_while(|line| line.starts_with('#'));
    let mut overlay = comments.filter_map(|line| line.strip_prefix("#@overlay/"));
    let Some(text) = overlay.next() else { return Ok(Annotation::None) };
    let unknown = || format!("the sandbox does not know #@overlay/{text}");
    let arguments = match text.split_once(' ').unwrap_or((text, "")) {
        ("append", "") => return Ok(Annotation::Append),
        ("match", arguments) => arguments,
        _ => return Err(unknown()),
    };
    Ok(Annotation::Match(match arguments {
        "missing_ok=True" => Match::Key,
        "by=\"name\"" => Match::Name(Missing::Refused),
        "by=\"name\", missing_ok=True" => Match::Name(Missing::Ok),
        other => {
            let subset = other.strip_prefix("by=overlay.subset(").and_then(|rest| rest.strip_suffix(')'));
            let subset = subset.and_then(|subset| serde_json::from_str(subset).ok());
            Match::Subset(subset.ok_or_else(unknown)?)
        }
    }))
}
