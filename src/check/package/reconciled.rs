//! kapp-controller brings the package to where its values want it.

use super::failure::Failure;
use super::{moves, pods, volume};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::package::{PackageInstall, State};

/// How many objects are listed that belong to somebody else.
const LISTED: usize = 4;

/// After this time, in seconds, kapp-controller has looked at an install if it looks at any.
const NOTICED: f64 = 600.0;

pub(super) const CHECK: Check = Check {
    code: "PF207",
    category: Category::Package,
    title: "the package reconciles",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201", "PF202", "PF203", "PF204", "PF205", "PF206"],
    page: Page {
        symptom: "`kubectl get packageinstall` says `Reconcile failed: Error (see .status.usefulErrorMessage for details)`. What ran before goes on, changes do not arrive.",
        cause: "Objects of the package belong to another install (`is already associated with a different app`), the version is older than the last one, the files of the package cannot be fetched, the install's account may not do what is needed, a kind like HTTPProxy is not known to the cluster, or a Deployment does not become ready in kapp's time.",
        detected: "The conditions of the PackageInstall, of its own generation only, and `status.usefulErrorMessage`; for a Deployment that is not ready, its pods.",
        fix: "Each of these has a fix of its own, which is told with the finding.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    let meta = &install.metadata;
    let status = view.kubectl(&format!(
        "-n {} get packageinstall {} -o jsonpath='{{.status.usefulErrorMessage}}'",
        meta.namespace, meta.name
    ));
    Ok(match install.state() {
        State::Succeeded | State::Paused => Judgement::Holds,
        State::Reconciling => unnoticed(view, install).map_or(Judgement::Holds, Judgement::from),
        State::Deleting => {
            let finding = match install.status_of_deletion() {
                State::Failed(words) => {
                    Finding::error(format!("it is to be deleted, and cannot be: {words}"))
                        .verdict(Verdict::Failed)
                }
                _ => Finding::warning("it is being deleted"),
            };
            finding.fix(status).into()
        }
        State::Failed(_) => match Failure::of(view)? {
            // Nothing is wrong with the package.
            Some(failure @ Failure::Hiccup(_)) => explained(view, failure).fix(status).into(),
            // What is waited for is the pod itself, and told already.
            Some(failure @ Failure::Waiting { .. }) => {
                explained(view, failure).verdict(Verdict::Failed).fix(status).into()
            }
            Some(failure) => {
                let finding = pods::also_down(view, explained(view, failure));
                finding.verdict(Verdict::Failed).fix(status).into()
            }
            None => Judgement::Holds,
        },
    })
}

/// One that nobody has looked at, though there was time.
fn unnoticed(view: &View<'_>, install: &PackageInstall) -> Option<Finding> {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
    let made = install.metadata.creation_timestamp?.as_second() as f64;
    let age = view.facts.now - made;
    let is_new = install.status.observed_generation == 0 && install.status.conditions.is_empty();
    (is_new && age > NOTICED).then(|| {
        Finding::error(format!(
            "kapp-controller has not looked at it since it was made, {} ago",
            seconds(age)
        ))
        .verdict(Verdict::Failed)
        .fix(view.kubectl("get pods -A -l app=kapp-controller"))
    })
}

fn explained(view: &View<'_>, failure: Failure) -> Finding {
    match failure {
        Failure::Owned(all) => of_owned(view, &all),
        Failure::Downgrade { wanted, last } => {
            let finding = Finding::error(format!("{wanted} is older than {last}, which was there before"))
                .because("kapp-controller goes back only where the install allows it; what the newer version stored may not be readable");
            let stay = moves::offered(view).iter().any(|package| package.spec.version == last);
            let finding = match moves::to(view, &last).filter(|_| stay) {
                Some(fix) => finding.fix(fix),
                None => finding,
            };
            match view.role() {
                Some(_) => {
                    finding.fix(view.again(&format!("--package-version {wanted} --allow-downgrade")))
                }
                None => finding,
            }
        }
        Failure::Fetching(words) => Finding::error(format!("the files of the package cannot be had: {words}"))
            .fix(Fix::hand("see whether the nodes reach the registry, and whether its credentials are exported to this namespace")),
        Failure::Rights(words) => {
            let account = view.install().map_or("", |install| install.spec.service_account_name.as_str());
            Finding::error(format!("the install's account {account} may not do what is needed: {words}"))
                .fix(Fix::hand(format!("give the ServiceAccount {account} the rights of the package back, or make it again")))
        }
        Failure::NoKind(kind) => {
            let finding = Finding::error(format!("the cluster does not know {kind}, which the package brings"));
            let is_of_ingress = kind.contains("projectcontour.io") || kind.contains("cert-manager.io");
            if !is_of_ingress {
                return finding;
            }
            let finding = finding.fix(Fix::hand("install the Contour and cert-manager packages: ingress.enabled needs both"));
            if view.is_hub() { finding.fix(view.again("--no-ingress")) } else { finding }
        }
        Failure::Claim(words) => Finding::error(format!("the volume cannot become what the values ask for: {words}"))
            .because("a claim can grow where its storage class allows it, and nothing else of it can change")
            .fix(Fix::hand("give prometheus.pvc in the values the size and the class that the claim has"))
            .fix(view.kubectl(&format!("-n {} get pvc prometheus-server", view.facts.workload.namespace))),
        Failure::Waiting { object, words } => of_waiting(view, &object, &words),
        Failure::Values => Finding::error("ytt does not take the values"),
        Failure::NoVersion(_) => Finding::error("no version of the package fits"),
        Failure::Hiccup(words) => Finding::warning(format!("kapp-controller stumbled, and tries again: {words}"))
            .because("it lost the end of a process that it had begun, which says nothing of the package"),
        Failure::Other(words) => Finding::error(words),
    }
}

fn of_owned(view: &View<'_>, all: &[(String, String)]) -> Finding {
    let Some((_, owner)) = all.first() else {
        return Finding::error("objects of the package belong to another install");
    };
    let finding = Finding::error(format!("{owner} owns {} of its objects", all.len()));
    let finding =
        all.iter().take(LISTED).fold(finding, |finding, (object, _)| finding.because(object.clone()));
    let more = all.len().saturating_sub(LISTED);
    let finding = if more > 0 { finding.because(format!("and {more} more")) } else { finding };
    match app(owner) {
        Some((name, namespace)) => {
            finding.fix(view.kubectl(&format!("-n {namespace} delete packageinstall {name}")))
        }
        None => finding.fix(view.kubectl("get packageinstalls -A")),
    }
}

/// `app 'x.app' namespace: y`: the App of the PackageInstall x. Older versions call it `x-ctrl`.
fn app(owner: &str) -> Option<(&str, &str)> {
    let name = owner.split('\'').nth(1)?;
    let name = name.strip_suffix(".app").or_else(|| name.strip_suffix("-ctrl"))?;
    let namespace = owner.split("namespace: ").nth(1)?.trim();
    (!namespace.is_empty()).then_some((name, namespace))
}

/// What kapp waits for is mostly a pod, and that says more than kapp does.
fn of_waiting(view: &View<'_>, object: &str, words: &str) -> Finding {
    let told = if object.is_empty() {
        format!("kapp waited for its objects in vain: {words}")
    } else {
        format!("{object} does not become ready: {words}")
    };
    if object != "deployment/prometheus-server" && !object.is_empty() {
        let namespace = &view.facts.workload.namespace;
        return Finding::error(told).fix(view.kubectl(&format!("-n {namespace} describe {object}")));
    }
    let workload = &view.facts.workload;
    let mut lines = pods::troubles(workload);
    let fix = pods::fix(view, &lines);
    let shared = workload.deployment.as_ref().ok().and_then(Option::as_ref).and_then(volume::shared);
    lines.extend(shared.clone());
    lines.push(told);
    let mut finding = Finding { causes: lines, ..Finding::error("") };
    if shared.is_some() {
        finding = finding.fix(volume::fix(view));
    }
    finding.fix(fix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{codes, failed, found, hub};
    use crate::check::judgement::{Finding, Severity, Verdict};

    fn one(facts: Facts) -> Finding {
        assert_eq!(codes(std::slice::from_ref(&facts)), ["PF207"]);
        found("PF207", "admin@hub", &[facts]).remove(0)
    }

    #[test]
    fn objects_of_another_install_are_named_with_it() {
        let message = "kapp: Error: Ownership errors:\n- Resource 'clusterrole/prometheus-server (rbac.authorization.k8s.io/v1) cluster' is already associated with a different app 'prom.app' namespace: default (label 'kapp.k14s.io/app=1')";
        let finding = one(failed(hub(), message));
        assert_eq!(
            finding.causes,
            ["app 'prom.app' namespace: default owns 1 of its objects", "clusterrole/prometheus-server"]
        );
        assert_eq!(
            finding.fixes[0].command,
            "kubectl --context admin@hub -n default delete packageinstall prom"
        );
        assert_eq!(finding.verdict, Some(Verdict::Failed));
    }

    #[test]
    fn a_downgrade_can_be_given_up_or_allowed() {
        let message = "Stopped installing matched version '2.53.4+vmware.1-tkg.1' since last attempted version '3.5.3+vmware.1-vks.1' is higher.";
        let finding = one(failed(hub(), message));
        let commands: Vec<_> = finding.fixes.iter().map(|fix| fix.command.as_str()).collect();
        assert!(commands[0].ends_with("--package-version 3.5.3+vmware.1-vks.1"), "{commands:?}");
        assert!(commands[1].ends_with("--package-version 2.53.4+vmware.1-tkg.1 --allow-downgrade"));
    }

    #[test]
    fn what_kapp_waits_for_is_told_by_the_pod() {
        let message = "kapp: Error: waiting on reconcile deployment/prometheus-server (apps/v1) namespace: x:\n  Finished unsuccessfully (Deployment is not progressing: ProgressDeadlineExceeded)";
        let mut facts = failed(hub(), message);
        let pod = json!({"metadata": {"name": "p"}, "status": {"conditions": [
            {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}]}});
        facts.workload.pods = Ok(vec![serde_json::from_value(pod).expect("a pod")]);
        let finding = one(facts);
        assert_eq!(
            finding.causes,
            [
                "pod p has no node: 0/3 nodes are available",
                "deployment/prometheus-server does not become ready: Deployment is not progressing: ProgressDeadlineExceeded"
            ]
        );
    }

    #[test]
    fn a_prometheus_that_is_down_beside_it_is_told_with_it() {
        let mut facts = failed(hub(), "kapp: Error: something new");
        facts.process.version = Err(Unread::Failed("no pod behind the Service is ready".into()));
        facts.workload.pods = Ok(Vec::new());
        let finding = one(facts);
        assert_eq!(
            finding.causes[1],
            "and Prometheus does not answer: there is no pod of Prometheus in tanzu-system-monitoring"
        );
    }

    #[test]
    fn a_failure_that_is_the_controllers_own_is_a_warning() {
        let finding = one(failed(hub(), "Fetching resources: waitid: no child processes"));
        assert_eq!((finding.severity, finding.verdict), (Severity::Warning, None));
    }

    #[test]
    fn a_kind_of_the_ingress_can_be_done_without() {
        let finding = one(failed(
            hub(),
            "kapp: Error: Expected to find kind 'projectcontour.io/v1/HTTPProxy', but did not:\n- x",
        ));
        assert!(finding.fixes[1].command.ends_with("--no-ingress"), "{finding:?}");
    }

    #[test]
    fn one_that_nobody_looks_at_is_told_after_a_while() {
        let mut facts = hub();
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.status.observed_generation = 0;
        install.status.conditions.clear();
        install.metadata.creation_timestamp = jiff::Timestamp::from_second(1_799_999_940).ok();
        assert_eq!(found("PF207", "admin@hub", &[facts.clone()]), []);
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.metadata.creation_timestamp = jiff::Timestamp::from_second(1_799_998_800).ok();
        let findings = found("PF207", "admin@hub", &[facts]);
        assert!(findings[0].causes[0].ends_with("20m ago"), "{findings:?}");
    }

    #[test]
    fn a_failure_of_an_earlier_generation_is_not_believed() {
        let mut facts = failed(hub(), "kapp: Error: x");
        facts.package.installs.as_mut().expect("installs")[0].metadata.generation = 2;
        assert_eq!(found("PF207", "admin@hub", &[facts]), []);
    }
}
