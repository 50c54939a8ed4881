//! What of the history happened: a run that is killed has kept what it was about to change, and changed nothing of it, or
//! not all.

use super::kept::History;
use super::record::{KeptText, Note, Record};
use crate::package::Location;

/// What there is of what is kept.
pub trait Present {
    /// A text as it is, empty where there is none.
    fn text(&self, location: &Location) -> &str;
    /// An annotation of the PackageInstall.
    fn note(&self, key: &str) -> Option<&str>;
    /// The package's version constraint.
    fn constraint(&self) -> &str;
}

impl History {
    /// The writes that happened, oldest first. Left out at the end are those that changed nothing, and those that lead
    /// back and did not get there: who goes back again has to get to the same place.
    pub fn happened(&self, now: &impl Present) -> &[Record] {
        let happened = |record: &Record| {
            let all = undone(record, now);
            // What cannot be seen is taken to have happened.
            all.is_empty()
                || if record.verb.goes_back() {
                    !all.iter().any(|is_undone| *is_undone)
                } else {
                    !all.iter().all(|is_undone| *is_undone)
                }
        };
        let end = self.records.iter().rposition(happened).map_or(0, |last| last + 1);
        &self.records[..end]
    }
}

/// Of each thing that a write changed: whether it is as it was before.
fn undone(record: &Record, now: &impl Present) -> Vec<bool> {
    let texts = record.texts.iter().filter(|text| text.before != text.after);
    let texts = texts.map(|KeptText { location, before, .. }| now.text(location) == before);
    let notes = record.notes.iter().filter(|note| note.before != note.after);
    let notes = notes.map(|Note { key, before, .. }| now.note(key) == before.as_deref());
    let constraint = record.constraint.iter().filter(|both| both.before != both.after);
    texts.chain(notes).chain(constraint.map(|both| now.constraint() == both.before)).collect()
}

/// The write that gave the package the role that it has: the first since a role was last given up.
pub fn origin(records: &[Record]) -> Option<&Record> {
    let since = records.iter().rev().take_while(|record| !record.verb.leaves_a_role());
    since.filter(|record| record.verb.takes_a_role()).last()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::history::Verb;

    /// Texts by their keys.
    struct Texts<'a>(BTreeMap<&'a str, &'a str>);

    impl Present for Texts<'_> {
        fn text(&self, location: &Location) -> &str {
            self.0.get(location.key.as_str()).copied().unwrap_or_default()
        }
        fn note(&self, key: &str) -> Option<&str> {
            self.0.get(key).copied()
        }
        fn constraint(&self) -> &'static str {
            ""
        }
    }

    /// A write that changes these texts, each from `before` to `after`.
    fn record(revision: u32, verb: Verb, texts: &[(&str, &str, &str)]) -> Record {
        let text = |(key, before, after): &(&str, &str, &str)| KeptText {
            location: Location { secret: "values".into(), key: (*key).into() },
            before: (*before).into(),
            after: (*after).into(),
        };
        Record { texts: texts.iter().map(text).collect(), ..Record::of_nothing(revision, verb) }
    }

    /// The revisions that happened, where the two texts are like this now.
    fn happened(verb: Verb, a: &str, b: &str) -> Vec<u32> {
        let init = record(1, Verb::HubInit, &[("a", "0", "1"), ("b", "", "1")]);
        let last = record(2, verb, &[("a", "1", "0"), ("b", "1", "")]);
        let history = History { records: vec![init, last], ..History::default() };
        let records = history.happened(&Texts(BTreeMap::from([("a", a), ("b", b)])));
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
        assert_eq!(history.happened(&Texts(BTreeMap::new())).len(), 1);
    }

    #[test]
    fn an_annotation_that_did_not_go_is_a_way_back_that_is_not_gone() {
        let mut leave = record(1, Verb::AgentLeave, &[("a", "1", "0")]);
        leave.notes = vec![Note { key: "n".into(), before: Some("x".into()), after: None }];
        let history = History { records: vec![leave], ..History::default() };
        assert_eq!(history.happened(&Texts(BTreeMap::from([("a", "0"), ("n", "x")]))).len(), 0);
        assert_eq!(history.happened(&Texts(BTreeMap::from([("a", "0")]))).len(), 1);
    }

    #[test]
    fn who_did_not_leave_still_has_the_way_out() {
        let join = record(1, Verb::AgentJoin, &[("a", "0", "1")]);
        let leave = record(2, Verb::AgentLeave, &[("a", "1", "0")]);
        let history = History { records: vec![join, leave], ..History::default() };
        let origin = |now| {
            origin(history.happened(&Texts(BTreeMap::from([("a", now)])))).map(|record| record.revision)
        };
        assert_eq!((origin("1"), origin("0")), (Some(1), None));
    }
}
