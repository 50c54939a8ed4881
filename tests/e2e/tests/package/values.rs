//! Values files to hold both renderings to: some that fit, and some that are refused.

use std::fs;
use std::path::Path;

use promfed_sandbox::ValuesFile;

/// Values that fit: what they are about, and files that are merged in their order.
pub(crate) fn fitting() -> Vec<(String, Vec<ValuesFile>)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/fitting");
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/article");
    let mut cases = vec![
        ("nothing".to_owned(), Vec::new()),
        ("empty files".to_owned(), files(&["", "# nothing\n", "---\n"])),
        (
            "a later file over an earlier one".to_owned(),
            files(&[
                "namespace: a\nprometheus: {service: {port: 1, labels: {a: b}}}\n",
                "namespace: b\nprometheus: {service: {labels: {c: d}}}\n",
            ]),
        ),
    ];
    for folder in [tests, article] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            cases.push((path.display().to_string(), files(&[&text])));
        }
    }
    cases
}

/// Values files with names of their own.
pub(crate) fn files(texts: &[&str]) -> Vec<ValuesFile> {
    let file = |(at, text): (usize, &&str)| ValuesFile {
        name: format!("values{at}.yaml"),
        text: (*text).to_owned(),
    };
    texts.iter().enumerate().map(file).collect()
}

/// Values that do not fit, each one a single file.
pub(crate) const REFUSED: &[&str] = &[
    // Unknown keys.
    "promtheus: {}\n",
    "no_such_value: 1\n",
    "KubeStateMetrics: 1\nx: 2\n",
    "namespace: a\nprometheus:\n  deployment:\n    replcas: 1\n    containers: {arg: []}\n  pvc: {a: 1}\n",
    "# a comment\n\n\n\n\n\n\n\n\n\n\nnamespac: a\nprometheus:\n  config:\n    prometheus: a\n",
    "1: a\n",
    "yes: a\n~: a\n",
    "namespäcé: a\n",
    "'quoted': a\n",
    "a: 1\na: 2\n",
    // Other types.
    "namespace: 1\n",
    "namespace:\n",
    "namespace: [1]\n",
    "namespace: 1e3\n",
    "namespace: 18446744073709551615\n",
    "prometheus: ~\n",
    "prometheus: []\n",
    "prometheus: 1\n",
    "prometheus:\n  deployment:\n    replicas: \"1\"\nalertmanager:\n  deployment:\n    replicas: 1.5\n",
    "prometheus:\n  deployment:\n    replicas: 1.0\n",
    "prometheus:\n  deployment:\n    containers:\n      args: [1, b, true]\n",
    "prometheus:\n  deployment:\n    containers:\n      args:\n      - [x]\n      - a: 1\n      - ~\n",
    "prometheus:\n  deployment:\n    containers:\n      args: ~\n    configmapReload: {containers: {args: a}}\n",
    "prometheus:\n  pvc:\n    storageClassName: 1\n",
    "prometheus:\n  pvc:\n    storageClassName: {a: 1}\n",
    "prometheus:\n  pvc: {storageClassName: []}\n  nope: 1\n",
    "ingress: {enabled: 'yes'}\n",
    "node_exporter: {daemonset: {hostNetwork: ~}}\n",
    "- a\n",
    "just words\n",
    "just words #@ and more\n",
    "namespace: a\n---\n- 1\n",
    "--- 5\n",
    "namespace: 1\n---\nnope: 1\n",
    // A map over something else.
    "namespace: {a: 1}\n",
    "prometheus:\n  config:\n    prometheus_yml:\n      global: {}\n",
    "prometheus:\n  deployment:\n    containers:\n      args: {a: 1}\n",
    "namespace: a\n---\nnamespace: {}\n",
    "ingress: {enabled: {}}\nprometheus: {deployment: {replicas: {}}}\n",
    // Annotations.
    "#@data/values\n---\nnamespace: a\n",
    "namespace: a #@ b\n",
    "namespace: a\n#@ b\n---\nnamespace: c\n",
    "#@overlay/match-child-defaults missing_ok=True\nprometheus:\n  #@ a\n  pvc: {}\n",
    // No YAML.
    "a: [\n",
    "a: [1\nb: 2\n",
    "b: 1\na: {x: 1\nc: 3\n",
    "a: b: c\n",
    "x: 1\na: b: c",
    "\ta: b\n",
    "b:\n\ta: 1\n",
    "a: \"x",
    "a: \"\\q\"\n",
    "a: 1\n b: 2\n",
    "x: 1\na: 'x'y\n",
    "a: 'x'y\n",
    "---\na: ]\n",
    "]\n",
    "- a\nb: 1\n",
    "a: 1\n- b\n",
    "a: @x\n",
    "a: %x\n",
    "%x: a\n",
    "a: - b\n",
    "key: |\n  a\n b\n",
    "key: >x\n a\n",
    "key: &\n",
    "key: *anchor\n",
    "prometheus: {service: &s {port: 1}}\npushgateway: {service: {<<: [*s]}}\n",
    "pushgateway: {service: {<<: a}}\n",
    "namespace: a\n...\nnamespace: b\n",
];
