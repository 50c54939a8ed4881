//! The flags of the command line, laid over the entries of the kubeconfig as kubectl lays them.

use std::path::Path;

use kube::config::{AuthInfo, Cluster};

use crate::cluster::options::{ConnectOptions, TlsVerification};

/// Another server is another certificate: a name for it in the kubeconfig counts only for the server there.
pub(super) fn over_cluster(mut cluster: Cluster, options: &ConnectOptions) -> Cluster {
    if let Some(server) = given(options.server.as_ref()) {
        cluster.server = Some(server);
        cluster.tls_server_name = None;
    }
    if let Some(name) = given(options.tls_server_name.as_ref()) {
        cluster.tls_server_name = Some(name);
    }
    if let Some(file) = &options.certificate_authority {
        cluster.certificate_authority = Some(text(file));
        cluster.certificate_authority_data = None;
        cluster.insecure_skip_tls_verify = None;
    }
    if options.tls_verification == TlsVerification::Skip {
        cluster.insecure_skip_tls_verify = Some(true);
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
    }
    cluster
}

/// A token on the command line is the way to log in, whatever else the kubeconfig offers.
pub(super) fn over_user(mut user: AuthInfo, options: &ConnectOptions) -> AuthInfo {
    if let Some(token) = &options.token {
        user.token = Some(token.clone());
        user.token_file = None;
        user.username = None;
        user.password = None;
        user.exec = None;
        user.auth_provider = None;
    }
    if let Some(file) = &options.client_certificate {
        user.client_certificate = Some(text(file));
        user.client_certificate_data = None;
    }
    if let Some(file) = &options.client_key {
        user.client_key = Some(text(file));
        user.client_key_data = None;
    }
    if let Some(name) = given(options.as_user.as_ref()) {
        user.impersonate = Some(name);
    }
    if let Some(uid) = given(options.as_uid.as_ref()) {
        user.impersonate_uid = Some(uid);
    }
    if !options.as_groups.is_empty() {
        user.impersonate_groups = Some(options.as_groups.clone());
    }
    user
}

/// A flag that is set to nothing is not set.
fn given(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.is_empty()).cloned()
}

fn text(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_replaces_every_other_way_to_log_in() {
        let user = AuthInfo {
            username: Some("ann".into()),
            password: Some("p".to_owned().into()),
            token_file: Some("file".into()),
            ..AuthInfo::default()
        };
        let options = ConnectOptions { token: Some("t".to_owned().into()), ..ConnectOptions::default() };
        let user = over_user(user, &options);
        assert_eq!(user.token.unwrap().expose_secret(), "t");
        assert_eq!((user.username, user.token_file), (None, None));
    }

    #[test]
    fn another_server_is_not_expected_to_have_the_old_name() {
        let cluster = Cluster { tls_server_name: Some("old".into()), ..Cluster::default() };
        let options = ConnectOptions { server: Some("https://new".into()), ..ConnectOptions::default() };
        assert_eq!(over_cluster(cluster, &options).tls_server_name, None);
    }

    #[test]
    fn skipping_verification_drops_the_ca() {
        let cluster = Cluster { certificate_authority_data: Some("Q0E=".into()), ..Cluster::default() };
        let options = ConnectOptions { tls_verification: TlsVerification::Skip, ..ConnectOptions::default() };
        let cluster = over_cluster(cluster, &options);
        assert_eq!(
            (cluster.certificate_authority_data, cluster.insecure_skip_tls_verify),
            (None, Some(true))
        );
    }

    #[test]
    fn a_ca_of_the_command_line_replaces_the_one_inside_the_kubeconfig() {
        let cluster = Cluster { certificate_authority_data: Some("Q0E=".into()), ..Cluster::default() };
        let options =
            ConnectOptions { certificate_authority: Some("ca.crt".into()), ..ConnectOptions::default() };
        let cluster = over_cluster(cluster, &options);
        assert_eq!(cluster.certificate_authority.as_deref(), Some("ca.crt"));
        assert_eq!(cluster.certificate_authority_data, None);
    }
}
