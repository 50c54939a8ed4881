//! `agent join --buffer`: the flags go together, run, and the second time nothing changes.

use super::{HUB, join};
use crate::support::Rig;

#[test]
fn a_buffer_is_set_together_and_an_agent_that_is_down_is_repaired_all_the_same() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    rig.promfed(&HUB).ends_with(0);
    let buffered = |time: &str| join(&rig, "edge", &["--buffer", time]);
    buffered("6h")
        .ends_with(0)
        .says("wal-truncate-frequency=12h (whenever that has passed, what is older than 6h may go unsent)")
        .says("1Gi is enough for 6h of up to 994 samples/s")
        .says("the hub takes what is up to 1h late, and the rest of 6h is lost");
    let flags = rig.promfed(&["flags", "--context", "admin@edge"]).ends_with(0).stdout;
    for flag in ["storage.agent.wal-truncate-frequency", "storage.agent.retention.max-time"] {
        let line = flags.lines().find(|line| line.starts_with(flag)).unwrap_or_default();
        assert_eq!(line.matches("12h").count(), 2, "{flags}");
    }
    rig.nothing_is_written(|| buffered("6h").ends_with(0).prints("unchanged, and healthy"));
    let short = ["--context", "admin@edge", "--only", "PF704,PF714", "-o", "short"];
    assert_eq!(rig.promfed(&[&["check"], &short[..]].concat()).ends_with(0).stdout, "");

    let deployment = ["deployment", "prometheus-server", "-n", "tanzu-system-monitoring"];
    let down = [&["scale"], &deployment[..], &["--context", "admin@edge", "--replicas", "0"]].concat();
    rig.kubectl(&down).ends_with(0);
    buffered("1h").ends_with(0).says("cannot be asked what it has not sent yet");
}
