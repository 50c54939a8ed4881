//! Which contexts write to one hub under one name, and are different clusters.

use crate::check::facts::Facts;
use crate::check::label::names::hub_context;
use crate::prometheus::config::remote_write_urls;

/// The other contexts that write to the same hub under the same name. Whether they are other clusters, their UIDs
/// tell.
pub(super) fn namesakes<'f>(facts: &Facts, all: &'f [Facts]) -> Vec<&'f Facts> {
    let Some(name) = facts.cluster_name() else { return Vec::new() };
    all.iter()
        .filter(|other| other.context != facts.context)
        .filter(|other| other.cluster_name().as_ref() == Some(&name))
        .filter(|other| share_a_hub(facts, other, all))
        .collect()
}

/// Those of them that are known to be other clusters.
pub(super) fn twins<'f>(facts: &Facts, all: &'f [Facts]) -> Vec<&'f Facts> {
    let Ok(uid) = &facts.api.uid else { return Vec::new() };
    let is_other = |other: &&Facts| other.api.uid.as_ref().is_ok_and(|other| other != uid);
    namesakes(facts, all).into_iter().filter(is_other).collect()
}

/// The names under which two contexts write: both are told of it.
pub(super) fn names_of_twins(all: &[Facts]) -> Vec<String> {
    all.iter().filter(|facts| !twins(facts, all).is_empty()).filter_map(Facts::cluster_name).collect()
}

fn share_a_hub(one: &Facts, other: &Facts, all: &[Facts]) -> bool {
    if let (Some(hub), Some(of_other)) = (hub_context(one, all), hub_context(other, all)) {
        return hub == of_other;
    }
    let (Ok(one), Ok(other)) = (one.config(), other.config()) else { return false };
    remote_write_urls(one).any(|url| remote_write_urls(other).any(|other| other == url))
}
