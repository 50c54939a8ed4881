//! Logs, as far as the API server answers for itself. What a container said, and that it has not started or has not
//! run before, are the words of the kubelet: a rig without one cannot give them.

use serde_json::json;

use super::objects::{PODS, failure, failure_of, pod, with};
use super::server::until;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "the log of a missing pod is a 404",
        why: "`Cluster::logs` takes it for `no such pod`",
        run: missing,
    },
    Case {
        name: "the log of a container that the pod does not have is a 400",
        why: "`Cluster::logs` takes a 400 for `no such container`",
        run: wrong_container,
    },
    Case {
        name: "a pod of several containers wants one named",
        why: "`kubectl logs` lists them",
        run: no_container,
    },
    Case {
        name: "the log of a pod that waits for a node is a 204 with nothing in it",
        why: "`Cluster::logs` takes it for a log without lines",
        run: waiting,
    },
    Case {
        name: "the log of a pod whose node is gone is a 404",
        why: "`Cluster::logs` takes it for `no such pod`",
        run: node_gone,
    },
    Case {
        name: "a number of lines that is none is refused",
        why: "`kubectl logs --tail`",
        run: wrong_number,
    },
];

/// A pod that no scheduler takes; gives the path of its log.
fn make(server: &Server, name: &str, containers: &[&str]) -> Result<String, String> {
    // The account that pods run as comes a little after the namespace.
    until("pods can be made", || server.post(server.path(&PODS), &pod(name, containers))?.with(201))?;
    Ok(format!("{}/log", server.one(&PODS, name)))
}

fn missing(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "pods"});
    let expected = failure_of(404, "NotFound", "pods \"nobody\" not found", details);
    let query = "container=main&previous=true&tailLines=10&limitBytes=262144";
    server.get(format!("{}/log?{query}", server.one(&PODS, "nobody")))?.is(404, &expected)?;
    Ok(())
}

fn wrong_container(server: &Server) -> Held {
    let path = make(server, "log-wrong", &["main"])?;
    let expected = failure(400, "BadRequest", "container other is not valid for pod log-wrong");
    server.get(format!("{path}?container=other&previous=false"))?.is(400, &expected)?;
    server.get(format!("{path}?container=other&previous=true"))?.is(400, &expected)?;
    Ok(())
}

fn no_container(server: &Server) -> Held {
    let path = make(server, "log-several", &["main", "second"])?;
    let message = "a container name must be specified for pod log-several, choose one of: [main second]";
    server.get(path)?.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn waiting(server: &Server) -> Held {
    let path = make(server, "log-waiting", &["main"])?;
    server.get(&*path)?.says(204, "")?;
    server.get(format!("{path}?container=main&previous=true&tailLines=10"))?.says(204, "")
}

fn node_gone(server: &Server) -> Held {
    let object = with(pod("log-gone", &["main"]), "/spec/nodeName", json!("contract-nowhere"));
    until("pods can be made", || server.post(server.path(&PODS), &object)?.with(201))?;
    // The words name the node, and call it a pod.
    let details = json!({"name": "contract-nowhere", "kind": "pods"});
    let expected = failure_of(404, "NotFound", "pods \"contract-nowhere\" not found", details);
    server.get(format!("{}/log?container=main", server.one(&PODS, "log-gone")))?.is(404, &expected)?;
    Ok(())
}

fn wrong_number(server: &Server) -> Held {
    let path = make(server, "log-number", &["main"])?;
    let message = "Invalid value: -1: must be greater than or equal to 0";
    let cause = json!({"field": "tailLines", "reason": "FieldValueInvalid", "message": message});
    let details = json!({"name": "log-number", "kind": "PodLogOptions", "causes": [cause]});
    let message = format!("PodLogOptions \"log-number\" is invalid: tailLines: {message}");
    let answer = server.get(format!("{path}?container=main&tailLines=-1"))?;
    answer.is(422, &failure_of(422, "Invalid", &message, details))?;
    let expected = failure(400, "BadRequest", "strconv.ParseInt: parsing \"x\": invalid syntax");
    server.get(format!("{path}?container=main&tailLines=x"))?.is(400, &expected)?;
    Ok(())
}
