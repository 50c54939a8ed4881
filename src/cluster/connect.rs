//! One context of the kubeconfig, as a handle that connects when it is first asked something.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::{Client, Config};
use tokio::sync::OnceCell;

use super::client::{Dialect, client};
use super::environment::Environment;
use super::failure::{Cause, of_login};
use super::kubeconfig::{Choice, Target, resolve, resolve_each};
use super::line::Line;
use super::options::ConnectOptions;
use super::own::Own;
use crate::error::Error;

/// The time that one request may take where nobody says otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The time that opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// One context of the kubeconfig. Making it sends nothing and runs no login plugin; the first request does. Clones share
/// one client, and so its connections.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    context: String,
    entry: Option<String>,
    server: String,
    /// Host and port that are dialled.
    dial: String,
    user: Option<String>,
    namespace: Option<String>,
    context_namespace: Option<String>,
    request_timeout: Option<Duration>,
    config: Config,
    dialect: Dialect,
    own: Own,
    /// The login that requests use now.
    login: Mutex<Arc<Login>>,
}

/// One login: a client, and whether the server has ever taken it.
#[derive(Default)]
pub(super) struct Login {
    /// A failure to log in is kept too: a login plugin that fails is not run once per request.
    client: OnceCell<Result<Client, Cause>>,
    pub(super) line: Line,
    taken: AtomicBool,
}

impl Login {
    /// The server knows who this is.
    pub(super) fn is_taken(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }
}

impl Cluster {
    /// Finds out where the options and the kubeconfig lead. No request is made.
    ///
    /// # Errors
    ///
    /// No kubeconfig, one that cannot be read, or a name that is not in it; files that it names and that are missing.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, Error> {
        let options = options.clone();
        // Files are read, maybe from a slow home folder: not on this thread.
        let read = move || Self::connect_in(&options, &Environment::of_process());
        let made = tokio::task::spawn_blocking(read).await;
        made.unwrap_or_else(|_| Err(Error::failed("reading the kubeconfig was given up")))
    }

    /// The same for many contexts; the kubeconfig is read once. One that was found by a pattern, or among all, and that
    /// cannot be used, costs only itself.
    ///
    /// # Errors
    ///
    /// No kubeconfig, one that cannot be read; a name that is not in it or cannot be used, a pattern that finds none.
    pub async fn connect_each(
        options: &ConnectOptions,
        choice: Choice,
    ) -> Result<Vec<(String, Result<Self, Error>)>, Error> {
        let options = options.clone();
        let read = move || {
            let targets = resolve_each(&options, &choice, &Environment::of_process())?;
            let at = |target: Target| Self::at(target, &options, OnceCell::new());
            Ok(targets.into_iter().map(|(name, target)| (name, target.map(at))).collect())
        };
        let made = tokio::task::spawn_blocking(read).await;
        made.unwrap_or_else(|_| Err(Error::failed("reading the kubeconfig was given up")))
    }

    pub(super) fn connect_in(options: &ConnectOptions, environment: &Environment) -> Result<Self, Error> {
        let target = resolve(options, environment)?;
        Ok(Self::at(target, options, OnceCell::new()))
    }

    pub(super) fn at(
        target: Target,
        options: &ConnectOptions,
        client: OnceCell<Result<Client, Cause>>,
    ) -> Self {
        let mut config = target.config;
        let server = shown(&config.cluster_url);
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        let own = Own::of(&config);
        // A client that is given needs no server.
        let line = if client.initialized() { Line::open() } else { Line::default() };
        Self(Arc::new(Inner {
            context: if target.context.is_empty() { server.clone() } else { target.context },
            entry: target.entry,
            server,
            dial: authority(&config.cluster_url),
            user: target.user,
            namespace: options.namespace.clone().filter(|namespace| !namespace.is_empty()),
            context_namespace: target.namespace,
            request_timeout: match options.request_timeout {
                None => Some(REQUEST_TIMEOUT),
                Some(Duration::ZERO) => None,
                limit => limit,
            },
            config,
            dialect: target.dialect,
            own,
            login: Mutex::new(Arc::new(Login { client, line, taken: AtomicBool::new(false) })),
        }))
    }

    /// The context's name; `in-cluster` inside a pod without a kubeconfig; the server where there is no context at all.
    pub fn context(&self) -> &str {
        &self.0.context
    }

    /// What the kubeconfig calls the cluster of the context.
    pub fn entry(&self) -> Option<&str> {
        self.0.entry.as_deref()
    }

    /// The URL of the API server, without credentials.
    pub fn server(&self) -> &str {
        &self.0.server
    }

    /// The name of the kubeconfig's user entry.
    pub fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// The namespace that was asked for on the command line.
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    /// The namespace that the context of the kubeconfig names.
    pub fn context_namespace(&self) -> Option<&str> {
        self.0.context_namespace.as_deref()
    }

    pub(super) fn request_timeout(&self) -> Option<Duration> {
        self.0.request_timeout
    }

    /// What no failure may repeat.
    pub(super) fn own(&self) -> &Own {
        &self.0.own
    }

    /// Host and port, for the words of a failure to connect.
    pub(super) fn dial(&self) -> &str {
        &self.0.dial
    }

    /// The shared client. Making it reads certificates and may run a login plugin, which blocks: not on this thread.
    pub(super) async fn client(&self) -> Result<Client, Cause> {
        self.client_of(&self.login()).await
    }

    /// The login that requests use now.
    pub(super) fn login(&self) -> Arc<Login> {
        Arc::clone(&self.0.login.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another login, where one that was taken is not any more and a plugin or a file can give a new token. A login
    /// that was never taken would be refused again.
    pub(super) fn log_in_again(&self, ended: &Arc<Login>) -> Option<Arc<Login>> {
        let auth = &self.0.config.auth_info;
        let can_renew = auth.exec.is_some() || auth.token_file.is_some() || auth.auth_provider.is_some();
        if !can_renew || !ended.taken.load(Ordering::Relaxed) {
            return None;
        }
        let mut login = self.0.login.lock().unwrap_or_else(PoisonError::into_inner);
        // Of many requests that were refused at once, the first one logs in.
        if Arc::ptr_eq(&login, ended) {
            *login = Arc::default();
        }
        Some(Arc::clone(&login))
    }

    /// Closes the connections, once nobody is asked any more: among many clusters, each keeps a few otherwise.
    pub fn hang_up(&self) {
        *self.0.login.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// The client of a login.
    pub(super) async fn client_of(&self, login: &Login) -> Result<Client, Cause> {
        let client = login.client.get_or_init(async || {
            let (config, dialect) = (self.0.config.clone(), self.0.dialect);
            match tokio::task::spawn_blocking(move || client(config, dialect)).await {
                Ok(client) => client.map_err(|error| of_login(&error)),
                Err(_) => Err(Cause::Credentials("the login was given up".into())),
            }
        });
        client.await.clone()
    }

    /// A cluster that answers from inside the process.
    #[cfg(test)]
    pub(super) fn in_process(client: Client, options: &ConnectOptions) -> Self {
        let target = Target {
            context: "test".into(),
            entry: None,
            user: Some("tester".into()),
            namespace: None,
            config: Config::new(http::Uri::from_static("http://in-process:1")),
            dialect: Dialect::default(),
        };
        Self::at(target, options, OnceCell::new_with(Some(Ok(client))))
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("context", &self.context())
            .field("server", &self.server())
            .finish_non_exhaustive()
    }
}

/// The URL without a user and a password, and without the slash that means nothing.
fn shown(url: &http::Uri) -> String {
    let host = url.authority().map_or("", |authority| host_part(authority.as_str()));
    let path = url.path().trim_end_matches('/');
    format!("{}://{host}{path}", url.scheme_str().unwrap_or("https"))
}

fn authority(url: &http::Uri) -> String {
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("http") { 80 } else { 443 });
    format!("{}:{port}", url.host().unwrap_or_default())
}

fn host_part(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_url_are_not_shown() {
        let url = http::Uri::from_static("https://admin:hunter2@10.0.0.9:6443/k8s/");
        assert_eq!(shown(&url), "https://10.0.0.9:6443/k8s");
    }

    #[test]
    fn the_port_that_is_dialled_follows_from_the_scheme() {
        assert_eq!(authority(&http::Uri::from_static("https://api.example.com")), "api.example.com:443");
    }
}
