//! A hub at a URL of which nothing is wrong: only what it stores is known.

use std::collections::BTreeMap;

use super::{NOW, agent, codes, hub};
use crate::check::facts::{Api, Facts, Known, Package, Process, Stored, Unread, WaysIn, Workload};
use crate::prometheus::promql::Question;
use crate::prometheus::{AtUrl, HubType, Role};

/// A healthy receiver at `https://hub.test`, to which `edge` writes.
pub(in crate::check) fn receiver(hub_type: HubType) -> Facts {
    let mut answers = hub().stored.answers;
    answers.retain(|question, _| !question.is_about_the_hub());
    for answer in answers.values_mut().flatten() {
        answer.retain(|series| series.label("cluster") == "edge");
    }
    Facts {
        context: "https://hub.test/prometheus".into(),
        now: NOW,
        expected: Some(Role::Hub),
        receiver: Some(AtUrl {
            url: "https://hub.test/prometheus".parse().expect("a URL"),
            hub_type,
            tenant: None,
            ca_file: None,
        }),
        api: Api {
            uid: Err(Unread::NotAsked),
            packaging: Err(Unread::NotAsked),
            packages: Err(Unread::NotAsked),
            contour: Err(Unread::NotAsked),
            cert_manager: Err(Unread::NotAsked),
            rights: Err(Unread::NotAsked),
        },
        package: Package {
            installs: Err(Unread::NotAsked),
            secrets: Vec::new(),
            values: Err(Unread::NotAsked),
            schema: Err(Unread::NotAsked),
            owners: Err(Unread::NotAsked),
            available: Err(Unread::NotAsked),
            repositories: Err(Unread::NotAsked),
            mounted: Err(Unread::NotAsked),
            door: Err(Unread::NotAsked),
        },
        workload: Workload {
            namespace: String::new(),
            deployment: Err(Unread::NotAsked),
            pods: Err(Unread::NotAsked),
            config_map: Err(Unread::NotAsked),
            claims: Err(Unread::NotAsked),
            ingress: Err(Unread::NotAsked),
            crash: Err(Unread::NotAsked),
            log: Err(Unread::NotAsked),
            reloader_log: Err(Unread::NotAsked),
            pods_with_cluster_label: Err(Unread::NotAsked),
            certificates: Err(Unread::NotAsked),
        },
        process: Process {
            version: Err(Unread::NotAsked),
            flags: Err(Unread::NotAsked),
            config: Err(Unread::NotAsked),
            runtime: Err(Unread::NotAsked),
            metrics: Err(Unread::NotAsked),
            targets: Err(Unread::NotAsked),
            rules: Err(Unread::NotAsked),
            probe: Err(Unread::NotAsked),
            clock_ahead: Err(Unread::NotAsked),
        },
        ways_in: WaysIn { urls: Vec::new() },
        stored: Stored { answers, registry: None },
        known: Known::default(),
    }
}

#[test]
fn nothing_is_found_of_an_agent_and_a_receiver_that_are_well() {
    for hub_type in [HubType::Mimir, HubType::Thanos, HubType::VictoriaMetrics] {
        assert_eq!(codes(&[agent(), receiver(hub_type)]), [""; 0]);
    }
}

#[test]
fn what_is_wrong_is_found_by_what_the_receiver_stores() {
    let silent = receiver(HubType::Mimir).with_answer(Question::LastSample, Vec::new());
    assert_eq!(codes(&[agent(), silent]), ["PF508"]);
    let mut away = receiver(HubType::Mimir);
    away.process.version = Err(Unread::Failed("connection refused".into()));
    away.stored.answers = BTreeMap::new();
    assert_eq!(codes(&[agent(), away]), ["PF212"]);
}
