//! The agent's buffer lies on its volume.

use super::container::is_kept;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::Role;
use crate::prometheus::flags::AGENT_PATH;

pub(super) const CHECK: Check = Check {
    code: "PF305",
    category: Category::Flags,
    title: "the agent's buffer is on its volume",
    subject: Subject::Agent,
    after: &["PF209", "PF212", "PF303", "PF304"],
    page: Page {
        symptom: "The agent's volume is empty. While the hub is away, the node's disk fills instead, and the pod may be evicted.",
        cause: "Without `--storage.agent.path` the write-ahead log goes to `data-agent/` below the folder where the process was started, which is the container's own disk.",
        detected: "The runtime flag `storage.agent.path`, and the mounts and volumes of the container.",
        fix: "`kubectl promfed agent join` puts it on the package's volume: `--storage.agent.path=/data/agent`. The agent starts again, and what waits in the old place is not sent.",
        versions: "all with agent mode (2.32 and later)",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let path = view.facts.flag("storage.agent.path")?;
    if view.facts.runs_as() != Some(Role::Agent) {
        return Ok(Judgement::Moot);
    }
    let Some(path) = path.filter(|path| !is_kept(view, path)) else { return Ok(Judgement::Holds) };
    let is_given = view.facts.desired_args().is_ok_and(|args| args.value("storage.agent.path").is_some());
    let finding = if is_given {
        Finding::warning(format!("--storage.agent.path={path} is not on the volume"))
    } else {
        Finding::warning(format!("--storage.agent.path is not given, so the buffer lies in {path}"))
    };
    let finding = finding.because("it fills the node's disk, and goes with the container");
    // promfed moves what lies elsewhere than below the package's own mount.
    let is_moved = !path.starts_with("/data/") && path != "/data";
    let fix = if is_moved {
        view.again("")
    } else {
        crate::check::judgement::Fix::hand(format!("mount a volume that stays where {AGENT_PATH} is"))
    };
    Ok(finding.fix(fix).into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};

    #[test]
    fn the_default_path_is_beside_the_volume() {
        let agent = agent()
            .with_values(|text| text.replace("      - --storage.agent.path=/data/agent\n", ""))
            .with_flag("storage.agent.path", "data-agent/");
        let findings = found("PF305", "admin@edge", &[agent, hub()]);
        assert_eq!(
            findings[0].causes[0],
            "--storage.agent.path is not given, so the buffer lies in data-agent/"
        );
        assert!(findings[0].fixes[0].command.starts_with("kubectl promfed agent join"));
    }

    #[test]
    fn the_volume_itself_will_do_without_a_deployment_too() {
        let mut agent = agent().with_flag("storage.agent.path", "/data");
        agent.workload.deployment = Ok(None);
        assert_eq!(codes(&[agent, hub()]), [""; 0]);
    }
}
