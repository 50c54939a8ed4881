//! What a version would not start with, or would not heed, of arguments and a configuration.
//!
//! Told before anything is written: a plan refuses what keeps the process from starting, and warns of the rest.

mod moved;

use std::collections::BTreeSet;

use serde_json::Value;

pub use self::moved::changes_in_meaning;

use super::capability::{Became, Mode, Span, Takes, known_feature, known_flag, mode_of_flag};
use super::config::{FORBIDDEN_IN_AGENT, remote_write_urls, unknown_fields};
use super::flags::Args;
use super::{Capabilities, Expansion, OutOfOrderWindow, PromDuration, Role};

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What it is, as it is written.
    pub what: String,
    pub effect: Effect,
    /// What the version does about it, and which version is other.
    pub why: String,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The process ends at once, or a reload fails.
    KeepsFromStarting,
    /// It has no effect, or not the one that was meant.
    NotAsMeant,
}

/// Everything that does not fit the version, in the order of the arguments and then of the configuration.
pub fn misfits(args: &Args, config: &Value, capabilities: Capabilities) -> Vec<Misfit> {
    let role = if runs_as_agent(args, capabilities) { Role::Agent } else { Role::Hub };
    let mut all = of_flags(args, capabilities, role);
    all.extend(args.features().filter_map(|name| of_feature(name, capabilities)));
    all.extend(
        unknown_fields(config, capabilities)
            .into_iter()
            .map(|(path, span)| fatal(path.to_string(), unknown(span))),
    );
    let writes_to_nobody = remote_write_urls(config).next().is_none();
    if role == Role::Agent && writes_to_nobody && capabilities.agent_needs_remote_write() {
        all.push(fatal("agent mode".to_owned(), "the configuration has no remote_write".to_owned()));
    }
    all.extend(of_alerting(config, capabilities, role));
    all.extend(of_sample_age(config, capabilities));
    all.extend(of_external_labels(args, config, capabilities));
    all.extend(of_out_of_order(config, capabilities, role));
    all
}

fn runs_as_agent(args: &Args, capabilities: Capabilities) -> bool {
    let by_flag = capabilities.knows_flag("agent") && args.value("agent") == Some("true");
    let by_name = knows_feature("agent", capabilities) && args.features().any(|name| name == "agent");
    by_flag || by_name
}

fn knows_feature(name: &str, capabilities: Capabilities) -> bool {
    known_feature(name).is_some_and(|feature| feature.span.holds(capabilities.version()))
}

fn of_flags(args: &Args, capabilities: Capabilities, role: Role) -> Vec<Misfit> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for flag in args.flags() {
        let what = || format!("--{}", flag.name);
        let known = known_flag(flag.name);
        let is_switch = known.is_some_and(|known| known.takes == Takes::Nothing);
        let is_bare = flag.at.len() == 1 && !args.as_slice()[flag.at.start].contains('=');
        if let Some(known) = known.filter(|known| !known.span.holds(capabilities.version())) {
            all.push(fatal(what(), unknown(known.span)));
        } else if is_switch && !is_bare {
            all.push(fatal(what(), "it takes no value".to_owned()));
        } else if role == Role::Hub && mode_of_flag(flag.name) == Mode::Agent {
            all.push(fatal(what(), "only an agent has it".to_owned()));
        } else if role == Role::Agent && mode_of_flag(flag.name) == Mode::Server {
            all.push(fatal(what(), "an agent does not have it".to_owned()));
        } else if !seen.insert(flag.name.to_owned()) && !capabilities.repeats(flag.name) {
            all.push(fatal(what(), "it is given twice".to_owned()));
        }
    }
    all
}

/// A name that the version does not know only warns in its log. One that became always so is none to speak of.
fn of_feature(name: &str, capabilities: Capabilities) -> Option<Misfit> {
    let feature = known_feature(name).filter(|feature| !feature.span.holds(capabilities.version()))?;
    let span = feature.span;
    let instead = match feature.became {
        _ if span.is_to_come(capabilities.version()) => String::new(),
        Became::Always => return None,
        Became::Nothing => String::new(),
        Became::Flag(flag) => format!("; --{flag} is the flag for it"),
        Became::Field(field) => format!("; the configuration says it now: {field}"),
    };
    Some(not_as_meant(format!("--enable-feature={name}"), format!("it does nothing: {span}{instead}")))
}

fn of_external_labels(args: &Args, config: &Value, capabilities: Capabilities) -> Vec<Misfit> {
    let labels = config["global"]["external_labels"].as_object();
    let has_feature = args.features().any(|name| name == "expand-external-labels");
    let why = match capabilities.external_label_expansion() {
        Expansion::Always => {
            "a variable of the container's environment takes its place, or nothing; $$ is a dollar sign"
        }
        Expansion::FeatureName if has_feature => return Vec::new(),
        Expansion::FeatureName => {
            "it stays as it is written, without --enable-feature=expand-external-labels; from 3.0 on variables are replaced"
        }
        Expansion::Never => "it stays as it is written; variables are replaced from 3.0 on",
    };
    let dollars = labels.into_iter().flatten().filter_map(|(name, value)| {
        let value = value.as_str().filter(|value| value.replace("$$", "").contains('$'))?;
        Some(not_as_meant(format!("global.external_labels.{name}: {value}"), why.to_owned()))
    });
    dollars.collect()
}

/// What an agent has no use for ends it; for others, the first API of Alertmanager is gone.
fn of_alerting(config: &Value, capabilities: Capabilities, role: Role) -> Vec<Misfit> {
    if role == Role::Agent {
        let forbidden = FORBIDDEN_IN_AGENT.iter().filter(|field| config.get(field).is_some());
        return forbidden
            .map(|field| fatal((*field).to_owned(), "an agent does not have it".to_owned()))
            .collect();
    }
    let alertmanagers = config["alerting"]["alertmanagers"].as_array().into_iter().flatten();
    let of_v1 = alertmanagers.filter(|one| one["api_version"] == "v1" && !capabilities.alertmanager_v1());
    let what = || "alerting.alertmanagers with api_version: v1".to_owned();
    of_v1.map(|_| fatal(what(), "this version speaks v2 only".to_owned())).collect()
}

/// Sent again after an error, samples had the labels of others: #14078.
fn of_sample_age(config: &Value, capabilities: Capabilities) -> Option<Misfit> {
    let limits = |entry: &Value| !entry["queue_config"]["sample_age_limit"].is_null();
    let is_used = config["remote_write"].as_array().is_some_and(|entries| entries.iter().any(limits));
    (is_used && !capabilities.sample_age_limit_is_sound()).then(|| {
        not_as_meant(
            "remote_write.queue_config.sample_age_limit".to_owned(),
            "samples that are sent again can have the labels of others: sound since 2.54".to_owned(),
        )
    })
}

fn of_out_of_order(config: &Value, capabilities: Capabilities, role: Role) -> Option<Misfit> {
    let window = config["storage"]["tsdb"]["out_of_order_time_window"].as_str()?;
    if window.parse::<PromDuration>().is_ok_and(|window| window.milliseconds() == 0) {
        return None;
    }
    let what = format!("storage.tsdb.out_of_order_time_window: {window}");
    match (role, capabilities.out_of_order_window()) {
        (Role::Hub, OutOfOrderWindow::BlocksSenders) => Some(not_as_meant(
            what,
            "a sample older than that is answered with 500, and its sender stands still: safe since 2.50"
                .to_owned(),
        )),
        (Role::Agent, OutOfOrderWindow::BlocksSenders | OutOfOrderWindow::Safe)
            if !capabilities.out_of_order_in_agent() =>
        {
            Some(not_as_meant(what, "an agent heeds it since 2.54".to_owned()))
        }
        _ => None,
    }
}

fn unknown(span: Span) -> String {
    format!("this version does not know it: {span}")
}

fn fatal(what: String, why: String) -> Misfit {
    Misfit { what, effect: Effect::KeepsFromStarting, why }
}

fn not_as_meant(what: String, why: String) -> Misfit {
    Misfit { what, effect: Effect::NotAsMeant, why }
}

#[cfg(test)]
mod tests;
