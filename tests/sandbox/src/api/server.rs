//! Accepts TLS connections, and serves HTTP/2 or HTTP/1.1 on them, as the client speaks.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::HOST;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::line::{Cut, Line};
use super::{Api, lifecycle, router};
use crate::faults::Listening;

/// The names under which the API server is known.
const NAMES: &[&str] = &["kubernetes", "kubernetes.default.svc", "localhost", "127.0.0.1"];

/// A running API server. It ends when this is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate authority that a client has to trust.
    pub ca_pem: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    pub(super) async fn start(api: Arc<Api>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(api.authority.api_server(NAMES)?);
        let ca_pem = api.authority.pem().to_owned();
        let listening = api.faults.listening();
        let mut tasks = lifecycle::start(&api);
        tasks.push(tokio::spawn(run(router::router(api), acceptor, listener, address, listening)));
        Ok(Self { address, ca_pem, tasks })
    }

    /// The URL, as a kubeconfig names it.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Listens whenever it is to listen; the port stays the same.
async fn run(
    router: Router,
    acceptor: TlsAcceptor,
    first: TcpListener,
    address: SocketAddr,
    mut listening: watch::Receiver<Listening>,
) {
    let mut listener = Some(first);
    loop {
        if listening.wait_for(|state| *state == Listening::Yes).await.is_err() {
            return;
        }
        let current = match listener.take() {
            Some(listener) => listener,
            None => again(address).await,
        };
        accept(&router, &acceptor, &current, &mut listening).await;
    }
}

/// The same port as before, as soon as nobody else has it: whoever dialled out meanwhile may have been given it.
async fn again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves until the port is to be closed; then the open connections are gone, too.
async fn accept(
    router: &Router,
    acceptor: &TlsAcceptor,
    listener: &TcpListener,
    listening: &mut watch::Receiver<Listening>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(router.clone(), acceptor.clone(), stream));
            },
            Some(_) = connections.join_next() => {}
            _ = listening.wait_for(|state| *state == Listening::No) => return,
        }
    }
}

async fn connection(router: Router, acceptor: TlsAcceptor, stream: TcpStream) {
    let cut = Cut::default();
    stream.set_nodelay(true).ok();
    let Ok(stream) = acceptor.accept(Line::new(stream, cut.clone())).await else { return };
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(cut.clone());
        // HTTP/2 has the name in another place.
        if let Some(authority) = request.uri().authority().and_then(|name| name.as_str().parse().ok()) {
            request.headers_mut().entry(HOST).or_insert(authority);
        }
        router.clone().oneshot(request)
    });
    // A connection that breaks is the client's to notice.
    let server = auto::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}
