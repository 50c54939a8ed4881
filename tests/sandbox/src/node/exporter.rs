//! Containers that only serve metrics: kube-state-metrics and node-exporter.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::pod::Pod;
use super::status::State;
use super::{Node, Phase, container};
use crate::objects;
use crate::state_metrics;
use crate::store::now;

/// Serves until it is told to stop.
pub(super) async fn run(node: Arc<Node>, pod: Arc<Pod>, spec: Value, mut stopping: watch::Receiver<Phase>) {
    let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await else { return };
    let Ok(address) = listener.local_addr() else { return };
    let name = spec["name"].as_str().unwrap_or_default();
    pod.logs.begin(name).line("listening");
    let ports =
        objects::items(&spec["ports"]).filter_map(|port| u16::try_from(port["containerPort"].as_u64()?).ok());
    if let Some(port) = ports.into_iter().next() {
        node.machine.serve(&pod, port, address);
    }
    pod.update(&node, name, |container| {
        container.state = State::Running { since: now() };
        container.ready = true;
    });
    let states = container::image_name(&spec) == "kube-state-metrics";
    let served = Arc::new(AtomicU64::new(0));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(Arc::clone(&node), stream, states, Arc::clone(&served)));
            },
            Some(_) = connections.join_next() => {}
            _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => return,
        }
    }
}

async fn connection(node: Arc<Node>, stream: TcpStream, states: bool, served: Arc<AtomicU64>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let found = request.uri().path() == "/metrics";
        let text = match (found, states) {
            (false, _) => "<a href=\"/metrics\">Metrics</a>\n".to_owned(),
            (true, true) => state_metrics::objects(&node.site),
            (true, false) => state_metrics::machine(&node.site, served.fetch_add(1, Ordering::Relaxed)),
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        if found {
            let form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, form);
        } else {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        async { Ok::<_, Infallible>(response) }
    });
    // A connection that breaks is the client's to notice.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
