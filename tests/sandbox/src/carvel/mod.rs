//! kapp-controller and what it installs: packages, their values, and the life of a PackageInstall.
//!
//! `catalogue` holds the packages, `repository` brings them into a cluster. `install` keeps one PackageInstall: it
//! selects a version (`version`), makes an App, and `app` fetches, templates (`values`, `templates`, `overlay`) and
//! deploys (`kapp`). The texts of conditions are those of the real thing.

mod app;
pub(crate) mod catalogue;
mod conditions;
mod defaults;
mod install;
mod kapp;
mod overlay;
mod repository;
mod schema;
mod selection;
mod templates;
mod values;
mod version;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::access::Access;
use crate::api::{Availability, Groups};
use crate::objects;
use crate::site::Site;
use crate::store::Key;

pub use catalogue::{GLOBAL_NAMESPACE, Package, image_tag, package_objects, packages};
pub use repository::IMAGE as REPOSITORY_IMAGE;
pub use values::ValuesFile;
pub(crate) use version::Version;

/// The API group of installs and repositories.
pub(crate) const PACKAGING: &str = "packaging.carvel.dev";
/// The API group of Apps.
pub(crate) const KAPPCTRL: &str = "kappctrl.k14s.io";

/// kapp-controller of one cluster.
pub(crate) struct Carvel {
    pub(crate) site: Site,
    pub(crate) groups: Groups,
    pub(crate) access: Access,
}

/// An object that is kept: what it is, where it is, and its UID.
type Identity = (Kept, Key, String);

/// What a task keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    Install,
    Repository,
}

impl Carvel {
    /// Keeps all installs and repositories of the cluster, each in a task of its own.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut versions = self.site.store.versions();
        let mut running: BTreeSet<Identity> = BTreeSet::new();
        let mut tasks = JoinSet::new();
        loop {
            versions.borrow_and_update();
            if self.groups.get(catalogue::DATA) == Availability::Served {
                self.start(&mut running, &mut tasks);
            }
            tokio::select! {
                changed = versions.changed() => if changed.is_err() { return },
                Some(ended) = tasks.join_next() => if let Ok(ended) = ended { running.remove(&ended); },
            }
        }
    }

    /// Returns when kapp-controller is up.
    async fn awake(&self) {
        let mut versions = self.site.store.versions();
        while self.groups.get(catalogue::DATA) != Availability::Served {
            if versions.changed().await.is_err() {
                return;
            }
        }
    }

    fn start(self: &Arc<Self>, running: &mut BTreeSet<Identity>, tasks: &mut JoinSet<Identity>) {
        for (kept, resource) in
            [(Kept::Install, "packageinstalls"), (Kept::Repository, "packagerepositories")]
        {
            for object in self.site.store.list(PACKAGING, resource, None).0 {
                let Some(key) = objects::key(&object) else { continue };
                let identity = (kept, key.clone(), objects::uid(&object).to_owned());
                if !running.insert(identity.clone()) {
                    continue;
                }
                let carvel = Arc::clone(self);
                tasks.spawn(async move {
                    match kept {
                        Kept::Install => install::keep(&carvel, &key).await,
                        Kept::Repository => repository::keep(&carvel, &key).await,
                    }
                    identity
                });
            }
        }
    }
}
