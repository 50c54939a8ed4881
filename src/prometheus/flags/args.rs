//! The arguments as the values hold them: a list of texts, each flag being one of them or two.

use std::ops::Range;

/// Flags that take no argument, so that what follows them is none of theirs (`Bool()` in `cmd/prometheus/main.go`).
const SWITCHES: [&str; 12] = [
    "agent",
    "auto-gomaxprocs",
    "auto-gomemlimit",
    "storage.agent.no-lockfile",
    "storage.agent.wal-compression",
    "storage.tsdb.allow-overlapping-blocks",
    "storage.tsdb.no-lockfile",
    "storage.tsdb.wal-compression",
    "web.enable-admin-api",
    "web.enable-lifecycle",
    "web.enable-otlp-receiver",
    "web.enable-remote-write-receiver",
];

/// The arguments of the `prometheus-server` container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(Vec<String>);

/// One change to the list. Indices are those of the list before any of the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgEdit {
    Remove { index: usize },
    Replace { index: usize, with: String },
    Append { arg: String },
}

/// One flag among the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::prometheus) struct Flag<'a> {
    /// Without dashes, and without the `no-` of a switch that is off.
    pub(in crate::prometheus) name: &'a str,
    /// `true` and `false` for a switch.
    pub(in crate::prometheus) value: &'a str,
    /// Which arguments it is made of: `--a=b`, or `--a` and `b`.
    pub(in crate::prometheus) at: Range<usize>,
}

impl Args {
    pub fn new(args: Vec<String>) -> Self {
        Self(args)
    }

    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The flags in order. What is no flag is skipped: Prometheus takes no other arguments.
    pub(in crate::prometheus) fn flags(&self) -> Vec<Flag<'_>> {
        let mut flags = Vec::new();
        let mut index = 0;
        while index < self.0.len() {
            let start = index;
            index += 1;
            let Some(body) = self.0[start].strip_prefix("--") else {
                continue;
            };
            let (name, value) = if let Some((name, value)) = body.split_once('=') {
                (name, value)
            } else if let Some(next) =
                self.0.get(index).filter(|next| !next.starts_with('-') && !is_switch(body))
            {
                index += 1;
                (body, next.as_str())
            } else if let Some(name) = body.strip_prefix("no-") {
                (name, "false")
            } else {
                (body, "true")
            };
            flags.push(Flag { name, value, at: start..index });
        }
        flags
    }

    /// The value that a flag has: that of its last appearance.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags().into_iter().rfind(|flag| flag.name == name).map(|flag| flag.value)
    }

    /// The names given with `--enable-feature`, which may be repeated and may hold several, by commas.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.flags()
            .into_iter()
            .filter(|flag| flag.name == "enable-feature")
            .flat_map(|flag| flag.value.split(','))
            .filter(|name| !name.is_empty())
    }

    /// The edits that take the features away: one of several from its list, the flag with the last of them.
    pub(super) fn without_features(&self, dead: &[&str]) -> Vec<ArgEdit> {
        let mut edits = Vec::new();
        for flag in self.flags().into_iter().filter(|flag| flag.name == "enable-feature") {
            let kept: Vec<_> = flag.value.split(',').filter(|name| !dead.contains(name)).collect();
            if kept.is_empty() {
                edits.extend(flag.at.map(|index| ArgEdit::Remove { index }));
            } else if kept.len() < flag.value.split(',').count() {
                let kept = kept.join(",");
                // What begins with a dash would be a flag of its own.
                let stays_two = flag.at.len() == 2 && !kept.starts_with('-');
                if flag.at.len() == 2 && !stays_two {
                    edits.push(ArgEdit::Remove { index: flag.at.start });
                }
                let with = if stays_two { kept } else { format!("--enable-feature={kept}") };
                edits.push(ArgEdit::Replace { index: flag.at.end - 1, with });
            }
        }
        edits
    }

    /// The edits that take every flag away whose name is chosen.
    pub(super) fn without(&self, chosen: impl Fn(&str) -> bool) -> Vec<ArgEdit> {
        let flags = self.flags().into_iter().filter(|flag| chosen(flag.name));
        flags.flat_map(|flag| flag.at).map(|index| ArgEdit::Remove { index }).collect()
    }

    /// The edits after which the flag has this value, written `--name=value`.
    pub(super) fn with_value(&self, name: &str, value: &str) -> Vec<ArgEdit> {
        let arg = format!("--{name}={value}");
        match self.flags().into_iter().rfind(|flag| flag.name == name) {
            Some(flag) if flag.value == value => Vec::new(),
            Some(flag) if flag.at.len() == 2 => {
                vec![ArgEdit::Replace { index: flag.at.end - 1, with: value.to_owned() }]
            }
            Some(flag) => vec![ArgEdit::Replace { index: flag.at.start, with: arg }],
            None => vec![ArgEdit::Append { arg }],
        }
    }

    /// The edits after which the switch is on, written `--name`: `--name=true` ends the process.
    pub(super) fn with_switch(&self, name: &str) -> Vec<ArgEdit> {
        let arg = format!("--{name}");
        let Some(flag) = self.flags().into_iter().rfind(|flag| flag.name == name) else {
            return vec![ArgEdit::Append { arg }];
        };
        let rest = (flag.at.start + 1..flag.at.end).map(|index| ArgEdit::Remove { index });
        let first = ArgEdit::Replace { index: flag.at.start, with: arg.clone() };
        let is_written = self.0[flag.at.start] == arg;
        (!is_written).then_some(first).into_iter().chain(rest).collect()
    }

    /// The edits after which the feature is on.
    pub(super) fn with_feature(&self, name: &str) -> Vec<ArgEdit> {
        if self.features().any(|feature| feature == name) {
            return Vec::new();
        }
        vec![ArgEdit::Append { arg: format!("--enable-feature={name}") }]
    }

    /// The list after the edits. Of several edits of one argument the first holds.
    #[must_use]
    pub fn edited(&self, edits: &[ArgEdit]) -> Self {
        let kept = self.0.iter().enumerate().filter_map(|(position, arg)| {
            let edit = edits.iter().find(|edit| match edit {
                ArgEdit::Remove { index } | ArgEdit::Replace { index, .. } => *index == position,
                ArgEdit::Append { .. } => false,
            });
            match edit {
                Some(ArgEdit::Remove { .. }) => None,
                Some(ArgEdit::Replace { with, .. }) => Some(with.clone()),
                _ => Some(arg.clone()),
            }
        });
        let added = edits.iter().filter_map(|edit| match edit {
            ArgEdit::Append { arg } => Some(arg.clone()),
            _ => None,
        });
        Self(kept.chain(added).collect())
    }
}

fn is_switch(name: &str) -> bool {
    SWITCHES.contains(&name.strip_prefix("no-").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(list: &[&str]) -> Args {
        Args::new(list.iter().map(|&arg| arg.to_owned()).collect())
    }

    #[test]
    fn a_flag_is_one_argument_or_two_and_the_last_one_counts() {
        let args = args(&["--a=1", "--b", "2", "--c", "--no-d", "--a=3"]);
        assert_eq!(args.value("a"), Some("3"));
        assert_eq!(args.value("b"), Some("2"));
        assert_eq!(args.value("c"), Some("true"));
        assert_eq!(args.value("d"), Some("false"));
        assert_eq!(args.value("e"), None);
    }

    #[test]
    fn a_feature_is_taken_out_of_its_list() {
        let args = args(&["--enable-feature=agent,exemplar-storage", "--enable-feature", "agent"]);
        let edited = args.edited(&args.without_features(&["agent"]));
        assert_eq!(edited.as_slice(), ["--enable-feature=exemplar-storage"]);
    }

    #[test]
    fn what_is_left_of_a_list_does_not_become_a_flag() {
        let args = args(&["--enable-feature", "agent,--a"]);
        assert_eq!(args.edited(&args.without_features(&["agent"])).as_slice(), ["--enable-feature=--a"]);
    }

    #[test]
    fn a_value_is_replaced_where_it_is_written() {
        let args = args(&["--a", "1", "--b=1"]);
        let edited = args.edited(&[args.with_value("a", "2"), args.with_value("b", "2")].concat());
        assert_eq!(edited.as_slice(), ["--a", "2", "--b=2"]);
    }

    #[test]
    fn a_switch_takes_no_argument() {
        let args = args(&["--agent", "stray", "--no-web.enable-lifecycle", "stray"]);
        assert_eq!(args.value("agent"), Some("true"));
        assert_eq!(args.value("web.enable-lifecycle"), Some("false"));
    }

    #[test]
    fn a_switch_that_is_off_is_turned_on() {
        let args = args(&["--no-a", "--b=false", "--d", "true", "--e=true"]);
        let on = ["a", "b", "c", "d", "e"].map(|name| args.with_switch(name)).concat();
        assert_eq!(args.edited(&on).as_slice(), ["--a", "--b", "--d", "--e", "--c"]);
    }
}
