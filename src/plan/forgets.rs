//! What a plan makes a running Prometheus forget: all that it has scraped and not sent yet.

use super::draft::Draft;
use super::overlay::Overlay;
use crate::package::{Mounted, Values};
use crate::prometheus::config::kept_queues;

/// Why it forgets what it has not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgets {
    /// What lets its pod be replaced, or go.
    pub restart: Option<&'static str>,
    /// An entry of `remote_write` gets a new queue.
    pub queue: bool,
}

impl Forgets {
    /// Deleting the package.
    pub const PACKAGE: Self = Self { restart: Some("the package goes"), queue: false };

    /// Whether there is anything.
    pub fn is_any(&self) -> bool {
        self.restart.is_some() || self.queue
    }

    /// Why, in words.
    pub fn reason(&self) -> String {
        match self.restart {
            Some(why) => format!(
                "this change ends it ({why}), and another one sends only what is scraped from then on"
            ),
            None => "this change gives it a new queue (remote_write or the external labels change), which sends only what is scraped from then on".to_owned(),
        }
    }
}

impl Draft {
    /// What this change makes the Prometheus forget that is there.
    pub(super) fn forgets(&self) -> Forgets {
        if self.target.is_new() {
            return Forgets::default();
        }
        let (before, after) = (self.target.values.as_read(), &self.target.values);
        let queue = matches!(
            (before.config(), after.config()),
            (Ok(was), Ok(becomes)) if !kept_queues(was.value(), becomes.value())
        );
        Forgets { restart: self.restart(&before), queue }
    }

    fn restart(&self, before: &Values) -> Option<&'static str> {
        let after = &self.target.values;
        let differs = |path: &[&str]| before.get(path) != after.get(path);
        if self.target.moves.is_some() {
            Some("another version")
        } else if differs(&["namespace"]) {
            Some("another namespace")
        } else if differs(&crate::package::ARGS) {
            Some("other arguments")
        } else if differs(&["prometheus", "deployment"]) {
            Some("another Deployment")
        } else {
            self.mounts_otherwise().then_some("another volume is mounted")
        }
    }

    /// Whether its container gets a volume, or loses one. What is in a volume may change as it runs.
    fn mounts_otherwise(&self) -> bool {
        let mounts = |text: &str| !Mounted::read(text).is_empty();
        let before = self.target.overlay.as_ref().is_some_and(|found| mounts(&found.text));
        match &self.overlay {
            Overlay::Kept => false,
            Overlay::Becomes(text) => mounts(text) != before,
            Overlay::Goes => before,
        }
    }
}
