//! The agent writes to a hub.

use super::drift::written;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::config::remote_write_urls;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF310",
    category: Category::Flags,
    title: "the agent writes to a hub",
    subject: Subject::Agent,
    after: &["PF303", "PF304"],
    page: Page {
        symptom: "Everything looks well at the agent, no error is logged, and nothing arrives anywhere.",
        cause: "The configuration has no `remote_write`. An agent has no other way to keep what it scrapes, and throws it all away. Only 2.32 refuses to start like that.",
        detected: "`remote_write` in the loaded configuration, and where that cannot be read, in the values.",
        fix: "`kubectl promfed agent join` writes the entry.",
        versions: "2.32 refuses to start; 2.33 and later lose everything",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.config()?;
    if remote_write_urls(config).next().is_some() {
        return Ok(Judgement::Holds);
    }
    let writes = |config: &serde_json::Value| remote_write_urls(config).next().is_some();
    if written(view).is_ok_and(|config| writes(&config)) {
        // It is there, and not loaded yet: that is what the checks of loading tell.
        return Ok(Judgement::Moot);
    }
    let finding = Finding::error("the configuration has no remote_write: what is scraped is thrown away");
    let finding = if view.facts.desired_config().is_ok_and(writes) {
        finding.because("the values have it, and the package has not brought it to the process")
    } else {
        finding
    };
    let reported = view.hub.is_some_and(|hub| {
        let name = view.facts.cluster_name();
        let known = hub.stored.answer(Question::LastSample);
        name.is_some_and(|name| {
            known.is_ok_and(|all| all.iter().any(|series| series.label("cluster") == name))
        })
    });
    let verdict = if reported { Verdict::Silent } else { Verdict::Never };
    Ok(finding.verdict(verdict).fix(view.again("")).into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub};
    use crate::check::judgement::{By, Verdict};
    use crate::prometheus::promql::Question;

    fn writing_nowhere() -> Facts {
        agent().with_values(|text| text.split("      remote_write:").next().expect("a beginning").to_owned())
    }

    #[test]
    fn an_agent_that_writes_nowhere_is_found() {
        let findings = found("PF310", "admin@edge", &[writing_nowhere(), hub()]);
        assert!(findings[0].causes[0].contains("has no remote_write"), "{findings:?}");
        assert_eq!(findings[0].verdict, Some(Verdict::Silent));
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
        let hub = hub().with_answer(Question::LastSample, Vec::new());
        assert_eq!(found("PF310", "admin@edge", &[writing_nowhere(), hub])[0].verdict, Some(Verdict::Never));
    }

    #[test]
    fn an_entry_that_is_not_loaded_yet_is_told_by_another_check() {
        let mut agent = agent();
        agent.process.config = writing_nowhere().process.config;
        let all = [agent];
        assert!(found("PF310", "admin@edge", &all).is_empty());
        assert_eq!(found("PF308", "admin@edge", &all).len(), 1);
    }
}
