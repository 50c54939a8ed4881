//! The real Prometheus, of every version that this machine has, judges what promfed writes for it.
//!
//! It is started directly, without any cluster: what is asked is whether it starts, in which role, and what it knows.

mod process;

use std::path::PathBuf;

use promfed::prometheus::capability::known_flag;
use promfed::prometheus::config::{RemoteWrite, Trust, agent_edits, config_edits_for_version, label_edits};
use promfed::prometheus::flags::{Args, HubArgs, agent_args, hub_args, mode};
use promfed::prometheus::{Capabilities, Effect, Role, Version, misfits};
use promfed::yaml::{Edit, edit, read};
use promfed_sandbox::Binaries;

use self::process::{Outcome, run, version_of};
use crate::support::say;

/// What the package says when nobody says anything.
const DEFAULTS: &[&str] = &[
    "--storage.tsdb.retention.time=42d",
    "--config.file=/etc/config/prometheus.yml",
    "--storage.tsdb.path=/data",
    "--web.console.libraries=/etc/prometheus/console_libraries",
    "--web.console.templates=/etc/prometheus/consoles",
    "--web.enable-lifecycle",
];
const ARTICLE_HUB: &[&str] = &[
    "--storage.tsdb.retention.time=42d",
    "--config.file=/etc/config/prometheus.yml",
    "--storage.tsdb.path=/data",
    "--web.enable-lifecycle",
    "--enable-feature=exemplar-storage",
    "--web.enable-remote-write-receiver",
];
const ARTICLE_AGENT: &[&str] = &[
    "--config.file=/etc/config/prometheus.yml",
    "--enable-feature=exemplar-storage",
    "--enable-feature=agent",
    "--storage.agent.retention.max-time=5m",
];
const OLD_HUB: &[&str] = &[
    "--config.file=/etc/config/prometheus.yml",
    "--storage.tsdb.path=/data",
    "--storage.tsdb.retention=15d",
    "--storage.tsdb.allow-overlapping-blocks",
    "--alertmanager.timeout=10s",
    "--enable-feature=remote-write-receiver,promql-at-modifier",
];
const NEW_HUB: &[&str] = &[
    "--config.file=/etc/config/prometheus.yml",
    "--storage.tsdb.path=/data",
    "--web.enable-remote-write-receiver",
    "--config.auto-reload-interval=30s",
    "--web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest",
    "--auto-gomaxprocs",
    "--enable-feature=type-and-unit-labels",
];
const NEW_AGENT: &[&str] = &[
    "--config.file=/etc/config/prometheus.yml",
    "--agent",
    "--storage.agent.path=/data/agent",
    "--no-auto-gomemlimit",
];
const ALL: [&[&str]; 6] = [DEFAULTS, ARTICLE_HUB, ARTICLE_AGENT, OLD_HUB, NEW_HUB, NEW_AGENT];

const CONFIG: &str = "global:\n  scrape_interval: 1m\nrule_files:\n- /etc/config/rules\nscrape_configs:\n- job_name: own\n  static_configs: [{targets: [localhost:9090]}]\n  relabel_configs:\n  - {action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}\n- job_name: honest\n  honor_labels: true\n";

/// Every Prometheus of this machine: those of the sandbox, and those that the second rig built.
fn judges() -> Vec<(Version, PathBuf)> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let parts =
        std::env::var_os("PROMFED_E2E_PARTS").map_or_else(|| workspace.join("target/e2e"), PathBuf::from);
    let parts = std::fs::read_dir(parts).into_iter().flatten().flatten();
    let built = parts.map(|part| part.path().join("prometheus")).filter(|path| path.is_file());
    let binaries = Binaries::find();
    let all = binaries.paths().map(PathBuf::from).chain(built);
    let mut judges: Vec<_> = all.map(|path| (version_of(&path), path)).collect();
    judges.sort();
    if judges.is_empty() {
        let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
        assert!(may_skip, "no Prometheus to run, and PROMFED_SKIP=never");
        say("SKIPPED: no Prometheus to run (make prometheus gets one)");
    }
    judges
}

fn args(list: &[&str]) -> Args {
    Args::new(list.iter().map(|&arg| arg.to_owned()).collect())
}

fn edited(config: &str, edits: impl FnOnce(&serde_json::Value) -> Vec<Edit>) -> String {
    edit(config, &edits(&read(config).expect("YAML"))).expect("possible edits")
}

fn hub_config() -> String {
    edited(CONFIG, |config| label_edits(config, &"hub".parse().expect("a name"), |_| true))
}

/// What promfed writes for an agent of a version: the hub verified by its own authority where that can be said.
fn agent_config(capabilities: Capabilities) -> String {
    let url = "https://127.0.0.1:1/api/v1/write".parse().expect("a URL");
    let trust = if capabilities.inline_tls() {
        let certified = rcgen::generate_simple_self_signed(["hub".to_owned()]).expect("a certificate");
        Trust::Authority(certified.cert.pem())
    } else {
        Trust::Anything
    };
    let remote_write = RemoteWrite::new(url, trust);
    let name = "edge".parse().expect("a name");
    edited(CONFIG, |config| agent_edits(config, &name, &remote_write, capabilities))
}

/// It runs, and in just this role.
#[track_caller]
fn runs_as(role: Role, version: Version, outcome: &Outcome, args: &Args) {
    let Outcome::Ready { flags } = outcome else {
        panic!("{version} does not run as {role} with {args:?}: {outcome:?}");
    };
    assert_eq!(mode(Capabilities::of(version), flags), Some(role), "{version} with {args:?}");
}

#[test]
fn arguments_of_any_version_make_a_hub_of_every_version() {
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        for list in ALL {
            let before = args(list);
            let after = before.edited(&hub_args(&before, capabilities, HubArgs::patch(None)));
            runs_as(Role::Hub, version, &run(&path, &after, &hub_config()), &after);
        }
    }
}

#[test]
fn arguments_of_any_version_make_an_agent_of_every_version() {
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        for list in ALL {
            let before = args(list);
            let after = before.edited(&agent_args(&before, capabilities));
            runs_as(Role::Agent, version, &run(&path, &after, &agent_config(capabilities)), &after);
        }
    }
}

#[test]
fn a_configuration_moves_down_to_every_version() {
    let newest = Capabilities::of(Version::new(3, 14, 0));
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        let moved = edited(&agent_config(newest), |config| config_edits_for_version(config, capabilities));
        let before = args(DEFAULTS);
        let agent = before.edited(&agent_args(&before, capabilities));
        runs_as(Role::Agent, version, &run(&path, &agent, &moved), &agent);
    }
}

/// Without this, the tests above could pass by a Prometheus that starts with anything.
#[test]
fn what_a_version_does_not_start_with_is_told_before() {
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        let mut refused = 0;
        let doubled = [DEFAULTS, &["--web.page-title=a", "--web.page-title=b"]].concat();
        let valued = [DEFAULTS, &["--web.enable-admin-api=true"]].concat();
        for list in ALL.into_iter().chain([&doubled[..], &valued]) {
            let args = args(list);
            let config = read("").expect("YAML");
            let told = misfits(&args, &config, capabilities)
                .into_iter()
                .find(|misfit| misfit.effect == Effect::KeepsFromStarting);
            let outcome = run(&path, &args, "global: {}\n");
            let starts = matches!(outcome, Outcome::Ready { .. });
            assert_eq!(starts, told.is_none(), "{version} with {args:?}: {told:?}, {outcome:?}");
            refused += usize::from(!starts);
        }
        assert!(refused > 3, "{version} starts with nearly anything");
    }
}

/// A configuration that each version knows every field of, and some do not start with.
#[test]
fn a_configuration_that_a_version_refuses_is_told_before() {
    const RULES: &str = "rule_files: [x]\nremote_write:\n- url: http://127.0.0.1:1/\n";
    const ALERTS: &str =
        "alerting: {alertmanagers: [{api_version: v1}]}\nremote_write:\n- url: http://127.0.0.1:1/\n";
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        let before = args(DEFAULTS);
        let agent = before.edited(&agent_args(&before, capabilities));
        for (args, config) in [(&before, RULES), (&agent, RULES), (&before, ALERTS), (&agent, ALERTS)] {
            let told = misfits(args, &read(config).expect("YAML"), capabilities)
                .into_iter()
                .find(|misfit| misfit.effect == Effect::KeepsFromStarting);
            let outcome = run(&path, args, config);
            let starts = matches!(outcome, Outcome::Ready { .. });
            assert_eq!(starts, told.is_none(), "{version} with {config}: {told:?}, {outcome:?}");
        }
    }
}

/// What Debian changes (lock files, web assets, no OTLP), and what ends every program of this kind with words.
fn is_of_the_builder(flag: &str) -> bool {
    const OTHERS: [&str; 7] = [
        "help",
        "help-long",
        "help-man",
        "version",
        "web.enable-otlp-receiver",
        "web.local-assets",
        "write-documentation",
    ];
    flag.ends_with("lockfile") || flag.starts_with("completion-") || OTHERS.contains(&flag)
}

#[test]
fn the_flags_of_the_table_are_those_of_the_process() {
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        let args = args(&["--config.file=/etc/config/prometheus.yml", "--storage.tsdb.path=/data"]);
        let outcome = run(&path, &args, "global: {}\n");
        let Outcome::Ready { flags } = outcome else { panic!("{version}: {outcome:?}") };
        for name in flags.keys().filter(|name| !is_of_the_builder(name)) {
            assert!(known_flag(name).is_some(), "{version} has --{name}, which is not listed");
        }
        let listed = promfed::prometheus::capability::flags().filter(|flag| !is_of_the_builder(flag.name));
        for flag in listed {
            let known = capabilities.knows_flag(flag.name);
            assert_eq!(known, flags.contains_key(flag.name), "{version}: --{}", flag.name);
        }
    }
}

/// All fields of the table at once, each with nothing in it: Prometheus names every one that it does not know.
#[test]
fn the_fields_of_the_table_are_those_of_the_process() {
    const BASE: &str = "remote_write:\n- url: http://127.0.0.1:1/\nremote_read:\n- url: http://127.0.0.1:1/\nscrape_configs:\n- job_name: a\nalerting:\n  alertmanagers:\n  - scheme: http\n";
    for (version, path) in judges() {
        let capabilities = Capabilities::of(version);
        let fields = Capabilities::of(Version::new(0, 0, 0)).unknown_fields();
        // Debian leaves the clouds' own logins out.
        let patterns: Vec<_> = fields
            .map(|(pattern, _)| pattern)
            .filter(|pattern| !pattern.ends_with("azuread") && !pattern.ends_with("google_iam"))
            .collect();
        let is_above =
            |pattern: &String| patterns.iter().any(|other| other.starts_with(&format!("{pattern}.")));
        let mut text = BASE.to_owned();
        let mut unknown = Vec::new();
        for pattern in patterns.iter().filter(|pattern| !is_above(pattern)) {
            let path = process::place(pattern);
            // The one field that may not be empty.
            let is_message = pattern.ends_with("protobuf_message");
            let value = if is_message { "prometheus.WriteRequest".into() } else { serde_json::Value::Null };
            text = edit(&text, &[Edit::Set { path, value }]).expect("an edit");
        }
        for misfit in misfits(&args(&[]), &read(&text).expect("YAML"), capabilities) {
            unknown.push(misfit.what.rsplit('.').next().unwrap_or_default().to_owned());
        }
        let outcome = run(
            &path,
            &args(&["--config.file=/etc/config/prometheus.yml", "--storage.tsdb.path=/data"]),
            &text,
        );
        let said = match outcome {
            Outcome::Ready { .. } => String::new(),
            Outcome::Ended { said } => said,
        };
        let mut named: Vec<_> = said
            .split("field ")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(" not found in type")?.0.to_owned()))
            .collect();
        named.sort();
        unknown.sort();
        assert_eq!(named, unknown, "{version}: {said}\n{text}");
    }
}
