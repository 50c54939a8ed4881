//! `check`: nothing is found where nothing is wrong, and where something is, the cause is found first.
//!
//! Every scenario breaks one thing of a federation of the real Prometheus, looks, and sees the code of what it broke
//! before any other.

pub(crate) mod breaking;
mod capacity;
mod connection;
mod delivery;
mod flags;
mod healthy;
mod label;
mod limits;
mod package;
mod refusals;
mod rounds;
mod safety;
mod time;

use crate::support::{HUB_INIT, Ran, Rig};

/// The context of a cluster.
pub(crate) fn context(cluster: &str) -> String {
    format!("admin@{cluster}")
}

/// A hub with an ingress, and agents that joined it, each under its own name.
pub(crate) fn federation(clusters: &[(&str, &str)]) -> Option<Rig> {
    federation_with(clusters, |_| Vec::new())
}

/// As `federation`, each cluster made with some more flags.
pub(crate) fn federation_with(
    clusters: &[(&str, &str)],
    more: impl Fn(&str) -> Vec<&'static str>,
) -> Option<Rig> {
    let rig = Rig::start(clusters)?;
    let hub = [&HUB_INIT[..], &["--auth", "none"]].concat();
    rig.promfed(&[&hub[..], &more("hub")].concat()).ends_with(0);
    for (name, _) in &clusters[1..] {
        let context = context(name);
        let join =
            ["agent", "join", "--context", &context, "--hub-context", "admin@hub", "--cluster-name", name];
        rig.promfed(&[&join[..], &more(name)].concat()).ends_with(0);
    }
    Some(rig)
}

/// `check` over these clusters, the hub's first; one line for each finding. That nobody has to log in to write is
/// true of all of them, and looked at by itself.
pub(crate) fn check(rig: &Rig, clusters: &[&str], more: &[&str]) -> Ran {
    let contexts = clusters.iter().map(|name| context(name)).collect::<Vec<_>>().join(",");
    let check = ["check", "--contexts", &contexts, "--skip", "PF801", "-o", "short"];
    rig.promfed(&[&check[..], more].concat())
}

/// `CONTEXT CODE` of every finding, in order.
pub(crate) fn found(ran: &Ran) -> Vec<String> {
    let two = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    ran.stdout.lines().map(two).collect()
}
