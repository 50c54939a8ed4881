//! The way back over some writes, newest first.

use std::collections::BTreeMap;

use super::record::{Note, Record};
use super::three_way::{ThreeWay, merge};
use crate::package::Location;

/// Where the way back leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Back {
    /// The texts that change.
    pub texts: BTreeMap<Location, String>,
    /// The version constraint that was there before, if a write changed it and nobody since.
    pub constraint: Option<String>,
    /// The annotations that go back, with what they go back to.
    pub notes: Vec<Note>,
    /// What somebody else changed since promfed wrote: the texts as promfed left them. Their change is kept.
    pub others: BTreeMap<Location, String>,
    /// Writes between these revisions are not kept any more: what others changed among them goes back too.
    pub gaps: Vec<(u32, u32)>,
}

/// Somebody else changed the very lines that would go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub location: Location,
    /// The text with both versions of those lines.
    pub text: String,
    pub revision: u32,
}

/// What is there now.
pub(super) struct Now<'a> {
    pub(super) texts: &'a BTreeMap<Location, String>,
    pub(super) constraint: &'a str,
    pub(super) annotations: &'a BTreeMap<String, String>,
}

/// Takes the writes back, the newest first. `records` are in order, oldest first.
pub fn way_back(
    records: &[Record],
    texts: &BTreeMap<Location, String>,
    constraint: &str,
    annotations: &BTreeMap<String, String>,
) -> Result<Back, Box<Conflict>> {
    let now = Now { texts, constraint, annotations };
    let mut back = Back::default();
    let mut newer: Option<&Record> = None;
    for record in records.iter().rev() {
        if let Some(newer) = newer.filter(|newer| newer.revision > record.revision + 1) {
            back.gaps.push((record.revision + 1, newer.revision - 1));
            back.cross_gap(&now, record, newer)?;
        }
        for text in &record.texts {
            back.step(&now, &text.location, &text.after, &text.before, record.revision)?;
        }
        newer = Some(record);
    }
    back.constraint = constraint_before(records, now.constraint);
    back.notes = notes_before(records, now.annotations);
    back.texts.retain(|location, text| now.texts.get(location) != Some(text));
    Ok(back)
}

impl Back {
    fn step(
        &mut self,
        now: &Now<'_>,
        location: &Location,
        from: &str,
        to: &str,
        revision: u32,
    ) -> Result<(), Box<Conflict>> {
        let Some(current) = self.texts.get(location).or_else(|| now.texts.get(location)) else {
            return Ok(());
        };
        // Somebody took it back before: a run that was killed, or a person.
        if current == to {
            return Ok(());
        }
        if current != from {
            self.others.entry(location.clone()).or_insert_with(|| from.to_owned());
        }
        match merge(from, current, to) {
            ThreeWay::Clean(text) => {
                self.texts.insert(location.clone(), text);
                Ok(())
            }
            ThreeWay::Conflict(text) => {
                Err(Box::new(Conflict { location: location.clone(), text, revision }))
            }
        }
    }

    /// Over writes that are not kept any more: from the oldest text known after them to the newest known before.
    fn cross_gap(&mut self, now: &Now<'_>, older: &Record, newer: &Record) -> Result<(), Box<Conflict>> {
        for text in &older.texts {
            let same = newer.texts.iter().find(|other| other.location == text.location);
            if let Some(same) = same {
                self.step(now, &text.location, &same.before, &text.after, older.revision)?;
            }
        }
        Ok(())
    }
}

/// A version that somebody else has moved since stays.
fn constraint_before(records: &[Record], now: &str) -> Option<String> {
    let mut changed = records.iter().filter_map(|record| record.constraint.as_ref());
    let oldest = changed.next()?;
    let newest = changed.next_back().unwrap_or(oldest);
    (newest.after == now && oldest.before != now).then(|| oldest.before.clone())
}

/// An annotation that somebody else has changed since stays.
fn notes_before(records: &[Record], now: &BTreeMap<String, String>) -> Vec<Note> {
    let mut first: BTreeMap<&str, (&Note, &Note)> = BTreeMap::new();
    for note in records.iter().flat_map(|record| &record.notes) {
        first.entry(&note.key).and_modify(|(_, newest)| *newest = note).or_insert((note, note));
    }
    let goes_back = first.into_values().filter(|(oldest, newest)| {
        now.get(&newest.key) == newest.after.as_ref() && oldest.before != newest.after
    });
    goes_back
        .map(|(oldest, newest)| Note {
            key: oldest.key.clone(),
            before: newest.after.clone(),
            after: oldest.before.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
