//! What the arguments of a hub must have.

use super::args::{ArgEdit, Args};
use super::dialect::translate;
use super::rewrite::Rewrite;
use crate::prometheus::{Capabilities, PromDuration, Receiver, Role};

/// What the user asked of a hub's flags.
#[derive(Clone, Copy, Debug, Default)]
pub struct HubArgs {
    pub retention: Option<PromDuration>,
    pub exemplars: Exemplars,
}

/// Whether promfed switches exemplar storage on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exemplars {
    /// Somebody else's arguments stay as they are.
    #[default]
    AsTheyAre,
    /// A new install stores what agents send.
    Store,
}

impl HubArgs {
    /// For a package that is not installed yet.
    pub fn fresh(retention: Option<PromDuration>) -> Self {
        Self { retention, exemplars: Exemplars::Store }
    }

    /// For arguments that somebody wrote.
    pub fn patch(retention: Option<PromDuration>) -> Self {
        Self { retention, exemplars: Exemplars::AsTheyAre }
    }
}

/// The edits after which the process accepts remote write, and starts, at this version.
pub fn hub_args(args: &Args, capabilities: Capabilities, wanted: HubArgs) -> Vec<ArgEdit> {
    let mut rewrite = Rewrite::new(args);
    translate(&mut rewrite, capabilities, Role::Hub);
    if let Some(retention) = wanted.retention {
        let name = "storage.tsdb.retention.time";
        rewrite.change(|args| {
            let is_same = args.value(name).is_some_and(|value| value.parse() == Ok(retention));
            if is_same { Vec::new() } else { args.with_value(name, &retention.to_string()) }
        });
    }
    if wanted.exemplars == Exemplars::Store && capabilities.receives_exemplars() {
        rewrite.change(|args| args.with_feature("exemplar-storage"));
    }
    match capabilities.receiver() {
        Receiver::Flag => rewrite.change(|args| args.with_switch("web.enable-remote-write-receiver")),
        Receiver::FeatureName => rewrite.change(|args| args.with_feature("remote-write-receiver")),
        Receiver::None => {}
    }
    rewrite.edits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Version;

    fn edited(list: &[&str], version: (u32, u32), wanted: HubArgs) -> Vec<String> {
        let args = Args::new(list.iter().map(|&arg| arg.to_owned()).collect());
        let capabilities = Capabilities::of(Version::new(version.0, version.1, 0));
        args.edited(&hub_args(&args, capabilities, wanted)).as_slice().to_vec()
    }

    #[test]
    fn the_receiver_is_switched_on_in_the_versions_own_words() {
        let patch = HubArgs::patch(None);
        assert_eq!(edited(&["--a"], (2, 27), patch), ["--a", "--enable-feature=remote-write-receiver"]);
        assert_eq!(edited(&["--a"], (2, 43), patch), ["--a", "--web.enable-remote-write-receiver"]);
        assert_eq!(
            edited(&["--web.enable-remote-write-receiver"], (3, 5), patch),
            ["--web.enable-remote-write-receiver"]
        );
    }

    #[test]
    fn what_3_0_removed_is_taken_out_and_the_retention_kept() {
        let list =
            ["--storage.tsdb.retention=15d", "--enable-feature=remote-write-receiver,exemplar-storage"];
        assert_eq!(
            edited(&list, (3, 5), HubArgs::patch(None)),
            [
                "--storage.tsdb.retention.time=15d",
                "--enable-feature=exemplar-storage",
                "--web.enable-remote-write-receiver"
            ]
        );
    }

    #[test]
    fn a_retention_that_is_the_same_time_is_left_as_written() {
        let six_weeks = "6w".parse().ok();
        let list = ["--storage.tsdb.retention.time=42d", "--web.enable-remote-write-receiver"];
        assert_eq!(edited(&list, (2, 43), HubArgs::patch(six_weeks)), list);
        let other = "7d".parse().ok();
        assert_eq!(edited(&list, (2, 43), HubArgs::patch(other))[0], "--storage.tsdb.retention.time=1w");
    }
}
