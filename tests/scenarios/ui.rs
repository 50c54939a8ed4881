//! Prometheus's web UI through the API server, as a browser asks for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

use crate::checking::federation;
use crate::support::{HUB_INIT, Rig, Running, eventually};

struct Ui {
    running: Running,
    /// Host and port that it printed.
    address: String,
}

impl Ui {
    fn open(rig: &Rig, context: &str, more: &[&str]) -> Self {
        let args = [&["ui", "--context", context], more].concat();
        let (running, stdout) = Running::start(rig.plugin(&args));
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix('/'));
        let port = address.unwrap_or_else(|| panic!("{line:?} is no address"));
        Self { address: format!("127.0.0.1:{port}"), running }
    }

    /// What is answered, as far as it comes.
    fn get(&self, path: &str) -> String {
        let mut answer = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            let _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let _ = stream.read_to_end(&mut answer);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[test]
fn the_web_ui_is_reached_through_the_api_server_whichever_pod_there_is() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);

    // Whoever may look at it does not reach its ports by that.
    let grant = |more: &[&str]| {
        let role = [&["rbac", "viewer", "--user", "eve"], more].concat();
        let file = rig.file("roles.yaml", &rig.promfed(&role).ends_with(0).stdout);
        rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0);
    };
    grant(&[]);
    rig.promfed(&["ui", "--context", "admin@hub", "--as", "eve"])
        .ends_with(1)
        .says("user \"eve\" may not get pods/portforward")
        .says("hint: kubectl promfed rbac viewer --with-ui --user eve");
    grant(&["--with-ui"]);
    assert_eq!(Ui::open(&rig, "admin@hub", &["--as", "eve"]).running.interrupt(), Some(0));

    let ui = Ui::open(&rig, "admin@hub", &[]);
    assert!(ui.get("/api/v1/status/buildinfo").contains("\"version\":"), "it answers");
    // Its pages name each other from the root.
    let page = ui.get("/");
    assert!(page.contains("302 Found") && page.contains("Location: /query"), "{page}");
    thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| ui.get("/metrics"))).collect();
        for one in asked {
            let answer = one.join().expect("an answer");
            assert!(answer.contains("prometheus_build_info"), "{} bytes", answer.len());
        }
    });
    let taken = ["ui", "--context", "admin@hub", "--port", ui.address.rsplit(':').next().expect("a port")];
    rig.promfed(&taken).ends_with(1).says("nothing can listen at").says("hint: kubectl promfed ui --port 0");

    let pod = ["pod", "-n", "tanzu-system-monitoring", "-l", "app=prometheus,component=server"];
    rig.kubectl(&[&["delete", "--context", "admin@hub", "--wait=true"], &pod[..]].concat()).ends_with(0);
    eventually("the next pod answers", || ui.get("/-/healthy").contains("200 OK"));
    assert_eq!(ui.running.interrupt(), Some(0));
}

#[test]
fn an_agents_own_pages_are_reached_too() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let ui = Ui::open(&rig, "admin@edge", &[]);
    let page = ui.get("/");
    assert!(page.contains("302 Found") && page.contains("Location: /agent"), "{page}");
    assert!(ui.get("/api/v1/targets").contains("\"activeTargets\""), "it tells what it scrapes");
    assert_eq!(ui.running.interrupt(), Some(0));
}
