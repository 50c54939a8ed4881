//! Nothing is found where nothing is wrong, whatever the versions; and looking writes nothing.

use super::{check, federation, found};

/// Known bugs of a hub's version are all that is found: they are true.
fn finds(hub: &str, edge: &str, expected: &[&str]) {
    let Some(rig) = federation(&[("hub", hub), ("edge", edge)]) else { return };
    rig.nothing_is_written(|| {
        // A rig may have another Prometheus than its package says.
        let ran = check(&rig, &["hub", "edge"], &["--wait", "1m", "--skip", "PF208"]).ends_with(0);
        assert_eq!(found(&ran), expected, "{ran}");
        ran
    });
}

#[test]
fn nothing_of_a_hub_of_3_x_and_an_agent_of_3_x() {
    finds("3.5", "3.5", &[]);
}

#[test]
fn nothing_of_a_hub_of_3_x_and_an_agent_of_2_x() {
    finds("3.5", "2.53", &[]);
}

#[test]
fn only_known_bugs_of_older_hubs() {
    finds("2.43", "2.53", &["admin@hub PF213"]);
}
