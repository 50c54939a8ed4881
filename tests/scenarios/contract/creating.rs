//! Creating objects: what is stored, what is pretended, and what was there already.

use serde_json::json;

use super::objects::{
    CLUSTER_ROLE_BINDINGS, DEPLOYMENTS, PACKAGE_INSTALLS, SECRETS, SERVICES, binding, deployment, empty,
    failure_of, install, secret,
};
use super::server::OURS;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a created object is a 201 with what the server adds",
        why: "`Cluster::create` gives back the object as the server has it",
        run: created,
    },
    Case {
        name: "the text of a Secret is folded into its data",
        why: "the values of a package are written as `stringData` and read as `data`",
        run: folded,
    },
    Case {
        name: "text wins over data of the same key",
        why: "a values file that is written anew replaces the one that is there",
        run: text_wins,
    },
    Case {
        name: "what is there already is a 409 AlreadyExists that names it",
        why: "a Secret or an install that appeared meanwhile is not written over",
        run: exists,
    },
    Case {
        name: "a dry run says what would be and stores nothing",
        why: "`--dry-run=server` of promfed and of kubectl",
        run: dry_run,
    },
    Case {
        name: "a dry run finds what is there already",
        why: "a dry run must fail where the real one would",
        run: dry_run_exists,
    },
    Case {
        name: "a name can be left to the server",
        why: "kubectl creates from `generateName`",
        run: generated_name,
    },
    Case {
        name: "an object without type is taken for what the path says",
        why: "`complete` only adds the type where it is missing",
        run: without_type,
    },
    Case {
        name: "an object for a missing namespace is a 404 that names the namespace",
        why: "`Cause::NotFound` tells which of the two is not there",
        run: missing_namespace,
    },
    Case {
        name: "a version in a new object is refused",
        why: "a manifest that was read from a cluster is not created as it is",
        run: version_of_a_new_object,
    },
    Case {
        name: "subjects and the role of a binding get their group",
        why: "the plan compares the bindings that it reads with those that it would write",
        run: defaults_of_a_binding,
    },
    Case {
        name: "a Deployment gets its defaults",
        why: "kubectl shows strategy and replicas of what was written without",
        run: defaults_of_a_deployment,
    },
    Case {
        name: "a Service gets an address at once, and its ports a protocol and a target",
        why: "the ports of a Service are read to find the one of Prometheus",
        run: defaults_of_a_service,
    },
];

fn created(server: &Server) -> Held {
    let answer = server.post(server.path(&SECRETS), &secret("created", &json!({"a": "MQ=="})))?;
    answer.is(
        201,
        &json!({
            "kind": "Secret", "apiVersion": "v1", "type": "Opaque", "data": {"a": "MQ=="},
            "metadata": {
                "name": "created", "namespace": server.namespace(), "uid": "<any>", "resourceVersion": "<any>",
                "creationTimestamp": "<any>T<any>Z", "managedFields": "<any>",
            },
        }),
    )?;
    Ok(())
}

fn folded(server: &Server) -> Held {
    let mut object = empty("folded");
    object["stringData"] = json!({"values.yaml": "a: 1\n"});
    let created = server.post(format!("{}{OURS}", server.path(&SECRETS)), &object)?;
    created.has(201, &json!({"data": {"values.yaml": "YTogMQo="}, "stringData": null}))?;
    Ok(())
}

fn text_wins(server: &Server) -> Held {
    let mut object = secret("text-wins", &json!({"a": "MQ==", "b": "Mg=="}));
    object["stringData"] = json!({"a": "3"});
    let created = server.post(server.path(&SECRETS), &object)?;
    created.has(201, &json!({"data": {"a": "Mw==", "b": "Mg=="}, "stringData": null}))?;
    Ok(())
}

fn exists(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("exists"))?.with(201)?;
    let message = "secrets \"exists\" already exists";
    let details = json!({"name": "exists", "kind": "secrets"});
    let expected = failure_of(409, "AlreadyExists", message, details);
    server.post(server.path(&SECRETS), &empty("exists"))?.is(409, &expected)?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("exists"))?.with(201)?;
    let message = "packageinstalls.packaging.carvel.dev \"exists\" already exists";
    let details = json!({"name": "exists", "group": "packaging.carvel.dev", "kind": "packageinstalls"});
    let expected = failure_of(409, "AlreadyExists", message, details);
    server.post(server.path(&PACKAGE_INSTALLS), &install("exists"))?.is(409, &expected)?;
    Ok(())
}

fn dry_run(server: &Server) -> Held {
    let path = format!("{}{OURS}&dryRun=All", server.path(&SECRETS));
    let pretended = server.post(path, &secret("dry", &json!({"a": "MQ=="})))?;
    let metadata =
        json!({"name": "dry", "uid": "<any>", "creationTimestamp": "<any>", "resourceVersion": null});
    pretended.has(201, &json!({"data": {"a": "MQ=="}, "metadata": metadata}))?;
    server.get(server.one(&SECRETS, "dry"))?.with(404)?;
    Ok(())
}

fn dry_run_exists(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("dry-exists"))?.with(201)?;
    let again = server.post(format!("{}?dryRun=All", server.path(&SECRETS)), &empty("dry-exists"))?;
    again.has(409, &json!({"reason": "AlreadyExists"}))?;
    Ok(())
}

fn generated_name(server: &Server) -> Held {
    let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"generateName": "named-"}});
    let made = server.post(server.path(&SECRETS), &object)?;
    let made = made.has(201, &json!({"metadata": {"name": "named-<any>", "generateName": "named-"}}))?;
    let name = made.text("/metadata/name")?;
    if name.len() == "named-".len() + 5 {
        Ok(())
    } else {
        Err(format!("{name} does not end in five letters"))
    }
}

fn without_type(server: &Server) -> Held {
    let made = server.post(server.path(&SECRETS), &json!({"metadata": {"name": "untyped"}}))?;
    made.has(201, &json!({"kind": "Secret", "apiVersion": "v1"}))?;
    Ok(())
}

fn missing_namespace(server: &Server) -> Held {
    let expected = failure_of(
        404,
        "NotFound",
        "namespaces \"contract-nowhere\" not found",
        json!({"name": "contract-nowhere", "kind": "namespaces"}),
    );
    server.post(SECRETS.path("contract-nowhere"), &empty("x"))?.is(404, &expected)?;
    server.post(PACKAGE_INSTALLS.path("contract-nowhere"), &install("x"))?.is(404, &expected)?;
    Ok(())
}

fn version_of_a_new_object(server: &Server) -> Held {
    let mut object = empty("versioned");
    object["metadata"]["resourceVersion"] = json!("5");
    let message = "resourceVersion should not be set on objects to be created";
    let refused = server.post(server.path(&SECRETS), &object)?;
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": 500,
    });
    refused.is(500, &status)?;
    Ok(())
}

fn defaults_of_a_binding(server: &Server) -> Held {
    let name = server.own_name(&CLUSTER_ROLE_BINDINGS, "defaults");
    let group = "rbac.authorization.k8s.io";
    let mut object = binding("ClusterRoleBinding", &name, ("ClusterRole", "view"), (server.namespace(), "x"));
    object["roleRef"] = json!({"kind": "ClusterRole", "name": "view"});
    object["subjects"] = json!([object["subjects"][0], {"kind": "Group", "name": "somebody"}]);
    let made = server.post(CLUSTER_ROLE_BINDINGS.everywhere(), &object)?;
    made.has(
        201,
        &json!({
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
            "subjects": [
                {"kind": "ServiceAccount", "name": "x", "namespace": server.namespace(), "apiGroup": null},
                {"kind": "Group", "name": "somebody", "apiGroup": group},
            ],
        }),
    )?;
    Ok(())
}

fn defaults_of_a_deployment(server: &Server) -> Held {
    let mut object = deployment("defaults");
    object["spec"]["replicas"] = json!(null);
    object["spec"]["paused"] = json!(true);
    // Only pretended: nothing has to run.
    let made = server.post(format!("{}?dryRun=All", server.path(&DEPLOYMENTS)), &object)?;
    let container = json!({
        "name": "main", "image": "registry.example.com/nothing:1", "imagePullPolicy": "IfNotPresent", "resources": {},
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    });
    made.has(
        201,
        &json!({
            "metadata": {"generation": 1},
            "spec": {
                "replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
                "strategy": {
                    "type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
                },
                "template": {"spec": {
                    "containers": [container], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
                    "schedulerName": "default-scheduler", "securityContext": {},
                    "terminationGracePeriodSeconds": 30,
                }},
            },
            "status": {},
        }),
    )?;
    Ok(())
}

fn defaults_of_a_service(server: &Server) -> Held {
    let object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "defaults"},
        "spec": {"ports": [{"name": "http", "port": 80}]},
    });
    let made = server.post(server.path(&SERVICES), &object)?;
    let ports = json!([{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}]);
    made.has(
        201,
        &json!({
            "spec": {
                "type": "ClusterIP", "clusterIP": "<any>.<any>.<any>.<any>", "clusterIPs": ["<any>"],
                "ports": ports, "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
                "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
            },
            "status": {"loadBalancer": {}},
        }),
    )?;
    Ok(())
}
