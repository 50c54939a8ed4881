//! The commands around a fleet file.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::connection::{FLEET, FleetArgs};
use super::write::Write;

/// A hub and its agents as one file declares them.
#[derive(Debug, Args)]
pub struct Apply {
    /// The fleet file; - is stdin
    #[arg(short = 'f', long = "filename", value_name = "FILE", required_unless_present = "schema")]
    pub file: Option<PathBuf>,
    /// Print what a fleet file can say, as JSON Schema, and do nothing else
    #[arg(long)]
    pub schema: bool,
    #[command(flatten)]
    pub pace: Pace,
    #[command(flatten)]
    pub write: Write,
}

/// How many agents are changed at the same time, and when no more.
#[derive(Clone, Copy, Debug, Args)]
pub struct Pace {
    /// Begin with no more agents when more than so many have failed: a number, or a share like 10%
    #[arg(long, value_name = "N|N%", default_value = "10%", help_heading = FLEET)]
    pub max_failures: MaxFailures,
    /// How many agents are changed at the same time
    #[arg(long, value_name = "N", default_value_t = Self::AT_ONCE, help_heading = FLEET)]
    pub concurrency: NonZeroUsize,
}

impl Pace {
    /// So many that a hub takes them in without being crowded.
    const AT_ONCE: NonZeroUsize = NonZeroUsize::new(20).expect("not zero");
}

/// How many agents may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxFailures {
    Number(usize),
    /// Of a hundred.
    Percent(usize),
}

impl MaxFailures {
    /// How many of so many, rounded down.
    pub fn of(self, all: usize) -> usize {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => all * percent / 100,
        }
    }
}

impl FromStr for MaxFailures {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is a number, or a share from 0% to 100%".to_owned();
        match text.strip_suffix('%') {
            Some(percent) => match percent.parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text.parse().map(Self::Number).map_err(|_| wrong()),
        }
    }
}

/// The fleet file of clusters as they are.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    pub contexts: FleetArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down() {
        let of = |text: &str, all| text.parse::<MaxFailures>().map(|max| max.of(all));
        assert_eq!(of("10%", 60), Ok(6));
        assert_eq!(of("10%", 9), Ok(0));
        assert_eq!(of("3", 60), Ok(3));
        assert!(of("101%", 1).is_err() && of("-1", 1).is_err() && of("few", 1).is_err());
    }
}
