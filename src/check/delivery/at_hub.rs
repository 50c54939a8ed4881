//! How fresh a cluster's samples are at the hub. This is what proves delivery: a 2xx does not, and neither does lag.

use crate::check::facts::{Facts, Reading};
use crate::check::view::View;
use crate::prometheus::PromDuration;
use crate::prometheus::promql::Question;

/// What the hub has of an agent's cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::check) enum AtHub {
    Fresh,
    /// Its newest sample is so many seconds old.
    Old(f64),
    Never,
    /// The hub was not read, or the agent has no name.
    Unknown,
}

/// What the hub has of the cluster of this agent.
pub(in crate::check) fn at_hub(view: &View<'_>) -> AtHub {
    let (Some(hub), Some(name)) = (view.hub, view.facts.cluster_name()) else { return AtHub::Unknown };
    match age(hub, &name) {
        Err(_) => AtHub::Unknown,
        Ok(None) => AtHub::Never,
        Ok(Some(age)) if age <= patience(view.facts) => AtHub::Fresh,
        Ok(Some(age)) => AtHub::Old(age),
    }
}

/// How old the newest sample of a cluster is at a hub, in seconds. `None` when there is none.
pub(in crate::check) fn age(hub: &Facts, cluster: &str) -> Reading<Option<f64>> {
    let answer = hub.stored.answer(Question::LastSample)?;
    let newest = answer.iter().find(|series| series.label("cluster") == cluster);
    Ok(newest.and_then(|newest| {
        let asked_at = newest.value.as_ref().map_or(hub.now, |point| point.0);
        newest.number().map(|newest| asked_at - newest)
    }))
}

/// The clusters of which a hub has samples that are fresh, without its own.
pub(in crate::check) fn fresh_at(hub: &Facts) -> Vec<&str> {
    let own = hub.cluster_name();
    let all = hub.stored.answer(Question::LastSample).unwrap_or_default().iter();
    all.map(|series| series.label("cluster"))
        .filter(|name| !name.is_empty() && own.as_deref() != Some(*name))
        .filter(|name| matches!(age(hub, name), Ok(Some(age)) if age <= PATIENCE))
        .collect()
}

/// The clusters that a hub speaks of and whose own contexts were not read.
pub(in crate::check) fn is_unread(view: &View<'_>, cluster: &str) -> bool {
    !cluster.is_empty() && view.all.iter().all(|facts| facts.cluster_name().as_deref() != Some(cluster))
}

/// Two scrapes of a minute, a batch, and the time to evaluate.
pub(in crate::check) const PATIENCE: f64 = 150.0;

/// How old the newest sample may be, in seconds, by how often an agent scrapes.
fn patience(agent: &Facts) -> f64 {
    let config = agent.config().unwrap_or_default();
    let interval = config["global"]["scrape_interval"].as_str().and_then(|text| text.parse().ok());
    let minutes = |interval: PromDuration| 2.0 * seconds(interval) + 30.0;
    interval.map_or(PATIENCE, minutes).max(PATIENCE)
}

/// A duration in seconds.
pub(in crate::check) fn seconds(duration: PromDuration) -> f64 {
    std::time::Duration::from_millis(duration.milliseconds()).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::{agent, hub, series};

    fn of(agent: Facts, newest: &str) -> AtHub {
        let all =
            [agent, hub().with_answer(Question::LastSample, vec![series(&[("cluster", "edge")], newest)])];
        at_hub(&View::of(&all[0], &all))
    }

    #[test]
    fn who_scrapes_seldom_is_fresh_for_longer() {
        assert_eq!(of(agent(), "1799999990"), AtHub::Fresh);
        assert_eq!(of(agent(), "1799999700"), AtHub::Old(300.0));
        let seldom = agent().with_values(|text| text.replace("scrape_interval: 1m", "scrape_interval: 5m"));
        assert_eq!(of(seldom, "1799999700"), AtHub::Fresh);
    }

    #[test]
    fn a_hub_s_own_samples_prove_nothing_of_the_way_in() {
        assert_eq!(fresh_at(&hub()), ["edge"]);
    }
}
