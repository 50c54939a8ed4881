//! Which plans make an agent forget what it has not sent, and what lets it wait for longer.

use super::mounting::written;
use super::*;
use crate::prometheus::config::Login;
use crate::prometheus::{OutOfOrderWindow, PromDuration};

/// An agent that joined, and the same that joins again.
fn joined(version: &str) -> Observed {
    let (_, plan) = plan_agent(&agent(Trust::System), &observed(version, Some("# mine\n"))).expect("a plan");
    observed(version, Some(&after(&plan)))
}

fn forgets(intent: &AgentIntent, seen: &Observed) -> Forgets {
    plan_agent(intent, seen).expect("a plan").1.forgets
}

#[test]
fn a_plan_that_changes_nothing_or_installs_forgets_nothing() {
    let seen = joined("3.5.0");
    assert_eq!(forgets(&agent(Trust::System), &seen), Forgets::default());
    assert_eq!(forgets(&agent(Trust::System), &observed("3.5.0", None)), Forgets::default());
}

#[test]
fn another_argument_restarts_and_another_job_does_not() {
    let with = |values: &str| AgentIntent { values: Some(values.to_owned()), ..agent(Trust::System) };
    let seen = joined("3.5.0");
    let args = with("prometheus: {deployment: {containers: {args: [--agent, --log.level=debug]}}}\n");
    assert_eq!(forgets(&args, &seen).restart, Some("other arguments"));
    let label = with("prometheus: {deployment: {podLabels: {a: b}}}\n");
    assert_eq!(forgets(&label, &seen).restart, Some("another Deployment"));
    let text = after(&plan_agent(&with("kube_state_metrics: {a: 1}\n"), &seen).expect("a plan").1);
    assert!(text.contains("kube_state_metrics"));
    assert!(!forgets(&with("kube_state_metrics: {a: 1}\n"), &seen).is_any());
}

#[test]
fn another_version_restarts_and_another_url_is_another_queue() {
    let mut seen = joined("2.53.4");
    seen.packages.push(package("3.5.0"));
    let moving = PackageWish { version: Some("3.5.0".into()), ..wish() };
    let intent = AgentIntent { package: moving, ..agent(Trust::System) };
    assert_eq!(forgets(&intent, &seen).restart, Some("another version"));
    let mut elsewhere = agent(Trust::System);
    elsewhere.remote_write.url = "https://other.example.com/api/v1/write".parse().expect("a URL");
    let forgets = forgets(&elsewhere, &seen);
    assert_eq!((forgets.restart, forgets.queue), (None, true));
}

#[test]
fn files_that_come_restart_and_files_that_change_do_not() {
    let with = |key: &str| {
        let mut intent = agent(Trust::Authority("A\n".into()));
        intent.mounted.set(crate::package::MountedFile::Key, key);
        intent.remote_write.login = Login::Certificate {
            cert_file: "/etc/promfed/tls.crt".into(),
            key_file: "/etc/promfed/tls.key".into(),
        };
        intent
    };
    let seen = joined("3.5.0");
    let (_, first) = plan_agent(&with("one"), &seen).expect("a plan");
    assert_eq!(first.forgets.restart, Some("another volume is mounted"));
    assert!(!forgets(&with("two"), &written(&first, &seen)).is_any());
}

fn hours(text: &str) -> PromDuration {
    text.parse().expect("a duration")
}

fn buffered(rate: Option<f64>, hub: Lateness) -> AgentIntent {
    let buffer = Buffer { outage: hours("6h"), rate, no_claim: None, hub };
    AgentIntent { buffer: Some(buffer), ..agent(Trust::System) }
}

#[test]
fn a_buffer_sets_the_flags_and_the_volume_and_says_why() {
    let late = Lateness::Window(Some(hours("6h")), OutOfOrderWindow::Safe);
    let seen = observed("3.5.0", Some("prometheus: {pvc: {storage: 1Gi}}\n"));
    let (_, plan) = plan_agent(&buffered(Some(2000.0), late), &seen).expect("a plan");
    let text = words(&plan);
    assert!(
        text.contains("buffer --storage.agent.wal-truncate-frequency=12h (whenever that has passed"),
        "{text}"
    );
    assert!(text.contains("volume 1Gi becomes 3Gi: 2000 samples/s for 6h take 3Gi"), "{text}");
    assert!(plan.warnings.iter().any(|warning| warning.contains("storage class")), "{:?}", plan.warnings);
    let values = after(&plan);
    assert!(values.contains("--storage.agent.retention.max-time=12h"), "{values}");
    let again = plan_agent(&buffered(Some(2000.0), late), &observed("3.5.0", Some(&values))).expect("a plan");
    assert!(again.1.is_empty(), "{}", words(&again.1));
}

#[test]
fn a_buffer_that_the_hub_would_refuse_or_that_lies_on_nothing_is_told() {
    let seen = observed("2.53.4", Some(""));
    let warned = |intent: &AgentIntent| plan_agent(intent, &seen).expect("a plan").1.warnings.join("\n");
    let none = Lateness::Window(None, OutOfOrderWindow::Safe);
    assert!(warned(&buffered(None, none)).contains("up to 1h late, and the rest of 6h is lost"));
    let old = Lateness::Window(None, OutOfOrderWindow::BlocksSenders);
    assert!(warned(&buffered(None, old)).contains("2.50 or later"));
    let mut intent = buffered(None, Lateness::Window(Some(hours("6h")), OutOfOrderWindow::Safe));
    assert_eq!(warned(&intent), "");
    intent.buffer.as_mut().expect("a buffer").no_claim = Some("an emptyDir (storage-volume)".into());
    assert!(warned(&intent).contains("lies on an emptyDir"));
}

#[test]
fn samples_are_not_dropped_for_their_age_before_the_outage_ends() {
    let late = Lateness::Window(Some(hours("6h")), OutOfOrderWindow::Safe);
    let values = after(&plan_agent(&agent(Trust::System), &observed("3.5.0", Some(""))).expect("a plan").1);
    let short =
        values.replace("retry_on_http_429: true", "retry_on_http_429: true\n          sample_age_limit: 10m");
    let (_, plan) = plan_agent(&buffered(None, late), &observed("3.5.0", Some(&short))).expect("a plan");
    assert!(after(&plan).contains("sample_age_limit: '12h'"), "{}", after(&plan));
    assert!(plan.forgets.queue && plan.forgets.restart.is_some());
}
