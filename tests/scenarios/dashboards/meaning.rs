//! What comes out is PromQL to every Prometheus, and means for one cluster what it meant in that cluster's own.

use std::collections::BTreeMap;
use std::fs;

use promfed_sandbox::Binaries;
use serde_json::Value;

use super::data::{NOW, samples};
use super::process::Prometheus;
use super::{ALL, path, promfed, rewritten, text};
use crate::rules::promtool;
use crate::support::say;

/// Expressions before and after, as Grafana would send them.
struct Pair {
    before: String,
    after: String,
}

impl Pair {
    /// With some clusters chosen.
    fn sent(text: &str, clusters: &str) -> String {
        let values = [
            ("$cluster", clusters),
            ("$__rate_interval", "5m"),
            ("$__interval", "1m"),
            ("$__range", "1h"),
            ("[[namespace:regex]]", ".+"),
            ("$namespace", ".+"),
            ("${interval}", "5m"),
            ("$top", "1"),
            ("$node", "nowhere"),
            ("$instance", ".+"),
            ("$job", "node"),
            ("$label", "device"),
            ("$aggregation", "sum"),
            ("$names", "node_cpu_seconds_total"),
            ("$verb", ".+"),
            ("$hub", ".*"),
        ];
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// All texts in a document that ask something, in order.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if matches!(key.as_str(), "expr" | "query") => {
                        found.push(text.clone());
                    }
                    member => texts(member, found),
                }
            }
        }
        Value::Array(items) => {
            let others = items.iter().filter(|item| item["name"] != "cluster");
            others.for_each(|item| texts(item, found));
        }
        _ => {}
    }
}

/// The PromQL in what a panel or a variable asks.
fn promql(text: &str) -> Option<String> {
    let inner = |function: &str| text.strip_prefix(function)?.strip_suffix(')');
    if let Some(expression) = inner("query_result(") {
        return Some(expression.to_owned());
    }
    match inner("label_values(") {
        Some(inner) => Some(inner.rsplit_once(',')?.0.to_owned()),
        None => Some(text.to_owned()),
    }
}

fn asked(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    texts(&serde_json::from_str(document).expect("JSON"), &mut found);
    found
}

/// What was rewritten.
fn pairs(name: &str) -> Vec<Pair> {
    let before = asked(&fs::read_to_string(path(name)).expect("a fixture"));
    let after = asked(&rewritten(name).0);
    assert_eq!(before.len(), after.len(), "{name}");
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after);
    let all =
        changed.filter_map(|(before, after)| Some(Pair { before: promql(before)?, after: promql(after)? }));
    all.collect()
}

/// Series and their values, without the label by which clusters are told apart.
fn answer(data: &Value) -> Vec<(BTreeMap<String, String>, f64)> {
    let number = |value: &Value| value[1].as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    let series = |one: &Value| {
        let mut labels: BTreeMap<String, String> =
            serde_json::from_value(one["metric"].clone()).unwrap_or_default();
        labels.remove("cluster");
        (labels, number(&one["value"]))
    };
    let mut all: Vec<_> = match data["result"].as_array() {
        Some(_) if data["resultType"] == "scalar" => vec![(BTreeMap::new(), number(&data["result"]))],
        Some(result) => result.iter().map(series).collect(),
        None => Vec::new(),
    };
    all.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    all
}

fn is_same(one: &[(BTreeMap<String, String>, f64)], other: &[(BTreeMap<String, String>, f64)]) -> bool {
    let near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| one.0 == other.0 && near(one.1, other.1))
}

#[test]
fn one_cluster_of_many_shows_what_its_own_prometheus_shows() {
    let binaries = Binaries::find();
    let Some(promtool) = promtool().filter(|_| !binaries.is_empty()) else {
        let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
        assert!(may_skip, "no Prometheus or no promtool, and PROMFED_SKIP=never");
        say("SKIPPED: no Prometheus to ask dashboards of (make prometheus gets one)");
        return;
    };
    let federation = text(&promfed(&["dashboard", "federation"]).stdout);
    let all: Vec<Pair> = ALL.into_iter().flat_map(pairs).collect();
    for binary in binaries.paths() {
        let folder = tempfile::tempdir().expect("a folder");
        let start =
            |name: &str, text: &str| Prometheus::over(text, binary, &promtool, &folder.path().join(name));
        let many = start("many", &samples(&[1, 2], true));
        let own = start("one", &samples(&[1], false));
        let now = f64::from(NOW);
        let (mut mixed, mut failed, mut seen) = (0, 0, 0);
        for Pair { before, after } in &all {
            let ask = |prometheus: &Prometheus, text: &str, clusters: &str| {
                prometheus.ask(&Pair::sent(text, clusters), now).map(|data| answer(&data))
            };
            let expected = ask(&own, before, "").unwrap_or_else(|error| panic!("{before}: {error}"));
            let actual = ask(&many, after, "one").unwrap_or_else(|error| panic!("{after}: {error}"));
            assert!(is_same(&expected, &actual), "{before}\n{after}\n{expected:#?}\n{actual:#?}");
            seen += usize::from(!expected.is_empty());
            for clusters in ["one|two", ".*"] {
                ask(&many, after, clusters).unwrap_or_else(|error| panic!("{after}: {error}"));
            }
            match ask(&many, before, "") {
                Err(error) => {
                    assert!(
                        error.contains("found duplicate series for the match group"),
                        "{before}: {error}"
                    );
                    failed += 1;
                }
                Ok(answer) => mixed += usize::from(!is_same(&expected, &answer)),
            }
        }
        assert!(failed >= 2 && mixed >= 20 && seen >= 30, "{failed} failed, {mixed} mixed, {seen} seen");
        for expression in
            asked(&federation).iter().filter(|text| *text != "prometheus").filter_map(|text| promql(text))
        {
            let sent = Pair::sent(&expression, ".*");
            many.ask(&sent, now).unwrap_or_else(|error| panic!("{sent}: {error}"));
        }
    }
}
