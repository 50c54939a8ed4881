//! The part that kapp plays: it makes the cluster's objects equal to what was rendered, waits until they work, and
//! knows them again by a label.
//!
//! `record` keeps the label, `apply` writes objects, `wait` waits for them, `output` is the text that kapp prints.

mod apply;
mod output;
mod record;
mod wait;

use serde_json::{Value, json};

use super::Carvel;
use crate::objects;
use output::Output;

pub(super) use record::LABEL;

/// Whose objects: the App, and the account with whose rights they are written.
pub(super) struct Deployment<'d> {
    pub(super) carvel: &'d Carvel,
    pub(super) namespace: &'d str,
    pub(super) app: &'d str,
    pub(super) account: &'d str,
}

/// What came out of it: what kapp printed, and its error if it failed.
pub(super) struct Outcome {
    pub(super) stdout: String,
    pub(super) error: Option<String>,
}

impl Deployment<'_> {
    /// Applies the objects, deletes those of earlier deployments that are not among them, and waits. `progress`
    /// gets the output so far, again and again.
    pub(super) async fn deploy(&self, wanted: &[Value], progress: impl Fn(&str)) -> Outcome {
        let mut output = Output::default();
        let result = self.run(wanted, &mut output, &progress).await;
        if result.is_ok() {
            output.line("Succeeded");
        }
        Outcome { stdout: output.text(), error: result.err().map(|error| format!("kapp: Error: {error}")) }
    }

    async fn run(
        &self,
        wanted: &[Value],
        output: &mut Output,
        progress: &impl Fn(&str),
    ) -> Result<(), String> {
        let label = record::label(self);
        let planned = apply::plan(self, wanted, &label)?;
        output.changes(&planned);
        progress(&output.text());
        for change in &planned {
            apply::carry_out(self, change)?;
            output.applied(change);
            progress(&output.text());
        }
        wait::reconciled(&self.carvel.site, &planned, |line| {
            output.line(line);
            progress(&output.text());
        })
        .await
    }

    /// Deletes all that was ever deployed, and waits until it is gone.
    pub(super) async fn delete(&self) {
        let label = record::label(self);
        for object in record::deployed(&self.carvel.site.store, &label).into_iter().rev() {
            if let Some(key) = objects::key(&object) {
                self.carvel.site.store.delete(&key).ok();
            }
        }
        wait::gone(&self.carvel.site, &label).await;
        record::forget(self);
    }

    /// `status.deploy.kapp.associatedResources` of the App.
    pub(super) fn associated(&self) -> Value {
        let label = record::label(self);
        let deployed = record::deployed(&self.carvel.site.store, &label);
        let mut namespaces: Vec<&str> =
            deployed.iter().map(objects::namespace).filter(|n| !n.is_empty()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        let mut kinds: Vec<(&str, &str)> = deployed
            .iter()
            .map(|object| {
                let version = object["apiVersion"].as_str().unwrap_or_default();
                let group = version.split_once('/').map_or("", |(group, _)| group);
                (group, object["kind"].as_str().unwrap_or_default())
            })
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds: Vec<Value> =
            kinds.into_iter().map(|(group, kind)| json!({"group": group, "kind": kind})).collect();
        json!({"label": format!("{LABEL}={label}"), "namespaces": namespaces, "groupKinds": kinds})
    }
}
