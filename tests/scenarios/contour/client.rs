//! Somebody outside of all clusters who asks an ingress for something.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// What a certificate that signs itself says about being an authority.
#[derive(Clone, Copy)]
pub(super) enum Authority {
    No,
    Yes,
}

/// A certificate that signs itself, with its key.
pub(super) struct Identity {
    certificate: Certificate,
    key: KeyPair,
}

impl Identity {
    pub(super) fn new(name: &str, authority: Authority) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = match authority {
            Authority::No => IsCa::ExplicitNoCa,
            Authority::Yes => IsCa::Ca(BasicConstraints::Unconstrained),
        };
        Self { certificate: params.self_signed(&key).expect("a certificate"), key }
    }

    pub(super) fn certificate(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn key(&self) -> String {
        self.key.serialize_pem()
    }
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) headers: String,
    pub(super) body: String,
}

/// A request for a path of a name, with headers that are whole lines.
pub(super) struct Request<'r> {
    pub(super) name: &'r str,
    pub(super) path: &'r str,
    pub(super) headers: &'r str,
}

impl Request<'_> {
    /// Asks over plain HTTP.
    pub(super) fn plain(&self, address: SocketAddr) -> io::Result<Answer> {
        self.exchange(connect(address)?)
    }

    /// Asks over TLS; the server is to have this very certificate, and gets to see the client's.
    pub(super) fn over_tls(
        &self,
        address: SocketAddr,
        server: &Identity,
        client: Option<&Identity>,
    ) -> io::Result<Answer> {
        let mut trusted = RootCertStore::empty();
        trusted.add(server.certificate.der().clone()).map_err(io::Error::other)?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(trusted);
        let config = match client {
            None => config.with_no_client_auth(),
            Some(client) => {
                let key = PrivateKeyDer::Pkcs8(client.key.serialize_der().into());
                let chain = vec![client.certificate.der().clone()];
                config.with_client_auth_cert(chain, key).map_err(io::Error::other)?
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
