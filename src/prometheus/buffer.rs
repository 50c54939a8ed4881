//! How long an agent keeps what it could not send, and what that takes.
//!
//! What is kept for sending is decided by `storage.agent.wal-truncate-frequency` alone: whenever it has passed, the older
//! two thirds of the WAL's segments go into a checkpoint, which remote write never reads (`truncate` in
//! `tsdb/agent/db.go`). In the steady state the third that stays is half of that time long. So an outage of any length up
//! to half of the frequency is outlived, whenever it begins; a longer one with luck, and up to the frequency.

use super::PromDuration;

pub const FREQUENCY: &str = "storage.agent.wal-truncate-frequency";
pub const MIN_TIME: &str = "storage.agent.retention.min-time";
pub const MAX_TIME: &str = "storage.agent.retention.max-time";

/// What a sample takes in the WAL, in bytes, at most: in a compressed WAL it is half of that, and less.
const BYTES_PER_SAMPLE: f64 = 8.0;
/// For how many times the frequency the volume has samples at most: one and a half in segments, and one in the checkpoint
/// that is being written.
const HELD: f64 = 2.5;
/// The share of the volume that the WAL may have.
const FULL: f64 = 0.8;

/// The truncation frequency with which an outage of this length is outlived whenever it begins.
pub fn frequency_for(outage: PromDuration) -> PromDuration {
    outage.times(2)
}

/// The bytes of a volume on which an outage of this length is outlived, at so many samples a second.
pub fn volume_for(outage: PromDuration, per_second: f64) -> f64 {
    per_second * held(outage) / FULL
}

/// How many samples a second a volume of so many bytes can take through an outage of this length.
pub fn rate_of(volume: f64, outage: PromDuration) -> f64 {
    volume * FULL / held(outage)
}

/// The bytes that one sample a second leaves on the volume.
fn held(outage: PromDuration) -> f64 {
    BYTES_PER_SAMPLE * HELD * frequency_for(outage).seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_enough_for_the_rate_that_it_was_made_for() {
        let outage: PromDuration = "6h".parse().expect("a duration");
        assert_eq!(frequency_for(outage).to_string(), "12h");
        let volume = volume_for(outage, 1000.0);
        assert!((volume - 1.08e9).abs() < 1.0, "{volume}");
        assert!((rate_of(volume, outage) - 1000.0).abs() < 1e-6);
    }
}
