//! What the arguments of an agent must have.

use super::args::{ArgEdit, Args};
use super::dialect::translate;
use super::rewrite::Rewrite;
use crate::prometheus::{AgentMode, Capabilities, Role};

/// Where the WAL of an agent lies: on the package's volume, and not where a server kept its blocks.
pub const AGENT_PATH: &str = "/data/agent";

/// The edits after which the process runs as an agent at this version, with its WAL on the volume.
pub fn agent_args(args: &Args, capabilities: Capabilities) -> Vec<ArgEdit> {
    let mut rewrite = Rewrite::new(args);
    translate(&mut rewrite, capabilities, Role::Agent);
    if capabilities.sends_exemplars() {
        rewrite.change(|args| args.with_feature("exemplar-storage"));
    }
    match capabilities.agent_mode() {
        AgentMode::Flag => rewrite.change(|args| args.with_switch("agent")),
        AgentMode::FeatureName => rewrite.change(|args| args.with_feature("agent")),
        AgentMode::None => {}
    }
    rewrite.change(|args| {
        let path = args.value("storage.agent.path");
        let is_on_the_volume = path.is_some_and(|path| path.starts_with("/data/") || path == "/data");
        if is_on_the_volume { Vec::new() } else { args.with_value("storage.agent.path", AGENT_PATH) }
    });
    rewrite.edits()
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
    fn a_wal_beside_the_volume_is_moved_onto_it() {
        let edited = edited(&["--storage.agent.path=data-agent/"], (3, 5));
        assert!(edited.contains(&"--storage.agent.path=/data/agent".to_owned()), "{edited:?}");
    }
}
