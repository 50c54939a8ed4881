//! The change of one install while it is being planned: the values, and the words for what happens to them.

use serde_json::{Map, Value, json};

use super::step::{Action, Line, Plan, Sign, Step, TextChange};
use super::target::Target;
use crate::error::Result;
use crate::package::{ObjectKind, ObjectRef, ServiceAccountChoice, new_install};
use crate::prometheus::flags::{ArgEdit, Args};

pub(super) struct Draft {
    pub(super) target: Target,
    lines: Vec<Line>,
    /// What is noted on the PackageInstall.
    annotations: Vec<(&'static str, String)>,
    warnings: Vec<String>,
}

impl Draft {
    pub(super) fn new(target: Target) -> Self {
        Self { target, lines: Vec::new(), annotations: Vec::new(), warnings: Vec::new() }
    }

    pub(super) fn say(&mut self, sign: Sign, what: &'static str, text: impl Into<String>) {
        self.lines.push(Line::new(sign, what, text));
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Notes something on the PackageInstall, for later commands to read.
    pub(super) fn annotate(&mut self, key: &'static str, value: impl Into<String>) {
        self.annotations.push((key, value.into()));
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
    pub(super) fn finish(self, account: &ServiceAccountChoice) -> Plan {
        let steps = if self.target.is_new() { self.creates(account) } else { self.updates() };
        Plan { steps, warnings: self.warnings }
    }

    fn creates(&self, account: &ServiceAccountChoice) -> Vec<Step> {
        let Target { ref_name, package_version, names, values, .. } = &self.target;
        let text = values.texts().next().map_or("", |(_, text)| text);
        let mut there = if self.target.has_secret { self.updates() } else { Vec::new() };
        new_install(names, ref_name, package_version, text, account)
            .into_iter()
            .flat_map(|(object, mut manifest)| {
                if object.kind == ObjectKind::Secret && !there.is_empty() {
                    return std::mem::take(&mut there);
                }
                if object.kind == ObjectKind::PackageInstall {
                    for (key, value) in &self.annotations {
                        manifest["metadata"]["annotations"][*key] = json!(value);
                    }
                }
                let lines = match object.kind {
                    ObjectKind::Secret => self.lines.clone(),
                    ObjectKind::ClusterRole => vec![Line::new(
                        Sign::Kept,
                        "rights",
                        "every verb on everything, as kctrl gives them (--service-account-name to use another account)",
                    )],
                    _ => Vec::new(),
                };
                vec![Step { object, action: Action::Create { manifest }, lines }]
            })
            .collect()
    }

    fn updates(&self) -> Vec<Step> {
        let namespace = &self.target.names.namespace;
        let secret = |name: &str| ObjectRef {
            kind: ObjectKind::Secret,
            namespace: Some(namespace.clone()),
            name: name.to_owned(),
        };
        let mut steps: Vec<Step> = Vec::new();
        for change in self.target.values.changes() {
            let object = secret(&change.location.secret);
            let key = change.location.key;
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
            steps.push(Step { object, action, lines: Vec::new() });
        }
        if let Some(first) = steps.first_mut() {
            first.lines.clone_from(&self.lines);
        }
        steps.extend(self.notes());
        if !steps.is_empty() {
            return steps;
        }
        let last = self.target.values.texts().last().map_or("", |(location, _)| location.secret.as_str());
        vec![Step { object: secret(last), action: Action::Unchanged, lines: self.lines.clone() }]
    }

    /// The annotations that the PackageInstall does not have yet.
    fn notes(&self) -> Option<Step> {
        let install = self.target.install.as_ref()?;
        let is_missing = |(key, value): &&(&str, String)| install.annotations.get(*key) != Some(value);
        let missing: Vec<_> = self.annotations.iter().filter(is_missing).collect();
        if missing.is_empty() {
            return None;
        }
        let annotations: Map<_, _> =
            missing.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let patch =
            json!({"metadata": {"resourceVersion": install.resource_version, "annotations": annotations}});
        let object = ObjectRef {
            kind: ObjectKind::PackageInstall,
            namespace: Some(install.namespace.clone()),
            name: install.name.clone(),
        };
        let lines =
            missing.iter().map(|(key, value)| Line::new(Sign::Changed, "note", format!("{key}: {value}")));
        Some(Step { object, lines: lines.collect(), action: Action::Update { patch, texts: Vec::new() } })
    }
}
