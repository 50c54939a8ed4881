//! The plans that go back: to the values before a write, or to before the package.

use std::collections::BTreeMap;

use super::diff::masked;
use super::draft::Draft;
use super::step::{Action, Line, Plan, Sign, Step, TextChange, Then};
use super::target::{Observed, PackageWish, Reference, Target};
use crate::domain::certificates;
use crate::error::{Error, Result};
use crate::history::{Back, Conflict, Constraint, History, KeptText, Record, name, way_back};
use crate::package::{
    Found, Location, Maker, Mounted, MountedFile, Names, ObjectKind, ObjectRef, ServiceAccountChoice, Values,
};
use crate::prometheus::Version;
use crate::prometheus::config::remote_write_urls;

/// What to do about lines that somebody else changed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// Their changes stay; where they meet promfed's own, nothing is done.
    #[default]
    Keep,
    /// The bytes come back as they were kept.
    WriteOver,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum NoWayBack {
    /// Somebody else changed the very lines that would go back: whoever asked has to decide.
    Conflict(Box<Conflict>),
    Failed(Error),
}

impl From<Error> for NoWayBack {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<NoWayBack> for Error {
    fn from(no_way: NoWayBack) -> Self {
        let conflict = match no_way {
            NoWayBack::Conflict(conflict) => conflict,
            NoWayBack::Failed(error) => return error,
        };
        let Conflict { location: Location { secret, key }, text, revision } = *conflict;
        Self::failed(format!("somebody else changed lines that would go back (Secret {secret}, key {key})"))
            .because(format!("they meet the change of revision {revision}:\n{}", masked(&text, &text).0))
            .hint("add --force to have the values as they were kept, without the other change")
    }
}

/// Plans the way back to before a revision. The target tells what it leads to.
pub fn plan_back(
    wish: &PackageWish,
    observed: &Observed,
    revision: u32,
    others: Others,
) -> Result<(Target, Plan), NoWayBack> {
    let mut target = Target::find(wish, observed, "")?;
    let kept = observed.happened()?.iter().filter(|record| record.revision >= revision);
    let (records, overlays) = apart(&kept.cloned().collect::<Vec<_>>(), &target.names);
    let records = &records[..];
    let texts: BTreeMap<Location, String> =
        target.values.texts().map(|(location, text)| (location.clone(), text.to_owned())).collect();
    let install = observed.installed.as_ref().map(|installed| &installed.install);
    let constraint = install.map_or("", |install| &install.spec.package_ref.version_selection.constraints);
    let none = BTreeMap::new();
    let annotations = target.install.as_ref().map_or(&none, |install| &install.ownership.annotations).clone();
    let back = match (way_back(records, &texts, constraint, &annotations), others) {
        (Ok(back), Others::Keep) => back,
        (Ok(back), Others::WriteOver) => over(back, records, &texts),
        (Err(_), Others::WriteOver) => over(Back::default(), records, &texts),
        (Err(conflict), Others::Keep) => return Err(NoWayBack::Conflict(conflict)),
    };
    if let Some(before) = &back.constraint {
        target.moves = Some(Constraint { before: constraint.to_owned(), after: before.clone() });
        target.version = Version::parse(before).unwrap_or(target.version);
        target.package_version.clone_from(before);
    }
    let added = was_added(records, &back, &target.names);
    if added {
        target.reference = Reference::Removed;
    }
    let mut draft = Draft::new(target);
    told(&mut draft, &back, others);
    for note in &back.notes {
        draft.put_note_back(note);
    }
    let now = urls(&draft.target.values);
    for (location, text) in back.texts.iter().filter(|_| !added) {
        if draft.target.values.restore(location, text)?.is_none() {
            let Location { secret, key } = location;
            let kept = name(&draft.target.names.install, revision);
            let gone =
                Error::failed(format!("the package does not read Secret {secret}, key {key} any more"));
            return Err(gone.because(format!("its values are kept in Secret {kept}")).into());
        }
        draft.say(Sign::Changed, "values", format!("{}, as before revision {revision}", location.key));
    }
    let is_same_hub = urls(&draft.target.values) == now;
    put_overlay_back(&mut draft, &overlays, if is_same_hub { Hub::Same } else { Hub::Other });
    let target = draft.target.clone();
    let plan = draft.finish(&ServiceAccountChoice::ClusterAdmin)?;
    let theirs = back.others.into_iter().filter_map(|(location, before)| {
        let after = texts.get(&location)?.clone();
        Some(TextChange { title: format!("{}, changed by somebody else since", location.key), before, after })
    });
    Ok((target, Plan { others: theirs.collect(), ..plan }))
}

/// The records without what they say of promfed's overlay, and that alone, oldest first.
fn apart(records: &[Record], names: &Names) -> (Vec<Record>, Vec<KeptText>) {
    let is_overlay = |text: &KeptText| text.location.secret == names.overlay_secret();
    let without = |record: &Record| {
        let texts = record.texts.iter().filter(|text| !is_overlay(text)).cloned().collect();
        Record { texts, ..record.clone() }
    };
    let overlays = records.iter().flat_map(|record| &record.texts).filter(|text| is_overlay(text)).cloned();
    (records.iter().map(without).collect(), overlays.collect())
}

/// Where an agent writes to after the way back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hub {
    /// Where it wrote to before.
    Same,
    Other,
}

/// Where the values write to.
fn urls(values: &Values) -> Vec<String> {
    let config = values.config().map(|config| config.value().clone()).unwrap_or_default();
    remote_write_urls(&config).map(str::to_owned).collect()
}

/// An overlay is whole: it goes, it comes, or it becomes the one that was kept. One that has changed since, as a hub's
/// does with every agent that joins, stays, unless there was none before.
fn put_overlay_back(draft: &mut Draft, overlays: &[KeptText], hub: Hub) {
    let (Some(first), Some(last)) = (overlays.first(), overlays.last()) else { return };
    let now = draft.target.overlay.as_ref().map_or("", |found| found.text.as_str());
    if !first.before.is_empty() && now != last.after {
        return;
    }
    if hub == Hub::Same && is_renewed(&first.before, now) {
        draft.warn("the certificate that the agent shows stays, as the hub may take no older one");
        return;
    }
    let before = first.before.clone();
    draft.put_overlay_back(&before);
}

/// Whether both mount the same files, and a certificate that promfed made for the same agent, only not the same one.
/// An older one may be revoked, and shows the hub nothing that the newer does not.
fn is_renewed(before: &str, now: &str) -> bool {
    let (before, now) = (Mounted::read(before), Mounted::read(now));
    let own = |mounted: &Mounted| {
        let pem = mounted.get(MountedFile::Certificate)?;
        certificates(pem.as_bytes()).pop().filter(|own| own.subject == own.issuer)
    };
    match (own(&before), own(&now)) {
        (Some(older), Some(newer)) => {
            older != newer && older.subject == newer.subject && before.names().eq(now.names())
        }
        _ => false,
    }
}

/// Whether the way leads to before an install had a Secret for its values, with nobody's lines left in it.
fn was_added(records: &[Record], back: &Back, names: &Names) -> bool {
    let made = |record: &&Record| {
        !record.installed() && record.created.iter().any(|object| object.is_secret(&names.values_secret()))
    };
    records.iter().any(|record| made(&record)) && back.texts.values().all(String::is_empty)
}

/// The bytes as they were kept, whatever others made of them since.
fn over(back: Back, records: &[Record], now: &BTreeMap<Location, String>) -> Back {
    let mut texts = BTreeMap::new();
    for text in records.iter().rev().flat_map(|record| &record.texts) {
        texts.insert(text.location.clone(), text.before.clone());
    }
    texts.retain(|location, text| now.get(location) != Some(text));
    Back { texts, ..back }
}

fn told(draft: &mut Draft, back: &Back, others: Others) {
    for Location { secret, key } in back.others.keys() {
        draft.warn(match others {
            Others::Keep => format!(
                "somebody else changed Secret {secret}, key {key}, since promfed wrote it: their change is kept"
            ),
            Others::WriteOver => format!(
                "somebody else changed Secret {secret}, key {key}, since promfed wrote it: their change is undone"
            ),
        });
    }
    for (first, last) in &back.gaps {
        draft.warn(format!(
            "revisions {first} to {last} are not kept any more: what others changed among them goes back too"
        ));
    }
}

/// Plans to take away what promfed installed: the PackageInstall first, and what it needs to go when it has gone.
pub fn plan_removal(names: &Names, found: &[Found], history: &History) -> Plan {
    let mut plan = Plan::default();
    let mut order: Vec<_> = found.iter().collect();
    order.sort_by_key(|found| found.object.kind != ObjectKind::PackageInstall);
    for Found { object, maker } in order {
        plan.steps.push(match maker {
            Maker::SomebodyElse => {
                let line = Line::new(Sign::Kept, "stays", "somebody else made it");
                Step::new(object.clone(), Action::Unchanged, vec![line])
            }
            Maker::Us if object.kind == ObjectKind::PackageInstall => {
                let line = Line::new(
                    Sign::Removed,
                    "package",
                    "with all that it deployed, and the samples it stored",
                );
                Step::delete(object.clone(), vec![line]).then(Then::UntilGone)
            }
            Maker::Us => Step::delete(object.clone(), Vec::new()),
        });
    }
    // What was kept goes last: a run that was killed finds there what is left to do.
    let revisions = history.records.iter().rev().map(|record| ObjectRef {
        kind: ObjectKind::Revision,
        namespace: Some(names.namespace.clone()),
        name: name(&names.install, record.revision),
    });
    plan.steps.extend(revisions.map(|object| Step::delete(object, Vec::new())));
    plan
}
