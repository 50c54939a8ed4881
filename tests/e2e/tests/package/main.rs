//! The package's ytt templates and the sandbox's rendering of it are the same thing, and so are the schemas and what is
//! said about values that do not fit.

#[cfg(test)]
mod tools;
#[cfg(test)]
mod values;

use std::collections::BTreeMap;

use promfed_sandbox::{Package, ValuesFile, package_objects, packages};
use serde_json::Value;
use tools::{Fetched, carvel, documents};
use values::{REFUSED, files, fitting};

fn versions() -> impl Iterator<Item = (&'static Package, &'static str)> {
    packages().iter().flat_map(|package| package.versions().iter().map(move |version| (package, *version)))
}

/// The objects by what they are and where.
fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let count = objects.len();
    let name = |object: &Value| {
        let metadata = &object["metadata"];
        format!("{} {} {} {}", object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"])
    };
    let named: BTreeMap<_, _> = objects.into_iter().map(|object| (name(&object), object)).collect();
    assert_eq!(named.len(), count, "two objects of one name");
    named
}

fn assert_same(context: &str, ours: Vec<Value>, theirs: Vec<Value>) {
    let (ours, theirs) = (by_name(ours), by_name(theirs));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{context}");
    for (name, ours) in &ours {
        assert_eq!(*ours, theirs[name], "{context}: {name}");
    }
}

#[test]
fn both_renderings_give_the_same_objects() {
    let Some(carvel) = carvel() else { return };
    for (package, version) in versions() {
        let fetched = Fetched::new(&carvel, "objects", package, version);
        for (case, files) in &fitting() {
            let context = format!("{} {version}, {case}", package.name());
            let theirs = fetched.ytt(files).unwrap_or_else(|error| panic!("{context}: {error}"));
            let ours =
                package.render(version, files, &[]).unwrap_or_else(|error| panic!("{context}: {error}"));
            assert_same(&context, ours, documents(&theirs));
        }
    }
}

#[test]
fn overlays_are_laid_over_the_same_objects() {
    let Some(carvel) = carvel() else { return };
    let with_ingress = files(&["ingress: {enabled: true, virtual_host_fqdn: prometheus.hub.test}\n"]);
    let cases = [
        (Vec::new(), include_str!("../../../fixtures/overlay.yaml")),
        (with_ingress, include_str!("../../../fixtures/door.yaml")),
    ];
    for (package, version) in versions() {
        for (values, text) in &cases {
            let overlays = [ValuesFile { name: "promfed.yaml".to_owned(), text: (*text).to_owned() }];
            let fetched = Fetched::new(&carvel, "overlay", package, version);
            let theirs = fetched.ytt_over(values, &overlays).unwrap();
            let ours = package.render(version, values, &overlays).unwrap();
            assert_same(&format!("{} {version}", package.name()), ours, documents(&theirs));
        }
    }
}

#[test]
fn the_schema_is_the_one_that_ytt_exports() {
    let Some(carvel) = carvel() else { return };
    let objects = package_objects("ns", None);
    for (package, version) in versions() {
        let schema = Fetched::new(&carvel, "schema", package, version).schema();
        let name = format!("{}.{version}", package.name());
        let object = objects.iter().find(|object| object["metadata"]["name"] == name.as_str()).unwrap();
        // Line by line, because the order of the keys is part of it.
        let [ours, theirs] = [&object["spec"]["valuesSchema"]["openAPIv3"], &schema]
            .map(|schema| serde_json::to_string_pretty(schema).unwrap());
        for (at, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
            assert_eq!(ours, theirs, "{name}, line {at}");
        }
        assert_eq!(ours.len(), theirs.len(), "{name}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_same_words() {
    let Some(carvel) = carvel() else { return };
    let (package, version) = versions().next().unwrap();
    let fetched = Fetched::new(&carvel, "refusals", package, version);
    for text in REFUSED {
        let files = files(&[text]);
        let theirs = fetched.ytt(&files).expect_err(text);
        let ours = package.render(version, &files, &[]).expect_err(text);
        // Of a panic of ytt's own, the sandbox has the first lines.
        let theirs = if theirs.starts_with("panic: ") { &theirs[..ours.len()] } else { &theirs };
        assert_eq!(ours, theirs, "{text:?}");
    }
}

#[test]
fn the_first_document_that_does_not_fit_is_told() {
    let Some(carvel) = carvel() else { return };
    let (package, version) = versions().next().unwrap();
    let fetched = Fetched::new(&carvel, "order", package, version);
    for texts in
        [["namespace: 1\n", "a: [\n"], ["namespace: 1\n", "nope: 1\n"], ["namespace: a\n", "namespace: {}\n"]]
    {
        let files = files(&texts);
        assert_eq!(
            package.render(version, &files, &[]).expect_err("refused"),
            fetched.ytt(&files).expect_err("refused")
        );
    }
}

#[test]
fn images_keep_their_names_without_a_registry() {
    let Some(carvel) = carvel() else { return };
    for (package, version) in versions() {
        let fetched = Fetched::new(&carvel, "images", package, version);
        let mut built = documents(&fetched.kbld(&fetched.ytt(&[]).unwrap()));
        let mut noted = 0;
        for object in &mut built {
            // kbld notes which images it saw.
            let Some(metadata) = object["metadata"].as_object_mut() else { continue };
            let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else {
                continue;
            };
            noted += usize::from(annotations.remove("kbld.k14s.io/images").is_some());
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        assert_eq!(noted, 5, "objects with pods");
        assert_same(
            &format!("{} {version}", package.name()),
            package.render(version, &[], &[]).unwrap(),
            built,
        );
    }
}
