//! The krew manifest, held against the rules that krew's index checks.

use std::collections::BTreeSet;

use serde_yaml::Value;

/// What krew knows (`validate-krew-manifest`).
const SUPPORTED: [(&str, &str); 12] = [
    ("windows", "386"),
    ("windows", "amd64"),
    ("windows", "arm64"),
    ("linux", "386"),
    ("linux", "amd64"),
    ("linux", "arm"),
    ("linux", "arm64"),
    ("linux", "ppc64le"),
    ("linux", "s390x"),
    ("darwin", "386"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
];
/// File names of a licence, one of which must be installed.
const LICENCES: [&str; 3] = ["license", "license.txt", "license.md"];

fn manifest() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/krew/promfed.yaml");
    serde_yaml::from_str(&std::fs::read_to_string(path).expect("the manifest")).expect("YAML")
}

fn platforms(manifest: &Value) -> Vec<Value> {
    manifest["spec"]["platforms"].as_sequence().cloned().expect("platforms")
}

#[test]
fn the_head_is_what_krew_wants() {
    let manifest = manifest();
    assert_eq!(manifest["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2");
    assert_eq!(manifest["kind"], "Plugin");
    assert_eq!(manifest["metadata"]["name"], "promfed");
    let version = manifest["spec"]["version"].as_str().expect("a version");
    assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION")));
    let short = manifest["spec"]["shortDescription"].as_str().expect("a short description");
    assert!(!short.contains('\n') && short.len() <= 50, "{short}");
    assert!(manifest["spec"]["description"].as_str().is_some_and(|text| text.contains("remote write")));
}

#[test]
fn every_platform_is_supported_and_selected_once() {
    let pairs: Vec<_> = platforms(&manifest())
        .iter()
        .map(|platform| {
            let labels = &platform["selector"]["matchLabels"];
            (
                labels["os"].as_str().expect("an os").to_owned(),
                labels["arch"].as_str().expect("an arch").to_owned(),
            )
        })
        .collect();
    assert!(pairs.iter().all(|(os, arch)| SUPPORTED.contains(&(os.as_str(), arch.as_str()))), "{pairs:?}");
    assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len());
    let systems: BTreeSet<_> = pairs.iter().map(|(os, _)| os.as_str()).collect();
    assert_eq!(systems, BTreeSet::from(["darwin", "linux", "windows"]));
}

#[test]
fn every_archive_has_an_address_a_checksum_and_a_binary() {
    let manifest = manifest();
    let version = manifest["spec"]["version"].as_str().expect("a version");
    for platform in platforms(&manifest) {
        let uri = platform["uri"].as_str().expect("a uri");
        assert!(uri.starts_with("https://") && uri.contains(version), "{uri}");
        let extension = std::path::Path::new(uri).extension().and_then(|extension| extension.to_str());
        assert!(uri.ends_with(".tar.gz") || extension == Some("zip"), "{uri}");
        let sum = platform["sha256"].as_str().expect("a checksum");
        assert!(sum.len() == 64 && sum.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{sum}");
        let is_windows = platform["selector"]["matchLabels"]["os"] == "windows";
        let bin = platform["bin"].as_str().expect("a binary");
        assert_eq!(bin, if is_windows { "kubectl-promfed.exe" } else { "kubectl-promfed" });
        assert!(platform["files"].is_null(), "all files, the licence among them");
    }
}

#[test]
fn a_licence_that_krew_knows_is_there() {
    let root = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("the folder");
    let names = root.flatten().map(|entry| entry.file_name().to_string_lossy().to_lowercase());
    assert!(names.into_iter().any(|name| LICENCES.contains(&name.as_str())));
}
