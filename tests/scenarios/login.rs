//! Who one is and how one gets there: exec plugins, several kubeconfig files, impersonation, proxies, few rights.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_yaml::Value;

use crate::support::Rig;

/// The kubeconfig of the rig, to be changed.
fn kubeconfig(rig: &Rig) -> Value {
    let text = std::fs::read_to_string(rig.kubeconfig()).expect("the kubeconfig");
    serde_yaml::from_str(&text).expect("YAML")
}

fn written(rig: &Rig, name: &str, config: &Value) -> String {
    rig.file(name, &serde_yaml::to_string(config).expect("YAML"))
}

#[test]
fn an_exec_plugin_logs_in() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let mut config = kubeconfig(&rig);
    let token = config["users"][0]["user"]["token"].as_str().expect("a token").to_owned();
    let credential = serde_json::json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": token},
    });
    config["users"][0]["user"] = serde_yaml::from_str(&format!(
        "exec:\n  apiVersion: client.authentication.k8s.io/v1\n  interactiveMode: Never\n  command: sh\n  args: [-c, 'echo ''{credential}''']\n"
    ))
    .expect("YAML");
    let file = written(&rig, "exec.kubeconfig", &config);
    rig.promfed(&["status", "--kubeconfig", &file]).ends_with(0).prints("admin@hub");
}

#[test]
fn a_login_that_fails_is_told_in_the_plugins_words() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let mut config = kubeconfig(&rig);
    config["users"][0]["user"] = serde_yaml::from_str(
        "exec:\n  apiVersion: client.authentication.k8s.io/v1\n  interactiveMode: Never\n  command: sh\n  args: [-c, 'echo session expired >&2; exit 1']\n",
    )
    .expect("YAML");
    let file = written(&rig, "expired.kubeconfig", &config);
    rig.promfed(&["flags", "--kubeconfig", &file])
        .ends_with(1)
        .says("the login plugin sh failed")
        .says("session expired")
        .says("hint:");
}

#[test]
fn several_kubeconfig_files_are_one() {
    let rig = Rig::without_prometheus(&[("hub", "3.5"), ("edge", "3.5")]);
    let whole = kubeconfig(&rig);
    let part = |index: usize, name: &str| {
        let mut config = whole.clone();
        for list in ["clusters", "users", "contexts"] {
            config[list] = Value::Sequence(vec![whole[list][index].clone()]);
        }
        config["current-context"] = config["contexts"][0]["name"].clone();
        written(&rig, name, &config)
    };
    let (hub, edge) = (part(0, "hub.kubeconfig"), part(1, "edge.kubeconfig"));
    let line = format!("KUBECONFIG={edge}:{hub} kubectl-promfed status --all-contexts");
    rig.shell(&line).ends_with(0).prints("admin@hub").prints("admin@edge");
    // The first file that names a current context wins.
    let line = format!("KUBECONFIG={edge}:{hub} kubectl-promfed status");
    let status = rig.shell(&line).ends_with(0).prints("admin@edge");
    assert!(!status.stdout.contains("admin@hub"), "{status}");
}

#[test]
fn who_is_impersonated_may_only_what_that_user_may() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let init = ["hub", "init", "--cluster-name", "hub", "--context", "admin@hub"];
    rig.nothing_is_written(|| {
        rig.promfed(&[&init[..], &["--as", "nobody"]].concat())
            .ends_with(1)
            .says("nobody")
            .says("packageinstalls")
    });
    let groups = ["--as", "somebody", "--as-group", "system:masters", "--dry-run"];
    rig.promfed(&[&init[..], &groups].concat()).ends_with(0);
}

#[test]
fn a_user_may_read_and_not_write() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.install_by_hand(
        "hub",
        "prometheus.kubernetes.vmware.com",
        "3.5.0+vmware.1-vks.1",
        "# all defaults\n",
    );
    let token = rig.nobody("hub");
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules:\n\
                - {apiGroups: ['*'], resources: ['*'], verbs: [get, list, watch]}\n---\n\
                apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: reader}\n\
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}\n\
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: nobody}]\n";
    let file = rig.file("reader.yaml", role);
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0);
    rig.promfed(&["status", "--token", token]).ends_with(0).prints("server");
    rig.nothing_is_written(|| {
        let init = ["hub", "init", "--cluster-name", "hub", "--token", token, "--yes"];
        rig.promfed(&init).ends_with(1).says("nobody").says("may not create secrets")
    });
}

#[test]
fn a_proxy_of_the_kubeconfig_is_used() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let (proxy, connections) = tunnel().expect("a proxy");
    let mut config = kubeconfig(&rig);
    config["clusters"][0]["cluster"]["proxy-url"] = Value::String(proxy);
    let file = written(&rig, "proxied.kubeconfig", &config);
    rig.promfed(&["status", "--kubeconfig", &file]).ends_with(0).prints("admin@hub");
    assert!(connections.try_iter().count() > 0, "nobody came through the proxy");
}

/// A forward proxy of one scenario: its URL, and who was asked for.
fn tunnel() -> io::Result<(String, std::sync::mpsc::Receiver<String>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let (seen, connections) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let seen = seen.clone();
            thread::spawn(move || connect(client, &seen));
        }
    });
    Ok((url, connections))
}

fn connect(client: TcpStream, seen: &std::sync::mpsc::Sender<String>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let host = request.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let server = TcpStream::connect(&host)?;
    seen.send(host).ok();
    let mut client = client;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut to, mut from) = (server.try_clone()?, server);
    thread::spawn(move || io::copy(&mut reader, &mut to));
    io::copy(&mut from, &mut client).map(drop)
}
