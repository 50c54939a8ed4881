//! Two who change the same values at once: what one wrote is never lost, and the other is told.

use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Ran, Rig};

const ROUNDS: usize = 100;

fn rig(values: &str) -> Rig {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", values);
    rig
}

fn init(rig: &Rig, more: &[&str]) -> Ran {
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes", "--wait=false"];
    rig.promfed(&[&init[..], more].concat())
}

/// Whoever did not end with success said that somebody else was faster.
fn is_told(ran: &Ran) {
    assert!(ran.stderr.contains("meanwhile") && ran.stderr.contains("hint:"), "{ran}");
}

#[test]
fn two_at_once_lose_nothing() {
    let rig = rig("# all defaults\n");
    let mut told = 0;
    for round in 1..=ROUNDS {
        let (days, size) = (format!("{round}d"), format!("{round}Gi"));
        let (one, other) = thread::scope(|scope| {
            let one = scope.spawn(|| init(&rig, &["--retention", &days]));
            let other = init(&rig, &["--storage", &size]);
            (one.join().expect("a command"), other)
        });
        let values = rig.values("hub");
        for (ran, mark) in [(&one, retention(round)), (&other, format!("storage: '{size}'"))] {
            if ran.code == 0 {
                assert!(values.contains(&mark), "round {round}: {mark} is lost\n{values}\n{ran}");
            } else {
                is_told(ran);
            }
            told += usize::from(ran.stderr.contains("meanwhile"));
        }
    }
    assert!(told > 0, "in {ROUNDS} rounds the two never met");
}

/// As Prometheus writes a number of days.
fn retention(days: usize) -> String {
    let text = if days.is_multiple_of(7) { format!("{}w", days / 7) } else { format!("{days}d") };
    format!("--storage.tsdb.retention.time={text}\n")
}

/// An editor that appends a line, and takes a while for that.
const EDITOR: &str = "#!/bin/sh\nprintf '%s' \"$EDITED\" >/dev/null\nsleep \"$PAUSE\"\nvalue=$(sed -n 's/^  values.yaml: //p' \"$1\")\nnew=$( (printf '%s' \"$value\" | base64 -d; printf '# %s\\n' \"$EDITED\") | base64 -w0)\nsed -i \"s|^  values.yaml: .*|  values.yaml: $new|\" \"$1\"\n";

#[test]
fn a_person_with_kubectl_edit_loses_nothing() {
    let rig = rig("# all defaults\n");
    let editor = rig.file("editor.sh", EDITOR);
    let (mut met, mut unseen) = (0, 0);
    // How long promfed waits before it begins: it aims at the moment of the save, however fast the two are today.
    let mut delay: u64 = 75;
    for round in 1..=ROUNDS {
        let days = format!("{round}d");
        let edit = format!(
            "chmod +x {editor}; EDITED=edit-{round} PAUSE=0.{:02} KUBE_EDITOR={editor} kubectl edit secret by-hand -n tkg-system --context admin@hub",
            round % 20
        );
        let (edited, ran) = thread::scope(|scope| {
            let edited = scope.spawn(|| (rig.shell(&edit), Instant::now()));
            thread::sleep(Duration::from_millis(delay));
            let ran = init(&rig, &["--retention", &days]);
            let ended = Instant::now();
            let (edited, saved) = edited.join().expect("kubectl");
            (edited.ends_with(0), (ran, saved > ended))
        });
        let (ran, was_saved_later) = ran;
        delay = if was_saved_later { delay + 7 } else { delay.saturating_sub(5) };
        let values = rig.values("hub");
        assert!(
            values.contains(&format!("# edit-{round}\n")),
            "round {round}: the edit is lost\n{values}\n{edited}\n{ran}"
        );
        if ran.code != 0 {
            is_told(&ran);
        } else if !values.contains(&retention(round)) {
            // Who has ended already cannot be told; who still waits for the proof is (below). Between the last
            // look and the end of the process there is a moment, which a save seldom falls into.
            unseen += usize::from(!was_saved_later);
            assert!(unseen * 20 <= ROUNDS, "round {round}: the change is lost in silence\n{values}\n{ran}");
        }
        met += usize::from(
            ran.stderr.contains("meanwhile") || ran.stderr.contains("over what was just written"),
        );
    }
    assert!(met > 0, "in {ROUNDS} rounds the two never met");
}

#[test]
fn an_editor_that_saves_over_the_change_is_seen_and_both_are_kept() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.install_by_hand(
        "hub",
        "prometheus.kubernetes.vmware.com",
        "3.5.0+vmware.1-vks.1",
        "# all defaults\n",
    );
    let saved = rig.file(
        "saved.json",
        "{\"stringData\": {\"values.yaml\": \"# all defaults\\n# and a line of mine\\n\"}}",
    );
    let save = format!(
        "until kubectl get secret prometheus.promfed.v1 -n tkg-system --context admin@hub 2>/dev/null; do :; done; until kubectl get secret by-hand -n tkg-system --context admin@hub -o jsonpath='{{.data.values\\.yaml}}' | base64 -d | grep -q receiver; do :; done; kubectl patch secret by-hand -n tkg-system --context admin@hub --patch-file {saved}"
    );
    let ran = thread::scope(|scope| {
        let saving = scope.spawn(|| rig.shell(&save));
        let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes"];
        let ran = rig.promfed(&init);
        saving.join().expect("kubectl").ends_with(0);
        ran
    });
    ran.ends_with(0).says("planning again");
    let values = rig.values("hub");
    assert!(
        values.contains("# and a line of mine\n") && values.contains("remote-write-receiver"),
        "{values}"
    );
}
