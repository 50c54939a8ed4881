//! What is asked for: the command line, and the join file that it may name.

use std::path::Path;

use jiff::Timestamp;

use super::login::Credentials;
use crate::cli::AgentJoin;
use crate::domain::{ClusterName, WriteUrl, bundle, certificates, since};
use crate::error::{Error, Result};
use crate::join_file::JoinFile;
use crate::prometheus::config::Trust;

/// How a cluster wants to join.
pub(super) struct Request<'a> {
    pub(super) args: &'a AgentJoin,
    pub(super) name: ClusterName,
    /// The URL, where it is known before the hub is looked at.
    pub(super) url: Option<WriteUrl>,
    /// How the hub is verified, as far as that was said.
    pub(super) trust: Trust,
    pub(super) credentials: Credentials,
}

impl<'a> Request<'a> {
    /// Reads the files that the command line names. `skips_verification` is what the connection says.
    pub(super) fn read(args: &'a AgentJoin, trust: Trust) -> Result<Self> {
        let file = args.hub.from.as_deref().map(join_file).transpose()?;
        let name = args.cluster_name.clone().or_else(|| Some(file.as_ref()?.cluster.clone()));
        let Some(name) = name else {
            return Err(Error::usage("which cluster is this?").hint("name it with --cluster-name"));
        };
        let credentials = match file.as_ref().and_then(|file| file.identity.clone()) {
            Some((certificate, key)) => {
                let mut credentials = Credentials::of_certificate(certificate, key);
                credentials.caller.headers = Credentials::read(&args.login)?.caller.headers;
                credentials
            }
            None => Credentials::read(&args.login)?,
        };
        let credentials = credentials.with_tenant(args.at.hub_type, args.at.tenant.as_deref())?;
        let trust = match (trust, file.as_ref().and_then(|file| file.authority.clone())) {
            (Trust::System, Some(pem)) => Trust::Authority(pem),
            (trust, _) => trust,
        };
        pinned(args, &trust)?;
        let url = args.hub.hub_url.clone().or_else(|| file.map(|file| file.url));
        Ok(Self { args, name, url, trust, credentials })
    }
}

fn join_file(path: &Path) -> Result<JoinFile> {
    let title = || format!("--from {} cannot be used", path.display());
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::usage(title()).because(error.to_string()))?;
    let file = JoinFile::read(&text).map_err(|error| error.during(title()))?;
    let now = Timestamp::now();
    if file.expires < now {
        return Err(Error::usage(title())
            .because(format!("it expired {} ago", since(file.expires, now)))
            .hint(format!(
                "kubectl promfed hub credentials rotate {} --join-file FILE   (at the hub)",
                file.cluster
            )));
    }
    Ok(file)
}

/// An authority that came by another way than its fingerprint may be somebody else's.
fn pinned(args: &AgentJoin, trust: &Trust) -> Result<()> {
    let Some(wanted) = &args.ca_sha256 else { return Ok(()) };
    let Trust::Authority(pem) = trust else {
        return Err(Error::usage("--ca-sha256 needs an authority to compare with")
            .hint("name the join file with --from, or the authority with --ca-file"));
    };
    let bare =
        |text: &str| text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    let wanted = bare(wanted.trim_start_matches("sha256:"));
    let known = certificates(pem.as_bytes());
    if known.len() == bundle::blocks(pem).count() && known.iter().any(|one| one.fingerprint == wanted) {
        return Ok(());
    }
    Err(Error::usage("the authority does not have the fingerprint of --ca-sha256")
        .because("the file or the line is another hub's, or somebody changed one of them"))
}
