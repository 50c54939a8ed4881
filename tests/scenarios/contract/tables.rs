//! Tables: what `kubectl get` prints.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{
    DEPLOYMENTS, PACKAGE_INSTALLS, PACKAGE_REPOSITORIES, Place, SECRETS, SERVICES, deployment, install,
    repository, secret,
};
use super::{Case, Held, Server};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a table has columns, rows, and of each object its metadata",
        why: "`kubectl get` prints cells, and reads names from the metadata",
        run: table,
    },
    Case {
        name: "a table can come without objects, and with whole ones",
        why: "`kubectl get --show-labels` and custom sorting ask for more or less",
        run: included,
    },
    Case {
        name: "a table of nothing has columns and no rows",
        why: "`kubectl get` says `No resources found`",
        run: nothing,
    },
    Case { name: "a failure is no table", why: "kubectl reads a Status whatever it asked for", run: failed },
    Case {
        name: "the columns of an install and of a repository are those of the definition",
        why: "`kubectl get packageinstalls` is in the README",
        run: custom,
    },
    Case {
        name: "a Deployment has the columns that kubectl shows",
        why: "`kubectl get deployments` tells what is ready",
        run: built_in,
    },
    Case {
        name: "only the metadata can be asked for",
        why: "kubectl and controllers watch kinds by their metadata alone",
        run: metadata,
    },
];

fn ask(server: &Server, path: String, form: &str) -> Result<super::answer::Answer, String> {
    server.ask("GET", path).header("accept", form).send()
}

/// Name, type and priority of each column.
fn columns(table: &Value) -> Value {
    let columns = table["columnDefinitions"].as_array().into_iter().flatten();
    columns.map(|column| json!([column["name"], column["type"], column["priority"]])).collect()
}

fn of_case(place: &Place, server: &Server, name: &str) -> String {
    format!("{}?fieldSelector=metadata.name%3D{name}", server.path(place))
}

fn table(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("tabled", &json!({"a": "MQ=="})))?.with(201)?;
    let object = json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": {"name": "tabled", "namespace": server.namespace(), "generation": null},
    });
    let expected = json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "<any>"},
        "rows": [{"cells": ["tabled", "Opaque", 1, "<any>s"], "object": object}],
    });
    for path in [of_case(&SECRETS, server, "tabled"), server.one(&SECRETS, "tabled")] {
        let answer = ask(server, path, TABLE)?.header("content-type", "application/json")?;
        let answer = answer.has(200, &expected)?;
        let wanted = json!([
            ["Name", "string", 0],
            ["Type", "string", 0],
            ["Data", "string", 0],
            ["Age", "string", 0]
        ]);
        same("the columns", &wanted, &columns(&answer.json()))?;
        let name = json!({"name": "Name", "type": "string", "format": "name", "description": "<any>", "priority": 0});
        same("the column of names", &name, &answer.at("/columnDefinitions/0"))?;
    }
    Ok(())
}

fn included(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("included", &json!({"a": "MQ=="})))?.with(201)?;
    let path = server.one(&SECRETS, "included");
    let none = ask(server, format!("{path}?includeObject=None"), TABLE)?;
    none.has(200, &json!({"rows": [{"cells": "<any>", "object": null}]}))?;
    let whole = ask(server, format!("{path}?includeObject=Object"), TABLE)?;
    let object = json!({"kind": "Secret", "apiVersion": "v1", "data": {"a": "MQ=="}});
    whole.has(200, &json!({"rows": [{"cells": "<any>", "object": object}]}))?;
    Ok(())
}

fn nothing(server: &Server) -> Held {
    let answer = ask(server, of_case(&SERVICES, server, "nobody"), TABLE)?;
    let answer = answer.has(200, &json!({"kind": "Table", "rows": []}))?;
    let wanted = json!([
        ["Name", "string", 0],
        ["Type", "string", 0],
        ["Cluster-IP", "string", 0],
        ["External-IP", "string", 0],
        ["Port(s)", "string", 0],
        ["Age", "string", 0],
        ["Selector", "string", 1],
    ]);
    same("the columns", &wanted, &columns(&answer.json()))
}

fn failed(server: &Server) -> Held {
    let answer = ask(server, server.one(&SECRETS, "nobody"), TABLE)?;
    answer.has(404, &json!({"kind": "Status", "message": "secrets \"nobody\" not found"}))?;
    Ok(())
}

fn custom(server: &Server) -> Held {
    server.post(server.path(&PACKAGE_INSTALLS), &install("tabled"))?.with(201)?;
    let answer = ask(server, of_case(&PACKAGE_INSTALLS, server, "tabled"), TABLE)?.with(200)?;
    let wanted = json!([
        ["Name", "string", 0],
        ["Package name", "string", 0],
        ["Package version", "string", 0],
        ["Description", "string", 0],
        ["Age", "date", 0],
    ]);
    same("the columns of an install", &wanted, &columns(&answer.json()))?;
    same("the name of the package", &json!("contract.example.com"), &answer.at("/rows/0/cells/1"))?;
    same("the version that is not known yet", &Value::Null, &answer.at("/rows/0/cells/2"))?;
    server.post(server.path(&PACKAGE_REPOSITORIES), &repository("tabled"))?.with(201)?;
    let answer = ask(server, of_case(&PACKAGE_REPOSITORIES, server, "tabled"), TABLE)?.with(200)?;
    let wanted = json!([["Name", "string", 0], ["Age", "date", 0], ["Description", "string", 0]]);
    same("the columns of a repository", &wanted, &columns(&answer.json()))
}

fn built_in(server: &Server) -> Held {
    server.post(server.path(&DEPLOYMENTS), &deployment("tabled"))?.with(201)?;
    let answer = ask(server, of_case(&DEPLOYMENTS, server, "tabled"), TABLE)?.with(200)?;
    let wanted = json!([
        ["Name", "string", 0],
        ["Ready", "string", 0],
        ["Up-to-date", "string", 0],
        ["Available", "string", 0],
        ["Age", "string", 0],
        ["Containers", "string", 1],
        ["Images", "string", 1],
        ["Selector", "string", 1],
    ]);
    same("the columns", &wanted, &columns(&answer.json()))?;
    let cells =
        json!(["tabled", "0/0", 0, 0, "<any>s", "main", "registry.example.com/nothing:1", "app=tabled",]);
    same("the cells", &cells, &answer.at("/rows/0/cells"))
}

fn metadata(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("metadata", &json!({"a": "MQ=="})))?.with(201)?;
    let object = json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "data": null,
        "metadata": {"name": "metadata", "generation": null},
    });
    let form = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
    ask(server, server.one(&SECRETS, "metadata"), form)?.has(200, &object)?;
    let form = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
    let list =
        json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "items": [object]});
    ask(server, of_case(&SECRETS, server, "metadata"), form)?.has(200, &list)?;
    Ok(())
}
