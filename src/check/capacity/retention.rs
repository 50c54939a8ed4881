//! The agent's retention flags mean what they say.

use super::buffer::{FREQUENCY, MAX_TIME, MIN_TIME, buffer, set};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF704",
    category: Category::Capacity,
    title: "the buffer is as long as its flags say",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "An agent was given `--storage.agent.retention.max-time=24h`, and loses what is older than two hours all the same. Or it was given a few minutes, and its WAL is as large as before.",
        cause: "What is kept for sending is decided by `--storage.agent.wal-truncate-frequency` alone, 2h by default: at each truncation the older two thirds go into a checkpoint that remote write never reads. A shorter `max-time` is raised to it without a word, and the flags still show the one that was set.",
        detected: "The three flags, where they were set.",
        fix: "`kubectl promfed agent join --buffer TIME` with the outage that is to be survived: it sets the frequency to twice that, as two thirds may go at once, `retention.max-time` to the same, and the volume to what that needs.",
        versions: "all agents; 2.32 to 2.38 keep more than they should",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let buffer = buffer(view.facts)?;
    let longer = |flag: &str, value| {
        Finding::warning(format!(
            "--{flag}={value} keeps nothing longer: what is not sent is kept for {buffer}"
        ))
        .because(format!("--{FREQUENCY} decides that"))
        .fix(view.again("--buffer TIME"))
    };
    let mut findings = Vec::new();
    if let Some(max) = set(view.facts, MAX_TIME) {
        if max < buffer {
            findings.push(
                Finding::warning(format!("--{MAX_TIME}={max} has no effect: it is raised to {buffer}"))
                    .because(format!("nothing below --{FREQUENCY} has one"))
                    .fix(Fix::hand(format!(
                        "take --{MAX_TIME} out of prometheus.deployment.containers.args"
                    ))),
            );
        } else if max.milliseconds() / 2 > buffer.milliseconds() {
            findings.push(longer(MAX_TIME, max));
        }
    }
    if let Some(min) = set(view.facts, MIN_TIME).filter(|min| *min > buffer) {
        findings.push(longer(MIN_TIME, min));
    }
    Ok(findings.into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found};

    fn with(frequency: &str, max: &str) -> Facts {
        agent()
            .with_values(|text| {
                text.replace("      - --storage.agent.wal-truncate-frequency=6h\n", "")
                    .replace("max-time=12h", &format!("max-time={max}"))
            })
            .with_flag("storage.agent.wal-truncate-frequency", frequency)
    }

    #[test]
    fn a_time_that_is_too_short_has_no_effect() {
        let findings = found("PF704", "admin@edge", &[with("2h", "30m")]);
        assert_eq!(
            findings[0].causes[0],
            "--storage.agent.retention.max-time=30m has no effect: it is raised to 2h"
        );
    }

    #[test]
    fn a_longer_time_is_no_longer_buffer() {
        let findings = found("PF704", "admin@edge", &[with("2h", "1d")]);
        assert!(findings[0].causes[0].contains("max-time=1d keeps nothing longer"), "{findings:?}");
        assert!(findings[0].causes[0].ends_with("kept for 2h"), "{findings:?}");
    }

    #[test]
    fn what_is_set_together_or_not_at_all_is_right() {
        assert_eq!(found("PF704", "admin@edge", &[agent()]), []);
        assert_eq!(found("PF704", "admin@edge", &[with("2h", "4h")]), []);
        let none = agent()
            .with_values(|text| text.replace("      - --storage.agent.retention.max-time=12h\n", ""))
            .with_flag("storage.agent.retention.max-time", "4h");
        assert_eq!(found("PF704", "admin@edge", &[none]), []);
    }
}
