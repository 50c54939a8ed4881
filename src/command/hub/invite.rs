//! `kubectl promfed hub credentials create` and `rotate`, and `hub join-command`: a file by which a cluster can join.
//!
//! The key is on disk before the hub lets anybody in by it, under a name that says that it is not finished. A run that
//! is killed is finished by the same command, with the same key.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::credentials::Hub;
use crate::cli::{JoinCommand, JoinFileArgs};
use crate::command::shell::{End, Shell};
use crate::command::site::{own_authority, write_url};
use crate::domain::{ClusterName, WriteUrl, bundle, certificates};
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::join_file::JoinFile;
use crate::package::{Door, FoundOverlay};
use crate::plan::{Admission, admission};
use crate::report::InvitationView;

/// What an agent needs to join without access to this cluster.
pub(in crate::command) async fn join_command(shell: &Shell, args: &JoinCommand) -> Result<End> {
    invite(shell, &args.cluster_name, &args.file, Newcomer::First).await
}

/// Whether the hub should know the cluster already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Newcomer {
    First,
    Again,
}

/// Lets a cluster in by a certificate that is made here, and writes what it needs into a file.
pub(super) async fn invite(
    shell: &Shell,
    name: &ClusterName,
    args: &JoinFileArgs,
    newcomer: Newcomer,
) -> Result<End> {
    let hub = Hub::of(shell).await?;
    let url = write_url(&hub.site.installed.install, &hub.site.values).ok_or_else(|| {
        Error::failed("neither the hub's ingress nor --write-url of hub init tells its write URL").hint(
            format!(
                "kubectl promfed hub init --context {} --cluster-name NAME --write-url URL",
                hub.cluster.context()
            ),
        )
    })?;
    let (door, authority) = futures::join!(hub.door(), own_authority(&hub.cluster, &hub.site));
    let door = door?.filter(|(_, door)| door.host.as_str() == url.host());
    if newcomer == Newcomer::Again && door.is_none() {
        hub.require_door().await?;
    }
    if args.join_file.exists() {
        return Err(
            not_written(&args.join_file).because("it is there already, and may be the only copy of a key")
        );
    }
    let unfinished = Unfinished::beside(&args.join_file);
    let begun = if door.is_some() { unfinished.read(name, &url)? } else { None };
    let is_new = begun.is_none();
    let identity = match (begun, &door) {
        (Some(identity), _) => Some(identity),
        (None, Some(_)) => Some(Identity::generate(name)?),
        (None, None) => None,
    };
    let ends = SignedDuration::try_from(args.expires).unwrap_or(SignedDuration::MAX);
    let file = JoinFile {
        expires: Timestamp::now().saturating_add(ends).unwrap_or(Timestamp::MAX),
        cluster: name.clone(),
        url,
        authority,
        identity: identity.clone().map(|identity| (identity.certificate, identity.key)),
    };
    let mut late = None;
    if let Some(identity) = identity {
        if is_new {
            create(&unfinished.0, &file.to_text())?;
        }
        match admit(shell, &hub, name, &identity, newcomer, args.timeout).await {
            Ok(()) => {}
            Err(Refused::Late(error)) => late = Some(error),
            Err(Refused::Unwritten(error)) => return Err(unfinished.left(error, is_new)),
        }
    }
    create(&args.join_file, &file.to_text())?;
    drop(std::fs::remove_file(&unfinished.0));
    if let Some(late) = late {
        return Err(late.hint(format!("{} is good from then on", args.join_file.display())));
    }
    let fingerprint = file.authority.as_deref().and_then(|pem| {
        certificates(pem.as_bytes()).into_iter().next().map(|authority| authority.fingerprint)
    });
    shell.print(&InvitationView {
        cluster: name.to_string(),
        url: file.url.to_string(),
        authority: fingerprint,
        file: args.join_file.display().to_string(),
        expires: file.expires,
        has_key: file.identity.is_some(),
    })?;
    Ok(End::Done)
}

/// Why a cluster is not let in.
enum Refused {
    /// It is written, and not deployed yet.
    Late(Error),
    /// It is not written, or nobody knows whether it is.
    Unwritten(Error),
}

async fn admit(
    shell: &Shell,
    hub: &Hub,
    name: &ClusterName,
    identity: &Identity,
    newcomer: Newcomer,
    timeout: Duration,
) -> Result<(), Refused> {
    let step = |overlay: &FoundOverlay, door: &Door| {
        let is_of_cluster =
            |block: &&str| certificates(block.as_bytes()).iter().any(|one| one.common_name == name.as_str());
        let newest = bundle::blocks(&door.clients).filter(is_of_cluster).last();
        let is_ours = newest.is_some_and(|newest| identity.certificate.trim() == newest);
        match (newcomer, newest) {
            (Newcomer::First, Some(_)) if !is_ours => {
                return Err(Error::usage(format!("the hub lets {:?} in already", name.as_str()))
                    .hint(format!("kubectl promfed hub credentials rotate {name} --join-file FILE"))
                    .hint(format!("kubectl promfed hub credentials revoke {name}")));
            }
            (Newcomer::Again, None) => {
                return Err(Error::usage(format!("the hub does not let {:?} in yet", name.as_str()))
                    .hint(format!("kubectl promfed hub credentials create {name} --join-file FILE")));
            }
            _ => {}
        }
        Ok(admission(&Admission {
            names: hub.names.clone(),
            overlay: overlay.clone(),
            door: door.clone(),
            cluster: name.clone(),
            certificate: identity.certificate.clone(),
            current: newest.map(str::to_owned),
        }))
    };
    let written = hub.write(shell, step).await.map_err(Refused::Unwritten)?;
    let door = match written {
        Some(door) => Some(door),
        None => hub.door().await.map_err(Refused::Unwritten)?.map(|(_, door)| door),
    };
    let Some(door) = door else { return Ok(()) };
    hub.until_deployed(shell, &door, name.as_str(), timeout).await.map_err(Refused::Late)
}

/// The file of a run that is not finished.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(file: &Path) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(".unfinished");
        Self(name.into())
    }

    /// Who a run that was killed made up, for the same cluster and the same hub.
    fn read(&self, name: &ClusterName, url: &WriteUrl) -> Result<Option<Identity>> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(not_written(&self.0).because(error.to_string())),
        };
        let file = JoinFile::read(&text).ok().filter(|file| file.cluster == *name && file.url == *url);
        match file.and_then(|file| file.identity) {
            Some((certificate, key)) => Ok(Some(Identity { certificate, key })),
            None => Err(not_written(&self.0)
                .because("it is there already, and not of this cluster and this hub")
                .hint("name another --join-file, or remove it if nobody needs its key")),
        }
    }

    /// What nobody is let in by goes; what somebody may be let in by stays, for the same command to go on with.
    fn left(&self, error: Error, is_new: bool) -> Error {
        if error.kind == Kind::Usage {
            if is_new {
                drop(std::fs::remove_file(&self.0));
            }
            return error;
        }
        error.hint(format!("run the same command again: it goes on with the key in {}", self.0.display()))
    }
}

fn not_written(path: &Path) -> Error {
    Error::usage(format!("--join-file {} cannot be written", path.display()))
}

/// Writes a file that nobody else may read, where there is none.
fn create(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| not_written(path).because(error.to_string()))
}
