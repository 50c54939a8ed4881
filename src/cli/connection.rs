//! kubectl's own flags.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cluster::{Choice, ConnectOptions, TlsVerification};

const HEADING: &str = "Connection (as kubectl)";

/// How to reach an API server, with kubectl's names and meanings.
#[derive(Clone, Debug, Default, Args)]
pub struct Connection {
    /// The kubeconfig file to use
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", help_heading = HEADING)]
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig context to use
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME", help_heading = HEADING)]
    pub context: Option<String>,
    /// The kubeconfig cluster to use (not the `cluster` label: that is --cluster-name)
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME", help_heading = HEADING)]
    pub cluster: Option<String>,
    /// The kubeconfig user to use; with `rbac`, the user who gets the role
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME", help_heading = HEADING)]
    pub user: Option<String>,
    /// The namespace of the PackageInstall
    #[arg(short, long, global = true, hide_short_help = true, value_name = "NAME", help_heading = HEADING)]
    pub namespace: Option<String>,
    /// The address of the API server
    #[arg(short, long, global = true, hide_short_help = true, value_name = "URL", help_heading = HEADING)]
    pub server: Option<String>,
    /// A bearer token for the API server
    #[arg(long, global = true, hide_short_help = true, value_name = "TOKEN", hide_env_values = true, help_heading = HEADING)]
    pub token: Option<String>,
    /// The certificate authority of the API server
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", help_heading = HEADING)]
    pub certificate_authority: Option<PathBuf>,
    /// A client certificate for the API server
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", help_heading = HEADING)]
    pub client_certificate: Option<PathBuf>,
    /// The key of the client certificate
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", help_heading = HEADING)]
    pub client_key: Option<PathBuf>,
    /// The name to expect in the API server's certificate
    #[arg(long, global = true, hide_short_help = true, value_name = "NAME", help_heading = HEADING)]
    pub tls_server_name: Option<String>,
    /// Do not verify the API server's certificate; with `agent join`, not the hub's
    #[arg(long, global = true, hide_short_help = true, help_heading = HEADING)]
    pub insecure_skip_tls_verify: bool,
    /// Act as this user
    #[arg(long = "as", global = true, hide_short_help = true, value_name = "USER", help_heading = HEADING)]
    pub as_user: Option<String>,
    /// Act as a member of this group (may be repeated)
    #[arg(long = "as-group", global = true, hide_short_help = true, value_name = "GROUP", help_heading = HEADING)]
    pub as_groups: Vec<String>,
    /// Act as this UID
    #[arg(long = "as-uid", global = true, hide_short_help = true, value_name = "UID", help_heading = HEADING)]
    pub as_uid: Option<String>,
    /// How long one request may take: seconds, or like 5s or 2m; 0 for no limit [default: 30s]
    #[arg(long, global = true, hide_short_help = true, value_name = "TIME", value_parser = duration, help_heading = HEADING)]
    pub request_timeout: Option<Duration>,
}

pub(super) const FLEET: &str = "Many clusters";

/// Which contexts a command reads, and how.
#[derive(Clone, Debug, Args)]
pub struct FleetArgs {
    /// These contexts, by commas; * and ? stand for any letters and for one
    #[arg(long, value_name = "A,B", value_delimiter = ',', conflicts_with = "all_contexts", help_heading = FLEET)]
    pub contexts: Vec<String>,
    /// Every context of the kubeconfig
    #[arg(long, help_heading = FLEET)]
    pub all_contexts: bool,
    /// How many contexts are read at the same time
    #[arg(long, value_name = "N", default_value_t = Self::AT_ONCE, hide_short_help = true, help_heading = FLEET)]
    pub concurrency: NonZeroUsize,
    /// How long one context of several may take until it counts as unreachable
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1m", hide_short_help = true, help_heading = FLEET)]
    pub context_timeout: Duration,
}

impl FleetArgs {
    /// So many that a few hundred clusters take twice as long as one, and so few that sockets and memory last.
    const AT_ONCE: NonZeroUsize = NonZeroUsize::new(100).expect("not zero");

    /// Which contexts were named; `None` is the current one.
    pub fn choice(&self) -> Option<Choice> {
        if self.all_contexts {
            return Some(Choice::All);
        }
        (!self.contexts.is_empty()).then(|| Choice::Named(self.contexts.clone()))
    }
}

impl Connection {
    /// The options for the context that the command is about.
    pub fn options(&self) -> ConnectOptions {
        ConnectOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            namespace: self.namespace.clone(),
            server: self.server.clone(),
            token: self.token.clone().map(Into::into),
            certificate_authority: self.certificate_authority.clone(),
            client_certificate: self.client_certificate.clone(),
            client_key: self.client_key.clone(),
            tls_server_name: self.tls_server_name.clone(),
            tls_verification: if self.insecure_skip_tls_verify {
                TlsVerification::Skip
            } else {
                TlsVerification::Verify
            },
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            as_uid: self.as_uid.clone(),
            request_timeout: self.request_timeout,
        }
    }

    /// The connection to a cluster that a fleet file declares: who runs the command, and how long they wait, is typed; the
    /// rest is declared.
    #[must_use]
    pub fn declared(&self, entry: &Self) -> Self {
        Self {
            kubeconfig: self.kubeconfig.clone(),
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            as_uid: self.as_uid.clone(),
            request_timeout: self.request_timeout,
            namespace: entry.namespace.clone().or_else(|| self.namespace.clone()),
            ..entry.clone()
        }
    }

    /// The options for another context of the same kubeconfig: what was typed about one server or one login does not
    /// hold for another.
    pub fn options_for(&self, context: &str) -> ConnectOptions {
        ConnectOptions { context: Some(context.to_owned()), ..self.options_for_any() }
    }

    /// The same without saying which.
    pub fn options_for_any(&self) -> ConnectOptions {
        ConnectOptions {
            kubeconfig: self.kubeconfig.clone(),
            namespace: self.namespace.clone(),
            request_timeout: self.request_timeout,
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            as_uid: self.as_uid.clone(),
            ..ConnectOptions::default()
        }
    }
}

/// A time as kubectl takes it: a number of seconds, or numbers with units (`1m30s`).
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let wrong = || "a time is a number of seconds, or like 90s, 2m or 1m30s".to_owned();
    let time: crate::prometheus::PromDuration = text.parse().map_err(|_| wrong())?;
    Ok(Duration::from_millis(time.milliseconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_or_has_units() {
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        assert!(duration("soon").is_err());
    }

    #[test]
    fn a_login_for_one_server_is_not_sent_to_another() {
        let typed = Connection {
            token: Some("t".into()),
            server: Some("https://a".into()),
            insecure_skip_tls_verify: true,
            ..Connection::default()
        };
        let other = typed.options_for("hub");
        assert!(other.token.is_none() && other.server.is_none());
        assert_eq!(other.tls_verification, TlsVerification::Verify);
    }
}
