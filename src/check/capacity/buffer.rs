//! How long an agent keeps what it could not send.
//!
//! Every `storage.agent.wal-truncate-frequency` the older two thirds of the WAL go into a checkpoint, which remote write
//! never reads. So this is the buffer, whatever the retention times say; those are raised to it where they are shorter.

use crate::check::facts::{Facts, Reading};
use crate::prometheus::PromDuration;

pub(super) use crate::prometheus::buffer::{FREQUENCY, MAX_TIME, MIN_TIME};

/// What the frequency is when nothing is said, or where a version does not show it.
const DEFAULT: &str = "2h";

/// What the flags API shows of the retention times when nothing is said: the first up to 3.11.
const DEFAULTS: [&str; 3] = ["0s", "5m", "4h"];

/// The buffer of an agent.
pub(super) fn buffer(facts: &Facts) -> Reading<PromDuration> {
    let value = facts.flag(FREQUENCY)?.and_then(|text| text.parse().ok());
    let set = value.filter(|value: &PromDuration| value.milliseconds() > 0);
    set.or_else(|| DEFAULT.parse().ok()).ok_or(crate::check::facts::Unread::NotAsked)
}

/// What somebody set a flag to: by the arguments in the values, and where those are not known by what runs and is no
/// default.
pub(super) fn set(facts: &Facts, flag: &str) -> Option<PromDuration> {
    let text = match facts.desired_args() {
        Ok(args) => args.value(flag)?.to_owned(),
        Err(_) => facts.flag(flag).ok()??.to_owned(),
    };
    let is_default = facts.desired_args().is_err() && DEFAULTS.contains(&text.as_str());
    text.parse().ok().filter(|value: &PromDuration| !is_default && value.milliseconds() > 0)
}
