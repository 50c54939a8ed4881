//! The hub takes everything that the agent sends: the protocol, native histograms, exemplars.

use serde_json::Value;

use super::cause::Cause;
use super::refusal::{Refusal, is_fine};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::config::{ACCEPTED, MESSAGE_2};
use crate::prometheus::{Capabilities, NativeHistograms};

pub(super) const CHECK: Check = Check {
    code: "PF505",
    category: Category::Delivery,
    title: "the hub takes what the agent sends",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502", "PF503", "PF504"],
    page: Page {
        symptom: "The agent logs `415 Unsupported Media Type`, `PRW 2.0 response header statistics indicate 0 samples`, or `500 Internal Server Error: native histograms are disabled` again and again; or exemplars never show at the hub.",
        cause: "The agent is set to send what this hub does not take. A hub before 2.54 answers remote write 2.0 with success and stores nothing of it. A hub of 2.40 to 3.7 without the feature `native-histograms` answers them with 500, and the agent stands still.",
        detected: "`protobuf_message`, `send_native_histograms` and `send_exemplars` in `remote_write`, the hub's version and flags, and the agent's log.",
        fix: "Move the hub first, and agents after it. Until then take the field out of the agent's `remote_write`.",
        versions: "remote write 2.0 since 2.54; native histograms since 2.40, always received since 3.8; exemplars received since 2.31",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let by_log = Refusal::current(view).filter(|refusal| match refusal.cause {
        Cause::FormatRefused | Cause::NativeHistogramsOff => true,
        // 3.8.0 answers with numbers that are wrong, and stores the samples.
        Cause::FormatLost => {
            view.hub.and_then(|hub| hub.capabilities().ok()).is_none_or(|hub| !hub.remote_write_2())
        }
        _ => false,
    });
    if let Some(refusal) = by_log {
        let verdict =
            if refusal.cause == Cause::NativeHistogramsOff { Verdict::Blocked } else { Verdict::Losing };
        let finding = Finding::error(refusal.words).verdict(verdict);
        let finding = refusal.cause.meaning().into_iter().fold(finding, Finding::because);
        return Ok(refusal.cause.fixes(view).into_iter().fold(finding, Finding::fix).into());
    }
    let Some(hub) = view.hub else { return Ok(Judgement::Moot) };
    let config = view.facts.config()?;
    let receiver = hub.capabilities()?;
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    let mut findings: Vec<_> =
        entries.iter().filter_map(|entry| protocol(view, hub, receiver, entry)).collect();
    // What does no harm yet is told where nothing else is wrong: a warning must not hide why nothing arrives.
    if findings.is_empty() && is_fine(view) {
        findings.extend(entries.iter().flat_map(|entry| extras(hub, receiver, entry)));
    }
    Ok(findings.into())
}

fn protocol(view: &View<'_>, hub: &Facts, receiver: Capabilities, entry: &Value) -> Option<Finding> {
    if entry["protobuf_message"] != MESSAGE_2 {
        return None;
    }
    let (cause, meaning) = if !receiver.remote_write_2() {
        (
            format!(
                "the agent sends remote write 2.0, and the hub's {} stores nothing of it",
                receiver.version()
            ),
            Cause::FormatLost,
        )
    } else if let Ok(Some(accepted)) = hub.flag(ACCEPTED)
        && !accepted.is_empty()
        && !accepted.split(',').any(|name| name == MESSAGE_2)
    {
        (format!("the agent sends remote write 2.0, and the hub takes {accepted} only"), Cause::FormatRefused)
    } else {
        return None;
    };
    let finding = Finding::error(cause).verdict(Verdict::Losing);
    Some(meaning.fixes(view).into_iter().fold(finding, Finding::fix))
}

/// What is sent for nothing, or will stand in the way.
fn extras(hub: &Facts, receiver: Capabilities, entry: &Value) -> Vec<Finding> {
    let Ok(features) = hub.flag("enable-feature") else { return Vec::new() };
    let has = |name: &str| features.unwrap_or_default().split(',').any(|feature| feature == name);
    let mut findings = Vec::new();
    if entry["send_native_histograms"] == true {
        match receiver.native_histograms_receiver() {
            NativeHistograms::FeatureName if !has("native-histograms") => findings.push(
                Finding::warning(
                    "the first native histogram will stop all sending: the hub does not store them",
                )
                .because("it answers them with 500, and the agent sends them again for ever")
                .fix(Fix::hand("add --enable-feature=native-histograms to the hub's arguments"))
                .fix(Fix::hand("take send_native_histograms out of the agent's remote_write")),
            ),
            NativeHistograms::None => findings.push(
                Finding::warning(format!("the hub's {} knows no native histograms", receiver.version()))
                    .fix(Fix::hand("take send_native_histograms out of the agent's remote_write")),
            ),
            _ => {}
        }
    }
    if entry["send_exemplars"] == true && !(receiver.receives_exemplars() && has("exemplar-storage")) {
        let fix = if receiver.receives_exemplars() {
            "add --enable-feature=exemplar-storage to the hub's arguments"
        } else {
            "take send_exemplars out of the agent's remote_write"
        };
        findings.push(
            Finding::warning("the agent sends exemplars, and the hub drops them without a word")
                .fix(Fix::hand(fix)),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn sending(field: &str) -> Facts {
        let line = format!("    name: promfed\n        {field}");
        agent().with_values(|text| text.replace("    name: promfed", &line))
    }

    #[test]
    fn remote_write_2_to_an_old_hub_is_lost() {
        let agent = sending("protobuf_message: io.prometheus.write.v2.Request");
        let findings = found("PF505", "admin@edge", &[agent.clone(), hub().with_version("2.53.4")]);
        assert_eq!(
            findings[0].causes[0],
            "the agent sends remote write 2.0, and the hub's 2.53.4 stores nothing of it"
        );
        assert_eq!(findings[0].verdict, Some(Verdict::Losing));
        assert_eq!(found("PF505", "admin@edge", &[agent.clone(), hub()]), []);
        let strict = hub().with_flag(super::ACCEPTED, "prometheus.WriteRequest");
        assert_eq!(found("PF505", "admin@edge", &[agent, strict]).len(), 1);
    }

    #[test]
    fn native_histograms_will_stop_the_agent_and_then_do() {
        let old = || hub().with_version("2.53.4");
        let agent = sending("send_native_histograms: true");
        let findings = found("PF505", "admin@edge", &[agent.clone(), old()]);
        assert_eq!(findings[0].severity, Severity::Warning);
        let with = old().with_flag("enable-feature", "native-histograms");
        assert_eq!(found("PF505", "admin@edge", &[agent.clone(), with]), []);
        let mut stuck = agent.with_metric("prometheus_remote_storage_samples_retried_total 100000");
        stuck.workload.log = Ok("msg=\"Failed to send batch, retrying\" err=\"server returned HTTP status 500 Internal Server Error: native histograms are disabled\"".into());
        let findings = found("PF505", "admin@edge", &[stuck, old()]);
        assert_eq!(findings[0].verdict, Some(Verdict::Blocked));
    }

    #[test]
    fn a_warning_does_not_hide_why_nothing_arrives() {
        let silent = hub().with_answer(Question::LastSample, Vec::new());
        let codes = codes(&[sending("send_exemplars: true"), silent]);
        assert!(codes.contains(&"PF508") && !codes.contains(&"PF505"), "{codes:?}");
    }

    #[test]
    fn exemplars_for_nobody_are_a_warning() {
        let agent = sending("send_exemplars: true");
        assert_eq!(found("PF505", "admin@edge", &[agent.clone(), hub()])[0].severity, Severity::Warning);
        let with = hub().with_flag("enable-feature", "exemplar-storage");
        assert_eq!(found("PF505", "admin@edge", &[agent, with]), []);
    }
}
