//! No credentials are written into a ConfigMap. A finding names the place, and never the value.

use serde_json::Value;

use super::address::has_user;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::yaml::{self, Path};

/// The fields of a client of HTTP and of service discovery that hold a secret, and have a twin with `_file`, or none.
const SECRETS: [&str; 9] = [
    "application_credential_secret",
    "bearer_token",
    "client_secret",
    "credentials",
    "key",
    "password",
    "secret_key",
    "secrets",
    "token",
];
/// Fields that hold a URL.
const URLS: [&str; 3] = ["proxy_url", "token_url", "url"];
/// What holds names that somebody else chose.
const FREE: [&str; 6] = [
    "external_labels",
    "labels",
    "metric_relabel_configs",
    "params",
    "relabel_configs",
    "write_relabel_configs",
];

pub(super) const CHECK: Check = Check {
    code: "PF802",
    category: Category::Safety,
    title: "credentials are not in a ConfigMap",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Nothing. Whoever may read ConfigMaps in the namespace of Prometheus can write to the hub, or scrape what the password was for.",
        cause: "A password, a token or a key is written into the Prometheus configuration, which the package puts into a ConfigMap. Prometheus shows `<secret>` in its place, and the ConfigMap does not.",
        detected: "The fields that hold secrets, and URLs with a user name, in the loaded configuration and in the ConfigMap. Only their places are told.",
        fix: "Put the secret into a Secret, mount that with a ytt overlay, and name the file: `password_file`, `credentials_file`, `key_file`. Then change the secret, as the old one was there to be read.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let written = view.facts.workload.config_map.as_ref().map_err(Clone::clone).and_then(|data| {
        let text = data.get("prometheus.yml").ok_or(Unread::NotAsked)?;
        yaml::read(text).map_err(|_| Unread::Failed("the ConfigMap's prometheus.yml is not YAML".to_owned()))
    });
    let loaded = view.facts.process.config.as_ref().map_err(Clone::clone);
    let mut places = Vec::new();
    if let Ok(config) = &written {
        find(config, &Path::default(), &mut places);
    }
    if let Ok(config) = loaded {
        find(config, &Path::default(), &mut places);
    }
    let mut seen = Vec::new();
    for place in places.iter().map(ToString::to_string) {
        if !seen.contains(&place) {
            seen.push(place);
        }
    }
    let mut lines = seen.into_iter();
    let Some(first) = lines.next() else {
        return match (written, loaded) {
            (Err(unread), Err(_)) => Err(unread),
            _ => Ok(Judgement::Holds),
        };
    };
    let finding =
        Finding::warning(format!("the ConfigMap prometheus-server has the secret itself at {first}"));
    let finding = lines.fold(finding, |finding, place| finding.because(format!("and at {place}")));
    Ok(finding
        .fix(Fix::hand(
            "mount a Secret with a ytt overlay, and name the file: password_file, credentials_file, key_file",
        ))
        .into())
}

/// The places of what is secret, in order.
fn find(value: &Value, at: &Path, places: &mut Vec<Path>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| !FREE.contains(&key.as_str())) {
                let place = at.key(key);
                if is_secret(key, value) {
                    places.push(place);
                } else {
                    find(value, &place, places);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find(item, &at.index(index), places);
            }
        }
        _ => {}
    }
}

fn is_secret(key: &str, value: &Value) -> bool {
    match value {
        Value::String(text) if text.is_empty() => false,
        Value::String(text) if URLS.contains(&key) => has_user(text),
        Value::String(_) | Value::Number(_) => SECRETS.contains(&key),
        Value::Array(items) => key == "secrets" && !items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};

    fn with_config_map(mut facts: Facts, text: &str) -> Facts {
        facts.workload.config_map = Ok([("prometheus.yml".to_owned(), text.to_owned())].into());
        facts
    }

    #[test]
    fn the_places_are_told_and_no_value() {
        let config = "remote_write:\n- url: https://me:hunter2@hub.test/api/v1/write\n- url: https://other/\n  authorization: {credentials: hunter2}\nscrape_configs:\n- job_name: a\n  basic_auth: {username: me, password: hunter2}\n  tls_config: {cert_file: /x, key: hunter2}\n  consul_sd_configs: [{server: c, token: hunter2}]\n";
        let findings = found("PF802", "admin@edge", &[with_config_map(agent(), config)]);
        assert_eq!(
            findings[0].causes,
            [
                "the ConfigMap prometheus-server has the secret itself at remote_write[0].url",
                "and at remote_write[1].authorization.credentials",
                "and at scrape_configs[0].basic_auth.password",
                "and at scrape_configs[0].tls_config.key",
                "and at scrape_configs[0].consul_sd_configs[0].token",
            ]
        );
        assert!(!format!("{findings:?}").contains("hunter2"));
    }

    #[test]
    fn what_prometheus_hides_is_found_where_the_config_map_cannot_be_read() {
        let mut facts = hub().with_config("scrape_configs: [{job_name: a, bearer_token: <secret>}]\n");
        facts.workload.config_map = Err(crate::check::facts::Unread::Forbidden("get configmaps".into()));
        let findings = found("PF802", "admin@hub", &[facts]);
        assert!(findings[0].causes[0].ends_with("scrape_configs[0].bearer_token"), "{findings:?}");
    }

    #[test]
    fn files_and_names_that_only_look_like_it_are_fine() {
        let config = "global: {external_labels: {cluster: edge, token: x}}\nremote_write:\n- url: https://prometheus.hub.test/api/v1/write\n  basic_auth: {username: me, password_file: /run/secrets/password}\n  tls_config: {ca: X}\nscrape_configs:\n- job_name: prometheus\n  bearer_token_file: /var/run/token\n  params: {token: [x]}\n  static_configs: [{targets: [localhost:9090], labels: {password: x, cluster: edge}}]\n";
        let facts = with_config_map(agent(), config);
        assert!(!codes(&[facts]).contains(&"PF802"));
    }
}
