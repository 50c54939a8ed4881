//! The change of one install while it is being planned: the values, and the words for what happens to them.

use serde_json::{Value, json};

use super::step::{Action, Line, Plan, Sign, Step, TextChange};
use super::target::Target;
use crate::error::Result;
use crate::package::{ObjectKind, ObjectRef, ServiceAccountChoice, new_install};
use crate::prometheus::flags::{ArgEdit, Args};

pub(super) struct Draft {
    pub(super) target: Target,
    lines: Vec<Line>,
    warnings: Vec<String>,
}

impl Draft {
    pub(super) fn new(target: Target) -> Self {
        Self { target, lines: Vec::new(), warnings: Vec::new() }
    }

    pub(super) fn say(&mut self, sign: Sign, what: &'static str, text: impl Into<String>) {
        self.lines.push(Line::new(sign, what, text));
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
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
        let steps = if self.target.is_new { self.creates(account) } else { self.updates() };
        Plan { steps, warnings: self.warnings }
    }

    fn creates(&self, account: &ServiceAccountChoice) -> Vec<Step> {
        let Target { ref_name, package_version, names, values, .. } = &self.target;
        let text = values.texts().next().map_or("", |(_, text)| text);
        let mut there = if self.target.has_secret { self.updates() } else { Vec::new() };
        new_install(names, ref_name, package_version, text, account)
            .into_iter()
            .flat_map(|(object, manifest)| {
                if object.kind == ObjectKind::Secret && !there.is_empty() {
                    return std::mem::take(&mut there);
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
            return steps;
        }
        let last = self.target.values.texts().last().map_or("", |(location, _)| location.secret.as_str());
        vec![Step { object: secret(last), action: Action::Unchanged, lines: self.lines.clone() }]
    }
}
