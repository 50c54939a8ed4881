//! How a scenario breaks one thing, and waits for what is found of it.

use super::{check, context, found};
use crate::support::{Ran, Rig, eventually};

/// Changes the values of a cluster, as somebody does with `kubectl edit`; what is to be replaced has to be there.
#[track_caller]
pub(super) fn edit(rig: &Rig, cluster: &str, replacements: &[(&str, &str)]) {
    let values = changed(&rig.values(cluster), replacements);
    write(rig, cluster, &values);
}

/// A text with some of it replaced once, each of which has to be there.
#[track_caller]
pub(super) fn changed(text: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "there is no {from:?} in\n{text}");
        text.replacen(from, to, 1)
    })
}

/// Writes the values of a cluster.
pub(super) fn write(rig: &Rig, cluster: &str, values: &str) {
    let context = context(cluster);
    let at = ["-n", "tkg-system", "--context", &context];
    let path = "jsonpath={.spec.values[0].secretRef.name}";
    let get = [&["get", "packageinstall", "prometheus", "-o", path], &at[..]].concat();
    let secret = rig.kubectl(&get).ends_with(0).stdout;
    let patch = serde_json::json!({"stringData": {"values.yaml": values}}).to_string();
    rig.kubectl(&[&["patch", "secret", &secret, "-p", &patch], &at[..]].concat()).ends_with(0);
    rig.reconcile(cluster);
}

/// Looks until exactly this is found, and gives what was printed then.
#[track_caller]
pub(super) fn finds(rig: &Rig, clusters: &[&str], more: &[&str], expected: &[&str]) -> Ran {
    let mut last = None;
    let mut is_found = || {
        let ran = check(rig, clusters, more);
        let is_so = found(&ran) == expected;
        last = Some(ran);
        is_so
    };
    let waited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("the findings are those", &mut is_found);
    }));
    match (waited, last) {
        (Ok(()), Some(ran)) => ran,
        (_, last) => panic!("expected {expected:?}; the last look: {}", last.expect("a look")),
    }
}
