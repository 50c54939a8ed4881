//! What an agent mounts to reach its hub.

use secrecy::ExposeSecret as _;

use super::*;
use crate::history::Record;
use crate::identity::Identity;
use crate::package::{FoundOverlay, Maker, MountedFile, OVERLAY, OVERLAY_KEY};
use crate::prometheus::config::Login;

pub(super) const PEM: &str = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n";
pub(super) const OTHER: &str = "-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n";

fn trusting(pem: &str) -> AgentIntent {
    agent(Trust::Authority(pem.into()))
}

fn with_password(intent: AgentIntent) -> AgentIntent {
    let mut mounted = Mounted::default();
    mounted.set(MountedFile::Password, "s3cr3t");
    let password_file = MountedFile::Password.path();
    let login = Login::Password { username: "edge".into(), password_file };
    AgentIntent { mounted, remote_write: RemoteWrite { login, ..intent.remote_write }, ..intent }
}

/// The cluster after a plan was written.
pub(super) fn written(plan: &Plan, before: &Observed) -> Observed {
    let mut seen = before.clone();
    let overlay = |text: &str| FoundOverlay {
        text: text.to_owned(),
        resource_version: Some("9".into()),
        maker: Maker::Us,
    };
    for step in &plan.steps {
        let is_overlay = step.object.name.ends_with("-overlay");
        let install = seen.installed.as_mut().expect("an install");
        match &step.action {
            Action::Create { manifest } if is_overlay => {
                seen.overlay = Some(overlay(manifest["stringData"][OVERLAY_KEY].as_str().expect("a text")));
            }
            Action::Update { texts, .. } if is_overlay => seen.overlay = Some(overlay(&texts[0].after)),
            Action::Delete { .. } if is_overlay => seen.overlay = None,
            Action::Update { texts, .. } => {
                for text in texts {
                    install.sources[0].text.clone_from(&text.after);
                }
            }
            Action::Create { manifest } => {
                seen.history.records.append(&mut History::read(std::slice::from_ref(manifest)).records);
            }
            _ => {}
        }
    }
    let annotations =
        &mut seen.installed.as_mut().expect("an install").install.metadata.ownership.annotations;
    for note in &plan.notes {
        match &note.after {
            Some(value) => drop(annotations.insert(note.key.clone(), value.clone())),
            None => drop(annotations.remove(&note.key)),
        }
    }
    seen
}

pub(super) fn joined(intent: &AgentIntent, before: &Observed) -> (Plan, Observed) {
    let (target, plan) = plan_agent(intent, before).expect("a plan");
    let keep =
        Keep { history: &before.history, names: &target.names, verb: Verb::AgentJoin, author: author() };
    let plan = plan.kept(&keep);
    let seen = written(&plan, before);
    (plan, seen)
}

pub(super) fn author() -> Author {
    Author {
        time: jiff::Timestamp::UNIX_EPOCH,
        user: "admin".into(),
        command: "kubectl promfed".into(),
        promfed: "0.1.0".into(),
    }
}

pub(super) fn mounted(seen: &Observed) -> Mounted {
    Mounted::read(&seen.overlay.as_ref().expect("an overlay").text)
}

pub(super) fn config(seen: &Observed) -> Value {
    let text = &seen.installed.as_ref().expect("an install").sources[0].text;
    let values = crate::yaml::read(text).expect("YAML");
    crate::yaml::read(values["prometheus"]["config"]["prometheus_yml"].as_str().expect("a text"))
        .expect("YAML")
}

#[test]
fn a_version_that_cannot_hold_an_authority_mounts_it() {
    let (plan, seen) = joined(&trusting(PEM), &observed("2.43.0", Some("# mine\n")));
    let steps: Vec<_> =
        plan.steps.iter().map(|step| (step.action.verb(), step.object.name.as_str(), step.then)).collect();
    assert_eq!(
        steps,
        [
            ("create", "prometheus.promfed.v1", Then::GoOn),
            ("update", "prometheus", Then::UntilPaused),
            ("create", "prometheus-tkg-system-promfed-overlay", Then::GoOn),
            ("update", "by-hand", Then::GoOn),
            ("update", "prometheus", Then::GoOn),
        ]
    );
    assert_eq!(mounted(&seen).get(MountedFile::Authority), Some(PEM));
    assert_eq!(config(&seen)["remote_write"][0]["tls_config"], json!({"ca_file": "/etc/promfed/ca.crt"}));
    let (again, _) = joined(&trusting(PEM), &seen);
    assert!(again.is_empty(), "{}", words(&again));
}

#[test]
fn an_authority_in_the_configuration_stays_there_until_it_changes() {
    let inline = format!(
        "prometheus:\n  config:\n    prometheus_yml: '{{\"remote_write\": [{{\"name\": \"promfed\", \"url\": \"https://hub.example.com/api/v1/write\", \"tls_config\": {{\"ca\": {}}}}}]}}'\n",
        json!(PEM)
    );
    let (_, same) = joined(&trusting(PEM), &observed("3.5.0", Some(&inline)));
    assert_eq!(
        (config(&same)["remote_write"][0]["tls_config"]["ca"].as_str(), &same.overlay),
        (Some(PEM), &None)
    );
    let (_, other) = joined(&trusting(OTHER), &same);
    assert_eq!(mounted(&other).get(MountedFile::Authority), Some(OTHER));
    assert_eq!(config(&other)["remote_write"][0]["tls_config"], json!({"ca_file": "/etc/promfed/ca.crt"}));
}

#[test]
fn a_new_install_has_its_overlay_before_it_is_looked_at() {
    let before = observed("2.43.0", None);
    let (_, plan) = plan_agent(&trusting(PEM), &before).expect("a plan");
    let [.., overlay, install] = &plan.steps[..] else { panic!("{}", words(&plan)) };
    assert_eq!(overlay.object.name, "prometheus-tkg-system-promfed-overlay");
    let Action::Create { manifest } = &install.action else { panic!("a PackageInstall") };
    assert_eq!(manifest["metadata"]["annotations"][OVERLAY], overlay.object.name);
}

#[test]
fn what_is_mounted_is_changed_without_touching_anything_else() {
    let before = observed("3.5.0", Some(""));
    let (_, seen) = joined(&with_password(trusting(PEM)), &before);
    assert_eq!(config(&seen)["remote_write"][0]["basic_auth"]["password_file"], "/etc/promfed/password");
    let (plan, renewed) = joined(&trusting(OTHER), &seen);
    let changed: Vec<_> = plan.steps.iter().skip(1).map(|step| step.object.name.as_str()).collect();
    assert_eq!(changed, ["prometheus-tkg-system-promfed-overlay"]);
    let files = mounted(&renewed);
    let both = (files.get(MountedFile::Authority), files.get(MountedFile::Password));
    assert_eq!(both, (Some(OTHER), Some("s3cr3t")));
}

#[test]
fn an_authority_that_was_trusted_stays_until_the_new_one_is_seen() {
    for version in ["2.43.0", "3.5.0"] {
        let (_, seen) = joined(&trusting(PEM), &observed(version, Some("")));
        let unseen = AgentIntent { served: Served::Unseen, ..trusting(OTHER) };
        let (_, between) = joined(&unseen, &seen);
        let trusted = |seen: &Observed| mounted(seen).get(MountedFile::Authority).map(str::to_owned);
        assert_eq!(trusted(&between), Some(format!("{OTHER}{PEM}")), "{version}");
        let (_, after) = joined(&trusting(OTHER), &between);
        assert_eq!(trusted(&after), Some(OTHER.to_owned()), "{version}");
    }
}

#[test]
fn going_back_takes_the_overlay_away_and_forward_brings_it_again() {
    let before = observed("2.43.0", Some("# mine\n"));
    let (_, seen) = joined(&with_password(trusting(PEM)), &before);
    let back = |revision: u32, seen: &Observed| {
        let (target, plan) = plan_back(&wish(), seen, revision, Others::Keep).expect("a plan");
        let keep =
            Keep { history: &seen.history, names: &target.names, verb: Verb::AgentLeave, author: author() };
        let plan = plan.kept(&keep);
        let after = written(&plan, seen);
        (plan, after)
    };
    let (plan, left) = back(1, &seen);
    let last = plan.steps.last().expect("steps");
    assert_eq!(
        (last.action.verb(), last.object.name.as_str()),
        ("delete", "prometheus-tkg-system-promfed-overlay")
    );
    assert_eq!(
        (&left.overlay, left.installed.as_ref().map(|it| it.sources[0].text.as_str())),
        (&None, Some("# mine\n"))
    );
    let (_, again) = back(2, &left);
    assert_eq!(
        (again.overlay, config_text(again.installed.as_ref())),
        (seen.overlay.clone(), config_text(seen.installed.as_ref()))
    );
    let revisions: Vec<&Record> = left.history.records.iter().collect();
    assert_eq!(revisions.len(), 2);
}

fn config_text(installed: Option<&Installed>) -> Option<String> {
    installed.map(|installed| installed.sources[0].text.clone())
}

#[test]
fn a_password_is_neither_in_words_nor_in_a_diff() {
    let before = observed("3.5.0", Some(""));
    let (plan, _) = joined(&with_password(trusting(PEM)), &before);
    let diffs: String = plan.steps.iter().flat_map(changed_texts).map(|change| unified(&change)).collect();
    assert!(diffs.contains("password: ") && !diffs.contains("s3cr3t"), "{diffs}");
    assert!(!words(&plan).contains("s3cr3t"));
}

/// A plan's agent that shows a certificate which promfed made for it.
pub(super) fn showing(identity: &Identity) -> AgentIntent {
    let mut mounted = Mounted::default();
    mounted.set(MountedFile::Certificate, identity.certificate.clone());
    mounted.set(MountedFile::Key, identity.key.expose_secret());
    let login =
        Login::Certificate { cert_file: MountedFile::Certificate.path(), key_file: MountedFile::Key.path() };
    let intent = trusting(PEM);
    AgentIntent { mounted, remote_write: RemoteWrite { login, ..intent.remote_write }, ..intent }
}

#[test]
fn going_back_keeps_the_newer_certificate_where_it_leads_to_the_same_hub() {
    let identity = || Identity::generate(&"edge".parse().expect("a name")).expect("an identity");
    let (first, renewed) = (identity(), identity());
    let (_, seen) = joined(&showing(&first), &observed("3.5.0", Some("# mine\n")));
    let (_, seen) = joined(&showing(&renewed), &seen);
    let (_, plan) = plan_back(&wish(), &seen, 2, Others::Keep).expect("a plan");
    assert!(plan.is_empty() && plan.warnings[0].contains("certificate"), "{}", words(&plan));

    let mut elsewhere = showing(&identity());
    elsewhere.remote_write.url = "https://other.example.com/api/v1/write".parse().expect("a URL");
    let (_, seen) = joined(&elsewhere, &seen);
    let (target, plan) = plan_back(&wish(), &seen, 3, Others::Keep).expect("a plan");
    assert_eq!(plan.warnings, [""; 0], "{:?}", target.names);
    assert_eq!(mounted(&written(&plan, &seen)).get(MountedFile::Certificate), Some(&*renewed.certificate));
}
