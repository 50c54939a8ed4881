//! Whether and when a request is sent again because the server asked for it.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

/// How often a request is repeated at most.
const MOST: u32 = 3;

/// No server is waited for longer than this at a time.
const LONGEST: Duration = Duration::from_secs(10);

/// Whether sending a request twice is the same as sending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// A read: may be repeated when the server says so.
    Allowed,
    /// A write, or something that is not ours: never.
    Never,
}

/// How long to wait before the same request is sent again; `None` to take the answer as it is. Only an answer that names
/// a time is repeated: a 503 without one is how a service behind the API server says that it is down.
pub(super) fn pause(status: StatusCode, headers: &HeaderMap, already: u32) -> Option<Duration> {
    let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
    if !busy || already >= MOST {
        return None;
    }
    let asked: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(asked).min(LONGEST) + jitter())
}

/// Up to half a second, so that many clients do not come back at once.
pub fn jitter() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(0_u8) % 500)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::RETRY_AFTER, http::HeaderValue::from_static(seconds))])
    }

    #[test]
    fn a_busy_server_is_given_the_time_that_it_asks_for() {
        let pause = pause(StatusCode::TOO_MANY_REQUESTS, &after("2"), 0).unwrap();
        assert!((2.0..2.5).contains(&pause.as_secs_f64()), "{pause:?}");
    }

    #[test]
    fn repeating_ends() {
        assert_eq!(pause(StatusCode::TOO_MANY_REQUESTS, &after("1"), MOST), None);
    }

    #[test]
    fn a_very_long_time_is_cut() {
        assert!(pause(StatusCode::SERVICE_UNAVAILABLE, &after("3600"), 0).unwrap() < Duration::from_secs(11));
    }

    #[test]
    fn without_a_time_the_answer_stands() {
        assert_eq!(pause(StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), 0), None);
    }

    #[test]
    fn other_answers_stand() {
        assert_eq!(pause(StatusCode::INTERNAL_SERVER_ERROR, &after("1"), 0), None);
    }
}
