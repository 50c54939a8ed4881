//! The list of clusters that joined, which the hub keeps: read, and written by those who join and leave.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ConfigMap;

use super::turn::turn;
use crate::cluster::{CONFIG_MAP, Cluster, DryRun, Failure};
use crate::domain::ClusterName;
use crate::package::{Member, Members, Names, joining, leaving, members, members_name, new_members};
use crate::ui::Ui;

/// How often a write is tried when others write at the same time: one of them has written each time.
const TRIES: usize = 100;

/// One cluster's place in the list of a hub that can be reached.
pub(super) struct Membership {
    pub(super) hub: Cluster,
    /// Of the hub's install.
    pub(super) names: Names,
    pub(super) cluster: ClusterName,
    pub(super) uid: Option<String>,
}

/// The list as it is: the version of its ConfigMap, where there is one, and the members.
pub(super) async fn read(
    hub: &Cluster,
    namespace: &str,
    install: &str,
) -> Result<(Option<String>, Members), Failure> {
    let map: Option<ConfigMap> = hub.get(&CONFIG_MAP, Some(namespace), &members_name(install)).await?;
    let Some(map) = map else { return Ok((None, BTreeMap::new())) };
    let all = members(&map.data.unwrap_or_default());
    Ok((Some(map.metadata.resource_version.unwrap_or_default()), all))
}

impl Membership {
    /// Enters the cluster, unless it is there. The list only tells who should be there: that it cannot be written is
    /// worth a warning and keeps nobody from joining.
    pub(super) async fn enter(&self, ui: &Ui) {
        if let Err(failure) = self.try_enter().await {
            ui.warn(&format!(
                "the hub does not know that {:?} should report: {failure}",
                self.cluster.as_str()
            ));
        }
    }

    async fn try_enter(&self) -> Result<(), Failure> {
        let Names { install, namespace } = &self.names;
        let _turn = turn().await;
        for tries in 1.. {
            let (version, members) = read(&self.hub, namespace, install).await?;
            let known = members.get(self.cluster.as_str());
            if known.is_some_and(|member| member.uid == self.uid) {
                break;
            }
            let member = Member { uid: self.uid.clone(), joined: Some(Timestamp::now()) };
            let written = match version {
                None => {
                    let map = new_members(install, namespace, &self.cluster, &member);
                    self.hub.create(&CONFIG_MAP, Some(namespace), &map, DryRun::Off).await
                }
                Some(version) => self.patch(joining(&self.cluster, &member), &version).await,
            };
            match written {
                Err(failure) if tries < TRIES && is_a_race(&failure) => {}
                other => return other.map(drop),
            }
        }
        Ok(())
    }

    /// Takes the cluster out.
    pub(super) async fn end(&self) -> Result<(), Failure> {
        let Names { install, namespace } = &self.names;
        for tries in 1.. {
            let (version, members) = read(&self.hub, namespace, install).await?;
            let Some(version) = version.filter(|_| members.contains_key(self.cluster.as_str())) else {
                break;
            };
            match self.patch(leaving(self.cluster.as_str()), &version).await {
                Err(failure) if tries < TRIES && is_a_race(&failure) => {}
                other => return other.map(drop),
            }
        }
        Ok(())
    }

    async fn patch(&self, mut patch: serde_json::Value, version: &str) -> Result<serde_json::Value, Failure> {
        let Names { install, namespace } = &self.names;
        patch["metadata"] = serde_json::json!({"resourceVersion": version});
        self.hub.patch(&CONFIG_MAP, Some(namespace), &members_name(install), &patch, DryRun::Off).await
    }
}

fn is_a_race(failure: &Failure) -> bool {
    failure.is_conflict() || failure.is_already_exists()
}
