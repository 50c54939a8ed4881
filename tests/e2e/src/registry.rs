//! A registry of images that has one: the bundle of a package repository. kapp-controller fetches it over http from
//! an address of the run itself, as it would fetch one of a vendor.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use promfed_sandbox::REPOSITORY_IMAGE;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::package;

/// Where it listens.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(172, 18, 255, 1);

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// The host of the image, which clients reach over http because of how it ends.
pub(crate) fn host() -> &'static str {
    REPOSITORY_IMAGE.split_once('/').map_or("", |(host, _)| host)
}

/// Serves, until it is aborted.
pub(crate) async fn run() -> io::Result<()> {
    let image = Arc::new(Image::of_packages()?);
    let listener = TcpListener::bind((ADDRESS, 80)).await?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let image = Arc::clone(&image);
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let response = image.answer(&request);
                        async { Ok::<_, Infallible>(response) }
                    });
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// An image: what it has at which path below `/v2/NAME/`.
struct Image {
    name: &'static str,
    contents: Vec<(String, &'static str, Vec<u8>)>,
}

impl Image {
    /// The bundle of all packages.
    fn of_packages() -> io::Result<Self> {
        let (_, path) = REPOSITORY_IMAGE.split_once('/').unwrap_or_default();
        let (name, tag) = path.split_once(':').unwrap_or((path, "latest"));
        let tar = archive()?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&tar)?;
        let layer = encoder.finish()?;
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            // What makes an image a bundle.
            "config": {"Labels": {"dev.carvel.imgpkg.bundle": "true"}},
            "rootfs": {"type": "layers", "diff_ids": [digest(&tar)]},
        })
        .to_string()
        .into_bytes();
        let part = |kind: &str, bytes: &[u8]| json!({"mediaType": kind, "size": bytes.len(), "digest": digest(bytes)});
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": part(CONFIG, &config),
            "layers": [part(LAYER, &layer)],
        })
        .to_string()
        .into_bytes();
        let contents = vec![
            (format!("manifests/{tag}"), MANIFEST, manifest.clone()),
            (format!("manifests/{}", digest(&manifest)), MANIFEST, manifest),
            (format!("blobs/{}", digest(&config)), CONFIG, config),
            (format!("blobs/{}", digest(&layer)), LAYER, layer),
        ];
        Ok(Self { name, contents })
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if path == "/v2/" {
            return response(StatusCode::OK, "application/json", b"{}", request.method());
        }
        let below = format!("/v2/{}/", self.name);
        let found =
            path.strip_prefix(&below).and_then(|path| self.contents.iter().find(|(known, ..)| known == path));
        if let Some((_, kind, bytes)) = found {
            return response(StatusCode::OK, kind, bytes, request.method());
        }
        let errors = json!({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]});
        let bytes = errors.to_string().into_bytes();
        response(StatusCode::NOT_FOUND, "application/json", &bytes, request.method())
    }
}

fn response(status: StatusCode, kind: &'static str, bytes: &[u8], method: &Method) -> Response<Full<Bytes>> {
    let body = if *method == Method::HEAD { Bytes::new() } else { Bytes::copy_from_slice(bytes) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if let Ok(digest) = HeaderValue::try_from(digest(bytes)) {
        headers.insert("docker-content-digest", digest);
    }
    response
}

/// The files of the bundle: a repository is a folder of packages.
fn archive() -> io::Result<Vec<u8>> {
    let mut objects = package::objects("", None);
    for object in &mut objects {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("namespace");
        }
    }
    let texts = objects.iter().map(|object: &Value| serde_yaml::to_string(object).map_err(io::Error::other));
    let packages = texts.collect::<io::Result<Vec<_>>>()?.join("---\n");
    let lock = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages: []\n";
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in [(".imgpkg/images.yml", lock), ("packages/packages.yml", &packages)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes())?;
    }
    archive.into_inner()
}

fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").ok();
    }
    text
}
