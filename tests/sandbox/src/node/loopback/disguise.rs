//! Undoing in answers and logs what the node put into arguments and configurations: others see the pod as it would be
//! with mounts and a network of its own.

use std::net::SocketAddr;

use super::arguments::{AGENT_DATA, SERVER_DATA};

/// Defaults that distributions build in, and the flags that have them.
const DISTRIBUTION: &[(&str, &str)] = &[
    ("/var/lib/prometheus/metrics2/", "storage.tsdb.path"),
    ("/var/lib/prometheus/data-agent/", "storage.agent.path"),
];

/// What is hidden.
pub(super) struct Disguise {
    /// The pod's folder.
    pub(super) folder: String,
    /// The pod's kubeconfig.
    pub(super) kubeconfig: String,
    /// The pod's proxy.
    pub(super) proxy: Option<SocketAddr>,
    /// Where the pod's ports really listen.
    pub(super) ports: Vec<(u16, SocketAddr)>,
}

impl Disguise {
    /// A text.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text =
            text.replace(&format!("kubeconfig_file: {}", self.kubeconfig), "kubeconfig_file: \\\"\\\"");
        text = text.replace(&self.folder, "");
        if let Some(proxy) = self.proxy {
            text = without_lines(&text, &format!("proxy_url: http://{proxy}"));
        }
        for (flag, default) in [SERVER_DATA, AGENT_DATA] {
            let flag = flag.trim_start_matches('-');
            for (path, _) in DISTRIBUTION.iter().filter(|(_, of)| *of == flag) {
                text = text.replace(&format!("\"{flag}\":\"{path}\""), &format!("\"{flag}\":\"{default}\""));
            }
        }
        for (port, address) in &self.ports {
            text = text.replace(&address.to_string(), &format!("0.0.0.0:{port}"));
        }
        text
    }
}

/// Removes a line of YAML that stands in a string of JSON, where line ends are `\n`.
fn without_lines(text: &str, line: &str) -> String {
    let mut parts = text.split(line);
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let bare = rest.trim_end_matches(' ').len();
        match rest[..bare].strip_suffix("\\n") {
            Some(before) => rest.truncate(before.len()),
            None => rest.push_str(line),
        }
        rest.push_str(part);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_host_is_left() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let disguise = Disguise {
            folder: "/tmp/x/pods/1".into(),
            kubeconfig: "/tmp/x/pods/1/kubeconfig".into(),
            proxy: Some(address(7)),
            ports: vec![(9090, address(8))],
        };
        let body = r#"{"yaml":"- role: pod\n  kubeconfig_file: /tmp/x/pods/1/kubeconfig\n  proxy_url: http://127.0.0.1:7\n  a: /tmp/x/pods/1/data\n","web.listen-address":"127.0.0.1:8"}"#;
        assert_eq!(
            disguise.text(body),
            r#"{"yaml":"- role: pod\n  kubeconfig_file: \"\"\n  a: /data\n","web.listen-address":"0.0.0.0:9090"}"#
        );
    }
}
