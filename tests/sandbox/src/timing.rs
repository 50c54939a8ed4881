//! How long things take in the sandbox. In a real cluster the same things take seconds to minutes.

use std::time::Duration;

/// The delays of controllers and of the node.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How often a PackageInstall is reconciled when nothing changed (real: 10 minutes).
    pub sync_period: Duration,
    /// How long it takes kapp-controller to notice an edit (real: up to a second).
    pub notice: Duration,
    /// How long a Deployment may make no progress (real: 10 minutes).
    pub progress_deadline: Duration,
    /// How long it takes a ConfigMap to arrive in a pod that mounts it (real: a minute).
    pub projection: Duration,
    /// The first back-off of a container that crashed; it doubles with every crash (real: 10 seconds).
    pub back_off: Duration,
    /// Which share of a probe's initial delay is waited (real: all of it, and the package asks for 30 seconds).
    pub initial_delay: f64,
    /// How long a container may take to end before it is killed (real: 30 seconds).
    pub grace: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            sync_period: Duration::from_secs(15),
            notice: Duration::from_millis(100),
            progress_deadline: Duration::from_secs(8),
            projection: Duration::from_millis(100),
            back_off: Duration::from_millis(400),
            initial_delay: 0.0,
            grace: Duration::from_secs(5),
        }
    }
}
