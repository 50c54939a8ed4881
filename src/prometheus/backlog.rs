//! What an agent has scraped and not sent yet, by its own metrics.
//!
//! After a restart Prometheus sends only what it scrapes from then on: the WAL still has the rest, and nobody reads it.
//! The same is true of the new queue that a changed entry of `remote_write` gets.

use super::metrics::Page;

/// Who is behind by no more seconds than this has only what is on its way, and sends that before it ends: a batch waits
/// for up to 5s to be full, and may be tried again.
pub const ON_ITS_WAY: f64 = 15.0;

/// What waits at an agent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backlog {
    /// Seconds between the newest sample and the newest one that was sent.
    pub behind: f64,
    /// Samples that wait in memory. What does not fit there waits in the WAL, and is not counted.
    pub pending: f64,
    /// When the newest sample that was sent was taken, in seconds since 1970. `None` before any was.
    pub sent: Option<f64>,
    /// Samples that the hub took.
    delivered: f64,
}

impl Backlog {
    /// Reads it from the agent's own metrics. `None` where nothing is sent anywhere.
    pub fn of(page: &Page) -> Option<Self> {
        let delivery = page.delivery()?;
        let newest = ["queue_highest_timestamp_seconds", "highest_timestamp_in_seconds"]
            .iter()
            .filter_map(|name| page.max(&format!("prometheus_remote_storage_{name}")))
            .fold(0.0, f64::max);
        // Who never sent has done so since it started, or since its queue is a new one, which is later.
        let since_start = || newest - page.max("process_start_time_seconds").unwrap_or(newest);
        Some(Self {
            behind: delivery.lag.unwrap_or_else(since_start).max(0.0),
            pending: delivery.pending,
            sent: delivery.lag.map(|lag| newest - lag),
            delivered: delivery.delivered(),
        })
    }

    /// Whether more waits than what is on its way.
    pub fn waits(&self) -> bool {
        self.behind > ON_ITS_WAY
    }

    /// Whether anything was sent since an earlier look.
    pub fn moves_on_from(&self, earlier: &Self) -> bool {
        self.sent > earlier.sent || self.delivered > earlier.delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlog(newest: &str, sent: &str, samples: &str) -> Backlog {
        let page = format!(
            "prometheus_remote_storage_shards 1\nprometheus_remote_storage_samples_pending 7\n\
             prometheus_remote_storage_highest_timestamp_in_seconds {newest}\n\
             prometheus_remote_storage_queue_highest_sent_timestamp_seconds {sent}\n\
             prometheus_remote_storage_samples_total {samples}\nprocess_start_time_seconds 900\n"
        );
        Backlog::of(&Page::read(&page)).expect("a queue")
    }

    #[test]
    fn who_is_a_batch_behind_has_no_backlog_and_who_is_a_minute_behind_has() {
        assert!(!backlog("1000", "990", "5").waits());
        let waiting = backlog("1000", "940", "5");
        assert!(waiting.waits());
        assert_eq!((waiting.behind, waiting.pending, waiting.sent), (60.0, 7.0, Some(940.0)));
        assert_eq!(Backlog::of(&Page::read("up 1\n")), None);
    }

    #[test]
    fn who_never_sent_has_all_since_its_start() {
        let never = backlog("1000", "0", "0");
        assert_eq!((never.behind, never.sent, never.waits()), (100.0, None, true));
        assert!(!backlog("910", "0", "0").waits());
    }

    #[test]
    fn who_catches_up_moves_on() {
        let before = backlog("1000", "940", "5");
        assert!(!backlog("1002", "940", "5").moves_on_from(&before));
        assert!(backlog("1002", "941", "5").moves_on_from(&before));
        assert!(backlog("1002", "940", "6").moves_on_from(&before));
    }
}
