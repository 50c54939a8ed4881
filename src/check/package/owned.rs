//! Nobody else owns what the package is about to deploy.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

/// With it kapp knows whose an object is.
const APP: &str = "kapp.k14s.io/app";

pub(super) const CHECK: Check = Check {
    code: "PF215",
    category: Category::Package,
    title: "nobody else owns what the package deploys",
    subject: Subject::BeforeInstall,
    after: &["PF105"],
    page: Page {
        symptom: "The new install fails with `Ownership errors: Resource 'clusterrole/prometheus-server' is already associated with a different app`.",
        cause: "Prometheus is installed already, under another name or from another package. Both would deploy objects of the same names, some of them cluster-wide.",
        detected: "The Prometheus installs of the cluster, and whose the Deployment prometheus-server is.",
        fix: "Go on with the install that is there: `hub init` and `agent join` find it and change it. Or take it away first.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let installs = view.facts.package.installs.as_ref().map_err(Clone::clone)?;
    if let Some(install) = installs.first() {
        let meta = &install.metadata;
        return Ok(Finding::error(format!(
            "{} is installed already, from {} {}",
            install.title(),
            install.spec.package_ref.ref_name,
            install.version()
        ))
        .because("a second install would want the same cluster-wide objects, and fail")
        .fix(Fix::hand(format!(
            "change the one that is there: --name {} -n {} with hub init or agent join",
            meta.name, meta.namespace
        )))
        .fix(view.kubectl(&format!("-n {} delete packageinstall {}", meta.namespace, meta.name)))
        .into());
    }
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let labels = deployment.as_ref().and_then(|deployment| deployment.metadata.labels.as_ref());
    let Some(app) = labels.and_then(|labels| labels.get(APP)) else { return Ok(Judgement::Holds) };
    let namespace = &view.facts.workload.namespace;
    Ok(Finding::error(format!(
        "the Deployment prometheus-server in {namespace} belongs to another app of kapp's (label {APP}={app})"
    ))
    .because("kapp does not take over what belongs to another app")
    .fix(view.kubectl("get apps.kappctrl.k14s.io -A"))
    .into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::healthy::{empty, found_before, hub};

    #[test]
    fn an_install_that_is_there_is_named() {
        let mut facts = empty();
        facts.package.installs = hub().package.installs;
        let findings = found_before("PF215", &facts);
        assert_eq!(
            findings[0].causes[0],
            "tkg-system/prometheus is installed already, from prometheus.kubernetes.vmware.com 3.5.3+vmware.1-vks.1"
        );
    }

    #[test]
    fn only_an_app_s_deployment_is_in_the_way() {
        let mut facts = empty();
        facts.workload.deployment = hub().workload.deployment;
        assert_eq!(found_before("PF215", &facts), []);
        let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut();
        deployment.expect("a Deployment").metadata.labels =
            Some(BTreeMap::from([(super::APP.to_owned(), "1615582804883564000".to_owned())]));
        let findings = found_before("PF215", &facts);
        assert!(findings[0].causes[0].contains("belongs to another app"), "{findings:?}");
    }
}
