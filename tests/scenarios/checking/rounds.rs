//! What is far away costs a round trip at a time: no command waits for more than three, whatever it reads.

use super::{context, federation};
use crate::support::HUB_INIT;

/// A regression in a count is seen on any machine. Before each command is the connection, which is not counted.
#[test]
fn a_command_takes_three_rounds_and_no_more() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    for (command, cluster) in [
        ("status", "hub"),
        ("status", "edge"),
        ("flags", "hub"),
        ("flags", "edge"),
        ("check", "hub"),
        ("check", "edge"),
    ] {
        let context = context(cluster);
        // Whether all is well is not what is asked here.
        let Some((rounds, ran)) = rig.rounds(|| rig.promfed(&[command, "--context", &context])) else {
            return;
        };
        assert!(rounds > 1, "{command} of {cluster}: whoever reads {rounds} time cannot know what to read");
        assert!(rounds <= 3, "{command} of {cluster} took {rounds} rounds: {ran}");
    }
    let again = [&HUB_INIT[..], &["--auth", "none"]].concat();
    let Some((rounds, ran)) = rig.rounds(|| rig.promfed(&again)) else { return };
    assert!(rounds <= 3, "hub init took {rounds} rounds: {}", ran.ends_with(0));
}
