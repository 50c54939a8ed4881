//! What each version of Prometheus can do: data with its source beside it, and the questions that everything asks.
//!
//! `table` has what a version can do, `flags`, `features` and `fields` what it understands, and `known_bad` what to
//! beware of. Each was read at the tag of every minor version; whoever adds a fact adds where it is known from.

mod features;
mod fields;
mod flags;
mod known_bad;
mod span;
mod table;
#[cfg(test)]
mod tests;

pub use features::{Became, Feature};
pub use fields::KnownField;
pub use flags::{KnownFlag, Mode, Takes};
pub use known_bad::{Harm, KnownBad};
pub use span::Span;

use self::table::Capability;
use super::{Role, Version};

/// How the remote write receiver is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    None,
    /// `--enable-feature=remote-write-receiver`
    FeatureName,
    /// `--web.enable-remote-write-receiver`
    Flag,
}

/// How agent mode is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentMode {
    None,
    /// `--enable-feature=agent`
    FeatureName,
    /// `--agent`
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

/// What an out-of-order time window does at a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfOrderWindow {
    /// There is no such field.
    None,
    /// A sample older than the window is answered with 500, and its sender stands still.
    BlocksSenders,
    Safe,
}

/// What a receiver does with native histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeHistograms {
    /// It does not know them.
    None,
    /// It stores them where the feature is on, and else answers 500.
    FeatureName,
    Always,
}

/// What a receiver does with a series that has a label name twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedLabel {
    /// It answers 500, and the sender stands still.
    BlocksSenders,
    Skipped,
}

/// When `${VAR}` in an external label becomes the variable's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    Never,
    /// `--enable-feature=expand-external-labels`
    FeatureName,
    Always,
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

    pub const fn version(self) -> Version {
        self.version
    }

    pub fn receiver(self) -> Receiver {
        if self.has(Capability::ReceiverByFlag) {
            Receiver::Flag
        } else if self.has(Capability::ReceiverByName) {
            Receiver::FeatureName
        } else {
            Receiver::None
        }
    }

    pub fn agent_mode(self) -> AgentMode {
        if self.has(Capability::AgentByFlag) {
            AgentMode::Flag
        } else if self.has(Capability::AgentByName) {
            AgentMode::FeatureName
        } else {
            AgentMode::None
        }
    }

    /// `tls_config.ca` with the certificate itself.
    pub fn inline_tls(self) -> bool {
        self.has(Capability::InlineTls)
    }

    /// `send_exemplars` in `remote_write`. They are kept by `--enable-feature=exemplar-storage`.
    pub fn sends_exemplars(self) -> bool {
        self.has(Capability::SendsExemplars)
    }

    /// The receiver stores exemplars.
    pub fn receives_exemplars(self) -> bool {
        self.has(Capability::ReceivesExemplars)
    }

    /// `queue_config.retry_on_http_429`
    pub fn retries_on_429(self) -> bool {
        self.has(Capability::RetriesOn429)
    }

    /// What `queue_config` is when nothing is said.
    pub fn queue_defaults(self) -> QueueDefaults {
        if self.has(Capability::TodaysQueue) { QueueDefaults::TODAY } else { QueueDefaults::BEFORE_2_44 }
    }

    pub fn out_of_order_window(self) -> OutOfOrderWindow {
        if self.has(Capability::TooOldIsRefused) {
            OutOfOrderWindow::Safe
        } else if self.has(Capability::OutOfOrderWindow) {
            OutOfOrderWindow::BlocksSenders
        } else {
            OutOfOrderWindow::None
        }
    }

    /// An agent heeds `out_of_order_time_window` too.
    pub fn out_of_order_in_agent(self) -> bool {
        self.has(Capability::OutOfOrderInAgent)
    }

    /// `io.prometheus.write.v2.Request`, sent and received.
    pub fn remote_write_2(self) -> bool {
        self.has(Capability::RemoteWrite2)
    }

    /// The same without errors that would show as losses: 3.8.0 answers with wrong numbers (#17659).
    pub fn remote_write_2_is_settled(self) -> bool {
        self.has(Capability::RemoteWrite2Settled) && self.version != Version::new(3, 8, 0)
    }

    /// An agent that writes to nobody does not start.
    pub fn agent_needs_remote_write(self) -> bool {
        self.has(Capability::AgentNeedsRemoteWrite)
    }

    /// Alerts may go to the first API of Alertmanager.
    pub fn alertmanager_v1(self) -> bool {
        self.has(Capability::AlertmanagerV1)
    }

    /// `queue_config.sample_age_limit` does no harm.
    pub fn sample_age_limit_is_sound(self) -> bool {
        self.has(Capability::SampleAgeIsSound)
    }

    pub fn native_histograms_receiver(self) -> NativeHistograms {
        if self.has(Capability::NativeHistogramsReceived) {
            NativeHistograms::Always
        } else if self.has(Capability::NativeHistogramsByName) {
            NativeHistograms::FeatureName
        } else {
            NativeHistograms::None
        }
    }

    /// The receiver refuses a sample that is more than ten minutes ahead.
    pub fn rejects_future_samples(self) -> bool {
        self.has(Capability::FutureIsRefused)
    }

    pub fn repeated_label(self) -> RepeatedLabel {
        if self.has(Capability::RepeatedLabelIsSkipped) {
            RepeatedLabel::Skipped
        } else {
            RepeatedLabel::BlocksSenders
        }
    }

    pub fn external_label_expansion(self) -> Expansion {
        if self.has(Capability::ExpandsAlways) {
            Expansion::Always
        } else if self.has(Capability::ExpandsByName) {
            Expansion::FeatureName
        } else {
            Expansion::Never
        }
    }

    /// Any text may be a label's name.
    pub fn utf8_names(self) -> bool {
        self.has(Capability::Utf8Names)
    }

    /// Flags that once were, and make this version exit.
    pub fn removed_flags(self) -> impl Iterator<Item = &'static str> {
        flags::FLAGS.iter().filter(move |flag| flag.span.is_over(self.version)).map(|flag| flag.name)
    }

    /// Feature names that do nothing any more but warn, because what they stood for needs no name now.
    pub fn dead_features(self) -> impl Iterator<Item = &'static str> {
        let needless = |feature: &&Feature| matches!(feature.became, Became::Always | Became::Flag(_));
        let all = features::FEATURES.iter().filter(needless);
        all.filter(move |feature| feature.span.is_over(self.version)).map(|feature| feature.name)
    }

    /// Whether this version starts with a flag, as far as its name goes. Nobody knows of a flag that is not listed.
    pub fn knows_flag(self, name: &str) -> bool {
        known_flag(name).is_none_or(|flag| flag.span.holds(self.version))
    }

    /// Whether a flag may be given twice.
    pub fn repeats(self, name: &str) -> bool {
        flags::REPEATED.iter().any(|(repeated, span, _)| *repeated == name && span.holds(self.version))
    }

    /// The fields that this version does not know, by path: keys by dots, and `*` for every item of a list.
    pub fn unknown_fields(self) -> impl Iterator<Item = (String, &'static KnownField)> {
        let own = fields::FIELDS.iter().map(|field| (field.path.to_owned(), field));
        let clients = fields::CLIENTS.iter().flat_map(|client| {
            fields::CLIENT_FIELDS.iter().map(move |field| (format!("{client}.{}", field.path), field))
        });
        own.chain(clients).filter(move |(_, field)| !field.span.holds(self.version))
    }

    /// The bugs of this version in a role, most telling first.
    pub fn known_bad(self, role: Role) -> impl Iterator<Item = &'static KnownBad> {
        known_bad::KNOWN_BAD
            .iter()
            .filter(move |bad| bad.role == role && bad.since <= self.version && self.version < bad.fixed)
    }

    fn has(self, capability: Capability) -> bool {
        let mut lines = table::TABLE.iter().filter(|(listed, _, _)| *listed == capability);
        lines.any(|(_, span, _)| span.holds(self.version))
    }
}

/// Every flag that is known, by name.
pub fn flags() -> impl Iterator<Item = &'static KnownFlag> {
    flags::FLAGS.iter()
}

/// What is known of a flag.
pub fn known_flag(name: &str) -> Option<&'static KnownFlag> {
    flags::FLAGS.iter().find(|flag| flag.name == name)
}

/// What is known of a feature name.
pub fn known_feature(name: &str) -> Option<&'static Feature> {
    features::FEATURES.iter().find(|feature| feature.name == name)
}

/// The feature name that once stood for a flag.
pub fn feature_of_flag(flag: &str) -> Option<&'static Feature> {
    features::FEATURES.iter().find(|feature| matches!(feature.became, Became::Flag(name) if name == flag))
}

/// The other names of a flag, with just the same meaning.
pub fn other_name_of_flag(name: &str) -> Option<&'static str> {
    flags::RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// In which mode a flag is accepted.
pub fn mode_of_flag(name: &str) -> Mode {
    known_flag(name).map_or_else(|| flags::mode_of_unlisted(name), |flag| flag.mode)
}

/// The names of fields that changed: the old one and the new one.
pub fn renamed_fields() -> &'static [(&'static str, &'static str)] {
    fields::RENAMED_FIELDS
}
