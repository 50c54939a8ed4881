//! Every target is scraped.

use std::collections::BTreeMap;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::promql::Question;

/// How many jobs are told, the worst first.
const TOLD: usize = 5;

pub(super) const CHECK: Check = Check {
    code: "PF514",
    category: Category::Delivery,
    title: "every target is scraped",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "Some metrics of a cluster are missing, and `up` is 0 for a job.",
        cause: "The target does not run, listens elsewhere, or wants credentials. The package's own configuration scrapes kube-state-metrics at a fixed address, which is wrong where the package is deployed to another namespace or without it.",
        detected: "Of an agent: the targets that it scrapes, and why the last scrape failed. Of a hub: `up == 0` of its own cluster.",
        fix: "Correct the address in `scrape_configs`, or take the job out.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let mut lines = if view.is_agent() {
        of_agent(view)?
    } else if view.is_hub() {
        of_hub(view)?
    } else {
        return Ok(Judgement::Moot);
    };
    lines.sort_by_key(|(down, _)| std::cmp::Reverse(*down));
    let more = lines.len().saturating_sub(TOLD);
    let mut lines = lines.into_iter().map(|(_, line)| line).take(TOLD);
    let Some(first) = lines.next() else { return Ok(Judgement::Holds) };
    let finding = lines.fold(Finding::warning(first), Finding::because);
    let finding = if more > 0 { finding.because(format!("and {more} more jobs")) } else { finding };
    let namespace = &view.facts.workload.namespace;
    Ok(finding.fix(view.kubectl(&format!("get pods,endpoints -n {namespace}"))).into())
}

type Lines = Result<Vec<(usize, String)>, crate::check::facts::Unread>;

fn of_agent(view: &View<'_>) -> Lines {
    let targets = view.facts.process.targets.as_ref().map_err(Clone::clone)?;
    // All of a job, those that are down, and why the first of them is.
    let mut jobs: BTreeMap<&str, (usize, usize, &str)> = BTreeMap::new();
    for target in targets {
        let job = jobs.entry(&target.scrape_pool).or_default();
        job.0 += 1;
        if target.health == "down" {
            job.1 += 1;
            if job.2.is_empty() {
                job.2 = &target.last_error;
            }
        }
    }
    let down = jobs.into_iter().filter(|(_, (_, down, _))| *down > 0);
    Ok(down
        .map(|(job, (all, down, why))| (down, format!("job {job}: {down} of {all} down: {why}")))
        .collect())
}

fn of_hub(view: &View<'_>) -> Lines {
    let own = view.facts.cluster_name().unwrap_or_default();
    let down = view.facts.stored.answer(Question::TargetsDown)?.iter();
    let own = down.filter(|series| series.label("cluster") == own);
    Ok(own
        .filter_map(|series| {
            let number = series.number().filter(|number| *number >= 1.0)?;
            let line = format!("job {}: {number:.0} down", series.label("job"));
            format!("{number:.0}").parse().ok().map(|count| (count, line))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    fn with_target(health: &str) -> Facts {
        let mut agent = agent();
        let targets = agent.process.targets.as_mut().expect("targets");
        let mut other = targets[0].clone();
        health.clone_into(&mut other.health);
        other.last_error = "connection refused".into();
        targets.push(other);
        agent
    }

    #[test]
    fn a_job_is_told_with_its_number_and_the_reason() {
        let findings = found("PF514", "admin@edge", &[with_target("down")]);
        assert_eq!(findings[0].causes, ["job prometheus: 1 of 2 down: connection refused"]);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn one_that_was_not_scraped_yet_is_not_down() {
        assert_eq!(found("PF514", "admin@edge", &[with_target("unknown")]), []);
    }

    #[test]
    fn a_hub_tells_its_own_only_and_the_worst_first() {
        let down = |cluster, job, count| series(&[("cluster", cluster), ("job", job)], count);
        let answer = vec![down("hub", "a", "1"), down("hub", "b", "12"), down("edge", "c", "30")];
        let findings = found("PF514", "admin@hub", &[hub().with_answer(Question::TargetsDown, answer)]);
        assert_eq!(findings[0].causes, ["job b: 12 down", "job a: 1 down"]);
    }
}
