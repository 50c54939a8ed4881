//! The rules that the corpus is held to, for the fuzzer's targets.

#[path = "../tests/corpus/rules.rs"]
pub mod rules;
