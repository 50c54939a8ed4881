//! A PackageInstall, its App, and what kapp-controller says of them.

use serde::{Deserialize, Serialize};

use super::owner::OwnershipMeta;

/// The fields of a PackageInstall that promfed reads.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PackageInstall {
    pub metadata: InstallMeta,
    pub spec: InstallSpec,
    pub status: Status,
}

/// The usual metadata, as far as it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallMeta {
    pub name: String,
    pub namespace: String,
    pub generation: i64,
    pub resource_version: String,
    pub creation_timestamp: Option<jiff::Timestamp>,
    pub deletion_timestamp: Option<jiff::Timestamp>,
    /// Labels, annotations, and who else writes the object.
    #[serde(flatten)]
    pub ownership: OwnershipMeta,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallSpec {
    pub package_ref: PackageRef,
    pub values: Vec<ValuesRef>,
    pub service_account_name: String,
    pub paused: bool,
    pub canceled: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PackageRef {
    pub ref_name: String,
    pub version_selection: VersionSelection,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VersionSelection {
    pub constraints: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValuesRef {
    pub secret_ref: SecretRef,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SecretRef {
    pub name: String,
    /// Only this key of the Secret; all of them, sorted, when absent.
    pub key: Option<String>,
}

/// The status that a PackageInstall, an `App` and a `PackageRepository` share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    pub conditions: Vec<Condition>,
    pub observed_generation: i64,
    pub friendly_description: String,
    pub useful_error_message: String,
    pub version: String,
    pub last_attempted_version: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    pub message: String,
}

/// The annotation of a PackageInstall that promfed paused. It goes with the pause.
pub const PAUSED: &str = "promfed.dev/paused";

/// The annotation with which kapp-controller takes a lower version than the last one.
pub const DOWNGRADABLE: &str = "packaging.carvel.dev/downgradable";

/// Whether a PackageInstall is paused, and by whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    #[default]
    None,
    /// By promfed, in the middle of a change that it has not finished.
    Ours,
    Theirs,
}

impl InstallMeta {
    /// Whether all that people write is the same: kapp-controller writes a status all the time, which makes a new
    /// version of the object and changes nothing of anybody's.
    pub fn is_same_but_for_status(&self, now: &Self) -> bool {
        self.generation == now.generation
            && self.deletion_timestamp == now.deletion_timestamp
            && self.ownership.annotations == now.ownership.annotations
            && self.ownership.labels == now.ownership.labels
    }
}

/// Where a reconcile stands. What kapp-controller observed of an earlier generation is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "error")]
pub enum State {
    /// Not looked at yet, or at work.
    Reconciling,
    Succeeded,
    /// With the useful error message.
    Failed(String),
    /// Changes do nothing until somebody resumes it.
    Paused,
    Deleting,
}

impl PackageInstall {
    pub fn state(&self) -> State {
        if self.metadata.deletion_timestamp.is_some() {
            return State::Deleting;
        }
        if self.spec.paused || self.spec.canceled {
            return State::Paused;
        }
        self.status.state(self.metadata.generation)
    }

    /// Where its deletion stands, for whoever waits for that.
    pub fn status_of_deletion(&self) -> State {
        match self.status.state(self.metadata.generation) {
            State::Failed(message) => State::Failed(message),
            _ => State::Deleting,
        }
    }

    /// Whether kapp-controller leaves it alone, and who wanted that.
    pub fn pause(&self) -> Pause {
        match (self.spec.paused, self.metadata.ownership.annotations.contains_key(PAUSED)) {
            (false, _) => Pause::None,
            (true, true) => Pause::Ours,
            (true, false) => Pause::Theirs,
        }
    }

    /// The package version that runs, or else the one that is asked for.
    pub fn version(&self) -> &str {
        [&self.status.version, &self.spec.package_ref.version_selection.constraints]
            .into_iter()
            .find(|version| !version.is_empty())
            .map_or("", String::as_str)
    }

    /// `NAMESPACE/NAME`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.metadata.namespace, self.metadata.name)
    }
}

impl Status {
    fn state(&self, generation: i64) -> State {
        let holds = |kind: &str| self.conditions.iter().any(|one| one.kind == kind && one.status == "True");
        if self.observed_generation != generation {
            return State::Reconciling;
        }
        if holds("ReconcileFailed") || holds("DeleteFailed") {
            let condition =
                self.conditions.iter().find(|one| one.status == "True").map(|one| one.message.clone());
            let useful = Some(self.useful_error_message.clone()).filter(|message| !message.is_empty());
            return State::Failed(useful.or(condition).unwrap_or_default());
        }
        if holds("ReconcileSucceeded") { State::Succeeded } else { State::Reconciling }
    }
}

impl State {
    /// Whether it is a failure of kapp-controller itself, and passes when it tries again, some seconds later: it lost
    /// the end of a process that it had begun (carvel-dev/kapp-controller, pull request 1806).
    pub fn is_a_hiccup(&self) -> bool {
        matches!(self, Self::Failed(message) if message.contains("waitid: no child processes"))
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Reconciling => "reconciling",
            Self::Succeeded => "succeeded",
            Self::Failed(_) => "failed",
            Self::Paused => "paused",
            Self::Deleting => "deleting",
        })
    }
}

/// A `PackageRepository`, as far as it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PackageRepository {
    pub metadata: InstallMeta,
    pub status: Status,
}

impl PackageRepository {
    pub fn state(&self) -> State {
        self.status.state(self.metadata.generation)
    }
}

/// The App behind a PackageInstall: of the same name, in the same namespace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct App {
    status: AppStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AppStatus {
    deploy: Deploy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Deploy {
    kapp: Kapp,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Kapp {
    associated_resources: AssociatedResources,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AssociatedResources {
    namespaces: Vec<String>,
}

impl App {
    /// The namespaces that kapp deployed to.
    pub fn namespaces(&self) -> &[String] {
        &self.status.deploy.kapp.associated_resources.namespaces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn install(generation: i64, observed: i64, condition: &str) -> PackageInstall {
        serde_json::from_value(json!({
            "metadata": {"name": "prometheus", "namespace": "tkg-system", "generation": generation},
            "spec": {"packageRef": {"refName": "p", "versionSelection": {"constraints": "2.43.0"}}},
            "status": {
                "observedGeneration": observed,
                "conditions": [{"type": condition, "status": "True", "message": "Error (see .status)"}],
                "usefulErrorMessage": "kapp: Error: why"
            }
        }))
        .expect("a PackageInstall")
    }

    #[test]
    fn a_verdict_over_an_earlier_generation_is_not_believed() {
        assert_eq!(install(2, 1, "ReconcileSucceeded").state(), State::Reconciling);
        assert_eq!(install(2, 2, "ReconcileSucceeded").state(), State::Succeeded);
        assert_eq!(install(2, 2, "Reconciling").state(), State::Reconciling);
    }

    #[test]
    fn a_failure_of_the_controller_itself_is_told_from_one_of_the_package() {
        assert!(State::Failed("Templating dir: waitid: no child processes".into()).is_a_hiccup());
        assert!(!State::Failed("ytt: Error: why".into()).is_a_hiccup());
    }

    #[test]
    fn a_failure_is_told_in_the_useful_words() {
        assert_eq!(install(1, 1, "ReconcileFailed").state(), State::Failed("kapp: Error: why".to_owned()));
    }
}
