//! Only one pod at a time uses the volume.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::pods;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF210",
    category: Category::Package,
    title: "only one pod at a time uses the volume",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF206", "PF207"],
    page: Page {
        symptom: "After a change of the flags the new pod hangs in ContainerCreating with `Multi-Attach error`, or crashes with `lock DB directory: resource temporarily unavailable`, while the old one goes on.",
        cause: "A RollingUpdate starts the new pod before the old one has gone, and more than one replica starts them side by side. The package has one volume, and Prometheus locks it.",
        detected: "`spec.replicas` and `spec.strategy` of the Deployment prometheus-server, and whether it mounts a claim, with the access modes of that.",
        fix: "Set `prometheus.deployment.updateStrategy: Recreate` and `prometheus.deployment.replicas: 1` in the values: the package's own defaults.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let Some(deployment) = deployment else { return Ok(Judgement::Moot) };
    let Some(why) = shared(deployment) else { return Ok(Judgement::Holds) };
    let claim = claim(deployment).unwrap_or_default();
    let modes = view.facts.workload.claims.iter().flatten().find_map(|one| {
        let is_it = one.metadata.name.as_deref() == Some(claim);
        one.spec.as_ref().filter(|_| is_it)?.access_modes.clone()
    });
    let modes = modes.map_or_else(String::new, |modes| format!(" ({})", modes.join(", ")));
    let is_now = pods::replicas(deployment).is_some_and(|replicas| replicas > 1);
    let finding = if is_now { Finding::error(why) } else { Finding::warning(why) };
    Ok(finding
        .because(format!("they share the claim {claim}{modes}, and Prometheus locks what it stores there"))
        .fix(fix(view))
        .into())
}

/// Why two pods of it may run at a time over one claim.
pub(super) fn shared(deployment: &Deployment) -> Option<String> {
    claim(deployment)?;
    let spec = deployment.spec.as_ref()?;
    if let Some(replicas) = spec.replicas.filter(|replicas| *replicas > 1) {
        return Some(format!("the Deployment prometheus-server has {replicas} replicas"));
    }
    let strategy = spec.strategy.as_ref()?;
    let surge = strategy.rolling_update.as_ref().and_then(|rolling| rolling.max_surge.as_ref());
    let starts_first = match surge {
        Some(IntOrString::Int(surge)) => *surge != 0,
        Some(IntOrString::String(surge)) => surge != "0" && surge != "0%",
        None => true,
    };
    (strategy.type_.as_deref() == Some("RollingUpdate") && starts_first).then(|| {
        "the update strategy RollingUpdate starts the new pod before the old one has gone".to_owned()
    })
}

/// What sets it right.
pub(super) fn fix(view: &View<'_>) -> Fix {
    let values = "prometheus.deployment: {updateStrategy: Recreate, replicas: 1}";
    match view.role() {
        Some(_) => {
            let command = view.again("--values FILE").command;
            Fix::hand(format!("{command}   (in FILE: {values})"))
        }
        None => Fix::hand(format!("set {values} in the values")),
    }
}

/// The claim that Prometheus mounts.
fn claim(deployment: &Deployment) -> Option<&str> {
    let pod = deployment.spec.as_ref()?.template.spec.as_ref()?;
    let mounts = pods::container(deployment)?.volume_mounts.as_ref()?;
    let is_mounted = |name: &str| mounts.iter().any(|mount| mount.name == name);
    let volumes = pod.volumes.iter().flatten().filter(|volume| is_mounted(&volume.name));
    volumes
        .filter_map(|volume| volume.persistent_volume_claim.as_ref())
        .map(|claim| claim.claim_name.as_str())
        .next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub};
    use crate::check::judgement::Severity;

    fn with(edit: impl Fn(&mut k8s_openapi::api::apps::v1::DeploymentSpec)) -> Facts {
        let mut facts = hub();
        let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut();
        edit(deployment.expect("a Deployment").spec.as_mut().expect("a spec"));
        facts
    }

    fn rolling(surge: &serde_json::Value) -> Facts {
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge}});
        with(|spec| spec.strategy = Some(serde_json::from_value(strategy.clone()).expect("a strategy")))
    }

    #[test]
    fn a_rolling_update_is_warned_of() {
        let findings = found("PF210", "admin@hub", &[rolling(&json!("25%"))]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].causes[1],
            "they share the claim prometheus-server (ReadWriteOnce), and Prometheus locks what it stores there"
        );
    }

    #[test]
    fn two_replicas_are_wrong_now() {
        let findings = found("PF210", "admin@hub", &[with(|spec| spec.replicas = Some(2))]);
        assert_eq!(findings[0].causes[0], "the Deployment prometheus-server has 2 replicas");
        assert_eq!(findings[0].severity, Severity::Error);
    }

    #[test]
    fn a_rolling_update_that_stops_first_does_no_harm() {
        assert_eq!(found("PF210", "admin@hub", &[rolling(&json!(0))]), []);
    }

    #[test]
    fn without_a_claim_nothing_is_shared() {
        let mut facts = rolling(&json!(1));
        let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut();
        let spec = deployment.and_then(|one| one.spec.as_mut()).expect("a spec");
        spec.template.spec.as_mut().expect("a pod").volumes = None;
        assert_eq!(found("PF210", "admin@hub", &[facts]), []);
    }
}
