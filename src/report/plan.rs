//! A plan in words: who is acted on, each object, each change.

use std::fmt::Write as _;

use crate::plan::{Action, Plan, unified};

/// The steps as lines: `create  Secret  NAME`, with the changes below.
pub fn steps(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let key = match &step.action {
            Action::Update { texts, .. } if !texts.is_empty() => {
                let keys: Vec<_> = texts.iter().map(|text| text.title.as_str()).collect();
                format!(" (key {})", keys.join(", "))
            }
            _ => String::new(),
        };
        let _ =
            writeln!(text, "  {:<9} {:<20} {}{key}", step.action.verb(), step.object.kind, step.object.name);
        for line in &step.lines {
            let _ = writeln!(text, "              {} {:<8} {}", line.sign.symbol(), line.what, line.text);
        }
    }
    text
}

/// The changed texts as unified diffs.
pub fn diffs(plan: &Plan) -> String {
    let texts = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Update { texts, .. } => Some(texts),
        _ => None,
    });
    texts.flatten().map(unified).collect::<Vec<_>>().join("\n")
}
