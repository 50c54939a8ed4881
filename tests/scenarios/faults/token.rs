//! A token that ends in the middle of a command.

use promfed_sandbox::access::User;
use promfed_sandbox::faults::{Effect, Fault, Share};

use super::kill::{run, writes};
use super::{V3, cluster, idle, install_theirs};
use crate::support::Rig;

const INIT: [&str; 8] =
    ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes", "--wait=false"];

/// A kubeconfig whose login is a plugin that gives one token for so many times, and then another.
fn plugin(rig: &Rig, tokens: [&str; 2], times: usize) -> String {
    let text = std::fs::read_to_string(rig.kubeconfig()).expect("a kubeconfig");
    let mut config: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    let count = rig.file("logins", "");
    let credential = "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"%s\"}}";
    let script = format!(
        "echo x >>{count}; if [ $(wc -l <{count}) -le {times} ]; then t={}; else t={}; fi; printf \'{credential}\' $t",
        tokens[0], tokens[1]
    );
    config["users"][0]["user"] = serde_yaml::to_value(serde_json::json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
        "command": "sh", "args": ["-c", script]}}))
    .expect("YAML");
    rig.file("plugin.kubeconfig", &serde_yaml::to_string(&config).expect("YAML"))
}

/// How often the plugin is run for one login.
fn times_of_one(rig: &Rig) -> usize {
    let token = cluster(rig, "hub").api.access.admin_token().to_owned();
    let config = plugin(rig, [&token, &token], 0);
    run(rig, &[&INIT[..], &["--dry-run=client", "--kubeconfig", &config]].concat()).ends_with(0);
    logins(rig)
}

fn logins(rig: &Rig) -> usize {
    let file = rig.kubeconfig().with_file_name("logins");
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

#[test]
fn who_is_not_known_any_more_logs_in_again() {
    let rig = idle(&["hub"]);
    let times = times_of_one(&rig);
    let api = &cluster(&rig, "hub").api;
    let admin = || User::new("kubernetes-admin", &["system:masters"]);
    // At the second read, at the first write, and at the second.
    for (number, share, spared) in [(0, Share::Reads, 1), (1, Share::Writes, 0), (2, Share::Writes, 1)] {
        let (old, new) = (format!("old-{number}"), format!("new-{number}"));
        api.access.register(admin(), &old);
        api.access.register(admin(), &new);
        let config = plugin(&rig, [&old, &new], times);
        api.faults.inject(Fault::on("*", Effect::Revoke(old)).of_people(share).after(spared).next(1));
        let days = format!("{}d", 10 + number);
        let args = [&INIT[..], &["--retention", &days, "--kubeconfig", &config]].concat();
        let (_, ran) = writes(&rig, &args);
        ran.ends_with(0);
        assert_eq!(logins(&rig), 2 * times, "once at first, and once when that has ended");
    }
}

#[test]
fn a_plugin_that_gives_what_has_ended_is_not_asked_for_ever() {
    let rig = idle(&["hub"]);
    install_theirs(&rig, "hub", V3);
    let times = times_of_one(&rig);
    let config = plugin(&rig, ["worthless", "worthless"], times);
    run(&rig, &["history", "--context", "admin@hub", "--kubeconfig", &config])
        .ends_with(1)
        .says("cannot log in");
    assert_eq!(logins(&rig), times);
}
