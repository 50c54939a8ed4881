//! The plan that makes a cluster the hub.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::door::{DoorWish, door};
use super::draft::Draft;
use super::misfits::fit;
use super::rules::rules;
use super::step::{Line, Plan, Sign};
use super::target::{Observed, PackageWish, Target};
use crate::domain::{ClusterName, Fqdn, Quantity, WriteUrl};
use crate::error::{Error, Result};
use crate::package::WRITE_URL;
use crate::prometheus::config::{Doubt, JobLabel, cluster_labels, doubts, is_renamed, label_edits};
use crate::prometheus::flags::{HubArgs, hub_args};
use crate::prometheus::{Capabilities, Harm, PromDuration, Receiver, Role};

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct HubIntent {
    pub name: ClusterName,
    pub ingress: Ingress,
    /// Where agents are to write to, if that is not what the ingress tells.
    pub write_url: Option<WriteUrl>,
    pub retention: Option<PromDuration>,
    pub storage: Option<Quantity>,
    /// The clusters that promfed's alert rules wait for; `None` leaves rules alone.
    pub rules: Option<Vec<String>>,
    pub door: DoorWish,
    pub package: PackageWish,
    /// The text of `--values`.
    pub values: Option<String>,
}

/// What becomes of the package's own ingress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ingress {
    /// As the values have it.
    Keep,
    Off,
    Host(Fqdn),
}

/// Plans the hub. The target tells what the plan is about, with the values as they will be.
pub fn plan_hub(intent: &HubIntent, observed: &Observed) -> Result<(Target, Plan)> {
    let over = intent.values.as_deref().unwrap_or_default();
    let target = Target::find(&intent.package, observed, over)?;
    let capabilities = Capabilities::of(target.version);
    if capabilities.receiver() == Receiver::None {
        return Err(Error::usage(format!("Prometheus {} cannot be a hub", target.version))
            .because("the remote write receiver came with 2.25"));
    }
    let mut draft = Draft::new(target);
    if draft.target.has_secret {
        let over = crate::yaml::read(over)
            .map_err(|error| Error::usage("--values is not YAML").because(error.to_string()))?;
        draft.target.values.overlay(&over)?;
    }
    let had_ingress = draft.target.values.get(&["ingress", "enabled"]) == Some(Value::Bool(true));
    ingress(&mut draft, &intent.ingress)?;
    // The values of a run that was killed before it installed have the ingress already.
    let begins = (!had_ingress || draft.target.is_new()) && matches!(intent.ingress, Ingress::Host(_));
    flags(&mut draft, capabilities, intent.retention)?;
    if let Some(storage) = &intent.storage {
        let line = Line::new(Sign::Changed, "volume", storage.as_str());
        draft.set(&["prometheus", "pvc", "storage"], json!(storage.as_str()), line)?;
    }
    labels(&mut draft, &intent.name)?;
    if let Some(joined) = &intent.rules {
        rules(&mut draft, joined)?;
    }
    fit(&mut draft, capabilities)?;
    door(&mut draft, &intent.door, begins)?;
    if let Some(url) = &intent.write_url {
        draft.annotate(WRITE_URL, url.as_str());
    }
    for bad in capabilities.known_bad(Role::Hub).filter(|bad| bad.harm == Harm::Samples) {
        draft.warn(format!("Prometheus {}: {} (fixed in {})", draft.target.version, bad.what, bad.fixed));
    }
    let target = draft.target.clone();
    Ok((target, draft.finish(&intent.package.account)?))
}

fn ingress(draft: &mut Draft, wanted: &Ingress) -> Result<()> {
    match wanted {
        Ingress::Keep => Ok(()),
        Ingress::Off => {
            draft.set(&["ingress", "enabled"], json!(false), Line::new(Sign::Removed, "ingress", "disabled"))
        }
        Ingress::Host(fqdn) => {
            let line = || Line::new(Sign::Added, "ingress", fqdn.as_str());
            let was_on = draft.target.values.get(&["ingress", "enabled"]) == Some(Value::Bool(true));
            draft.set(&["ingress", "enabled"], json!(true), line())?;
            let host = &["ingress", "virtual_host_fqdn"];
            if was_on || draft.target.values.get(host) == Some(json!(fqdn.as_str())) {
                return draft.set(host, json!(fqdn.as_str()), line());
            }
            draft.target.values.set(host, json!(fqdn.as_str()))
        }
    }
}

fn flags(draft: &mut Draft, capabilities: Capabilities, retention: Option<PromDuration>) -> Result<()> {
    let args = draft.target.values.args()?;
    let running_as_agent = args.value("agent") == Some("true") || args.features().any(|name| name == "agent");
    if running_as_agent {
        return Err(Error::failed("this cluster is an agent of another hub")
            .because("its Prometheus runs in agent mode and stores nothing")
            .hint("kubectl promfed agent leave   (to go back to what it was before)"));
    }
    let wanted = if draft.target.is_new() && !draft.target.has_secret {
        HubArgs::fresh(retention)
    } else {
        HubArgs::patch(retention)
    };
    draft.edit_args(&args, &hub_args(&args, capabilities, wanted))
}

fn labels(draft: &mut Draft, name: &ClusterName) -> Result<()> {
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let has_name = JobLabel::Always(name.to_string());
    let (done, missing): (Vec<_>, Vec<_>) =
        cluster_labels(config).into_iter().partition(|(_, label)| *label == has_name);
    if done.is_empty() && missing.is_empty() {
        draft.warn("the configuration has no scrape jobs, so the hub will have no series of its own");
    }
    if config.get("scrape_config_files").is_some() {
        draft.warn(
            "jobs in scrape_config_files are not part of the values: label them with the cluster by hand",
        );
    }
    let with_label = |label: &str| format!("cluster={name} on {label}");
    if draft.target.is_new() && done.is_empty() && !missing.is_empty() {
        draft.say(Sign::Added, "label", with_label(&plural(missing.len(), "scrape job")));
    } else if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|(job, _)| job.as_str()).collect();
        let what = if names.len() == 1 { "job" } else { "jobs" };
        draft.say(Sign::Added, "label", with_label(&format!("{what} {}", names.join(", "))));
        if !done.is_empty() {
            draft.say(
                Sign::Kept,
                "label",
                format!("{} already", with_label(&plural(done.len(), "other job"))),
            );
        }
    }
    doubtful_samples(draft, config, name);
    let mut renamed = BTreeSet::new();
    for (job, label) in &missing {
        let JobLabel::Always(other) = label else { continue };
        if is_renamed(config, job) {
            renamed.insert(other.clone());
        } else {
            draft.warn(format!("job {job} said cluster={other}: its targets keep that as exported_cluster"));
        }
    }
    for other in renamed {
        draft.warn(format!(
            "the hub was called {other}: its series so far keep that name, and new ones begin under {name}"
        ));
    }
    draft.target.values.edit_config(&label_edits(config, name, |_| true))
}

/// Says which jobs' samples would carry another cluster than their targets, and what becomes of that.
pub(super) fn doubtful_samples(draft: &mut Draft, config: &Value, name: &ClusterName) {
    for (job, doubt) in doubts(config, name) {
        draft.warn(match doubt {
            Doubt::Honors => format!(
                "job {job} honors the labels that it scrapes: a cluster among them is kept as exported_cluster"
            ),
            Doubt::MetricRules => format!(
                "job {job} changes the label cluster in its metric_relabel_configs: what they set is kept as exported_cluster"
            ),
            Doubt::Federates => format!("job {job} federates: the series keep the cluster that they come with"),
        });
    }
}

pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
