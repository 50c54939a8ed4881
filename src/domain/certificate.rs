//! What a certificate says of itself.

use sha2::{Digest as _, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

/// The name in a certificate whose key nobody has. No cluster can be called so.
pub const NOBODY: &str = "nobody at all";

/// As far as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    /// Seconds since 1970.
    pub not_after: i64,
    /// The host names that it is for; a name may begin with `*.`.
    pub names: Vec<String>,
    /// Whom or what it names: the common name of the subject.
    pub common_name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub fingerprint: String,
}

/// The certificates of a PEM text, in order. What cannot be read is left out.
pub fn certificates(pem: &[u8]) -> Vec<Certificate> {
    Pem::iter_from_buffer(pem)
        .filter_map(Result::ok)
        .filter_map(|pem| {
            let certificate = pem.parse_x509().ok()?;
            Some(Certificate::of(&certificate, &pem.contents))
        })
        .collect()
}

impl Certificate {
    fn of(certificate: &X509Certificate<'_>, bytes: &[u8]) -> Self {
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        let mut common = certificate.subject().iter_common_name();
        let common_name = common.next().and_then(|name| name.as_str().ok());
        Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_after: certificate.validity().not_after.timestamp(),
            names: names.collect(),
            common_name: common_name.unwrap_or_default().to_owned(),
            fingerprint: Sha256::digest(bytes)
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        }
    }

    /// Enough of the fingerprint to tell it from others.
    pub fn short(&self) -> String {
        self.fingerprint.chars().take(16).collect()
    }

    /// Whether it is for a host of this name.
    pub fn is_for(&self, host: &str) -> bool {
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
            None => name.eq_ignore_ascii_case(host),
        })
    }
}
