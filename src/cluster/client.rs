//! The HTTP client of a login: as kube makes it, and over one connection where the server speaks HTTP/2, as kubectl does.
//! With HTTP/1.1 every request that is in flight needs a connection of its own, each with a handshake.

use std::task::{Context, Poll};

use http::header::UPGRADE;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::ResponseFuture;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::{Client, Config, Error};
use rustls::client::Resumption;
use tower::{Service, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

type Connector = TimeoutConnector<HttpsConnector<HttpConnector>>;

/// What a client may speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// HTTP/2 where the server has it.
    #[default]
    Newest,
    /// HTTP/1.1, which `DISABLE_HTTP2` asks of kubectl, too.
    Old,
}

/// Makes the client. It reads certificates and may run a login plugin, which blocks.
pub(super) fn client(config: Config, dialect: Dialect) -> Result<Client, Error> {
    // The ways through proxies are kube's.
    if config.proxy_url.is_some() || dialect == Dialect::Old {
        return Client::try_from(config);
    }
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(DecompressionLayer::new().gzip(!config.disable_compression))
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(tower::BoxError::from)
        .service(Http::of(&config)?);
    Ok(ClientBuilder::new(service, config.default_namespace).build())
}

/// Sends what can share a connection over one that is shared. What becomes a stream of its own cannot.
#[derive(Clone)]
struct Http {
    shared: legacy::Client<Connector, Body>,
    alone: legacy::Client<Connector, Body>,
}

impl Http {
    fn of(config: &Config) -> Result<Self, Error> {
        let mut tls = config.rustls_client_config()?;
        // There is one connection, so no session is taken up again; room for them would be kept for each of many contexts.
        tls.resumption = Resumption::disabled();
        let name =
            match &config.tls_server_name {
                Some(name) => Some(name.clone().try_into().map_err(|error| {
                    Error::RustlsTls(kube::client::RustlsTlsError::InvalidServerName(error))
                })?),
                None => None,
            };
        let client = |dialect| {
            let mut tcp = HttpConnector::new();
            tcp.enforce_http(false);
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
            let builder = match &name {
                Some(name) => {
                    builder.with_server_name_resolver(FixedServerNameResolver::new(Clone::clone(name)))
                }
                None => builder,
            };
            let tls = match dialect {
                Dialect::Newest => builder.enable_all_versions().wrap_connector(tcp),
                Dialect::Old => builder.enable_http1().wrap_connector(tcp),
            };
            let mut connector = TimeoutConnector::new(tls);
            connector.set_connect_timeout(config.connect_timeout);
            connector.set_read_timeout(config.read_timeout);
            connector.set_write_timeout(config.write_timeout);
            legacy::Client::builder(TokioExecutor::new()).build(connector)
        };
        Ok(Self { shared: client(Dialect::Newest), alone: client(Dialect::Old) })
    }
}

impl Service<Request<Body>> for Http {
    type Response = Response<Incoming>;
    type Error = legacy::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let client = if request.headers().contains_key(UPGRADE) { &self.alone } else { &self.shared };
        client.request(request)
    }
}
