//! One edit after the other, each proven before the next: slow for many edits, and it knows why one is refused.

use super::super::block::Habits;
use super::super::document::Document;
use super::super::gap::newline_at;
use super::super::second_reader;
use super::super::splice::{Splice, blame, splice, spliced};
use super::{Changes, Edit, Refused};

/// The document after the edits; `None` where they say what is so anyway.
pub(super) fn edited(before: &Document, edits: &[Edit]) -> Result<Option<Document>, Refused> {
    let mut state: Option<Document> = None;
    for edit in edits {
        if let Some(changed) = after(state.as_ref().unwrap_or(before), edit)? {
            state = Some(changed);
        }
    }
    let (Some(state), Some(last)) = (state, edits.last()) else { return Ok(None) };
    if state.text() == before.text() {
        return Ok(None);
    }
    if let Err(error) = second_reader::read(before.body()) {
        return Err(last.refused(format!("another YAML reader cannot read the text as it is: {error}")));
    }
    if second_reader::agrees(state.body(), state.value()) {
        return Ok(Some(state));
    }
    // A block at the very end of a text needs a line end: without one, readers differ over its last line.
    let body = state.body();
    let ended = state.with_body(&format!("{body}{}", newline_at(body, body.len())));
    match ended {
        Ok(ended) if ended.value() == state.value() && second_reader::agrees(ended.body(), ended.value()) => {
            Ok(Some(ended))
        }
        _ if !second_reader::agrees(before.body(), before.value()) => {
            Err(last.refused("two YAML readers already differ over what the text means"))
        }
        _ => Err(last.refused("cannot be changed in place so that every YAML reader sees the same")),
    }
}

/// The document after one edit, verified by the parse that the next one starts from.
fn after(before: &Document, edit: &Edit) -> Result<Option<Document>, Refused> {
    let mut meant = before.value().clone();
    if edit.apply(&mut meant)? == Changes::Nothing {
        return Ok(None);
    }
    let habits = Habits::of(before.body(), before.tree());
    let splices: Vec<Splice> = splice(before, habits, edit)?;
    let text = spliced(before.body(), splices);
    let why =
        |reason: &str| edit.refused(blame(before.body(), before.tree(), edit).unwrap_or(reason.to_owned()));
    let after =
        before.with_body(&text).map_err(|error| why(&format!("cannot be changed in place: {error}")))?;
    if *after.value() != meant {
        return Err(why("cannot be changed in place without changing something else"));
    }
    Ok(Some(after))
}
