//! Which certificate the ingress shows: that of the HTTPProxy with the name that the client asks for.

use std::fmt;
use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use super::contour;
use crate::store::Store;

struct ByName {
    store: Store,
}

impl fmt::Debug for ByName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByName")
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let proxy = contour::with_name(&self.store, hello.server_name()?)?;
        let name = proxy["spec"]["virtualhost"]["tls"]["secretName"].as_str()?;
        certificate(&contour::tls_secret(&self.store, &proxy, name)?).map(Arc::new)
    }
}

fn certificate(secret: &Value) -> Option<CertifiedKey> {
    let pem = |name: &str| STANDARD.decode(secret["data"][name].as_str()?).ok();
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem("tls.crt")?).collect::<Result<_, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(&pem("tls.key")?).ok()?;
    let key = ring::default_provider().key_provider.load_private_key(key).ok()?;
    Some(CertifiedKey::new(chain, key))
}

/// What the TLS listener of a cluster's ingress needs.
pub(super) fn server(store: Store) -> io::Result<Arc<ServerConfig>> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName { store }));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
