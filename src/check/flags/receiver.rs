//! The hub's receiver is on.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::Receiver;

pub(super) const CHECK: Check = Check {
    code: "PF301",
    category: Category::Flags,
    title: "the remote write receiver is on",
    subject: Subject::Hub,
    after: &["PF212", "PF303"],
    page: Page {
        symptom: "No cluster but the hub has samples. Agents log `404 Not Found: remote write receiver needs to be enabled`, and lose everything that they send.",
        cause: "The hub runs without the flag. From 3.0 on the feature name `remote-write-receiver` does nothing any more, and Prometheus only logs that it does not know it.",
        detected: "The runtime flags: `web.enable-remote-write-receiver`, before 2.33 `enable-feature`.",
        fix: "`kubectl promfed hub init` adds the flag that the version understands to the whole list of arguments.",
        versions: "by feature name 2.25 to 2.55; by flag since 2.33; by flag only since 3.0",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let capabilities = view.capabilities()?;
    let features = view.facts.flag("enable-feature")?.unwrap_or_default().to_owned();
    let by_name = features.split(',').any(|name| name == "remote-write-receiver");
    let is_on = match capabilities.receiver() {
        Receiver::FeatureName => by_name,
        _ => view.facts.flag("web.enable-remote-write-receiver")? == Some("true"),
    };
    if is_on {
        return Ok(Judgement::Holds);
    }
    let version = capabilities.version();
    let finding =
        Finding::error("the hub refuses every sample: its receiver is off").verdict(Verdict::Blocked);
    let is_asked_for = view.facts.desired_args().is_ok_and(|args| {
        args.value("web.enable-remote-write-receiver") == Some("true")
            && capabilities.receiver() == Receiver::Flag
    });
    let finding = if by_name {
        finding.because(format!(
            "Prometheus {version} does not know the feature name remote-write-receiver any more"
        ))
    } else if is_asked_for {
        finding.because("the values switch it on, and the process runs without it")
    } else if capabilities.receiver() == Receiver::None {
        finding.because(format!("Prometheus {version} has none: it came with 2.25"))
    } else {
        finding
    };
    Ok(finding.fix(view.again("")).into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};

    #[test]
    fn it_is_found_off_and_named_before_its_consequences() {
        let hub = hub().with_flag("web.enable-remote-write-receiver", "false");
        let agent = agent().with_metric("prometheus_remote_storage_samples_failed_total 100000");
        let all = [agent, hub];
        assert_eq!(codes(&all), ["PF301"]);
        let findings = found("PF301", "admin@hub", &all);
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed hub init --context admin@hub --cluster-name hub"
        );
    }

    #[test]
    fn a_dead_feature_name_is_said_to_be_dead() {
        let hub = hub()
            .with_flag("web.enable-remote-write-receiver", "false")
            .with_flag("enable-feature", "remote-write-receiver");
        let findings = found("PF301", "admin@hub", &[hub]);
        assert!(findings[0].causes[1].contains("3.5.3 does not know the feature name"), "{findings:?}");
    }
}
