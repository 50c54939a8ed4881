//! Whoever has the roles that `rbac` prints can do what they are for, and has no right that nothing needs.

use promfed_sandbox::Offer;
use promfed_sandbox::access::{Attributes, Question, Rule, Subject};
use serde_json::Value;

use crate::readme::shape;
use crate::support::{HUB_INIT, Ran, Rig, eventually};

const JOIN: [&str; 8] =
    ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub", "--cluster-name", "edge"];

/// One right: a rule of one verb on one resource of one name, where it holds.
struct Right {
    namespace: Option<String>,
    rule: Rule,
}

impl Right {
    /// Those that the printed roles have.
    fn all(printed: &Value) -> Vec<Self> {
        let objects = printed["items"].as_array().expect("a list").iter();
        let rules = objects.flat_map(|role| {
            let namespace = role["metadata"]["namespace"].as_str().map(str::to_owned);
            let own = role["rules"].as_array().into_iter().flatten().map(Rule::read);
            own.map(move |rule| (namespace.clone(), rule))
        });
        rules.flat_map(|(namespace, rule)| Self::of(namespace.as_ref(), &rule)).collect()
    }

    fn of(namespace: Option<&String>, rule: &Rule) -> Vec<Self> {
        let names = if rule.names.is_empty() {
            vec![vec![]]
        } else {
            rule.names.iter().map(|n| vec![n.clone()]).collect()
        };
        let one = |verb: &String, names: &Vec<String>| Self {
            namespace: namespace.cloned(),
            rule: Rule { verbs: vec![verb.clone()], names: names.clone(), ..rule.clone() },
        };
        rule.verbs.iter().flat_map(|verb| names.iter().map(move |names| one(verb, names))).collect()
    }

    fn answers(&self, question: &Question) -> bool {
        let Some(group) = question.group.as_deref() else { return false };
        let (resource, subresource) = match question.resource.split_once('/') {
            Some((resource, part)) => (resource, Some(part)),
            None => (question.resource.as_str(), None),
        };
        let namespace = question.namespace.as_deref();
        let subject =
            Subject::Resource { group, resource, subresource, namespace, name: question.name.as_deref() };
        let holds_there = self.namespace.is_none() || self.namespace == question.namespace;
        holds_there && self.rule.allows(&Attributes { verb: &question.verb, subject })
    }
}

/// The rights of a role that nothing asked for, or that another right of it gives too.
fn idle(rights: &[Right], questions: &[Question]) -> Vec<String> {
    let answered: Vec<Vec<usize>> = questions
        .iter()
        .map(|question| (0..rights.len()).filter(|right| rights[*right].answers(question)).collect())
        .collect();
    let alone = |right: usize| answered.iter().any(|by| *by == [right]);
    let idle = (0..rights.len()).filter(|right| !alone(*right));
    idle.map(|right| format!("{:?}: {:?}", rights[right].namespace, rights[right].rule)).collect()
}

/// What was asked for in vain. That installs are looked for everywhere, and then where they should be, is not.
fn in_vain(questions: &[Question]) -> Vec<&Question> {
    let everywhere = |question: &Question| {
        question.verb == "list" && question.resource == "packageinstalls" && question.namespace.is_none()
    };
    questions.iter().filter(|question| !question.allowed && !everywhere(question)).collect()
}

/// Prints a role with kubectl's words for whom, and applies it as somebody who may.
fn granted(rig: &Rig, cluster: &str, role: &[&str]) -> Vec<Right> {
    let print = [&["rbac"], role].concat();
    let file = rig.file("roles.yaml", &rig.promfed(&print).ends_with(0).stdout);
    let context = format!("admin@{cluster}");
    // The package brings its namespace; a Role in it has to be there before.
    rig.kubectl(&["create", "namespace", "tanzu-system-monitoring", "--context", &context]);
    rig.kubectl(&["apply", "--context", &context, "-f", &file]).ends_with(0);
    Right::all(&rig.promfed(&[&print[..], &["-o", "json"]].concat()).ends_with(0).json())
}

/// The role was enough for all that was done, and nothing of it was too much.
#[track_caller]
fn just_enough(rig: &Rig, cluster: &str, user: &str, rights: &[Right]) {
    let Some(questions) = rig.questions(cluster, user) else { return };
    assert_eq!(in_vain(&questions), Vec::<&Question>::new(), "{user} lacks rights");
    assert_eq!(idle(rights, &questions), Vec::<String>::new(), "{user} has rights that nothing needs");
}

fn by(rig: &Rig, user: &str, args: &[&str]) -> Ran {
    rig.promfed(&[args, &["--as", user]].concat())
}

#[test]
fn roles_are_enough_and_not_too_much() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let hub = granted(&rig, "hub", &["hub", "--user", "ann"]);
    let agent = granted(&rig, "edge", &["agent", "--user", "ann"]);
    let ann = |args: &[&str]| by(&rig, "ann", args);

    for command in [&HUB_INIT[..], &JOIN] {
        ann(&[command, &["--package-version", "2.53.4"]].concat()).ends_with(0);
    }
    viewers(&rig);

    // What a hub and an agent are changed by.
    let credentials = |args: &[&str], file: &str| {
        let file = rig.file(file, "");
        std::fs::remove_file(&file).expect("room for the file");
        ann(&[args, &["--join-file", &file, "--context", "admin@hub"]].concat()).ends_with(0);
    };
    credentials(&["hub", "credentials", "create", "other"], "other.join");
    credentials(&["hub", "credentials", "rotate", "other"], "rotated.join");
    credentials(&["hub", "join-command", "--cluster-name", "third"], "third.join");
    let bad =
        rig.file("bad.yaml", "prometheus:\n  deployment:\n    containers:\n      args: [--no-such-flag]\n");
    let roles = [(&HUB_INIT[..], "admin@hub"), (&JOIN[..], "admin@edge")];
    // Where nobody counts which rights were used, a crash is not worth the minutes that kapp waits for it.
    let counted = roles.into_iter().filter(|_| rig.questions("hub", "ann").is_some());
    for (command, context) in counted {
        // Another version is moved to in a pause, and the log of a crash is read.
        let crash = ["--values", &bad, "--package-version", "3.5.0", "--yes", "--force"];
        ann(&[command, &crash].concat()).ends_with(1).says("no-such-flag");
        ann(&["rollback", "--context", context, "--yes", "--timeout", "75s"]).ends_with(0);
    }
    // It needs another certificate when it joins again.
    ann(&["hub", "credentials", "revoke", "edge", "--yes", "--context", "admin@hub"]).ends_with(0);
    ann(&[&JOIN[..], &["--yes", "--wait=false"]].concat()).ends_with(0);
    ann(&["agent", "leave", "--context", "admin@edge", "--hub-context", "admin@hub", "--yes"]).ends_with(0);
    ann(&["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--force"]).ends_with(0);
    just_enough(&rig, "hub", "ann", &hub);
    just_enough(&rig, "edge", "ann", &agent);
}

/// A viewer sees what an administrator sees.
fn viewers(rig: &Rig) {
    let change =
        ["diff", "hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--retention", "30d"];
    granted(rig, "hub", &["viewer", "--user", "eve"]);
    assert_eq!(by(rig, "eve", &change).ends_with(1).stdout, rig.promfed(&change).stdout);
    by(rig, "eve", &["history", "--context", "admin@hub"])
        .ends_with(1)
        .says("user \"eve\" may not list secrets in namespace \"tkg-system\"")
        .says("hint: kubectl promfed rbac viewer --with-history --user eve");

    granted(rig, "edge", &["viewer", "--user", "eve"]);
    let role = ["role", "prometheus-tkg-system-promfed-viewer", "-n", "tanzu-system-monitoring"];
    rig.kubectl(&[&["delete", "--context", "admin@edge"], &role[..]].concat()).ends_with(0);
    by(rig, "eve", &["status", "--contexts", "admin@hub,admin@edge", "-o", "wide"])
        .prints("UNKNOWN")
        .prints("get services/proxy in tanzu-system-monitoring");

    let hub = granted(rig, "hub", &["viewer", "--with-history", "--user", "bob"]);
    granted(rig, "edge", &["viewer", "--with-history", "--user", "bob"]);
    let both = "admin@hub,admin@edge";
    let reads: [&[&str]; 14] = [
        &["status", "--contexts", both],
        &["check", "--contexts", both],
        &["flags", "--contexts", both],
        &["hub", "status", "--context", "admin@hub"],
        &["hub", "credentials", "list", "--context", "admin@hub"],
        &["agent", "status", "--context", "admin@edge"],
        &["clusters", "--context", "admin@hub", "-o", "wide"],
        &["query", "--context", "admin@hub", "count(up) by (cluster)"],
        &["rules", "--context", "admin@hub"],
        &["history", "--context", "admin@hub"],
        &["version", "--context", "admin@edge"],
        &change,
        &[
            "diff",
            "agent",
            "join",
            "--context",
            "admin@edge",
            "--hub-context",
            "admin@hub",
            "--cluster-name",
            "edge",
        ],
        &["diff", "rollback", "--context", "admin@hub"],
    ];
    for args in reads {
        let seen = |ran: Ran| (ran.code, shape(&ran.stdout), shape(&ran.stderr));
        eventually(&format!("a viewer sees the same: {args:?}"), || {
            seen(by(rig, "bob", args)) == seen(rig.promfed(args))
        });
    }
    just_enough(rig, "hub", "bob", &hub);
}

#[test]
fn whoever_brings_an_account_gives_nobody_rights() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.offer(Offer::Nothing));
    let more = [
        "--service-account-name",
        "mine",
        "--repository",
        "registry.local/prometheus-repo:v1",
        "--wait=false",
    ];
    let init = [&HUB_INIT[..], &more].concat();
    by(&rig, "ann", &init)
        .ends_with(1)
        .says("user \"ann\" may not list packageinstalls")
        .says("hint: kubectl promfed rbac hub --user ann");
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: mine, namespace: tkg-system}\n";
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &rig.file("account.yaml", account)]).ends_with(0);
    let rights = granted(
        &rig,
        "hub",
        &["hub", "--user", "ann", "--service-account-name", "mine", "--with-repository"],
    );
    by(&rig, "ann", &init).ends_with(0);

    let install = ["get", "packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@hub", "-o"];
    let name = rig.kubectl(&[&install[..], &["jsonpath={.spec.serviceAccountName}"]].concat()).ends_with(0);
    assert_eq!(name.stdout, "mine");
    rig.kubectl(&["get", "clusterrole", "prometheus-tkg-system-cluster-role", "--context", "admin@hub"])
        .ends_with(1);
    let Some(questions) = rig.questions("hub", "ann") else { return };
    let unused = idle(&rights, &questions);
    assert!(!unused.iter().any(|right| right.contains("packagerepositories")), "{unused:?}");
}

#[test]
fn a_role_that_is_bound_to_nobody_says_so() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.promfed(&["rbac", "agent"]).ends_with(0).says("bound to nobody").prints("kind: ClusterRole\n");
    let bound =
        rig.promfed(&["rbac", "agent", "--group", "ops", "--serviceaccount", "ci:robot"]).ends_with(0);
    assert_eq!(bound.stderr, "");
    rig.promfed(&["rbac", "agent", "--serviceaccount", "robot"]).ends_with(2).says("NAMESPACE:NAME");
}
