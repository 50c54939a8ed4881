//! Who the agent says it is, from the files that the command line names.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use crate::cli;
use crate::cluster::Caller;
use crate::domain::{Header, Invalid, bundle};
use crate::error::{Error, Result};
use crate::package::{Mounted, MountedFile};
use crate::prometheus::HubType;
use crate::prometheus::config::Login;

/// The same credentials, for the agent and for asking the hub from here.
#[derive(Clone, Default)]
pub(in crate::command) struct Credentials {
    pub(super) login: Login,
    pub(super) mounted: Mounted,
    pub(in crate::command) caller: Caller,
}

impl Credentials {
    /// Reads the files. The errors name the file and say nothing of what is in it.
    pub(in crate::command) fn read(args: &cli::Login) -> Result<Self> {
        let mut all = Self::default();
        if let (Some(username), Some(path)) = (&args.username, &args.password_file) {
            let password = secret("--password-file", path)?;
            let password_file = all.mount(MountedFile::Password, &password);
            all.login = Login::Password { username: username.clone(), password_file };
            all.caller.password = Some((username.clone(), password.into()));
        }
        if let Some(path) = &args.bearer_token_file {
            let token = secret("--bearer-token-file", path)?;
            all.login = Login::Token { credentials_file: all.mount(MountedFile::Token, &token) };
            all.caller.token = Some(token.into());
        }
        if let (Some(certificate), Some(key)) = (&args.client_cert, &args.client_cert_key) {
            let pem = text("--client-cert", certificate)?;
            if bundle::blocks(&pem).next().is_none() {
                return Err(not_pem("--client-cert", certificate, "certificate"));
            }
            let key_pem = text("--client-cert-key", key)?;
            if !key_pem.contains("PRIVATE KEY-----") {
                return Err(not_pem("--client-cert-key", key, "private key"));
            }
            all = Self::of_certificate(pem, key_pem.into());
        }
        let headers = args.headers.iter().map(|header| (header.name.clone(), header.value.clone()));
        all.caller.headers = headers.collect();
        Ok(all)
    }

    /// A certificate and its key, both in PEM.
    pub(super) fn of_certificate(certificate: String, key: SecretString) -> Self {
        let mut all = Self::default();
        let cert_file = all.mount(MountedFile::Certificate, &certificate);
        let key_file = all.mount(MountedFile::Key, key.expose_secret());
        all.login = Login::Certificate { cert_file, key_file };
        all.caller.certificate = Some((certificate, key));
        all
    }

    /// The same, as a tenant of a hub that has some.
    pub(in crate::command) fn with_tenant(
        mut self,
        hub_type: Option<HubType>,
        tenant: Option<&str>,
    ) -> Result<Self> {
        let (Some(hub_type), Some(tenant)) = (hub_type, tenant) else { return Ok(self) };
        let Some(name) = hub_type.tenant_header() else {
            return Err(Error::usage(format!("{} takes no --tenant", hub_type.title()))
                .because(hub_type.where_tenants_are()));
        };
        let header: Header = format!("{name}: {tenant}").parse().map_err(|error: Invalid| {
            Error::usage(format!("{tenant:?} is no --tenant")).because(error.to_string())
        })?;
        self.caller.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.caller.headers.push((header.name, header.value));
        Ok(self)
    }

    fn mount(&mut self, file: MountedFile, content: &str) -> String {
        self.mounted.set(file, content);
        file.path()
    }
}

/// The authorities in a file, in PEM.
pub(in crate::command) fn authorities_in(path: &Path) -> Result<String> {
    let pem = text("--ca-file", path)?;
    if bundle::blocks(&pem).next().is_none() {
        return Err(not_pem("--ca-file", path, "certificate"));
    }
    Ok(pem)
}

fn text(option: &str, path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::usage(format!("{option} {} cannot be read", path.display())).because(error.to_string())
    })
}

/// A password or a token, without the line end that editors put behind it.
fn secret(option: &str, path: &Path) -> Result<String> {
    let text = text(option, path)?;
    let secret = text.trim();
    if secret.is_empty() || secret.contains(['\n', '\r']) {
        return Err(Error::usage(format!("{option} {} does not hold one line", path.display())));
    }
    Ok(secret.to_owned())
}

fn not_pem(option: &str, path: &Path, what: &str) -> Error {
    Error::usage(format!("{option} {} holds no {what} in PEM", path.display()))
}
