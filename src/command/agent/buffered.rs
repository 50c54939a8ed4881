//! What `--buffer` needs to know: how much the agent scrapes, on what its WAL lies, and how late the hub takes samples.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Volume;

use crate::cluster::{Cluster, DEPLOYMENT};
use crate::command::prometheus::Prometheus;
use crate::command::site::{service, workloads};
use crate::package::Values;
use crate::plan::{Buffer, Lateness, Observed};
use crate::prometheus::metrics::Page;
use crate::prometheus::{Capabilities, PromDuration, Version};

/// The volume of the package's Deployment that its samples lie on.
const STORAGE: &str = "storage-volume";
/// In fewer seconds since its start a Prometheus has not scraped all of its targets.
const SETTLED: f64 = 120.0;
/// What it has stored since it started: as an agent, and as a server that is to become one.
const STORED: [&str; 2] =
    ["prometheus_agent_samples_appended_total", "prometheus_tsdb_head_samples_appended_total"];

/// Looks at the agent, where there is one. What cannot be read is not known, and is told as that.
pub(super) async fn buffer(
    cluster: &Cluster,
    observed: &Observed,
    outage: PromDuration,
    hub: Lateness,
) -> Buffer {
    let sources = observed.installed.as_ref().map(|installed| installed.sources.clone());
    let values = sources.and_then(|sources| Values::new(serde_json::Value::Null, sources).ok());
    let Some(values) = values else { return Buffer { outage, rate: None, no_claim: None, hub } };
    let namespace = workloads(&values, None);
    let service = service(&namespace, &values);
    let prometheus = Prometheus::behind(cluster.clone(), service.clone());
    let (page, deployment) = futures::join!(
        prometheus.metrics(),
        cluster.get::<Deployment>(&DEPLOYMENT, Some(&namespace), &service.name)
    );
    let deployment = deployment.ok().flatten();
    Buffer {
        outage,
        rate: page.ok().as_ref().and_then(rate),
        no_claim: deployment.as_ref().and_then(no_claim),
        hub,
    }
}

/// How late a hub takes samples.
pub(super) async fn lateness(hub: &Prometheus, wanted: Option<PromDuration>) -> Lateness {
    if wanted.is_none() {
        return Lateness::Unknown;
    }
    let (config, version) = futures::join!(hub.config(), hub.version());
    let (Ok(config), Ok(version)) = (config, version) else { return Lateness::Unknown };
    window(&config, version)
}

fn window(config: &serde_json::Value, version: Version) -> Lateness {
    let window = config["storage"]["tsdb"]["out_of_order_time_window"].as_str();
    Lateness::Window(
        window.and_then(|text| text.parse().ok()),
        Capabilities::of(version).out_of_order_window(),
    )
}

/// Samples a second since it started.
fn rate(page: &Page) -> Option<f64> {
    let newest = page.max("prometheus_remote_storage_highest_timestamp_in_seconds");
    let newest = newest.or_else(|| page.max("prometheus_remote_storage_queue_highest_timestamp_seconds"))?;
    let runs_for = newest - page.max("process_start_time_seconds")?;
    let stored = STORED.iter().find_map(|name| page.sum(name))?;
    (runs_for > SETTLED).then(|| stored / runs_for)
}

/// On what the samples lie, where that is no claim.
fn no_claim(deployment: &Deployment) -> Option<String> {
    let volumes = deployment.spec.as_ref()?.template.spec.as_ref()?.volumes.as_ref()?;
    let Volume { persistent_volume_claim, empty_dir, name, .. } =
        volumes.iter().find(|volume| volume.name == STORAGE)?;
    match (persistent_volume_claim, empty_dir) {
        (Some(_), _) => None,
        (None, Some(_)) => Some(format!("an emptyDir ({name})")),
        (None, None) => Some(format!("no claim ({name})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rate_is_of_the_time_since_the_start() {
        let page = |start: &str| {
            Page::read(&format!(
                "prometheus_remote_storage_highest_timestamp_in_seconds 1000\nprocess_start_time_seconds {start}\n\
                 prometheus_agent_samples_appended_total{{type=\"float\"}} 4000\n"
            ))
        };
        assert_eq!(rate(&page("800")), Some(20.0));
        assert_eq!(rate(&page("990")), None);
    }

    #[test]
    fn what_lies_on_no_claim_is_told() {
        let on = |volume: serde_json::Value| {
            let spec = json!({"selector": {}, "template": {"spec": {"containers": [], "volumes": [volume]}}});
            no_claim(&serde_json::from_value(json!({"spec": spec})).expect("a Deployment"))
        };
        assert_eq!(on(json!({"name": STORAGE, "persistentVolumeClaim": {"claimName": "a"}})), None);
        assert_eq!(
            on(json!({"name": STORAGE, "emptyDir": {}})).as_deref(),
            Some("an emptyDir (storage-volume)")
        );
    }
}
