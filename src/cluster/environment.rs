//! What the environment of the process says about connecting.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::client::Dialect;

/// The facts that connecting depends on, read in one place so that everything else is a function of them. Proxy URLs may
/// hold passwords: not printable.
#[derive(Clone, Default)]
pub(super) struct Environment {
    /// `KUBECONFIG`: one file or several, separated as in `PATH`.
    pub(super) kubeconfig: Option<OsString>,
    pub(super) home: Option<PathBuf>,
    /// The address of the API server of the pod that this process runs in, if it runs in one.
    pub(super) service_host: Option<String>,
    pub(super) http_proxy: Option<String>,
    pub(super) https_proxy: Option<String>,
    pub(super) no_proxy: Option<String>,
    pub(super) dialect: Dialect,
}

impl Environment {
    pub(super) fn of_process() -> Self {
        Self {
            kubeconfig: env::var_os("KUBECONFIG"),
            home: env::home_dir(),
            service_host: variable("KUBERNETES_SERVICE_HOST"),
            http_proxy: variable("HTTP_PROXY").or_else(|| variable("http_proxy")),
            https_proxy: variable("HTTPS_PROXY").or_else(|| variable("https_proxy")),
            no_proxy: variable("NO_PROXY").or_else(|| variable("no_proxy")),
            // As kubectl: whatever it is set to.
            dialect: variable("DISABLE_HTTP2").map_or(Dialect::Newest, |_| Dialect::Old),
        }
    }
}

/// A variable that is set to nothing is not set.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
