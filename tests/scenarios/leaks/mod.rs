//! No secret that goes in comes out: whatever is asked, in whatever form, and however it fails.
//!
//! What is not looked at is `--dry-run -o yaml`: those are the manifests themselves, for `kubectl apply`.

mod echo;
mod planted;
mod values;

use crate::support::{HUB_INIT, Ran, Rig};
use planted::{Planted, base64, in_url, secret};

const V3: (&str, &str) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");
const JOIN: [&str; 8] =
    ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub", "--cluster-name", "edge"];

/// Commands that are run, and what they said that they should not have.
struct Watch<'r> {
    rig: &'r Rig,
    planted: Planted,
    seen: Vec<String>,
}

impl Watch<'_> {
    /// What is told with `-v` has in it what is told without.
    fn run(&mut self, args: &[&str]) -> Ran {
        let ran = self.rig.promfed(&[args, &["-v"]].concat());
        self.heard(&args.join(" "), ran)
    }

    fn heard(&mut self, what: &str, ran: Ran) -> Ran {
        self.seen.extend(self.planted.seen(what, &ran));
        ran
    }

    /// The command in every form that it has.
    fn in_every_form(&mut self, line: &str, forms: &[&str]) {
        for form in forms {
            let args: Vec<_> = line.split(' ').chain(["-o", form]).collect();
            let ran = self.run(&args);
            assert!(ran.code != 2 || line.starts_with("diff"), "{line}: {ran}");
        }
    }
}

#[test]
fn no_secret_that_goes_in_comes_out() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5"), ("spare", "3.5"), ("crashing", "3.5")])
    else {
        return;
    };
    let mut watch = Watch { rig: &rig, planted: Planted::new(), seen: Vec::new() };
    rig.install_by_hand("hub", V3.0, V3.1, &values::of_a_hub());
    rig.install_by_hand("edge", V3.0, V3.1, &values::of_an_agent());

    for (command, how) in [(&HUB_INIT[..], "--wait"), (&JOIN, "--wait=false")] {
        watch.run(&[command, &["--dry-run", "--diff"]].concat()).ends_with(0);
        watch.run(&[command, &["--yes", "--diff", how]].concat()).ends_with(0);
    }
    for (place, name) in [("tkg-system", "edge's key"), ("tanzu-system-monitoring", "edge's key, mounted")] {
        let get = [
            "get",
            "secrets",
            "-n",
            place,
            "--context",
            "admin@edge",
            "-o",
            "go-template={{range .items}}{{range .data}}{{base64decode .}}{{\"\\n\"}}{{end}}{{end}}",
        ];
        let all = rig.kubectl(&get).ends_with(0).stdout;
        for key in all.split("-----BEGIN ").filter(|block| block.starts_with("PRIVATE KEY")) {
            watch.planted.also(name, key.split("-----END").next().unwrap_or_default());
        }
    }

    for line in [
        "status --contexts admin@hub,admin@edge",
        "explain PF503",
        "flags --contexts admin@hub,admin@edge",
        "check --contexts admin@hub,admin@edge",
        "clusters --context admin@hub",
        "hub status --context admin@hub",
        "hub credentials list --context admin@hub",
        "agent status --context admin@edge",
        "history --context admin@edge",
        "rules --context admin@hub",
        "version --context admin@hub",
        "query --context admin@hub prometheus_remote_storage_shards",
        "diff rollback --context admin@hub",
        "diff agent join --context admin@edge --hub-context admin@hub --cluster-name other --force",
        "diff hub init --context admin@hub --cluster-name hub --retention 30d",
    ] {
        watch.in_every_form(line, &["table", "wide", "json", "yaml", "name"]);
    }
    let back = ["rollback", "--context", "admin@edge", "--yes", "--wait=false", "--diff"];
    watch.run(&back).ends_with(0);
    echoed(&mut watch);
    kubeconfigs(&mut watch);
    broken(&mut watch);
    let seen = &watch.seen;
    assert!(seen.is_empty(), "{} of them:\n{}", seen.len(), seen.join("\n"));
}

/// Servers and hubs that say again who asks.
fn echoed(watch: &mut Watch<'_>) {
    let server = echo::start().expect("a server");
    let (token, password) = (secret("token"), watch.rig.file("password", &secret("file")));
    for way in echo::WAYS {
        let at = format!("http://{server}/{way}");
        let asked = ["--context", "admin@hub", "--server", &at, "--token", &token, "-o", "json"];
        for command in [&["flags"][..], &["status"], &["check"], &["version"], &HUB_INIT[..2]] {
            let name: &[&str] = if command == &HUB_INIT[..2] { &HUB_INIT[4..] } else { &[] };
            watch.run(&[command, &asked, name].concat());
        }
        let url = format!("{at}/api/v1/write");
        let join = [&JOIN[..4], &JOIN[6..], &["--hub-url", &url, "--dry-run"]].concat();
        watch.run(&[&join[..], &["--username", "me", "--password-file", &password]].concat());
        watch.run(&[&join[..], &["--bearer-token-file", &password, "--header", "x-scope: a"]].concat());
    }
    let nobody = ["--server", "http://127.0.0.1:1", "--token", &token];
    watch.run(&[&["status", "-o", "wide"], &nobody[..]].concat()).ends_with(3);
    watch.run(&["status", "--token", &format!("{token}\n")]).ends_with(2).says("the token cannot be sent");
    let url = format!("https://me:{}@prometheus.hub.test/api/v1/write", in_url("typed"));
    watch.run(&[&JOIN[..4], &JOIN[6..], &["--hub-url", &url]].concat()).ends_with(2);
    let header = format!("Authorization: Bearer {token}");
    watch.run(&[&JOIN[..], &["--header", &header]].concat()).ends_with(2);
    watch.run(&["status", "--server", &format!("https://me:{}@127.0.0.1:1", in_url("server"))]).ends_with(3);
    watch.run(&["status", "--server", &format!("https://me:{}@[::", in_url("server"))]).ends_with(2);
}

/// Logins that cannot be used.
fn kubeconfigs(watch: &mut Watch<'_>) {
    let own = std::fs::read_to_string(watch.rig.kubeconfig()).expect("a kubeconfig");
    let own: serde_yaml::Value = serde_yaml::from_str(&own).expect("YAML");
    let key = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        base64(&secret("private key"))
    );
    let users = [
        format!("token: [{}]", secret("list")),
        format!("{{token: {}, unknown: {}", secret("cut"), secret("cut")),
        format!("{{client-certificate-data: '{}', client-key-data: '{}'}}", base64("x"), secret("key")),
        format!("{{client-certificate-data: '{}', client-key-data: '{}'}}", base64("x"), base64(&key)),
        format!("{{username: me, password: '{}'}}", secret("kubeconfig")),
        format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, \
             env: [{{name: PASSWORD, value: '{}'}}], args: [-c, 'echo $PASSWORD; exit 3', '{}']}}",
            secret("environment"),
            secret("argument")
        ),
        format!(
            "auth-provider: {{name: oidc, config: {{refresh-token: '{}', id-token: '{}'}}}}",
            secret("refresh"),
            secret("id")
        ),
    ];
    let proxied = format!("proxy-url: 'http://me:{}@127.0.0.1:1'", in_url("kubeconfig-proxy"));
    let wrong = format!("proxy-url: 'ftp://me:{}@[127.0.0.1:1'", in_url("kubeconfig-proxy"));
    let clusters = [(&users[4], proxied.as_str()), (&users[4], wrong.as_str())];
    let all = users.iter().map(|user| (user, "")).chain(clusters);
    let server = own["clusters"][0]["cluster"]["server"].as_str().expect("a server").to_owned();
    for (number, (user, proxy)) in all.enumerate() {
        let user = user.replace('\n', "\n    ");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
             clusters:\n- name: c\n  cluster:\n    server: {server}\n    insecure-skip-tls-verify: true\n    {proxy}\n\
             contexts: [{{name: c, context: {{cluster: c, user: c}}}}]\n\
             users:\n- name: c\n  user:\n    {user}\n"
        );
        let file = watch.rig.file(&format!("{number}.kubeconfig"), &text);
        for command in ["flags", "check"] {
            let ran = watch.run(&[command, "--kubeconfig", &file]);
            assert_ne!(ran.code, 0, "{text}\n{ran}");
        }
    }
    let line = "HTTPS_PROXY=PROXY kubectl-promfed agent join --context admin@edge --cluster-name edge --dry-run --hub-url https://there.test/api/v1/write";
    let proxy = format!("http://me:{}@127.0.0.1:1", in_url("environment-proxy"));
    let ran = watch.rig.shell(&line.replace("PROXY=PROXY", &format!("PROXY='{proxy}'")));
    watch.heard("behind a proxy", ran);
}

/// Values that are wrong where the secret stands, and what ytt, kapp and Prometheus say of them.
fn broken(watch: &mut Watch<'_>) {
    let password = secret("wrong");
    let config = |login: &str| {
        format!(
            "prometheus:\n  config:\n    prometheus_yml: |\n      remote_write:\n      - url: http://127.0.0.1:1/\n        {login}\n"
        )
    };
    let texts = [
        format!("prometheus:\n  password: {password}: [\n"),
        format!("prometheus:\n  password: {password}\n"),
        format!("prometheus: {password}\n"),
        config(&format!("basic_auth: {{password: {password}, secret: {password}}}")),
        config(&format!("azuread: {{oauth: {{client_secret: {password}}}}}")),
        config(&format!("name: x\n      remote_read: [{{url: 'http://me:{}@[::x/'}}]", in_url("wrong"))),
        config(&format!("basic_auth: {{password: {password}")),
    ];
    let init = ["hub", "init", "--context", "admin@spare", "--cluster-name", "spare", "--yes"];
    for (number, text) in texts.iter().enumerate() {
        let file = watch.rig.file(&format!("{number}.yaml"), text);
        watch.run(&[&init[..], &["--values", &file, "--dry-run", "--diff"]].concat());
    }
    for (cluster, text) in [("spare", &texts[1]), ("crashing", &texts[5])] {
        watch.rig.install_by_hand(cluster, V3.0, V3.1, text);
        let context = format!("admin@{cluster}");
        watch.run(&["flags", "--context", &context]).ends_with(1);
        watch.run(&["check", "--context", &context, "-o", "json"]).ends_with(1);
        watch.run(&["status", "--context", &context, "-o", "wide"]);
    }
}
