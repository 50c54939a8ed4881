use serde_json::json;

use crate::check::facts::{Crash, Facts, Unread};
use crate::check::healthy::{agent, codes, found, hub};
use crate::check::judgement::{By, Finding, Verdict};

fn crashed(mut facts: Facts, exit_code: i32, line: &str) -> Facts {
    let last_line = (!line.is_empty()).then(|| line.to_owned());
    facts.workload.crash = Ok(Some(Crash { pod: "prometheus-server-1".into(), exit_code, last_line }));
    facts.process.version = Err(Unread::Failed("no pod behind the Service is ready".into()));
    facts
}

fn first(facts: Facts) -> Finding {
    let context = facts.context.clone();
    let mut all = vec![facts];
    if context != "admin@hub" {
        all.push(hub());
    }
    assert_eq!(codes(&all)[0], "PF206");
    found("PF206", &context, &all).remove(0)
}

const JOIN: &str =
    "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name edge";

#[test]
fn a_flag_of_the_other_mode_is_named_and_joined_again() {
    let line = "The following flag(s) can not be used in agent mode: [\"--storage.tsdb.path\"]";
    let finding = first(crashed(agent(), 3, line));
    assert_eq!(
        finding.causes,
        [
            "an agent does not have --storage.tsdb.path",
            "exit code 3 of pod tanzu-system-monitoring/prometheus-server-1"
        ]
    );
    assert_eq!((finding.fixes[0].command.as_str(), finding.fixes[0].by), (JOIN, By::Promfed));
    assert_eq!(finding.verdict, Some(Verdict::Down));
}

#[test]
fn a_dead_feature_name_is_told_to_be_why_it_is_a_server() {
    let facts = agent().with_values(|text| text.replace("- --agent", "- --enable-feature=agent"));
    let line = "The following flag(s) can only be used in agent mode: [\"--storage.agent.path\"]";
    assert!(first(crashed(hub(), 3, line)).fixes[0].command.starts_with("kubectl promfed hub init"));
    let finding = first(crashed(facts, 3, line));
    assert!(
        finding.causes[0].starts_with(
            "Prometheus 3.5.3 starts as a server, because it does not know --enable-feature=agent any more"
        ),
        "{finding:?}"
    );
    assert_eq!(finding.fixes[0].command, JOIN);
}

#[test]
fn an_unknown_flag_is_told_with_the_versions_that_know_it() {
    let line = "prometheus: error: unknown long flag '--agent', try --help";
    let finding = first(crashed(agent().with_version("2.53.3"), 1, line));
    assert_eq!(finding.causes[0], "Prometheus 2.53.3 does not know --agent: known since 3.0");
    let line = "prometheus: error: unknown long flag '--storage.tsdb.ptah', try --help";
    let finding = first(crashed(hub(), 1, line));
    assert_eq!(finding.fixes[0].by, By::Hand);
}

#[test]
fn a_certificate_in_the_configuration_of_an_old_version_is_told_apart() {
    let line = "ts=1 level=error msg=\"Error loading config\" err=\"yaml: unmarshal errors:\\n  line 9: field ca not found in type config.plain\"";
    let mut facts = agent().with_version("2.43.0");
    facts.package.available.as_mut().expect("packages")[0].spec.version = "2.53.4+vmware.1-tkg.1".into();
    let finding = first(crashed(facts, 2, line));
    assert!(finding.causes[0].ends_with("tls_config.ca is known since 2.45"), "{finding:?}");
    assert!(finding.fixes[0].command.ends_with("--package-version 2.53.4+vmware.1-tkg.1"));
}

#[test]
fn a_field_of_a_later_version_is_told_with_its_place() {
    let facts = hub().with_version("2.43.0").with_values(|text| {
        text.replace("scrape_interval: 1m\n", "scrape_interval: 1m\n        rule_query_offset: 1m\n")
    });
    let line = "level=error msg=\"Error loading config\" err=\"yaml: unmarshal errors:\\n  line 3: field rule_query_offset not found in type config.plain\"";
    let finding = first(crashed(facts, 2, line));
    assert_eq!(
        finding.causes[0],
        "Prometheus 2.43.0 does not know the field global.rule_query_offset: known since 2.53"
    );
}

#[test]
fn two_pods_on_one_volume_are_told_with_the_reason() {
    let mut facts = hub();
    let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut().expect("a Deployment");
    deployment.spec.as_mut().expect("a spec").replicas = Some(2);
    let line = "level=ERROR msg=\"Fatal error\" err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"";
    let facts = crashed(facts, 1, line);
    assert!(!codes(std::slice::from_ref(&facts)).contains(&"PF210"));
    let finding = first(facts);
    assert!(finding.causes[0].starts_with("two pods use one volume"));
    assert!(finding.causes[1].contains('2'), "{finding:?}");
}

#[test]
fn a_full_volume_and_a_full_memory_are_told_with_their_sizes() {
    let line = "level=ERROR msg=\"Fatal error\" err=\"write /data/wal/1: no space left on device\"";
    let finding = first(crashed(hub(), 1, line));
    assert_eq!(finding.causes[0], "its volume of 150Gi is full");
    let mut facts = crashed(hub(), 137, "level=info msg=\"WAL segment loaded\"");
    assert_eq!(first(facts.clone()).causes[0], "it was killed, probably for its memory: its limit is 4Gi");
    let pod = &mut facts.workload.pods.as_mut().expect("pods")[0];
    let ended = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
    pod.status.as_mut().and_then(|status| status.container_statuses.as_mut()).expect("statuses")[0]
        .last_state = Some(serde_json::from_value(ended).expect("a state"));
    assert_eq!(first(facts).causes[0], "it was killed for its memory: its limit is 4Gi");
    let unrelated = "level=error err=\"yaml: line 3: x\"";
    assert!(first(crashed(hub(), 137, unrelated)).causes[0].starts_with("it was killed"));
}

#[test]
fn an_authority_that_is_not_there_is_joined_again_only_where_joining_wrote_it() {
    let line = "level=error err=\"unable to load specified CA cert /etc/hub/ca.crt: open /etc/hub/ca.crt: no such file\"";
    let with_file = agent().with_values(|text| {
        text.replace("name: promfed", "name: promfed\n        tls_config: {ca_file: /etc/hub/ca.crt}")
    });
    assert_eq!(first(crashed(with_file, 1, line)).fixes[0].command, JOIN);
    assert_eq!(first(crashed(agent(), 1, line)).fixes[0].by, By::Hand);
}

#[test]
fn one_that_still_answers_beside_it_is_not_down() {
    let mut facts = crashed(hub(), 2, "level=error msg=\"Error loading config\" err=\"yaml: line 3: x\"");
    facts.process.version = hub().process.version;
    let finding = first(facts);
    assert_eq!(finding.causes[0], "its configuration cannot be loaded: yaml: line 3: x");
    assert_eq!(finding.verdict, Some(Verdict::Failed));
}

#[test]
fn one_that_runs_again_is_not_told() {
    let mut facts = hub();
    let pod = &mut facts.workload.pods.as_mut().expect("pods")[0];
    pod.status.as_mut().and_then(|status| status.container_statuses.as_mut()).expect("statuses")[0]
        .restart_count = 3;
    assert_eq!(found("PF206", "admin@hub", &[facts]), []);
}

#[test]
fn a_configuration_that_nobody_named_is_told_from_one_that_is_wrong() {
    let line = "time=t level=ERROR source=main.go:627 msg=\"Error loading config (--config.file=prometheus.yml)\" file=/prometheus/prometheus.yml err=\"open prometheus.yml: no such file or directory\"";
    let without = |text: &str| text.replace("      - --config.file=/etc/config/prometheus.yml\n", "");
    let finding = first(crashed(hub().with_values(without), 2, line));
    assert!(finding.causes[0].starts_with("the list of arguments lacks --config.file"), "{finding:?}");
    let finding = first(crashed(hub(), 2, line));
    assert!(finding.causes[0].starts_with("its configuration cannot be loaded: open"), "{finding:?}");
}
