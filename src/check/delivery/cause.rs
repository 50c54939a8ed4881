//! Why a batch of samples did not get through, by the words of the agent's log.

/// What the words behind `err=` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Cause {
    ReceiverOff,
    WrongPath,
    /// A redirect that was followed with GET.
    Redirected,
    HttpToTls,
    HttpsToPlain,
    UnknownAuthority,
    WrongName,
    Expired,
    /// A file that the configuration names cannot be read.
    File,
    NoSuchHost,
    /// Nothing listens there.
    Closed,
    NoAnswer,
    Unauthorized,
    Forbidden,
    TooLarge,
    /// Remote write 2.0 is refused.
    FormatRefused,
    /// Remote write 2.0 is answered with success, and nothing of it is stored.
    FormatLost,
    TooMany,
    IngressTimeout,
    NotReady,
    OutOfOrder,
    TooLate,
    Future,
    /// Too old, answered as if it were worth trying again.
    TooOldBlocks,
    NativeHistogramsOff,
    RepeatedLabel,
    Other,
}

use Cause::{
    Closed, Expired, File, Forbidden, FormatLost, FormatRefused, Future, HttpToTls, HttpsToPlain,
    IngressTimeout, NativeHistogramsOff, NoAnswer, NoSuchHost, NotReady, Other, OutOfOrder, ReceiverOff,
    Redirected, RepeatedLabel, TooLarge, TooLate, TooMany, TooOldBlocks, Unauthorized, UnknownAuthority,
    WrongName, WrongPath,
};

/// What stands before the status that a server answered.
const ANSWERED: &str = "server returned HTTP status ";

/// Words of errors without an answer, the more telling first.
const NO_ANSWER: &[(&str, Cause)] = &[
    ("PRW 2.0 response header statistics indicate 0", FormatLost),
    ("first record does not look like a TLS handshake", HttpsToPlain),
    ("server gave HTTP response to HTTPS client", HttpsToPlain),
    ("signed by unknown authority", UnknownAuthority),
    ("certificate is valid for", WrongName),
    ("doesn't contain any IP SANs", WrongName),
    ("certificate is not valid for any names", WrongName),
    ("relies on legacy Common Name", WrongName),
    ("certificate has expired", Expired),
    ("CA cert", File),
    ("no such file or directory", File),
    ("unable to read", File),
    ("dial tcp: lookup", NoSuchHost),
    ("no such host", NoSuchHost),
    ("server misbehaving", NoSuchHost),
    ("name resolution", NoSuchHost),
    ("connection refused", Closed),
    ("context deadline exceeded", NoAnswer),
    ("timeout", NoAnswer),
    ("no route to host", NoAnswer),
    ("network is unreachable", NoAnswer),
];

/// Answers, by status and words, the more telling first. No words stand for any.
const ANSWERS: &[(u16, &str, Cause)] = &[
    (404, "remote write receiver", ReceiverOff),
    (404, "", WrongPath),
    (405, "", Redirected),
    (400, "HTTP request to an HTTPS server", HttpToTls),
    (400, "out of order", OutOfOrder),
    (400, "duplicate sample", OutOfOrder),
    (400, "too far in the future", Future),
    (400, "out of bounds", TooLate),
    (400, "too old", TooLate),
    (401, "", Unauthorized),
    (403, "", Forbidden),
    (413, "", TooLarge),
    (415, "", FormatRefused),
    (429, "", TooMany),
    (500, "too old", TooOldBlocks),
    (500, "native histograms are disabled", NativeHistogramsOff),
    (500, "is not unique", RepeatedLabel),
    (504, "", IngressTimeout),
    (502, "", NotReady),
    (503, "", NotReady),
];

impl Cause {
    /// Reads the words behind `err=`.
    pub(super) fn of(words: &str) -> Self {
        let Some((_, answer)) = words.split_once(ANSWERED) else {
            return NO_ANSWER
                .iter()
                .find(|(text, _)| words.contains(text))
                .map_or(Other, |(_, cause)| *cause);
        };
        let status = answer.split(' ').next().and_then(|status| status.parse::<u16>().ok());
        let mut known = ANSWERS.iter();
        known
            .find(|(listed, text, _)| Some(*listed) == status && answer.contains(text))
            .map_or(Other, |(_, _, cause)| *cause)
    }

    /// What it means, in a line; `None` where the words are all that is known.
    pub(super) fn meaning(self) -> Option<&'static str> {
        Some(match self {
            ReceiverOff => "the hub's receiver is off, and what is sent to it is lost",
            WrongPath => {
                "nobody receives there: the path is wrong, or the ingress does not know the host name"
            }
            Redirected => "a redirect made a GET of what was sent: the hub wants another URL, mostly https",
            HttpToTls => "the URL says http, and the server speaks https",
            HttpsToPlain => "the URL says https, and the server does not speak it",
            UnknownAuthority => "the agent does not know who signed the hub's certificate",
            WrongName => "the hub's certificate is not for the host name in the URL",
            Expired => "the hub's certificate has expired, or the agent's clock is wrong",
            File => "a file that remote_write names cannot be read in the container",
            NoSuchHost => "the agent's cluster cannot resolve the host name of the URL",
            Closed => "nothing listens at that address, seen from the agent's cluster",
            NoAnswer => "no answer in time: a firewall, a missing route, or a hub that is too slow",
            Unauthorized => {
                "the credentials are missing or wrong, and what is answered with 401 is not sent again"
            }
            Forbidden => {
                "whoever guards the hub does not let this agent write, and what is refused is not sent again"
            }
            TooLarge => "a proxy before the hub limits the size of a request",
            FormatRefused => "the hub does not take remote write 2.0",
            FormatLost => "the hub speaks remote write 1.0 only: it answers with success and stores nothing",
            TooMany => "a rate limit before the hub; without retry_on_http_429 what it refuses is lost",
            IngressTimeout => {
                "the ingress gives up before the hub has answered; Envoy waits 15s unless its route says otherwise"
            }
            NotReady => "the hub is starting or stopping, or nothing stands behind its ingress",
            OutOfOrder => {
                "somebody else writes the same series: a cluster or a replica under the same name; one such sample costs its whole batch"
            }
            TooLate => "the samples are older than the hub takes them",
            Future => "the samples are ahead of the hub's clock by more than ten minutes",
            TooOldBlocks => {
                "with an out-of-order window, a hub before 2.50 has old samples sent again for ever, and all that waits behind them"
            }
            NativeHistogramsOff => {
                "the hub does not store native histograms and has them sent again for ever, with all that waits behind them"
            }
            RepeatedLabel => {
                "a series has a label name twice, which a hub before 2.55 has sent again for ever, with all that waits behind it"
            }
            Other => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_cause() {
        for (words, cause) in [
            (
                "404 Not Found: remote write receiver needs to be enabled with --web.enable-remote-write-receiver",
                ReceiverOff,
            ),
            ("404 Not Found: 404 page not found", WrongPath),
            ("405 Method Not Allowed: Method Not Allowed", Redirected),
            ("400 Bad Request: Client sent an HTTP request to an HTTPS server.", HttpToTls),
            ("401 Unauthorized: Unauthorized", Unauthorized),
            ("403 Forbidden: RBAC: access denied", Forbidden),
            ("413 Request Entity Too Large: <html>", TooLarge),
            (
                "415 Unsupported Media Type: io.prometheus.write.v2.Request protobuf message is not accepted",
                FormatRefused,
            ),
            ("429 Too Many Requests: local_rate_limited", TooMany),
            ("504 Gateway Timeout: upstream request timeout", IngressTimeout),
            ("503 Service Unavailable: no healthy upstream", NotReady),
            ("503 Service Unavailable: Service Unavailable", NotReady),
            ("400 Bad Request: out of order sample", OutOfOrder),
            ("400 Bad Request: duplicate sample for timestamp", OutOfOrder),
            ("400 Bad Request: out of bounds", TooLate),
            ("400 Bad Request: out of bounds: timestamp is too far in the future", Future),
            ("400 Bad Request: too old sample", TooLate),
            ("500 Internal Server Error: too old sample", TooOldBlocks),
            ("500 Internal Server Error: native histograms are disabled", NativeHistogramsOff),
            (
                "500 Internal Server Error: label name \"cluster\" is not unique: invalid sample",
                RepeatedLabel,
            ),
            ("418 I'm a teapot", Other),
        ] {
            assert_eq!(Cause::of(&format!("{ANSWERED}{words}")), cause, "{words}");
        }
    }

    #[test]
    fn what_was_not_answered_has_its_cause() {
        for (words, cause) in [
            (
                "Post \"https://h/w\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
                UnknownAuthority,
            ),
            ("Post \"https://h/w\": x509: certificate is valid for a.test, not b.test", WrongName),
            (
                "Post \"https://h/w\": x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
                WrongName,
            ),
            (
                "Post \"https://h/w\": x509: certificate has expired or is not yet valid: current time",
                Expired,
            ),
            ("unable to read CA cert: unable to read file /x: open /x: no such file or directory", File),
            ("Post \"http://h/w\": dial tcp: lookup h on 10.96.0.10:53: no such host", NoSuchHost),
            ("Post \"http://h/w\": dial tcp 10.0.0.1:80: connect: connection refused", Closed),
            ("Post \"http://h/w\": context deadline exceeded", NoAnswer),
            ("Post \"https://h/w\": tls: first record does not look like a TLS handshake", HttpsToPlain),
            (
                "sent v2 request with 408 samples, 0 histograms and 0 exemplars; got 2xx, but PRW 2.0 response header statistics indicate 0 samples, 0 histograms",
                FormatLost,
            ),
            ("Post \"http://h/w\": EOF", Other),
        ] {
            assert_eq!(Cause::of(words), cause, "{words}");
        }
    }
}
