//! Every flag of `cmd/prometheus/main.go` between 2.25 and 3.14, the hidden ones too: read at each minor version's tag.
//!
//! A flag that a version does not know ends the process with 1, one of the other mode with 3.

use super::span::{ALWAYS, Span, between, since, until};

/// One flag.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownFlag {
    pub name: &'static str,
    pub takes: Takes,
    pub mode: Mode,
    pub span: Span,
    /// The change that brought it, or took it away, or the file at the first tag that has it, or has it no more.
    pub source: &'static str,
}

/// Whether something follows the flag. `--SWITCH=true` ends the process: `unexpected true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Value,
    Nothing,
}

/// In which mode the process accepts the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Either,
    Server,
    Agent,
}

use Mode::{Agent, Either, Server};

/// Flags by name.
pub(super) const FLAGS: &[KnownFlag] = &[
    switch("agent", Either, since(3, 0), "#14747"),
    switch("alertmanager.drain-notification-queue-on-shutdown", Server, since(2, 54), "main.go v2.54.0"),
    value("alertmanager.notification-batch-size", Server, since(3, 4), "#16254"),
    value("alertmanager.notification-queue-capacity", Server, ALWAYS, "main.go v2.25.0"),
    value("alertmanager.timeout", Either, until(2, 55), "gone: #14643"),
    switch("auto-gomaxprocs", Either, since(3, 0), "#15376"),
    switch("auto-gomemlimit", Either, since(3, 0), "#15373"),
    value("auto-gomemlimit.ratio", Either, since(2, 50), "#13395"),
    switch("config.auto-reload", Either, since(3, 12), "main.go v3.12.0"),
    value("config.auto-reload-interval", Either, since(3, 0), "#14769"),
    value("config.file", Either, ALWAYS, "main.go v2.25.0"),
    value("enable-feature", Either, ALWAYS, "main.go v2.25.0"),
    value("log.format", Either, ALWAYS, "main.go v2.25.0"),
    value("log.level", Either, ALWAYS, "main.go v2.25.0"),
    value("query.lookback-delta", Server, ALWAYS, "main.go v2.25.0"),
    value("query.max-concurrency", Server, ALWAYS, "main.go v2.25.0"),
    value("query.max-samples", Server, ALWAYS, "main.go v2.25.0"),
    value("query.timeout", Server, ALWAYS, "main.go v2.25.0"),
    value("rules.alert.for-grace-period", Server, ALWAYS, "main.go v2.25.0"),
    value("rules.alert.for-outage-tolerance", Server, ALWAYS, "main.go v2.25.0"),
    value("rules.alert.resend-delay", Server, ALWAYS, "main.go v2.25.0"),
    value("rules.max-concurrent-evals", Server, since(2, 51), "main.go v2.51.0"),
    switch("scrape.adjust-timestamps", Either, ALWAYS, "main.go v2.25.0"),
    value("scrape.discovery-reload-interval", Either, since(2, 36), "main.go v2.36.0"),
    value(
        "scrape.name-escaping-scheme",
        Either,
        between((2, 55), (2, 55)),
        "main.go v2.55.0; gone: main.go v3.0.0",
    ),
    value("scrape.timestamp-tolerance", Either, since(2, 30), "main.go v2.30.0"),
    value("storage.agent.checkpoint-batch-size", Agent, since(3, 12), "main.go v3.12.0"),
    switch("storage.agent.checkpoint-from-in-memory-series", Agent, since(3, 12), "main.go v3.12.0"),
    switch("storage.agent.no-lockfile", Agent, since(2, 32), "main.go v2.32.0"),
    value("storage.agent.path", Agent, since(2, 32), "#8785"),
    value("storage.agent.retention.max-time", Agent, since(2, 32), "main.go v2.32.0"),
    value("storage.agent.retention.min-time", Agent, since(2, 32), "main.go v2.32.0"),
    switch("storage.agent.wal-compression", Agent, since(2, 32), "main.go v2.32.0"),
    value("storage.agent.wal-compression-type", Agent, since(2, 46), "main.go v2.46.0"),
    value("storage.agent.wal-segment-size", Agent, since(2, 32), "main.go v2.32.0"),
    value("storage.agent.wal-truncate-frequency", Agent, since(2, 32), "main.go v2.32.0"),
    value(
        "storage.exemplars.exemplars-limit",
        Either,
        between((2, 26), (2, 28)),
        "#6635; gone: main.go v2.29.0",
    ),
    value("storage.remote.flush-deadline", Either, ALWAYS, "main.go v2.25.0"),
    value("storage.remote.read-concurrent-limit", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.remote.read-max-bytes-in-frame", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.remote.read-sample-limit", Server, ALWAYS, "main.go v2.25.0"),
    switch("storage.tsdb.allow-overlapping-blocks", Server, until(2, 55), "gone: #14640"),
    switch("storage.tsdb.allow-overlapping-compaction", Server, since(2, 55), "main.go v2.55.0"),
    value("storage.tsdb.block-reload-interval", Server, since(3, 9), "main.go v3.9.0"),
    value("storage.tsdb.delay-compact-file.path", Server, since(3, 9), "main.go v3.9.0"),
    value("storage.tsdb.delayed-compaction.max-percent", Server, since(3, 0), "main.go v3.0.0"),
    value("storage.tsdb.head-chunks-write-queue-size", Server, since(2, 34), "#10425"),
    value("storage.tsdb.max-block-chunk-segment-size", Server, since(2, 27), "main.go v2.27.0"),
    value("storage.tsdb.max-block-duration", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.min-block-duration", Server, ALWAYS, "main.go v2.25.0"),
    switch("storage.tsdb.no-lockfile", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.path", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.retention", Server, until(2, 55), "gone: #14640"),
    value("storage.tsdb.retention.size", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.retention.time", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.samples-per-chunk", Server, since(2, 45), "#12055"),
    switch("storage.tsdb.wal-compression", Server, ALWAYS, "main.go v2.25.0"),
    value("storage.tsdb.wal-compression-type", Server, since(2, 46), "main.go v2.46.0"),
    value("storage.tsdb.wal-segment-size", Server, ALWAYS, "main.go v2.25.0"),
    value("web.config.file", Either, ALWAYS, "main.go v2.25.0"),
    value("web.console.libraries", Either, ALWAYS, "main.go v2.25.0"),
    value("web.console.templates", Either, ALWAYS, "main.go v2.25.0"),
    value("web.cors.origin", Either, ALWAYS, "main.go v2.25.0"),
    switch("web.enable-admin-api", Either, ALWAYS, "main.go v2.25.0"),
    switch("web.enable-lifecycle", Either, ALWAYS, "main.go v2.25.0"),
    switch("web.enable-otlp-receiver", Either, since(3, 0), "#14894"),
    switch("web.enable-remote-write-receiver", Either, since(2, 33), "#10119"),
    value("web.external-url", Either, ALWAYS, "main.go v2.25.0"),
    value("web.listen-address", Either, ALWAYS, "main.go v2.25.0"),
    value("web.max-connections", Either, ALWAYS, "main.go v2.25.0"),
    value("web.max-notifications-subscribers", Either, since(3, 0), "main.go v3.0.0"),
    value("web.page-title", Either, ALWAYS, "main.go v2.25.0"),
    value("web.read-timeout", Either, ALWAYS, "main.go v2.25.0"),
    value("web.remote-write-receiver.accepted-protobuf-messages", Either, since(2, 54), "#14395"),
    value("web.route-prefix", Either, ALWAYS, "main.go v2.25.0"),
    value("web.search.max-limit", Server, since(3, 13), "main.go v3.13.0"),
    value("web.user-assets", Either, ALWAYS, "main.go v2.25.0"),
    switch("write-documentation", Either, since(2, 44), "main.go v2.44.0"),
];

const fn value(name: &'static str, mode: Mode, span: Span, source: &'static str) -> KnownFlag {
    KnownFlag { name, takes: Takes::Value, mode, span, source }
}

const fn switch(name: &'static str, mode: Mode, span: Span, source: &'static str) -> KnownFlag {
    KnownFlag { name, takes: Takes::Nothing, mode, span, source }
}

/// A flag that goes by another name, with just the same meaning.
pub(super) const RENAMED: &[(&str, &str)] = &[("storage.tsdb.retention", "storage.tsdb.retention.time")];

/// Flags that may be given more than once; any other flag given twice ends the process with 1.
pub(super) const REPEATED: &[(&str, Span, &str)] = &[
    ("enable-feature", ALWAYS, "main.go v2.25.0"),
    ("web.listen-address", since(2, 55), "main.go v2.55.0"),
    ("web.remote-write-receiver.accepted-protobuf-messages", since(2, 54), "main.go v2.54.0"),
];

/// What a flag of a version that is not listed here is for, by the family of its name.
pub(super) fn mode_of_unlisted(name: &str) -> Mode {
    if ["storage.tsdb.", "query.", "rules.", "alertmanager."].iter().any(|family| name.starts_with(family)) {
        Server
    } else if name.starts_with("storage.agent.") {
        Agent
    } else {
        Either
    }
}
