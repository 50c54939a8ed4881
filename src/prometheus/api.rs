//! Reads the answers of Prometheus's HTTP API.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Labels, Version};

/// The runtime flags: all of them, in both modes, values normalised (`42d` reads back as `6w`).
pub const FLAGS: &str = "/api/v1/status/flags";
/// The version that runs.
pub const BUILD_INFO: &str = "/api/v1/status/buildinfo";
/// What the process says of its own run.
pub const RUNTIME_INFO: &str = "/api/v1/status/runtimeinfo";
/// The targets that are scraped.
pub const TARGETS: &str = "/api/v1/targets?state=active";
/// The rules that are evaluated.
pub const RULES: &str = "/api/v1/rules";
/// The metrics of the process itself.
pub const METRICS: &str = "/metrics";

/// Why an answer is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Prometheus's own error.
    #[error("{kind}: {message}")]
    Refused { kind: String, message: String },
    /// Something that Prometheus would not say.
    #[error("the answer ({status}) is not one of Prometheus: {begin}")]
    Foreign { status: u16, begin: String },
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
}

/// The data of an answer.
pub fn data<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, Unusable> {
    let foreign = || {
        let text = String::from_utf8_lossy(body);
        let begin: String = text.trim().chars().take(120).collect();
        Unusable::Foreign { status, begin: begin.lines().next().unwrap_or_default().to_owned() }
    };
    let envelope: Envelope<T> = serde_json::from_slice(body).map_err(|_| foreign())?;
    match (envelope.data, envelope.error) {
        (Some(data), None) => Ok(data),
        (_, Some(message)) => {
            Err(Unusable::Refused { kind: envelope.error_type.unwrap_or_default(), message })
        }
        (None, None) => Err(foreign()),
    }
}

/// The runtime flags by name.
pub fn flags(status: u16, body: &[u8]) -> Result<BTreeMap<String, String>, Unusable> {
    data(status, body)
}

/// The version that runs.
pub fn version(status: u16, body: &[u8]) -> Result<Version, Unusable> {
    #[derive(Deserialize)]
    struct BuildInfo {
        version: String,
    }
    let info: BuildInfo = data(status, body)?;
    Version::parse(&info.version).ok_or(Unusable::Foreign { status, begin: info.version })
}

/// What the process says of its own run. Times in seconds since 1970, by its own clock.
#[derive(Clone, Debug, PartialEq)]
pub struct RuntimeInfo {
    pub started_at: f64,
    /// When a configuration was last loaded.
    pub loaded_at: f64,
    /// Whether the last attempt to load one succeeded; the old one stays otherwise.
    pub reload_succeeded: bool,
    /// `15d`, `10GiB`, `15d or 10GiB`; empty for an agent.
    pub retention: String,
}

impl RuntimeInfo {
    /// Since when it runs with the configuration that it has.
    pub fn configured_at(&self) -> f64 {
        self.started_at.max(self.loaded_at)
    }
}

/// What the process says of its own run.
pub fn runtime_info(status: u16, body: &[u8]) -> Result<RuntimeInfo, Unusable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        start_time: String,
        last_config_time: String,
        reload_config_success: bool,
        #[serde(default)]
        storage_retention: String,
    }
    let info: Answer = data(status, body)?;
    let seconds = |time: &str| {
        let time: jiff::Timestamp =
            time.parse().map_err(|_| Unusable::Foreign { status, begin: time.to_owned() })?;
        Ok(time.as_duration().as_secs_f64())
    };
    Ok(RuntimeInfo {
        started_at: seconds(&info.start_time)?,
        loaded_at: seconds(&info.last_config_time)?,
        reload_succeeded: info.reload_config_success,
        retention: info.storage_retention,
    })
}

/// A target that is scraped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub labels: BTreeMap<String, String>,
    /// The job's name.
    pub scrape_pool: String,
    pub scrape_url: String,
    /// Why the last scrape failed; empty when it did not.
    pub last_error: String,
    /// `up`, `down` or `unknown`.
    pub health: String,
}

/// The targets that are scraped, without those that were dropped.
pub fn targets(status: u16, body: &[u8]) -> Result<Vec<Target>, Unusable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Targets {
        active_targets: Vec<Target>,
    }
    let targets: Targets = data(status, body)?;
    Ok(targets.active_targets)
}

/// A group of rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RuleGroup {
    pub name: String,
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule: `recording` or `alerting`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rule {
    pub name: String,
    pub query: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Why the last evaluation failed.
    #[serde(default, rename = "lastError")]
    pub last_error: String,
}

/// The rules that are evaluated.
pub fn rules(status: u16, body: &[u8]) -> Result<Vec<RuleGroup>, Unusable> {
    #[derive(Deserialize)]
    struct Groups {
        groups: Vec<RuleGroup>,
    }
    let groups: Groups = data(status, body)?;
    Ok(groups.groups)
}

/// The path and query of an instant query.
pub fn query_path(promql: &str) -> String {
    format!("/api/v1/query?query={}", percent_encoded(promql))
}

/// The path and query of a range query; times in seconds since 1970.
pub fn query_range_path(promql: &str, start: f64, end: f64, step: f64) -> String {
    format!("/api/v1/query_range?query={}&start={start}&end={end}&step={step}", percent_encoded(promql))
}

/// The result of a query.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub enum QueryResult {
    Vector(Vec<Series>),
    Matrix(Vec<Series>),
    Scalar(Point),
    String(Point),
}

/// One series of a result. A vector has `value`, a matrix `values`; native histograms have neither.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Series {
    pub metric: Labels,
    #[serde(default)]
    pub value: Option<Point>,
    #[serde(default)]
    pub values: Vec<Point>,
}

/// A time in seconds since 1970, and a value as Prometheus writes it (`NaN` and `+Inf` are values).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Point(pub f64, pub String);

impl Series {
    /// A label's value, or the empty text, which is the same to Prometheus.
    pub fn label(&self, name: &str) -> &str {
        self.metric.get(name).unwrap_or_default()
    }

    /// The value of a vector's series as a number.
    pub fn number(&self) -> Option<f64> {
        self.value.as_ref().and_then(|point| point.1.parse().ok())
    }
}

/// The series of an instant vector.
pub fn vector(status: u16, body: &[u8]) -> Result<Vec<Series>, Unusable> {
    match data(status, body)? {
        QueryResult::Vector(series) => Ok(series),
        _ => Err(Unusable::Foreign { status, begin: "not an instant vector".to_owned() }),
    }
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_own_error_is_kept() {
        let body =
            br#"{"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"}"#;
        let error = vector(422, body).expect_err("an error");
        assert_eq!(error.to_string(), "execution: unavailable with Prometheus Agent");
    }

    #[test]
    fn a_login_page_is_not_an_answer() {
        assert!(matches!(flags(200, b"<html>"), Err(Unusable::Foreign { status: 200, .. })));
    }

    #[test]
    fn a_vector_is_read_with_its_labels() {
        let body = br#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"cluster":"a"},"value":[1700000000.1,"3"]}]}}"#;
        let series = vector(200, body).expect("a vector");
        assert_eq!(
            (series[0].label("cluster"), series[0].label("x"), series[0].number()),
            ("a", "", Some(3.0))
        );
    }

    #[test]
    fn a_query_is_safe_in_a_url() {
        assert_eq!(query_path("up{a=\"b\"}"), "/api/v1/query?query=up%7Ba%3D%22b%22%7D");
    }
}
