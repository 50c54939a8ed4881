//! How the scenarios here break a federation and mend it, as a person would: by the values of an install.

use super::{check, context, found};
use crate::support::{Ran, Rig, until};

/// A package that every cluster of these scenarios offers.
pub(crate) const V3: (&str, &str) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");

/// Gives the install of a cluster other values, in the Secret that it has.
#[track_caller]
pub(crate) fn write_values(rig: &Rig, cluster: &str, text: &str) {
    let context = context(cluster);
    let name = "jsonpath={.spec.values[0].secretRef.name}";
    let get = ["get", "packageinstall", "prometheus", "-n", "tkg-system", "--context", &context, "-o", name];
    let secret = rig.kubectl(&get).ends_with(0).stdout;
    let patch = serde_json::json!({"stringData": {"values.yaml": text}}).to_string();
    let patch = ["patch", "secret", &secret, "-n", "tkg-system", "--context", &context, "-p", &patch];
    rig.kubectl(&patch).ends_with(0);
    rig.reconcile(cluster);
}

/// Replaces parts of the values of a cluster's install, and gives what they were.
#[track_caller]
pub(crate) fn rewrite(rig: &Rig, cluster: &str, parts: &[(&str, &str)]) -> String {
    let before = rig.values(cluster);
    write_values(rig, cluster, &changed(&before, parts));
    before
}

/// A text with parts of it replaced once, each of which has to be there.
#[track_caller]
pub(crate) fn changed(text: &str, parts: &[(&str, &str)]) -> String {
    parts.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "there is no {from:?} in\n{text}");
        text.replacen(from, to, 1)
    })
}

/// Looks until exactly this is found: `CONTEXT CODE`, with words of the line that tells it.
#[track_caller]
pub(crate) fn finds(rig: &Rig, clusters: &[&str], more: &[&str], expected: &[(&str, &str)]) -> Ran {
    finds_by(|| check(rig, clusters, more), expected)
}

/// As `finds`, by a command of the scenario's own.
#[track_caller]
pub(crate) fn finds_by(look: impl Fn() -> Ran, expected: &[(&str, &str)]) -> Ran {
    let codes: Vec<_> = expected.iter().map(|(code, _)| *code).collect();
    let is_it = |ran: &Ran| {
        let tells = |(line, (_, words)): (&str, &(&str, &str))| line.contains(words);
        found(ran) == codes && ran.stdout.lines().zip(expected).all(tells)
    };
    until(&format!("{expected:?}"), || {
        let ran = look();
        if is_it(&ran) { Ok(ran) } else { Err(ran) }
    })
}
