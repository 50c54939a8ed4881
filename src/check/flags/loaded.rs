//! The loaded configuration is the one in the ConfigMap.

use super::drift::differences;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;
use crate::domain::seconds;

pub(super) const CHECK: Check = Check {
    code: "PF308",
    category: Category::Flags,
    title: "the loaded configuration is the ConfigMap's",
    subject: Subject::Any,
    after: &["PF212", "PF304", "PF306", "PF307", "PF311", "PF313"],
    page: Page {
        symptom: "A change of the values is deployed, and Prometheus goes on as before.",
        cause: "A changed ConfigMap reaches the container within about two minutes, and then the reloader tells Prometheus. After that, the reloader does not run, or the file is mounted in a way that does not follow the ConfigMap.",
        detected: "Job names, remote write URLs, external labels and each job's cluster label, in the ConfigMap `prometheus-server` and in the configuration that Prometheus says it has loaded. Defaults that Prometheus fills in do not count.",
        fix: "Look again after two minutes. A restart of the pod loads the configuration for certain, and loses what an agent has not sent yet.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let mut differences = differences(view)?.into_iter();
    let Some(first) = differences.next() else { return Ok(Judgement::Holds) };
    let finding = differences.fold(Finding::warning(first), Finding::because);
    let age = view.facts.process.runtime.as_ref().map(|runtime| view.facts.now - runtime.configured_at());
    let finding = match age {
        Ok(age) => finding.because(format!(
            "the process loaded its configuration {} ago; a change is on its way for up to two minutes",
            seconds(age)
        )),
        Err(_) => finding.because("a change is on its way for up to two minutes"),
    };
    let namespace = &view.facts.workload.namespace;
    Ok(finding
        .fix(view.kubectl(&format!(
            "logs -n {namespace} deploy/prometheus-server -c prometheus-server-configmap-reload"
        )))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Severity;

    #[test]
    fn what_is_not_loaded_is_named() {
        let agent = agent().with_config("global: {external_labels: {cluster: edge}}\nremote_write: [{url: 'https://old/api/v1/write'}]\nscrape_configs: [{job_name: prometheus, static_configs: [{targets: [localhost:9090], labels: {cluster: edge}}]}]\n");
        let findings = found("PF308", "admin@edge", &[agent]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].causes,
            [
                "the ConfigMap writes to https://prometheus.hub.test/api/v1/write, and the process does not",
                "the process writes to https://old/api/v1/write, and the ConfigMap does not",
                "the process loaded its configuration 27h ago; a change is on its way for up to two minutes",
            ]
        );
    }

    #[test]
    fn defaults_that_prometheus_fills_in_do_not_count() {
        let hub = hub().with_config("global: {scrape_interval: 1m, scrape_timeout: 10s, evaluation_interval: 1m}\nscrape_configs:\n- job_name: prometheus\n  scheme: http\n  metrics_path: /metrics\n  relabel_configs:\n  - {separator: ;, target_label: cluster, replacement: hub, action: replace}\n  static_configs: [{targets: [localhost:9090]}]\n");
        assert_eq!(codes(&[hub]), [""; 0]);
    }
}
