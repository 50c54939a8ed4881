//! The package's HTTPProxy is valid, and its host name is the hub's alone.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading, Unread};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;
use crate::domain::WriteUrl;
use crate::prometheus::config::remote_write_urls;

/// The host name that the package gives its ingress where nobody gave another.
const DEFAULT: &str = "prometheus.system.tanzu";

pub(super) const CHECK: Check = Check {
    code: "PF516",
    category: Category::Delivery,
    title: "the ingress is valid",
    subject: Subject::Hub,
    after: &["PF101", "PF201"],
    page: Page {
        symptom: "The hub's host name is not served: connections are reset, or answered with 404. HTTPProxy `prometheus-httpproxy` says `invalid` or `orphaned`.",
        cause: "Contour refuses the HTTPProxy, because another one has the same host name or the Secret of its certificate is missing. The package's own default `prometheus.system.tanzu` is the same in every cluster.",
        detected: "`status.currentStatus` and the errors of the HTTPProxies in the namespace of the package, and their host names.",
        fix: "`kubectl promfed hub init --fqdn HOST` gives the ingress a host name of its own. What else Contour refuses stands in `status.conditions[].errors`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let proxies = proxies(view.facts)?;
    if proxies.is_empty() {
        return Ok(Judgement::Moot);
    }
    let namespace = &view.facts.workload.namespace;
    let findings: Vec<_> = proxies
        .iter()
        .filter_map(|proxy| {
            let name = &proxy.name;
            if let Some(description) = proxy.refused {
                let finding = Finding::error(format!("HTTPProxy {name} is {}: {description}", proxy.status))
                    .fix(view.kubectl(&format!("describe httpproxy -n {namespace} {name}")));
                return Some(finding);
            }
            (proxy.fqdn == DEFAULT).then(|| {
                Finding::warning(format!("HTTPProxy {name} serves {DEFAULT}, the package's default"))
                    .because("every other cluster with this package may serve the same name")
                    .fix(view.again("--fqdn HOST"))
            })
        })
        .collect();
    Ok(findings.into())
}

/// An HTTPProxy, as far as it is read.
#[derive(Clone, Debug)]
pub(in crate::check) struct Proxy<'f> {
    pub(in crate::check) name: &'f str,
    pub(in crate::check) fqdn: &'f str,
    status: &'f str,
    /// Why Contour does not serve it.
    refused: Option<&'f str>,
    spec: &'f Value,
}

/// Every HTTPProxy of a context that has a host name.
pub(in crate::check) fn proxies(facts: &Facts) -> Reading<Vec<Proxy<'_>>> {
    let ingress = facts.workload.ingress.as_ref().map_err(Clone::clone)?;
    Ok(ingress
        .iter()
        .filter_map(|object| {
            let fqdn = object["spec"]["virtualhost"]["fqdn"].as_str()?;
            let status = object["status"]["currentStatus"].as_str().unwrap_or_default();
            Some(Proxy {
                name: object["metadata"]["name"].as_str().unwrap_or_default(),
                fqdn,
                status,
                refused: (!status.is_empty() && status != "valid").then(|| description(&object["status"])),
                spec: &object["spec"],
            })
        })
        .collect())
}

/// Why Contour does not serve it: its errors by themselves, as the description only says that there are some.
fn description(status: &Value) -> &str {
    let conditions = status["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    let mut errors = conditions.iter().filter_map(|condition| condition["errors"][0]["message"].as_str());
    errors.next().or(status["description"].as_str()).unwrap_or_default()
}

impl Proxy<'_> {
    /// Whether it serves https only, and answers http with a redirect.
    pub(super) fn redirects_to_https(&self) -> bool {
        let has_tls = self.spec["virtualhost"].get("tls").is_some_and(|tls| !tls.is_null());
        has_tls && self.routes().any(|route| route["permitInsecure"] != true)
    }

    /// Whether all its routes say how long they wait for an answer.
    pub(in crate::check) fn says_how_long_it_waits(&self) -> bool {
        self.routes().all(|route| route["timeoutPolicy"]["response"].is_string())
    }

    fn routes(&self) -> impl Iterator<Item = &Value> {
        self.spec["routes"].as_array().map_or(&[][..], Vec::as_slice).iter()
    }
}

/// The URLs that a context writes to.
pub(in crate::check) fn written_to(facts: &Facts) -> Vec<WriteUrl> {
    let config = facts.config().unwrap_or_default();
    remote_write_urls(config).filter_map(|url| url.parse().ok()).collect()
}

/// The answer of a check that this one explains: the hub's ingress is refused, and the agent writes to its host. A
/// finding of this check may be a mere warning, which explains nothing.
pub(super) fn explains(view: &View<'_>) -> Result<(), Unread> {
    let hub = if view.is_hub() { Some(view.facts) } else { view.hub };
    let Some(proxies) = hub.and_then(|hub| proxies(hub).ok()) else { return Ok(()) };
    let urls = written_to(view.facts);
    let is_used = |proxy: &Proxy<'_>| {
        view.is_hub() || urls.iter().any(|url| url.host().eq_ignore_ascii_case(proxy.fqdn))
    };
    if proxies.iter().any(|proxy| proxy.refused.is_some() && is_used(proxy)) {
        return Err(Unread::Failed("see PF516".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use serde_json::json;

    fn refused() -> Facts {
        let mut hub = hub();
        let proxy = &mut hub.workload.ingress.as_mut().expect("an ingress")[0];
        proxy["status"] =
            json!({"currentStatus": "invalid", "description": "fqdn is used in multiple HTTPProxies"});
        hub
    }

    #[test]
    fn what_contour_says_is_told_and_not_what_follows() {
        let agent = agent()
            .with_metric("prometheus_remote_storage_samples_retried_total 100000")
            .with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.7999e9");
        let all = [agent, refused()];
        let causes = found("PF516", "admin@hub", &all).remove(0).causes;
        assert_eq!(
            causes[0],
            "HTTPProxy prometheus-httpproxy is invalid: fqdn is used in multiple HTTPProxies"
        );
        assert!(!codes(&all).contains(&"PF510"), "{:?}", codes(&all));
    }

    #[test]
    fn the_error_is_told_and_not_that_there_is_one() {
        let mut hub = hub();
        hub.workload.ingress.as_mut().expect("an ingress")[0]["status"] = json!({
            "currentStatus": "invalid", "description": "At least one error present, see Errors for details",
            "conditions": [{"type": "Valid", "status": "False", "errors": [{"message": "the Secret is missing"}]}]
        });
        assert_eq!(
            found("PF516", "admin@hub", &[hub])[0].causes[0],
            "HTTPProxy prometheus-httpproxy is invalid: the Secret is missing"
        );
    }

    #[test]
    fn the_default_host_name_is_warned_of() {
        let mut hub = hub();
        hub.workload.ingress.as_mut().expect("an ingress")[0]["spec"]["virtualhost"]["fqdn"] =
            "prometheus.system.tanzu".into();
        assert!(found("PF516", "admin@hub", &[hub])[0].causes[0].ends_with("the package's default"));
    }

    #[test]
    fn no_ingress_and_one_that_nobody_looked_at_are_no_finding() {
        let mut none = hub();
        none.workload.ingress = Ok(Vec::new());
        assert_eq!(found("PF516", "admin@hub", &[none]), []);
        let mut new = hub();
        new.workload.ingress.as_mut().expect("an ingress")[0]["status"] = json!({});
        assert_eq!(found("PF516", "admin@hub", &[new]), []);
    }
}
