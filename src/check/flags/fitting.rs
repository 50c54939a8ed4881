//! The version understands every flag and every field that the values give it.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Reading, Unread};
use crate::check::judgement::{Finding, Fix, Judged};
use crate::check::view::View;
use crate::prometheus::config::{FORBIDDEN_IN_AGENT, config_edits_for_version};
use crate::prometheus::flags::{Args, HubArgs, agent_args, hub_args};
use crate::prometheus::{Capabilities, Effect, Misfit, Role, misfits};
use crate::yaml::{Edit, Path};

pub(super) const CHECK: Check = Check {
    code: "PF309",
    category: Category::Flags,
    title: "the version understands every flag and field",
    subject: Subject::Any,
    after: &["PF206", "PF208"],
    page: Page {
        symptom: "Prometheus does not start: `unknown long flag`, `can only be used in agent mode`, `field … not found in type …`. Or it runs on with the configuration that it had, and does not come back from its next restart.",
        cause: "The values were written for another version, or for the other role. An unknown flag ends the process with 1, an unknown field with 2, a flag of the other mode with 3.",
        detected: "The arguments and the configuration in the values, against what the version knows. What the running process took is not doubted.",
        fix: "`kubectl promfed hub init` and `kubectl promfed agent join` write flags and fields in the words of the version. What has no other word must be taken out of the values, or the version be changed with `--package-version`.",
        versions: "each flag and field has its own",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let capabilities = view.capabilities()?;
    let all = unfit(view)?;
    let fatal = |misfit: &&Misfit| misfit.effect == Effect::KeepsFromStarting;
    let mut findings = Vec::new();
    let fatal_ones: Vec<_> = all.iter().filter(fatal).collect();
    if !fatal_ones.is_empty() {
        let version = capabilities.version();
        let lines = fatal_ones.iter().map(|misfit| line(misfit));
        let finding = told(lines, Finding::error).because(if view.facts.process.flags.is_ok() {
            format!("Prometheus {version} would not start with that, and loads no such configuration")
        } else {
            format!("Prometheus {version} does not start with that")
        });
        findings.push(finding.fix(fix(view, capabilities)?));
    }
    let mild: Vec<_> = all.iter().filter(|misfit| !fatal(misfit)).collect();
    if !mild.is_empty() {
        let finding = told(mild.iter().map(|misfit| line(misfit)), Finding::warning);
        findings.push(finding.fix(Fix::hand("take it out of the values, or write what this version heeds")));
    }
    Ok(findings.into())
}

/// Whether the configuration in the values has what keeps the version from loading it.
pub(super) fn cannot_be_loaded(view: &View<'_>) -> bool {
    let is_field = |misfit: &Misfit| !misfit.what.starts_with("--");
    unfit(view).is_ok_and(|all| {
        all.iter().any(|misfit| misfit.effect == Effect::KeepsFromStarting && is_field(misfit))
    })
}

/// What does not fit, without what other checks speak of.
fn unfit(view: &View<'_>) -> Reading<Vec<Misfit>> {
    let capabilities = view.capabilities()?;
    let (args, config) = (view.facts.desired_args()?, view.facts.desired_config()?);
    let all = misfits(&args, config, capabilities);
    Ok(all.into_iter().filter(|misfit| !is_told_elsewhere(view, misfit) && !is_taken(view, misfit)).collect())
}

/// Feature names have a check of their own, and so have what an agent writes to, its cluster name, and the window of a
/// hub.
fn is_told_elsewhere(view: &View<'_>, misfit: &Misfit) -> bool {
    let of = |beginning: &str| misfit.what.starts_with(beginning);
    of("--enable-feature=")
        || of("agent mode")
        || of("global.external_labels.cluster:")
        || (of("storage.tsdb.out_of_order_time_window") && !view.is_agent())
}

/// What the running process knows, whatever is known of its version: builders add to it. A variable that it has
/// replaced was meant.
fn is_taken(view: &View<'_>, misfit: &Misfit) -> bool {
    let process = &view.facts.process;
    if let Some(label) = misfit.what.strip_prefix("global.external_labels.") {
        let name = label.split(':').next().unwrap_or_default();
        let loaded = process
            .config
            .as_ref()
            .ok()
            .and_then(|config| config["global"]["external_labels"][name].as_str());
        return loaded.is_some_and(|value| !value.is_empty() && !value.contains('$'));
    }
    if misfit.effect != Effect::KeepsFromStarting {
        return false;
    }
    if let Some(flag) = misfit.what.strip_prefix("--") {
        // Every flag is listed in both modes.
        let is_unknown = misfit.why.contains("does not know");
        return is_unknown && process.flags.as_ref().is_ok_and(|flags| flags.contains_key(flag));
    }
    let (Ok(loaded), Ok(capabilities)) = (&process.config, view.capabilities()) else { return false };
    misfits(&Args::default(), loaded, capabilities).iter().any(|known| known.what == misfit.what)
}

fn told(mut lines: impl Iterator<Item = String>, finding: fn(String) -> Finding) -> Finding {
    let first = finding(lines.next().unwrap_or_default());
    lines.fold(first, Finding::because)
}

fn line(misfit: &Misfit) -> String {
    format!("{}: {}", misfit.what, misfit.why)
}

/// promfed's own command, where nothing that keeps the process from starting is left after it.
fn fix(view: &View<'_>, capabilities: Capabilities) -> Reading<Fix> {
    let args = view.facts.desired_args()?;
    let before = view.facts.values()?.config().map_err(|error| Unread::Failed(error.what))?;
    let by_hand = Fix::hand("take it out of the values, or choose another version with --package-version");
    let args = match view.role() {
        Some(Role::Hub) => args.edited(&hub_args(&args, capabilities, HubArgs::patch(None))),
        Some(Role::Agent) => args.edited(&agent_args(&args, capabilities)),
        None => return Ok(by_hand),
    };
    let config = before.value();
    let mut edits = config_edits_for_version(config, capabilities);
    if view.is_agent() {
        let forbidden = FORBIDDEN_IN_AGENT.iter().filter(|field| config.get(field).is_some());
        edits.extend(forbidden.map(|field| Edit::Remove { path: Path::of([*field]) }));
    }
    let after = before
        .edited(&edits)
        .map(|after| after.map_or_else(|| config.clone(), |after| after.value().clone()));
    let is_left = misfits(&args, &after.unwrap_or(Value::Null), capabilities)
        .iter()
        .any(|misfit| misfit.effect == Effect::KeepsFromStarting && misfit.what != "agent mode");
    Ok(if is_left { by_hand } else { view.again("") })
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{By, Severity};

    #[test]
    fn a_field_of_a_later_version_is_named_with_its_versions() {
        let agent = agent().with_version("2.43.0").with_flag("enable-feature", "agent").with_values(|text| {
            let text = text.replace("- --agent", "- --enable-feature=agent");
            text.replace("        name: promfed\n", "        name: promfed\n        tls_config: {ca: X}\n")
        });
        let agent = agent.with_config("global: {external_labels: {cluster: edge}}\nscrape_configs: [{job_name: prometheus}]\nremote_write: [{url: 'https://prometheus.hub.test/api/v1/write'}]\n");
        let findings = found("PF309", "admin@edge", &[agent, hub()]);
        assert_eq!(findings[0].severity, Severity::Error);
        assert_eq!(
            findings[0].causes[0],
            "remote_write[0].tls_config.ca: this version does not know it: known since 2.45"
        );
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn what_an_agent_may_not_have_goes_by_joining_again() {
        let agent = agent().with_values(|text| {
            text.replace("- --agent", "- --agent\n      - --storage.tsdb.path=/data")
                .replace("      remote_write:", "      rule_files: [/etc/config/rules]\n      remote_write:")
        });
        let agent = agent.with_config("global: {external_labels: {cluster: edge}}\n");
        let findings = found("PF309", "admin@edge", &[agent, hub()]);
        assert_eq!(findings[0].causes[0], "--storage.tsdb.path: an agent does not have it");
        assert_eq!(findings[0].causes[1], "rule_files: an agent does not have it");
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn what_only_a_person_can_take_out_is_left_to_one() {
        let hub = hub().with_values(|text| {
            text.replace("      global:", "      otlp: {convert_histograms_to_nhcb: true}\n      global:")
        });
        let hub = hub.with_version("3.2.0").with_config("global: {}\n");
        let findings = found("PF309", "admin@hub", &[hub]);
        assert_eq!(findings[0].fixes[0].by, By::Hand);
    }

    #[test]
    fn what_the_process_took_is_not_doubted() {
        let hub = hub().with_version("3.2.0").with_flag("web.search.max-limit", "7").with_values(|text| {
            text.replace(
                "- --web.enable-lifecycle",
                "- --web.enable-lifecycle\n      - --web.search.max-limit=7",
            )
            .replace("      global:", "      otlp: {convert_histograms_to_nhcb: true}\n      global:")
        });
        assert!(found("PF309", "admin@hub", &[hub]).is_empty());
    }

    #[test]
    fn a_variable_that_was_replaced_was_meant() {
        let with = |loaded: &str| {
            let facts = agent().with_values(|text| {
                text.replace(
                    "          cluster: edge\n",
                    "          cluster: edge\n          zone: ${ZONE}\n",
                )
            });
            let config = facts.process.config.clone().expect("a configuration");
            let mut facts = facts;
            let mut config = config;
            config["global"]["external_labels"]["zone"] = loaded.into();
            facts.process.config = Ok(config);
            facts
        };
        assert_eq!(codes(&[with("eu-1"), hub()]), [""; 0]);
        let findings = found("PF309", "admin@edge", &[with(""), hub()]);
        assert!(findings[0].causes[0].starts_with("global.external_labels.zone: ${ZONE}"), "{findings:?}");
    }
}
