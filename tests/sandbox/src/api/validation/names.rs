//! Which names an object may have.

use serde_json::json;

use crate::api::kinds::{Kind, Naming};
use crate::api::status::Cause;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// What is wrong with the name of a new object.
pub(super) fn cause(kind: &Kind, name: &str) -> Option<Cause> {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let label = |text: &str| {
        text.starts_with(lower) && text.ends_with(lower) && text.chars().all(|c| lower(c) || c == '-')
    };
    let (limit, fits, why) = match kind.naming {
        Naming::Subdomain => (253, name.split('.').all(label), SUBDOMAIN),
        Naming::Label => (63, label(name), LABEL),
        Naming::Label1035 => {
            (63, label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()), LABEL_1035)
        }
        Naming::Segment => {
            let fits = ![".", ".."].contains(&name) && !name.contains(['/', '%']);
            (253, fits, "may not contain '/' or '%', and may not be '.' or '..'")
        }
    };
    if name.len() > limit {
        return Some(Cause::invalid(
            "metadata.name",
            &json!(name),
            &format!("must be no more than {limit} characters"),
        ));
    }
    (!fits).then(|| Cause::invalid("metadata.name", &json!(name), why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kinds;

    #[test]
    fn names() {
        let bad =
            |group: &str, kind: &str, name: &str| cause(kinds::named(group, kind).unwrap(), name).is_some();
        assert!(!bad("", "Secret", "a.b-c1"));
        assert!(bad("", "Secret", "Foo_"));
        assert!(bad("", "Secret", "a..b"));
        assert!(bad("", "Namespace", "a.b"));
        assert!(bad("", "Service", "1a"));
        assert!(!bad("rbac.authorization.k8s.io", "ClusterRole", "system:Node"));
        assert!(!bad("data.packaging.carvel.dev", "Package", "p.2.43.0+vmware.2-tkg.1"));
    }
}
