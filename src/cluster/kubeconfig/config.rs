//! One cluster entry and one user entry, as the client wants them.
//!
//! `kube` can do this from a whole kubeconfig, but then reads the proxy variables of the environment by rules of its own:
//! it matches `NO_PROXY` against the proxy, and refuses a list that ends in a comma.

use http::{HeaderValue, Uri};
use kube::Config;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster, KubeconfigError, LoadDataError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret as _;

use crate::error::Error;

/// The configuration of a client. Certificates of the cluster entry are read here; those of the user, and what a login
/// plugin gives, when the client is made.
pub(in crate::cluster) fn config(
    server: Uri,
    cluster: &Cluster,
    mut user: AuthInfo,
    proxy: Option<Uri>,
) -> Result<Config, Error> {
    // The HTTP client ends the process over such a token.
    if user.token.as_ref().is_some_and(|token| HeaderValue::try_from(token.expose_secret()).is_err()) {
        return Err(
            Error::usage("the token cannot be sent").because("it has letters that no HTTP header may have")
        );
    }
    let described = ExecAuthCluster::try_from(cluster).map_err(|error| unusable(&error))?;
    let mut config = Config::new(server);
    config.root_cert = described.certificate_authority_data.as_deref().map(certificates).transpose()?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.disable_compression = cluster.disable_compression.unwrap_or_default();
    config.tls_server_name = cluster.tls_server_name.clone().filter(|name| !name.is_empty());
    config.proxy_url = proxy;
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster = Some(described);
    }
    config.auth_info = user;
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem).map(|found| found.map(|der| der.to_vec())).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::usage(AUTHORITY).because("there is no PEM certificate in it")),
    }
}

const AUTHORITY: &str = "the certificate authority cannot be used";

fn unusable(error: &KubeconfigError) -> Error {
    match error {
        KubeconfigError::LoadCertificateAuthority(LoadDataError::ReadFile(error, file)) => {
            Error::usage(AUTHORITY).because(format!("{}: {error}", file.display()))
        }
        KubeconfigError::LoadCertificateAuthority(_) => {
            Error::usage(AUTHORITY).because("certificate-authority-data is not base64")
        }
        other => {
            Error::usage("the cluster entry of the kubeconfig cannot be used").because(other.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_authority(data: &str) -> Result<Config, Error> {
        let cluster = Cluster { certificate_authority_data: Some(data.into()), ..Cluster::default() };
        config(Uri::from_static("https://a"), &cluster, AuthInfo::default(), None)
    }

    #[test]
    fn an_authority_that_is_not_base64_says_so() {
        assert_eq!(with_authority("-----").unwrap_err().causes, ["certificate-authority-data is not base64"]);
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_and_not_repeated() {
        let user = AuthInfo { token: Some("hunter2\n".to_owned().into()), ..AuthInfo::default() };
        let error = config(Uri::from_static("https://a"), &Cluster::default(), user, None).unwrap_err();
        assert_eq!(
            (error.what.as_str(), error.lines().contains("hunter2")),
            ("the token cannot be sent", false)
        );
    }

    #[test]
    fn an_authority_that_is_not_pem_says_so() {
        assert_eq!(with_authority("eA==").unwrap_err().causes, ["there is no PEM certificate in it"]);
    }

    #[test]
    fn a_file_that_is_missing_is_named() {
        let cluster = Cluster { certificate_authority: Some("/nowhere/ca.crt".into()), ..Cluster::default() };
        let error = config(Uri::from_static("https://a"), &cluster, AuthInfo::default(), None).unwrap_err();
        assert!(error.causes[0].starts_with("/nowhere/ca.crt: "), "{error:?}");
    }
}
