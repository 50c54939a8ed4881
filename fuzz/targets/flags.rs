//! Any list of arguments, one a line, for any version: in order, in one dialect, and nothing left to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promfed::prometheus::Role;
use promfed_fuzz::rules;

fuzz_target!(|text: &str| {
    let list: Vec<_> = text.lines().map(str::to_owned).collect();
    for version in 0..rules::VERSIONS.len() {
        for role in [Role::Hub, Role::Agent] {
            rules::flags(role, list.clone(), rules::capabilities(version));
        }
    }
});
