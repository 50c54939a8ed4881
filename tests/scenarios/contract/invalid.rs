//! Objects that are not as they have to be: 422 with a cause for each field, 400 for what cannot be read.

use serde_json::{Value, json};

use super::objects::{
    CLUSTER_ROLE_BINDINGS, DEPLOYMENTS, PACKAGE_INSTALLS, PACKAGE_REPOSITORIES, SECRETS, binding, deployment,
    empty, failure, failure_of, install, repository, secret, with,
};
use super::server::JSON;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a name with wrong letters is a 422 with the rule",
        why: "`Cause::Invalid` tells the field and the words of each cause",
        run: wrong_name,
    },
    Case {
        name: "a name that is missing is a 422",
        why: "`Cause::Invalid` tells the field and the words of each cause",
        run: no_name,
    },
    Case {
        name: "a name that is too long is a 422",
        why: "names that are made from a cluster's name may get long",
        run: long_name,
    },
    Case {
        name: "a key of a Secret with wrong letters is a 422",
        why: "the key of the values is the user's to choose",
        run: wrong_key,
    },
    Case {
        name: "data of a Secret that is no base64 is a 400",
        why: "`Scrub` withholds these words, for they may quote the Secret",
        run: wrong_data,
    },
    Case {
        name: "text of a Secret that is no text is a 400",
        why: "a value of the wrong type must not be stored as an empty one",
        run: wrong_text,
    },
    Case {
        name: "a Deployment without a selector is a 422 with both causes",
        why: "several causes are told as one list",
        run: no_selector,
    },
    Case {
        name: "a Deployment whose selector misses its own pods is a 422",
        why: "what the sandbox lets through would wait for pods in vain",
        run: wrong_selector,
    },
    Case {
        name: "a Deployment without containers is a 422",
        why: "what the sandbox lets through would wait for pods in vain",
        run: no_containers,
    },
    Case {
        name: "a binding without a role and without a namespace is a 422",
        why: "promfed writes a binding with every install",
        run: wrong_binding,
    },
    Case {
        name: "a PackageInstall without a spec is a 422",
        why: "the definition requires it, and promfed writes installs",
        run: no_spec,
    },
    Case {
        name: "a PackageInstall with a number for a text is a 422",
        why: "versions like 2.10 are read as numbers where somebody forgot the quotes",
        run: wrong_type,
    },
    Case {
        name: "a PackageRepository without a source is a 422",
        why: "the definition requires it, and promfed writes repositories",
        run: no_source,
    },
    Case {
        name: "an object of another kind is a 400",
        why: "a mistake of promfed's own must not write something else",
        run: other_kind,
    },
    Case {
        name: "an object of another namespace is a 400",
        why: "a manifest that names its namespace is not put elsewhere in silence",
        run: other_namespace,
    },
    Case {
        name: "a body that is no JSON is a 400",
        why: "the sandbox must not crash on what it cannot read",
        run: no_json,
    },
    Case {
        name: "a body of an unknown form is a 415 that lists the known ones",
        why: "`kubectl create --raw` sends what it is told to",
        run: unknown_form,
    },
];

const LETTERS: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
     and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// 422 of an object: the kind, its group, its name, and `(field, reason, message)` of each cause.
fn invalid(kind: &str, group: &str, name: &str, causes: &[(&str, &str, &str)]) -> Value {
    let each: Vec<String> = causes.iter().map(|(field, _, message)| format!("{field}: {message}")).collect();
    let what = if let [one] = each.as_slice() { one.clone() } else { format!("[{}]", each.join(", ")) };
    let qualified = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
    let causes: Vec<Value> = causes
        .iter()
        .map(|(field, reason, message)| json!({"field": field, "reason": reason, "message": message}))
        .collect();
    let mut details = json!({"kind": kind, "causes": causes});
    for (field, value) in [("name", name), ("group", group)] {
        if !value.is_empty() {
            details[field] = json!(value);
        }
    }
    failure_of(422, "Invalid", &format!("{qualified} \"{name}\" is invalid: {what}"), details)
}

fn wrong_name(server: &Server) -> Held {
    let message = format!("Invalid value: \"Wrong_Name\": {LETTERS}");
    let cause = [("metadata.name", "FieldValueInvalid", message.as_str())];
    let refused = server.post(server.path(&SECRETS), &empty("Wrong_Name"))?;
    refused.is(422, &invalid("Secret", "", "Wrong_Name", &cause))?;
    let refused = server.post(server.path(&PACKAGE_INSTALLS), &install("Wrong_Name"))?;
    refused.is(422, &invalid("PackageInstall", "packaging.carvel.dev", "Wrong_Name", &cause))?;
    Ok(())
}

fn no_name(server: &Server) -> Held {
    let refused = server.post(server.path(&SECRETS), &json!({"metadata": {}}))?;
    let message = "Required value: name or generateName is required";
    refused.is(422, &invalid("Secret", "", "", &[("metadata.name", "FieldValueRequired", message)]))?;
    Ok(())
}

fn long_name(server: &Server) -> Held {
    let name = "a".repeat(254);
    let message = format!("Invalid value: \"{name}\": must be no more than 253 characters");
    let refused = server.post(server.path(&SECRETS), &empty(&name))?;
    refused.is(422, &invalid("Secret", "", &name, &[("metadata.name", "FieldValueInvalid", &message)]))?;
    Ok(())
}

fn wrong_key(server: &Server) -> Held {
    let message = "Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' \
                   (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    let refused = server.post(server.path(&SECRETS), &secret("wrong-key", &json!({"a b": "MQ=="})))?;
    refused.is(422, &invalid("Secret", "", "wrong-key", &[("data[a b]", "FieldValueInvalid", message)]))?;
    Ok(())
}

fn wrong_data(server: &Server) -> Held {
    let refused = server.post(server.path(&SECRETS), &secret("wrong-data", &json!({"a": "?"})))?;
    let message =
        "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0";
    refused.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn wrong_text(server: &Server) -> Held {
    let refused =
        server.post(server.path(&SECRETS), &with(empty("wrong-text"), "/stringData", json!({"a": 1})))?;
    let message = "Secret in version \"v1\" cannot be handled as a Secret: json: cannot unmarshal number into Go \
                   struct field Secret.stringData of type string";
    refused.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn no_selector(server: &Server) -> Held {
    let mut object = deployment("no-selector");
    object["spec"]["selector"] = Value::Null;
    let labels = "Invalid value: {\"app\":\"no-selector\"}: `selector` does not match template `labels`";
    let causes = [
        ("spec.selector", "FieldValueRequired", "Required value"),
        ("spec.template.metadata.labels", "FieldValueInvalid", labels),
    ];
    let refused = server.post(server.path(&DEPLOYMENTS), &object)?;
    refused.is(422, &invalid("Deployment", "apps", "no-selector", &causes))?;
    Ok(())
}

fn wrong_selector(server: &Server) -> Held {
    let object = with(deployment("wrong-selector"), "/spec/selector/matchLabels", json!({"app": "other"}));
    let labels = "Invalid value: {\"app\":\"wrong-selector\"}: `selector` does not match template `labels`";
    let causes = [("spec.template.metadata.labels", "FieldValueInvalid", labels)];
    let refused = server.post(server.path(&DEPLOYMENTS), &object)?;
    refused.is(422, &invalid("Deployment", "apps", "wrong-selector", &causes))?;
    Ok(())
}

fn no_containers(server: &Server) -> Held {
    let object = with(deployment("no-containers"), "/spec/template/spec", json!({}));
    let causes = [("spec.template.spec.containers", "FieldValueRequired", "Required value")];
    let refused = server.post(server.path(&DEPLOYMENTS), &object)?;
    refused.is(422, &invalid("Deployment", "apps", "no-containers", &causes))?;
    Ok(())
}

fn wrong_binding(server: &Server) -> Held {
    let name = server.own_name(&CLUSTER_ROLE_BINDINGS, "wrong");
    let mut object = binding("ClusterRoleBinding", &name, ("ClusterRole", ""), ("x", "y"));
    object["subjects"] = json!([{"kind": "ServiceAccount", "name": "y"}]);
    let causes = [
        ("roleRef.name", "FieldValueRequired", "Required value"),
        ("subjects[0].namespace", "FieldValueRequired", "Required value"),
    ];
    let refused = server.post(CLUSTER_ROLE_BINDINGS.everywhere(), &object)?;
    refused.is(422, &invalid("ClusterRoleBinding", "rbac.authorization.k8s.io", &name, &causes))?;
    Ok(())
}

fn no_spec(server: &Server) -> Held {
    let mut object = install("no-spec");
    object["spec"] = Value::Null;
    let refused = server.post(server.path(&PACKAGE_INSTALLS), &object)?;
    let cause = [("spec", "FieldValueRequired", "Required value")];
    refused.is(422, &invalid("PackageInstall", "packaging.carvel.dev", "no-spec", &cause))?;
    Ok(())
}

fn wrong_type(server: &Server) -> Held {
    let refused = server.post(
        server.path(&PACKAGE_INSTALLS),
        &with(install("wrong-type"), "/spec/packageRef/versionSelection/constraints", json!(2.1)),
    )?;
    let field = "spec.packageRef.versionSelection.constraints";
    let message = format!("Invalid value: \"number\": {field} in body must be of type string: \"number\"");
    let cause = [(field, "FieldValueTypeInvalid", message.as_str())];
    refused.is(422, &invalid("PackageInstall", "packaging.carvel.dev", "wrong-type", &cause))?;
    let refused = server.post(
        server.path(&PACKAGE_INSTALLS),
        &with(install("wrong-type"), "/spec/serviceAccountName", json!(5)),
    )?;
    let field = "spec.serviceAccountName";
    let message = format!("Invalid value: \"integer\": {field} in body must be of type string: \"integer\"");
    let cause = [(field, "FieldValueTypeInvalid", message.as_str())];
    refused.is(422, &invalid("PackageInstall", "packaging.carvel.dev", "wrong-type", &cause))?;
    Ok(())
}

fn no_source(server: &Server) -> Held {
    let mut object = repository("no-source");
    object["spec"] = json!({});
    let refused = server.post(server.path(&PACKAGE_REPOSITORIES), &object)?;
    let cause = [("spec.fetch", "FieldValueRequired", "Required value")];
    refused.is(422, &invalid("PackageRepository", "packaging.carvel.dev", "no-source", &cause))?;
    Ok(())
}

fn other_kind(server: &Server) -> Held {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other-kind"}});
    let refused = server.post(server.path(&SECRETS), &object)?;
    // What follows are the names of types of the server's own language.
    let message = "ConfigMap in version \"v1\" cannot be handled as a Secret<any>";
    refused.is(400, &failure(400, "BadRequest", message))?;
    let refused =
        server.post(server.path(&PACKAGE_INSTALLS), &with(install("other"), "/kind", json!("Other")))?;
    let cause = [("kind", "FieldValueInvalid", "Invalid value: \"Other\": must be PackageInstall")];
    refused.is(422, &invalid("Other", "packaging.carvel.dev", "other", &cause))?;
    Ok(())
}

fn other_namespace(server: &Server) -> Held {
    let object = with(empty("other-namespace"), "/metadata/namespace", json!("elsewhere"));
    let message = "the namespace of the provided object does not match the namespace sent on the request";
    server.post(server.path(&SECRETS), &object)?.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn no_json(server: &Server) -> Held {
    let message = "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; \
                   json parse error: <any>";
    for body in ["{", "no json", "[]"] {
        let refused = server.ask("POST", server.path(&SECRETS)).text(JSON, body).send()?;
        refused.is(400, &failure(400, "BadRequest", message))?;
    }
    Ok(())
}

fn unknown_form(server: &Server) -> Held {
    let refused = server.ask("POST", server.path(&SECRETS)).json("text/plain", &empty("form")).send()?;
    let message = "the body of the request was in an unknown format - accepted media types include: \
                   application/json, application/yaml, application/vnd.kubernetes.protobuf";
    refused.is(415, &failure(415, "UnsupportedMediaType", message))?;
    Ok(())
}
