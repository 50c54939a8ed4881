//! What a plan would change, for people and for programs, without writing any of it.

use serde::Serialize;

use super::plan::{coloured, steps};
use super::{Columns, Paint, StepView, View};
use crate::plan::{LevelDiff, Plan, Step, TextChange, changed_texts, diff};

/// The result of a diff.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffView {
    pub context: String,
    /// The package that is acted on.
    pub package: String,
    /// Whether there is nothing to write.
    pub identical: bool,
    pub steps: Vec<StepDiff>,
    /// What somebody else changed since promfed wrote, where the plan goes back over that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<TextDiffView>,
    pub warnings: Vec<String>,
    #[serde(skip)]
    title: String,
    /// The steps in words.
    #[serde(skip)]
    words: String,
}

/// One object, and the texts in it that change.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepDiff {
    #[serde(flatten)]
    pub step: StepView,
    pub texts: Vec<TextDiffView>,
}

/// One key of a Secret.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextDiffView {
    pub key: String,
    pub levels: Vec<LevelDiff>,
}

impl DiffView {
    /// The view of a plan. Its title says on whom it acts and ends with the package: `Making …: PACKAGE`.
    pub fn of(context: &str, title: &str, plan: &Plan) -> Self {
        let package = title.rsplit_once(": ").map_or(title, |(_, package)| package);
        Self {
            context: context.to_owned(),
            package: package.to_owned(),
            identical: plan.is_empty(),
            steps: plan.steps.iter().map(StepDiff::from).collect(),
            others: plan.others.iter().map(TextDiffView::from).collect(),
            warnings: plan.warnings.clone(),
            title: title.to_owned(),
            words: steps(plan),
        }
    }
}

impl From<&Step> for StepDiff {
    fn from(step: &Step) -> Self {
        let texts = changed_texts(step);
        Self { step: StepView::from(step), texts: texts.iter().map(TextDiffView::from).collect() }
    }
}

impl From<&TextChange> for TextDiffView {
    fn from(text: &TextChange) -> Self {
        Self { key: text.title.clone(), levels: diff(text) }
    }
}

impl View for DiffView {
    const KIND: &'static str = "Diff";

    fn text(&self, _: Columns, paint: Paint) -> String {
        if self.identical {
            return format!("{}: unchanged\n", self.title);
        }
        let texts = self.others.iter().chain(self.steps.iter().flat_map(|step| &step.texts));
        let diffs: Vec<_> = texts.map(|text| coloured(&text.levels, paint)).collect();
        let gap = if diffs.is_empty() { "" } else { "\n" };
        format!("{}\n\n{}{gap}{}", self.title, self.words, diffs.join("\n"))
    }

    fn names(&self) -> Vec<String> {
        self.steps
            .iter()
            .map(|StepDiff { step, .. }| {
                format!("{}/{} {}", step.kind.to_lowercase(), step.name, step.action)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::package::{ObjectKind, ObjectRef};
    use crate::plan::{Action, Line, Sign, TextChange};
    use crate::report::{Format, diffs, render};

    const TITLE: &str = "Making context \"c\" the hub \"h\": prometheus.example 1.0.0 in ns";

    fn plan(action: Action) -> Plan {
        let object = ObjectRef { kind: ObjectKind::Secret, namespace: Some("ns".into()), name: "s".into() };
        let lines = vec![Line::new(Sign::Added, "flag", "--b")];
        Plan {
            steps: vec![Step::new(object, action, lines)],
            warnings: vec!["mind this".into()],
            ..Plan::default()
        }
    }

    fn update() -> Plan {
        let text = |title: &str, before: &str, after: &str| TextChange {
            title: title.into(),
            before: before.into(),
            after: after.into(),
        };
        let texts = vec![
            text("a.yaml", "args:\n- --a\npassword: x\n", "args:\n- --a\n- --b\npassword: y\n"),
            text("b.yaml", "c: 1\n", "c: 2\n"),
        ];
        plan(Action::Update { patch: json!({}), texts })
    }

    fn shown(plan: &Plan, format: Format, paint: Paint) -> String {
        render(&DiffView::of("c", TITLE, plan), format, paint).expect("a diff")
    }

    #[test]
    fn people_read_the_steps_and_every_key() {
        insta::assert_snapshot!(shown(&update(), Format::Table, Paint::Plain), @r#"
    Making context "c" the hub "h": prometheus.example 1.0.0 in ns

      update    Secret               s (key a.yaml, b.yaml)
                  + flag     --b

    @@ a.yaml @@
     args:
     - --a
    -password: <masked, before>
    +- --b
    +password: <masked, after>

    @@ b.yaml @@
    -c: 1
    +c: 2
    "#);
    }

    #[test]
    fn nothing_but_the_title_when_nothing_changes() {
        let text = shown(&plan(Action::Unchanged), Format::Table, Paint::Plain);
        assert_eq!(text, format!("{TITLE}: unchanged\n"));
        let value: Value =
            serde_json::from_str(&shown(&plan(Action::Unchanged), Format::Json, Paint::Plain)).expect("JSON");
        assert_eq!(value["identical"], json!(true));
    }

    #[test]
    fn what_is_added_is_green_and_what_is_removed_is_red() {
        let text = shown(&update(), Format::Table, Paint::Colour);
        assert!(text.contains("\u{1b}[31m-c: 1\u{1b}[0m\n\u{1b}[32m+c: 2\u{1b}[0m\n"), "{text}");
    }

    #[test]
    fn programs_read_the_same() {
        insta::assert_snapshot!(shown(&update(), Format::Yaml, Paint::Plain), @r#"
    apiVersion: promfed.dev/v1alpha1
    kind: Diff
    context: c
    package: prometheus.example 1.0.0 in ns
    identical: false
    steps:
    - action: update
      kind: Secret
      namespace: ns
      name: s
      changes:
      - sign: added
        what: flag
        text: "--b"
      texts:
      - key: a.yaml
        levels:
        - title: a.yaml
          hunks:
          - before:
              line: 1
              count: 3
            after:
              line: 1
              count: 4
            lines:
            - kind: context
              text: "args:"
            - kind: context
              text: "- --a"
            - kind: removed
              text: "password: <masked, before>"
            - kind: added
              text: "- --b"
            - kind: added
              text: "password: <masked, after>"
      - key: b.yaml
        levels:
        - title: b.yaml
          hunks:
          - before:
              line: 1
              count: 1
            after:
              line: 1
              count: 1
            lines:
            - kind: removed
              text: "c: 1"
            - kind: added
              text: "c: 2"
    warnings:
    - mind this
    "#);
        assert_eq!(shown(&update(), Format::Name, Paint::Plain), "secret/s update\n");
    }

    #[test]
    fn a_secret_that_is_created_shows_its_text() {
        let create = plan(Action::Create { manifest: json!({"stringData": {"v.yaml": "token: x\n"}}) });
        assert_eq!(diffs(&create, Paint::Plain), "@@ v.yaml @@\n+token: <masked>\n");
    }
}
