//! No sample is sent twice.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::safety::address::without_user;
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF314",
    category: Category::Flags,
    title: "no sample is sent twice",
    subject: Subject::Any,
    after: &["PF206", "PF307"],
    page: Page {
        symptom: "A cluster sends twice as much as it scrapes; or, with two entries of one name, Prometheus logs `found multiple remote write configs with job name` and does not load its configuration.",
        cause: "Somebody added an entry to `remote_write` beside the one that is there already, like `agent join` beside one that was written by hand with another spelling of the URL.",
        detected: "The names and URLs of the `remote_write` entries: the names in the values, the URLs in the loaded configuration. Entries with headers of their own, or that each send another part by `write_relabel_configs`, are left alone.",
        fix: "Take one of the two out of `prometheus.config.prometheus_yml` in the values. The hub keeps one copy of what was sent twice: nothing has to be mended there.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let (loaded, desired) = (view.facts.config()?, view.facts.desired_config());
    let desired = desired.as_ref().unwrap_or(&loaded);
    if entries(loaded).len() < 2 && entries(desired).len() < 2 {
        return Ok(Judgement::Moot);
    }
    let mut findings = Vec::new();
    for (first, second) in pairs(entries(desired)) {
        let name = first["name"].as_str().filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| second["name"] == **name) {
            let what = format!("two entries of remote_write have the name {name}");
            findings.push(
                Finding::error(what)
                    .because("Prometheus does not load such a configuration")
                    .fix(Fix::hand("give one of the two another name, or take it out")),
            );
        }
    }
    for (first, second) in pairs(entries(loaded)).filter(|(first, second)| send_the_same(first, second)) {
        let what = format!("{} is written to by two entries of remote_write", url(first));
        findings.push(
            Finding::warning(what)
                .because(format!("{} and {} send the same samples", told(first), told(second)))
                .fix(Fix::hand("take one of the two out of prometheus.config.prometheus_yml in the values")),
        );
    }
    Ok(findings.into())
}

fn entries(config: &Value) -> &[Value] {
    config["remote_write"].as_array().map_or(&[], Vec::as_slice)
}

fn pairs(entries: &[Value]) -> impl Iterator<Item = (&Value, &Value)> {
    let with_rest = entries.iter().enumerate();
    with_rest.flat_map(|(at, first)| entries[at + 1..].iter().map(move |second| (first, second)))
}

/// Headers may choose a tenant, and relabeling may leave each its part.
fn send_the_same(first: &Value, second: &Value) -> bool {
    let part = |entry: &Value| entry["write_relabel_configs"].clone();
    !url(first).is_empty()
        && url(first) == url(second)
        && first["headers"] == second["headers"]
        && part(first) == part(second)
}

/// The URL, as far as it leads somewhere else in another spelling.
fn url(entry: &Value) -> String {
    let url = without_user(entry["url"].as_str().unwrap_or_default());
    let url = url.replacen(":443/", "/", usize::from(url.starts_with("https://")));
    url.trim_end_matches('/').to_ascii_lowercase()
}

fn told(entry: &Value) -> String {
    entry["name"]
        .as_str()
        .filter(|name| !name.is_empty())
        .map_or("one without a name".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Severity;

    const URL: &str = "https://prometheus.hub.test/api/v1/write";

    fn writing(entries: &str) -> Facts {
        agent().with_config(&format!(
            "global: {{external_labels: {{cluster: edge}}}}\nremote_write: [{entries}]\n"
        ))
    }

    #[test]
    fn one_url_in_two_spellings_is_told_with_both_entries() {
        let twice = writing(&format!(
            "{{url: '{URL}', name: promfed}}, {{url: 'https://me:s3cr3t@Prometheus.hub.test:443/api/v1/write'}}"
        ));
        let findings = found("PF314", "admin@edge", &[twice]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].causes,
            [
                "https://prometheus.hub.test/api/v1/write is written to by two entries of remote_write",
                "promfed and one without a name send the same samples"
            ]
        );
    }

    #[test]
    fn one_name_for_two_is_an_error_before_it_is_loaded() {
        let agent = agent().with_values(|text| {
            text.replace(
                "        name: promfed\n",
                "        name: promfed\n      - url: https://other.test/w\n        name: promfed\n",
            )
        });
        let agent = agent.with_config(&format!(
            "global: {{external_labels: {{cluster: edge}}}}\nremote_write: [{{url: '{URL}'}}]"
        ));
        let findings = found("PF314", "admin@edge", &[agent]);
        assert_eq!(findings[0].causes[0], "two entries of remote_write have the name promfed");
        assert_eq!(findings[0].severity, Severity::Error);
    }

    #[test]
    fn two_hubs_two_tenants_and_two_parts_are_no_finding() {
        for second in [
            "{url: 'https://other.test/api/v1/write'}".to_owned(),
            format!("{{url: '{URL}', headers: {{X-Scope-OrgID: b}}}}"),
            format!("{{url: '{URL}', write_relabel_configs: [{{regex: b, action: keep}}]}}"),
        ] {
            let both = writing(&format!("{{url: '{URL}'}}, {second}"));
            assert_eq!(found("PF314", "admin@edge", &[both]), [], "{second}");
        }
        assert!(!codes(&[agent(), hub()]).contains(&"PF314"));
    }
}
