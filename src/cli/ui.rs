//! `kubectl promfed ui`

/// The web UI of Prometheus, of a hub or of an agent.
///
/// Forwards a port of this machine to Prometheus's pod, through the API server, until it is interrupted. It prints the
/// address, and opens it in a browser where there is a terminal. That takes the right to reach every port of every pod
/// in the package's namespace: kubectl promfed rbac viewer --with-ui.
#[derive(Debug, clap::Args)]
pub struct UiArgs {
    /// The port to listen on at 127.0.0.1; 0 for a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Open no browser
    #[arg(long)]
    pub no_browser: bool,
}
