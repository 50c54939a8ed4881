//! promfed's alert rules among the values of the hub.

use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::Draft;
use super::step::Sign;
use crate::check::{GROUP, alerts, rule_file, rule_group};
use crate::error::{Error, Result};
use crate::package::ALERTS;
use crate::yaml::write::to_yaml;
use crate::yaml::{Edit, Path};

/// Where the package mounts the alerting rules.
const FILE: &str = "/etc/config/alerting_rules.yml";

/// Gives the hub promfed's group, beside those of others.
pub(super) fn rules(draft: &mut Draft, joined: &[String]) -> Result<()> {
    let values = &mut draft.target.values;
    if values.get(&ALERTS).is_none() {
        return Err(Error::failed(format!(
            "the package is not known to take alerting rules ({})",
            Path::of(ALERTS)
        ))
        .because("neither the schema of its version nor the values have them")
        .hint("kubectl promfed rules -o yaml   (to load them in another way)"));
    }
    let file = values.document(&ALERTS)?;
    let (text, file) = (file.text(), file.value());
    let alerts = alerts(joined.iter().map(String::as_str));
    let count = format!("{} alerts of {GROUP}", alerts.len());
    let wanted = rule_group(&alerts);
    let empty = Vec::new();
    let groups = match &file["groups"] {
        Value::Array(groups) => groups,
        Value::Null => &empty,
        _ => {
            return Err(Error::usage(format!("groups of {} is not a list", Path::of(ALERTS))));
        }
    };
    let place = Path::of(["groups"]);
    let sign = match groups.iter().position(|group| group["name"] == GROUP) {
        Some(at) if groups[at] == wanted => None,
        Some(at) => {
            let path = place.index(at).key("rules");
            values.edit_text(&ALERTS, &[Edit::Set { path, value: wanted["rules"].clone() }])?;
            Some(Sign::Changed)
        }
        None if matches!(text.trim(), "" | "{}") => {
            values.set(&ALERTS, json!(to_yaml(&rule_file(&alerts))))?;
            Some(Sign::Added)
        }
        None => {
            values.edit_text(&ALERTS, &[Edit::Append { path: place, item: wanted }])?;
            Some(Sign::Added)
        }
    };
    if let Some(sign) = sign {
        draft.say(sign, "rules", count);
    }
    if joined.is_empty() {
        draft.warn(
            "no cluster has joined yet: run this again after some have, for an alert on those that are silent",
        );
    }
    load(draft)
}

/// The file has to be among those that Prometheus loads.
fn load(draft: &mut Draft) -> Result<()> {
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let is_loaded = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or(file);
        FILE.ends_with(&format!("/{name}")) || name.contains('*')
    };
    let mut files = config["rule_files"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if files.any(is_loaded) {
        return Ok(());
    }
    draft.say(Sign::Added, "config", format!("rule_files {FILE}"));
    let item = json!(FILE);
    draft.target.values.edit_config(&[Edit::Append { path: Path::of(["rule_files"]), item }])
}
