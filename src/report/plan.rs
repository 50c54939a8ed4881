//! A plan in words: who is acted on, each object, each change.

use std::fmt::Write as _;

use super::{Paint, Tone};
use crate::plan::{Action, LevelDiff, LineKind, Part, Place, Plan, changed_texts, diff};

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
        let place = if step.place == Place::Hub { ", at the hub" } else { "" };
        let _ = writeln!(
            text,
            "  {:<9} {:<20} {}{key}{place}",
            step.action.verb(),
            step.object.kind,
            step.object.name
        );
        for line in &step.lines {
            let _ = writeln!(text, "              {} {:<8} {}", line.sign.symbol(), line.what, line.text);
        }
    }
    text
}

/// The changed texts as unified diffs; before them what others changed, where that matters.
pub fn diffs(plan: &Plan, paint: Paint) -> String {
    let texts = plan.others.iter().cloned().chain(plan.steps.iter().flat_map(changed_texts));
    texts.map(|text| coloured(&diff(&text), paint)).collect::<Vec<_>>().join("\n")
}

/// The levels of one text, what is added in green and what is removed in red.
pub(super) fn coloured(levels: &[LevelDiff], paint: Paint) -> String {
    let parts = levels.iter().flat_map(LevelDiff::parts);
    parts.map(|(part, line)| paint.on(tone(part), &line) + "\n").collect()
}

fn tone(part: Part) -> Tone {
    match part {
        Part::Title => Tone::Heading,
        Part::Gap => Tone::Faint,
        Part::Line(LineKind::Context) => Tone::Plain,
        Part::Line(LineKind::Added) => Tone::Added,
        Part::Line(LineKind::Removed) => Tone::Removed,
    }
}
