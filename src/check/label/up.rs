//! `up` carries the label for every target whose samples reach the hub.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::PATIENCE;
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::few;
use crate::check::label::named::sends_nameless;
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::config::jobs;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF404",
    category: Category::Label,
    title: "`up` carries the label",
    subject: Subject::Hub,
    after: &["PF212", "PF307", "PF308", "PF403"],
    page: Page {
        symptom: "`up`, `scrape_duration_seconds` and the like have no `cluster` at the hub, while other series of the same targets may have one. Whether the cluster reports cannot be told then.",
        cause: "The label is set by `metric_relabel_configs`, which these series never pass; or a job comes from `scrape_config_files`; or some Prometheus writes to the hub without an external label.",
        detected: "`count by (job) (up{cluster=\"\"})` at the hub, and how old the newest of these samples is: where none came for two and a half minutes, it is over.",
        fix: "Set the label in `relabel_configs`, or at the sender in `external_labels`. `kubectl promfed hub init` and `agent join` do.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let answer = view.facts.stored.answer(Question::UpWithoutCluster)?;
    let mut lacking: Vec<_> = answer
        .iter()
        .filter_map(|series| Some((series.label("job"), series.number().filter(|count| *count > 0.0)?)))
        .collect();
    if lacking.is_empty() {
        return Ok(Judgement::Holds);
    }
    // An agent without a name is told of by itself.
    let is_nameless =
        |other: &Facts| View::of(other, view.all).is_agent() && sends_nameless(other) == Ok(true);
    if view.others().any(is_nameless) {
        return Ok(Judgement::Moot);
    }
    lacking.sort_by(|one, other| other.1.total_cmp(&one.1));
    let counts: Vec<_> = lacking
        .iter()
        .map(|(job, count)| {
            format!("job {job:?} ({count:.0} {})", if *count > 1.5 { "targets" } else { "target" })
        })
        .collect();
    let config = view.facts.config()?;
    let own: Vec<_> = jobs(config).map(|(_, _, name)| name).collect();
    let (ours, theirs): (Vec<_>, Vec<_>) =
        lacking.iter().map(|(job, _)| *job).partition(|job| own.contains(job));
    let mut finding = match ended(view.facts) {
        Some(age) => Finding::warning(format!(
            "no cluster on up of {}, until {} ago: a query still sees them for five minutes",
            few(&counts),
            seconds(age)
        )),
        None => Finding::error(format!("no cluster on up of {}", few(&counts))),
    };
    if !theirs.is_empty() {
        finding = finding.because(format!(
            "the hub's configuration has no job {}: somebody writes without an external label, or it comes from scrape_config_files",
            few(&theirs)
        ));
    }
    if !ours.is_empty() {
        finding = finding.because(format!(
            "the hub has a job {}: another Prometheus with such a job writes here without an external label",
            few(&ours)
        ));
    }
    let more = view.facts.to_join(None);
    let joining = format!("kubectl promfed agent join --context CONTEXT {more} --cluster-name NAME");
    let more = view.facts.to_read();
    Ok(finding
        .fix(Fix::hand(joining))
        .fix(Fix::hand(format!("to see which: kubectl promfed query 'up{{cluster=\"\"}}' {more}")))
        .into())
}

/// How long ago the newest of these samples was taken, in seconds, where it is so long that no more come.
fn ended(hub: &Facts) -> Option<f64> {
    let answer = hub.stored.answer(Question::NewestWithoutCluster).ok()?;
    let ages = answer.iter().filter_map(|series| Some(series.value.as_ref()?.0 - series.number()?));
    ages.reduce(f64::min).filter(|age| *age > PATIENCE)
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    fn answer() -> Vec<crate::prometheus::api::Series> {
        vec![series(&[("job", "kubelet")], "1"), series(&[("job", "node")], "3")]
    }

    #[test]
    fn the_jobs_are_told_with_their_targets() {
        let findings =
            found("PF404", "admin@hub", &[hub().with_answer(Question::UpWithoutCluster, answer())]);
        assert_eq!(
            findings[0].causes[0],
            "no cluster on up of job \"node\" (3 targets), job \"kubelet\" (1 target)"
        );
        assert!(findings[0].causes[1].starts_with("the hub's configuration has no job node, kubelet"));
    }

    #[test]
    fn what_no_longer_comes_is_a_warning_that_says_since_when() {
        let of = |newest: &str| {
            let newest =
                vec![series(&[("job", "node")], newest), series(&[("job", "kubelet")], "1799999000")];
            let hub = hub()
                .with_answer(Question::UpWithoutCluster, answer())
                .with_answer(Question::NewestWithoutCluster, newest);
            found("PF404", "admin@hub", &[hub]).remove(0)
        };
        assert_eq!(of("1799999900").severity, Severity::Error);
        assert_eq!(of("1799999800").severity, Severity::Warning);
        assert!(of("1799999800").causes[0].contains("until 3m20s ago"), "{:?}", of("1799999800"));
    }

    #[test]
    fn an_agent_without_a_name_explains_it() {
        let agent = agent().with_values(|text| {
            text.replace("        external_labels:\n          cluster: edge\n", "").replace(
                "        relabel_configs:\n        - target_label: cluster\n          replacement: edge\n",
                "",
            )
        });
        let all = [hub().with_answer(Question::UpWithoutCluster, answer()), agent];
        assert_eq!(codes(&all), ["PF401"]);
    }

    #[test]
    fn so_does_one_whose_jobs_name_some_of_its_series() {
        let agent = agent().with_values(|text| {
            text.replace("        external_labels:\n          cluster: edge\n", "").replace(
                "      remote_write:\n",
                "      - job_name: node\n        static_configs: [{targets: [a]}]\n      remote_write:\n",
            )
        });
        let all = [hub().with_answer(Question::UpWithoutCluster, answer()), agent];
        assert_eq!(codes(&all), ["PF401"]);
    }
}
