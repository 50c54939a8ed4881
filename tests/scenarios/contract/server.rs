//! One API server, as the cases see it: raw requests with a bearer token, and a namespace to work in.

use std::cell::RefCell;
use std::net::{IpAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use http::{Method, Request};
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::answer::Answer;
use super::events::Events;
use super::objects::{NAMESPACES, Place, SERVICE_ACCOUNTS};

/// No answer takes longer than this.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) const JSON: &str = "application/json";
pub(super) const MERGE: &str = "application/merge-patch+json";
pub(super) const JSON_PATCH: &str = "application/json-patch+json";
pub(super) const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub(super) const APPLY: &str = "application/apply-patch+yaml";

/// The query of promfed's writes.
pub(super) const OURS: &str = "?fieldManager=kubectl-promfed&fieldValidation=Strict";

/// An API server, and who asks it: somebody who may do everything.
pub(crate) struct Server {
    runtime: Runtime,
    client: Client,
    token: String,
    /// The host and the port.
    address: String,
    /// A namespace of this run's own.
    namespace: String,
    /// The paths of what has to go in the end.
    left: RefCell<Vec<String>>,
}

/// A request that is being put together.
pub(super) struct Ask<'s> {
    server: &'s Server,
    method: &'static str,
    path: String,
    token: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Server {
    /// The API server of a context; makes a namespace there.
    pub(crate) fn connect(kubeconfig: &Path, context: &str) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(words)?;
        let read = Kubeconfig::read_from(kubeconfig).map_err(words)?;
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..Default::default() };
        let mut config = runtime.block_on(Config::from_custom_kubeconfig(read, &options)).map_err(words)?;
        let user = std::mem::take(&mut config.auth_info);
        let token: String = serde_json::to_value(&user)
            .ok()
            .and_then(|user| user["token"].as_str().map(str::to_owned))
            .ok_or("the user of the context has no token")?;
        let address = config.cluster_url.authority().ok_or("the cluster has no URL")?.to_string();
        config.proxy_url = None;
        // Every answer counts, those too that ask to come back.
        config.default_retry = false;
        let client = {
            let _inside = runtime.enter();
            Client::try_from(config).map_err(words)?
        };
        let mut server =
            Self { runtime, client, token, address, namespace: String::new(), left: RefCell::default() };
        let namespace = json!({"metadata": {"generateName": "contract-"}});
        let made = server.post(NAMESPACES.path(""), &namespace)?.with(201)?;
        server.namespace = made.text("/metadata/name")?;
        server.leave(NAMESPACES.one("", &server.namespace));
        Ok(server)
    }

    /// The run's own namespace.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Where objects of a kind are: in the run's own namespace, where they are in one.
    pub(super) fn path(&self, place: &Place) -> String {
        place.path(&self.namespace)
    }

    /// Where an object is.
    pub(super) fn one(&self, place: &Place, name: &str) -> String {
        place.one(&self.namespace, name)
    }

    /// A name that no other run uses, for what is in no namespace. It is deleted in the end.
    pub(super) fn own_name(&self, place: &Place, name: &str) -> String {
        let name = format!("{}-{name}", self.namespace);
        self.leave(place.one("", &name));
        name
    }

    /// Deletes what is there, in the end.
    pub(super) fn leave(&self, path: String) {
        self.left.borrow_mut().push(path);
    }

    /// Deletes what the cases left, the last first. That something is gone already is no harm.
    pub(super) fn clean_up(&self) {
        for path in self.left.take().iter().rev() {
            self.delete(path).ok();
        }
    }

    /// The host and the port of the API server.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// An address of this process that the API server can reach: the one from which this process reaches it.
    pub(super) fn own_address(&self) -> Result<IpAddr, String> {
        let stream = TcpStream::connect(&self.address).map_err(words)?;
        Ok(stream.local_addr().map_err(words)?.ip())
    }

    /// The token of a new `ServiceAccount` that may do nothing.
    pub(super) fn account(&self, name: &str) -> Result<String, String> {
        self.post(self.path(&SERVICE_ACCOUNTS), &json!({"metadata": {"name": name}}))?.with(201)?;
        let path = format!("{}/token", self.one(&SERVICE_ACCOUNTS, name));
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        self.post(path, &request)?.with(201)?.text("/status/token")
    }

    /// The name that such an account has as a user.
    pub(super) fn account_user(&self, name: &str) -> String {
        format!("system:serviceaccount:{}:{name}", self.namespace)
    }

    pub(super) fn ask(&self, method: &'static str, path: impl Into<String>) -> Ask<'_> {
        Ask { server: self, method, path: path.into(), token: None, headers: Vec::new(), body: Vec::new() }
            .header("accept", JSON)
    }

    pub(super) fn get(&self, path: impl Into<String>) -> Result<Answer, String> {
        self.ask("GET", path).send()
    }

    pub(super) fn post(&self, path: impl Into<String>, body: &Value) -> Result<Answer, String> {
        self.ask("POST", path).json(JSON, body).send()
    }

    pub(super) fn put(&self, path: impl Into<String>, body: &Value) -> Result<Answer, String> {
        self.ask("PUT", path).json(JSON, body).send()
    }

    /// A patch of one of the four kinds.
    pub(super) fn patch(&self, form: &str, path: impl Into<String>, body: &Value) -> Result<Answer, String> {
        self.ask("PATCH", path).json(form, body).send()
    }

    /// Server-side apply as promfed does it, with more of a query.
    pub(super) fn apply(&self, path: &str, more: &str, object: &Value) -> Result<Answer, String> {
        self.patch(APPLY, format!("{path}{OURS}{more}"), object)
    }

    pub(super) fn delete(&self, path: &str) -> Result<Answer, String> {
        self.ask("DELETE", path).send()
    }

    /// Opens a watch.
    pub(super) fn watch(&self, path: impl Into<String>) -> Result<Events<'_>, String> {
        let ask = self.ask("GET", path);
        let (what, response) = (ask.what(), ask.response()?);
        if response.status() != http::StatusCode::OK {
            return Err(format!("{what} is no watch: {}", response.status()));
        }
        Ok(Events::new(&self.runtime, what, response.into_body()))
    }
}

/// Looks until there is something; what it saw last when there never is.
pub(super) fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> Result<T, String> {
    let end = Instant::now() + PATIENCE;
    loop {
        match look() {
            Ok(found) => return Ok(found),
            Err(words) if Instant::now() > end => return Err(format!("in vain: {what}: {words}")),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

impl Ask<'_> {
    /// Asks as somebody else.
    pub(super) fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// With this header instead of the one that would be sent.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn json(self, form: &str, body: &Value) -> Self {
        self.text(form, &body.to_string())
    }

    pub(super) fn text(mut self, form: &str, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self.header("content-type", form)
    }

    pub(super) fn send(self) -> Result<Answer, String> {
        let (what, response) = (self.what(), self.response()?);
        let (parts, body) = response.into_parts();
        let read = async { tokio::time::timeout(PATIENCE, body.collect_bytes()).await };
        let body = self.server.runtime.block_on(read).map_err(words)?.map_err(words)?;
        Ok(Answer { what, status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() })
    }

    fn what(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn response(&self) -> Result<http::Response<Body>, String> {
        let token = self.token.as_ref().unwrap_or(&self.server.token);
        let mut request = Request::builder()
            .method(self.method.parse::<Method>().map_err(words)?)
            .uri(&self.path)
            .header("user-agent", "contract/1");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(self.body.clone())).map_err(words)?;
        let sent = async { tokio::time::timeout(PATIENCE, self.server.client.send(request)).await };
        self.server
            .runtime
            .block_on(sent)
            .map_err(words)?
            .map_err(|error| format!("{}: {error}", self.what()))
    }
}

/// The first context that is called `admin@…`.
pub(super) fn admin_context(kubeconfig: &Path) -> Result<String, String> {
    let read = Kubeconfig::read_from(kubeconfig).map_err(words)?;
    let mut names = read.contexts.into_iter().map(|context| context.name);
    names.find(|name| name.starts_with("admin@")).ok_or_else(|| "there is none".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "this is what `map_err` takes")]
pub(super) fn words(error: impl ToString) -> String {
    error.to_string()
}
