//! A federation as promfed itself sets it up has no finding of this category, at any version.

use crate::check::facts::Facts;
use crate::check::healthy::{agent, found, hub};
use crate::prometheus::capability::flags;
use crate::prometheus::flags::{Args, HubArgs, agent_args, hub_args};
use crate::prometheus::{Capabilities, Receiver, Role, Version};

const DEFAULTS: [&str; 6] = [
    "--storage.tsdb.retention.time=42d",
    "--config.file=/etc/config/prometheus.yml",
    "--storage.tsdb.path=/data",
    "--web.console.libraries=/etc/prometheus/console_libraries",
    "--web.console.templates=/etc/prometheus/consoles",
    "--web.enable-lifecycle",
];

/// The same context with the arguments that promfed makes of the package's own for the version.
fn at(facts: Facts, role: Role, version: Version) -> Facts {
    let capabilities = Capabilities::of(version);
    let args = Args::new(DEFAULTS.map(str::to_owned).to_vec());
    let edits = match role {
        Role::Hub => hub_args(&args, capabilities, HubArgs::fresh(None)),
        Role::Agent => agent_args(&args, capabilities),
    };
    let args = args.edited(&edits);
    let list = args.as_slice().iter().fold(String::new(), |list, arg| list + "      - " + arg + "\n");
    let mut facts = facts.with_version(&version.to_string()).with_values(|text| {
        let (before, rest) = text.split_once("      args:\n").expect("arguments");
        let (_, after) = rest.split_once("  pvc:").expect("a claim");
        format!("{before}      args:\n{list}  pvc:{after}")
    });
    let running = facts.process.flags.as_mut().expect("flags");
    running.insert("enable-feature".into(), args.features().collect::<Vec<_>>().join(","));
    running.insert("agent".into(), "false".into());
    running.insert("web.enable-remote-write-receiver".into(), "false".into());
    for name in flags().map(|flag| flag.name).filter(|name| *name != "enable-feature") {
        match args.value(name) {
            Some(value) => drop(running.insert(name.into(), value.into())),
            None if !capabilities.knows_flag(name) => drop(running.remove(name)),
            None => {}
        }
    }
    facts
}

#[test]
fn what_promfed_sets_up_is_healthy_at_every_version() {
    let all = (25..=55).map(|minor| (2, minor)).chain((0..=14).map(|minor| (3, minor)));
    for (major, minor) in all {
        let version = Version::new(major, minor, 0);
        assert_ne!(Capabilities::of(version).receiver(), Receiver::None);
        let mut contexts = vec![at(hub(), Role::Hub, version)];
        if version.at_least(2, 32) {
            contexts.push(at(agent(), Role::Agent, version));
        }
        for check in super::CHECKS {
            for context in ["admin@hub", "admin@edge"] {
                if contexts.iter().any(|facts| facts.context == context) {
                    let findings = found(check.code, context, &contexts);
                    assert!(findings.is_empty(), "{version} {context} {} {findings:?}", check.code);
                }
            }
        }
    }
}
