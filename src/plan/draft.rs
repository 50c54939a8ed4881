//! The change of one install while it is being planned: the values, and the words for what happens to them.

use serde_json::{Map, Value, json};

use super::overlay::Overlay;
use super::step::{Action, Line, Plan, Sign, Step, TextChange, Then};
use super::target::{Reference, Target};
use crate::error::Result;
use crate::history::{Constraint, Note};
use crate::package::{
    DOWNGRADABLE, Found, Maker, ObjectKind, ObjectRef, PAUSED, Pause, ServiceAccountChoice, SourceEdit,
    new_install, values_secret, values_secret_notes,
};
use crate::prometheus::flags::{ArgEdit, Args};

/// How promfed's own annotations begin.
const OURS: &str = "promfed.dev/";

/// What happens on the way and leaves nothing behind.
pub(super) const PAUSE: &str = "paused";
pub(super) const RESUME: &str = "resumed";

/// The account of the package is kctrl's.
const EVERYTHING: &str = "the package's account may do everything on the cluster, as with kctrl: \
                          --service-account-name NAME takes one that may do less";

pub(super) struct Draft {
    pub(super) target: Target,
    lines: Vec<Line>,
    /// What is noted on the PackageInstall; `None` takes a note away.
    pub(super) annotations: Vec<(String, Option<String>)>,
    pub(super) overlay: Overlay,
    warnings: Vec<String>,
}

impl Draft {
    pub(super) fn new(target: Target) -> Self {
        let mut draft = Self {
            target,
            lines: Vec::new(),
            annotations: Vec::new(),
            overlay: Overlay::Kept,
            warnings: Vec::new(),
        };
        if let Some(Constraint { before, after }) = draft.target.moves.clone()
            && crate::package::compare_versions(&after, &before).is_lt()
        {
            draft.annotate(DOWNGRADABLE, String::new());
        }
        if draft.target.reference == Reference::Added {
            for (key, secret) in values_secret_notes(&draft.target.names) {
                draft.annotate(key, secret);
            }
        }
        draft
    }

    pub(super) fn say(&mut self, sign: Sign, what: &'static str, text: impl Into<String>) {
        self.lines.push(Line::new(sign, what, text));
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Notes something on the PackageInstall, for later commands to read.
    pub(super) fn annotate(&mut self, key: &str, value: impl Into<String>) {
        self.annotations.push((key.to_owned(), Some(value.into())));
    }

    /// Gives an annotation the value that it had, or takes it away.
    pub(super) fn put_note_back(&mut self, note: &Note) {
        self.annotations.push((note.key.clone(), note.after.clone()));
    }

    /// Gives a value, and says so if that changes what the package runs with.
    pub(super) fn set(&mut self, path: &[&str], value: Value, line: Line) -> Result<()> {
        if self.target.values.get(path).as_ref() != Some(&value) {
            self.target.values.set(path, value)?;
            self.lines.push(line);
        }
        Ok(())
    }

    pub(super) fn edit_args(&mut self, before: &Args, edits: &[ArgEdit]) -> Result<()> {
        self.target.values.edit_args(edits)?;
        let arg = |index: &usize| before.as_slice().get(*index).map_or("", String::as_str);
        for edit in edits {
            let line = match edit {
                ArgEdit::Append { arg } => Line::new(Sign::Added, "flag", arg),
                ArgEdit::Remove { index } => Line::new(Sign::Removed, "flag", arg(index)),
                ArgEdit::Replace { index, with } => {
                    Line::new(Sign::Changed, "flag", format!("{} becomes {with}", arg(index)))
                }
            };
            self.lines.push(line);
        }
        Ok(())
    }

    /// The plan: manifests for a new install, else a patch for every Secret that changes.
    pub(super) fn finish(self, account: &ServiceAccountChoice) -> Result<Plan> {
        let changes = self.target.values.changes()?;
        let steps = if self.target.is_new() { self.creates(changes, account) } else { self.updates(changes) };
        let (notes, forgets) = (self.notes(), self.forgets());
        let mut warnings = self.warnings;
        let gives_all = |step: &Step| {
            step.object.kind == ObjectKind::ClusterRole && matches!(step.action, Action::Create { .. })
        };
        if steps.iter().any(gives_all) {
            warnings.push(EVERYTHING.to_owned());
        }
        Ok(Plan {
            steps,
            forgets,
            constraint: self.target.moves,
            notes,
            warnings,
            others: Vec::new(),
            planned_for: self.target.install,
        })
    }

    fn creates(&self, changes: Vec<SourceEdit>, account: &ServiceAccountChoice) -> Vec<Step> {
        let Target { ref_name, package_version, names, values, .. } = &self.target;
        let text = changes.first().map(|change| change.after.clone());
        let text = text.or_else(|| Some(values.texts().next()?.1.to_owned())).unwrap_or_default();
        let mut there =
            if self.target.has_secret { self.values_steps(self.secrets(changes)) } else { Vec::new() };
        let mut overlay: Vec<_> = self.overlay_written().into_iter().collect();
        let is_somebodys = |object: &ObjectRef| {
            self.target.around.contains(&Found { object: object.clone(), maker: Maker::SomebodyElse })
        };
        new_install(names, ref_name, package_version, &text, account)
            .into_iter()
            .flat_map(|(object, mut manifest)| {
                if object.kind == ObjectKind::Secret && !there.is_empty() {
                    return std::mem::take(&mut there);
                }
                if object.kind != ObjectKind::PackageInstall && is_somebodys(&object) {
                    let line = Line::new(Sign::Kept, "there", "already, and left as it is");
                    return vec![Step::new(object, Action::Unchanged, vec![line])];
                }
                let mut before = Vec::new();
                if object.kind == ObjectKind::PackageInstall {
                    before.append(&mut overlay);
                    for (key, value) in &self.annotations {
                        manifest["metadata"]["annotations"][key] = json!(value);
                    }
                }
                let lines = match object.kind {
                    ObjectKind::Secret => self.lines.clone(),
                    ObjectKind::ClusterRole => {
                        vec![Line::new(Sign::Kept, "rights", "every verb on everything, as kctrl gives them")]
                    }
                    _ => Vec::new(),
                };
                before.push(Step::new(object, Action::Create { manifest }, lines));
                before
            })
            .collect()
    }

    /// Patches of what is there. Where values change together with the version, or with what is mounted,
    /// kapp-controller is paused meanwhile, as kctrl does it: nothing ever runs with half of a change, whenever this
    /// ends.
    fn updates(&self, changes: Vec<SourceEdit>) -> Vec<Step> {
        let secrets = self.secrets(changes);
        // Who has no values to write needs no place for them.
        if self.target.reference == Reference::Added && secrets.is_empty() {
            let install = self.target.names.package_install();
            return vec![Step::new(install, Action::Unchanged, self.lines.clone())];
        }
        let mut steps = self.install(!secrets.is_empty());
        let written: Vec<_> = self.overlay_written().into_iter().chain(secrets).collect();
        if written.is_empty() && steps.is_empty() {
            // A run that was killed leaves an overlay that nothing names any more.
            return self.values_steps(written).into_iter().chain(self.overlay_gone()).collect();
        }
        let at = steps.len().saturating_sub(1);
        // What it is for is told where the values change, else where anything does.
        let told =
            written.iter().position(|step| !step.object.is_secret(&self.target.names.overlay_secret()));
        steps.splice(at..at, written);
        if let Some(step) = steps.get_mut(told.map_or(0, |told| at + told)) {
            step.lines.splice(..0, self.lines.clone());
        }
        if self.target.reference == Reference::Removed {
            steps.extend(self.unreferenced());
        }
        steps.extend(self.overlay_gone());
        steps
    }

    /// What becomes of the values alone.
    fn values_steps(&self, secrets: Vec<Step>) -> Vec<Step> {
        let mut steps = secrets;
        if steps.is_empty() {
            let last = self.target.values.texts().last().map_or("", |(location, _)| location.secret.as_str());
            steps.push(Step::new(self.secret(last), Action::Unchanged, Vec::new()));
        }
        steps[0].lines.clone_from(&self.lines);
        steps
    }

    /// The Secret that promfed made for values, once nobody reads it any more.
    fn unreferenced(&self) -> Option<Step> {
        let object = self.secret(&self.target.names.values_secret());
        let found = Found { object: object.clone(), maker: Maker::Us };
        self.target.around.contains(&found).then(|| Step::delete(object, Vec::new()))
    }

    fn secrets(&self, changes: Vec<SourceEdit>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for change in changes {
            let object = self.secret(&change.location.secret);
            let key = change.location.key;
            if self.target.reference == Reference::Added {
                let (object, manifest) = values_secret(&self.target.names, &change.after);
                steps.push(Step::new(object, Action::Create { manifest }, Vec::new()));
                continue;
            }
            let text = TextChange { title: key.clone(), before: change.before, after: change.after };
            let after = text.after.clone();
            // Several keys of one Secret are one write.
            if let Some(Step { action: Action::Update { patch, texts }, .. }) =
                steps.iter_mut().find(|step| step.object == object)
            {
                patch["stringData"][key] = json!(after);
                texts.push(text);
                continue;
            }
            let patch = json!({
                "metadata": {"resourceVersion": change.resource_version},
                "stringData": {key: after},
            });
            let action = Action::Update { patch, texts: vec![text] };
            steps.push(Step::new(object, action, Vec::new()));
        }
        steps
    }

    /// What becomes of the PackageInstall: nothing, one patch, or a pause first.
    fn install(&self, changes_values: bool) -> Vec<Step> {
        let Some(install) = &self.target.install else { return Vec::new() };
        let update = |body: Value, lines| {
            let mut patch = json!({"metadata": {"resourceVersion": install.resource_version}});
            json_patch(&mut patch, body);
            Step::new(self.target.names.package_install(), Action::Update { patch, texts: Vec::new() }, lines)
        };
        let mut steps = Vec::new();
        let mut annotations = Map::new();
        let mut lines = Vec::new();
        if let Some(Constraint { before, after }) = &self.target.moves {
            lines.push(Line::new(Sign::Changed, "version", format!("{before} becomes {after}")));
        }
        for note in self.notes() {
            let line = match &note.after {
                Some(value) if value.is_empty() => Line::new(Sign::Changed, "note", &note.key),
                Some(value) => Line::new(Sign::Changed, "note", format!("{}: {value}", note.key)),
                None => Line::new(Sign::Removed, "note", &note.key),
            };
            // What kctrl keeps there for itself is nobody's concern.
            if note.key.starts_with(OURS) || note.key == DOWNGRADABLE {
                lines.push(line);
            }
            annotations.insert(note.key, json!(note.after));
        }
        let mut last = json!({});
        match self.target.reference {
            Reference::Kept => {}
            Reference::Added => {
                let secret = self.target.names.values_secret();
                lines.push(Line::new(Sign::Added, "values", format!("from Secret {secret}")));
                last["spec"]["values"] = json!([{"secretRef": {"name": secret}}]);
            }
            Reference::Removed => {
                lines.push(Line::new(Sign::Removed, "values", "none, as before"));
                last["spec"]["values"] = Value::Null;
            }
        }
        // A run that was killed may have paused it a moment ago: that has to be waited for, too.
        let pauses = changes_values
            && match self.target.pause {
                Pause::None => self.target.moves.is_some() || self.remounts(),
                Pause::Ours => true,
                Pause::Theirs => false,
            };
        if pauses {
            let body = json!({"metadata": {"annotations": {PAUSED: "until all of a change is written"}}, "spec": {"paused": true}});
            let line = Line::new(Sign::Changed, PAUSE, "kapp-controller leaves it alone");
            steps.push(update(body, vec![line]).then(Then::UntilPaused));
        }
        if pauses || self.target.pause == Pause::Ours {
            annotations.insert(PAUSED.to_owned(), Value::Null);
            last["spec"]["paused"] = Value::Null;
            lines.push(Line::new(Sign::Changed, RESUME, "kapp-controller looks at it again"));
        }
        if let Some(moves) = &self.target.moves {
            last["spec"]["packageRef"] = json!({"versionSelection": {"constraints": moves.after}});
        }
        if !annotations.is_empty() {
            last["metadata"]["annotations"] = Value::Object(annotations);
        }
        if last != json!({}) {
            steps.push(update(last, lines));
        }
        steps
    }

    /// The annotations that change.
    pub(super) fn notes(&self) -> Vec<Note> {
        let Some(install) = self.target.install.as_ref() else { return Vec::new() };
        let note = |(key, after): &(String, Option<String>)| Note {
            key: key.clone(),
            before: install.ownership.annotations.get(key).cloned(),
            after: after.clone(),
        };
        self.annotations.iter().map(note).filter(|note| note.before != note.after).collect()
    }

    pub(super) fn secret(&self, name: &str) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::Secret,
            namespace: Some(self.target.names.namespace.clone()),
            name: name.to_owned(),
        }
    }
}

/// Puts one merge patch into another.
fn json_patch(patch: &mut Value, more: Value) {
    match (patch, more) {
        (Value::Object(patch), Value::Object(more)) => {
            for (key, value) in more {
                json_patch(patch.entry(key).or_insert(Value::Null), value);
            }
        }
        (patch, more) => *patch = more,
    }
}
