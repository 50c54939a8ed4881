//! What the last line of a Prometheus that ended means.

use serde_json::Value;

/// The known reasons. Everything carries names only; what they mean for a version is asked elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LastWords {
    /// Flags that only a server has, in agent mode.
    ServerFlags(Vec<String>),
    /// Flags that only an agent has, on a server.
    AgentFlags(Vec<String>),
    UnknownFlag(String),
    /// Something else about the arguments.
    Arguments(String),
    /// A field that an agent's configuration must not have.
    ForbiddenInAgent(String),
    UnknownField(String),
    /// An agent of 2.32 without a target.
    NoRemoteWrite,
    /// A file with authorities that cannot be read.
    AuthorityFile(String),
    /// The configuration cannot be loaded.
    Configuration(String),
    /// Another process has the storage open.
    Lock,
    DiskFull,
    NotPermitted(String),
    Other(String),
}

impl LastWords {
    pub(super) fn read(line: &str) -> Self {
        let words = message(line);
        let has = |part: &str| words.contains(part);
        if has("can not be used in agent mode") {
            Self::ServerFlags(quoted(&words))
        } else if has("can only be used in agent mode") {
            Self::AgentFlags(quoted(&words))
        } else if let Some(flag) = after(&words, "unknown long flag '") {
            Self::UnknownFlag(flag.trim_start_matches('-').to_owned())
        } else if has("command line arguments")
            || has("cannot be repeated")
            || has("expected argument for flag")
        {
            Self::Arguments(words)
        } else if let Some(rest) = words.strip_prefix("prometheus: error: ") {
            Self::Arguments(rest.to_owned())
        } else if let Some(field) = field(&words, " is not allowed in agent mode") {
            Self::ForbiddenInAgent(field)
        } else if let Some(field) = field(&words, " not found in type") {
            Self::UnknownField(field)
        } else if has("at least one remote_write target must be specified") {
            Self::NoRemoteWrite
        } else if has("CA cert") {
            Self::AuthorityFile(path(&words).unwrap_or_default())
        } else if has("lock DB directory") {
            Self::Lock
        } else if has("no space left on device") {
            Self::DiskFull
        } else if has("permission denied") {
            Self::NotPermitted(words)
        } else if line.contains("Error loading config") || has("yaml: ") || has("couldn't load configuration")
        {
            Self::Configuration(words)
        } else {
            Self::Other(words)
        }
    }
}

/// The error in a line of the log; its message where it has none; the line itself where it is none of the log's.
fn message(line: &str) -> String {
    let line = line.trim();
    if let Ok(Value::Object(fields)) = serde_json::from_str(line) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        return text("err").or(text("error")).or(text("msg")).unwrap_or(line).to_owned();
    }
    ["err", "error", "msg"].iter().find_map(|name| value(line, name)).unwrap_or_else(|| line.to_owned())
}

/// `name="some \"quoted\" words"` or `name=word`
fn value(line: &str, name: &str) -> Option<String> {
    let rest = line.split_once(&format!(" {name}="))?.1;
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split_whitespace().next().map(str::to_owned);
    };
    let mut text = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next()? {
                'n' | 't' => text.push(' '),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    Some(text)
}

/// `["--a" "--b"]`
fn quoted(words: &str) -> Vec<String> {
    words.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn after<'w>(words: &'w str, start: &str) -> Option<&'w str> {
    let rest = words.split_once(start)?.1;
    rest.split('\'').next()
}

/// The word after `field `, where `end` follows it.
fn field(words: &str, end: &str) -> Option<String> {
    let before = words.split_once(end)?.0;
    before.rsplit_once("field ").map(|(_, name)| name.trim().to_owned())
}

/// The first absolute path among the words.
fn path(words: &str) -> Option<String> {
    let path = words.split([' ', '"']).find(|word| word.starts_with('/'))?;
    Some(path.trim_end_matches([':', ',']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::LastWords::{self, *};

    #[test]
    fn each_version_s_words_are_understood() {
        let known = [
            (
                "The following flag(s) can not be used in agent mode: [\"--storage.tsdb.retention.time\" \"--storage.tsdb.path\"]",
                ServerFlags(vec!["--storage.tsdb.retention.time".into(), "--storage.tsdb.path".into()]),
            ),
            (
                "The following flag(s) can only be used in agent mode: [\"--storage.agent.path\"]",
                AgentFlags(vec!["--storage.agent.path".into()]),
            ),
            ("prometheus: error: unknown long flag '--agent', try --help", UnknownFlag("agent".into())),
            (
                "Error parsing command line arguments: unknown long flag '--storage.x'",
                UnknownFlag("storage.x".into()),
            ),
            ("prometheus: error: unexpected true", Arguments("unexpected true".into())),
            (
                "ts=1 level=error msg=\"Error loading config (--config.file=/etc/config/prometheus.yml)\" err=\"field rule_files is not allowed in agent mode\"",
                ForbiddenInAgent("rule_files".into()),
            ),
            (
                "time=1 level=ERROR source=main.go:1 msg=\"Error loading config\" file=/a err=\"parsing YAML file /a: yaml: unmarshal errors:\\n  line 9: field ca not found in type config.plain\"",
                UnknownField("ca".into()),
            ),
            (
                "ts=1 level=error err=\"unable to load specified CA cert /x/ca.crt: open /x/ca.crt: no such file or directory\"",
                AuthorityFile("/x/ca.crt".into()),
            ),
            (
                "time=1 level=ERROR msg=\"Failed to apply\" err=\"unable to read CA cert: unable to read file /x: open /x: no such file or directory\"",
                AuthorityFile("/x".into()),
            ),
            (
                "time=1 level=ERROR msg=\"Fatal error\" err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"",
                Lock,
            ),
            (
                "{\"level\":\"ERROR\",\"msg\":\"Fatal error\",\"err\":\"opening storage failed: write /data/wal/00000001: no space left on device\"}",
                DiskFull,
            ),
            ("panic: runtime error", Other("panic: runtime error".into())),
        ];
        for (line, meaning) in known {
            assert_eq!(LastWords::read(line), meaning, "{line}");
        }
    }

    #[test]
    fn a_broken_configuration_is_told_in_its_own_words() {
        let line = "ts=1 level=error msg=\"Error loading config (--config.file=/a)\" err=\"found multiple scrape configs with job name \\\"x\\\"\"";
        assert_eq!(
            LastWords::read(line),
            Configuration("found multiple scrape configs with job name \"x\"".into())
        );
    }
}
