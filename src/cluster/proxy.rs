//! Requests to a Service through the API server: nothing but the API server must be reachable from here.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::address::{self, encoded};
use super::connect::Cluster;
use super::failure::{Asked, Cause, Failure, Upstream, api_status};
use super::request::{Answer, Call};
use super::resource::{PROXY, SERVICE};
use super::retry::Repeat;

/// How the API server speaks to the pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    Http,
    Https,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    pub namespace: String,
    pub name: String,
    /// Number or name.
    pub port: String,
    pub scheme: Scheme,
}

/// What the process behind a Service answered, whatever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAnswer {
    pub status: u16,
    pub body: Vec<u8>,
    pub headers: HeaderMap,
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.namespace, self.name, self.port)
    }
}

impl ServicePort {
    /// What a rule about requests to it has to name.
    pub fn rule_name(&self) -> String {
        self.parts().join(":")
    }

    fn parts(&self) -> [&str; 3] {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        [scheme, &self.name, &self.port]
    }
}

impl ProxyAnswer {
    /// The clock of whoever answered, from the `Date` header.
    pub fn date(&self) -> Option<jiff::Timestamp> {
        let date = self.headers.get(http::header::DATE)?.to_str().ok()?;
        jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp())
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Cluster {
    /// Sends one request, once, to the process behind a Service.
    ///
    /// # Errors
    ///
    /// Only what is not the process's own answer: the API server refuses, or finds nobody behind the Service, which is
    /// [`Cause::Upstream`]. A 404 or a 500 of the process itself is an answer.
    pub async fn service_proxy(
        &self,
        service: &ServicePort,
        method: Method,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<ProxyAnswer, Failure> {
        let asked = Asked {
            verb: if method == Method::GET { "get" } else { "create" },
            resource: format!("{SERVICE}/{PROXY}"),
            namespace: Some(service.namespace.clone()),
            name: Some(service.name.clone()),
        };
        let headers = checked(headers).map_err(|cause| self.failure(&asked, cause))?;
        let url = url(service, path_and_query);
        let call = Call { asked, method, url, headers, body, repeat: Repeat::Never };
        let answer = self.send(&call).await?;
        match self.own_words(&call, &answer) {
            Some(cause) => Err(self.failure(&call.asked, cause)),
            None => {
                Ok(ProxyAnswer { status: answer.status.as_u16(), body: answer.body, headers: answer.headers })
            }
        }
    }

    /// The cause, where it is the API server that speaks and not the process behind it.
    fn own_words(&self, call: &Call, answer: &Answer) -> Option<Cause> {
        if answer.status.is_success() {
            return None;
        }
        let message = match api_status(&answer.body) {
            Some(status) => status.message,
            None => plain_words(answer)?,
        };
        if message.contains("no endpoints available") {
            return Some(Cause::Upstream(Upstream::NoEndpoints));
        }
        if let Some(cause) = cut(&message, "rror trying to reach service: ") {
            return Some(Cause::Upstream(Upstream::CannotConnect(cause)));
        }
        Some(self.refusal(call, answer).cause)
    }
}

/// What an API server says without a `Status`: older ones when they cannot connect, all of them when they are busy.
fn plain_words(answer: &Answer) -> Option<String> {
    let text = std::str::from_utf8(&answer.body).ok()?.trim();
    let unreachable = answer.status == StatusCode::SERVICE_UNAVAILABLE
        && text.starts_with("Error trying to reach service: ");
    let busy = answer.status == StatusCode::TOO_MANY_REQUESTS
        && text == "Too many requests, please try again later.";
    (unreachable || busy).then(|| text.to_owned())
}

fn cut(message: &str, before: &str) -> Option<String> {
    let (_, cause) = message.split_once(before)?;
    Some(cause.trim_matches('\'').to_owned())
}

fn url(service: &ServicePort, path_and_query: &str) -> String {
    let services = address::collection(&SERVICE, Some(&service.namespace));
    let [scheme, name, port] = service.parts().map(encoded);
    format!("{services}/{scheme}:{name}:{port}/{PROXY}/{}", path_and_query.trim_start_matches('/'))
}

/// A value may be a credential: it is marked, and never part of an error.
pub(super) fn checked(headers: &[(&str, &str)]) -> Result<Vec<(HeaderName, HeaderValue)>, Cause> {
    let mut checked = Vec::new();
    for (name, value) in headers {
        let unusable = || Cause::NotSent(format!("the header {name} cannot be sent"));
        let mut value = HeaderValue::from_str(value).map_err(|_| unusable())?;
        value.set_sensitive(true);
        checked.push((name.parse().map_err(|_| unusable())?, value));
    }
    Ok(checked)
}
