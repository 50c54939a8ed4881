//! The values of an install: what its Secrets say, merged over the defaults as ytt does it, or refused in ytt's words.
//!
//! `tree` reads a file into values that know their lines, with `scalar` for what ytt's YAML takes a word for and
//! `syntax` for what is no YAML. `overlay` merges the documents one by one, `check` holds the result to the schema, and
//! `report` has the words. `tests/e2e` compares all of it with the real ytt.

mod check;
mod overlay;
mod report;
mod scalar;
mod syntax;
pub(super) mod tree;

use serde_json::Value;

use crate::carvel::schema::Schema;
use tree::{Content, Entry};

/// The folder to which kapp-controller writes the files of a Secret; the number is another one each time.
const FOLDER: &str = "/etc/kappctrl-mem-tmp/kapp-controller-template-values1046527289";

/// One values file: a key of a Secret, and the text there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesFile {
    /// The key.
    pub name: String,
    /// The text.
    pub text: String,
}

impl ValuesFile {
    /// Where ytt reads it.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}", self.name)
    }
}

/// Merges the files over the defaults of the schema, in their order. The error is what ytt prints.
pub(super) fn merge(schema: &Schema, files: &[ValuesFile]) -> Result<Value, String> {
    let mut documents = Vec::new();
    for file in files {
        documents.extend(plain(file)?);
    }
    let mut merged = Entry::of_defaults(schema.defaults());
    for document in documents {
        overlay::document(&mut merged, document).map_err(|problem| report::overlaying(&problem))?;
        let failures = check::failures(schema.root(), &merged);
        if !failures.is_empty() {
            return Err(report::invalid(&failures));
        }
    }
    Ok(merged.value.into_json())
}

/// The documents of a file that say something.
fn plain(file: &ValuesFile) -> Result<Vec<Entry<'_>>, String> {
    syntax::check(&file.text).map_err(|problem| report::unreadable(file, problem))?;
    let documents = tree::documents(&file.name, &file.text)
        .map_err(|problem| report::unreadable(file, syntax::Problem::Other(problem)))?;
    let said: Vec<_> = documents
        .into_iter()
        .filter(|document| document.root.value != Content::Scalar(Value::Null))
        .collect();
    if said.iter().any(|document| document.annotated) {
        return Err(report::annotated(file));
    }
    Ok(said.into_iter().map(|document| document.root).collect())
}

#[cfg(test)]
mod tests;
