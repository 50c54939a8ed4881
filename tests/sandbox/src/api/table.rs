//! Tables: objects as the rows that kubectl prints.

use serde_json::{Value, json};

use super::kinds::{Cell, Kind, Origin};

/// Objects as a table. `include` says how much of each object goes along: None, Metadata (the default) or Object.
pub(super) fn of(kind: &Kind, objects: &[Value], meta: Value, include: &str) -> Value {
    let columns: Vec<Value> = kind
        .columns
        .iter()
        .map(|column| {
            let format = if column.name == "Name" { "name" } else { "" };
            // The columns of a definition say themselves that they are times.
            let time = kind.origin == Origin::Custom && matches!(column.cell, Cell::Since(_));
            let form = if time { "date" } else { column.form };
            json!({"name": column.name, "type": form, "format": format, "description": "", "priority": column.priority})
        })
        .collect();
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let cells: Vec<Value> = kind.columns.iter().map(|column| column.of(object)).collect();
            let mut row = json!({"cells": cells});
            match include {
                "None" => row["object"] = Value::Null,
                "Object" => row["object"] = super::negotiate::typed(kind, object.clone()),
                _ => row["object"] = metadata(kind, object),
            }
            row
        })
        .collect();
    let mut table = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": null, "columnDefinitions": columns, "rows": rows});
    table["metadata"] = meta;
    table
}

/// Only type and metadata of an object.
pub(super) fn metadata(kind: &Kind, object: &Value) -> Value {
    let metadata = super::negotiate::typed(kind, object.clone())["metadata"].take();
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kinds;

    fn row(group: &str, kind: &str, object: &Value) -> Vec<(String, Value)> {
        let kind = kinds::named(group, kind).unwrap();
        let table = of(kind, std::slice::from_ref(object), json!({}), "None");
        let names = table["columnDefinitions"].as_array().unwrap().iter().filter(|c| c["priority"] == 0);
        let cells = table["rows"][0]["cells"].as_array().unwrap();
        names
            .zip(cells)
            .map(|(name, cell)| (name["name"].as_str().unwrap().to_owned(), cell.clone()))
            .collect()
    }

    #[test]
    fn rows_of_a_pod() {
        let pod = json!({
            "metadata": {"name": "p"}, "spec": {"containers": [{}, {}]},
            "status": {"phase": "Running", "containerStatuses": [
                {"ready": true, "restartCount": 0, "state": {"running": {}}},
                {"ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
        });
        let row = row("", "Pod", &pod);
        assert_eq!(row[1], ("Ready".to_owned(), json!("1/2")));
        assert_eq!(row[2], ("Status".to_owned(), json!("CrashLoopBackOff")));
        assert_eq!(row[3], ("Restarts".to_owned(), json!("3")));
    }

    #[test]
    fn rows_of_a_package_install() {
        let install = json!({
            "metadata": {"name": "prometheus", "creationTimestamp": crate::store::now()},
            "spec": {"packageRef": {"refName": "prometheus.tanzu.vmware.com"}},
            "status": {"version": "2.43.0", "friendlyDescription": "Reconcile succeeded"},
        });
        let names: Vec<String> = row("packaging.carvel.dev", "PackageInstall", &install)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["Name", "Package name", "Package version", "Description", "Age"]);
    }
}
