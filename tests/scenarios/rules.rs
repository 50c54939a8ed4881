//! Alert rules: each fires where something is wrong and not in the near case, as Prometheus's own tool tests them; and
//! a hub that has them evaluates them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use promfed_sandbox::Binaries;

use crate::support::{HUB_INIT, Rig, eventually, fixture, say};

/// The newest promtool there is.
pub(crate) fn promtool() -> Option<PathBuf> {
    let beside = Binaries::find().paths().map(|path| path.with_file_name("promtool")).collect::<Vec<_>>();
    let on_path = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|folder| folder.join("promtool")).find(|path| path.is_file())
    };
    beside.into_iter().rev().find(|path| path.is_file()).or_else(on_path)
}

/// The plugin where there is no cluster at all.
fn without_clusters(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed"));
    command.args(args).env_clear().env("HOME", "/nonexistent").output().expect("the plugin")
}

#[test]
fn every_alert_fires_where_it_should_and_only_there() {
    let Some(promtool) = promtool() else {
        let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
        assert!(may_skip, "no promtool, and PROMFED_SKIP=never");
        say("SKIPPED: no promtool to test alert rules with (make prometheus gets one)");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alerts");
    fs::create_dir_all(&folder).expect("a folder");
    let rules = without_clusters(&["rules", "--clusters", "edge,other", "-o", "yaml"]);
    assert!(rules.status.success(), "{}", String::from_utf8_lossy(&rules.stderr));
    fs::write(folder.join("rules.yaml"), &rules.stdout).expect("the rules");
    let tests = fixture("alerts.yaml");
    let alerts = without_clusters(&["rules", "--clusters", "edge", "-o", "name"]).stdout;
    for alert in String::from_utf8_lossy(&alerts).lines() {
        assert!(tests.contains(&format!("alertname=\"{alert}\"")), "{alert} is not tested");
    }
    fs::write(folder.join("tests.yaml"), tests).expect("the tests");
    for args in [["check", "rules", "rules.yaml"], ["test", "rules", "tests.yaml"]] {
        let ran = Command::new(&promtool).args(args).current_dir(&folder).output().expect("promtool");
        let (stdout, stderr) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{args:?}: {stdout}{stderr}");
    }
}

/// The alerts of promfed's that the hub's Prometheus evaluates.
fn evaluated(rig: &Rig) -> Vec<String> {
    let path = "/api/v1/namespaces/tanzu-system-monitoring/services/prometheus-server:80/proxy/api/v1/rules";
    let ran = rig.kubectl(&["get", "--raw", path, "--context", "admin@hub"]);
    if ran.code != 0 {
        return Vec::new();
    }
    let answer = ran.json();
    let groups = answer["data"]["groups"].as_array().into_iter().flatten();
    let rules =
        groups.filter(|group| group["name"] == "promfed").filter_map(|group| group["rules"].as_array());
    rules.flatten().filter_map(|rule| rule["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_hub_with_rules_evaluates_them_and_waits_for_those_who_joined() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let with_rules = [&HUB_INIT[..], &["--with-rules", "--yes"]].concat();
    rig.promfed(&with_rules).ends_with(0).says("9 alerts of promfed");
    eventually("the hub evaluates the alerts", || evaluated(&rig).len() == 9);
    rig.nothing_is_written(|| rig.promfed(&with_rules).ends_with(0).prints("unchanged"));

    let join = ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub"];
    rig.promfed(&[&join[..], &["--cluster-name", "edge"]].concat())
        .ends_with(0)
        .prints("No alert of the hub tells yet when \"edge\" falls silent")
        .prints("hub init --context admin@hub --cluster-name hub --with-rules");
    let unwatched = ["check", "--context", "admin@hub", "--only", "PF416", "-o", "short"];
    rig.promfed(&unwatched).ends_with(0).prints("no alert tells when edge falls silent");
    rig.nothing_is_written(|| rig.promfed(&HUB_INIT).ends_with(0).prints("unchanged"));
    rig.promfed(&with_rules).ends_with(0).says("10 alerts of promfed");
    eventually("the hub waits for the cluster", || {
        evaluated(&rig).iter().any(|alert| alert == "PromfedClusterSilent")
    });
    assert_eq!(rig.promfed(&unwatched).ends_with(0).stdout, "");
    let rules = rig.promfed(&["rules", "--context", "admin@hub", "-o", "yaml"]).ends_with(0);
    assert!(rules.stdout.contains("absent(up{cluster=\\\"edge\\\"})"), "{rules}");

    let contexts = ["--contexts", "admin@hub,admin@edge", "--skip", "PF801", "--wait", "1m", "-o", "short"];
    let checked = rig.promfed(&[&["check"], &contexts[..]].concat()).ends_with(0);
    assert_eq!(checked.stdout, "", "{checked}");

    rig.promfed(&["rollback", "--context", "admin@hub", "--yes"]).ends_with(0);
    eventually("the hub has the alerts from before", || evaluated(&rig).len() == 9);
    let fix = ["check", "--context", "admin@hub", "--only", "PF416", "--fix", "--yes"];
    rig.promfed(&fix).ends_with(0);
    eventually("the fix made the alerts anew", || evaluated(&rig).len() == 10);

    let leave = ["agent", "leave", "--context", "admin@edge", "--hub-context", "admin@hub", "--yes"];
    rig.promfed(&leave).ends_with(0).says("An alert of the hub still waits for \"edge\"");
    rig.promfed(&unwatched).ends_with(0).prints("an alert waits for edge");
}

#[test]
fn groups_of_others_stay_as_they_are() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let alerts = "groups:\n- name: mine # ours\n  rules:\n  - {alert: 'Down', expr: 'up == 0', for: '5m'}\n# the end\n";
    let indented = alerts.trim_end().replace('\n', "\n      ");
    let values = format!("prometheus:\n  config:\n    alerting_rules_yml: |\n      {indented}\n");
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", &values);
    let init =
        ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--with-rules", "--dry-run"];
    let ran = rig.promfed(&[&init[..], &["--diff"]].concat()).ends_with(0).prints("9 alerts of promfed");
    assert!(ran.stdout.contains("\n+- name: promfed\n"), "{ran}");
    let gone: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with('-')).collect();
    assert!(gone.is_empty(), "{gone:?}");
}
