//! Sending one request: in time, with its status and its body kept, whatever they are.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use hyper_util::client::legacy::connect::capture_connection;
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};

use super::connect::{Cluster, Login};
use super::failure::{Asked, Cause, Failure, api_status, of_status, of_transport};
use super::line::Line;
use super::retry::{Repeat, pause};

/// A request as this room thinks of it.
pub(super) struct Call {
    pub(super) asked: Asked,
    pub(super) method: Method,
    /// Path and query, encoded.
    pub(super) url: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
    pub(super) repeat: Repeat,
}

impl Call {
    /// A read.
    pub(super) fn get(asked: Asked, url: String) -> Self {
        let headers = vec![(header::ACCEPT, HeaderValue::from_static("application/json"))];
        Self { asked, method: Method::GET, url, headers, body: Vec::new(), repeat: Repeat::Allowed }
    }

    /// A write, with its body as JSON.
    pub(super) fn write(
        asked: Asked,
        method: Method,
        url: String,
        content_type: &'static str,
        body: &serde_json::Value,
    ) -> Self {
        let headers = vec![
            (header::ACCEPT, HeaderValue::from_static("application/json")),
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        ];
        Self { asked, method, url, headers, body: body.to_string().into_bytes(), repeat: Repeat::Never }
    }

    fn request(&self) -> Result<Request<Body>, Cause> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.url)
            .body(Body::from(self.body.clone()))
            .map_err(|error| Cause::NotSent(error.to_string()))?;
        request.headers_mut().extend(self.headers.iter().cloned());
        Ok(request)
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON. What it says is not quoted when it cannot be read: it may be secret.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Cause> {
        serde_json::from_slice(&self.body).map_err(|error| Cause::unreadable(&self.body, &error))
    }
}

impl Cluster {
    /// Sends and gives back any answer; a failure is only that there was none. The request timeout bounds everything:
    /// connecting, waiting, repeating, reading the body.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let login = self.login();
        let answer = Box::pin(self.send_as(&login, call)).await?;
        // Some services behind the API server ask for a login of their own.
        let is_refused = answer.status == StatusCode::UNAUTHORIZED && api_status(&answer.body).is_some();
        if !is_refused {
            login.is_taken();
            return Ok(answer);
        }
        // A token ends after a while. Who was refused has done nothing, so a write may be sent again, too.
        match self.log_in_again(&login) {
            Some(login) => Box::pin(self.send_as(&login, call)).await,
            None => Ok(answer),
        }
    }

    async fn send_as(&self, login: &Login, call: &Call) -> Result<Answer, Failure> {
        // Logging in may ask a person something: that is not the server's time.
        let client = self.client_of(login).await.map_err(|cause| self.failure(&call.asked, cause))?;
        let work = async {
            let mut already = 0;
            loop {
                let answer = self.once(&client, &login.line, call).await?;
                let pause = match call.repeat {
                    Repeat::Allowed => pause(answer.status, &answer.headers, already),
                    Repeat::Never => None,
                };
                let Some(pause) = pause else { return Ok(answer) };
                already += 1;
                tokio::time::sleep(pause).await;
            }
        };
        let answer = match self.request_timeout() {
            Some(limit) => timeout(limit, work).await.unwrap_or(Err(Cause::TimedOut(limit))),
            None => work.await,
        };
        answer.map_err(|cause| self.failure(&call.asked, cause))
    }

    /// Sends, and takes every answer but 2xx for a failure.
    pub(super) async fn ask(&self, call: &Call) -> Result<Answer, Failure> {
        let answer = self.send(call).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(self.refusal(call, &answer)) }
    }

    /// The failure that an answer other than 2xx is.
    pub(super) fn refusal(&self, call: &Call, answer: &Answer) -> Failure {
        self.failure(&call.asked, of_status(call, answer))
    }

    pub(super) fn failure(&self, asked: &Asked, cause: Cause) -> Failure {
        Failure {
            asked: asked.clone(),
            context: self.context().to_owned(),
            server: self.server().to_owned(),
            cause,
        }
    }

    async fn once(&self, client: &kube::Client, line: &Line, call: &Call) -> Result<Answer, Cause> {
        let begun = Instant::now();
        let answer = self.sent(client, line, call).await;
        let (method, url, took) = (&call.method, format!("{}{}", self.server(), call.url), begun.elapsed());
        match &answer {
            Ok(answer) => {
                let (status, length) = (answer.status.as_u16(), answer.body.len());
                tracing::debug!("{method} {url} {status} in {} ms, {length} bytes", took.as_millis());
            }
            Err(cause) => tracing::debug!("{method} {url} failed after {} ms: {cause}", took.as_millis()),
        }
        answer
    }

    async fn sent(&self, client: &kube::Client, line: &Line, call: &Call) -> Result<Answer, Cause> {
        let mut request = call.request()?;
        let connected = capture_connection(&mut request);
        let response =
            async { client.send(request).await.map_err(|error| of_transport(&error, self.dial())) };
        let response = line.carry(connected, response).await?;
        let (mut parts, body) = response.into_parts();
        let body = body.collect_bytes().await.map_err(|error| of_transport(&error, self.dial()))?;
        let mut body = Vec::from(body);
        // Only what is not a success is ever quoted.
        if !parts.status.is_success() {
            body = self.own().without(body);
            self.own().without_in(&mut parts.headers);
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}
