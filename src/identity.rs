//! Who an agent is to its hub: a key that stays with the agent, and a certificate for it that the agent signed itself.
//!
//! The only room that makes keys. What is random comes from the operating system, by `ring`.

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

use crate::domain::{ClusterName, NOBODY};
use crate::error::{Error, Result};

/// How long a certificate is valid.
const DAYS: i64 = 365;

/// A key and its certificate, both in PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: String,
    pub key: SecretString,
}

impl Identity {
    /// A new one for a cluster, valid from an hour ago: clocks differ.
    pub fn generate(name: &ClusterName) -> Result<Self> {
        Self::of_name(name.as_str())
    }

    /// A certificate whose key nobody has: what a hub that knows no agent yet knows.
    pub fn nobody() -> Result<String> {
        Self::of_name(NOBODY).map(|identity| identity.certificate)
    }

    fn of_name(name: &str) -> Result<Self> {
        let failed = |error: rcgen::Error| {
            Error::failed("no certificate could be made for the agent").because(error.to_string())
        };
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(DAYS);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self { certificate, key: SecretString::from(key.serialize_pem()) })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::domain::certificates;

    #[test]
    fn a_certificate_names_the_cluster_and_ends() {
        let identity = Identity::generate(&"edge".parse().expect("a name")).expect("an identity");
        let [certificate] = &certificates(identity.certificate.as_bytes())[..] else { panic!("one") };
        assert_eq!(certificate.common_name, "edge");
        let days = (certificate.not_after - OffsetDateTime::now_utc().unix_timestamp()) / 86_400;
        assert!((DAYS - 1..=DAYS).contains(&days), "{days}");
        assert!(identity.key.expose_secret().contains("PRIVATE KEY"));
    }

    #[test]
    fn a_key_is_not_printed() {
        let identity = Identity::generate(&"edge".parse().expect("a name")).expect("an identity");
        assert!(!format!("{identity:?}").contains("PRIVATE KEY"));
    }
}
