//! A served cluster, and kubectl pointed at it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use promfed_sandbox::access::User;
use promfed_sandbox::api::{Api, Backend, Instance, Server};
use promfed_sandbox::kubeconfig::Kubeconfig;
use promfed_sandbox::store::Store;

/// A node on which nothing runs but one port that is somebody else's.
struct Node {
    port: Option<SocketAddr>,
}

impl Backend for Node {
    fn dial(&self, _: &str, port: u16) -> Option<SocketAddr> {
        self.port.filter(|_| port == 9090)
    }

    fn log(&self, _: &str, _: &str, _: &str, instance: Instance) -> Option<String> {
        (instance == Instance::Current).then(|| "one\ntwo\nthree\n".to_owned())
    }

    fn answer(&self, _: &str, body: Vec<u8>) -> Vec<u8> {
        String::from_utf8_lossy(&body).replace("here", "there").into_bytes()
    }
}

pub(crate) struct Cluster {
    pub(crate) api: Arc<Api>,
    pub(crate) server: Server,
    folder: tempfile::TempDir,
}

impl Cluster {
    pub(crate) async fn start(port: Option<SocketAddr>) -> Self {
        let api = Arc::new(Api::new(Store::default(), Arc::new(Node { port })).unwrap());
        api.access.register(User::new("jane", &["dev"]), "token-of-jane");
        let server = api.clone().serve().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Kubeconfig::new()
            .entry("admin", &server.url(), &server.ca_pem, api.access.admin_token())
            .entry("jane", &server.url(), &server.ca_pem, "token-of-jane")
            .write(&folder.path().join("config"))
            .unwrap();
        Self { api, server, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new("kubectl");
        command
            .args(arguments.split_whitespace())
            .env("KUBECONFIG", self.path("config"))
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// What kubectl prints; it has to succeed.
    pub(crate) async fn kubectl(&self, arguments: &str) -> String {
        let output = self.run(arguments).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {arguments}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What kubectl complains about; it has to fail.
    pub(crate) async fn refused(&self, arguments: &str) -> String {
        let output = self.run(arguments).await;
        assert!(!output.status.success(), "kubectl {arguments} went well");
        String::from_utf8(output.stderr).unwrap()
    }
}
