//! From options, environment and files to one server and one user.

use kube::Config;
use kube::config::{AuthInfo, Cluster, Context, Kubeconfig};

use super::choice::{Choice, Meant};
use super::config::config;
use super::files::{Loaded, load};
use super::http_proxy::proxy;
use super::overrides::{over_cluster, over_user};
use crate::cluster::client::Dialect;
use crate::cluster::environment::Environment;
use crate::cluster::options::ConnectOptions;
use crate::domain::nearest;
use crate::error::Error;

/// Where to connect, and as whom.
pub(in crate::cluster) struct Target {
    /// Empty where the command line names the server, and there is no context.
    pub(in crate::cluster) context: String,
    /// What the kubeconfig calls the cluster of the context.
    pub(in crate::cluster) entry: Option<String>,
    pub(in crate::cluster) user: Option<String>,
    /// The namespace that the context names.
    pub(in crate::cluster) namespace: Option<String>,
    pub(in crate::cluster) config: Config,
    pub(in crate::cluster) dialect: Dialect,
}

/// Follows the options and the kubeconfig to one server, by kubectl's rules.
pub(in crate::cluster) fn resolve(
    options: &ConnectOptions,
    environment: &Environment,
) -> Result<Target, Error> {
    follow(&load(options, environment)?, options, environment)
}

/// Contexts, and where each leads.
pub(in crate::cluster) type Targets = Vec<(String, Result<Target, Error>)>;

/// The same for many contexts of one kubeconfig, which is read once. What the options say of a context does not count;
/// one that was found and cannot be used costs only itself.
pub(in crate::cluster) fn resolve_each(
    options: &ConnectOptions,
    choice: &Choice,
    environment: &Environment,
) -> Result<Targets, Error> {
    let loaded = load(options, environment)?;
    let known: Vec<String> = loaded.kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let chosen = choice.among(&known).map_err(|pattern| {
        let error = Error::usage(format!("no context of the kubeconfig is like \"{pattern}\""));
        self::known("contexts", &names(&known, |name| name), error)
    })?;
    let mut all = Vec::new();
    for (name, meant) in chosen {
        let options = ConnectOptions { context: Some(name.clone()), ..options.clone() };
        match (follow(&loaded, &options, environment), meant) {
            // A name that is not in the kubeconfig is a typing error, not a cluster that is away.
            (Err(error), Meant::ByName) => return Err(error),
            (target, _) => all.push((name, target)),
        }
    }
    Ok(all)
}

fn follow(loaded: &Loaded, options: &ConnectOptions, environment: &Environment) -> Result<Target, Error> {
    let named = options.context.clone().filter(|name| !name.is_empty());
    let current = named.or_else(|| loaded.kubeconfig.current_context.clone());
    let detached = options.server.is_some() || options.cluster.is_some();
    let (name, context) = match current {
        Some(name) => (name.clone(), context(loaded, &name)?),
        None if detached => (String::new(), Context::default()),
        None if is_empty(loaded) && environment.service_host.is_some() => return in_pod(environment),
        None => return Err(nowhere(loaded)),
    };
    let cluster = over_cluster(cluster(&loaded.kubeconfig, &context, options)?, options);
    let user_name = options.user.clone().or_else(|| context.user.clone()).filter(|name| !name.is_empty());
    let user = over_user(user(&loaded.kubeconfig, user_name.as_deref(), options)?, options);
    let server = server(&cluster, &user)?;
    let proxy = proxy(&server, cluster.proxy_url.as_deref(), environment)?;
    let config = config(server, &cluster, user, proxy).map_err(|error| of_context(error, &name))?;
    Ok(Target {
        context: name,
        entry: Some(context.cluster.clone()).filter(|name| !name.is_empty()),
        user: user_name,
        namespace: context.namespace.filter(|it| !it.is_empty()),
        config,
        dialect: environment.dialect,
    })
}

fn is_empty(loaded: &Loaded) -> bool {
    loaded.kubeconfig.contexts.is_empty() && loaded.kubeconfig.clusters.is_empty()
}

fn in_pod(environment: &Environment) -> Result<Target, Error> {
    let config = Config::incluster().map_err(|error| {
        Error::usage("there is no kubeconfig, and the service account of this pod cannot be used")
            .because(error.to_string())
    })?;
    let namespace = Some(config.default_namespace.clone());
    let dialect = environment.dialect;
    Ok(Target { context: "in-cluster".into(), entry: None, user: None, namespace, config, dialect })
}

fn nowhere(loaded: &Loaded) -> Error {
    if loaded.found {
        let error = Error::usage("the kubeconfig has no current context, and --context names none");
        return known("contexts", &names(&loaded.kubeconfig.contexts, |context| &context.name), error);
    }
    let places: Vec<_> = loaded.places.iter().map(|place| place.display().to_string()).collect();
    let looked = if places.is_empty() {
        "there is no home folder".into()
    } else {
        format!("looked at {}", places.join(", "))
    };
    Error::usage("no kubeconfig found")
        .because(looked)
        .hint("name one with --kubeconfig or the variable KUBECONFIG")
}

fn context(loaded: &Loaded, name: &str) -> Result<Context, Error> {
    let contexts = &loaded.kubeconfig.contexts;
    match contexts.iter().find(|context| context.name == name) {
        Some(found) => Ok(found.context.clone().unwrap_or_default()),
        None if !loaded.found => Err(nowhere(loaded)),
        None => Err(unknown("context", name, &names(contexts, |context| &context.name))),
    }
}

fn cluster(kubeconfig: &Kubeconfig, context: &Context, options: &ConnectOptions) -> Result<Cluster, Error> {
    let name = options.cluster.as_ref().unwrap_or(&context.cluster);
    match kubeconfig.clusters.iter().find(|cluster| cluster.name == *name) {
        Some(found) => Ok(found.cluster.clone().unwrap_or_default()),
        None if options.server.is_some() && options.cluster.is_none() => Ok(Cluster::default()),
        None => Err(unknown("cluster", name, &names(&kubeconfig.clusters, |cluster| &cluster.name))),
    }
}

/// A context may name a user that is not there, as in kubectl; the command line may not.
fn user(kubeconfig: &Kubeconfig, name: Option<&str>, options: &ConnectOptions) -> Result<AuthInfo, Error> {
    let users = &kubeconfig.auth_infos;
    let found = users.iter().find(|user| name == Some(&user.name)).and_then(|user| user.auth_info.clone());
    match (found, &options.user) {
        (Some(user), _) => Ok(user),
        (None, Some(typed)) => Err(unknown("user", typed, &names(users, |user| &user.name))),
        (None, None) => Ok(AuthInfo::default()),
    }
}

fn server(cluster: &Cluster, user: &AuthInfo) -> Result<http::Uri, Error> {
    let server = cluster.server.as_deref().filter(|server| !server.is_empty());
    let Some(server) = server else {
        return Err(
            Error::usage("the cluster entry of the kubeconfig names no server").hint("name it with --server")
        );
    };
    let url = if server.contains("://") {
        server.to_owned()
    } else {
        format!("{}://{server}", presumed_scheme(cluster, user))
    };
    let parsed = url.parse::<http::Uri>().ok().filter(|url| url.host().is_some_and(|host| !host.is_empty()));
    parsed.ok_or_else(|| Error::usage("the server of the cluster is not a URL"))
}

/// kubectl takes an address without a scheme for https if something else speaks of certificates.
fn presumed_scheme(cluster: &Cluster, user: &AuthInfo) -> &'static str {
    let secure = cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || cluster.insecure_skip_tls_verify == Some(true)
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some();
    if secure { "https" } else { "http" }
}

fn of_context(error: Error, context: &str) -> Error {
    if context.is_empty() { error } else { error.during(format!("context \"{context}\" cannot be used")) }
}

fn names<T>(entries: &[T], name: impl Fn(&T) -> &String) -> Vec<&str> {
    entries.iter().map(|entry| name(entry).as_str()).collect()
}

fn unknown(kind: &str, typed: &str, entries: &[&str]) -> Error {
    let mut error = Error::usage(format!("the kubeconfig has no {kind} \"{typed}\""));
    if let Some(nearest) = nearest(typed, entries) {
        error = error.hint(format!("did you mean \"{nearest}\"?"));
    }
    known(&format!("{kind}s"), entries, error)
}

fn known(kinds: &str, entries: &[&str], error: Error) -> Error {
    if entries.is_empty() { error } else { error.hint(format!("known {kinds}: {}", entries.join(", "))) }
}
