//! What a Prometheus has counted at a moment, and how fast it counted between two.

use super::Role;
use super::metrics::Page;

/// Counters of a process, since it started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// When they were read: seconds since 1970.
    at: f64,
    /// When the process started: seconds since 1970.
    started: Option<f64>,
    /// Samples of an agent that its hub took, or samples that a hub stored.
    taken: f64,
    /// Samples of an agent that were refused for good; a hub has none.
    lost: Option<f64>,
}

/// Samples per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub taken: f64,
    pub lost: Option<f64>,
}

impl Tally {
    /// The counters of a role on its page, read at `at` (seconds since 1970). `None` where they are not there.
    pub fn read(page: &Page, role: Role, at: f64) -> Option<Self> {
        let (taken, lost) = match role {
            Role::Agent => {
                let delivery = page.delivery()?;
                (delivery.delivered(), Some(delivery.failed))
            }
            Role::Hub => (page.sum("prometheus_tsdb_head_samples_appended_total")?, None),
        };
        Some(Self { at, started: page.max("process_start_time_seconds"), taken, lost })
    }

    /// When it was read: seconds since 1970.
    pub fn at(&self) -> f64 {
        self.at
    }

    /// How fast it counted since an earlier reading; `None` where that is another process's, or no time has passed.
    ///
    /// What is on its way counts as taken until it comes back, so a count may go down a little: nothing came then.
    pub fn since(&self, earlier: &Self) -> Option<Rate> {
        let seconds = self.at - earlier.at;
        let speed = |now: f64, then: f64| (now - then).max(0.0) / seconds;
        (self.started == earlier.started && seconds > 0.0).then(|| Rate {
            taken: speed(self.taken, earlier.taken),
            lost: self.lost.zip(earlier.lost).map(|(now, then)| speed(now, then)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(at: f64, started: u32, attempted: u32, failed: u32) -> Tally {
        let page = format!(
            "process_start_time_seconds {started}\nprometheus_remote_storage_shards 1\n\
             prometheus_remote_storage_samples_total {attempted}\n\
             prometheus_remote_storage_samples_failed_total {failed}\n"
        );
        Tally::read(&Page::read(&page), Role::Agent, at).unwrap()
    }

    #[test]
    fn an_agent_is_counted_by_what_the_hub_took() {
        let rate = agent(14.0, 1, 600, 20).since(&agent(10.0, 1, 100, 0));
        assert_eq!(rate, Some(Rate { taken: 120.0, lost: Some(5.0) }));
    }

    #[test]
    fn another_process_began_to_count_anew() {
        assert_eq!(agent(14.0, 12, 600, 20).since(&agent(10.0, 1, 100, 0)), None);
        assert_eq!(agent(10.0, 1, 600, 20).since(&agent(10.0, 1, 100, 0)), None);
    }

    #[test]
    fn what_comes_back_is_not_less_than_nothing() {
        let rate = agent(14.0, 1, 90, 0).since(&agent(10.0, 1, 100, 0));
        assert_eq!(rate, Some(Rate { taken: 0.0, lost: Some(0.0) }));
    }

    #[test]
    fn a_hub_is_counted_by_what_it_stored() {
        let page = |count: u32| Page::read(&format!("prometheus_tsdb_head_samples_appended_total {count}\n"));
        let hub = |at, count| Tally::read(&page(count), Role::Hub, at).unwrap();
        assert_eq!(hub(3.0, 90).since(&hub(0.0, 60)), Some(Rate { taken: 10.0, lost: None }));
        assert_eq!(Tally::read(&Page::default(), Role::Hub, 0.0), None);
    }
}
