//! What Carvel defines: packages and their schemas, installs and their states, values, and the objects around them.
//!
//! Pure: JSON in, nouns out. How kapp-controller behaves is told where it matters; the names and annotations of what
//! promfed creates are kctrl's, so that `tanzu package` and `kctrl` go on working with it.

mod available;
mod install;
mod known;
mod members;
mod objects;
mod overlay;
mod owner;
mod rules;
mod schema;
mod values;

pub use available::{Available, KNOWN_NAMES, NoPackage, choose, compare_versions};
pub use install::{App, DOWNGRADABLE, InstallMeta, PAUSED, PackageInstall, PackageRepository, Pause, State};
pub use known::{
    DEFAULT_INSTALL, DEFAULT_NAMESPACE, DEFAULT_PORT, DEFAULT_WORKLOADS, REPOSITORY, SERVED, SERVER, SYSTEM,
};
pub use members::{Member, Members, joining, leaving, members, members_name, new_members};
pub use objects::{
    Found, MANAGED_BY, Maker, Names, ObjectKind, ObjectRef, ServiceAccountChoice, US, VALUES_KEY, WRITE_URL,
    new_install, package_repository, values_secret, values_secret_notes,
};
pub use overlay::{
    CLIENTS, Door, FoundOverlay, Mounted, MountedFile, OVERLAY, OVERLAY_KEY, Public, Shown, overlay_secret,
};
pub use owner::{FieldManager, Owned, Owner, OwnerReference, Ownership, OwnershipMeta, Tool, owners};
pub use rules::{rule_groups, shipped_rule_groups};
pub use schema::ValuesSchema;
pub use values::{ALERTS, ARGS, CONFIG, Location, SourceEdit, ValueSource, Values};
