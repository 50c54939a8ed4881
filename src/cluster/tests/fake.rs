//! An API server inside the process, without a connection.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http::{Request, Response, header};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use crate::cluster::{Cluster, ConnectOptions};

/// A request as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) method: String,
    /// Path and query.
    pub(super) url: String,
    pub(super) content_type: String,
    pub(super) body: String,
}

/// What the server answers.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        body: String,
    },
    /// Nothing, for ever.
    Silence,
}

pub(super) type Log = Arc<Mutex<Vec<Seen>>>;

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, body.to_string())
    }

    pub(super) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }
}

/// A `Status` object as API servers send it.
pub(super) fn status(code: u16, reason: &str, message: &str, details: Value) -> Reply {
    let mut status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"});
    status["code"] = code.into();
    status["reason"] = reason.into();
    status["message"] = message.into();
    status["details"] = details;
    Reply::json(code, &status)
}

/// A cluster whose server is this function, and the log of what was asked.
pub(super) fn cluster(answer: impl FnMut(&Seen) -> Reply + Send + 'static) -> (Cluster, Log) {
    cluster_with(&ConnectOptions::default(), answer)
}

pub(super) fn cluster_with(
    options: &ConnectOptions,
    answer: impl FnMut(&Seen) -> Reply + Send + 'static,
) -> (Cluster, Log) {
    let log = Log::default();
    let (written, answer) = (log.clone(), Arc::new(Mutex::new(answer)));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (written, answer) = (written.clone(), answer.clone());
        async move {
            let seen = seen(request).await;
            written.lock().unwrap().push(seen.clone());
            let reply = (answer.lock().unwrap())(&seen);
            respond(reply).await
        }
    });
    (Cluster::in_process(Client::new(service, "default"), options), log)
}

async fn seen(request: Request<Body>) -> Seen {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    Seen {
        method: parts.method.to_string(),
        url: parts.uri.to_string(),
        content_type: content_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default(),
        body: String::from_utf8(body.collect_bytes().await.unwrap().to_vec()).unwrap(),
    }
}

async fn respond(reply: Reply) -> Result<Response<Body>, Infallible> {
    match reply {
        Reply::Answer { status, headers, body } => {
            let response =
                headers.iter().fold(Response::builder().status(status), |response, (name, value)| {
                    response.header(*name, *value)
                });
            Ok(response.body(Body::from(body.into_bytes())).unwrap())
        }
        Reply::Silence => std::future::pending().await,
    }
}
