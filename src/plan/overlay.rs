//! What becomes of promfed's overlay while a change is planned.
//!
//! An overlay that is new is written before the PackageInstall names it, and one that goes is deleted after that: no
//! reconcile ever looks for a Secret that is not there.

use serde_json::json;

use super::draft::Draft;
use super::step::{Action, Line, Sign, Step, TextChange};
use crate::package::{Maker, OVERLAY, OVERLAY_KEY, overlay_secret};

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    Kept,
    Becomes(String),
    Goes,
}

impl Draft {
    /// Gives the package an overlay, or another text of it.
    pub(super) fn overlay(&mut self, text: String) {
        self.annotate(OVERLAY, self.target.names.overlay_secret());
        self.overlay = Overlay::Becomes(text);
    }

    /// Takes the overlay away, if there is one.
    pub(super) fn no_overlay(&mut self) {
        self.annotations.push((OVERLAY.to_owned(), None));
        self.overlay = Overlay::Goes;
    }

    /// Takes a note away from the PackageInstall.
    pub(super) fn unnote(&mut self, key: &str) {
        self.annotations.push((key.to_owned(), None));
    }

    /// The overlay as it was. What becomes of its annotation is known apart.
    pub(super) fn put_overlay_back(&mut self, text: &str) {
        self.overlay = if text.is_empty() { Overlay::Goes } else { Overlay::Becomes(text.to_owned()) };
    }

    /// Whether the PackageInstall begins or ends to name an overlay.
    pub(super) fn remounts(&self) -> bool {
        self.notes().iter().any(|note| note.key == OVERLAY)
    }

    /// The step that writes the overlay.
    pub(super) fn overlay_written(&self) -> Option<Step> {
        let Overlay::Becomes(after) = &self.overlay else { return None };
        let line = Line::new(Sign::Changed, "overlay", "what the package mounts for Prometheus");
        let Some(found) = &self.target.overlay else {
            let (object, manifest) = overlay_secret(&self.target.names, after);
            return Some(Step::new(object, Action::Create { manifest }, Vec::new()));
        };
        let patch = json!({
            "metadata": {"resourceVersion": found.resource_version},
            "stringData": {OVERLAY_KEY: after},
        });
        let texts = vec![self.overlay_change(after)];
        let object = self.secret(&self.target.names.overlay_secret());
        (found.text != *after).then(|| Step::new(object, Action::Update { patch, texts }, vec![line]))
    }

    /// The step that deletes the overlay. One that somebody else made stays.
    pub(super) fn overlay_gone(&self) -> Option<Step> {
        self.target.overlay.as_ref().filter(|found| found.maker == Maker::Us)?;
        let object = self.secret(&self.target.names.overlay_secret());
        let texts = vec![self.overlay_change("")];
        (self.overlay == Overlay::Goes).then(|| Step::new(object, Action::Delete { texts }, Vec::new()))
    }

    fn overlay_change(&self, after: &str) -> TextChange {
        let before = self.target.overlay.as_ref().map_or_else(String::new, |found| found.text.clone());
        TextChange { title: OVERLAY_KEY.to_owned(), before, after: after.to_owned() }
    }
}
