//! How large the volume is under what Prometheus stores, and how sizes are told.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Container;

use crate::check::facts::Facts;
use crate::domain::Quantity;

/// The container of Prometheus.
const CONTAINER: &str = "prometheus-server";

/// The bytes of the claim that is mounted where the path of this flag lies. `None` where that is not known.
pub(super) fn claimed(facts: &Facts, path_flag: &str) -> Option<f64> {
    let path = facts.flag(path_flag).ok()??;
    let deployment = facts.workload.deployment.as_ref().ok()?.as_ref()?;
    let mounts = container(deployment)?.volume_mounts.as_ref()?;
    let is_above = |mount: &str| {
        path.strip_prefix(mount.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mount = mounts
        .iter()
        .filter(|mount| is_above(&mount.mount_path))
        .max_by_key(|mount| mount.mount_path.len())?;
    let volumes = deployment.spec.as_ref()?.template.spec.as_ref()?.volumes.as_ref()?;
    let volume = volumes.iter().find(|volume| volume.name == mount.name)?;
    let claim = &volume.persistent_volume_claim.as_ref()?.claim_name;
    let claims = facts.workload.claims.as_ref().ok()?;
    let claim = claims.iter().find(|one| one.metadata.name.as_ref() == Some(claim))?;
    let size: Quantity = claim.status.as_ref()?.capacity.as_ref()?.get("storage")?.0.parse().ok()?;
    Some(size.bytes()).filter(|size| *size > 0.0)
}

/// The memory, in bytes, above which the container is killed.
pub(super) fn memory_limit(facts: &Facts) -> Option<f64> {
    let deployment = facts.workload.deployment.as_ref().ok()?.as_ref()?;
    let limits = container(deployment)?.resources.as_ref()?.limits.as_ref()?;
    let size: Quantity = limits.get("memory")?.0.parse().ok()?;
    Some(size.bytes()).filter(|size| *size > 0.0)
}

fn container(deployment: &Deployment) -> Option<&Container> {
    let containers = &deployment.spec.as_ref()?.template.spec.as_ref()?.containers;
    containers.iter().find(|container| container.name == CONTAINER)
}

/// A number of bytes as Kubernetes writes it, to a tenth: `1.5Gi`.
pub(super) fn size(bytes: f64) -> String {
    let mut number = bytes;
    for unit in ["", "Ki", "Mi", "Gi", "Ti"] {
        if number < 1024.0 {
            return format!("{number:.1}{unit}").replace(".0", "");
        }
        number /= 1024.0;
    }
    format!("{number:.1}Pi").replace(".0", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::{agent, hub};

    #[test]
    fn the_claim_under_the_path_is_found() {
        assert_eq!(claimed(&hub(), "storage.tsdb.path").map(size).as_deref(), Some("150Gi"));
        assert_eq!(claimed(&agent(), "storage.agent.path").map(size).as_deref(), Some("20Gi"));
        assert_eq!(claimed(&hub(), "storage.agent.path"), None);
        let elsewhere = hub().with_flag("storage.tsdb.path", "/database");
        assert_eq!(claimed(&elsewhere, "storage.tsdb.path"), None);
    }

    #[test]
    fn sizes_have_a_tenth_where_it_says_something() {
        for (bytes, said) in [(0.0, "0"), (1024.0, "1Ki"), (1_610_612_736.0, "1.5Gi"), (1e18, "888.2Pi")] {
            assert_eq!(size(bytes), said);
        }
    }
}
