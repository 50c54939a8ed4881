//! Who else writes an object: whatever promfed changes there, an owner changes back.
//!
//! Pure: metadata in, owners out. `marks` reads labels, annotations and owner references, which tell the most; `managers`
//! reads who owns the fields that promfed would write; `meta` is what is read of an object.

mod managers;
mod marks;
mod meta;

use std::fmt;

pub use meta::{FieldManager, OwnerReference, Ownership, OwnershipMeta};

/// An object, and what it says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Owned<'a> {
    pub kind: &'a str,
    pub namespace: Option<&'a str>,
    pub name: &'a str,
    pub ownership: &'a Ownership,
}

/// A tool that keeps an object as it wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub tool: Tool,
    /// `Secret prometheus-tkg-system-values`.
    pub object: String,
    /// What told: `label KEY=VALUE`, `field manager NAME`.
    pub evidence: String,
    /// What the tool calls its reason: `Kustomization flux-system/monitoring`.
    pub name: Option<String>,
}

/// What writes objects again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    Flux,
    ArgoCd,
    Helm,
    /// Tanzu Mission Control.
    Tmc,
    /// `ClusterBootstrap`, and the add-ons before it.
    TanzuAddons,
    /// The CLI, or an App of kapp-controller.
    Kapp,
    /// Whatever controller an owner reference names.
    Controller,
    /// Somebody who applied the fields, by the name they gave.
    Applier(String),
}

/// The owners of some objects: of each object every tool once, with the evidence that tells the most.
pub fn owners(objects: &[Owned<'_>]) -> Vec<Owner> {
    let mut all: Vec<Owner> = Vec::new();
    for object in objects {
        let mut found: Vec<Owner> = Vec::new();
        for owner in marks::find(object).chain(managers::find(object)) {
            if found.iter().all(|other| other.tool != owner.tool) {
                found.push(owner);
            }
        }
        // Flux installs charts by Helm, which leaves its own marks: the one to talk to is Flux.
        if found.iter().any(|owner| owner.tool == Tool::Flux) {
            found.retain(|owner| owner.tool != Tool::Helm);
        }
        all.extend(found);
    }
    all
}

impl Owned<'_> {
    fn owner(&self, tool: Tool, evidence: String, name: Option<String>) -> Owner {
        Owner { tool, object: format!("{} {}", self.kind, self.name), evidence, name }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Flux => "Flux",
            Self::ArgoCd => "Argo CD",
            Self::Helm => "Helm",
            Self::Tmc => "Tanzu Mission Control",
            Self::TanzuAddons => "the Tanzu add-ons manager",
            Self::Kapp => "kapp",
            Self::Controller => "a controller",
            Self::Applier(name) => name,
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tool)?;
        if let Some(name) = &self.name {
            write!(f, " ({name})")?;
        }
        let by = self.evidence.split('=').next().unwrap_or_default();
        write!(f, ", by {by} on {}", self.object)
    }
}

impl Owner {
    /// Where to make the change instead, in one sentence.
    pub fn advice(&self) -> String {
        let named = |usual: &str| self.name.clone().unwrap_or_else(|| usual.to_owned());
        match &self.tool {
            Tool::Flux => {
                format!(
                    "make the change in the repository that {} comes from, or Flux undoes it",
                    named("the Flux resource")
                )
            }
            Tool::ArgoCd => format!(
                "make the change in the repository that {} comes from, or Argo CD undoes it",
                named("the Application")
            ),
            Tool::Helm => {
                format!(
                    "make the change in the chart values of {}, or its next upgrade undoes it",
                    named("the Helm release")
                )
            }
            Tool::Tmc => "make the change in Tanzu Mission Control, or it undoes it".to_owned(),
            Tool::TanzuAddons => format!(
                "make the change on the management cluster, in the values of {}, or it is undone",
                named("the add-on")
            ),
            Tool::Kapp => format!(
                "make the change in the manifests that {} is deployed from, or its next deploy undoes it",
                named("the kapp app")
            ),
            Tool::Controller => {
                format!("make the change in {}, or its controller undoes it", named("its owner"))
            }
            Tool::Applier(name) => {
                format!("make the change where {name} takes the object from, or its next apply undoes it")
            }
        }
    }
}

#[cfg(test)]
mod tests;
