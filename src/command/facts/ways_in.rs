//! The URLs at which the hub is reached from outside, asked from this machine.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use super::{Depth, process};
use crate::check::{Facts, Package, Unread, WayIn, WaysIn};
use crate::cluster::{Authorities, Caller, Endpoint};
use crate::command::prometheus::{Dated, Prometheus};
use crate::command::site::{ingress_url, write_url};
use crate::package::{PackageInstall, Values};
use crate::prometheus::Role;

/// How long one of them is waited for: what drops packets is told from what answers slowly.
const DEADLINE: Duration = Duration::from_secs(10);

/// A URL, and which certificates are taken there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    url: String,
    authorities: Authorities,
}

/// The ways in of an agent are those that it writes to, of a hub the one that `agent join` would write to, which trusts
/// the authority that signed the hub's own certificate.
pub(super) fn ways(
    facts: &Facts,
    install: &PackageInstall,
    values: &Values,
    authority: Option<String>,
) -> Vec<Way> {
    match facts.role() {
        Some(Role::Agent) => of_agent(&facts.package, facts.config().unwrap_or_default()),
        Some(Role::Hub) => {
            let authorities = authority.map_or(Authorities::System, Authorities::Pem);
            // What the public name does with writes counts too where agents write to another one.
            let urls = [write_url(install, values), ingress_url(values)];
            let mut urls: Vec<_> =
                urls.into_iter().flatten().map(|url| without_credentials(url.as_str())).collect();
            urls.dedup();
            urls.into_iter().map(|url| Way { url, authorities: authorities.clone() }).collect()
        }
        None => Vec::new(),
    }
}

/// Asks each way but those whose answers are known.
pub(super) async fn ask(ways: Vec<Way>, known: &[(Way, WayIn)], depth: Depth) -> Vec<(Way, WayIn)> {
    let answers = ways.into_iter().map(|way| async {
        let answer = match known.iter().find(|(asked, _)| *asked == way) {
            Some((_, answer)) => answer.clone(),
            None => way.ask(depth).await,
        };
        (way, answer)
    });
    join_all(answers).await
}

/// The answers alone.
pub(super) fn told(asked: Vec<(Way, WayIn)>) -> WaysIn {
    WaysIn { urls: asked.into_iter().map(|(_, answer)| answer).collect() }
}

pub(super) fn none() -> WaysIn {
    WaysIn { urls: Vec::new() }
}

impl Way {
    async fn ask(&self, depth: Depth) -> WayIn {
        let answer = depth.in_check(async {
            let write = Endpoint::at(&self.url, &self.authorities, &Caller::default())?;
            let hub = Prometheus::at(Some(write), None);
            let answer = tokio::time::timeout(DEADLINE, hub.probe_and_clock()).await;
            Ok(answer.map_err(|_| Unread::Failed(format!("no answer within {DEADLINE:?}")))??)
        });
        let (probe, clock_ahead) = match answer.await {
            Ok(Dated { answer, clock_ahead }) => (Ok(answer), process::clock(clock_ahead)),
            Err(unread) => (Err(unread.clone()), Err(unread)),
        };
        WayIn { url: self.url.clone(), probe, clock_ahead }
    }
}

/// Where a configuration writes to, and what it trusts there.
fn of_agent(package: &Package, config: &Value) -> Vec<Way> {
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    let way = |entry: &Value| {
        let url = without_credentials(entry["url"].as_str()?);
        Some(Way { url, authorities: trusted(package, &entry["tls_config"]) })
    };
    entries.iter().filter_map(way).collect()
}

fn trusted(package: &Package, tls: &Value) -> Authorities {
    match package.authorities(tls) {
        _ if tls["insecure_skip_verify"] == true => Authorities::Any,
        Some(pem) => Authorities::Pem(pem.to_owned()),
        // Somebody's own file is in the agent's pod: whom it trusts is not known here, and the probe is no worse for it.
        None if tls["ca_file"].is_string() => Authorities::Any,
        None => Authorities::System,
    }
}

/// Scheme, host and path: a user and a password stand before the host, a token may stand in the query.
fn without_credentials(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let begin = url.find("://").map_or(0, |at| at + 3).min(end);
    let (scheme, rest) = url[..end].split_at(begin);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::package;
    use crate::package::{Mounted, MountedFile};

    use super::*;

    #[test]
    fn credentials_are_not_part_of_a_way() {
        for (url, shown) in [
            ("https://a.b/api/v1/write", "https://a.b/api/v1/write"),
            ("https://u:p@a.b:8443/x/api/v1/write", "https://a.b:8443/x/api/v1/write"),
            ("https://u:p%40@q@a.b/api/v1/write?token=t@u#f", "https://a.b/api/v1/write"),
            ("https://a.b/u@v/api/v1/write", "https://a.b/u@v/api/v1/write"),
            ("u:p@a.b/w", "a.b/w"),
            ("https://u:p@a.b", "https://a.b"),
            ("?a://b", ""),
            ("", ""),
        ] {
            assert_eq!(without_credentials(url), shown, "{url}");
        }
    }

    #[test]
    fn each_entry_is_asked_with_its_own_trust() {
        let config = json!({"remote_write": [
            {"url": "https://system/w"},
            {"url": "https://own/w", "tls_config": {"ca": "PEM"}},
            {"url": "https://any/w", "tls_config": {"ca": "PEM", "insecure_skip_verify": true}},
            {"url": "https://file/w", "tls_config": {"ca_file": "/etc/ca.crt"}},
            {"url": "https://ours/w", "tls_config": {"ca_file": MountedFile::Authority.path()}},
            {"name": "no URL"},
        ]});
        let mut package = package::none(&Unread::NotAsked);
        let mut mounted = Mounted::default();
        mounted.set(MountedFile::Authority, "PEM");
        package.mounted = Ok(mounted);
        let ways: Vec<_> = of_agent(&package, &config).into_iter().map(|way| way.authorities).collect();
        let own = Authorities::Pem("PEM".into());
        assert_eq!(ways, [Authorities::System, own.clone(), Authorities::Any, Authorities::Any, own]);
        assert_eq!(of_agent(&package, &Value::Null), []);
    }
}
