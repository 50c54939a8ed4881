//! The container of Prometheus, as its Deployment has it: where its paths lie.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec, Volume};

use crate::check::view::View;

/// The container's name in every version of the package.
pub(super) const NAME: &str = "prometheus-server";
/// Where the package mounts the claim.
pub(super) const DATA: &str = "/data";
/// Where the package mounts the ConfigMap.
pub(super) const CONFIG: &str = "/etc/config";
/// Where Prometheus's image runs, which is where a relative path begins.
const HOME: &str = "/prometheus";

/// Whether what is written to the path outlives the container. Without a Deployment to look at, the package's own
/// mount is what counts.
pub(super) fn is_kept(view: &View<'_>, path: &str) -> bool {
    place(view, path, DATA, |volume| {
        volume.empty_dir.is_none()
            && volume.ephemeral.is_none()
            && volume.config_map.is_none()
            && volume.secret.is_none()
            && volume.projected.is_none()
            && volume.downward_api.is_none()
    })
}

/// Whether the path is that of a file which a ConfigMap brings.
pub(super) fn is_configured(view: &View<'_>, path: &str) -> bool {
    place(view, path, CONFIG, |volume| volume.config_map.is_some() || volume.projected.is_some())
}

fn place(view: &View<'_>, path: &str, usual: &str, fits: impl Fn(&Volume) -> bool) -> bool {
    let deployment = view.facts.workload.deployment.as_ref().ok().and_then(Option::as_ref);
    let Some((pod, container)) = deployment.and_then(|deployment| Some((pod(deployment)?, of(deployment)?)))
    else {
        return is_below(path, usual);
    };
    let home = container.working_dir.as_deref().unwrap_or(HOME);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{home}/{path}") };
    let mounts = container.volume_mounts.iter().flatten();
    let nearest = mounts
        .filter(|mount| is_below(&path, &mount.mount_path))
        .max_by_key(|mount| mount.mount_path.trim_end_matches('/').len());
    nearest.is_some_and(|mount| {
        let mut volumes = pod.volumes.iter().flatten();
        volumes.find(|volume| volume.name == mount.name).is_some_and(fits)
    })
}

fn is_below(path: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn pod(deployment: &Deployment) -> Option<&PodSpec> {
    deployment.spec.as_ref()?.template.spec.as_ref()
}

/// The container itself.
pub(super) fn of(deployment: &Deployment) -> Option<&Container> {
    pod(deployment)?.containers.iter().find(|container| container.name == NAME)
}

/// The containers beside it: the reloader.
pub(super) fn beside(deployment: &Deployment) -> impl Iterator<Item = &Container> {
    let all = pod(deployment).map_or(&[][..], |pod| pod.containers.as_slice());
    all.iter().filter(|container| container.name != NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::agent;

    #[test]
    fn the_nearest_mount_says_where_a_path_lies() {
        let facts = agent();
        let all = [facts];
        let view = View::of(&all[0], &all);
        assert!(is_kept(&view, "/data") && is_kept(&view, "/data/agent"));
        for path in ["data-agent/", "/database", "/etc/config/x", "/"] {
            assert!(!is_kept(&view, path), "{path}");
        }
        assert!(is_configured(&view, "/etc/config/prometheus.yml"));
        assert!(!is_configured(&view, "prometheus.yml"));
    }

    #[test]
    fn a_mount_that_goes_with_the_pod_keeps_nothing() {
        let mut facts = agent();
        let deployment =
            facts.workload.deployment.as_mut().ok().and_then(Option::as_mut).expect("a Deployment");
        let pod = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).expect("a pod");
        let volume = &mut pod.volumes.as_mut().expect("volumes")[0];
        volume.persistent_volume_claim = None;
        volume.empty_dir = Some(k8s_openapi::api::core::v1::EmptyDirVolumeSource::default());
        let all = [facts];
        assert!(!is_kept(&View::of(&all[0], &all), "/data"));
    }
}
