//! What one place shares with others, by anchors, aliases and merge keys, is not changed through one of them.

use serde_json::Value;

use super::super::edit::{Edit, Refused};
use super::super::path::Segment;
use super::super::tree::{Content, Node, Tree};
use super::{Editor, Found, Parent};

impl Editor<'_> {
    pub(super) fn not_shared(&self, tree: &Tree, node: &Node) -> Result<(), Refused> {
        if let Content::Alias(_) = node.content {
            let alias = &self.text[node.span.clone()];
            return Err(self.edit.refused(format!(
                "is shared with another place by the alias `{alias}`: write out here what it stands for, first"
            )));
        }
        if tree.is_shared(node) {
            return Err(self.edit.refused(
                "is shared: it has an anchor (`&`), and an alias (`*`) repeats it elsewhere: write it out there, first",
            ));
        }
        Ok(())
    }

    /// Own keys hide what a merge key brings. A whole value of its own is what `Set` means; an addition to a merged
    /// one would hide its siblings.
    pub(super) fn not_merged(&self, value: &Value, missing: &[Segment], depth: usize) -> Result<(), Refused> {
        let found = missing.iter().try_fold(value, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        });
        let replaces_all = matches!(self.edit, Edit::Set { .. }) && missing.len() == depth;
        if replaces_all || found.is_none_or(Value::is_null) {
            return Ok(());
        }
        let name = match missing.last() {
            Some(Segment::Key(key)) => format!("`{key}`"),
            _ => "it".to_owned(),
        };
        Err(self.edit.refused(format!(
            "{name} comes from another place by a merge key (`<<`): write it out here, first"
        )))
    }
}

/// Why an edit could not be made, if that is because of an anchor inside of what it takes away or replaces.
pub(in crate::yaml) fn blame(text: &str, tree: &Tree, edit: &Edit) -> Option<String> {
    let root = Found { node: tree.root.as_ref()?, parent: Parent::Root };
    let at = edit.path().segments().iter().try_fold(root, Found::step)?;
    if matches!(edit, Edit::Append { .. }) || !tree.holds_shared(at.node) {
        return None;
    }
    let line = text[..at.node.span.start].matches('\n').count() + 1;
    Some(format!(
        "has an anchor (`&`, at or after line {line}) that an alias (`*`) repeats elsewhere: write it out there, first"
    ))
}
