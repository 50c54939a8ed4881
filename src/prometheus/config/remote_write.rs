//! The `remote_write` entry of an agent.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::protocol::Protocol;
use crate::domain::WriteUrl;
use crate::prometheus::{Capabilities, PromDuration, QueueDefaults};
use crate::yaml::{Edit, Path};

/// The entry's name. Without one, Prometheus names the queue by a hash that changes with every edit and splits its
/// metrics.
pub const REMOTE_NAME: &str = "promfed";

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
        }
    }
}

/// The authorities that the entry for the hub trusts so far, in PEM, where they stand in the configuration.
pub fn inline_authority(config: &Value) -> Option<&str> {
    let entry = entries(config).iter().find(|entry| entry["name"] == REMOTE_NAME)?;
    entry["tls_config"]["ca"].as_str()
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

/// For how long a sample may wait in the queue for the hub before it is dropped, where that is limited.
pub fn age_limit_of(config: &Value) -> Option<PromDuration> {
    let entry = entries(config).iter().find(|entry| entry["name"] == REMOTE_NAME)?;
    let limit: PromDuration = entry["queue_config"]["sample_age_limit"].as_str()?.parse().ok()?;
    (limit.milliseconds() > 0).then_some(limit)
}

/// The edit after which it may wait so long.
pub fn age_limit_edit(config: &Value, limit: PromDuration) -> Vec<Edit> {
    let index = entries(config).iter().position(|entry| entry["name"] == REMOTE_NAME);
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

/// The edits after which the configuration writes to the hub. The entry named `promfed` is brought up to date, or
/// else one that has the same URL; entries for other places stay.
pub fn remote_write_edits(config: &Value, wanted: &RemoteWrite, capabilities: Capabilities) -> Vec<Edit> {
    let named = |entry: &Value| entry["name"] == REMOTE_NAME;
    let same_url = |entry: &Value| entry["url"] == wanted.url.as_str();
    let all = entries(config);
    let found = all.iter().position(named).or_else(|| all.iter().position(same_url));
    let list = Path::of(["remote_write"]);
    let Some(index) = found else {
        let mut entry = Map::new();
        for (keys, value) in settings(&Value::Null, wanted, capabilities) {
            insert(&mut entry, keys, value);
        }
        return vec![Edit::Append { path: list, item: Value::Object(entry) }];
    };
    let entry = &all[index];
    let place = list.index(index);
    let path = |keys: &[&str]| keys.iter().fold(place.clone(), |path, key| path.key(key));
    let mut edits: Vec<_> = settings(entry, wanted, capabilities)
        .into_iter()
        .filter(|(keys, value)| Path::of(keys.iter().copied()).find(entry) != Some(value))
        .map(|(keys, value)| Edit::Set { path: path(keys), value })
        .collect();
    let stale =
        stale(entry, wanted).into_iter().filter(|keys| Path::of(keys.iter().copied()).find(entry).is_some());
    edits.extend(stale.map(|keys| Edit::Remove { path: path(keys) }));
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
    wanted: &RemoteWrite,
    capabilities: Capabilities,
) -> Vec<(&'static [&'static str], Value)> {
    let mut all: Vec<(&'static [&'static str], Value)> = Vec::new();
    if entry["name"].is_null() {
        all.push((&["name"], json!(REMOTE_NAME)));
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
mod tests {
    use super::*;
    use crate::prometheus::Version;
    use crate::yaml::{edit, read};

    fn wanted(trust: Trust) -> RemoteWrite {
        let url = "https://hub.example.com/api/v1/write".parse().expect("a URL");
        RemoteWrite::new(url, trust)
    }

    fn written(config: &str, wanted: &RemoteWrite, version: (u32, u32)) -> String {
        let capabilities = Capabilities::of(Version::new(version.0, version.1, 0));
        let edits = remote_write_edits(&read(config).expect("YAML"), wanted, capabilities);
        edit(config, &edits).expect("possible edits")
    }

    #[test]
    fn a_new_entry_spells_out_what_the_version_lacks() {
        insta::assert_snapshot!(written("global: {}\n", &wanted(Trust::Anything), (2, 43)), @r"
        global: {}
        remote_write:
        - name: promfed
          url: https://hub.example.com/api/v1/write
          send_exemplars: true
          tls_config:
            insecure_skip_verify: true
          queue_config:
            capacity: 10000
            max_shards: 50
            max_samples_per_send: 2000
            retry_on_http_429: true
        ");
        insta::assert_snapshot!(written("global: {}\n", &wanted(Trust::Authority("A\nB\n".into())), (3, 5)), @r"
        global: {}
        remote_write:
        - name: promfed
          url: https://hub.example.com/api/v1/write
          send_exemplars: true
          tls_config:
            ca: |
              A
              B
          queue_config:
            retry_on_http_429: true
        ");
    }

    #[test]
    fn an_entry_of_the_same_url_is_adopted_and_others_stay() {
        let config = "remote_write:\n- url: https://other/api/v1/write\n- url: https://hub.example.com/api/v1/write\n  send_exemplars: true\n  tls_config:\n    insecure_skip_verify: true # self-signed\n  queue_config: {max_shards: 5}\n";
        insta::assert_snapshot!(written(config, &wanted(Trust::Anything), (2, 43)), @r"
        remote_write:
        - url: https://other/api/v1/write
        - url: https://hub.example.com/api/v1/write
          send_exemplars: true
          tls_config:
            insecure_skip_verify: true # self-signed
          queue_config: {max_shards: 5, capacity: 10000, max_samples_per_send: 2000, retry_on_http_429: true}
          name: promfed
        ");
    }

    #[test]
    fn writing_twice_changes_nothing() {
        for trust in [Trust::System, Trust::Anything, Trust::Authority("A\n".into())] {
            let once = written("", &wanted(trust.clone()), (2, 43));
            assert_eq!(written(&once, &wanted(trust), (2, 43)), once);
        }
    }

    #[test]
    fn one_login_replaces_another() {
        let password = Login::Password { username: "edge".into(), password_file: "/p".into() };
        let token = Login::Token { credentials_file: "/t".into() };
        let with = |login: &Login| RemoteWrite { login: login.clone(), ..wanted(Trust::File("/ca".into())) };
        let first = written("", &with(&password), (3, 5));
        assert_eq!(
            read(&first).expect("YAML")["remote_write"][0]["basic_auth"],
            json!({"username": "edge", "password_file": "/p"})
        );
        let second = written(&first, &with(&token), (3, 5));
        let entry = read(&second).expect("YAML")["remote_write"][0].clone();
        assert_eq!(entry["authorization"], json!({"credentials_file": "/t"}));
        assert_eq!((entry.get("basic_auth"), &entry["tls_config"]), (None, &json!({"ca_file": "/ca"})));
        assert_eq!(written(&second, &with(&Login::Kept), (3, 5)), second);
    }

    #[test]
    fn verification_replaces_trusting_anything() {
        let before = written("", &wanted(Trust::Anything), (3, 5));
        let after = written(&before, &wanted(Trust::Authority("A\n".into())), (3, 5));
        assert!(!after.contains("insecure_skip_verify"), "{after}");
    }
}
