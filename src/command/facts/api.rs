//! What the API server says of itself and of the user.

use futures::future::try_join_all;
use futures::join;

use super::{Depth, unread};
use crate::check::{Api, Reading, Served, Unread};
use crate::cluster::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, Cluster, PACKAGE_INSTALL, Presence, SECRET, SERVICE_ACCOUNT, Scope,
    Verb,
};
use crate::command::observe::new_namespace;
use crate::command::site::cluster_uid;

/// What `hub init` and `agent join` create for an install.
const CREATED: [&crate::cluster::Resource; 5] =
    [&SERVICE_ACCOUNT, &CLUSTER_ROLE, &CLUSTER_ROLE_BINDING, &SECRET, &PACKAGE_INSTALL];

pub(super) async fn read(cluster: &Cluster, depth: Depth) -> Api {
    let (uid, packaging, packages, [contour, cert_manager], rights) = join!(
        uid(cluster),
        served(cluster, "packaging.carvel.dev/v1alpha1"),
        served(cluster, "data.packaging.carvel.dev/v1alpha1"),
        ingress(cluster, depth),
        depth.before_install(rights(cluster))
    );
    Api { uid, packaging, packages, contour, cert_manager, rights }
}

pub(super) fn none(unread: &Unread) -> Api {
    Api {
        uid: Err(unread.clone()),
        packaging: Err(unread.clone()),
        packages: Err(unread.clone()),
        contour: Err(unread.clone()),
        cert_manager: Err(unread.clone()),
        rights: Err(unread.clone()),
    }
}

async fn uid(cluster: &Cluster) -> Reading<String> {
    let uid = cluster_uid(cluster).await?;
    uid.ok_or_else(|| Unread::Failed("there is no namespace kube-system".to_owned()))
}

/// What the package's ingress needs.
async fn ingress(cluster: &Cluster, depth: Depth) -> [Reading<Served>; 2] {
    if depth == Depth::Status {
        return [Err(Unread::NotAsked), Err(Unread::NotAsked)];
    }
    join!(served(cluster, "projectcontour.io/v1"), served(cluster, "cert-manager.io/v1")).into()
}

async fn served(cluster: &Cluster, group_version: &str) -> Reading<Served> {
    Ok(match cluster.api_group(group_version).await? {
        Presence::Present => Served::Yes,
        Presence::Absent => Served::No,
        Presence::Broken(words) => Served::Broken(words),
    })
}

async fn rights(cluster: &Cluster) -> Reading<Vec<(String, bool)>> {
    let target = new_namespace(cluster);
    let reviews = CREATED.map(|resource| {
        let namespace = Some(target.as_str()).filter(|_| resource.scope == Scope::Namespaced);
        async move {
            let may = cluster.can(Verb::Create, resource, namespace, None).await?;
            Ok(((unread::words(Verb::Create.as_str(), &resource.to_string(), namespace)), may))
        }
    });
    try_join_all(reviews).await
}
