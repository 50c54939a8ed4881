//! What a request's path and query say: which resource, which object, with which options.

use axum::extract::Query;
use http::{Method, Uri};

/// A path below `/api/v1` or `/apis/GROUP/VERSION`, taken apart. Whether such a resource exists is not asked here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) subresource: Option<String>,
    /// What comes after the subresource, as it stood in the URL; `None` when there was not even a slash.
    pub(super) rest: Option<String>,
}

impl Resource {
    /// Takes a path apart; `None` when it does not lead to a resource.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let (group, version) = match *parts.first()? {
            "api" => {
                parts.remove(0);
                (String::new(), decode(parts.first()?))
            }
            "apis" => {
                parts.remove(0);
                let group = decode(parts.first()?);
                parts.remove(0);
                (group, decode(parts.first()?))
            }
            _ => return None,
        };
        parts.remove(0);
        let mut resource = Self { group, version, ..Self::default() };
        if parts.first() == Some(&"namespaces") && parts.len() > 1 {
            resource.namespace = Some(decode(parts[1])).filter(|namespace| !namespace.is_empty());
            if parts.len() > 2 && !["status", "finalize"].contains(&parts[2]) {
                parts.drain(..2);
            }
        }
        let mut parts = parts.into_iter();
        resource.plural = decode(parts.next()?);
        resource.name = parts.next().map(decode).filter(|name| !name.is_empty());
        resource.subresource = parts.next().map(decode).filter(|sub| !sub.is_empty());
        let rest: Vec<&str> = parts.collect();
        resource.rest = (!rest.is_empty()).then(|| rest.join("/"));
        if resource.plural.is_empty() { None } else { Some(resource) }
    }

    /// The verb that RBAC is asked about.
    pub(super) fn verb(&self, method: &Method, params: &Params) -> &'static str {
        let one = self.name.is_some();
        match method.as_str() {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" if one => "delete",
            "DELETE" => "deletecollection",
            _ if one => "get",
            _ if params.flag("watch") => "watch",
            _ => "list",
        }
    }
}

/// The query of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn of(uri: &Uri) -> Self {
        Self(Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default())
    }

    /// The value of a parameter; an empty one counts as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is there and not false.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.iter().any(|(key, value)| key == name && !["false", "0"].contains(&value.as_str()))
    }

    /// A parameter as a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}

/// Percent-decodes a part of a path; `+` stays what it is.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = if first == b'%' { after.get(..2) } else { None };
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let resource = Resource::parse("/api/v1/namespaces/n/services/http:s:80/proxy/api/v1/q%20x").unwrap();
        assert_eq!(resource.namespace.as_deref(), Some("n"));
        assert_eq!(resource.name.as_deref(), Some("http:s:80"));
        assert_eq!(resource.subresource.as_deref(), Some("proxy"));
        assert_eq!(resource.rest.as_deref(), Some("api/v1/q%20x"));

        let resource = Resource::parse("/api/v1/namespaces/n").unwrap();
        assert_eq!((resource.plural.as_str(), resource.name.as_deref()), ("namespaces", Some("n")));
        assert_eq!(resource.namespace.as_deref(), Some("n"));

        let resource = Resource::parse("/apis/data.packaging.carvel.dev/v1alpha1/packages").unwrap();
        assert_eq!((resource.plural.as_str(), resource.name), ("packages", None));
        assert!(Resource::parse("/version").is_none());
        assert!(Resource::parse("/api/v1").is_none());
    }

    #[test]
    fn a_plus_is_no_space() {
        assert_eq!(decode("a.2.43.0+vmware%2B1%zz"), "a.2.43.0+vmware+1%zz");
    }
}
