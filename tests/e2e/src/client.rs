//! Requests to one API server.

use std::io;
use std::time::Duration;

use http::{Method, Request};
use kube::config::AuthInfo;
use kube::{Client, Config};
use promfed_sandbox::store::{Key, Refused};
use serde_json::Value;

/// A client with all rights.
pub(crate) fn connect(url: &str, ca_pem: &str, token: &str) -> io::Result<Client> {
    let mut config = Config::new(url.parse().map_err(io::Error::other)?);
    config.root_cert = Some(ders(ca_pem));
    config.auth_info = AuthInfo { token: Some(token.to_owned().into()), ..AuthInfo::default() };
    config.connect_timeout = Some(Duration::from_secs(5));
    Client::try_from(config).map_err(io::Error::other)
}

fn ders(pem: &str) -> Vec<Vec<u8>> {
    use tokio_rustls::rustls::pki_types::CertificateDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    certificates.filter_map(Result::ok).map(|der| der.to_vec()).collect()
}

/// Sends one request and reads the answer as JSON.
pub(crate) async fn send(
    client: &Client,
    method: Method,
    path: &str,
    content: &str,
    body: Option<&Value>,
) -> Result<Value, Refused> {
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", content)
        .body(body)
        .map_err(|error| Refused::Upstream(error.to_string()))?;
    match client.request::<Value>(request).await {
        Ok(value) => Ok(value),
        Err(kube::Error::Api(status)) if status.code == 404 => Err(Refused::NotFound),
        Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => Err(Refused::AlreadyExists),
        Err(kube::Error::Api(status)) if status.code == 409 => Err(Refused::Conflict),
        Err(error) => Err(Refused::Upstream(error.to_string())),
    }
}

/// The text of an answer that is not JSON.
pub(crate) async fn text(client: &Client, path: &str) -> Result<String, kube::Error> {
    let request = Request::get(path).body(Vec::new()).map_err(kube::Error::HttpError)?;
    client.request_text(request).await
}

/// Where the objects of a resource are; the versions are those that everything here uses.
pub(crate) fn collection(group: &str, resource: &str, namespace: Option<&str>) -> String {
    let root = match group {
        "" => "/api/v1".to_owned(),
        "packaging.carvel.dev" | "data.packaging.carvel.dev" | "kappctrl.k14s.io" => {
            format!("/apis/{group}/v1alpha1")
        }
        _ => format!("/apis/{group}/v1"),
    };
    match namespace {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{resource}"),
        None => format!("{root}/{resource}"),
    }
}

/// Where an object is.
pub(crate) fn object(key: &Key) -> String {
    let collection = collection(&key.group, &key.resource, key.namespace.as_deref());
    format!("{collection}/{}", key.name.replace('+', "%2B"))
}

/// Makes objects be as they say, by server-side apply, in their order.
pub(crate) async fn apply(client: &Client, objects: &[Value]) -> io::Result<()> {
    for wanted in objects {
        let path = path(wanted).ok_or_else(|| io::Error::other(format!("no path for {wanted}")))?;
        let url = format!("{path}?fieldManager=promfed-e2e&force=true");
        send(client, Method::PATCH, &url, "application/apply-patch+yaml", Some(wanted))
            .await
            .map_err(|error| io::Error::other(format!("{path}: {error}")))?;
    }
    Ok(())
}

/// Where an object of any of the kinds that are applied here belongs.
fn path(wanted: &Value) -> Option<String> {
    let (version, kind) = (wanted["apiVersion"].as_str()?, wanted["kind"].as_str()?);
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let plural = match kind {
        "PackageMetadata" => "packagemetadatas".to_owned(),
        "StorageClass" => "storageclasses".to_owned(),
        kind => format!("{}s", kind.to_ascii_lowercase()),
    };
    let root = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
    let name = wanted["metadata"]["name"].as_str()?.replace('+', "%2B");
    Some(match wanted["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}/{name}"),
        None => format!("{root}/{plural}/{name}"),
    })
}
