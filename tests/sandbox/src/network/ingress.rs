//! The ingress of one cluster: what Envoy does for Contour.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::forward::{self, Body};
use super::{Ingress, Member, Network, NetworkFault, contour, resolve, route, tls};
use crate::objects;
use crate::site::Site;
use crate::store::{Key, Store};

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form action=\"/login\"></form></body></html>\n";

/// Which of the two ports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Starts both listeners.
pub(super) async fn start(
    network: Network,
    number: u8,
    site: Site,
) -> io::Result<(Ingress, [JoinHandle<()>; 2])> {
    let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let ingress = Ingress { http: plain.local_addr()?, https: secure.local_addr()? };
    let tasks = [
        tokio::spawn(accept(network.clone(), number, plain, None)),
        tokio::spawn(accept(network, number, secure, Some(site.store))),
    ];
    Ok((ingress, tasks))
}

async fn accept(network: Network, number: u8, listener: TcpListener, certificates: Option<Store>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (network, certificates) = (network.clone(), certificates.clone());
                connections.spawn(async move {
                    match certificates {
                        None => serve(network, number, Scheme::Http, stream).await,
                        Some(store) => if let Some(stream) = tls::accept(&store, stream).await {
                            serve(network, number, Scheme::Https, stream).await;
                        },
                    }
                });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(network: Network, number: u8, scheme: Scheme, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let network = Arc::new(network);
    let service = service_fn(move |request| {
        let network = Arc::clone(&network);
        async move {
            // Whoever was connected before is cut off, too.
            if network.faults.get(&host(&request)) == Some(NetworkFault::Refuse) {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            let mut response = answer(&network, number, scheme, request).await;
            response.headers_mut().insert(header::SERVER, HeaderValue::from_static("envoy"));
            Ok(response)
        }
    });
    // A connection that breaks is the client's to notice.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    network: &Network,
    number: u8,
    scheme: Scheme,
    mut request: Request<Incoming>,
) -> Response<Body> {
    let host = host(&request);
    match network.faults.get(&host) {
        Some(NetworkFault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return forward::text(status, format!("{}\n", status.canonical_reason().unwrap_or_default()));
        }
        Some(NetworkFault::LoginPage) => {
            let mut page = forward::text(StatusCode::OK, LOGIN_PAGE);
            page.headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            return page;
        }
        Some(NetworkFault::Delay(time)) => tokio::time::sleep(time).await,
        _ => {}
    }
    let found = network.member(number).and_then(|member| {
        let proxy = contour::served(&member.site.store, &host)?;
        Some((member, proxy))
    });
    let Some((member, proxy)) = found else { return forward::text(StatusCode::NOT_FOUND, "") };
    if scheme == Scheme::Http && !proxy["spec"]["virtualhost"]["tls"].is_null() {
        return redirect(&host, request.uri());
    }
    let header = |name: &str| match name {
        ":path" => request.uri().path_and_query().map(ToString::to_string),
        _ => request.headers().get(name)?.to_str().ok().map(str::to_owned),
    };
    let (service, port, path) = match route::route(&proxy, request.uri().path(), header) {
        None => return forward::text(StatusCode::NOT_FOUND, ""),
        Some(route::Route::Direct { status, body }) => {
            return forward::text(StatusCode::from_u16(status).unwrap_or_default(), body);
        }
        Some(route::Route::To { service, port, path }) => (service, port, path),
    };
    let key = Key::namespaced("", "services", objects::namespace(&proxy), &service);
    // Contour has no route to a Service that is not there.
    let Some(service) = member.site.store.get(&key) else {
        return forward::text(StatusCode::SERVICE_UNAVAILABLE, "");
    };
    let Some(address) = upstream(&member, &service, port) else {
        return forward::text(StatusCode::SERVICE_UNAVAILABLE, "no healthy upstream");
    };
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    *request.uri_mut() = format!("{path}{query}").parse::<Uri>().unwrap_or_default();
    let forwarded = if scheme == Scheme::Https { "https" } else { "http" };
    request.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static(forwarded));
    forward::send(address, request).await.unwrap_or_else(|_| {
        let text =
            "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
        forward::text(StatusCode::SERVICE_UNAVAILABLE, text)
    })
}

fn host(request: &Request<Incoming>) -> String {
    let header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    header.rsplit_once(':').map_or(header, |(host, _)| host).to_ascii_lowercase()
}

fn redirect(host: &str, uri: &Uri) -> Response<Body> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut response = forward::text(StatusCode::MOVED_PERMANENTLY, "");
    if let Ok(location) = HeaderValue::try_from(format!("https://{host}{path}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Where a ready pod of a Service listens.
fn upstream(member: &Member, service: &Value, port: u16) -> Option<std::net::SocketAddr> {
    let (ip, port) = resolve::endpoint(member, service, port)?;
    member.node.upgrade()?.dial(&ip, port)
}
