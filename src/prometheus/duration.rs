//! Durations as Prometheus writes them.

use std::fmt;
use std::str::FromStr;

/// Milliseconds, read from and written as Prometheus does: `42d` and `6w` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromDuration(u64);

/// Unit, its milliseconds, and whether only whole multiples are written with it.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl PromDuration {
    pub fn milliseconds(self) -> u64 {
        self.0
    }

    pub fn seconds(self) -> f64 {
        std::time::Duration::from_millis(self.0).as_secs_f64()
    }

    /// So many times as long.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl FromStr for PromDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let not_one = || format!("not a duration: {text:?} (Prometheus writes them like 42d, 12h or 1h30m)");
        if text == "0" {
            return Ok(Self(0));
        }
        let mut rest = text;
        let mut total = 0_u64;
        let mut next_unit = 0;
        if rest.is_empty() {
            return Err(not_one());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
            let (unit, after) = after.split_at(letters);
            let position = UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(not_one)?;
            // Units stand from large to small, each at most once.
            if position < next_unit {
                return Err(not_one());
            }
            next_unit = position + 1;
            let number: u64 = number.parse().map_err(|_| not_one())?;
            total = number
                .checked_mul(UNITS[position].1)
                .and_then(|ms| total.checked_add(ms))
                .ok_or_else(not_one)?;
            rest = after;
        }
        Ok(Self(total))
    }
}

impl fmt::Display for PromDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        let mut rest = self.0;
        let mut text = String::new();
        for (unit, size) in UNITS {
            // Years, weeks and days are only written when they come out even, as Prometheus does.
            let amount = rest / size;
            if amount > 0 && (size < UNITS[2].1 || rest.is_multiple_of(size)) {
                text = format!("{text}{amount}{unit}");
                rest -= amount * size;
            }
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_time_written_differently_is_equal() {
        let read = |text: &str| text.parse::<PromDuration>().expect("a duration");
        assert_eq!(read("42d"), read("6w"));
        assert_eq!(read("1h30m"), read("90m"));
        assert_eq!(read("0"), read("0s"));
        assert!(read("1y") > read("52w"));
    }

    #[test]
    fn what_prometheus_refuses_is_refused() {
        for text in ["", "1", "1D", "d", "1m1h", "1h1h", "-1h", "1.5h", "1h ", "99999999999999999999y"] {
            assert!(text.parse::<PromDuration>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_written_as_the_flags_api_does() {
        for (text, written) in [("42d", "6w"), ("15d", "15d"), ("90m", "1h30m"), ("25h", "25h"), ("0", "0s")]
        {
            assert_eq!(
                text.parse::<PromDuration>().map(|duration| duration.to_string()),
                Ok(written.to_owned())
            );
        }
    }
}
