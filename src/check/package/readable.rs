//! The package can read its values.

use serde_json::Value;

use super::failure::Failure;
use super::ytt::complaints;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::package::{CONFIG, Location, State};
use crate::yaml;

/// How many unknown keys are listed.
const LISTED: usize = 5;

pub(super) const CHECK: Check = Check {
    code: "PF205",
    category: Category::Package,
    title: "the package can read its values",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201", "PF204"],
    page: Page {
        symptom: "The package does not reconcile: `ytt: Error: …`, with `having no annotations (hint: remove comments starting with #@)`, `Given data value is not declared in schema` or `Expected number of matched nodes to be 1, but was 0`.",
        cause: "The package's own values.yaml was pasted with its `#@` lines, a key is misspelled or of another version, or a value has another type: `prometheus_yml` is one text, and needs the `|` after the key.",
        detected: "The error message of the install, and the values themselves: their first characters, the type of `prometheus_yml`, and their keys against the schema of the package.",
        fix: "Take the values out of the Secret, correct what is named, and put them back. kapp-controller notices by itself.",
        versions: "all; packages up to 2.37 have no schema and tell less",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let state = view.install()?.state();
    let message = match &state {
        State::Failed(message) if Failure::of(view)? == Some(Failure::Values) => Some(message.as_str()),
        _ => None,
    };
    let mut causes = annotations(view);
    causes.extend(configuration(view));
    // What the package took once has no unknown keys, whatever its published schema says.
    if state != State::Succeeded {
        causes.extend(unknown_keys(view));
    }
    if let Some(message) = message.filter(|_| causes.is_empty()) {
        causes = complaints(message);
    }
    let Some((first, rest)) = causes.split_first() else {
        // Without a word of the package's, that promfed cannot read the values is no finding about them.
        view.facts.values()?;
        return Ok(Judgement::Holds);
    };
    let finding = match state {
        State::Succeeded => Finding::warning(first.clone()),
        _ => Finding::error(first.clone()),
    };
    let mut finding = rest.iter().take(LISTED).fold(finding, |finding, line| finding.because(line.clone()));
    if message.is_some() {
        finding = finding.verdict(Verdict::Failed);
    }
    for fix in fixes(view)? {
        finding = finding.fix(fix);
    }
    Ok(finding.into())
}

/// Lines that ytt takes for annotations. In a text within the values they are indented, and stay what they are.
fn annotations(view: &View<'_>) -> Vec<String> {
    let Ok(values) = view.facts.values() else { return Vec::new() };
    let told = |(location, text): (&Location, &str)| {
        let line = text.lines().position(|line| line.starts_with("#@"))?;
        Some(format!(
            "line {} of {} begins with `#@`, which ytt takes for an annotation and refuses",
            line + 1,
            title(location)
        ))
    };
    values.texts().filter_map(told).collect()
}

fn configuration(view: &View<'_>) -> Option<String> {
    let written = view.facts.values().ok()?.written(&CONFIG)?;
    let is = match written {
        Value::String(_) | Value::Null => return None,
        Value::Object(_) => "a mapping",
        Value::Array(_) => "a list",
        _ => "a number or a switch",
    };
    Some(format!(
        "{} is {is}, and has to be one text: put a `|` after the key and indent what follows",
        CONFIG.join(".")
    ))
}

fn unknown_keys(view: &View<'_>) -> Vec<String> {
    let (Ok(values), Ok(schema)) = (view.facts.values(), &view.facts.package.schema) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (location, text) in values.texts() {
        let Ok(value) = yaml::read(text) else { continue };
        let mut keys = Vec::new();
        unknown_below(schema.open_api(), &value, "", &mut keys);
        let place = title(location);
        all.extend(keys.into_iter().map(|key| format!("the package does not know {key} ({place})")));
    }
    all
}

/// A schema that names no properties lets anything be.
fn unknown_below(schema: &Value, value: &Value, path: &str, keys: &mut Vec<String>) {
    let known = schema["properties"].as_object().filter(|known| !known.is_empty());
    let is_open = !matches!(schema["additionalProperties"], Value::Null | Value::Bool(false));
    let (Some(known), Some(entries), false) = (known, value.as_object(), is_open) else { return };
    for (key, value) in entries {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match known.get(key) {
            Some(schema) => unknown_below(schema, value, &path, keys),
            None => keys.push(path),
        }
    }
}

fn title(location: &Location) -> String {
    format!("Secret {}, key {}", location.secret, location.key)
}

fn fixes(view: &View<'_>) -> Result<Vec<Fix>, Unread> {
    let install = view.install()?;
    let namespace = &install.metadata.namespace;
    let secrets = &view.facts.package.secrets;
    let Some((secret, keys)) = secrets.last() else { return Ok(Vec::new()) };
    let keys = keys.as_ref().ok().and_then(Option::as_ref);
    let key = keys.and_then(|keys| keys.last()).map_or(crate::package::VALUES_KEY, String::as_str);
    let escaped = key.replace('.', "\\.");
    Ok(vec![
        view.kubectl(&format!(
            "-n {namespace} get secret {secret} -o jsonpath='{{.data.{escaped}}}' | base64 -d > FILE"
        )),
        view.kubectl(&format!(
            "-n {namespace} create secret generic {secret} --from-file={key}=FILE --dry-run=client -o yaml | kubectl --context {} apply -f -",
            view.facts.context
        )),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::facts::Unread;
    use crate::check::healthy::{codes, failed, found, hub};
    use crate::check::judgement::{Severity, Verdict};
    use crate::package::{Location, ValueSource, Values};

    fn values(text: &str) -> Values {
        let location = Location { secret: "prometheus-tkg-system-values".into(), key: "values.yaml".into() };
        let source = ValueSource { location, resource_version: None, text: text.into() };
        Values::new(serde_json::Value::Null, vec![source]).expect("values")
    }

    #[test]
    fn annotations_are_found_before_ytt_does() {
        let mut facts = hub();
        facts.package.values = Ok(values("#@data/values\n---\nnamespace: x\n"));
        let findings = found("PF205", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[0],
            "line 1 of Secret prometheus-tkg-system-values, key values.yaml begins with `#@`, which ytt takes for an annotation and refuses"
        );
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn a_text_within_the_values_may_have_such_lines() {
        let mut facts = hub();
        facts.package.values = Ok(values("# mine\na: |\n  #@ text\n"));
        assert_eq!(found("PF205", "admin@hub", &[facts]), []);
    }

    #[test]
    fn a_configuration_that_is_no_text_is_the_cause_of_a_failure() {
        let mut facts = failed(
            hub(),
            "ytt: Error:\n  Overlaying data values (in following order: additional data values):\nx",
        );
        facts.package.values = Ok(values("prometheus:\n  config:\n    prometheus_yml:\n      global: {}\n"));
        assert_eq!(codes(&[facts.clone()])[0], "PF205");
        assert!(!codes(&[facts.clone()]).contains(&"PF207"));
        let findings = found("PF205", "admin@hub", &[facts]);
        assert!(findings[0].causes[0].starts_with("prometheus.config.prometheus_yml is a mapping"));
        assert_eq!(findings[0].verdict, Some(Verdict::Failed));
    }

    #[test]
    fn a_key_that_the_schema_does_not_have_is_named() {
        let mut facts = failed(hub(), "ytt: Error: Expected number of matched nodes to be 1, but was 0");
        facts.package.schema = Ok(serde_json::from_value(json!({"openAPIv3": {"properties": {
            "namespace": {"type": "string"},
            "prometheus": {"properties": {"labels": {"nullable": true}}}
        }}}))
        .expect("a schema"));
        facts.package.values = Ok(values("promtheus: {}\nprometheus:\n  labels:\n    a: b\n  pcv: {}\n"));
        let findings = found("PF205", "admin@hub", &[facts.clone()]);
        assert_eq!(findings[0].causes.len(), 2);
        assert!(findings[0].causes[0].starts_with("the package does not know "), "{findings:?}");
        facts.package.installs = hub().package.installs;
        assert_eq!(found("PF205", "admin@hub", &[facts]), []);
    }

    #[test]
    fn values_that_nobody_can_read_are_told_in_the_words_of_the_package() {
        let mut facts = failed(
            hub(),
            "ytt: Error:\n  Extracting data value from file:\n    yaml: line 3: did not find expected key",
        );
        facts.package.values = Err(Unread::Failed("the values are not YAML".into()));
        let findings = found("PF205", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[0], "yaml: line 3: did not find expected key");
    }
}
