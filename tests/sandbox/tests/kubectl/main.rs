//! Stock kubectl against a served cluster on which nothing runs.

#[cfg(test)]
mod rig;

use std::process::{Command, Stdio};
use std::time::Duration;

use promfed_sandbox::api::Availability;
use promfed_sandbox::faults::{Effect, Fault, Listening};
use promfed_sandbox::store::Key;
use serde_json::json;

use rig::Cluster;

/// Whether there is a kubectl; with `PROMFED_SKIP=never` there has to be.
fn kubectl_is_there() -> bool {
    let version = ["version", "--client"];
    let found = Command::new("kubectl").args(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var("PROMFED_SKIP").as_deref() != Ok("never"), "no kubectl on PATH");
    note("skipped: no kubectl on PATH");
    false
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn note(text: &str) {
    eprintln!("{text}");
}

const INSTALL: &str = "
apiVersion: packaging.carvel.dev/v1alpha1
kind: PackageInstall
metadata: {name: prometheus, namespace: tkg-system}
spec: {serviceAccountName: sa, packageRef: {refName: prometheus.tanzu.vmware.com}, values: [{secretRef: {name: values}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: values, namespace: tkg-system}
data: {values.yaml: YTogYgo=}
";

fn header(table: &str) -> Vec<&str> {
    table
        .lines()
        .next()
        .unwrap_or_default()
        .split("   ")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_come_and_go() {
    if !kubectl_is_there() {
        return;
    }
    let cluster = Cluster::start(None).await;
    std::fs::write(cluster.path("install.yaml"), INSTALL).unwrap();
    assert_eq!(cluster.kubectl("create namespace tkg-system").await, "namespace/tkg-system created\n");
    assert!(cluster.kubectl("apply -f install.yaml").await.contains("prometheus created"));
    let again = cluster.kubectl("apply -f install.yaml").await;
    assert_eq!(again.matches("unchanged").count(), 2, "{again}");
    let table = cluster.kubectl("get pkgi -A").await;
    assert_eq!(
        header(&table),
        ["NAMESPACE", "NAME", "PACKAGE NAME", "PACKAGE VERSION", "DESCRIPTION", "AGE"]
    );
    let table = cluster.kubectl("-n tkg-system get secrets").await;
    assert_eq!(header(&table), ["NAME", "TYPE", "DATA", "AGE"]);
    assert!(table.contains("Opaque"));
    let forced = cluster.kubectl("apply --server-side --force-conflicts -f install.yaml").await;
    assert_eq!(forced.matches("serverside-applied").count(), 2);
    let patched = cluster.kubectl("-n tkg-system patch secret values -p {\"data\":{\"x\":\"eA==\"}}").await;
    assert_eq!(patched, "secret/values patched\n");
    assert!(cluster.kubectl("-n tkg-system describe pkgi prometheus").await.contains("Service Account Name"));
    cluster.kubectl("-n tkg-system delete pkgi prometheus --timeout=20s").await;
    cluster.kubectl("delete namespace tkg-system --timeout=20s").await;
    let missing = cluster.refused("-n tkg-system get secret values").await;
    assert!(missing.starts_with("Error from server (NotFound): "), "{missing}");
    assert!(cluster.api.journal.writes() > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectls_own_creations_are_understood() {
    if !kubectl_is_there() {
        return;
    }
    let cluster = Cluster::start(None).await;
    for arguments in [
        "create secret generic s --from-literal=a=b",
        "create configmap c --from-literal=a=b",
        "create serviceaccount sa",
        "create role r --verb=get --resource=pods",
        "create rolebinding rb --role=r --serviceaccount=default:sa",
        "create clusterrole cr --verb=get --resource=nodes",
        "create clusterrolebinding crb --clusterrole=cr --user=jane",
        "create deployment d --image=i --port=80",
        "create service clusterip s --tcp=80:9090",
        "scale deployment d --replicas=3",
        "annotate configmap c a=b",
        "label configmap c a=b",
    ] {
        cluster.kubectl(arguments).await;
    }
    assert_eq!(cluster.kubectl("get secret s -o jsonpath={.data.a}").await, "Yg==");
    assert_eq!(cluster.kubectl("get deployment d -o jsonpath={.spec.replicas}").await, "3");
    assert_eq!(cluster.kubectl("get configmap -l a=b -o name").await, "configmap/c\n");
    let token = cluster.kubectl("create token sa").await;
    let user = cluster.api.access.authenticate(&token).unwrap();
    assert_eq!(user.name, "system:serviceaccount:default:sa");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_hold() {
    if !kubectl_is_there() {
        return;
    }
    let cluster = Cluster::start(None).await;
    let refused = cluster.refused("--context jane get secrets").await;
    let expected = "Error from server (Forbidden): secrets is forbidden: User \"jane\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"\n";
    assert_eq!(refused, expected);
    assert_eq!(cluster.run("--context jane auth can-i list secrets").await.stdout, b"no\n");
    cluster.kubectl("create role r --verb=list,get --resource=secrets").await;
    cluster.kubectl("create rolebinding rb --role=r --group=dev").await;
    cluster.kubectl("--context jane get secrets").await;
    assert_eq!(cluster.kubectl("--context jane auth can-i list secrets").await, "yes\n");
    assert!(cluster.kubectl("--context jane auth whoami").await.contains("jane"));
    assert!(cluster.refused("get nodes --as jane").await.contains("at the cluster scope"));
    let refused = cluster.refused("--context jane get secrets --as bob").await;
    assert!(refused.contains("cannot impersonate resource \"users\""), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_are_reached_and_their_logs_read() {
    if !kubectl_is_there() {
        return;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let echo = axum::Router::new().fallback(async |request: axum::extract::Request| {
        let token = request.headers().contains_key("authorization");
        format!("here {} {} {token}", request.method(), request.uri())
    });
    let service = tokio::spawn(async move { axum::serve(listener, echo).await });
    let cluster = Cluster::start(Some(address)).await;
    let meta = json!({"name": "web", "namespace": "default"});
    let put = |resource: &str, object| {
        cluster.api.store.create(&Key::namespaced("", resource, "default", "web"), object).unwrap();
    };
    put(
        "services",
        json!({"metadata": meta, "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 9090}]}}),
    );
    let proxy = "get --raw /api/v1/namespaces/default/services/http:web:80/proxy/api/v1/query?query=up%2B1";
    let missing = cluster.refused(proxy).await;
    assert!(missing.contains("services \"web\" not found"), "{missing}");
    put("endpoints", json!({"metadata": meta}));
    let empty = cluster.refused(proxy).await;
    assert!(empty.contains("no endpoints available for service \"web\""), "{empty}");
    put(
        "pods",
        json!({"metadata": meta, "status": {"podIP": "10.0.0.7"},
            "spec": {"nodeName": "node", "containers": [{"name": "c", "ports": [{"containerPort": 9090}]}]}}),
    );
    let target = json!({"kind": "Pod", "namespace": "default", "name": "web"});
    let addresses = json!([{"ip": "10.0.0.7", "targetRef": target}]);
    let subsets = json!([{"addresses": addresses, "ports": [{"name": "http", "port": 9090}]}]);
    let key = Key::namespaced("", "endpoints", "default", "web");
    cluster.api.store.modify(&key, None, |object| object["subsets"] = subsets).unwrap();
    assert_eq!(cluster.kubectl(proxy).await, "there GET /api/v1/query?query=up%2B1 false");
    std::fs::write(cluster.path("body"), "x").unwrap();
    let write = "create --raw /api/v1/namespaces/default/services/web:http/proxy/write -f body";
    assert_eq!(cluster.kubectl(write).await, "there POST /write false");
    cluster
        .api
        .store
        .create(&Key::cluster("", "nodes", "node"), json!({"metadata": {"name": "node"}}))
        .unwrap();
    let pod = "get --raw /api/v1/namespaces/default/pods/web";
    assert_eq!(cluster.kubectl(&format!("{pod}:9090/proxy/x")).await, "there GET /x false");
    let dead = cluster.refused(&format!("{pod}:1/proxy/x")).await;
    let expected = "error trying to reach service: dial tcp 10.0.0.7:1: connect: connection refused";
    assert!(dead.contains(expected), "{dead}");
    assert_eq!(cluster.kubectl("logs web --tail=2").await, "two\nthree\n");
    let previous = cluster.refused("logs web --previous").await;
    assert!(previous.contains("previous terminated container \"c\" in pod \"web\" not found"), "{previous}");
    service.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_connections_break() {
    if !kubectl_is_there() {
        return;
    }
    let cluster = Cluster::start(None).await;
    cluster.api.groups.set("data.packaging.carvel.dev", Availability::Broken);
    cluster.api.groups.set("packaging.carvel.dev", Availability::Absent);
    let refused = cluster.refused("get --raw /apis/data.packaging.carvel.dev/v1alpha1").await;
    assert!(refused.contains("currently unable to handle the request"), "{refused}");
    let refused = cluster.refused("get pkgi").await;
    assert!(refused.contains("doesn't have a resource type \"pkgi\""), "{refused}");
    let services = cluster.kubectl("get apiservices v1alpha1.data.packaging.carvel.dev").await;
    assert!(services.contains("False (MissingEndpoints)"), "{services}");

    cluster.api.faults.inject(Fault::on("/version", Effect::Reset).next(1));
    let reset = cluster.refused("get --raw /version").await;
    assert!(reset.contains("reset") || reset.contains("EOF"), "{reset}");
    cluster.api.faults.inject(Fault::on("/version", Effect::ResetAfter(20)).next(1));
    let reset = cluster.refused("get --raw /version").await;
    assert!(reset.contains("reset") || reset.contains("EOF"), "{reset}");
    cluster.api.faults.inject(Fault::on("/version", Effect::Hang).next(1));
    let hung = cluster.refused("get --raw /version --request-timeout=1s").await;
    assert!(hung.contains("Client.Timeout") || hung.contains("deadline"), "{hung}");
    cluster.api.faults.listen(Listening::No);
    tokio::time::timeout(Duration::from_secs(10), async {
        while tokio::net::TcpStream::connect(cluster.server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    let refused = cluster.refused("get --raw /version").await;
    assert!(refused.contains("refused"), "{refused}");
    cluster.api.faults.clear();
    tokio::time::timeout(Duration::from_secs(10), async {
        while tokio::net::TcpStream::connect(cluster.server.address).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    cluster.kubectl("get --raw /version").await;
}
