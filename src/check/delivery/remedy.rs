//! What to do about a batch that does not get through.

use super::cause::Cause;
use crate::check::judgement::Fix;
use crate::check::view::View;
use crate::prometheus::config::remote_write_urls;

impl Cause {
    /// What to do about it at an agent or at its hub, the best first.
    pub(super) fn fixes(self, view: &View<'_>) -> Vec<Fix> {
        let hub = view.hub.map(|hub| View::of(hub, view.all));
        let namespace = hub.map_or("NAMESPACE", |hub| hub.facts.workload.namespace.as_str());
        let at_hub = |rest: String| hub.map_or_else(|| kubectl_at_hub(&rest), |hub| hub.kubectl(&rest));
        match self {
            Self::ReceiverOff => vec![again_at_hub(hub, "")],
            Self::WrongPath
            | Self::Redirected
            | Self::HttpToTls
            | Self::HttpsToPlain
            | Self::WrongName
            | Self::TooMany => vec![view.again("")],
            Self::UnknownAuthority if hub.is_some() => {
                vec![view.again(""), view.again("--ca-file FILE")]
            }
            Self::UnknownAuthority => vec![view.again("--ca-file FILE")],
            Self::Expired => vec![at_hub(format!("get certificates.cert-manager.io -n {namespace}"))],
            Self::File => vec![Fix::hand(
                "write what the file holds into the configuration (tls_config.ca since 2.45), or put it where the container reads it",
            )],
            Self::NoSuchHost => vec![Fix::hand(format!(
                "make the DNS of the agent's cluster resolve {}, or join with the --hub-url of a name that it resolves",
                host(view)
            ))],
            Self::Closed | Self::NoAnswer => {
                vec![Fix::hand(format!(
                    "open the way from the nodes of the agent's cluster to {}",
                    host(view)
                ))]
            }
            Self::Unauthorized | Self::Forbidden => vec![Fix::hand(
                "give remote_write the credentials that the hub takes; while they change, let the old and the new ones be valid",
            )],
            Self::TooLarge => vec![Fix::hand(
                "raise the proxy's limit for request bodies, or lower queue_config.max_samples_per_send at the agent",
            )],
            Self::FormatRefused | Self::FormatLost => vec![
                Fix::hand("take protobuf_message out of the agent's remote_write"),
                again_at_hub(hub, "--package-version VERSION"),
            ],
            Self::IngressTimeout => vec![Fix::hand(
                "give the hub's HTTPProxy route timeoutPolicy.response 60s by a ytt overlay: the package has no value for it",
            )],
            Self::NotReady => vec![at_hub(format!("get pods,endpoints -n {namespace}"))],
            Self::OutOfOrder => vec![other_name(view)],
            Self::TooLate => vec![Fix::hand(
                "give a hub of 2.50 or later a storage.tsdb.out_of_order_time_window as long as the longest outage to survive",
            )],
            Self::Future => vec![Fix::hand("set the clocks of the agent's nodes by NTP")],
            Self::TooOldBlocks => vec![
                again_at_hub(hub, "--package-version VERSION"),
                Fix::hand("take storage.tsdb.out_of_order_time_window out of the hub's configuration"),
            ],
            Self::NativeHistogramsOff => vec![
                Fix::hand("add --enable-feature=native-histograms to the hub's arguments"),
                Fix::hand("take send_native_histograms out of the agent's remote_write"),
            ],
            Self::RepeatedLabel => vec![
                Fix::hand("drop the second label by relabeling at the agent"),
                again_at_hub(hub, "--package-version VERSION"),
            ],
            Self::Other => {
                let namespace = &view.facts.workload.namespace;
                vec![view.kubectl(&format!(
                    "logs -n {namespace} deployment/prometheus-server -c prometheus-server"
                ))]
            }
        }
    }
}

/// Joining under a name of its own.
pub(super) fn other_name(view: &View<'_>) -> Fix {
    let context = &view.facts.context;
    let more = view.hub.map_or_else(|| "--hub-context HUB".to_owned(), |hub| hub.to_join(Some(view.facts)));
    Fix::hand(format!("kubectl promfed agent join --context {context} {more} --cluster-name OTHER-NAME"))
}

fn again_at_hub(hub: Option<View<'_>>, more: &str) -> Fix {
    hub.map_or_else(
        || Fix::hand(format!("kubectl promfed hub init --context HUB --cluster-name NAME {more}").trim_end()),
        |hub| hub.again(more),
    )
}

fn kubectl_at_hub(rest: &str) -> Fix {
    Fix::hand(format!("kubectl --context HUB {rest}"))
}

/// The host, and the port where one is written, that the agent writes to.
fn host(view: &View<'_>) -> String {
    let config = view.facts.config().unwrap_or_default();
    let url = remote_write_urls(config).next().unwrap_or_default();
    let host = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.filter(|host| !host.is_empty()).unwrap_or("the hub").to_owned()
}
