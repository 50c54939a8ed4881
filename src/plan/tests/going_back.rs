//! What a plan keeps, and the plans that go back.

use super::*;
use crate::package::{Found, Maker, Names, ObjectKind};

fn author() -> Author {
    Author {
        time: jiff::Timestamp::UNIX_EPOCH,
        user: "admin".into(),
        command: "kubectl promfed".into(),
        promfed: "0.1.0".into(),
    }
}

/// What somebody wrote, in a hand of their own.
const THEIRS: &str = "# mine\nnamespace:   'x' # here\nprometheus:\n    deployment:\n        containers:\n            args: [ --web.enable-lifecycle ]\n";

fn kept(plan: Plan, target: &Target, seen: &Observed, verb: Verb) -> Plan {
    plan.kept(&Keep { history: &seen.history, names: &target.names, verb, author: author() })
}

/// The cluster after a plan was written: its values and its history.
fn written(plan: &Plan, before: &Observed) -> Observed {
    let mut seen = before.clone();
    let mut secrets: Vec<Value> = Vec::new();
    for step in &plan.steps {
        match &step.action {
            Action::Create { manifest } if step.object.kind == ObjectKind::Revision => {
                secrets.push(manifest.clone());
            }
            Action::Update { texts, .. } if !texts.is_empty() => {
                let install = seen.installed.as_mut().expect("an install");
                for text in texts {
                    let source = install
                        .sources
                        .iter_mut()
                        .find(|source| source.location.key == text.title)
                        .expect("a source");
                    assert_eq!(source.text, text.before);
                    source.text.clone_from(&text.after);
                }
            }
            _ => {}
        }
    }
    let mut history = History::read(&secrets);
    assert!(history.unreadable.is_empty());
    seen.history.records.append(&mut history.records);
    seen
}

fn hub_of(before: &Observed, name: &str) -> Observed {
    let intent = HubIntent { name: name.parse().expect("a name"), ..hub() };
    let (target, plan) = plan_hub(&intent, before).expect("a plan");
    written(&kept(plan, &target, before, Verb::HubInit), before)
}

fn text(seen: &Observed) -> &str {
    &seen.installed.as_ref().expect("an install").sources[0].text
}

#[test]
fn a_write_keeps_what_it_changes_first() {
    let before = observed("3.5.0", Some(THEIRS));
    let (target, plan) = plan_hub(&hub(), &before).expect("a plan");
    let plan = kept(plan, &target, &before, Verb::HubInit);
    let verbs: Vec<_> =
        plan.steps.iter().map(|step| (step.action.verb(), step.object.name.as_str())).collect();
    assert_eq!(verbs, [("create", "prometheus.promfed.v1"), ("update", "by-hand")]);
    let Action::Create { manifest } = &plan.steps[0].action else { panic!("a Secret") };
    assert_eq!((&manifest["immutable"], &manifest["stringData"]["before-0"]), (&json!(true), &json!(THEIRS)));
}

#[test]
fn a_plan_that_changes_nothing_keeps_nothing() {
    let seen = hub_of(&observed("3.5.0", Some(THEIRS)), "hub");
    let (target, plan) = plan_hub(&hub(), &seen).expect("a plan");
    assert!(kept(plan, &target, &seen, Verb::HubInit).is_empty());
}

#[test]
fn what_a_killed_run_kept_is_not_kept_twice() {
    let before = observed("3.5.0", Some(THEIRS));
    let after = hub_of(&before, "hub");
    let killed = Observed { history: after.history, ..before };
    let (target, plan) = plan_hub(&hub(), &killed).expect("a plan");
    let plan = kept(plan, &target, &killed, Verb::HubInit);
    assert!(plan.steps.iter().all(|step| step.object.kind != ObjectKind::Revision), "{}", words(&plan));
}

#[test]
fn going_back_over_everything_gives_the_bytes_that_were_there() {
    let before = observed("3.5.0", Some(THEIRS));
    let seen = hub_of(&hub_of(&before, "hub"), "renamed");
    assert_eq!(seen.history.records.len(), 2);
    let (target, plan) = plan_back(&wish(), &seen, 1, Others::Keep).expect("a plan");
    let back = written(&kept(plan, &target, &seen, Verb::Rollback), &seen);
    assert_eq!(text(&back), THEIRS);
    let (target, plan) = plan_back(&wish(), &back, 3, Others::Keep).expect("a plan");
    let again = written(&kept(plan, &target, &back, Verb::Rollback), &back);
    assert_eq!(text(&again), text(&seen));
}

#[test]
fn what_others_added_since_stays() {
    let mut seen = hub_of(&observed("3.5.0", Some(THEIRS)), "hub");
    let source = &mut seen.installed.as_mut().expect("an install").sources[0];
    source.text.insert_str(0, "# theirs, later\n");
    let (_, plan) = plan_back(&wish(), &seen, 1, Others::Keep).expect("a plan");
    assert_eq!(after(&plan), format!("# theirs, later\n{THEIRS}"));
    assert!(plan.warnings[0].contains("is kept"));
    insta::assert_snapshot!(unified(&plan.others[0]), @r"
    @@ values.yaml, changed by somebody else since @@
    +# theirs, later
     # mine
     namespace:   'x' # here
    ");
    let (_, plan) = plan_back(&wish(), &seen, 1, Others::WriteOver).expect("a plan");
    assert_eq!(after(&plan), THEIRS);
}

#[test]
fn lines_that_others_changed_too_stop_it() {
    let mut seen = hub_of(&observed("3.5.0", Some(THEIRS)), "hub");
    let source = &mut seen.installed.as_mut().expect("an install").sources[0];
    source.text =
        source.text.replace("--web.enable-remote-write-receiver", "--web.enable-remote-write-receiver, --x");
    let stopped = plan_back(&wish(), &seen, 1, Others::Keep).expect_err("a conflict");
    let stopped = crate::error::Error::from(stopped);
    assert!(stopped.causes[0].contains("--x") && stopped.hints[0].contains("--force"), "{stopped}");
    let (_, plan) = plan_back(&wish(), &seen, 1, Others::WriteOver).expect("a plan");
    assert_eq!(after(&plan), THEIRS);
}

#[test]
fn only_what_promfed_made_is_taken_away_and_the_package_first() {
    let names = Names::new("prometheus", "tkg-system");
    let mut found: Vec<_> =
        names.around().map(|object| Found { object, maker: Maker::Us }).into_iter().collect();
    found[1].maker = Maker::SomebodyElse;
    found.push(Found { object: names.package_install(), maker: Maker::Us });
    let seen = hub_of(&observed("3.5.0", Some(THEIRS)), "hub");
    let plan = plan_removal(&names, &found, &seen.history);
    insta::assert_snapshot!(words(&plan), @r"
    delete PackageInstall
      - package with all that it deployed, and the samples it stored
    delete ServiceAccount
    unchanged ClusterRole
      = stays somebody else made it
    delete ClusterRoleBinding
    delete Secret
    delete Secret
    delete Secret
    ");
    assert_eq!(plan.steps[0].then, Then::UntilGone);
}

#[test]
fn an_object_of_somebody_elses_is_not_written_over() {
    let mut seen = observed("3.5.0", None);
    let names = Names::new("prometheus", "tkg-system");
    let object = names.around()[1].clone();
    seen.around = vec![Found { object: object.clone(), maker: Maker::SomebodyElse }];
    let (target, plan) = plan_hub(&hub(), &seen).expect("a plan");
    let plan = kept(plan, &target, &seen, Verb::HubInit);
    let step = plan.steps.iter().find(|step| step.object == object).expect("the ClusterRole");
    assert_eq!(step.action, Action::Unchanged);
    let written = written(&plan, &seen);
    assert!(!written.history.records[0].created.contains(&object));
    assert!(written.history.records[0].installed());
}

/// Somebody installed the package without values.
fn bare() -> Observed {
    let mut seen = observed("3.5.0", Some(""));
    seen.installed.as_mut().expect("an install").sources.clear();
    seen
}

#[test]
fn an_install_without_values_gets_a_secret_for_them() {
    let (target, plan) = plan_hub(&hub(), &bare()).expect("a plan");
    let plan = kept(plan, &target, &bare(), Verb::HubInit);
    insta::assert_snapshot!(words(&plan), @r"
    create Secret
      = keeps the values before this
    create Secret
      + flag --web.enable-remote-write-receiver
      + label cluster=hub on jobs own, pods
    update PackageInstall
      + values from Secret prometheus-tkg-system-values
    ");
    let Action::Update { patch, .. } = &plan.steps[2].action else { panic!("an update") };
    assert_eq!(patch["spec"]["values"], json!([{"secretRef": {"name": "prometheus-tkg-system-values"}}]));
}

/// The cluster of `bare` after `hub init`, with what somebody else put into the Secret since.
fn no_longer_bare(more: &str) -> Observed {
    let (target, plan) = plan_hub(&hub(), &bare()).expect("a plan");
    let plan = kept(plan, &target, &bare(), Verb::HubInit);
    let mut seen = written(&plan, &bare());
    let text = seen.history.records[0].texts[0].after.clone() + more;
    let object = Names::new("prometheus", "tkg-system").around()[3].clone();
    let install = seen.installed.as_mut().expect("an install");
    install.sources = vec![ValueSource {
        location: Location { secret: object.name.clone(), key: "values.yaml".into() },
        resource_version: Some("9".into()),
        text,
    }];
    let reference = json!({"secretRef": {"name": object.name}});
    install.install.spec.values = vec![serde_json::from_value(reference).expect("a reference")];
    seen.around = vec![Found { object, maker: Maker::Us }];
    seen
}

#[test]
fn values_that_were_none_are_none_again() {
    let (_, plan) = plan_back(&wish(), &no_longer_bare(""), 1, Others::Keep).expect("a plan");
    insta::assert_snapshot!(words(&plan), @r"
    update PackageInstall
      - values none, as before
    delete Secret
    ");
}

#[test]
fn a_secret_that_others_write_into_is_not_deleted() {
    let refused = plan_back(&wish(), &no_longer_bare("# theirs\n"), 1, Others::Keep);
    assert!(matches!(refused, Err(NoWayBack::Conflict(conflict)) if conflict.text.contains("# theirs")));
}
