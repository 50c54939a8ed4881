//! Asks whether something accepts remote write, without writing a sample.
//!
//! An empty body is not valid snappy: a receiver that is on refuses it with 400 before it looks for samples
//! (2.25 to 3.5, tried). GET is 405 whether it is on or off, so only POST tells. So do the receivers that are no
//! Prometheus: `VictoriaMetrics` (1.79.5, tried), Mimir (`pkg/distributor/push.go`), Thanos (`pkg/receive/handler.go`).

/// The path of the receiver below the server's external URL.
pub const PATH: &str = "/api/v1/write";

/// The headers to send with the empty body.
pub const HEADERS: [(&str, &str); 3] = [
    ("Content-Encoding", "snappy"),
    ("Content-Type", "application/x-protobuf"),
    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
];

/// What an answer to the probe means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver is on.
    Accepts,
    /// A Prometheus answers, and its receiver is off.
    Off,
    /// A server answers, and the receiver is not at this path.
    WrongPath,
    /// A redirect: Prometheus would follow it with GET, and lose every sample.
    Redirect(String),
    /// 401 or 403: the probe has no credentials, so this is right of a guarded hub.
    Guarded(u16),
    /// Mimir, and the request names no tenant.
    WantsTenant,
    /// No answer without a client certificate that it knows: right of a hub with a door, for the probe has none.
    WantsCertificate,
    /// Prometheus starts, stops or is overloaded, or nothing stands behind the ingress: 5xx.
    NotReady(u16),
    /// Some other server: it would take samples and lose them.
    NotPrometheus(u16),
}

/// Reads the answer.
pub fn outcome(status: u16, location: Option<&str>, body: &str) -> Outcome {
    match status {
        400 if body.contains("snappy") => Outcome::Accepts,
        404 if body.contains("remote write receiver") => Outcome::Off,
        404 => Outcome::WrongPath,
        400 if body.contains("unsupported path requested") => Outcome::WrongPath,
        401 if body.contains("no org id") => Outcome::WantsTenant,
        300..=399 => Outcome::Redirect(location.unwrap_or_default().to_owned()),
        401 | 403 => Outcome::Guarded(status),
        500..=599 => Outcome::NotReady(status),
        other => Outcome::NotPrometheus(other),
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepts => f.write_str("accepts"),
            Self::Off => f.write_str("off"),
            Self::WrongPath => f.write_str("no receiver at this path"),
            Self::Redirect(to) => write!(f, "redirect to {to}"),
            Self::Guarded(status) => write!(f, "{status}: credentials needed"),
            Self::WantsTenant => f.write_str("a tenant is needed"),
            Self::WantsCertificate => f.write_str("a client certificate is needed"),
            Self::NotReady(status) => write!(f, "{status}: not ready"),
            Self::NotPrometheus(status) => write!(f, "{status}: not a Prometheus"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_meaning() {
        assert_eq!(outcome(400, None, "snappy: corrupt input\n"), Outcome::Accepts);
        let off = "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n";
        assert_eq!(outcome(404, None, off), Outcome::Off);
        assert_eq!(outcome(404, None, "404 page not found\n"), Outcome::WrongPath);
        // VictoriaMetrics answers 400 to all of it.
        let said = "remoteAddr: \"a\"; requestURI: /api/v1/write; cannot decompress request with length 0: snappy: corrupt input";
        assert_eq!(outcome(400, None, said), Outcome::Accepts);
        let said =
            "remoteAddr: \"a\"; requestURI: /api/v1/push; unsupported path requested: \"/api/v1/push\"";
        assert_eq!(outcome(400, None, said), Outcome::WrongPath);
        assert_eq!(outcome(401, None, "no org id\n"), Outcome::WantsTenant);
        assert_eq!(outcome(301, Some("https://a/"), ""), Outcome::Redirect("https://a/".to_owned()));
        assert_eq!(outcome(403, None, "RBAC: access denied"), Outcome::Guarded(403));
        assert_eq!(outcome(503, None, "no healthy upstream"), Outcome::NotReady(503));
        assert_eq!(outcome(200, None, "<html>"), Outcome::NotPrometheus(200));
        assert_eq!(
            outcome(400, None, "Client sent an HTTP request to an HTTPS server."),
            Outcome::NotPrometheus(400)
        );
    }
}
