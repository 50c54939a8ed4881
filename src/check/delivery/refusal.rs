//! The last batch that did not get through, as an agent's log tells it. The counters say whether there is any, the log
//! says why; its newest line may be older than the trouble.

use super::at_hub::{AtHub, at_hub};
use super::cause::Cause;
use crate::check::facts::Facts;
use crate::check::view::View;
use crate::prometheus::metrics::Delivery;

/// How old the log's last word on a failed batch may be, in seconds, for the trouble to be of now. What goes on is
/// said once a minute at least: remote write leaves repetitions out for that long, and a batch is due every scrape.
const RECENT: f64 = 180.0;
/// Sending that is behind by more seconds than this does not get on.
const HELD_UP: f64 = 60.0;
/// How much of the words is shown.
const SHOWN: usize = 160;

/// A batch that did not get through.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Refusal {
    pub(in crate::check) cause: Cause,
    /// What was answered, or why nothing was.
    pub(in crate::check) words: String,
    pub(in crate::check) fate: Fate,
    /// Seconds since then; `None` where the line has no time.
    pub(in crate::check) age: Option<f64>,
}

/// What becomes of such a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Fate {
    /// It was thrown away.
    Lost,
    /// It is sent again.
    Retried,
}

impl Fate {
    fn message(self) -> &'static str {
        match self {
            Self::Lost => "msg=\"non-recoverable error\"",
            Self::Retried => "msg=\"Failed to send batch, retrying\"",
        }
    }
}

impl Refusal {
    /// The newest of all.
    pub(in crate::check) fn last(facts: &Facts) -> Option<Self> {
        Self::newest(facts, &[Fate::Lost, Fate::Retried])
    }

    /// The newest of one fate.
    pub(in crate::check) fn last_of(facts: &Facts, fate: Fate) -> Option<Self> {
        Self::newest(facts, &[fate])
    }

    /// The newest, where an agent still has the trouble that it tells of.
    pub(in crate::check) fn current(view: &View<'_>) -> Option<Self> {
        Self::last(view.facts).filter(|last| {
            last.is_recent()
                && match last.fate {
                    Fate::Lost => delivery(view).is_none_or(|delivery| delivery.failed > 0.0),
                    Fate::Retried => is_stuck(view),
                }
        })
    }

    /// Whether it says something of now.
    pub(in crate::check) fn is_recent(&self) -> bool {
        self.age.is_none_or(|age| age <= RECENT)
    }

    fn newest(facts: &Facts, fates: &[Fate]) -> Option<Self> {
        let log = facts.workload.log.as_ref().ok()?;
        log.lines().rev().find_map(|line| {
            let fate = *fates.iter().find(|fate| line.contains(fate.message()))?;
            let error = field(line, "err")?;
            let age = age(facts, line);
            Some(Self { cause: Cause::of(&error), words: shown(&error), fate, age })
        })
    }
}

/// Whether nothing that an agent sends gets through now, so that it sends it again and again.
pub(in crate::check) fn is_stuck(view: &View<'_>) -> bool {
    let at_hub = at_hub(view);
    let Some(delivery) = delivery(view) else { return matches!(at_hub, AtHub::Old(_) | AtHub::Never) };
    if delivery.retried <= 0.0 {
        return false;
    }
    let never = delivery.delivered() <= 0.0 || delivery.lag.is_none();
    let retries_now = || match &view.facts.workload.log {
        Ok(_) => Refusal::last_of(view.facts, Fate::Retried).is_some_and(|last| last.is_recent()),
        Err(_) => true,
    };
    let is_held_up = delivery.lag.is_some_and(|lag| lag > HELD_UP);
    never || (is_held_up && at_hub != AtHub::Fresh && retries_now())
}

/// Whether nothing is known to be wrong with what an agent sends, so that a warning hides no cause.
pub(super) fn is_fine(view: &View<'_>) -> bool {
    let is_well = |delivery: Delivery| !delivery.is_losing() && delivery.lag.is_none_or(|lag| lag <= HELD_UP);
    matches!(at_hub(view), AtHub::Fresh | AtHub::Unknown)
        && !is_stuck(view)
        && delivery(view).is_none_or(is_well)
        && Refusal::current(view).is_none()
}

/// What the agent's queues say of their delivery, where they were read.
pub(in crate::check) fn delivery(view: &View<'_>) -> Option<Delivery> {
    view.facts.process.metrics.as_ref().ok()?.delivery()
}

/// How many seconds ago a line was logged; `None` where it does not say.
pub(super) fn age(facts: &Facts, line: &str) -> Option<f64> {
    let time: jiff::Timestamp = field(line, "ts").or_else(|| field(line, "time"))?.parse().ok()?;
    Some((facts.now - time.as_duration().as_secs_f64()).max(0.0))
}

/// The value of a field of a log line: `name=value` or `name="value"`.
fn field(line: &str, name: &str) -> Option<String> {
    let begin = format!("{name}=");
    let (_, value) = line.match_indices(&begin).find_map(|(at, _)| {
        let is_whole = at == 0 || line[..at].ends_with(' ');
        is_whole.then(|| line.split_at(at + begin.len()))
    })?;
    let Some(quoted) = value.strip_prefix('"') else {
        return value.split(' ').next().map(str::to_owned);
    };
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next() {
            None | Some('"') => return Some(text),
            Some('\\') => text.push(match chars.next()? {
                'n' => '\n',
                other => other,
            }),
            Some(other) => text.push(other),
        }
    }
}

/// The first line of the words, without what stands before every one of them.
fn shown(error: &str) -> String {
    let words = error.lines().next().unwrap_or_default();
    let words = words.strip_prefix("server returned HTTP status ").unwrap_or(words);
    let words = match words.strip_prefix("Post \"").and_then(|rest| rest.split_once("\": ")) {
        Some((_, rest)) => rest,
        None => words,
    };
    words.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::agent;

    fn with_log(log: &str) -> Facts {
        let mut facts = agent();
        facts.now = 1_795_000_000.0;
        facts.workload.log = Ok(log.to_owned());
        facts
    }

    const TWO: &str = "ts=2026-11-18T10:06:40.000Z caller=dedupe.go:112 component=remote level=warn remote_name=promfed url=https://h/w msg=\"Failed to send batch, retrying\" err=\"Post \\\"https://h/w\\\": dial tcp 10.0.0.1:443: connect: connection refused\"";
    const THREE: &str = "time=2026-11-18T11:06:30.000Z level=ERROR source=queue_manager.go:1670 msg=\"non-recoverable error\" component=remote remote_name=promfed url=https://h/w failedSampleCount=2000 failedHistogramCount=0 failedExemplarCount=0 err=\"server returned HTTP status 400 Bad Request: out of order sample\\n\"";

    #[test]
    fn the_newest_line_is_read_in_both_dialects() {
        let facts = with_log(&format!("{TWO}\nlevel=info msg=other\n{THREE}\nsomething else"));
        let last = Refusal::last(&facts).expect("a refusal");
        assert_eq!((last.cause, last.fate, last.age), (Cause::OutOfOrder, Fate::Lost, Some(10.0)));
        assert_eq!(last.words, "400 Bad Request: out of order sample");
        let retried = Refusal::last_of(&facts, Fate::Retried).expect("a refusal");
        assert_eq!((retried.cause, retried.age), (Cause::Closed, Some(3600.0)));
        assert_eq!(retried.words, "dial tcp 10.0.0.1:443: connect: connection refused");
        assert!(last.is_recent() && !retried.is_recent());
    }

    #[test]
    fn metadata_and_other_lines_are_no_refusal() {
        let log = "level=error msg=\"non-recoverable error while sending metadata\" err=\"server returned HTTP status 400\"";
        assert_eq!(Refusal::last(&with_log(log)), None);
        assert_eq!(Refusal::last(&with_log("")), None);
    }

    #[test]
    fn a_line_without_a_time_counts_as_of_now() {
        let line = "level=error msg=\"non-recoverable error\" err=\"server returned HTTP status 401 Unauthorized: x\"";
        let last = Refusal::last(&with_log(line)).expect("a refusal");
        assert!(last.age.is_none() && last.is_recent());
    }
}
