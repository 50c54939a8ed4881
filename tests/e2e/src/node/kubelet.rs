//! What the API server asks of a kubelet: the logs of containers, and its metrics.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use promfed_sandbox::api::{Backend, Instance, logs};
use promfed_sandbox::node::Node;
use promfed_sandbox::tls::Authority;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Serves at an address, until it is aborted.
pub(crate) async fn run(node: Arc<Node>, name: String, address: SocketAddr) -> io::Result<()> {
    let authority = Authority::new("kubelet-ca")?;
    let acceptor = TlsAcceptor::from(authority.server(&[&address.ip().to_string()])?);
    let listener = TcpListener::bind(address).await?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (acceptor, node, name) = (acceptor.clone(), Arc::clone(&node), name.clone());
                connections.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let response = answer(&node, &name, &request);
                        async { Ok::<_, Infallible>(response) }
                    });
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn answer(node: &Node, name: &str, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().trim_start_matches('/');
    let query = request.uri().query().unwrap_or_default();
    let (status, text) = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["containerLogs", namespace, pod, container] => log(node, namespace, pod, container, query),
        _ => match node.kubelet(name, path) {
            Some(text) => (StatusCode::OK, text),
            None => (StatusCode::NOT_FOUND, "404 page not found\n".to_owned()),
        },
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}

fn log(node: &Node, namespace: &str, pod: &str, container: &str, query: &str) -> (StatusCode, String) {
    let parameter = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    let previous = parameter("previous") == Some("true");
    let instance = if previous { Instance::Previous } else { Instance::Current };
    let number = |name: &str| parameter(name).and_then(|value| value.parse().ok());
    match node.log(namespace, pod, container, instance) {
        Some(log) => (StatusCode::OK, logs::cut(&log, number("tailLines"), number("limitBytes")).to_owned()),
        None if previous => (
            StatusCode::BAD_REQUEST,
            format!("previous terminated container {container:?} in pod {pod:?} not found"),
        ),
        None => (
            StatusCode::BAD_REQUEST,
            format!("container {container:?} in pod {pod:?} is waiting to start: ContainerCreating"),
        ),
    }
}
