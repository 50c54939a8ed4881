//! From a kubeconfig to a connection, and what is said when there is none.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::TcpListener;

use super::loopback::{VERSION, blunt, plain, tls};
use crate::cluster::environment::Environment;
use crate::cluster::{Cluster, ConnectOptions, Failure, TlsVerification};
use crate::error::{Error, Kind};

/// A kubeconfig with the contexts `hub` and `edge`, whose users log in as `user` says.
struct Files(TempDir);

impl Files {
    fn new(server: &str, user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = format!(
            "current-context: hub\nclusters:\n- name: c\n  cluster: {{server: '{server}'}}\ncontexts:\n"
        );
        for name in ["hub", "edge"] {
            let _ =
                writeln!(text, "- name: {name}\n  context: {{cluster: c, user: u, namespace: of-{name}}}");
        }
        let _ = writeln!(text, "users:\n- name: u\n  user: {user}");
        fs::write(folder.path().join("config"), text).unwrap();
        Self(folder)
    }

    fn options(&self) -> ConnectOptions {
        ConnectOptions { kubeconfig: Some(self.0.path().join("config")), ..ConnectOptions::default() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn connect(options: &ConnectOptions) -> Result<Cluster, Error> {
    Cluster::connect_in(options, &Environment::default())
}

async fn fails(options: &ConnectOptions) -> Failure {
    connect(options).unwrap().server_version().await.unwrap_err()
}

#[tokio::test]
async fn making_a_handle_asks_nothing() {
    let files = Files::new("http://127.0.0.1:1", "{exec: {apiVersion: v1, command: /does/not/exist}}");
    let cluster = connect(&files.options()).unwrap();
    assert_eq!((cluster.context(), cluster.server()), ("hub", "http://127.0.0.1:1"));
    assert_eq!((cluster.namespace(), cluster.context_namespace()), (None, Some("of-hub")));
}

#[tokio::test]
async fn an_unknown_context_suggests_the_nearest_and_lists_all() {
    let files = Files::new("http://127.0.0.1:1", "{}");
    let error = connect(&ConnectOptions { context: Some("egde".into()), ..files.options() }).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    insta::assert_snapshot!(error.lines(), @r#"
    error: the kubeconfig has no context "egde"
    hint: did you mean "edge"?
    hint: known contexts: hub, edge
    "#);
}

#[tokio::test]
async fn an_unknown_cluster_or_user_is_named() {
    let files = Files::new("http://127.0.0.1:1", "{}");
    let cluster = ConnectOptions { cluster: Some("x".into()), ..files.options() };
    assert_eq!(connect(&cluster).unwrap_err().what, "the kubeconfig has no cluster \"x\"");
    let user = ConnectOptions { user: Some("ann".into()), ..files.options() };
    assert_eq!(connect(&user).unwrap_err().what, "the kubeconfig has no user \"ann\"");
}

#[test]
fn no_kubeconfig_says_where_it_was_looked_for() {
    let environment = Environment { home: Some("/nowhere".into()), ..Environment::default() };
    let error = Cluster::connect_in(&ConnectOptions::default(), &environment).unwrap_err();
    assert_eq!((error.kind, error.causes), (Kind::Usage, vec!["looked at /nowhere/.kube/config".into()]));
}

#[tokio::test]
async fn a_kubeconfig_without_a_current_context_lists_those_it_has() {
    let files = Files::new("http://127.0.0.1:1", "{}");
    let text = fs::read_to_string(files.0.path().join("config")).unwrap();
    files.write("config", &text.replace("current-context: hub", "current-context: ''"));
    let error = connect(&files.options()).unwrap_err();
    assert_eq!(error.hints, ["known contexts: hub, edge"]);
}

#[tokio::test]
async fn a_server_alone_is_enough() {
    let (port, heads) = plain(VERSION).await;
    let server = format!("http://127.0.0.1:{port}");
    let options = ConnectOptions {
        server: Some(server.clone()),
        token: Some("t0ken".to_owned().into()),
        ..ConnectOptions::default()
    };
    let cluster = connect(&options).unwrap();
    assert_eq!(cluster.context(), server);
    assert_eq!(cluster.server_version().await.unwrap(), "v1.33.0");
    assert!(heads.lock().unwrap()[0].contains("authorization: Bearer t0ken"));
}

#[tokio::test]
async fn whoever_is_impersonated_goes_with_the_request() {
    let (port, heads) = plain(VERSION).await;
    let files = Files::new(&format!("http://127.0.0.1:{port}"), "{}");
    let options = ConnectOptions {
        as_user: Some("ann".into()),
        as_groups: vec!["ops".into(), "dev".into()],
        as_uid: Some("7".into()),
        ..files.options()
    };
    connect(&options).unwrap().server_version().await.unwrap();
    let head = heads.lock().unwrap()[0].to_lowercase();
    for line in
        ["impersonate-user: ann", "impersonate-group: ops", "impersonate-group: dev", "impersonate-uid: 7"]
    {
        assert!(head.contains(line), "{line} is missing in\n{head}");
    }
}

#[tokio::test]
async fn nobody_listening_is_said_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let failure = fails(&Files::new(&format!("http://127.0.0.1:{port}"), "{}").options()).await;
    assert!(failure.is_unreachable());
    assert_eq!(failure.cause.to_string(), format!("dial tcp 127.0.0.1:{port}: connection refused"));
    let error = Error::from(failure);
    assert_eq!(error.kind, Kind::Unreachable);
    assert_eq!(error.what, format!("context \"hub\" cannot be reached at http://127.0.0.1:{port}"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_said_in_words() {
    let failure = fails(&Files::new("http://promfed.invalid:6443", "{}").options()).await;
    assert!(failure.cause.to_string().starts_with("dial tcp lookup promfed.invalid: "), "{failure}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_said_in_words() {
    let (port, _) = plain("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"gitVer").await;
    let failure = fails(&Files::new(&format!("http://127.0.0.1:{port}"), "{}").options()).await;
    assert!(failure.is_unreachable());
    assert_eq!(
        failure.cause.to_string(),
        format!("read tcp 127.0.0.1:{port}: the connection was closed before the answer was complete")
    );
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_said_in_words() {
    let (port, _) = tls(VERSION, &["127.0.0.1"]).await;
    let (_, other) = tls(VERSION, &["127.0.0.1"]).await;
    let files = Files::new(&format!("https://127.0.0.1:{port}"), "{}");
    let options =
        ConnectOptions { certificate_authority: Some(files.write("ca.crt", &other)), ..files.options() };
    let failure = fails(&options).await;
    assert_eq!(
        failure.cause.to_string(),
        format!("tls 127.0.0.1:{port}: certificate signed by unknown authority")
    );
    assert_eq!(Error::from(failure).hints, ["name the CA of the API server with --certificate-authority"]);
}

#[tokio::test]
async fn a_certificate_for_another_name_names_both() {
    let (port, ca) = tls(VERSION, &["api.example.com"]).await;
    let files = Files::new(&format!("https://127.0.0.1:{port}"), "{}");
    let options =
        ConnectOptions { certificate_authority: Some(files.write("ca.crt", &ca)), ..files.options() };
    assert_eq!(
        fails(&options).await.cause.to_string(),
        format!("tls 127.0.0.1:{port}: certificate is valid for api.example.com, not 127.0.0.1")
    );
}

#[tokio::test]
async fn the_name_of_a_certificate_can_be_given() {
    let (port, ca) = tls(VERSION, &["api.example.com"]).await;
    let files = Files::new(&format!("https://127.0.0.1:{port}"), "{}");
    let options = ConnectOptions {
        certificate_authority: Some(files.write("ca.crt", &ca)),
        tls_server_name: Some("api.example.com".into()),
        ..files.options()
    };
    assert_eq!(connect(&options).unwrap().server_version().await.unwrap(), "v1.33.0");
}

#[tokio::test]
async fn verification_can_be_skipped() {
    let (port, _) = tls(VERSION, &["api.example.com"]).await;
    let files = Files::new(&format!("https://127.0.0.1:{port}"), "{}");
    let options = ConnectOptions { tls_verification: TlsVerification::Skip, ..files.options() };
    assert_eq!(connect(&options).unwrap().server_version().await.unwrap(), "v1.33.0");
}

#[tokio::test]
async fn a_server_without_tls_is_said_in_words() {
    let port = blunt("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let files = Files::new(&format!("https://127.0.0.1:{port}"), "{}");
    let options = ConnectOptions { tls_verification: TlsVerification::Skip, ..files.options() };
    assert_eq!(
        fails(&options).await.cause.to_string(),
        format!("tls 127.0.0.1:{port}: server gave HTTP response to HTTPS client")
    );
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_is_no_trouble_of_the_network() {
    let files = Files::new("https://127.0.0.1:1", "{client-certificate: gone.crt, client-key: gone.key}");
    let failure = fails(&files.options()).await;
    assert!(failure.is_unauthorized() && !failure.is_unreachable());
    assert!(failure.cause.to_string().contains("gone.crt cannot be read: no such file"), "{failure}");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used_for_servers_that_it_is_for() {
    let (port, heads) = plain("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    let files = Files::new("https://api.example.com:6443", "{}");
    let environment = Environment {
        https_proxy: Some(format!("http://user:hunter2@127.0.0.1:{port}")),
        no_proxy: Some("other.example.com,".into()),
        ..Environment::default()
    };
    let cluster = Cluster::connect_in(&files.options(), &environment).unwrap();
    let failure = cluster.server_version().await.unwrap_err();
    assert!(heads.lock().unwrap()[0].starts_with("CONNECT api.example.com:6443 "));
    assert!(failure.cause.to_string().starts_with("proxy for api.example.com:6443: "), "{failure}");
    assert!(!format!("{failure:?}").contains("hunter2"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_login_plugin_that_fails_is_run_once_and_its_output_is_not_shown() {
    use std::os::unix::fs::PermissionsExt;

    let files = Files::new("http://127.0.0.1:1", "{}");
    let script =
        "#!/bin/sh\necho run >> \"$0.runs\"\necho token-hunter2\necho 'session expired' >&2\nexit 3\n";
    let plugin = files.write("login", script);
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).unwrap();
    let exec = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never}}",
        plugin.display()
    );
    let text = fs::read_to_string(files.0.path().join("config")).unwrap();
    files.write("config", &text.replace("user: {}", &format!("user: {{{exec}}}")));
    let cluster = connect(&files.options()).unwrap();
    let (first, second) = tokio::join!(cluster.server_version(), cluster.server_version());
    let failure = first.unwrap_err();
    assert!(second.unwrap_err().is_unauthorized());
    assert!(failure.cause.to_string().ends_with("(exit status: 3): session expired"), "{failure}");
    assert!(!format!("{failure:?}").contains("hunter2"));
    assert_eq!(fs::read_to_string(files.0.path().join("login.runs")).unwrap(), "run\n");
}
