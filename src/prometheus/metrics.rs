//! Reads `/metrics`: agents cannot be queried, so what they know of their delivery is read here.

use super::labels::Labels;

/// One sample of the text exposition format.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: Labels,
    pub value: f64,
}

/// The samples of a page whose names are asked for. Lines that cannot be read are skipped: they are somebody else's.
pub fn samples(page: &str, wanted: impl Fn(&str) -> bool) -> Vec<Sample> {
    page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| sample(line, &wanted)).collect()
}

fn sample(line: &str, wanted: impl Fn(&str) -> bool) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    if !wanted(name) {
        return None;
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Labels::default(), rest),
    };
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}

/// The labels up to the closing brace, and what follows it.
fn labels(mut text: &str) -> Option<(Labels, &str)> {
    let mut labels: Vec<(&str, String)> = Vec::new();
    loop {
        text = text.trim_start_matches([',', ' ']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels.into_iter().collect(), rest));
        }
        let (name, rest) = text.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = rest.char_indices();
        let end = loop {
            match chars.next()? {
                (at, '"') => break at + 1,
                (_, '\\') => value.push(match chars.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        labels.push((name, value));
        text = &rest[end..];
    }
}

/// The samples of a `/metrics` page that promfed reads: those of Prometheus itself and of its process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page(Vec<Sample>);

impl Page {
    /// Reads a page of the text exposition format.
    pub fn read(page: &str) -> Self {
        let is_ours = |name: &str| name.starts_with("prometheus_") || name.starts_with("process_");
        // Most of a page is buckets of histograms, of which nothing is asked.
        Self(samples(page, |name| is_ours(name) && !name.ends_with("_bucket")))
    }

    /// The samples of a name.
    pub fn of<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p Sample> {
        self.0.iter().filter(move |sample| sample.name == name)
    }

    /// The sum of a name over all its labels; `None` where there is no such sample.
    pub fn sum(&self, name: &str) -> Option<f64> {
        self.of(name).map(|sample| sample.value).reduce(|a, b| a + b)
    }

    /// The greatest of a name over all its labels; `None` where there is no such sample.
    pub fn max(&self, name: &str) -> Option<f64> {
        self.of(name).map(|sample| sample.value).reduce(f64::max)
    }

    /// Puts a line of a page in place of the samples of its name.
    #[cfg(test)]
    pub(crate) fn put(&mut self, line: &str) {
        let new = samples(line, |_| true);
        self.0.retain(|old| new.iter().all(|new| new.name != old.name));
        self.0.extend(new);
    }

    /// What the queues say of their delivery; `None` when there is no queue.
    pub fn delivery(&self) -> Option<Delivery> {
        Delivery::of(&self.0)
    }
}

/// What an agent's queues say of their delivery, summed over the queues. Counters are since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivery {
    /// Samples that wait in memory.
    pub pending: f64,
    /// Attempts, retries included.
    pub attempted: f64,
    /// Samples that were refused for good: lost.
    pub failed: f64,
    /// Samples that were sent again.
    pub retried: f64,
    /// Seconds between the newest sample and the newest one sent. `None` before the first was sent.
    pub lag: Option<f64>,
}

impl Delivery {
    /// Reads an agent's own metrics. `None` when it has no remote write queue at all.
    ///
    /// The name of the newest timestamp changed in 3.7; before 2.54 the sent one is absent until something was sent,
    /// since then it is 0.
    pub fn read(page: &str) -> Option<Self> {
        Self::of(&samples(page, |name| name.starts_with("prometheus_remote_storage_")))
    }

    fn of(all: &[Sample]) -> Option<Self> {
        let of = |suffix: &str| {
            let name = format!("prometheus_remote_storage_{suffix}");
            all.iter().filter(move |sample| sample.name == name).map(|sample| sample.value)
        };
        of("shards").next()?;
        let newest = of("queue_highest_timestamp_seconds")
            .chain(of("highest_timestamp_in_seconds"))
            .fold(0.0, f64::max);
        let sent = of("queue_highest_sent_timestamp_seconds").fold(f64::INFINITY, f64::min);
        let lag = (sent > 0.0 && sent.is_finite()).then(|| (newest - sent).max(0.0));
        Some(Self {
            pending: of("samples_pending").sum(),
            attempted: of("samples_total").sum(),
            failed: of("samples_failed_total").sum(),
            retried: of("samples_retried_total").sum(),
            lag,
        })
    }

    /// Whether more than one sample in a hundred is lost: the threshold of the alert that Prometheus's own mixin has.
    pub fn is_losing(self) -> bool {
        self.failed > 0.01 * self.attempted
    }

    /// Samples that the hub took: attempts less those that failed or were tried again.
    pub fn delivered(self) -> f64 {
        (self.attempted - self.failed - self.retried).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unescaped() {
        let page = "# HELP a b\na{x=\"1\",y=\"q\\\"\\\\\\n,}\"} 2.5 1700000000\nb 3\nc{} NaN\n";
        let all = samples(page, |_| true);
        assert_eq!(all[0].labels.get("y"), Some("q\"\\\n,}"));
        assert_eq!((all[0].value, all[1].value), (2.5, 3.0));
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn a_queue_that_never_sent_has_no_lag() {
        let never = "prometheus_remote_storage_shards 1\nprometheus_remote_storage_highest_timestamp_in_seconds 100\n";
        assert_eq!(Delivery::read(never).and_then(|delivery| delivery.lag), None);
        let zero = format!("{never}prometheus_remote_storage_queue_highest_sent_timestamp_seconds 0\n");
        assert_eq!(Delivery::read(&zero).and_then(|delivery| delivery.lag), None);
        let sent = format!("{never}prometheus_remote_storage_queue_highest_sent_timestamp_seconds 98\n");
        assert_eq!(Delivery::read(&sent).and_then(|delivery| delivery.lag), Some(2.0));
        assert_eq!(Delivery::read("up 1\n"), None);
    }
}
