//! The arguments are complete: whoever sets them sets all of them.

use super::container::{CONFIG, DATA, is_configured, is_kept};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading, Unread};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::Role;

pub(super) const CHECK: Check = Check {
    code: "PF304",
    category: Category::Flags,
    title: "the arguments are complete",
    subject: Subject::Any,
    after: &["PF206", "PF209"],
    page: Page {
        symptom: "Prometheus scrapes nothing but itself or does not start, its volume stays empty, and its history is gone with every restart.",
        cause: "`prometheus.deployment.containers.args` in the values takes the place of the package's whole list. A list with one more flag in it needs all the others too.",
        detected: "The runtime flags `config.file` and `storage.tsdb.path`, and where Prometheus does not answer the arguments in the values; the mounts of the container.",
        fix: "Add the flags that are missing to the list in the values: `--config.file=/etc/config/prometheus.yml`, `--storage.tsdb.path=/data` for a server, `--web.enable-lifecycle`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = given(view.facts, "config.file", "prometheus.yml")?;
    let is_config_right = is_configured(view, &config);
    let is_agent = view.facts.runs_as().or(view.role()) == Some(Role::Agent);
    let path = given(view.facts, "storage.tsdb.path", "data/")?;
    let is_path_right = is_agent || is_kept(view, &path);
    if is_config_right && is_path_right {
        return Ok(Judgement::Holds);
    }
    let mut lacking = Vec::new();
    let mut wrong = Vec::new();
    let mut missing = Vec::new();
    let mut ask = |name: &str, wanted: String, is: &str, why: &str| {
        if is_written(view.facts, name) {
            wrong.push(format!("--{name}={is} {why}"));
        } else {
            lacking.push(format!("--{name}"));
        }
        missing.push(wanted);
    };
    if !is_config_right {
        let wanted = format!("--config.file={CONFIG}/prometheus.yml");
        ask("config.file", wanted, &config, "is not the package's configuration");
    }
    if !is_path_right {
        ask("storage.tsdb.path", format!("--storage.tsdb.path={DATA}"), &path, "is not on the volume");
    }
    if given(view.facts, "web.enable-lifecycle", "false")? == "false" {
        ask("web.enable-lifecycle", "--web.enable-lifecycle".to_owned(), "false", "forbids to reload");
    }
    if !lacking.is_empty() {
        wrong.insert(0, format!("the list of arguments lacks {}", lacking.join(", ")));
        wrong.push("a list in the values takes the place of the package's whole list".to_owned());
    }
    let consequences = [
        (is_config_right, "what the package configures is not loaded"),
        (is_path_right, "the history lies in the container, and goes with it"),
    ];
    wrong.extend(consequences.iter().filter(|(is_right, _)| !is_right).map(|(_, line)| (*line).to_owned()));
    let mut lines = wrong.into_iter();
    let finding = Finding::error(lines.next().unwrap_or_default());
    let fix = format!("in the values, prometheus.deployment.containers.args: {}", missing.join(" "));
    Ok(lines.fold(finding, Finding::because).fix(Fix::hand(fix)).into())
}

/// The value that the process has; where it does not answer, the one that the values give it, or its default.
fn given(facts: &Facts, name: &str, default: &str) -> Reading<String> {
    match facts.flag(name) {
        Ok(Some(value)) => Ok(value.to_owned()),
        flag => {
            let args = facts.desired_args()?;
            // Nobody knows the arguments of a package that is not offered any more.
            if args.as_slice().is_empty() {
                return Err(flag.err().unwrap_or(Unread::NotAsked));
            }
            Ok(args.value(name).unwrap_or(default).to_owned())
        }
    }
}

fn is_written(facts: &Facts, name: &str) -> bool {
    facts.desired_args().is_ok_and(|args| args.value(name).is_some())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Unread;
    use crate::check::healthy::{agent, codes, found, hub};

    #[test]
    fn what_a_list_lacks_is_named() {
        let only = |text: &str| {
            let lost = [
                "--config.file=/etc/config/prometheus.yml",
                "--storage.tsdb.path=/data",
                "--web.enable-lifecycle",
            ];
            lost.iter().fold(text.to_owned(), |text, arg| text.replace(&format!("      - {arg}\n"), ""))
        };
        let hub = hub()
            .with_values(only)
            .with_flag("config.file", "prometheus.yml")
            .with_flag("storage.tsdb.path", "data/")
            .with_flag("web.enable-lifecycle", "false");
        let all = [hub.clone()];
        let findings = found("PF304", "admin@hub", &all);
        assert_eq!(
            findings[0].causes,
            [
                "the list of arguments lacks --config.file, --storage.tsdb.path, --web.enable-lifecycle",
                "a list in the values takes the place of the package's whole list",
                "what the package configures is not loaded",
                "the history lies in the container, and goes with it",
            ]
        );
        assert!(found("PF306", "admin@hub", &all).is_empty());
        let mut crashed = hub;
        crashed.process.flags = Err(Unread::Failed("connection refused".into()));
        assert_eq!(found("PF304", "admin@hub", &[crashed])[0].causes, findings[0].causes);
    }

    #[test]
    fn a_path_beside_the_volume_is_named() {
        let hub = hub()
            .with_values(|text| text.replace("path=/data", "path=/prometheus"))
            .with_flag("storage.tsdb.path", "/prometheus");
        let findings = found("PF304", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes[0], "--storage.tsdb.path=/prometheus is not on the volume");
        assert_eq!(
            findings[0].fixes[0].command,
            "in the values, prometheus.deployment.containers.args: --storage.tsdb.path=/data"
        );
    }

    #[test]
    fn an_agent_has_no_database_and_a_subfolder_is_on_the_volume() {
        let agent = agent().with_flag("storage.tsdb.path", "data/");
        let hub = hub().with_flag("storage.tsdb.path", "/data/tsdb/");
        assert_eq!(codes(&[agent, hub]), [""; 0]);
    }
}
