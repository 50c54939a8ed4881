//! A running Prometheus, asked through its API server or at its public URL.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http::Method;
use serde_json::Value;

use crate::cluster::{Cluster, Endpoint, Failure, ProxyAnswer, ServicePort};
use crate::domain::ClusterName;
use crate::error::Error;
use crate::prometheus::metrics::{Delivery, Page};
use crate::prometheus::promql::{self, Question};
use crate::prometheus::write_probe::{self, Outcome};
use crate::prometheus::{HubType, Version, api};
use crate::yaml;

/// A Prometheus, or what stands in its place, and the way to it.
#[derive(Clone)]
pub(super) struct Prometheus {
    route: Route,
    /// Who answers, as far as that makes a difference.
    speaks: HubType,
}

#[derive(Clone)]
enum Route {
    /// Through the API server's proxy: needs no ingress, and the rights of the kubeconfig's user.
    Proxy(Cluster, ServicePort),
    /// At URLs, as far as they are known: where agents write to, and where that is asked for.
    Public { write: Option<Endpoint>, read: Option<Endpoint> },
}

/// Why a Prometheus did not answer as one.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("{0}")]
    Route(Box<Failure>),
    #[error("{0}")]
    Unusable(#[from] api::Unusable),
    /// Nobody said where: which option does.
    #[error("no URL is known to ask it at ({0} names one)")]
    NoUrl(&'static str),
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
            NoAnswer::NoUrl(_) => Self::failed(no_answer.to_string()),
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
        Self { route: Route::Proxy(cluster, service), speaks: HubType::Prometheus }
    }

    /// At the URLs that are known.
    pub(super) fn at(write: Option<Endpoint>, read: Option<Endpoint>) -> Self {
        Self { route: Route::Public { write, read }, speaks: HubType::Prometheus }
    }

    /// The same, asked in the words of whoever answers.
    #[must_use]
    pub(super) fn speaking(self, speaks: HubType) -> Self {
        Self { speaks, ..self }
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

    /// What answers; `None` where promfed knows nothing of it.
    pub(super) async fn told_type(&self) -> Answer<Option<HubType>> {
        let (status, body) = self.get(api::BUILD_INFO).await?;
        Ok(HubType::of_build_info(&api::data(status, &body)?))
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
        Ok(self.metrics().await?.delivery())
    }

    /// What the process says of itself.
    pub(super) async fn metrics(&self) -> Answer<Page> {
        let (status, body) = self.get(api::METRICS).await?;
        if status != 200 {
            return Err(api::Unusable::Foreign { status, begin: "no metrics".to_owned() }.into());
        }
        Ok(Page::read(&String::from_utf8_lossy(&body)))
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
        let (status, body) = self.get(&self.speaks.query(&api::query_path(promql))).await?;
        Ok(api::vector(status, &body)?)
    }

    /// The answer to one of promfed's own questions.
    pub(super) async fn answer_to(&self, question: Question) -> Answer<Vec<api::Series>> {
        self.vector(&self.speaks.promql(question.promql())).await
    }

    /// Whether a question is one for whoever answers: what a Prometheus tells of itself, others call by other names.
    pub(super) fn can_tell(&self, question: Question) -> bool {
        self.speaks == HubType::Prometheus || !question.is_about_the_hub()
    }

    /// Any query, by its path.
    pub(super) async fn result(&self, path: &str) -> Answer<api::QueryResult> {
        let (status, body) = self.get(&self.speaks.query(path)).await?;
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
        let (answer, clock_ahead) = match (dated(self.probed()).await, &self.route) {
            (Err(NoAnswer::Route(failure)), Route::Public { .. }) if failure.is_unauthorized() => {
                return Ok(Dated { answer: Outcome::WantsCertificate, clock_ahead: None });
            }
            (answer, _) => answer?,
        };
        let body = String::from_utf8_lossy(&answer.body);
        Ok(Dated { answer: write_probe::outcome(answer.status, location(&answer), &body), clock_ahead })
    }

    async fn probed(&self) -> Answer<ProxyAnswer> {
        let (headers, path) = (&write_probe::HEADERS, write_probe::PATH);
        Ok(match &self.route {
            Route::Proxy(cluster, service) => {
                cluster.service_proxy(service, Method::POST, path, headers, Vec::new()).await?
            }
            Route::Public { write: Some(write), .. } => {
                write.send(Method::POST, write.path(), headers).await?
            }
            Route::Public { write: None, .. } => return Err(NoAnswer::NoUrl("--hub-url")),
        })
    }

    async fn get(&self, path: &str) -> Answer<(u16, Vec<u8>)> {
        let answer = self.answer(path).await?;
        Ok((answer.status, answer.body))
    }

    async fn answer(&self, path: &str) -> Answer<ProxyAnswer> {
        Ok(match &self.route {
            Route::Proxy(cluster, service) => {
                cluster.service_proxy(service, Method::GET, path, &[], Vec::new()).await?
            }
            Route::Public { read: Some(read), .. } => read.send(Method::GET, &read.below(path), &[]).await?,
            Route::Public { read: None, .. } => return Err(NoAnswer::NoUrl("--query-url")),
        })
    }
}

/// An answer, and how far the clock of whoever gave it is ahead of this machine's, in seconds, where it told the time.
pub(super) struct Dated<T> {
    pub(super) answer: T,
    pub(super) clock_ahead: Option<f64>,
}

/// Both proxies hand through the `Date` of whoever answers, so the clock costs no request of its own.
async fn dated(request: impl Future<Output = Answer<ProxyAnswer>>) -> Answer<(ProxyAnswer, Option<f64>)> {
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
