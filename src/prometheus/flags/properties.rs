//! What holds of arguments of any version that are brought to any other.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::prometheus::capability::{Became, feature_of_flag, known_feature, other_name_of_flag};
use crate::prometheus::{Capabilities, Role, Version};

fn version() -> impl Strategy<Value = Capabilities> {
    prop_oneof![(32_u32..=55).prop_map(|minor| (2, minor)), (0_u32..=14).prop_map(|minor| (3, minor))]
        .prop_map(|(major, minor)| Capabilities::of(Version::new(major, minor, 0)))
}

/// Arguments as nobody would write them: any flag, of any version and mode, in any spelling, and flags of nobody's.
fn anything() -> impl Strategy<Value = Args> {
    let arg = prop::sample::select(vec![
        "--agent",
        "--no-agent",
        "--web.enable-remote-write-receiver",
        "--web.enable-remote-write-receiver=true",
        "--no-web.enable-remote-write-receiver",
        "--enable-feature=agent",
        "--enable-feature=remote-write-receiver,exemplar-storage",
        "--enable-feature=auto-gomaxprocs,utf8-names",
        "--enable-feature=native-histograms",
        "--enable-feature=not-yet-known",
        "--storage.tsdb.retention=15d",
        "--storage.tsdb.retention.time=6w",
        "--storage.tsdb.path=/data",
        "--storage.agent.path=/data/agent",
        "--storage.agent.retention.max-time=5m",
        "--storage.tsdb.allow-overlapping-blocks",
        "--alertmanager.timeout=10s",
        "--config.auto-reload",
        "--no-auto-gomaxprocs",
        "--query.max-samples=5",
        "--mine",
        "--yours=1",
        "--config.file=/etc/config/prometheus.yml",
    ]);
    prop::collection::vec(arg, 0..8).prop_map(|list| Args::new(list.into_iter().map(str::to_owned).collect()))
}

/// Something that a hub's arguments can say, by its newest name.
const SAYINGS: [(&str, &str); 9] = [
    ("storage.tsdb.retention.time", "15d"),
    ("storage.tsdb.path", "/data"),
    ("web.enable-lifecycle", "true"),
    ("auto-gomaxprocs", "true"),
    ("web.enable-otlp-receiver", "true"),
    ("config.auto-reload", "true"),
    ("feature exemplar-storage", "true"),
    ("feature memory-snapshot-on-shutdown", "true"),
    ("mine", "1"),
];

/// How a version says it; `None` where it cannot.
fn said(capabilities: Capabilities, (name, value): (&str, &str)) -> Option<String> {
    let knows =
        |name: &str| known_feature(name).is_some_and(|known| known.span.holds(capabilities.version()));
    if let Some(name) = name.strip_prefix("feature ") {
        return knows(name).then(|| format!("--enable-feature={name}"));
    }
    if capabilities.knows_flag(name) {
        return Some(if value == "true" { format!("--{name}") } else { format!("--{name}={value}") });
    }
    let feature = feature_of_flag(name).filter(|feature| knows(feature.name))?;
    Some(format!("--enable-feature={}", feature.name))
}

/// What is in effect, by the newest names.
fn effect(args: &Args) -> BTreeMap<String, String> {
    let flags = args.flags().into_iter().filter(|flag| flag.name != "enable-feature");
    let flags = flags
        .map(|flag| (other_name_of_flag(flag.name).unwrap_or(flag.name).to_owned(), flag.value.to_owned()));
    let features = args.features().map(|name| match known_feature(name).map(|feature| feature.became) {
        Some(Became::Flag(flag)) => (flag.to_owned(), "true".to_owned()),
        _ => (format!("feature {name}"), "true".to_owned()),
    });
    flags.chain(features).collect()
}

fn hub(args: &Args, capabilities: Capabilities) -> Args {
    args.edited(&hub_args(args, capabilities, HubArgs::patch(None)))
}

fn agent(args: &Args, capabilities: Capabilities) -> Args {
    args.edited(&agent_args(args, capabilities))
}

/// The flags that no version of Prometheus defines, in order.
fn of_the_user(args: &Args) -> Vec<String> {
    let mine = |arg: &&String| ["--mine", "--yours"].iter().any(|prefix| arg.starts_with(prefix));
    args.as_slice().iter().filter(mine).cloned().collect()
}

proptest! {
    #[test]
    fn said_again_nothing_changes(args in anything(), capabilities in version()) {
        let once = hub(&args, capabilities);
        prop_assert_eq!(&hub(&once, capabilities), &once);
        let once = agent(&args, capabilities);
        prop_assert_eq!(&agent(&once, capabilities), &once);
    }

    #[test]
    fn every_flag_is_one_of_the_version_and_the_role_is_on(args in anything(), capabilities in version()) {
        for (args, role) in [
            (hub(&args, capabilities), Role::Hub),
            (agent(&args, capabilities), Role::Agent),
        ] {
            for flag in args.flags() {
                prop_assert!(capabilities.knows_flag(flag.name), "{} of {:?}", flag.name, args);
            }
            let running = effect(&args);
            prop_assert_eq!(running.get("agent").is_some_and(|on| on == "true"), role == Role::Agent);
            if role == Role::Hub {
                prop_assert_eq!(running.get("web.enable-remote-write-receiver").map(String::as_str), Some("true"));
            }
        }
    }

    #[test]
    fn flags_of_the_user_stay_in_order(args in anything(), capabilities in version()) {
        prop_assert_eq!(of_the_user(&hub(&args, capabilities)), of_the_user(&args));
        prop_assert_eq!(of_the_user(&agent(&args, capabilities)), of_the_user(&args));
    }

    #[test]
    fn there_and_back_the_same_is_in_effect(
        here in version(),
        there in version(),
        chosen in prop::sample::subsequence(SAYINGS.to_vec(), 0..=SAYINGS.len()),
    ) {
        let sayable = chosen.into_iter().filter(|saying| said(there, *saying).is_some());
        let args = Args::new(sayable.filter_map(|saying| said(here, saying)).collect());
        let before = hub(&args, here);
        let moved = hub(&before, there);
        prop_assert_eq!(effect(&moved), effect(&before));
        prop_assert_eq!(effect(&hub(&moved, here)), effect(&before));
        let before = agent(&args, here);
        let moved = agent(&before, there);
        prop_assert_eq!(effect(&moved), effect(&before));
        prop_assert_eq!(effect(&agent(&moved, here)), effect(&before));
    }
}
