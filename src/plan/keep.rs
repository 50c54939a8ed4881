//! Keeping what is there before a plan changes it.

use std::collections::BTreeSet;

use super::draft::{PAUSE, RESUME};
use super::step::{Action, Line, Place, Plan, Sign, Step};
use crate::history::{Author, History, KeptText, Record, Verb, name, to_prune};
use crate::package::{Location, Names, ObjectKind, ObjectRef};

/// What keeping needs to know.
#[derive(Clone, Debug)]
pub struct Keep<'a> {
    pub history: &'a History,
    pub names: &'a Names,
    pub verb: Verb,
    pub author: Author,
}

impl Plan {
    /// The plan that begins by keeping what it changes, and ends by dropping what is too old. A plan that changes
    /// nothing stays as it is, and so does one that finishes what a killed run began and kept already.
    #[must_use]
    pub fn kept(self, keep: &Keep<'_>) -> Self {
        let record = self.record(keep);
        if !self.changes_own() || keep.history.records.last().is_some_and(|last| is_begun(last, &record)) {
            return self;
        }
        let (object, manifest) = record.to_secret(&keep.names.namespace);
        let lines = vec![Line::new(Sign::Kept, "keeps", what_is_kept(&record))];
        let first = Step::new(object, Action::Create { manifest }, lines);
        let pruned = to_prune(keep.history).into_iter().map(|revision| {
            let object = ObjectRef {
                kind: ObjectKind::Revision,
                namespace: Some(keep.names.namespace.clone()),
                name: name(&keep.names.install, revision),
            };
            let line = Line::new(Sign::Removed, "keeps", "the oldest revision of more than ten");
            Step::delete(object, vec![line])
        });
        let steps = std::iter::once(first).chain(self.steps).chain(pruned).collect();
        Self { steps, ..self }
    }

    fn record(&self, keep: &Keep<'_>) -> Record {
        let mut changes = BTreeSet::new();
        // What is written at the hub is the hub's, which reads it from there.
        let own = || self.steps.iter().filter(|step| step.place == Place::Own);
        let lines = own().filter(|step| step.action != Action::Unchanged).flat_map(|s| &s.lines);
        let stays = |line: &&Line| line.sign != Sign::Kept && ![PAUSE, RESUME].contains(&line.what);
        let said = lines.filter(stays).map(ToString::to_string);
        let changes = said.filter(|line| changes.insert(line.clone())).collect();
        let created = own().filter(|step| matches!(step.action, Action::Create { .. }));
        Record {
            revision: keep.history.next(),
            install: keep.names.install.clone(),
            verb: keep.verb,
            author: keep.author.clone(),
            changes,
            constraint: self.constraint.clone(),
            notes: self.notes.clone(),
            created: created.map(|step| step.object.clone()).collect(),
            texts: self.texts(),
        }
    }

    /// The values texts that the plan changes.
    fn texts(&self) -> Vec<KeptText> {
        let is_install = |step: &Step| step.object.kind == ObjectKind::PackageInstall;
        let installs =
            self.steps.iter().any(|step| is_install(step) && matches!(step.action, Action::Create { .. }));
        let of = |step: &Step| match &step.action {
            Action::Update { texts, .. } | Action::Delete { texts } => {
                let secret = step.object.name.clone();
                let kept = |text: &super::TextChange| KeptText {
                    location: Location { secret: secret.clone(), key: text.title.clone() },
                    before: text.before.clone(),
                    after: text.after.clone(),
                };
                texts.iter().map(kept).collect()
            }
            // Beside an install that was there, so that it is known later whether others wrote into it.
            Action::Create { manifest } if step.object.kind == ObjectKind::Secret && !installs => {
                let texts = manifest["stringData"].as_object().into_iter().flatten();
                let created = |(key, text): (&String, &serde_json::Value)| KeptText {
                    location: Location { secret: step.object.name.clone(), key: key.clone() },
                    before: String::new(),
                    after: text.as_str().unwrap_or_default().to_owned(),
                };
                texts.map(created).collect()
            }
            _ => Vec::new(),
        };
        self.steps.iter().filter(|step| step.place == Place::Own).flat_map(of).collect()
    }
}

/// Whether a run that was killed kept this already. What is left of its change is no more than what it planned.
fn is_begun(last: &Record, rest: &Record) -> bool {
    last.verb == rest.verb
        && rest.texts.iter().all(|text| last.texts.contains(text))
        && rest.created.iter().all(|object| last.created.contains(object))
        && rest.notes.iter().all(|note| last.notes.contains(note))
        && (rest.constraint.is_none() || rest.constraint == last.constraint)
}

fn what_is_kept(record: &Record) -> &'static str {
    match (record.texts.is_empty(), record.installed()) {
        (_, true) => "that there was no package before this",
        (true, false) => "what there was before this",
        (false, false) => "the values before this",
    }
}
