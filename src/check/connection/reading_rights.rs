//! The user may read what promfed reads.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading, Unread};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

/// How many of them are listed.
const LISTED: usize = 5;

/// The code of what may not be read.
pub const CODE: &str = "PF103";

pub(super) const CHECK: Check = Check {
    code: CODE,
    category: Category::Connection,
    title: "the user may read what promfed reads",
    subject: Subject::Any,
    after: &["PF101"],
    page: Page {
        symptom: "Checks are skipped with words like `may not get secrets`.",
        cause: "The role of the user does not cover all that promfed looks at: PackageInstalls, packages, the Secrets with the values, the workload, its logs, and Prometheus through the proxy of its Service.",
        detected: "Every answer of the API server that was 403.",
        fix: "Ask whoever administers the cluster for what `kubectl promfed rbac viewer --user NAME` prints, or use a context of somebody who has these rights. What may be read is judged all the same.",
        versions: "all",
    },
    judge,
};

#[expect(clippy::unnecessary_wraps, reason = "what a check is: this one needs no single fact")]
fn judge(view: &View<'_>) -> Judged {
    let refused = refused(view.facts);
    let Some(first) = refused.first() else { return Ok(Judgement::Holds) };
    let mut finding = if refused.len() == 1 {
        Finding::warning(format!("not allowed, and not judged: {first}"))
    } else {
        Finding::warning(format!("{} readings are not allowed, and not judged:", refused.len()))
    };
    if refused.len() > 1 {
        for what in refused.iter().take(LISTED) {
            finding = finding.because(what.clone());
        }
    }
    if refused.len() > LISTED {
        finding = finding.because(format!("and {} more", refused.len() - LISTED));
    }
    let finding = finding
        .fix(Fix::hand("kubectl promfed rbac viewer --user NAME   (for whoever administers the cluster)"))
        .fix(Fix::hand("name a user who has these rights with --user, --as or another context"));
    Ok(finding.into())
}

/// What may not be read, each once, in the order of the facts.
fn refused(facts: &Facts) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let api = &facts.api;
    let package = &facts.package;
    let workload = &facts.workload;
    let process = &facts.process;
    let one = [
        of(&api.uid),
        of(&api.packaging),
        of(&api.packages),
        of(&api.contour),
        of(&api.cert_manager),
        of(&package.installs),
        of(&package.values),
        of(&package.schema),
        of(&package.owners),
        of(&package.available),
        of(&package.repositories),
        of(&workload.deployment),
        of(&workload.pods),
        of(&workload.config_map),
        of(&workload.claims),
        of(&workload.ingress),
        of(&workload.crash),
        of(&workload.log),
        of(&workload.reloader_log),
        of(&workload.pods_with_cluster_label),
        of(&workload.certificates),
        of(&process.version),
        of(&process.flags),
        of(&process.config),
        of(&process.runtime),
        of(&process.metrics),
        of(&process.targets),
        of(&process.rules),
        of(&process.probe),
        of(&process.clock_ahead),
        facts.stored.registry.as_ref().and_then(of),
    ];
    let secrets = package.secrets.iter().map(|(_, keys)| of(keys));
    let answers = facts.stored.answers.values().map(of);
    for what in one.into_iter().chain(secrets).chain(answers).flatten() {
        if !all.iter().any(|known| known == what) {
            all.push(what.to_owned());
        }
    }
    all
}

fn of<T>(reading: &Reading<T>) -> Option<&str> {
    match reading {
        Err(Unread::Forbidden(what)) => Some(what),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Unread;
    use crate::check::healthy::{found, hub};
    use crate::check::judgement::Severity;

    fn forbidden<T>(what: &str) -> Result<T, Unread> {
        Err(Unread::Forbidden(what.into()))
    }

    #[test]
    fn what_may_not_be_read_is_told_once() {
        let mut facts = hub();
        facts.package.values = forbidden("get secrets in tkg-system");
        facts.package.secrets = vec![("a".into(), forbidden("get secrets in tkg-system"))];
        let findings = found("PF103", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes, ["not allowed, and not judged: get secrets in tkg-system"]);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn many_are_counted() {
        let mut facts = hub();
        facts.package.owners = forbidden("a");
        facts.package.available = forbidden("b");
        facts.workload.pods = forbidden("c");
        facts.workload.claims = forbidden("d");
        facts.workload.log = forbidden("e");
        facts.process.rules = forbidden("f");
        facts.process.runtime = forbidden("g");
        let findings = found("PF103", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes,
            ["7 readings are not allowed, and not judged:", "a", "b", "c", "d", "e", "and 2 more"]
        );
    }

    #[test]
    fn what_failed_is_not_forbidden() {
        let mut facts = hub();
        facts.workload.log = Err(Unread::Failed("no answer".into()));
        assert_eq!(found("PF103", "admin@hub", &[facts]), []);
    }
}
