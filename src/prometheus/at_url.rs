//! A hub that no context of the kubeconfig leads to, and the options with which commands find it again.

use std::path::PathBuf;

use super::HubType;
use crate::domain::QueryUrl;

/// Where it is read, and as whose. Who asks is not kept: a login has to be said again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtUrl {
    pub url: QueryUrl,
    pub hub_type: HubType,
    pub tenant: Option<String>,
    /// The file of the authorities that it is trusted by; `None` for the system's.
    pub ca_file: Option<PathBuf>,
}

impl AtUrl {
    /// To read it: `--query-url https://mimir.example.com/prometheus`. The type is only said where it is not found out.
    pub fn to_read(&self) -> String {
        let (hub_type, trust) = (self.hub_type.name(), self.trust());
        let tenant = self.tenant.as_ref();
        let tenant =
            tenant.map(|tenant| format!(" --hub-type {hub_type} --tenant {tenant}")).unwrap_or_default();
        format!("--query-url {}{tenant}{trust}", self.url)
    }

    /// To join it at this write URL, as a tenant if there are any.
    pub fn to_join(&self, write: &str, tenant: Option<&str>) -> String {
        let tenant = tenant.or(self.tenant.as_deref());
        let tenant = tenant.map(|tenant| format!(" --tenant {tenant}")).unwrap_or_default();
        let (hub_type, url) = (self.hub_type.name(), &self.url);
        format!("--hub-url {write} --hub-type {hub_type}{tenant} --query-url {url}{}", self.trust())
    }

    fn trust(&self) -> String {
        let Some(path) = &self.ca_file else { return String::new() };
        let path = path.display().to_string();
        format!(" --ca-file {}", shlex::try_quote(&path).unwrap_or(path.as_str().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_again_as_it_was_found() {
        let url: QueryUrl = "https://hub.test/prometheus".parse().expect("a URL");
        let mimir = AtUrl { url, hub_type: HubType::Mimir, tenant: None, ca_file: None };
        assert_eq!(mimir.to_read(), "--query-url https://hub.test/prometheus");
        let ours = AtUrl { tenant: Some("a".into()), ca_file: Some("/my files/ca.crt".into()), ..mimir };
        assert_eq!(
            ours.to_read(),
            "--query-url https://hub.test/prometheus --hub-type mimir --tenant a --ca-file '/my files/ca.crt'"
        );
        assert_eq!(
            ours.to_join("URL", Some("b")),
            "--hub-url URL --hub-type mimir --tenant b --query-url https://hub.test/prometheus --ca-file '/my files/ca.crt'"
        );
    }
}
