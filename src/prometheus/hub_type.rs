//! What agents can write to besides a Prometheus: what stores more than one Prometheus can, and speaks its protocols.
//!
//! Every difference between them that promfed knows of is asked of [`HubType`], in the table below and nowhere else.

#![expect(clippy::doc_markdown, reason = "products are named as they name themselves")]

use clap::ValueEnum;
use serde_json::Value;

use crate::domain::{QueryUrl, WriteUrl};

/// What receives the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HubType {
    Prometheus,
    Mimir,
    Thanos,
    VictoriaMetrics,
}

/// What is known of one of them.
struct Known {
    /// As it is called.
    title: &'static str,
    /// As it is typed.
    name: &'static str,
    /// The end of the path that samples are written to.
    write: &'static str,
    /// What stands in place of that before `/api/v1/query`; `None` where another server is asked.
    read: Option<&'static str>,
    /// The header that carries a tenant.
    tenant: Option<&'static str>,
    /// Whether it keeps exemplars that are sent to it.
    exemplars: bool,
}

/// `prometheus/web/api/v1`: `/write` beside `/query`. No tenants.
const PROMETHEUS: Known = Known {
    title: "Prometheus",
    name: "prometheus",
    write: "/api/v1/write",
    read: Some(""),
    tenant: None,
    exemplars: true,
};

/// Mimir's "HTTP API": `POST /api/v1/push`, queries below `-http.prometheus-http-prefix`, which is `/prometheus`; and
/// "Authentication and authorization": `X-Scope-OrgID`, without which it answers 401 where tenants are on (they are).
/// Exemplars are kept where `max_global_exemplars_per_user` says so, and else dropped as they come.
const MIMIR: Known = Known {
    title: "Mimir",
    name: "mimir",
    write: "/api/v1/push",
    read: Some("/prometheus"),
    tenant: Some("X-Scope-OrgID"),
    exemplars: true,
};

/// Thanos's "Receiver": `/api/v1/receive` at `--remote-write.address`, `--receive.tenant-header=THANOS-TENANT`. What it
/// stores is asked of Thanos Query, another server. Exemplars: `--tsdb.max-exemplars`, and else dropped as they come.
const THANOS: Known = Known {
    title: "Thanos Receive",
    name: "thanos",
    write: "/api/v1/receive",
    read: None,
    tenant: Some("THANOS-TENANT"),
    exemplars: true,
};

/// VictoriaMetrics, single node: `/api/v1/write` beside `/api/v1/query`, with or without `/prometheus` before both (1.79.5,
/// tried). No header carries a tenant; in the cluster version the URL does ("Cluster version", URL format). Exemplars are
/// not stored ("Prometheus setup").
const VICTORIA_METRICS: Known = Known {
    title: "VictoriaMetrics",
    name: "victoria-metrics",
    write: "/api/v1/write",
    read: Some(""),
    tenant: None,
    exemplars: false,
};

/// The paths of VictoriaMetrics's cluster version begin so: `/insert/TENANT/prometheus/api/v1/write` is read at
/// `/select/TENANT/prometheus`.
const INSERT: &str = "/insert/";
const SELECT: &str = "/select/";

impl HubType {
    const ALL: [Self; 4] = [Self::Prometheus, Self::Mimir, Self::Thanos, Self::VictoriaMetrics];

    const fn known(self) -> Known {
        match self {
            Self::Prometheus => PROMETHEUS,
            Self::Mimir => MIMIR,
            Self::Thanos => THANOS,
            Self::VictoriaMetrics => VICTORIA_METRICS,
        }
    }

    /// As it is called.
    pub fn title(self) -> &'static str {
        self.known().title
    }

    /// As `--hub-type` takes it.
    pub fn name(self) -> &'static str {
        self.known().name
    }

    /// The header that carries a tenant.
    pub fn tenant_header(self) -> Option<&'static str> {
        self.known().tenant
    }

    /// Whether it keeps exemplars.
    pub fn keeps_exemplars(self) -> bool {
        self.known().exemplars
    }

    /// Whether this is a path that it takes samples at.
    pub fn takes(self, url: &WriteUrl) -> bool {
        url.path().ends_with(self.known().write)
    }

    /// What a write URL is of, where its path alone tells.
    pub fn of_write_url(url: &WriteUrl) -> Option<Self> {
        if url.path().contains(INSERT) {
            return Some(Self::VictoriaMetrics);
        }
        [Self::Mimir, Self::Thanos].into_iter().find(|one| one.takes(url))
    }

    /// Whose tenants a header of this name carries.
    pub fn of_header(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.tenant_header().is_some_and(|header| header.eq_ignore_ascii_case(name)))
    }

    /// What `/api/v1/status/buildinfo` tells of whoever answers; `None` where that is somebody else.
    ///
    /// Mimir names itself (`pkg/util/version`), Thanos is of a version 0.x, and VictoriaMetrics says nothing (1.79.5,
    /// tried) or a version alone (since 1.97), where the others say how they were built.
    pub fn of_build_info(data: &Value) -> Option<Self> {
        let fields = data.as_object()?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        match (text("application"), text("version"), text("goVersion")) {
            (Some("Grafana Mimir"), _, _) => Some(Self::Mimir),
            (Some(_), _, _) => None,
            (None, Some(version), Some(_)) if version.starts_with("0.") => Some(Self::Thanos),
            (None, Some(_), Some(_)) => Some(Self::Prometheus),
            _ if fields.keys().all(|name| name == "version") => Some(Self::VictoriaMetrics),
            _ => None,
        }
    }

    /// Where it is asked what is written to this URL, as far as the one tells the other.
    pub fn read_url(self, url: &WriteUrl) -> Option<QueryUrl> {
        let Known { write, read, .. } = self.known();
        let before = url.path().strip_suffix(write)?;
        let path = match (self, before.contains(INSERT)) {
            (Self::VictoriaMetrics, true) => before.replacen(INSERT, SELECT, 1),
            _ => format!("{before}{}", read?),
        };
        format!("{}{path}", url.origin()).parse().ok()
    }

    /// Where it takes samples, on the server of a URL of another type's form.
    pub fn write_url_like(self, url: &WriteUrl) -> Option<WriteUrl> {
        let before = Self::ALL.iter().find_map(|one| url.path().strip_suffix(one.known().write))?;
        format!("{}{before}{}", url.origin(), self.known().write).parse().ok()
    }

    /// Where a tenant is named that takes no header for it.
    pub fn where_tenants_are(self) -> &'static str {
        match self {
            Self::VictoriaMetrics => {
                "its cluster version has the tenant in the URL: /insert/TENANT/prometheus/api/v1/write"
            }
            Self::Prometheus => "it stores the samples of all in one place",
            Self::Mimir | Self::Thanos => "it is named in a header",
        }
    }

    /// One of promfed's questions in the words of whoever answers. VictoriaMetrics takes the first sample of a series for a
    /// change (MetricsQL, `changes`).
    pub fn promql(self, question: String) -> String {
        match self {
            Self::VictoriaMetrics => question.replace("changes(", "changes_prometheus("),
            _ => question,
        }
    }

    /// A query's path, so that what was just written is seen. VictoriaMetrics hides the last 30 seconds otherwise
    /// (`-search.latencyOffset`; 1.79.5, tried).
    pub fn query(self, path: &str) -> String {
        match self {
            Self::VictoriaMetrics => format!("{path}&nocache=1"),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url(text: &str) -> WriteUrl {
        text.parse().expect("a URL")
    }

    #[test]
    fn each_is_read_where_its_own_documents_say() {
        let read = |hub: HubType, text: &str| hub.read_url(&url(text)).map(|url| url.to_string());
        for (hub, write, wanted) in [
            (HubType::Prometheus, "https://a.b/x/api/v1/write", Some("https://a.b/x")),
            (HubType::Mimir, "https://a.b:8080/api/v1/push", Some("https://a.b:8080/prometheus")),
            (HubType::Thanos, "http://a.b:19291/api/v1/receive", None),
            (HubType::VictoriaMetrics, "http://a.b:8428/api/v1/write", Some("http://a.b:8428")),
            (
                HubType::VictoriaMetrics,
                "https://a.b/insert/7:1/prometheus/api/v1/write",
                Some("https://a.b/select/7:1/prometheus"),
            ),
            (HubType::Mimir, "https://a.b/api/v1/write", None),
        ] {
            assert_eq!(read(hub, write).as_deref(), wanted, "{write}");
        }
    }

    #[test]
    fn a_path_tells_who_takes_samples_there_unless_two_do() {
        let of = |text: &str| HubType::of_write_url(&url(text));
        assert_eq!(of("https://a.b/api/v1/push"), Some(HubType::Mimir));
        assert_eq!(of("https://a.b/api/v1/receive"), Some(HubType::Thanos));
        assert_eq!(of("https://a.b/insert/0/prometheus/api/v1/write"), Some(HubType::VictoriaMetrics));
        assert_eq!(of("https://a.b/api/v1/write"), None);
        let other = HubType::Mimir.write_url_like(&url("https://a.b/x/api/v1/write"));
        assert_eq!(other, Some(url("https://a.b/x/api/v1/push")));
    }

    #[test]
    fn each_tells_what_it_is() {
        for (data, told) in [
            (
                json!({"version": "3.5.0", "revision": "8be3", "goVersion": "go1.24.5"}),
                Some(HubType::Prometheus),
            ),
            (
                json!({"application": "Grafana Mimir", "version": "2.10.0", "goVersion": "go1.21"}),
                Some(HubType::Mimir),
            ),
            (json!({"version": "0.36.1", "revision": "f2b9", "goVersion": "go1.22"}), Some(HubType::Thanos)),
            (json!({}), Some(HubType::VictoriaMetrics)),
            (json!({"version": "2.24.0"}), Some(HubType::VictoriaMetrics)),
            (json!({"application": "Cortex", "version": "1.0", "goVersion": "go1.21"}), None),
            (json!({"name": "another"}), None),
            (json!("a page"), None),
        ] {
            assert_eq!(HubType::of_build_info(&data), told, "{data}");
        }
    }

    #[test]
    fn a_tenant_is_a_header_where_there_is_one() {
        assert_eq!(HubType::Mimir.tenant_header(), Some("X-Scope-OrgID"));
        assert_eq!(HubType::Thanos.tenant_header(), Some("THANOS-TENANT"));
        assert!(HubType::VictoriaMetrics.where_tenants_are().contains("URL"));
        assert_eq!(HubType::Prometheus.tenant_header(), None);
        assert_eq!(HubType::of_header("x-scope-orgid"), Some(HubType::Mimir));
    }

    #[test]
    fn the_names_are_those_that_are_typed() {
        for one in HubType::ALL {
            assert_eq!(HubType::from_str(one.name(), false), Ok(one));
        }
    }

    #[test]
    fn one_that_counts_otherwise_is_asked_otherwise() {
        let asked = |hub: HubType| hub.promql("max(changes(a[1h])) > 0".to_owned());
        assert_eq!(asked(HubType::VictoriaMetrics), "max(changes_prometheus(a[1h])) > 0");
        assert_eq!(asked(HubType::Mimir), "max(changes(a[1h])) > 0");
    }
}
