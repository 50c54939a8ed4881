//! Two hubs at once, as long as a move takes.

use super::mounting::{OTHER, PEM, config, joined, mounted, showing};
use super::*;
use crate::identity::Identity;
use crate::package::MountedFile;
use crate::prometheus::config::HubBefore;

fn to(url: &str, before: HubBefore, intent: AgentIntent) -> AgentIntent {
    let url = url.parse().expect("a URL");
    AgentIntent { remote_write: RemoteWrite { url, before, ..intent.remote_write }, ..intent }
}

const NEW: &str = "https://new.example.com/api/v1/push";

#[test]
fn the_hub_before_is_written_to_until_a_join_without_it() {
    let (_, seen) = joined(&agent(Trust::Authority(PEM.into())), &observed("3.5.0", Some("# mine\n")));
    let new = || agent(Trust::Authority(OTHER.into()));
    let (both, seen) = joined(&to(NEW, HubBefore::Stays, new()), &seen);
    insta::assert_snapshot!(words(&both), @r"
    create Secret
      = keeps the values before this
    update Secret
      ~ overlay what the package mounts for Prometheus
    update Secret
      ~ mounts ca.crt for Prometheus, by an overlay
      + write to https://new.example.com/api/v1/push
      = write to https://hub.example.com/api/v1/write too
    ");
    assert!(!both.forgets.is_any() && both.warnings.is_empty(), "{:?}", both.warnings);
    let trusted = mounted(&seen).get(MountedFile::Authority).map(str::to_owned);
    assert_eq!(trusted, Some(format!("{OTHER}{PEM}")));
    let (again, _) = joined(&to(NEW, HubBefore::Stays, new()), &seen);
    assert!(again.is_empty(), "{}", words(&again));

    let (alone, seen) = joined(&to(NEW, HubBefore::Ends, new()), &seen);
    insta::assert_snapshot!(words(&alone), @r"
    create Secret
      = keeps the values before this
    update Secret
      ~ overlay what the package mounts for Prometheus
    update Secret
      ~ mounts ca.crt for Prometheus, by an overlay
      - write to https://hub.example.com/api/v1/write
    ");
    assert_eq!(mounted(&seen).get(MountedFile::Authority), Some(OTHER));
    assert_eq!(config(&seen)["remote_write"].as_array().map(Vec::len), Some(1));
    assert_eq!(config(&seen)["remote_write"][0]["name"], "promfed-2");
}

#[test]
fn one_file_cannot_be_for_two_hubs() {
    let identity = || Identity::generate(&"edge".parse().expect("a name")).expect("an identity");
    let (_, seen) = joined(&showing(&identity()), &observed("3.5.0", Some("# mine\n")));
    let error = plan_agent(&to(NEW, HubBefore::Stays, showing(&identity())), &seen).expect_err("a refusal");
    assert!(error.what.contains("tls.crt"), "{}", error.lines());
    plan_agent(&to(NEW, HubBefore::Ends, showing(&identity())), &seen).expect("a plan");
}
