//! What stock kubectl and a shell are told while somebody types.

use crate::support::{HUB_INIT, Ran, Rig, eventually};

/// A folder for the PATH with a link to the plugin, as krew makes one, in which kubectl finds who completes it.
fn installed(rig: &Rig) -> String {
    let folder = rig.kubeconfig().with_file_name("bin").display().to_string();
    let link = "ln -s \"$(command -v kubectl-promfed)\"";
    rig.shell(&format!("mkdir {folder} && {link} {folder}/kubectl-promfed")).ends_with(0);
    let install = format!("PATH={folder}:$PATH kubectl promfed completion install");
    rig.shell(&install).ends_with(0).prints(&format!("{folder}/kubectl_complete-promfed"));
    rig.shell(&install).ends_with(0).prints("is there already");
    // It leads to whatever the plugin is then.
    let target = std::fs::read_link(format!("{folder}/kubectl_complete-promfed")).expect("a link");
    assert_eq!(target.to_string_lossy(), "kubectl-promfed");
    folder
}

/// What kubectl completes a line to.
fn asked(rig: &Rig, folder: &str, line: &str) -> Vec<String> {
    let ran = rig.shell(&format!("PATH={folder}:$PATH kubectl __complete promfed {line}")).ends_with(0);
    ran.stdout.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn kubectl_completes_commands_and_what_is_live() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let join = ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub"];
    rig.promfed(&[&join[..], &["--cluster-name", "edge"]].concat()).ends_with(0);

    let folder = installed(&rig);
    let asked = |line: &str| asked(&rig, &folder, line);
    assert_eq!(asked("hub i"), ["init", ":4"]);
    assert_eq!(asked("status --context admin@"), ["admin@hub", "admin@edge", ":4"]);
    assert_eq!(asked("check --contexts admin@hub,admin@e"), ["admin@hub,admin@edge", ":4"]);
    assert_eq!(asked("explain PF803"), ["PF803", ":4"]);
    // A cluster has a second to answer, which is little where all of this runs on one machine.
    eventually("the hub names who joined", || {
        asked("hub credentials revoke --context admin@hub ''") == ["edge", ":4"]
    });
    eventually("the cluster names the versions that it offers", || {
        let versions = asked("hub init --context admin@hub --package-version ''");
        versions.iter().any(|version| version.starts_with("3.5"))
    });
    // Nobody is told of what is not there, or does not answer.
    rig.unplug("hub");
    let others = asked("hub credentials revoke --context admin@hub ''");
    assert!(others.iter().all(|one| one.starts_with("--") || one == ":4"), "{others:?}");
}

#[test]
fn what_is_there_already_is_not_written_over() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let other = rig.file("kubectl_complete-promfed", "somebody else's");
    let folder = rig.kubeconfig().parent().expect("a folder").display().to_string();
    rig.promfed(&["completion", "install", "--dir", &folder]).ends_with(1).says("is something else");
    assert_eq!(std::fs::read_to_string(other).expect("the file"), "somebody else's");
}

#[test]
fn a_shell_that_asks_is_answered() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        rig.promfed(&["completion", shell]).ends_with(0).prints("PROMFED_COMPLETE");
    }
    let script = "source <(kubectl-promfed completion bash); complete -p kubectl-promfed; \
        COMP_WORDS=(kubectl-promfed stat) COMP_CWORD=1 COMP_TYPE=9; \
        $(complete -p kubectl-promfed | sed 's/.*-F \\([^ ]*\\).*/\\1/') kubectl-promfed stat kubectl-promfed; \
        echo \"${COMPREPLY[@]}\"";
    let ran: Ran = rig.shell(&format!("bash -c '{}'", script.replace('\'', "'\\''"))).ends_with(0);
    assert!(ran.stdout.lines().any(|line| line == "status"), "{ran}");
}
