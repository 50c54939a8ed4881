//! How many connections requests have that are in flight together.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use http::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::loopback::config;
use crate::cluster::client::Dialect;
use crate::cluster::environment::Environment;
use crate::cluster::{Cause, Cluster, ConnectOptions, Failure, TlsVerification};

const REQUESTS: usize = 8;

/// A server that counts who connects.
struct Counting {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Counting {
    /// Without a certificate it hangs up on everybody.
    async fn start(acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, together) = (Arc::clone(&connections), Arc::new(Barrier::new(REQUESTS)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                if let Some(acceptor) = acceptor.clone() {
                    tokio::spawn(serve(acceptor, stream, Arc::clone(&together)));
                }
            }
        });
        Self { port, connections }
    }

    fn cluster(&self, dialect: Dialect) -> Cluster {
        let options = ConnectOptions {
            server: Some(format!("https://127.0.0.1:{}", self.port)),
            tls_verification: TlsVerification::Skip,
            ..ConnectOptions::default()
        };
        Cluster::connect_in(&options, &Environment { dialect, ..Environment::default() }).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Answers no request before all of them are here.
async fn serve(acceptor: TlsAcceptor, stream: TcpStream, together: Arc<Barrier>) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(move |_: http::Request<Incoming>| {
        let together = Arc::clone(&together);
        async move {
            together.wait().await;
            Ok::<_, Infallible>(Response::new(r#"{"gitVersion":"v1.33.0"}"#.to_owned()))
        }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn speaking_both() -> TlsAcceptor {
    let (mut config, _) = config(&["127.0.0.1"]);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// It asks for a certificate that nobody has.
fn asking_who_comes() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let mut known = RootCertStore::empty();
    known.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let whoever = WebPkiClientVerifier::builder_with_provider(Arc::new(known), Arc::clone(&provider)).build();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(whoever.unwrap())
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn ask(cluster: &Cluster) -> Vec<Result<String, Failure>> {
    join_all((0..REQUESTS).map(|_| cluster.server_version())).await
}

#[tokio::test]
async fn one_connection_carries_all_requests() {
    let server = Counting::start(Some(speaking_both())).await;
    let cluster = server.cluster(Dialect::Newest);
    for _ in 0..2 {
        assert!(ask(&cluster).await.iter().all(Result::is_ok));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn without_http_2_each_request_in_flight_has_its_own() {
    let server = Counting::start(Some(speaking_both())).await;
    assert!(ask(&server.cluster(Dialect::Old)).await.iter().all(Result::is_ok));
    assert_eq!(server.connections(), REQUESTS);
}

#[tokio::test]
async fn one_failure_to_connect_tells_for_all_and_is_not_kept() {
    let server = Counting::start(None).await;
    let cluster = server.cluster(Dialect::Newest);
    for tries in 1..3 {
        let failures: Vec<_> = ask(&cluster).await.into_iter().map(Result::unwrap_err).collect();
        assert!(
            failures.iter().all(|failure| failure.is_unreachable() && *failure == failures[0]),
            "{failures:?}"
        );
        assert_eq!(server.connections(), tries);
    }
}

/// With TLS 1.3 a server says so after the client has its connection, maybe before the request is on it: here the client
/// is kept busy, so that the server is the faster one.
#[tokio::test]
async fn a_certificate_that_is_wanted_is_said_however_soon_the_server_hangs_up() {
    let (started, server) = tokio::sync::oneshot::channel();
    let (done, ended) = tokio::sync::oneshot::channel::<()>();
    let of_server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = started.send(Counting::start(Some(asking_who_comes())).await);
            let _ = ended.await;
        });
    });
    let server = server.await.unwrap();
    let busy = tokio::spawn(async {
        loop {
            std::thread::sleep(Duration::from_millis(1));
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..20 {
        let failure = server.cluster(Dialect::Newest).server_version().await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Credentials(_)), "{failure:?}");
    }
    busy.abort();
    drop(done);
    of_server.join().unwrap();
}
