//! The forward proxy of one asker: requests with an absolute URI, and CONNECT.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::forward::{self, Body};
use super::resolve::resolve;
use super::{Asker, Network, Proxy};
use crate::journal::Ticket;

/// Starts a proxy on a port of the system's choice.
pub(super) async fn start(network: Network, asker: Asker) -> io::Result<Proxy> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let context = Arc::new((network, asker));
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(Arc::clone(&context), stream));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok(Proxy { address, task })
}

async fn connection(context: Arc<(Network, Asker)>, stream: TcpStream) {
    let service = service_fn(move |request| {
        let context = Arc::clone(&context);
        async move { Ok::<_, Infallible>(answer(&context.0, &context.1, request).await) }
    });
    // A connection that breaks is the client's to notice.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

async fn answer(network: &Network, asker: &Asker, mut request: Request<Incoming>) -> Response<Body> {
    let uri = request.uri().clone();
    let Some(host) = uri.host() else {
        return forward::text(StatusCode::BAD_REQUEST, "this is a forward proxy\n");
    };
    let default = if request.method() == Method::CONNECT { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(default);
    let address = match resolve(network, asker, host, port) {
        Ok(address) => address,
        Err(unreachable) => return failed(&unreachable.message(host, port)),
    };
    let ticket = match asker {
        Asker::Host => Some(network.outside.begin(request.method().as_str(), &uri.to_string(), "")),
        Asker::Pod { .. } => None,
    };
    if request.method() == Method::CONNECT {
        return tunnel(address, request, ticket).await;
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().unwrap_or_default();
    forward::send(address, request)
        .await
        .unwrap_or_else(|error| forward::text(StatusCode::BAD_GATEWAY, format!("{error}\n")))
}

/// Why nothing is there. Whoever asks for a tunnel is told in the reason of the status, which Go gives as its error: so
/// a log says what it would say without a proxy.
fn failed(message: &str) -> Response<Body> {
    let mut response = forward::text(StatusCode::BAD_GATEWAY, message.to_owned());
    if let Ok(reason) = ReasonPhrase::try_from(message.trim_end().as_bytes()) {
        response.extensions_mut().insert(reason);
    }
    response
}

/// The ticket ends with the connection.
async fn tunnel(address: SocketAddr, request: Request<Incoming>, ticket: Option<Ticket>) -> Response<Body> {
    let mut target = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => return forward::text(StatusCode::BAD_GATEWAY, format!("{error}\n")),
    };
    tokio::spawn(async move {
        if let Ok(upgraded) = hyper::upgrade::on(request).await {
            let _ = copy_bidirectional(&mut TokioIo::new(upgraded), &mut target).await;
            drop(ticket);
        }
    });
    let mut response = forward::text(StatusCode::OK, "");
    response.headers_mut().clear();
    response
}
