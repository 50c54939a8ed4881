//! A header that samples are sent with.

use std::str::FromStr;

use super::Invalid;

/// A name and a value, like `X-Scope-OrgID: team-a`. It is no credential: those have options of their own, by file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// Names that Prometheus sets itself and refuses in a configuration, or that carry credentials.
const REFUSED: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "x-prometheus-remote-write-version",
];

impl FromStr for Header {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Some((name, value)) = text.split_once(':') else {
            return Err(Invalid::because("a header is NAME: VALUE, like X-Scope-OrgID: team-a"));
        };
        let (name, value) = (name.trim(), value.trim());
        if http::HeaderName::try_from(name).is_err() || http::HeaderValue::try_from(value).is_err() {
            return Err(Invalid::because(format!("{name:?} cannot be a header of HTTP")));
        }
        if REFUSED.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Invalid::because(format!(
                "{name} cannot be set so: credentials come by --password-file, --bearer-token-file or --client-cert, the others from Prometheus"
            )));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_header_and_a_credential_is_none() {
        let header: Header = "X-Scope-OrgID: team-a".parse().expect("a header");
        assert_eq!((header.name.as_str(), header.value.as_str()), ("X-Scope-OrgID", "team-a"));
        for refused in ["X-Scope-OrgID", "a b: c", "Authorization: Bearer x", "Host: h"] {
            assert!(refused.parse::<Header>().is_err(), "{refused}");
        }
    }
}
