//! The process runs in the role that its values give it.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::{PackageInstall, State};
use crate::prometheus::flags::Args;
use crate::prometheus::{AgentMode, Role};

pub(super) const CHECK: Check = Check {
    code: "PF303",
    category: Category::Flags,
    title: "Prometheus runs in the role that its values give",
    subject: Subject::Any,
    after: &["PF209", "PF212"],
    page: Page {
        symptom: "An agent takes as much memory and disk as a server, and answers queries. Or a hub answers `unavailable with Prometheus Agent`, and stores nothing.",
        cause: "From 3.0 on `--enable-feature=agent` does nothing but log `Unknown option for --enable-feature`, so Prometheus runs as a full server. Or the process was not started again since its arguments changed.",
        detected: "The role by the arguments in the values, and the role by the runtime flags `agent`, `enable-feature` and the receiver's. That a flag is listed proves nothing: all of them are, in both modes.",
        fix: "`kubectl promfed agent join` writes agent mode in the words of the version that runs; `kubectl promfed hub init` takes it away.",
        versions: "agent mode by feature name 2.32 to 2.55, by `--agent` since 3.0",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let capabilities = view.capabilities()?;
    let features = view.facts.flag("enable-feature")?.unwrap_or_default();
    let runs_as = view.facts.runs_as();
    let version = capabilities.version();
    let by_name = features.split(',').any(|name| name == "agent");
    match view.role() {
        Some(Role::Agent) if runs_as != Some(Role::Agent) => {
            let finding = Finding::error(format!(
                "Prometheus {version} runs as a full server, with a database of its own that it fills"
            ));
            let finding = match capabilities.agent_mode() {
                AgentMode::Flag if by_name => finding.because(format!(
                    "{version} does not know the feature name agent any more: --agent is the flag for it"
                )),
                AgentMode::None => {
                    return Ok(finding
                        .because("agent mode came with 2.32")
                        .fix(view.again("--package-version VERSION"))
                        .into());
                }
                _ => {
                    is_deployed(view)?;
                    finding.because("agent mode is not among the flags that it runs with")
                }
            };
            Ok(finding.fix(view.again("")).into())
        }
        Some(Role::Hub) if runs_as == Some(Role::Agent) => {
            is_deployed(view)?;
            let finding = Finding::error(format!(
                "Prometheus {version} runs as an agent: it stores nothing, and cannot be queried"
            ));
            let finding = if is_meant_as_agent(view) {
                finding
                    .because("its values make it one: is it the hub's context?")
                    .fix(Fix::hand("name the hub's own context with --hub-context"))
            } else {
                finding.because("its values do not say so").fix(view.again(""))
            };
            Ok(finding.into())
        }
        Some(_) => Ok(Judgement::Holds),
        None => Ok(Judgement::Moot),
    }
}

fn is_meant_as_agent(view: &View<'_>) -> bool {
    let by_name = |args: &Args| args.features().any(|name| name == "agent");
    view.facts.desired_args().is_ok_and(|args| args.value("agent") == Some("true") || by_name(&args))
}

/// What the package has not brought yet, or cannot bring, is the package's own matter.
fn is_deployed(view: &View<'_>) -> Result<(), Unread> {
    match view.install().map(PackageInstall::state) {
        Ok(state) if state != State::Succeeded => {
            Err(Unread::Failed(format!("the package is {state}: the process may not be what the values say")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::prometheus::Role;

    #[test]
    fn a_dead_feature_name_makes_a_full_server() {
        let agent = agent()
            .with_values(|text| text.replace("- --agent", "- --enable-feature=agent"))
            .with_flag("agent", "false")
            .with_flag("enable-feature", "agent");
        let all = [agent, hub()];
        let findings = found("PF303", "admin@edge", &all);
        assert!(findings[0].causes[0].contains("runs as a full server"), "{findings:?}");
        assert!(findings[0].causes[1].contains("--agent is the flag for it"), "{findings:?}");
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name edge"
        );
        assert_eq!(codes(&all)[0], "PF303");
    }

    #[test]
    fn a_version_without_agent_mode_needs_another_version() {
        let agent = agent().with_version("2.27.0").with_flag("agent", "false");
        let findings = found("PF303", "admin@edge", &[agent, hub()]);
        assert_eq!(findings[0].causes[1], "agent mode came with 2.32");
        assert!(findings[0].fixes[0].command.ends_with("--package-version VERSION"), "{findings:?}");
    }

    #[test]
    fn the_feature_name_makes_an_agent_where_it_is_known() {
        let agent = agent()
            .with_version("2.53.3")
            .with_values(|text| text.replace("- --agent", "- --enable-feature=agent"))
            .with_flag("enable-feature", "agent");
        assert!(found("PF303", "admin@edge", &[agent, hub()]).is_empty());
    }

    #[test]
    fn a_hub_in_agent_mode_is_named_before_its_receiver() {
        let hub = hub().with_flag("agent", "true").with_flag("web.enable-remote-write-receiver", "false");
        let all = [hub];
        assert!(found("PF303", "admin@hub", &all)[0].causes[0].contains("runs as an agent"));
        assert!(found("PF301", "admin@hub", &all).is_empty());
    }

    #[test]
    fn a_context_that_was_taken_for_the_hub_is_said_to_be_none() {
        let mut facts = agent();
        facts.expected = Some(Role::Hub);
        let findings = found("PF303", "admin@edge", &[facts]);
        assert!(findings[0].causes[1].contains("is it the hub's context?"), "{findings:?}");
    }

    #[test]
    fn what_the_package_has_not_brought_yet_is_no_finding() {
        let mut facts = agent().with_flag("agent", "false");
        facts.package.installs.as_mut().expect("installs")[0].spec.paused = true;
        assert!(found("PF303", "admin@edge", &[facts]).is_empty());
    }
}
