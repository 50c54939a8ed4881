//! The arguments of a container, as the process gets them.

use std::net::SocketAddr;
use std::path::Path;

/// Flags whose values look like paths and are none.
const NO_PATHS: &[&str] =
    &["--web.route-prefix", "--web.external-url", "--web.page-title", "--web.cors.origin"];
const LISTEN: &str = "--web.listen-address";
const CONFIG: &str = "--config.file";

/// What Prometheus itself defaults to in either mode. Builds of distributions have other defaults, outside of the pod.
const DEFAULTS: &[(&str, &str)] = &[
    (CONFIG, "prometheus.yml"),
    ("--web.console.libraries", "console_libraries"),
    ("--web.console.templates", "consoles"),
];
/// The default place of the data of a server, and of an agent.
pub(super) const SERVER_DATA: (&str, &str) = ("--storage.tsdb.path", "data/");
pub(super) const AGENT_DATA: (&str, &str) = ("--storage.agent.path", "data-agent/");

/// What the arguments of a container say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The arguments, with the paths that hold on the host.
    pub(super) translated: Vec<String>,
    /// The port that the container wants to listen on.
    pub(super) port: u16,
}

/// Puts the pod's folder before absolute paths, and lets Prometheus listen on an address of the host. `major` is the
/// version of Prometheus, on which it depends what makes an agent.
pub(super) fn translate(arguments: &[String], folder: &Path, address: SocketAddr, major: u64) -> Arguments {
    let mut port = 9090;
    let mut translated = Vec::new();
    let mut listens = Listens::default();
    for (flag, value) in pairs(arguments) {
        match value {
            Some(value) if flag == LISTEN => {
                port = value.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(port);
                translated.extend(listens.next(address));
            }
            Some(value) if value.starts_with('/') && !NO_PATHS.contains(&flag.as_str()) => {
                translated.push(format!("{flag}={}{value}", folder.display()));
            }
            Some(value) => translated.push(format!("{flag}={value}")),
            None => translated.push(flag),
        }
    }
    translated.extend(listens.next(address));
    let given = pairs(arguments);
    let data = if is_agent(&given, major) { AGENT_DATA } else { SERVER_DATA };
    for (flag, value) in DEFAULTS.iter().copied().chain([data]) {
        if given.iter().all(|(other, _)| other != flag) {
            translated.push(format!("{flag}={value}"));
        }
    }
    Arguments { translated, port }
}

fn is_agent(given: &[(String, Option<String>)], major: u64) -> bool {
    given.iter().any(|(flag, value)| match (flag.as_str(), value) {
        ("--agent", _) => major >= 3,
        ("--enable-feature", Some(features)) => {
            major < 3 && features.split(',').any(|feature| feature == "agent")
        }
        _ => false,
    })
}

/// The address is given once, whatever the arguments say.
#[derive(Default)]
struct Listens(bool);

impl Listens {
    fn next(&mut self, address: SocketAddr) -> Option<String> {
        (!std::mem::replace(&mut self.0, true)).then(|| format!("{LISTEN}={address}"))
    }
}

/// The path of the configuration file, as the container sees it.
pub(super) fn config_file(arguments: &[String]) -> Option<String> {
    pairs(arguments).into_iter().rev().find(|(flag, _)| flag == CONFIG)?.1
}

/// Flags and their values, which stand after `=` or, for the flags that lead to files and addresses, as the next
/// argument.
fn pairs(arguments: &[String]) -> Vec<(String, Option<String>)> {
    let mut pairs = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if let Some((flag, value)) = argument.split_once('=').filter(|_| argument.starts_with('-')) {
            pairs.push((flag.to_owned(), Some(value.to_owned())));
            continue;
        }
        let takes_next = argument.starts_with("--")
            && rest
                .peek()
                .is_some_and(|next| next.starts_with('/') || argument == LISTEN || argument == CONFIG);
        let value = if takes_next { rest.next().cloned() } else { None };
        pairs.push((argument.clone(), value));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Arguments {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let mut arguments =
            translate(&arguments, Path::new("/pod"), SocketAddr::from(([127, 0, 0, 1], 5)), 3);
        arguments.translated.retain(|argument| !argument.starts_with("--web.console"));
        arguments
    }

    #[test]
    fn paths_get_the_folder() {
        let arguments =
            run(&["--config.file=/etc/config/prometheus.yml", "--storage.tsdb.path", "/data", "--agent"]);
        assert_eq!(
            arguments.translated,
            [
                "--config.file=/pod/etc/config/prometheus.yml",
                "--storage.tsdb.path=/pod/data",
                "--agent",
                "--web.listen-address=127.0.0.1:5",
                "--storage.agent.path=data-agent/",
            ]
        );
        assert_eq!(arguments.port, 9090);
    }

    #[test]
    fn what_makes_an_agent_depends_on_the_version() {
        let feature = [("--enable-feature".to_owned(), Some("exemplar-storage,agent".to_owned()))];
        let flag = [("--agent".to_owned(), None)];
        assert!(is_agent(&feature, 2) && !is_agent(&feature, 3));
        assert!(is_agent(&flag, 3) && !is_agent(&flag, 2));
    }

    #[test]
    fn what_is_no_path_stays() {
        let arguments = run(&[
            "--web.route-prefix=/p",
            "--web.listen-address=:9091",
            "--storage.tsdb.retention.time=1d",
            "junk",
        ]);
        assert_eq!(
            arguments.translated,
            [
                "--web.route-prefix=/p",
                "--web.listen-address=127.0.0.1:5",
                "--storage.tsdb.retention.time=1d",
                "junk",
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data/",
            ]
        );
        assert_eq!(arguments.port, 9091);
    }
}
