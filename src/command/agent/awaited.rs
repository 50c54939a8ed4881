//! Whom the hub's alerts wait for: joining and leaving do not write to them, and so say what does.

use std::collections::BTreeSet;

use crate::check::awaited_by;
use crate::command::site::Site;
use crate::domain::ClusterName;
use crate::package::ALERTS;
use crate::report::Next;

/// The names in a hub's alerts, and the command that makes these anew.
pub(super) struct Awaited {
    names: BTreeSet<String>,
    command: String,
}

impl Awaited {
    /// `None` where the hub's values have no alerts of promfed's.
    pub(super) fn of(site: &Site, context: &str) -> Option<Self> {
        let file = site.values.document(&ALERTS).ok()?;
        let names = awaited_by(file.value())?;
        let own = site.cluster_name().unwrap_or_else(|| "NAME".to_owned());
        let command =
            format!("kubectl promfed hub init --context {context} --cluster-name {own} --with-rules");
        Some(Self { names, command })
    }

    /// What a cluster that joins should say.
    pub(super) fn lack(&self, name: &ClusterName) -> Option<Next> {
        (!self.names.contains(name.as_str())).then(|| Next {
            why: format!("No alert of the hub tells yet when {:?} falls silent. To have one:", name.as_str()),
            command: self.command.clone(),
        })
    }

    /// What a cluster that left should say.
    pub(super) fn keep(&self, name: &ClusterName) -> Option<Next> {
        self.names.contains(name.as_str()).then(|| Next {
            why: format!(
                "An alert of the hub still waits for {:?}, and will fire. To end it:",
                name.as_str()
            ),
            command: self.command.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_waited_for_lacks_an_alert_and_who_is_keeps_one() {
        let awaited = Awaited { names: BTreeSet::from(["edge".to_owned()]), command: "again".to_owned() };
        let [edge, far] = ["edge", "far"].map(|name| name.parse::<ClusterName>().expect("a name"));
        assert!(awaited.lack(&edge).is_none() && awaited.keep(&far).is_none());
        assert!(awaited.lack(&far).is_some_and(|next| next.why.contains("\"far\"")));
        assert!(awaited.keep(&edge).is_some_and(|next| next.command == "again"));
    }
}
