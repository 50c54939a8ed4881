//! Passing a request on to a loopback address, and the answer back, as a stream.

use std::net::SocketAddr;

use http::header::{self, HeaderName};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The body of an answer, made here or passed on.
pub(super) type Body = BoxBody<Bytes, hyper::Error>;

/// An answer of plain text.
pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(text.into()).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain"));
    response
}

/// Sends the request, whose URI is already in origin form, to an address.
pub(super) async fn send(
    address: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, String> {
    strip(request.headers_mut());
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(io).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let (mut parts, body) = response.into_parts();
    strip(&mut parts.headers);
    Ok(Response::from_parts(parts, body.boxed()))
}

/// Takes away the headers that are about one connection.
fn strip(headers: &mut HeaderMap) {
    let proxy = HeaderName::from_static("proxy-connection");
    for name in [&header::CONNECTION, &header::PROXY_AUTHORIZATION, &header::UPGRADE, &proxy] {
        headers.remove(name);
    }
}
