//! kubectl's connection flags, as typed.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Whether the certificate of an API server is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVerification {
    /// As the kubeconfig says: verified, unless it says otherwise.
    #[default]
    Verify,
    /// `--insecure-skip-tls-verify`: any certificate is taken.
    Skip,
}

/// What kubectl's own flags say about connecting, each with kubectl's meaning. A field that is `None` or empty leaves
/// the word to the kubeconfig.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// `--kubeconfig`: this file only, `KUBECONFIG` is not looked at.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`
    pub context: Option<String>,
    /// `--cluster`: another cluster entry of the kubeconfig than the one that the context names.
    pub cluster: Option<String>,
    /// `--user`: another user entry of the kubeconfig than the one that the context names.
    pub user: Option<String>,
    /// `--namespace`
    pub namespace: Option<String>,
    /// `--server`: the URL of the API server.
    pub server: Option<String>,
    /// `--token`: a bearer token, taken in place of every other way to log in.
    pub token: Option<SecretString>,
    /// `--certificate-authority`: a PEM file.
    pub certificate_authority: Option<PathBuf>,
    /// `--client-certificate`: a PEM file.
    pub client_certificate: Option<PathBuf>,
    /// `--client-key`: a PEM file.
    pub client_key: Option<PathBuf>,
    /// `--tls-server-name`: the name that the server's certificate must be for.
    pub tls_server_name: Option<String>,
    /// `--insecure-skip-tls-verify`
    pub tls_verification: TlsVerification,
    /// `--as`
    pub as_user: Option<String>,
    /// `--as-group`, once or more.
    pub as_groups: Vec<String>,
    /// `--as-uid`
    pub as_uid: Option<String>,
    /// `--request-timeout`: the time that one request may take, answer included. `None` is 30 seconds; zero is no limit.
    pub request_timeout: Option<Duration>,
}
