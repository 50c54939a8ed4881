//! Every name that `--enable-feature` knew between 2.25 and 3.14. A name that a version does not know is a warning in
//! its log, and nothing else: what it stood for is off, or on for everybody.

use super::span::{Span, between, since};

/// One name.
#[derive(Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: &'static str,
    /// Where the name has an effect.
    pub span: Span,
    pub became: Became,
    /// The changes that brought it and took it away, or the file at a tag.
    pub source: &'static str,
}

/// What stands for it in other versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Only the name does.
    Nothing,
    /// A flag, which may be known beside the name for a while.
    Flag(&'static str),
    /// Later versions do it always.
    Always,
    /// Later versions are told in the configuration.
    Field(&'static str),
}

use Became::{Always, Field, Flag, Nothing};

/// Features by name.
pub(super) const FEATURES: &[Feature] = &[
    feature("agent", between((2, 32), (2, 55)), Flag("agent"), "#8785; gone: #14747"),
    feature("auto-gomaxprocs", between((2, 35), (2, 55)), Flag("auto-gomaxprocs"), "#10498; gone: #15376"),
    feature("auto-gomemlimit", between((2, 50), (2, 55)), Flag("auto-gomemlimit"), "#13395; gone: #15373"),
    feature("auto-reload-config", since(3, 0), Flag("config.auto-reload"), "#14769"),
    feature("concurrent-rule-eval", since(2, 51), Nothing, "main.go v2.51.0"),
    feature("created-timestamp-zero-ingestion", since(2, 50), Nothing, "main.go v2.50.0"),
    feature("delayed-compaction", since(2, 55), Nothing, "#12532"),
    feature("exemplar-storage", since(2, 26), Nothing, "#6635"),
    feature("expand-external-labels", between((2, 27), (2, 55)), Always, "#8649; gone: #14657"),
    feature("extra-scrape-metrics", since(2, 30), Nothing, "#9247"),
    feature("fast-startup", since(3, 11), Nothing, "#18303"),
    feature("histograms-st-encoding", since(3, 14), Nothing, "#18609"),
    feature("memory-snapshot-on-shutdown", since(2, 30), Nothing, "#7229"),
    feature("metadata-wal-records", since(2, 54), Nothing, "#14395"),
    feature(
        "native-histograms",
        between((2, 40), (3, 8)),
        Field("scrape_native_histograms: true"),
        "#11447; no more: #17528",
    ),
    feature(
        "new-service-discovery-manager",
        between((2, 31), (2, 55)),
        Always,
        "#9349; gone: main.go v3.0.0",
    ),
    feature("no-default-scrape-port", between((2, 38), (2, 55)), Always, "#9523; gone: #14160"),
    feature("old-ui", since(3, 0), Nothing, "main.go v3.0.0"),
    feature("ooo-native-histograms", since(3, 0), Nothing, "main.go v3.0.0"),
    feature("otlp-deltatocumulative", since(3, 2), Nothing, "#15165"),
    feature("otlp-native-delta-ingestion", since(3, 4), Nothing, "main.go v3.4.0"),
    feature(
        "otlp-write-receiver",
        between((2, 47), (2, 55)),
        Flag("web.enable-otlp-receiver"),
        "main.go v2.47.0; gone: #14894",
    ),
    feature("promql-at-modifier", between((2, 25), (2, 55)), Always, "#8121; gone: #14526"),
    feature("promql-binop-fill-modifiers", since(3, 10), Nothing, "main.go v3.10.0"),
    feature("promql-delayed-name-removal", since(2, 55), Nothing, "main.go v2.55.0"),
    feature("promql-duration-expr", since(3, 4), Nothing, "main.go v3.4.0"),
    feature("promql-experimental-functions", since(2, 49), Nothing, "#13103"),
    feature("promql-extended-range-selectors", since(3, 7), Nothing, "#16457"),
    feature("promql-negative-offset", between((2, 26), (2, 55)), Always, "#8487; gone: #14526"),
    feature("promql-per-step-stats", since(2, 35), Nothing, "#10369"),
    feature(
        "remote-write-receiver",
        between((2, 25), (2, 55)),
        Flag("web.enable-remote-write-receiver"),
        "#8424; gone: #14526",
    ),
    feature("search-api", since(3, 13), Nothing, "main.go v3.13.0"),
    feature("st-storage", since(3, 10), Nothing, "main.go v3.10.0"),
    feature("st-synthesis", since(3, 12), Nothing, "#18279"),
    feature("type-and-unit-labels", since(3, 5), Nothing, "#16228"),
    feature("use-start-timestamps", since(3, 12), Nothing, "#18627"),
    feature("use-uncached-io", since(3, 5), Nothing, "main.go v3.5.0"),
    feature("utf8-names", between((2, 55), (2, 55)), Always, "#14482; gone: #14705"),
    feature("xor2-encoding", since(3, 11), Nothing, "#18062"),
];

const fn feature(name: &'static str, span: Span, became: Became, source: &'static str) -> Feature {
    Feature { name, span, became, source }
}
