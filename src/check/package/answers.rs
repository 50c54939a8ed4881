//! Prometheus answers.

use super::pods;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF212",
    category: Category::Package,
    title: "Prometheus answers",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF202", "PF203", "PF206", "PF207"],
    page: Page {
        symptom: "`status` says DOWN. The Service prometheus-server has no endpoints, or its pod does not answer.",
        cause: "No pod runs: it is scaled to 0, has no node, or cannot get its image or its volume. Or it runs and is not ready: after a crash it reads its write-ahead log first, which can take many minutes.",
        detected: "The version of Prometheus was asked for through the API server, by the Service prometheus-server. Where that failed, the Deployment and its pods.",
        fix: "What Kubernetes says of the pod is told with the finding. A Prometheus that reads its log needs time, and memory.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let words = match &view.facts.process.version {
        Ok(_) => return Ok(Judgement::Holds),
        Err(Unread::Failed(words)) => words,
        Err(other) => return Err(other.clone()),
    };
    if view.facts.receiver.is_some() {
        let finding = Finding::error("it does not answer").because(words.clone()).verdict(Verdict::Down);
        return Ok(finding.fix(view.again("")).into());
    }
    let workload = &view.facts.workload;
    let mut lines = pods::troubles(workload);
    let is_reading = lines.first().is_some_and(|line| line.contains("write-ahead log"));
    let is_scaled = lines.first().is_some_and(|line| line.ends_with("scaled to 0"));
    let fix = pods::fix(view, &lines);
    lines.push(format!("asked for its version: {words}"));
    let finding = Finding { causes: lines, ..Finding::error("") }.verdict(Verdict::Down);
    let namespace = &workload.namespace;
    let finding = if is_reading {
        finding.fix(Fix::hand("wait: it answers when it has read the last segment"))
    } else if is_scaled {
        finding.fix(view.kubectl(&format!("-n {namespace} scale deployment prometheus-server --replicas=1")))
    } else {
        finding.fix(fix)
    };
    Ok(finding.into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{codes, found, hub};
    use crate::check::judgement::Verdict;

    fn silent() -> Facts {
        let mut facts = hub();
        facts.process.version = Err(Unread::Failed("no pod behind the Service is ready".into()));
        facts
    }

    #[test]
    fn one_that_does_not_answer_is_down() {
        let findings = found("PF212", "admin@hub", &[silent()]);
        assert_eq!(findings[0].causes, ["asked for its version: no pod behind the Service is ready"]);
        assert_eq!(findings[0].verdict, Some(Verdict::Down));
    }

    #[test]
    fn kubernetes_reason_comes_first() {
        let mut facts = silent();
        let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut();
        deployment.and_then(|one| one.spec.as_mut()).expect("a spec").replicas = Some(0);
        let findings = found("PF212", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[0], "the Deployment prometheus-server is scaled to 0");
        assert!(findings[0].fixes[0].command.ends_with("--replicas=1"));
    }

    #[test]
    fn one_that_nobody_may_ask_may_be_up() {
        let mut facts = hub();
        facts.process.version = Err(Unread::Forbidden("get services/proxy".into()));
        assert_eq!(codes(&[facts]), ["PF103"]);
    }
}
