//! The way to a Service through the API server.

use serde_json::{Value, json};

use super::backend::Backend;
use super::objects::{ENDPOINTS, PODS, SERVICES, failure, failure_of, pod};
use super::server::{MERGE, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a Service that is missing is a 404 that names it",
        why: "`Cluster::service_proxy` passes the API server's own words on",
        run: missing,
    },
    Case {
        name: "a Service without anything ready behind it is a 503 in these words",
        why: "`Upstream::NoEndpoints` is read out of them",
        run: nobody_ready,
    },
    Case {
        name: "a Service of which nothing is known behind it is a 503 in these words",
        why: "`Upstream::NoEndpoints` is read out of them",
        run: nobody_known,
    },
    Case {
        name: "a port by a number that the Service does not have is a 503 that says so",
        why: "the port of Prometheus is read from the Service, and may have changed since",
        run: wrong_number,
    },
    Case {
        name: "a port by a name that the Service does not have is a 503 in these words",
        why: "`Upstream::NoEndpoints` is read out of them",
        run: wrong_name,
    },
    Case {
        name: "a refused connection is a 503 with the words of the dial",
        why: "`Upstream::CannotConnect` is read out of them",
        run: refused_connection,
    },
    Case {
        name: "an address that is not a pod's is as good as none",
        why: "an Endpoints object that somebody wrote by hand leads nowhere",
        run: no_pod,
    },
    Case {
        name: "a connection that is cut is a 503 with the reason",
        why: "`Upstream::CannotConnect`: Prometheus that crashes on a query",
        run: cut_connection,
    },
    Case {
        name: "an unknown scheme is a 400",
        why: "`Scheme` has two, and the sandbox must know no more",
        run: wrong_scheme,
    },
    Case {
        name: "method, path, query, body and headers arrive, the token does not",
        why: "queries to Prometheus; nobody behind a Service may learn the user's token",
        run: passed_on,
    },
    Case {
        name: "status, body and headers come back as they are",
        why: "a 4xx of Prometheus is an answer, and its `Date` is its clock",
        run: passed_back,
    },
    Case {
        name: "a redirect comes back, below the proxy where it was below the Service",
        why: "promfed follows none, and kubectl's users see where it leads",
        run: redirect,
    },
    Case {
        name: "a Service without a path leads to one",
        why: "a browser behind `kubectl proxy`",
        run: no_path,
    },
    Case {
        name: "a pod that is missing is a 404",
        why: "`kubectl get --raw …/pods/NAME/proxy/`",
        run: missing_pod,
    },
    Case {
        name: "a pod without an address is refused",
        why: "a pod that waits for a node has nobody to ask",
        run: pod_without_address,
    },
];

/// A Service without a selector, and its endpoints where there are to be any. Gives the path of its proxy.
fn service(server: &Server, name: &str, subsets: Option<Value>) -> Result<String, String> {
    let object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 9090}]},
    });
    server.post(server.path(&SERVICES), &object)?.with(201)?;
    if let Some(subsets) = subsets {
        let object =
            json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets});
        server.post(server.path(&ENDPOINTS), &object)?.with(201)?;
    }
    Ok(proxy(server, &format!("http:{name}:80")))
}

fn proxy(server: &Server, reference: &str) -> String {
    format!("{}/proxy", server.one(&SERVICES, reference))
}

/// A Service with something behind it.
fn served(server: &Server, name: &str) -> Result<(Backend, String), String> {
    let backend = Backend::start(server.own_address()?)?;
    let pod = running(server, name, &backend.address.ip().to_string())?;
    let ports = json!([{"name": "http", "port": backend.address.port()}]);
    let addresses = json!([{"ip": backend.address.ip(), "targetRef": pod}]);
    let path = service(server, name, Some(json!([{"addresses": addresses, "ports": ports}])))?;
    Ok((backend, path))
}

/// A pod that somebody says is at this address; gives a reference to it. Only to pods a request is passed on.
fn running(server: &Server, name: &str, address: &str) -> Result<Value, String> {
    // The account that pods run as comes a little after the namespace.
    let made =
        until("pods can be made", || server.post(server.path(&PODS), &pod(name, &["main"]))?.with(201))?;
    let status = json!({"status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}});
    let told = server.patch(MERGE, format!("{}/status", server.one(&PODS, name)), &status)?;
    told.has(200, &json!({"status": {"podIP": address}}))?;
    Ok(json!({
        "kind": "Pod", "namespace": server.namespace(), "name": name, "uid": made.at("/metadata/uid"),
    }))
}

fn unavailable(message: &str) -> Value {
    failure(503, "ServiceUnavailable", message)
}

fn missing(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "services"});
    let expected = failure_of(404, "NotFound", "services \"nobody\" not found", details);
    for reference in ["http:nobody:80", "https:nobody:web", "nobody"] {
        server.get(format!("{}/x", proxy(server, reference)))?.is(404, &expected)?;
    }
    let path = format!("{}/x", proxy(server, "http:nobody:80"));
    server.ask("POST", path).text("text/plain", "x").send()?.is(404, &expected)?;
    Ok(())
}

fn nobody_ready(server: &Server) -> Held {
    let ports = json!([{"name": "http", "port": 9090}]);
    let subsets = json!([{"notReadyAddresses": [{"ip": server.own_address()?}], "ports": ports}]);
    service(server, "not-ready", Some(subsets))?;
    for reference in ["http:not-ready:80", "not-ready:http"] {
        let message = format!("no endpoints available for service \"{reference}\"");
        let answer = server.get(format!("{}/x", proxy(server, reference)))?;
        answer.no_header("retry-after")?.is(503, &unavailable(&message))?;
    }
    Ok(())
}

fn nobody_known(server: &Server) -> Held {
    service(server, "nobody-behind", Some(json!([])))?;
    for reference in ["http:nobody-behind:80", "nobody-behind:http", "nobody-behind"] {
        let answer = server.get(format!("{}/x", proxy(server, reference)))?;
        answer.is(503, &unavailable("no endpoints available for service \"nobody-behind\""))?;
    }
    // Where nobody even said that there is nobody, it is the Service that is told to be missing.
    let path = service(server, "unknown-behind", None)?;
    let details = json!({"name": "unknown-behind", "kind": "services"});
    let answer = server.get(format!("{path}/x"))?;
    answer.is(404, &failure_of(404, "NotFound", "services \"unknown-behind\" not found", details))?;
    Ok(())
}

fn wrong_number(server: &Server) -> Held {
    service(server, "wrong-number", None)?;
    let answer = server.get(format!("{}/x", proxy(server, "http:wrong-number:81")))?;
    answer.is(503, &unavailable("no service port 81 found for service \"wrong-number\""))?;
    Ok(())
}

fn wrong_name(server: &Server) -> Held {
    let (_backend, _) = served(server, "wrong-name")?;
    for reference in ["http:wrong-name:web", "wrong-name"] {
        let message = format!("no endpoints available for service \"{reference}\"");
        server.get(format!("{}/x", proxy(server, reference)))?.is(503, &unavailable(&message))?;
    }
    Ok(())
}

fn refused_connection(server: &Server) -> Held {
    let (backend, path) = served(server, "refused")?;
    let address = backend.address;
    drop(backend);
    let message = format!("error trying to reach service: dial tcp {address}: connect: connection refused");
    for path in [format!("{path}/x"), format!("{}/x", proxy(server, "https:refused:http"))] {
        let answer = server.get(path)?.no_header("retry-after")?;
        answer.is(503, &unavailable(&message))?;
    }
    Ok(())
}

fn no_pod(server: &Server) -> Held {
    let ports = json!([{"name": "http", "port": 9090}]);
    let subsets = json!([{"addresses": [{"ip": server.own_address()?}], "ports": ports}]);
    let path = service(server, "no-pod", Some(subsets))?;
    let answer = server.get(format!("{path}/x"))?;
    answer.is(503, &unavailable("no endpoints available for service \"http:no-pod:80\""))?;
    Ok(())
}

fn cut_connection(server: &Server) -> Held {
    let (_backend, path) = served(server, "cut")?;
    let answer = server.get(format!("{path}/cut"))?;
    answer.is(503, &unavailable("error trying to reach service: EOF"))?;
    Ok(())
}

fn wrong_scheme(server: &Server) -> Held {
    let answer = server.get(format!("{}/x", proxy(server, "ftp:nobody:80")))?;
    answer.is(400, &failure(400, "BadRequest", "invalid service request \"ftp:nobody:80\""))?;
    Ok(())
}

fn passed_on(server: &Server) -> Held {
    let (_backend, path) = served(server, "passed-on")?;
    let ask = server.ask("POST", format!("{path}/echo?query=up%7Ba%3D%22b%22%7D&x=1"));
    let ask = ask.header("x-mine", "2").text("application/x-www-form-urlencoded", "a=b&c=d");
    let answer = ask.send()?.with(200)?;
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    for part in [
        "post /echo?query=up%7ba%3d%22b%22%7d&x=1 http/1.1\r\n",
        &format!("\r\nhost: {}\r\n", server.address()),
        "\r\nx-mine: 2\r\n",
        "\r\nuser-agent: contract/1\r\n",
        "\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        "\r\n\r\na=b&c=d",
        &format!("\r\nx-forwarded-uri: {path}/echo\r\n").to_lowercase(),
    ] {
        if !text.contains(part) {
            return Err(answer.wrong(&format!("{part:?} did not arrive")));
        }
    }
    if text.contains("\r\nauthorization:") { Err(answer.wrong("the token arrived")) } else { Ok(()) }
}

fn passed_back(server: &Server) -> Held {
    let (_backend, path) = served(server, "passed-back")?;
    let date = "Mon, 01 Jan 2024 00:00:00 GMT";
    let answer = server.get(format!("{path}/echo"))?.with(200)?;
    answer.header("x-own", "1")?.header("content-type", "text/plain")?.header("date", date)?;
    server.get(format!("{path}/refused"))?.header("date", date)?.says(422, "out of bounds")?;
    server.get(format!("{path}/nothing"))?.says(404, "nothing here")?;
    server.get(format!("{}/nothing", proxy(server, "passed-back:http")))?.says(404, "nothing here")
}

fn redirect(server: &Server) -> Held {
    let (_backend, path) = served(server, "redirect")?;
    let answer = server.get(format!("{path}/moved"))?.header("location", &format!("{path}/echo?a=b"))?;
    answer.says(302, "it is elsewhere")?;
    server.get(format!("{path}/moved-away"))?.header("location", "https://example.com/echo")?.says(302, "")
}

fn no_path(server: &Server) -> Held {
    let (_backend, path) = served(server, "no-path")?;
    server.get(&*path)?.header("location", &format!("{path}/"))?.with(301)?;
    server.get(format!("{path}/"))?.says(404, "nothing here")
}

fn missing_pod(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "pods"});
    let expected = failure_of(404, "NotFound", "pods \"nobody\" not found", details);
    server.get(format!("{}/proxy/x", server.one(&PODS, "nobody")))?.is(404, &expected)?;
    Ok(())
}

fn pod_without_address(server: &Server) -> Held {
    until("pods can be made", || server.post(server.path(&PODS), &pod("no-address", &["main"]))?.with(201))?;
    let answer = server.get(format!("{}/proxy/x", server.one(&PODS, "no-address")))?;
    answer.is(400, &failure(400, "BadRequest", "address not allowed"))?;
    Ok(())
}
