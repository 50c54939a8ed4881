//! Which cluster names a hub knows, and how a context gets another one.

use std::collections::BTreeSet;

use crate::check::facts::{Facts, Reading};
use crate::check::judgement::Fix;
use crate::check::view::View;
use crate::prometheus::Role;
use crate::prometheus::api::Series;
use crate::prometheus::config::{JobLabel, external_cluster, remote_write_urls};
use crate::prometheus::promql::Question;

/// A newest sample that is older, in seconds, is of a cluster that does not write any more.
const FRESH: f64 = 600.0;

/// Whether a series of [`Question::LastSample`] is of a cluster that writes.
fn is_fresh(newest: &Series) -> bool {
    let (Some(point), Some(sample)) = (&newest.value, newest.number()) else { return false };
    point.0 - sample <= FRESH
}

/// The names under which a hub stores fresh samples, without the empty one.
pub(super) fn fresh(hub: &Facts) -> Reading<BTreeSet<&str>> {
    let newest = hub.stored.answer(Question::LastSample)?;
    Ok(newest
        .iter()
        .filter(|series| is_fresh(series))
        .map(|series| series.label("cluster"))
        .filter(named)
        .collect())
}

fn named(name: &&str) -> bool {
    !name.is_empty()
}

/// The names that a hub gives its own series.
pub(super) fn own(hub: &Facts) -> BTreeSet<String> {
    let Ok(config) = hub.config() else { return BTreeSet::new() };
    let of_jobs = hub.job_labels().unwrap_or_default().iter().filter_map(|(_, label)| match label {
        JobLabel::Always(name) => Some(name.clone()),
        JobLabel::Never | JobLabel::Depends => None,
    });
    of_jobs.chain(external_cluster(config).map(str::to_owned)).collect()
}

/// The clusters that write to a hub: those that joined, and those of which it has fresh samples.
pub(in crate::check) fn members(hub: &Facts) -> Reading<BTreeSet<String>> {
    let own = own(hub);
    let (registry, fresh) = (hub.stored.registry(), fresh(hub));
    let joined = registry.as_ref().map(|joined| joined.keys().cloned().collect::<BTreeSet<_>>());
    let mut all = match (joined, fresh) {
        (Ok(joined), Ok(fresh)) => joined.into_iter().chain(fresh.into_iter().map(str::to_owned)).collect(),
        (Ok(joined), Err(_)) => joined,
        (Err(_), Ok(fresh)) => fresh.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
        (Err(_), Err(unread)) => return Err(unread),
    };
    all.retain(|name| !own.contains(name));
    Ok(all)
}

/// The context of the hub that a context writes to, where it was read; a hub stores its own.
pub(super) fn hub_context<'f>(facts: &'f Facts, all: &'f [Facts]) -> Option<&'f str> {
    let view = View::of(facts, all);
    if view.is_hub() {
        return Some(&facts.context);
    }
    if let Some(hub) = view.hub {
        return Some(&hub.context);
    }
    let config = facts.config().ok()?;
    let urls: Vec<_> = remote_write_urls(config).collect();
    let is_way_in = |hub: &&Facts| hub.ways_in.urls.iter().any(|way| urls.contains(&way.url.as_str()));
    let hub = view.others().filter(|other| other.role() == Some(Role::Hub)).find(is_way_in)?;
    Some(&hub.context)
}

/// Gives a context another name; the part that a person has to think of is left open.
pub(super) fn rename(facts: &Facts, all: &[Facts], placeholder: &str) -> Fix {
    let context = &facts.context;
    if View::of(facts, all).is_hub() {
        return Fix::hand(format!(
            "kubectl promfed hub init --context {context} --cluster-name {placeholder}"
        ));
    }
    let hub = hub_context(facts, all).and_then(|hub| all.iter().find(|one| one.context == hub));
    let more = hub.map_or_else(|| "--hub-context HUB".to_owned(), |hub| hub.to_join(Some(facts)));
    Fix::hand(format!("kubectl promfed agent join --context {context} {more} --cluster-name {placeholder}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::{agent, hub, series};

    #[test]
    fn members_are_those_that_joined_or_write_but_not_the_hub_itself() {
        let newest = vec![
            series(&[("cluster", "hub")], "1799999990"),
            series(&[("cluster", "lab")], "1799999990"),
            series(&[("cluster", "gone")], "1799990000"),
            series(&[], "1799999990"),
        ];
        let hub = hub().with_answer(Question::LastSample, newest);
        assert_eq!(members(&hub), Ok(BTreeSet::from(["edge".to_owned(), "lab".to_owned()])));
    }

    #[test]
    fn a_server_that_is_no_agent_is_led_to_its_hub_by_the_url() {
        let mut server = agent().with_values(|text| text.replace("      - --agent\n", ""));
        server.process.flags.as_mut().expect("flags").insert("agent".into(), "false".into());
        assert_eq!(server.role(), None);
        let all = [hub(), server];
        assert_eq!(hub_context(&all[1], &all), Some("admin@hub"));
    }
}
