//! What each version of Prometheus can do: one table, with the source of every line, that everything asks.
//!
//! Sources are the release notes of the named version and, where they say nothing, `cmd/prometheus/main.go`,
//! `config/config.go` and the pinned `prometheus/common` at that version's tag.

use super::Version;

/// How the remote write receiver is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// There is none before 2.25.
    None,
    /// `--enable-feature=remote-write-receiver`: 2.25 to 2.32. Known until 2.55, where it only warns.
    FeatureName,
    /// `--web.enable-remote-write-receiver`: from 2.33 (#10119).
    Flag,
}

/// How agent mode is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentMode {
    /// There is none before 2.32 (#8785).
    None,
    /// `--enable-feature=agent`: 2.32 to 2.55. From 3.0 it is ignored with a warning, and the process is a server.
    FeatureName,
    /// `--agent`: from 3.0 (#14747). 2.x exits with 1 on it.
    Flag,
}

/// The defaults of `queue_config` that differ between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueDefaults {
    pub max_shards: u32,
    pub max_samples_per_send: u32,
    pub capacity: u32,
}

impl QueueDefaults {
    /// Since 2.44; four times the throughput of a connection that the earlier ones allow.
    pub const TODAY: Self = Self { max_shards: 50, max_samples_per_send: 2000, capacity: 10_000 };
    /// 2.23 to 2.43.
    const BEFORE_2_44: Self = Self { max_shards: 200, max_samples_per_send: 500, capacity: 2500 };
}

/// The answers for one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    version: Version,
}

impl Capabilities {
    pub const fn of(version: Version) -> Self {
        Self { version }
    }

    pub const fn receiver(self) -> Receiver {
        if self.version.at_least(2, 33) {
            Receiver::Flag
        } else if self.version.at_least(2, 25) {
            Receiver::FeatureName
        } else {
            Receiver::None
        }
    }

    pub const fn agent_mode(self) -> AgentMode {
        if self.version.at_least(3, 0) {
            AgentMode::Flag
        } else if self.version.at_least(2, 32) {
            AgentMode::FeatureName
        } else {
            AgentMode::None
        }
    }

    /// `tls_config.ca` with the certificate itself: 2.45 (`prometheus/common` 0.44).
    pub const fn inline_tls(self) -> bool {
        self.version.at_least(2, 45)
    }

    /// `send_exemplars` in `remote_write`: 2.27. They are kept by `--enable-feature=exemplar-storage`.
    pub const fn sends_exemplars(self) -> bool {
        self.version.at_least(2, 27)
    }

    /// The receiver stores exemplars: 2.31; before, it drops them.
    pub const fn receives_exemplars(self) -> bool {
        self.version.at_least(2, 31)
    }

    /// `queue_config.retry_on_http_429`: 2.26 (#8237). Without it an answer of 429 loses the batch.
    pub const fn retries_on_429(self) -> bool {
        self.version.at_least(2, 26)
    }

    /// What `queue_config` is when nothing is said.
    pub const fn queue_defaults(self) -> QueueDefaults {
        if self.version.at_least(2, 44) { QueueDefaults::TODAY } else { QueueDefaults::BEFORE_2_44 }
    }

    /// Flags that make the process exit with 1: removed in 3.0.
    pub const fn removed_flags(self) -> &'static [&'static str] {
        if self.version.at_least(3, 0) {
            &["storage.tsdb.retention", "storage.tsdb.allow-overlapping-blocks", "alertmanager.timeout"]
        } else {
            &[]
        }
    }

    /// Feature names that do nothing any more but warn: removed in 3.0.
    pub const fn dead_features(self) -> &'static [&'static str] {
        if self.version.at_least(3, 0) {
            &[
                "agent",
                "remote-write-receiver",
                "promql-at-modifier",
                "promql-negative-offset",
                "new-service-discovery-manager",
                "expand-external-labels",
                "no-default-scrape-port",
                "auto-gomaxprocs",
                "auto-gomemlimit",
                "otlp-write-receiver",
                "utf8-names",
            ]
        } else {
            &[]
        }
    }

    /// The bugs of this version that lose or block samples in a role, most telling first.
    pub fn known_bad(self, role: super::Role) -> impl Iterator<Item = &'static KnownBad> {
        KNOWN_BAD
            .iter()
            .filter(move |bad| bad.role == role && bad.since <= self.version && self.version < bad.fixed)
    }
}

/// A bug that a release fixed.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownBad {
    pub role: super::Role,
    pub since: Version,
    /// The first version without it.
    pub fixed: Version,
    pub what: &'static str,
    /// The change that fixed it, in the Prometheus repository.
    pub source: &'static str,
}

const KNOWN_BAD: &[KnownBad] = &[
    bad(super::Role::Agent, (2, 45, 0), (2, 48, 1), "remote write of an agent slows down", "#13223"),
    bad(super::Role::Agent, (2, 51, 0), (2, 53, 1), "samples are dropped while catching up", "#14446"),
    bad(super::Role::Agent, (3, 9, 0), (3, 9, 1), "an agent crashes shortly after its start", "#17802"),
    bad(super::Role::Agent, (3, 7, 0), (3, 7, 3), "resharding can deadlock", "#17412"),
    bad(super::Role::Agent, (2, 33, 0), (2, 33, 5), "remote write queues can deadlock", "#10395"),
    bad(
        super::Role::Agent,
        (2, 32, 0),
        (2, 39, 0),
        "the WAL of an agent grows while the hub is away",
        "#9876",
    ),
    bad(super::Role::Agent, (2, 32, 0), (2, 35, 0), "series can swap identities after a restart", "#10587"),
    bad(super::Role::Hub, (3, 8, 0), (3, 8, 1), "senders log failures that are none", "#17683"),
    bad(
        super::Role::Hub,
        (2, 25, 0),
        (2, 54, 0),
        "one sender whose clock is an hour fast makes the hub refuse everybody",
        "#14304",
    ),
];

const fn bad(
    role: super::Role,
    since: (u32, u32, u32),
    fixed: (u32, u32, u32),
    what: &'static str,
    source: &'static str,
) -> KnownBad {
    KnownBad {
        role,
        since: Version::new(since.0, since.1, since.2),
        fixed: Version::new(fixed.0, fixed.1, fixed.2),
        what,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Role;

    fn of(major: u32, minor: u32) -> Capabilities {
        Capabilities::of(Version::new(major, minor, 0))
    }

    #[test]
    fn the_receiver_is_a_feature_name_before_2_33() {
        assert_eq!(of(2, 24).receiver(), Receiver::None);
        assert_eq!(of(2, 32).receiver(), Receiver::FeatureName);
        assert_eq!(of(2, 33).receiver(), Receiver::Flag);
        assert_eq!(of(3, 14).receiver(), Receiver::Flag);
    }

    #[test]
    fn agent_mode_is_a_flag_from_3_0() {
        assert_eq!(of(2, 31).agent_mode(), AgentMode::None);
        assert_eq!(of(2, 55).agent_mode(), AgentMode::FeatureName);
        assert_eq!(of(3, 0).agent_mode(), AgentMode::Flag);
    }

    #[test]
    fn the_articles_version_needs_todays_queue_spelled_out() {
        assert_ne!(of(2, 43).queue_defaults(), QueueDefaults::TODAY);
        assert_eq!(of(2, 44).queue_defaults(), QueueDefaults::TODAY);
    }

    #[test]
    fn a_fixed_bug_is_not_held_against_the_version_that_fixed_it() {
        let bugs = |version| Capabilities::of(version).known_bad(Role::Agent).count();
        assert_eq!(bugs(Version::new(2, 53, 0)), 1);
        assert_eq!(bugs(Version::new(2, 53, 1)), 0);
        assert_eq!(bugs(Version::new(3, 5, 0)), 0);
    }
}
