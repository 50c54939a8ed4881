//! What can be set of a hub or an agent: the flags of the command that makes one, under the same names in camelCase.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Args, Command, CommandFactory, value_parser};

use crate::cli::{Cli, Pace, Write};

/// Which command an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Hub,
    Agent,
}

/// One thing that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// As the file has it: `writeFqdn`.
    pub(super) key: String,
    /// As the command line has it, without dashes: `write-fqdn`.
    pub(super) flag: String,
    /// The help of the flag.
    pub(super) help: String,
    pub(super) shape: Shape,
    /// The only values that there are, where that is so.
    pub(super) choices: Vec<String>,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `true` is the flag, `false` is its absence.
    Switch,
    Text,
    /// The path of a file, from the folder of the fleet file.
    File,
    /// The flag once for each.
    Texts,
}

/// Flags that speak of a run and not of a cluster.
const OF_A_RUN: [&str; 2] = ["contexts", "undo"];

impl Part {
    /// The words of the command.
    pub(super) fn command(self) -> [&'static str; 2] {
        match self {
            Self::Hub => ["hub", "init"],
            Self::Agent => ["agent", "join"],
        }
    }

    /// What of kubectl's own flags an entry may say. Of `agent join`, the last is about the hub.
    fn connection(self) -> &'static [&'static str] {
        match self {
            Self::Hub => &["context", "namespace"],
            Self::Agent => &["context", "namespace", "insecure_skip_tls_verify"],
        }
    }

    /// All that can be set, the context first, then in the order of the help.
    pub(super) fn settings(self) -> Vec<Setting> {
        let whole = Cli::command();
        let of_a_run = Pace::augment_args(Write::augment_args(Command::new("run")));
        let is_of_a_run = |arg: &Arg| {
            OF_A_RUN.contains(&arg.get_id().as_str())
                || of_a_run.get_arguments().any(|other| other.get_id() == arg.get_id())
        };
        let named = |id: &&str| whole.get_arguments().find(|arg| arg.get_id() == *id);
        let general = self.connection().iter().filter_map(named);
        let [noun, verb] = self.command();
        let command = whole.find_subcommand(noun).and_then(|noun| noun.find_subcommand(verb));
        let own = command.into_iter().flat_map(Command::get_arguments).filter(|arg| !is_of_a_run(arg));
        general.chain(own).filter_map(Setting::of).collect()
    }
}

impl Setting {
    fn of(arg: &Arg) -> Option<Self> {
        let flag = arg.get_long()?.to_owned();
        let is_file = arg.get_value_parser().type_id() == value_parser!(PathBuf).type_id();
        let shape = match arg.get_action() {
            ArgAction::SetTrue => Shape::Switch,
            ArgAction::Append => Shape::Texts,
            _ if is_file => Shape::File,
            _ => Shape::Text,
        };
        // Of a switch clap knows `true` and `false`, which say nothing.
        let choices = if shape == Shape::Switch { Vec::new() } else { arg.get_possible_values() };
        Some(Self {
            key: key(&flag),
            flag,
            help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            shape,
            choices: choices.iter().map(|choice| choice.get_name().to_owned()).collect(),
        })
    }
}

/// `--header` may be repeated, so its key names many.
fn key(flag: &str) -> String {
    let mut words = flag.split('-');
    let mut key = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        key.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        key.push_str(letters.as_str());
    }
    if key == "header" { "headers".to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(part: Part) -> String {
        part.settings().into_iter().map(|setting| setting.key).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_keys_are_the_flags() {
        insta::assert_snapshot!(keys(Part::Hub), @"context namespace clusterName fqdn writeUrl noIngress auth writeFqdn shutOut retention storage withRules package packageVersion allowDowngrade name values repository serviceAccountName");
        insta::assert_snapshot!(keys(Part::Agent), @"context namespace insecureSkipTlsVerify hubContext hubUrl from hubType tenant queryUrl clusterName beside storage buffer caFile caSha256 remoteWriteVersion username passwordFile bearerTokenFile clientCert clientCertKey headers package packageVersion allowDowngrade name values repository serviceAccountName");
    }

    #[test]
    fn a_value_has_the_shape_that_its_flag_takes() {
        let of = |part: Part, shape: Shape| {
            let all = part.settings().into_iter().filter(|setting| setting.shape == shape);
            all.map(|setting| setting.key).collect::<Vec<_>>().join(" ")
        };
        insta::assert_snapshot!(of(Part::Agent, Shape::File), @"from caFile passwordFile bearerTokenFile clientCert clientCertKey values");
        insta::assert_snapshot!(of(Part::Hub, Shape::Switch), @"noIngress shutOut withRules allowDowngrade");
        assert_eq!(of(Part::Agent, Shape::Texts), "headers");
    }
}
