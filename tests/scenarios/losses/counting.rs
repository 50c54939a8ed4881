//! What was scraped and never arrived: counted where samples are kept, by a series that counts its own scrapes.
//!
//! node-exporter counts how often it was asked for its metrics, so each scrape has a number. A number that the hub never
//! got was scraped and lost. A time without any number is one in which nobody scraped: a restart, and no loss. Neither
//! is a scrape that took too long, on a machine that is busy: the hub has an `up` of 0 in its place.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use promfed::prometheus::api::query_path;
use promfed::prometheus::metrics::Page;

use crate::checking::context;
use crate::support::{Rig, say, until};

/// The number of each scrape that the hub has of a cluster, and whether it succeeded.
const NUMBER: &str = "promhttp_metric_handler_requests_total";
const SUCCESS: &str = "up";
/// Seconds from one scrape to the next, as the scenarios here configure it.
const INTERVAL: f64 = 1.0;

/// What became of the scrapes since some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) scraped: u64,
    pub(super) lost: u64,
    /// The longest time without a scrape, in seconds, beyond the interval.
    pub(super) unscraped: f64,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scraped, lost, unscraped } = self;
        write!(f, "{lost} of {scraped} lost, at most {unscraped:.0}s without a scrape")
    }
}

/// Counts by the time and the number of each scrape, in order, and by how many scrapes failed.
fn counted(scrapes: &[(f64, f64)], failed: u64) -> Counted {
    let mut all = Counted { scraped: u64::from(!scrapes.is_empty()), lost: 0, unscraped: 0.0 };
    for pair in scrapes.windows(2) {
        let [(before, first), (after, second)] = [pair[0], pair[1]];
        // A number that falls is that of another process: what came between is not known.
        let step = if second > first { second - first } else { 1.0 };
        let waited = after - before - step * INTERVAL;
        all.unscraped = all.unscraped.max(waited);
        let step = format!("{step:.0}").parse::<u64>().expect("a number of scrapes");
        all.scraped += step;
        all.lost += step - 1;
    }
    Counted { lost: all.lost.saturating_sub(failed), ..all }
}

/// Where samples are kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    AtHub,
    /// At the receiver that is read at this URL.
    At(&'static str),
}

/// A thing that happens, seen by several clusters.
pub(super) struct Watch<'r> {
    rig: &'r Rig,
    clusters: &'r [&'r str],
    /// A scrape is lost that none of these has.
    kept: &'r [Kept],
    since: f64,
}

impl<'r> Watch<'r> {
    /// Begins, once a few scrapes of each cluster have arrived.
    pub(super) fn begin(rig: &'r Rig, clusters: &'r [&'r str]) -> Self {
        Self::begin_at(rig, clusters, &[Kept::AtHub])
    }

    /// As `begin`, where samples are kept in more places than the hub.
    pub(super) fn begin_at(rig: &'r Rig, clusters: &'r [&'r str], kept: &'r [Kept]) -> Self {
        let watch = Self { rig, clusters, kept, since: now() };
        watch.settle();
        watch
    }

    /// Waits until what is scraped from now on has arrived.
    pub(super) fn settle(&self) {
        let from = now() + 2.0 * INTERVAL;
        for name in self.clusters {
            until(&format!("fresh scrapes of {name}"), || {
                let last = self.scrapes(name, NUMBER, self.kept).last().map_or(0.0, |(time, _)| *time);
                if last > from { Ok(()) } else { Err(format!("the newest is {:.0}s old", now() - last)) }
            });
        }
    }

    /// Ends, once what is scraped now arrives, and counts for each cluster; told where somebody measures.
    pub(super) fn end(self, what: &str) -> Vec<Counted> {
        self.settle();
        let count = |name: &&str| {
            let seen = |what: &str| self.scrapes(name, what, self.kept);
            let failed = seen(SUCCESS).iter().filter(|(_, success)| *success == 0.0).count();
            let counted = counted(&seen(NUMBER), u64::try_from(failed).expect("not so many"));
            if is_measured() {
                say(&format!("LOSSES {what}: {name}: {counted}"));
            }
            counted
        };
        self.clusters.iter().map(count).collect()
    }

    /// The first and the last scrape of a cluster that are kept there.
    pub(super) fn ends(&self, cluster: &str, kept: Kept) -> Option<(f64, f64)> {
        let all = self.scrapes(cluster, NUMBER, &[kept]);
        Some((all.first()?.0, all.last()?.0))
    }

    /// What any of these keeps, in order. What two of them keep is the same sample.
    fn scrapes(&self, cluster: &str, what: &str, kept: &[Kept]) -> Vec<(f64, f64)> {
        let range = (now() - self.since).ceil();
        let query = format!("{what}{{cluster=\"{cluster}\",job=\"node-exporter\"}}[{range}s]");
        let mut all: Vec<_> = kept.iter().flat_map(|kept| kept.points(self.rig, &query)).collect();
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        // A millisecond is the least that two samples of a series differ by.
        all.dedup_by(|next, before| next.0 - before.0 < 0.000_5);
        all
    }
}

impl Kept {
    /// The times and the values of the one series that is asked for; none while nobody answers.
    fn points(self, rig: &Rig, query: &str) -> Vec<(f64, f64)> {
        let (answer, points) = match self {
            Self::AtHub => (page(rig, "hub", &query_path(query)), "/data/result/0/values"),
            Self::At(url) => {
                (rig.promfed(&["query", "-o", "json", query, "--query-url", url]).stdout, "/items/0/points")
            }
        };
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        let points = answer.pointer(points).and_then(|points| points.as_array().cloned()).unwrap_or_default();
        let point =
            |point: &serde_json::Value| Some((point[0].as_f64()?, point[1].as_str()?.parse::<f64>().ok()?));
        // That a series ended is written as a sample that is no number.
        points.iter().filter_map(point).filter(|(_, value)| value.is_finite()).collect()
    }
}

/// Whether somebody wants to know the numbers.
pub(super) fn is_measured() -> bool {
    std::env::var_os("PROMFED_OUTAGE").is_some()
}

/// How many scrapes of each were lost.
pub(super) fn lost(counted: &[Counted]) -> Vec<u64> {
    counted.iter().map(|one| one.lost).collect()
}

/// What the Prometheus of a cluster answers; nothing while it does not.
fn page(rig: &Rig, cluster: &str, path: &str) -> String {
    let proxy = "/api/v1/namespaces/tanzu-system-monitoring/services/prometheus-server:80/proxy";
    rig.kubectl(&["get", "--raw", &format!("{proxy}{path}"), "--context", &context(cluster)]).stdout
}

/// How far the agent is behind, in seconds; 0 before it has sent anything. `None` while it does not answer.
pub(super) fn behind(rig: &Rig, cluster: &str) -> Option<f64> {
    let delivery = Page::read(&page(rig, cluster, "/metrics")).delivery()?;
    Some(delivery.lag.unwrap_or_default())
}

/// How many samples the agent has sent again. `None` while it does not answer.
pub(super) fn retried(rig: &Rig, cluster: &str) -> Option<f64> {
    Some(Page::read(&page(rig, cluster, "/metrics")).delivery()?.retried)
}

/// How long the hub is away: so many seconds, where nobody says otherwise.
pub(super) fn outage(usually: u64) -> Duration {
    let wish = std::env::var("PROMFED_OUTAGE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(wish.unwrap_or(usually))
}

/// Waits until each cluster has scraped for so long without sending any of it.
pub(super) fn wait_until_behind(rig: &Rig, clusters: &[&str], time: Duration) {
    let give_up = Instant::now() + time + Duration::from_secs(60);
    for name in clusters {
        while behind(rig, name).is_none_or(|behind| behind < time.as_secs_f64()) {
            assert!(Instant::now() < give_up, "{name} is only {:?}s behind", behind(rig, name));
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[test]
fn a_number_that_is_missing_was_lost_and_a_time_without_numbers_was_not_scraped() {
    let steady = [(10.0, 5.0), (11.0, 6.0), (12.0, 7.0)];
    assert_eq!(counted(&steady, 0), Counted { scraped: 3, lost: 0, unscraped: 0.0 });
    let restarted = [(10.0, 5.0), (17.0, 6.0)];
    assert_eq!(counted(&restarted, 0), Counted { scraped: 2, lost: 0, unscraped: 6.0 });
    let gone = [(10.0, 5.0), (17.0, 12.0)];
    assert_eq!(counted(&gone, 0), Counted { scraped: 8, lost: 6, unscraped: 0.0 });
    assert_eq!(counted(&gone, 2).lost, 4);
    assert_eq!(counted(&[], 0), Counted { scraped: 0, lost: 0, unscraped: 0.0 });
}
