//! What one change brings with it: another version is another package's, other values make another Deployment.

use crate::check::facts::{Facts, Unread};
use crate::package::Values;
use crate::prometheus::Version;

impl Facts {
    /// The same at another version, of the package too.
    pub(in crate::check) fn with_version(mut self, version: &str) -> Self {
        self.process.version = Version::parse(version).ok_or(Unread::NotAsked);
        let package = format!("{version}+vmware.1-tkg.1");
        for install in self.package.installs.iter_mut().flatten() {
            install.spec.package_ref.version_selection.constraints.clone_from(&package);
            install.status.version.clone_from(&package);
            install.status.last_attempted_version.clone_from(&package);
        }
        for available in self.package.available.iter_mut().flatten() {
            available.spec.version.clone_from(&package);
        }
        self
    }

    /// Gives the container the arguments that the values give.
    pub(super) fn deploy(&mut self, values: &Values) {
        let deployment = self.workload.deployment.as_mut().ok().and_then(Option::as_mut);
        let pod = deployment.and_then(|deployment| deployment.spec.as_mut()?.template.spec.as_mut());
        if let (Some(pod), Ok(args)) = (pod, values.args()) {
            pod.containers[0].args = Some(args.as_slice().to_vec());
        }
    }
}

/// The same with an install that kapp-controller could not reconcile, in its words.
pub(in crate::check) fn failed(mut facts: Facts, message: &str) -> Facts {
    let install = &mut facts.package.installs.as_mut().expect("installs")[0];
    for condition in &mut install.status.conditions {
        condition.kind = "ReconcileFailed".into();
    }
    install.status.useful_error_message = message.into();
    facts
}
