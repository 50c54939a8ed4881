use super::*;
use crate::prometheus::Version;
use crate::prometheus::flags::{HubArgs, agent_args, hub_args};

fn of(version: &str) -> Capabilities {
    Capabilities::of(Version::parse(version).expect("a version"))
}

fn told(args: &[&str], config: &str, version: &str) -> String {
    let args = Args::new(args.iter().map(|&arg| arg.to_owned()).collect());
    let config = crate::yaml::read(config).expect("YAML");
    let line = |misfit: &Misfit| {
        let sign = if misfit.effect == Effect::KeepsFromStarting { "x" } else { "!" };
        format!("{sign} {}: {}\n", misfit.what, misfit.why)
    };
    misfits(&args, &config, of(version)).iter().map(line).collect()
}

#[test]
fn arguments_of_another_version() {
    let args = ["--agent", "--storage.agent.path=/data/agent", "--enable-feature=type-and-unit-labels"];
    assert_eq!(told(&args, "", "3.5.0"), "");
    insta::assert_snapshot!(told(&args, "", "2.53.0"), @r"
    x --agent: this version does not know it: known since 3.0
    x --storage.agent.path: only an agent has it
    ! --enable-feature=type-and-unit-labels: it does nothing: known since 3.5
    ");
    let args =
        ["--storage.tsdb.retention=1d", "--enable-feature=remote-write-receiver,promql-at-modifier,agent"];
    insta::assert_snapshot!(told(&args, "", "3.5.0"), @r"
    x --storage.tsdb.retention: this version does not know it: known until 2.55
    ! --enable-feature=remote-write-receiver: it does nothing: known from 2.25 to 2.55; --web.enable-remote-write-receiver is the flag for it
    ! --enable-feature=agent: it does nothing: known from 2.32 to 2.55; --agent is the flag for it
    ");
    insta::assert_snapshot!(told(&["--enable-feature=native-histograms"], "", "3.9.0"), @"! --enable-feature=native-histograms: it does nothing: known from 2.40 to 3.8; the configuration says it now: scrape_native_histograms: true");
}

#[test]
fn arguments_that_no_version_starts_with() {
    let args = [
        "--web.enable-lifecycle=true",
        "--query.timeout=1m",
        "--query.timeout=1m",
        "--enable-feature=a",
        "--enable-feature=b",
    ];
    insta::assert_snapshot!(told(&args, "", "3.5.0"), @r"
    x --web.enable-lifecycle: it takes no value
    x --query.timeout: it is given twice
    ");
    insta::assert_snapshot!(told(&["--agent", "--query.timeout=1m"], "", "3.5.0"), @"x --query.timeout: an agent does not have it");
}

#[test]
fn a_configuration_of_another_version() {
    let config = "global:\n  external_labels: {cluster: '${NAME}', price: '5$$'}\nscrape_config_files: [x]\nremote_write:\n- tls_config: {ca: X}\nscrape_configs:\n- scrape_classic_histograms: true\nstorage:\n  tsdb:\n    out_of_order_time_window: 30m\n";
    insta::assert_snapshot!(told(&[], config, "2.27.0"), @r"
    x scrape_config_files: this version does not know it: known since 2.43
    x scrape_configs[0].scrape_classic_histograms: this version does not know it: known from 2.45 to 2.55
    x storage: this version does not know it: known since 2.29
    x remote_write[0].tls_config.ca: this version does not know it: known since 2.45
    ! global.external_labels.cluster: ${NAME}: it stays as it is written, without --enable-feature=expand-external-labels; from 3.0 on variables are replaced
    ");
    insta::assert_snapshot!(told(&[], config, "2.43.0"), @r"
    x scrape_configs[0].scrape_classic_histograms: this version does not know it: known from 2.45 to 2.55
    x remote_write[0].tls_config.ca: this version does not know it: known since 2.45
    ! global.external_labels.cluster: ${NAME}: it stays as it is written, without --enable-feature=expand-external-labels; from 3.0 on variables are replaced
    ! storage.tsdb.out_of_order_time_window: 30m: a sample older than that is answered with 500, and its sender stands still: safe since 2.50
    ");
    insta::assert_snapshot!(told(&["--enable-feature=agent,expand-external-labels"], config, "2.53.0"), @"! storage.tsdb.out_of_order_time_window: 30m: an agent heeds it since 2.54");
    insta::assert_snapshot!(told(&["--agent"], config, "3.5.0"), @r"
    x scrape_configs[0].scrape_classic_histograms: this version does not know it: known from 2.45 to 2.55
    ! global.external_labels.cluster: ${NAME}: a variable of the container's environment takes its place, or nothing; $$ is a dollar sign
    ");
}

#[test]
fn translated_arguments_of_any_version_keep_none_from_starting() {
    let lists = [
        &["--agent", "--storage.agent.path=/data/agent", "--auto-gomaxprocs"][..],
        &["--enable-feature=agent", "--storage.agent.retention.max-time=5m"],
        &["--storage.tsdb.retention=15d", "--alertmanager.timeout=1s", "--web.enable-remote-write-receiver"],
        &["--config.auto-reload", "--storage.tsdb.retention.time=42d", "--query.max-samples=5"],
    ];
    let fatal = |args: &Args, version| {
        let all = misfits(args, &serde_json::json!({"remote_write": [{"url": "http://a/"}]}), of(version));
        all.into_iter().filter(|misfit| misfit.effect == Effect::KeepsFromStarting).collect::<Vec<_>>()
    };
    for list in lists {
        let args = Args::new(list.iter().map(|&arg| arg.to_owned()).collect());
        for version in ["2.32.0", "2.37.0", "2.43.0", "2.55.0", "3.0.0", "3.5.0", "3.14.0"] {
            let hub = args.edited(&hub_args(&args, of(version), HubArgs::patch(None)));
            assert_eq!(fatal(&hub, version), [], "{version}: {hub:?}");
            let agent = args.edited(&agent_args(&args, of(version)));
            assert_eq!(fatal(&agent, version), [], "{version}: {agent:?}");
        }
    }
}

#[test]
fn what_is_known_and_refused_or_unsound_all_the_same() {
    let config = "rule_files: [x]\nalerting: {alertmanagers: [{api_version: v1}]}\nremote_write:\n- queue_config: {sample_age_limit: 1h}\n";
    insta::assert_snapshot!(told(&[], config, "2.53.0"), @"! remote_write.queue_config.sample_age_limit: samples that are sent again can have the labels of others: sound since 2.54");
    insta::assert_snapshot!(told(&[], config, "3.5.0"), @"x alerting.alertmanagers with api_version: v1: this version speaks v2 only");
    insta::assert_snapshot!(told(&["--enable-feature=agent"], "alerting: {}\n", "2.32.0"), @r"
    x agent mode: the configuration has no remote_write
    x alerting: an agent does not have it
    ");
}
