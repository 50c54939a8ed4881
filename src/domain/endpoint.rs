//! Where agents write to.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use serde::Serialize;

use super::Invalid;

/// A fully qualified host name, without scheme, port or path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fqdn(String);

impl Fqdn {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Fqdn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 253 && text.contains('.') && text.split('.').all(is_label) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::because(
            "a host name is lowercase labels with dots, like prometheus.example.com, without a scheme",
        ))
    }
}

impl fmt::Display for Fqdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The URL of a remote write receiver, like `https://prometheus.example.com/api/v1/write`. It holds no credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WriteUrl(String);

impl WriteUrl {
    /// The receiver behind the package's own ingress.
    pub fn of_ingress(fqdn: &Fqdn) -> Self {
        Self(format!("https://{fqdn}/api/v1/write"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host name without the port.
    pub fn host(&self) -> &str {
        let authority =
            self.0.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        authority
            .rsplit_once(':')
            .filter(|(_, port)| port.chars().all(|c| c.is_ascii_digit()))
            .map_or(authority, |(host, _)| host)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.0[..origin(&self.0)]
    }

    /// The path, without a query.
    pub fn path(&self) -> &str {
        let path = &self.0[origin(&self.0)..];
        path.split('?').next().unwrap_or_default()
    }

    /// Whether what is written there is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for WriteUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri = server("a write URL", text)?;
        if uri.path() == "/" && uri.query().is_none() {
            return Err(Invalid::because(format!(
                "a write URL needs the receiver's path: {}/api/v1/write",
                text.trim_end_matches('/')
            )));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for WriteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a hub is asked: what stands before `/api/v1/query`, like `https://mimir.example.com/prometheus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct QueryUrl(String);

impl QueryUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for QueryUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri = server("a query URL", text)?;
        if uri.query().is_some() || uri.path().contains("/api/v1") {
            return Err(Invalid::because("a query URL ends before /api/v1/query"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for QueryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The URL of a server of HTTP, without credentials.
fn server(what: &str, text: &str) -> Result<Uri, Invalid> {
    let uri: Uri = text.parse().map_err(|error| Invalid::because(format!("not a URL: {error}")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(Invalid::because(format!("{what} begins with https:// (or http://) and a host name")));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Invalid::because(format!("{what} carries no user name or password")));
    }
    Ok(uri)
}

/// Where the scheme, the host and the port end.
fn origin(url: &str) -> usize {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_write_url_of_an_ingress_is_the_receiver_behind_it() {
        let fqdn: Fqdn = "prometheus.example.com".parse().expect("a host name");
        let url = WriteUrl::of_ingress(&fqdn);
        assert_eq!(url.as_str(), "https://prometheus.example.com/api/v1/write");
        assert_eq!(url.as_str().parse(), Ok(url));
    }

    #[test]
    fn the_host_of_a_url_has_no_port() {
        let url: WriteUrl = "http://hub.example.com:9090/api/v1/write".parse().expect("a URL");
        assert_eq!(url.host(), "hub.example.com");
    }

    #[test]
    fn a_url_has_a_server_and_a_path() {
        let url: WriteUrl = "http://a.b:8428/x/api/v1/write?extra_label=a".parse().expect("a URL");
        assert_eq!((url.origin(), url.path()), ("http://a.b:8428", "/x/api/v1/write"));
    }

    #[test]
    fn a_query_url_ends_before_the_api() {
        let read = |text: &str| text.parse::<QueryUrl>().map(|url| url.to_string());
        assert_eq!(read("https://a.b/prometheus/"), Ok("https://a.b/prometheus".to_owned()));
        for refused in ["https://a.b/api/v1", "https://a.b?x=1", "https://u:p@a.b", "a.b"] {
            assert!(read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_url_that_would_lose_samples_or_tell_secrets_is_refused() {
        for url in [
            "prometheus.example.com",
            "ftp://a.b/c",
            "https://a.b",
            "https://a.b/",
            "https://u:p@a.b/api/v1/write",
        ] {
            assert!(url.parse::<WriteUrl>().is_err(), "{url}");
        }
    }

    #[test]
    fn a_host_name_has_no_scheme_port_or_path() {
        for name in ["https://a.b", "a.b:443", "a.b/c", "localhost", "A.b", "-a.b", ""] {
            assert!(name.parse::<Fqdn>().is_err(), "{name}");
        }
    }
}
