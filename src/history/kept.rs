//! The Secret that keeps a record.
//!
//! It is immutable, so that nobody changes what was. The values before the write stand in keys of their own, as
//! they were, for a person with kubectl and nothing else; what the write made of them is kept as a patch.

use serde_json::{Map, Value, json};

use super::begun::origin;
use super::record::{KeptText, Record, Verb};
use crate::error::{Error, Result};
use crate::package::{Location, ObjectKind, ObjectRef};

/// How many revisions are kept.
pub const KEPT: usize = 10;
/// The label by which the Secrets of an install are found.
pub const INSTALL_LABEL: &str = "promfed.dev/install";
/// The type of the Secrets.
const TYPE: &str = "promfed.dev/revision";
/// The key of everything but the texts.
const RECORD: &str = "record.json";

/// What is kept of an install.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Oldest first.
    pub records: Vec<Record>,
    /// Secrets that look like records and cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Why nothing is known of it: the user may not read it. A plan can be shown without it, and not be carried out.
    pub hidden: Option<Box<Error>>,
}

/// A Secret that should be a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub name: String,
    pub why: String,
}

/// The name of the Secret of a revision.
pub fn name(install: &str, revision: u32) -> String {
    format!("{install}.promfed.v{revision}")
}

impl History {
    /// One that the user may not read.
    pub fn hidden(why: Error) -> Self {
        Self { hidden: Some(Box::new(why)), ..Self::default() }
    }

    /// For what cannot do without it.
    pub fn known(&self) -> Result<&Self> {
        self.hidden.as_ref().map_or(Ok(self), |why| Err(Error::clone(why)))
    }

    /// Reads the Secrets of an install, in whatever order they come.
    pub fn read(secrets: &[Value]) -> Self {
        let mut history = Self::default();
        for secret in secrets {
            match Record::from_secret(secret) {
                Ok(record) => history.records.push(record),
                Err(why) => {
                    let name = secret["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                    history.unreadable.push(Unreadable { name, why });
                }
            }
        }
        history.records.sort_by_key(|record| record.revision);
        history
    }

    /// The text that a run of this command was about to write when it was killed: it is kept, and what is there now is
    /// what was there before. What was made up for it, as a key, is made up once.
    pub fn unwritten(&self, verb: Verb, secret: &str, now: &str) -> Option<&str> {
        let last = self.records.last().filter(|last| last.verb == verb)?;
        let text = last.texts.iter().find(|text| text.location.secret == secret)?;
        (text.before == now && text.after != now).then_some(text.after.as_str())
    }

    /// The number of the next write. Never one that was used.
    pub fn next(&self) -> u32 {
        let readable = self.records.iter().map(|record| record.revision);
        let others = self.unreadable.iter().filter_map(|one| one.name.rsplit_once(".v")?.1.parse().ok());
        readable.chain(others).max().unwrap_or(0) + 1
    }

    /// A revision by its number.
    pub fn find(&self, revision: u32) -> Option<&Record> {
        self.records.iter().find(|record| record.revision == revision)
    }

    /// The write that gave the package the role that it has, or had last.
    pub fn origin(&self) -> Option<&Record> {
        origin(&self.records)
    }
}

/// The revisions that one more write makes too many: the oldest, but never the one that leaving goes back to.
pub fn to_prune(history: &History) -> Vec<u32> {
    // A way out that was begun may still have to be gone.
    let end = history.records.iter().rposition(|record| !record.verb.goes_back()).map_or(0, |last| last + 1);
    let origin = origin(&history.records[..end]).map(|record| record.revision);
    let too_many = (history.records.len() + 1).saturating_sub(KEPT);
    let oldest = history.records.iter().take(too_many).map(|record| record.revision);
    oldest.filter(|revision| Some(*revision) != origin).collect()
}

impl Record {
    /// The Secret that keeps it, in the namespace of the install.
    pub fn to_secret(&self, namespace: &str) -> (ObjectRef, Value) {
        let name = name(&self.install, self.revision);
        let mut data = Map::new();
        let mut record = json!(self);
        let mut texts = Vec::new();
        for (index, text) in self.texts.iter().enumerate() {
            let patch = diffy::create_patch(&text.before, &text.after).to_string();
            let Location { secret, key } = &text.location;
            texts.push(
                json!({"secret": secret, "key": key, "before": format!("before-{index}"), "patch": patch}),
            );
            data.insert(format!("before-{index}"), json!(text.before));
        }
        record["texts"] = Value::Array(texts);
        data.insert(RECORD.to_owned(), json!(format!("{record:#}\n")));
        let manifest = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/managed-by": "kubectl-promfed", INSTALL_LABEL: self.install},
            },
            "type": TYPE,
            "immutable": true,
            "stringData": data,
        });
        let object = ObjectRef { kind: ObjectKind::Revision, namespace: Some(namespace.to_owned()), name };
        (object, manifest)
    }

    /// Reads a Secret whose data is decoded already: under `stringData`, as it was written.
    fn from_secret(secret: &Value) -> Result<Self, String> {
        let data = &secret["stringData"];
        let text = data[RECORD].as_str().ok_or_else(|| format!("it has no {RECORD}"))?;
        let whole: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut record: Self = serde_json::from_value(whole.clone()).map_err(|error| error.to_string())?;
        for text in whole["texts"].as_array().into_iter().flatten() {
            let field = |name: &str| text[name].as_str().ok_or_else(|| format!("a text has no {name}"));
            let location = Location { secret: field("secret")?.into(), key: field("key")?.into() };
            let kept = field("before")?;
            let before = data[kept].as_str().ok_or_else(|| format!("it has no {kept}"))?.to_owned();
            let patch = diffy::Patch::from_str(field("patch")?).map_err(|error| error.to_string())?;
            let after = diffy::apply(&before, &patch).map_err(|error| error.to_string())?;
            record.texts.push(KeptText { location, before, after });
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn history(verbs: &[Verb]) -> History {
        let secrets: Vec<_> = (1..)
            .zip(verbs)
            .map(|(revision, verb)| Record::of_nothing(revision, *verb).to_secret("ns").1)
            .collect();
        History::read(&secrets)
    }

    #[test]
    fn the_way_out_of_a_role_is_never_pruned() {
        let history = history(&[&[Verb::HubInit][..], &[Verb::Rollback; 9]].concat());
        assert!(to_prune(&history).is_empty());
        assert_eq!(history.origin().map(|record| record.revision), Some(1));
    }

    #[test]
    fn what_was_before_a_role_was_given_up_is_another_story() {
        use Verb::{AgentJoin, AgentLeave, HubInit, Rollback};
        let history = history(&[AgentJoin, AgentLeave, HubInit, HubInit, Rollback]);
        assert_eq!(history.origin().map(|record| record.revision), Some(3));
    }

    #[test]
    fn the_oldest_goes_when_there_are_ten() {
        let history = history(&[&[Verb::AgentLeave][..], &[Verb::HubInit; 9]].concat());
        assert_eq!(to_prune(&history), [1]);
    }

    #[test]
    fn a_secret_that_is_no_record_still_counts_its_number() {
        let secret = json!({"metadata": {"name": "prometheus.promfed.v7"}, "stringData": {}});
        let history = History::read(&[secret]);
        assert_eq!((history.next(), history.unreadable.len()), (8, 1));
    }

    proptest! {
        #[test]
        fn a_record_is_read_back_as_it_was_written(before in "[ab\r\n\u{feff}é:# -]{0,40}", after in "[ab\r\n\u{feff}é:# -]{0,40}") {
            let mut record = Record::of_nothing(3, Verb::AgentJoin);
            record.changes = vec!["+ flag --a".into()];
            let location = Location { secret: "s".into(), key: "k".into() };
            record.texts = vec![KeptText { location, before, after }];
            let (_, secret) = record.to_secret("ns");
            prop_assert_eq!(History::read(&[secret]), History { records: vec![record], ..History::default() });
        }
    }
}
