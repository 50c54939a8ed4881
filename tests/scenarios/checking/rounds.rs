//! What is far away costs a round trip at a time: `check` reads much more than `status`, and hardly waits longer.

use super::{context, federation};
use crate::support::{HUB_INIT, Rig};

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

/// A regression in a count is seen on any machine. Before each command is the connection, which is not counted.
#[test]
fn a_command_takes_so_many_rounds_and_no_more() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    for (command, cluster, most) in [
        ("status", "hub", 3),
        ("status", "edge", 3),
        ("flags", "hub", 3),
        ("flags", "edge", 3),
        ("check", "hub", 5),
        ("check", "edge", 5),
    ] {
        let context = context(cluster);
        // Whether all is well is not what is asked here.
        let Some((rounds, ran)) = rig.rounds(|| rig.promfed(&[command, "--context", &context])) else {
            return;
        };
        assert!(rounds <= most, "{command} of {cluster} took {rounds} rounds: {ran}");
    }
    let again = [&HUB_INIT[..], &["--auth", "none"]].concat();
    let Some((rounds, ran)) = rig.rounds(|| rig.promfed(&again)) else { return };
    assert!(rounds <= 5, "hub init took {rounds} rounds: {}", ran.ends_with(0));
}
