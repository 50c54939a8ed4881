//! What the arguments of an agent must have.

use super::args::{ArgEdit, Args};
use super::hub::removed_in_this_version;
use crate::prometheus::{AgentMode, Capabilities};

/// Where the WAL of an agent lies: on the package's volume, and not where a server kept its blocks.
pub const AGENT_PATH: &str = "/data/agent";

/// Flags that exit with 3 in agent mode, by prefix (`serverOnlyFlag` in `cmd/prometheus/main.go`).
const SERVER_ONLY: [&str; 5] = ["storage.tsdb.", "query.", "rules.", "alertmanager.", "storage.remote.read-"];

/// The edits after which the process runs as an agent at this version, with its WAL on the volume.
pub fn agent_args(args: &Args, capabilities: Capabilities) -> Vec<ArgEdit> {
    // 2.x exits with 1 on the flag of 3.x.
    let is_unknown = |name: &str| name == "agent" && capabilities.agent_mode() != AgentMode::Flag;
    let is_removed = |name: &str| {
        name == "storage.tsdb.retention" || is_unknown(name) || capabilities.removed_flags().contains(&name)
    };
    let mut edits =
        args.without(|name| is_removed(name) || SERVER_ONLY.iter().any(|only| name.starts_with(only)));
    // What `removed_in_this_version` says of flags is covered above; features are left to it.
    edits.extend(
        removed_in_this_version(args, capabilities, None)
            .into_iter()
            .filter(|edit| match edit {
                ArgEdit::Append { .. } => false,
                ArgEdit::Remove { .. } | ArgEdit::Replace { .. } => !edits.contains(edit),
            })
            .collect::<Vec<_>>(),
    );
    if capabilities.sends_exemplars() {
        edits.extend(args.with_feature("exemplar-storage"));
    }
    match capabilities.agent_mode() {
        AgentMode::Flag => edits.extend(args.with_switch("agent")),
        AgentMode::FeatureName => edits.extend(args.with_feature("agent")),
        AgentMode::None => {}
    }
    if !args.value("storage.agent.path").is_some_and(|path| path.starts_with("/data/") || path == "/data") {
        edits.extend(args.with_value("storage.agent.path", AGENT_PATH));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Version;

    const DEFAULTS: [&str; 4] = [
        "--storage.tsdb.retention.time=42d",
        "--config.file=/etc/config/prometheus.yml",
        "--storage.tsdb.path=/data",
        "--web.enable-lifecycle",
    ];

    fn edited(list: &[&str], version: (u32, u32)) -> Vec<String> {
        let args = Args::new(list.iter().map(|&arg| arg.to_owned()).collect());
        let capabilities = Capabilities::of(Version::new(version.0, version.1, 0));
        args.edited(&agent_args(&args, capabilities)).as_slice().to_vec()
    }

    #[test]
    fn a_servers_flags_become_an_agents() {
        let kept = [
            "--config.file=/etc/config/prometheus.yml",
            "--web.enable-lifecycle",
            "--enable-feature=exemplar-storage",
        ];
        let path = "--storage.agent.path=/data/agent";
        assert_eq!(edited(&DEFAULTS, (2, 43)), [&kept[..], &["--enable-feature=agent", path]].concat());
        assert_eq!(edited(&DEFAULTS, (3, 5)), [&kept[..], &["--agent", path]].concat());
    }

    #[test]
    fn an_agent_of_2_x_moves_to_the_flag_of_3_x() {
        let list =
            ["--enable-feature=exemplar-storage", "--enable-feature=agent", "--storage.agent.path=/data"];
        assert_eq!(edited(&list, (2, 55)), list);
        assert_eq!(
            edited(&list, (3, 0)),
            ["--enable-feature=exemplar-storage", "--storage.agent.path=/data", "--agent"]
        );
    }

    #[test]
    fn an_agent_of_3_x_goes_back_to_the_feature_of_2_x() {
        let list = ["--agent", "--enable-feature=exemplar-storage", "--storage.agent.path=/data"];
        assert_eq!(edited(&list, (2, 55)), [&list[1..], &["--enable-feature=agent"]].concat());
    }

    #[test]
    fn a_wal_beside_the_volume_is_moved_onto_it() {
        let edited = edited(&["--storage.agent.path=data-agent/"], (3, 5));
        assert!(edited.contains(&"--storage.agent.path=/data/agent".to_owned()), "{edited:?}");
    }
}
