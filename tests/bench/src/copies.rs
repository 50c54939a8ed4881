//! Clusters that are copies of one: each is a port that answers what that one answered, with another name and UID.
//!
//! A real API server for each of a thousand clusters would measure the servers. These do no more than TLS and look up
//! what was asked.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use promfed_sandbox::Cluster;
use promfed_sandbox::kubeconfig::Kubeconfig;
use promfed_sandbox::tls::Authority;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::program::Place;

/// The name of the cluster that is copied, as long as those of the copies.
pub(crate) const NAME: &str = "site-0000";

/// What each has under `metadata.uid` of this namespace tells one cluster from another.
const SYSTEM: &str = "/api/v1/namespaces/kube-system";

/// A cluster that can be copied.
pub(crate) struct Copies {
    runtime: Runtime,
    authority: Authority,
    token: String,
    recorded: Arc<Recorded>,
}

/// What it answered.
struct Recorded {
    answers: HashMap<String, Answer>,
    delay: Duration,
    /// What was asked and is not known.
    unknown: Mutex<Vec<String>>,
}

struct Answer {
    status: u16,
    form: &'static str,
    body: String,
}

impl Copies {
    /// Copies what a cluster was asked since its journal began.
    pub(crate) fn of(cluster: &Cluster, place: &Place, delay: Duration) -> io::Result<Self> {
        let mut answers = HashMap::new();
        for record in cluster.api.journal.matching(promfed_sandbox::journal::Record::is_of_a_person) {
            if record.method != "GET" {
                return Err(io::Error::other(format!("{} {} cannot be copied", record.method, record.path)));
            }
            let status = record.status.unwrap_or(500);
            let form = if record.path.ends_with("/metrics") { "text/plain" } else { "application/json" };
            let body = if status == 200 {
                place.succeed("kubectl", &["get", "--raw", &record.path, "--context", &cluster.context])?
            } else {
                not_found(status)
            };
            answers.insert(record.path, Answer { status, form, body });
        }
        Ok(Self {
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?,
            authority: Authority::new("copies")?,
            token: cluster.api.access.admin_token().to_owned(),
            recorded: Arc::new(Recorded { answers, delay, unknown: Mutex::default() }),
        })
    }

    /// Makes so many. They answer until the process ends.
    pub(crate) fn kubeconfig(&self, count: usize) -> io::Result<Kubeconfig> {
        let acceptor = TlsAcceptor::from(self.authority.api_server(&["localhost", "127.0.0.1"])?);
        (1..=count).try_fold(Kubeconfig::new(), |config, number| {
            let listener = self.runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
            let name = format!("site-{number:04}");
            let url = format!("https://{}", listener.local_addr()?);
            let (recorded, acceptor) = (Arc::clone(&self.recorded), acceptor.clone());
            self.runtime.spawn(serve(listener, acceptor, recorded, number));
            Ok(config.entry(&name, &url, self.authority.pem(), &self.token))
        })
    }

    /// Whether nothing was asked that the one was not: it would not be measured.
    pub(crate) fn were_asked_what_they_know(&self) -> io::Result<()> {
        let unknown = self.recorded.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.first().map_or(Ok(()), |path| Err(io::Error::other(format!("nobody recorded {path}"))))
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, recorded: Arc<Recorded>, number: usize) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, recorded) = (acceptor.clone(), Arc::clone(&recorded));
        // A connection that breaks is the client's to notice.
        tokio::spawn(async move { answer(stream, acceptor, recorded, number).await.ok() });
    }
}

/// Answers what comes on a connection, each request after the delay.
async fn answer(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    recorded: Arc<Recorded>,
    number: usize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = TokioIo::new(acceptor.accept(stream).await?);
    let service = service_fn(move |request: Request<Incoming>| {
        let recorded = Arc::clone(&recorded);
        async move {
            tokio::time::sleep(recorded.delay).await;
            let path = request.uri().path_and_query().map_or("", PathAndQuery::as_str);
            recorded.response(path, number)
        }
    });
    let served = auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await;
    served.map_err(io::Error::other)
}

impl Recorded {
    fn response(&self, path: &str, number: usize) -> http::Result<Response<String>> {
        let Some(Answer { status, form, body }) = self.answers.get(path) else {
            self.unknown.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
            return Response::builder().status(StatusCode::NOT_FOUND).body(String::new());
        };
        let body = if *form == "text/plain" {
            renamed(body, number)
        } else {
            copied(path, body, number).unwrap_or_else(|| renamed(body, number))
        };
        Response::builder().status(*status).header(CONTENT_TYPE, *form).body(body)
    }
}

/// An object with the copy's UID and name, also in what is encoded; `None` where that is nothing of its own.
fn copied(path: &str, body: &str, number: usize) -> Option<String> {
    if path == SYSTEM {
        let mut namespace: Value = serde_json::from_str(body).ok()?;
        namespace["metadata"]["uid"] = json!(format!("00000000-0000-4000-8000-{number:012}"));
        return Some(namespace.to_string());
    }
    if !path.contains("/secrets/") {
        return None;
    }
    let mut secret: Value = serde_json::from_str(body).ok()?;
    for value in secret["data"].as_object_mut()?.values_mut() {
        let text = String::from_utf8(STANDARD.decode(value.as_str()?).ok()?).ok()?;
        *value = json!(STANDARD.encode(renamed(&text, number)));
    }
    Some(secret.to_string())
}

fn renamed(text: &str, number: usize) -> String {
    text.replace(NAME, &format!("site-{number:04}"))
}

fn not_found(status: u16) -> String {
    let reason = if status == 404 { "NotFound" } else { "Forbidden" };
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status})
        .to_string()
}
