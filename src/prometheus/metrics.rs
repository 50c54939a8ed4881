//! Reads `/metrics`: agents cannot be queried, so what they know of their delivery is read here.

use std::ops::Range;

use super::labels::Labels;

/// One sample of the text exposition format.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub labels: Labels,
    pub value: f64,
}

/// A line without its name; `None` where it is none that can be read: it is somebody else's.
fn sample(rest: &str) -> Option<Sample> {
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Labels::default(), rest),
    };
    Some(Sample { labels, value: rest.split_whitespace().next()?.parse().ok()? })
}

/// The name that a line begins with, and the rest of it.
fn named(line: &str) -> Option<(&str, &str)> {
    Some(line.split_at(line.bytes().position(|byte| matches!(byte, b'{' | b' '))?))
}

fn name_of(line: &str) -> &str {
    named(line).map_or("", |(name, _)| name)
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

/// How the names begin of what Prometheus says of itself.
const OURS: [&str; 2] = ["prometheus_", "process_"];
/// Of that nothing is asked, and it is as much as all the rest: its requests and its discovery. Nor is anything of the
/// buckets of histograms, which are most of a page.
const NOT_ASKED: [&str; 2] = ["prometheus_http_", "prometheus_sd_"];

/// What promfed reads of a `/metrics` page: the lines of Prometheus itself and of its process. There are hundreds, a few
/// of which are asked for, in as many clusters as there are; so they are kept as they came, and read when they are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    text: Box<str>,
    /// The lines of one name each, ordered by name.
    families: Box<[Range<usize>]>,
}

impl Page {
    /// Reads a page of the text exposition format.
    pub fn read(page: &str) -> Self {
        let is_ours = |line: &&str| {
            OURS.iter().any(|begin| line.starts_with(begin))
                && !NOT_ASKED.iter().any(|begin| line.starts_with(begin))
                && named(line).is_some_and(|(name, _)| !name.ends_with("_bucket"))
        };
        let text: Box<str> = page.split_inclusive('\n').filter(is_ours).collect();
        let mut families: Vec<(&str, Range<usize>)> = Vec::new();
        let mut end = 0;
        for line in text.split_inclusive('\n') {
            let (name, begin) = (name_of(line), end);
            end += line.len();
            match families.last_mut() {
                Some((known, lines)) if *known == name => lines.end = end,
                _ => families.push((name, begin..end)),
            }
        }
        families.sort_by_key(|(name, _)| *name);
        Self { families: families.into_iter().map(|(_, lines)| lines).collect(), text }
    }

    /// The samples of a name.
    pub fn of(&self, name: &str) -> impl Iterator<Item = Sample> {
        let text = |family: &Range<usize>| &self.text[family.clone()];
        let begin = self.families.partition_point(|family| name_of(text(family)) < name);
        let found = self.families[begin..].iter().map(text).take_while(move |lines| name_of(lines) == name);
        found.flat_map(str::lines).filter_map(|line| sample(named(line)?.1))
    }

    /// The sum of a name over all its labels; `None` where there is no such sample.
    pub fn sum(&self, name: &str) -> Option<f64> {
        self.of(name).map(|sample| sample.value).reduce(|a, b| a + b)
    }

    /// The greatest of a name over all its labels; `None` where there is no such sample.
    pub fn max(&self, name: &str) -> Option<f64> {
        self.of(name).map(|sample| sample.value).reduce(f64::max)
    }

    /// Puts lines of a page in place of the samples of its name.
    #[cfg(test)]
    pub(crate) fn put(&mut self, line: &str) {
        let is_other = |old: &&str| line.lines().all(|new| name_of(new) != name_of(old));
        let lines: Vec<_> = self.text.lines().filter(is_other).chain([line]).collect();
        *self = Self::read(&lines.join("\n"));
    }

    /// What the queues say of their delivery; `None` when there is no queue.
    ///
    /// The name of the newest timestamp changed in 3.7; before 2.54 the sent one is absent until something was sent,
    /// since then it is 0.
    pub fn delivery(&self) -> Option<Delivery> {
        let of = |suffix: &str| -> Vec<f64> {
            self.of(&format!("prometheus_remote_storage_{suffix}")).map(|sample| sample.value).collect()
        };
        let sum = |suffix: &str| of(suffix).into_iter().sum();
        of("shards").first()?;
        let newest = [of("queue_highest_timestamp_seconds"), of("highest_timestamp_in_seconds")];
        let newest = newest.into_iter().flatten().fold(0.0, f64::max);
        let sent = of("queue_highest_sent_timestamp_seconds").into_iter().fold(f64::INFINITY, f64::min);
        let lag = (sent > 0.0 && sent.is_finite()).then(|| (newest - sent).max(0.0));
        Some(Delivery {
            pending: sum("samples_pending"),
            attempted: sum("samples_total"),
            failed: sum("samples_failed_total"),
            retried: sum("samples_retried_total"),
            lag,
        })
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
        let page = Page::read(
            "# HELP process_a b\nprocess_a{x=\"1\",y=\"q\\\"\\\\\\n,}\"} 2.5 1700000000\nprocess_b 3\nprocess_c{} NaN\n",
        );
        let first = page.of("process_a").next().unwrap();
        assert_eq!((first.labels.get("y"), first.value), (Some("q\"\\\n,}"), 2.5));
        assert_eq!((page.sum("process_b"), page.of("process_c").count()), (Some(3.0), 1));
    }

    #[test]
    fn only_the_lines_of_prometheus_and_its_process_are_kept() {
        let page = Page::read(
            "go_threads 3\nprocess_a_bucket{le=\"1\"} 2\nprocess_a_sum 1\nprometheus_b 5\nprometheus_c what\n",
        );
        assert_eq!(page, Page::read("process_a_sum 1\nprometheus_b 5\nprometheus_c what\n"));
        assert_eq!(
            (page.sum("go_threads"), page.sum("prometheus_b"), page.sum("prometheus_c")),
            (None, Some(5.0), None)
        );
    }

    #[test]
    fn the_samples_of_a_name_need_not_be_together() {
        let page = Page::read("process_b 1\nprocess_a 2\nprocess_b{x=\"1\"} 4\n");
        assert_eq!((page.sum("process_a"), page.sum("process_b")), (Some(2.0), Some(5.0)));
    }

    #[test]
    fn a_queue_that_never_sent_has_no_lag() {
        let never = "prometheus_remote_storage_shards 1\nprometheus_remote_storage_highest_timestamp_in_seconds 100\n";
        assert_eq!(Page::read(never).delivery().and_then(|delivery| delivery.lag), None);
        let zero = format!("{never}prometheus_remote_storage_queue_highest_sent_timestamp_seconds 0\n");
        assert_eq!(Page::read(&zero).delivery().and_then(|delivery| delivery.lag), None);
        let sent = format!("{never}prometheus_remote_storage_queue_highest_sent_timestamp_seconds 98\n");
        assert_eq!(Page::read(&sent).delivery().and_then(|delivery| delivery.lag), Some(2.0));
        assert_eq!(Page::read("up 1\n").delivery(), None);
    }
}
