//! What a move from the hub to a receiver loses: counted over both, as one reader of both would see it.

use super::counting::{Kept, Watch, is_measured, lost};
use super::{HUB, SCRAPED, join};
use crate::checking::context;
use crate::receivers::VictoriaMetrics;
use crate::support::{Ran, Rig};

const WRITE: &str = "http://metrics.example.test:8428/api/v1/write";
const RECEIVER: Kept = Kept::At("http://metrics.example.test:8428");

fn join_receiver(rig: &Rig, cluster: &str, more: &[&str]) -> Ran {
    let context = context(cluster);
    let join = ["agent", "join", "--context", &context, "--hub-url", WRITE, "--cluster-name", cluster];
    rig.promfed(&[&join[..], &["--yes"], more].concat())
}

#[test]
fn a_move_to_a_receiver_beside_the_hub_leaves_no_hole() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("old", "2.53"), ("new", "3.5")]) else { return };
    let Some(_receiver) = VictoriaMetrics::start(&rig) else { return };
    let agents = ["old", "new"];
    rig.promfed(&HUB).ends_with(0);
    let scraped = rig.file("scraped.yaml", SCRAPED);
    for name in agents {
        join(&rig, name, &["--values", &scraped]).ends_with(0);
    }

    let both = [Kept::AtHub, RECEIVER];
    let watch = Watch::begin_at(&rig, &agents, &both);
    let beside = |name: &&str| join_receiver(&rig, name, &["--beside"]).ends_with(0);
    agents.iter().map(beside).for_each(drop);
    let alone = |name: &&str| join_receiver(&rig, name, &[]).ends_with(0);
    agents.iter().map(alone).for_each(drop);
    watch.settle();
    for name in agents {
        let ends = |kept| watch.ends(name, kept).expect("some scrapes");
        let ((first, last), (first_there, last_there)) = (ends(Kept::AtHub), ends(RECEIVER));
        assert!(
            first < first_there && first_there < last && last < last_there,
            "{name} moved, and was at both meanwhile"
        );
    }
    assert_eq!(lost(&watch.end("moved to a receiver with --beside")), [0, 0]);

    // In one step the queue before ends first. What that costs hangs on how fast that is, so it is told alone.
    if is_measured() {
        let watch = Watch::begin_at(&rig, &agents, &both);
        agents.iter().map(|name| join(&rig, name, &[]).ends_with(0)).for_each(drop);
        watch.end("moved back in one step");
    }
}
