//! Any text as a Prometheus configuration: both roles' edits succeed and are what was meant, or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promfed::prometheus::Role;
use promfed_fuzz::rules;

fuzz_target!(|text: &str| {
    for role in [Role::Hub, Role::Agent] {
        let _ = rules::config(role, text, rules::capabilities(text.len()));
    }
});
