//! Where things are on an API server: paths and queries, with every name encoded.

use std::fmt::Write as _;

use super::resource::{Resource, Scope};

/// The path of one kind of object: everywhere, or in one namespace.
pub(super) fn collection(resource: &Resource, namespace: Option<&str>) -> String {
    let mut path = group(&resource.api_version());
    if let (Scope::Namespaced, Some(namespace)) = (resource.scope, namespace) {
        let _ = write!(path, "/namespaces/{}", encoded(namespace));
    }
    let _ = write!(path, "/{}", resource.plural);
    path
}

/// The path of one object.
pub(super) fn object(resource: &Resource, namespace: Option<&str>, name: &str) -> String {
    format!("{}/{}", collection(resource, namespace), encoded(name))
}

/// The path of a version of an API group: `v1` or `group/version`.
pub(super) fn group(group_version: &str) -> String {
    match group_version.split_once('/') {
        Some((group, version)) => format!("/apis/{}/{}", encoded(group), encoded(version)),
        None => format!("/api/{}", encoded(group_version)),
    }
}

/// The path with a query, from pairs that are not encoded yet.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut url = path.to_owned();
    for (index, (key, value)) in pairs.iter().enumerate() {
        let _ = write!(url, "{}{}={}", if index == 0 { '?' } else { '&' }, encoded(key), encoded(value));
    }
    url
}

/// Percent-encodes all but the characters that mean the same in every part of a URL.
pub(super) fn encoded(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{CLUSTER_ROLE, PACKAGE, SECRET};

    #[test]
    fn a_plus_in_a_package_name_is_encoded() {
        assert_eq!(
            object(&PACKAGE, Some("tkg-system"), "prometheus.tanzu.vmware.com.2.43.0+vmware.2-tkg.1"),
            "/apis/data.packaging.carvel.dev/v1alpha1/namespaces/tkg-system/packages/\
             prometheus.tanzu.vmware.com.2.43.0%2Bvmware.2-tkg.1"
        );
    }

    #[test]
    fn no_namespace_means_all_of_them() {
        assert_eq!(collection(&SECRET, None), "/api/v1/secrets");
    }

    #[test]
    fn a_namespace_is_not_part_of_a_cluster_wide_address() {
        assert_eq!(
            object(&CLUSTER_ROLE, Some("ignored"), "view"),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"
        );
    }

    #[test]
    fn a_name_cannot_leave_its_place() {
        assert_eq!(object(&SECRET, Some("a/../b"), "x?y"), "/api/v1/namespaces/a%2F..%2Fb/secrets/x%3Fy");
    }

    #[test]
    fn query_values_are_encoded() {
        assert_eq!(
            with_query("/p", &[("labelSelector", "a=b,c"), ("limit", "5")]),
            "/p?labelSelector=a%3Db%2Cc&limit=5"
        );
    }
}
