//! A running Prometheus, asked through its API server or at its public URL.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http::Method;
use serde_json::Value;

use crate::cluster::{Cluster, Endpoint, Failure, ProxyAnswer, ServicePort};
use crate::domain::ClusterName;
use crate::error::Error;
use crate::prometheus::metrics::{Delivery, Page};
use crate::prometheus::write_probe::{self, Outcome};
use crate::prometheus::{Version, api, promql};
use crate::yaml;

/// A Prometheus and the way to it.
#[derive(Clone)]
pub(super) struct Prometheus(Route);

#[derive(Clone)]
enum Route {
    /// Through the API server's proxy: needs no ingress, and the rights of the kubeconfig's user.
    Proxy(Cluster, ServicePort),
    /// The URL that agents use.
    Public(Endpoint),
}

/// Why a Prometheus did not answer as one.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("{0}")]
    Route(Box<Failure>),
    #[error("{0}")]
    Unusable(#[from] api::Unusable),
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        Self::Route(Box::new(failure))
    }
}

impl From<NoAnswer> for Error {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::Route(failure) => Self::from(*failure),
            NoAnswer::Unusable(refused @ api::Unusable::Refused { .. }) => Self::failed(refused.to_string()),
            NoAnswer::Unusable(foreign) => {
                Self::failed("Prometheus gives no usable answer").because(foreign.to_string())
            }
        }
    }
}

/// When a cluster's newest sample was taken, and the hub's own time at the question. Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LastSample {
    pub(super) sample: f64,
    pub(super) now: f64,
}

impl LastSample {
    pub(super) fn age(self) -> f64 {
        (self.now - self.sample).max(0.0)
    }
}

pub(super) type Answer<T> = std::result::Result<T, NoAnswer>;

impl Prometheus {
    pub(super) fn behind(cluster: Cluster, service: ServicePort) -> Self {
        Self(Route::Proxy(cluster, service))
    }

    pub(super) fn at(endpoint: Endpoint) -> Self {
        Self(Route::Public(endpoint))
    }

    /// The runtime flags.
    pub(super) async fn flags(&self) -> Answer<BTreeMap<String, String>> {
        let (status, body) = self.get(api::FLAGS).await?;
        Ok(api::flags(status, &body)?)
    }

    /// The version that runs.
    pub(super) async fn version(&self) -> Answer<Version> {
        Ok(self.version_and_clock().await?.answer)
    }

    /// The version that runs, and the clock beside it.
    pub(super) async fn version_and_clock(&self) -> Answer<Dated<Version>> {
        let (answer, clock_ahead) = dated(self.answer(api::BUILD_INFO)).await?;
        Ok(Dated { answer: api::version(answer.status, &answer.body)?, clock_ahead })
    }

    /// The configuration that the process has loaded.
    pub(super) async fn config(&self) -> Answer<Value> {
        #[derive(serde::Deserialize)]
        struct Loaded {
            yaml: String,
        }
        let (status, body) = self.get("/api/v1/status/config").await?;
        let loaded: Loaded = api::data(status, &body)?;
        yaml::read(&loaded.yaml)
            .map_err(|error| api::Unusable::Foreign { status, begin: error.to_string() }.into())
    }

    /// What the process says of its own run.
    pub(super) async fn runtime_info(&self) -> Answer<api::RuntimeInfo> {
        let (status, body) = self.get(api::RUNTIME_INFO).await?;
        Ok(api::runtime_info(status, &body)?)
    }

    /// What an agent says of its delivery; `None` when it has no remote write.
    pub(super) async fn delivery(&self) -> Answer<Option<Delivery>> {
        Ok(Delivery::read(&self.metrics_page().await?))
    }

    /// What the process says of itself.
    pub(super) async fn metrics(&self) -> Answer<Page> {
        Ok(Page::read(&self.metrics_page().await?))
    }

    async fn metrics_page(&self) -> Answer<String> {
        let (status, body) = self.get(api::METRICS).await?;
        if status != 200 {
            return Err(api::Unusable::Foreign { status, begin: "no metrics".to_owned() }.into());
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// The targets that it scrapes.
    pub(super) async fn targets(&self) -> Answer<Vec<api::Target>> {
        let (status, body) = self.get(api::TARGETS).await?;
        Ok(api::targets(status, &body)?)
    }

    /// The rules that it evaluates.
    pub(super) async fn rules(&self) -> Answer<Vec<api::RuleGroup>> {
        let (status, body) = self.get(api::RULES).await?;
        Ok(api::rules(status, &body)?)
    }

    /// An instant query for a vector.
    pub(super) async fn vector(&self, promql: &str) -> Answer<Vec<api::Series>> {
        let (status, body) = self.get(&api::query_path(promql)).await?;
        Ok(api::vector(status, &body)?)
    }

    /// Any query, by its path.
    pub(super) async fn result(&self, path: &str) -> Answer<api::QueryResult> {
        let (status, body) = self.get(path).await?;
        Ok(api::data(status, &body)?)
    }

    /// The newest sample of `up` of a cluster, within the last five minutes.
    pub(super) async fn last_sample_of(&self, name: &ClusterName) -> Answer<Option<LastSample>> {
        let series = self.vector(&promql::last_sample_of(name)).await?;
        Ok(series.first().and_then(|series| {
            let now = series.value.as_ref()?.0;
            series.number().map(|sample| LastSample { sample, now })
        }))
    }

    /// Whether it accepts remote write. Nothing is written.
    pub(super) async fn probe(&self) -> Answer<Outcome> {
        Ok(self.probe_and_clock().await?.answer)
    }

    /// Whether it accepts remote write, and the clock of whoever answers.
    pub(super) async fn probe_and_clock(&self) -> Answer<Dated<Outcome>> {
        let (answer, clock_ahead) = match (dated(self.probed()).await, &self.0) {
            (Err(failure), Route::Public(_)) if failure.is_unauthorized() => {
                return Ok(Dated { answer: Outcome::WantsCertificate, clock_ahead: None });
            }
            (answer, _) => answer?,
        };
        let body = String::from_utf8_lossy(&answer.body);
        Ok(Dated { answer: write_probe::outcome(answer.status, location(&answer), &body), clock_ahead })
    }

    async fn probed(&self) -> Result<ProxyAnswer, Failure> {
        match &self.0 {
            Route::Proxy(cluster, service) => {
                cluster
                    .service_proxy(
                        service,
                        Method::POST,
                        write_probe::PATH,
                        &write_probe::HEADERS,
                        Vec::new(),
                    )
                    .await
            }
            Route::Public(endpoint) => {
                endpoint.send(Method::POST, endpoint.write_path(), &write_probe::HEADERS).await
            }
        }
    }

    async fn get(&self, path: &str) -> Answer<(u16, Vec<u8>)> {
        let answer = self.answer(path).await?;
        Ok((answer.status, answer.body))
    }

    async fn answer(&self, path: &str) -> Result<ProxyAnswer, Failure> {
        match &self.0 {
            Route::Proxy(cluster, service) => {
                cluster.service_proxy(service, Method::GET, path, &[], Vec::new()).await
            }
            Route::Public(endpoint) => endpoint.send(Method::GET, &endpoint.path(path), &[]).await,
        }
    }
}

/// An answer, and how far the clock of whoever gave it is ahead of this machine's, in seconds, where it told the time.
pub(super) struct Dated<T> {
    pub(super) answer: T,
    pub(super) clock_ahead: Option<f64>,
}

/// Both proxies hand through the `Date` of whoever answers, so the clock costs no request of its own.
async fn dated(
    request: impl Future<Output = Result<ProxyAnswer, Failure>>,
) -> Result<(ProxyAnswer, Option<f64>), Failure> {
    let asked = now();
    let answer = request.await?;
    let ahead = answer.date().map(|date| ahead(date, asked, now()));
    Ok((answer, ahead))
}

/// How far a clock is ahead that told this time somewhere between question and answer.
fn ahead(told: jiff::Timestamp, asked: f64, answered: f64) -> f64 {
    told.as_duration().as_secs_f64() - f64::midpoint(asked, answered)
}

/// Where a redirect leads.
fn location(answer: &ProxyAnswer) -> Option<&str> {
    answer.headers.get(http::header::LOCATION)?.to_str().ok()
}

/// Seconds since 1970, by this machine's clock.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_compared_with_the_middle_of_the_request() {
        let told = jiff::fmt::rfc2822::parse("Fri, 15 Jan 2027 08:00:30 GMT").expect("a date").timestamp();
        let same = 1_800_000_030.0;
        assert!(ahead(told, same - 1.0, same + 1.0).abs() < 1e-6);
        assert!((ahead(told, same - 62.0, same - 58.0) - 60.0).abs() < 1e-6);
        assert!((ahead(told, same + 30.0, same + 30.0) + 30.0).abs() < 1e-6);
    }
}
