//! The arguments of an agent that outlives an outage of its hub.

use super::args::{ArgEdit, Args};
use super::rewrite::Rewrite;
use crate::prometheus::PromDuration;
use crate::prometheus::buffer::{FREQUENCY, MAX_TIME, frequency_for};

/// The edits after which the agent keeps what it cannot send for so long. A limit below the frequency would be raised to
/// it without a word, and the flags would still show the lower one.
pub fn buffer_args(args: &Args, outage: PromDuration) -> Vec<ArgEdit> {
    let frequency = frequency_for(outage).to_string();
    let mut rewrite = Rewrite::new(args);
    for flag in [FREQUENCY, MAX_TIME] {
        rewrite.change(|args| args.with_value(flag, &frequency));
    }
    rewrite.edits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(list: &[&str]) -> Vec<String> {
        let args = Args::new(list.iter().map(|&arg| arg.to_owned()).collect());
        args.edited(&buffer_args(&args, "6h".parse().expect("a duration"))).as_slice().to_vec()
    }

    #[test]
    fn the_flags_are_set_together_and_once() {
        let set = [
            "--agent",
            "--storage.agent.wal-truncate-frequency=12h",
            "--storage.agent.retention.max-time=12h",
        ];
        assert_eq!(edited(&["--agent"]), set);
        assert_eq!(edited(&set), set);
        let other = ["--agent", set[1], "--storage.agent.retention.max-time=5m"];
        assert_eq!(edited(&other), set);
    }
}
