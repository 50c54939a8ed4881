//! An agent that is stopped has time to send what waits.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

/// For so many seconds a stopping agent tries to send (`storage.remote.flush-deadline`).
const FLUSH: i64 = 60;

pub(super) const CHECK: Check = Check {
    code: "PF713",
    category: Category::Capacity,
    title: "a stopping agent has time to send",
    subject: Subject::Agent,
    after: &["PF101", "PF201"],
    page: Page {
        symptom: "Each restart of an agent leaves a small hole in the graphs of its cluster.",
        cause: "A stopping agent tries for a minute to send what waits, and is killed before that. What it had not sent then is never sent.",
        detected: "`terminationGracePeriodSeconds` of the Deployment; the package has 300.",
        fix: "Set it to 60 or more by a ytt overlay, or take the overlay away that made it less.",
        versions: "all agents",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let pod = deployment.as_ref().and_then(|deployment| deployment.spec.as_ref()?.template.spec.as_ref());
    match pod.and_then(|pod| pod.termination_grace_period_seconds) {
        Some(grace) if grace < FLUSH => Ok(Finding::warning(format!(
            "it is killed {grace}s after it was told to stop, and sends for up to {FLUSH}s"
        ))
        .fix(Fix::hand("set terminationGracePeriodSeconds to 60 or more by a ytt overlay"))
        .into()),
        Some(_) => Ok(Judgement::Holds),
        None => Ok(Judgement::Moot),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found};

    fn with_grace(seconds: Option<i64>) -> Facts {
        let mut agent = agent();
        let deployment = agent.workload.deployment.as_mut().expect("read").as_mut().expect("a Deployment");
        let pod = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).expect("a pod");
        pod.termination_grace_period_seconds = seconds;
        agent
    }

    #[test]
    fn a_short_time_is_told() {
        let findings = found("PF713", "admin@edge", &[with_grace(Some(30))]);
        assert_eq!(
            findings[0].causes[0],
            "it is killed 30s after it was told to stop, and sends for up to 60s"
        );
    }

    #[test]
    fn a_minute_is_enough_and_what_is_not_known_no_finding() {
        assert_eq!(found("PF713", "admin@edge", &[with_grace(Some(60))]), []);
        assert_eq!(found("PF713", "admin@edge", &[with_grace(None)]), []);
    }
}
