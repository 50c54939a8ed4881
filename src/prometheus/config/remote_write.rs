//! The `remote_write` entry of an agent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::protocol::Protocol;
use crate::domain::WriteUrl;
use crate::prometheus::{Capabilities, HubType, PromDuration, QueueDefaults};
use crate::yaml::{Edit, Path};

/// The entry's name. Without one, Prometheus names the queue by a hash that changes with every edit and splits its
/// metrics.
pub const REMOTE_NAME: &str = "promfed";
/// The name of a second one, for another hub beside that: an entry that is renamed gets a new queue, so neither ever is.
const BESIDE_NAME: &str = "promfed-2";

/// How the hub's certificate is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// By the authorities that the container image brings.
    System,
    /// By these certificates, in PEM, written into the configuration.
    Authority(String),
    /// By the certificates in a file of the container.
    File(String),
    /// Not at all.
    Anything,
}

/// How the agent says who it is. What is secret is in files of the container, never in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// As the entry has it; a new one says nothing.
    #[default]
    Kept,
    Certificate {
        cert_file: String,
        key_file: String,
    },
    Password {
        username: String,
        password_file: String,
    },
    Token {
        credentials_file: String,
    },
}

/// Whether exemplars are sent along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemplars {
    Send,
    /// One end cannot; sending them would only cost.
    Leave,
}

/// What becomes of another hub that the agent writes to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HubBefore {
    /// It gets nothing more.
    #[default]
    Ends,
    /// It goes on getting everything.
    Stays,
}

/// Where an agent writes to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteWrite {
    pub url: WriteUrl,
    pub trust: Trust,
    pub login: Login,
    /// Headers to send along, like a tenant's. They are no secret.
    pub headers: BTreeMap<String, String>,
    pub exemplars: Exemplars,
    pub protocol: Protocol,
    pub before: HubBefore,
}

impl RemoteWrite {
    /// Writes to the hub without saying who it is, with all that both ends can.
    pub fn new(url: WriteUrl, trust: Trust) -> Self {
        Self {
            url,
            trust,
            login: Login::Kept,
            headers: BTreeMap::new(),
            exemplars: Exemplars::Send,
            protocol: Protocol::Kept,
            before: HubBefore::Ends,
        }
    }
}

/// Whether promfed wrote the entry, or took it over.
pub fn is_ours(entry: &Value) -> bool {
    entry["name"] == REMOTE_NAME || entry["name"] == BESIDE_NAME
}

/// The authorities that the entry for a hub trusts so far, in PEM, where they stand in the configuration.
pub fn inline_authority<'c>(config: &'c Value, wanted: &RemoteWrite) -> Option<&'c str> {
    let entry = entries(config).get(place_of(config, wanted)?).filter(|entry| is_ours(entry))?;
    entry["tls_config"]["ca"].as_str()
}

/// How the entry for a URL speaks TLS: its `tls_config`.
pub fn tls_of<'c>(config: &'c Value, url: &WriteUrl) -> Option<&'c Value> {
    entries(config).iter().find(|entry| entry["url"] == url.as_str())?.get("tls_config")
}

/// Promfed's entries for other hubs than this one.
pub fn other_hubs<'c>(config: &'c Value, url: &WriteUrl) -> impl Iterator<Item = &'c Value> {
    entries(config).iter().filter(move |entry| is_ours(entry) && entry["url"] != url.as_str())
}

/// The URLs that a configuration writes to, in order.
pub fn remote_write_urls(config: &Value) -> impl Iterator<Item = &str> {
    entries(config).iter().filter_map(|entry| entry["url"].as_str())
}

/// Those of them whose certificate nobody verifies.
pub fn unverified_urls(config: &Value) -> impl Iterator<Item = &str> {
    entries(config).iter().filter(|entry| is_unverified(entry)).filter_map(|entry| entry["url"].as_str())
}

/// Whether an entry takes any certificate.
pub fn is_unverified(entry: &Value) -> bool {
    entry["tls_config"]["insecure_skip_verify"] == true
}

/// The tenant as which promfed's entry writes, and of whom.
pub fn tenant(config: &Value) -> Option<(HubType, &str)> {
    let headers = entries(config).iter().find(|entry| is_ours(entry))?["headers"].as_object()?;
    headers.iter().find_map(|(name, tenant)| Some((HubType::of_header(name)?, tenant.as_str()?)))
}

/// For how long a sample may wait in the queue for the hub before it is dropped, where that is limited.
pub fn age_limit_of(config: &Value) -> Option<PromDuration> {
    let entry = entries(config).iter().find(|entry| is_ours(entry))?;
    let limit: PromDuration = entry["queue_config"]["sample_age_limit"].as_str()?.parse().ok()?;
    (limit.milliseconds() > 0).then_some(limit)
}

/// The edit after which it may wait so long.
pub fn age_limit_edit(config: &Value, limit: PromDuration) -> Vec<Edit> {
    let index = entries(config).iter().position(is_ours);
    let path = |index| Path::of(["remote_write"]).index(index).key("queue_config").key("sample_age_limit");
    index.map(|index| Edit::Set { path: path(index), value: json!(limit.to_string()) }).into_iter().collect()
}

/// Whether every queue that there is goes on: Prometheus makes a new one for an entry that changes in any way, and for all
/// of them where the external labels do.
pub fn kept_queues(before: &Value, after: &Value) -> bool {
    let labels = |config: &Value| config["global"]["external_labels"].clone();
    let there = entries(before);
    let is_kept = |entry: &Value| entries(after).contains(entry);
    there.is_empty() || (labels(before) == labels(after) && there.iter().all(is_kept))
}

/// The entry that becomes the one for a hub: promfed's for it, and where that takes the place of another hub, promfed's
/// for that one; else one of the same URL.
fn place_of(config: &Value, wanted: &RemoteWrite) -> Option<usize> {
    let all = entries(config);
    let same_url = |entry: &Value| entry["url"] == wanted.url.as_str();
    let replaced = || match wanted.before {
        HubBefore::Ends => all.iter().position(is_ours),
        HubBefore::Stays => None,
    };
    let own = all.iter().position(|entry| is_ours(entry) && same_url(entry));
    own.or_else(replaced).or_else(|| all.iter().position(same_url))
}

/// The edits after which the configuration writes to the hub: an entry of promfed's is brought up to date, or else one
/// that has the same URL. Entries for other places stay; promfed's for other hubs do where that is wanted.
pub fn remote_write_edits(config: &Value, wanted: &RemoteWrite, capabilities: Capabilities) -> Vec<Edit> {
    let all = entries(config);
    let list = Path::of(["remote_write"]);
    let name = if all.iter().any(|entry| entry["name"] == REMOTE_NAME) { BESIDE_NAME } else { REMOTE_NAME };
    let Some(index) = place_of(config, wanted) else {
        let mut entry = Map::new();
        for (keys, value) in settings(&Value::Null, name, wanted, capabilities) {
            insert(&mut entry, keys, value);
        }
        return vec![Edit::Append { path: list, item: Value::Object(entry) }];
    };
    let entry = &all[index];
    let place = list.index(index);
    let path = |keys: &[&str]| keys.iter().fold(place.clone(), |path, key| path.key(key));
    let mut edits: Vec<_> = settings(entry, name, wanted, capabilities)
        .into_iter()
        .filter(|(keys, value)| Path::of(keys.iter().copied()).find(entry) != Some(value))
        .map(|(keys, value)| Edit::Set { path: path(keys), value })
        .collect();
    let stale =
        stale(entry, wanted).into_iter().filter(|keys| Path::of(keys.iter().copied()).find(entry).is_some());
    edits.extend(stale.map(|keys| Edit::Remove { path: path(keys) }));
    if wanted.before == HubBefore::Ends {
        // From the end, so that the places before stay what they are.
        let ended = (0..all.len()).rev().filter(|other| *other != index && is_ours(&all[*other]));
        edits.extend(ended.map(|other| Edit::Remove { path: list.index(other) }));
    }
    edits
}

/// Fields of an entry that say who it is.
const PASSWORD: &[&str] = &["basic_auth"];
const TOKENS: [&[&str]; 3] = [&["authorization"], &["bearer_token"], &["bearer_token_file"]];
const OTHERS: [&[&str]; 2] = [&["oauth2"], &["sigv4"]];

/// What contradicts the settings: Prometheus takes one way to verify, and one to say who it is.
fn stale(entry: &Value, wanted: &RemoteWrite) -> Vec<&'static [&'static str]> {
    let mut all: Vec<&'static [&'static str]> = match wanted.trust {
        Trust::System => Vec::new(),
        Trust::Authority(_) => vec![&["tls_config", "insecure_skip_verify"], &["tls_config", "ca_file"]],
        Trust::File(_) => vec![&["tls_config", "insecure_skip_verify"], &["tls_config", "ca"]],
        Trust::Anything => vec![&["tls_config", "ca"], &["tls_config", "ca_file"]],
    };
    if wanted.protocol.is_unsaid(entry, &wanted.url) {
        all.push(&["protobuf_message"]);
    }
    match wanted.login {
        Login::Kept | Login::Certificate { .. } => {}
        Login::Password { .. } => {
            all.push(&["basic_auth", "password"]);
            all.extend(TOKENS.iter().chain(&OTHERS));
        }
        Login::Token { .. } => {
            all.extend([PASSWORD, &["authorization", "credentials"]]);
            all.extend(TOKENS[1..].iter().chain(&OTHERS));
        }
    }
    all
}

/// What the entry must say, in the order in which it is written. What the user tuned by hand stays.
fn settings(
    entry: &Value,
    name: &str,
    wanted: &RemoteWrite,
    capabilities: Capabilities,
) -> Vec<(&'static [&'static str], Value)> {
    let mut all: Vec<(&'static [&'static str], Value)> = Vec::new();
    if entry["name"].is_null() {
        all.push((&["name"], json!(name)));
    }
    all.push((&["url"], json!(wanted.url.as_str())));
    if let Some(message) = wanted.protocol.message(entry, capabilities) {
        all.push((&["protobuf_message"], json!(message)));
    }
    if !wanted.headers.is_empty() {
        all.push((&["headers"], json!(wanted.headers)));
    }
    if capabilities.sends_exemplars() && wanted.exemplars == Exemplars::Send {
        all.push((&["send_exemplars"], json!(true)));
    }
    match &wanted.trust {
        Trust::System => {}
        Trust::Authority(pem) => all.push((&["tls_config", "ca"], json!(pem))),
        Trust::File(path) => all.push((&["tls_config", "ca_file"], json!(path))),
        Trust::Anything => all.push((&["tls_config", "insecure_skip_verify"], json!(true))),
    }
    match &wanted.login {
        Login::Kept => {}
        Login::Certificate { cert_file, key_file } => {
            all.push((&["tls_config", "cert_file"], json!(cert_file)));
            all.push((&["tls_config", "key_file"], json!(key_file)));
        }
        Login::Password { username, password_file } => {
            all.push((&["basic_auth", "username"], json!(username)));
            all.push((&["basic_auth", "password_file"], json!(password_file)));
        }
        Login::Token { credentials_file } => {
            all.push((&["authorization", "credentials_file"], json!(credentials_file)));
        }
    }
    if capabilities.queue_defaults() != QueueDefaults::TODAY {
        let QueueDefaults { max_shards, max_samples_per_send, capacity } = QueueDefaults::TODAY;
        let queue = &entry["queue_config"];
        let tuned: [(&'static [&'static str], u32); 3] = [
            (&["queue_config", "capacity"], capacity),
            (&["queue_config", "max_shards"], max_shards),
            (&["queue_config", "max_samples_per_send"], max_samples_per_send),
        ];
        all.extend(
            tuned
                .into_iter()
                .filter(|(keys, _)| queue[keys[1]].is_null())
                .map(|(keys, value)| (keys, json!(value))),
        );
    }
    if capabilities.retries_on_429() && entry["queue_config"]["retry_on_http_429"].is_null() {
        all.push((&["queue_config", "retry_on_http_429"], json!(true)));
    }
    all
}

fn insert(map: &mut Map<String, Value>, keys: &[&str], value: Value) {
    match keys {
        [] => {}
        [key] => drop(map.insert((*key).to_owned(), value)),
        [key, rest @ ..] => {
            if let Some(inner) = map.entry(*key).or_insert_with(|| json!({})).as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

fn entries(config: &Value) -> &[Value] {
    config["remote_write"].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests;
