//! The kinds of kapp-controller.

use serde_json::{Value, json};

use super::columns::{AGE, Column, NAME};
use super::fields::{Field, Form, any, fields, flag, list, text};
use super::{Kind, Naming, Origin, kind};

const PACKAGING: &str = "packaging.carvel.dev";
const DATA: &str = "data.packaging.carvel.dev";
const CATEGORIES: &[&str] = &["carvel"];

const CLUSTER: &[Field] = &[text("namespace"), fields("kubeconfigSecretRef", &[text("name"), text("key")])];

const SELECTION: &[Field] =
    &[text("constraints"), fields("prereleases", &[list("identifiers", &Form::Text)])];

const INSTALL: &[Field] = &[
    text("serviceAccountName"),
    fields("cluster", CLUSTER),
    fields("packageRef", &[text("refName"), fields("versionSelection", SELECTION)]),
    list("values", &Form::Fields(&[fields("secretRef", &[text("name"), text("key")])])),
    flag("paused"),
    flag("canceled"),
    text("syncPeriod"),
    flag("noopDelete"),
    text("defaultNamespace"),
];

const BUNDLE: &[Field] = &[
    text("image"),
    fields("secretRef", &[text("name")]),
    fields("tagSelection", &[fields("semver", SELECTION)]),
];

const REPOSITORY: &[Field] = &[
    flag("paused"),
    text("syncPeriod"),
    fields("fetch", &[any("image"), any("http"), any("git"), fields("imgpkgBundle", BUNDLE), any("inline")])
        .required(),
];

const APP: &[Field] = &[
    text("serviceAccountName"),
    fields("cluster", CLUSTER),
    any("fetch"),
    any("template"),
    any("deploy"),
    flag("paused"),
    flag("canceled"),
    text("syncPeriod"),
    flag("noopDelete"),
    text("defaultNamespace"),
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        short: &["pkgi"],
        categories: CATEGORIES,
        origin: Origin::Custom,
        subresources: &["status"],
        spec: INSTALL,
        columns: &[
            NAME,
            Column::field("Package name", "/spec/packageRef/refName"),
            Column::field("Package version", "/status/version"),
            Column::field("Description", "/status/friendlyDescription"),
            AGE,
        ],
        ..kind(PACKAGING, "v1alpha1", "PackageInstall", "packageinstalls", "packageinstall")
    },
    Kind {
        short: &["pkgr"],
        categories: CATEGORIES,
        origin: Origin::Custom,
        subresources: &["status"],
        spec: REPOSITORY,
        columns: &[NAME, AGE, Column::field("Description", "/status/friendlyDescription")],
        ..kind(PACKAGING, "v1alpha1", "PackageRepository", "packagerepositories", "packagerepository")
    },
    Kind {
        categories: CATEGORIES,
        origin: Origin::Custom,
        subresources: &["status"],
        spec: APP,
        columns: &[
            NAME,
            Column::field("Description", "/status/friendlyDescription"),
            Column::made("Since-Deploy", since_deploy).date(),
            AGE,
        ],
        ..kind("kappctrl.k14s.io", "v1alpha1", "App", "apps", "app")
    },
    Kind {
        short: &["pkgm"],
        origin: Origin::Aggregated,
        naming: Naming::Segment,
        fields: &["spec"],
        columns: &[
            NAME,
            Column::field("Display Name", "/spec/displayName"),
            Column::made("Categories", |package| {
                let all = package.pointer("/spec/categories").and_then(Value::as_array);
                let all: Vec<&str> = all.into_iter().flatten().filter_map(Value::as_str).collect();
                json!(all.join(","))
            }),
            Column::field("Short Description", "/spec/shortDescription"),
            AGE,
        ],
        ..kind(DATA, "v1alpha1", "PackageMetadata", "packagemetadatas", "packagemetadata")
    },
    Kind {
        short: &["pkg"],
        origin: Origin::Aggregated,
        naming: Naming::Segment,
        fields: &["spec"],
        columns: &[
            NAME,
            Column::field("PackageMetadata Name", "/spec/refName"),
            Column::field("Version", "/spec/version"),
            AGE,
        ],
        ..kind(DATA, "v1alpha1", "Package", "packages", "package")
    },
];

fn since_deploy(app: &Value) -> Value {
    match app.pointer("/status/deploy/startedAt").and_then(Value::as_str) {
        Some(time) => json!(super::cells::since(time)),
        None => Value::Null,
    }
}
