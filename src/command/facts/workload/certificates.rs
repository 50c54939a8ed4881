//! The certificates of the package's ingress. Its key is in the same Secret, and is not looked at.

use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;

use crate::check::Reading;
use crate::cluster::{Cluster, SECRET};
use crate::command::facts::unread;
use crate::domain::{Certificate, certificates};

/// What stands in the Secret of an ingress.
#[derive(Debug, Default)]
pub(super) struct Served {
    /// The served one first, then those that signed it; none without TLS.
    pub(super) certificates: Vec<Certificate>,
    /// The one that signed it, in PEM, where the Secret tells.
    pub(super) authority: Option<String>,
}

/// The certificates that the Secret of the first HTTPProxy with TLS has.
pub(super) async fn of_ingress(
    cluster: &Cluster,
    namespace: &str,
    ingress: &Reading<Vec<Value>>,
) -> Reading<Served> {
    let ingress = ingress.as_ref().map_err(Clone::clone)?;
    let Some((namespace, name)) = ingress.iter().find_map(|proxy| secret(namespace, proxy)) else {
        return Ok(Served::default());
    };
    let found: Option<Secret> = cluster.get(&SECRET, Some(namespace), name).await?;
    Ok(of_secret(found.ok_or_else(|| unread::missing("Secret", name, namespace))?))
}

/// Namespace and name of the Secret that an HTTPProxy names: one of another namespace is named with it.
fn secret<'p>(namespace: &'p str, proxy: &'p Value) -> Option<(&'p str, &'p str)> {
    let name = proxy.pointer("/spec/virtualhost/tls/secretName")?.as_str()?;
    Some(name.split_once('/').unwrap_or((namespace, name)))
}

fn of_secret(secret: Secret) -> Served {
    let data = secret.data.unwrap_or_default();
    let pem = |key: &str| data.get(key).map_or(&[][..], |bytes| bytes.0.as_slice());
    let mut all = certificates(pem("tls.crt"));
    for signer in certificates(pem("ca.crt")) {
        // One that signed itself stands under both keys.
        if !all.contains(&signer) {
            all.push(signer);
        }
    }
    let authority = String::from_utf8(pem("ca.crt").to_vec()).ok().filter(|pem| !pem.trim().is_empty());
    Served { certificates: all, authority }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_secret_may_be_in_another_namespace() {
        let proxy =
            |name: &str| json!({"spec": {"virtualhost": {"fqdn": "a.b", "tls": {"secretName": name}}}});
        assert_eq!(secret("here", &proxy("prometheus-tls")), Some(("here", "prometheus-tls")));
        assert_eq!(secret("here", &proxy("certificates/wildcard")), Some(("certificates", "wildcard")));
        assert_eq!(secret("here", &json!({"spec": {"virtualhost": {"fqdn": "a.b"}}})), None);
    }

    #[test]
    fn one_that_signed_itself_is_told_once_and_no_key_is_read() {
        let made = rcgen::generate_simple_self_signed(["hub.test".to_owned()]).expect("a certificate");
        let pem = ByteString(made.cert.pem().into_bytes());
        let key = ByteString(made.signing_key.serialize_pem().into_bytes());
        let data = [("ca.crt", pem.clone()), ("tls.crt", pem), ("tls.key", key)];
        let data = data.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        let served = of_secret(Secret { data: Some(data), ..Secret::default() });
        assert_eq!(served.certificates.len(), 1);
        assert_eq!(served.certificates[0].names, ["hub.test"]);
        assert!(!format!("{served:?}").contains("PRIVATE KEY"));
    }
}
