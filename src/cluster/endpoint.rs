//! A hub at a public URL: the way that agents take, for those who have no access to the hub's cluster.

use http::Method;
use k8s_openapi::ByteString;
use kube::Config;
use kube::config::AuthInfo;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;

use super::client::Dialect;
use super::connect::Cluster;
use super::environment::Environment;
use super::failure::{Asked, Failure};
use super::kubeconfig::{self, Target, proxy};
use super::options::ConnectOptions;
use super::proxy::{ProxyAnswer, checked};
use super::request::Call;
use super::retry::Repeat;
use crate::error::{Error, Result};

/// Which certificates of the server are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorities {
    /// Those of this machine's trust store.
    System,
    /// Those that these certificates signed, in PEM.
    Pem(String),
    /// Any.
    Any,
}

/// Who asks, as the server wants to know it.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// A user and the password.
    pub password: Option<(String, SecretString)>,
    pub token: Option<SecretString>,
    /// A certificate and its private key, in PEM.
    pub certificate: Option<(String, SecretString)>,
    /// Headers that every request carries.
    pub headers: Vec<(String, String)>,
}

/// An HTTP server at a URL. Nothing of the kubeconfig is sent to it.
#[derive(Clone)]
pub struct Endpoint {
    server: Cluster,
    path: String,
    headers: Vec<(String, String)>,
}

impl Endpoint {
    /// The server of a URL. No request is made. `HTTPS_PROXY` and its siblings are honoured.
    pub fn at(url: &str, authorities: &Authorities, caller: &Caller) -> Result<Self> {
        let uri: http::Uri = url.parse().map_err(|_| Error::usage(format!("{url} is not a URL")))?;
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        // The HTTP client asks a proxy for port 443 where a URL names none, whatever its scheme.
        let port = if uri.scheme_str() == Some("http") && uri.port().is_none() { ":80" } else { "" };
        let base = format!("{}://{authority}{port}", uri.scheme_str().unwrap_or("https"));
        let config = config(&base, &uri, authorities, caller)?;
        // It is asked a few things in all, and may refuse a certificate: over HTTP/2 that is not known from any other
        // end of a connection, as h2 keeps the words of an error alone.
        let dialect = Dialect::Old;
        let target =
            Target { context: String::new(), entry: None, user: None, namespace: None, config, dialect };
        Ok(Self {
            server: Cluster::at(target, &ConnectOptions::default(), OnceCell::new()),
            path: uri.path().to_owned(),
            headers: caller.headers.clone(),
        })
    }

    /// The URL's own path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A path below it.
    pub fn below(&self, path: &str) -> String {
        format!("{}{path}", self.path.trim_end_matches('/'))
    }

    /// Sends a request without a body, and gives back any answer; redirects are not followed.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<ProxyAnswer, Failure> {
        let asked = Asked { verb: "ask", resource: path.to_owned(), namespace: None, name: None };
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = headers.iter().copied().chain(own).collect();
        let of_endpoint = |failure| Failure { context: String::new(), ..failure };
        let headers = checked(&headers).map_err(|cause| of_endpoint(self.server.failure(&asked, cause)))?;
        let call =
            Call { asked, method, url: path.to_owned(), headers, body: Vec::new(), repeat: Repeat::Never };
        let answer = self.server.send(&call).await.map_err(of_endpoint)?;
        Ok(ProxyAnswer { status: answer.status.as_u16(), body: answer.body, headers: answer.headers })
    }
}

/// A client's configuration, with no credentials but the caller's.
fn config(base: &str, uri: &http::Uri, authorities: &Authorities, caller: &Caller) -> Result<Config> {
    let authority = match authorities {
        Authorities::Pem(pem) => serde_json::to_value(ByteString(pem.clone().into_bytes())).ok(),
        Authorities::System | Authorities::Any => None,
    };
    let server = kube::config::Cluster {
        certificate_authority_data: authority.and_then(|pem| pem.as_str().map(str::to_owned)),
        insecure_skip_tls_verify: Some(*authorities == Authorities::Any),
        ..Default::default()
    };
    let proxy = proxy(uri, None, &Environment::of_process())?;
    let url = base.parse().map_err(|_| Error::usage(format!("{base} cannot be asked")))?;
    kubeconfig::config(url, &server, caller.auth_info(), proxy)
}

impl Caller {
    fn auth_info(&self) -> AuthInfo {
        let encoded = |pem: &str| {
            let value = serde_json::to_value(ByteString(pem.as_bytes().to_vec())).unwrap_or_default();
            value.as_str().unwrap_or_default().to_owned()
        };
        let (username, password) = self.password.clone().unzip();
        let (certificate, key) =
            self.certificate.as_ref().map(|(pem, key)| (encoded(pem), encoded(key.expose_secret()))).unzip();
        AuthInfo {
            username,
            password,
            token: self.token.clone(),
            client_certificate_data: certificate,
            client_key_data: key.map(SecretString::from),
            ..AuthInfo::default()
        }
    }
}
