//! What runs in the cluster.

mod certificates;
mod pods;

use std::collections::BTreeMap;

use futures::join;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use self::certificates::of_ingress;
use self::pods::{Pods, with_cluster_label};
use super::{Depth, unread};
use crate::check::{Reading, Unread, Workload};
use crate::cluster::{CONFIG_MAP, Cluster, DEPLOYMENT, HTTP_PROXY, PERSISTENT_VOLUME_CLAIM, Selector};
use crate::package::SERVER;

/// The workload, and in PEM the authority that signed the certificate of its ingress.
pub(super) type Running = (Workload, Option<String>);

pub(super) async fn read(cluster: &Cluster, namespace: String, depth: Depth) -> Running {
    let (deployment, pods, config_map, claims, (ingress, served), pods_with_cluster_label) = join!(
        deployment(cluster, &namespace),
        Pods::read(cluster, &namespace, depth),
        depth.in_check(config_map(cluster, &namespace)),
        depth.in_check(claims(cluster, &namespace)),
        async {
            let ingress = depth.in_check(ingress(cluster, &namespace)).await;
            let served = of_ingress(cluster, &namespace, &ingress).await;
            (ingress, served)
        },
        depth.in_check(with_cluster_label(cluster))
    );
    let authority = served.as_ref().ok().and_then(|served| served.authority.clone());
    let workload = Workload {
        deployment,
        pods: pods.all,
        config_map,
        claims,
        ingress,
        crash: pods.crash,
        log: pods.log,
        reloader_log: pods.reloader_log,
        pods_with_cluster_label,
        certificates: served.map(|served| served.certificates),
        namespace,
    };
    (workload, authority)
}

pub(super) fn none(namespace: String, unread: &Unread) -> Workload {
    Workload {
        namespace,
        deployment: Err(unread.clone()),
        pods: Err(unread.clone()),
        config_map: Err(unread.clone()),
        claims: Err(unread.clone()),
        ingress: Err(unread.clone()),
        crash: Err(unread.clone()),
        log: Err(unread.clone()),
        reloader_log: Err(unread.clone()),
        pods_with_cluster_label: Err(unread.clone()),
        certificates: Err(unread.clone()),
    }
}

async fn deployment(cluster: &Cluster, namespace: &str) -> Reading<Option<Deployment>> {
    let mut found: Option<Deployment> = cluster.get(&DEPLOYMENT, Some(namespace), SERVER).await?;
    if let Some(found) = &mut found {
        shed(&mut found.metadata);
    }
    Ok(found)
}

/// Forgets who wrote which fields, and kapp's copy of the object: more than all else, in as many clusters as there are.
fn shed(metadata: &mut ObjectMeta) {
    metadata.managed_fields = None;
    metadata.annotations = None;
}

async fn config_map(cluster: &Cluster, namespace: &str) -> Reading<BTreeMap<String, String>> {
    let found: Option<ConfigMap> = cluster.get(&CONFIG_MAP, Some(namespace), SERVER).await?;
    let found = found.ok_or_else(|| unread::missing("ConfigMap", SERVER, namespace))?;
    Ok(found.data.unwrap_or_default())
}

async fn claims(cluster: &Cluster, namespace: &str) -> Reading<Vec<PersistentVolumeClaim>> {
    Ok(cluster.list(&PERSISTENT_VOLUME_CLAIM, Some(namespace), Selector::all()).await?)
}

async fn ingress(cluster: &Cluster, namespace: &str) -> Reading<Vec<Value>> {
    match cluster.list(&HTTP_PROXY, Some(namespace), Selector::all()).await {
        // Without Contour there is none.
        Err(failure) if failure.is_not_served() => Ok(Vec::new()),
        other => Ok(other?),
    }
}
