//! What promfed adds to a package that no value of it can say.
//!
//! The package has no value for a volume, so what an agent needs to be let in by its hub comes by a ytt overlay: the
//! key `promfed.yaml` of a Secret, which an annotation of the PackageInstall names (`app.go` of kapp-controller: any
//! word may follow the annotation's name). The overlay is whole and promfed's own: it is written as a whole, and read
//! back from its text. `mounted` is the files that a Prometheus gets.

mod door;
mod mounted;

use serde_json::{Value, json};

pub use door::{CLIENTS, Door, Public, Shown};
pub use mounted::{Mounted, MountedFile};

use super::objects::{Names, ObjectKind, ObjectRef, object};

/// The annotation of a PackageInstall that names the Secret of promfed's overlay.
pub const OVERLAY: &str = "ext.packaging.carvel.dev/ytt-paths-from-secret-name.promfed";
/// The key of the Secret, which is the name of a file for ytt.
pub const OVERLAY_KEY: &str = "promfed.yaml";

/// The Secret of an overlay, as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOverlay {
    pub text: String,
    pub resource_version: Option<String>,
    pub maker: super::Maker,
}

/// The Secret of an overlay.
pub fn overlay_secret(names: &Names, text: &str) -> (ObjectRef, Value) {
    let mut secret = object(names, ObjectKind::Secret, names.overlay_secret());
    secret.1["type"] = json!("Opaque");
    secret.1["stringData"] = json!({OVERLAY_KEY: text});
    secret
}
