//! Somebody outside of all clusters who asks an ingress for something.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// What a certificate that signs itself says about being an authority.
#[derive(Clone, Copy)]
pub(crate) enum Authority {
    No,
    Yes,
}

/// A certificate with its key, both in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Identity {
    pub(crate) fn new(name: &str, authority: Authority) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = match authority {
            Authority::No => IsCa::ExplicitNoCa,
            Authority::Yes => IsCa::Ca(BasicConstraints::Unconstrained),
        };
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self { certificate, key: key.serialize_pem() }
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// A request for a path of a name, with headers that are whole lines.
pub(crate) struct Request<'r> {
    pub(crate) name: &'r str,
    pub(crate) path: &'r str,
    pub(crate) headers: &'r str,
}

impl Request<'_> {
    /// Asks over plain HTTP.
    pub(crate) fn plain(&self, address: SocketAddr) -> io::Result<Answer> {
        self.exchange(connect(address)?)
    }

    /// Asks over TLS. The server is verified by this authority, in PEM, and gets to see the client's certificate.
    pub(crate) fn over_tls(
        &self,
        address: SocketAddr,
        authority: &str,
        client: Option<&Identity>,
    ) -> io::Result<Answer> {
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
            trusted.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(trusted);
        let config = match client {
            None => config.with_no_client_auth(),
            Some(Identity { certificate, key }) => {
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(io::Error::other)?;
                let certificate =
                    CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(io::Error::other)?;
                config.with_client_auth_cert(vec![certificate], key).map_err(io::Error::other)?
            }
        };
        let name = ServerName::try_from(self.name.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        self.exchange(StreamOwned::new(connection, connect(address)?))
    }

    fn exchange(&self, mut stream: impl Read + Write) -> io::Result<Answer> {
        let Self { name, path, headers } = self;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n{headers}\r\n");
        let sent = stream.write_all(request.as_bytes());
        let mut text = String::new();
        // Who is not let in may be told so when the request is on its way already.
        stream.read_to_string(&mut text)?;
        sent?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let (status, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let status = status.split(' ').nth(1).unwrap_or_default().to_owned();
        Ok(Answer { status, headers: headers.to_ascii_lowercase(), body: body.to_owned() })
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}
