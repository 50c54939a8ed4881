//! How a command names a hub: by its context, or by its URLs where no context leads to it.

use super::facts::Facts;
use crate::prometheus::AtUrl;
use crate::prometheus::config::{remote_write_urls, tenant};

impl Facts {
    /// To read it: `--hub-context admin@hub`, or `--query-url https://mimir.example.com/prometheus`.
    pub(super) fn to_read(&self) -> String {
        self.receiver.as_ref().map_or_else(|| format!("--hub-context {}", self.context), AtUrl::to_read)
    }

    /// To join it, as an agent that writes there does, or as any other.
    pub(super) fn to_join(&self, agent: Option<&Facts>) -> String {
        let Some(receiver) = &self.receiver else { return format!("--hub-context {}", self.context) };
        let config = agent.and_then(|agent| agent.config().ok()).unwrap_or_default();
        let url = remote_write_urls(config).next().unwrap_or("URL");
        let tenant = tenant(config).filter(|(of, _)| *of == receiver.hub_type);
        receiver.to_join(url, tenant.map(|(_, tenant)| tenant))
    }
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, hub, receiver};
    use crate::prometheus::HubType;

    #[test]
    fn a_hub_is_named_by_what_leads_to_it() {
        assert_eq!(hub().to_read(), "--hub-context admin@hub");
        assert_eq!(hub().to_join(Some(&agent())), "--hub-context admin@hub");
        let mimir = receiver(HubType::Mimir);
        assert_eq!(mimir.to_read(), "--query-url https://hub.test/prometheus");
        let tenant = agent().with_values(|text| {
            text.replace(
                "https://prometheus.hub.test/api/v1/write",
                "https://hub.test/api/v1/push\n        headers: {X-Scope-OrgID: a}",
            )
        });
        assert_eq!(
            mimir.to_join(Some(&tenant)),
            "--hub-url https://hub.test/api/v1/push --hub-type mimir --tenant a --query-url https://hub.test/prometheus"
        );
    }
}
