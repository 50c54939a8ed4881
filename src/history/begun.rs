//! What of the history happened: a run that is killed has kept what it was about to change, and changed nothing of it, or
//! not all.

use super::kept::History;
use super::record::{KeptText, Record};
use crate::package::Location;

impl History {
    /// The writes that happened, oldest first. Left out at the end are those that changed nothing, and those that lead
    /// back and did not get there: who goes back again has to get to the same place. `now` tells a text as it is,
    /// empty where there is none.
    pub fn happened<'a>(&self, now: impl Fn(&Location) -> &'a str) -> &[Record] {
        let is_as_before = |text: &&KeptText| now(&text.location) == text.before;
        let happened = |record: &Record| {
            let mut changed = record.texts.iter().filter(|text| text.before != text.after).peekable();
            // A write of no text is not known by texts.
            changed.peek().is_none()
                || if record.verb.goes_back() {
                    !changed.any(|text| is_as_before(&text))
                } else {
                    !changed.all(|text| is_as_before(&text))
                }
        };
        let end = self.records.iter().rposition(happened).map_or(0, |last| last + 1);
        &self.records[..end]
    }
}

/// The write that gave the package the role that it has: the first since a role was last given up.
pub fn origin(records: &[Record]) -> Option<&Record> {
    let since = records.iter().rev().take_while(|record| !record.verb.leaves_a_role());
    since.filter(|record| record.verb.takes_a_role()).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Author, Verb};

    /// A write that changes these texts, each from `before` to `after`.
    fn record(revision: u32, verb: Verb, texts: &[(&str, &str, &str)]) -> Record {
        let text = |(key, before, after): &(&str, &str, &str)| KeptText {
            location: Location { secret: "values".into(), key: (*key).into() },
            before: (*before).into(),
            after: (*after).into(),
        };
        Record {
            revision,
            install: "prometheus".into(),
            verb,
            author: Author {
                time: jiff::Timestamp::UNIX_EPOCH,
                user: "admin".into(),
                command: format!("kubectl promfed {verb}"),
                promfed: "0.1.0".into(),
            },
            changes: Vec::new(),
            constraint: None,
            notes: Vec::new(),
            created: Vec::new(),
            texts: texts.iter().map(text).collect(),
        }
    }

    /// The revisions that happened, where the two texts are like this now.
    fn happened(verb: Verb, a: &str, b: &str) -> Vec<u32> {
        let init = record(1, Verb::HubInit, &[("a", "0", "1"), ("b", "", "1")]);
        let last = record(2, verb, &[("a", "1", "0"), ("b", "1", "")]);
        let history = History { records: vec![init, last], ..History::default() };
        let records = history.happened(|location| if location.key == "a" { a } else { b });
        records.iter().map(|record| record.revision).collect()
    }

    #[test]
    fn a_write_that_changed_nothing_did_not_happen() {
        for verb in [Verb::HubInit, Verb::HubUndo, Verb::Rollback] {
            assert_eq!(happened(verb, "1", "1"), [1], "{verb}");
            assert_eq!(happened(verb, "0", ""), [1, 2], "{verb}");
        }
    }

    #[test]
    fn half_of_a_way_back_is_none() {
        assert_eq!(happened(Verb::HubUndo, "0", "1"), [1]);
        assert_eq!(happened(Verb::Rollback, "0", "1"), [1]);
        assert_eq!(happened(Verb::HubInit, "0", "1"), [1, 2]);
    }

    #[test]
    fn a_write_of_no_text_happened() {
        let history = History { records: vec![record(1, Verb::Rollback, &[])], ..History::default() };
        assert_eq!(history.happened(|_| "").len(), 1);
    }

    #[test]
    fn who_did_not_leave_still_has_the_way_out() {
        let join = record(1, Verb::AgentJoin, &[("a", "0", "1")]);
        let leave = record(2, Verb::AgentLeave, &[("a", "1", "0")]);
        let history = History { records: vec![join, leave], ..History::default() };
        let origin = |now: &'static str| origin(history.happened(|_| now)).map(|record| record.revision);
        assert_eq!((origin("1"), origin("0")), (Some(1), None));
    }
}
