//! Prometheus keeps running: its container has not ended by itself.

use super::last_words::LastWords;
use super::{moves, pods};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Crash, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::capability::known_flag;
use crate::prometheus::{AgentMode, Capabilities, Misfit, misfits};

/// The exit code of a container that was killed: what it said before has nothing to do with it.
const KILLED: i32 = 137;

pub(super) const CHECK: Check = Check {
    code: "PF206",
    category: Category::Package,
    title: "Prometheus does not crash",
    subject: Subject::Any,
    after: &["PF101", "PF201"],
    page: Page {
        symptom: "The pod is in CrashLoopBackOff. kapp says minutes later `Deployment is not progressing: ProgressDeadlineExceeded`, and names no cause.",
        cause: "The exit code says where to look: 1 is a flag that the version does not know, or the storage; 2 is the configuration; 3 is a flag of the other mode; 137 is a kill, mostly for its memory. The last line of the log has the rest.",
        detected: "The exit code of the container that ended, and the line of its log that tells why.",
        fix: "What Prometheus itself cannot start with, `hub init` and `agent join` write in the words of its version. What somebody wrote beyond that has to be corrected in the values.",
        versions: "all; agent mode by `--agent` since 3.0, by `--enable-feature=agent` from 2.32 to 2.55",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(crash) = view.facts.workload.crash.as_ref().map_err(Clone::clone)? else {
        return Ok(Judgement::Holds);
    };
    let mut finding = explained(view, crash);
    let namespace = &view.facts.workload.namespace;
    finding = finding.because(format!("exit code {} of pod {namespace}/{}", crash.exit_code, crash.pod));
    let is_up = view.facts.process.version.is_ok();
    if is_up {
        finding = finding.because("another pod still runs, with what was there before");
    }
    let finding = finding.fix(view.kubectl(&format!(
        "-n {namespace} logs {} -c {} --previous",
        crash.pod,
        pods::CONTAINER
    )));
    Ok(finding.verdict(if is_up { Verdict::Failed } else { Verdict::Down }).into())
}

fn explained(view: &View<'_>, crash: &Crash) -> Finding {
    let words = crash.last_line.as_deref().map(LastWords::read);
    let version = view.capabilities().map_or_else(
        |_| "Prometheus".to_owned(),
        |capabilities| format!("Prometheus {}", capabilities.version()),
    );
    match words {
        _ if crash.exit_code == KILLED => of_memory(view),
        Some(LastWords::ServerFlags(flags)) => {
            again(view, Finding::error(format!("an agent does not have {}", flags.join(", "))))
        }
        Some(LastWords::AgentFlags(flags)) => of_agent_flags(view, &flags, &version),
        Some(LastWords::UnknownFlag(flag)) => match known_flag(&flag) {
            Some(known) => {
                again(view, Finding::error(format!("{version} does not know --{flag}: {}", known.span)))
            }
            None => Finding::error(format!("{version} does not know --{flag}")).fix(Fix::hand(format!(
                "take --{flag} out of prometheus.deployment.containers.args in the values"
            ))),
        },
        Some(LastWords::Arguments(words)) => {
            Finding::error(format!("an argument is not understood: {words}"))
                .fix(Fix::hand("correct it in prometheus.deployment.containers.args in the values"))
        }
        Some(LastWords::ForbiddenInAgent(field)) => {
            again(view, Finding::error(format!("an agent's configuration must not have {field}")))
        }
        Some(LastWords::UnknownField(field)) => of_field(view, &field, &version),
        Some(LastWords::NoRemoteWrite) => {
            again(view, Finding::error("an agent of this version needs a remote_write to start"))
        }
        Some(LastWords::AuthorityFile(path)) => of_authority(view, &path),
        Some(LastWords::Lock) => of_lock(view),
        Some(LastWords::DiskFull) => of_disk(view),
        Some(LastWords::NotPermitted(words)) => Finding::error(format!("it may not use its volume: {words}"))
            .fix(Fix::hand("see whether the volume's storage class heeds the pod's fsGroup")),
        Some(LastWords::Configuration(words)) if lacks_its_file(view, &words) => Finding::error(
            "the list of arguments lacks --config.file, so it looks for prometheus.yml where it was started",
        )
        .because(words)
        .because("a list in the values takes the place of the package's whole list")
        .fix(Fix::hand(
            "in the values, prometheus.deployment.containers.args: --config.file=/etc/config/prometheus.yml",
        )),
        Some(LastWords::Configuration(words)) => {
            Finding::error(format!("its configuration cannot be loaded: {words}"))
                .fix(Fix::hand("correct prometheus.config.prometheus_yml in the values"))
                .fix(Fix::hand(format!("kubectl promfed rollback --context {} REVISION", view.facts.context)))
        }
        Some(LastWords::Other(words)) => Finding::error(format!("{}: {words}", meaning(crash.exit_code))),
        None => Finding::error(format!("{}, and it says nothing", meaning(crash.exit_code))),
    }
}

fn meaning(exit_code: i32) -> &'static str {
    match exit_code {
        1 => "it cannot start with these flags or this storage",
        2 => "it cannot load its configuration",
        3 => "a flag is not allowed in its mode",
        _ => "it ended by itself",
    }
}

/// Whether it cannot find its configuration because nobody told it where that is.
fn lacks_its_file(view: &View<'_>, words: &str) -> bool {
    words.contains("no such file")
        && view
            .facts
            .desired_args()
            .is_ok_and(|args| !args.as_slice().is_empty() && args.value("config.file").is_none())
}

/// What `hub init` and `agent join` put right, where it is known which of them it would be.
fn again(view: &View<'_>, finding: Finding) -> Finding {
    match view.role() {
        Some(_) => finding.fix(view.again("")),
        None => finding.fix(Fix::hand("correct prometheus.deployment.containers.args and prometheus.config.prometheus_yml in the values")),
    }
}

/// The feature name of agent mode is dead since 3.0: whoever has only that starts as a server.
fn of_agent_flags(view: &View<'_>, flags: &[String], version: &str) -> Finding {
    let flags = flags.join(", ");
    let by_name = view.facts.desired_args().is_ok_and(|args| args.features().any(|name| name == "agent"));
    let is_dead = view.capabilities().is_ok_and(|capabilities| capabilities.agent_mode() == AgentMode::Flag);
    if by_name && is_dead {
        let finding = Finding::error(format!(
            "{version} starts as a server, because it does not know --enable-feature=agent any more: --agent is the flag for it"
        ));
        return again(view, finding.because(format!("a server does not have {flags}")));
    }
    again(view, Finding::error(format!("only an agent has {flags}, and this is a server")))
}

fn of_field(view: &View<'_>, field: &str, version: &str) -> Finding {
    let is_inline = matches!(field, "ca" | "cert" | "key");
    let cannot_inline = view.capabilities().is_ok_and(|capabilities| !capabilities.inline_tls());
    if is_inline && cannot_inline {
        let finding = Finding::error(format!(
            "{version} cannot read a certificate that is written into the configuration: tls_config.{field} is known since 2.45"
        ));
        let can = |version| Capabilities::of(version).inline_tls();
        let up = moves::up(view, can).and_then(|version| moves::to(view, version));
        let finding = up.into_iter().fold(finding, Finding::fix);
        return again(view, finding);
    }
    let Some(misfit) = misfit(view, field) else {
        return Finding::error(format!("{version} does not know the field {field}"))
            .fix(Fix::hand("correct it, or take it out of prometheus.config.prometheus_yml in the values"));
    };
    let known = misfit.why.rsplit(": ").next().unwrap_or_default();
    let finding = Finding::error(format!("{version} does not know the field {}: {known}", misfit.what));
    let finding = finding.fix(Fix::hand(format!(
        "take {} out of prometheus.config.prometheus_yml in the values",
        misfit.what
    )));
    let up = moves::up(view, |version| misfit_at(view, field, Capabilities::of(version)).is_none());
    up.and_then(|version| moves::to(view, version)).into_iter().fold(finding, Finding::fix)
}

fn misfit(view: &View<'_>, field: &str) -> Option<Misfit> {
    misfit_at(view, field, view.capabilities().ok()?)
}

/// The place of a field that a version does not know.
fn misfit_at(view: &View<'_>, field: &str, capabilities: Capabilities) -> Option<Misfit> {
    let config = view.facts.desired_config().ok()?;
    let args = view.facts.desired_args().ok()?;
    let is_it = |misfit: &Misfit| misfit.what == field || misfit.what.ends_with(&format!(".{field}"));
    misfits(&args, config, capabilities).into_iter().find(is_it)
}

fn of_authority(view: &View<'_>, path: &str) -> Finding {
    if path.is_empty() {
        return again(
            view,
            Finding::error("the authority that is written into the configuration is no certificate"),
        );
    }
    let finding = Finding::error(format!("the file with authorities {path} is not there, or holds none"));
    let config = view.facts.desired_config().unwrap_or_default();
    let entries = config["remote_write"].as_array().into_iter().flatten();
    let is_ours = entries.into_iter().any(|entry| entry["tls_config"]["ca_file"] == path);
    let finding = if is_ours && view.is_agent() { finding.fix(view.again("")) } else { finding };
    finding.fix(Fix::hand(format!(
        "mount a file with certificates at {path}, or take it out of prometheus.config.prometheus_yml in the values"
    )))
}

fn of_lock(view: &View<'_>) -> Finding {
    let finding = Finding::error("two pods use one volume: another Prometheus has its storage open");
    let deployment = view.facts.workload.deployment.as_ref().ok().and_then(Option::as_ref);
    let shared = deployment.and_then(super::volume::shared);
    let finding = match shared {
        Some(why) => finding.because(why),
        None => finding,
    };
    finding.fix(super::volume::fix(view)).fix(view.kubectl(&format!(
        "-n {} get pods -l app=prometheus,component=server",
        view.facts.workload.namespace
    )))
}

fn of_disk(view: &View<'_>) -> Finding {
    let size = view.facts.workload.claims.iter().flatten().find_map(|claim| {
        let is_it = claim.metadata.name.as_deref() == Some(pods::CONTAINER);
        claim.status.as_ref().filter(|_| is_it)?.capacity.as_ref()?.get("storage")
    });
    let finding = match size {
        Some(size) => Finding::error(format!("its volume of {} is full", size.0)),
        None => Finding::error("its volume is full"),
    };
    let finding = match view.role() {
        Some(_) => finding.fix(view.again("--storage SIZE")),
        None => finding.fix(Fix::hand("raise prometheus.pvc.storage in the values")),
    };
    if view.is_hub() { finding.fix(view.again("--retention TIME")) } else { finding }
}

fn of_memory(view: &View<'_>) -> Finding {
    let limit = memory_limit(view);
    let is_sure = view.facts.workload.pods.iter().flatten().any(|pod| {
        let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
        let mut ended = statuses.flat_map(|status| [&status.state, &status.last_state]).flatten();
        ended.any(|state| {
            let reason = state.terminated.as_ref().and_then(|ended| ended.reason.as_deref());
            reason == Some("OOMKilled")
        })
    });
    let killed =
        if is_sure { "it was killed for its memory" } else { "it was killed, probably for its memory" };
    let finding = match &limit {
        Ok(Some(limit)) => Finding::error(format!("{killed}: its limit is {limit}")),
        Ok(None) => Finding::error(format!("{killed}: it has no limit of its own, the node was full")),
        Err(_) => Finding::error(killed),
    };
    finding.fix(Fix::hand("raise prometheus.deployment.containers.resources.limits.memory in the values"))
}

fn memory_limit(view: &View<'_>) -> Reading<Option<String>> {
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let limit = deployment.as_ref().and_then(|deployment| {
        pods::container(deployment)?.resources.as_ref()?.limits.as_ref()?.get("memory").cloned()
    });
    Ok(limit.map(|limit| limit.0))
}

#[cfg(test)]
mod tests;
