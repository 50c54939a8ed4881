//! The resources that are served: one declarative table, in a file per family of API groups.
//!
//! Everything else (routing, discovery, validation, tables, `OpenAPI`) reads it, so a new kind is a new entry here.

mod apps;
mod carvel;
mod cells;
mod columns;
mod contour;
mod core;
pub mod fields;
mod rbac;
mod system;

pub use columns::{Cell, Column};
use fields::Field;

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster as a whole.
    Cluster,
}

/// Who serves a kind in a real cluster, which decides on details of its behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The API server itself: typed, with strategic merge patch.
    BuiltIn,
    /// A `CustomResourceDefinition`.
    Custom,
    /// An aggregated API server behind an `APIService`.
    Aggregated,
}

/// What can be done with a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbs {
    /// Everything.
    All,
    /// Only create: the object is a question, and the answer is not kept.
    Ask,
}

/// Which rule the names of a kind follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Lower case letters, digits, `-` and `.`: RFC 1123 subdomain.
    Subdomain,
    /// Lower case letters, digits and `-`: RFC 1123 label.
    Label,
    /// As a label, but beginning with a letter: RFC 1035.
    Label1035,
    /// Whatever may stand between two slashes of a URL.
    Segment,
}

/// One kind of object.
#[derive(Debug)]
pub struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    /// As objects write it in `kind`.
    pub name: &'static str,
    /// The plural, lowercase resource name.
    pub plural: &'static str,
    pub singular: &'static str,
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub scope: Scope,
    pub origin: Origin,
    pub verbs: Verbs,
    pub naming: Naming,
    pub subresources: &'static [&'static str],
    /// The names of the top-level fields besides apiVersion, kind and metadata.
    pub fields: &'static [&'static str],
    /// The fields of the spec; empty when they are not checked.
    pub spec: &'static [Field],
    pub columns: &'static [Column],
}

impl Kind {
    /// `v1`, or the group with its version.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The resource with its group, as messages name it.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// Whether its objects live in namespaces.
    pub fn namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }

    /// Whether its objects count the changes of what is wanted.
    pub fn has_generation(&self) -> bool {
        self.origin != Origin::BuiltIn
            || ["apps", "discovery.k8s.io", "apiextensions.k8s.io"].contains(&self.group)
    }

    /// Whether it has this subresource.
    pub fn has(&self, subresource: &str) -> bool {
        self.subresources.contains(&subresource)
    }
}

/// All kinds, group by group, in the order in which discovery lists them.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    [core::KINDS, system::KINDS, apps::KINDS, rbac::KINDS, carvel::KINDS, contour::KINDS]
        .into_iter()
        .flatten()
}

/// The kind behind a resource name of a group and a version.
pub fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
}

/// The kind with this name in a group.
pub fn named(group: &str, name: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.group == group && kind.name == name)
}

const fn kind(
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    singular: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        name,
        plural,
        singular,
        short: &[],
        categories: &[],
        scope: Scope::Namespaced,
        origin: Origin::BuiltIn,
        verbs: Verbs::All,
        naming: Naming::Subdomain,
        subresources: &[],
        fields: &["spec", "status"],
        spec: &[],
        columns: columns::PLAIN,
    }
}
