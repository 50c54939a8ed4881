//! Doing two things in turn, and comparing how long they took.

use std::io;
use std::time::Duration;

/// How long two things took, by the medians.
pub(crate) struct Pair {
    pub(crate) one: Duration,
    pub(crate) other: Duration,
}

impl Pair {
    /// How many times the other's time the one took.
    pub(crate) fn ratio(&self) -> f64 {
        self.one.as_secs_f64() / self.other.as_secs_f64()
    }

    /// The ratio, for the table.
    pub(crate) fn figure(&self) -> String {
        format!("{:.2}x", self.ratio())
    }

    /// Both times, for those who want to know.
    pub(crate) fn beside(&self) -> String {
        format!("{} against {}", shown(self.one), shown(self.other))
    }
}

/// Does both so often, in turn: whatever else the machine does meets both.
pub(crate) fn paired(
    times: usize,
    mut one: impl FnMut() -> io::Result<Duration>,
    mut other: impl FnMut() -> io::Result<Duration>,
) -> io::Result<Pair> {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..times {
        ones.push(one()?);
        others.push(other()?);
    }
    Ok(Pair { one: median(ones), other: median(others) })
}

/// The one in the middle.
pub(crate) fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// A time with as many digits as mean something.
pub(crate) fn shown(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
