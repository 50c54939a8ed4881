//! TLS at the ingress: the certificate of the HTTPProxy with the name that the client asks for, and the certificates
//! that it wants of its clients.

use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::server::{Acceptor, WebPkiClientVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::server::TlsStream;

use super::contour;
use crate::store::Store;

/// Shakes hands with a client. `None`: nobody has the name that it asks for, or it is not let in.
pub(super) async fn accept(store: &Store, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
    let config = config(store, start.client_hello().server_name()?)?;
    start.into_stream(Arc::new(config)).await.ok()
}

fn config(store: &Store, name: &str) -> Option<ServerConfig> {
    let proxy = contour::served(store, name)?;
    let tls = &proxy["spec"]["virtualhost"]["tls"];
    let secret = contour::secret(store, &proxy, tls["secretName"].as_str()?)?;
    let key = PrivateKeyDer::from_pem_slice(&contour::decoded(&secret, "tls.key")?).ok()?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?;
    let builder = match tls["clientValidation"]["caSecret"].as_str() {
        None => builder.with_no_client_auth(),
        Some(name) => {
            let known = certificates(&contour::secret(store, &proxy, name)?, "ca.crt")?;
            builder.with_client_cert_verifier(Arc::new(Known::new(known)?))
        }
    };
    let mut config = builder.with_single_cert(certificates(&secret, "tls.crt")?, key).ok()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(config)
}

fn certificates(secret: &Value, key: &str) -> Option<Vec<CertificateDer<'static>>> {
    let pem = contour::decoded(secret, key)?;
    CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().ok()
}

/// Lets in who has one of these certificates, or one that one of them signed.
#[derive(Debug)]
struct Known {
    certificates: Vec<CertificateDer<'static>>,
    authorities: Arc<dyn ClientCertVerifier>,
}

impl Known {
    fn new(certificates: Vec<CertificateDer<'static>>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let provider = Arc::new(ring::default_provider());
        let authorities =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
        Some(Self { certificates, authorities })
    }
}

impl ClientCertVerifier for Known {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.authorities.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        client: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        match self.authorities.verify_client_cert(client, chain, now) {
            // An authority does not come as a client, says this library; it may, says Envoy's.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if self.certificates.iter().any(|known| known == client) =>
            {
                Ok(ClientCertVerified::assertion())
            }
            // A known name with an unknown key.
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                Err(CertificateError::UnknownIssuer.into())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        client: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, client, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        client: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, client, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}
