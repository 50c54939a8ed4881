//! Whom a hub lets in.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Column, Columns, Paint, Table, View};
use crate::domain::{Certificate, NOBODY, age};

/// Certificates that end sooner than in this many seconds are worth a word.
const SOON: i64 = 30 * 86_400;

/// The result of `hub credentials list`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsView {
    pub context: String,
    /// Where agents write to.
    pub url: String,
    /// What the hub's public name does with writes: `open` or `closed`.
    pub public: &'static str,
    pub items: Vec<CredentialRow>,
    #[serde(skip)]
    pub now: Timestamp,
}

/// One certificate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRow {
    pub cluster: String,
    /// SHA-256, in hexadecimal.
    pub fingerprint: String,
    pub expires: Timestamp,
    /// Whether it is the newest one of its cluster.
    pub newest: bool,
}

impl CredentialRow {
    /// The rows of certificates that stand in the order in which they were let in.
    pub fn of(certificates: &[Certificate]) -> Vec<Self> {
        let row = |(at, certificate): (usize, &Certificate)| Self {
            cluster: certificate.common_name.clone(),
            fingerprint: certificate.fingerprint.clone(),
            expires: Timestamp::from_second(certificate.not_after).unwrap_or(Timestamp::MAX),
            newest: certificates[at + 1..].iter().all(|later| later.common_name != certificate.common_name),
        };
        let mut rows: Vec<_> =
            certificates.iter().enumerate().filter(|(_, one)| one.common_name != NOBODY).map(row).collect();
        rows.sort_by(|one, other| one.cluster.cmp(&other.cluster).then(one.newest.cmp(&other.newest)));
        rows
    }
}

impl View for CredentialsView {
    const KIND: &'static str = "CredentialList";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut text = String::new();
        if self.items.is_empty() {
            text.push_str("Nobody is let in yet\n");
        } else {
            let mut table = Table::new([
                Column::new("CLUSTER"),
                Column::new("CERTIFICATE"),
                Column::new("ENDS IN"),
                Column::new("STATE"),
            ]);
            for row in &self.items {
                let left = row.expires.as_second() - self.now.as_second();
                let state = match (left, row.newest) {
                    (..=0, _) => "ended",
                    (_, false) => "replaced",
                    (..SOON, true) => "ends soon",
                    _ => "valid",
                };
                let left = age(SignedDuration::from_secs(left.max(0)));
                table.row([
                    row.cluster.as_str().into(),
                    row.fingerprint[..16].into(),
                    left.into(),
                    state.into(),
                ]);
            }
            text.push_str(&table.to_text(columns, paint));
        }
        let public = if self.public == "open" { "takes writes from anybody too" } else { "takes no writes" };
        let _ = writeln!(text, "\nAgents write to {}; the hub's public name {public}.", self.url);
        text
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| format!("credential/{}", row.cluster)).collect()
    }
}

/// The result of `hub join-command`: nothing of it is secret.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    pub cluster: String,
    pub url: String,
    /// SHA-256 of the authority that signed the hub's certificate, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    pub file: String,
    /// Until when the file may be used.
    pub expires: Timestamp,
    /// Whether the file has a private key in it.
    pub has_key: bool,
}

impl InvitationView {
    fn command(&self) -> String {
        let pin = self.authority.as_ref().map(|hex| format!(" --ca-sha256 {hex}")).unwrap_or_default();
        format!("kubectl promfed agent join --hub-url {} --from {}{pin}", self.url, self.file)
    }
}

impl View for InvitationView {
    const KIND: &'static str = "Invitation";

    fn text(&self, _: Columns, _: Paint) -> String {
        let key =
            if self.has_key { "It holds a private key: carry it as you would a password. " } else { "" };
        format!(
            "{}\n\n{} is what {} needs. {key}It may be used until {}.\n",
            self.command(),
            self.file,
            self.cluster,
            self.expires.strftime("%Y-%m-%d %H:%M UTC")
        )
    }

    fn names(&self) -> Vec<String> {
        vec![format!("credential/{}", self.cluster)]
    }
}
