//! Many edits at once: those whose places have nothing to do with each other are spliced into the text together, so
//! that it is read again once for all of them and not once for each.
//!
//! Two edits that meet are made in two rounds, in their order. What comes out of a round is read, and has the value
//! that its edits mean; after the last one another reader has to see the same. Where that is not so, the edits are made
//! one after the other instead.

use serde_json::Value;

use super::super::block::Habits;
use super::super::document::Document;
use super::super::path::Segment;
use super::super::second_reader;
use super::super::splice::{Splice, splice, spliced};
use super::super::tree::{Content, Layout, Node, Tree};
use super::{Changes, Edit};

/// The document after the edits; `None` where they cannot be made together, or change nothing.
pub(super) fn edited(before: &Document, edits: &[Edit]) -> Option<Document> {
    let mut meant = before.value().clone();
    let mut left: Vec<&Edit> = edits.iter().collect();
    let mut after: Option<Document> = None;
    while !left.is_empty() {
        let now = after.as_ref().unwrap_or(before);
        let round = Round::of(now, &left, &mut meant)?;
        left.clone_from(&round.later);
        if round.splices.is_empty() {
            continue;
        }
        let next = now.with_body(&spliced(now.body(), round.splices()?)).ok()?;
        if *next.value() != meant {
            return None;
        }
        after = Some(next);
    }
    let changed = after.filter(|after| after.text() != before.text())?;
    second_reader::agrees(changed.body(), changed.value()).then_some(changed)
}

/// What is spliced at once, and what has to wait for it.
struct Round<'e> {
    splices: Vec<Splice>,
    later: Vec<&'e Edit>,
}

impl<'e> Round<'e> {
    /// `meant` becomes the value after the round.
    fn of(document: &Document, edits: &[&'e Edit], meant: &mut Value) -> Option<Self> {
        let habits = Habits::of(document.body(), document.tree());
        let mut round = Self { splices: Vec::new(), later: Vec::new() };
        let (mut taken, mut waiting): (Vec<Place<'_>>, Vec<Place<'_>>) = (Vec::new(), Vec::new());
        for edit in edits {
            let place = Place::of(document.tree(), edit);
            let is_first = |other: &Place<'_>| other.meets(&place) || other.path == place.path;
            if taken.iter().any(|other| other.meets(&place)) || waiting.iter().any(is_first) {
                round.later.push(edit);
                waiting.push(place);
            } else if edit.apply(meant).ok()? == Changes::Something {
                round.splices.extend(splice(document, habits, edit).ok()?);
                taken.push(place);
            }
        }
        Some(round)
    }

    /// In the order of the text; `None` where two overlap after all.
    fn splices(mut self) -> Option<Vec<Splice>> {
        self.splices.sort_by_key(|splice| splice.range.start);
        let apart = self.splices.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start);
        apart.then_some(self.splices)
    }
}

/// What an edit has to do with: a value that is there, and how much of it.
struct Place<'e> {
    path: &'e [Segment],
    reach: Reach<'e>,
}

enum Reach<'e> {
    /// The value with all that is in it.
    Whole,
    /// A block collection that gets one more child after its last one, under this key or at the end of the list.
    Added { key: Option<&'e Segment>, last: Segment },
}

impl<'e> Place<'e> {
    fn of(tree: &Tree, edit: &'e Edit) -> Self {
        let path = edit.path().segments();
        let mut node = tree.root.as_ref();
        let (mut above_it, mut there) = (None, 0);
        while let Some(next) = node.and_then(|node| node.child(path.get(there)?)) {
            (above_it, node, there) = (node, Some(next), there + 1);
        }
        let (above, missing) = path.split_at(there);
        let whole = |path| Self { path, reach: Reach::Whole };
        let last_of_block = |node: &Node| match &node.content {
            Content::Mapping { layout: Layout::Block, entries } => {
                Some(Segment::Key(entries.last()?.0.text()?.to_owned()))
            }
            Content::Sequence { layout: Layout::Block, items } => {
                items.len().checked_sub(1).map(Segment::Index)
            }
            _ => None,
        };
        let is_collection =
            |node: &Node| matches!(node.content, Content::Mapping { .. } | Content::Sequence { .. });
        let has_one = |node: &Node| match &node.content {
            Content::Mapping { entries, .. } => entries.len() == 1,
            Content::Sequence { items, .. } => items.len() == 1,
            _ => false,
        };
        let Some(node) = node else { return whole(above) };
        let key = missing.first();
        if (key.is_some() || matches!(edit, Edit::Append { .. }))
            && let Some(last) = last_of_block(node)
        {
            return Self { path: above, reach: Reach::Added { key, last } };
        }
        match (edit, key) {
            // A collection that goes, or is left empty, may be where the habits of the document were seen.
            (Edit::Set { .. } | Edit::Remove { .. }, None) if is_collection(node) => whole(&[]),
            (Edit::Remove { .. }, None) if above_it.is_none_or(has_one) => whole(&[]),
            (Edit::Remove { .. }, None) => whole(&path[..there.saturating_sub(1)]),
            _ => whole(above),
        }
    }

    /// Whether the order of the two edits matters, or one of them is about the bytes of the other.
    fn meets(&self, other: &Self) -> bool {
        let (upper, lower) = if self.path.len() <= other.path.len() { (self, other) } else { (other, self) };
        if !lower.path.starts_with(upper.path) {
            return false;
        }
        // Where the last child ends is where one more begins.
        match (&upper.reach, &lower.reach, lower.path.get(upper.path.len())) {
            (Reach::Added { last, .. }, _, Some(child)) => last == child,
            (Reach::Added { key: None, .. }, Reach::Added { key: None, .. }, None) => false,
            (Reach::Added { key: Some(one), .. }, Reach::Added { key: Some(another), .. }, None) => {
                one == another
            }
            _ => true,
        }
    }
}
