//! Plans that move a version, and with it the dialect of the values.

use super::*;

const HUB_2_53: &str = "prometheus:\n  deployment:\n    containers:\n      args:\n      - --storage.tsdb.retention=15d # ours\n      - --enable-feature=remote-write-receiver\n";

fn moving(to: &str, moves: Moves) -> PackageWish {
    PackageWish { version: Some(to.to_owned()), moves, ..wish() }
}

/// A package of one version, with values, where others are offered.
fn seen(version: &str, values: &str, offered: &[&str]) -> Observed {
    let mut seen = observed(version, Some(values));
    seen.packages.extend(offered.iter().map(|version| package(version)));
    seen
}

#[test]
fn a_move_pauses_changes_the_values_and_then_the_version() {
    let intent = HubIntent { package: moving("3.5.0", Moves::UpOnly), ..hub() };
    let (target, plan) = plan_hub(&intent, &seen("2.53.4", HUB_2_53, &["3.5.0"])).expect("a plan");
    assert_eq!(target.package_version, "3.5.0");
    insta::assert_snapshot!(words(&plan), @r"
    update PackageInstall
      ~ paused kapp-controller leaves it alone
    update Secret
      ~ flag --storage.tsdb.retention=15d becomes --storage.tsdb.retention.time=15d
      - flag --enable-feature=remote-write-receiver
      + flag --web.enable-remote-write-receiver
      + label cluster=hub on jobs own, pods
    update PackageInstall
      ~ version 2.53.4 becomes 3.5.0
      ~ resumed kapp-controller looks at it again
    ");
    let Action::Update { patch, .. } = &plan.steps[2].action else { panic!("an update") };
    assert_eq!(
        patch["spec"],
        json!({"paused": null, "packageRef": {"versionSelection": {"constraints": "3.5.0"}}})
    );
    assert_eq!(plan.steps[0].then, Then::UntilPaused);
}

#[test]
fn an_agent_moves_to_the_flag_of_the_new_version() {
    let (_, plan) = plan_agent(&agent(Trust::System), &observed("2.53.4", Some(""))).expect("a plan");
    let seen = seen("2.53.4", &after(&plan), &["3.5.0"]);
    let intent = AgentIntent { package: moving("3.5.0", Moves::UpOnly), ..agent(Trust::System) };
    let (_, plan) = plan_agent(&intent, &seen).expect("a plan");
    let text = after_move(&plan);
    assert!(text.contains("- --agent\n") && !text.contains("--enable-feature=agent"), "{text}");
}

#[test]
fn a_version_that_changes_no_value_is_one_write() {
    let (_, plan) = plan_hub(&hub(), &observed("3.5.0", Some(""))).expect("a plan");
    let seen = seen("3.5.0", &after(&plan), &["3.5.1"]);
    let intent = HubIntent { package: moving("3.5.1", Moves::UpOnly), ..hub() };
    let (_, plan) = plan_hub(&intent, &seen).expect("a plan");
    assert_eq!(plan.steps.len(), 1, "{}", words(&plan));
    let Action::Update { patch, .. } = &plan.steps[0].action else { panic!("an update") };
    assert_eq!(patch["spec"]["packageRef"]["versionSelection"]["constraints"], "3.5.1");
}

#[test]
fn an_older_version_has_to_be_asked_for_twice() {
    let seen = seen("3.5.0", "", &["2.53.4"]);
    let down = |moves| HubIntent { package: moving("2.53.4", moves), ..hub() };
    let refused = plan_hub(&down(Moves::UpOnly), &seen).expect_err("a refusal");
    assert!(refused.hints[0].contains("--allow-downgrade"), "{refused}");
    let (_, plan) = plan_hub(&down(Moves::Anyway), &seen).expect("a plan");
    let Action::Update { patch, .. } = &plan.steps.last().expect("a step").action else {
        panic!("an update")
    };
    assert_eq!(patch["metadata"]["annotations"]["packaging.carvel.dev/downgradable"], "");
}

#[test]
fn a_move_that_was_killed_is_finished_by_the_same_command() {
    let intent = HubIntent { package: moving("3.5.0", Moves::UpOnly), ..hub() };
    let (_, plan) = plan_hub(&intent, &seen("2.53.4", HUB_2_53, &["3.5.0"])).expect("a plan");
    let mut half = seen("2.53.4", &after_move(&plan), &["3.5.0"]);
    let install = &mut half.installed.as_mut().expect("an install").install;
    install.spec.paused = true;
    install.metadata.ownership.annotations.insert(crate::package::PAUSED.into(), "…".into());
    let (_, rest) = plan_hub(&intent, &half).expect("a plan");
    insta::assert_snapshot!(words(&rest), @r"
    update PackageInstall
      ~ version 2.53.4 becomes 3.5.0
      ~ resumed kapp-controller looks at it again
    ");
}

#[test]
fn a_version_that_is_not_offered_is_refused_with_those_that_are() {
    let intent = HubIntent { package: moving("3.9.9", Moves::UpOnly), ..hub() };
    let refused = plan_hub(&intent, &seen("2.53.4", "", &["3.5.0"])).expect_err("a refusal");
    assert!(refused.causes[0].contains("3.5.0"), "{refused}");
}

fn after_move(plan: &Plan) -> String {
    let texts = plan.steps.iter().find_map(|step| match &step.action {
        Action::Update { texts, .. } => texts.first().map(|text| text.after.clone()),
        _ => None,
    });
    texts.expect("a text that changes")
}

#[test]
fn an_agent_does_not_move_before_its_hub() {
    let (_, plan) = plan_agent(&agent(Trust::System), &observed("2.53.4", Some(""))).expect("a plan");
    let seen = seen("2.53.4", &after(&plan), &["3.5.0"]);
    let hub = crate::prometheus::Version::parse("2.53.4");
    let to_3 = AgentIntent { package: moving("3.5.0", Moves::UpOnly), hub, ..agent(Trust::System) };
    let refused = plan_agent(&to_3, &seen).expect_err("a refusal");
    assert!(refused.hints[0].contains("hub init --context HUB --package-version 3.5.0"), "{refused}");
    let (_, plan) = plan_agent(&AgentIntent { order: Order::Any, ..to_3.clone() }, &seen).expect("a plan");
    assert!(plan.warnings.iter().any(|warning| warning.contains("older than its agent")));
    let hub = crate::prometheus::Version::parse("3.5.0");
    assert!(plan_agent(&AgentIntent { hub, ..to_3 }, &seen).is_ok());
}

#[test]
fn what_a_move_changes_without_a_word_is_told() {
    let values = "prometheus:\n  config:\n    prometheus_yml: |\n      scrape_configs:\n      - job_name: own\n        static_configs: [{targets: [no-port]}]\n";
    let intent = HubIntent { package: moving("3.5.0", Moves::UpOnly), ..hub() };
    let (_, plan) = plan_hub(&intent, &seen("2.53.4", values, &["3.5.0"])).expect("a plan");
    assert!(plan.warnings.iter().any(|warning| warning.contains("target no-port")), "{:?}", plan.warnings);
}
