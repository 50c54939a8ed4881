//! The configuration of Prometheus, as the process gets it.
//!
//! Paths get the pod's folder, service discovery gets the pod's credentials, and everything that is scraped or written
//! to goes through the pod's proxy, so that URLs, targets and labels stay what the user wrote. A text that is not a
//! configuration is handed over as it is: refusing it is for Prometheus.

use std::net::SocketAddr;
use std::path::Path;

use serde_yaml::{Mapping, Value};

/// What is put into a configuration.
pub(super) struct Surroundings<'s> {
    /// The pod's folder.
    pub(super) folder: &'s Path,
    /// The pod's kubeconfig.
    pub(super) kubeconfig: &'s Path,
    /// The pod's proxy.
    pub(super) proxy: SocketAddr,
}

/// The beginnings of paths that exist in the pod only.
const MOUNTS: &[&str] = &["/etc/config/", "/etc/prometheus/", "/etc/promfed/", "/var/run/secrets/", "/data/"];
/// A service discovery with one of these says itself how to reach the API server.
const OWN_CLIENT: &[&str] = &[
    "api_server",
    "kubeconfig_file",
    "tls_config",
    "authorization",
    "basic_auth",
    "bearer_token",
    "bearer_token_file",
    "oauth2",
    "proxy_url",
    "proxy_from_environment",
];
/// Other ways to say which proxy to use.
const PROXIES: &[&str] = &["proxy_from_environment", "no_proxy", "proxy_connect_header"];

/// The text for the process.
pub(super) fn translate(text: &str, surroundings: &Surroundings<'_>) -> String {
    let parsed: Option<Value> = serde_yaml::from_str(text).ok();
    let translated = parsed.and_then(|mut config| {
        let root = config.as_mapping_mut()?;
        surroundings.root(root)?;
        surroundings.paths(&mut config);
        serde_yaml::to_string(&config).ok()
    });
    translated.unwrap_or_else(|| text.to_owned())
}

impl Surroundings<'_> {
    /// `None` when something has not the shape that it should have.
    fn root(&self, root: &mut Mapping) -> Option<()> {
        for section in ["scrape_configs", "remote_write", "remote_read"] {
            for client in entries(root.get_mut(section))? {
                self.client(client.as_mapping_mut()?)?;
            }
        }
        match root.get_mut("alerting") {
            None | Some(Value::Null) => {}
            Some(alerting) => {
                for client in entries(alerting.as_mapping_mut()?.get_mut("alertmanagers"))? {
                    self.client(client.as_mapping_mut()?)?;
                }
            }
        }
        Some(())
    }

    fn client(&self, client: &mut Mapping) -> Option<()> {
        for discovery in entries(client.get_mut("kubernetes_sd_configs"))? {
            let discovery = discovery.as_mapping_mut()?;
            if !OWN_CLIENT.iter().any(|key| discovery.contains_key(*key)) {
                discovery.insert("kubeconfig_file".into(), self.kubeconfig.display().to_string().into());
            }
        }
        for discovery in entries(client.get_mut("http_sd_configs"))? {
            self.proxied(discovery.as_mapping_mut()?);
        }
        self.proxied(client);
        Some(())
    }

    fn proxied(&self, client: &mut Mapping) {
        for key in PROXIES {
            client.remove(*key);
        }
        client.insert("proxy_url".into(), format!("http://{}", self.proxy).into());
    }

    fn paths(&self, value: &mut Value) {
        match value {
            Value::String(text) if MOUNTS.iter().any(|mount| text.starts_with(mount)) => {
                *text = format!("{}{text}", self.folder.display());
            }
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.paths(item)),
            Value::Mapping(fields) => fields.values_mut().for_each(|field| self.paths(field)),
            _ => {}
        }
    }
}

/// The entries of a list that may be missing; `None` when it is something else.
fn entries(list: Option<&mut Value>) -> Option<Vec<&mut Value>> {
    match list {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => Some(list.as_sequence_mut()?.iter_mut().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> String {
        let surroundings = Surroundings {
            folder: Path::new("/pod"),
            kubeconfig: Path::new("/pod/kubeconfig"),
            proxy: SocketAddr::from(([127, 0, 0, 1], 7)),
        };
        translate(text, &surroundings)
    }

    #[test]
    fn clients_get_a_proxy_and_discovery_gets_credentials() {
        let text = "
rule_files: [/etc/config/rules]
remote_write: [{url: 'https://hub/api/v1/write'}]
scrape_configs:
- job_name: pods
  kubernetes_sd_configs: [{role: pod}, {role: node, api_server: 'https://x'}]
  bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token
alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}
";
        let config: Value = serde_yaml::from_str(&run(text)).unwrap();
        assert_eq!(config["rule_files"][0], "/pod/etc/config/rules");
        assert_eq!(config["remote_write"][0]["proxy_url"], "http://127.0.0.1:7");
        let job = &config["scrape_configs"][0];
        assert_eq!(job["bearer_token_file"], "/pod/var/run/secrets/kubernetes.io/serviceaccount/token");
        assert_eq!(job["kubernetes_sd_configs"][0]["kubeconfig_file"], "/pod/kubeconfig");
        assert!(job["kubernetes_sd_configs"][1].get("kubeconfig_file").is_none());
        assert_eq!(config["alerting"]["alertmanagers"][0]["proxy_url"], "http://127.0.0.1:7");
    }

    #[test]
    fn what_is_no_configuration_stays() {
        for text in ["a: [", "words", "scrape_configs: 5", "remote_write: [x]", "a: 1\na: 2\n"] {
            assert_eq!(run(text), text);
        }
    }
}
