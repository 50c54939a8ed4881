//! The proxy to services, pods and nodes: how one reads a Prometheus through the API server.

use std::net::SocketAddr;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::call::Call;
use super::status::Failure;
use crate::objects;
use crate::store::Key;

/// Headers that are about one connection and not about what it carries; and the one that would have a pod compress an
/// answer in which the node still has paths to map.
const HOP: &[&str] = &[
    "accept-encoding",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
];

/// How one speaks to a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    /// Nothing in a sandbox does.
    Https,
}

/// Where a request is to go: the pod's address and port.
#[derive(Debug, PartialEq, Eq)]
struct Destination {
    ip: String,
    port: u16,
    scheme: Scheme,
}

/// Passes the request on, and the answer back.
pub(super) async fn proxy(call: &Call, query: Option<&str>, body: Vec<u8>) -> Result<Response, Failure> {
    if call.kind.name == "Node" {
        return node(call, call.resource.rest.as_deref().unwrap_or_default());
    }
    let to = destination(call)?;
    match call.resource.rest.as_deref() {
        Some(path) => send(call, to, path, query, body).await,
        None if call.method == Method::GET => {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let location = format!("{}/{query}", own_path(call));
            Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response())
        }
        None => send(call, to, "", query, body).await,
    }
}

fn own_path(call: &Call) -> String {
    let plural = call.kind.plural;
    match call.namespace() {
        Some(namespace) => format!("/api/v1/namespaces/{namespace}/{plural}/{}/proxy", call.name()),
        None => format!("/api/v1/{plural}/{}/proxy", call.name()),
    }
}

fn node(call: &Call, path: &str) -> Result<Response, Failure> {
    call.read()?;
    match call.api.backend.kubelet(call.name(), path) {
        Some(text) => {
            let form = "text/plain; version=0.0.4; charset=utf-8";
            Ok((StatusCode::OK, [(header::CONTENT_TYPE, form)], text).into_response())
        }
        None => Err(Failure::no_path()),
    }
}

/// `[SCHEME:]NAME[:PORT]`, taken apart.
fn reference(text: &str) -> Result<(&str, &str, &str), Failure> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [name] => Ok(("", name, "")),
        [name, port] => Ok(("", name, port)),
        [scheme @ ("http" | "https" | ""), name, port] => Ok((scheme, name, port)),
        _ => Err(Failure::bad_request(format!("invalid service request {text:?}"))),
    }
}

fn destination(call: &Call) -> Result<Destination, Failure> {
    let (scheme, name, port) = reference(call.name())?;
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    let namespace = call.namespace().unwrap_or_default();
    let missing = || Failure::not_found(call.kind, name);
    if call.kind.name == "Pod" {
        return pod(&call.api.store.get(&call.key_of(name)).ok_or_else(missing)?, port, scheme);
    }
    let port = match port.parse() {
        Ok(number) => {
            service_port(&call.api.store.get(&call.key_of(name)).ok_or_else(missing)?, name, number)?
        }
        Err(_) => port.to_owned(),
    };
    // Where nothing is known about what is behind it, it is the Service that is said to be missing.
    let endpoints =
        call.api.store.get(&Key::namespaced("", "endpoints", namespace, name)).ok_or_else(missing)?;
    let nobody = |what: &str| Failure::unavailable(format!("no endpoints available for service {what:?}"));
    if objects::items(&endpoints["subsets"]).next().is_none() {
        return Err(nobody(name));
    }
    let is_pod = |address: &Value| is_pod(call, namespace, address);
    let (ip, port) = endpoint(&endpoints, &port, is_pod).ok_or_else(|| nobody(call.name()))?;
    Ok(Destination { ip, port, scheme })
}

/// A request is passed on to pods only, whatever somebody wrote into the endpoints.
fn is_pod(call: &Call, namespace: &str, address: &Value) -> bool {
    let target = &address["targetRef"];
    let name = target["name"].as_str().filter(|_| target["namespace"] == namespace).unwrap_or_default();
    let pod = call.api.store.get(&Key::namespaced("", "pods", namespace, name)).unwrap_or_default();
    let status = &pod["status"];
    let mut ips = objects::items(&status["podIPs"]).map(|entry| &entry["ip"]).chain([&status["podIP"]]);
    ips.any(|ip| ip.is_string() && *ip == address["ip"])
}

/// The name of the port with this number; a service's only port may have no name.
fn service_port(service: &Value, name: &str, number: u64) -> Result<String, Failure> {
    match objects::items(&service["spec"]["ports"]).find(|candidate| candidate["port"] == number) {
        Some(found) => Ok(found["name"].as_str().unwrap_or_default().to_owned()),
        None => Err(Failure::unavailable(format!("no service port {number} found for service {name:?}"))),
    }
}

/// A ready address with the port of this name.
fn endpoint(endpoints: &Value, port: &str, is_pod: impl Fn(&Value) -> bool) -> Option<(String, u16)> {
    objects::items(&endpoints["subsets"]).find_map(|subset| {
        let ports = &mut objects::items(&subset["ports"]);
        let found = ports.find(|candidate| candidate["name"].as_str().unwrap_or_default() == port)?;
        let address = objects::items(&subset["addresses"]).find(|address| is_pod(address))?;
        Some((address["ip"].as_str()?.to_owned(), u16::try_from(found["port"].as_u64()?).ok()?))
    })
}

fn pod(pod: &Value, port: &str, scheme: Scheme) -> Result<Destination, Failure> {
    let containers = pod["spec"]["containers"].as_array();
    let ports = || containers.into_iter().flatten().flat_map(|c| c["ports"].as_array().into_iter().flatten());
    let number = match port {
        "" => ports().find_map(|port| port["containerPort"].as_u64()),
        text => text.parse().ok().or_else(|| {
            ports()
                .find(|candidate| candidate["name"] == text)
                .and_then(|port| port["containerPort"].as_u64())
        }),
    };
    let ip = pod["status"]["podIP"].as_str().filter(|ip| !ip.is_empty());
    let port = number.map_or(Some(80), |number| u16::try_from(number).ok());
    match (ip, port) {
        (Some(ip), Some(port)) => Ok(Destination { ip: ip.to_owned(), port, scheme }),
        _ => Err(Failure::bad_request("address not allowed")),
    }
}

async fn send(
    call: &Call,
    to: Destination,
    path: &str,
    query: Option<&str>,
    body: Vec<u8>,
) -> Result<Response, Failure> {
    let unreachable = |why: &str| {
        let dial = format!("dial tcp {}:{}: connect: {why}", to.ip, to.port);
        Failure::unavailable(format!("error trying to reach service: {dial}"))
    };
    let address: SocketAddr =
        call.api.backend.dial(&to.ip, to.port).ok_or_else(|| unreachable("connection refused"))?;
    let stream = TcpStream::connect(address).await.map_err(|_| unreachable("connection refused"))?;
    if to.scheme == Scheme::Https {
        let why = "http: server gave HTTP response to HTTPS client";
        return Err(Failure::unavailable(format!("error trying to reach service: {why}")));
    }
    let broken = |error: &hyper::Error| {
        let why = if error.is_incomplete_message() { "EOF".to_owned() } else { error.to_string() };
        Failure::unavailable(format!("error trying to reach service: {why}"))
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| broken(&e))?;
    tokio::spawn(connection);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = Request::builder()
        .method(call.method.clone())
        .uri(format!("/{path}{query}"))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| Failure::bad_request(error.to_string()))?;
    pass(&call.headers, request.headers_mut());
    // What is asked keeps the name by which the API server was asked.
    if let Some(host) = call.headers.get(header::HOST) {
        request.headers_mut().insert(header::HOST, host.clone());
    }
    let own = format!("{}/{path}", own_path(call));
    if let Ok(own) = HeaderValue::try_from(own) {
        request.headers_mut().insert("x-forwarded-uri", own);
    }
    let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|error| broken(&error))?.to_bytes();
    let bytes = call.api.backend.answer(&to.ip, bytes.to_vec());
    let mut answer = Response::new(Body::from(bytes));
    *answer.status_mut() = parts.status;
    pass(&parts.headers, answer.headers_mut());
    // What leads somewhere behind the Service leads there through the proxy.
    let location = parts.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    if let Some(path) = location.filter(|location| location.starts_with('/'))
        && let Ok(location) = HeaderValue::try_from(format!("{}{path}", own_path(call)))
    {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

/// Copies the headers that are not about the connection and not about the caller's identity.
fn pass(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        let private = *name == header::AUTHORIZATION || name.as_str().starts_with("impersonate-");
        if !private && !HOP.contains(&name.as_str()) {
            to.append(HeaderName::from(name), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ports_are_found_by_name_and_by_number() {
        let service = json!({"spec": {"ports": [{"name": "http", "port": 80, "targetPort": 9090}]}});
        let endpoints = json!({"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"name": "http", "port": 9090}]}]});
        assert_eq!(service_port(&service, "s", 80).unwrap(), "http");
        assert_eq!(endpoint(&endpoints, "http", |_| true), Some(("10.0.0.1".to_owned(), 9090)));
        let failure = service_port(&service, "s", 81).unwrap_err();
        assert_eq!(failure.status()["message"], "no service port 81 found for service \"s\"");
        let not_ready = json!({"subsets": [{"notReadyAddresses": [{"ip": "10.0.0.1"}]}]});
        assert_eq!(endpoint(&not_ready, "", |_| true), None);
        assert_eq!(endpoint(&endpoints, "http", |_| false), None);
    }

    #[test]
    fn references() {
        assert_eq!(reference("http:s:80").unwrap(), ("http", "s", "80"));
        assert_eq!(reference("s:web").unwrap(), ("", "s", "web"));
        assert_eq!(reference("http:s:").unwrap(), ("http", "s", ""));
        assert!(reference("ftp:s:80").is_err());
    }
}
