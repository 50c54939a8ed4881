//! What is far away costs a round trip at a time: `check` reads much more than `status`, and hardly waits longer.

use super::{context, federation};
use crate::support::Rig;

/// How many rounds a command takes on one cluster.
fn rounds(rig: &Rig, command: &str, cluster: &str) -> Option<usize> {
    let (rounds, ran) = rig.rounds(|| rig.promfed(&[command, "--context", &context(cluster)]))?;
    ran.ends_with(0);
    Some(rounds)
}

#[test]
fn check_takes_at_most_two_rounds_more_than_status() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    for cluster in ["hub", "edge"] {
        let Some(status) = rounds(&rig, "status", cluster) else { return };
        let Some(check) = rounds(&rig, "check", cluster) else { return };
        assert!(status > 1, "{cluster}: whoever reads {status} time cannot know what to read");
        assert!(check <= status + 2, "{cluster}: status takes {status} rounds, check {check}");
    }
}
