//! The cluster's name is a name, and no variable that nothing replaced.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::label::names::rename;
use crate::check::view::View;
use crate::prometheus::Expansion;
use crate::prometheus::config::{external_cluster, remote_write_urls};

pub(super) const CHECK: Check = Check {
    code: "PF402",
    category: Category::Label,
    title: "the cluster's name is a name and no variable",
    subject: Subject::Any,
    after: &["PF307", "PF308"],
    page: Page {
        symptom: "The hub has a cluster called `${CLUSTER_NAME}`, or series without any cluster; the log of 3.x warns of an `Empty environment variable`.",
        cause: "An external label holds a variable. Before 3.0 it stays as it is written unless `--enable-feature=expand-external-labels` is on; from 3.0 on it is replaced, by nothing where the container has no such variable. The package cannot set variables of the container.",
        detected: "`global.external_labels.cluster` of the loaded configuration, in which variables are replaced already, and of the values.",
        fix: "Write the name itself: `kubectl promfed agent join --cluster-name NAME` does. A dollar sign that is meant as one is written `$$` where variables are replaced.",
        versions: "replaced by feature name 2.27 to 2.55, always since 3.0, never before 2.27",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    let loaded = facts.process.config.as_ref().map_err(Clone::clone)?;
    let written = facts.desired_config().ok();
    let written = written.and_then(external_cluster).unwrap_or_default();
    let name = external_cluster(loaded).unwrap_or_default();
    if name.is_empty() && written.is_empty() {
        return Ok(Judgement::Moot);
    }
    // A hub that writes nowhere shows its external labels in alerts only.
    let leaves = !view.is_hub() || remote_write_urls(loaded).next().is_some();
    let make = if leaves { Finding::error } else { Finding::warning };
    let finding = if variable(name).is_some() {
        let finding = make(format!("the name is the text {name:?}: nothing replaces the variable"));
        match facts.capabilities().map(|version| (version.external_label_expansion(), version.version())) {
            Ok((Expansion::FeatureName, version)) => finding.because(format!(
                "Prometheus {version} replaces it with --enable-feature=expand-external-labels only"
            )),
            Ok((Expansion::Never, version)) => {
                finding.because(format!("Prometheus {version} replaces none in external labels"))
            }
            _ => finding,
        }
    } else if let Some(variable) = variable(written).filter(|_| name.is_empty()) {
        make(format!(
            "the name is empty: the values say {written:?}, and Prometheus has no variable {variable}"
        ))
    } else if variable(written) == Some("HOSTNAME") {
        Finding::warning(format!("the name is the pod's ({name:?}), and another one after every restart"))
    } else {
        return Ok(Judgement::Holds);
    };
    let shares = |other: &&crate::check::facts::Facts| {
        other.process.config.as_ref().is_ok_and(|config| external_cluster(config) == Some(name))
    };
    let finding = match view.others().filter(|_| leaves && !name.is_empty()).find(shares) {
        Some(other) => finding
            .because(format!("context {:?} writes under the same text", other.context))
            .verdict(Verdict::Twins),
        None if leaves => finding.verdict(Verdict::Ghost),
        None => finding,
    };
    Ok(finding.fix(rename(facts, view.all, "NAME")).into())
}

/// The first variable in a text: `${NAME}` or `$NAME`, while `$$` is a dollar sign.
pub(super) fn variable(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('$')? + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('{').unwrap_or(rest);
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        if end > 0 {
            return Some(&inner[..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::variable;
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Verdict;

    fn with_name(name: &str) -> Facts {
        let name = name.to_owned();
        agent().with_values(|text| {
            text.replace(
                "external_labels:\n          cluster: edge",
                &format!("external_labels:\n          cluster: '{name}'"),
            )
        })
    }

    fn loaded(mut facts: Facts, name: &str) -> Facts {
        facts.process.config.as_mut().expect("a configuration")["global"]["external_labels"]["cluster"] =
            name.into();
        facts
    }

    #[test]
    fn a_variable_that_stays_is_the_name() {
        let all = [hub(), with_name("${CLUSTER}").with_version("2.53.4")];
        let findings = found("PF402", "admin@edge", &all);
        assert_eq!(
            findings[0].causes[0],
            "the name is the text \"${CLUSTER}\": nothing replaces the variable"
        );
        assert!(findings[0].causes[1].contains("2.53.4 replaces it with --enable-feature"), "{findings:?}");
        assert_eq!(findings[0].verdict, Some(Verdict::Ghost));
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name NAME"
        );
    }

    #[test]
    fn a_variable_that_is_not_there_makes_the_name_empty() {
        let all = [hub(), loaded(with_name("$CLUSTER"), "")];
        let findings = found("PF402", "admin@edge", &all);
        assert!(findings[0].causes[0].ends_with("Prometheus has no variable CLUSTER"), "{findings:?}");
        assert!(!codes(&all).contains(&"PF401"));
    }

    #[test]
    fn two_that_write_under_the_same_text_are_twins() {
        let mut other = with_name("${CLUSTER}").with_version("2.53.4");
        other.context = "admin@lab".into();
        other.api.uid = Ok("uid-of-lab".into());
        let all = [hub(), with_name("${CLUSTER}").with_version("2.53.4"), other];
        let findings = found("PF402", "admin@edge", &all);
        assert!(findings[0].causes.iter().any(|cause| cause.contains("admin@lab")), "{findings:?}");
        assert_eq!(findings[0].verdict, Some(Verdict::Twins));
        assert!(found("PF405", "admin@edge", &all).is_empty());
    }

    #[test]
    fn a_variable_that_was_replaced_is_none() {
        assert!(found("PF402", "admin@edge", &[hub(), loaded(with_name("${CLUSTER}"), "edge")]).is_empty());
        assert_eq!(
            found("PF402", "admin@edge", &[hub(), loaded(with_name("${HOSTNAME}"), "pod-1")]).len(),
            1
        );
    }

    #[test]
    fn two_dollar_signs_are_one() {
        assert_eq!([variable("a$$b"), variable("$"), variable("a")], [None; 3]);
        assert_eq!([variable("x-${A_1}-$B"), variable("$$$C")], [Some("A_1"), Some("C")]);
    }
}
