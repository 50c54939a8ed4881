//! The arguments in the words of a version, whichever version they were written for.
//!
//! What a version does not know by a flag it may know by a feature name, and the other way round; what it does not
//! know at all would end the process, and goes. A feature name that is not known yet only warns, so it may stay.

use super::args::{ArgEdit, Args};
use super::rewrite::Rewrite;
use crate::prometheus::capability::{
    Became, Mode, feature_of_flag, known_feature, mode_of_flag, other_name_of_flag,
};
use crate::prometheus::{Capabilities, Role};

/// Brings the arguments into the words of the version and the role, as far as it is known what they mean.
pub(super) fn translate(rewrite: &mut Rewrite<'_>, capabilities: Capabilities, role: Role) {
    rewrite.change(|args| without_the_other_mode(args, role));
    rewrite.change(|args| renamed(args, capabilities));
    for (name, is_on) in foreign_flags(&rewrite.now(), capabilities) {
        rewrite.change(|args| args.without(|other| other == name));
        let feature = feature_of_flag(&name).filter(|feature| feature.span.holds(capabilities.version()));
        if let Some(feature) = feature.filter(|_| is_on) {
            rewrite.change(|args| args.with_feature(feature.name));
        }
    }
    let features: Vec<_> = rewrite.now().features().map(str::to_owned).collect();
    for name in features {
        match known_feature(&name).map(|feature| feature.became) {
            Some(Became::Flag(flag)) if capabilities.knows_flag(flag) => {
                rewrite.change(|args| args.without_features(&[&name]));
                rewrite.change(|args| args.with_switch(flag));
            }
            Some(Became::Always) if capabilities.dead_features().any(|dead| dead == name) => {
                rewrite.change(|args| args.without_features(&[&name]));
            }
            _ => {}
        }
    }
}

/// A flag of the other mode ends the process with 3. Agent mode itself is none of a hub's, by either name.
fn without_the_other_mode(args: &Args, role: Role) -> Vec<ArgEdit> {
    let other = match role {
        Role::Hub => Mode::Agent,
        Role::Agent => Mode::Server,
    };
    let mut edits =
        args.without(|name| mode_of_flag(name) == other || (role == Role::Hub && name == "agent"));
    if role == Role::Hub {
        edits.extend(args.without_features(&["agent"]));
    }
    edits
}

/// Flags that the version knows by another name get that, where they stand; beside one of that name they go later.
fn renamed(args: &Args, capabilities: Capabilities) -> Vec<ArgEdit> {
    let flags = args.flags().into_iter().filter(|flag| !capabilities.knows_flag(flag.name));
    let mut edits = Vec::new();
    for flag in flags {
        let Some(name) = other_name_of_flag(flag.name).filter(|name| args.value(name).is_none()) else {
            continue;
        };
        let with = if flag.at.len() == 2 { format!("--{name}") } else { format!("--{name}={}", flag.value) };
        edits.push(ArgEdit::Replace { index: flag.at.start, with });
    }
    edits
}

/// The flags that the version does not know, and whether each is a switch that is on.
fn foreign_flags(args: &Args, capabilities: Capabilities) -> Vec<(String, bool)> {
    let flags = args.flags().into_iter().filter(|flag| !capabilities.knows_flag(flag.name));
    flags.map(|flag| (flag.name.to_owned(), flag.value == "true")).collect()
}
