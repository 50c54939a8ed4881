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

/// Where a request is to go: the pod's address and port.
#[derive(Debug, PartialEq, Eq)]
struct Destination {
    ip: String,
    port: u16,
}

/// Passes the request on, and the answer back.
pub(super) async fn proxy(call: &Call, query: Option<&str>, body: Vec<u8>) -> Result<Response, Failure> {
    let Some(path) = call.resource.rest.as_deref() else {
        if call.method == Method::GET {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let location = format!("{}/{query}", own_path(call));
            return Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response());
        }
        return send(call, destination(call)?, "", query, body).await;
    };
    if call.kind.name == "Node" {
        return node(call, path);
    }
    send(call, destination(call)?, path, query, body).await
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
    if scheme == "https" {
        return Err(Failure::unavailable("error trying to reach service: TLS is not supported here"));
    }
    let namespace = call.namespace().unwrap_or_default();
    let object = call.api.store.get(&call.key_of(name)).ok_or_else(|| Failure::not_found(call.kind, name))?;
    if call.kind.name == "Pod" {
        return pod(&object, port);
    }
    let port = service_port(&object, name, port)?;
    let key = Key::namespaced("", "endpoints", namespace, name);
    let endpoints = call.api.store.get(&key).ok_or_else(|| match super::kinds::named("", "Endpoints") {
        Some(kind) => Failure::not_found(kind, name),
        None => Failure::no_path(),
    })?;
    endpoint(&endpoints, &port)
        .ok_or_else(|| Failure::unavailable(format!("no endpoints available for service {:?}", call.name())))
}

/// The name of the port that was asked for by name or by number; a service's only port may have no name.
fn service_port(service: &Value, name: &str, port: &str) -> Result<String, Failure> {
    let Ok(number) = port.parse::<u64>() else { return Ok(port.to_owned()) };
    let ports = service["spec"]["ports"].as_array();
    match ports.into_iter().flatten().find(|candidate| candidate["port"] == number) {
        Some(found) => Ok(found["name"].as_str().unwrap_or_default().to_owned()),
        None => Err(Failure::unavailable(format!("no service port {number} found for service {name:?}"))),
    }
}

/// A ready address with the port of this name.
fn endpoint(endpoints: &Value, port: &str) -> Option<Destination> {
    endpoints["subsets"].as_array()?.iter().find_map(|subset| {
        let ip = subset["addresses"][0]["ip"].as_str()?;
        let ports = subset["ports"].as_array()?;
        let found = ports.iter().find(|candidate| candidate["name"].as_str().unwrap_or_default() == port)?;
        Some(Destination { ip: ip.to_owned(), port: u16::try_from(found["port"].as_u64()?).ok()? })
    })
}

fn pod(pod: &Value, port: &str) -> Result<Destination, Failure> {
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
        (Some(ip), Some(port)) => Ok(Destination { ip: ip.to_owned(), port }),
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
        .header(header::HOST, format!("{}:{}", to.ip, to.port))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| Failure::bad_request(error.to_string()))?;
    pass(&call.headers, request.headers_mut());
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
        let expected = Destination { ip: "10.0.0.1".to_owned(), port: 9090 };
        for port in ["80", "http"] {
            let name = service_port(&service, "s", port).unwrap();
            assert_eq!(endpoint(&endpoints, &name).as_ref(), Some(&expected));
        }
        let failure = service_port(&service, "s", "81").unwrap_err();
        assert_eq!(failure.status()["message"], "no service port 81 found for service \"s\"");
        assert_eq!(endpoint(&json!({"subsets": [{"notReadyAddresses": [{"ip": "10.0.0.1"}]}]}), ""), None);
    }

    #[test]
    fn references() {
        assert_eq!(reference("http:s:80").unwrap(), ("http", "s", "80"));
        assert_eq!(reference("s:web").unwrap(), ("", "s", "web"));
        assert_eq!(reference("http:s:").unwrap(), ("http", "s", ""));
        assert!(reference("ftp:s:80").is_err());
    }
}
